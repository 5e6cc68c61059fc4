#include "unit.h"

#include <assert.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "analyze/analyzer.h"
#include "analyze/capped_alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/stage.h"

/*
 * The program is its own zygote, as in production, but what its workers do with a file is here: the
 * first word of the file says which misfortune befalls the "parser".
 */

/* ── in the worker process ── */

static volatile char *volatile nowhere;

static void do_segv(void)
{
    *nowhere = 1;
}

static void do_spin(void)
{
    for (volatile unsigned i = 0;; i++)
        continue;
}

static void do_devour(void)
{
    for (;;)
        memset(ts_capped_malloc(1 << 20), 1, 1 << 20);
}

static void do_devour_heap(void)
{
    for (;;)
        memset(memory_new(1 << 20, 1), 1, 1 << 20);
}

/* 80 MiB: over what a small worker may use, within what one may. */
static void do_eat(void)
{
    for (int i = 0; i < 80; i++)
        memset(ts_capped_malloc((1 << 20) - 64), 1, (1 << 20) - 64);
}

static void do_open(void)
{
    (void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void do_socket(void)
{
    (void)socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void do_kill_parent(void)
{
    (void)kill(getppid(), SIGKILL);
}

static void do_write_source(void)
{
    /* The source area is the only mapping whose bytes are known: find it by the pointer that was
     * given. */
    nowhere[0] = 'X';
}

static void do_stop(void)
{
    (void)raise(SIGSTOP); /* as if the machine had no time for it */
}

/* Deeper than any stack. */
static size_t recurse(volatile size_t depth)
{
    volatile char page[4096];
    page[depth % sizeof(page)] = 1;
    return depth == SIZE_MAX ? 0 : recurse(depth + 1) + (size_t)page[0];
}

static void do_recurse(void)
{
    (void)recurse(1);
}

static const struct {
    const char *word;
    void (*act)(void);
} misfortunes[] = {
    {"segv", do_segv},
    {"abort", abort},
    {"spin", do_spin},
    {"devour", do_devour},
    {"heap", do_devour_heap},
    {"eat", do_eat},
    {"open", do_open},
    {"socket", do_socket},
    {"kill", do_kill_parent},
    {"write", do_write_source},
    {"stop", do_stop},
    {"recurse", do_recurse},
};

static bool stand_in_start(void **ret_shared, struct error *err)
{
    (void)err;
    *ret_shared = NULL;
    return true;
}

static bool stand_in_prepare(void *shared, unsigned language, struct error *err)
{
    (void)shared;
    if (language == 3)
        return error_set(err, ERROR_BUG, 0, "parsers/x.scm:12: unknown capture \"@x\"");
    return true;
}

static bool word_is(const uint8_t *bytes, size_t n_bytes, const char *word)
{
    return n_bytes >= strlen(word) && memcmp(bytes, word, strlen(word)) == 0;
}

static bool stand_in_analyse(void *shared, unsigned language, const struct analyze_limits *limits,
    const char *path, const uint8_t *bytes, size_t n_bytes, struct arena *arena,
    struct code_facts *ret_code, struct error *err)
{
    (void)shared;
    nowhere = word_is(bytes, n_bytes, "write") ? (volatile char *)(uintptr_t)bytes : NULL;
    for (size_t i = 0; i < ARRAY_SIZE(misfortunes); i++) {
        if (word_is(bytes, n_bytes, misfortunes[i].word))
            misfortunes[i].act();
    }
    if (word_is(bytes, n_bytes, "error"))
        return error_set(err, ERROR_BUG, 0, "no such tree");
    ret_code->parse_status = word_is(bytes, n_bytes, "late") ? PARSE_TIMEOUT : PARSE_OK;
    ret_code->metric[METRIC_LINES_CODE] = (double)n_bytes;
    ret_code->metric[METRIC_LINES_TOTAL] = language + limits->cpu_ms;
    char *text = arena_printf(arena, "[\"%s\", %d]", path, (int)getpid());
    if (word_is(bytes, n_bytes, "lie"))
        text[0] = '{';
    ret_code->blob[BLOB_SYMBOLS] = (struct text){.bytes = text, .length = strlen(text)};
    return true;
}

static const struct worker_ops stand_in = {
    .start = stand_in_start,
    .prepare = stand_in_prepare,
    .analyse = stand_in_analyse,
};

/* ── in the test ── */

struct fixture {
    struct zygote *zygote;
    struct analyzer *analyzer;
    struct arena *arena;
    struct code_facts code;
    struct analyze_limits limits;
    struct error err;
};

static const struct zygote_settings settings = {
    .n_workers = 2,
    .max_file_bytes = 4 << 20,
    .file_memory_bytes = (uint64_t)128 << 20,
    .total_memory_bytes = (uint64_t)512 << 20,
};

static int set_up(void **state)
{
    struct fixture *f = memory_new(1, sizeof(*f));
    f->arena = arena_new(0);
    f->limits = (struct analyze_limits){.cpu_ms = 4000, .memory_bytes = (uint64_t)128 << 20};
    if (!zygote_start(&settings, &f->zygote, &f->err))
        return -1;
    f->analyzer = analyzer_new(f->zygote);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    analyzer_free(f->analyzer);
    zygote_stop(f->zygote);
    arena_free(f->arena);
    free(f);
    return 0;
}

static bool try_run(struct fixture *f, unsigned language, const char *text)
{
    struct reading reading;
    read_block(text, strlen(text), 0100644, 1 << 20, f->arena, &reading);
    f->err = ERROR_INIT;
    return analyzer_run(
        f->analyzer, language, "a/b.c", &reading, 1 << 20, &f->limits, f->arena, &f->code, &f->err);
}

static void run(struct fixture *f, const char *text)
{
    if (!try_run(f, 0, text))
        fail_msg("%s", f->err.message);
}

/* The process that analysed the last file. */
static int worker_pid(const struct fixture *f)
{
    int pid = 0;
    assert_non_null(f->code.blob[BLOB_SYMBOLS].bytes);
    assert_int_equal(sscanf(f->code.blob[BLOB_SYMBOLS].bytes, "[\"a/b.c\", %d]", &pid), 1);
    return pid;
}

static void next_file_is_fine(struct fixture *f)
{
    run(f, "fine\n");
    assert_int_equal(f->code.parse_status, PARSE_OK);
    assert_string_equal(f->code.reason, "");
}

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

/* Parent of a process: the fourth field of /proc/PID/stat (proc(5)). 0: it is dead or gone. */
static int parent_of(int pid)
{
    char name[64], run_state = 0;
    int parent = 0;
    AUTO_BUF text = BUF_INIT;
    struct error err = ERROR_INIT;
    (void)snprintf(name, sizeof(name), "/proc/%d/stat", pid);
    if (!fd_read_file(name, 4096, &text, &err))
        return 0;
    const char *behind_name = strrchr(buf_string(&text), ')');
    bool found = behind_name != NULL && sscanf(behind_name, ") %c %d", &run_state, &parent) == 2;
    return found && strchr("ZX", run_state) == NULL ? parent : 0;
}

static void dies(int pid)
{
    uint64_t deadline_ms = clock_monotonic_ms() + 10000;
    while (parent_of(pid) != 0 && clock_monotonic_ms() < deadline_ms)
        (void)poll(NULL, 0, 1);
    assert_int_equal(parent_of(pid), 0);
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

static void a_dead_zygote_takes_its_workers_along_and_is_replaced(void **state)
{
    struct fixture *f = *state;
    run(f, "fine\n");
    int worker = worker_pid(f), zygote = parent_of(worker);
    assert_int_equal(parent_of(zygote), getpid());
    assert_int_equal(kill(zygote, SIGKILL), 0);
    dies(worker);
    next_file_is_fine(f);
    assert_int_not_equal(parent_of(worker_pid(f)), zygote);
    assert_int_equal(analyzer_counters(f->analyzer).zygotes_started, 1);
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

static void a_plan_that_does_not_compile_is_an_error(void **state)
{
    struct fixture *f = *state;
    assert_false(try_run(f, 3, "fine\n"));
    assert_int_equal(f->err.kind, ERROR_ANALYSIS);
    assert_string_equal(f->err.message, "parsers/x.scm:12: unknown capture \"@x\"");
    next_file_is_fine(f);
}

static void another_language_gets_a_worker_that_has_its_plan(void **state)
{
    struct fixture *f = *state;
    assert_true(try_run(f, 0, "fine\n"));
    int first = worker_pid(f);
    assert_true(try_run(f, 1, "fine\n"));
    assert_true(f->code.metric[METRIC_LINES_TOTAL] == 4001);
    int second = worker_pid(f);
    assert_int_not_equal(first, second);
    assert_true(try_run(f, 0, "fine\n"));
    assert_int_equal(worker_pid(f), second);
}

static void an_eager_zygote_reports_what_does_not_compile(void **state)
{
    (void)state;
    struct zygote_settings eager = settings;
    struct zygote *zygote = NULL;
    struct error err = ERROR_INIT;
    eager.eager = true;
    assert_true(zygote_start(&eager, &zygote, &err));
    assert_false(zygote_check(zygote, &err));
    assert_string_equal(err.message, "parsers/x.scm:12: unknown capture \"@x\"");
    zygote_stop(zygote);
}

static void a_zygote_that_is_well_says_so(void **state)
{
    struct fixture *f = *state;
    assert_true(zygote_check(f->zygote, &f->err));
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

static void the_sum_of_memory_is_bounded(void **state)
{
    (void)state;
    static const struct {
        unsigned n_workers;
        uint64_t file_mib, total_mib, small_mib;
    } rows[] = {{1, 256, 512, 64}, {5, 256, 512, 64}, {9, 256, 512, 32}, {2, 256, 256, 8},
        {2, 16, 512, 16}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct zygote *zygote = NULL;
        struct error err = ERROR_INIT;
        struct zygote_settings s = settings;
        s.n_workers = rows[i].n_workers;
        s.file_memory_bytes = rows[i].file_mib << 20;
        s.total_memory_bytes = rows[i].total_mib << 20;
        assert_true(zygote_start(&s, &zygote, &err));
        assert_int_equal(zygote_small_memory(zygote) >> 20, rows[i].small_mib);
        zygote_stop(zygote);
    }
}

static void only_one_may_use_much_memory(void **state)
{
    struct fixture *f = *state;
    assert_true(zygote_take_large(f->zygote));
    assert_false(zygote_take_large(f->zygote));
    zygote_give_large(f->zygote);
    assert_true(zygote_take_large(f->zygote));
}

static size_t open_descriptors(void)
{
    size_t n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void no_descriptor_is_left_behind(void **state)
{
    struct fixture *f = *state;
    run(f, "fine\n");
    size_t before = open_descriptors();
    run(f, "abort\n");
    next_file_is_fine(f);
    int worker = worker_pid(f);
    assert_int_equal(kill(parent_of(worker), SIGKILL), 0);
    dies(worker);
    next_file_is_fine(f);
    assert_int_equal(open_descriptors(), before);
}

/* ── many threads ── */

#define THREADS 4
#define FILES 400

struct crowd {
    struct zygote *zygote;
    struct mailbox *done;
};

struct member {
    struct crowd *crowd;
    struct fixture own;
};

static bool join_crowd(void *shared, unsigned index, void **ret_self, struct error *err)
{
    (void)index;
    (void)err;
    struct member *member = memory_new(1, sizeof(*member));
    member->crowd = shared;
    member->own.analyzer = analyzer_new(member->crowd->zygote);
    member->own.limits = (struct analyze_limits){.cpu_ms = 100, .memory_bytes = 128 << 20};
    *ret_self = member;
    return true;
}

/* item: an int that receives the worker's pid; -1: no facts. */
static void analyse_one(void *self, void **items, size_t n_items)
{
    struct member *member = self;
    int *pid = items[0];
    assert(n_items == 1);
    member->own.arena = arena_new(0);
    bool fine = try_run(&member->own, 0, "fine\n") && member->own.code.parse_status == PARSE_OK;
    *pid = fine ? worker_pid(&member->own) : -1;
    arena_free(member->own.arena);
    mailbox_post(member->crowd->done, pid);
}

static void leave_crowd(void *self)
{
    analyzer_free(((struct member *)self)->own.analyzer);
    free(self);
}

static const struct stage_ops crowd_ops = {
    .name = "crowd", .start = join_crowd, .work = analyse_one, .stop = leave_crowd};

static void threads_outlive_zygotes_that_die_at_work(void **state)
{
    struct fixture *f = *state;
    struct crowd crowd = {.zygote = f->zygote, .done = mailbox_new()};
    struct stage *stage = stage_new(&crowd_ops, &crowd, THREADS, FILES, &f->err);
    int pids[FILES];
    void **finished = NULL;
    size_t capacity = 0, n_finished = 0, kills = 0;
    for (size_t i = 0; i < FILES; i++)
        assert_true(stage_try_push(stage, &pids[i], STAGE_NORMAL));
    while (n_finished < FILES) {
        struct pollfd wanted = {.fd = mailbox_fd(crowd.done), .events = POLLIN};
        assert_true(poll(&wanted, 1, 60000) > 0);
        n_finished += mailbox_take(crowd.done, &finished, &capacity);
        int zygote = parent_of(*(int *)finished[0]);
        if (n_finished / 40 > kills && zygote > 1 && parent_of(zygote) == getpid()) {
            assert_int_equal(kill(zygote, SIGKILL), 0);
            kills++;
        }
    }
    for (size_t i = 0; i < FILES; i++)
        assert_int_not_equal(pids[i], -1);
    assert_true(kills > 0);
    stage_join(stage);
    mailbox_free(crowd.done);
    free(finished);
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
        CASE(a_dead_zygote_takes_its_workers_along_and_is_replaced),
        CASE(a_worker_ends_with_its_analyzer),
        CASE(a_plan_that_does_not_compile_is_an_error),
        CASE(another_language_gets_a_worker_that_has_its_plan),
        CASE(an_eager_zygote_reports_what_does_not_compile),
        CASE(a_zygote_that_is_well_says_so),
        CASE(what_needs_no_parser_needs_no_worker),
        CASE(the_sum_of_memory_is_bounded),
        CASE(only_one_may_use_much_memory),
        CASE(no_descriptor_is_left_behind),
        CASE(threads_outlive_zygotes_that_die_at_work),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
