#include "unit.h"

#include "app/request.h"
#include "app/wish.h"
#include "base/arena.h"

static const struct codebase codebase = {.codebase_id = "c", .root_path = "/src/app"};

static void paths_of_requests_are_normalised_below_the_root(void **state)
{
    (void)state;
    static const struct {
        const char *path, *absolute_path, *expected; /* NULL: outside */
    } cases[] = {
        {"a/b.c", NULL, "a/b.c"},
        {"./a//b.c/", NULL, "a/b.c"},
        {"", "/src/app/a/b.c", "a/b.c"},
        {"/src/app/x", NULL, "x"},
        {"/src/app", NULL, ""},
        {"", NULL, ""},
        {"../etc/passwd", NULL, NULL},
        {"a/../../etc", NULL, NULL},
        {"/src/application/x", NULL, NULL},
        {"/etc/passwd", NULL, NULL},
        {"a..b/...", NULL, "a..b/..."},
        {"n\\xFFm", NULL, "n\xffm"},
        {"n\\x41m", NULL, "n\\x41m"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct buf path = BUF_INIT;
        bool inside = request_path(&codebase, cases[i].path, cases[i].absolute_path, &path);
        assert_int_equal(inside, cases[i].expected != NULL);
        if (inside)
            assert_string_equal(buf_string(&path), cases[i].expected);
        buf_release(&path);
    }
}

static void a_debt_alone_asks_for_its_sinks_only(void **state)
{
    (void)state;
    struct wishes *wishes = wishes_new();
    wishes_debt(wishes, "a");
    assert_true(wishes_take(wishes, "a").debt_only);
    wishes_debt(wishes, "a");
    wishes_changed(wishes, "a");
    assert_false(wishes_take(wishes, "a").debt_only);
    assert_false(wishes_take(wishes, "a").debt_only); /* nothing is left */
    wishes_free(wishes);
}

static void requests_of_one_path_ask_for_every_sink_that_one_of_them_names(void **state)
{
    (void)state;
    struct wishes *wishes = wishes_new();
    struct task_request *first = memory_new(1, sizeof(*first)),
                        *second = memory_new(1, sizeof(*second));
    wishes_debt(wishes, "a");
    wishes_request(wishes, "a", first, SINK_BIT(SINK_FILES));
    wishes_request(wishes, "a", second, SINK_BIT(SINK_METADATA));
    struct wish wish = wishes_take(wishes, "a");
    assert_int_equal(wish.sinks, 0); /* the debt may be of either */
    assert_false(wish.debt_only);
    assert_ptr_equal(wish.requests, second);
    assert_ptr_equal(wish.requests->next, first);
    task_requests_free(wish.requests);
    wishes_free(wishes);
}

static void a_change_makes_a_selective_request_serve_all_sinks(void **state)
{
    (void)state;
    struct wishes *wishes = wishes_new();
    struct task_request *request = memory_new(1, sizeof(*request));
    wishes_request(wishes, "a", request, SINK_BIT(SINK_FILES));
    wishes_changed(wishes, "a");
    struct wish wish = wishes_take(wishes, "a");
    assert_int_equal(wish.sinks, 0);
    assert_ptr_equal(wish.requests, request);
    task_requests_free(wish.requests);
    wishes_free(wishes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_requests_are_normalised_below_the_root),
        cmocka_unit_test(a_debt_alone_asks_for_its_sinks_only),
        cmocka_unit_test(requests_of_one_path_ask_for_every_sink_that_one_of_them_names),
        cmocka_unit_test(a_change_makes_a_selective_request_serve_all_sinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
