#include "app/ingest_revision.h"

#include <inttypes.h>
#include <poll.h>
#include <uthash.h>

#include "analyze/language.h"
#include "app/codebase.h"
#include "app/folders.h"
#include "app/git.h"
#include "app/revision_rules.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/log.h"
#include "watch/filter.h"

/* A file of the revision. */
struct entry {
    UT_hash_handle hh;
    const char *path, *blob_id;
    bool has_row, has_known;
    struct fingerprint known;
    uint32_t mode;
};

struct run {
    struct daemon *daemon;
    const struct daemon_options *options;
    const char *dir, *revision;
    struct arena *arena;
    struct codebase codebase;
    struct git *git;
    struct filter *filter;
    struct revision_rules *rules;
    struct error rules_error; /* of an ignore file that could not be read */
    struct entry *entries;
    struct entry *next_entry; /* the next one to hand on */
    struct buf deletes;       /* rows of no file: paths, NUL-ended */
    size_t next_delete;
    char commit[65];
    bool takes_all; /* include names what is taken, not the languages */
    bool owned, asked, compared;
    uint64_t n_files, n_done, n_written, n_unchanged, n_deleted, n_failed;
};

static bool enter_folder(void *user, const char *path)
{
    struct run *run = user;
    size_t n_levels = 0;
    const struct ignore_level *levels = revision_rules_levels(run->rules, path, &n_levels);
    if (filter_check(run->filter, levels, n_levels, path, true, NULL) == FILTER_NO)
        return false;
    return revision_rules_enter(run->rules, path, &run->rules_error);
}

static bool add_file(void *user, const struct git_entry *file, struct error *err)
{
    struct run *run = user;
    size_t n_levels = 0;
    if (run->rules_error.kind != ERROR_NONE) {
        *err = run->rules_error;
        return false;
    }
    const struct ignore_level *levels = revision_rules_levels(run->rules, file->path, &n_levels);
    if (strlen(file->path) > WATCH_PATH_MAX ||
        filter_check(run->filter, levels, n_levels, file->path, false, NULL) == FILTER_NO)
        return true;
    struct entry *entry = arena_alloc(run->arena, 1, sizeof(*entry));
    entry->path = arena_string(run->arena, file->path);
    entry->blob_id = arena_string(run->arena, file->blob_id);
    entry->mode = file->mode;
    HASH_ADD_KEYPTR(hh, run->entries, entry->path, strlen(entry->path), entry);
    run->n_files++;
    return true;
}

static void take_rows(struct run *run, const struct catchup_batch *batch)
{
    for (size_t i = 0; i < batch->n_rows; i++) {
        const struct catchup_row *row = &batch->rows[i];
        struct entry *entry = NULL;
        HASH_FIND_STR(run->entries, row->path, entry);
        if (entry == NULL) {
            buf_add(&run->deletes, row->path, strlen(row->path) + 1);
            continue;
        }
        entry->has_row = true;
        entry->has_known = row->current == run->daemon->sinks;
        entry->known = row->version;
    }
}

static void take_notice(struct run *run, struct notice *notice, struct error *err)
{
    if (notice->kind == NOTICE_CONTROL) {
        const struct control_event *event = notice->payload;
        if (event->kind == CONTROL_OWNED)
            run->owned = true;
        else if (event->kind == CONTROL_STANDBY)
            error_set(err, ERROR_OWNED, 0, "another srctab owns the codebase \"%s\": %s",
                event->codebase_id, event->holder);
        else if (event->kind == CONTROL_REFUSED || event->kind == CONTROL_DOWN ||
                 event->kind == CONTROL_LOST)
            *err = event->error.kind != ERROR_NONE ? event->error : *err;
        control_event_free(notice->payload);
    } else if (notice->kind == NOTICE_CATCHUP) {
        const struct catchup_batch *batch = notice->payload;
        if (batch->kind == CATCHUP_ROWS)
            take_rows(run, batch);
        else if (batch->kind == CATCHUP_FAILED)
            *err = batch->error;
        else
            run->compared = true;
        catchup_batch_free(notice->payload);
    } else if (notice->event == SINK_EVENT_COMPARE) {
        pipeline_resume(run->daemon->pipeline, notice->sink);
    }
    free(notice);
}

