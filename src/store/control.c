#include "store/control.h"

#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/stage.h"
#include "base/utf8.h"
#include "store/control_private.h"
#include "store/pg_listen.h"
#include "store/statistics.h"

#define ORDERS_MAX 100000
#define ACKS_AT_ONCE 500
#define STATISTICS_MS 5000
#define AGAIN_MS 2000 /* after a statement that the server refused */
#define FREE_WAIT_MS 2000
#define STATEMENT_TIMEOUT_MS 15000

void control_event_free(struct control_event *event)
{
    if (event != NULL)
        arena_free(event->arena);
}

void control_order_free(struct order *order)
{
    if (order != NULL)
        arena_free(order->arena);
}

static struct claim *find_claim(struct control *control, const char *codebase_id)
{
    struct claim *claim = NULL;
    HASH_FIND_STR(control->claims, codebase_id, claim);
    return claim;
}

/* ---- orders of main ---- */

static void take_own(struct control *control, const struct order *order)
{
    if (find_claim(control, order->codebase_id) != NULL)
        return;
    struct claim *claim = memory_new(1, sizeof(*claim));
    claim->codebase_id = memory_string(order->codebase_id);
    claim->depth.next_retry_ms = CLOCK_NEVER;
    HASH_ADD_KEYPTR(hh, control->claims, claim->codebase_id, strlen(claim->codebase_id), claim);
}

static void take_disown(struct control *control, const struct order *order)
{
    struct claim *claim = find_claim(control, order->codebase_id);
    if (claim != NULL)
        control_unclaim(control, claim);
}

static void take_statistics(struct control *control, const struct order *order)
{
    struct claim *claim = find_claim(control, order->codebase_id);
    if (claim == NULL || memcmp(&claim->counters, &order->counters, sizeof(claim->counters)) == 0)
        return;
    claim->counters = order->counters;
    claim->counters_changed = true;
}

static void take_order(struct control *control, struct order *order)
{
    static void (*const takers[])(struct control *, const struct order *) = {
        [ORDER_OWN] = take_own,
        [ORDER_DISOWN] = take_disown,
        [ORDER_STATISTICS] = take_statistics,
    };
    if (order->kind == ORDER_FOLDERS) {
        control_order_free(control->folders);
        control->folders = order;
    } else if (order->kind == ORDER_ACK || order->kind == ORDER_FAIL || order->kind == ORDER_DEAD) {
        *control->answers_end = order;
        control->answers_end = &order->next;
    } else {
        takers[order->kind](control, order);
        control_order_free(order);
    }
}

static void work(void *self, void **items, size_t n_items)
{
    for (size_t i = 0; i < n_items; i++)
        take_order(self, items[i]);
}

/* ---- what is due in a session; false with err: the connection is lost or a statement was refused
 * ---- */

/* An answered request leaves room for another one. */
static void forget_answer(struct control *control)
{
    struct order *order = control->answers;
    struct claim *claim = find_claim(control, order->codebase_id);
    if (claim != NULL) {
        /* Full: rows may wait. Failed: the row comes back. */
        if (claim->outstanding >= CONTROL_OUTSTANDING_MAX || order->kind == ORDER_FAIL)
            claim->queue_at_ms = 0;
        claim->outstanding -= claim->outstanding > 0;
        /* The last one of a burst: what was told about the queue is no longer so. */
        if (claim->outstanding == 0)
            claim->queue_at_ms = 0;
    }
    control->answers = order->next;
    if (control->answers == NULL)
        control->answers_end = &control->answers;
    control_order_free(order);
}

static bool write_acks(struct control *control, size_t *ret_n, struct error *err)
{
    const char *ids[ACKS_AT_ONCE];
    const struct order *first = control->answers;
    size_t n = 0;
    for (const struct order *at = first; at != NULL && n < ACKS_AT_ONCE; at = at->next) {
        if (at->kind != ORDER_ACK || strcmp(at->codebase_id, first->codebase_id) != 0)
            break;
        ids[n++] = at->queue_id;
    }
    *ret_n = n;
    return queue_ack(control->pg, first->codebase_id, ids, n, err);
}

static bool write_answer(struct control *control, size_t *ret_n, struct error *err)
{
    const struct order *order = control->answers;
    *ret_n = 1;
    if (order->kind == ORDER_ACK)
        return write_acks(control, ret_n, err);
    if (order->kind == ORDER_FAIL)
        return queue_fail(control->pg, order->codebase_id, order->queue_id,
            control->settings.max_attempts, order->reason, order->sqlstate, err);
    return queue_dead(
        control->pg, order->codebase_id, order->queue_id, order->reason, order->sqlstate, err);
}

