#include "scratch.h"

#include "watch/ignore.h"

#include <errno.h>

static enum ignore_verdict check(
    const struct ignore_rules *rules, const char *path, bool is_directory)
{
    return ignore_rules_check(rules, path, strlen(path), is_directory, NULL);
}

static struct ignore_rules *parse(const char *text)
{
    return ignore_rules_parse(".gitignore", text, strlen(text));
}

/* The verdict of a single rule file. */
static enum ignore_verdict verdict(const char *text, const char *path, bool is_directory)
{
    struct ignore_rules *rules = parse(text);
    enum ignore_verdict result = check(rules, path, is_directory);
    ignore_rules_free(rules);
    return result;
}

static void a_plain_name_matches_at_any_depth(void **state)
{
    (void)state;
    assert_int_equal(verdict("foo\n", "foo", false), IGNORE_IGNORED);
    assert_int_equal(verdict("foo\n", "a/b/foo", true), IGNORE_IGNORED);
    assert_int_equal(verdict("foo\n", "foobar", false), IGNORE_UNDECIDED);
}

static void a_slash_anchors_a_rule(void **state)
{
    (void)state;
    assert_int_equal(verdict("/foo\n", "foo", false), IGNORE_IGNORED);
    assert_int_equal(verdict("/foo\n", "a/foo", false), IGNORE_UNDECIDED);
    assert_int_equal(verdict("a/foo\n", "a/foo", false), IGNORE_IGNORED);
    assert_int_equal(verdict("a/foo\n", "b/a/foo", false), IGNORE_UNDECIDED);
}

static void a_slash_at_the_end_means_directories_only(void **state)
{
    (void)state;
    assert_int_equal(verdict("foo/\n", "foo", true), IGNORE_IGNORED);
    assert_int_equal(verdict("foo/\n", "foo", false), IGNORE_UNDECIDED);
    assert_int_equal(verdict("foo/\n", "a/foo", true), IGNORE_IGNORED);
}

static void the_last_matching_rule_wins(void **state)
{
    (void)state;
    assert_int_equal(verdict("*.log\n!keep.log\n", "keep.log", false), IGNORE_KEPT);
    assert_int_equal(verdict("!keep.log\n*.log\n", "keep.log", false), IGNORE_IGNORED);
}

static void comments_blank_lines_and_trailing_blanks_do_not_count(void **state)
{
    (void)state;
    assert_int_equal(verdict("# foo\n\n   \nfoo   \n", "foo", false), IGNORE_IGNORED);
    assert_int_equal(verdict("#foo\n", "#foo", false), IGNORE_UNDECIDED);
    assert_int_equal(verdict("\\#foo\n", "#foo", false), IGNORE_IGNORED);
    assert_int_equal(verdict("\\!foo\n", "!foo", false), IGNORE_IGNORED);
    assert_int_equal(verdict("foo\\ \n", "foo ", false), IGNORE_IGNORED);
    assert_int_equal(verdict("foo\t\n", "foo", false), IGNORE_UNDECIDED);
}

static void crlf_byte_order_mark_and_a_missing_last_newline_are_understood(void **state)
{
    (void)state;
    assert_int_equal(verdict("foo\r\nbar\r\n", "foo", false), IGNORE_IGNORED);
    assert_int_equal(verdict("\xef\xbb\xbf"
                             "foo\n",
                         "foo", false),
        IGNORE_IGNORED);
    assert_int_equal(verdict("foo", "foo", false), IGNORE_IGNORED);
}

static void the_match_names_file_line_and_rule(void **state)
{
    (void)state;
    struct ignore_rules *rules = parse("# first\n\n*.o\n!/a/*.o  \n");
    struct ignore_match match = {0};
    assert_int_equal(ignore_rules_check(rules, "x.o", 3, false, &match), IGNORE_IGNORED);
    assert_string_equal(match.file, ".gitignore");
    assert_int_equal(match.line, 3);
    assert_string_equal(match.text, "*.o");
    assert_int_equal(ignore_rules_check(rules, "a/x.o", 5, false, &match), IGNORE_KEPT);
    assert_int_equal(match.line, 4);
    assert_string_equal(match.text, "!/a/*.o");
    ignore_rules_free(rules);
}

static void no_rules_decide_nothing(void **state)
{
    (void)state;
    assert_int_equal(check(NULL, "a", false), IGNORE_UNDECIDED);
    assert_int_equal(ignore_rules_count(NULL), 0);
    assert_false(ignore_rules_may_match_below(NULL, "", 0));
}

static void a_folder_without_rule_files_has_no_rules(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    int sys_errno = -1;
    assert_null(ignore_rules_read(scratch.fd, &sys_errno));
    assert_int_equal(sys_errno, 0);
    scratch_write(&scratch, ".gitignore", "# nothing\n");
    assert_null(ignore_rules_read(scratch.fd, NULL));
    scratch_remove(&scratch);
}

static void dot_ignore_wins_over_dot_gitignore(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    scratch_write(&scratch, ".gitignore", "a\nb\n");
    scratch_write(&scratch, ".ignore", "!a\nc\n");
    struct ignore_rules *rules = ignore_rules_read(scratch.fd, NULL);
    assert_non_null(rules);
    assert_int_equal(check(rules, "a", false), IGNORE_KEPT);
    assert_int_equal(check(rules, "b", false), IGNORE_IGNORED);
    struct ignore_match match = {0};
    assert_int_equal(ignore_rules_check(rules, "c", 1, false, &match), IGNORE_IGNORED);
    assert_string_equal(match.file, ".ignore");
    assert_int_equal(match.line, 2);
    ignore_rules_free(rules);
    scratch_remove(&scratch);
}

