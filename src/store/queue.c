#include "store/queue.h"

#include <limits.h>
#include <stdio.h>

#include "base/clock.h"
#include "store/pg.h"
#include "store/sinks_list.h"

#define LIMIT_MAX 100000

static const char *const operation_words[REQUEST_OPERATIONS] = {
    [REQUEST_INGEST] = "ingest",
    [REQUEST_UPDATE] = "update",
    [REQUEST_DELETE] = "delete",
    [REQUEST_RESCAN] = "rescan",
    [REQUEST_WAIT] = "wait",
};

const char *request_operation_word(enum request_operation operation)
{
    return operation_words[operation];
}

enum request_operation request_operation_by_word(const char *word)
{
    enum request_operation operation = 0;
    while (operation < REQUEST_OPERATIONS && strcmp(operation_words[operation], word) != 0)
        operation++;
    return operation;
}

static const char *copy_text(
    const struct pg_result *result, size_t row, size_t column, struct arena *arena)
{
    const char *text = pg_text(result, row, column);
    return text != NULL ? arena_string(arena, text) : NULL;
}

/* Columns of control/queue_take.sql. */
static void read_request(struct request *request, const char *codebase_id,
    const struct pg_result *result, size_t row, struct arena *arena)
{
    (void)snprintf(request->queue_id, sizeof(request->queue_id), "%s", pg_text(result, row, 0));
    request->codebase_id = codebase_id;
    request->path = copy_text(result, row, 1, arena);
    request->absolute_path = copy_text(result, row, 2, arena);
    request->operation = request_operation_by_word(pg_text(result, row, 3));
    request->sinks = sinks_list_read(result, row, 4, arena);
    request->priority = (int)pg_i64(result, row, 5);
    request->attempts = (unsigned)pg_i64(result, row, 6);
    request->age_ms = (uint64_t)pg_i64(result, row, 7);
    request->metadata = copy_text(result, row, 8, arena);
}

bool queue_take(struct pg *pg, const char *codebase_id, size_t limit, int min_priority,
    struct arena *arena, struct request **ret_requests, size_t *ret_n, struct error *err)
{
    struct pg_values values;
    AUTO_PG_RESULT *result = NULL;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    pg_values_i32(&values, (int32_t)(limit < LIMIT_MAX ? limit : LIMIT_MAX));
    pg_values_i32(&values, min_priority);
    if (!pg_run(pg, "control/queue_take.sql", &values, &result, NULL, err))
        return false;
    size_t n = pg_rows(result);
    struct request *requests = arena_alloc(arena, n, sizeof(*requests));
    const char *id = arena_string(arena, codebase_id);
    for (size_t i = 0; i < n; i++)
        read_request(&requests[i], id, result, i, arena);
    *ret_requests = requests;
    *ret_n = n;
    return true;
}

bool queue_recover(struct pg *pg, const char *codebase_id, struct error *err)
{
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    return pg_run(pg, "control/queue_recover.sql", &values, NULL, NULL, err);
}

bool queue_ack(struct pg *pg, const char *codebase_id, const char *const *queue_ids, size_t n,
    struct error *err)
{
    struct pg_values values;
    struct arena *arena = arena_new(0);
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    pg_values_strings(&values, queue_ids, n, arena);
    bool ok = pg_run(pg, "control/queue_ack.sql", &values, NULL, NULL, err);
    arena_free(arena);
    return ok;
}

bool queue_fail(struct pg *pg, const char *codebase_id, const char *queue_id, unsigned max_attempts,
    const char *reason, const char *sqlstate, struct error *err)
{
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    pg_values_string(&values, queue_id);
    pg_values_i32(&values, (int32_t)(max_attempts < INT_MAX ? max_attempts : INT_MAX));
    pg_values_string(&values, reason);
    pg_values_string(&values, sqlstate != NULL && sqlstate[0] != '\0' ? sqlstate : NULL);
    return pg_run(pg, "control/queue_fail.sql", &values, NULL, NULL, err);
}

bool queue_dead(struct pg *pg, const char *codebase_id, const char *queue_id, const char *reason,
    const char *sqlstate, struct error *err)
{
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    pg_values_string(&values, queue_id);
    pg_values_string(&values, reason);
    pg_values_string(&values, sqlstate != NULL && sqlstate[0] != '\0' ? sqlstate : NULL);
    return pg_run(pg, "control/queue_dead.sql", &values, NULL, NULL, err);
}

bool queue_enqueue(struct pg *pg, const char *codebase_id, const char *path,
    enum request_operation operation, int priority, unsigned sinks, char ret_queue_id[37],
    struct error *err)
{
    struct pg_values values;
    struct arena *arena = arena_new(0);
    AUTO_PG_RESULT *result = NULL;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    pg_values_string(&values, path);
    pg_values_i32(&values, priority);
    pg_values_string(&values, request_operation_word(operation));
    sinks_list_add(&values, sinks, arena);
    bool ok = pg_run(pg, "control/queue_enqueue.sql", &values, &result, NULL, err);
    if (ok)
        (void)snprintf(ret_queue_id, 37, "%s", pg_text(result, 0, 0));
    arena_free(arena);
    return ok;
}

static enum queue_state state_by_word(const char *word)
{
    if (strcmp(word, "dead") == 0)
        return QUEUE_DEAD;
    return strcmp(word, "running") == 0 ? QUEUE_RUNNING : QUEUE_PENDING;
}

bool queue_state(struct pg *pg, const char *codebase_id, const char *queue_id,
    enum queue_state *ret_state, char **ret_reason, struct error *err)
{
    struct pg_values values;
    AUTO_PG_RESULT *result = NULL;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    pg_values_string(&values, queue_id);
    if (!pg_run(pg, "control/queue_state.sql", &values, &result, NULL, err))
        return false;
    bool exists = pg_rows(result) > 0;
    *ret_state = exists ? state_by_word(pg_text(result, 0, 0)) : QUEUE_GONE;
    if (ret_reason != NULL) {
        const char *reason = exists ? pg_text(result, 0, 1) : NULL;
        *ret_reason = memory_string(reason != NULL ? reason : "");
    }
    return true;
}

bool queue_remove(struct pg *pg, const char *codebase_id, const char *queue_id, struct error *err)
{
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    pg_values_string(&values, queue_id);
    return pg_run(pg, "control/queue_remove.sql", &values, NULL, NULL, err);
}

bool queue_depth(
    struct pg *pg, const char *codebase_id, struct queue_depth *ret_depth, struct error *err)
{
    struct pg_values values;
    AUTO_PG_RESULT *result = NULL;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    if (!pg_run(pg, "control/queue_depth.sql", &values, &result, NULL, err))
        return false;
    *ret_depth = (struct queue_depth){
        .pending = (uint64_t)pg_i64(result, 0, 0),
        .running = (uint64_t)pg_i64(result, 0, 1),
        .dead = (uint64_t)pg_i64(result, 0, 2),
        .oldest_pending_ms = (uint64_t)pg_i64(result, 0, 3),
        .next_retry_ms = pg_is_null(result, 0, 4) ? CLOCK_NEVER : (uint64_t)pg_i64(result, 0, 4),
    };
    return true;
}
