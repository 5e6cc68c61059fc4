#include "../unit/unit.h"

#include "base/buf.h"
#include "jobs.h"
#include "store/compare.h"
#include "store/shadow.h"

static struct server *server;

static struct pg *connection(void)
{
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    const struct pg_settings settings = {.conninfo = server->conninfo, .schema = "srctab"};
    if (!pg_open(&settings, &pg, &err))
        fail_msg("%s", err.message);
    return pg;
}

static void fill(enum sink_id id, const char *const *paths, size_t n)
{
    struct bench bench;
    server_run(server, id == SINK_FILES ? "TRUNCATE code_files" : "TRUNCATE codebase_metadata");
    bench_open(&bench, server, (struct sink_settings){.id = id});
    for (size_t i = 0; i < n; i++) {
        struct job *job = job_new(paths[i], OPERATION_INGEST, "x", SINK_BIT(id));
        bench_write(&bench, job);
        assert_int_equal(job->half[id].status, HALF_OK);
        job_free(job);
    }
    bench_close(&bench);
}

static bool list_path(void *user, const struct compare_row *row)
{
    buf_addf(
        user, "%s:%u:%d:%d ", row->path, (unsigned)row->signature, row->rev, row->content_hash[0]);
    return true;
}

static bool stop_at_once(void *user, const struct compare_row *row)
{
    (void)row;
    (*(int *)user)++;
    return false;
}

static void rows_come_in_order_with_the_bytes_of_their_names(void **state)
{
    (void)state;
    static const char *const paths[] = {"b", "a/z", "a\xff", "B"};
    static const enum sink_id ids[] = {SINK_FILES, SINK_METADATA};
    for (size_t i = 0; i < 2; i++) {
        struct error err = ERROR_INIT;
        AUTO_BUF seen = BUF_INIT;
        int calls = 0;
        uint64_t rows;
        fill(ids[i], paths, ARRAY_SIZE(paths));
        struct pg *pg = connection();
        assert_true(compare_read(pg, ids[i], "c", list_path, &seen, &err));
        assert_string_equal(
            buf_string(&seen), i == 0 ? "B:77:5:45 a/z:77:5:45 a\xff:77:5:45 b:77:5:45 "
                                      : "B:0:6:45 a/z:0:6:45 a\xff:0:6:45 b:0:6:45 ");
        assert_true(compare_read(pg, ids[i], "c", stop_at_once, &calls, &err));
        assert_int_equal(calls, 1);
        assert_true(compare_count(pg, ids[i], "c", &rows, &err));
        assert_int_equal(rows, 4);
        assert_true(compare_purge(pg, ids[i], "c", &rows, &err));
        assert_int_equal(rows, 4);
        pg_close(pg);
    }
}

static void a_codebase_belongs_to_its_first_root(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pg *pg = connection();
    struct codebase codebase = {
        .codebase_id = "bound", .source = "github.com/a/b", .host = "h", .root_path = "/r"};
    assert_true(compare_bind(pg, &codebase, false, &err));
    assert_true(compare_bind(pg, &codebase, false, &err));
    codebase.root_path = "/other";
    assert_false(compare_bind(pg, &codebase, false, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.message, "\"/r\""));
    assert_non_null(strstr(err.hint, "--rebind"));
    assert_true(compare_bind(pg, &codebase, true, &err));
    assert_true(compare_bind(pg, &codebase, false, &err));
    codebase.host = "elsewhere";
    assert_false(compare_bind(pg, &codebase, false, &err));
    pg_close(pg);
}

static bool list_difference(void *user, const struct shadow_difference *difference)
{
    buf_addf(user, "%s %s %s;", difference->path, shadow_problem_word(difference->problem),
        difference->columns);
    return true;
}

