#include "unit.h"

#include "analyze/capped_alloc.h"
#include "base/attr.h"

#define CAP ((size_t)1 << 20)

/* Where over() jumps to: it must not return. */
static jmp_buf over_the_cap;

static void jump(void)
{
    longjmp(over_the_cap, 1);
}

static void outside_of_a_file_it_is_malloc(void **state)
{
    (void)state;
    char *memory = ts_capped_malloc(10);
    memory = ts_capped_realloc(memory, CAP * 2);
    assert_non_null(memory);
    memory[CAP] = 1;
    ts_capped_free(memory);
    AUTO_FREE char *zeroed = ts_capped_calloc(3, 5); /* free(3) takes it */
    assert_int_equal(zeroed[14], 0);
}

static void blocks_are_aligned_and_apart(void **state)
{
    (void)state;
    char *blocks[200];
    capped_begin(CAP, jump);
    for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
        blocks[i] = ts_capped_malloc(i * 13 % 3000);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        memset(blocks[i], (int)i, i * 13 % 3000);
    }
    for (size_t i = 0; i < ARRAY_SIZE(blocks); i++)
        for (size_t at = 0; at < i * 13 % 3000; at++)
            assert_int_equal((unsigned char)blocks[i][at], i);
    capped_end();
}

static void freed_blocks_are_used_again(void **state)
{
    (void)state;
    capped_begin(CAP, jump);
    for (int i = 0; i < 100000; i++) {
        char *memory = ts_capped_malloc(700);
        memory = ts_capped_realloc(memory, 5000);
        ts_capped_free(memory);
    }
    assert_true(capped_peak_bytes() < 10000);
    capped_end();
}

static void growing_keeps_the_bytes(void **state)
{
    (void)state;
    capped_begin(CAP, jump);
    char *memory = ts_capped_calloc(1, 8);
    for (size_t size = 8; size < CAP / 8; size = size * 3 / 2) {
        memset(memory, 'a', size);
        memory = ts_capped_realloc(memory, size * 3 / 2);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 'a');
    }
    capped_end();
}

static void zeroed_memory_is_zero_also_the_second_time(void **state)
{
    (void)state;
    capped_begin(CAP, jump);
    char *memory = ts_capped_malloc(100);
    memset(memory, 'x', 100);
    ts_capped_free(memory);
    memory = ts_capped_calloc(10, 10);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(memory[i], 0);
    capped_end();
}

static bool goes_over(void *(*allocate)(size_t size), size_t size)
{
    volatile bool over = true;
    capped_begin(CAP, jump);
    if (setjmp(over_the_cap) == 0) {
        for (int i = 0; i < 100; i++)
            (void)allocate(size);
        over = false;
    }
    capped_end();
    return over;
}

static void *callocate_max(size_t size)
{
    return ts_capped_calloc(SIZE_MAX, size);
}

static void beyond_the_cap_over_is_called(void **state)
{
    (void)state;
    assert_true(goes_over(ts_capped_malloc, CAP / 50));
    assert_true(goes_over(ts_capped_malloc, SIZE_MAX));
    assert_true(goes_over(ts_capped_malloc, SIZE_MAX - 8));
    assert_true(goes_over(callocate_max, 2));
    assert_false(goes_over(ts_capped_malloc, CAP / 200));
}

static void memory_from_before_may_be_freed_inside(void **state)
{
    (void)state;
    char *before = ts_capped_malloc(10);
    char *grown = ts_capped_malloc(10);
    capped_begin(CAP, jump);
    ts_capped_free(before);
    grown = ts_capped_realloc(grown, 20);
    void *inside = ts_capped_malloc(10);
    capped_end();
    ts_capped_free(inside); /* forgotten already: nothing happens */
    ts_capped_free(grown);
    ts_capped_free(NULL);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(outside_of_a_file_it_is_malloc),
        cmocka_unit_test(blocks_are_aligned_and_apart),
        cmocka_unit_test(freed_blocks_are_used_again),
        cmocka_unit_test(growing_keeps_the_bytes),
        cmocka_unit_test(zeroed_memory_is_zero_also_the_second_time),
        cmocka_unit_test(beyond_the_cap_over_is_called),
        cmocka_unit_test(memory_from_before_may_be_freed_inside),
    };
    if (!capped_reserve(CAP))
        return 1;
    return cmocka_run_group_tests(cases, NULL, NULL);
}
