#include "unit.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/stage.h"

#include <poll.h>

struct shared {
    struct mailbox *mailbox;
    atomic_uint started, stopped, idled, largest_batch;
};

static bool start(void *shared, unsigned index, void **ret_self, struct error *err)
{
    (void)index;
    (void)err;
    atomic_fetch_add(&((struct shared *)shared)->started, 1);
    *ret_self = shared;
    return true;
}

static void post_all(void *self, void **items, size_t n_items)
{
    struct shared *shared = self;
    if (n_items > atomic_load(&shared->largest_batch))
        atomic_store(&shared->largest_batch, (unsigned)n_items);
    for (size_t i = 0; i < n_items; i++)
        mailbox_post(shared->mailbox, items[i]);
}

static uint64_t count_idle(void *self)
{
    struct shared *shared = self;
    if (atomic_fetch_add(&shared->idled, 1) == 2)
        mailbox_post(shared->mailbox, shared);
    return 1;
}

static void stop(void *self)
{
    atomic_fetch_add(&((struct shared *)self)->stopped, 1);
}

static bool refuse(void *shared, unsigned index, void **ret_self, struct error *err)
{
    (void)shared;
    (void)ret_self;
    return index == 0 || error_set(err, ERROR_DATABASE, 0, "no connection");
}

static void every_item_arrives_once_and_in_order_on_one_thread(void **state)
{
    (void)state;
    static const struct stage_ops ops = {
        .name = "post", .max_batch = 8, .start = start, .work = post_all, .stop = stop};
    struct shared shared = {.mailbox = mailbox_new()};
    struct error err = ERROR_INIT;
    struct stage *stage = stage_new(&ops, &shared, 1, 4, &err);
    assert_non_null(stage);
    for (uintptr_t i = 1; i <= 1000; i++)
        assert_true(stage_push(stage, (void *)i, STAGE_NORMAL, CLOCK_NEVER));
    stage_join(stage);
    void **items = NULL;
    size_t capacity = 0;
    assert_int_equal(mailbox_take(shared.mailbox, &items, &capacity), 1000);
    for (uintptr_t i = 0; i < 1000; i++)
        assert_int_equal((uintptr_t)items[i], i + 1);
    assert_int_equal(atomic_load(&shared.stopped), 1);
    assert_true(atomic_load(&shared.largest_batch) <= 8);
    free(items);
    mailbox_free(shared.mailbox);
}

/* Posts its item once the gate is open. */
struct gated {
    struct shared shared;
    int gate_fd;
};

static void post_through_gate(void *self, void **items, size_t n_items)
{
    struct gated *gated = self;
    struct pollfd p = {.fd = gated->gate_fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 10000), 1);
    post_all(&gated->shared, items, n_items);
}

static void flash_overtakes_bulk_that_waits(void **state)
{
    (void)state;
    static const struct stage_ops ops = {
        .name = "gated", .max_batch = 1, .work = post_through_gate};
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    struct gated gated = {.shared = {.mailbox = mailbox_new()}, .gate_fd = pipe_fds[0]};
    struct error err = ERROR_INIT;
    struct stage *stage = stage_new(&ops, &gated, 1, 10, &err);
    for (uintptr_t i = 1; i <= 5; i++)
        assert_true(stage_try_push(stage, (void *)i, STAGE_BULK));
    assert_true(stage_try_push(stage, (void *)(uintptr_t)9999, STAGE_FLASH));
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    stage_join(stage);
    void **items = NULL;
    size_t capacity = 0;
    assert_int_equal(mailbox_take(gated.shared.mailbox, &items, &capacity), 6);
    /* At most one bulk item was taken before the flash one came. */
    assert_true((uintptr_t)items[0] == 9999 || (uintptr_t)items[1] == 9999);
    free(items);
    mailbox_free(gated.shared.mailbox);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static void slow(void *self, void **items, size_t n_items)
{
    (void)items;
    (void)n_items;
    struct pollfd p = {.fd = *(int *)self, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 10000), 1);
}

static void a_full_queue_gives_the_item_back(void **state)
{
    (void)state;
    static const struct stage_ops ops = {.name = "slow", .work = slow};
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    struct error err = ERROR_INIT;
    struct stage *stage = stage_new(&ops, &pipe_fds[0], 1, 1, &err);
    assert_true(stage_push(stage, stage, STAGE_NORMAL, CLOCK_NEVER));
    assert_true(stage_push(stage, stage, STAGE_NORMAL, CLOCK_NEVER)); /* one in work, one queued */
    assert_false(stage_try_push(stage, stage, STAGE_NORMAL));
    assert_false(stage_push(stage, stage, STAGE_FLASH, 20));
    assert_int_equal(stage_depth(stage), 1);
    assert_int_equal(write(pipe_fds[1], "x", 1), 1);
    stage_join(stage);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

static void idle_runs_again_after_the_time_it_asked_for(void **state)
{
    (void)state;
    static const struct stage_ops ops = {.name = "idle", .work = post_all, .idle = count_idle};
    struct shared shared = {.mailbox = mailbox_new()};
    struct error err = ERROR_INIT;
    struct stage *stage = stage_new(&ops, &shared, 1, 1, &err);
    struct pollfd p = {.fd = mailbox_fd(shared.mailbox), .events = POLLIN};
    assert_int_equal(poll(&p, 1, 10000), 1);
    stage_join(stage);
    mailbox_free(shared.mailbox);
}

static void a_thread_that_cannot_start_fails_the_stage(void **state)
{
    (void)state;
    static const struct stage_ops ops = {.name = "fail", .start = refuse, .work = post_all};
    struct error err = ERROR_INIT;
    assert_null(stage_new(&ops, NULL, 3, 1, &err));
    assert_string_equal(err.message, "no connection");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_arrives_once_and_in_order_on_one_thread),
        cmocka_unit_test(flash_overtakes_bulk_that_waits),
        cmocka_unit_test(a_full_queue_gives_the_item_back),
        cmocka_unit_test(idle_runs_again_after_the_time_it_asked_for),
        cmocka_unit_test(a_thread_that_cannot_start_fails_the_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
