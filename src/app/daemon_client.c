#include "app/daemon_client.h"

#include <poll.h>

#include "app/runtime_dir.h"
#include "app/socket.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/lock_key.h"
#include "store/pg.h"

#define REPAIR_PATHS 200
#define REPAIR_ANSWER_MS 10000
#define BETWEEN_OWNERS_MS 2000
#define LOOK_AGAIN_MS 50

bool daemon_client_find(
    const struct config *config, const char *dir, char **ret_socket, struct error *err)
{
    AUTO_FREE char *runtime_dir = NULL;
    return runtime_dir_of(config, &runtime_dir, err) &&
           socket_find(runtime_dir, dir, ret_socket, err);
}

static uint64_t time_left_ms(uint64_t deadline_ms)
{
    uint64_t now_ms = clock_monotonic_ms();
    if (deadline_ms == CLOCK_NEVER)
        return CLOCK_NEVER;
    return deadline_ms > now_ms ? deadline_ms - now_ms : 0;
}

bool daemon_client_wait(const char *socket, const char *dir, uint64_t deadline_ms,
    struct buf *ret_answer, struct error *err)
{
    AUTO_BUF request = BUF_INIT;
    struct json json = JSON_INIT(&request);
    json_object_begin(&json);
    json_key_string(&json, "command", "wait");
    json_key_string(&json, "path", dir);
    json_object_end(&json);
    return socket_ask(socket, buf_string(&request), time_left_ms(deadline_ms), ret_answer, err);
}

bool daemon_client_repair(const char *socket, const char *dir, const char *const *paths,
    size_t n_paths, struct error *err)
{
    for (size_t at = 0; at < n_paths;) {
        AUTO_BUF request = BUF_INIT;
        AUTO_BUF answer = BUF_INIT;
        struct json json = JSON_INIT(&request);
        json_object_begin(&json);
        json_key_string(&json, "command", "repair");
        json_key_string(&json, "path", dir);
        json_key(&json, "paths");
        json_array_begin(&json);
        for (size_t i = 0; i < REPAIR_PATHS && at < n_paths; i++, at++)
            json_string(&json, paths[at]);
        json_array_end(&json);
        json_object_end(&json);
        if (!socket_ask(socket, buf_string(&request), REPAIR_ANSWER_MS, &answer, err))
            return false;
    }
    return true;
}

static bool is_owned(struct pg *pg, int64_t key, bool *ret_owned, struct error *err)
{
    struct pg_result *result = NULL;
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_i64(&values, key);
    if (!pg_run(pg, "control/lock_is_held.sql", &values, &result, NULL, err))
        return false;
    *ret_owned = pg_rows(result) == 1 && pg_i64(result, 0, 0) != 0;
    pg_result_free(result);
    return true;
}

bool daemon_client_owner(
    struct pg *pg, const char *schema, const char *codebase_id, struct error *err)
{
    int64_t key = lock_key(LOCK_PURPOSE_CONTROL, schema, codebase_id);
    uint64_t end_ms = clock_monotonic_ms() + BETWEEN_OWNERS_MS;
    bool owned = false;
    /* Between the death of one daemon and the take-over of the next nobody holds it. */
    do {
        if (!is_owned(pg, key, &owned, err))
            return false;
        if (!owned)
            (void)poll(NULL, 0, LOOK_AGAIN_MS);
    } while (!owned && clock_monotonic_ms() < end_ms);
    if (owned)
        return true;
    error_set(err, ERROR_WATCH, 0, "no daemon watches the codebase \"%s\"", codebase_id);
    return error_hint(
        err, "start one: srctab watch; or bring the tables up to date once: srctab ingest");
}