static void take_task(struct run *run, struct task *task)
{
    unsigned wanted = task->job.sinks_wanted, ok = 0;
    for (unsigned id = 0; id < SINKS; id++)
        if (task->job.half[id].status == HALF_OK)
            ok |= SINK_BIT(id);
    run->n_done++;
    run->daemon->in_flight--;
    if (task->outcome == TASK_UNCHANGED)
        run->n_unchanged++;
    else if (task->outcome == TASK_SKIPPED || (task->outcome == TASK_WRITE && ok != wanted))
        run->n_failed++;
    else if (task->outcome == TASK_WRITE)
        *(task->job.operation == OPERATION_DELETE ? &run->n_deleted : &run->n_written) += 1;
    task_release(task);
}

static struct task *new_task(struct run *run, const char *path)
{
    struct daemon *daemon = run->daemon;
    const struct language *language = NULL;
    struct task *task = task_new(NULL, path, NULL);
    struct job *job = &task->job;
    job->codebase = &run->codebase;
    job->branch = arena_string(job->arena, run->revision);
    job->origin = ORIGIN_CLI;
    job->order = ++daemon->order;
    job->noted_us = clock_monotonic_us();
    job->attempted_at_us = clock_wall_us();
    job->attempt_id = uuid_v7(&daemon->uuids, job->attempted_at_us);
    job->sinks_wanted = daemon->sinks;
    job->sinks_off = SINK_ALL & ~daemon->sinks;
    for (unsigned id = 0; id < SINKS; id++)
        if ((job->sinks_off & SINK_BIT(id)) != 0)
            job->half[id].status = HALF_OFF;
    task->class = SETTLE_BULK;
    task->full = daemon->full;
    task->must_have_language =
        !run->takes_all && language_of_name(path, &language) != LANGUAGE_NAMED;
    task->audit_unchanged = daemon->config->audit.level == AUDIT_LEVEL_ALL;
    return task;
}

static void submit(struct run *run, struct task *task)
{
    if (pipeline_submit(run->daemon->pipeline, task, STAGE_BULK))
        run->daemon->in_flight++;
    else
        task_release(task);
}

static bool has_room(const struct daemon *daemon)
{
    return daemon->in_flight < DAEMON_IN_FLIGHT_MAX &&
           atomic_load(&daemon->bytes_in_flight) < DAEMON_BYTES_MAX &&
           pipeline_has_room(daemon->pipeline);
}

static void hand_on(struct run *run)
{
    for (; run->next_entry != NULL && has_room(run->daemon);
         run->next_entry = run->next_entry->hh.next) {
        const struct entry *entry = run->next_entry;
        struct task *task = new_task(run, entry->path);
        task->blob_id = arena_string(task->job.arena, entry->blob_id);
        task->job.operation = entry->has_row ? OPERATION_UPDATE : OPERATION_INGEST;
        task->row_exists = entry->has_row;
        task->has_known = entry->has_known;
        task->known = entry->known;
        task->blob_mode = entry->mode;
        submit(run, task);
    }
    while (run->next_entry == NULL && run->next_delete < run->deletes.length &&
           has_room(run->daemon)) {
        const char *path = run->deletes.data + run->next_delete;
        struct task *task = new_task(run, path);
        task->job.operation = OPERATION_DELETE;
        task->row_exists = true;
        submit(run, task);
        run->next_delete += strlen(path) + 1;
    }
}

static void take_mail(struct run *run, struct error *err)
{
    void **items = NULL;
    size_t capacity = 0;
    size_t n = mailbox_take(run->daemon->notices, &items, &capacity);
    for (size_t i = 0; i < n; i++)
        take_notice(run, items[i], err);
    n = mailbox_take(run->daemon->finished, &items, &capacity);
    for (size_t i = 0; i < n; i++)
        take_task(run, items[i]);
    free(items);
}

static bool is_over(const struct run *run)
{
    return run->compared && run->next_entry == NULL && run->next_delete == run->deletes.length &&
           run->daemon->in_flight == 0;
}

