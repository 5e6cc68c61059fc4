#include "unit.h"

#include <string.h>

#include "model/counter.h"

static void counter_words_are_distinct_and_fit_a_metric_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNTERS; i++) {
        assert_int_equal(strspn(counter_infos[i].word, "abcdefghijklmnopqrstuvwxyz_"),
            strlen(counter_infos[i].word));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(counter_infos[i].word, counter_infos[k].word);
    }
}

static void counters_of_several_roots_add_up_but_ages_do_not(void **state)
{
    (void)state;
    struct counters sum = {0}, one = {0};
    one.value[COUNTER_FILES_SYNCED] = 2;
    one.value[COUNTER_OLDEST_PENDING_MS] = 500;
    counters_add(&sum, &one);
    one.value[COUNTER_OLDEST_PENDING_MS] = 300;
    counters_add(&sum, &one);
    assert_int_equal(sum.value[COUNTER_FILES_SYNCED], 4);
    assert_int_equal(sum.value[COUNTER_OLDEST_PENDING_MS], 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counter_words_are_distinct_and_fit_a_metric_name),
        cmocka_unit_test(counters_of_several_roots_add_up_but_ages_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
