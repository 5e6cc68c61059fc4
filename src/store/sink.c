#include "store/sink.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/breaker.h"
#include "store/row.h"
#include "store/writer.h"

#define GROUP_JOBS 100
#define GROUP_BYTES ((size_t)8 << 20)

/* How often an idle connection is looked at: a server that died takes the last commits with it. The
 * longer ago they are, the less there is to lose, and an idle daemon should sleep. */
#define LOOK_FIRST_MS 1000
#define LOOK_LAST_MS 64000

struct sink {
    struct sink_settings settings;
    struct pg_settings pg;
    struct breaker breaker;
    struct stage *stage;
    atomic_bool stuck;    /* the last push waited in vain */
    atomic_uint losses;   /* connections made before the last loss are made anew */
    atomic_uint releases; /* connections made before the last one free their fences */
    _Atomic uint64_t give_up_ms;
    _Atomic uint64_t rows_ok, rows_failed, rows_deferred, retries, connections_lost, breaker_opened;
};

/* A job in hand. */
struct entry {
    struct job *job;
    uint64_t started_us;
    uint64_t due_ms; /* of the next attempt */
};

/* What one thread owns. */
struct hand {
    struct sink *sink;
    struct writer *writer;
    unsigned losses, releases; /* of the sink, when the connection was made */
    uint64_t look_ms;          /* from one look at the idle connection to the next */
    uint64_t look_at_ms;       /* when the next one is due; 0: not planned yet */
    struct entry *waiting;
    size_t n_waiting, capacity;
    struct write_outcome outcomes[GROUP_JOBS];
    uint64_t random;
    bool closing; /* no attempt is followed by another one */
};

static void tell(struct sink *sink, enum sink_event event, const struct error *why)
{
    static const struct error nothing = {.kind = ERROR_NONE};
    if (sink->settings.changed != NULL)
        sink->settings.changed(
            sink->settings.user, sink->settings.id, event, why != NULL ? why : &nothing);
}

