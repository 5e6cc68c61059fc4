/* open.c - daemon_open() and daemon_close(): what the loop works with, made in the order in which
 * it depends on each other. */
#include "app/daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "app/folders.h"
#include "app/schema_setup.h"
#include "app/serve.h"
#include "app/signals.h"
#include "app/spool_place.h"
#include "app/wait.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/cluster.h"
#include "store/notify.h"
#include "store/spool.h"

#define STOP_GRACE_MS 1500

static void post_notice(struct daemon *daemon, const struct notice *notice)
{
    struct notice *copy = memory_new(1, sizeof(*copy));
    *copy = *notice;
    mailbox_post(daemon->notices, copy);
}

static void on_sink(void *user, enum sink_id id, enum sink_event event, const struct error *why)
{
    const struct notice notice = {.kind = NOTICE_SINK, .sink = id, .event = event, .error = *why};
    post_notice(user, &notice);
}

static void on_control(void *user, struct control_event *event)
{
    const struct notice notice = {.kind = NOTICE_CONTROL, .payload = event};
    post_notice(user, &notice);
}

static void on_catchup(void *user, struct catchup_batch *batch)
{
    const struct notice notice = {.kind = NOTICE_CATCHUP, .payload = batch};
    post_notice(user, &notice);
}

static void on_wait_answer(
    void *user, const struct wait_asker *asker, bool ok, const char *reason, const struct buf *json)
{
    struct daemon *daemon = user;
    if (asker->queue_id == NULL)
        serve_answer(daemon->serve, asker->client, buf_string(json), json->length);
    else if (ok)
        control_ack(daemon->control, asker->codebase_id, asker->queue_id);
    else
        control_dead(daemon->control, asker->codebase_id, asker->queue_id, reason, "");
}

static unsigned jobs_of(const struct config *config)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return config->analysis.jobs > 0 ? config->analysis.jobs : cpus > 0 ? (unsigned)cpus : 1;
}

static bool start_zygote(struct daemon *daemon, struct error *err)
{
    const struct config *config = daemon->config;
    uint32_t largest_kb = config->analysis.max_parse_kb.code;
    largest_kb = config->analysis.max_parse_kb.data > largest_kb
                     ? config->analysis.max_parse_kb.data
                     : largest_kb;
    largest_kb = config->analysis.max_parse_kb.markdown > largest_kb
                     ? config->analysis.max_parse_kb.markdown
                     : largest_kb;
    const struct zygote_settings settings = {
        .eager = true,
        .n_workers = jobs_of(config),
        .max_file_bytes = (uint64_t)largest_kb << 10,
        .file_memory_bytes = (uint64_t)config->analysis.parse_memory_mb << 20,
        .total_memory_bytes = (uint64_t)config->analysis.memory_mb << 20,
    };
    return zygote_start(&settings, &daemon->zygote, err);
}

static bool open_database(struct daemon *daemon, struct error *err)
{
    if (!database_open(daemon->config, &daemon->database, err))
        return false;
    daemon->conninfo = database_conninfo(daemon->database);
    for (unsigned id = 0; id < SINKS; id++) {
        daemon->sink_conninfo[id] =
            database_sink_conninfo(daemon->database, daemon->config, (enum sink_id)id);
        if (daemon->config->sinks[id].enabled)
            daemon->sinks |= SINK_BIT(id);
    }
    daemon->sinks_up = daemon->sinks;
    if (daemon->sinks == 0) {
        error_set(err, ERROR_CONFIG, 0, "both sinks are switched off: there is nothing to write");
        return error_hint(err, "set sinks.code_files.enabled or sinks.codebase_metadata.enabled");
    }
    return true;
}

