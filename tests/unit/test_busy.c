#include "scratch.h"

#include "base/clock.h"
#include "watch/busy.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define BUSY_MS 100
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define SOMEBODY_ELSE 12345

static int64_t mtime_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec;
}

/* Probe a file as the analyze thread does, age_ms after its last change. */
static enum busy probe(
    const struct scratch *scratch, struct busy_table *table, const char *path, int64_t age_ms)
{
    AUTO_CLOSE int fd = openat(scratch->fd, path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return busy_probe(table, fd, &st, mtime_ns(&st) + age_ms * NS_PER_MS, BUSY_MS);
}

static void a_file_that_nobody_writes_is_free_at_once(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct busy_table table = {0};
    scratch_write(&scratch, "a", "text");
    assert_int_equal(probe(&scratch, &table, "a", 0), BUSY_FREE);
    assert_int_equal(table.n_refusals, 0);
    scratch_remove(&scratch);
}

static void a_file_open_for_writing_is_busy_until_it_is_closed(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct busy_table table = {0};
    scratch_write(&scratch, "a", "text");
    int writer = openat(scratch.fd, "a", O_WRONLY | O_CLOEXEC);
    assert_int_equal(probe(&scratch, &table, "a", 60000), BUSY_WRITING);
    close(writer);
    assert_int_equal(probe(&scratch, &table, "a", 0), BUSY_FREE);
    scratch_remove(&scratch);
}

static void a_reader_does_not_make_a_file_busy(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct busy_table table = {0};
    scratch_write(&scratch, "a", "text");
    int reader = openat(scratch.fd, "a", O_RDONLY | O_CLOEXEC);
    assert_int_equal(probe(&scratch, &table, "a", 0), BUSY_FREE);
    close(reader);
    scratch_remove(&scratch);
}

static void a_file_mapped_for_writing_is_busy_after_its_descriptor_is_closed(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct busy_table table = {0};
    scratch_write(&scratch, "a", "text");
    int writer = openat(scratch.fd, "a", O_RDWR | O_CLOEXEC);
    char *map = mmap(NULL, 4, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0);
    assert_true(map != MAP_FAILED);
    close(writer);
    assert_int_equal(probe(&scratch, &table, "a", 60000), BUSY_WRITING);
    assert_int_equal(munmap(map, 4), 0);
    assert_int_equal(probe(&scratch, &table, "a", 0), BUSY_FREE);
    scratch_remove(&scratch);
}

static void the_probe_leaves_no_lease_that_a_writer_would_meet(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct busy_table table = {0};
    scratch_write(&scratch, "a", "text");
    int fd = openat(scratch.fd, "a", O_RDONLY | O_CLOEXEC);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(busy_probe(&table, fd, &st, mtime_ns(&st), BUSY_MS), BUSY_FREE);
    int writer = openat(scratch.fd, "a", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(writer >= 0);
    close(writer);
    close(fd);
    scratch_remove(&scratch);
}

/* In a child without privileges: the file belongs to root. Exit code: how many checks failed. */
static int check_as_somebody_else(const struct scratch *scratch)
{
    if (setgid(SOMEBODY_ELSE) != 0 || setuid(SOMEBODY_ELSE) != 0)
        return 100;
    struct busy_table table = {0};
    int n_failed = 0;
    n_failed += probe(scratch, &table, "a", 0) != BUSY_WRITING;
    n_failed += probe(scratch, &table, "a", BUSY_MS - 1) != BUSY_WRITING;
    n_failed += probe(scratch, &table, "a", BUSY_MS) != BUSY_UNKNOWN;
    n_failed += table.n_refusals != 1;
    struct stat st;
    n_failed += fstatat(scratch->fd, "a", &st, 0) != 0;
    n_failed += busy_refused(&table, st.st_dev, st.st_uid) != EACCES;
    n_failed += busy_refused(&table, st.st_dev, st.st_uid + 1) != 0;
    return n_failed;
}

static void another_users_file_is_judged_by_its_age(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    struct scratch scratch = scratch_new();
    assert_int_equal(fchmod(scratch.fd, 0755), 0);
    scratch_write(&scratch, "a", "text");
    pid_t child = fork();
    if (child == 0)
        _exit(check_as_somebody_else(&scratch));
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    scratch_remove(&scratch);
}

static void where_leases_were_refused_the_kernel_is_not_asked_again(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct busy_table table = {0};
    scratch_write(&scratch, "a", "text");
    struct stat st;
    assert_int_equal(fstatat(scratch.fd, "a", &st, 0), 0);
    table.refusal[0] =
        (struct busy_refusal){.device = st.st_dev, .owner = st.st_uid, .sys_errno = EINVAL};
    table.n_refusals = 1;
    assert_int_equal(busy_refused(&table, st.st_dev, st.st_uid), EINVAL);
    assert_int_equal(probe(&scratch, &table, "a", 0), BUSY_WRITING);
    assert_int_equal(probe(&scratch, &table, "a", 60000), BUSY_UNKNOWN);
    scratch_remove(&scratch);
}

static void times_that_say_nothing_do_not_hold_a_file_back(void **state)
{
    (void)state;
    struct busy_table table = {.n_refusals = 1};
    table.refusal[0] = (struct busy_refusal){.device = 7, .owner = 1, .sys_errno = EINVAL};
    struct stat st = {.st_dev = 7, .st_uid = 1};
    const int64_t wall_ns = INT64_C(1700000000) * NS_PER_S;
    const int64_t seconds[] = {INT64_C(2208988800), 0, -1000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
        st.st_mtim.tv_sec = (time_t)seconds[i];
        assert_int_equal(busy_probe(&table, -1, &st, wall_ns, BUSY_MS), BUSY_UNKNOWN);
    }
}

static void the_oldest_refusal_is_forgotten_when_the_table_is_full(void **state)
{
    (void)state;
    struct busy_table table = {0};
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0); /* a pipe has no leases */
    for (uid_t owner = 0; owner < BUSY_TABLE_SIZE + 1; owner++) {
        struct stat st = {.st_dev = 9, .st_uid = owner};
        (void)busy_probe(&table, pipe_fds[0], &st, 0, BUSY_MS);
    }
    assert_int_equal(busy_refused(&table, 9, 0), 0);
    assert_true(busy_refused(&table, 9, 1) != 0);
    assert_true(busy_refused(&table, 9, BUSY_TABLE_SIZE) != 0);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

int main(void)
{
    signal(SIGIO, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_nobody_writes_is_free_at_once),
        cmocka_unit_test(a_file_open_for_writing_is_busy_until_it_is_closed),
        cmocka_unit_test(a_reader_does_not_make_a_file_busy),
        cmocka_unit_test(a_file_mapped_for_writing_is_busy_after_its_descriptor_is_closed),
        cmocka_unit_test(the_probe_leaves_no_lease_that_a_writer_would_meet),
        cmocka_unit_test(another_users_file_is_judged_by_its_age),
        cmocka_unit_test(where_leases_were_refused_the_kernel_is_not_asked_again),
        cmocka_unit_test(times_that_say_nothing_do_not_hold_a_file_back),
        cmocka_unit_test(the_oldest_refusal_is_forgotten_when_the_table_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
