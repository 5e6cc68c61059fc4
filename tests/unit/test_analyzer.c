#include "stand_in.h"

/* The file costs its tree, nothing else: status, reason, text measures, and the next file is fine.
 */
static void costs_the_tree(
    struct fixture *f, const char *text, enum parse_status status, const char *reason)
{
    run(f, text);
    assert_string_equal(f->code.reason, reason);
    assert_int_equal(f->code.parse_status, status);
    assert_true(f->code.metric[METRIC_LINES_TOTAL] == 1);
    assert_true(f->code.metric[METRIC_SIZE_BYTES] == (double)strlen(text));
    assert_true(isnan(f->code.metric[METRIC_LINES_CODE]));
    assert_null(f->code.blob[BLOB_SYMBOLS].bytes);
    next_file_is_fine(f);
}

static void facts_come_back_from_another_process(void **state)
{
    struct fixture *f = *state;
    run(f, "fine\n");
    assert_int_equal(f->code.parse_status, PARSE_OK);
    assert_true(f->code.metric[METRIC_LINES_CODE] == 5);
    assert_true(f->code.metric[METRIC_LINES_TOTAL] == 4000);
    assert_int_not_equal(worker_pid(f), getpid());
}

static void an_empty_file_is_analysed(void **state)
{
    struct fixture *f = *state;
    run(f, "");
    assert_int_equal(f->code.parse_status, PARSE_OK);
    assert_true(f->code.metric[METRIC_LINES_CODE] == 0);
}

static void one_worker_serves_many_files_then_is_replaced(void **state)
{
    struct fixture *f = *state;
    run(f, "fine\n");
    int first = worker_pid(f);
    for (int i = 1; i < ANALYZER_FILES_PER_WORKER; i++)
        run(f, "fine\n");
    assert_int_equal(worker_pid(f), first);
    run(f, "fine\n");
    assert_int_not_equal(worker_pid(f), first);
    assert_int_equal(analyzer_counters(f->analyzer).workers_started, 2);
}

static void a_crash_costs_the_tree(void **state)
{
#ifndef SRCTAB_SANITIZE /* reports crashes in its own way */
    costs_the_tree(*state, "segv\n", PARSE_FAILED, "parser crashed: segmentation fault");
    costs_the_tree(*state, "recurse\n", PARSE_FAILED, "parser crashed: segmentation fault");
#endif
    costs_the_tree(*state, "abort\n", PARSE_FAILED, "parser aborted: an assertion failed");
    assert_true(analyzer_counters(((struct fixture *)*state)->analyzer).workers_died > 0);
}

static void a_scanner_that_never_returns_is_a_timeout(void **state)
{
    ((struct fixture *)*state)->limits.cpu_ms = 100;
    costs_the_tree(*state, "spin\n", PARSE_TIMEOUT, "parser used more CPU time than it may");
}

static void a_worker_that_hangs_is_killed_at_the_deadline(void **state)
{
    struct fixture *f = *state;
    f->limits.cpu_ms = 1;
    costs_the_tree(f, "stop\n", PARSE_TIMEOUT, "worker process gave no answer in time");
    assert_int_equal(analyzer_counters(f->analyzer).workers_late, 1);
}

static void memory_over_the_cap_is_said(void **state)
{
    costs_the_tree(*state, "devour\n", PARSE_MEMORY, "parser needed more memory than it may use");
#ifndef SRCTAB_SANITIZE
    costs_the_tree(*state, "heap\n", PARSE_MEMORY, "parser needed more memory than it may use");
#endif
}

static void a_file_over_the_small_limit_gets_the_large_one(void **state)
{
    struct fixture *f = *state;
    run(f, "eat\n");
    assert_int_equal(f->code.parse_status, PARSE_OK);
    assert_int_equal(analyzer_counters(f->analyzer).workers_died, 1);
    assert_true(zygote_take_large(f->zygote)); /* it was given back */
}