/* One pass needs the database now; watch waits for it, with back-off, until a signal. */
static bool set_schema_up(struct daemon *daemon, struct error *err)
{
    const struct schema_setup setup = {
        .conninfo = daemon->conninfo,
        .sink_conninfo = {daemon->sink_conninfo[0], daemon->sink_conninfo[1]},
        .config = daemon->config,
    };
    uint32_t pause_ms = 250, longest_ms = daemon->config->database.retry_max_s * 1000;
    database_announce(daemon->database, daemon->config, daemon->output,
        0); /* the first line, also when it is away */
    for (bool said = false;; said = true) {
        int server_version = 0;
        if (schema_setup_run(&setup, &server_version, err)) {
            daemon->database_up = true;
            return true;
        }
        if (daemon->once || err->kind != ERROR_DATABASE || !schema_setup_may_pass(err))
            return false;
        if (!said)
            log_error(LOG_WARN, err);
        bool stopped = signals_wait(daemon->signal_fd, pause_ms, &daemon->stop_signal);
        *err = ERROR_INIT;
        if (stopped)
            return true;
        pause_ms = pause_ms * 2 < longest_ms ? pause_ms * 2 : longest_ms;
    }
}

/* Without one the daemon works, and says what it could not keep. */
static void open_spool(struct daemon *daemon)
{
    struct error err = ERROR_INIT;
    if (!spool_place_open(daemon->config, daemon->conninfo, &daemon->spool, &err))
        log_error(LOG_WARN, &err);
}

static bool start_pipeline(struct daemon *daemon, struct error *err)
{
    const char *git_root = NULL;
    if (daemon->options.no_roots)
        git_root = daemon->options.n_dirs > 0 ? daemon->options.dirs[0] : ".";
    struct pipeline_settings settings = {
        .config = daemon->config,
        .prepare = prepare_settings_of(daemon->config, daemon->zygote, daemon->revisions),
        .conninfo = daemon->conninfo,
        .sink_conninfo = {daemon->sink_conninfo[0], daemon->sink_conninfo[1]},
        .sinks = daemon->sinks,
        .daemon_id = daemon->daemon_id,
        .spool = daemon->spool,
        .notify = daemon->notify,
        .bytes_in_flight = &daemon->bytes_in_flight,
        .finished = daemon->finished,
        .sink_changed = on_sink,
        .user = daemon,
    };
    settings.prepare.git_root = git_root;
    return pipeline_new(&settings, &daemon->pipeline, err);
}

static bool start_store(struct daemon *daemon, struct error *err)
{
    const struct config *config = daemon->config;
    const struct notify_settings notify = {
        .conninfo = daemon->conninfo, .schema = config->database.schema};
    const struct catchup_settings catchup = {
        .conninfo = daemon->conninfo,
        .sink_conninfo = {daemon->sink_conninfo[0], daemon->sink_conninfo[1]},
        .schema = config->database.schema,
        .revisions = daemon->revisions,
        .batch = on_catchup,
        .user = daemon,
    };
    static const size_t n_sinks = SINKS;
    const char **fenced = memory_new(n_sinks + 1, sizeof(*fenced));
    size_t n_fenced = 0;
    for (unsigned id = 0; id < SINKS; id++) {
        bool again = n_fenced > 0 && strcmp(fenced[0], daemon->sink_conninfo[id]) == 0;
        if ((daemon->sinks & SINK_BIT(id)) != 0 && !again)
            fenced[n_fenced++] = daemon->sink_conninfo[id];
    }
    daemon->fenced = fenced;
    const struct control_settings control = {
        .conninfo = daemon->conninfo,
        .schema = config->database.schema,
        .daemon_id = daemon->daemon_id,
        .host = config->daemon.host,
        .sink_conninfos = fenced,
        .max_attempts = config->retry.max_retries,
        .event = on_control,
        .user = daemon,
    };
    return notify_new(&notify, &daemon->notify, err) && start_pipeline(daemon, err) &&
           catchup_new(&catchup, &daemon->catchup, err) &&
           control_new(&control, &daemon->control, err);
}

static bool start_watch(struct daemon *daemon, struct error *err)
{
    const struct watch_settings settings = {
        .events = folders_events(),
        .reconcile_ms = daemon->once ? 0 : (uint64_t)daemon->config->watch.reconcile_s * 1000,
    };
    daemon->watch = watch_new(&settings, err);
    return daemon->watch != NULL;
}

static void name_daemon(struct daemon *daemon)
{
    AUTO_BUF name = BUF_INIT;
    buf_addf(&name, "srctab %s %d", daemon->config->daemon.host, (int)getpid());
    daemon->daemon_id = buf_take(&name);
}

