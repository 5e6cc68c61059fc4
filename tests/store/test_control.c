#include "../unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fd.h"
#include "jobs.h"
#include "store/control.h"
#include "store/lock_key.h"

#define DEADLINE_MS 20000

static struct server *server;

/* A daemon, as far as control is concerned: its events in the order they came. */
struct daemon {
    struct mailbox *mailbox;
    struct control *control;
    struct control_event *events[256];
    size_t n;
};

static void post(void *user, struct control_event *event)
{
    struct daemon *daemon = user;
    mailbox_post(daemon->mailbox, event);
}

static struct control_settings defaults(struct daemon *daemon, const char *name)
{
    return (struct control_settings){.conninfo = server->conninfo,
        .schema = "srctab",
        .daemon_id = name,
        .host = "host-a",
        .poll_ms = 3000,
        .standby_ms = 100,
        .fence_ms = 1000,
        .event = post,
        .user = daemon};
}

static void start_with(struct daemon *daemon, const struct control_settings *settings)
{
    struct error err = ERROR_INIT;
    if (!control_new(settings, &daemon->control, &err))
        fail_msg("%s", err.message);
}

static void start(struct daemon *daemon, const char *name)
{
    *daemon = (struct daemon){.mailbox = mailbox_new()};
    struct control_settings settings = defaults(daemon, name);
    start_with(daemon, &settings);
}

static void collect(struct daemon *daemon)
{
    void **items = NULL;
    size_t capacity = 0, n = mailbox_take(daemon->mailbox, &items, &capacity);
    for (size_t i = 0; i < n; i++) {
        assert_true(daemon->n < ARRAY_SIZE(daemon->events));
        daemon->events[daemon->n++] = items[i];
    }
    free(items);
}

static void forget(struct daemon *daemon)
{
    collect(daemon);
    while (daemon->n > 0)
        control_event_free(daemon->events[--daemon->n]);
}

static void end(struct daemon *daemon)
{
    control_free(daemon->control);
    forget(daemon);
    mailbox_free(daemon->mailbox);
}

static const char *last_error(const struct daemon *daemon)
{
    const char *message = "none";
    for (size_t i = 0; i < daemon->n; i++)
        if (daemon->events[i]->error.kind != ERROR_NONE)
            message = daemon->events[i]->error.message;
    return message;
}

/* Wait for the first event of a kind that `fits` (NULL: any); it stays the daemon's until the next
 * forget(). */
static const struct control_event *await_where(struct daemon *daemon, enum control_event_kind kind,
    bool (*fits)(const struct control_event *event))
{
    uint64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    for (size_t seen = 0;;) {
        for (; seen < daemon->n; seen++)
            if (daemon->events[seen]->kind == kind && (fits == NULL || fits(daemon->events[seen])))
                return daemon->events[seen];
        struct pollfd fd = {.fd = mailbox_fd(daemon->mailbox), .events = POLLIN};
        if (clock_monotonic_ms() > deadline_ms ||
            poll(&fd, 1, clock_poll_timeout_ms(clock_monotonic_ms(), deadline_ms)) < 0)
            fail_msg("event %d did not come; last error: %s", (int)kind, last_error(daemon));
        collect(daemon);
    }
}

static const struct control_event *await(struct daemon *daemon, enum control_event_kind kind)
{
    return await_where(daemon, kind, NULL);
}

