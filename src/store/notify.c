#include "store/notify.h"

#include <stdatomic.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/stage.h"
#include "model/job.h"
#include "store/changes.h"
#include "store/pg.h"

#include <uthash.h>

#define DEPTH 8192
#define DEFAULT_INTERVAL_MS 50
#define RECONNECT_MS 2000
#define FREE_WAIT_MS 1000

/* One change on its way to the thread; one allocation. */
struct item {
    enum change_kind kind;
    char *codebase_id, *path, *old_path; /* old_path: "" but for moves */
};

struct channel {
    struct changes *changes;
    uint64_t send_at_ms;
    UT_hash_handle hh; /* by codebase_id */
};

struct notify {
    struct pg_settings pg_settings; /* immutable */
    uint64_t interval_ms;           /* immutable */
    struct stage *stage;
    atomic_bool overflowed; /* any thread sets it: something was not even queued */
    _Atomic uint64_t give_up_ms;
    struct pg *pg; /* this and what follows: owner the notify thread */
    uint64_t connect_at_ms;
    struct channel *channels;
};

static struct channel *find_channel(struct notify *notify, const char *codebase_id)
{
    struct channel *channel;
    HASH_FIND_STR(notify->channels, codebase_id, channel);
    if (channel != NULL)
        return channel;
    channel = memory_new(1, sizeof(*channel));
    channel->changes = changes_new(codebase_id);
    const char *key = changes_codebase(channel->changes);
    HASH_ADD_KEYPTR(hh, notify->channels, key, strlen(key), channel);
    return channel;
}

static bool connect_if_due(struct notify *notify, uint64_t now_ms)
{
    struct error ignored = ERROR_INIT;
    if (notify->pg != NULL && pg_alive(notify->pg))
        return true;
    pg_close(notify->pg);
    notify->pg = NULL;
    if (now_ms < notify->connect_at_ms)
        return false;
    if (pg_open(&notify->pg_settings, &notify->pg, &ignored))
        return true;
    notify->connect_at_ms = now_ms + RECONNECT_MS;
    return false;
}

static void send_changes(struct notify *notify, struct changes *changes)
{
    struct pg_values values;
    struct error ignored = ERROR_INIT;
    AUTO_BUF payload = BUF_INIT;
    changes_payload(changes, &payload);
    pg_values_clear(&values);
    pg_values_string(&values, buf_string(&payload));
    if (!pg_run(notify->pg, "control/notify.sql", &values, NULL, NULL, &ignored))
        changes_lost(changes);
}

/* Send what is due; returns the ms until something is. */
static uint64_t send_due(struct notify *notify, bool all)
{
    uint64_t now_ms = clock_monotonic_ms(), next_ms = CLOCK_NEVER;
    bool overflowed = atomic_exchange(&notify->overflowed, false);
    for (struct channel *channel = notify->channels; channel != NULL; channel = channel->hh.next) {
        if (overflowed)
            changes_lost(channel->changes);
        if (changes_empty(channel->changes))
            continue;
        if ((all || now_ms >= channel->send_at_ms) && connect_if_due(notify, now_ms)) {
            channel->send_at_ms = now_ms + notify->interval_ms;
            send_changes(notify, channel->changes);
            continue;
        }
        uint64_t at_ms = notify->pg != NULL ? channel->send_at_ms : notify->connect_at_ms;
        next_ms = at_ms < next_ms ? at_ms : next_ms;
    }
    if (next_ms == CLOCK_NEVER)
        return CLOCK_NEVER;
    return next_ms > now_ms ? next_ms - now_ms : 1;
}

static void work(void *self, void **items, size_t n_items)
{
    struct notify *notify = self;
    for (size_t i = 0; i < n_items; i++) {
        struct item *item = items[i];
        changes_add(find_channel(notify, item->codebase_id)->changes, item->kind, item->path,
            item->old_path);
        free(item);
    }
    /* Under a steady load the queue is never empty and idle() never called. */
    (void)send_due(notify, false);
}

static uint64_t idle(void *self)
{
    return send_due(self, false);
}

static void stop(void *self)
{
    struct notify *notify = self;
    struct channel *channel, *next;
    (void)send_due(notify, true);
    pg_close(notify->pg);
    HASH_ITER (hh, notify->channels, channel, next) {
        HASH_DEL(notify->channels, channel);
        changes_free(channel->changes);
        free(channel);
    }
}

static const struct stage_ops notify_ops = {
    .name = "notify",
    .max_batch = 256,
    .work = work,
    .idle = idle,
    .stop = stop,
};

bool notify_new(
    const struct notify_settings *settings, struct notify **ret_notify, struct error *err)
{
    struct notify *notify = memory_new(1, sizeof(*notify));
    notify->interval_ms = settings->interval_ms > 0 ? settings->interval_ms : DEFAULT_INTERVAL_MS;
    notify->give_up_ms = CLOCK_NEVER;
    notify->pg_settings = (struct pg_settings){
        .conninfo = settings->conninfo,
        .schema = settings->schema,
        .application_name = "srctab notify",
        .statement_timeout_ms = 5000,
        .give_up_ms = &notify->give_up_ms,
    };
    notify->stage = stage_new(&notify_ops, notify, 1, DEPTH, err);
    if (notify->stage == NULL) {
        free(notify);
        return false;
    }
    *ret_notify = notify;
    return true;
}

void notify_free(struct notify *notify)
{
    if (notify == NULL)
        return;
    atomic_store(&notify->give_up_ms, clock_monotonic_ms() + FREE_WAIT_MS);
    stage_join(notify->stage);
    free(notify);
}

static struct item *item_new(const struct job *job, enum change_kind kind)
{
    const char *old_path = job->old_path != NULL ? job->old_path : "";
    size_t id_size = strlen(job->codebase->codebase_id) + 1;
    size_t path_size = strlen(job->path) + 1;
    size_t old_size = strlen(old_path) + 1;
    struct item *item = memory_new(1, sizeof(*item) + id_size + path_size + old_size);
    char *at = (char *)(item + 1);
    item->kind = kind;
    item->codebase_id = memcpy(at, job->codebase->codebase_id, id_size);
    item->path = memcpy(at + id_size, job->path, path_size);
    item->old_path = memcpy(at + id_size + path_size, old_path, old_size);
    return item;
}

void notify_job(struct notify *notify, const struct job *job)
{
    static const enum change_kind kinds[OPERATIONS] = {
        [OPERATION_INGEST] = CHANGE_CREATED,
        [OPERATION_UPDATE] = CHANGE_CHANGED,
        [OPERATION_DELETE] = CHANGE_DELETED,
        [OPERATION_MOVE] = CHANGE_MOVED,
    };
    bool taken = false;
    for (enum sink_id id = 0; id < SINKS; id++)
        taken = taken || job->half[id].status == HALF_OK;
    if (!taken)
        return;
    struct item *item = item_new(job, kinds[job->operation]);
    if (stage_try_push(notify->stage, item, STAGE_NORMAL))
        return;
    free(item);
    atomic_store(&notify->overflowed, true);
}
