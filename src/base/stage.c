#include "base/stage.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>

#include "base/arena.h"
#include "base/clock.h"

#define MAX_BATCH 512

/* A ring that doubles; the stage bounds the sum of all rings. */
struct ring {
    void **items;
    size_t capacity, first, count;
};

struct stage {
    const struct stage_ops *ops;
    void *shared;
    pthread_mutex_t lock;
    pthread_cond_t filled, drained;
    struct ring rings[STAGE_PRIORITIES];
    size_t depth, count;
    uint64_t wakes; /* grows with each stage_wake() */
    bool closed;
    uint32_t linger_ms;
    unsigned n_threads, n_started;
    struct thread *threads;
    struct error start_error; /* of the first thread whose start() failed */
};

struct thread {
    struct stage *stage;
    pthread_t id;
    unsigned index;
};

/* pthread calls fail only when our own use of them is wrong. */
static void must(int result)
{
    assert(result == 0);
    (void)result;
}

static void ring_add(struct ring *ring, void *item)
{
    if (ring->count == ring->capacity) {
        size_t capacity = ring->capacity > 0 ? ring->capacity * 2 : 16;
        void **items = memory_new(capacity, sizeof(*items));
        for (size_t i = 0; i < ring->count; i++)
            items[i] = ring->items[(ring->first + i) % ring->capacity];
        free(ring->items);
        *ring = (struct ring){.items = items, .capacity = capacity, .count = ring->count};
    }
    ring->items[(ring->first + ring->count++) % ring->capacity] = item;
}

static void *ring_take(struct ring *ring)
{
    void *item = ring->items[ring->first];
    ring->first = (ring->first + 1) % ring->capacity;
    ring->count--;
    return item;
}

