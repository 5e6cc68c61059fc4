#include "settle_steps.h"

#include <stdio.h>

static void settle_is_at_rest_when_nothing_happened(void **state)
{
    (void)state;
    struct settle *settle = make();
    assert_nothing_at(settle, 10000);
    assert_at_rest(settle);
}

static void settle_waits_for_the_quiet_time_after_a_write(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    assert_int_equal(settle_deadline_ms(settle), 1000 + DEBOUNCE_MS);
    assert_nothing_at(settle, 1000 + DEBOUNCE_MS - 1);
    struct settle_item item = take_at(settle, "a", 1000 + DEBOUNCE_MS);
    assert_false(item.fast);
    assert_false(item.overdue);
    settle_finished(settle, "a", 1501);
    assert_at_rest(settle);
}

static void settle_reports_a_file_once_after_a_burst(void **state)
{
    (void)state;
    struct settle *settle = make();
    for (uint64_t ms = 1000; ms < 1400; ms++)
        written(settle, "a", ms);
    assert_nothing_at(settle, 1399 + DEBOUNCE_MS - 1);
    struct settle_item item = take_at(settle, "a", 1399 + DEBOUNCE_MS);
    assert_int_equal(item.n_notes, 400);
    assert_int_equal(item.first_ms, 1000);
    assert_int_equal(item.last_ms, 1399);
    settle_finished(settle, "a", 2000);
    assert_nothing_at(settle, 100000);
    assert_at_rest(settle);
}

static void settle_counts_notes_that_joined_a_path(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    written(settle, "a", 1001);
    written(settle, "b", 1002);
    struct settle_counts counts;
    settle_count(settle, &counts);
    assert_int_equal(counts.n_notes, 3);
    assert_int_equal(counts.n_coalesced, 1);
    assert_int_equal(counts.n_waiting, 2);
    assert_int_equal(counts.oldest_ms, 1000);
    settle_free(settle);
}

static void settle_does_not_let_a_file_written_without_pause_wait_for_ever(void **state)
{
    (void)state;
    struct settle *settle = make();
    uint64_t ms = 1000;
    for (; ms < 1000 + MAX_DELAY_MS; ms += 50) {
        written(settle, "a", ms);
        assert_nothing_at(settle, ms);
    }
    assert_true(take_at(settle, "a", ms).overdue);
    settle_finished(settle, "a", ms);
    assert_at_rest(settle);
}

static void settle_waits_the_longest_time_again_after_each_job(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 0);
    for (uint64_t ms = 400; ms <= 2000; ms += 400)
        written(settle, "a", ms);
    take_at(settle, "a", 2000);
    written(settle, "a", 2001);
    settle_finished(settle, "a", 2100);
    for (uint64_t ms = 2101; ms < 2100 + MAX_DELAY_MS; ms += 400) {
        written(settle, "a", ms);
        assert_nothing_at(settle, ms + 399 < 2100 + MAX_DELAY_MS ? ms + 399 : 2099 + MAX_DELAY_MS);
    }
    assert_true(take_at(settle, "a", 2100 + MAX_DELAY_MS).overdue);
    settle_free(settle);
}

static void settle_takes_the_fast_path_when_the_writer_is_done(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    closed(settle, "a", 1005);
    assert_nothing_at(settle, 1005 + FAST_MS - 1);
    assert_true(take_at(settle, "a", 1005 + FAST_MS).fast);
    settle_finished(settle, "a", 1016);
    assert_at_rest(settle);
}

static void settle_has_no_fast_path_where_it_is_off(void **state)
{
    (void)state;
    struct settle_settings settings = SETTLE_SETTINGS_DEFAULT;
    settings.fast_path = false;
    struct settle *settle = settle_new(&settings);
    closed(settle, "a", 1000);
    assert_nothing_at(settle, 1000 + DEBOUNCE_MS - 1);
    assert_false(take_at(settle, "a", 1000 + DEBOUNCE_MS).fast);
    settle_free(settle);
}

