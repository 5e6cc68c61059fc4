#include "app/pipeline.h"

#include <assert.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/notify.h"

/* Few: what waits here has cost nothing yet, and priorities work best while paths still wait in
 * settle. */
/* A locked table holds the path of a job until this many tries have timed out, also for the other
 * table. */
#define LOCK_TIMEOUT_MS 1000

#define ANALYZE_DEPTH 32

/* A locked table holds a path until its tries have timed out, also for the other table. */
#define LOCK_TIMEOUT_MS 1000

struct pipeline {
    struct pipeline_settings settings;
    struct stage *analyze;
    struct sink *sinks[SINKS];
    struct audit *audit;
};

static const enum stage_priority stage_priorities[SETTLE_CLASSES] = {
    [SETTLE_FLASH] = STAGE_FLASH, [SETTLE_NORMAL] = STAGE_NORMAL, [SETTLE_BULK] = STAGE_BULK};

struct analyze_thread {
    struct pipeline *pipeline;
    struct preparer *preparer;
};

/* The last half is decided: main and the audit thread both read the job from here on. */
static void decided(struct pipeline *pipeline, struct task *task)
{
    job_decide(&task->job);
    if (pipeline->settings.notify != NULL)
        notify_job(pipeline->settings.notify, &task->job);
    atomic_store(&task->holders, 2);
    mailbox_post(pipeline->settings.finished, task);
    audit_submit(pipeline->audit, &task->job);
}

static void sink_finished(void *user, struct job *job)
{
    decided(user, task_of(job));
}

static void sink_state_changed(
    void *user, enum sink_id id, enum sink_event event, const struct error *why)
{
    struct pipeline *pipeline = user;
    pipeline->settings.sink_changed(pipeline->settings.user, id, event, why);
}

static void write_to_sinks(struct pipeline *pipeline, struct task *task)
{
    struct job *job = &task->job;
    unsigned wanted = job->sinks_wanted;
    enum stage_priority priority =
        job->operation == OPERATION_DELETE && task->class == SETTLE_NORMAL
            ? STAGE_DELETE
            : stage_priorities[task->class];
    atomic_store(&job->sinks_left, (unsigned)__builtin_popcount(wanted));
    /* After the last submit the job may already be freed: wanted is a copy. */
    for (unsigned id = 0; id < SINKS; id++)
        if ((wanted & SINK_BIT(id)) != 0)
            sink_submit(pipeline->sinks[id], job, priority);
}

static void finish_unwritten(struct pipeline *pipeline, struct task *task)
{
    bool audit =
        task->outcome == TASK_SKIPPED || (task->outcome == TASK_UNCHANGED && task->audit_unchanged);
    atomic_store(&task->holders, audit ? 2 : 1);
    mailbox_post(pipeline->settings.finished, task);
    if (audit)
        audit_submit(pipeline->audit, &task->job);
}

static bool analyze_start(void *shared, unsigned index, void **ret_self, struct error *err)
{
    (void)index;
    (void)err;
    struct analyze_thread *thread = memory_new(1, sizeof(*thread));
    thread->pipeline = shared;
    thread->preparer = preparer_new(&thread->pipeline->settings.prepare);
    *ret_self = thread;
    return true;
}

static void analyze_work(void *self, void **items, size_t n_items)
{
    struct analyze_thread *thread = self;
    for (size_t i = 0; i < n_items; i++) {
        struct task *task = items[i];
        unsigned halves = (unsigned)__builtin_popcount(task->job.sinks_wanted);
        atomic_store(&task->job.sinks_left, halves);
        if (halves > 0)
            prepare(thread->preparer, task);
        else
            task->outcome = TASK_UNWANTED;
        task_charge(task, thread->pipeline->settings.bytes_in_flight);
        if (task->outcome != TASK_WRITE)
            finish_unwritten(thread->pipeline, task);
        else if (atomic_load(&task->job.sinks_left) == 0)
            decided(thread->pipeline, task);
        else
            write_to_sinks(thread->pipeline, task);
    }
}

static void analyze_stop(void *self)
{
    struct analyze_thread *thread = self;
    preparer_free(thread->preparer);
    free(thread);
}

static const struct stage_ops analyze_ops = {.name = "analyze",
    .max_batch = 1,
    .start = analyze_start,
    .work = analyze_work,
    .stop = analyze_stop};

static void audit_done(void *user, struct job *job)
{
    (void)user;
    task_release(task_of(job));
}

/* From the audit thread. */
static void audit_changed(void *user, bool reachable, const struct error *why)
{
    (void)user;
    struct error said = *why;
    if (why->kind == ERROR_NONE) {
        log_emit(
            LOG_INFO, reachable ? "sync_audit is written again" : "sync_audit is away", LOG_NONE);
        return;
    }
    (void)error_wrap(&said, reachable ? "a record of sync_audit was refused and is lost"
                                      : "sync_audit cannot be written, its records are spooled");
    log_error(LOG_WARN, &said);
}