/* Returns false when a signal or an error ended it. */
static bool loop(struct run *run, struct error *err)
{
    struct daemon *daemon = run->daemon;
    while (!is_over(run)) {
        struct pollfd fds[] = {{.fd = daemon->signal_fd, .events = POLLIN},
            {.fd = mailbox_fd(daemon->finished), .events = POLLIN},
            {.fd = mailbox_fd(daemon->notices), .events = POLLIN}};
        (void)poll(fds, ARRAY_SIZE(fds), 250);
        daemon->stop_signal = signals_next(daemon->signal_fd);
        if (daemon->stop_signal != 0)
            return false;
        take_mail(run, err);
        if (err->kind != ERROR_NONE)
            return false;
        if (run->owned && !run->asked) {
            catchup_request(daemon->catchup, &run->codebase, daemon->sinks, run->options->rebind);
            run->asked = true;
        }
        if (run->compared)
            hand_on(run);
        progress_update(&daemon->progress, clock_monotonic_ms(), run->n_done, run->n_files, 0, 0);
    }
    return true;
}

static bool open_run(struct run *run, struct error *err)
{
    const struct config *config = run->daemon->config;
    const struct root_settings settings = folders_settings_of_dir(run->daemon, run->dir);
    static const struct git_walk_ops walk = {.enter = enter_folder, .file = add_file};
    if (!git_open(run->dir, &run->git, err))
        return false;
    if (run->git == NULL)
        return error_set(err, ERROR_USAGE, 0,
            "\"%s\" is in no git repository, so --rev has nothing to read", run->dir);
    if (!git_resolve(run->git, run->revision, run->commit, err) ||
        !codebase_of(
            run->arena, run->dir, settings.given_id, config->daemon.host, &run->codebase, err))
        return false;
    run->takes_all = settings.include != NULL && settings.include[0] != NULL;
    run->filter = root_filter_new(config, settings.include, settings.exclude);
    run->rules = revision_rules_new(run->git, run->commit, config->watch.gitignore);
    if (!revision_rules_enter(run->rules, "", err))
        return false;
    if (!git_walk_revision(run->git, run->commit, &walk, run, err))
        return false;
    run->next_entry = run->entries;
    control_own(run->daemon->control, run->codebase.codebase_id);
    return true;
}

static void say_summary(const struct run *run)
{
    struct output *output = run->daemon->output;
    if (output->json)
        output_text(output,
            "{\"v\":1,\"files\":%" PRIu64 ",\"written\":%" PRIu64 ",\"unchanged\":%" PRIu64
            ",\"deleted\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"revision\":\"%s\"}\n",
            run->n_files, run->n_written, run->n_unchanged, run->n_deleted, run->n_failed,
            run->commit);
    else
        output_note(output,
            "ingest: %s: %" PRIu64 " files, %" PRIu64 " written, %" PRIu64 " unchanged, %" PRIu64
            " deleted, %" PRIu64 " failed in %.1f s",
            run->commit, run->n_files, run->n_written, run->n_unchanged, run->n_deleted,
            run->n_failed, (double)(clock_monotonic_ms() - run->daemon->started_ms) / 1000);
}

static int run_revision(struct run *run, struct error *err)
{
    struct daemon *daemon = run->daemon;
    bool done = open_run(run, err);
    if (done) {
        progress_begin(&daemon->progress, daemon->output, "ingest", clock_monotonic_ms());
        done = loop(run, err);
        progress_end(&daemon->progress);
    }
    if (done)
        say_summary(run);
    if (err->kind != ERROR_NONE)
        return error_exit_code(err);
    if (!done)
        return 128 + daemon->stop_signal;
    return run->n_failed > 0 ? 1 : 0;
}

int ingest_revision(struct session *session, const struct daemon_options *options,
    const char *revision, struct error *err)
{
    struct daemon_options once = *options;
    AUTO_FREE char *here = getcwd(NULL, 0);
    struct run run = {.options = options,
        .revision = revision,
        .dir = options->n_dirs > 0 ? options->dirs[0] : here};
    if (options->n_dirs > 1) {
        error_set(
            err, ERROR_USAGE, 0, "--rev takes one directory, %zu were given", options->n_dirs);
        return error_exit_code(err);
    }
    once.no_roots = true;
    run.arena = arena_new(0);
    int status = 0;
    if (daemon_open(session->config, session->output, &once, &run.daemon, err))
        status = run_revision(&run, err);
    else
        status = error_exit_code(err);
    daemon_close(run.daemon); /* jobs under way still read the blobs and names of this run */
    HASH_CLEAR(hh, run.entries);
    buf_release(&run.deletes);
    filter_free(run.filter);
    revision_rules_free(run.rules);
    git_free(run.git);
    arena_free(run.arena);
    return status;
}
