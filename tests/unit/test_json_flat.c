#include "unit.h"

#include "app/json_flat.h"

static struct json_flat *parse(struct arena *arena, const char *text)
{
    struct json_flat *object = NULL;
    struct error err = ERROR_INIT;
    assert_true(json_flat_parse(text, arena, &object, &err));
    return object;
}

static void json_flat_reads_strings_numbers_words_and_keeps_nested_text(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct json_flat *object = parse(arena,
        " {\"v\":1, \"cmd\" : "
        "\"wait\",\"ok\":true,\"no\":false,\"x\":null,\"a\":[1,{\"]\":\"}\"}],\"f\":-1.5e1}\n");
    assert_string_equal(json_flat_string(object, "cmd"), "wait");
    assert_true(json_flat_number(object, "v", 0) > 0.5);
    assert_true(json_flat_number(object, "f", 0) < -14.5);
    assert_true(json_flat_number(object, "cmd", 7) > 6.5);
    assert_true(json_flat_true(object, "ok"));
    assert_false(json_flat_true(object, "no"));
    assert_string_equal(json_flat_raw(object, "a"), "[1,{\"]\":\"}\"}]");
    assert_null(json_flat_string(object, "v"));
    assert_null(json_flat_string(object, "missing"));
    arena_free(arena);
}

static void json_flat_unescapes_strings(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct json_flat *object =
        parse(arena, "{\"p\":\"a\\\"b\\\\c\\/\\n\\t\\u00e9\\ud83d\\ude00\",\"q\\u0041\":\"\"}");
    assert_string_equal(json_flat_string(object, "p"), "a\"b\\c/\n\t\xc3\xa9\xf0\x9f\x98\x80");
    assert_string_equal(json_flat_string(object, "qA"), "");
    arena_free(arena);
}

static void json_flat_reads_lists_of_strings(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct json_flat *object =
        parse(arena, "{\"a\":[ \"x\" , \"y\\n\"],\"b\":[],\"c\":[1],\"d\":\"x\"}");
    const char *const *list = json_flat_strings(object, "a", arena);
    assert_string_equal(list[0], "x");
    assert_string_equal(list[1], "y\n");
    assert_null(list[2]);
    assert_null(json_flat_strings(object, "b", arena)[0]);
    assert_null(json_flat_strings(object, "c", arena));
    assert_null(json_flat_strings(object, "d", arena));
    arena_free(arena);
}

static void json_flat_refuses_what_is_not_one_object(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "[]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1",
        "{\"a\":1,}", "{\"a\":1}x", "{a:1}", "{\"a\":\"x}", "{\"a\":\"\\q\"}", "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud800\"}", "{\"a\":\"\\u0000\"}", "{\"a\":[}", "{\"a\":[1}", "{\"a\":\"\t\"}",
        "{\"a\":nul}", "{\"a\":1-}", "{\"a\":\"\\", "{\"a\":{]}}"};
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct json_flat *object = NULL;
        struct error err = ERROR_INIT;
        assert_false(json_flat_parse(bad[i], arena, &object, &err));
        assert_true(err.kind == ERROR_IO);
    }
    arena_free(arena);
}

static void json_flat_bounds_the_nesting(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct json_flat *object = NULL;
    struct error err = ERROR_INIT;
    char text[1000] = "{\"a\":";
    memset(text + 5, '[', sizeof(text) - 6);
    assert_false(json_flat_parse(text, arena, &object, &err));
    assert_non_null(strstr(err.message, "nested too deep"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_flat_reads_strings_numbers_words_and_keeps_nested_text),
        cmocka_unit_test(json_flat_unescapes_strings),
        cmocka_unit_test(json_flat_reads_lists_of_strings),
        cmocka_unit_test(json_flat_refuses_what_is_not_one_object),
        cmocka_unit_test(json_flat_bounds_the_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
