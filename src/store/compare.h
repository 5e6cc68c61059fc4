/* compare.h - reads what the tables hold, ordered by path, in bounded memory; binds a codebase to
 * its root. Thread: any, one connection each; may wait. */
#ifndef STORE_COMPARE_H
#define STORE_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/sha256.h"
#include "model/job.h"
#include "store/pg.h"

/* What one row says of the file version it was made from. Strings borrowed for the call. */
struct compare_row {
    const char *path; /* the bytes on disk (path_raw where there is one) */
    size_t path_length;
    const char *language; /* "" in the row: NULL */
    uint64_t signature;   /* code_files only; 0: unknown */
    uint64_t size_bytes;  /* code_files only */
    int64_t mtime_ns;     /* code_files only, cut to microseconds */
    uint32_t mode;        /* code_files only: permission bits */
    uint8_t content_hash[SHA256_BYTES];
    int32_t rev;    /* parser_rev or metrics_version */
    bool timed_out; /* code_files only: parse_status timeout or memory */
};

/** Hand over every row of the codebase in the sink's table in the order of the path's bytes as
 * stored. row() returns false to stop (not an error). */
CHECKED bool compare_read(struct pg *pg, enum sink_id id, const char *codebase_id,
    bool (*row)(void *user, const struct compare_row *row), void *user, struct error *err);

/** Rows of the codebase in the sink's table. */
CHECKED bool compare_count(
    struct pg *pg, enum sink_id id, const char *codebase_id, uint64_t *ret_rows, struct error *err);

/**
 * Bind codebase_id to source, host and root (guarantees 2): the first call makes the row, equal
 * values pass. Other values: ERROR_CONFIG with a hint (--id, --rebind), unless rebind, which
 * overwrites them. pg: main database.
 */
CHECKED bool compare_bind(
    struct pg *pg, const struct codebase *codebase, bool rebind, struct error *err);

/** Delete every row of the codebase from the sink's table (a purge, a mass delete that was
 * allowed). */
CHECKED bool compare_purge(
    struct pg *pg, enum sink_id id, const char *codebase_id, uint64_t *ret_rows, struct error *err);

#endif
