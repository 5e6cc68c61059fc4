/*
 * stage.h - a bounded queue plus n threads, and the mailbox by which threads report back to main.
 * The only file that locks.
 *
 *   main ──stage_try_push──► [queue: one FIFO a priority] ──► work() on n threads ──mailbox_post──►
 * main (eventfd)
 */
#ifndef BASE_STAGE_H
#define BASE_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum stage_priority { STAGE_FLASH, STAGE_DELETE, STAGE_NORMAL, STAGE_BULK, STAGE_PRIORITIES };

struct stage_ops {
    const char *name; /* also the thread's name, at most 15 characters */
    size_t max_batch; /* most items that work() takes at once; 0 means 1 */
    /** In each new thread, before the first work(): make what the thread owns. NULL: nothing. An
     * error fails stage_new(). */
    bool (*start)(void *shared, unsigned index, void **ret_self, struct error *err);
    /** Take over n items (1 <= n <= max_batch), highest priority first, in order of arrival within
     * one. */
    void (*work)(void *self, void **items, size_t n_items);
    /** Called when the queue is empty and at the time asked for before; returns the ms until it
     * wants to be called again, CLOCK_NEVER: only after work. NULL: never. */
    uint64_t (*idle)(void *self);
    /** In the thread, after the last work(). NULL: nothing. */
    void (*stop)(void *self);
};

struct stage;

/** Start n_threads (>= 1) that share a queue of `depth` items. ops and shared are borrowed for the
 * stage's life. Errors: those of start(), thread limits (ERROR_IO). */
struct stage *stage_new(
    const struct stage_ops *ops, void *shared, unsigned n_threads, size_t depth, struct error *err);

/** Bulk items wait up to linger_ms for company before work() takes them, so that batches fill;
 * others never wait. 0 at first. Before the first push. */
void stage_linger(struct stage *stage, uint32_t linger_ms);

/** Never waits: false when the queue is full or closed; the item then stays with the caller. */
CHECKED bool stage_try_push(struct stage *stage, void *item, enum stage_priority priority);

/** Waits up to wait_ms for room (CLOCK_NEVER: for ever). False: still full, or closed; the item
 * stays with the caller. */
CHECKED bool stage_push(
    struct stage *stage, void *item, enum stage_priority priority, uint64_t wait_ms);

/** Items queued, not counting those in work(). */
size_t stage_depth(struct stage *stage);

/** Wake idle threads so that idle() runs now. */
void stage_wake(struct stage *stage);

/** No further pushes; drain the queue, run stop() in each thread, join and free. NULL is fine. */
void stage_join(struct stage *stage);

/* Finished things on their way back to the one thread that owns them. */
struct mailbox;

struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *mailbox);
/** eventfd, readable while something lies in the box; for poll(2) in the owner. */
int mailbox_fd(const struct mailbox *mailbox);
/** Any thread. Unbounded: each item was let in by a bounded stage before. */
void mailbox_post(struct mailbox *mailbox, void *item);
/** Owner only: take all items, oldest first, into *ret_items (grown by memory_resize, reused
 * between calls). Returns how many. */
size_t mailbox_take(struct mailbox *mailbox, void ***ret_items, size_t *ret_capacity);

#endif
