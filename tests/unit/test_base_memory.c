#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

static void arena_gives_zeroed_aligned_memory_of_any_size(void **state)
{
    (void)state;
    struct arena *arena = arena_new(256);
    for (size_t size = 0; size < 2000; size += 37) {
        unsigned char *memory = arena_alloc(arena, 1, size);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(memory[i], 0);
            memory[i] = 0xff;
        }
    }
    arena_free(arena);
}

static void arena_keeps_earlier_blocks_when_it_grows(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64);
    char *first = arena_string(arena, "first");
    for (int i = 0; i < 1000; i++)
        assert_string_equal(arena_printf(arena, "%d", i)[0] != '\0' ? "x" : "", "x");
    assert_string_equal(first, "first");
    assert_true(arena_size_bytes(arena) > 1000);
    arena_free(arena);
}

static void buf_is_always_a_c_string(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT;
    assert_string_equal(buf_string(&buf), "");
    buf_addf(&buf, "%d-%s", 7, "x");
    buf_addc(&buf, '!');
    buf_add_u64(&buf, UINT64_MAX);
    assert_string_equal(buf_string(&buf), "7-x!18446744073709551615");
    buf_truncate(&buf, 3);
    assert_string_equal(buf_string(&buf), "7-x");
    char *taken = buf_take(&buf);
    assert_string_equal(taken, "7-x");
    assert_int_equal(buf.length, 0);
    free(taken);
    buf_release(&buf);
}

static void buf_carries_nul_bytes(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT;
    buf_add(&buf, "a\0b", 3);
    assert_int_equal(buf.length, 3);
    assert_memory_equal(buf.data, "a\0b", 4);
    buf_release(&buf);
}

static void error_names_the_reason_of_errno(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    assert_false(error_set(&err, ERROR_IO, 2, "could not open file \"%s\"", "a/b.c"));
    assert_string_equal(err.message, "could not open file \"a/b.c\": No such file or directory");
    assert_false(error_wrap(&err, "sink \"%s\"", "code_files"));
    assert_string_equal(err.message,
        "sink \"code_files\": could not open file \"a/b.c\": No such file or directory");
    assert_int_equal(error_exit_code(&err), 1);
}

static void error_cuts_what_is_too_long(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    char long_text[2000];
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    error_set(&err, ERROR_DATABASE, 0, "%s", long_text);
    assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
    error_wrap(&err, "%s", long_text);
    assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
    assert_int_equal(error_exit_code(&err), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory_of_any_size),
        cmocka_unit_test(arena_keeps_earlier_blocks_when_it_grows),
        cmocka_unit_test(buf_is_always_a_c_string),
        cmocka_unit_test(buf_carries_nul_bytes),
        cmocka_unit_test(error_names_the_reason_of_errno),
        cmocka_unit_test(error_cuts_what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
