#include "../unit/unit.h"

#include "base/buf.h"
#include "jobs.h"
#include "server.h"

static struct server *server;

/* Rows with the columns that a view reads. */
static void add_metadata(const char *path, const char *columns, const char *values)
{
    char sql[1000];
    snprintf(sql, sizeof(sql),
        "INSERT INTO codebase_metadata (codebase_id, path, language, content_hash, "
        "metrics_version, %s)"
        " VALUES ('c', '%s', 'python', sha256('x'), 1, %s)",
        columns, path, values);
    server_run(server, sql);
}

static void add_file(const char *path, const char *columns, const char *values)
{
    char sql[2000];
    snprintf(sql, sizeof(sql),
        "INSERT INTO code_files (codebase_id, path, language, content_state, size_bytes, "
        "line_count,"
        " content_hash, parse_status, parser_rev, %s)"
        " VALUES ('c', '%s', 'python', 'exact', 1, 1, sha256('x'), 'ok', 1, %s)",
        columns, path, values);
    server_run(server, sql);
}

static void clear_tables(void)
{
    server_run(
        server, "TRUNCATE code_files, codebase_metadata, ingestion_queue, sync_audit, codebases");
}

static void directories_add_up_and_weigh_their_means(void **state)
{
    (void)state;
    static const char columns[] =
        "lines_code, lines_comment, function_count, cyclomatic_complexity, "
        "cyclomatic_complexity_mean,"
        " maintainability_index, public_symbol_count, documented_symbol_count";
    clear_tables();
    add_metadata("a/b/one.py", columns, "90, 10, 3, 9, 3, 50, 4, 1");
    add_metadata("a/two.py", columns, "10, 30, 1, 7, 7, 100, 0, 0");
    add_metadata("data.json", "lines_code", "5");
    static const char roll_up[] =
        "SELECT concat_ws('|', files, lines_code, comment_ratio, function_count, "
        "cyclomatic_complexity,"
        " cyclomatic_complexity_mean, maintainability_index, documentation_coverage)"
        " FROM directories WHERE path = '%s'";
    static const struct {
        const char *path, *wanted;
    } cases[] = {
        {"a/b", "1|90|10|3|9|3|50|25"},
        {"a", "2|100|28.571428571428573|4|16|4|55|25"},
        {"", "3|105|27.586206896551722|4|16|4|55|25"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        AUTO_BUF sql = BUF_INIT;
        buf_addf(&sql, roll_up, cases[i].path);
        assert_string_equal(server_ask(server, buf_string(&sql)), cases[i].wanted);
    }
    assert_string_equal(
        server_ask(
            server, "SELECT string_agg(path || ':' || depth, ' ' ORDER BY path) FROM directories"),
        ":0 a:1 a/b:2");
}

static void hotspots_rank_from_best_to_worst(void **state)
{
    (void)state;
    clear_tables();
    add_metadata("small", "lines_code, cognitive_complexity", "10, 1");
    add_metadata("large", "lines_code, cognitive_complexity", "1000, 1");
    add_metadata("hard", "lines_code, cognitive_complexity", "1000, 90");
    add_metadata("empty", "lines_code", "0");
    assert_string_equal(server_ask(server, "SELECT string_agg(path || ' ' || hotspot_score, ', ' "
                                           "ORDER BY hotspot_score DESC) FROM hotspots"),
        "hard 100, large 50, small 0");
}

static void drift_names_the_side_that_is_missing(void **state)
{
    (void)state;
    clear_tables();
    add_file("both", "content", "'x'");
    add_metadata("both", "lines_code", "1");
    add_file("only_files", "content", "'x'");
    add_metadata("only_metadata", "lines_code", "1");
    add_file("stale", "content", "'x'");
    add_metadata("stale", "lines_code", "1");
    server_run(
        server, "UPDATE codebase_metadata SET content_hash = sha256('old') WHERE path = 'stale'");
    assert_string_equal(
        server_ask(server,
            "SELECT string_agg(path || ' ' || problem, ', ' ORDER BY path) FROM sync_drift"),
        "only_files missing_in_metadata, only_metadata missing_in_code_files, stale hash_differs");
    assert_string_equal(server_ask(server, "SELECT string_agg(concat_ws(' ', path, content, "
                                           "lines_code), ', ' ORDER BY path) FROM codebase"),
        "both x 1, only_files x, only_metadata 1, stale x 1");
}

static void documents_become_rows(void **state)
{
    (void)state;
    clear_tables();
    add_file("a.py", "functions, classes, imports, exports, symbols",
        "'[{\"name\":\"f\",\"qualified_name\":\"A.f\",\"kind\":\"method\",\"line\":1,\"end_line\":"
        "9,\"exported\":true,\"doc\":\"d\",\"recursive\":false,\"halstead_volume\":1.5}]',"
        "'[{\"name\":\"A\",\"kind\":\"class\",\"line\":1,\"end_line\":9,\"exported\":true,\"doc\":"
        "null,\"methods\":1}]',"
        "'[{\"module\":\"os\",\"names\":[\"path\",\"sep\"],\"alias\":null,\"line\":1,\"kind\":"
        "\"from\"}]',"
        "'[{\"name\":\"A\",\"kind\":\"class\",\"line\":1}]',"
        "'[{\"name\":\"A\",\"kind\":\"class\",\"line\":1,\"column\":7,\"scope\":null}]'");
    assert_string_equal(
        server_ask(server, "SELECT concat_ws('|', path, name, qualified_name, kind, end_line, "
                           "exported, doc, recursive, halstead_volume) FROM functions"),
        "a.py|f|A.f|method|9|t|d|f|1.5");
    assert_string_equal(
        server_ask(server, "SELECT concat_ws('|', path, name, kind, methods) FROM classes"),
        "a.py|A|class|1");
    assert_string_equal(
        server_ask(server, "SELECT path || module FROM imports WHERE 'sep' = ANY (names)"),
        "a.pyos");
    assert_string_equal(server_ask(server, "SELECT path || name FROM exports"), "a.pyA");
    assert_string_equal(
        server_ask(server, "SELECT path || name || \"column\" FROM symbols"), "a.pyA7");
}

static void a_tree_is_expanded_with_depth_and_parents(void **state)
{
    (void)state;
    clear_tables();
    add_file("a.py", "ast",
        "'{\"v\":1,\"kinds\":[\"m\",\"f\",\"i\"],\"kind\":[0,1,2,2,1],\"start\":[0,0,4,3,10],"
        "\"length\":[40,15,1,2,3],\"up\":[0,1,1,2,4]}'");
    add_file("none.py", "content", "'x'");
    assert_string_equal(
        server_ask(server,
            "SELECT string_agg(concat_ws(',', index, kind, start_byte, end_byte, "
            "coalesce(parent_index, -1), depth), ' ' ORDER BY index) FROM ast_nodes"),
        "0,m,0,40,-1,0 1,f,0,15,0,1 2,i,4,5,1,2 3,i,7,9,1,2 4,f,17,20,0,1");
}

static void the_queue_speaks_to_people(void **state)
{
    (void)state;
    clear_tables();
    server_run(server, "INSERT INTO codebases VALUES ('c', 's', 'h', '/r')");
    server_run(server, "SELECT enqueue_file('c', 'a.py', 5)");
    server_run(server, "SELECT enqueue_file('c', 'a.py')");
    server_run(server, "SELECT delete_file('c', 'a.py')");
    server_run(server, "SELECT enqueue_file('c', 'a.py', sinks => ARRAY['code_files'])");
    assert_string_equal(
        server_ask(server, "SELECT string_agg(concat_ws(' ', operation, priority, sinks), ', ' "
                           "ORDER BY operation, sinks NULLS FIRST) FROM ingestion_queue"),
        "delete 8, update 10, update 10 {code_files}");
    server_run(server, "UPDATE ingestion_queue SET status = 'dead', attempts = 3, last_error = 'no "
                       "such root' WHERE operation = 'delete'");
    assert_string_equal(server_ask(server, "SELECT path || ' ' || last_error FROM dead_letters"),
        "a.py no such root");
    assert_string_equal(
        server_ask(server, "SELECT queue_pending || ' ' || queue_dead FROM sync_health"), "2 1");
    assert_string_equal(server_ask(server, "SELECT requeue_dead('c')"), "1");
    assert_string_equal(server_ask(server, "SELECT count(*) FROM dead_letters"), "0");
    assert_string_equal(
        server_ask(server, "SELECT attempts FROM ingestion_queue WHERE operation = 'delete'"), "0");
}

static void health_counts_the_last_hour(void **state)
{
    (void)state;
    clear_tables();
    server_run(
        server, "INSERT INTO codebases VALUES ('c', 's', 'h', '/r'), ('idle', 's', 'h', '/i')");
    server_run(server,
        "INSERT INTO sync_audit (codebase_id, attempt_id, path, attempted_at, operation, origin, "
        "result, code_files_status, metadata_status, code_files_duration_us)"
        " SELECT 'c', gen_random_uuid(), 'p', now() - n * interval '10 minutes', 'update', "
        "'watch', 'both_tables', 'ok', 'ok', n * 100 FROM generate_series(1, 10) AS n");
    assert_string_equal(
        server_ask(server,
            "SELECT string_agg(concat_ws('|', codebase_id, attempts, both_tables, both_failed, "
            "code_files_us_median), ' ' ORDER BY codebase_id) FROM sync_health"),
        "c|5|5|0|300 idle|0|0|0");
}

static void a_changed_folder_is_a_new_revision(void **state)
{
    (void)state;
    server_run(
        server, "INSERT INTO watch_folders (codebase_id, path, host) VALUES ('c', '/r', 'h')");
    server_run(server, "UPDATE watch_folders SET enabled = false");
    assert_string_equal(
        server_ask(server, "SELECT config_rev || source FROM watch_folders"), "2sql");
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
        cmocka_unit_test(directories_add_up_and_weigh_their_means),
        cmocka_unit_test(hotspots_rank_from_best_to_worst),
        cmocka_unit_test(drift_names_the_side_that_is_missing),
        cmocka_unit_test(documents_become_rows),
        cmocka_unit_test(a_tree_is_expanded_with_depth_and_parents),
        cmocka_unit_test(the_queue_speaks_to_people),
        cmocka_unit_test(health_counts_the_last_hour),
        cmocka_unit_test(a_changed_folder_is_a_new_revision),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