static struct timespec deadline_after(uint64_t wait_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(wait_ms / 1000);
    at.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Wait on a condition until the deadline (NULL: for ever). False: the time is up. */
static bool wait_until(
    pthread_cond_t *condition, pthread_mutex_t *lock, const struct timespec *deadline)
{
    if (deadline == NULL) {
        must(pthread_cond_wait(condition, lock));
        return true;
    }
    int result = pthread_cond_timedwait(condition, lock, deadline);
    assert(result == 0 || result == ETIMEDOUT);
    return result == 0;
}

static size_t take_batch(struct stage *stage, void **items)
{
    size_t most = stage->ops->max_batch > 0 ? stage->ops->max_batch : 1;
    size_t n = 0;
    for (int priority = 0; priority < STAGE_PRIORITIES && n < most; priority++)
        while (stage->rings[priority].count > 0 && n < most)
            items[n++] = ring_take(&stage->rings[priority]);
    stage->count -= n;
    return n;
}

/* The queue is empty: run idle() outside the lock, then sleep for as long as it says. */
static void be_idle(struct stage *stage, void *self)
{
    uint64_t wait_ms = CLOCK_NEVER;
    uint64_t wakes = stage->wakes;
    if (stage->ops->idle != NULL) {
        must(pthread_mutex_unlock(&stage->lock));
        wait_ms = stage->ops->idle(self);
        must(pthread_mutex_lock(&stage->lock));
    }
    struct timespec until = deadline_after(wait_ms != CLOCK_NEVER ? wait_ms : 0);
    while (stage->count == 0 && !stage->closed && stage->wakes == wakes && wait_ms > 0)
        if (!wait_until(&stage->filled, &stage->lock, wait_ms != CLOCK_NEVER ? &until : NULL))
            break;
}

/* Nothing but bulk is queued, and not enough of it for a batch. */
static bool is_worth_a_wait(const struct stage *stage)
{
    return stage->linger_ms > 0 && !stage->closed && stage->count < stage->ops->max_batch &&
           stage->count > 0 && stage->rings[STAGE_BULK].count == stage->count;
}

static void linger(struct stage *stage)
{
    struct timespec until = deadline_after(stage->linger_ms);
    while (is_worth_a_wait(stage))
        if (!wait_until(&stage->filled, &stage->lock, &until))
            return;
}

static void serve(struct stage *stage, void *self)
{
    void *items[MAX_BATCH];
    must(pthread_mutex_lock(&stage->lock));
    while (stage->count > 0 || !stage->closed) {
        linger(stage);
        size_t n = take_batch(stage, items);
        if (n == 0) {
            be_idle(stage, self);
            continue;
        }
        must(pthread_cond_broadcast(&stage->drained));
        must(pthread_mutex_unlock(&stage->lock));
        stage->ops->work(self, items, n);
        must(pthread_mutex_lock(&stage->lock));
    }
    must(pthread_mutex_unlock(&stage->lock));
}

static void *thread_main(void *argument)
{
    struct thread *thread = argument;
    struct stage *stage = thread->stage;
    struct error err = ERROR_INIT;
    void *self = stage->shared;
    bool ok =
        stage->ops->start == NULL || stage->ops->start(stage->shared, thread->index, &self, &err);
    must(pthread_mutex_lock(&stage->lock));
    stage->n_started++;
    if (!ok && stage->start_error.kind == ERROR_NONE)
        stage->start_error = err;
    must(pthread_cond_broadcast(&stage->drained));
    must(pthread_mutex_unlock(&stage->lock));
    if (!ok)
        return NULL;
    serve(stage, self);
    if (stage->ops->stop != NULL)
        stage->ops->stop(self);
    return NULL;
}

/* Signals belong to main, which reads them from a signalfd. */
static int create_thread(struct thread *thread)
{
    sigset_t all, before;
    sigfillset(&all);
    must(pthread_sigmask(SIG_SETMASK, &all, &before));
    int result = pthread_create(&thread->id, NULL, thread_main, thread);
    must(pthread_sigmask(SIG_SETMASK, &before, NULL));
    if (result == 0)
        (void)pthread_setname_np(thread->id, thread->stage->ops->name);
    return result;
}

static void close_queue(struct stage *stage)
{
    must(pthread_mutex_lock(&stage->lock));
    stage->closed = true;
    must(pthread_cond_broadcast(&stage->filled));
    must(pthread_cond_broadcast(&stage->drained));
    must(pthread_mutex_unlock(&stage->lock));
}

void stage_join(struct stage *stage)
{
    if (stage == NULL)
        return;
    close_queue(stage);
    for (unsigned i = 0; i < stage->n_threads; i++)
        must(pthread_join(stage->threads[i].id, NULL));
    for (int priority = 0; priority < STAGE_PRIORITIES; priority++)
        free(stage->rings[priority].items);
    must(pthread_cond_destroy(&stage->filled));
    must(pthread_cond_destroy(&stage->drained));
    must(pthread_mutex_destroy(&stage->lock));
    free(stage->threads);
    free(stage);
}

static void init_sync(struct stage *stage)
{
    pthread_condattr_t attributes;
    must(pthread_mutex_init(&stage->lock, NULL));
    must(pthread_condattr_init(&attributes));
    must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    must(pthread_cond_init(&stage->filled, &attributes));
    must(pthread_cond_init(&stage->drained, &attributes));
    must(pthread_condattr_destroy(&attributes));
}

struct stage *stage_new(
    const struct stage_ops *ops, void *shared, unsigned n_threads, size_t depth, struct error *err)
{
    assert(n_threads >= 1 && depth >= 1 && ops->max_batch <= MAX_BATCH);
    struct stage *stage = memory_new(1, sizeof(*stage));
    stage->ops = ops;
    stage->shared = shared;
    stage->depth = depth;
    stage->threads = memory_new(n_threads, sizeof(*stage->threads));
    init_sync(stage);
    int result = 0;
    for (unsigned i = 0; i < n_threads && result == 0; i++) {
        stage->threads[i] = (struct thread){.stage = stage, .index = i};
        result = create_thread(&stage->threads[i]);
        if (result == 0)
            stage->n_threads++;
    }
    must(pthread_mutex_lock(&stage->lock));
    while (stage->n_started < stage->n_threads)
        must(pthread_cond_wait(&stage->drained, &stage->lock));
    struct error failed = stage->start_error;
    must(pthread_mutex_unlock(&stage->lock));
    if (result == 0 && failed.kind == ERROR_NONE)
        return stage;
    stage_join(stage);
    if (result != 0)
        error_set(err, ERROR_IO, result, "could not start thread \"%s\"", ops->name);
    else
        *err = failed;
    return NULL;
}

void stage_linger(struct stage *stage, uint32_t linger_ms)
{
    must(pthread_mutex_lock(&stage->lock));
    stage->linger_ms = linger_ms;
    must(pthread_mutex_unlock(&stage->lock));
}

bool stage_push(struct stage *stage, void *item, enum stage_priority priority, uint64_t wait_ms)
{
    struct timespec until = deadline_after(wait_ms != CLOCK_NEVER ? wait_ms : 0);
    must(pthread_mutex_lock(&stage->lock));
    while (stage->count >= stage->depth && !stage->closed && wait_ms > 0)
        if (!wait_until(&stage->drained, &stage->lock, wait_ms != CLOCK_NEVER ? &until : NULL))
            break;
    bool room = stage->count < stage->depth && !stage->closed;
    if (room) {
        ring_add(&stage->rings[priority], item);
        stage->count++;
        must(pthread_cond_signal(&stage->filled));
    }
    must(pthread_mutex_unlock(&stage->lock));
    return room;
}

bool stage_try_push(struct stage *stage, void *item, enum stage_priority priority)
{
    return stage_push(stage, item, priority, 0);
}

size_t stage_depth(struct stage *stage)
{
    must(pthread_mutex_lock(&stage->lock));
    size_t count = stage->count;
    must(pthread_mutex_unlock(&stage->lock));
    return count;
}

void stage_wake(struct stage *stage)
{
    must(pthread_mutex_lock(&stage->lock));
    stage->wakes++;
    must(pthread_cond_broadcast(&stage->filled));
    must(pthread_mutex_unlock(&stage->lock));
}

struct mailbox {
    pthread_mutex_t lock;
    int event_fd;
    void **items;
    size_t count, capacity;
};

struct mailbox *mailbox_new(void)
{
    struct mailbox *mailbox = memory_new(1, sizeof(*mailbox));
    must(pthread_mutex_init(&mailbox->lock, NULL));
    mailbox->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mailbox->event_fd < 0)
        memory_exhausted(0);
    return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (mailbox == NULL)
        return;
    must(pthread_mutex_destroy(&mailbox->lock));
    close(mailbox->event_fd);
    free(mailbox->items);
    free(mailbox);
}

