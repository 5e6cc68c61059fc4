#include "settle_steps.h"

static void settle_keeps_a_move_of_a_clean_file(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    struct settle_item item = take_at(settle, "b", 1010);
    assert_int_equal(item.change, CHANGE_MOVED);
    assert_string_equal(item.old_path, "a");
    assert_false(item.fast);
    assert_nothing_at(settle, 100000);
    settle_finished(settle, "b", 1011);
    assert_at_rest(settle);
}

static void settle_makes_one_move_of_two_in_a_row(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    moved(settle, "b", "c", 1001);
    struct settle_item item = take_at(settle, "c", 1011);
    assert_int_equal(item.change, CHANGE_MOVED);
    assert_string_equal(item.old_path, "a");
    assert_int_equal(item.first_ms, 1000);
    settle_finished(settle, "c", 1012);
    expect(settle, "b", CHANGE_GONE, 2000); /* b may have had a row of its own */
    assert_at_rest(settle);
}

static void settle_splits_a_move_whose_file_was_written_before(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    moved(settle, "a", "b", 1001);
    expect(settle, "b", CHANGE_CHANGED, 1011);
    expect(settle, "a", CHANGE_GONE, 1001 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_splits_a_move_whose_file_is_written_afterwards(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    written(settle, "b", 1001);
    expect(settle, "a", CHANGE_GONE, 1000 + DEBOUNCE_MS);
    expect(settle, "b", CHANGE_CHANGED, 1001 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_splits_a_move_whose_file_is_deleted_afterwards(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    gone(settle, "b", 1001);
    expect(settle, "a", CHANGE_GONE, 1000 + DEBOUNCE_MS);
    expect(settle, "b", CHANGE_GONE, 1001 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_splits_a_move_whose_old_path_comes_back(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    closed(settle, "a", 1001);
    expect(settle, "b", CHANGE_CHANGED, 1011);
    expect(settle, "a", CHANGE_CHANGED, 1011);
    assert_at_rest(settle);
}

static void settle_splits_a_move_there_and_back(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    moved(settle, "b", "a", 1001);
    expect(settle, "a", CHANGE_CHANGED, 1011);
    expect(settle, "b", CHANGE_GONE, 1001 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_splits_a_move_onto_a_path_with_a_job(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "b", 1000);
    take_at(settle, "b", 1010);
    moved(settle, "a", "b", 1011);
    settle_finished(settle, "b", 1012);
    expect(settle, "b", CHANGE_CHANGED, 1021);
    expect(settle, "a", CHANGE_GONE, 1011 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_takes_a_move_onto_itself_for_a_change(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "a", 1000);
    expect(settle, "a", CHANGE_CHANGED, 1010);
    assert_at_rest(settle);
}

static void settle_holds_both_paths_while_a_move_is_in_flight(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    take_at(settle, "b", 1010);
    closed(settle, "a", 1011);
    closed(settle, "b", 1012);
    assert_nothing_at(settle, 5000);
    settle_finished(settle, "b", 5000);
    expect(settle, "a", CHANGE_CHANGED, 5000);
    expect(settle, "b", CHANGE_CHANGED, 5000);
    assert_at_rest(settle);
}

static void settle_splits_a_deferred_move_that_became_dirty(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    take_at(settle, "b", 1010);
    closed(settle, "a", 1011);
    settle_defer(settle, "b", SETTLE_BUSY, 1012);
    expect(settle, "a", CHANGE_CHANGED, 1021);
    expect(settle, "b", CHANGE_CHANGED, 1112);
    assert_at_rest(settle);
}

static void settle_keeps_a_deferred_move_that_stayed_clean(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    take_at(settle, "b", 1010);
    settle_put_back(settle, "b");
    expect(settle, "b", CHANGE_MOVED, 1010);
    assert_at_rest(settle);
}

static void settle_drop_of_a_moved_path_leaves_the_old_one_gone(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    settle_drop(settle, "b", 1001);
    expect(settle, "a", CHANGE_GONE, 1000 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_drop_of_an_old_path_leaves_the_new_one_changed(void **state)
{
    (void)state;
    struct settle *settle = make();
    moved(settle, "a", "b", 1000);
    settle_drop(settle, "a", 1001);
    expect(settle, "b", CHANGE_CHANGED, 1010);
    assert_at_rest(settle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settle_keeps_a_move_of_a_clean_file),
        cmocka_unit_test(settle_makes_one_move_of_two_in_a_row),
        cmocka_unit_test(settle_splits_a_move_whose_file_was_written_before),
        cmocka_unit_test(settle_splits_a_move_whose_file_is_written_afterwards),
        cmocka_unit_test(settle_splits_a_move_whose_file_is_deleted_afterwards),
        cmocka_unit_test(settle_splits_a_move_whose_old_path_comes_back),
        cmocka_unit_test(settle_splits_a_move_there_and_back),
        cmocka_unit_test(settle_splits_a_move_onto_a_path_with_a_job),
        cmocka_unit_test(settle_takes_a_move_onto_itself_for_a_change),
        cmocka_unit_test(settle_holds_both_paths_while_a_move_is_in_flight),
        cmocka_unit_test(settle_splits_a_deferred_move_that_became_dirty),
        cmocka_unit_test(settle_keeps_a_deferred_move_that_stayed_clean),
        cmocka_unit_test(settle_drop_of_a_moved_path_leaves_the_old_one_gone),
        cmocka_unit_test(settle_drop_of_an_old_path_leaves_the_new_one_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
