/* row.h - the one encoder a table: a job becomes the values of its statements, for the live table
 * and for a temporary one alike. Pure. Thread: any. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "base/arena.h"
#include "model/job.h"
#include "store/pg.h"

/* What one of the two tables is written with. */
struct row_table {
    const char *upsert, *remove, *move; /* files of sql/ */
    /** Values of the upsert. job needs code. scratch must live until the statement was sent; the
     * job's own arena is not touched. */
    void (*upsert_values)(const struct job *job, struct pg_values *values, struct arena *scratch);
    /** Values of the move from job->old_path to job->path. */
    void (*move_values)(const struct job *job, struct pg_values *values, struct arena *scratch);
};

extern const struct row_table row_tables[SINKS];

/** The path as the column has it: bytes that are not UTF-8 as \xHH. In scratch, or path itself. */
const char *row_path(const char *path, struct arena *scratch);

/** Two values: path, and path_raw, which is NULL unless the name is not UTF-8. */
void row_path_values(const char *path, struct pg_values *values, struct arena *scratch);

/** Values of the delete: codebase_id and the paths of n jobs of that codebase. */
void row_remove_values(
    struct job *const *jobs, size_t n, struct pg_values *values, struct arena *scratch);

/** About how many bytes the job's row takes in the sink, for the size of a group. */
size_t row_size_bytes(const struct job *job, enum sink_id id);

/** A JSON document as text, or `otherwise` where there is none. */
void row_document(struct pg_values *values, const struct text *document, const char *otherwise);

#endif
