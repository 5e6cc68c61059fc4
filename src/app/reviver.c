#include "app/reviver.h"

#include <stdatomic.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stage.h"

#define FIRST_PAUSE_MS 1000
#define LONGEST_PAUSE_MS 30000 /* a full disk makes the server end again and again */

struct reviver {
    struct database *database;
    struct stage *stage;
    atomic_bool down;
    uint64_t next_ms, pause_ms; /* owner: the thread */
};

/* Nothing is ever queued: telling wakes the thread, and idle() does the work. */
static void no_work(void *self, void **items, size_t n_items)
{
    (void)self;
    (void)items;
    (void)n_items;
}

static uint64_t look_after(void *self)
{
    struct reviver *reviver = self;
    struct error err = ERROR_INIT;
    if (!atomic_load(&reviver->down)) {
        reviver->next_ms = 0;
        reviver->pause_ms = FIRST_PAUSE_MS;
        return CLOCK_NEVER;
    }
    uint64_t now_ms = clock_monotonic_ms();
    if (now_ms < reviver->next_ms)
        return reviver->next_ms - now_ms;
    if (!database_revive(reviver->database, &err))
        log_error(LOG_WARN, &err);
    reviver->next_ms = clock_monotonic_ms() + reviver->pause_ms;
    uint64_t pause_ms = reviver->pause_ms;
    reviver->pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    return pause_ms;
}

static const struct stage_ops ops = {.name = "reviver", .work = no_work, .idle = look_after};

bool reviver_new(struct database *database, struct reviver **ret_reviver, struct error *err)
{
    struct reviver *reviver = memory_new(1, sizeof(*reviver));
    reviver->database = database;
    reviver->pause_ms = FIRST_PAUSE_MS;
    atomic_init(&reviver->down, false);
    reviver->stage = stage_new(&ops, reviver, 1, 1, err);
    if (reviver->stage == NULL) {
        free(reviver);
        return false;
    }
    *ret_reviver = reviver;
    return true;
}

void reviver_free(struct reviver *reviver)
{
    if (reviver == NULL)
        return;
    atomic_store(&reviver->down, false);
    stage_join(reviver->stage);
    free(reviver);
}

void reviver_tell(struct reviver *reviver, bool database_up)
{
    if (reviver == NULL || atomic_exchange(&reviver->down, !database_up) == !database_up)
        return;
    stage_wake(reviver->stage);
}
