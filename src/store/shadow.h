/*
 * shadow.h - a second copy of one table, made of TEMP tables on a connection of its own by the same
 * row code as the sink's, to be compared with the live table column by column in SQL (guarantees
 * 11). Thread: any, one owner; may wait.
 */
#ifndef STORE_SHADOW_H
#define STORE_SHADOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/job.h"
#include "store/pg.h"

struct shadow;

enum shadow_problem { SHADOW_MISSING, SHADOW_EXTRA, SHADOW_DIFFERS, SHADOW_UNDECIDED };

struct shadow_difference {
    const char *path; /* as the table has it */
    enum shadow_problem problem;
    const char *columns; /* SHADOW_DIFFERS: names of the columns, comma-separated; else "" */
};

const char *shadow_problem_word(
    enum shadow_problem problem); /* "missing", "extra", "differs", "undecided" */

/** Connect and make the TEMP table. settings borrowed until shadow_close(). */
CHECKED bool shadow_open(const struct pg_settings *settings, enum sink_id id,
    struct shadow **ret_shadow, struct error *err);
void shadow_close(struct shadow *shadow);

/** Write jobs of OPERATION_INGEST or OPERATION_UPDATE; job->half is not touched. A row that the
 * server refuses is an error here. */
CHECKED bool shadow_write(
    struct shadow *shadow, struct job *const *jobs, size_t n_jobs, struct error *err);

/** Forget these paths (they changed meanwhile): shadow_write() them again or leave them out. */
CHECKED bool shadow_forget(struct shadow *shadow, const char *codebase_id, const char *const *paths,
    size_t n_paths, struct error *err);

/**
 * Hand over what differs, ordered by path; nothing found: no call. only_paths: NULL = the whole
 * codebase, else these paths alone. hash_only: compare path, content_hash and rev instead of every
 * file column. found() returns false to stop.
 */
CHECKED bool shadow_compare(struct shadow *shadow, const char *codebase_id,
    const char *const *only_paths, size_t n_paths, bool hash_only,
    bool (*found)(void *user, const struct shadow_difference *difference), void *user,
    struct error *err);

#endif