static void settle_leaves_the_fast_path_when_writing_goes_on(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    written(settle, "a", 1005);
    assert_nothing_at(settle, 1005 + DEBOUNCE_MS - 1);
    expect(settle, "a", CHANGE_CHANGED, 1005 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_does_not_call_an_item_fast_that_was_quiet_long_enough(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    assert_false(take_at(settle, "a", 1000 + DEBOUNCE_MS).fast);
    settle_free(settle);
}

static void settle_waits_out_the_quiet_time_when_the_fast_path_cannot_be_proven(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    take_at(settle, "a", 1010);
    settle_defer(settle, "a", SETTLE_UNPROVEN, 1011);
    assert_nothing_at(settle, 1000 + DEBOUNCE_MS - 1);
    struct settle_item item = take_at(settle, "a", 1000 + DEBOUNCE_MS);
    assert_false(item.fast);
    assert_int_equal(item.busy_count, 0);
    settle_free(settle);
}

static void settle_without_debounce_hands_every_note_out_at_once(void **state)
{
    (void)state;
    struct settle_settings settings = SETTLE_SETTINGS_DEFAULT;
    settings.debounce_ms = 0;
    struct settle *settle = settle_new(&settings);
    written(settle, "a", 1000);
    assert_false(take_at(settle, "a", 1000).fast);
    settle_finished(settle, "a", 1000);
    gone(settle, "a", 1001);
    expect(settle, "a", CHANGE_GONE, 1001);
    assert_at_rest(settle);
}

static void settle_without_a_longest_wait_waits_as_long_as_writing_goes_on(void **state)
{
    (void)state;
    struct settle_settings settings = SETTLE_SETTINGS_DEFAULT;
    settings.max_delay_ms = 0;
    struct settle *settle = settle_new(&settings);
    uint64_t ms = 0;
    for (; ms < 100000; ms += 499)
        written(settle, "a", ms);
    assert_nothing_at(settle, ms);
    assert_false(take_at(settle, "a", ms + DEBOUNCE_MS).overdue);
    settle_free(settle);
}

static void settle_hands_out_what_a_scan_found_at_once(void **state)
{
    (void)state;
    struct settle *settle = make();
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, 1000);
    struct settle_item item = take_at(settle, "a", 1000);
    assert_false(item.fast);
    assert_false(item.overdue);
    settle_free(settle);
}

static void settle_lets_no_scan_hurry_a_file_that_is_being_written(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, 1100);
    assert_nothing_at(settle, 1000 + DEBOUNCE_MS - 1);
    expect(settle, "a", CHANGE_CHANGED, 1000 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_lets_a_flash_request_hurry_a_file_that_waits(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    settle_note(settle,
        &(struct settle_change){
            .path = "a", .change = CHANGE_CHANGED, .class = SETTLE_FLASH, .pace = SETTLE_NOW},
        1100);
    assert_int_equal(take_at(settle, "a", 1100).class, SETTLE_FLASH);
    settle_free(settle);
}

static void settle_hands_out_the_strongest_class_first(void **state)
{
    (void)state;
    struct settle *settle = make();
    const struct settle_change changes[] = {
        {.path = "bulk", .class = SETTLE_BULK, .pace = SETTLE_NOW},
        {.path = "normal", .class = SETTLE_NORMAL, .pace = SETTLE_NOW},
        {.path = "flash", .class = SETTLE_FLASH, .pace = SETTLE_NOW},
        {.path = "bulk2", .class = SETTLE_BULK, .pace = SETTLE_NOW},
    };
    for (size_t i = 0; i < 4; i++)
        settle_note(settle, &changes[i], 1000);
    expect(settle, "flash", CHANGE_CHANGED, 1000);
    expect(settle, "normal", CHANGE_CHANGED, 1000);
    expect(settle, "bulk", CHANGE_CHANGED, 1000);
    expect(settle, "bulk2", CHANGE_CHANGED, 1000);
    assert_at_rest(settle);
}

static void note_with_weight(
    struct settle *settle, const char *path, enum settle_class class, int weight)
{
    settle_note(settle,
        &(struct settle_change){.path = path,
            .change = CHANGE_CHANGED,
            .class = class,
            .pace = SETTLE_NOW,
            .weight = weight},
        0);
}

static void settle_hands_out_the_heaviest_of_a_class_first(void **state)
{
    (void)state;
    struct settle *settle = make();
    note_with_weight(settle, "light", SETTLE_BULK, -1);
    note_with_weight(settle, "usual", SETTLE_BULK, 0);
    note_with_weight(settle, "heavy", SETTLE_BULK, 4);
    note_with_weight(settle, "too heavy", SETTLE_BULK, 100);
    note_with_weight(settle, "stronger", SETTLE_NORMAL, -4);
    note_with_weight(settle, "light", SETTLE_BULK, 3);
    static const char *const order[] = {"stronger", "heavy", "too heavy", "light", "usual"};
    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        struct settle_item item;
        assert_true(settle_next(settle, 0, &item));
        assert_string_equal(item.path, order[i]);
    }
    settle_free(settle);
}

static void settle_raises_the_class_of_a_path_that_is_ready(void **state)
{
    (void)state;
    struct settle *settle = make();
    const struct settle_change changes[] = {
        {.path = "a", .class = SETTLE_BULK, .pace = SETTLE_NOW},
        {.path = "b", .class = SETTLE_BULK, .pace = SETTLE_NOW},
        {.path = "b", .class = SETTLE_FLASH, .pace = SETTLE_NOW},
    };
    for (size_t i = 0; i < 3; i++)
        settle_note(settle, &changes[i], 1000);
    expect(settle, "b", CHANGE_CHANGED, 1000);
    expect(settle, "a", CHANGE_CHANGED, 1000);
    assert_at_rest(settle);
}

static void settle_hands_out_what_is_due_first_first(void **state)
{
    (void)state;
    struct settle *settle = make();
    for (int i = 0; i < 200; i++) {
        char path[16];
        snprintf(path, sizeof(path), "f%d", i);
        written(settle, path, 1000 + (uint64_t)(i * 37 % 200));
    }
    uint64_t last_ms = 0;
    struct settle_item item;
    while (settle_next(settle, 5000, &item)) {
        assert_true(item.last_ms >= last_ms);
        last_ms = item.last_ms;
        settle_finished(settle, item.path, 5000);
    }
    assert_at_rest(settle);
}

static void settle_turns_delete_and_create_into_one_change(void **state)
{
    (void)state;
    struct settle *settle = make();
    gone(settle, "a", 1000);
    closed(settle, "a", 1003);
    struct settle_item item = take_at(settle, "a", 1013);
    assert_int_equal(item.change, CHANGE_CHANGED);
    assert_int_equal(item.n_notes, 2);
    settle_finished(settle, "a", 1014);
    assert_at_rest(settle);
}

static void settle_turns_create_and_delete_into_one_gone(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    gone(settle, "a", 1003);
    assert_nothing_at(settle, 1003 + DEBOUNCE_MS - 1);
    expect(settle, "a", CHANGE_GONE, 1003 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_has_one_job_a_path_in_flight(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    take_at(settle, "a", 1010);
    closed(settle, "a", 1011);
    assert_nothing_at(settle, 100000);
    assert_true(settle_deadline_ms(settle) == CLOCK_NEVER);
    settle_finished(settle, "a", 100000);
    struct settle_item item = take_at(settle, "a", 100000);
    assert_int_equal(item.first_ms, 1011);
    assert_int_equal(item.n_notes, 1);
    settle_finished(settle, "a", 100001);
    assert_at_rest(settle);
}

static void settle_makes_a_path_that_was_deleted_in_flight_gone_afterwards(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    take_at(settle, "a", 1010);
    gone(settle, "a", 1011);
    settle_finished(settle, "a", 1020);
    assert_nothing_at(settle, 1011 + DEBOUNCE_MS - 1);
    expect(settle, "a", CHANGE_GONE, 1011 + DEBOUNCE_MS);
    assert_at_rest(settle);
}

static void settle_puts_a_path_back_at_the_head_of_its_class(void **state)
{
    (void)state;
    struct settle *settle = make();
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, 1000);
    note(settle, "b", CHANGE_CHANGED, SETTLE_NOW, 1000);
    take_at(settle, "a", 1000);
    settle_put_back(settle, "a");
    assert_int_equal(settle_deadline_ms(settle), 0);
    expect(settle, "a", CHANGE_CHANGED, 1001);
    expect(settle, "b", CHANGE_CHANGED, 1001);
    assert_at_rest(settle);
}

static void settle_backs_off_while_a_file_is_busy(void **state)
{
    (void)state;
    struct settle *settle = make();
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, 1000);
    const uint64_t delays_ms[] = {100, 200, 400, 1000};
    uint64_t ms = 1000;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(take_at(settle, "a", ms).busy_count, i);
        settle_defer(settle, "a", SETTLE_BUSY, ms);
        assert_nothing_at(settle, ms + delays_ms[i] - 1);
        ms += delays_ms[i];
    }
    struct settle_item item = take_at(settle, "a", ms);
    assert_int_equal(item.busy_count, 4);
    assert_int_equal(item.busy_since_ms, 1000);
    settle_free(settle);
}

