#include "scratch.h"

#include <stdio.h>
#include <sys/wait.h>

#include "store/spool.h"

#define MIN_BYTES (64 * 1024)

struct seen {
    struct buf text; /* records, each followed by a space */
    size_t n, stop_after;
    int64_t last_us;
};

static bool see(void *user, const void *bytes, size_t length, int64_t wall_us)
{
    struct seen *seen = user;
    buf_add(&seen->text, bytes, length);
    buf_addc(&seen->text, ' ');
    seen->last_us = wall_us;
    seen->n++;
    return seen->n != seen->stop_after;
}

static struct spool *open_spool(const struct scratch *scratch)
{
    struct spool *spool = NULL;
    struct error err = ERROR_INIT;
    assert_true(spool_open(scratch->path, MIN_BYTES, &spool, &err));
    return spool;
}

static void add(struct spool *spool, const char *record, int64_t wall_us)
{
    struct error err = ERROR_INIT;
    assert_true(spool_add(spool, record, strlen(record), wall_us, &err));
}

static void expect(struct spool *spool, size_t max, const char *records)
{
    struct seen seen = {0};
    struct error err = ERROR_INIT;
    size_t n = 0;
    assert_true(spool_peek(spool, max, see, &seen, &n, &err));
    assert_int_equal(n, seen.n);
    assert_string_equal(buf_string(&seen.text), records);
    buf_release(&seen.text);
}

static void drop(struct spool *spool, size_t n)
{
    struct error err = ERROR_INIT;
    assert_true(spool_remove(spool, n, false, &err));
}

static void spool_gives_records_back_in_order_until_they_are_removed(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct spool *spool = open_spool(&scratch);
    add(spool, "a", 1);
    add(spool, "b", 2);
    add(spool, "c", 3);
    expect(spool, 2, "a b ");
    expect(spool, 9, "a b c ");
    drop(spool, 2);
    assert_int_equal(spool_count(spool), 1);
    expect(spool, 9, "c ");
    drop(spool, 1);
    expect(spool, 9, "");
    add(spool, "d", 4);
    expect(spool, 9, "d ");
    spool_close(spool);
    scratch_remove(&scratch);
}

