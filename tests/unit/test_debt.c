#include "unit.h"

#include "app/debt.h"
#include "base/clock.h"
#include "model/job.h"

static const uint32_t delays_ms[] = {500, 1000, 2000};
static const struct debt_settings settings = {
    .delays_ms = delays_ms, .n_delays = 3, .slow_ms = 30000};

static void a_debt_is_due_after_the_delay_of_its_try(void **state)
{
    (void)state;
    static const uint64_t expected_ms[] = {500, 1000, 2000, 30000, 30000};
    struct debts *debts = debts_new(&settings);
    for (size_t i = 0; i < ARRAY_SIZE(expected_ms); i++) {
        debts_add(debts, "a", SINK_BIT(SINK_FILES), true, "no", "42P01", 100000);
        assert_int_equal(debts_deadline_ms(debts), 100000 + expected_ms[i]);
        assert_null(debts_next(debts, 100000 + expected_ms[i] - 1));
        const struct debt *debt = debts_next(debts, 100000 + expected_ms[i]);
        assert_non_null(debt);
        assert_int_equal(debt->tries, i + 1);
        assert_int_equal(debts_deadline_ms(debts), CLOCK_NEVER);
    }
    debts_free(debts);
}

static void a_debt_that_was_only_put_off_is_no_try(void **state)
{
    (void)state;
    struct debts *debts = debts_new(&settings);
    const struct debt *debt = debts_add(debts, "a", SINK_BIT(SINK_FILES), false, "breaker", "", 0);
    assert_int_equal(debt->tries, 0);
    assert_int_equal(debts_deadline_ms(debts), 500);
    debts_free(debts);
}

static void debts_are_due_in_order_of_time(void **state)
{
    (void)state;
    struct debts *debts = debts_new(&settings);
    debts_add(debts, "late", SINK_ALL, true, "x", "", 300);
    debts_add(debts, "early", SINK_ALL, true, "x", "", 100);
    debts_add(debts, "middle", SINK_ALL, true, "y", "", 200);
    assert_string_equal(debts_next(debts, 10000)->path, "early");
    assert_string_equal(debts_next(debts, 10000)->path, "middle");
    assert_string_equal(debts_next(debts, 10000)->path, "late");
    assert_null(debts_next(debts, 10000));
    assert_int_equal(debts_count(debts, SINK_ALL), 3);
    debts_free(debts);
}

static void each_sink_is_paid_on_its_own(void **state)
{
    (void)state;
    struct debts *debts = debts_new(&settings);
    debts_add(debts, "a", SINK_ALL, true, "x", "", 0);
    debts_paid(debts, "a", SINK_BIT(SINK_METADATA));
    assert_int_equal(debts_of(debts, "a"), SINK_BIT(SINK_FILES));
    assert_int_equal(debts_count(debts, SINK_BIT(SINK_FILES)), 1);
    assert_int_equal(debts_count(debts, SINK_BIT(SINK_METADATA)), 0);
    debts_paid(debts, "a", SINK_BIT(SINK_FILES));
    assert_int_equal(debts_of(debts, "a"), 0);
    assert_int_equal(debts_count(debts, SINK_ALL), 0);
    assert_int_equal(debts_deadline_ms(debts), CLOCK_NEVER);
    debts_free(debts);
}

static void a_sink_that_is_down_holds_its_debts_alone(void **state)
{
    (void)state;
    struct debts *debts = debts_new(&settings);
    debts_add(debts, "files", SINK_BIT(SINK_FILES), true, "x", "", 0);
    debts_hold(debts, SINK_BIT(SINK_FILES));
    assert_int_equal(debts_deadline_ms(debts), CLOCK_NEVER);
    debts_add(debts, "more", SINK_BIT(SINK_FILES), true, "x", "", 0);
    debts_add(debts, "both", SINK_ALL, true, "x", "", 0);
    assert_string_equal(debts_next(debts, 99999)->path, "both");
    assert_null(debts_next(debts, 99999));
    debts_due(debts, SINK_BIT(SINK_FILES), 5000);
    assert_int_equal(debts_deadline_ms(debts), 5000);
    assert_non_null(debts_next(debts, 5000));
    assert_non_null(debts_next(debts, 5000));
    assert_null(debts_next(debts, 5000));
    debts_free(debts);
}

static void reasons_outlive_the_debts_that_shared_them(void **state)
{
    (void)state;
    struct debts *debts = debts_new(&settings);
    debts_add(debts, "a", SINK_ALL, true, "disk full", "53100", 0);
    debts_add(debts, "b", SINK_ALL, true, "disk full", "53100", 0);
    debts_paid(debts, "a", SINK_ALL);
    assert_string_equal(debts_find(debts, "b")->reason, "disk full");
    assert_string_equal(debts_find(debts, "b")->sqlstate, "53100");
    debts_add(debts, "b", SINK_ALL, true, "other", "", 0);
    assert_string_equal(debts_find(debts, "b")->reason, "other");
    debts_free(debts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_debt_is_due_after_the_delay_of_its_try),
        cmocka_unit_test(a_debt_that_was_only_put_off_is_no_try),
        cmocka_unit_test(debts_are_due_in_order_of_time),
        cmocka_unit_test(each_sink_is_paid_on_its_own),
        cmocka_unit_test(a_sink_that_is_down_holds_its_debts_alone),
        cmocka_unit_test(reasons_outlive_the_debts_that_shared_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
