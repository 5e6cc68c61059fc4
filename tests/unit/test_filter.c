#include "scratch.h"

#include "watch/filter.h"
#include "watch/outer.h"

static enum filter_verdict by_ending(void *user, const char *path)
{
    (void)user;
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    if (dot == NULL)
        return FILTER_MAYBE;
    return strcmp(dot, ".c") == 0 ? FILTER_YES : FILTER_NO;
}

static struct filter_settings defaults(void)
{
    return (struct filter_settings){.gitignore = true, .hidden = true, .language = by_ending};
}

static enum filter_verdict file(const struct filter *filter, const char *path)
{
    return filter_check(filter, NULL, 0, path, false, NULL);
}

static enum filter_verdict folder(const struct filter *filter, const char *path)
{
    return filter_check(filter, NULL, 0, path, true, NULL);
}

static struct filter *filter_of(struct filter_settings settings)
{
    return filter_new(&settings);
}

static void without_include_the_language_decides(void **state)
{
    (void)state;
    struct filter *filter = filter_of(defaults());
    assert_int_equal(file(filter, "a/b.c"), FILTER_YES);
    assert_int_equal(file(filter, "a/b.xyz"), FILTER_NO);
    assert_int_equal(file(filter, "a/script"), FILTER_MAYBE);
    assert_int_equal(folder(filter, "a"), FILTER_YES);
    filter_free(filter);
}

static void git_directories_are_never_entered(void **state)
{
    (void)state;
    const char *all = "**";
    struct filter_settings settings = defaults();
    settings.include = &all;
    settings.n_include = 1;
    struct filter *filter = filter_of(settings);
    assert_int_equal(folder(filter, ".git"), FILTER_NO);
    assert_int_equal(file(filter, ".git/config"), FILTER_NO);
    assert_int_equal(file(filter, "sub/.git"), FILTER_NO);
    assert_int_equal(file(filter, "sub/.git/hooks/a.c"), FILTER_NO);
    assert_int_equal(file(filter, ".github/a.c"), FILTER_YES);
    assert_int_equal(file(filter, ".gitignore"), FILTER_YES);
    filter_free(filter);
}

static void the_builtin_list_holds_at_any_depth(void **state)
{
    (void)state;
    struct filter *filter = filter_of(defaults());
    assert_int_equal(folder(filter, "a/node_modules"), FILTER_NO);
    assert_int_equal(file(filter, "a/node_modules/x/y.c"), FILTER_NO);
    assert_int_equal(file(filter, "node_modules.c"), FILTER_YES);
    assert_int_equal(file(filter, "a/deps/b.c"), FILTER_NO);
    filter_free(filter);
}

static void the_builtin_list_can_be_changed(void **state)
{
    (void)state;
    const char *ignore[] = {"out/"};
    struct filter_settings settings = defaults();
    settings.ignore = ignore;
    settings.n_ignore = 1;
    struct filter *filter = filter_of(settings);
    assert_int_equal(file(filter, "deps/b.c"), FILTER_YES);
    assert_int_equal(file(filter, "out/b.c"), FILTER_NO);
    filter_free(filter);
}

static void an_include_overrides_the_builtin_list_and_the_language(void **state)
{
    (void)state;
    const char *include[] = {"deps/own/**", "*.xyz"};
    struct filter_settings settings = defaults();
    settings.include = include;
    settings.n_include = 2;
    struct filter *filter = filter_of(settings);
    assert_int_equal(file(filter, "deps/own/a/b.bin"), FILTER_YES);
    assert_int_equal(file(filter, "deps/other/b.c"), FILTER_NO);
    assert_int_equal(file(filter, "a/b.xyz"), FILTER_YES);
    assert_int_equal(file(filter, "a/b.c"), FILTER_NO);
    assert_int_equal(folder(filter, "deps"), FILTER_YES);
    filter_free(filter);
}

static void a_folder_where_no_include_can_match_is_not_entered(void **state)
{
    (void)state;
    const char *include[] = {"src/**"};
    struct filter_settings settings = defaults();
    settings.include = include;
    settings.n_include = 1;
    struct filter *filter = filter_of(settings);
    assert_int_equal(folder(filter, "src"), FILTER_YES);
    assert_int_equal(folder(filter, "src/node_modules"), FILTER_YES);
    assert_int_equal(folder(filter, "lib"), FILTER_NO);
    filter_free(filter);
}