static void settle_reads_a_busy_file_as_it_is_after_the_longest_wait(void **state)
{
    (void)state;
    struct settle *settle = make();
    uint64_t ms = 1000;
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, ms);
    struct settle_item item = {0};
    for (; ms < 1000 + MAX_DELAY_MS; ms += 10) {
        if (!settle_next(settle, ms, &item))
            continue;
        assert_false(item.overdue);
        settle_defer(settle, "a", SETTLE_BUSY, ms);
    }
    item = take_at(settle, "a", 1000 + MAX_DELAY_MS);
    assert_true(item.overdue);
    assert_true(item.busy_count >= 4);
    settle_finished(settle, "a", ms);
    assert_at_rest(settle);
}

static void settle_does_not_spin_when_an_overdue_file_is_given_back(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    assert_true(take_at(settle, "a", 3000).overdue);
    settle_defer(settle, "a", SETTLE_TORN, 3000);
    assert_nothing_at(settle, 3099);
    assert_true(take_at(settle, "a", 3100).overdue);
    settle_free(settle);
}

static void settle_tries_a_busy_file_again_as_soon_as_it_is_closed(void **state)
{
    (void)state;
    struct settle *settle = make();
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, 1000);
    take_at(settle, "a", 1000);
    settle_defer(settle, "a", SETTLE_BUSY, 1000);
    written(settle, "a", 1010);
    assert_int_equal(settle_deadline_ms(settle), 1100);
    closed(settle, "a", 1020);
    struct settle_item item = take_at(settle, "a", 1020 + FAST_MS);
    assert_true(item.fast);
    assert_int_equal(item.busy_count, 1);
    settle_free(settle);
}

