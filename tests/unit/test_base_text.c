#include "unit.h"

#include <math.h>

#include "base/json.h"
#include "base/nearest.h"
#include "base/utf8.h"

/* Sequences of RFC 3629 section 3 and Markus Kuhn's stress test: what is and what is not UTF-8. */
static void utf8_knows_valid_from_invalid(void **state)
{
    (void)state;
    static const char *const valid[] = {"", "abc", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
        "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
        "12345678\xc3\xa9"};
    static const char *const invalid[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
        "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xff", "12345678\xc3"};
    for (size_t i = 0; i < ARRAY_SIZE(valid); i++)
        assert_true(utf8_valid(valid[i], strlen(valid[i])));
    for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
        assert_false(utf8_valid(invalid[i], strlen(invalid[i])));
}

static void utf8_codes_survive_encoding(void **state)
{
    (void)state;
    static const uint32_t codes[] = {
        0x24, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        struct buf buf = BUF_INIT;
        uint32_t code = 0;
        utf8_add_code(&buf, codes[i]);
        assert_int_equal(utf8_sequence((const uint8_t *)buf.data, buf.length, &code), buf.length);
        assert_int_equal(code, codes[i]);
        buf_release(&buf);
    }
}

static void utf8_repair_replaces_each_invalid_byte(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT;
    utf8_add_repaired(&buf, "a\xff\0\xe2\x82z", 6, true);
    assert_string_equal(buf_string(&buf), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz");
    buf_clear(&buf);
    assert_true(utf8_add_path(&buf,
        "d/\xff"
        "e\xc3\xa9\n",
        7));
    assert_string_equal(buf_string(&buf), "d/\\xFFe\xc3\xa9\n");
    buf_clear(&buf);
    assert_false(utf8_add_path(&buf, "d/e", 3));
    buf_release(&buf);
}

static void json_writes_commas_and_escapes(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT;
    struct json json = JSON_INIT(&buf);
    json_object_begin(&json);
    json_key_string(&json, "a", "q\"\\\n\x01\x7f\xff");
    json_key(&json, "b");
    json_array_begin(&json);
    json_i64(&json, INT64_MIN);
    json_u64(&json, 3);
    json_double(&json, 0.1);
    json_double(&json, 2.0);
    json_double(&json, NAN);
    json_array_end(&json);
    json_key_bool(&json, "c", true);
    json_key_string(&json, "d", NULL);
    json_key_bytes(&json, "e", "x\0y", 3);
    json_object_end(&json);
    assert_string_equal(buf_string(&buf),
        "{\"a\":\"q\\\"\\\\\\n\\u0001\\u007f\xef\xbf\xbd\",\"b\":[-"
        "9223372036854775808,3,0.1,2,null],\"c\":true,\"d\":null,\"e\":\"xy\"}");
    buf_release(&buf);
}

static void nearest_finds_typing_errors_only(void **state)
{
    (void)state;
    static const char *const words[] = {"include", "exclude", "enabled", "path"};
    assert_string_equal(nearest_word("inclde", words, 4), "include");
    assert_string_equal(nearest_word("exlcude", words, 4), "exclude");
    assert_string_equal(nearest_word("paht", words, 4), "path");
    assert_null(nearest_word("zzzzzz", words, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_knows_valid_from_invalid),
        cmocka_unit_test(utf8_codes_survive_encoding),
        cmocka_unit_test(utf8_repair_replaces_each_invalid_byte),
        cmocka_unit_test(json_writes_commas_and_escapes),
        cmocka_unit_test(nearest_finds_typing_errors_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
