#include "app/debt.h"

#include <uthash.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/job.h"

/* Thousands of debts share a handful of reasons. */
struct reason {
    UT_hash_handle hh;
    size_t uses;
    char sqlstate[6];
    char text[];
};

struct entry {
    struct debt debt;
    struct reason *reason;
    UT_hash_handle hh;
    struct entry *next, *previous; /* in order of next_ms; entries under way are in no list */
    bool listed;
    char path[];
};

struct debts {
    struct debt_settings settings;
    struct entry *by_path;
    struct entry *first, *last;
    struct reason *reasons;
    unsigned held; /* sinks that cannot be written now */
    size_t counts[SINKS];
};

struct debts *debts_new(const struct debt_settings *settings)
{
    struct debts *debts = memory_new(1, sizeof(*debts));
    debts->settings = *settings;
    return debts;
}

static void unlist(struct debts *debts, struct entry *entry)
{
    if (!entry->listed)
        return;
    *(entry->previous != NULL ? &entry->previous->next : &debts->first) = entry->next;
    *(entry->next != NULL ? &entry->next->previous : &debts->last) = entry->previous;
    entry->next = entry->previous = NULL;
    entry->listed = false;
}

/* Times mostly grow, so the place is found from the end. */
static void list(struct debts *debts, struct entry *entry, uint64_t next_ms)
{
    unlist(debts, entry);
    entry->debt.next_ms = next_ms;
    if ((entry->debt.sinks & ~debts->held) == 0)
        return;
    struct entry *before = debts->last;
    while (before != NULL && before->debt.next_ms > next_ms)
        before = before->previous;
    entry->previous = before;
    entry->next = before != NULL ? before->next : debts->first;
    *(entry->next != NULL ? &entry->next->previous : &debts->last) = entry;
    *(before != NULL ? &before->next : &debts->first) = entry;
    entry->listed = true;
}

static void set_sinks(struct debts *debts, struct entry *entry, unsigned sinks)
{
    for (unsigned id = 0; id < SINKS; id++) {
        debts->counts[id] -= (entry->debt.sinks & SINK_BIT(id)) != 0;
        debts->counts[id] += (sinks & SINK_BIT(id)) != 0;
    }
    entry->debt.sinks = sinks;
}

static void forget_reason(struct debts *debts, struct entry *entry)
{
    if (entry->reason == NULL || --entry->reason->uses > 0)
        return;
    HASH_DEL(debts->reasons, entry->reason);
    free(entry->reason);
}

static void set_reason(
    struct debts *debts, struct entry *entry, const char *text, const char *sqlstate)
{
    struct reason *reason = NULL;
    HASH_FIND_STR(debts->reasons, text, reason);
    if (reason == NULL) {
        size_t size = strlen(text) + 1;
        reason = memory_new(1, sizeof(*reason) + size);
        memcpy(reason->text, text, size);
        HASH_ADD_KEYPTR(hh, debts->reasons, reason->text, size - 1, reason);
    }
    (void)snprintf(reason->sqlstate, sizeof(reason->sqlstate), "%s", sqlstate);
    reason->uses++;
    forget_reason(debts, entry);
    entry->reason = reason;
    entry->debt.reason = reason->text;
    entry->debt.sqlstate = reason->sqlstate;
}

static struct entry *find(const struct debts *debts, const char *path)
{
    struct entry *entry = NULL;
    HASH_FIND_STR(debts->by_path, path, entry);
    return entry;
}

static void drop(struct debts *debts, struct entry *entry)
{
    unlist(debts, entry);
    set_sinks(debts, entry, 0);
    forget_reason(debts, entry);
    HASH_DEL(debts->by_path, entry);
    free(entry);
}

void debts_free(struct debts *debts)
{
    struct entry *entry, *next;
    if (debts == NULL)
        return;
    HASH_ITER (hh, debts->by_path, entry, next)
        drop(debts, entry);
    free(debts);
}

static uint64_t delay_ms(const struct debts *debts, unsigned tries)
{
    size_t n = debts->settings.n_delays;
    if (tries == 0 && n > 0)
        return debts->settings.delays_ms[0];
    return tries <= n ? debts->settings.delays_ms[tries - 1] : debts->settings.slow_ms;
}

const struct debt *debts_add(struct debts *debts, const char *path, unsigned sinks, bool counted,
    const char *reason, const char *sqlstate, uint64_t now_ms)
{
    struct entry *entry = find(debts, path);
    if (entry == NULL) {
        size_t size = strlen(path) + 1;
        entry = memory_new(1, sizeof(*entry) + size);
        memcpy(entry->path, path, size);
        entry->debt.path = entry->path;
        HASH_ADD_KEYPTR(hh, debts->by_path, entry->path, size - 1, entry);
    }
    set_sinks(debts, entry, entry->debt.sinks | sinks);
    if (counted)
        entry->debt.tries++;
    set_reason(debts, entry, reason, sqlstate);
    list(debts, entry, now_ms + delay_ms(debts, entry->debt.tries));
    return &entry->debt;
}

void debts_paid(struct debts *debts, const char *path, unsigned sinks)
{
    struct entry *entry = find(debts, path);
    if (entry == NULL)
        return;
    set_sinks(debts, entry, entry->debt.sinks & ~sinks);
    if (entry->debt.sinks == 0)
        drop(debts, entry);
}

const struct debt *debts_find(const struct debts *debts, const char *path)
{
    const struct entry *entry = find(debts, path);
    return entry != NULL ? &entry->debt : NULL;
}

unsigned debts_of(const struct debts *debts, const char *path)
{
    const struct entry *entry = find(debts, path);
    return entry != NULL ? entry->debt.sinks : 0;
}

const struct debt *debts_next(struct debts *debts, uint64_t now_ms)
{
    struct entry *entry = debts->first;
    if (entry == NULL || entry->debt.next_ms > now_ms)
        return NULL;
    unlist(debts, entry);
    entry->debt.next_ms = CLOCK_NEVER;
    return &entry->debt;
}

void debts_hold(struct debts *debts, unsigned sinks)
{
    debts->held |= sinks;
    for (struct entry *entry = debts->first, *next; entry != NULL; entry = next) {
        next = entry->next;
        if ((entry->debt.sinks & ~debts->held) == 0)
            unlist(debts, entry);
    }
}

void debts_due(struct debts *debts, unsigned sinks, uint64_t now_ms)
{
    struct entry *entry, *next;
    debts->held &= ~sinks;
    HASH_ITER (hh, debts->by_path, entry, next)
        if ((entry->debt.sinks & sinks) != 0 && entry->debt.next_ms != CLOCK_NEVER)
            list(debts, entry, now_ms);
}

uint64_t debts_deadline_ms(const struct debts *debts)
{
    return debts->first != NULL ? debts->first->debt.next_ms : CLOCK_NEVER;
}

size_t debts_count(const struct debts *debts, unsigned sinks)
{
    if (sinks == SINK_ALL)
        return HASH_COUNT(debts->by_path);
    return (sinks & SINK_BIT(SINK_FILES)) != 0      ? debts->counts[SINK_FILES]
           : (sinks & SINK_BIT(SINK_METADATA)) != 0 ? debts->counts[SINK_METADATA]
                                                    : 0;
}

void debts_each(
    const struct debts *debts, void (*each)(void *user, const struct debt *debt), void *user)
{
    struct entry *entry, *next;
    HASH_ITER (hh, debts->by_path, entry, next)
        each(user, &entry->debt);
}
