#include "unit.h"

#include "base/clock.h"
#include "store/breaker.h"

static const struct breaker_settings settings = {
    .failures = 5, .probe_min_ms = 500, .probe_max_ms = 2000};

static void five_failures_in_a_row_open_it_once(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, &settings);
    assert_false(breaker_failure(&breaker, 4, 0));
    breaker_success(&breaker);
    assert_false(breaker_failure(&breaker, 4, 0));
    assert_true(breaker_failure(&breaker, 1, 0));
    assert_false(breaker_failure(&breaker, 1, 0));
    assert_int_equal(breaker_state(&breaker), SINK_STATE_OPEN);
}

static void a_whole_batch_of_failures_opens_it_at_once(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, &settings);
    assert_true(breaker_failure(&breaker, 100, 0));
}

static void one_thread_probes_when_it_is_time(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, &settings);
    assert_int_equal(breaker_probe_at_ms(&breaker), CLOCK_NEVER);
    (void)!breaker_failure(&breaker, 5, 1000);
    assert_int_equal(breaker_probe_at_ms(&breaker), 1500);
    assert_false(breaker_try_probe(&breaker, 1499));
    assert_true(breaker_try_probe(&breaker, 1500));
    assert_false(breaker_try_probe(&breaker, 1500));
    assert_int_equal(breaker_state(&breaker), SINK_STATE_PROBING);
}

static void failed_probes_wait_longer_up_to_a_limit(void **state)
{
    (void)state;
    struct breaker breaker;
    uint64_t now_ms = 0;
    static const uint64_t waits_ms[] = {500, 500, 1000, 2000, 2000};
    breaker_init(&breaker, &settings);
    (void)!breaker_failure(&breaker, 5, now_ms);
    for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
        now_ms += waits_ms[i];
        assert_int_equal(breaker_probe_at_ms(&breaker), now_ms);
        assert_true(breaker_try_probe(&breaker, now_ms));
        assert_int_equal(breaker_probed(&breaker, false, now_ms), SINK_STATE_OPEN);
    }
}

static void a_probe_that_works_closes_it_and_one_failure_opens_it_again(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, &settings);
    (void)!breaker_failure(&breaker, 5, 0);
    assert_true(breaker_try_probe(&breaker, 500));
    assert_int_equal(breaker_probed(&breaker, true, 500), SINK_STATE_CLOSED);
    assert_true(breaker_failure(&breaker, 1, 600));
}

static void after_a_loss_it_waits_for_the_comparison(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, &settings);
    assert_true(breaker_lost(&breaker, 100));
    assert_true(breaker_try_probe(&breaker, 100));
    assert_int_equal(breaker_probed(&breaker, true, 100), SINK_STATE_WAITING);
    assert_true(breaker_resume(&breaker));
    assert_int_equal(breaker_state(&breaker), SINK_STATE_CLOSED);
    assert_false(breaker_resume(&breaker));
}

static void a_loss_during_the_comparison_asks_for_another_one(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, &settings);
    assert_true(breaker_lost(&breaker, 0));
    assert_true(breaker_try_probe(&breaker, 0));
    assert_int_equal(breaker_probed(&breaker, true, 0), SINK_STATE_WAITING);
    assert_true(breaker_lost(&breaker, 10));
    assert_false(breaker_resume(&breaker));
    assert_int_equal(breaker_state(&breaker), SINK_STATE_OPEN);
    assert_true(breaker_try_probe(&breaker, 10));
    assert_int_equal(breaker_probed(&breaker, true, 10), SINK_STATE_WAITING);
}

static void a_pause_outlasts_a_probe(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, &settings);
    (void)!breaker_failure(&breaker, 5, 0);
    assert_true(breaker_try_probe(&breaker, 500));
    breaker_pause(&breaker);
    assert_int_equal(breaker_probed(&breaker, true, 500), SINK_STATE_PAUSED);
    assert_false(breaker_failure(&breaker, 9, 500));
    assert_int_equal(breaker_state(&breaker), SINK_STATE_PAUSED);
    assert_true(breaker_resume(&breaker));
}

static void a_breaker_that_was_not_open_takes_all_failures_after_a_resume(void **state)
{
    (void)state;
    struct breaker breaker;
    breaker_init(&breaker, &(struct breaker_settings){5, 500, 2000});
    assert_false(breaker_resume(&breaker));
    assert_false(breaker_failure(&breaker, 4, 0));
    breaker_success(&breaker);
    breaker_pause(&breaker);
    assert_true(breaker_resume(&breaker));
    assert_false(breaker_failure(&breaker, 4, 0));
    assert_true(breaker_failure(&breaker, 1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_failures_in_a_row_open_it_once),
        cmocka_unit_test(a_whole_batch_of_failures_opens_it_at_once),
        cmocka_unit_test(one_thread_probes_when_it_is_time),
        cmocka_unit_test(failed_probes_wait_longer_up_to_a_limit),
        cmocka_unit_test(a_probe_that_works_closes_it_and_one_failure_opens_it_again),
        cmocka_unit_test(after_a_loss_it_waits_for_the_comparison),
        cmocka_unit_test(a_loss_during_the_comparison_asks_for_another_one),
        cmocka_unit_test(a_pause_outlasts_a_probe),
        cmocka_unit_test(a_breaker_that_was_not_open_takes_all_failures_after_a_resume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