static void count(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* The half is decided. The job may be gone afterwards. */
static void finish(struct sink *sink, struct job *job, enum half_status status, uint64_t started_us)
{
    struct half *half = &job->half[sink->settings.id];
    half->status = status;
    half->duration_us = (uint32_t)(clock_monotonic_us() - started_us);
    count(status == HALF_OK       ? &sink->rows_ok
          : status == HALF_FAILED ? &sink->rows_failed
                                  : &sink->rows_deferred,
        1);
    if (job_half_done(job, sink->settings.id))
        sink->settings.finished(sink->settings.user, job);
}

static void fail(struct sink *sink, const struct entry *entry, const struct error *why, bool helps)
{
    struct half *half = &entry->job->half[sink->settings.id];
    (void)snprintf(half->sqlstate, sizeof(half->sqlstate), "%s", why->sqlstate);
    (void)snprintf(
        half->error, sizeof(half->error), "%.*s", (int)sizeof(half->error) - 1, why->message);
    half->retry_helps = helps;
    finish(sink, entry->job, HALF_FAILED, entry->started_us);
}

static void defer(struct sink *sink, struct job *job, uint64_t started_us, const char *why)
{
    struct half *half = &job->half[sink->settings.id];
    (void)snprintf(half->error, sizeof(half->error), "%s", why);
    half->retry_helps = true;
    finish(sink, job, HALF_BREAKER_OPEN, started_us);
}

static void succeed(struct sink *sink, const struct entry *entry, int64_t rows)
{
    struct half *half = &entry->job->half[sink->settings.id];
    half->rows = rows;
    half->sqlstate[0] = half->error[0] = '\0';
    half->retry_helps = false;
    breaker_success(&sink->breaker);
    finish(sink, entry->job, HALF_OK, entry->started_us);
}

/* n jobs failed for the sink's own reasons. */
static void blame_sink(struct sink *sink, unsigned n, const struct error *why)
{
    if (!breaker_failure(&sink->breaker, n, clock_monotonic_ms()))
        return;
    count(&sink->breaker_opened, 1);
    tell(sink, SINK_EVENT_OPENED, why);
}

/* 0.8 to 1.2 times delay_ms, so that several daemons do not come back in step. xorshift64
 * (Marsaglia 2003). */
static uint64_t jitter(struct hand *hand, uint32_t delay_ms)
{
    hand->random ^= hand->random << 13;
    hand->random ^= hand->random >> 7;
    hand->random ^= hand->random << 17;
    return delay_ms * 4 / 5 + hand->random % (delay_ms * 2 / 5 + 1);
}

/* Another attempt later, if one is left. */
static void again(
    struct hand *hand, const struct entry *entry, const struct error *why, bool at_once)
{
    struct sink *sink = hand->sink;
    unsigned attempts = entry->job->half[sink->settings.id].attempts;
    if (hand->closing || attempts > sink->settings.max_retries) {
        blame_sink(sink, 1, why);
        fail(sink, entry, why, true);
        return;
    }
    unsigned nth = attempts - 1 < SINK_RETRIES_MAX ? attempts - 1 : SINK_RETRIES_MAX - 1;
    while (nth > 0 && sink->settings.retry_delays_ms[nth] == 0)
        nth--; /* fewer delays than retries: the last one goes on */
    if (hand->n_waiting == hand->capacity) {
        hand->capacity = hand->capacity > 0 ? 2 * hand->capacity : GROUP_JOBS;
        hand->waiting = memory_resize(hand->waiting, hand->capacity, sizeof(*hand->waiting));
    }
    hand->waiting[hand->n_waiting] = *entry;
    hand->waiting[hand->n_waiting++].due_ms =
        clock_monotonic_ms() + (at_once ? 0 : jitter(hand, sink->settings.retry_delays_ms[nth]));
}

/* What becomes of a job that was refused with this error (database.md's classes, pg_class_of). */
static void refused(struct hand *hand, const struct entry *entry, const struct error *why)
{
    switch (pg_class_of(why->sqlstate)) {
    case PG_CLASS_CONNECTION:
    case PG_CLASS_TRANSIENT:
        again(hand, entry, why, false);
        break;
    case PG_CLASS_RESOURCES:
    case PG_CLASS_SCHEMA:
        blame_sink(hand->sink, 1, why);
        fail(hand->sink, entry, why, true);
        break;
    case PG_CLASS_BAD_ROW:
        fail(hand->sink, entry, why, false);
        break;
    case PG_CLASS_UNKNOWN:
        fail(hand->sink, entry, why, true);
        break;
    }
}

/* The connection is gone: whoever has an older one makes it anew; main compares the table before
 * the breaker closes. */
static void lost(struct hand *hand, const struct error *why)
{
    struct sink *sink = hand->sink;
    atomic_fetch_add(&sink->losses, 1);
    count(&sink->connections_lost, 1);
    bool opened = breaker_lost(&sink->breaker, clock_monotonic_ms());
    tell(sink, SINK_EVENT_LOST, why);
    if (!opened)
        return;
    count(&sink->breaker_opened, 1);
    tell(sink, SINK_EVENT_OPENED, why);
}

/* Only the end of the connection frees fences of codebases that are no longer ours. */
static void release_fences(struct hand *hand)
{
    unsigned releases = atomic_load(&hand->sink->releases);
    if (releases != hand->releases)
        writer_disconnect(hand->writer);
    hand->releases = releases;
}

/* A connection that can write the codebases of these jobs. */
static bool connect_for(struct hand *hand, const struct entry *entries, size_t n, struct error *err)
{
    struct sink *sink = hand->sink;
    release_fences(hand);
    unsigned losses = atomic_load(&sink->losses);
    if (losses != hand->losses)
        writer_disconnect(hand->writer);
    hand->losses = losses;
    if (!writer_connect(hand->writer, err)) {
        if (pg_class_of(err->sqlstate) == PG_CLASS_CONNECTION)
            blame_sink(sink, sink->settings.breaker_failures, err);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (writer_fence(hand->writer, entries[i].job->codebase->codebase_id, err))
            continue;
        if (!pg_alive(writer_pg(hand->writer))) {
            writer_disconnect(hand->writer);
            lost(hand, err);
        }
        return false;
    }
    return true;
}

/* The new path got a row meanwhile: nothing was moved, as when the old one had none. */
static bool move_was_overtaken(const struct job *job, const struct write_outcome *outcome)
{
    return job->operation == OPERATION_MOVE && outcome->status == WRITE_FAILED &&
           strcmp(outcome->error.sqlstate, "23505") == 0;
}

/* Hand out the outcomes; those not tried stay in entries. The first refusal is left in ret_why. */
static size_t hand_out(struct hand *hand, struct entry *entries, size_t n, struct error *ret_why)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        const struct write_outcome *outcome = &hand->outcomes[i];
        if (outcome->status == WRITE_NOT_TRIED) {
            entries[left++] = entries[i];
            continue;
        }
        if (outcome->status == WRITE_OK || move_was_overtaken(entries[i].job, outcome)) {
            succeed(hand->sink, &entries[i], outcome->rows);
            continue;
        }
        if (ret_why->kind == ERROR_NONE)
            *ret_why = outcome->error;
        refused(hand, &entries[i], &outcome->error);
    }
    return left;
}

