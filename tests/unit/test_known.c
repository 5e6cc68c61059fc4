#include "unit.h"

#include <stdio.h>

#include "app/known.h"

static struct fingerprint version_of(unsigned n)
{
    uint8_t hash[32] = {(uint8_t)n, (uint8_t)(n >> 8), 1};
    return fingerprint_of(hash, 0644);
}

/* Names of thousands of entries share runs of the table, so that a wrong deletion loses a
 * neighbour. */
static void entries_survive_the_deletion_of_their_neighbours(void **state)
{
    (void)state;
    struct known known;
    struct fingerprint found;
    char path[32];
    known_init(&known, 7);
    for (unsigned i = 0; i < 5000; i++) {
        const struct fingerprint version = version_of(i);
        snprintf(path, sizeof(path), "src/%u.c", i);
        known_set(&known, path, &version);
    }
    for (unsigned i = 0; i < 5000; i += 2) {
        snprintf(path, sizeof(path), "src/%u.c", i);
        known_forget(&known, path);
    }
    assert_int_equal(known.count, 2500);
    for (unsigned i = 0; i < 5000; i++) {
        const struct fingerprint version = version_of(i);
        snprintf(path, sizeof(path), "src/%u.c", i);
        assert_int_equal(known_has_row(&known, path), i % 2);
        if (i % 2 == 1) {
            assert_true(known_version(&known, path, &found));
            assert_true(fingerprint_equal(&found, &version));
        }
    }
    known_release(&known);
}

static void a_doubtful_path_has_a_row_of_no_known_version(void **state)
{
    (void)state;
    struct known known;
    struct fingerprint found, version = version_of(3);
    known_init(&known, 0);
    assert_false(known_has_row(&known, "a"));
    known_set(&known, "a", &version);
    known_doubt(&known, "a");
    assert_true(known_has_row(&known, "a"));
    assert_false(known_version(&known, "a", &found));
    known_release(&known);
}

static void permission_bits_are_part_of_a_version(void **state)
{
    (void)state;
    const uint8_t hash[32] = {9};
    const struct fingerprint plain = fingerprint_of(hash, 0100644),
                             executable = fingerprint_of(hash, 0100755);
    assert_false(fingerprint_equal(&plain, &executable));
    assert_true(fingerprint_same_content(&plain, &executable));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_survive_the_deletion_of_their_neighbours),
        cmocka_unit_test(a_doubtful_path_has_a_row_of_no_known_version),
        cmocka_unit_test(permission_bits_are_part_of_a_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