static void a_rule_file_that_is_a_link_or_no_file_counts_as_absent(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    scratch_write(&scratch, "real", "a\n");
    assert_int_equal(symlinkat("real", scratch.fd, ".gitignore"), 0);
    assert_int_equal(mkfifoat(scratch.fd, ".ignore", 0600), 0);
    int sys_errno = 0;
    assert_null(ignore_rules_read(scratch.fd, &sys_errno));
    assert_int_equal(sys_errno, ELOOP);
    scratch_remove(&scratch);
}

static void rules_of_a_folder_above_see_the_whole_path(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    scratch_write(&scratch, "rules", "/sub/gen\n*.o\n");
    AUTO_BUF path = BUF_INIT;
    scratch_add_path(&scratch, "rules", &path);
    struct ignore_rules *rules = ignore_rules_read_file(buf_string(&path), "sub/", NULL);
    assert_non_null(rules);
    assert_int_equal(check(rules, "gen", false), IGNORE_IGNORED);
    assert_int_equal(check(rules, "x/gen", false), IGNORE_UNDECIDED);
    assert_int_equal(check(rules, "x/y.o", false), IGNORE_IGNORED);
    ignore_rules_free(rules);
    scratch_remove(&scratch);
}

static void rules_are_compared_by_what_they_say(void **state)
{
    (void)state;
    struct ignore_rules *left = parse("a\nb\n");
    struct ignore_rules *same = parse("# comment\na\r\nb   \n");
    struct ignore_rules *other = parse("b\na\n");
    struct ignore_rules *none = parse("\n");
    assert_true(ignore_rules_equal(left, same));
    assert_false(ignore_rules_equal(left, other));
    assert_false(ignore_rules_equal(left, NULL));
    assert_true(ignore_rules_equal(none, NULL));
    ignore_rules_free(left);
    ignore_rules_free(same);
    ignore_rules_free(other);
    ignore_rules_free(none);
}

static enum ignore_verdict above(
    const char *const *patterns, size_t n_patterns, const char *path, size_t *ret_length)
{
    struct ignore_rules *rules = ignore_rules_list("include", patterns, n_patterns);
    enum ignore_verdict result =
        ignore_rules_check_above(rules, path, strlen(path), false, NULL, ret_length);
    ignore_rules_free(rules);
    return result;
}

static void a_list_names_folders_with_all_below_them(void **state)
{
    (void)state;
    const char *patterns[] = {"src/", "./lib", "#odd", "!src/gen/"};
    size_t length = 0;
    assert_int_equal(above(patterns, 4, "src/a/b.c", &length), IGNORE_IGNORED);
    assert_int_equal(length, 3);
    assert_int_equal(above(patterns, 4, "lib/x", NULL), IGNORE_IGNORED);
    assert_int_equal(above(patterns, 4, "x/lib/x", NULL), IGNORE_UNDECIDED);
    assert_int_equal(above(patterns, 4, "x/#odd", NULL), IGNORE_IGNORED);
    assert_int_equal(above(patterns, 4, "src/gen/a.c", NULL), IGNORE_KEPT);
    assert_int_equal(above(patterns, 4, "src", NULL), IGNORE_UNDECIDED);
}

static bool may_match(const char *pattern, const char *folder)
{
    struct ignore_rules *rules = ignore_rules_list("include", &pattern, 1);
    bool result = ignore_rules_may_match_below(rules, folder, strlen(folder));
    ignore_rules_free(rules);
    return result;
}

static void a_folder_is_kept_when_a_rule_could_match_below_it(void **state)
{
    (void)state;
    assert_true(may_match("*.c", "any/where"));
    assert_true(may_match("**", "any"));
    assert_true(may_match("src/**/x.c", "src"));
    assert_true(may_match("src/**/x.c", "src/a/b"));
    assert_false(may_match("src/**/x.c", "lib"));
    assert_true(may_match("a/b/c.c", "a"));
    assert_true(may_match("a/b/c.c", "a/b"));
    assert_false(may_match("a/b/c.c", "a/c"));
    assert_true(may_match("a/b", "a/b/c"));
    assert_true(may_match("a/*/c", "a/x"));
    assert_false(may_match("a/*/c", "b"));
    assert_true(may_match("[a/b]x", "anything"));
    assert_true(may_match("/a", ""));
    assert_false(may_match("!*.c", "a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_name_matches_at_any_depth),
        cmocka_unit_test(a_slash_anchors_a_rule),
        cmocka_unit_test(a_slash_at_the_end_means_directories_only),
        cmocka_unit_test(the_last_matching_rule_wins),
        cmocka_unit_test(comments_blank_lines_and_trailing_blanks_do_not_count),
        cmocka_unit_test(crlf_byte_order_mark_and_a_missing_last_newline_are_understood),
        cmocka_unit_test(the_match_names_file_line_and_rule),
        cmocka_unit_test(no_rules_decide_nothing),
        cmocka_unit_test(a_folder_without_rule_files_has_no_rules),
        cmocka_unit_test(dot_ignore_wins_over_dot_gitignore),
        cmocka_unit_test(a_rule_file_that_is_a_link_or_no_file_counts_as_absent),
        cmocka_unit_test(rules_of_a_folder_above_see_the_whole_path),
        cmocka_unit_test(rules_are_compared_by_what_they_say),
        cmocka_unit_test(a_list_names_folders_with_all_below_them),
        cmocka_unit_test(a_folder_is_kept_when_a_rule_could_match_below_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
