/* cmd_wait.c - `srctab wait`: a barrier asked for over the daemon's socket, or through the queue
 * when it runs elsewhere. */
#include <inttypes.h>
#include <poll.h>

#include "app/codebase.h"
#include "app/commands.h"
#include "app/daemon_client.h"
#include "app/database.h"
#include "app/dir_operands.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/pg.h"
#include "store/queue.h"

#define LOOK_AGAIN_MS 50

/* A row that nobody waits for any more must not be answered; if it cannot be removed it is answered
 * to nobody. */
static void take_back(struct pg *pg, const char *codebase_id, const char *queue_id)
{
    struct error ignored = ERROR_INIT;
    if (!queue_remove(pg, codebase_id, queue_id, &ignored))
        log_error(LOG_DEBUG, &ignored);
}

/* Row of the queue until it is gone (done), dead (failed) or the time is up (then it is taken
 * back). */
static bool watch_row(struct pg *pg, const char *codebase_id, const char *queue_id,
    uint64_t deadline_ms, struct error *err)
{
    for (;;) {
        enum queue_state state = QUEUE_PENDING;
        AUTO_FREE char *reason = NULL;
        if (!queue_state(pg, codebase_id, queue_id, &state, &reason, err))
            return false;
        if (state == QUEUE_GONE)
            return true;
        if (state == QUEUE_DEAD) {
            take_back(pg, codebase_id, queue_id);
            return error_set(err, ERROR_FILES, 0, "%s",
                reason != NULL ? reason : "some paths could not be written");
        }
        if (clock_monotonic_ms() >= deadline_ms) {
            take_back(pg, codebase_id, queue_id);
            return error_set(err, ERROR_TIMEOUT, 0, "the daemon did not answer in time");
        }
        (void)poll(NULL, 0, LOOK_AGAIN_MS);
    }
}

static bool wait_by_queue(
    struct session *session, const char *dir, uint64_t deadline_ms, struct error *err)
{
    const struct config *config = session->config;
    struct database *database = NULL;
    struct pg *pg = NULL;
    struct codebase codebase;
    char queue_id[37];
    struct arena *arena = arena_new(0);
    bool ok = codebase_of(arena, dir, arguments_value(session->arguments, "--id"),
                  config->daemon.host, &codebase, err) &&
              database_open(config, &database, err);
    const struct pg_settings settings = {.conninfo = ok ? database_conninfo(database) : "",
        .schema = config->database.schema,
        .application_name = "srctab wait",
        .synchronous_commit = true};
    ok = ok && pg_open(&settings, &pg, err);
    ok = ok && daemon_client_owner(pg, config->database.schema, codebase.codebase_id, err);
    ok = ok &&
         queue_enqueue(
             pg, codebase.codebase_id, "", REQUEST_WAIT, QUEUE_PRIORITY_FLASH, 0, queue_id, err) &&
         watch_row(pg, codebase.codebase_id, queue_id, deadline_ms, err);
    pg_close(pg);
    database_release(database);
    arena_free(arena);
    return ok;
}

static bool wait_for(
    struct session *session, const char *dir, uint64_t deadline_ms, struct error *err)
{
    AUTO_FREE char *socket = NULL;
    if (!daemon_client_find(session->config, dir, &socket, err))
        return err->kind == ERROR_NONE && wait_by_queue(session, dir, deadline_ms, err);
    AUTO_BUF answer = BUF_INIT;
    if (!daemon_client_wait(socket, dir, deadline_ms, &answer, err))
        return false;
    bool ok = strstr(buf_string(&answer), "\"ok\":true") != NULL;
    if (session->output->json || !ok)
        output_json(session->output, &answer);
    return ok || error_set(err, ERROR_FILES, 0, "some paths could not be written to every table");
}

int cmd_wait(struct session *session, struct error *err)
{
    uint64_t timeout_ms = arguments_duration_ms(session->arguments, "--timeout", CLOCK_NEVER);
    uint64_t deadline_ms =
        timeout_ms == CLOCK_NEVER ? CLOCK_NEVER : clock_monotonic_ms() + timeout_ms;
    struct dir_operands dirs;
    if (!dir_operands_take_or_configured(&dirs, session->arguments, session->config, err))
        return error_exit_code(err);
    for (size_t i = 0; i < dirs.n && err->kind == ERROR_NONE; i++)
        (void)wait_for(session, dirs.paths[i], deadline_ms, err);
    dir_operands_release(&dirs);
    return error_exit_code(err);
}
