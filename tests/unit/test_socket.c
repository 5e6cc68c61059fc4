#include "scratch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "app/socket.h"
#include "base/clock.h"

/* A server with two habits: "later" is answered when release() is called, everything else at once
 * by its echo. */
struct habit {
    struct scratch scratch;
    struct socket_server *server;
    socket_client waiting;
    int n_requests, n_gone;
};

static void on_request(void *user, socket_client client, const char *line)
{
    struct habit *habit = user;
    habit->n_requests++;
    if (strcmp(line, "later") == 0)
        habit->waiting = client;
    else
        socket_answer(habit->server, client, line, strlen(line));
}

static void on_gone(void *user, socket_client client UNUSED)
{
    struct habit *habit = user;
    habit->n_gone++;
}

static const struct socket_ops ops = {.request = on_request, .gone = on_gone};

static void open_server(struct habit *habit)
{
    struct error err = ERROR_INIT;
    *habit = (struct habit){.scratch = scratch_new()};
    assert_true(socket_server_new(habit->scratch.path, &ops, habit, &habit->server, &err));
}

static void close_server(struct habit *habit)
{
    socket_server_free(habit->server);
    scratch_remove(&habit->scratch);
}

static void add_root(struct habit *habit, const char *root)
{
    struct error err = ERROR_INIT;
    assert_true(socket_server_add(habit->server, root, &err));
}

/* Serve until the condition holds; 10 s at most. */
static bool serve_until(struct habit *habit, const int *count, int wanted)
{
    uint64_t deadline_ms = clock_monotonic_ms() + 10000;
    while (*count < wanted && clock_monotonic_ms() < deadline_ms) {
        struct pollfd fd = {.fd = socket_server_fd(habit->server), .events = POLLIN};
        (void)poll(&fd, 1, 100);
        socket_server_run(habit->server);
    }
    return *count >= wanted;
}

/* A child asks for path and exits with 0 if the answer is as expected. */
static pid_t ask_in_child(
    const struct habit *habit, const char *path, const char *request, const char *expected)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct error err = ERROR_INIT;
    AUTO_BUF answer = BUF_INIT;
    char *socket_path = NULL;
    bool ok = socket_find(habit->scratch.path, path, &socket_path, &err) &&
              socket_ask(socket_path, request, 5000, &answer, &err) &&
              strcmp(buf_string(&answer), expected) == 0;
    _exit(ok ? 0 : 1);
}

static void expect_exit(pid_t child, int expected)
{
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected);
}

static void a_client_finds_the_daemon_from_a_folder_below_the_root(void **state)
{
    (void)state;
    struct habit habit;
    open_server(&habit);
    add_root(&habit, "/srv/app");
    pid_t child =
        ask_in_child(&habit, "/srv/app/src/deep", "{\"cmd\":\"ping\"}", "{\"cmd\":\"ping\"}");
    assert_true(serve_until(&habit, &habit.n_requests, 1));
    expect_exit(child, 0);
    close_server(&habit);
}

static void a_folder_that_nobody_watches_has_no_socket(void **state)
{
    (void)state;
    struct habit habit;
    struct error err = ERROR_INIT;
    char *socket_path = NULL;
    open_server(&habit);
    add_root(&habit, "/srv/app");
    assert_false(socket_find(habit.scratch.path, "/srv/application", &socket_path, &err));
    assert_int_equal(err.kind, ERROR_NONE);
    close_server(&habit);
}

static void an_answer_may_come_later(void **state)
{
    (void)state;
    struct habit habit;
    open_server(&habit);
    add_root(&habit, "/r");
    pid_t child = ask_in_child(&habit, "/r", "later", "{\"done\":true}");
    assert_true(serve_until(&habit, &habit.n_requests, 1));
    socket_answer(habit.server, habit.waiting, "{\"done\":true}", 13);
    expect_exit(child, 0);
    assert_int_equal(habit.n_gone, 0);
    close_server(&habit);
}

static void a_client_that_dies_before_its_answer_is_reported(void **state)
{
    (void)state;
    struct habit habit;
    open_server(&habit);
    add_root(&habit, "/r");
    pid_t child = ask_in_child(&habit, "/r", "later", "");
    assert_true(serve_until(&habit, &habit.n_requests, 1));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(serve_until(&habit, &habit.n_gone, 1));
    socket_answer(habit.server, habit.waiting, "{}", 2);
    close_server(&habit);
}

