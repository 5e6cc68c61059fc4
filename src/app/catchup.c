#include "app/catchup.h"

#include "analyze/language.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/stage.h"
#include "store/compare.h"
#include "store/pg.h"

#include <stdatomic.h>

#define BATCH_ROWS 1024
#define REQUESTS_MAX 4096

struct catchup {
    struct catchup_settings settings;
    struct stage *stage;
    atomic_bool ending;
};

struct request {
    const struct codebase *codebase;
    unsigned sinks;
    bool rebind;
};

/* One run over the tables. */
struct run {
    struct catchup *catchup;
    const struct request *request;
    struct catchup_batch *batch;   /* being filled */
    struct known metadata_current; /* rows of codebase_metadata not yet met in code_files */
    struct known metadata_stale;
    uint64_t rows_seen;
};

void catchup_batch_free(struct catchup_batch *batch)
{
    if (batch == NULL)
        return;
    arena_free(batch->arena);
    free(batch->rows);
    free(batch->codebase_id);
    free(batch);
}

static struct catchup_batch *batch_new(const struct request *request, enum catchup_kind kind)
{
    struct catchup_batch *batch = memory_new(1, sizeof(*batch));
    batch->kind = kind;
    batch->codebase_id = memory_string(request->codebase->codebase_id);
    batch->sinks = request->sinks;
    return batch;
}

static void hand_over(struct run *run, struct catchup_batch *batch)
{
    run->catchup->settings.batch(run->catchup->settings.user, batch);
}

static void flush(struct run *run)
{
    if (run->batch != NULL)
        hand_over(run, run->batch);
    run->batch = NULL;
}

static struct catchup_row *add_row(struct run *run, const struct compare_row *row)
{
    if (run->batch == NULL) {
        run->batch = batch_new(run->request, CATCHUP_ROWS);
        run->batch->arena = arena_new(0);
        run->batch->rows = memory_new(BATCH_ROWS, sizeof(*run->batch->rows));
    }
    struct catchup_row *added = &run->batch->rows[run->batch->n_rows++];
    *added = (struct catchup_row){
        .path = arena_copy(run->batch->arena, row->path, row->path_length),
        .signature = row->signature,
        .size_bytes = row->size_bytes,
        .mtime_us = row->mtime_ns / 1000,
    };
    added->version = fingerprint_of(row->content_hash, row->mode);
    run->rows_seen++;
    return added;
}

static void flush_if_full(struct run *run)
{
    if (run->batch != NULL && run->batch->n_rows == BATCH_ROWS)
        flush(run);
}

static struct revision revision_of_row(const struct run *run, const struct compare_row *row)
{
    return revision_of(run->catchup->settings.revisions, language_by_id(row->language));
}

/* Only code_files was asked for, or codebase_metadata: each row stands for itself. */
static bool single_row(void *user, const struct compare_row *row)
{
    struct run *run = user;
    struct catchup_row *added = add_row(run, row);
    const struct revision revision = revision_of_row(run, row);
    bool files = run->request->sinks == SINK_BIT(SINK_FILES);
    added->present = run->request->sinks;
    if (row->rev == (files ? revision.parser_rev : revision.metrics_version))
        added->current = added->present;
    flush_if_full(run);
    return !atomic_load(&run->catchup->ending);
}

static bool metadata_row(void *user, const struct compare_row *row)
{
    struct run *run = user;
    bool current = row->rev == revision_of_row(run, row).metrics_version;
    const struct fingerprint version = fingerprint_of(row->content_hash, 0);
    known_set(current ? &run->metadata_current : &run->metadata_stale, row->path, &version);
    return !atomic_load(&run->catchup->ending);
}

static bool files_row(void *user, const struct compare_row *row)
{
    struct run *run = user;
    struct catchup_row *added = add_row(run, row);
    struct fingerprint version;
    added->present = SINK_BIT(SINK_FILES);
    if (row->rev == revision_of_row(run, row).parser_rev)
        added->current |= SINK_BIT(SINK_FILES);
    if (known_version(&run->metadata_current, row->path, &version)) {
        added->present |= SINK_BIT(SINK_METADATA);
        if (fingerprint_same_content(&version, &added->version))
            added->current |= SINK_BIT(SINK_METADATA);
    } else if (known_has_row(&run->metadata_stale, row->path)) {
        added->present |= SINK_BIT(SINK_METADATA);
    }
    known_forget(&run->metadata_current, row->path);
    known_forget(&run->metadata_stale, row->path);
    flush_if_full(run);
    return !atomic_load(&run->catchup->ending);
}

