#include "store/compare.h"

struct reading {
    bool (*row)(void *user, const struct compare_row *row);
    void *user;
};

/* The statements of one table. */
static const struct {
    const char *read, *count, *purge;
} statements[SINKS] = {
    [SINK_FILES] = {"compare/code_files.sql", "compare/code_files_count.sql",
        "compare/code_files_purge.sql"},
    [SINK_METADATA] = {"compare/codebase_metadata.sql", "compare/codebase_metadata_count.sql",
        "compare/codebase_metadata_purge.sql"},
};

/* Octal digits of metadata.mode; the other table has none. */
static uint32_t mode_of(const char *octal)
{
    uint32_t mode = 0;
    for (; octal != NULL && *octal >= '0' && *octal <= '7'; octal++)
        mode = mode << 3 | (uint32_t)(*octal - '0');
    return mode;
}

static bool hand_over(void *user, const struct pg_result *result)
{
    const struct reading *reading = user;
    struct compare_row row = {.language = pg_text(result, 0, 2)};
    size_t length;
    row.path = pg_bytes(result, 0, pg_is_null(result, 0, 1) ? 0 : 1, &row.path_length);
    if (row.language == NULL)
        row.language = "";
    row.signature = (uint64_t)pg_i64(result, 0, 3);
    row.size_bytes = (uint64_t)pg_i64(result, 0, 4);
    row.mtime_ns = pg_time(result, 0, 5) * 1000;
    const void *hash = pg_bytes(result, 0, 6, &length);
    if (length == SHA256_BYTES)
        memcpy(row.content_hash, hash, SHA256_BYTES);
    row.rev = (int32_t)pg_i64(result, 0, 7);
    row.timed_out = pg_i64(result, 0, 8) != 0;
    row.mode = mode_of(pg_text(result, 0, 9));
    return reading->row(reading->user, &row);
}

bool compare_read(struct pg *pg, enum sink_id id, const char *codebase_id,
    bool (*row)(void *user, const struct compare_row *row), void *user, struct error *err)
{
    struct reading reading = {.row = row, .user = user};
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    return pg_stream(pg, statements[id].read, &values, hand_over, &reading, err);
}

bool compare_count(
    struct pg *pg, enum sink_id id, const char *codebase_id, uint64_t *ret_rows, struct error *err)
{
    AUTO_PG_RESULT *rows = NULL;
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    if (!pg_run(pg, statements[id].count, &values, &rows, NULL, err))
        return false;
    *ret_rows = (uint64_t)pg_i64(rows, 0, 0);
    return true;
}

bool compare_purge(
    struct pg *pg, enum sink_id id, const char *codebase_id, uint64_t *ret_rows, struct error *err)
{
    struct pg_values values;
    int64_t rows;
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    if (!pg_run(pg, statements[id].purge, &values, NULL, &rows, err))
        return false;
    *ret_rows = (uint64_t)rows;
    return true;
}

static void bind_values(const struct codebase *codebase, struct pg_values *values)
{
    pg_values_clear(values);
    pg_values_string(values, codebase->codebase_id);
    pg_values_string(values, codebase->source);
    pg_values_string(values, codebase->host);
    pg_values_string(values, codebase->root_path);
}

static bool refuse(
    const struct codebase *codebase, const struct pg_result *bound, struct error *err)
{
    static const char *const words[] = {"source", "host", "root"};
    const char *ours[] = {codebase->source, codebase->host, codebase->root_path};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        const char *theirs = pg_text(bound, 0, i);
        if (strcmp(theirs, ours[i]) == 0)
            continue;
        error_set(err, ERROR_CONFIG, 0, "codebase \"%s\" belongs to another %s: \"%s\", not \"%s\"",
            codebase->codebase_id, words[i], theirs, ours[i]);
        return error_hint(err, "give this one a name of its own with --id NAME, or take the rows "
                               "over with --rebind");
    }
    return true;
}

bool compare_bind(struct pg *pg, const struct codebase *codebase, bool rebind, struct error *err)
{
    AUTO_PG_RESULT *bound = NULL;
    struct pg_values values;
    bind_values(codebase, &values);
    if (!pg_run(pg, rebind ? "compare/rebind.sql" : "compare/bind.sql", &values, NULL, NULL, err))
        return false;
    if (rebind)
        return true;
    pg_values_clear(&values);
    pg_values_string(&values, codebase->codebase_id);
    if (!pg_run(pg, "compare/bound.sql", &values, &bound, NULL, err))
        return false;
    return pg_rows(bound) == 0 || refuse(codebase, bound, err);
}