static bool open_parts(struct daemon *daemon, struct error *err)
{
    /* The zygote first: it must see no connection and no thread. */
    if (!signals_open(&daemon->signal_fd, err) || !start_zygote(daemon, err) ||
        !open_database(daemon, err) || !set_schema_up(daemon, err))
        return false;
    if (daemon->stop_signal != 0)
        return true;
    name_daemon(daemon);
    daemon->revisions = revisions_new(daemon->config);
    open_spool(daemon);
    daemon->waits = waits_new(daemon, on_wait_answer, daemon);
    if (!start_store(daemon, err) || !start_watch(daemon, err))
        return false;
    if (!daemon->once && !serve_new(daemon, &daemon->serve, err))
        return false;
    /* A query that names an unknown node stops the program here, with file and line. */
    if (!zygote_check(daemon->zygote, err))
        return false;
    bool is_private = database_source(daemon->database) == DATABASE_FROM_CLUSTER;
    if (!daemon->once && is_private && !reviver_new(daemon->database, &daemon->reviver, err))
        return false;
    return daemon->options.no_roots || folders_open(daemon, err);
}

bool daemon_open(const struct config *config, struct output *output,
    const struct daemon_options *options, struct daemon **ret_daemon, struct error *err)
{
    struct daemon *daemon = memory_new(1, sizeof(*daemon));
    daemon->options = *options;
    daemon->config = config;
    daemon->output = output;
    daemon->signal_fd = -1;
    daemon->once = options->once;
    daemon->full = options->full;
    daemon->quick = config->analysis.quick;
    daemon->allow_mass_delete = options->allow_mass_delete;
    daemon->rebind = options->rebind;
    daemon->started_ms = clock_monotonic_ms();
    daemon->finished = mailbox_new();
    daemon->notices = mailbox_new();
    atomic_init(&daemon->bytes_in_flight, 0);
    if (!open_parts(daemon, err)) {
        daemon_close(daemon);
        return false;
    }
    *ret_daemon = daemon;
    return true;
}

static void free_notice(struct notice *notice)
{
    if (notice->kind == NOTICE_CONTROL)
        control_event_free(notice->payload);
    else if (notice->kind == NOTICE_CATCHUP)
        catchup_batch_free(notice->payload);
    free(notice);
}

static void empty_mailboxes(struct daemon *daemon)
{
    void **items = NULL;
    size_t capacity = 0;
    for (size_t n; (n = mailbox_take(daemon->finished, &items, &capacity)) > 0;) {
        for (size_t i = 0; i < n; i++) {
            struct task *task = items[i];
            root_handle_release(task->handle);
            task_requests_free(task->requests);
            task_release(task);
        }
    }
    for (size_t n; (n = mailbox_take(daemon->notices, &items, &capacity)) > 0;)
        for (size_t i = 0; i < n; i++)
            free_notice(items[i]);
    free(items);
}

void daemon_close(struct daemon *daemon)
{
    if (daemon == NULL)
        return;
    uint64_t deadline_ms = daemon->stop_signals > 1 ? 0 : clock_monotonic_ms() + STOP_GRACE_MS;
    serve_free(daemon->serve);
    reviver_free(daemon->reviver);
    catchup_free(daemon->catchup);
    pipeline_free(
        daemon->pipeline, daemon->once && daemon->stop_signals == 0 ? CLOCK_NEVER : deadline_ms);
    notify_free(daemon->notify);
    control_free(daemon->control);
    empty_mailboxes(daemon);
    for (struct root *root = daemon->roots, *next; root != NULL; root = next) {
        next = root->next;
        root_free(root);
    }
    waits_free(daemon->waits);
    watch_free(daemon->watch);
    spool_close(daemon->spool);
    zygote_stop(daemon->zygote);
    database_release(daemon->database);
    mailbox_free(daemon->finished);
    mailbox_free(daemon->notices);
    for (size_t i = 0; i < daemon->n_reloads; i++)
        config_free(daemon->reloads[i]);
    free(daemon->reloads);
    for (size_t i = 0; i < daemon->n_refused; i++)
        free(daemon->refused[i]);
    free(daemon->refused);
    revisions_free(daemon->revisions);
    free(daemon->fenced);
    free(daemon->daemon_id);
    signals_close(daemon->signal_fd);
    free(daemon);
}