/* Second look at codebase_metadata: what code_files did not have. */
static bool orphan_row(void *user, const struct compare_row *row)
{
    struct run *run = user;
    if (known_has_row(&run->metadata_current, row->path) ||
        known_has_row(&run->metadata_stale, row->path)) {
        add_row(run, row)->present = SINK_BIT(SINK_METADATA);
        flush_if_full(run);
    }
    return !atomic_load(&run->catchup->ending);
}

static bool open_sink(struct run *run, enum sink_id id, struct pg **ret_pg, struct error *err)
{
    const struct pg_settings settings = {
        .conninfo = run->catchup->settings.sink_conninfo[id],
        .schema = run->catchup->settings.schema,
        .application_name = "srctab compare",
        .statement_timeout_ms = 600000,
    };
    return pg_open(&settings, ret_pg, err);
}

static bool read_table(struct run *run, enum sink_id id,
    bool (*row)(void *, const struct compare_row *), struct error *err)
{
    struct pg *pg = NULL;
    if (!open_sink(run, id, &pg, err))
        return false;
    bool ok = compare_read(pg, id, run->request->codebase->codebase_id, row, run, err);
    pg_close(pg);
    return ok;
}

static bool bind_codebase(struct run *run, struct error *err)
{
    struct pg *pg = NULL;
    const struct pg_settings settings = {
        .conninfo = run->catchup->settings.conninfo,
        .schema = run->catchup->settings.schema,
        .application_name = "srctab bind",
        .synchronous_commit = true,
    };
    if (!pg_open(&settings, &pg, err))
        return false;
    bool ok = compare_bind(pg, run->request->codebase, run->request->rebind, err);
    pg_close(pg);
    return ok;
}

static bool read_tables(struct run *run, struct error *err)
{
    unsigned sinks = run->request->sinks;
    if (!bind_codebase(run, err))
        return false;
    if (sinks != SINK_ALL)
        return read_table(
            run, sinks == SINK_BIT(SINK_FILES) ? SINK_FILES : SINK_METADATA, single_row, err);
    if (!read_table(run, SINK_METADATA, metadata_row, err) ||
        !read_table(run, SINK_FILES, files_row, err))
        return false;
    bool orphans = run->metadata_current.count > 0 || run->metadata_stale.count > 0;
    return !orphans || read_table(run, SINK_METADATA, orphan_row, err);
}

static void run_request(struct catchup *catchup, const struct request *request)
{
    struct run run = {.catchup = catchup, .request = request};
    struct error err = ERROR_INIT;
    known_init(&run.metadata_current, 0);
    known_init(&run.metadata_stale, 0);
    bool ok = read_tables(&run, &err);
    flush(&run);
    struct catchup_batch *last = batch_new(request, ok ? CATCHUP_DONE : CATCHUP_FAILED);
    last->rows_seen = run.rows_seen;
    last->error = err;
    hand_over(&run, last);
    known_release(&run.metadata_current);
    known_release(&run.metadata_stale);
}

static void work(void *self, void **items, size_t n_items)
{
    struct catchup *catchup = self;
    for (size_t i = 0; i < n_items; i++) {
        if (!atomic_load(&catchup->ending))
            run_request(catchup, items[i]);
        free(items[i]);
    }
}

static const struct stage_ops catchup_ops = {.name = "catchup", .max_batch = 1, .work = work};

bool catchup_new(
    const struct catchup_settings *settings, struct catchup **ret_catchup, struct error *err)
{
    struct catchup *catchup = memory_new(1, sizeof(*catchup));
    catchup->settings = *settings;
    catchup->stage = stage_new(&catchup_ops, catchup, 1, REQUESTS_MAX, err);
    if (catchup->stage == NULL) {
        free(catchup);
        return false;
    }
    *ret_catchup = catchup;
    return true;
}

void catchup_free(struct catchup *catchup)
{
    if (catchup == NULL)
        return;
    atomic_store(&catchup->ending, true);
    stage_join(catchup->stage);
    free(catchup);
}

void catchup_request(
    struct catchup *catchup, const struct codebase *codebase, unsigned sinks, bool rebind)
{
    struct request *request = memory_new(1, sizeof(*request));
    *request = (struct request){.codebase = codebase, .sinks = sinks, .rebind = rebind};
    /* The queue is deeper than the roots that a process can have open requests for. */
    if (!stage_push(catchup->stage, request, STAGE_NORMAL, CLOCK_NEVER))
        free(request);
}