static bool has(const struct daemon *daemon, enum control_event_kind kind)
{
    for (size_t i = 0; i < daemon->n; i++)
        if (daemon->events[i]->kind == kind)
            return true;
    return false;
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

/* Cut the session of one daemon. */
static void cut(const char *name)
{
    AUTO_BUF sql = BUF_INIT;
    buf_addf(&sql,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
        "'%s control'",
        name);
    server_run(server, buf_string(&sql));
}

static void a_codebase_has_one_owner_and_a_standby_takes_over(void **state)
{
    (void)state;
    struct daemon first, second;
    start(&first, "first");
    control_own(first.control, "app");
    await(&first, CONTROL_OWNED);
    start(&second, "second");
    control_own(second.control, "app");
    const struct control_event *standby = await(&second, CONTROL_STANDBY);
    assert_string_equal(standby->codebase_id, "app");
    assert_non_null(strstr(standby->holder, "first control, server process "));
    assert_false(has(&second, CONTROL_OWNED));
    uint64_t from_ms = clock_monotonic_ms();
    end(&first);
    await(&second, CONTROL_OWNED);
    assert_true(clock_monotonic_ms() - from_ms < 5000);
    end(&second);
}

static void a_lost_connection_is_a_lost_codebase_and_is_made_again(void **state)
{
    (void)state;
    struct daemon daemon;
    start(&daemon, "cut");
    control_own(daemon.control, "app");
    control_folders(daemon.control, NULL, 0);
    await(&daemon, CONTROL_OWNED);
    await(&daemon, CONTROL_FOLDERS);
    forget(&daemon);
    cut("cut");
    assert_string_equal(await(&daemon, CONTROL_LOST)->codebase_id, "app");
    assert_true(await(&daemon, CONTROL_DOWN)->error.kind == ERROR_DATABASE);
    await(&daemon, CONTROL_UP);
    await(&daemon, CONTROL_OWNED);
    await(&daemon, CONTROL_FOLDERS);
    end(&daemon);
}

static void an_owner_that_was_cut_off_does_not_get_it_back_from_the_next_one(void **state)
{
    (void)state;
    struct daemon first, second;
    start(&first, "first");
    control_own(first.control, "app");
    await(&first, CONTROL_OWNED);
    start(&second, "second");
    control_own(second.control, "app");
    await(&second, CONTROL_STANDBY);
    forget(&first);
    cut("first");
    await(&first, CONTROL_LOST);
    /* Whoever is quicker: exactly one of them owns it. */
    uint64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    while (!has(&first, CONTROL_OWNED) && !has(&second, CONTROL_OWNED) &&
           clock_monotonic_ms() < deadline_ms) {
        collect(&first);
        collect(&second);
        (void)poll(NULL, 0, 5);
    }
    assert_true(has(&first, CONTROL_OWNED) != has(&second, CONTROL_OWNED));
    assert_string_equal(
        server_ask(server, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "
                           "mode = 'ExclusiveLock'"),
        "1");
    end(&first);
    end(&second);
}

static void an_older_writer_is_waited_for_before_the_codebase_is_owned(void **state)
{
    (void)state;
    struct daemon daemon = {.mailbox = mailbox_new()};
    const char *const sinks[] = {server->conninfo, NULL};
    struct control_settings settings = defaults(&daemon, "fence");
    AUTO_BUF sql = BUF_INIT;
    settings.sink_conninfos = sinks;
    settings.fence_ms = 200;
    buf_addf(&sql, "SELECT pg_advisory_lock_shared(%lld)",
        (long long)lock_key(LOCK_PURPOSE_WRITE, "srctab", "app"));
    struct session *writer = session_new(server, buf_string(&sql));
    start_with(&daemon, &settings);
    control_own(daemon.control, "app");
    assert_non_null(strstr(await(&daemon, CONTROL_TROUBLE)->error.message, "older writer"));
    assert_false(has(&daemon, CONTROL_OWNED));
    session_free(writer);
    await(&daemon, CONTROL_OWNED);
    assert_true(server_wait_for(server,
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'",
        "1"));
    end(&daemon);
}

static void a_sink_database_that_is_away_does_not_hold_up_the_other(void **state)
{
    (void)state;
    struct daemon daemon = {.mailbox = mailbox_new()};
    const char *const sinks[] = {server->conninfo, "host=/tmp/srctab-no-such-dir", NULL};
    struct control_settings settings = defaults(&daemon, "away");
    settings.sink_conninfos = sinks;
    start_with(&daemon, &settings);
    control_own(daemon.control, "app");
    await(&daemon, CONTROL_OWNED);
    end(&daemon);
}

static void a_request_arrives_in_milliseconds_and_goes_when_it_is_done(void **state)
{
    (void)state;
    struct daemon daemon;
    start(&daemon, "queue");
    control_own(daemon.control, "app");
    await(&daemon, CONTROL_OWNED);
    forget(&daemon);
    uint64_t from_ms = clock_monotonic_ms();
    run("SELECT enqueue_file('app', 'src/a.c')");
    const struct control_event *event = await(&daemon, CONTROL_REQUESTS);
    assert_true(clock_monotonic_ms() - from_ms < 1000);
    assert_int_equal(event->n_requests, 1);
    assert_string_equal(event->requests[0].path, "src/a.c");
    control_ack(daemon.control, "app", event->requests[0].queue_id);
    assert_true(server_wait_for(server, "SELECT count(*) FROM srctab.ingestion_queue", "0"));
    end(&daemon);
}

static void a_failed_request_comes_again_and_ends_as_a_dead_letter(void **state)
{
    (void)state;
    struct daemon daemon = {.mailbox = mailbox_new()};
    struct control_settings settings = defaults(&daemon, "fail");
    settings.max_attempts = 2;
    start_with(&daemon, &settings);
    control_own(daemon.control, "app");
    run("SELECT enqueue_file('app', 'a')");
    const struct control_event *event = await(&daemon, CONTROL_REQUESTS);
    control_fail(daemon.control, "app", event->requests[0].queue_id, "bad \xff\x01 luck", "40001");
    forget(&daemon);
    event = await(&daemon, CONTROL_REQUESTS);
    assert_int_equal(event->requests[0].attempts, 1);
    control_fail(daemon.control, "app", event->requests[0].queue_id, "again", NULL);
    assert_true(server_wait_for(server,
        "SELECT concat_ws(',', path, reason) FROM (SELECT path, last_error AS reason FROM "
        "srctab.ingestion_queue WHERE status = 'dead') AS d",
        "a,again"));
    end(&daemon);
}

static void requests_that_ran_when_the_owner_died_are_given_to_the_next(void **state)
{
    (void)state;
    struct daemon first, second;
    start(&first, "first");
    control_own(first.control, "app");
    run("SELECT enqueue_file('app', 'a')");
    await(&first, CONTROL_REQUESTS);
    end(&first);
    start(&second, "second");
    control_own(second.control, "app");
    assert_string_equal(await(&second, CONTROL_REQUESTS)->requests[0].path, "a");
    end(&second);
}

static void a_flash_request_is_taken_although_a_thousand_others_are_under_way(void **state)
{
    (void)state;
    struct daemon daemon;
    run("SELECT enqueue_file('app', 'f' || i, 5) FROM generate_series(1, 1500) AS i");
    start(&daemon, "flash");
    control_own(daemon.control, "app");
    assert_int_equal(await(&daemon, CONTROL_REQUESTS)->n_requests, 1000);
    forget(&daemon);
    run("SELECT enqueue_file('app', 'save')");
    const struct control_event *event = await(&daemon, CONTROL_REQUESTS);
    assert_int_equal(event->n_requests, 1);
    assert_string_equal(event->requests[0].path, "save");
    end(&daemon);
}

static bool has_two(const struct control_event *event)
{
    return event->n_folders == 2;
}

static void folders_are_stored_and_changes_made_in_psql_arrive(void **state)
{
    (void)state;
    struct daemon daemon;
    const struct folder one = {.path = "/srv/app",
        .codebase_id = "app",
        .recursive = true,
        .debounce_ms = -1,
        .enabled = true,
        .source = "cli"};
    start(&daemon, "folders");
    control_folders(daemon.control, &one, 1);
    await(&daemon, CONTROL_FOLDERS);
    assert_true(server_wait_for(server, "SELECT path FROM srctab.watch_folders", "/srv/app"));
    uint64_t from_ms = clock_monotonic_ms();
    run("INSERT INTO watch_folders (host, path, codebase_id) VALUES ('host-a', '/srv/lib', 'lib')");
    const struct control_event *event = await_where(&daemon, CONTROL_FOLDERS, has_two);
    assert_true(clock_monotonic_ms() - from_ms < 1000);
    assert_string_equal(event->folders[1].path, "/srv/lib");
    assert_string_equal(event->folders[1].source, "sql");
    end(&daemon);
}

static void what_was_done_during_an_outage_is_written_after_it(void **state)
{
    (void)state;
    struct daemon daemon;
    start(&daemon, "outage");
    control_own(daemon.control, "app");
    run("SELECT enqueue_file('app', 'a')");
    const struct control_event *event = await(&daemon, CONTROL_REQUESTS);
    server_stop(server);
    await(&daemon, CONTROL_DOWN);
    control_ack(daemon.control, "app", event->requests[0].queue_id);
    forget(&daemon);
    server_start(server);
    await(&daemon, CONTROL_OWNED);
    assert_true(server_wait_for(server, "SELECT count(*) FROM srctab.ingestion_queue", "0"));
    assert_false(has(&daemon, CONTROL_REQUESTS));
    end(&daemon);
}

static void a_statement_that_is_refused_is_said_once_and_heals(void **state)
{
    (void)state;
    struct daemon daemon;
    start(&daemon, "trouble");
    run("ALTER TABLE ingestion_queue RENAME TO away");
    control_own(daemon.control, "app");
    assert_string_equal(await(&daemon, CONTROL_TROUBLE)->error.sqlstate, "42P01");
    run("ALTER TABLE away RENAME TO ingestion_queue");
    await(&daemon, CONTROL_OWNED);
    end(&daemon);
}

static void statistics_of_owned_codebases_reach_the_table(void **state)
{
    (void)state;
    struct daemon daemon;
    struct counters counters = {0};
    counters.value[COUNTER_EVENTS_RECEIVED] = 17;
    start(&daemon, "numbers");
    control_own(daemon.control, "app");
    await(&daemon, CONTROL_OWNED);
    control_statistics(daemon.control, "app", &counters);
    assert_true(server_wait_for(server,
        "SELECT value || daemon_id FROM srctab.statistics WHERE counter = 'events_received'",
        "17numbers"));
    end(&daemon);
}

static void a_codebase_given_up_is_free_for_others(void **state)
{
    (void)state;
    struct daemon first, second;
    start(&first, "first");
    start(&second, "second");
    control_own(first.control, "app");
    await(&first, CONTROL_OWNED);
    control_own(second.control, "app");
    await(&second, CONTROL_STANDBY);
    control_disown(first.control, "app");
    await(&second, CONTROL_OWNED);
    end(&first);
    end(&second);
}

static void a_frozen_server_does_not_hold_up_the_end(void **state)
{
    (void)state;
    struct daemon daemon;
    start(&daemon, "frozen");
    control_own(daemon.control, "app");
    await(&daemon, CONTROL_OWNED);
    server_freeze(server);
    struct counters counters = {0};
    counters.value[COUNTER_FILES] = 1;
    control_statistics(daemon.control, "app", &counters);
    uint64_t from_ms = clock_monotonic_ms();
    control_free(daemon.control);
    assert_true(clock_monotonic_ms() - from_ms < 6000);
    server_thaw(server);
    forget(&daemon);
    mailbox_free(daemon.mailbox);
}

/* ---- behind a pooler ---- */

/* pgbouncer in front of the server, its socket beside the server's; 0 where it is not installed. */
static pid_t pooler_start(const char *mode, char ret_conninfo[160])
{
    char path[128], text[512];
    const struct passwd *user = getpwnam("postgres");
    if (access("/usr/sbin/pgbouncer", X_OK) != 0 || (geteuid() == 0 && user == NULL))
        return 0;
    snprintf(path, sizeof(path), "%s/%s.ini", server->dir, mode);
    snprintf(text, sizeof(text),
        "[databases]\n* = host=%s user=postgres\n[pgbouncer]\nlisten_port = 6432\nunix_socket_dir "
        "= %s\n"
        "auth_type = any\npool_mode = %s\n"
        "ignore_startup_parameters = extra_float_digits\n",
        server->dir, server->dir, mode);
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0 && fd_write_all(fd, text, strlen(text)));
    snprintf(ret_conninfo, 160, "host=%s port=6432 dbname=postgres user=postgres", server->dir);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (geteuid() == 0 && setuid(user->pw_uid) != 0)
        _exit(1);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* after setuid(), which clears it */
    execl("/usr/sbin/pgbouncer", "pgbouncer", "-q", path, (char *)NULL);
    _exit(1);
}

