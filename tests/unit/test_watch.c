#include "unit.h"

#include "base/clock.h"
#include "scratch.h"
#include "watch/watch.h"

#define DEADLINE_MS 10000

/* What was reported, as one line each. */
struct told {
    struct scratch scratch;
    struct watch *watch;
    struct filter *filter;
    struct buf lines;
    unsigned first_scans, filter_scans;
};

static void on_changed(void *user, const char *path, const struct stat *st, enum watch_hint hint,
    enum watch_cause cause)
{
    struct told *told = user;
    (void)st, (void)hint;
    buf_addf(&told->lines, "changed %s %d\n", path, (int)cause);
}

static void on_gone(void *user, const char *path, enum watch_cause cause)
{
    struct told *told = user;
    buf_addf(&told->lines, "gone %s %d\n", path, (int)cause);
}

static void on_moved(void *user, const char *old_path, const char *new_path, uint64_t signature)
{
    struct told *told = user;
    (void)signature;
    buf_addf(&told->lines, "moved %s %s\n", old_path, new_path);
}

static void on_unreadable(void *user, const char *path, int sys_errno)
{
    (void)user, (void)path, (void)sys_errno;
}

static void on_path(void *user, const char *path)
{
    (void)user, (void)path;
}

static void on_state(void *user, enum watch_root_state state, const char *reason)
{
    (void)user, (void)state, (void)reason;
}

static void on_scan(void *user, const struct watch_scan_result *result)
{
    struct told *told = user;
    told->first_scans += result->scan == WATCH_SCAN_FIRST;
    told->filter_scans += result->scan == WATCH_SCAN_FILTER;
}

static void on_branch(void *user)
{
    (void)user;
}

static void on_limit(void *user, const struct error *advice)
{
    (void)user, (void)advice;
}

static const struct watch_events events = {
    .file_changed = on_changed,
    .file_gone = on_gone,
    .file_moved = on_moved,
    .unreadable = on_unreadable,
    .path_too_long = on_path,
    .root_state = on_state,
    .scan_done = on_scan,
    .branch_changed = on_branch,
    .limit_reached = on_limit,
};

static struct filter *filter_of(const char *exclude)
{
    const char *const include[] = {"**"}, *const excluded[] = {exclude};
    return filter_new(&(struct filter_settings){.include = include,
        .n_include = 1,
        .exclude = excluded,
        .n_exclude = exclude != NULL,
        .hidden = true});
}

static int setup(void **state)
{
    static struct told told;
    struct error err = ERROR_INIT;
    told = (struct told){.scratch = scratch_new(), .filter = filter_of(NULL)};
    told.watch = watch_new(&(struct watch_settings){.events = &events}, &err);
    assert_non_null(told.watch);
    *state = &told;
    return 0;
}

static int teardown(void **state)
{
    struct told *told = *state;
    watch_free(told->watch);
    filter_free(told->filter);
    buf_release(&told->lines);
    scratch_remove(&told->scratch);
    return 0;
}

static struct watch_root_settings settings_of(struct told *told, const char *path)
{
    return (struct watch_root_settings){
        .path = path, .filter = told->filter, .recursive = true, .poll_ms = 50, .user = told};
}

static struct watch_root *add(struct told *told, enum watch_mode mode)
{
    struct error err = ERROR_INIT;
    struct watch_root *root = NULL;
    struct watch_root_settings settings = settings_of(told, told->scratch.path);
    settings.mode = mode;
    assert_true(watch_root_add(told->watch, &settings, &root, &err));
    return root;
}

static void run_once(struct told *told, uint64_t longest_ms)
{
    struct pollfd fds[WATCH_POLLFDS];
    uint64_t now_ms = clock_monotonic_ms(), due_ms = watch_deadline_ms(told->watch);
    watch_pollfds(told->watch, fds);
    if (due_ms > now_ms + longest_ms)
        due_ms = now_ms + longest_ms;
    assert_true(poll(fds, WATCH_POLLFDS, clock_poll_timeout_ms(now_ms, due_ms)) >= 0);
    watch_run(told->watch, clock_monotonic_ms(), fds);
}

static void pass_barrier(struct told *told)
{
    uint64_t end_ms = clock_monotonic_ms() + DEADLINE_MS;
    uint64_t barrier = watch_barrier_begin(told->watch, clock_monotonic_ms());
    while (!watch_barrier_done(told->watch, barrier)) {
        run_once(told, 100);
        assert_true(clock_monotonic_ms() < end_ms);
    }
}

static void expect(struct told *told, const char *lines)
{
    assert_string_equal(buf_string(&told->lines), lines);
    buf_clear(&told->lines);
}

static void make_tree(struct told *told)
{
    scratch_mkdir(&told->scratch, "d");
    scratch_write(&told->scratch, "a", "1");
    scratch_write(&told->scratch, "d/b", "2");
}

static void the_first_scan_reports_no_file_by_itself(void **state)
{
    struct told *told = *state;
    make_tree(told);
    struct watch_root *root = add(told, WATCH_MODE_AUTO);
    pass_barrier(told);
    expect(told, "");
    assert_int_equal(told->first_scans, 1);
    assert_int_equal(watch_root_files(root), 2);
    assert_true(watch_file_get(root, "d/b", NULL));
    assert_false(watch_file_get(root, "d", NULL));
    assert_false(watch_file_get(root, "b", NULL));
}

static void note(void *user, const char *path, uint64_t signature)
{
    assert_true(signature != 0);
    buf_addf(user, "%s\n", path);
}