static void an_exclude_wins_over_an_include(void **state)
{
    (void)state;
    const char *include[] = {"**"};
    const char *exclude[] = {"vendor/", "*.min.js"};
    struct filter_settings settings = defaults();
    settings.include = include;
    settings.n_include = 1;
    settings.exclude = exclude;
    settings.n_exclude = 2;
    struct filter *filter = filter_of(settings);
    assert_int_equal(folder(filter, "a/vendor"), FILTER_NO);
    assert_int_equal(file(filter, "a/vendor/x.c"), FILTER_NO);
    assert_int_equal(file(filter, "a.min.js"), FILTER_NO);
    assert_int_equal(file(filter, "a.js"), FILTER_YES);
    filter_free(filter);
}

static void hidden_names_are_left_out_when_asked(void **state)
{
    (void)state;
    struct filter_settings settings = defaults();
    settings.hidden = false;
    struct filter *filter = filter_of(settings);
    assert_int_equal(file(filter, ".a.c"), FILTER_NO);
    assert_int_equal(file(filter, ".config/a.c"), FILTER_NO);
    assert_int_equal(folder(filter, ".config"), FILTER_NO);
    assert_int_equal(file(filter, "a/b.c"), FILTER_YES);
    filter_free(filter);
}

/* Rules at the root and in a/, as the walk would hold them. */
struct levels {
    struct ignore_rules *root;
    struct ignore_rules *a;
    struct ignore_level level[2];
};

static struct levels levels_new(const char *root, const char *a)
{
    struct levels levels = {.root = ignore_rules_parse(".gitignore", root, strlen(root)),
        .a = ignore_rules_parse(".gitignore", a, strlen(a))};
    levels.level[0] = (struct ignore_level){.rules = levels.root, .base_length = 0};
    levels.level[1] = (struct ignore_level){.rules = levels.a, .base_length = 2};
    return levels;
}

static void levels_free(struct levels *levels)
{
    ignore_rules_free(levels->root);
    ignore_rules_free(levels->a);
}

static void inner_ignore_files_win_over_outer_ones(void **state)
{
    (void)state;
    struct filter *filter = filter_of(defaults());
    struct levels levels = levels_new("*.c\n", "!keep.c\n");
    assert_int_equal(filter_check(filter, levels.level, 2, "a/keep.c", false, NULL), FILTER_YES);
    assert_int_equal(filter_check(filter, levels.level, 2, "a/b.c", false, NULL), FILTER_NO);
    levels_free(&levels);
    filter_free(filter);
}

static void nothing_comes_back_below_an_ignored_folder(void **state)
{
    (void)state;
    const char *include[] = {"**"};
    struct filter_settings settings = defaults();
    settings.include = include;
    settings.n_include = 1;
    struct filter *filter = filter_of(settings);
    struct levels levels = levels_new("a/\n", "!b.c\n");
    struct filter_reason reason;
    assert_int_equal(filter_check(filter, levels.level, 2, "a/b.c", false, &reason), FILTER_NO);
    assert_int_equal(reason.decided_length, 1);
    assert_int_equal(filter_check(filter, levels.level, 1, "a", true, NULL), FILTER_NO);
    levels_free(&levels);
    filter_free(filter);
}

static void ignore_files_do_not_speak_about_their_own_folder(void **state)
{
    (void)state;
    struct filter *filter = filter_of(defaults());
    struct levels levels = levels_new("", "a\n");
    assert_int_equal(filter_check(filter, levels.level, 2, "a/b.c", false, NULL), FILTER_YES);
    assert_int_equal(filter_check(filter, levels.level, 2, "a/a", false, NULL), FILTER_NO);
    levels_free(&levels);
    filter_free(filter);
}

static void ignore_files_count_only_when_asked(void **state)
{
    (void)state;
    struct filter_settings settings = defaults();
    settings.gitignore = false;
    struct filter *filter = filter_of(settings);
    struct levels levels = levels_new("*.c\n", "");
    assert_int_equal(filter_check(filter, levels.level, 2, "a/b.c", false, NULL), FILTER_YES);
    levels_free(&levels);
    filter_free(filter);
}

