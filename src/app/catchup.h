/*
 * catchup.h - reads what the tables hold of a root, on a thread of its own, in batches for main: at
 * start, after a sink's connection was lost, and when a root is bound to its codebase. Threads:
 * calls main only; batches arrive by the callback on the catch-up thread.
 */
#ifndef APP_CATCHUP_H
#define APP_CATCHUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/known.h"
#include "app/revisions.h"
#include "base/error.h"
#include "model/job.h"

struct catchup;

/* One path as the tables have it. */
struct catchup_row {
    const char *path;
    uint64_t signature; /* 0: unknown */
    uint64_t size_bytes;
    int64_t mtime_us;
    unsigned present; /* SINK_BIT mask: tables that have a row */
    unsigned current; /* of these: rows at current revisions, and in agreement about the content */
    struct fingerprint version; /* of code_files, else of codebase_metadata, which has no mode */
};

enum catchup_kind { CATCHUP_ROWS, CATCHUP_DONE, CATCHUP_FAILED };

/* Main's own; freed by catchup_batch_free(). */
struct catchup_batch {
    enum catchup_kind kind;
    char *codebase_id;
    unsigned sinks; /* of the request */
    struct arena *arena;
    struct catchup_row *rows;
    size_t n_rows;
    uint64_t rows_seen; /* CATCHUP_DONE: rows of all batches */
    struct error error; /* CATCHUP_FAILED */
};

void catchup_batch_free(struct catchup_batch *batch);

struct catchup_settings {
    const char *conninfo;
    const char *sink_conninfo[SINKS];
    const char *schema;
    const struct revisions *revisions;
    void (*batch)(void *user, struct catchup_batch *batch);
    void *user;
};

CHECKED bool catchup_new(
    const struct catchup_settings *settings, struct catchup **ret_catchup, struct error *err);
/** Waits for the request under way to notice and end. NULL is fine. */
void catchup_free(struct catchup *catchup);

/**
 * Bind the codebase to its root (guarantees 2), then hand over its rows in the tables of `sinks`.
 * codebase: outlives the request. Batches of CATCHUP_ROWS, then one CATCHUP_DONE or CATCHUP_FAILED.
 */
void catchup_request(
    struct catchup *catchup, const struct codebase *codebase, unsigned sinks, bool rebind);

#endif