static void settle_does_not_lose_a_close_that_comes_while_the_probe_says_busy(void **state)
{
    (void)state;
    struct settle *settle = make();
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, 1000);
    take_at(settle, "a", 1000);
    closed(settle, "a", 1001);
    settle_defer(settle, "a", SETTLE_BUSY, 1002);
    struct settle_item item = take_at(settle, "a", 1011);
    assert_int_equal(item.n_notes, 2);
    settle_free(settle);
}

static void settle_counts_busy_files(void **state)
{
    (void)state;
    struct settle *settle = make();
    note(settle, "a", CHANGE_CHANGED, SETTLE_NOW, 1000);
    written(settle, "b", 1000);
    take_at(settle, "a", 1000);
    settle_defer(settle, "a", SETTLE_BUSY, 1000);
    struct settle_counts counts;
    settle_count(settle, &counts);
    assert_int_equal(counts.n_busy, 1);
    assert_int_equal(counts.n_waiting, 2);
    assert_int_equal(counts.n_deferrals, 1);
    settle_free(settle);
}

static void settle_drops_a_path_that_waits(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    settle_drop(settle, "a", 1001);
    settle_drop(settle, "unknown", 1001);
    assert_at_rest(settle);
}

static void settle_drop_lets_a_job_in_flight_finish(void **state)
{
    (void)state;
    struct settle *settle = make();
    closed(settle, "a", 1000);
    take_at(settle, "a", 1010);
    closed(settle, "a", 1011);
    settle_drop(settle, "a", 1012);
    settle_finished(settle, "a", 1013);
    assert_at_rest(settle);
}

