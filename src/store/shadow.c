#include "store/shadow.h"

#include "base/arena.h"
#include "store/row.h"
#include "store/writer.h"

#define GROUP_JOBS 100

/* The statements of one table. */
static const struct {
    const char *create, *compare, *forget;
} statements[SINKS] = {
    [SINK_FILES] = {"shadow/code_files_table.sql", "shadow/code_files_compare.sql",
        "shadow/code_files_forget.sql"},
    [SINK_METADATA] = {"shadow/codebase_metadata_table.sql", "shadow/codebase_metadata_compare.sql",
        "shadow/codebase_metadata_forget.sql"},
};

static const char *const problem_words[] = {[SHADOW_MISSING] = "missing",
    [SHADOW_EXTRA] = "extra",
    [SHADOW_DIFFERS] = "differs",
    [SHADOW_UNDECIDED] = "undecided"};

struct shadow {
    enum sink_id id;
    struct pg_settings settings;
    struct writer *writer;
    struct write_outcome outcomes[GROUP_JOBS];
};

const char *shadow_problem_word(enum shadow_problem problem)
{
    return problem_words[problem];
}

static bool run(struct shadow *shadow, const char *sql_file, struct error *err)
{
    return pg_run(writer_pg(shadow->writer), sql_file, NULL, NULL, NULL, err);
}

bool shadow_open(const struct pg_settings *settings, enum sink_id id, struct shadow **ret_shadow,
    struct error *err)
{
    struct shadow *shadow = memory_new(1, sizeof(*shadow));
    shadow->id = id;
    shadow->settings = *settings;
    shadow->writer = writer_new(&shadow->settings, id);
    if (!writer_connect(shadow->writer, err) || !run(shadow, statements[id].create, err)) {
        shadow_close(shadow);
        return false;
    }
    *ret_shadow = shadow;
    return true;
}

void shadow_close(struct shadow *shadow)
{
    if (shadow == NULL)
        return;
    writer_free(shadow->writer);
    free(shadow);
}

static bool write_group(struct shadow *shadow, struct job *const *jobs, size_t n, struct error *err)
{
    if (!writer_write(shadow->writer, jobs, n, false, shadow->outcomes, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (shadow->outcomes[i].status == WRITE_FAILED) {
            *err = shadow->outcomes[i].error;
            return error_wrap(err, "could not compare \"%s\"", jobs[i]->path);
        }
    return true;
}

bool shadow_write(struct shadow *shadow, struct job *const *jobs, size_t n_jobs, struct error *err)
{
    if (writer_pg(shadow->writer) == NULL)
        return error_set(err, ERROR_DATABASE, 0, "lost connection to the database");
    if (!run(shadow, "shadow/write_path.sql", err))
        return false;
    bool ok = true;
    for (size_t first = 0; ok && first < n_jobs;) {
        size_t n = 0, bytes = 0;
        while (first + n < n_jobs && n < GROUP_JOBS && (n == 0 || bytes < (size_t)8 << 20))
            bytes += row_size_bytes(jobs[first + n++], shadow->id);
        ok = write_group(shadow, jobs + first, n, err);
        first += n;
    }
    struct error ignored = ERROR_INIT;
    if (writer_pg(shadow->writer) != NULL)
        return run(shadow, "shadow/compare_path.sql", ok ? err : &ignored) && ok;
    return false;
}

/* codebase_id and paths as the column has them. */
static void path_values(struct pg_values *values, const char *codebase_id, const char *const *paths,
    size_t n_paths, struct arena *scratch)
{
    const char **texts = NULL;
    if (paths != NULL) {
        texts = arena_alloc(scratch, n_paths + 1, sizeof(*texts));
        for (size_t i = 0; i < n_paths; i++)
            texts[i] = row_path(paths[i], scratch);
    }
    pg_values_clear(values);
    pg_values_string(values, codebase_id);
    pg_values_strings(values, texts, n_paths, scratch);
}

bool shadow_forget(struct shadow *shadow, const char *codebase_id, const char *const *paths,
    size_t n_paths, struct error *err)
{
    struct arena *scratch = arena_new(0);
    struct pg_values values;
    path_values(&values, codebase_id, paths, n_paths, scratch);
    bool ok = writer_pg(shadow->writer) != NULL
                  ? pg_run(writer_pg(shadow->writer), statements[shadow->id].forget, &values, NULL,
                        NULL, err)
                  : error_set(err, ERROR_DATABASE, 0, "lost connection to the database");
    arena_free(scratch);
    return ok;
}

struct comparing {
    bool (*found)(void *user, const struct shadow_difference *difference);
    void *user;
};

static bool hand_over(void *user, const struct pg_result *row)
{
    const struct comparing *comparing = user;
    struct shadow_difference difference = {
        .path = pg_text(row, 0, 0), .columns = pg_text(row, 0, 2)};
    for (size_t i = 0; i < ARRAY_SIZE(problem_words); i++)
        if (strcmp(pg_text(row, 0, 1), problem_words[i]) == 0)
            difference.problem = (enum shadow_problem)i;
    return comparing->found(comparing->user, &difference);
}

bool shadow_compare(struct shadow *shadow, const char *codebase_id, const char *const *only_paths,
    size_t n_paths, bool hash_only,
    bool (*found)(void *user, const struct shadow_difference *difference), void *user,
    struct error *err)
{
    struct comparing comparing = {.found = found, .user = user};
    struct arena *scratch = arena_new(0);
    struct pg_values values;
    path_values(&values, codebase_id, only_paths, n_paths, scratch);
    pg_values_bool(&values, hash_only);
    bool ok = writer_pg(shadow->writer) != NULL
                  ? pg_stream(writer_pg(shadow->writer), statements[shadow->id].compare, &values,
                        hand_over, &comparing, err)
                  : error_set(err, ERROR_DATABASE, 0, "lost connection to the database");
    arena_free(scratch);
    return ok;
}
