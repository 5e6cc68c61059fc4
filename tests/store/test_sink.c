#include "../unit/unit.h"

#include "jobs.h"

static struct server *server;

/* A sink that gives up soon, so that no case takes long. */
static struct sink_settings quick(enum sink_id id)
{
    return (struct sink_settings){.id = id,
        .lock_timeout_ms = 200,
        .statement_timeout_ms = 3000,
        .retry_delays_ms = {20, 40, 80},
        .max_retries = 3,
        .probe_min_ms = 50,
        .probe_max_ms = 200};
}

static void clear_tables(void)
{
    server_run(server, "TRUNCATE code_files, codebase_metadata");
}

/* Values of one half. */
static const struct half *half_of(const struct job *job, enum sink_id id)
{
    return &job->half[id];
}

static void write_one(
    struct bench *bench, const char *path, enum operation operation, const char *content)
{
    struct job *job = job_new(path, operation, content, SINK_BIT(SINK_FILES));
    bench_write(bench, job);
    assert_string_equal(half_of(job, SINK_FILES)->error, "");
    assert_int_equal(half_of(job, SINK_FILES)->status, HALF_OK);
    job_free(job);
}

static void a_file_becomes_a_row_of_code_files(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    struct job *job = job_new("src/a.py", OPERATION_INGEST, "x = 1\n", SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    const struct half *half = half_of(job, SINK_FILES);
    assert_int_equal(half->status, HALF_OK);
    assert_int_equal(half->rows, 1);
    assert_int_equal(half->attempts, 1);
    assert_true(half->duration_us > 0);
    job_free(job);
    bench_close(&bench);
    assert_string_equal(
        server_ask(server,
            "SELECT concat_ws('|', content, size_bytes, parse_status, parser_rev, "
            "sha256(content::bytea) = content_hash, file_mtime = '2023-11-14 22:13:20.123456+00', "
            "stat_signature, path_raw) FROM code_files WHERE path = 'src/a.py'"),
        "x = 1\n|6|ok|5|t|t|77");
    assert_string_equal(
        server_ask(server, "SELECT string_agg(concat_ws('|', index, kind, start_byte, end_byte, "
                           "coalesce(parent_index, -1), depth), ' ') FROM ast_nodes"),
        "0|module|0|9|-1|0 1|call|2|5|0|1");
    assert_string_equal(
        server_ask(server, "SELECT name || cyclomatic_complexity FROM functions"), "f3");
    assert_string_equal(
        server_ask(server, "SELECT problem FROM sync_drift"), "missing_in_metadata");
}

static void a_file_becomes_a_row_of_codebase_metadata(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_METADATA));
    struct job *job = job_new("src/a.py", OPERATION_INGEST, "x = 1\n", SINK_BIT(SINK_METADATA));
    bench_write(&bench, job);
    assert_string_equal(half_of(job, SINK_METADATA)->error, "");
    assert_int_equal(half_of(job, SINK_METADATA)->status, HALF_OK);
    job_free(job);
    bench_close(&bench);
    for (unsigned i = 0; i < METRICS; i++) {
        char sql[200], wanted[32];
        snprintf(sql, sizeof(sql), "SELECT %s FROM codebase_metadata", metric_infos[i].column);
        snprintf(wanted, sizeof(wanted), "%u", i);
        assert_string_equal(server_ask(server, sql), i == METRIC_EXPORT_COUNT ? "" : wanted);
    }
    assert_string_equal(
        server_ask(server,
            "SELECT concat_ws(' ', metrics_version, security_rating, maintainability_rating, "
            "dependencies->0->>'specifier') FROM codebase_metadata"),
        "6 D E os");
}

static void what_another_pass_filled_stays(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_METADATA));
    struct job *job = job_new("a.py", OPERATION_INGEST, "1", SINK_BIT(SINK_METADATA));
    bench_write(&bench, job);
    job_free(job);
    server_run(server, "UPDATE codebase_metadata SET embedding = array_fill(1::real, ARRAY[1536]), "
                       "embedding_model = 'm'");
    job = job_new("a.py", OPERATION_UPDATE, "2", SINK_BIT(SINK_METADATA));
    bench_write(&bench, job);
    assert_int_equal(half_of(job, SINK_METADATA)->status, HALF_OK);
    job_free(job);
    bench_close(&bench);
    assert_string_equal(
        server_ask(server,
            "SELECT embedding_model || (content_hash = sha256('2')) FROM codebase_metadata"),
        "mtrue");
}

