#include "app/task.h"

#include <assert.h>

/* Paths, facts of a small file and its documents fit the first chunk. */
#define TASK_ARENA_BYTES ((size_t)16 * 1024)

_Static_assert(offsetof(struct task, job) == 0, "a job is the beginning of its task");

struct task *task_new(struct root *root, const char *path, const char *old_path)
{
    struct arena *arena = arena_new(TASK_ARENA_BYTES);
    struct task *task = arena_alloc(arena, 1, sizeof(*task));
    task->job.magic = JOB_MAGIC;
    task->job.arena = arena;
    task->job.path = arena_string(arena, path);
    task->job.old_path = old_path != NULL ? arena_string(arena, old_path) : NULL;
    task->job.attempt_no = 1;
    task->job.root_fd = -1;
    task->root = root;
    atomic_init(&task->holders, 1);
    return task;
}

struct task *task_of(struct job *job)
{
    assert(job->magic == JOB_MAGIC);
    return (struct task *)job;
}

void task_charge(struct task *task, atomic_uint_fast64_t *budget)
{
    task->charged_to = budget;
    task->charged_bytes = arena_size_bytes(task->job.arena);
    atomic_fetch_add_explicit(budget, task->charged_bytes, memory_order_relaxed);
}

void task_release(struct task *task)
{
    if (atomic_fetch_sub_explicit(&task->holders, 1, memory_order_acq_rel) != 1)
        return;
    if (task->charged_to != NULL)
        atomic_fetch_sub_explicit(task->charged_to, task->charged_bytes, memory_order_relaxed);
    task->job.magic = 0;
    arena_free(task->job.arena);
}
