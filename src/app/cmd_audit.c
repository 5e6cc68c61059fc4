/* audit - rows of sync_audit, and the spooled records that are not rows yet. */
#include "app/audit_print.h"
#include "app/commands.h"
#include "app/link.h"
#include "app/spool_place.h"
#include "base/arena.h"
#include "store/pg_text.h"
#include "store/spool.h"
#include "store/sql.h"

#include <dirent.h>
#include <inttypes.h>
#include <poll.h>

enum { FOLLOW_MS = 1000, MISSING_NUMBER = 20 };

struct audit_run {
    struct session *session;
    struct link link;
    struct arena *arena;
    const char *codebase, *path;
    char last_id[37]; /* newest attempt shown; "": none */
};

static bool take_row(void *user, size_t n_columns, const char *const *values)
{
    struct audit_run *run = user;
    (void)n_columns;
    audit_print_row(run->session->output, values);
    (void)snprintf(run->last_id, sizeof(run->last_id), "%s", values[0]);
    return true;
}

static bool take_columns(
    void *user, size_t n_columns, const char *const *names, const uint32_t *types)
{
    (void)types;
    (void)user;
    return audit_print_fits(n_columns, names);
}

/* A word that is neither a time nor a duration is the user's, not the database's. */
static bool blame(struct error *err, const char *since)
{
    if (since == NULL ||
        (strcmp(err->sqlstate, "22007") != 0 && strcmp(err->sqlstate, "22008") != 0))
        return false;
    error_set(err, ERROR_USAGE, 0, "--since: \"%.80s\" is not a time", since);
    return error_hint(err, "write 1h, \"2 days ago\", 2026-01-31 or \"2026-01-31 12:00\"");
}

static bool show(struct audit_run *run, const char *limit, struct error *err)
{
    static const struct pg_text_ops ops = {.columns = take_columns, .row = take_row};
    const char *since = arguments_value(run->session->arguments, "--since");
    const char *parameters[] = {run->codebase, run->path,
        arguments_has(run->session->arguments, "--failed") ? "true" : "false", since,
        run->last_id[0] == '\0' ? NULL : run->last_id, limit};
    if (pg_text_run(run->link.pg, sql_text("command/audit.sql"), parameters, ARRAY_SIZE(parameters),
            &ops, run, err))
        return true;
    return blame(err, since);
}

static bool take_record(void *user, const void *bytes, size_t length, int64_t wall_us)
{
    struct audit_run *run = user;
    (void)wall_us;
    audit_print_record(run->session->output, bytes, length, run->codebase, run->path,
        arguments_has(run->session->arguments, "--failed"));
    return true;
}

/* Records of every daemon of this user that could not be written yet. What cannot be read is said,
 * not fatal. */
static void show_spools(struct audit_run *run)
{
    char *dir = NULL, *socket_dir = NULL;
    struct error err = ERROR_INIT;
    struct spool_lost all = {0};
    const struct cluster_settings settings = database_cluster_settings(run->session->config);
    if (!cluster_dirs(&settings, &dir, &socket_dir, &err))
        return;
    DIR *listing = opendir(dir);
    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;) {
        AUTO_BUF path = BUF_INIT;
        struct spool_lost lost = {0};
        if (strncmp(entry->d_name, SPOOL_PLACE_PREFIX, strlen(SPOOL_PLACE_PREFIX)) != 0)
            continue;
        buf_addf(&path, "%s/%s", dir, entry->d_name);
        if (!spool_each(buf_string(&path), take_record, run, &lost, &err))
            output_note(run->session->output, "warning: %s", err.message);
        all.n += lost.n;
    }
    if (listing != NULL)
        closedir(listing);
    if (all.n > 0)
        output_note(run->session->output,
            "warning: %" PRIu64 " records were dropped because the spool was full", all.n);
    free(dir);
    free(socket_dir);
}

static bool follow(struct audit_run *run, struct error *err)
{
    for (;;) {
        if (!output_finish(run->session->output, err))
            return false;
        (void)poll(NULL, 0, FOLLOW_MS);
        if (!show(run, "1000", err))
            return false;
    }
}

/* PATH is relative to the root, or a path of this host. */
static bool find_path(struct audit_run *run, struct error *err)
{
    const char *root = NULL;
    const char *given = arguments_operands(run->session->arguments) > 0
                            ? arguments_operand(run->session->arguments, 0)
                            : NULL;
    if (!link_codebase(&run->link, run->session, given, run->arena, &run->codebase, &root, err))
        return false;
    if (given == NULL)
        return true;
    if (run->codebase == NULL &&
        !link_codebase(&run->link, run->session, NULL, run->arena, &run->codebase, NULL, err))
        return false;
    run->path = given;
    if (root == NULL)
        return true;
    const char *absolute = link_absolute(run->arena, given);
    size_t length = strlen(root);
    if (strncmp(absolute, root, length) == 0 && absolute[length] == '/')
        run->path = absolute + length + 1;
    else if (strcmp(absolute, root) == 0)
        run->path = NULL;
    return true;
}

int cmd_audit(struct session *session, struct error *err)
{
    struct audit_run run = {.session = session, .arena = arena_new(0)};
    AUTO_BUF limit = BUF_INIT;
    buf_add_u64(&limit, arguments_number(session->arguments, "--number", MISSING_NUMBER));
    bool fine = link_open(&run.link, session, "srctab audit", err) && find_path(&run, err) &&
                show(&run, buf_string(&limit), err);
    show_spools(&run);
    if (fine && arguments_has(session->arguments, "--follow"))
        fine = follow(&run, err);
    link_close(&run.link);
    arena_free(run.arena);
    return fine ? 0 : error_exit_code(err);
}