static void pooler_stop(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void behind(const char *mode, enum control_event_kind expected)
{
    char conninfo[160];
    struct daemon daemon = {.mailbox = mailbox_new()};
    pid_t pooler = pooler_start(mode, conninfo);
    if (pooler == 0)
        skip();
    struct control_settings settings = defaults(&daemon, mode);
    settings.conninfo = conninfo;
    start_with(&daemon, &settings);
    control_own(daemon.control, "app");
    const struct control_event *event = await(&daemon, expected);
    if (expected == CONTROL_REFUSED)
        assert_non_null(strstr(event->error.message, "pooler in transaction mode"));
    end(&daemon);
    pooler_stop(pooler);
}

static void transaction_pooling_is_refused_with_the_reason(void **state)
{
    (void)state;
    behind("transaction", CONTROL_REFUSED);
}

static void session_pooling_is_fine(void **state)
{
    (void)state;
    behind("session", CONTROL_OWNED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_codebase_has_one_owner_and_a_standby_takes_over, empty),
        cmocka_unit_test_setup(a_lost_connection_is_a_lost_codebase_and_is_made_again, empty),
        cmocka_unit_test_setup(
            an_owner_that_was_cut_off_does_not_get_it_back_from_the_next_one, empty),
        cmocka_unit_test_setup(an_older_writer_is_waited_for_before_the_codebase_is_owned, empty),
        cmocka_unit_test_setup(a_sink_database_that_is_away_does_not_hold_up_the_other, empty),
        cmocka_unit_test_setup(a_request_arrives_in_milliseconds_and_goes_when_it_is_done, empty),
        cmocka_unit_test_setup(a_failed_request_comes_again_and_ends_as_a_dead_letter, empty),
        cmocka_unit_test_setup(requests_that_ran_when_the_owner_died_are_given_to_the_next, empty),
        cmocka_unit_test_setup(
            a_flash_request_is_taken_although_a_thousand_others_are_under_way, empty),
        cmocka_unit_test_setup(folders_are_stored_and_changes_made_in_psql_arrive, empty),
        cmocka_unit_test_setup(what_was_done_during_an_outage_is_written_after_it, empty),
        cmocka_unit_test_setup(a_statement_that_is_refused_is_said_once_and_heals, empty),
        cmocka_unit_test_setup(statistics_of_owned_codebases_reach_the_table, empty),
        cmocka_unit_test_setup(a_codebase_given_up_is_free_for_others, empty),
        cmocka_unit_test_setup(a_frozen_server_does_not_hold_up_the_end, empty),
        cmocka_unit_test_setup(transaction_pooling_is_refused_with_the_reason, empty),
        cmocka_unit_test_setup(session_pooling_is_fine, empty),
    };
    server = server_new();
    make_schema(server);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    server_free(server);
    return failed;
}
