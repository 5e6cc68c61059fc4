#include "settle_steps.h"

static void settle_flushes_everything_at_once_for_a_barrier(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    gone(settle, "b", 1000);
    uint32_t ticket = settle_flush_all(settle, 1001);
    assert_false(settle_flush_done(settle, ticket));
    struct settle_item item = take_at(settle, "a", 1001);
    assert_true(item.overdue);
    take_at(settle, "b", 1001);
    settle_finished(settle, "a", 1002);
    assert_false(settle_flush_done(settle, ticket));
    settle_finished(settle, "b", 1002);
    assert_true(settle_flush_done(settle, ticket));
    assert_at_rest(settle);
}

static void settle_barrier_is_done_at_once_when_nothing_waits(void **state)
{
    (void)state;
    struct settle *settle = make();
    uint32_t ticket = settle_flush_all(settle, 1000);
    assert_true(settle_flush_done(settle, ticket));
    written(settle, "a", 1001);
    assert_true(settle_flush_done(settle, ticket));
    settle_free(settle);
}

static void settle_barrier_waits_for_jobs_in_flight_and_what_was_noted_during_them(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    take_at(settle, "a", 1010);
    written(settle, "a", 1011);
    uint32_t ticket = settle_flush_all(settle, 1012);
    settle_finished(settle, "a", 1013);
    assert_false(settle_flush_done(settle, ticket));
    assert_true(take_at(settle, "a", 1013).overdue);
    settle_finished(settle, "a", 1014);
    assert_true(settle_flush_done(settle, ticket));
    assert_at_rest(settle);
}

static void settle_barrier_does_not_wait_for_later_notes(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    uint32_t ticket = settle_flush_all(settle, 1001);
    take_at(settle, "a", 1001);
    written(settle, "a", 1002);
    settle_finished(settle, "a", 1003);
    assert_true(settle_flush_done(settle, ticket));
    assert_nothing_at(settle, 1003);
    settle_free(settle);
}

static void settle_ends_back_off_at_once_for_a_barrier(void **state)
{
    (void)state;
    struct settle *settle = make();
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, 1000);
    take_at(settle, "a", 1000);
    settle_defer(settle, "a", SETTLE_BUSY, 1000);
    uint32_t ticket = settle_flush_all(settle, 1001);
    assert_true(take_at(settle, "a", 1001).overdue);
    settle_finished(settle, "a", 1002);
    assert_true(settle_flush_done(settle, ticket));
    assert_at_rest(settle);
}

static void settle_asks_again_at_once_when_a_probe_in_flight_met_a_barrier(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    take_at(settle, "a", 1010);
    uint32_t ticket = settle_flush_all(settle, 1011);
    settle_defer(settle, "a", SETTLE_BUSY, 1012);
    assert_true(take_at(settle, "a", 1012).overdue);
    settle_defer(settle, "a", SETTLE_TORN, 1012);
    assert_nothing_at(settle, 1012 + 199);
    assert_true(take_at(settle, "a", 1012 + 200).overdue);
    assert_false(settle_flush_done(settle, ticket));
    settle_finished(settle, "a", 1300);
    assert_true(settle_flush_done(settle, ticket));
    assert_at_rest(settle);
}

static void count_path(void *user, const char *path)
{
    (void)path;
    ++*(size_t *)user;
}

static void settle_tells_several_barriers_apart(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    uint32_t first = settle_flush_all(settle, 1001);
    written(settle, "b", 1002);
    uint32_t second = settle_flush_all(settle, 1003);
    size_t n_first = 0;
    size_t n_second = 0;
    settle_flush_each(settle, first, count_path, &n_first);
    settle_flush_each(settle, second, count_path, &n_second);
    assert_int_equal(n_first, 1);
    assert_int_equal(n_second, 2);
    expect(settle, "a", CHANGE_CHANGED, 1003);
    assert_true(settle_flush_done(settle, first));
    assert_false(settle_flush_done(settle, second));
    expect(settle, "b", CHANGE_CHANGED, 1003);
    assert_true(settle_flush_done(settle, second));
    assert_at_rest(settle);
}

static void settle_barrier_survives_a_move_that_is_split(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    uint32_t ticket = settle_flush_all(settle, 1001);
    written(settle, "b", 1002);
    expect(settle, "a", CHANGE_GONE, 1002);
    assert_false(settle_flush_done(settle, ticket));
    expect(settle, "b", CHANGE_CHANGED, 1002);
    assert_true(settle_flush_done(settle, ticket));
    assert_at_rest(settle);
}

static void settle_barrier_does_not_wait_for_a_dropped_path(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    uint32_t ticket = settle_flush_all(settle, 1001);
    settle_drop(settle, "a", 1002);
    assert_true(settle_flush_done(settle, ticket));
    assert_at_rest(settle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settle_flushes_everything_at_once_for_a_barrier),
        cmocka_unit_test(settle_barrier_is_done_at_once_when_nothing_waits),
        cmocka_unit_test(settle_barrier_waits_for_jobs_in_flight_and_what_was_noted_during_them),
        cmocka_unit_test(settle_barrier_does_not_wait_for_later_notes),
        cmocka_unit_test(settle_ends_back_off_at_once_for_a_barrier),
        cmocka_unit_test(settle_asks_again_at_once_when_a_probe_in_flight_met_a_barrier),
        cmocka_unit_test(settle_tells_several_barriers_apart),
        cmocka_unit_test(settle_barrier_survives_a_move_that_is_split),
        cmocka_unit_test(settle_barrier_does_not_wait_for_a_dropped_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
