#include "stand_in.h"

#include <assert.h>

#include "base/stage.h"

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
        CASE(a_dead_zygote_takes_its_workers_along_and_is_replaced),
        CASE(a_plan_that_does_not_compile_is_an_error),
        CASE(another_language_gets_a_worker_that_has_its_plan),
        CASE(an_eager_zygote_reports_what_does_not_compile),
        CASE(a_zygote_that_is_well_says_so),
        CASE(the_sum_of_memory_is_bounded),
        CASE(only_one_may_use_much_memory),
        CASE(no_descriptor_is_left_behind),
        CASE(threads_outlive_zygotes_that_die_at_work),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