static bool write_answers(struct control *control, struct error *err)
{
    while (control->answers != NULL) {
        size_t n = 1;
        if (!write_answer(control, &n, err) && pg_class_of(err->sqlstate) != PG_CLASS_BAD_ROW)
            return false;
        for (size_t i = 0; i < n; i++)
            forget_answer(control);
    }
    return true;
}

static bool exchange_folders(struct control *control, struct error *err)
{
    struct error refused = ERROR_INIT;
    struct order *order = control->folders;
    if (order != NULL && !folder_sync(control->pg, control->settings.schema, control->settings.host,
                             order->folders, order->n_folders, &refused)) {
        *err = refused;
        if (!pg_alive(control->pg))
            return false;
    }
    if (order != NULL)
        control->read_folders = control->folders_stored = true;
    control->folders = NULL;
    control_order_free(order);
    if (!control->read_folders || !control->folders_stored)
        return true;
    struct control_event *event = control_event_new(CONTROL_FOLDERS, NULL);
    struct folder *folders;
    if (!folder_read(
            control->pg, control->settings.host, event->arena, &folders, &event->n_folders, err)) {
        control_event_free(event);
        return false;
    }
    control->read_folders = false;
    event->folders = folders;
    event->error = refused;
    control_tell(control, event);
    return true;
}

static bool take_requests(struct control *control, struct claim *claim, struct error *err)
{
    struct control_event *event = control_event_new(CONTROL_REQUESTS, claim->codebase_id);
    struct request *requests;
    bool full = claim->outstanding >= CONTROL_OUTSTANDING_MAX;
    size_t limit = full ? CONTROL_OUTSTANDING_MAX : CONTROL_OUTSTANDING_MAX - claim->outstanding;
    bool ok = queue_take(control->pg, claim->codebase_id, limit,
        full ? QUEUE_PRIORITY_DELETE : INT32_MIN, event->arena, &requests, &event->n_requests, err);
    if (!ok || event->n_requests == 0) {
        control_event_free(event);
        return ok;
    }
    claim->outstanding += event->n_requests;
    event->requests = requests;
    control_tell(control, event);
    return true;
}

static bool look_into_queue(
    struct control *control, struct claim *claim, uint64_t now_ms, struct error *err)
{
    struct queue_depth depth;
    claim->queue_at_ms = now_ms + control->settings.poll_ms;
    if (!take_requests(control, claim, err) ||
        !queue_depth(control->pg, claim->codebase_id, &depth, err))
        return false;
    if (depth.next_retry_ms < control->settings.poll_ms)
        claim->queue_at_ms = now_ms + depth.next_retry_ms + 1;
    bool changed = depth.pending != claim->depth.pending || depth.running != claim->depth.running ||
                   depth.dead != claim->depth.dead;
    claim->depth = depth;
    if (!changed)
        return true;
    struct control_event *event = control_event_new(CONTROL_QUEUE, claim->codebase_id);
    event->depth = depth;
    control_tell(control, event);
    return true;
}

static bool serve_claim(
    struct control *control, struct claim *claim, uint64_t now_ms, struct error *err)
{
    if (!claim->owned && now_ms >= claim->try_at_ms && !control_claim(control, claim, now_ms, err))
        return false;
    return !claim->owned || now_ms < claim->queue_at_ms ||
           look_into_queue(control, claim, now_ms, err);
}

/* What is refused for one codebase does not hold up the others. */
static bool serve_claims(struct control *control, uint64_t now_ms, struct error *err)
{
    bool ok = true;
    for (struct claim *claim = control->claims; claim != NULL; claim = claim->hh.next) {
        ok = serve_claim(control, claim, now_ms, err) && ok;
        if (!pg_alive(control->pg))
            return false;
    }
    return ok;
}

static bool write_statistics(struct control *control, uint64_t now_ms, struct error *err)
{
    control->statistics_at_ms = now_ms + STATISTICS_MS;
    for (struct claim *claim = control->claims; claim != NULL; claim = claim->hh.next) {
        if (!claim->owned || !claim->counters_changed)
            continue;
        claim->counters_changed = false;
        if (!statistics_write(control->pg, claim->codebase_id, control->settings.daemon_id,
                &claim->counters, err))
            return false;
    }
    return true;
}

