#include "app/dispatch.h"

#include "analyze/language.h"
#include "app/events.h"
#include "app/finish.h"
#include "app/priority.h"
#include "base/clock.h"
#include "base/log.h"

bool dispatch_may_run(const struct root *root)
{
    return root->phase == ROOT_LIVE && root->owned && !root->daemon->options.dry_run &&
           root->handle != NULL && !root->closing && (root->sinks & root->daemon->sinks_up) != 0;
}

static enum origin origin_of(
    const struct root *root, const struct settle_item *item, const struct wish *wish)
{
    if (wish->requests != NULL)
        return ORIGIN_QUEUE;
    if (root->daemon->once)
        return ORIGIN_CLI;
    if (item->class == SETTLE_BULK && !item->fast && item->n_notes == 1)
        return ORIGIN_SCAN;
    return root->polled ? ORIGIN_POLL : ORIGIN_WATCH;
}

/* Which halves are to be done, and which are switched off. */
static void set_sinks(struct root *root, struct task *task, const struct wish *wish)
{
    unsigned allowed = root->sinks;
    if (wish->sinks != 0)
        allowed &= wish->sinks;
    task->job.sinks_off = SINK_ALL & ~allowed;
    task->job.sinks_wanted = allowed;
    if (wish->debt_only) {
        task->debt_sinks = allowed & debts_of(root->debts, task->job.path);
        task->job.sinks_wanted = task->debt_sinks;
    }
    for (unsigned id = 0; id < SINKS; id++)
        if ((task->job.sinks_off & SINK_BIT(id)) != 0)
            task->job.half[id].status = HALF_OFF;
}

static void set_care(const struct root *root, struct task *task, const struct settle_item *item)
{
    const struct config *config = root->daemon->config;
    const struct language *language = NULL;
    task->class = item->class;
    task->fast = item->fast;
    task->overdue = item->overdue;
    task->trust_close = config->watch.fast_path == FAST_PATH_CLOSE;
    task->full = root->daemon->full;
    task->busy_count = item->busy_count;
    task->busy_since_ms = item->busy_since_ms;
    task->must_have_language = root->include_text[0] == '\0' &&
                               language_of_name(task->job.path, &language) != LANGUAGE_NAMED;
    task->row_exists = known_has_row(&root->known, task->job.path);
    task->has_known = known_version(&root->known, task->job.path, &task->known);
    task->audit_unchanged =
        task->job.origin == ORIGIN_QUEUE || config->audit.level == AUDIT_LEVEL_ALL;
}

static enum operation operation_of(const struct settle_item *item, bool row_exists)
{
    if (item->change == CHANGE_GONE)
        return OPERATION_DELETE;
    if (item->change == CHANGE_MOVED)
        return OPERATION_MOVE;
    return row_exists ? OPERATION_UPDATE : OPERATION_INGEST;
}

static struct task *task_of_item(struct root *root, const struct settle_item *item)
{
    struct daemon *daemon = root->daemon;
    struct task *task = task_new(root, item->path, item->old_path);
    struct job *job = &task->job;
    struct wish wish = wishes_take(root->wishes, item->path);
    job->codebase = &root->codebase;
    job->branch = arena_string(job->arena, root->branch);
    job->origin = origin_of(root, item, &wish);
    job->order = ++daemon->order;
    job->noted_us = item->first_ms * 1000;
    job->attempted_at_us = clock_wall_us();
    job->attempt_id = uuid_v7(&daemon->uuids, job->attempted_at_us);
    const struct debt *debt = debts_find(root->debts, item->path);
    job->attempt_no =
        debt != NULL ? (uint16_t)(debt->tries + 1 < UINT16_MAX ? debt->tries + 1 : UINT16_MAX) : 1;
    task->requests = wish.requests;
    set_sinks(root, task, &wish);
    set_care(root, task, item);
    job->operation = operation_of(item, task->row_exists);
    if (job->operation == OPERATION_MOVE) {
        struct watch_file file;
        if (watch_file_get(root->watched, job->path, &file))
            job->file.signature = file.signature;
    }
    return task;
}

static void hand_on(struct root *root, struct task *task, enum stage_priority priority)
{
    struct daemon *daemon = root->daemon;
    task->handle = root->handle;
    task->handle->holders++;
    task->job.root_fd = task->handle->fd;
    root->in_flight++;
    daemon->in_flight++;
    if (pipeline_submit(daemon->pipeline, task, priority))
        return;
    /* pipeline_has_room() said yes and only main adds: it can only be closed, at the very end. */
    root->in_flight--;
    daemon->in_flight--;
    root_handle_release(task->handle);
    settle_put_back(root->settle, task->job.path);
    task_requests_free(task->requests);
    task_release(task);
}

