#include "../unit/unit.h"

#include "base/clock.h"
#include "jobs.h"
#include "store/folder.h"
#include "store/pg.h"
#include "store/queue.h"
#include "store/statistics.h"

static struct server *server;
static struct pg *pg;
static struct pg_settings settings;

static void ok(bool done, const struct error *err)
{
    if (!done)
        fail_msg("%s", err->message);
}

static void run(const char *sql)
{
    AUTO_BUF text = BUF_INIT;
    buf_addf(&text, "SET search_path = srctab; %s", sql);
    server_run(server, buf_string(&text));
}

static int empty(void **state)
{
    (void)state;
    run("TRUNCATE ingestion_queue, watch_folders, statistics");
    return 0;
}

static size_t take(
    struct arena *arena, size_t limit, int min_priority, struct request **ret_requests)
{
    struct error err = ERROR_INIT;
    size_t n = 0;
    ok(queue_take(pg, "app", limit, min_priority, arena, ret_requests, &n, &err), &err);
    return n;
}

static void requests_come_by_priority_and_then_by_age(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct request *requests;
    run("SELECT enqueue_file('app', 'old', 5, 'ingest'); SELECT enqueue_file('app', 'new', 5);"
        "SELECT delete_file('app', 'gone'); SELECT enqueue_file('app', 'save');"
        "SELECT enqueue_file('other', 'x')");
    assert_int_equal(take(arena, 10, INT32_MIN, &requests), 4);
    assert_string_equal(requests[0].path, "save");
    assert_int_equal(requests[0].operation, REQUEST_UPDATE);
    assert_int_equal(requests[0].priority, QUEUE_PRIORITY_FLASH);
    assert_string_equal(requests[1].path, "gone");
    assert_int_equal(requests[1].operation, REQUEST_DELETE);
    assert_string_equal(requests[2].path, "old");
    assert_int_equal(requests[2].operation, REQUEST_INGEST);
    assert_string_equal(requests[3].path, "new");
    assert_int_equal(take(arena, 10, INT32_MIN, &requests), 0);
    arena_free(arena);
}

static void a_limit_and_a_lowest_priority_leave_the_rest(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct request *requests;
    run("SELECT enqueue_file('app', 'f' || i, 5) FROM generate_series(1, 20) AS i;"
        "SELECT enqueue_file('app', 'flash')");
    assert_int_equal(take(arena, 5, QUEUE_PRIORITY_DELETE, &requests), 1);
    assert_string_equal(requests[0].path, "flash");
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 5);
    assert_int_equal(take(arena, 50, INT32_MIN, &requests), 15);
    arena_free(arena);
}

static void selected_sinks_and_metadata_come_along(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct request *requests;
    run("INSERT INTO ingestion_queue (codebase_id, file_absolute_path, sinks, metadata) "
        "VALUES ('app', '/srv/app/a', '{code_files}', '{\"by\": \"hook\"}')");
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 1);
    assert_string_equal(requests[0].absolute_path, "/srv/app/a");
    assert_string_equal(requests[0].path, "");
    assert_int_equal(requests[0].sinks, SINK_BIT(SINK_FILES));
    assert_string_equal(requests[0].metadata, "{\"by\": \"hook\"}");
    arena_free(arena);
}

static void an_acknowledged_request_is_gone_and_others_stay(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct request *requests;
    run("SELECT enqueue_file('app', 'a'); SELECT enqueue_file('app', 'b')");
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 2);
    const char *ids[] = {requests[0].queue_id, "00000000-0000-0000-0000-000000000000"};
    ok(queue_ack(pg, "app", ids, 2, &err), &err);
    assert_string_equal(
        server_ask(server, "SELECT string_agg(path || status, ',') FROM srctab.ingestion_queue"),
        "brunning");
    arena_free(arena);
}

static void a_new_owner_finds_running_requests_pending_again(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct request *requests;
    run("SELECT enqueue_file('app', 'a')");
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 1);
    ok(queue_recover(pg, "app", &err), &err);
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 1);
    arena_free(arena);
}

static void a_failed_request_waits_and_dies_after_its_last_attempt(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct request *requests;
    struct queue_depth depth;
    run("SELECT enqueue_file('app', 'a')");
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 1);
    ok(queue_fail(pg, "app", requests[0].queue_id, 2, "no luck", "40001", &err), &err);
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 0);
    ok(queue_depth(pg, "app", &depth, &err), &err);
    assert_int_equal(depth.pending, 1);
    assert_in_range(depth.next_retry_ms, 1000, 2000);
    run("UPDATE ingestion_queue SET retry_from = now()");
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 1);
    assert_int_equal(requests[0].attempts, 1);
    ok(queue_fail(pg, "app", requests[0].queue_id, 2, "no luck", NULL, &err), &err);
    assert_string_equal(
        server_ask(server, "SELECT concat_ws(',', status, attempts, last_error, sqlstate) "
                           "FROM srctab.ingestion_queue"),
        "dead,2,no luck");
    ok(queue_depth(pg, "app", &depth, &err), &err);
    assert_int_equal(depth.dead, 1);
    assert_true(depth.next_retry_ms == CLOCK_NEVER);
    run("SELECT requeue_dead('app')");
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 1);
    arena_free(arena);
}

