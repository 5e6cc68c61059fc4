#include "../unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "jobs.h"
#include "store/notify.h"
#include "store/pg.h"
#include "store/pg_listen.h"
#include "store/queue.h"

#define DEADLINE_MS 20000

static struct server *server;
static struct pg *pg; /* listens to srctab_changes */

struct ear {
    struct buf text;
    int n;
};

static void hear(void *user, const char *channel, const char *payload)
{
    struct ear *ear = user;
    assert_string_equal(channel, "srctab_changes");
    buf_addf(&ear->text, "%s\n", payload);
    ear->n++;
}

static void listen_until(struct ear *ear, const char *wanted)
{
    struct error err = ERROR_INIT;
    uint64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    while (strstr(buf_string(&ear->text), wanted) == NULL) {
        struct pollfd fd = {.fd = pg_socket(pg), .events = POLLIN};
        if (clock_monotonic_ms() > deadline_ms)
            fail_msg("%s did not come", wanted);
        (void)poll(&fd, 1, 100);
        assert_true(pg_notifications(pg, hear, ear, &err));
    }
}

static void finish_job(struct notify *notify, const char *path, enum half_status status)
{
    struct job *job = job_new(path, OPERATION_UPDATE, "x", SINK_ALL);
    job->half[SINK_FILES].status = status;
    job->half[SINK_METADATA].status = HALF_FAILED;
    notify_job(notify, job);
    job_free(job);
}

static void listeners_hear_what_was_committed_and_nothing_else(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct notify *notify = NULL;
    struct ear ear = {0};
    const struct notify_settings settings = {.conninfo = server->conninfo, .schema = "srctab"};
    assert_true(notify_new(&settings, &notify, &err));
    finish_job(notify, "failed.c", HALF_FAILED);
    for (int i = 0; i < 2000; i++)
        finish_job(notify, "often.c", HALF_OK);
    finish_job(notify, "last.c", HALF_OK);
    listen_until(&ear, "last.c");
    assert_null(strstr(ear.text.data, "failed.c"));
    assert_non_null(strstr(ear.text.data, "\"changed\":[\"often.c\""));
    assert_in_range(ear.n, 1, 40);
    notify_free(notify);
    buf_release(&ear.text);
}

static void the_example_client_prints_a_change(void **state)
{
    (void)state;
    const char *program = getenv("CHANGES_EXAMPLE");
    if (program == NULL)
        skip();
    struct error err = ERROR_INIT;
    struct notify *notify = NULL;
    const struct notify_settings settings = {.conninfo = server->conninfo, .schema = "srctab"};
    int status = -1;
    pid_t client = fork();
    if (client == 0) {
        AUTO_CLOSE int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(null_fd, 1);
        execl(program, program, server->conninfo, "seen.c", (char *)NULL);
        _exit(127);
    }
    assert_true(server_wait_for(server,
        "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN srctab_changes' AND "
        "application_name = ''",
        "1"));
    assert_true(notify_new(&settings, &notify, &err));
    finish_job(notify, "seen.c", HALF_OK);
    notify_free(notify);
    assert_int_equal(waitpid(client, &status, 0), client);
    assert_int_equal(status, 0);
}

static void one_who_waits_without_a_socket_hears_of_his_request(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct ear ear = {0};
    struct request *requests;
    size_t n;
    char done[37], given_up[37];
    assert_true(queue_enqueue(pg, "app", "", REQUEST_WAIT, 10, 0, done, &err));
    assert_true(queue_enqueue(pg, "app", "", REQUEST_WAIT, 10, 0, given_up, &err));
    assert_true(queue_take(pg, "app", 9, 0, arena, &requests, &n, &err));
    assert_int_equal(n, 2);
    assert_true(queue_ack(pg, "app", (const char *const[]){done}, 1, &err));
    listen_until(&ear, done);
    assert_true(queue_dead(pg, "app", given_up, "2 files failed", NULL, &err));
    listen_until(&ear, given_up);
    buf_release(&ear.text);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listeners_hear_what_was_committed_and_nothing_else),
        cmocka_unit_test(the_example_client_prints_a_change),
        cmocka_unit_test(one_who_waits_without_a_socket_hears_of_his_request),
    };
    struct error err = ERROR_INIT;
    server = server_new();
    make_schema(server);
    const struct pg_settings settings = {.conninfo = server->conninfo, .schema = "srctab"};
    if (!pg_open(&settings, &pg, &err) || !pg_script(pg, "LISTEN srctab_changes", &err))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pg_close(pg);
    server_free(server);
    return failed;
}
