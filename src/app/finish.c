#include "app/finish.h"

#include "app/daemon.h"
#include "app/dispatch.h"
#include "app/events.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#include <inttypes.h>

/* reason NULL: done. Otherwise they failed; may_pass: another attempt may help, else they are dead.
 */
static void end_requests(struct root *root, struct task_request *requests, const char *reason,
    const char *sqlstate, bool may_pass)
{
    struct control *control = root->daemon->control;
    const char *codebase_id = root->codebase.codebase_id;
    for (struct task_request *request = requests; request != NULL; request = request->next) {
        root->counters.value[COUNTER_QUEUE_ERRORS] += reason != NULL;
        if (reason == NULL)
            control_ack(control, codebase_id, request->queue_id);
        else if (may_pass)
            control_fail(control, codebase_id, request->queue_id, reason, sqlstate);
        else
            control_dead(control, codebase_id, request->queue_id, reason, sqlstate);
    }
    task_requests_free(requests);
}

void finish_requests(
    struct root *root, struct task_request *requests, const char *reason, const char *sqlstate)
{
    end_requests(root, requests, reason, sqlstate, true);
}

/* The path will be looked at again: its requests wait with it. */
static void keep_requests(struct root *root, struct task *task)
{
    for (struct task_request *request = task->requests, *next; request != NULL; request = next) {
        next = request->next;
        wishes_request(root->wishes, task->job.path, request, request->sinks);
    }
    task->requests = NULL;
}

static void log_task(const struct root *root, const struct task *task)
{
    static const char *const marks[RESULTS] = {
        [RESULT_BOTH_TABLES] = "✓✓",
        [RESULT_CODE_FILES_ONLY] = "✓✗",
        [RESULT_CODEBASE_METADATA_ONLY] = "✗✓",
        [RESULT_BOTH_FAILED] = "✗✗",
        [RESULT_SKIPPED] = "⏭",
        [RESULT_SKIPPED_BUSY] = "⏭",
    };
    const struct job *job = &task->job;
    bool failed =
        task->outcome == TASK_WRITE && (job->half[SINK_FILES].status == HALF_FAILED ||
                                           job->half[SINK_METADATA].status == HALF_FAILED);
    enum log_level level = failed || task->outcome == TASK_SKIPPED            ? LOG_WARN
                           : task->class == SETTLE_BULK || root->daemon->once ? LOG_DEBUG
                                                                              : LOG_INFO;
    if (level > log_level() || marks[job->result] == NULL)
        return;
    AUTO_BUF path = BUF_INIT;
    AUTO_BUF detail = BUF_INIT;
    utf8_add_path(&path, job->path, strlen(job->path));
    for (unsigned id = 0; failed && id < SINKS; id++) {
        const struct half *half = &job->half[id];
        buf_addf(&detail, "%s%s %s", detail.length > 0 ? ", " : "", sink_word((enum sink_id)id),
            half_status_word(half->status));
        if (half->status == HALF_FAILED)
            buf_addf(&detail, ": %s", half->error);
    }
    if (task->outcome == TASK_SKIPPED)
        buf_adds(&detail, job->skipped_reason);
    else if (!failed)
        buf_addf(&detail, "%s %" PRIu64 " ms", operation_word(job->operation),
            (clock_monotonic_us() - job->noted_us) / 1000);
    log_file(level, marks[job->result], buf_string(&path), buf_string(&detail));
}

/* One row a busy episode, at its end (guarantees 14). */
static void audit_busy_episode(struct root *root, const struct task *ended, uint64_t now_ms)
{
    if (ended->busy_count == 0)
        return;
    struct task *task = task_new(root, ended->job.path, NULL);
    struct job *job = &task->job;
    job->codebase = &root->codebase;
    job->branch = arena_string(job->arena, root->branch);
    job->operation = ended->job.operation;
    job->origin = ended->job.origin;
    job->result = RESULT_SKIPPED_BUSY;
    job->attempted_at_us = clock_wall_us();
    job->attempt_id = uuid_v7(&root->daemon->uuids, job->attempted_at_us);
    (void)snprintf(job->skipped_reason, sizeof(job->skipped_reason),
        "busy %u times in %" PRIu64 " ms", ended->busy_count, now_ms - ended->busy_since_ms);
    pipeline_audit(root->daemon->pipeline, task);
}