static void a_failed_request_gives_way_to_a_newer_one(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct request *requests;
    run("SELECT enqueue_file('app', 'a')");
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 1);
    run("SELECT enqueue_file('app', 'a')");
    ok(queue_fail(pg, "app", requests[0].queue_id, 9, "no luck", NULL, &err), &err);
    assert_string_equal(server_ask(server, "SELECT string_agg(status || attempts, ',') "
                                           "FROM srctab.ingestion_queue"),
        "pending0");
    arena_free(arena);
}

static void one_who_waits_learns_where_his_request_stands(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct error err = ERROR_INIT;
    struct request *requests;
    enum queue_state now;
    char id[37], *reason = NULL;
    ok(queue_enqueue(pg, "app", "", REQUEST_WAIT, QUEUE_PRIORITY_FLASH, 0, id, &err), &err);
    ok(queue_state(pg, "app", id, &now, NULL, &err), &err);
    assert_int_equal(now, QUEUE_PENDING);
    assert_int_equal(take(arena, 5, INT32_MIN, &requests), 1);
    assert_int_equal(requests[0].operation, REQUEST_WAIT);
    ok(queue_state(pg, "app", id, &now, NULL, &err), &err);
    assert_int_equal(now, QUEUE_RUNNING);
    ok(queue_dead(pg, "app", id, "2 files failed", NULL, &err), &err);
    ok(queue_state(pg, "app", id, &now, &reason, &err), &err);
    assert_int_equal(now, QUEUE_DEAD);
    assert_string_equal(reason, "2 files failed");
    free(reason);
    ok(queue_remove(pg, "app", id, &err), &err);
    ok(queue_state(pg, "app", id, &now, NULL, &err), &err);
    assert_int_equal(now, QUEUE_GONE);
    arena_free(arena);
}

static void two_waits_are_two_rows_but_two_updates_are_one(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    char a[37], b[37];
    ok(queue_enqueue(pg, "app", "", REQUEST_WAIT, 10, 0, a, &err), &err);
    ok(queue_enqueue(pg, "app", "", REQUEST_WAIT, 10, 0, b, &err), &err);
    assert_string_not_equal(a, b);
    ok(queue_enqueue(pg, "app", "f", REQUEST_UPDATE, 5, SINK_BIT(SINK_METADATA), a, &err), &err);
    ok(queue_enqueue(pg, "app", "f", REQUEST_UPDATE, 10, SINK_BIT(SINK_METADATA), b, &err), &err);
    assert_string_equal(a, b);
    assert_string_equal(server_ask(server, "SELECT concat_ws(',', priority, sinks::text) FROM "
                                           "srctab.ingestion_queue WHERE path = 'f'"),
        "10,{codebase_metadata}");
}

static const char *const c_files[] = {"*.c", "*.h", NULL};

static struct folder folder(const char *path, const char *codebase_id, const char *source)
{
    return (struct folder){.path = path,
        .codebase_id = codebase_id,
        .patterns = c_files,
        .recursive = true,
        .debounce_ms = -1,
        .enabled = true,
        .sinks = SINK_BIT(SINK_FILES),
        .source = source,
        .tenant_id = "t",
        .branch = "main"};
}

static void sync_folders(const struct folder *folders, size_t n)
{
    struct error err = ERROR_INIT;
    ok(folder_sync(pg, "srctab", "host-a", folders, n, &err), &err);
}

static const char *folder_rows(void)
{
    return server_ask(server, "SELECT string_agg(concat_ws(':', host, path, codebase_id, source), "
                              "',' ORDER BY host, path) FROM srctab.watch_folders");
}

static void folders_of_file_and_command_line_follow_them(void **state)
{
    (void)state;
    const struct folder both[] = {folder("/a", "a", "file"), folder("/b", "b", "cli")};
    sync_folders(both, 2);
    assert_string_equal(folder_rows(), "host-a:/a:a:file,host-a:/b:b:cli");
    sync_folders(both + 1, 1);
    assert_string_equal(folder_rows(), "host-a:/b:b:cli");
}

static void folders_made_in_psql_and_those_of_other_hosts_stay(void **state)
{
    (void)state;
    run("INSERT INTO watch_folders (host, path, codebase_id, source) VALUES "
        "('host-a', '/a', 'mine', 'sql'), ('host-b', '/a', 'x', 'cli')");
    const struct folder one = folder("/a", "a", "file");
    sync_folders(&one, 1);
    assert_string_equal(folder_rows(), "host-a:/a:mine:sql,host-b:/a:x:cli");
}

