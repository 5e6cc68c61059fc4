#include "../unit/unit.h"

#include <sys/wait.h>

#include "base/buf.h"
#include "model/metric.h"
#include "server.h"
#include "store/schema.h"

static struct server *server;

static struct pg *open_schema(const char *schema)
{
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    const struct pg_settings settings = {.conninfo = server->conninfo, .schema = schema};
    if (!pg_open(&settings, &pg, &err))
        fail_msg("%s", err.message);
    return pg;
}

static struct schema_report migrate(const char *schema, unsigned parts)
{
    struct error err = ERROR_INIT;
    struct schema_report report;
    struct pg *pg = open_schema(schema);
    if (!schema_migrate(pg, parts, &report, &err))
        fail_msg("%s", err.message);
    pg_close(pg);
    return report;
}

static void an_empty_database_gets_every_table_and_view(void **state)
{
    (void)state;
    struct schema_report report = migrate("full", SCHEMA_ALL);
    assert_true(report.applied >= 3);
    assert_int_equal(report.version, report.applied);
    assert_string_equal(
        server_ask(server, "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c "
                           "WHERE c.relnamespace = 'full'::regnamespace AND c.relkind = 'r'"),
        "code_files codebase_metadata codebases ingestion_queue schema_migrations statistics "
        "sync_audit watch_folders");
    assert_string_equal(
        server_ask(server, "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c "
                           "WHERE c.relnamespace = 'full'::regnamespace AND c.relkind = 'v'"),
        "ast_nodes classes codebase dead_letters directories exports functions hotspots imports "
        "statistics_total symbols sync_drift sync_health");
}

static void a_second_migration_does_nothing(void **state)
{
    (void)state;
    migrate("twice", SCHEMA_ALL);
    server_run(server, "CREATE TABLE before AS SELECT xmin::text AS made_by FROM "
                       "twice.schema_migrations WHERE version = 0");
    struct schema_report report = migrate("twice", SCHEMA_ALL);
    assert_int_equal(report.applied, 0);
    assert_string_equal(
        server_ask(server, "SELECT count(*) FROM twice.schema_migrations m JOIN "
                           "before b ON m.xmin::text = b.made_by WHERE version = 0"),
        "1");
}

static void a_sink_database_gets_its_table_alone(void **state)
{
    (void)state;
    migrate("only_files", SCHEMA_FILES);
    assert_string_equal(
        server_ask(server,
            "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_class c WHERE "
            "c.relnamespace = 'only_files'::regnamespace AND c.relkind IN ('r', 'v')"),
        "ast_nodes classes code_files exports functions imports schema_migrations symbols");
    struct schema_report report = migrate("only_files", SCHEMA_ALL);
    assert_true(report.applied >= 2);
    assert_string_equal(server_ask(server, "SELECT count(*) FROM only_files.sync_drift"), "0");
}

static void every_metric_has_its_column_with_type_and_comment(void **state)
{
    (void)state;
    static const char *const types[] = {"integer", "bigint", "double precision"};
    migrate("metrics", SCHEMA_ALL);
    for (unsigned i = 0; i < METRICS; i++) {
        AUTO_BUF sql = BUF_INIT;
        AUTO_BUF comment = BUF_INIT;
        buf_addf(&sql,
            "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = "
            "'metrics.codebase_metadata'::regclass AND attname = '%s'",
            metric_infos[i].column);
        assert_string_equal(server_ask(server, buf_string(&sql)), types[metric_infos[i].type]);
        buf_clear(&sql);
        schema_metric_comment((enum metric)i, &comment);
        buf_addf(&sql,
            "SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = "
            "'metrics.codebase_metadata'::regclass AND attname = '%s'",
            metric_infos[i].column);
        assert_string_equal(server_ask(server, buf_string(&sql)), buf_string(&comment));
        buf_clear(&sql);
        buf_addf(&sql,
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'metrics' AND "
            "table_name = 'codebase' AND column_name = '%s'",
            metric_infos[i].column);
        assert_string_equal(server_ask(server, buf_string(&sql)), "1");
    }
}

