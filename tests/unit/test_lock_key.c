#include "unit.h"

#include "store/lock_key.h"

/* printf 'srctab control srctab app' | sha256sum */
static void lock_key_is_the_start_of_a_hash_that_sql_can_compute_too(void **state)
{
    (void)state;
    assert_int_equal(lock_key(LOCK_PURPOSE_CONTROL, "srctab", "app"), (int64_t)0x0827321133051b77);
}

static void lock_keys_differ_by_purpose_schema_and_codebase(void **state)
{
    (void)state;
    int64_t key = lock_key(LOCK_PURPOSE_CONTROL, "srctab", "app");
    assert_true(key != lock_key(LOCK_PURPOSE_WRITE, "srctab", "app"));
    assert_true(key != lock_key(LOCK_PURPOSE_CONTROL, "other", "app"));
    assert_true(key != lock_key(LOCK_PURPOSE_CONTROL, "srctab", "lib"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lock_key_is_the_start_of_a_hash_that_sql_can_compute_too),
        cmocka_unit_test(lock_keys_differ_by_purpose_schema_and_codebase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
