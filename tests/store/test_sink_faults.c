#include "../unit/unit.h"

#include "base/clock.h"
#include "jobs.h"
#include "store/lock_key.h"

static struct server *server;

static struct sink_settings quick(enum sink_id id)
{
    return (struct sink_settings){.id = id,
        .depth = 1024,
        .lock_timeout_ms = 300,
        .statement_timeout_ms = 1000,
        .retry_delays_ms = {20, 40, 80},
        .max_retries = 3,
        .probe_min_ms = 50,
        .probe_max_ms = 200};
}

static struct job *numbered(size_t i, unsigned sinks)
{
    char path[64];
    snprintf(path, sizeof(path), "n/%04zu.py", i);
    return job_new(path, OPERATION_INGEST, "x", sinks);
}

static enum half_status status_of(const struct job *job, enum sink_id id)
{
    return job->half[id].status;
}

static void clear_tables(void)
{
    server_run(server, "TRUNCATE code_files, codebase_metadata");
}

/* What main does at SINK_EVENT_COMPARE: commits of the last moments may be gone with the server, so
 * write again what is missing. */
static void compare_and_repair(struct bench *bench)
{
    char missing[4096];
    snprintf(missing, sizeof(missing), "%s",
        server_ask(bench->server,
            "SELECT string_agg(n::text, ' ') FROM generate_series(0, 399) AS n WHERE NOT EXISTS"
            " (SELECT FROM code_files WHERE path = 'n/' || lpad(n::text, 4, '0') || '.py')"));
    sink_resume(bench->sink);
    for (char *at = missing, *end; *at != '\0'; at = end) {
        struct job *job = numbered(strtoul(at, &end, 10), SINK_BIT(SINK_FILES));
        bench_write(bench, job);
        assert_int_equal(status_of(job, SINK_FILES), HALF_OK);
        job_free(job);
    }
}

/* Write 400 files while something happens to the server in the middle. */
static void write_through(struct bench *bench, void (*fault)(void))
{
    static struct job *jobs[400], *back[400];
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        jobs[i] = numbered(i, SINK_BIT(SINK_FILES));
        sink_submit(bench->sink, jobs[i], STAGE_NORMAL);
        if (i == 200)
            fault();
    }
    bench_take(bench, back, ARRAY_SIZE(back));
    for (size_t i = 0; i < ARRAY_SIZE(back); i++) {
        assert_true(
            status_of(back[i], SINK_FILES) == HALF_OK || back[i]->half[SINK_FILES].retry_helps);
        job_free(back[i]);
    }
    assert_true(bench_event(bench, SINK_EVENT_LOST, 1));
    assert_true(bench_event(bench, SINK_EVENT_COMPARE, 1));
    compare_and_repair(bench);
    assert_true(server_wait_for(server, "SELECT count(*) FROM code_files", "400"));
}

static void terminate_sinks(void)
{
    server_run(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                       "application_name LIKE 'srctab %'");
}

static void a_connection_cut_in_the_middle_loses_nothing(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    struct job *first = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, first);
    job_free(first);
    write_through(&bench, terminate_sinks);
    bench_close(&bench);
}

static void crash_and_start(void)
{
    server_crash(server);
    server_start(server);
}

static void a_killed_server_loses_nothing(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    struct job *first = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, first);
    job_free(first);
    write_through(&bench, crash_and_start);
    bench_close(&bench);
}

static void the_breaker_stays_open_until_the_table_was_compared(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    struct job *job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    job_free(job);
    terminate_sinks();
    assert_true(bench_event(&bench, SINK_EVENT_LOST, 1)); /* noticed although nothing is written */
    assert_true(bench_event(&bench, SINK_EVENT_COMPARE, 1));
    job = numbered(1, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_BREAKER_OPEN);
    job_free(job);
    sink_resume(bench.sink);
    job = numbered(1, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_OK);
    job_free(job);
    bench_close(&bench);
}

static void a_server_away_at_start_is_waited_for(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    server_stop(server);
    bench_open(&bench, server, quick(SINK_FILES));
    struct job *job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_true(status_of(job, SINK_FILES) == HALF_FAILED);
    assert_string_equal(job->half[SINK_FILES].sqlstate, "08001");
    assert_true(job->half[SINK_FILES].retry_helps);
    job_free(job);
    assert_true(bench_event(&bench, SINK_EVENT_OPENED, 1));
    server_start(server);
    assert_true(bench_event(&bench, SINK_EVENT_CLOSED, 1));
    job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_OK);
    job_free(job);
    bench_close(&bench);
}