static void settle_applies_new_settings_to_what_waits(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a", 1000);
    struct settle_settings settings = SETTLE_SETTINGS_DEFAULT;
    settings.debounce_ms = 50;
    settle_configure(settle, &settings, 1010);
    assert_int_equal(settle_deadline_ms(settle), 1050);
    expect(settle, "a", CHANGE_CHANGED, 1050);
    assert_at_rest(settle);
}

static void settle_gives_back_the_pointer_that_was_attached(void **state)
{
    (void)state;
    struct settle *settle = make();
    int request = 0;
    written(settle, "a", 1000);
    settle_attach(settle, "a", &request);
    settle_attach(settle, "unknown", &request);
    assert_true(settle_is_pending(settle, "a"));
    assert_false(settle_is_pending(settle, "unknown"));
    assert_ptr_equal(take_at(settle, "a", 1500).user, &request);
    settle_free(settle);
}

static void settle_keeps_odd_names_apart(void **state)
{
    (void)state;
    struct settle *settle = make();
    written(settle, "a\xff", 1000);
    written(settle, "a\n", 1000);
    written(settle, "a", 1000);
    assert_int_equal(settle_n_pending(settle), 3);
    settle_free(settle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settle_is_at_rest_when_nothing_happened),
        cmocka_unit_test(settle_waits_for_the_quiet_time_after_a_write),
        cmocka_unit_test(settle_reports_a_file_once_after_a_burst),
        cmocka_unit_test(settle_counts_notes_that_joined_a_path),
        cmocka_unit_test(settle_does_not_let_a_file_written_without_pause_wait_for_ever),
        cmocka_unit_test(settle_waits_the_longest_time_again_after_each_job),
        cmocka_unit_test(settle_takes_the_fast_path_when_the_writer_is_done),
        cmocka_unit_test(settle_has_no_fast_path_where_it_is_off),
        cmocka_unit_test(settle_leaves_the_fast_path_when_writing_goes_on),
        cmocka_unit_test(settle_does_not_call_an_item_fast_that_was_quiet_long_enough),
        cmocka_unit_test(settle_waits_out_the_quiet_time_when_the_fast_path_cannot_be_proven),
        cmocka_unit_test(settle_without_debounce_hands_every_note_out_at_once),
        cmocka_unit_test(settle_without_a_longest_wait_waits_as_long_as_writing_goes_on),
        cmocka_unit_test(settle_hands_out_what_a_scan_found_at_once),
        cmocka_unit_test(settle_lets_no_scan_hurry_a_file_that_is_being_written),
        cmocka_unit_test(settle_lets_a_flash_request_hurry_a_file_that_waits),
        cmocka_unit_test(settle_hands_out_the_strongest_class_first),
        cmocka_unit_test(settle_hands_out_the_heaviest_of_a_class_first),
        cmocka_unit_test(settle_raises_the_class_of_a_path_that_is_ready),
        cmocka_unit_test(settle_hands_out_what_is_due_first_first),
        cmocka_unit_test(settle_turns_delete_and_create_into_one_change),
        cmocka_unit_test(settle_turns_create_and_delete_into_one_gone),
        cmocka_unit_test(settle_has_one_job_a_path_in_flight),
        cmocka_unit_test(settle_makes_a_path_that_was_deleted_in_flight_gone_afterwards),
        cmocka_unit_test(settle_puts_a_path_back_at_the_head_of_its_class),
        cmocka_unit_test(settle_backs_off_while_a_file_is_busy),
        cmocka_unit_test(settle_reads_a_busy_file_as_it_is_after_the_longest_wait),
        cmocka_unit_test(settle_does_not_spin_when_an_overdue_file_is_given_back),
        cmocka_unit_test(settle_tries_a_busy_file_again_as_soon_as_it_is_closed),
        cmocka_unit_test(settle_does_not_lose_a_close_that_comes_while_the_probe_says_busy),
        cmocka_unit_test(settle_counts_busy_files),
        cmocka_unit_test(settle_drops_a_path_that_waits),
        cmocka_unit_test(settle_drop_lets_a_job_in_flight_finish),
        cmocka_unit_test(settle_applies_new_settings_to_what_waits),
        cmocka_unit_test(settle_gives_back_the_pointer_that_was_attached),
        cmocka_unit_test(settle_keeps_odd_names_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