static void note(void *user, const char *channel, const char *payload UNUSED)
{
    struct control *control = user;
    if (strcmp(channel, "srctab_config") == 0)
        control->read_folders = true;
    if (strcmp(channel, "srctab_queue") != 0)
        return;
    for (struct claim *claim = control->claims; claim != NULL; claim = claim->hh.next)
        claim->queue_at_ms = 0;
}

/* Notifications may have been missed (a failover, a proxy): look at everything. */
static void poll_everything(struct control *control, uint64_t now_ms)
{
    control->poll_at_ms = now_ms + control->settings.poll_ms;
    control->read_folders = true;
    for (struct claim *claim = control->claims; claim != NULL; claim = claim->hh.next)
        claim->queue_at_ms = 0;
}

static bool be_present(struct control *control, struct error *err)
{
    for (struct claim *claim = control->claims; claim != NULL; claim = claim->hh.next)
        if (!control_be_present(control, claim, err))
            return false;
    return true;
}

/* Answers first: a row that is done must not be read again after a reconnect. */
static bool serve_session(struct control *control, uint64_t now_ms, struct error *err)
{
    if (!pg_notifications(control->pg, note, control, err))
        return false;
    if (now_ms >= control->poll_at_ms)
        poll_everything(control, now_ms);
    if (now_ms < control->answer_at_ms)
        return true;
    bool ok = write_answers(control, err);
    ok = pg_alive(control->pg) && be_present(control, err) && ok;
    ok = pg_alive(control->pg) && exchange_folders(control, err) && ok;
    ok = pg_alive(control->pg) && serve_claims(control, now_ms, err) && ok;
    if (pg_alive(control->pg) && now_ms >= control->statistics_at_ms)
        ok = write_statistics(control, now_ms, err) && ok;
    return ok && pg_notifications(control->pg, note, control, err);
}

static void step(struct control *control, uint64_t now_ms)
{
    struct error err = ERROR_INIT;
    if (control->pg == NULL && now_ms >= control->connect_at_ms)
        control_connect(control, now_ms);
    if (control->pg == NULL)
        return;
    if (serve_session(control, now_ms, &err)) {
        if (now_ms >= control->answer_at_ms)
            control->trouble_said = false;
        return;
    }
    if (!pg_alive(control->pg)) {
        control_lost(control, now_ms, &err);
        return;
    }
    control->answer_at_ms = now_ms + AGAIN_MS;
    if (!control->trouble_said)
        control_tell_error(control, CONTROL_TROUBLE, &err);
    control->trouble_said = true;
}

/* ---- the thread ---- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t next_deadline(const struct control *control)
{
    if (control->pg == NULL)
        return control->connect_at_ms;
    uint64_t at_ms = control->poll_at_ms;
    if ((control->read_folders && control->folders_stored) || control->answers != NULL ||
        control->folders != NULL)
        at_ms = 0;
    for (const struct claim *claim = control->claims; claim != NULL; claim = claim->hh.next) {
        at_ms = earlier(at_ms, claim->owned ? claim->queue_at_ms : claim->try_at_ms);
        if (claim->owned && claim->counters_changed)
            at_ms = earlier(at_ms, control->statistics_at_ms);
    }
    return at_ms > control->answer_at_ms ? at_ms : control->answer_at_ms;
}

static void wait_for_something(struct control *control)
{
    struct pollfd fds[] = {
        {.fd = control->wake_fd, .events = POLLIN},
        {.fd = control->pg != NULL ? pg_socket(control->pg) : -1, .events = POLLIN},
    };
    uint64_t count;
    (void)poll(
        fds, ARRAY_SIZE(fds), clock_poll_timeout_ms(clock_monotonic_ms(), next_deadline(control)));
    (void)!read(control->wake_fd, &count, sizeof(count));
}

static uint64_t idle(void *self)
{
    struct control *control = self;
    if (atomic_load(&control->stopping))
        return CLOCK_NEVER;
    step(control, clock_monotonic_ms());
    wait_for_something(control);
    return 0;
}

static void stop(void *self)
{
    struct control *control = self;
    struct error ignored = ERROR_INIT;
    if (control->pg != NULL && write_answers(control, &ignored))
        (void)!write_statistics(control, clock_monotonic_ms(), &ignored);
    pg_close(control->pg);
    control->pg = NULL;
    for (struct claim *claim, *next = control->claims; (claim = next) != NULL;) {
        next = claim->hh.next;
        control_unclaim(control, claim);
    }
    while (control->answers != NULL)
        forget_answer(control);
    control_order_free(control->folders);
}

static const struct stage_ops control_ops = {
    .name = "control",
    .max_batch = 256,
    .work = work,
    .idle = idle,
    .stop = stop,
};

static void set_defaults(struct control *control)
{
    struct control_settings *settings = &control->settings;
    settings->poll_ms = settings->poll_ms > 0 ? settings->poll_ms : 30000;
    settings->standby_ms = settings->standby_ms > 0 ? settings->standby_ms : 1000;
    settings->fence_ms = settings->fence_ms > 0 ? settings->fence_ms : 10000;
    settings->max_attempts = settings->max_attempts > 0 ? settings->max_attempts : 3;
    (void)snprintf(control->application_name, sizeof(control->application_name), "%s control",
        settings->daemon_id);
    control->pg_settings = (struct pg_settings){
        .conninfo = settings->conninfo,
        .schema = settings->schema,
        .application_name = control->application_name,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
        .synchronous_commit = true,
        .give_up_ms = &control->give_up_ms,
    };
}

bool control_new(
    const struct control_settings *settings, struct control **ret_control, struct error *err)
{
    struct control *control = memory_new(1, sizeof(*control));
    control->settings = *settings;
    control->give_up_ms = CLOCK_NEVER;
    control->answers_end = &control->answers;
    set_defaults(control);
    control->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (control->wake_fd < 0)
        memory_exhausted(0);
    control->stage = stage_new(&control_ops, control, 1, ORDERS_MAX, err);
    if (control->stage == NULL) {
        close(control->wake_fd);
        free(control);
        return false;
    }
    *ret_control = control;
    return true;
}

static void wake(struct control *control)
{
    (void)!write(control->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
}

void control_free(struct control *control)
{
    if (control == NULL)
        return;
    atomic_store(&control->give_up_ms, clock_monotonic_ms() + FREE_WAIT_MS);
    atomic_store(&control->stopping, true);
    wake(control);
    stage_join(control->stage);
    close(control->wake_fd);
    free(control);
}

/* ---- the side of main ---- */