static void defer(struct root *root, struct task *task, uint64_t now_ms)
{
    static const enum settle_defer reasons[] = {
        [TASK_BUSY] = SETTLE_BUSY, [TASK_TORN] = SETTLE_TORN, [TASK_UNPROVEN] = SETTLE_UNPROVEN};
    keep_requests(root, task);
    if (task->outcome != TASK_UNPROVEN)
        root->counters.value[COUNTER_BUSY_DEFERRALS]++;
    settle_defer(root->settle, task->job.path, reasons[task->outcome], now_ms);
}

/* Masks of a written job by how its halves ended. */
struct halves {
    unsigned ok, failed, deferred;
    bool hopeless; /* a half failed for the row itself */
    const struct half *worst;
};

static struct halves halves_of(const struct job *job)
{
    struct halves halves = {0};
    for (unsigned id = 0; id < SINKS; id++) {
        const struct half *half = &job->half[id];
        if ((job->sinks_wanted & SINK_BIT(id)) == 0)
            continue;
        if (half->status == HALF_OK)
            halves.ok |= SINK_BIT(id);
        else if (half->status == HALF_FAILED)
            halves.failed |= SINK_BIT(id);
        else
            halves.deferred |= SINK_BIT(id);
        bool hopeless = half->status == HALF_FAILED && !half->retry_helps;
        halves.hopeless |= hopeless;
        if (half->status != HALF_OK &&
            (halves.worst == NULL || (half->status == HALF_FAILED && !halves.hopeless) || hopeless))
            halves.worst = half;
    }
    return halves;
}

static void count_halves(struct root *root, const struct task *task, const struct halves *halves)
{
    uint64_t *value = root->counters.value;
    value[COUNTER_CODE_FILES_FAILURES] += (halves->failed & SINK_BIT(SINK_FILES)) != 0;
    value[COUNTER_CODEBASE_METADATA_FAILURES] += (halves->failed & SINK_BIT(SINK_METADATA)) != 0;
    value[COUNTER_DEFERRED] += (unsigned)__builtin_popcount(halves->deferred);
    value[COUNTER_BYTES_READ] += task->size_bytes;
    if ((halves->failed | halves->deferred) == 0)
        value[task->job.operation == OPERATION_DELETE ? COUNTER_FILES_DELETED
                                                      : COUNTER_FILES_SYNCED]++;
}

static void owe(struct root *root, const char *path, const struct halves *halves, uint64_t now_ms)
{
    const char *reason = halves->worst->error[0] != '\0'
                             ? halves->worst->error
                             : "the sink's breaker was open or its queue full";
    known_doubt(&root->known, path);
    if (halves->deferred != 0)
        debts_add(
            root->debts, path, halves->deferred, false, reason, halves->worst->sqlstate, now_ms);
    if (halves->failed != 0)
        debts_add(root->debts, path, halves->failed, true, reason, halves->worst->sqlstate, now_ms);
}

static void take_delete(
    struct root *root, const struct task *task, const struct halves *halves, uint64_t now_ms)
{
    debts_paid(root->debts, task->job.path, halves->ok);
    if ((halves->failed | halves->deferred) != 0)
        owe(root, task->job.path, halves, now_ms);
    else if (debts_of(root->debts, task->job.path) == 0)
        known_forget(&root->known, task->job.path);
}

static void take_update(
    struct root *root, const struct task *task, const struct halves *halves, uint64_t now_ms)
{
    const struct job *job = &task->job;
    const struct fingerprint version = fingerprint_of(job->file.content_hash, job->file.mode);
    debts_paid(root->debts, job->path, halves->ok);
    if ((halves->failed | halves->deferred) != 0)
        owe(root, job->path, halves, now_ms);
    else if (halves->ok == root->sinks)
        known_set(&root->known, job->path, &version);
    else
        known_doubt(&root->known, job->path);
}

/* Where a row was not moved, the old path is deleted and the new one ingested, each by a job of its
 * own. */