static void refuse_all(
    struct hand *hand, const struct entry *entries, size_t n, const struct error *why)
{
    for (size_t i = 0; i < n; i++)
        refused(hand, &entries[i], why);
}

/*
 * One attempt for n jobs. A refused job is taken out and the others are sent again: one transaction
 * a job when the row was at fault, once more together when a lock was, so that a locked table costs
 * two timeouts and not a hundred.
 */
static void attempt(struct hand *hand, struct entry *entries, size_t n)
{
    struct job *jobs[GROUP_JOBS];
    struct error why = ERROR_INIT;
    bool first_try = true, apart = false;
    for (size_t i = 0; i < n; i++)
        if (entries[i].job->half[hand->sink->settings.id].attempts++ > 0) {
            count(&hand->sink->retries, 1);
            first_try = false;
        }
    if (!connect_for(hand, entries, n, &why)) {
        refuse_all(hand, entries, n, &why);
        return;
    }
    for (unsigned round = 0; n > 0; round++) {
        for (size_t i = 0; i < n; i++)
            jobs[i] = entries[i].job;
        struct error gone = ERROR_INIT;
        why = ERROR_INIT;
        bool alive = writer_write(hand->writer, jobs, n, apart, hand->outcomes, &gone);
        n = hand_out(hand, entries, n, &why);
        if (!alive) {
            lost(hand, &gone);
            for (size_t i = 0; i < n; i++)
                again(hand, &entries[i], &gone, first_try);
            return;
        }
        enum pg_class class = pg_class_of(why.sqlstate);
        if (class == PG_CLASS_RESOURCES || class == PG_CLASS_SCHEMA ||
            (class == PG_CLASS_TRANSIENT && round > 0)) {
            refuse_all(hand, entries, n, &why);
            return;
        }
        apart = class != PG_CLASS_TRANSIENT;
    }
}

static int by_path(const void *a, const void *b)
{
    const struct job *left = ((const struct entry *)a)->job;
    const struct job *right = ((const struct entry *)b)->job;
    int order = strcmp(left->codebase->codebase_id, right->codebase->codebase_id);
    return order != 0 ? order : strcmp(left->path, right->path);
}

/* In groups that one transaction can carry, rows in the order of the key, so that two writers never
 * wait for each other in a circle. */
static void attempt_groups(struct hand *hand, struct entry *entries, size_t n)
{
    qsort(entries, n, sizeof(*entries), by_path);
    for (size_t first = 0; first < n;) {
        size_t end = first, bytes = 0;
        while (end < n && end - first < GROUP_JOBS && (end == first || bytes < GROUP_BYTES))
            bytes += row_size_bytes(entries[end++].job, hand->sink->settings.id);
        if (end - first > 1 && bytes > GROUP_BYTES)
            end--;
        attempt(hand, entries + first, end - first);
        first = end;
    }
}

/* Ownership is lost: what waits is a debt, and a closed connection frees its half of the fence. */
static void stand_aside(struct hand *hand)
{
    writer_disconnect(hand->writer);
    for (size_t i = 0; i < hand->n_waiting; i++)
        defer(hand->sink, hand->waiting[i].job, hand->waiting[i].started_us, "writing is paused");
    hand->n_waiting = 0;
}

/* Attempt again what is due. attempt() may put it back. */
static void attempt_due(struct hand *hand, uint64_t now_ms)
{
    size_t n_due = 0, kept = 0;
    for (size_t i = 0; i < hand->n_waiting; i++)
        n_due += hand->waiting[i].due_ms <= now_ms;
    if (n_due == 0)
        return;
    struct entry *due = memory_new(n_due, sizeof(*due));
    n_due = 0;
    for (size_t i = 0; i < hand->n_waiting; i++)
        if (hand->waiting[i].due_ms <= now_ms)
            due[n_due++] = hand->waiting[i];
        else
            hand->waiting[kept++] = hand->waiting[i];
    hand->n_waiting = kept;
    attempt_groups(hand, due, n_due);
    free(due);
}

