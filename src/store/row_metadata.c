#include "store/row_metadata.h"

#include <math.h>

/* Worst first. */
static const struct {
    const char *mark, *rating;
} ratings[] = {
    {"\"severity\":\"critical\"", "E"},
    {"\"severity\":\"high\"", "D"},
    {"\"severity\":\"medium\"", "C"},
    {"\"severity\":\"low\"", "B"},
};

const char *row_security_rating(const struct text *findings)
{
    /* Inside a JSON string every quote has a backslash before it, so no message can look like a
     * key. */
    for (size_t i = 0; i < ARRAY_SIZE(ratings) && findings->bytes != NULL; i++)
        if (memmem(findings->bytes, findings->length, ratings[i].mark, strlen(ratings[i].mark)) !=
            NULL)
            return ratings[i].rating;
    return "A";
}

/* What does not fit the column is not measured: never a value that is not the metric's. */
static void add_metric(struct pg_values *values, enum metric_type type, double value)
{
    if (type == METRIC_DOUBLE)
        pg_values_double(values, value);
    else if (type == METRIC_BIGINT && isfinite(value) && fabs(value) < 0x1p53)
        pg_values_i64(values, llround(value));
    else if (type == METRIC_BIGINT)
        pg_values_null(values, PG_TYPE_INT8);
    else if (isfinite(value) && fabs(value) < 0x1p31)
        pg_values_i32(values, (int32_t)lround(value));
    else
        pg_values_null(values, PG_TYPE_INT4);
}

void row_metadata_upsert(const struct job *job, struct pg_values *values, struct arena *scratch)
{
    const struct code_facts *code = job->code;
    bool rated = isfinite(code->metric[METRIC_SECURITY_SCORE]);
    pg_values_clear(values);
    pg_values_string(values, job->codebase->codebase_id);
    row_path_values(job->path, values, scratch);
    pg_values_string(values, job->file.language);
    pg_values_bytea(values, job->file.content_hash, sizeof(job->file.content_hash));
    pg_values_i32(values, code->metrics_version);
    pg_values_string(values, rated ? row_security_rating(&code->blob[BLOB_FINDINGS]) : NULL);
    row_document(values, &code->blob[BLOB_DEPENDENCIES], "[]");
    for (unsigned i = 0; i < METRICS; i++)
        add_metric(values, metric_infos[i].type, code->metric[i]);
}

void row_metadata_move(const struct job *job, struct pg_values *values, struct arena *scratch)
{
    pg_values_clear(values);
    pg_values_string(values, job->codebase->codebase_id);
    pg_values_string(values, row_path(job->old_path, scratch));
    row_path_values(job->path, values, scratch);
}