static struct order *order_new(enum order_kind kind, const char *codebase_id)
{
    struct arena *arena = arena_new(1024);
    struct order *order = arena_alloc(arena, 1, sizeof(*order));
    order->kind = kind;
    order->arena = arena;
    order->codebase_id = codebase_id != NULL ? arena_string(arena, codebase_id) : NULL;
    return order;
}

static void give(struct control *control, struct order *order)
{
    /* Full only when a server hangs and main goes on reporting: what is lost then is read again by
     * the next owner. */
    if (!stage_try_push(control->stage, order, STAGE_NORMAL))
        control_order_free(order);
    else
        wake(control);
}

void control_own(struct control *control, const char *codebase_id)
{
    give(control, order_new(ORDER_OWN, codebase_id));
}

void control_disown(struct control *control, const char *codebase_id)
{
    give(control, order_new(ORDER_DISOWN, codebase_id));
}

static void give_answer(struct control *control, enum order_kind kind, const char *codebase_id,
    const char *queue_id, const char *reason, const char *sqlstate)
{
    struct order *order = order_new(kind, codebase_id);
    AUTO_BUF text = BUF_INIT;
    utf8_add_repaired(&text, reason, strlen(reason), true);
    order->queue_id = arena_string(order->arena, queue_id);
    order->reason = arena_string(order->arena, buf_string(&text));
    order->sqlstate = arena_string(order->arena, sqlstate != NULL ? sqlstate : "");
    give(control, order);
}

void control_ack(struct control *control, const char *codebase_id, const char *queue_id)
{
    give_answer(control, ORDER_ACK, codebase_id, queue_id, "", NULL);
}

void control_fail(struct control *control, const char *codebase_id, const char *queue_id,
    const char *reason, const char *sqlstate)
{
    give_answer(control, ORDER_FAIL, codebase_id, queue_id, reason, sqlstate);
}

void control_dead(struct control *control, const char *codebase_id, const char *queue_id,
    const char *reason, const char *sqlstate)
{
    give_answer(control, ORDER_DEAD, codebase_id, queue_id, reason, sqlstate);
}

void control_folders(struct control *control, const struct folder *folders, size_t n_folders)
{
    struct order *order = order_new(ORDER_FOLDERS, NULL);
    order->folders = folder_copy(order->arena, folders, n_folders);
    order->n_folders = n_folders;
    give(control, order);
}

void control_statistics(
    struct control *control, const char *codebase_id, const struct counters *counters)
{
    struct order *order = order_new(ORDER_STATISTICS, codebase_id);
    order->counters = *counters;
    give(control, order);
}
