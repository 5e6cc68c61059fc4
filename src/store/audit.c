#include "store/audit.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/stage.h"
#include "store/pg.h"
#include "store/spool.h"

#define BATCH_ROWS 200
#define RETRY_MIN_MS 500
#define RETRY_MAX_MS 5000
#define PRUNE_EVERY_MS 3600000
#define STATEMENT_MS                                                                               \
    10000                /* a server that hangs longer than this is away: the spool takes over     \
                          */
#define PRUNE_ROWS 10000 /* of one call, as write/audit_prune.sql says */

struct audit {
    struct audit_settings settings;
    struct pg_settings pg_settings;
    struct stage *stage;
    _Atomic uint64_t give_up_ms;
    _Atomic uint64_t rows_written, rows_spooled, rows_replayed, rows_lost;
    atomic_bool reachable;

    /* owner: the audit thread */
    struct pg *pg;
    uint64_t retry_at_ms, retry_delay_ms; /* 0: connected, or not yet tried */
    uint64_t prune_at_ms;
    struct uuid_source ids;
};

static void count(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void tell(struct audit *audit, bool reachable, const struct error *why)
{
    static const struct error nothing = {.kind = ERROR_NONE};
    bool before = atomic_exchange(&audit->reachable, reachable);
    if (audit->settings.changed != NULL && (before != reachable || why != NULL))
        audit->settings.changed(audit->settings.user, reachable, why != NULL ? why : &nothing);
}

/* The database is not to be had: records go to the spool until the next try. */
static void stand_back(struct audit *audit, const struct error *why)
{
    pg_close(audit->pg);
    audit->pg = NULL;
    uint64_t delay_ms = audit->retry_delay_ms > 0 ? 2 * audit->retry_delay_ms : RETRY_MIN_MS;
    audit->retry_delay_ms = delay_ms < RETRY_MAX_MS ? delay_ms : RETRY_MAX_MS;
    audit->retry_at_ms = clock_monotonic_ms() + audit->retry_delay_ms;
    if (atomic_load(&audit->reachable))
        tell(audit, false, why);
}

static bool connected(struct audit *audit)
{
    struct error err = ERROR_INIT;
    if (audit->pg != NULL)
        return true;
    if (clock_monotonic_ms() < audit->retry_at_ms)
        return false;
    if (pg_open(&audit->pg_settings, &audit->pg, &err))
        return true;
    stand_back(audit, &err);
    return false;
}

static bool insert(struct audit *audit, const struct buf *records, struct error *err)
{
    AUTO_BUF array = BUF_INIT;
    struct pg_values values;
    buf_addf(&array, "[%s]", buf_string(records));
    pg_values_clear(&values);
    pg_values_text(&values, array.data, array.length);
    if (!pg_run(audit->pg, "write/audit_insert.sql", &values, NULL, NULL, err))
        return false;
    audit->retry_at_ms = audit->retry_delay_ms = 0;
    tell(audit, true, NULL);
    return true;
}

/* A list of records that go together: separated by commas in text, their ends in ends[]. */
struct batch {
    struct buf text;
    size_t ends[BATCH_ROWS];
    int64_t wall_us[BATCH_ROWS];
    size_t n;
};

static void batch_add(struct batch *batch, const void *record, size_t length, int64_t wall_us)
{
    if (batch->n > 0)
        buf_addc(&batch->text, ',');
    buf_add(&batch->text, record, length);
    batch->wall_us[batch->n] = wall_us;
    batch->ends[batch->n++] = batch->text.length;
}

static const char *batch_record(const struct batch *batch, size_t i, size_t *ret_length)
{
    size_t first = i > 0 ? batch->ends[i - 1] + 1 : 0;
    *ret_length = batch->ends[i] - first;
    return batch->text.data + first;
}

static bool row_at_fault(const struct error *err)
{
    enum pg_class class = pg_class_of(err->sqlstate);
    return class == PG_CLASS_BAD_ROW || class == PG_CLASS_UNKNOWN;
}

/* One by one: what the server will never take is dropped, and said. False: the database is away;
 * *ret_done records are decided. */
static bool insert_singly(
    struct audit *audit, const struct batch *batch, size_t *ret_done, struct error *err)
{
    for (*ret_done = 0; *ret_done < batch->n; (*ret_done)++) {
        size_t length;
        const char *record = batch_record(batch, *ret_done, &length);
        AUTO_BUF one = BUF_INIT;
        buf_add(&one, record, length);
        if (insert(audit, &one, err))
            continue;
        if (!row_at_fault(err))
            return false;
        count(&audit->rows_lost, 1);
        tell(audit, true, err);
    }
    return true;
}

/* Write the batch. Returns how many records are decided; fewer than all: the database is away. */
static size_t write_batch(struct audit *audit, const struct batch *batch)
{
    struct error err = ERROR_INIT;
    size_t done = 0;
    if (batch->n == 0 || !connected(audit))
        return 0;
    if (insert(audit, &batch->text, &err))
        return batch->n;
    if (row_at_fault(&err) && insert_singly(audit, batch, &done, &err))
        return batch->n;
    stand_back(audit, &err);
    return done;
}

/* Records from the first-th on into the spool, durably. */
static void spool_batch(struct audit *audit, const struct batch *batch, size_t first)
{
    struct error err = ERROR_INIT;
    size_t kept = 0;
    for (size_t i = first; i < batch->n && audit->settings.spool != NULL; i++) {
        size_t length;
        const char *record = batch_record(batch, i, &length);
        kept += spool_add(audit->settings.spool, record, length, batch->wall_us[i], &err);
    }
    if (kept > 0 && !spool_sync(audit->settings.spool, &err))
        kept = 0;
    count(&audit->rows_spooled, kept);
    count(&audit->rows_lost, batch->n - first - kept);
    if (kept < batch->n - first && err.kind != ERROR_NONE)
        tell(audit, false, &err);
}

static void work(void *self, void **items, size_t n_items)
{
    struct audit *audit = self;
    struct batch batch = {.n = 0};
    for (size_t i = 0; i < n_items; i++) {
        const struct job *job = items[i];
        AUTO_BUF record = BUF_INIT;
        assert(job->magic == JOB_MAGIC);
        audit_record(job, audit->settings.daemon_id, &record);
        batch_add(&batch, record.data, record.length, job->attempted_at_us);
    }
    size_t written = write_batch(audit, &batch);
    count(&audit->rows_written, written);
    if (written < batch.n)
        spool_batch(audit, &batch, written);
    buf_release(&batch.text);
    for (size_t i = 0; i < n_items; i++)
        audit->settings.done(audit->settings.user, items[i]);
}

/* What a full spool dropped becomes one row. */
static void add_lost(struct audit *audit, struct batch *batch, const struct spool_lost *gone)
{
    static const struct codebase nowhere = {.codebase_id = ""};
    struct job job = {.magic = JOB_MAGIC,
        .codebase = &nowhere,
        .path = "",
        .operation = OPERATION_UPDATE,
        .origin = ORIGIN_SCAN,
        .result = RESULT_SKIPPED,
        .attempt_no = 1,
        .attempted_at_us = clock_wall_us(),
        .attempt_id = uuid_v7(&audit->ids, clock_wall_us())};
    AUTO_BUF from = BUF_INIT, to = BUF_INIT, record = BUF_INIT;
    clock_add_rfc3339(&from, gone->from_us);
    clock_add_rfc3339(&to, gone->to_us);
    (void)snprintf(job.skipped_reason, sizeof(job.skipped_reason),
        "lost %" PRIu64 ", from %s, to %s", gone->n, buf_string(&from), buf_string(&to));
    audit_record(&job, audit->settings.daemon_id, &record);
    batch_add(batch, record.data, record.length, job.attempted_at_us);
}

static bool collect(void *user, const void *bytes, size_t length, int64_t wall_us)
{
    batch_add(user, bytes, length, wall_us);
    return true;
}

/* One batch from the spool into the table. True: there may be more. */
static bool replay(struct audit *audit)
{
    struct spool *spool = audit->settings.spool;
    struct batch batch = {.n = 0};
    struct error err = ERROR_INIT;
    size_t n = 0;
    if (spool == NULL || (spool_count(spool) == 0 && spool_lost(spool).n == 0) || !connected(audit))
        return false;
    struct spool_lost gone = spool_lost(spool);
    bool more = spool_peek(spool, BATCH_ROWS - 1, collect, &batch, &n, &err);
    if (more && gone.n > 0)
        add_lost(audit, &batch, &gone);
    more = more && batch.n > 0 && write_batch(audit, &batch) == batch.n &&
           spool_remove(spool, n, gone.n > 0, &err);
    if (more)
        count(&audit->rows_replayed, n);
    if (err.kind != ERROR_NONE)
        tell(audit, true, &err);
    buf_release(&batch.text);
    return more;
}

static void prune(struct audit *audit, uint64_t now_ms)
{
    struct error err = ERROR_INIT;
    struct pg_values values;
    AUTO_PG_RESULT *pruned = NULL;
    if (audit->settings.retention_days == 0 || now_ms < audit->prune_at_ms || !connected(audit))
        return;
    audit->prune_at_ms = now_ms + PRUNE_EVERY_MS;
    pg_values_clear(&values);
    pg_values_i32(&values, (int32_t)audit->settings.retention_days);
    if (pg_run(audit->pg, "write/audit_prune.sql", &values, &pruned, NULL, &err)) {
        if (pg_i64(pruned, 0, 0) == PRUNE_ROWS)
            audit->prune_at_ms = now_ms; /* more of them, between the batches */
    } else if (!pg_alive(audit->pg))
        stand_back(audit, &err);
}

/* After a failure: an insert of no row shows whether table and permission are back, even with an
 * empty spool. */
static void try_again(struct audit *audit, uint64_t now_ms)
{
    struct error err = ERROR_INIT;
    AUTO_BUF none = BUF_INIT;
    if (audit->retry_at_ms > 0 && now_ms >= audit->retry_at_ms && connected(audit) &&
        !insert(audit, &none, &err))
        stand_back(audit, &err);
}

static uint64_t idle(void *self)
{
    struct audit *audit = self;
    uint64_t now_ms = clock_monotonic_ms();
    if (replay(audit))
        return 1;
    try_again(audit, now_ms);
    prune(audit, now_ms);
    uint64_t next_ms = audit->settings.retention_days > 0 ? audit->prune_at_ms : CLOCK_NEVER;
    if (audit->retry_at_ms > 0 && audit->retry_at_ms < next_ms)
        next_ms = audit->retry_at_ms;
    if (next_ms == CLOCK_NEVER)
        return CLOCK_NEVER;
    return next_ms > now_ms ? next_ms - now_ms : 1;
}

static bool start(void *shared, unsigned index, void **ret_self, struct error *err)
{
    (void)index;
    (void)err;
    *ret_self = shared;
    return true;
}

static void stop(void *self)
{
    struct audit *audit = self;
    while (replay(audit))
        continue;
    pg_close(audit->pg);
    audit->pg = NULL;
}

bool audit_new(const struct audit_settings *settings, struct audit **ret_audit, struct error *err)
{
    static const struct stage_ops ops = {"audit", BATCH_ROWS, start, work, idle, stop};
    struct audit *audit = memory_new(1, sizeof(*audit));
    audit->settings = *settings;
    atomic_init(&audit->give_up_ms, CLOCK_NEVER);
    atomic_init(&audit->reachable, true);
    audit->pg_settings = (struct pg_settings){.conninfo = settings->conninfo,
        .schema = settings->schema,
        .application_name = "srctab audit",
        .statement_timeout_ms = STATEMENT_MS,
        .synchronous_commit = true,
        .give_up_ms = &audit->give_up_ms};
    audit->prune_at_ms = clock_monotonic_ms() + 60000;
    audit->stage = stage_new(&ops, audit, 1, settings->depth > 0 ? settings->depth : 4096, err);
    if (audit->stage == NULL) {
        free(audit);
        return false;
    }
    *ret_audit = audit;
    return true;
}

void audit_submit(struct audit *audit, struct job *job)
{
    bool taken = stage_push(audit->stage, job, STAGE_NORMAL, CLOCK_NEVER);
    assert(taken); /* refused only after audit_free() */
    (void)taken;
}

void audit_hurry(struct audit *audit, uint64_t deadline_monotonic_ms)
{
    atomic_store(&audit->give_up_ms, deadline_monotonic_ms);
}

void audit_free(struct audit *audit)
{
    if (audit == NULL)
        return;
    stage_join(audit->stage);
    free(audit);
}

void audit_counts(struct audit *audit, struct audit_counts *ret_counts)
{
    *ret_counts = (struct audit_counts){.depth = stage_depth(audit->stage),
        .rows_written = audit->rows_written,
        .rows_spooled = audit->rows_spooled,
        .rows_replayed = audit->rows_replayed,
        .rows_lost = audit->rows_lost,
        .reachable = audit->reachable};
}
