#include "unit.h"

#include "app/json_each.h"
#include "app/query.h"

static const struct query sample = {.name = "sample",
    .text = "SELECT ':''codebase' || '::', a::text FROM t WHERE :'codebase' IN ('', id) AND n = "
            ":'name' LIMIT :limit",
    .n_arguments = 1,
    .arguments = {"name"}};

static void variables_become_parameters_and_nothing_else_does(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT;
    query_parameters(&out, &sample);
    assert_string_equal(buf_string(&out), "SELECT ':''codebase' || '::', a::text FROM t WHERE "
                                          "$1::text IN ('', id) AND n = $3::text LIMIT $2::bigint");
}

static void values_are_set_for_psql_in_its_own_quotes(void **state)
{
    (void)state;
    const char *const values[] = {"", "20", "it's a \\ and\na line"};
    AUTO_BUF out = BUF_INIT;
    query_for_psql(&out, &sample, values);
    static const char head[] =
        "\\set codebase ''\n\\set limit '20'\n\\set name 'it''s a \\\\ and\\na line'\nSELECT ";
    assert_memory_equal(buf_string(&out), head, strlen(head));
}

static void every_query_has_a_summary_and_uses_its_variables(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct query query;
    size_t n = 0;
    for (; query_at(arena, n, &query); n++) {
        AUTO_BUF out = BUF_INIT;
        assert_non_null(query.summary);
        query_parameters(&out, &query);
        for (size_t i = 0; i < 2 + query.n_arguments; i++) {
            char parameter[32];
            snprintf(parameter, sizeof(parameter), "$%zu::", i + 1);
            if (strstr(buf_string(&out), parameter) == NULL)
                fail_msg("%s does not use %s", query.name, parameter);
        }
    }
    assert_true(n >= 12);
    arena_free(arena);
}

static void the_nearest_query_is_named(void **state)
{
    (void)state;
    struct arena *arena = arena_new(0);
    struct query query;
    const char *near = NULL;
    assert_true(query_find(arena, "hotspots", &query, &near));
    assert_false(query_find(arena, "hotspot", &query, &near));
    assert_string_equal(near, "hotspots");
    assert_false(query_find(arena, "zzzzzzz", &query, &near));
    assert_null(near);
    arena_free(arena);
}

static void objects_are_cut_out_of_an_array(void **state)
{
    (void)state;
    static const char text[] = "[{\"a\":\"}\\\"{\"},{\"b\":{\"c\":[{}]}} , {}]";
    static const char *const parts[] = {"{\"a\":\"}\\\"{\"}", "{\"b\":{\"c\":[{}]}}", "{}"};
    const char *end = text;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        const char *start = json_each(end, &end);
        assert_non_null(start);
        assert_int_equal(end - start, strlen(parts[i]));
        assert_memory_equal(start, parts[i], strlen(parts[i]));
    }
    assert_null(json_each(end, &end));
    assert_null(json_each("[]", &end));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_become_parameters_and_nothing_else_does),
        cmocka_unit_test(values_are_set_for_psql_in_its_own_quotes),
        cmocka_unit_test(every_query_has_a_summary_and_uses_its_variables),
        cmocka_unit_test(the_nearest_query_is_named),
        cmocka_unit_test(objects_are_cut_out_of_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