static void first_seen_stays_when_a_file_changes(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    write_one(&bench, "a.py", OPERATION_INGEST, "1");
    server_run(server, "UPDATE code_files SET first_seen = '2001-01-01', synced_at = '2001-01-01'");
    write_one(&bench, "a.py", OPERATION_UPDATE, "2");
    bench_close(&bench);
    assert_string_equal(server_ask(server, "SELECT content || (first_seen = '2001-01-01') || "
                                           "(synced_at > '2001-01-02') FROM code_files"),
        "2truetrue");
}

static void a_delete_takes_the_row_away_and_may_come_twice(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    write_one(&bench, "a.py", OPERATION_INGEST, "1");
    write_one(&bench, "b.py", OPERATION_INGEST, "1");
    write_one(&bench, "a.py", OPERATION_DELETE, NULL);
    write_one(&bench, "a.py", OPERATION_DELETE, NULL);
    bench_close(&bench);
    assert_string_equal(server_ask(server, "SELECT string_agg(path, ' ') FROM code_files"), "b.py");
}

static int64_t move(struct bench *bench, const char *from, const char *to)
{
    struct job *job = job_new(to, OPERATION_MOVE, NULL, SINK_BIT(SINK_FILES));
    job->old_path = from;
    job->file.signature = 99;
    job->file.mtime_ns = INT64_C(1700000001000000000);
    bench_write(bench, job);
    assert_int_equal(half_of(job, SINK_FILES)->status, HALF_OK);
    int64_t rows = half_of(job, SINK_FILES)->rows;
    job_free(job);
    return rows;
}

static void a_move_keeps_the_row_under_its_new_path(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    write_one(&bench, "a.py", OPERATION_INGEST, "1");
    assert_int_equal(move(&bench, "a.py", "b/c.py"), 1);
    assert_string_equal(
        server_ask(server, "SELECT path || content || stat_signature FROM code_files"),
        "b/c.py199");
    assert_int_equal(move(&bench, "a.py", "d.py"), 0);
    write_one(&bench, "e.py", OPERATION_INGEST, "2");
    assert_int_equal(move(&bench, "e.py", "b/c.py"), 0);
    bench_close(&bench);
    assert_string_equal(
        server_ask(server, "SELECT string_agg(path || content, ' ' ORDER BY path) FROM code_files"),
        "b/c.py1 e.py2");
}

static void a_name_that_is_not_utf8_keeps_its_bytes(void **state)
{
    (void)state;
    struct bench bench;
    static const char name[] = "a\xff\n'\"\\.py";
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    write_one(&bench, name, OPERATION_INGEST, "1");
    assert_string_equal(
        server_ask(server, "SELECT (path = 'a\\xFF' || chr(10) || chr(39) || '\"\\.py')"
                           " || encode(path_raw, 'hex') FROM code_files"),
        "true61ff0a27225c2e7079");
    write_one(&bench, name, OPERATION_DELETE, NULL);
    bench_close(&bench);
    assert_string_equal(server_ask(server, "SELECT count(*) FROM code_files"), "0");
}

static void make_many(struct job **jobs, size_t n, const char *prefix)
{
    for (size_t i = 0; i < n; i++) {
        char path[64];
        snprintf(path, sizeof(path), "%s/%03zu.py", prefix, i);
        jobs[i] = job_new(path, OPERATION_INGEST, "x", SINK_BIT(SINK_FILES));
    }
}

static void write_as_one_batch(struct bench *bench, struct job **jobs, size_t n)
{
    struct job *back[256];
    for (size_t i = 0; i < n; i++)
        sink_submit(bench->sink, jobs[i], STAGE_NORMAL);
    bench_take(bench, back, n);
}