static void files_without_a_mark_are_listed(void **state)
{
    struct told *told = *state;
    make_tree(told);
    struct watch_root *root = add(told, WATCH_MODE_AUTO);
    pass_barrier(told);
    watch_file_mark(root, "a", 7);
    watch_each_unmarked(root, 7, note, &told->lines);
    expect(told, "d/b\n");
    watch_file_mark(root, "d/b", 7);
    watch_each_unmarked(root, 7, note, &told->lines);
    expect(told, "");
}

static void only_a_clean_file_is_moved(void **state)
{
    struct told *told = *state;
    struct watch_file file;
    make_tree(told);
    struct watch_root *root = add(told, WATCH_MODE_AUTO);
    pass_barrier(told);
    assert_int_equal(renameat(told->scratch.fd, "a", told->scratch.fd, "c"), 0);
    pass_barrier(told);
    expect(told, "gone a 0\nchanged c 0\n");
    assert_true(watch_file_get(root, "c", &file));
    watch_file_synced(root, "c", file.signature);
    assert_int_equal(renameat(told->scratch.fd, "c", told->scratch.fd, "e"), 0);
    pass_barrier(told);
    expect(told, "moved c e\n");
}

static void another_version_than_the_one_written_is_reported_again(void **state)
{
    struct told *told = *state;
    make_tree(told);
    struct watch_root *root = add(told, WATCH_MODE_AUTO);
    pass_barrier(told);
    watch_file_synced(root, "a", 12345);
    pass_barrier(told);
    expect(told, "changed a 0\n");
    watch_file_not_found(root, "d/b");
    pass_barrier(told);
    expect(told, "changed d/b 0\n");
    watch_file_not_found(root, "nowhere");
    pass_barrier(told);
    expect(told, "");
}

static void a_new_filter_reports_what_it_changes(void **state)
{
    struct told *told = *state;
    make_tree(told);
    struct watch_root *root = add(told, WATCH_MODE_AUTO);
    pass_barrier(told);
    struct filter *old = told->filter;
    told->filter = filter_of("d/");
    struct watch_root_settings settings = settings_of(told, told->scratch.path);
    watch_root_replace_filter(told->watch, root, &settings);
    filter_free(old);
    pass_barrier(told);
    expect(told, "gone d/b 1\n");
    assert_int_equal(told->filter_scans, 1);
    old = told->filter;
    told->filter = filter_of(NULL);
    settings.filter = told->filter;
    settings.recursive = true;
    watch_root_replace_filter(told->watch, root, &settings);
    filter_free(old);
    pass_barrier(told);
    expect(told, "changed d/b 1\n");
}

static void depth_is_counted_from_the_root(void **state)
{
    struct told *told = *state;
    struct error err = ERROR_INIT;
    struct watch_root *root = NULL;
    make_tree(told);
    scratch_mkdir(&told->scratch, "d/e");
    scratch_write(&told->scratch, "d/e/c", "3");
    struct watch_root_settings settings = settings_of(told, told->scratch.path);
    settings.max_depth = 1;
    assert_true(watch_root_add(told->watch, &settings, &root, &err));
    pass_barrier(told);
    assert_int_equal(watch_root_files(root), 2);
    settings.recursive = false;
    watch_root_replace_filter(told->watch, root, &settings);
    pass_barrier(told);
    assert_int_equal(watch_root_files(root), 1);
}

static void removing_a_root_leaves_the_others(void **state)
{
    struct told *told = *state;
    make_tree(told);
    struct watch_root *one = add(told, WATCH_MODE_AUTO), *two = add(told, WATCH_MODE_AUTO);
    pass_barrier(told);
    watch_root_remove(told->watch, one);
    scratch_write(&told->scratch, "d/new", "4");
    pass_barrier(told);
    assert_true(watch_file_get(two, "d/new", NULL));
    struct watch_root *again = add(told, WATCH_MODE_AUTO);
    pass_barrier(told);
    assert_int_equal(watch_root_files(again), 3);
    watch_root_remove(told->watch, two);
    watch_root_remove(told->watch, again);
    struct watch_counters counters;
    watch_counters(told->watch, &counters);
    assert_int_equal(counters.folders, 0);
    assert_int_equal(counters.files, 0);
    assert_int_equal(counters.watches, 0);
    pass_barrier(told);
}

static void a_polled_root_can_be_removed_while_it_is_swept(void **state)
{
    struct told *told = *state;
    make_tree(told);
    for (unsigned i = 0; i < 20; i++) {
        struct watch_root *root = add(told, WATCH_MODE_POLL);
        assert_true(watch_root_is_polled(root));
        for (unsigned k = 0; k < i % 4; k++)
            run_once(told, 10);
        watch_root_remove(told->watch, root);
    }
    struct watch_root *root = add(told, WATCH_MODE_POLL);
    pass_barrier(told);
    assert_int_equal(watch_root_files(root), 2);
}

static void what_is_no_folder_cannot_be_a_root(void **state)
{
    struct told *told = *state;
    struct error err = ERROR_INIT;
    struct watch_root *root = NULL;
    make_tree(told);
    AUTO_BUF path = BUF_INIT;
    scratch_add_path(&told->scratch, "a", &path);
    struct watch_root_settings settings = settings_of(told, buf_string(&path));
    assert_false(watch_root_add(told->watch, &settings, &root, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    settings.path = "relative";
    assert_false(watch_root_add(told->watch, &settings, &root, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    pass_barrier(told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_scan_reports_no_file_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(files_without_a_mark_are_listed, setup, teardown),
        cmocka_unit_test_setup_teardown(only_a_clean_file_is_moved, setup, teardown),
        cmocka_unit_test_setup_teardown(
            another_version_than_the_one_written_is_reported_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_filter_reports_what_it_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(depth_is_counted_from_the_root, setup, teardown),
        cmocka_unit_test_setup_teardown(removing_a_root_leaves_the_others, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_polled_root_can_be_removed_while_it_is_swept, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_folder_cannot_be_a_root, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