static void no_column_of_numbers_is_without_a_metric(void **state)
{
    (void)state;
    AUTO_BUF sql = BUF_INIT;
    migrate("metrics", SCHEMA_ALL);
    buf_adds(&sql, "SELECT coalesce(string_agg(column_name, ' '), '') FROM "
                   "information_schema.columns WHERE table_schema = 'metrics' AND table_name = "
                   "'codebase_metadata' AND data_type IN ('integer', 'bigint', 'double precision') "
                   "AND column_name <> 'metrics_version' AND column_name NOT IN (''");
    for (unsigned i = 0; i < METRICS; i++)
        buf_addf(&sql, ", '%s'", metric_infos[i].column);
    buf_adds(&sql, ")");
    assert_string_equal(server_ask(server, buf_string(&sql)), "");
}

static void a_newer_schema_is_refused(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct schema_report report;
    migrate("newer", SCHEMA_ALL);
    server_run(server, "INSERT INTO newer.schema_migrations VALUES (900, 'future', '', 900)");
    struct pg *pg = open_schema("newer");
    assert_false(schema_migrate(pg, SCHEMA_ALL, &report, &err));
    assert_int_equal(err.kind, ERROR_SCHEMA);
    assert_non_null(strstr(err.message, "900"));
    assert_true(pg_alive(pg));
    assert_false(schema_check(pg, &report, &err));
    assert_int_equal(err.kind, ERROR_SCHEMA);
    server_run(server, "UPDATE newer.schema_migrations SET min_binary = 1 WHERE version = 900");
    assert_true(schema_migrate(pg, SCHEMA_ALL, &report, &err));
    pg_close(pg);
}

static void a_changed_migration_is_refused(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct schema_report report;
    migrate("changed", SCHEMA_ALL);
    server_run(server, "UPDATE changed.schema_migrations SET sha256 = '\\x00' WHERE version = 2");
    struct pg *pg = open_schema("changed");
    assert_false(schema_migrate(pg, SCHEMA_ALL, &report, &err));
    assert_int_equal(err.kind, ERROR_SCHEMA);
    assert_non_null(strstr(err.message, "code_files"));
    pg_close(pg);
}

static void a_missing_schema_is_said_with_a_hint(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct schema_report report;
    struct pg *pg = open_schema("nowhere");
    assert_false(schema_check(pg, &report, &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    assert_string_not_equal(err.hint, "");
    pg_close(pg);
}

/* In a process of its own: 1 if this call made the schema, 0 if another one had. */
static int migrate_and_count(void)
{
    struct schema_report report = migrate("race", SCHEMA_ALL);
    return report.applied > 0 ? 1 : 0;
}

static void of_four_at_once_one_makes_the_schema(void **state)
{
    (void)state;
    pid_t children[4];
    int made = 0;
    for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(migrate_and_count());
    }
    for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_in_range(WEXITSTATUS(status), 0, 1);
        made += WEXITSTATUS(status);
    }
    assert_int_equal(made, 1);
}

static void a_name_that_needs_quotes_is_a_schema_like_any_other(void **state)
{
    (void)state;
    migrate("My \"odd\" schema; --", SCHEMA_ALL);
    assert_string_equal(
        server_ask(server, "SELECT count(*) FROM \"My \"\"odd\"\" schema; --\".code_files"), "0");
}

static void the_printed_sql_runs_in_psql_and_is_then_current(void **state)
{
    (void)state;
    AUTO_BUF sql = BUF_INIT;
    AUTO_BUF command = BUF_INIT;
    schema_print(SCHEMA_ALL, "printed", &sql);
    buf_addf(&command, "psql -q -X -v ON_ERROR_STOP=1 -d '%s' >/dev/null 2>&1", server->conninfo);
    FILE *psql = popen(buf_string(&command), "w");
    assert_non_null(psql);
    fwrite(sql.data, 1, sql.length, psql);
    assert_int_equal(pclose(psql), 0);
    struct schema_report report = migrate("printed", SCHEMA_ALL);
    assert_int_equal(report.applied, 0);
}

