#include "app/stock.h"

#include <fcntl.h>

#include "app/dispatch.h"
#include "app/events.h"
#include "app/since.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

#define RETRY_MS 2000

static bool is_ready(const struct root *root, uint64_t now_ms)
{
    return root->phase == ROOT_STARTING && root->scanned && root->owned && root->handle != NULL &&
           !root->closing && now_ms >= root->compare_retry_ms;
}

void stock_start(struct daemon *daemon, uint64_t now_ms)
{
    for (struct root *root = daemon->roots; root != NULL; root = root->next) {
        if (!is_ready(root, now_ms) || root->in_flight > 0)
            continue;
        root->phase = ROOT_COMPARING;
        root->generation = root->generation == UINT16_MAX ? 1 : root->generation + 1;
        root->stale_rows = 0;
        catchup_request(daemon->catchup, &root->codebase, root->sinks, daemon->rebind);
    }
}

void stock_recheck(struct daemon *daemon, enum sink_id id, uint64_t now_ms)
{
    (void)now_ms;
    for (struct root *root = daemon->roots; root != NULL; root = root->next) {
        if ((root->sinks & SINK_BIT(id)) == 0 || root->phase != ROOT_LIVE || !root->owned)
            continue;
        root->generation = root->generation == UINT16_MAX ? 1 : root->generation + 1;
        daemon->rechecks[id]++;
        catchup_request(daemon->catchup, &root->codebase, SINK_BIT(id), false);
    }
    if (daemon->rechecks[id] == 0)
        pipeline_resume(daemon->pipeline, id);
}

