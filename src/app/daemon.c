#include "app/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>

#include "app/dispatch.h"
#include "app/folders.h"
#include "app/request.h"
#include "app/serve.h"
#include "app/signals.h"
#include "app/stock.h"
#include "app/wait.h"
#include "base/clock.h"
#include "base/log.h"

#define STATISTICS_MS 2000
#define DRAIN_MS 1500 /* after SIGTERM; what is left is found again at the next start */

/* --- what other threads say --- */

static void take_sink(struct daemon *daemon, const struct notice *notice, uint64_t now_ms)
{
    const struct log_field *fields = LOG_FIELDS(LOG_STR("sink", sink_word(notice->sink)),
        LOG_STR("reason", notice->error.message), LOG_STR("sqlstate", notice->error.sqlstate));
    switch (notice->event) {
    case SINK_EVENT_LOST:
        log_emit(LOG_WARN, "sink lost its connection", fields);
        dispatch_sink_up(daemon, notice->sink, false, now_ms);
        break;
    case SINK_EVENT_OPENED:
        log_emit(LOG_WARN, "sink cannot be written, its breaker is open", fields);
        dispatch_sink_up(daemon, notice->sink, false, now_ms);
        break;
    case SINK_EVENT_COMPARE:
        stock_recheck(daemon, notice->sink, now_ms);
        break;
    case SINK_EVENT_CLOSED:
        daemon->n_reconnects++;
        log_emit(LOG_INFO, "sink is written again",
            LOG_FIELDS(LOG_STR("sink", sink_word(notice->sink))));
        dispatch_sink_up(daemon, notice->sink, true, now_ms);
        break;
    }
}

static void take_ownership(struct daemon *daemon, const struct control_event *event)
{
    struct root *root = root_by_codebase(daemon, event->codebase_id);
    if (root == NULL || root->owned)
        return;
    root->owned = true;
    if (root->said_standby)
        log_emit(LOG_INFO, "took over the codebase",
            LOG_FIELDS(LOG_STR("codebase", event->codebase_id)));
    root->phase = ROOT_STARTING;
    /* After a lost control connection the sinks were told to stop. */
    for (unsigned id = 0; id < SINKS; id++)
        pipeline_resume(daemon->pipeline, (enum sink_id)id);
}

static void take_standby(struct daemon *daemon, const struct control_event *event)
{
    struct root *root = root_by_codebase(daemon, event->codebase_id);
    if (daemon->once) {
        error_set(&daemon->fatal, ERROR_OWNED, 0, "another srctab owns the codebase \"%s\": %s",
            event->codebase_id, event->holder);
        error_hint(&daemon->fatal, "stop it, or let it do the work: srctab wait, srctab enqueue");
        return;
    }
    if (root == NULL || root->said_standby)
        return;
    root->said_standby = true;
    log_emit(LOG_WARN, "standing by: another srctab owns the codebase",
        LOG_FIELDS(LOG_STR("codebase", event->codebase_id), LOG_STR("holder", event->holder)));
}

static void take_loss(struct daemon *daemon, const struct control_event *event)
{
    struct root *root = root_by_codebase(daemon, event->codebase_id);
    if (root == NULL)
        return;
    root->owned = false;
    if (root->phase == ROOT_LIVE)
        root->phase = ROOT_STARTING;
    pipeline_pause(daemon->pipeline);
    log_emit(LOG_WARN, "ownership lost, nothing is written until it is back",
        LOG_FIELDS(LOG_STR("codebase", event->codebase_id)));
}

static void take_queue_depth(struct daemon *daemon, const struct control_event *event)
{
    struct root *root = root_by_codebase(daemon, event->codebase_id);
    if (root == NULL)
        return;
    root->counters.value[COUNTER_QUEUE_DEPTH] = event->depth.pending + event->depth.running;
    root->counters.value[COUNTER_QUEUE_DEAD] = event->depth.dead;
}

static void take_control(struct daemon *daemon, const struct control_event *event, uint64_t now_ms)
{
    switch (event->kind) {
    case CONTROL_UP:
        if (!daemon->database_up)
            log_emit(LOG_INFO, "database is back", LOG_NONE);
        daemon->n_reconnects += !daemon->database_up;
        daemon->database_up = true;
        reviver_tell(daemon->reviver, true);
        break;
    case CONTROL_DOWN:
        daemon->database_up = false;
        reviver_tell(daemon->reviver, false);
        log_error(LOG_WARN, &event->error);
        break;
    case CONTROL_REFUSED:
        daemon->fatal = event->error;
        break;
    case CONTROL_TROUBLE:
        log_error(LOG_WARN, &event->error);
        break;
    case CONTROL_QUEUE:
        take_queue_depth(daemon, event);
        break;
    case CONTROL_STANDBY:
        take_standby(daemon, event);
        break;
    case CONTROL_OWNED:
        take_ownership(daemon, event);
        break;
    case CONTROL_LOST:
        take_loss(daemon, event);
        break;
    case CONTROL_REQUESTS:
        for (size_t i = 0; i < event->n_requests; i++)
            request_take(daemon, &event->requests[i], now_ms);
        break;
    case CONTROL_FOLDERS:
        if (event->error.kind != ERROR_NONE)
            log_error(LOG_WARN, &event->error);
        folders_apply(daemon, event->folders, event->n_folders, now_ms);
        break;
    }
}