static void roles_may_do_their_work_and_no_more(void **state)
{
    (void)state;
    migrate("srctab", SCHEMA_ALL);
    static const struct {
        const char *role, *object, *right, *answer;
    } cases[] = {
        {"srctab_reader", "code_files", "SELECT", "t"},
        {"srctab_reader", "code_files", "INSERT", "f"},
        {"srctab_reader", "codebase", "SELECT", "t"},
        {"srctab_reader", "ingestion_queue", "INSERT", "f"},
        {"srctab_writer", "code_files", "DELETE", "t"},
        {"srctab_writer", "sync_audit", "INSERT", "t"},
        {"srctab_writer", "sync_audit", "UPDATE", "f"},
        {"srctab_writer", "sync_audit", "DELETE", "f"},
        {"srctab_writer", "watch_folders", "INSERT", "f"},
        {"srctab_writer", "watch_folders", "SELECT", "t"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        AUTO_BUF sql = BUF_INIT;
        buf_addf(&sql, "SELECT has_table_privilege('%s', 'srctab.%s', '%s')", cases[i].role,
            cases[i].object, cases[i].right);
        assert_string_equal(server_ask(server, buf_string(&sql)), cases[i].answer);
    }
    assert_string_equal(
        server_ask(server, "SELECT has_function_privilege('srctab_reader', "
                           "'srctab.enqueue_file(text,text,integer,text,text[])', 'EXECUTE')"),
        "t");
    assert_string_equal(server_ask(server, "SELECT has_function_privilege('srctab_reader', "
                                           "'srctab.requeue_dead(text)', 'EXECUTE')"),
        "f");
    server_run(server, "SET ROLE srctab_reader; SELECT srctab.enqueue_file('c', 'a.py'); SELECT "
                       "srctab.enqueue_file('c', 'a.py')");
    assert_string_equal(
        server_ask(server, "SELECT count(*) || ' ' || min(priority) FROM srctab.ingestion_queue"),
        "1 10");
}

static struct error migrate_as(const char *role, const char *schema)
{
    struct error err = ERROR_INIT;
    struct schema_report report;
    struct pg *pg = NULL;
    char conninfo[200];
    snprintf(
        conninfo, sizeof(conninfo), "host=%s port=5432 dbname=postgres user=%s", server->dir, role);
    const struct pg_settings settings = {.conninfo = conninfo, .schema = schema};
    assert_true(pg_open(&settings, &pg, &err));
    (void)!schema_migrate(pg, SCHEMA_ALL, &report, &err);
    pg_close(pg);
    return err;
}

static void a_role_without_rights_is_told_whom_to_ask(void **state)
{
    (void)state;
    migrate("srctab", SCHEMA_ALL);
    server_run(server, "CREATE ROLE stranger LOGIN");
    server_run(server, "CREATE ROLE guest LOGIN IN ROLE srctab_reader");
    struct error err = migrate_as("stranger", "srctab");
    assert_string_equal(err.sqlstate, "42501");
    assert_non_null(strstr(err.hint, "GRANT srctab_reader"));
    err = migrate_as("stranger", "of_my_own");
    assert_string_equal(err.sqlstate, "42501");
    assert_non_null(strstr(err.hint, "owner"));
    err = migrate_as("guest", "srctab");
    assert_int_equal(err.kind, ERROR_NONE);
    server_run(server, "GRANT CREATE ON DATABASE postgres TO stranger");
    err = migrate_as("stranger", "of_my_own");
    assert_int_equal(err.kind, ERROR_NONE);
}

static int setup(void **state)
{
    (void)state;
    server = server_new();
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
        cmocka_unit_test(an_empty_database_gets_every_table_and_view),
        cmocka_unit_test(a_second_migration_does_nothing),
        cmocka_unit_test(a_sink_database_gets_its_table_alone),
        cmocka_unit_test(every_metric_has_its_column_with_type_and_comment),
        cmocka_unit_test(no_column_of_numbers_is_without_a_metric),
        cmocka_unit_test(a_newer_schema_is_refused),
        cmocka_unit_test(a_changed_migration_is_refused),
        cmocka_unit_test(a_missing_schema_is_said_with_a_hint),
        cmocka_unit_test(of_four_at_once_one_makes_the_schema),
        cmocka_unit_test(a_name_that_needs_quotes_is_a_schema_like_any_other),
        cmocka_unit_test(the_printed_sql_runs_in_psql_and_is_then_current),
        cmocka_unit_test(roles_may_do_their_work_and_no_more),
        cmocka_unit_test(a_role_without_rights_is_told_whom_to_ask),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