static void an_entry_of_an_entered_folder_gets_the_same_answer(void **state)
{
    (void)state;
    const char *include[] = {"deps/own/", "*.c"};
    struct levels levels = levels_new("*.o\n/gen\n", "!x.o\n");
    const char *paths[] = {
        "a/x.o", "a/y.o", "a/b.c", "gen", "deps/own/x.o", "deps/own/x", "a/.b.c"};
    for (int with_include = 0; with_include < 2; with_include++) {
        struct filter_settings settings = defaults();
        settings.include = include;
        settings.n_include = with_include != 0 ? 2 : 0;
        struct filter *filter = filter_of(settings);
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
            size_t n_levels = strncmp(paths[i], "a/", 2) == 0 ? 2 : 1;
            if (with_include == 0 && strncmp(paths[i], "deps/", 5) == 0)
                continue; /* not entered */
            assert_int_equal(
                filter_check_entry(filter, levels.level, n_levels, paths[i], false, NULL),
                filter_check(filter, levels.level, n_levels, paths[i], false, NULL));
        }
        filter_free(filter);
    }
    levels_free(&levels);
}

static void assert_reason(const struct filter *filter, const struct levels *levels,
    const char *path, bool is_directory, const char *expected)
{
    struct filter_reason reason;
    (void)filter_check(filter, levels->level, 2, path, is_directory, &reason);
    AUTO_BUF text = BUF_INIT;
    filter_reason_add(&text, &reason, path);
    assert_string_equal(buf_string(&text), expected);
}

static void the_reason_names_the_rule(void **state)
{
    (void)state;
    const char *exclude[] = {"vendor/"};
    struct filter_settings settings = defaults();
    settings.exclude = exclude;
    settings.n_exclude = 1;
    settings.hidden = false;
    struct filter *filter = filter_of(settings);
    struct levels levels = levels_new("*.gen\n", "# one\n/b/\n");
    assert_reason(filter, &levels, "a/b/x.c", false, "a/.gitignore:2 \"/b/\"");
    assert_reason(filter, &levels, "a/x.gen", false, ".gitignore:1 \"*.gen\"");
    assert_reason(filter, &levels, "a/node_modules/x.c", false, "built-in \"node_modules/\"");
    assert_reason(filter, &levels, "a/vendor/x.c", false, "exclude \"vendor/\"");
    assert_reason(filter, &levels, "a/.x/y.c", false, "hidden \"a/.x\"");
    assert_reason(filter, &levels, "a/.git/y", false, "git's own directory");
    assert_reason(filter, &levels, "a/x.xyz", false, "no known language");
    assert_reason(filter, &levels, "a/x.c", false, "a known language");
    assert_reason(filter, &levels, "a", true, "a folder");
    filter_free(filter);

    const char *include[] = {"*.xyz"};
    settings = defaults();
    settings.include = include;
    settings.n_include = 1;
    filter = filter_of(settings);
    assert_reason(filter, &levels, "a/x.xyz", false, "include \"*.xyz\"");
    assert_reason(filter, &levels, "a/x.c", false, "no include pattern matches");
    levels_free(&levels);
    filter_free(filter);
}

static void filters_with_the_same_settings_are_equal(void **state)
{
    (void)state;
    const char *include[] = {"a", "b"};
    struct filter_settings settings = defaults();
    struct filter *left = filter_of(settings);
    struct filter *same = filter_of(settings);
    settings.include = include;
    settings.n_include = 2;
    struct filter *other = filter_of(settings);
    assert_true(filter_equal(left, same));
    assert_false(filter_equal(left, other));
    filter_free(left);
    filter_free(same);
    filter_free(other);
}