int mailbox_fd(const struct mailbox *mailbox)
{
    return mailbox->event_fd;
}

void mailbox_post(struct mailbox *mailbox, void *item)
{
    must(pthread_mutex_lock(&mailbox->lock));
    if (mailbox->count == mailbox->capacity) {
        mailbox->capacity = mailbox->capacity > 0 ? mailbox->capacity * 2 : 64;
        mailbox->items = memory_resize(mailbox->items, mailbox->capacity, sizeof(*mailbox->items));
    }
    mailbox->items[mailbox->count++] = item;
    bool first = mailbox->count == 1;
    must(pthread_mutex_unlock(&mailbox->lock));
    if (first)
        (void)!write(mailbox->event_fd, &(uint64_t){1}, sizeof(uint64_t));
}

size_t mailbox_take(struct mailbox *mailbox, void ***ret_items, size_t *ret_capacity)
{
    uint64_t count;
    (void)!read(mailbox->event_fd, &count, sizeof(count));
    must(pthread_mutex_lock(&mailbox->lock));
    /* The two arrays change places: nothing is copied while others wait for the lock. */
    void **items = mailbox->items;
    size_t n = mailbox->count, capacity = mailbox->capacity;
    mailbox->items = *ret_items;
    mailbox->capacity = *ret_items != NULL ? *ret_capacity : 0;
    mailbox->count = 0;
    must(pthread_mutex_unlock(&mailbox->lock));
    *ret_items = items;
    *ret_capacity = capacity;
    return n;
}