static void work(void *self, void **items, size_t n_items)
{
    struct hand *hand = self;
    struct entry entries[GROUP_JOBS];
    uint64_t now_us = clock_monotonic_us();
    hand->look_at_ms = 0;
    if (breaker_state(&hand->sink->breaker) == SINK_STATE_PAUSED)
        stand_aside(hand);
    attempt_due(hand, now_us / 1000);
    for (size_t i = 0; i < n_items; i++)
        entries[i] = (struct entry){.job = items[i], .started_us = now_us};
    if (breaker_state(&hand->sink->breaker) == SINK_STATE_CLOSED) {
        attempt_groups(hand, entries, n_items);
        return;
    }
    for (size_t i = 0; i < n_items; i++)
        defer(hand->sink, entries[i].job, now_us, "the circuit breaker is open");
}

static void probe(struct hand *hand)
{
    struct sink *sink = hand->sink;
    struct error err = ERROR_INIT;
    bool ok = writer_probe(hand->writer, &err);
    hand->losses = atomic_load(&sink->losses);
    hand->releases = atomic_load(&sink->releases);
    enum sink_state next = breaker_probed(&sink->breaker, ok, clock_monotonic_ms());
    if (next == SINK_STATE_WAITING)
        tell(sink, SINK_EVENT_COMPARE, NULL);
    else if (next == SINK_STATE_CLOSED)
        tell(sink, SINK_EVENT_CLOSED, NULL);
}

/* A connection that the server ended while nothing was written is a loss like any other. */
static void look(struct hand *hand)
{
    struct error why = ERROR_INIT;
    if (!writer_connected(hand->writer) || pg_still_there(writer_pg(hand->writer)))
        return;
    writer_disconnect(hand->writer);
    if (hand->losses != atomic_load(&hand->sink->losses))
        return; /* another thread has told */
    error_set(&why, ERROR_DATABASE, 0, "lost connection to the database while idle");
    memcpy(why.sqlstate, "08006", sizeof(why.sqlstate));
    lost(hand, &why);
}

/* When the idle connection is to be looked at next: at first soon, then more and more seldom. */
static uint64_t plan_look(struct hand *hand, uint64_t now_ms)
{
    if (!writer_connected(hand->writer))
        return CLOCK_NEVER;
    if (hand->look_at_ms == 0) {
        hand->look_ms = LOOK_FIRST_MS;
        hand->look_at_ms = now_ms + hand->look_ms;
    } else if (now_ms >= hand->look_at_ms) {
        hand->look_ms = hand->look_ms * 2 < LOOK_LAST_MS ? hand->look_ms * 2 : LOOK_LAST_MS;
        hand->look_at_ms = now_ms + hand->look_ms;
    }
    return hand->look_at_ms;
}

static uint64_t idle(void *self)
{
    struct hand *hand = self;
    struct sink *sink = hand->sink;
    if (breaker_state(&sink->breaker) == SINK_STATE_PAUSED) {
        stand_aside(hand);
        return CLOCK_NEVER;
    }
    release_fences(hand);
    look(hand);
    attempt_due(hand, clock_monotonic_ms());
    if (breaker_try_probe(&sink->breaker, clock_monotonic_ms()))
        probe(hand);
    uint64_t next_ms = breaker_probe_at_ms(&sink->breaker), now_ms = clock_monotonic_ms();
    for (size_t i = 0; i < hand->n_waiting; i++)
        next_ms = hand->waiting[i].due_ms < next_ms ? hand->waiting[i].due_ms : next_ms;
    uint64_t look_at_ms = plan_look(hand, now_ms);
    next_ms = look_at_ms < next_ms ? look_at_ms : next_ms;
    if (next_ms == CLOCK_NEVER)
        return CLOCK_NEVER;
    return next_ms > now_ms ? next_ms - now_ms : 0;
}

static bool start(void *shared, unsigned index, void **ret_self, struct error *err)
{
    struct sink *sink = shared;
    struct hand *hand = memory_new(1, sizeof(*hand));
    (void)err;
    hand->sink = sink;
    hand->writer = writer_new(&sink->pg, sink->settings.id);
    hand->random = clock_monotonic_us() * 2 + 2 * index + 1;
    *ret_self = hand;
    return true;
}

static void stop(void *self)
{
    struct hand *hand = self;
    hand->closing = true;
    if (breaker_state(&hand->sink->breaker) == SINK_STATE_PAUSED)
        stand_aside(hand);
    attempt_due(hand, CLOCK_NEVER);
    writer_free(hand->writer);
    free(hand->waiting);
    free(hand);
}

