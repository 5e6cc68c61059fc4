#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "store/changes.h"

static void expect_payload(struct changes *changes, const char *expected)
{
    AUTO_BUF out = BUF_INIT;
    changes_payload(changes, &out);
    assert_string_equal(buf_string(&out), expected);
}

static void changes_name_each_path_under_its_kind(void **state)
{
    (void)state;
    struct changes *changes = changes_new("app");
    changes_add(changes, CHANGE_CREATED, "a.c", NULL);
    changes_add(changes, CHANGE_CHANGED, "b.c", NULL);
    changes_add(changes, CHANGE_DELETED, "c.c", NULL);
    changes_add(changes, CHANGE_MOVED, "e.c", "d.c");
    expect_payload(changes,
        "{\"v\":1,\"codebase\":\"app\",\"n\":4,\"created\":[\"a.c\"],\"changed\":[\"b.c\"],"
        "\"deleted\":[\"c.c\"],\"moved\":[[\"d.c\",\"e.c\"]],\"directories\":[],\"more\":false}");
    changes_free(changes);
}

static void changes_of_one_path_are_one_name(void **state)
{
    (void)state;
    struct changes *changes = changes_new("app");
    changes_add(changes, CHANGE_CREATED, "a", NULL);
    changes_add(changes, CHANGE_CHANGED, "a", NULL);
    changes_add(changes, CHANGE_DELETED, "b", NULL);
    changes_add(changes, CHANGE_CREATED, "b", NULL);
    expect_payload(changes,
        "{\"v\":1,\"codebase\":\"app\",\"n\":4,\"created\":[\"a\"],\"changed\":[\"b\"],"
        "\"deleted\":[],\"moved\":[],\"directories\":[],\"more\":false}");
    changes_free(changes);
}

static void changes_are_forgotten_once_they_are_written(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT;
    struct changes *changes = changes_new("app");
    assert_true(changes_empty(changes));
    changes_add(changes, CHANGE_CHANGED, "a", NULL);
    assert_false(changes_empty(changes));
    changes_payload(changes, &out);
    assert_true(changes_empty(changes));
    changes_free(changes);
}

static void changes_that_were_not_seen_say_more(void **state)
{
    (void)state;
    struct changes *changes = changes_new("app");
    changes_lost(changes);
    assert_false(changes_empty(changes));
    expect_payload(changes,
        "{\"v\":1,\"codebase\":\"app\",\"n\":0,\"created\":[],\"changed\":[],\"deleted\":[],"
        "\"moved\":[],\"directories\":[],\"more\":true}");
    changes_free(changes);
}

static void ten_thousand_paths_fit_below_the_limit_of_a_notification(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT;
    struct changes *changes = changes_new("app");
    for (int i = 0; i < 10000; i++) {
        char path[64];
        snprintf(path, sizeof(path), "src/module-%d/file-%d.c", i / 100, i);
        changes_add(changes, CHANGE_CHANGED, path, NULL);
    }
    changes_payload(changes, &out);
    assert_true(out.length <= CHANGES_PAYLOAD_BYTES);
    assert_non_null(strstr(out.data, "\"n\":10000"));
    assert_non_null(strstr(out.data, "\"src/module-0/file-0.c\""));
    assert_non_null(strstr(out.data, "\"directories\":[\"src/module-"));
    assert_non_null(strstr(out.data, "\"more\":true"));
    changes_free(changes);
}

static void hostile_names_stay_below_the_limit_too(void **state)
{
    (void)state;
    AUTO_BUF out = BUF_INIT;
    struct changes *changes = changes_new("app");
    for (int i = 0; i < 600; i++) {
        char path[256];
        memset(path, 1 + i % 31, sizeof(path));
        snprintf(path + 200, 56, "%d", i);
        changes_add(changes, CHANGE_MOVED, path, "\xff\"\n");
    }
    changes_payload(changes, &out);
    assert_true(out.length <= CHANGES_PAYLOAD_BYTES);
    assert_non_null(strstr(out.data, "[\"\\\\xFF\\\"\\n\","));
    changes_free(changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_name_each_path_under_its_kind),
        cmocka_unit_test(changes_of_one_path_are_one_name),
        cmocka_unit_test(changes_are_forgotten_once_they_are_written),
        cmocka_unit_test(changes_that_were_not_seen_say_more),
        cmocka_unit_test(ten_thousand_paths_fit_below_the_limit_of_a_notification),
        cmocka_unit_test(hostile_names_stay_below_the_limit_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