static void spool_survives_the_death_of_its_process(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct error err = ERROR_INIT;
    pid_t child = fork();
    if (child == 0) {
        struct spool *spool = open_spool(&scratch);
        add(spool, "one", 1);
        add(spool, "two", 2);
        _exit(spool_sync(spool, &err) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct spool *spool = open_spool(&scratch);
    expect(spool, 9, "one two ");
    spool_close(spool);
    scratch_remove(&scratch);
}

static void spool_ignores_a_torn_last_record_and_goes_on_after_it(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct spool *spool = open_spool(&scratch);
    add(spool, "whole", 1);
    add(spool, "torn", 2);
    spool_close(spool);
    AUTO_CLOSE int fd = openat(scratch.fd, "audit-00000001.spool", O_RDWR);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(ftruncate(fd, st.st_size - 2), 0);
    spool = open_spool(&scratch);
    assert_int_equal(spool_count(spool), 1);
    add(spool, "next", 3);
    expect(spool, 9, "whole next ");
    spool_close(spool);
    scratch_remove(&scratch);
}

static void spool_does_not_believe_a_record_whose_bytes_changed(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct spool *spool = open_spool(&scratch);
    add(spool, "aaaa", 1);
    add(spool, "bbbb", 2);
    spool_close(spool);
    AUTO_CLOSE int fd = openat(scratch.fd, "audit-00000001.spool", O_RDWR);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(pwrite(fd, "x", 1, st.st_size - 1), 1);
    spool = open_spool(&scratch);
    expect(spool, 9, "aaaa ");
    spool_close(spool);
    scratch_remove(&scratch);
}

static void fill(struct spool *spool, size_t n)
{
    char record[1024];
    memset(record, 'x', sizeof(record));
    record[sizeof(record) - 1] = '\0';
    for (size_t i = 1; i <= n; i++)
        add(spool, record, (int64_t)i);
}

static void a_full_spool_drops_the_oldest_and_counts_them(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct spool *spool = open_spool(&scratch);
    fill(spool, 200);
    struct spool_lost lost = spool_lost(spool);
    assert_int_equal(lost.n + spool_count(spool), 200);
    assert_in_range(spool_count(spool), 40, 63);
    assert_int_equal(lost.from_us, 1);
    assert_int_equal(lost.to_us, lost.n);
    struct seen seen = {.stop_after = 1};
    struct error err = ERROR_INIT;
    size_t n;
    assert_true(spool_peek(spool, 9, see, &seen, &n, &err));
    assert_int_equal(n, 1);
    assert_int_equal(seen.last_us, lost.n + 1);
    buf_release(&seen.text);
    spool_close(spool);
    scratch_remove(&scratch);
}

static void what_was_lost_is_known_after_a_restart_until_it_is_forgotten(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct error err = ERROR_INIT;
    struct spool *spool = open_spool(&scratch);
    fill(spool, 100);
    struct spool_lost before = spool_lost(spool);
    spool_close(spool);
    spool = open_spool(&scratch);
    assert_true(before.n > 0);
    assert_int_equal(spool_lost(spool).n, before.n);
    assert_int_equal(spool_lost(spool).to_us, before.to_us);
    assert_true(spool_remove(spool, spool_count(spool), true, &err));
    spool_close(spool);
    spool = open_spool(&scratch);
    assert_int_equal(spool_lost(spool).n, 0);
    assert_int_equal(spool_count(spool), 0);
    spool_close(spool);
    scratch_remove(&scratch);
}

static void removing_across_segments_keeps_the_rest(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct spool *spool = open_spool(&scratch);
    fill(spool, 40);
    for (size_t left = 40; left > 0; left -= 5) {
        struct seen seen = {.stop_after = 1};
        struct error err = ERROR_INIT;
        size_t n;
        assert_int_equal(spool_count(spool), left);
        assert_true(spool_peek(spool, 1, see, &seen, &n, &err));
        assert_int_equal(seen.last_us, 41 - (int64_t)left);
        buf_release(&seen.text);
        drop(spool, 5);
    }
    assert_int_equal(spool_count(spool), 0);
    spool_close(spool);
    scratch_remove(&scratch);
}

static void one_process_owns_a_spool_and_others_may_read_it(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    struct error err = ERROR_INIT;
    struct spool *spool = open_spool(&scratch), *second = NULL;
    add(spool, "a", 1);
    assert_false(spool_open(scratch.path, MIN_BYTES, &second, &err));
    assert_int_equal(err.kind, ERROR_OWNED);
    struct seen seen = {0};
    struct spool_lost lost;
    assert_true(spool_each(scratch.path, see, &seen, &lost, &err));
    assert_string_equal(buf_string(&seen.text), "a ");
    assert_int_equal(lost.n, 0);
    buf_release(&seen.text);
    spool_close(spool);
    scratch_remove(&scratch);
}

static void a_spool_that_does_not_exist_reads_as_empty(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct spool_lost lost = {.n = 1};
    struct error err = ERROR_INIT;
    assert_true(spool_each("/tmp/srctab-no-such-spool", see, &seen, &lost, &err));
    assert_int_equal(seen.n, 0);
    assert_int_equal(lost.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spool_gives_records_back_in_order_until_they_are_removed),
        cmocka_unit_test(spool_survives_the_death_of_its_process),
        cmocka_unit_test(spool_ignores_a_torn_last_record_and_goes_on_after_it),
        cmocka_unit_test(spool_does_not_believe_a_record_whose_bytes_changed),
        cmocka_unit_test(a_full_spool_drops_the_oldest_and_counts_them),
        cmocka_unit_test(what_was_lost_is_known_after_a_restart_until_it_is_forgotten),
        cmocka_unit_test(removing_across_segments_keeps_the_rest),
        cmocka_unit_test(one_process_owns_a_spool_and_others_may_read_it),
        cmocka_unit_test(a_spool_that_does_not_exist_reads_as_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