static void a_frozen_server_is_given_up_and_found_again(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    struct sink_settings settings = quick(SINK_FILES);
    settings.max_retries = 0;
    bench_open(&bench, server, settings);
    struct job *job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    job_free(job);
    server_freeze(server);
    job = numbered(1, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_FAILED);
    assert_string_equal(job->half[SINK_FILES].sqlstate, "08006");
    job_free(job);
    server_thaw(server);
    assert_true(bench_event(&bench, SINK_EVENT_COMPARE, 1));
    sink_resume(bench.sink);
    job = numbered(1, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_OK);
    job_free(job);
    bench_close(&bench);
}

static void the_end_does_not_wait_for_a_frozen_server(void **state)
{
    (void)state;
    struct bench bench;
    struct sink_settings settings = quick(SINK_FILES);
    settings.statement_timeout_ms = 60000;
    bench_open(&bench, server, settings);
    struct job *job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    job_free(job);
    server_freeze(server);
    struct job *stuck = numbered(1, SINK_BIT(SINK_FILES)), *back;
    sink_submit(bench.sink, stuck, STAGE_NORMAL);
    uint64_t start_ms = clock_monotonic_ms();
    sink_hurry(bench.sink, start_ms + 300);
    sink_free(bench.sink);
    assert_true(clock_monotonic_ms() - start_ms < 4000);
    server_thaw(server);
    bench_take(&bench, &back, 1);
    assert_int_equal(status_of(stuck, SINK_FILES), HALF_FAILED);
    job_free(stuck);
    mailbox_free(bench.finished);
}

static void a_locked_table_does_not_slow_the_other_sink(void **state)
{
    (void)state;
    struct bench files, metadata;
    struct job *jobs[300], *back[300];
    clear_tables();
    bench_open(&files, server, quick(SINK_FILES));
    bench_open(&metadata, server, quick(SINK_METADATA));
    struct session *lock = session_new(server, "BEGIN; LOCK TABLE code_files");
    struct job *blocked = numbered(0, SINK_BIT(SINK_FILES));
    sink_submit(files.sink, blocked, STAGE_NORMAL);
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        jobs[i] = numbered(i, SINK_BIT(SINK_METADATA));
        sink_submit(metadata.sink, jobs[i], STAGE_NORMAL);
    }
    bench_take(&metadata, back, ARRAY_SIZE(back));
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        assert_int_equal(status_of(jobs[i], SINK_METADATA), HALF_OK);
        job_free(jobs[i]);
    }
    bench_take(&files, back, 1);
    assert_int_equal(status_of(blocked, SINK_FILES), HALF_FAILED);
    assert_string_equal(blocked->half[SINK_FILES].sqlstate, "55P03");
    assert_int_equal(blocked->half[SINK_FILES].attempts, 4);
    assert_true(blocked->half[SINK_FILES].retry_helps);
    session_free(lock);
    job_free(blocked);
    bench_close(&files);
    bench_close(&metadata);
}

static void a_lock_that_goes_away_costs_a_retry_only(void **state)
{
    (void)state;
    struct bench bench;
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    struct session *lock = session_new(server, "BEGIN; LOCK TABLE code_files");
    struct job *job = numbered(0, SINK_BIT(SINK_FILES)), *back;
    sink_submit(bench.sink, job, STAGE_NORMAL);
    assert_true(server_wait_for(server, "SELECT count(*) FROM pg_locks WHERE NOT granted", "1"));
    session_free(lock);
    bench_take(&bench, &back, 1);
    assert_int_equal(status_of(job, SINK_FILES), HALF_OK);
    job_free(job);
    bench_close(&bench);
}

static void one_locked_row_does_not_hold_up_its_group(void **state)
{
    (void)state;
    struct bench bench;
    struct job *jobs[50], *back[50];
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    struct job *first = numbered(7, SINK_BIT(SINK_FILES));
    bench_write(&bench, first);
    job_free(first);
    struct session *lock = session_new(server, "BEGIN; SELECT FROM code_files FOR UPDATE");
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        jobs[i] = numbered(i, SINK_BIT(SINK_FILES));
        sink_submit(bench.sink, jobs[i], STAGE_NORMAL);
    }
    bench_take(&bench, back, ARRAY_SIZE(back));
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        assert_int_equal(status_of(jobs[i], SINK_FILES), i == 7 ? HALF_FAILED : HALF_OK);
        job_free(jobs[i]);
    }
    session_free(lock);
    bench_close(&bench);
}