/* What verify does: a fresh copy of the tree's rows beside the live ones. */
static struct shadow *shadow_of(enum sink_id id, const char *const *paths, size_t n)
{
    static struct pg_settings settings;
    struct error err = ERROR_INIT;
    struct shadow *shadow = NULL;
    struct job *jobs[300];
    settings = (struct pg_settings){.conninfo = server->conninfo, .schema = "srctab"};
    if (!shadow_open(&settings, id, &shadow, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < n; i++)
        jobs[i] = job_new(paths[i], OPERATION_INGEST, "x", SINK_BIT(id));
    if (!shadow_write(shadow, jobs, n, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < n; i++)
        job_free(jobs[i]);
    return shadow;
}

static void differences(struct shadow *shadow, bool hash_only, const char *wanted)
{
    struct error err = ERROR_INIT;
    AUTO_BUF found = BUF_INIT;
    if (!shadow_compare(shadow, "c", NULL, 0, hash_only, list_difference, &found, &err))
        fail_msg("%s", err.message);
    assert_string_equal(buf_string(&found), wanted);
}

static void equal_tables_have_no_difference(void **state)
{
    (void)state;
    static const char *const paths[] = {"a", "b", "c\xff"};
    for (unsigned id = 0; id < SINKS; id++) {
        fill((enum sink_id)id, paths, ARRAY_SIZE(paths));
        struct shadow *shadow = shadow_of((enum sink_id)id, paths, ARRAY_SIZE(paths));
        differences(shadow, false, "");
        shadow_close(shadow);
    }
}

static void every_file_column_of_code_files_is_compared(void **state)
{
    (void)state;
    static const char *const paths[] = {"a", "b", "c"};
    static const char *const fresh[] = {"a", "c", "d"};
    fill(SINK_FILES, paths, ARRAY_SIZE(paths));
    struct shadow *shadow = shadow_of(SINK_FILES, fresh, ARRAY_SIZE(fresh));
    differences(shadow, false, "b extra ;d missing ;");
    server_run(server, "UPDATE code_files SET first_seen = '2001-01-01', synced_at = '2001-01-01', "
                       "file_mtime = '2001-01-01', stat_signature = 1");
    differences(shadow, false, "b extra ;d missing ;");
    server_run(server,
        "UPDATE code_files SET language = 'c', content = 'y', content_state = 'lossy', "
        "size_bytes = 99, line_count = 99, parse_status = 'partial', ast = '{}', functions "
        "= '[1]', classes = '[1]', imports = '[1]', exports = '[1]', symbols = '[1]', "
        "metadata = '{\"a\": 1}', path_raw = 'a' WHERE path = 'a'");
    differences(shadow, false,
        "a differs "
        "path_raw,language,content,content_state,size_bytes,line_count,parse_status,ast,functions,"
        "classes,imports,exports,symbols,metadata;b extra ;d missing ;");
    differences(shadow, true, "b extra ;d missing ;");
    server_run(server, "UPDATE code_files SET parse_status = 'timeout' WHERE path = 'c'");
    server_run(server, "UPDATE code_files SET content_hash = sha256('q') WHERE path = 'a'");
    differences(shadow, true, "a differs content_hash;b extra ;d missing ;");
    struct error err = ERROR_INIT;
    AUTO_BUF found = BUF_INIT;
    assert_true(shadow_compare(
        shadow, "c", (const char *const[]){"c", "d"}, 2, false, list_difference, &found, &err));
    assert_string_equal(buf_string(&found), "c undecided parse_status;d missing ;");
    assert_true(shadow_forget(shadow, "c", (const char *const[]){"d"}, 1, &err));
    buf_clear(&found);
    assert_true(shadow_compare(
        shadow, "c", (const char *const[]){"d"}, 1, false, list_difference, &found, &err));
    assert_string_equal(buf_string(&found), "");
    shadow_close(shadow);
}

static void every_metric_column_is_compared(void **state)
{
    (void)state;
    static const char *const paths[] = {"a"};
    fill(SINK_METADATA, paths, 1);
    struct shadow *shadow = shadow_of(SINK_METADATA, paths, 1);
    server_run(server, "UPDATE codebase_metadata SET embedding = array_fill(1::real, ARRAY[1536]), "
                       "embedding_model = 'm', synced_at = '2001-01-01'");
    differences(shadow, false, "");
    for (unsigned i = 0; i < METRICS; i++) {
        char sql[200], wanted[200];
        const char *column = metric_infos[i].column;
        snprintf(sql, sizeof(sql), "UPDATE codebase_metadata SET %s = coalesce(%s, 0) + 1", column,
            column);
        server_run(server, sql);
        snprintf(wanted, sizeof(wanted), "a differs %s;", column);
        differences(shadow, false, wanted);
        differences(shadow, true, "");
        snprintf(sql, sizeof(sql), "UPDATE codebase_metadata SET %s = nullif(%s - 1, %d)", column,
            column, i == METRIC_EXPORT_COUNT ? 0 : -1);
        server_run(server, sql);
    }
    differences(shadow, false, "");
    server_run(server,
        "UPDATE codebase_metadata SET dependencies = '[]', language = 'c', security_rating = 'A'");
    differences(shadow, false, "a differs dependencies,language,security_rating;");
    shadow_close(shadow);
}

static void writing_a_shadow_does_not_touch_the_live_table(void **state)
{
    (void)state;
    static const char *const paths[] = {"a"};
    static const char *const others[] = {"x", "y"};
    fill(SINK_FILES, paths, 1);
    struct shadow *shadow = shadow_of(SINK_FILES, others, 2);
    assert_string_equal(server_ask(server, "SELECT string_agg(path, ' ') FROM code_files"), "a");
    shadow_close(shadow);
}

static int setup(void **state)
{
    (void)state;
    server = server_new();
    make_schema(server);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_free(server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_in_order_with_the_bytes_of_their_names),
        cmocka_unit_test(a_codebase_belongs_to_its_first_root),
        cmocka_unit_test(equal_tables_have_no_difference),
        cmocka_unit_test(every_file_column_of_code_files_is_compared),
        cmocka_unit_test(every_metric_column_is_compared),
        cmocka_unit_test(writing_a_shadow_does_not_touch_the_live_table),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