/* Is the file, by what stat says, the one the row was made from? */
static bool same_stat(
    const struct root *root, const struct catchup_row *row, const struct watch_file *file)
{
    if (row->signature != 0 && row->signature == file->signature)
        return true;
    struct stat st;
    if (!root->daemon->quick || fstatat(root->handle->fd, row->path, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    int64_t mtime_us = (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
    return row->size_bytes == (uint64_t)st.st_size && row->mtime_us == mtime_us;
}

/* `--since`: only what changed since then is looked at. */
static bool is_left_out(const struct root *root, const char *path)
{
    const struct since *since = root->daemon->options.since;
    return since != NULL && !since_has(since, root->handle->fd, root->codebase.root_path, path);
}

/* `--dry-run`: one line a path. */
static void plan(const struct root *root, const char *what, const char *path)
{
    struct output *output = root->daemon->output;
    AUTO_BUF shown = BUF_INIT;
    if (!root->daemon->options.dry_run)
        return;
    utf8_add_path(&shown, path, strlen(path));
    if (output->json) {
        AUTO_BUF line = BUF_INIT;
        struct json json = JSON_INIT(&line);
        json_object_begin(&json);
        json_key_i64(&json, "v", 1);
        json_key_string(&json, "would", what);
        json_key_bytes(&json, "path", buf_string(&shown), shown.length);
        json_object_end(&json);
        output_json(output, &line);
        return;
    }
    output_text(output, "%s ", what);
    output_safe(output, STYLE_PLAIN, buf_string(&shown));
    output_text(output, "\n");
}

/* First compare: nothing has been written yet. */
static void take_first(struct root *root, const struct catchup_row *row, uint64_t now_ms)
{
    struct watch_file file;
    if (!watch_file_get(root->watched, row->path, &file)) {
        if (watch_path_is_unreadable(root->watched, row->path))
            return;
        known_doubt(&root->known, row->path);
        if (is_left_out(root, row->path))
            return;
        plan(root, "delete", row->path);
        buf_add(&root->inferred.paths, row->path, strlen(row->path) + 1);
        root->inferred.n++;
        return;
    }
    watch_file_mark(root->watched, row->path, root->generation);
    bool current = row->current == root->sinks && !root->daemon->full;
    if (row->current == root->sinks)
        known_set(&root->known, row->path, &row->version);
    else
        known_doubt(&root->known, row->path);
    bool same = same_stat(root, row, &file);
    if (current && same) {
        if (!settle_is_pending(root->settle, row->path))
            watch_file_synced(root->watched, row->path, file.signature);
        return;
    }
    if (is_left_out(root, row->path))
        return;
    plan(root, "look at", row->path);
    root->stale_rows++;
    unsigned lacking = root->sinks & ~row->current;
    /* The file is as it was when one table took it: only the other one lacks its row. */
    if (!root->daemon->full && same && row->current != 0 && lacking != 0 &&
        !settle_is_pending(root->settle, row->path)) {
        debts_add(root->debts, row->path, lacking, false, "found missing or outdated at start", "",
            now_ms);
        return;
    }
    root_note(root, row->path, CHANGE_CHANGED, SETTLE_BULK, SETTLE_NOW, now_ms);
}

/* A table after a lost connection: what it holds against what it is known to have taken. */
static void take_recheck(
    struct root *root, unsigned sink, const struct catchup_row *row, uint64_t now_ms)
{
    struct fingerprint version;
    bool on_disk = watch_file_get(root->watched, row->path, NULL);
    if (on_disk)
        watch_file_mark(root->watched, row->path, root->generation);
    if (on_disk && row->current != 0 && known_version(&root->known, row->path, &version) &&
        fingerprint_same_content(&version, &row->version))
        return;
    known_doubt(&root->known, row->path);
    debts_add(
        root->debts, row->path, sink, false, "found outdated after a lost connection", "", now_ms);
}

static void note_new(void *user, const char *path, uint64_t signature)
{
    struct root *root = user;
    (void)signature;
    /* A compare after an outage: what the tables took before may be lost with the server's last
     * commits. */
    if (known_has_row(&root->known, path))
        known_doubt(&root->known, path);
    if (is_left_out(root, path))
        return;
    plan(root, "ingest", path);
    root->stale_rows++;
    root_note(root, path, CHANGE_CHANGED, SETTLE_BULK, SETTLE_NOW, clock_monotonic_ms());
}

struct missing {
    struct root *root;
    unsigned sink;
    uint64_t now_ms;
};

/* A file of the disk whose row the table lost. A path that is still on its first way needs no debt.
 */
static void owe_missing(void *user, const char *path, uint64_t signature)
{
    struct missing *missing = user;
    (void)signature;
    if (!known_has_row(&missing->root->known, path))
        return;
    known_doubt(&missing->root->known, path);
    debts_add(missing->root->debts, path, missing->sink, false,
        "found missing after a lost connection", "", missing->now_ms);
}

static void finish_first(struct root *root, const struct catchup_batch *batch, uint64_t now_ms)
{
    watch_each_unmarked(root->watched, root->generation, note_new, root);
    root_apply_inferred(root, batch->rows_seen, now_ms);
    root->phase = ROOT_LIVE;
    root->done = 0;
    root->total = root->stale_rows;
    log_emit(LOG_INFO, "tables compared with the disk",
        LOG_FIELDS(LOG_STR("codebase", root->codebase.codebase_id),
            LOG_U64("files", watch_root_files(root->watched)), LOG_U64("rows", batch->rows_seen),
            LOG_U64("to_do", root->stale_rows)));
}

static void finish_recheck(
    struct daemon *daemon, struct root *root, unsigned sink, bool done, uint64_t now_ms)
{
    enum sink_id id = sink == SINK_BIT(SINK_FILES) ? SINK_FILES : SINK_METADATA;
    if (root != NULL && done && root->phase == ROOT_LIVE) {
        struct missing missing = {.root = root, .sink = sink, .now_ms = now_ms};
        watch_each_unmarked(root->watched, root->generation, owe_missing, &missing);
    } else if (root != NULL && !done) {
        root->phase = ROOT_STARTING; /* compare both tables as soon as they can be read */
        root->compare_retry_ms = now_ms + RETRY_MS;
    }
    if (daemon->rechecks[id] > 0 && --daemon->rechecks[id] == 0)
        pipeline_resume(daemon->pipeline, id);
}

static bool take_failure(
    struct root *root, const struct catchup_batch *batch, uint64_t now_ms, struct error *err)
{
    if (batch->error.kind == ERROR_CONFIG || batch->error.kind == ERROR_SCHEMA) {
        *err = batch->error;
        return false;
    }
    log_error(LOG_WARN, &batch->error);
    root->phase = ROOT_STARTING;
    root->compare_retry_ms = now_ms + RETRY_MS;
    buf_clear(&root->inferred.paths);
    root->inferred.n = 0;
    return true;
}

bool stock_take(
    struct daemon *daemon, struct catchup_batch *batch, uint64_t now_ms, struct error *err)
{
    struct root *root = root_by_codebase(daemon, batch->codebase_id);
    bool first = root != NULL && root->phase == ROOT_COMPARING;
    bool ok = true;
    if (batch->kind == CATCHUP_ROWS) {
        for (size_t i = 0; root != NULL && i < batch->n_rows; i++) {
            if (first)
                take_first(root, &batch->rows[i], now_ms);
            else if (root->phase == ROOT_LIVE)
                take_recheck(root, batch->sinks, &batch->rows[i], now_ms);
        }
    } else if (first && batch->kind == CATCHUP_DONE) {
        finish_first(root, batch, now_ms);
    } else if (first) {
        ok = take_failure(root, batch, now_ms, err);
    } else {
        finish_recheck(daemon, root, batch->sinks, batch->kind == CATCHUP_DONE, now_ms);
    }
    catchup_batch_free(batch);
    return ok;
}

uint64_t stock_deadline_ms(const struct daemon *daemon)
{
    uint64_t deadline = CLOCK_NEVER;
    for (const struct root *root = daemon->roots; root != NULL; root = root->next)
        if (root->phase == ROOT_STARTING && root->scanned && root->owned && root->handle != NULL &&
            !root->closing && root->in_flight == 0 && root->compare_retry_ms < deadline)
            deadline = root->compare_retry_ms;
    return deadline;
}