static void an_equal_folder_is_not_written_again(void **state)
{
    (void)state;
    const struct folder one = folder("/a", "a", "file");
    sync_folders(&one, 1);
    sync_folders(&one, 1);
    assert_string_equal(server_ask(server, "SELECT config_rev FROM srctab.watch_folders"), "1");
}

/* Another daemon holds the lock that `take` takes: its folder stays as long as it lives. */
static void check_that_its_folder_stays(const char *take)
{
    const struct folder both[] = {folder("/a", "a", "cli"), folder("/b", "b", "cli")};
    sync_folders(both, 2);
    struct session *other = session_new(server, take);
    sync_folders(NULL, 0);
    assert_string_equal(folder_rows(), "host-a:/a:a:cli");
    session_free(other);
    assert_true(
        server_wait_for(server, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0"));
    sync_folders(NULL, 0);
    assert_string_equal(folder_rows(), "");
}

static void folders_of_another_daemon_that_owns_its_codebase_stay(void **state)
{
    (void)state;
    check_that_its_folder_stays(
        "SELECT pg_advisory_lock(('x' || encode(substr(sha256('srctab control srctab a'), 1, 8), "
        "'hex'))::bit(64)::bigint)");
}

static void folders_of_another_daemon_that_stands_by_stay(void **state)
{
    (void)state;
    check_that_its_folder_stays("SELECT pg_advisory_lock_shared(('x' || "
                                "encode(substr(sha256('srctab presence srctab a'), 1, 8), "
                                "'hex'))::bit(64)::bigint)");
}

static void folders_read_back_as_they_were_written(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct folder *rows;
    size_t n;
    const struct folder one = folder("/a", "a", "file");
    sync_folders(&one, 1);
    ok(folder_read(pg, "host-a", arena, &rows, &n, &err), &err);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].path, "/a");
    assert_string_equal(rows[0].patterns[1], "*.h");
    assert_null(rows[0].patterns[2]);
    assert_null(rows[0].ignore_patterns);
    assert_true(rows[0].recursive && rows[0].enabled);
    assert_int_equal(rows[0].debounce_ms, -1);
    assert_int_equal(rows[0].sinks, SINK_BIT(SINK_FILES));
    assert_string_equal(rows[0].branch, "main");
    arena_free(arena);
}

static void statistics_are_one_row_a_counter_and_unchanged_ones_are_not_written(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct counters counters = {0};
    counters.value[COUNTER_FILES_SYNCED] = 5;
    ok(statistics_write(pg, "app", "d1", &counters, &err), &err);
    counters.value[COUNTER_FILES_SYNCED] = UINT32_MAX * (uint64_t)9;
    ok(statistics_write(pg, "app", "d1", &counters, &err), &err);
    assert_string_equal(server_ask(server, "SELECT value FROM srctab.statistics WHERE counter = "
                                           "'files_synced'"),
        "38654705655");
    assert_string_equal(
        server_ask(server, "SELECT count(DISTINCT xmin::text) FROM srctab.statistics"), "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(requests_come_by_priority_and_then_by_age, empty),
        cmocka_unit_test_setup(a_limit_and_a_lowest_priority_leave_the_rest, empty),
        cmocka_unit_test_setup(selected_sinks_and_metadata_come_along, empty),
        cmocka_unit_test_setup(an_acknowledged_request_is_gone_and_others_stay, empty),
        cmocka_unit_test_setup(a_new_owner_finds_running_requests_pending_again, empty),
        cmocka_unit_test_setup(a_failed_request_waits_and_dies_after_its_last_attempt, empty),
        cmocka_unit_test_setup(a_failed_request_gives_way_to_a_newer_one, empty),
        cmocka_unit_test_setup(one_who_waits_learns_where_his_request_stands, empty),
        cmocka_unit_test_setup(two_waits_are_two_rows_but_two_updates_are_one, empty),
        cmocka_unit_test_setup(folders_of_file_and_command_line_follow_them, empty),
        cmocka_unit_test_setup(folders_made_in_psql_and_those_of_other_hosts_stay, empty),
        cmocka_unit_test_setup(an_equal_folder_is_not_written_again, empty),
        cmocka_unit_test_setup(folders_of_another_daemon_that_owns_its_codebase_stay, empty),
        cmocka_unit_test_setup(folders_of_another_daemon_that_stands_by_stay, empty),
        cmocka_unit_test_setup(folders_read_back_as_they_were_written, empty),
        cmocka_unit_test_setup(
            statistics_are_one_row_a_counter_and_unchanged_ones_are_not_written, empty),
    };
    struct error err = ERROR_INIT;
    server = server_new();
    make_schema(server);
    settings = (struct pg_settings){
        .conninfo = server->conninfo, .schema = "srctab", .synchronous_commit = true};
    if (!pg_open(&settings, &pg, &err))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pg_close(pg);
    server_free(server);
    return failed;
}