static void one_poison_row_of_a_hundred_is_the_only_one_to_fail(void **state)
{
    (void)state;
    struct bench bench;
    struct job *jobs[100];
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    make_many(jobs, 100, "p");
    jobs[42]->file.content = (struct text){"nul\0inside", 10};
    jobs[77]->code->blob[BLOB_SYMBOLS] = (struct text){"[\"\\u0000\"]", 10};
    write_as_one_batch(&bench, jobs, 100);
    for (size_t i = 0; i < 100; i++) {
        const struct half *half = half_of(jobs[i], SINK_FILES);
        assert_int_equal(half->status, i == 42 || i == 77 ? HALF_FAILED : HALF_OK);
    }
    assert_string_equal(half_of(jobs[42], SINK_FILES)->sqlstate, "22021");
    assert_false(half_of(jobs[42], SINK_FILES)->retry_helps);
    assert_string_equal(half_of(jobs[77], SINK_FILES)->sqlstate, "22P05");
    struct sink_counts counts;
    sink_counts(bench.sink, &counts);
    assert_int_equal(counts.state, SINK_STATE_CLOSED);
    assert_int_equal(counts.rows_ok, 98);
    assert_int_equal(counts.rows_failed, 2);
    for (size_t i = 0; i < 100; i++)
        job_free(jobs[i]);
    bench_close(&bench);
    assert_string_equal(server_ask(server, "SELECT count(*) FROM code_files"), "98");
}

static void every_kind_of_bad_value_is_refused_alone(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    static const struct {
        struct text content, functions, ast;
        const char *path, *sqlstate;
    } cases[] = {
        {{"\xc0\x80", 2}, {"[]", 2}, {"{}", 2}, "overlong", "22021"},
        {{"\xed\xa0\x80", 3}, {"[]", 2}, {"{}", 2}, "surrogate", "22021"},
        {{"ok", 2}, {"[", 1}, {"{}", 2}, "json", "22P02"},
        {{"ok", 2}, {"[\"\\ud800\"]", 10}, {"{}", 2}, "lone", "22P02"},
        {{"ok", 2}, {"[1e400000]", 10}, {"{}", 2}, "big", "22003"},
        {{"ok", 2}, {"[]", 2}, {"{,}", 3}, "ast", "22P02"},
    };
    bench_open(&bench, server, quick(SINK_FILES));
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct job *job = job_new(cases[i].path, OPERATION_INGEST, "x", SINK_BIT(SINK_FILES));
        job->file.content = cases[i].content;
        job->code->blob[BLOB_FUNCTIONS] = cases[i].functions;
        job->code->blob[BLOB_AST] = cases[i].ast;
        bench_write(&bench, job);
        assert_int_equal(half_of(job, SINK_FILES)->status, HALF_FAILED);
        assert_string_equal(half_of(job, SINK_FILES)->sqlstate, cases[i].sqlstate);
        assert_int_equal(half_of(job, SINK_FILES)->attempts, 1);
        job_free(job);
    }
    char path[2602];
    memset(path, 'x', sizeof(path) - 1);
    path[2601] = '\0';
    struct job *job = job_new(path, OPERATION_INGEST, "x", SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_string_equal(half_of(job, SINK_FILES)->sqlstate, "23514");
    job_free(job);
    path[2600] = '\0';
    write_one(&bench, path, OPERATION_INGEST, "x");
    bench_close(&bench);
    assert_string_equal(
        server_ask(server, "SELECT count(*) || ' ' || max(octet_length(path)) FROM code_files"),
        "1 2600");
}