static void outer_rules_reach_into_a_root_below_the_top(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    scratch_mkdir(&scratch, ".git");
    scratch_mkdir(&scratch, ".git/info");
    scratch_mkdir(&scratch, "sub");
    scratch_mkdir(&scratch, "sub/root");
    scratch_write(&scratch, "excludes", "*.swp.c\n!kept.swp.c\n");
    scratch_write(&scratch, ".git/info/exclude", "/sub/root/private\n");
    scratch_write(&scratch, ".gitignore", "sub/root/gen/\n");
    scratch_write(&scratch, "sub/.ignore", "!root/gen/\n/root/out.c\n");
    AUTO_BUF excludes = BUF_INIT;
    AUTO_BUF git_directory = BUF_INIT;
    scratch_add_path(&scratch, "excludes", &excludes);
    scratch_add_path(&scratch, ".git/", &git_directory);
    struct outer_source source = {.excludes_file = buf_string(&excludes),
        .git_directory = buf_string(&git_directory),
        .top = scratch.path,
        .prefix = "sub/root"};
    struct outer_rules outer;
    outer_rules_read(&outer, &source);
    assert_int_equal(outer.n_files, 6);
    struct filter *filter = filter_of(defaults());
    const struct ignore_level *levels = outer.levels;
    assert_int_equal(
        filter_check(filter, levels, outer.n_levels, "gen/a.c", false, NULL), FILTER_YES);
    assert_int_equal(filter_check(filter, levels, outer.n_levels, "out.c", false, NULL), FILTER_NO);
    assert_int_equal(
        filter_check(filter, levels, outer.n_levels, "private/a.c", false, NULL), FILTER_NO);
    assert_int_equal(
        filter_check(filter, levels, outer.n_levels, "a.swp.c", false, NULL), FILTER_NO);
    assert_int_equal(
        filter_check(filter, levels, outer.n_levels, "kept.swp.c", false, NULL), FILTER_YES);
    struct outer_rules again;
    outer_rules_read(&again, &source);
    assert_true(outer_rules_equal(&outer, &again));
    filter_free(filter);
    outer_rules_release(&outer);
    outer_rules_release(&again);
    scratch_remove(&scratch);
}

static void a_linked_work_tree_uses_the_exclude_file_of_the_main_one(void **state)
{
    (void)state;
    struct scratch scratch = scratch_new();
    scratch_mkdir(&scratch, "main");
    scratch_mkdir(&scratch, "main/info");
    scratch_mkdir(&scratch, "main/worktrees");
    scratch_mkdir(&scratch, "main/worktrees/w");
    scratch_write(&scratch, "main/info/exclude", "x.c\n");
    scratch_write(&scratch, "main/worktrees/w/commondir", "../..\n");
    AUTO_BUF git_directory = BUF_INIT;
    scratch_add_path(&scratch, "main/worktrees/w/", &git_directory);
    struct outer_rules outer;
    outer_rules_read(&outer, &(struct outer_source){.git_directory = buf_string(&git_directory)});
    assert_int_equal(outer.n_levels, 1);
    struct filter *filter = filter_of(defaults());
    assert_int_equal(filter_check(filter, outer.levels, 1, "x.c", false, NULL), FILTER_NO);
    filter_free(filter);
    outer_rules_release(&outer);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_include_the_language_decides),
        cmocka_unit_test(git_directories_are_never_entered),
        cmocka_unit_test(the_builtin_list_holds_at_any_depth),
        cmocka_unit_test(the_builtin_list_can_be_changed),
        cmocka_unit_test(an_include_overrides_the_builtin_list_and_the_language),
        cmocka_unit_test(a_folder_where_no_include_can_match_is_not_entered),
        cmocka_unit_test(an_exclude_wins_over_an_include),
        cmocka_unit_test(hidden_names_are_left_out_when_asked),
        cmocka_unit_test(inner_ignore_files_win_over_outer_ones),
        cmocka_unit_test(nothing_comes_back_below_an_ignored_folder),
        cmocka_unit_test(ignore_files_do_not_speak_about_their_own_folder),
        cmocka_unit_test(ignore_files_count_only_when_asked),
        cmocka_unit_test(an_entry_of_an_entered_folder_gets_the_same_answer),
        cmocka_unit_test(the_reason_names_the_rule),
        cmocka_unit_test(filters_with_the_same_settings_are_equal),
        cmocka_unit_test(outer_rules_reach_into_a_root_below_the_top),
        cmocka_unit_test(a_linked_work_tree_uses_the_exclude_file_of_the_main_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