static void a_queue_that_stays_full_puts_off_at_once(void **state)
{
    (void)state;
    struct bench bench;
    struct job *jobs[150], *back[150];
    size_t deferred = 0;
    clear_tables();
    struct sink_settings settings = quick(SINK_FILES);
    settings.depth = 10;
    settings.push_wait_ms = 1;
    bench_open(&bench, server, settings);
    struct session *lock = session_new(server, "BEGIN; LOCK TABLE code_files");
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        jobs[i] = numbered(i, SINK_BIT(SINK_FILES));
        sink_submit(bench.sink, jobs[i], STAGE_NORMAL);
    }
    session_free(lock);
    bench_take(&bench, back, ARRAY_SIZE(back));
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        deferred += status_of(jobs[i], SINK_FILES) == HALF_BREAKER_OPEN;
        assert_int_not_equal(status_of(jobs[i], SINK_FILES), HALF_NONE);
        job_free(jobs[i]);
    }
    assert_true(deferred > 0);
    bench_close(&bench);
}

static void a_new_owner_keeps_old_writers_out(void **state)
{
    (void)state;
    struct bench bench;
    char sql[128];
    clear_tables();
    bench_open(&bench, server, quick(SINK_FILES));
    snprintf(sql, sizeof(sql), "SELECT pg_advisory_lock(%lld)",
        (long long)lock_key(LOCK_PURPOSE_WRITE, "srctab", "c"));
    struct session *owner = session_new(server, sql);
    struct job *job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_FAILED);
    assert_string_equal(job->half[SINK_FILES].sqlstate, "55P03");
    job_free(job);
    session_free(owner);
    job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_OK);
    job_free(job);
    snprintf(sql, sizeof(sql), "SELECT pg_try_advisory_lock(%lld)",
        (long long)lock_key(LOCK_PURPOSE_WRITE, "srctab", "c"));
    assert_string_equal(server_ask(server, sql), "f");
    sink_pause(bench.sink);
    assert_true(server_wait_for(server, sql, "t"));
    job = numbered(1, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_BREAKER_OPEN);
    job_free(job);
    sink_resume(bench.sink);
    job = numbered(1, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_OK);
    job_free(job);
    bench_close(&bench);
}

static void several_writers_share_the_work(void **state)
{
    (void)state;
    struct bench bench;
    static struct job *jobs[900], *back[900];
    clear_tables();
    struct sink_settings settings = quick(SINK_FILES);
    settings.writers = 3;
    settings.push_wait_ms = 20000;
    bench_open(&bench, server, settings);
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        jobs[i] = numbered(i, SINK_BIT(SINK_FILES));
        sink_submit(bench.sink, jobs[i], STAGE_BULK);
    }
    bench_take(&bench, back, ARRAY_SIZE(back));
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
        assert_int_equal(status_of(jobs[i], SINK_FILES), HALF_OK);
        job_free(jobs[i]);
    }
    bench_close(&bench);
    assert_string_equal(server_ask(server, "SELECT count(*) FROM code_files"), "900");
}

static void a_server_without_free_connections_is_waited_for(void **state)
{
    (void)state;
    struct bench bench;
    struct server as_app = *server;
    char *user = strstr(as_app.conninfo, "user=");
    snprintf(user, sizeof("user=app"), "user=app");
    clear_tables();
    server_run(server, "CREATE ROLE app LOGIN CONNECTION LIMIT 0");
    server_run(server, "GRANT USAGE ON SCHEMA srctab TO app");
    server_run(server, "GRANT srctab_writer TO app");
    bench_open(&bench, &as_app, quick(SINK_FILES));
    struct job *job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_FAILED);
    assert_non_null(strstr(job->half[SINK_FILES].error, "too many connections"));
    assert_true(job->half[SINK_FILES].retry_helps);
    job_free(job);
    server_run(server, "ALTER ROLE app CONNECTION LIMIT -1");
    assert_true(bench_event(&bench, SINK_EVENT_CLOSED, 1));
    job = numbered(0, SINK_BIT(SINK_FILES));
    bench_write(&bench, job);
    assert_int_equal(status_of(job, SINK_FILES), HALF_OK);
    job_free(job);
    bench_close(&bench);
}

