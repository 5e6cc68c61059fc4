#include "../unit/scratch.h"

#include <glob.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "store/cluster.h"
#include "store/pg.h"

#define DEADLINE_MS 20000

/* A place of its own for a case; the server's user must be able to pass through. */
struct home {
    char dir[64], state[80], sockets[80];
    struct cluster_settings settings;
};

static void home_init(struct home *home)
{
    *home = (struct home){.dir = "/tmp/srctab-cluster-XXXXXX"};
    assert_non_null(mkdtemp(home->dir));
    assert_int_equal(chmod(home->dir, 0755), 0);
    snprintf(home->state, sizeof(home->state), "%s/state", home->dir);
    snprintf(home->sockets, sizeof(home->sockets), "%s/run", home->dir);
    home->settings = (struct cluster_settings){
        .dir = home->state, .socket_dir = home->sockets, .shared_buffers_mb = 16};
}

static void home_remove(struct home *home)
{
    bool stopped;
    struct error err = ERROR_INIT;
    assert_true(cluster_stop(&home->settings, &stopped, &err));
    assert_int_equal(nftw(home->dir, scratch_unlink, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static struct cluster *use(const struct home *home)
{
    struct error err = ERROR_INIT;
    struct cluster *cluster = NULL;
    if (!cluster_use(&home->settings, &cluster, &err))
        fail_msg("%s", err.message);
    return cluster;
}

static struct cluster_status look(const struct home *home)
{
    struct error err = ERROR_INIT;
    struct cluster_status status;
    if (!cluster_status(&home->settings, &status, &err))
        fail_msg("%s", err.message);
    return status;
}

static bool can_connect(const char *conninfo)
{
    struct error err = ERROR_INIT;
    struct pg *pg = NULL;
    const struct pg_settings settings = {.conninfo = conninfo, .schema = "srctab"};
    bool ok = pg_open(&settings, &pg, &err);
    pg_close(pg);
    return ok;
}

/* A child that uses the cluster; what it does afterwards is told through its pipe: 's' stops using
 * it, 'k' is killed first. */
struct user {
    pid_t pid;
    int to, from;
};

static void run_user(const struct home *home, int to, int from)
{
    struct error err = ERROR_INIT;
    struct cluster *cluster = NULL;
    char letter = 'n';
    if (cluster_use(&home->settings, &cluster, &err) && can_connect(cluster_conninfo(cluster)))
        letter = cluster_was_started(cluster) ? 's' : 'u';
    if (write(from, &letter, 1) == 1 && read(to, &letter, 1) == 1)
        cluster_release(cluster);
    _exit(0);
}

static struct user user_start(const struct home *home)
{
    int to[2], from[2];
    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    struct user user = {.pid = fork(), .to = to[1], .from = from[0]};
    if (user.pid == 0) {
        close(to[1]);
        close(from[0]);
        run_user(home, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    return user;
}

/* 's': it started the server, 'u': it found it running. */
static char user_ready(const struct user *user)
{
    char letter = 'x';
    assert_int_equal(read(user->from, &letter, 1), 1);
    return letter;
}

static void user_end(struct user *user, bool kill_it)
{
    if (kill_it)
        kill(user->pid, SIGKILL);
    else
        assert_int_equal(write(user->to, "e", 1), 1);
    assert_int_equal(waitpid(user->pid, NULL, 0), user->pid);
    close(user->to);
    close(user->from);
}

static void the_first_user_makes_it_and_the_last_one_stops_it(void **state)
{
    (void)state;
    struct home home;
    home_init(&home);
    assert_int_equal(look(&home).state, CLUSTER_ABSENT);
    struct cluster *first = use(&home), *second = use(&home);
    assert_true(cluster_was_made(first));
    assert_true(cluster_was_started(first));
    assert_false(cluster_was_started(second));
    assert_true(can_connect(cluster_conninfo(first)));
    assert_int_equal(look(&home).state, CLUSTER_RUNNING);
    assert_true(look(&home).in_use);
    cluster_release(first);
    assert_true(can_connect(cluster_conninfo(second)));
    cluster_release(second);
    assert_int_equal(look(&home).state, CLUSTER_STOPPED);
    assert_false(look(&home).in_use);
    home_remove(&home);
}

static void six_at_once_share_one_server(void **state)
{
    (void)state;
    struct home home;
    struct user users[6];
    int started = 0;
    home_init(&home);
    for (size_t i = 0; i < ARRAY_SIZE(users); i++)
        users[i] = user_start(&home);
    for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
        char letter = user_ready(&users[i]);
        assert_true(letter == 's' || letter == 'u');
        started += letter == 's';
    }
    assert_int_equal(started, 1);
    for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
        assert_int_equal(look(&home).state, CLUSTER_RUNNING);
        user_end(&users[i], false);
    }
    assert_int_equal(look(&home).state, CLUSTER_STOPPED);
    home_remove(&home);
}

static void the_server_outlives_the_kill_of_its_starter_and_is_adopted(void **state)
{
    (void)state;
    struct home home;
    home_init(&home);
    struct user starter = user_start(&home);
    assert_int_equal(user_ready(&starter), 's');
    pid_t pid = look(&home).pid;
    user_end(&starter, true);
    struct cluster *cluster = use(&home);
    assert_false(cluster_was_started(cluster));
    assert_int_equal(look(&home).pid, pid);
    cluster_release(cluster);
    assert_int_equal(look(&home).state, CLUSTER_STOPPED);
    home_remove(&home);
}

static bool exists(const char *dir, const char *name)
{
    AUTO_BUF path = BUF_INIT;
    buf_addf(&path, "%s/%s", dir, name);
    return access(buf_string(&path), F_OK) == 0;
}

/* The data directory's name depends on the server that is installed. */
static bool has_unfinished(const struct home *home)
{
    char pattern[128];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/pg*.new/base", home->state);
    bool any = glob(pattern, 0, NULL, &found) == 0;
    globfree(&found);
    return any;
}

static void a_killed_initdb_leaves_no_half_cluster(void **state)
{
    (void)state;
    struct home home;
    home_init(&home);
    struct user maker = user_start(&home);
    uint64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    while (!has_unfinished(&home) && clock_monotonic_ms() < deadline_ms)
        (void)poll(NULL, 0, 2);
    user_end(&maker, true);
    assert_int_equal(look(&home).state, CLUSTER_ABSENT);
    struct cluster *cluster = use(&home);
    assert_true(cluster_was_made(cluster));
    assert_true(can_connect(cluster_conninfo(cluster)));
    assert_false(has_unfinished(&home));
    cluster_release(cluster);
    home_remove(&home);
}

static void a_killed_server_is_started_again(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    home_init(&home);
    struct cluster *cluster = use(&home);
    pid_t before = look(&home).pid;
    assert_int_equal(kill(before, SIGKILL), 0);
    uint64_t deadline_ms = clock_monotonic_ms() + DEADLINE_MS;
    while (look(&home).state == CLUSTER_RUNNING && clock_monotonic_ms() < deadline_ms)
        (void)poll(NULL, 0, 2);
    if (!cluster_revive(cluster, &err))
        fail_msg("%s", err.message);
    assert_true(look(&home).pid != before);
    assert_true(can_connect(cluster_conninfo(cluster)));
    cluster_release(cluster);
    home_remove(&home);
}

static void a_server_that_was_stopped_on_purpose_is_started_by_the_next_command_only(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    bool stopped;
    home_init(&home);
    struct cluster *daemon = use(&home);
    assert_true(cluster_stop(&home.settings, &stopped, &err));
    assert_false(cluster_revive(daemon, &err));
    assert_non_null(strstr(err.message, "stopped on purpose"));
    struct cluster *command = use(&home);
    assert_true(cluster_revive(daemon, &err));
    cluster_release(command);
    assert_true(can_connect(cluster_conninfo(daemon)));
    cluster_release(daemon);
    home_remove(&home);
}

/* A process of the server's own user that has nothing to do with it. */
static pid_t bystander(void)
{
    const struct passwd *user = getpwnam("postgres");
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    if (geteuid() == 0 && (user == NULL || setuid(user->pw_uid) != 0))
        _exit(1);
    for (;;)
        pause();
}

static void a_pid_file_that_names_another_process_of_the_same_user_is_removed(void **state)
{
    (void)state;
    struct home home;
    home_init(&home);
    cluster_release(use(&home));
    struct cluster_status status = look(&home);
    pid_t other = bystander();
    AUTO_BUF path = BUF_INIT;
    AUTO_BUF text = BUF_INIT;
    buf_addf(&path, "%s/postmaster.pid", status.data_dir);
    buf_addf(&text, "%d\n%s\n1700000000\n5432\n%s\n\n  1 2\nready   \n", (int)other,
        status.data_dir, home.sockets);
    AUTO_CLOSE int fd = open(buf_string(&path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && fd_write_all(fd, text.data, text.length));
    assert_int_equal(look(&home).state, CLUSTER_STOPPED);
    struct cluster *cluster = use(&home);
    assert_true(cluster_was_started(cluster));
    assert_true(can_connect(cluster_conninfo(cluster)));
    cluster_release(cluster);
    kill(other, SIGKILL);
    assert_int_equal(waitpid(other, NULL, 0), other);
    home_remove(&home);
}

static void a_server_whose_socket_vanished_is_started_again(void **state)
{
    (void)state;
    struct home home;
    home_init(&home);
    home.settings.keep_running = true;
    cluster_release(use(&home));
    assert_int_equal(look(&home).state, CLUSTER_RUNNING);
    assert_int_equal(nftw(home.sockets, scratch_unlink, 16, FTW_DEPTH | FTW_PHYS), 0);
    struct cluster *cluster = use(&home);
    assert_true(cluster_was_started(cluster));
    assert_true(can_connect(cluster_conninfo(cluster)));
    cluster_release(cluster);
    home_remove(&home);
}

static void a_server_that_was_told_to_stay_stays_until_it_is_stopped(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    bool stopped = false;
    home_init(&home);
    cluster_leave(use(&home));
    cluster_release(use(&home));
    assert_int_equal(look(&home).state, CLUSTER_RUNNING);
    assert_true(cluster_stop(&home.settings, &stopped, &err));
    assert_true(stopped);
    cluster_release(use(&home));
    assert_int_equal(look(&home).state, CLUSTER_STOPPED);
    home_remove(&home);
}

static void a_socket_directory_that_is_too_long_is_said_with_the_number(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    struct cluster *cluster = NULL;
    char path[95];
    home_init(&home);
    memset(path, 'x', 94);
    path[0] = '/';
    path[94] = '\0';
    home.settings.socket_dir = path;
    assert_false(cluster_use(&home.settings, &cluster, &err));
    assert_int_equal(err.kind, ERROR_DATABASE);
    assert_non_null(strstr(err.message, "94 bytes"));
    assert_non_null(strstr(err.hint, "embedded.socket_dir"));
    home.settings.socket_dir = home.sockets;
    home_remove(&home);
}

static void a_data_directory_of_another_major_is_refused(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    struct cluster *cluster = NULL;
    home_init(&home);
    cluster_release(use(&home));
    AUTO_BUF path = BUF_INIT;
    buf_addf(&path, "%s/PG_VERSION", look(&home).data_dir);
    AUTO_CLOSE int fd = open(buf_string(&path), O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0 && fd_write_all(fd, "9\n", 2));
    assert_false(cluster_use(&home.settings, &cluster, &err));
    assert_non_null(strstr(err.message, "is of PostgreSQL 9, but the server is"));
    assert_non_null(strstr(err.hint, "srctab db destroy"));
    home_remove(&home);
}

static void a_cluster_of_an_older_major_is_left_and_named(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    home_init(&home);
    char old[128];
    snprintf(old, sizeof(old), "%s/pg9", home.state);
    assert_int_equal(mkdir(home.state, 0755), 0);
    assert_int_equal(mkdir(old, 0700), 0);
    strncat(old, "/PG_VERSION", sizeof(old) - strlen(old) - 1);
    AUTO_CLOSE int fd = open(old, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && fd_write_all(fd, "9\n", 2));
    struct cluster *cluster = use(&home);
    assert_non_null(strstr(cluster_notice(cluster), "/pg9 until `srctab db destroy --old`"));
    cluster_release(cluster);
    assert_true(cluster_destroy(&home.settings, true, false, &err));
    assert_false(exists(home.state, "pg9"));
    assert_int_equal(look(&home).state, CLUSTER_STOPPED);
    home_remove(&home);
}

static void a_cluster_in_use_is_destroyed_only_by_force(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    home_init(&home);
    struct user user = user_start(&home);
    (void)user_ready(&user);
    assert_false(cluster_destroy(&home.settings, false, false, &err));
    assert_string_equal(err.message, "the private cluster is in use");
    assert_true(cluster_destroy(&home.settings, false, true, &err));
    assert_int_equal(look(&home).state, CLUSTER_ABSENT);
    user_end(&user, false);
    home_remove(&home);
}

static void nobody_else_can_connect(void **state)
{
    (void)state;
    const struct passwd *nobody = getpwnam("nobody");
    if (geteuid() != 0 || nobody == NULL)
        skip();
    struct home home;
    int status = -1;
    uid_t uid = nobody->pw_uid; /* the entry itself is overwritten by the next lookup */
    home_init(&home);
    struct cluster *cluster = use(&home);
    assert_int_equal(chmod(home.sockets, 0755), 0); /* even so */
    pid_t pid = fork();
    if (pid == 0)
        _exit(setuid(uid) != 0 || can_connect(cluster_conninfo(cluster)) ? 1 : 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    cluster_release(cluster);
    home_remove(&home);
}

static void a_user_without_a_name_is_told_so(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    struct home home;
    int status = -1;
    home_init(&home);
    pid_t pid = fork();
    if (pid == 0) {
        struct error err = ERROR_INIT;
        struct cluster *cluster = NULL;
        bool refused = setuid(4711) == 0 && !cluster_use(&home.settings, &cluster, &err) &&
                       strstr(err.message, "user id 4711 has no name") != NULL;
        _exit(refused ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    home_remove(&home);
}

static void a_socket_directory_of_somebody_else_is_refused(void **state)
{
    (void)state;
    const struct passwd *nobody = getpwnam("nobody");
    if (geteuid() != 0 || nobody == NULL)
        skip();
    struct home home;
    struct error err = ERROR_INIT;
    struct cluster *cluster = NULL;
    home_init(&home);
    assert_int_equal(mkdir(home.sockets, 0700), 0);
    assert_int_equal(chown(home.sockets, nobody->pw_uid, (gid_t)-1), 0);
    assert_false(cluster_use(&home.settings, &cluster, &err));
    assert_non_null(strstr(err.message, "is not private to user"));
    home_remove(&home);
}

static void a_place_that_the_servers_user_cannot_reach_is_said_with_what_to_do(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    struct home home;
    struct error err = ERROR_INIT;
    struct cluster *cluster = NULL;
    home_init(&home);
    assert_int_equal(chmod(home.dir, 0700), 0);
    assert_false(cluster_use(&home.settings, &cluster, &err));
    assert_non_null(strstr(err.message, "Permission denied"));
    assert_non_null(strstr(err.hint, "set embedded.dir"));
    home_remove(&home);
}

static void programs_that_are_not_there_are_said_with_what_to_do(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    struct cluster *cluster = NULL;
    home_init(&home);
    home.settings.bin_dir = "/tmp";
    assert_false(cluster_use(&home.settings, &cluster, &err));
    assert_string_equal(err.message, "there is no PostgreSQL server in \"/tmp\"");
    home.settings.bin_dir = NULL;
    home_remove(&home);
}

static void the_url_leads_to_the_socket(void **state)
{
    (void)state;
    struct home home;
    struct error err = ERROR_INIT;
    char *url = NULL;
    home_init(&home);
    struct cluster *cluster = use(&home);
    assert_true(cluster_url(&home.settings, &url, &err));
    assert_non_null(strstr(url, "postgresql://srctab@/srctab?host=%2Ftmp%2Fsrctab-cluster-"));
    assert_true(can_connect(url));
    free(url);
    cluster_release(cluster);
    home_remove(&home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_user_makes_it_and_the_last_one_stops_it),
        cmocka_unit_test(six_at_once_share_one_server),
        cmocka_unit_test(the_server_outlives_the_kill_of_its_starter_and_is_adopted),
        cmocka_unit_test(a_killed_initdb_leaves_no_half_cluster),
        cmocka_unit_test(a_killed_server_is_started_again),
        cmocka_unit_test(a_server_that_was_stopped_on_purpose_is_started_by_the_next_command_only),
        cmocka_unit_test(a_pid_file_that_names_another_process_of_the_same_user_is_removed),
        cmocka_unit_test(a_server_whose_socket_vanished_is_started_again),
        cmocka_unit_test(a_server_that_was_told_to_stay_stays_until_it_is_stopped),
        cmocka_unit_test(a_socket_directory_that_is_too_long_is_said_with_the_number),
        cmocka_unit_test(a_data_directory_of_another_major_is_refused),
        cmocka_unit_test(a_cluster_of_an_older_major_is_left_and_named),
        cmocka_unit_test(a_cluster_in_use_is_destroyed_only_by_force),
        cmocka_unit_test(nobody_else_can_connect),
        cmocka_unit_test(a_user_without_a_name_is_told_so),
        cmocka_unit_test(a_socket_directory_of_somebody_else_is_refused),
        cmocka_unit_test(a_place_that_the_servers_user_cannot_reach_is_said_with_what_to_do),
        cmocka_unit_test(programs_that_are_not_there_are_said_with_what_to_do),
        cmocka_unit_test(the_url_leads_to_the_socket),
    };
    glob_t found;
    if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) != 0) {
        printf("1..0 # SKIP PostgreSQL is not installed\n");
        return 77;
    }
    globfree(&found);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