static struct sink_settings sink_settings_of(struct pipeline *pipeline, enum sink_id id)
{
    const struct config *config = pipeline->settings.config;
    struct sink_settings settings = {
        .id = id,
        .conninfo = pipeline->settings.sink_conninfo[id],
        .schema = config->database.schema,
        .synchronous_commit = config->database.synchronous_commit,
        .writers = config->store.writers,
        .batch_ms = config->store.batch_ms,
        .lock_timeout_ms = LOCK_TIMEOUT_MS,
        .max_retries = config->retry.max_retries,
        .user = pipeline,
        .finished = sink_finished,
        .changed = sink_state_changed,
    };
    for (size_t i = 0; i < SINK_RETRIES_MAX; i++)
        settings.retry_delays_ms[i] =
            config->retry.delays_ms[i < config->retry.n_delays ? i : config->retry.n_delays - 1];
    return settings;
}

static bool start_threads(struct pipeline *pipeline, struct error *err)
{
    const struct config *config = pipeline->settings.config;
    const struct audit_settings audit = {
        .conninfo = pipeline->settings.conninfo,
        .schema = config->database.schema,
        .daemon_id = pipeline->settings.daemon_id,
        .spool = pipeline->settings.spool,
        .retention_days = config->audit.retention_days,
        .user = pipeline,
        .done = audit_done,
        .changed = audit_changed,
    };
    if (!audit_new(&audit, &pipeline->audit, err))
        return false;
    for (unsigned id = 0; id < SINKS; id++) {
        if ((pipeline->settings.sinks & SINK_BIT(id)) == 0)
            continue;
        const struct sink_settings sink = sink_settings_of(pipeline, (enum sink_id)id);
        if (!sink_new(&sink, &pipeline->sinks[id], err))
            return false;
    }
    unsigned jobs =
        config->analysis.jobs > 0 ? config->analysis.jobs : (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    pipeline->analyze = stage_new(&analyze_ops, pipeline, jobs > 0 ? jobs : 1, ANALYZE_DEPTH, err);
    return pipeline->analyze != NULL;
}

bool pipeline_new(
    const struct pipeline_settings *settings, struct pipeline **ret_pipeline, struct error *err)
{
    struct pipeline *pipeline = memory_new(1, sizeof(*pipeline));
    pipeline->settings = *settings;
    if (!start_threads(pipeline, err)) {
        pipeline_free(pipeline, 0);
        return false;
    }
    *ret_pipeline = pipeline;
    return true;
}

bool pipeline_has_room(struct pipeline *pipeline)
{
    return stage_depth(pipeline->analyze) < ANALYZE_DEPTH;
}

bool pipeline_submit(struct pipeline *pipeline, struct task *task, enum stage_priority priority)
{
    assert((task->job.sinks_wanted & ~pipeline->settings.sinks) == 0);
    return stage_try_push(pipeline->analyze, task, priority);
}

void pipeline_audit(struct pipeline *pipeline, struct task *task)
{
    audit_submit(pipeline->audit, &task->job);
}

void pipeline_resume(struct pipeline *pipeline, enum sink_id id)
{
    if (pipeline->sinks[id] != NULL)
        sink_resume(pipeline->sinks[id]);
}

void pipeline_pause(struct pipeline *pipeline)
{
    for (unsigned id = 0; id < SINKS; id++)
        if (pipeline->sinks[id] != NULL)
            sink_pause(pipeline->sinks[id]);
}

void pipeline_release(struct pipeline *pipeline)
{
    for (unsigned id = 0; id < SINKS; id++)
        if (pipeline->sinks[id] != NULL)
            sink_release(pipeline->sinks[id]);
}

void pipeline_sink_counts(
    struct pipeline *pipeline, enum sink_id id, struct sink_counts *ret_counts)
{
    *ret_counts = (struct sink_counts){0};
    if (pipeline->sinks[id] != NULL)
        sink_counts(pipeline->sinks[id], ret_counts);
}

void pipeline_audit_counts(struct pipeline *pipeline, struct audit_counts *ret_counts)
{
    audit_counts(pipeline->audit, ret_counts);
}

void pipeline_free(struct pipeline *pipeline, uint64_t deadline_ms)
{
    if (pipeline == NULL)
        return;
    for (unsigned id = 0; id < SINKS; id++)
        if (pipeline->sinks[id] != NULL)
            sink_hurry(pipeline->sinks[id], deadline_ms);
    if (pipeline->audit != NULL)
        audit_hurry(pipeline->audit, deadline_ms);
    stage_join(pipeline->analyze);
    for (unsigned id = 0; id < SINKS; id++)
        sink_free(pipeline->sinks[id]);
    audit_free(pipeline->audit);
    free(pipeline);
}