static void take_notices(struct daemon *daemon, uint64_t now_ms)
{
    void **items = NULL;
    size_t capacity = 0;
    size_t n = mailbox_take(daemon->notices, &items, &capacity);
    for (size_t i = 0; i < n; i++) {
        struct notice *notice = items[i];
        if (notice->kind == NOTICE_SINK) {
            take_sink(daemon, notice, now_ms);
        } else if (notice->kind == NOTICE_CONTROL) {
            take_control(daemon, notice->payload, now_ms);
            control_event_free(notice->payload);
        } else if (!stock_take(daemon, notice->payload, now_ms, &daemon->fatal)) {
            free(notice);
            continue;
        }
        free(notice);
    }
    free(items);
}

static void take_finished(struct daemon *daemon, uint64_t now_ms)
{
    void **items = NULL;
    size_t capacity = 0;
    size_t n = mailbox_take(daemon->finished, &items, &capacity);
    for (size_t i = 0; i < n; i++)
        dispatch_finished(daemon, items[i], now_ms);
    free(items);
}

/* --- signals --- */

static void reload(struct daemon *daemon)
{
    struct config *config = NULL;
    struct error err = ERROR_INIT;
    if (daemon->options.request == NULL)
        return;
    if (!config_load(daemon->options.request, &config, &err)) {
        log_error(LOG_ERROR, &err);
        log_emit(LOG_WARN, "the old configuration stays in use", LOG_NONE);
        return;
    }
    daemon->reloads =
        memory_resize(daemon->reloads, daemon->n_reloads + 1, sizeof(*daemon->reloads));
    daemon->reloads[daemon->n_reloads++] = config;
    daemon->config = config;
    folders_reload(daemon);
    log_emit(LOG_INFO, "configuration read again", LOG_NONE);
}

static void take_signals(struct daemon *daemon, uint64_t now_ms)
{
    for (int number; (number = signals_next(daemon->signal_fd)) != 0;) {
        if (number == SIGHUP) {
            reload(daemon);
            continue;
        }
        daemon->stop_signal = number;
        if (++daemon->stop_signals > 1)
            continue;
        serve_tell_systemd("STOPPING=1");
        daemon->stop_by_ms = now_ms + DRAIN_MS;
        for (struct root *root = daemon->roots; root != NULL; root = root->next)
            (void)settle_flush_all(root->settle, now_ms);
    }
}

/* --- ends --- */

static bool all_at_rest(const struct daemon *daemon)
{
    for (const struct root *root = daemon->roots; root != NULL; root = root->next)
        if (!dispatch_at_rest(root))
            return false;
    return true;
}

static bool pass_is_over(const struct daemon *daemon)
{
    for (const struct root *root = daemon->roots; root != NULL; root = root->next)
        if (root->phase != ROOT_LIVE)
            return false;
    return all_at_rest(daemon);
}

/* Without a sink to write to there is nothing to drain: whoever stops the pod stops PostgreSQL
 * first. */
static bool drain_is_over(const struct daemon *daemon, uint64_t now_ms)
{
    bool hopeless = daemon->sinks_up == 0 || !daemon->database_up;
    return daemon->stop_signals > 1 || hopeless || now_ms >= daemon->stop_by_ms ||
           (daemon->in_flight == 0 && all_at_rest(daemon));
}

static bool is_over(const struct daemon *daemon, uint64_t now_ms)
{
    if (daemon->fatal.kind != ERROR_NONE)
        return true;
    if (daemon->stop_signals > 0)
        return drain_is_over(daemon, now_ms);
    return daemon->once && pass_is_over(daemon);
}

/* --- progress and numbers --- */

static void show_progress(struct daemon *daemon, uint64_t now_ms)
{
    uint64_t done = 0, total = 0, done_bytes = 0;
    for (const struct root *root = daemon->roots; root != NULL; root = root->next) {
        done += root->done;
        total += root->total;
        done_bytes += root->done_bytes;
    }
    progress_update(&daemon->progress, now_ms, done, total, done_bytes, 0);
}

static bool all_live(const struct daemon *daemon)
{
    for (const struct root *root = daemon->roots; root != NULL; root = root->next)
        if (root->scanned && root->handle != NULL && !root->said_standby &&
            (root->phase != ROOT_LIVE || !dispatch_at_rest(root)))
            return false;
        else if (!root->scanned && root->handle != NULL)
            return false;
    return true;
}

static void say_ready(struct daemon *daemon, uint64_t now_ms)
{
    struct watch_counters counters;
    if (daemon->said_ready || !all_live(daemon))
        return;
    daemon->said_ready = true;
    progress_end(&daemon->progress);
    watch_counters(daemon->watch, &counters);
    output_note(daemon->output,
        "live: watching %" PRIu64 " files in %" PRIu64 " folders, ready after %" PRIu64
        " ms; Ctrl-C ends it",
        counters.files, counters.folders, now_ms - daemon->started_ms);
    serve_tell_systemd("READY=1\nSTATUS=live");
}

