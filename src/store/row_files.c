#include "store/row_files.h"

void row_files_upsert(const struct job *job, struct pg_values *values, struct arena *scratch)
{
    static const enum fact_blob documents[] = {
        BLOB_FUNCTIONS, BLOB_CLASSES, BLOB_IMPORTS, BLOB_EXPORTS, BLOB_SYMBOLS};
    const struct file_facts *file = &job->file;
    const struct code_facts *code = job->code;
    pg_values_clear(values);
    pg_values_string(values, job->codebase->codebase_id);
    row_path_values(job->path, values, scratch);
    pg_values_string(values, file->language);
    if (file->content.bytes != NULL)
        pg_values_text(values, file->content.bytes, file->content.length);
    else
        pg_values_null(values, PG_TYPE_TEXT);
    pg_values_string(values, content_state_word(file->content_state));
    pg_values_i64(values, (int64_t)file->size_bytes);
    pg_values_i32(values, file->line_count <= INT32_MAX ? (int32_t)file->line_count : INT32_MAX);
    pg_values_bytea(values, file->content_hash, sizeof(file->content_hash));
    pg_values_time(values, file->mtime_ns / 1000);
    pg_values_i64(values, (int64_t)file->signature);
    pg_values_string(values, parse_status_word(code->parse_status));
    row_document(values, &code->blob[BLOB_AST], NULL);
    for (size_t i = 0; i < ARRAY_SIZE(documents); i++)
        row_document(values, &code->blob[documents[i]], "[]");
    row_document(values, &file->metadata, "{}");
    pg_values_i32(values, code->parser_rev);
}

void row_files_move(const struct job *job, struct pg_values *values, struct arena *scratch)
{
    pg_values_clear(values);
    pg_values_string(values, job->codebase->codebase_id);
    pg_values_string(values, row_path(job->old_path, scratch));
    row_path_values(job->path, values, scratch);
    if (job->file.signature == 0) {
        pg_values_null(values, PG_TYPE_TIMESTAMPTZ);
        pg_values_null(values, PG_TYPE_INT8);
        return;
    }
    pg_values_time(values, job->file.mtime_ns / 1000);
    pg_values_i64(values, (int64_t)job->file.signature);
}