static void the_socket_of_a_dead_process_is_taken_over_and_that_of_a_live_one_is_not(void **state)
{
    (void)state;
    struct habit habit, second;
    struct error err = ERROR_INIT;
    open_server(&habit);
    pid_t child = fork();
    if (child == 0) {
        add_root(&habit, "/r");
        _exit(0); /* leaves the name behind */
    }
    expect_exit(child, 0);
    add_root(&habit, "/r");
    add_root(&habit, "/r");
    assert_true(socket_server_new(habit.scratch.path, &ops, &second, &second.server, &err));
    assert_false(socket_server_add(second.server, "/r", &err));
    assert_int_equal(err.kind, ERROR_OWNED);
    socket_server_remove(habit.server, "/r");
    assert_true(socket_server_add(second.server, "/r", &err));
    socket_server_free(second.server);
    close_server(&habit);
}

static void a_socket_is_for_its_owner_only(void **state)
{
    (void)state;
    struct habit habit;
    struct stat st;
    struct error err = ERROR_INIT;
    open_server(&habit);
    add_root(&habit, "/r");
    /* printf /r | sha256sum */
    assert_int_equal(fstatat(habit.scratch.fd, "6588117f7b516232.sock", &st, 0), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(chmod(habit.scratch.path, 0777), 0);
    struct socket_server *refused = NULL;
    assert_false(socket_server_new(habit.scratch.path, &ops, &habit, &refused, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    close_server(&habit);
}

static void a_runtime_directory_may_be_longer_than_a_socket_address(void **state)
{
    (void)state;
    struct habit habit;
    struct error err = ERROR_INIT;
    char long_dir[256];
    open_server(&habit);
    snprintf(long_dir, sizeof(long_dir), "%s/%0*d", habit.scratch.path, 150, 0);
    socket_server_free(habit.server);
    assert_true(socket_server_new(long_dir, &ops, &habit, &habit.server, &err));
    add_root(&habit, "/r");
    pid_t child = fork();
    if (child == 0) {
        char *socket_path = NULL;
        AUTO_BUF answer = BUF_INIT;
        bool ok = socket_find(long_dir, "/r", &socket_path, &err) &&
                  socket_ask(socket_path, "x", 5000, &answer, &err);
        _exit(ok ? 0 : 1);
    }
    assert_true(serve_until(&habit, &habit.n_requests, 1));
    expect_exit(child, 0);
    close_server(&habit);
}

static void a_client_that_sends_without_end_is_dropped(void **state)
{
    (void)state;
    struct habit habit;
    open_server(&habit);
    add_root(&habit, "/r");
    pid_t child = fork();
    if (child == 0) {
        AUTO_FREE char *request = malloc(1 << 20);
        AUTO_BUF answer = BUF_INIT;
        struct error err = ERROR_INIT;
        char *socket_path = NULL;
        memset(request, 'x', (1 << 20) - 1);
        request[(1 << 20) - 1] = '\0';
        bool found = socket_find(habit.scratch.path, "/r", &socket_path, &err);
        _exit(found && !socket_ask(socket_path, request, 5000, &answer, &err) ? 0 : 1);
    }
    int status, done = 0;
    uint64_t deadline_ms = clock_monotonic_ms() + 10000;
    while (done == 0 && clock_monotonic_ms() < deadline_ms) {
        struct pollfd fd = {.fd = socket_server_fd(habit.server), .events = POLLIN};
        (void)poll(&fd, 1, 20);
        socket_server_run(habit.server);
        done = waitpid(child, &status, WNOHANG);
    }
    assert_int_equal(done, child);
    assert_int_equal(status, 0);
    assert_int_equal(habit.n_requests, 0);
    close_server(&habit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_finds_the_daemon_from_a_folder_below_the_root),
        cmocka_unit_test(a_folder_that_nobody_watches_has_no_socket),
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(a_client_that_dies_before_its_answer_is_reported),
        cmocka_unit_test(the_socket_of_a_dead_process_is_taken_over_and_that_of_a_live_one_is_not),
        cmocka_unit_test(a_socket_is_for_its_owner_only),
        cmocka_unit_test(a_runtime_directory_may_be_longer_than_a_socket_address),
        cmocka_unit_test(a_client_that_sends_without_end_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