static void write_statistics(struct daemon *daemon)
{
    for (struct root *root = daemon->roots; root != NULL; root = root->next) {
        struct counters counters;
        if (!root->owned)
            continue;
        root_counters(root, &counters);
        control_statistics(daemon->control, root->codebase.codebase_id, &counters);
    }
}

/* --- the loop --- */

enum {
    FD_SIGNALS,
    FD_FINISHED,
    FD_NOTICES,
    FD_WATCH,
    FD_SERVE = FD_WATCH + WATCH_POLLFDS,
    FDS = FD_SERVE + SERVE_POLLFDS
};

static uint64_t earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static uint64_t next_deadline_ms(struct daemon *daemon, uint64_t statistics_ms, uint64_t now_ms)
{
    uint64_t deadline =
        earlier(watch_deadline_ms(daemon->watch), dispatch_deadline_ms(daemon, now_ms));
    deadline = earlier(deadline, stock_deadline_ms(daemon));
    deadline = earlier(deadline, serve_deadline_ms(daemon->serve, now_ms));
    deadline = earlier(deadline, statistics_ms);
    if (daemon->stop_signals > 0)
        deadline = earlier(deadline, daemon->stop_by_ms);
    if (!daemon->said_ready)
        deadline = earlier(deadline, now_ms + 250); /* the progress line moves */
    return deadline;
}

static bool wait_for_something(
    struct daemon *daemon, struct pollfd fds[FDS], uint64_t statistics_ms)
{
    uint64_t now_ms = clock_monotonic_ms();
    fds[FD_SIGNALS] = (struct pollfd){.fd = daemon->signal_fd, .events = POLLIN};
    fds[FD_FINISHED] = (struct pollfd){.fd = mailbox_fd(daemon->finished), .events = POLLIN};
    fds[FD_NOTICES] = (struct pollfd){.fd = mailbox_fd(daemon->notices), .events = POLLIN};
    watch_pollfds(daemon->watch, &fds[FD_WATCH]);
    serve_pollfds(daemon->serve, &fds[FD_SERVE]);
    return poll(fds, FDS,
               clock_poll_timeout_ms(now_ms, next_deadline_ms(daemon, statistics_ms, now_ms))) >=
               0 ||
           errno == EINTR;
}

static void take_turn(struct daemon *daemon, struct pollfd fds[FDS])
{
    uint64_t now_ms = clock_monotonic_ms();
    take_signals(daemon, now_ms);
    watch_run(daemon->watch, now_ms, &fds[FD_WATCH]);
    now_ms = clock_monotonic_ms();
    take_finished(daemon, now_ms);
    take_notices(daemon, now_ms);
    serve_run(daemon->serve, now_ms);
    stock_start(daemon, now_ms);
    dispatch_run(daemon, now_ms);
    waits_run(daemon->waits, now_ms);
    folders_reap(daemon);
    /* A wait may have made paths due at once, and what it waits for may have become true. */
    dispatch_run(daemon, now_ms);
}

static int exit_status(const struct daemon *daemon)
{
    if (!daemon->once)
        return 0;
    if (daemon->stop_signals > 0)
        return 128 + daemon->stop_signal;
    size_t debts = 0;
    uint64_t guarded = 0;
    for (const struct root *root = daemon->roots; root != NULL; root = root->next) {
        debts += debts_count(root->debts, SINK_ALL);
        guarded += root->guarded_deletes;
    }
    return debts > 0 || guarded > 0 || daemon->n_failed > 0 ? 1 : 0;
}

int daemon_run(struct daemon *daemon, struct error *err)
{
    struct pollfd fds[FDS] = {0};
    uint64_t statistics_ms = daemon->once ? CLOCK_NEVER : clock_monotonic_ms() + STATISTICS_MS;
    if (daemon->stop_signal != 0)
        return daemon->once ? 128 + daemon->stop_signal : 0;
    progress_begin(&daemon->progress, daemon->output, "ingest", clock_monotonic_ms());
    uint64_t last_events = 0;
    while (!is_over(daemon, clock_monotonic_ms())) {
        if (!wait_for_something(daemon, fds, statistics_ms)) {
            error_set(err, ERROR_BUG, errno, "could not wait for events");
            break;
        }
        take_turn(daemon, fds);
        uint64_t now_ms = clock_monotonic_ms();
        if (!daemon->said_ready) {
            show_progress(daemon, now_ms);
            if (!daemon->once)
                say_ready(daemon, now_ms);
        }
        /* Idle means idle: the next numbers are due only once something has happened since the last
         * ones. */
        bool busy = daemon->order != last_events || daemon->in_flight > 0;
        if (now_ms >= statistics_ms || (statistics_ms == CLOCK_NEVER && busy && !daemon->once)) {
            write_statistics(daemon);
            statistics_ms = busy ? now_ms + STATISTICS_MS : CLOCK_NEVER;
            last_events = daemon->order;
        }
    }
    progress_end(&daemon->progress);
    if (daemon->fatal.kind != ERROR_NONE)
        *err = daemon->fatal;
    return exit_status(daemon);
}
