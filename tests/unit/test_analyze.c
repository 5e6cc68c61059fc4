#include "unit.h"

#include <math.h>

#include "analyze/analyze.h"
#include "analyze/doc_text.h"

struct fixture {
    struct plans *plans;
    struct arena *arena;
    struct code_facts code;
};

static int set_up(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    f->plans = plans_new();
    f->arena = arena_new(0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    plans_free(f->plans);
    arena_free(f->arena);
    free(f);
    return 0;
}

static void analyze(
    struct fixture *f, const char *language, uint32_t cpu_ms, const char *text, size_t length)
{
    struct error err = ERROR_INIT;
    const struct plan *plan = NULL;
    struct analyze_limits limits = {.cpu_ms = cpu_ms};
    if (language && !plans_get(f->plans, language_by_id(language), &plan, &err))
        fail_msg("%s", err.message);
    assert_true(analyze_source(
        plan, &limits, "a", (const uint8_t *)text, length, f->arena, &f->code, &err));
}

static char *repeated(const char *prefix, const char *unit, size_t times, const char *suffix)
{
    struct buf text = BUF_INIT;
    buf_adds(&text, prefix);
    for (size_t i = 0; i < times; i++)
        buf_adds(&text, unit);
    buf_adds(&text, suffix);
    return buf_take(&text);
}

static void an_empty_text_is_ok_and_has_no_line(void **state)
{
    struct fixture *f = *state;
    analyze(f, "c", 2000, "", 0);
    assert_int_equal(f->code.parse_status, PARSE_OK);
    assert_float_equal(f->code.metric[METRIC_LINES_TOTAL], 0, 0);
    assert_true(isnan(f->code.metric[METRIC_CYCLOMATIC_COMPLEXITY_MAX]));
    assert_string_equal(f->code.blob[BLOB_FUNCTIONS].bytes, "[]");
}

static void a_text_without_a_grammar_has_text_metrics_alone(void **state)
{
    struct fixture *f = *state;
    analyze(f, NULL, 2000, "a\n\nb", 4);
    assert_int_equal(f->code.parse_status, PARSE_UNSUPPORTED);
    assert_float_equal(f->code.metric[METRIC_LINES_TOTAL], 3, 0);
    assert_float_equal(f->code.metric[METRIC_LINES_BLANK], 1, 0);
    assert_true(isnan(f->code.metric[METRIC_LINES_CODE]));
    assert_null(f->code.blob[BLOB_AST].bytes);
}

static void a_syntax_error_makes_it_partial_and_the_rest_is_measured(void **state)
{
    struct fixture *f = *state;
    const char *text = "int f(void) { if (a) return 1; }\nint g( {\n";
    analyze(f, "c", 2000, text, strlen(text));
    assert_int_equal(f->code.parse_status, PARSE_PARTIAL);
    assert_true(f->code.metric[METRIC_PARSE_ERROR_COUNT] >= 1);
    assert_true(f->code.metric[METRIC_CYCLOMATIC_COMPLEXITY] >= 2);
    assert_true(f->code.reason[0] != '\0');
}

static void a_text_over_its_budget_is_a_timeout_with_text_metrics(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *text =
        repeated("", "int f(int a) { return a + 1 * (a ? 2 : 3); }\n", 100000, "");
    analyze(f, "c", 5, text, strlen(text));
    assert_int_equal(f->code.parse_status, PARSE_TIMEOUT);
    assert_string_equal(f->code.reason, "parse took longer than 5 ms");
    assert_float_equal(f->code.metric[METRIC_LINES_TOTAL], 100000, 0);
    assert_true(isnan(f->code.metric[METRIC_FUNCTION_COUNT]));
}

static void a_tree_of_a_hundred_thousand_levels_is_walked(void **state)
{
    struct fixture *f = *state;
    AUTO_FREE char *text = repeated("x = ", "a + ", 100000, "a;\n");
    analyze(f, "javascript", 0, text, strlen(text));
    assert_int_equal(f->code.parse_status, PARSE_OK);
    assert_float_equal(f->code.metric[METRIC_HALSTEAD_TOTAL_OPERANDS], 100002, 0);
}

static void the_ast_is_written_as_columns_with_deltas(void **state)
{
    struct fixture *f = *state;
    const char *text = "\nint x;\nint yy;\n";
    analyze(f, "c", 2000, text, strlen(text));
    assert_string_equal(f->code.blob[BLOB_AST].bytes,
        "{\"v\":1,\"kinds\":[\"translation_unit\",\"declaration\",\"primitive_type\","
        "\"identifier\"],"
        "\"kind\":[0,1,2,3,1,2,3],\"start\":[1,0,0,4,3,0,4],\"length\":[15,6,3,1,7,3,2],\"up\":[0,"
        "1,1,2,4,1,2]}");
}

static void a_metric_without_meaning_for_the_language_is_null(void **state)
{
    struct fixture *f = *state;
    const char *text = "int f(void) { return 1; }\n";
    analyze(f, "c", 2000, text, strlen(text));
    assert_true(isnan(f->code.metric[METRIC_CLASS_COUNT]));
    assert_true(isnan(f->code.metric[METRIC_WMC_MAX]));
    assert_float_equal(f->code.metric[METRIC_MACRO_COUNT], 0, 0);
}

static void revisions_follow_language_limits_and_settings(void **state)
{
    (void)state;
    struct analyze_limits limits = ANALYZE_LIMITS_DEFAULT, tighter = ANALYZE_LIMITS_DEFAULT;
    int32_t rev, version, other_rev, other_version;
    tighter.cpu_ms--;
    analyze_revisions(language_by_id("c"), &limits, "ast=columns", &rev, &version);
    assert_true(rev > 0 && version > 0);
    analyze_revisions(language_by_id("c"), &limits, "ast=columns", &other_rev, &other_version);
    assert_int_equal(rev, other_rev);
    assert_int_equal(version, other_version);
    analyze_revisions(language_by_id("go"), &limits, "ast=columns", &other_rev, &other_version);
    assert_int_not_equal(rev, other_rev);
    analyze_revisions(language_by_id("c"), &tighter, "ast=columns", &other_rev, &other_version);
    assert_int_not_equal(rev, other_rev);
    analyze_revisions(language_by_id("c"), &limits, "ast=off", &other_rev, &other_version);
    assert_int_not_equal(rev, other_rev);
    assert_int_not_equal(version, other_version);
}

static void expect_doc(const char *raw, const char *said)
{
    AUTO_BUF text = BUF_INIT;
    doc_text_add(&text, (struct text){raw, strlen(raw)});
    assert_string_equal(buf_string(&text), said);
}

static void documentation_loses_its_comment_signs(void **state)
{
    (void)state;
    expect_doc("/** One. */", "One.");
    expect_doc("/**\n * One.\n *\n * Two.\n */", "One.\n\nTwo.");
    expect_doc("/// One.\n/// Two.\n", "One.\nTwo.");
    expect_doc("# One.\n# Two.", "One.\nTwo.");
    expect_doc("\"\"\"One.\n\n    Two.\n    \"\"\"", "One.\n\nTwo.");
    expect_doc("", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_text_is_ok_and_has_no_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_text_without_a_grammar_has_text_metrics_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_syntax_error_makes_it_partial_and_the_rest_is_measured, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_text_over_its_budget_is_a_timeout_with_text_metrics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_tree_of_a_hundred_thousand_levels_is_walked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            the_ast_is_written_as_columns_with_deltas, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_metric_without_meaning_for_the_language_is_null, set_up, tear_down),
        cmocka_unit_test(revisions_follow_language_limits_and_settings),
        cmocka_unit_test(documentation_loses_its_comment_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