static void system_calls_are_forbidden(void **state)
{
#ifdef SRCTAB_SANITIZE
    (void)state;
    skip();
#else
    static const char *const calls[] = {"open\n", "socket\n", "kill\n"};
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
        costs_the_tree(*state, calls[i], PARSE_FAILED, "parser made a forbidden system call");
#endif
}

static void the_source_cannot_be_written(void **state)
{
#ifdef SRCTAB_SANITIZE
    (void)state;
    skip();
#else
    costs_the_tree(*state, "write\n", PARSE_FAILED, "parser crashed: segmentation fault");
#endif
}

static void facts_that_are_not_json_are_not_believed(void **state)
{
    struct fixture *f = *state;
    costs_the_tree(f, "lie\n", PARSE_FAILED, "facts area has document 5 that is not JSON");
    assert_int_equal(analyzer_counters(f->analyzer).workers_lied, 1);
}

static void an_error_and_a_late_parse_keep_the_worker(void **state)
{
    struct fixture *f = *state;
    costs_the_tree(f, "error\n", PARSE_FAILED, "no such tree");
    costs_the_tree(f, "late\n", PARSE_TIMEOUT, "");
    assert_int_equal(analyzer_counters(f->analyzer).workers_started, 1);
}

static void a_killed_worker_is_replaced_and_the_file_tried_again(void **state)
{
    struct fixture *f = *state;
    run(f, "fine\n");
    int first = worker_pid(f);
    assert_int_equal(kill(first, SIGKILL), 0);
    dies(first);
    next_file_is_fine(f);
    assert_int_not_equal(worker_pid(f), first);
    assert_int_equal(analyzer_counters(f->analyzer).workers_died, 1);
}

static void a_worker_ends_with_its_analyzer(void **state)
{
    struct fixture *f = *state;
    run(f, "fine\n");
    int worker = worker_pid(f);
    analyzer_free(f->analyzer);
    f->analyzer = analyzer_new(f->zygote);
    dies(worker);
}

static void what_needs_no_parser_needs_no_worker(void **state)
{
    struct fixture *f = *state;
    struct reading reading;
    read_block("a\0b", 3, 0100644, 1 << 20, f->arena, &reading);
    assert_true(analyzer_run(
        f->analyzer, 0, "a", &reading, 1 << 20, &f->limits, f->arena, &f->code, &f->err));
    assert_int_equal(f->code.parse_status, PARSE_BINARY);
    assert_true(isnan(f->code.metric[METRIC_LINES_TOTAL]));
    read_block("abc\n", 4, 0100644, 1 << 20, f->arena, &reading);
    assert_true(
        analyzer_run(f->analyzer, 0, "a", &reading, 3, &f->limits, f->arena, &f->code, &f->err));
    assert_int_equal(f->code.parse_status, PARSE_TOO_BIG);
    assert_true(f->code.metric[METRIC_LINES_TOTAL] == 1);
    analyzer_text_only(&reading, &f->code);
    assert_int_equal(f->code.parse_status, PARSE_UNSUPPORTED);
    assert_int_equal(analyzer_counters(f->analyzer).workers_started, 0);
}

int main(int argc, char **argv)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    zygote_maybe_main(argc, argv, &stand_in);
    const struct CMUnitTest cases[] = {
        CASE(facts_come_back_from_another_process),
        CASE(an_empty_file_is_analysed),
        CASE(one_worker_serves_many_files_then_is_replaced),
        CASE(a_crash_costs_the_tree),
        CASE(a_scanner_that_never_returns_is_a_timeout),
        CASE(a_worker_that_hangs_is_killed_at_the_deadline),
        CASE(memory_over_the_cap_is_said),
        CASE(a_file_over_the_small_limit_gets_the_large_one),
        CASE(system_calls_are_forbidden),
        CASE(the_source_cannot_be_written),
        CASE(facts_that_are_not_json_are_not_believed),
        CASE(an_error_and_a_late_parse_keep_the_worker),
        CASE(a_killed_worker_is_replaced_and_the_file_tried_again),
        CASE(a_worker_ends_with_its_analyzer),
        CASE(what_needs_no_parser_needs_no_worker),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