static void a_renamed_table_opens_the_breaker_and_heals_by_itself(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    write_one(&bench, "a.py", OPERATION_INGEST, "1");
    server_run(server, "ALTER TABLE code_files RENAME TO elsewhere");
    for (int i = 0; i < 5; i++) {
        struct job *job = job_new("a.py", OPERATION_UPDATE, "2", SINK_BIT(SINK_FILES));
        bench_write(&bench, job);
        assert_int_equal(half_of(job, SINK_FILES)->status, HALF_FAILED);
        assert_string_equal(half_of(job, SINK_FILES)->sqlstate, "42P01");
        assert_true(half_of(job, SINK_FILES)->retry_helps);
        job_free(job);
    }
    assert_true(bench_event(&bench, SINK_EVENT_OPENED, 1));
    struct job *job = job_new("a.py", OPERATION_UPDATE, "3", SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(half_of(job, SINK_FILES)->status, HALF_BREAKER_OPEN);
    assert_true(half_of(job, SINK_FILES)->retry_helps);
    job_free(job);
    server_run(server, "ALTER TABLE elsewhere RENAME TO code_files");
    assert_true(bench_event(&bench, SINK_EVENT_CLOSED, 1));
    write_one(&bench, "a.py", OPERATION_UPDATE, "4");
    bench_close(&bench);
    assert_string_equal(server_ask(server, "SELECT content FROM code_files"), "4");
    assert_string_equal(
        server_ask(server, "SELECT count(*) FROM code_files WHERE codebase_id <> 'c'"), "0");
}

/* The same for a sink that is not the superuser. */
static void breaks_and_heals(
    const char *const *breaks, const char *const *heals, const char *sqlstate)
{
    struct bench bench;
    struct server as_app = *server;
    char *user = strstr(as_app.conninfo, "user=");
    snprintf(user, sizeof("user=app"), "user=app");
    clear_tables();
    bench_open(&bench, &as_app, quick(SINK_FILES));
    write_one(&bench, "a.py", OPERATION_INGEST, "1");
    for (; *breaks != NULL; breaks++)
        server_run(server, *breaks);
    while (atomic_load(&bench.events[SINK_EVENT_OPENED]) == 0) {
        struct job *job = job_new("a.py", OPERATION_UPDATE, "2", SINK_BIT(SINK_FILES));
        bench_write(&bench, job);
        if (half_of(job, SINK_FILES)->status == HALF_FAILED)
            assert_string_equal(half_of(job, SINK_FILES)->sqlstate, sqlstate);
        job_free(job);
    }
    for (; *heals != NULL; heals++)
        server_run(server, *heals);
    assert_true(bench_event(&bench, SINK_EVENT_CLOSED, 1));
    write_one(&bench, "a.py", OPERATION_UPDATE, "3");
    bench_close(&bench);
    assert_string_equal(server_ask(server, "SELECT content FROM code_files"), "3");
}

static void a_missing_column_opens_the_breaker_and_heals(void **state)
{
    (void)state;
    breaks_and_heals((const char *const[]){"ALTER TABLE code_files RENAME content TO body", NULL},
        (const char *const[]){"ALTER TABLE code_files RENAME body TO content", NULL}, "42703");
}

static void a_revoked_right_opens_the_breaker_and_heals(void **state)
{
    (void)state;
    breaks_and_heals((const char *const[]){"REVOKE INSERT ON code_files FROM app", NULL},
        (const char *const[]){"GRANT INSERT ON code_files TO app", NULL}, "42501");
}

static void a_read_only_server_opens_the_breaker_and_heals(void **state)
{
    (void)state;
    breaks_and_heals((const char *const[]){"ALTER SYSTEM SET default_transaction_read_only = on",
                         "SELECT pg_reload_conf()", NULL},
        (const char *const[]){
            "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()", NULL},
        "25006");
    assert_true(server_wait_for(server, "SHOW default_transaction_read_only", "off"));
}

static int setup(void **state)
{
    (void)state;
    server = server_new();
    make_schema(server);
    server_run(server, "CREATE ROLE app LOGIN");
    server_run(server, "GRANT USAGE ON SCHEMA srctab TO app");
    server_run(server, "GRANT SELECT, INSERT, UPDATE, DELETE ON code_files TO app");
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
        cmocka_unit_test(a_file_becomes_a_row_of_code_files),
        cmocka_unit_test(a_file_becomes_a_row_of_codebase_metadata),
        cmocka_unit_test(what_another_pass_filled_stays),
        cmocka_unit_test(first_seen_stays_when_a_file_changes),
        cmocka_unit_test(a_delete_takes_the_row_away_and_may_come_twice),
        cmocka_unit_test(a_move_keeps_the_row_under_its_new_path),
        cmocka_unit_test(a_name_that_is_not_utf8_keeps_its_bytes),
        cmocka_unit_test(one_poison_row_of_a_hundred_is_the_only_one_to_fail),
        cmocka_unit_test(every_kind_of_bad_value_is_refused_alone),
        cmocka_unit_test(a_renamed_table_opens_the_breaker_and_heals_by_itself),
        cmocka_unit_test(a_missing_column_opens_the_breaker_and_heals),
        cmocka_unit_test(a_revoked_right_opens_the_breaker_and_heals),
        cmocka_unit_test(a_read_only_server_opens_the_breaker_and_heals),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
