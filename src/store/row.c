#include "store/row.h"

#include "base/utf8.h"
#include "store/row_files.h"
#include "store/row_metadata.h"

const struct row_table row_tables[SINKS] = {
    [SINK_FILES] = {.upsert = "write/code_files_upsert.sql",
        .remove = "write/code_files_delete.sql",
        .move = "write/code_files_move.sql",
        .upsert_values = row_files_upsert,
        .move_values = row_files_move},
    [SINK_METADATA] = {.upsert = "write/codebase_metadata_upsert.sql",
        .remove = "write/codebase_metadata_delete.sql",
        .move = "write/codebase_metadata_move.sql",
        .upsert_values = row_metadata_upsert,
        .move_values = row_metadata_move},
};

const char *row_path(const char *path, struct arena *scratch)
{
    size_t length = strlen(path);
    if (utf8_valid(path, length))
        return path;
    AUTO_BUF text = BUF_INIT;
    (void)utf8_add_path(&text, path, length);
    return arena_copy(scratch, text.data, text.length);
}

void row_path_values(const char *path, struct pg_values *values, struct arena *scratch)
{
    const char *text = row_path(path, scratch);
    pg_values_string(values, text);
    if (text == path)
        pg_values_null(values, PG_TYPE_BYTEA);
    else
        pg_values_bytea(values, path, strlen(path));
}

void row_remove_values(
    struct job *const *jobs, size_t n, struct pg_values *values, struct arena *scratch)
{
    const char **paths = arena_alloc(scratch, n, sizeof(*paths));
    for (size_t i = 0; i < n; i++)
        paths[i] = row_path(jobs[i]->path, scratch);
    pg_values_clear(values);
    pg_values_string(values, jobs[0]->codebase->codebase_id);
    pg_values_strings(values, paths, n, scratch);
}

size_t row_size_bytes(const struct job *job, enum sink_id id)
{
    size_t size = 256 + strlen(job->path);
    if (job->operation == OPERATION_DELETE || job->operation == OPERATION_MOVE || job->code == NULL)
        return size;
    if (id == SINK_METADATA)
        return size + 8 * METRICS + job->code->blob[BLOB_DEPENDENCIES].length;
    size += job->file.content.length + job->file.metadata.length;
    for (unsigned i = 0; i < BLOB_FINDINGS; i++)
        size += job->code->blob[i].length;
    return size;
}

void row_document(struct pg_values *values, const struct text *document, const char *otherwise)
{
    if (document->bytes != NULL)
        pg_values_text(values, document->bytes, document->length);
    else
        pg_values_string(values, otherwise);
}
