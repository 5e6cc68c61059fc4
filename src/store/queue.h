/*
 * queue.h - ingestion_queue: requests from people and programs, and dead letters (guarantees 13).
 * Thread: the owner of the connection.
 *
 *   pending ──queue_take──► running (display only) ──queue_ack──► gone
 *      ▲                        │ queue_fail: attempts + 1, retry_from      queue_dead or the last
 * attempt: dead └────────────────────────┘  a new owner: queue_recover
 */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct pg;

/* The words of ingestion_queue.operation, in this order. */
enum request_operation {
    REQUEST_INGEST,
    REQUEST_UPDATE,
    REQUEST_DELETE,
    REQUEST_RESCAN,
    REQUEST_WAIT,
    REQUEST_OPERATIONS
};

const char *request_operation_word(enum request_operation operation);
/** REQUEST_OPERATIONS if there is no such word. */
enum request_operation request_operation_by_word(const char *word);

#define QUEUE_PRIORITY_NORMAL 5
#define QUEUE_PRIORITY_DELETE 8
#define QUEUE_PRIORITY_FLASH 10

/* One row. Strings belong to the arena given to queue_take(). */
struct request {
    char queue_id[37];
    const char *codebase_id;
    const char *path; /* as the row has it: relative to the root, "" = the root; not checked yet */
    const char *absolute_path; /* file_absolute_path, or NULL */
    enum request_operation operation;
    unsigned sinks;       /* SINK_BIT mask; 0 = the folder's own */
    int priority;         /* higher first */
    unsigned attempts;    /* tries that failed so far */
    uint64_t age_ms;      /* since scheduled_at, by the server's clock */
    const char *metadata; /* JSON text, or NULL */
};

/**
 * Mark up to `limit` (at most 100,000) pending rows of the codebase that are due and of at least
 * min_priority as running, and return them: highest priority first, then oldest first. Errors:
 * those of pg.
 */
CHECKED bool queue_take(struct pg *pg, const char *codebase_id, size_t limit, int min_priority,
    struct arena *arena, struct request **ret_requests, size_t *ret_n, struct error *err);

/** At take-over, and after a reconnect: every running row of the codebase is pending again. */
CHECKED bool queue_recover(struct pg *pg, const char *codebase_id, struct error *err);

/**
 * A job that opened the file after the row was read has committed: delete the row. For a `wait`
 * row, listeners of srctab_changes are told. Unknown ids are ignored.
 */
CHECKED bool queue_ack(struct pg *pg, const char *codebase_id, const char *const *queue_ids,
    size_t n, struct error *err);

/**
 * It failed in a way that may pass: pending again after 2^attempts seconds (at most 15 min); dead
 * when that was attempt max_attempts. If the same path was asked for again meanwhile, the newer row
 * stays and this one goes.
 */
CHECKED bool queue_fail(struct pg *pg, const char *codebase_id, const char *queue_id,
    unsigned max_attempts, const char *reason, const char *sqlstate, struct error *err);

/** It can never work (outside the root, unknown operation): a dead letter with its reason, until
 * requeue_dead() or delete. */
CHECKED bool queue_dead(struct pg *pg, const char *codebase_id, const char *queue_id,
    const char *reason, const char *sqlstate, struct error *err);

/** Ask the owner, wherever it runs: enqueue_file() of sql/, which also wakes it. sinks 0: the
 * folder's. *ret_queue_id: 36 characters. */
CHECKED bool queue_enqueue(struct pg *pg, const char *codebase_id, const char *path,
    enum request_operation operation, int priority, unsigned sinks, char ret_queue_id[37],
    struct error *err);

enum queue_state { QUEUE_GONE, QUEUE_PENDING, QUEUE_RUNNING, QUEUE_DEAD };

/** Where a row stands; GONE = done. ret_reason (may be NULL): last_error of a dead or failed row,
 * caller frees. For `wait` without a socket. */
CHECKED bool queue_state(struct pg *pg, const char *codebase_id, const char *queue_id,
    enum queue_state *ret_state, char **ret_reason, struct error *err);

/** Remove one row whatever its state: a wait that was given up, or a dead one that was shown. */
CHECKED bool queue_remove(
    struct pg *pg, const char *codebase_id, const char *queue_id, struct error *err);

struct queue_depth {
    uint64_t pending, running, dead;
    uint64_t oldest_pending_ms;
    uint64_t next_retry_ms; /* until a failed row is due again; CLOCK_NEVER: none is */
};

CHECKED bool queue_depth(
    struct pg *pg, const char *codebase_id, struct queue_depth *ret_depth, struct error *err);

#endif