/* 1 MB that lz4 cannot make smaller. */
static char *noise(void)
{
    static char text[1000001];
    uint64_t random = 88172645463325252u; /* xorshift64 */
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        text[i] = (char)('!' + random % 90);
    }
    return text;
}

/* A tablespace of 8 MB for code_files. False: this machine does not let us mount. */
static bool make_small_disk(const char *dir)
{
    char command[700];
    snprintf(command, sizeof(command),
        "mkdir -p '%s' && mount -t tmpfs -o size=8m tmpfs '%s' 2>/dev/null && chown "
        "--reference='%s' '%s'",
        dir, dir, server->dir, dir);
    if (system(command) != 0)
        return false;
    snprintf(command, sizeof(command), "CREATE TABLESPACE small LOCATION '%s'", dir);
    server_run(server, command);
    server_run(server, "ALTER TABLE code_files SET TABLESPACE small");
    return true;
}

static void drop_small_disk(const char *dir)
{
    char command[300];
    server_run(server, "TRUNCATE code_files");
    server_run(server, "ALTER TABLE code_files SET TABLESPACE pg_default");
    server_run(server, "CHECKPOINT"); /* so that the files of the old tablespace are gone */
    server_run(server, "DROP TABLESPACE small");
    snprintf(command, sizeof(command), "umount '%s'", dir);
    assert_int_equal(system(command), 0);
}

static void a_full_disk_of_one_table_leaves_the_other_alone(void **state)
{
    (void)state;
    struct bench files, metadata;
    char dir[128], command[300];
    clear_tables();
    snprintf(dir, sizeof(dir), "%s/small", server->dir);
    if (!make_small_disk(dir))
        skip();
    bench_open(&files, server, quick(SINK_FILES));
    bench_open(&metadata, server, quick(SINK_METADATA));
    for (size_t i = 0; atomic_load(&files.events[SINK_EVENT_OPENED]) == 0; i++) {
        char path[32];
        snprintf(path, sizeof(path), "big/%zu", i);
        struct job *job = job_new(path, OPERATION_INGEST, noise(), SINK_BIT(SINK_FILES));
        bench_write(&files, job);
        if (status_of(job, SINK_FILES) == HALF_FAILED)
            assert_string_equal(job->half[SINK_FILES].sqlstate, "53100");
        job_free(job);
        job = numbered(i, SINK_BIT(SINK_METADATA));
        bench_write(&metadata, job);
        assert_int_equal(status_of(job, SINK_METADATA), HALF_OK);
        job_free(job);
    }
    snprintf(command, sizeof(command), "mount -o remount,size=64m '%s'", dir);
    assert_int_equal(system(command), 0);
    assert_true(bench_event(&files, SINK_EVENT_CLOSED, 1));
    struct job *job = job_new("last", OPERATION_INGEST, noise(), SINK_BIT(SINK_FILES));
    for (bool written = false;
         !written;) { /* a probe is small: the breaker may close a little early */
        bench_write(&files, job);
        written = status_of(job, SINK_FILES) == HALF_OK;
        job_free(job);
        if (!written)
            job = job_new("last", OPERATION_INGEST, noise(), SINK_BIT(SINK_FILES));
    }
    bench_close(&files);
    bench_close(&metadata);
    drop_small_disk(dir);
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
        cmocka_unit_test(a_connection_cut_in_the_middle_loses_nothing),
        cmocka_unit_test(a_killed_server_loses_nothing),
        cmocka_unit_test(the_breaker_stays_open_until_the_table_was_compared),
        cmocka_unit_test(a_server_away_at_start_is_waited_for),
        cmocka_unit_test(a_frozen_server_is_given_up_and_found_again),
        cmocka_unit_test(the_end_does_not_wait_for_a_frozen_server),
        cmocka_unit_test(a_locked_table_does_not_slow_the_other_sink),
        cmocka_unit_test(a_lock_that_goes_away_costs_a_retry_only),
        cmocka_unit_test(one_locked_row_does_not_hold_up_its_group),
        cmocka_unit_test(a_queue_that_stays_full_puts_off_at_once),
        cmocka_unit_test(a_new_owner_keeps_old_writers_out),
        cmocka_unit_test(several_writers_share_the_work),
        cmocka_unit_test(a_server_without_free_connections_is_waited_for),
        cmocka_unit_test(a_full_disk_of_one_table_leaves_the_other_alone),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
