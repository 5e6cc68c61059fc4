#include "unit.h"

#include "base/clock.h"
#include "watch/limbo.h"

static bool add(struct limbo *limbo, uint64_t identity, uint16_t root, const char *path)
{
    return limbo_add_file(limbo, identity, root, path, 100, WATCH_CAUSE_EVENT);
}

static void a_file_is_taken_by_identity_and_root(void **state)
{
    (void)state;
    struct limbo limbo = {0};
    assert_true(add(&limbo, 7, 1, "a/b"));
    assert_null(limbo_take_file(&limbo, 7, 2));
    assert_null(limbo_take_file(&limbo, 8, 1));
    struct limbo_file *file = limbo_take_file(&limbo, 7, 1);
    assert_string_equal(file->path, "a/b");
    free(file);
    assert_int_equal(limbo_count(&limbo), 0);
    assert_null(limbo_file_at(&limbo, 1, "a/b"));
}

static void a_file_is_found_by_the_path_it_had(void **state)
{
    (void)state;
    struct limbo limbo = {0};
    assert_true(add(&limbo, 7, 1, "a"));
    assert_true(add(&limbo, 8, 2, "a"));
    assert_int_equal(limbo_file_at(&limbo, 2, "a")->key.identity, 8);
    assert_null(limbo_file_at(&limbo, 1, "b"));
    limbo_remove_file(&limbo, limbo_file_at(&limbo, 1, "a"));
    assert_null(limbo_file_at(&limbo, 1, "a"));
    limbo_release(&limbo);
}

static void a_second_name_of_a_file_does_not_wait(void **state)
{
    (void)state;
    struct limbo limbo = {0};
    assert_true(add(&limbo, 7, 1, "a"));
    assert_false(add(&limbo, 7, 1, "b"));
    assert_false(add(&limbo, 9, 1, "a"));
    limbo_release(&limbo);
}

static void the_first_that_is_due_counts(void **state)
{
    (void)state;
    struct limbo limbo = {0};
    assert_true(limbo_due_ms(&limbo) == CLOCK_NEVER);
    limbo_add_folder(&limbo, 3, 1, "d", 500, WATCH_CAUSE_EVENT);
    assert_int_equal(limbo_due_ms(&limbo), 500);
    assert_true(add(&limbo, 7, 1, "a"));
    assert_int_equal(limbo_due_ms(&limbo), 100);
    assert_string_equal(limbo_find_folder(&limbo, 3)->path, "d");
    assert_null(limbo_find_folder(&limbo, 4));
    limbo_release(&limbo);
    assert_int_equal(limbo_count(&limbo), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_taken_by_identity_and_root),
        cmocka_unit_test(a_file_is_found_by_the_path_it_had),
        cmocka_unit_test(a_second_name_of_a_file_does_not_wait),
        cmocka_unit_test(the_first_that_is_due_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