static const struct stage_ops stages[SINKS] = {
    [SINK_FILES] = {"sink files", GROUP_JOBS, start, work, idle, stop},
    [SINK_METADATA] = {"sink metadata", GROUP_JOBS, start, work, idle, stop},
};

static const char *const application_names[SINKS] = {
    [SINK_FILES] = "srctab code_files", [SINK_METADATA] = "srctab codebase_metadata"};

static void fill_defaults(struct sink_settings *settings)
{
    static const uint32_t delays_ms[] = {500, 1000, 2000};
    settings->writers = settings->writers > 0 ? settings->writers : 1;
    settings->depth = settings->depth > 0 ? settings->depth : 256;
    settings->push_wait_ms = settings->push_wait_ms > 0 ? settings->push_wait_ms : 100;
    settings->breaker_failures = settings->breaker_failures > 0 ? settings->breaker_failures : 5;
    settings->probe_min_ms = settings->probe_min_ms > 0 ? settings->probe_min_ms : 500;
    settings->probe_max_ms = settings->probe_max_ms > 0 ? settings->probe_max_ms : 2000;
    if (settings->retry_delays_ms[0] == 0)
        memcpy(settings->retry_delays_ms, delays_ms, sizeof(delays_ms));
}

bool sink_new(const struct sink_settings *settings, struct sink **ret_sink, struct error *err)
{
    struct sink *sink = memory_new(1, sizeof(*sink));
    sink->settings = *settings;
    fill_defaults(&sink->settings);
    atomic_init(&sink->give_up_ms, CLOCK_NEVER);
    sink->pg = (struct pg_settings){.conninfo = settings->conninfo,
        .schema = settings->schema,
        .synchronous_commit = settings->synchronous_commit,
        .application_name = application_names[settings->id],
        .statement_timeout_ms = settings->statement_timeout_ms,
        .lock_timeout_ms = settings->lock_timeout_ms,
        .give_up_ms = &sink->give_up_ms};
    breaker_init(&sink->breaker, &(struct breaker_settings){sink->settings.breaker_failures,
                                     sink->settings.probe_min_ms, sink->settings.probe_max_ms});
    sink->stage =
        stage_new(&stages[settings->id], sink, sink->settings.writers, sink->settings.depth, err);
    if (sink->stage == NULL) {
        free(sink);
        return false;
    }
    stage_linger(sink->stage, sink->settings.batch_ms);
    *ret_sink = sink;
    return true;
}

/* Only the first job waits for a stuck sink: if each did, the threads that bring them would be as
 * slow for the other sink. */
static bool push(struct sink *sink, struct job *job, enum stage_priority priority)
{
    uint32_t wait_ms = atomic_load(&sink->stuck) ? 0 : sink->settings.push_wait_ms;
    bool taken = stage_push(sink->stage, job, priority, wait_ms);
    atomic_store(&sink->stuck, !taken);
    return taken;
}

void sink_submit(struct sink *sink, struct job *job, enum stage_priority priority)
{
    if (breaker_state(&sink->breaker) != SINK_STATE_CLOSED)
        defer(sink, job, clock_monotonic_us(), "the circuit breaker is open");
    else if (!push(sink, job, priority))
        defer(sink, job, clock_monotonic_us(), "the queue of the sink stayed full");
}

void sink_resume(struct sink *sink)
{
    if (breaker_resume(&sink->breaker))
        tell(sink, SINK_EVENT_CLOSED, NULL);
}

void sink_pause(struct sink *sink)
{
    breaker_pause(&sink->breaker);
    stage_wake(sink->stage);
}

void sink_release(struct sink *sink)
{
    atomic_fetch_add(&sink->releases, 1);
    stage_wake(sink->stage);
}

void sink_hurry(struct sink *sink, uint64_t deadline_monotonic_ms)
{
    atomic_store(&sink->give_up_ms, deadline_monotonic_ms);
}

void sink_free(struct sink *sink)
{
    if (sink == NULL)
        return;
    stage_join(sink->stage);
    free(sink);
}

void sink_counts(struct sink *sink, struct sink_counts *ret_counts)
{
    *ret_counts = (struct sink_counts){
        .state = breaker_state(&sink->breaker),
        .depth = stage_depth(sink->stage),
        .rows_ok = sink->rows_ok,
        .rows_failed = sink->rows_failed,
        .rows_deferred = sink->rows_deferred,
        .retries = sink->retries,
        .connections_lost = sink->connections_lost,
        .breaker_opened = sink->breaker_opened,
    };
}