static void pay_debts(struct root *root, uint64_t now_ms)
{
    const struct debt *debt;
    while ((debt = debts_next(root->debts, now_ms)) != NULL) {
        if (!settle_is_pending(root->settle, debt->path))
            wishes_debt(root->wishes, debt->path);
        const struct settle_change note = {.path = debt->path,
            .change = CHANGE_CHANGED,
            .class = SETTLE_BULK,
            .pace = SETTLE_NOW,
            .weight = priority_weight(root->daemon->config, debt->path)};
        settle_note(root->settle, &note, now_ms);
        root->counters.value[COUNTER_RETRIES]++;
    }
}

/* A file that came and went without ever having had a row. */
static bool needs_no_job(const struct root *root, const struct settle_item *item)
{
    return item->change == CHANGE_GONE && !known_has_row(&root->known, item->path);
}

static bool is_room(const struct daemon *daemon)
{
    return daemon->in_flight < DAEMON_IN_FLIGHT_MAX &&
           atomic_load(&daemon->bytes_in_flight) < DAEMON_BYTES_MAX &&
           pipeline_has_room(daemon->pipeline);
}

static const enum stage_priority priorities[SETTLE_CLASSES] = {
    [SETTLE_FLASH] = STAGE_FLASH, [SETTLE_NORMAL] = STAGE_NORMAL, [SETTLE_BULK] = STAGE_BULK};

static void run_root(struct root *root, uint64_t now_ms)
{
    struct settle_item item;
    pay_debts(root, now_ms);
    while (is_room(root->daemon) && settle_next(root->settle, now_ms, &item)) {
        root->counters.value[COUNTER_EVENTS_SETTLED]++;
        if (needs_no_job(root, &item)) {
            struct wish wish = wishes_take(root->wishes, item.path);
            finish_requests(root, wish.requests, NULL, NULL);
            root->done++;
            settle_finished(root->settle, item.path, now_ms);
            continue;
        }
        struct task *task = task_of_item(root, &item);
        bool single_delete = task->job.operation == OPERATION_DELETE && item.class == SETTLE_NORMAL;
        hand_on(root, task, single_delete ? STAGE_DELETE : priorities[item.class]);
    }
}

void dispatch_run(struct daemon *daemon, uint64_t now_ms)
{
    for (struct root *root = daemon->roots; root != NULL; root = root->next)
        if (dispatch_may_run(root))
            run_root(root, now_ms);
}

uint64_t dispatch_deadline_ms(const struct daemon *daemon, uint64_t now_ms)
{
    uint64_t deadline = CLOCK_NEVER;
    bool room = daemon->pipeline != NULL && is_room(daemon);
    for (const struct root *root = daemon->roots; root != NULL; root = root->next) {
        if (!dispatch_may_run(root))
            continue;
        uint64_t settle = settle_deadline_ms(root->settle), debts = debts_deadline_ms(root->debts);
        /* Without room a finished task wakes main; until then what is due must not make it spin. */
        if (room && settle < deadline)
            deadline = settle;
        if ((room || debts > now_ms) && debts < deadline)
            deadline = debts;
    }
    return deadline;
}

void dispatch_sink_up(struct daemon *daemon, enum sink_id id, bool up, uint64_t now_ms)
{
    daemon->sinks_up = up ? daemon->sinks_up | SINK_BIT(id) : daemon->sinks_up & ~SINK_BIT(id);
    for (struct root *root = daemon->roots; root != NULL; root = root->next) {
        if (up)
            debts_due(root->debts, SINK_BIT(id), now_ms);
        else
            debts_hold(root->debts, SINK_BIT(id));
    }
}

struct hope {
    unsigned max_tries;
    bool left;
};

static void look_for_hope(void *user, const struct debt *debt)
{
    struct hope *hope = user;
    if (debt->tries <= hope->max_tries)
        hope->left = true;
}

bool dispatch_at_rest(const struct root *root)
{
    struct hope hope = {.max_tries = root->daemon->config->retry.max_retries};
    if (root->daemon->options.dry_run)
        return true;
    if (settle_n_pending(root->settle) > 0 || root->in_flight > 0)
        return false;
    debts_each(root->debts, look_for_hope, &hope);
    return !hope.left;
}