static void take_move(
    struct root *root, const struct task *task, const struct halves *halves, uint64_t now_ms)
{
    const struct job *job = &task->job;
    struct fingerprint version;
    bool moved = halves->ok == job->sinks_wanted;
    for (unsigned id = 0; id < SINKS; id++)
        if ((halves->ok & SINK_BIT(id)) != 0 && job->half[id].rows == 0)
            moved = false;
    if (moved && known_version(&root->known, job->old_path, &version)) {
        known_set(&root->known, job->path, &version);
        known_forget(&root->known, job->old_path);
        return;
    }
    known_doubt(&root->known, job->old_path);
    known_doubt(&root->known, job->path);
    root_note(root, job->old_path, CHANGE_GONE, task->class, SETTLE_NOW, now_ms);
    root_note(root, job->path, CHANGE_CHANGED, task->class, SETTLE_NOW, now_ms);
}

static void answer_requests(struct root *root, struct task *task, const struct halves *halves)
{
    struct task_request *requests = task->requests;
    if (halves->failed != 0) {
        task->requests = NULL;
        end_requests(
            root, requests, halves->worst->error, halves->worst->sqlstate, !halves->hopeless);
    } else if (halves->deferred != 0) {
        keep_requests(root, task);
    } else {
        task->requests = NULL;
        finish_requests(root, requests, NULL, NULL);
    }
}

static void take_written(struct root *root, struct task *task, uint64_t now_ms)
{
    const struct halves halves = halves_of(&task->job);
    settle_finished(root->settle, task->job.path, now_ms);
    count_halves(root, task, &halves);
    if (task->job.operation == OPERATION_DELETE)
        take_delete(root, task, &halves, now_ms);
    else if (task->job.operation == OPERATION_MOVE)
        take_move(root, task, &halves, now_ms);
    else
        take_update(root, task, &halves, now_ms);
    answer_requests(root, task, &halves);
}

/* The tree compares what was read with what it knows: a file that was at the path for a moment
 * only, or not there for a moment only, leaves no event. It may call the file clean once every
 * table holds what was read, and nothing was reported since. */
static void tell_tree(struct root *root, const struct task *task)
{
    const struct job *job = &task->job;
    struct fingerprint version;
    uint64_t signature =
        job->operation == OPERATION_MOVE ? job->file.signature : task->read_signature;
    if (settle_is_pending(root->settle, job->path))
        return;
    if (task->not_found)
        watch_file_not_found(root->watched, job->path);
    else if (signature != 0 && known_version(&root->known, job->path, &version))
        watch_file_synced(root->watched, job->path, signature);
}

static void take_unwritten(struct root *root, struct task *task, uint64_t now_ms)
{
    settle_finished(root->settle, task->job.path, now_ms);
    struct task_request *requests = task->requests;
    task->requests = NULL;
    bool skipped = task->outcome == TASK_SKIPPED;
    root->counters.value[COUNTER_FILES_SKIPPED] += skipped;
    root->counters.value[COUNTER_FILES_UNCHANGED] += task->outcome == TASK_UNCHANGED;
    root->daemon->n_failed += skipped;
    root->unwanted += task->outcome == TASK_UNWANTED;
    finish_requests(root, requests, skipped ? task->job.skipped_reason : NULL, "");
}

/* A worker that died or was stopped was replaced (analyzer.h). */
static bool cost_a_worker(const struct job *job)
{
    return job->code != NULL &&
           (job->code->parse_status == PARSE_FAILED || job->code->parse_status == PARSE_TIMEOUT ||
               job->code->parse_status == PARSE_MEMORY);
}

void finish_task(struct root *root, struct task *task, uint64_t now_ms)
{
    if (task->outcome == TASK_BUSY || task->outcome == TASK_TORN ||
        task->outcome == TASK_UNPROVEN) {
        defer(root, task, now_ms);
        task_release(task);
        return;
    }
    audit_busy_episode(root, task, now_ms);
    root->counters.value[COUNTER_EVENTS_PROCESSED]++;
    root->counters.value[COUNTER_WORKER_RESTARTS] += cost_a_worker(&task->job);
    root->done++;
    root->done_bytes += task->size_bytes;
    if (task->outcome == TASK_WRITE)
        take_written(root, task, now_ms);
    else
        take_unwritten(root, task, now_ms);
    tell_tree(root, task);
    log_task(root, task);
    task_release(task);
}

void dispatch_finished(struct daemon *daemon, struct task *task, uint64_t now_ms)
{
    struct root *root = task->root;
    daemon->in_flight--;
    root->in_flight--;
    root_handle_release(task->handle);
    task->handle = NULL;
    finish_task(root, task, now_ms);
}
