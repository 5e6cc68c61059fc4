#include "../unit/unit.h"

#include "jobs.h"
#include "store/pg.h"

static struct server *server;

static struct pg *open_at(const char *conninfo, struct error *err)
{
    struct pg *pg = NULL;
    const struct pg_settings settings = {
        .conninfo = conninfo, .schema = "srctab", .connect_timeout_ms = 2000};
    if (!pg_open(&settings, &pg, err))
        return NULL;
    return pg;
}

static void a_session_is_set_up(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pg *pg = open_at(server->conninfo, &err);
    AUTO_BUF text = BUF_INIT;
    assert_non_null(pg);
    assert_string_equal(
        server_ask(server,
            "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'srctab%'"),
        "srctab");
    pg_describe(pg, &text);
    assert_non_null(strstr(buf_string(&text), "database \"postgres\" as \"postgres\" at /tmp/"));
    assert_true(pg_script(pg,
        "CREATE TEMP TABLE seen AS SELECT current_setting('search_path') || "
        "current_setting('synchronous_commit') || current_setting('lock_timeout') || "
        "current_setting('statement_timeout') AS all_of_it",
        &err));
    assert_true(pg_script(pg, "CREATE TABLE public.seen AS SELECT * FROM pg_temp.seen", &err));
    assert_string_equal(
        server_ask(server, "SELECT all_of_it FROM public.seen"), "srctab, pg_tempoff5s1min");
    pg_close(pg);
}

static void a_failure_is_a_sentence_with_a_hint(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *in_message;
    } cases[] = {
        {"host=/nowhere dbname=x", "could not connect to the database"},
        {"host=127.0.0.1 port=1 dbname=x", "Connection refused"},
        {"postgresql://me:secret@127.0.0.1:1/x", "could not connect to the database"},
        {"host = 'unfinished secret", "could not parse the connection string"},
        {"password=secret nonsense", "could not parse the connection string"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct error err = ERROR_INIT;
        assert_null(open_at(cases[i].conninfo, &err));
        assert_int_equal(err.kind, ERROR_DATABASE);
        assert_string_equal(err.sqlstate, "08001");
        assert_non_null(strstr(err.message, cases[i].in_message));
        assert_null(strstr(err.message, "secret"));
        assert_null(strpbrk(err.message, "\n\t"));
        assert_null(strstr(err.message, "Is the server running"));
        assert_string_not_equal(err.hint, "");
    }
}

static void another_encoding_is_refused_with_the_way_out(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    char conninfo[200];
    server_run(server, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'");
    snprintf(
        conninfo, sizeof(conninfo), "host=%s port=5432 user=postgres dbname=latin", server->dir);
    assert_null(open_at(conninfo, &err));
    assert_non_null(strstr(err.message, "LATIN1"));
    assert_non_null(strstr(err.hint, "UTF8"));
}

static void the_second_host_of_a_list_is_taken_when_the_first_is_down(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    char conninfo[300];
    snprintf(conninfo, sizeof(conninfo),
        "host=/nowhere,%s port=1,5432 user=postgres dbname=postgres "
        "target_session_attrs=read-write",
        server->dir);
    struct pg *pg = open_at(conninfo, &err);
    assert_non_null(pg);
    pg_close(pg);
}

static void a_missing_statement_is_prepared_again_behind_a_pooler(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pg *pg = open_at(server->conninfo, &err);
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, "c");
    assert_true(pg_run(pg, "compare/bound.sql", &values, NULL, NULL, &err));
    assert_true(pg_script(pg, "DEALLOCATE ALL", &err));
    assert_false(pg_run(pg, "compare/bound.sql", &values, NULL, NULL, &err));
    assert_int_equal(pg_class_of(err.sqlstate), PG_CLASS_TRANSIENT);
    assert_true(pg_run(pg, "compare/bound.sql", &values, NULL, NULL, &err));
    pg_close(pg);
}

static bool count_row(void *user, const struct pg_result *row)
{
    assert_int_equal(pg_rows(row), 1);
    (*(size_t *)user)++;
    return true;
}

static void a_stream_hands_over_one_row_at_a_time_and_leaves_the_session_usable(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pg *pg = open_at(server->conninfo, &err);
    struct pg_values values;
    size_t rows = 0;
    server_run(server,
        "TRUNCATE code_files; INSERT INTO code_files (codebase_id, path, language, content_state, "
        "size_bytes, line_count, content_hash, parse_status, parser_rev) SELECT 'c', 'p' || n, "
        "'c', 'exact', 1, 1, sha256('x'), 'ok', 1 FROM generate_series(1, 20000) AS n");
    pg_values_clear(&values);
    pg_values_string(&values, "c");
    assert_true(pg_stream(pg, "compare/code_files.sql", &values, count_row, &rows, &err));
    assert_int_equal(rows, 20000);
    assert_true(pg_run(pg, "compare/bound.sql", &values, NULL, NULL, &err));
    pg_close(pg);
}

static void a_session_that_was_ended_is_lost(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pg *pg = open_at(server->conninfo, &err);
    char sql[100];
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, "c");
    assert_true(pg_still_there(pg));
    snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d, 5000)", pg_backend_pid(pg));
    server_run(server, sql);
    assert_false(pg_run(pg, "compare/bound.sql", &values, NULL, NULL, &err));
    assert_int_equal(pg_class_of(err.sqlstate), PG_CLASS_CONNECTION);
    assert_false(pg_alive(pg));
    assert_false(pg_still_there(pg));
    assert_false(pg_run(pg, "compare/bound.sql", &values, NULL, NULL, &err));
    pg_close(pg);
}

static void a_transaction_is_all_or_nothing(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pg *pg = open_at(server->conninfo, &err);
    server_run(server, "CREATE TABLE public.t (x int)");
    assert_true(pg_begin(pg, &err));
    assert_true(pg_script(pg, "INSERT INTO public.t VALUES (1)", &err));
    pg_rollback(pg);
    assert_true(pg_begin(pg, &err));
    assert_true(pg_script(pg, "INSERT INTO public.t VALUES (2)", &err));
    assert_true(pg_commit(pg, &err));
    pg_close(pg);
    assert_string_equal(server_ask(server, "SELECT string_agg(x::text, ' ') FROM public.t"), "2");
}

static void a_constraint_is_named_without_the_content_of_the_row(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct pg *pg = open_at(server->conninfo, &err);
    server_run(server, "CREATE TABLE public.u (x text CHECK (x <> 'secret'))");
    assert_false(pg_script(pg, "INSERT INTO public.u VALUES ('secret')", &err));
    assert_string_equal(err.sqlstate, "23514");
    assert_null(strstr(err.message, "secret"));
    pg_close(pg);
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
        cmocka_unit_test(a_session_is_set_up),
        cmocka_unit_test(a_failure_is_a_sentence_with_a_hint),
        cmocka_unit_test(another_encoding_is_refused_with_the_way_out),
        cmocka_unit_test(the_second_host_of_a_list_is_taken_when_the_first_is_down),
        cmocka_unit_test(a_missing_statement_is_prepared_again_behind_a_pooler),
        cmocka_unit_test(a_stream_hands_over_one_row_at_a_time_and_leaves_the_session_usable),
        cmocka_unit_test(a_session_that_was_ended_is_lost),
        cmocka_unit_test(a_transaction_is_all_or_nothing),
        cmocka_unit_test(a_constraint_is_named_without_the_content_of_the_row),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
