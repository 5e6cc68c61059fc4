#include "unit.h"

#include "watch/wildmatch.h"

struct match_case {
    const char *pattern;
    const char *text;
    bool matches;
};

static void check(const struct match_case *cases, size_t n_cases)
{
    for (size_t i = 0; i < n_cases; i++) {
        const struct match_case *c = &cases[i];
        bool matches = wildmatch(c->pattern, strlen(c->pattern), c->text, strlen(c->text));
        if (matches != c->matches)
            fail_msg("pattern \"%s\", text \"%s\": %d", c->pattern, c->text, matches);
    }
}

static void star_stays_within_a_component(void **state)
{
    (void)state;
    const struct match_case cases[] = {
        {"*", "", true},
        {"*", "abc", true},
        {"*", "a/b", false},
        {"*.c", "a.c", true},
        {"*.c", "d/a.c", false},
        {"a*c", "abbc", true},
        {"a*c", "ab/c", false},
        {"a/*/c", "a/b/c", true},
        {"a/*/c", "a/b/b/c", false},
        {"*a*b*c*", "xxaxxbxxcxx", true},
        {"*a*b*c*", "xxaxxcxxbxx", false},
        {"a**b", "axxb", true},
        {"a**b", "ax/xb", false},
    };
    check(cases, ARRAY_SIZE(cases));
}

static void double_star_spans_components(void **state)
{
    (void)state;
    const struct match_case cases[] = {
        {"**", "a/b/c", true},
        {"**/c", "c", true},
        {"**/c", "a/b/c", true},
        {"**/c", "a/b/xc", false},
        {"a/**", "a/b/c", true},
        {"a/**", "a", false},
        {"a/**/b", "a/b", true},
        {"a/**/b", "a/x/y/b", true},
        {"a/**/b", "a/x/yb", false},
        {"a/**/*.c", "a/x/y/z.c", true},
        {"**/a/**/b/*", "x/a/a/y/b/c", true},
        {"**/a/**/b/*", "x/a/a/y/b/c/d", false},
        {"***/c", "a/b/c", true},
    };
    check(cases, ARRAY_SIZE(cases));
}

static void brackets_match_one_byte(void **state)
{
    (void)state;
    const struct match_case cases[] = {
        {"[abc]", "b", true},
        {"[a-c]", "d", false},
        {"[!a-c]", "d", true},
        {"[^a-c]", "b", false},
        {"[]a]", "]", true},
        {"[!]]", "]", false},
        {"[a-]", "-", true},
        {"[\\]]", "]", true},
        {"[a\\-c]", "b", false},
        {"[a/b]", "/", false},
        {"[!a]", "/", false},
        {"[[:alpha:]]", "x", true},
        {"[[:alpha:]]", "1", false},
        {"[[:digit:]x]", "7", true},
        {"[![:space:]]", " ", false},
        {"[[:xdigit:]]", "F", true},
        {"[[:punct:]]", "%", true},
        {"[[:upper:][:lower:]]", "q", true},
        {"[[:cntrl:]]", "\x01", true},
        {"[[:blank:]]", "\t", true},
        {"[[:graph:]]", " ", false},
        {"[[:print:]]", " ", true},
        {"[[:alnum:]]", "\xe9", false},
        {"[[:a]", "[", true},
        {"[[:a]", ":", true},
    };
    check(cases, ARRAY_SIZE(cases));
}

static void backslash_takes_the_next_byte_as_it_is(void **state)
{
    (void)state;
    const struct match_case cases[] = {
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"a\\/b", "a/b", true},
        {"\\[a]", "[a]", true},
        {"**\\/b", "x/y/b", true},
    };
    check(cases, ARRAY_SIZE(cases));
}

static void malformed_patterns_match_nothing(void **state)
{
    (void)state;
    const struct match_case cases[] = {
        {"[a", "a", false},
        {"[a", "[a", false},
        {"a\\", "a\\", false},
        {"[[:nope:]]", "n", false},
        {"[a-\\", "a", false},
        {"[\\", "\\", false},
        {"*[", "x[", false},
    };
    check(cases, ARRAY_SIZE(cases));
}

static void question_mark_is_any_byte_but_a_slash(void **state)
{
    (void)state;
    const struct match_case cases[] = {
        {"?", "a", true},
        {"?", "/", false},
        {"?", "", false},
        {"a?c", "abc", true},
        {"", "", true},
        {"", "a", false},
    };
    check(cases, ARRAY_SIZE(cases));
}

static void many_stars_do_not_take_exponential_time(void **state)
{
    (void)state;
    char text[4001];
    char pattern[401];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (size_t i = 0; i < sizeof(pattern) - 1; i += 2)
        memcpy(pattern + i, "*a", 2);
    pattern[sizeof(pattern) - 2] = 'b';
    pattern[sizeof(pattern) - 1] = '\0';
    assert_false(wildmatch(pattern, strlen(pattern), text, strlen(text)));
}

static void literal_length_ends_at_the_first_special_byte(void **state)
{
    (void)state;
    assert_int_equal(wildmatch_literal_length("abc", 3), 3);
    assert_int_equal(wildmatch_literal_length("ab*c", 4), 2);
    assert_int_equal(wildmatch_literal_length("\\a", 2), 0);
    assert_int_equal(wildmatch_literal_length("", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(star_stays_within_a_component),
        cmocka_unit_test(double_star_spans_components),
        cmocka_unit_test(brackets_match_one_byte),
        cmocka_unit_test(backslash_takes_the_next_byte_as_it_is),
        cmocka_unit_test(malformed_patterns_match_nothing),
        cmocka_unit_test(question_mark_is_any_byte_but_a_slash),
        cmocka_unit_test(many_stars_do_not_take_exponential_time),
        cmocka_unit_test(literal_length_ends_at_the_first_special_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
