#include "watch/settle.h"

#include "base/arena.h"
#include "base/clock.h"
#include "watch/settle_entry.h"

#include <assert.h>

/* A barrier that is not through: how many notes it waits for. */
struct flush {
    uint32_t ticket;
    size_t n_left;
};

struct settle {
    struct settle_settings settings;
    struct entry_table table;
    struct flush *flushes; /* oldest first */
    size_t n_flushes;
    size_t flush_capacity;
    uint32_t last_ticket;
    size_t n_in_flight;
    uint64_t n_notes;
    uint64_t n_coalesced;
    uint64_t n_deferrals;
};

static const uint32_t busy_delays_ms[] = {100, 200, 400, 1000};

struct settle *settle_new(const struct settle_settings *settings)
{
    struct settle *settle = memory_new(1, sizeof(*settle));
    settle->settings = *settings;
    return settle;
}

void settle_free(struct settle *settle)
{
    if (settle == NULL)
        return;
    entry_table_release(&settle->table);
    free(settle->flushes);
    free(settle);
}

static void hold_ticket(struct settle *settle, uint32_t ticket)
{
    for (size_t i = 0; i < settle->n_flushes; i++) {
        if (settle->flushes[i].ticket == ticket)
            settle->flushes[i].n_left++;
    }
}

static void release_ticket(struct settle *settle, struct entry_notes *notes)
{
    for (size_t i = 0; i < settle->n_flushes; i++) {
        struct flush *flush = &settle->flushes[i];
        if (flush->ticket != notes->ticket)
            continue;
        if (--flush->n_left == 0) {
            settle->n_flushes--;
            memmove(flush, flush + 1, (settle->n_flushes - i) * sizeof(*flush));
        }
        break;
    }
    notes->ticket = 0;
}

static uint64_t earlier(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* When max_delay_ms is over. */
static uint64_t limit_ms(const struct settle *settle, const struct entry *entry)
{
    uint32_t max_delay_ms = settle->settings.max_delay_ms;
    return max_delay_ms > 0 ? entry->age_ms + max_delay_ms : CLOCK_NEVER;
}

static bool may_be_fast(const struct settle *settle, const struct entry *entry)
{
    return settle->settings.fast_path && !entry->unproven && entry->notes.pace == SETTLE_DONE &&
           entry->notes.change != CHANGE_GONE;
}

static uint64_t due_ms(const struct settle *settle, const struct entry *entry)
{
    if (entry->busy_level > 0) {
        uint64_t retry_ms = entry->deferred_ms + busy_delays_ms[entry->busy_level - 1];
        /* Who gave a path back although it was to be read as it is gets no second chance at once:
         * that would spin. */
        if (entry->taken_overdue)
            return retry_ms;
        return entry->notes.ticket != 0 ? 0 : earlier(retry_ms, limit_ms(settle, entry));
    }
    if (entry->notes.ticket != 0)
        return 0;
    uint32_t quiet_ms = settle->settings.debounce_ms;
    if (entry->notes.pace == SETTLE_NOW)
        quiet_ms = 0;
    else if (may_be_fast(settle, entry) && settle->settings.fast_ms < quiet_ms)
        quiet_ms = settle->settings.fast_ms;
    return earlier(entry->notes.last_ms + quiet_ms, limit_ms(settle, entry));
}

static void schedule(struct settle *settle, struct entry *entry, uint64_t now_ms)
{
    assert(entry->state == ENTRY_LOOSE);
    uint64_t due = due_ms(settle, entry);
    if (due <= now_ms)
        entry_ready(&settle->table, entry, false);
    else
        entry_wait(&settle->table, entry, due);
}

void settle_configure(
    struct settle *settle, const struct settle_settings *settings, uint64_t now_ms)
{
    settle->settings = *settings;
    struct entry *entry;
    struct entry *following;
    HASH_ITER (hh, settle->table.by_path, entry, following) {
        if (entry->state != ENTRY_WAITING)
            continue;
        entry_detach(&settle->table, entry);
        schedule(settle, entry, now_ms);
    }
}

static void add_note(struct entry_notes *notes, const struct settle_change *change, uint64_t now_ms)
{
    bool is_first = notes->n_notes++ == 0;
    notes->change = change->change;
    if (is_first || change->class < notes->class)
        notes->class = change->class;
    if (is_first)
        notes->first_ms = now_ms;
    /* A scan that meets a path which events speak of says nothing about its writer. */
    if (!is_first && change->pace == SETTLE_NOW && change->class != SETTLE_FLASH)
        return;
    notes->pace = change->pace;
    notes->last_ms = now_ms;
}

static int8_t weight_of(const struct settle_change *change)
{
    int weight = change->weight < SETTLE_WEIGHT_MAX ? change->weight : SETTLE_WEIGHT_MAX;
    return (int8_t)(weight > SETTLE_WEIGHT_MIN ? weight : SETTLE_WEIGHT_MIN);
}

/* The writer is done, or there is nothing left to be written to: no reason to back off. */
static void end_back_off(struct entry *entry, const struct entry_notes *news)
{
    if (news->pace == SETTLE_DONE || news->change == CHANGE_GONE)
        entry->busy_level = 0;
}

/* A move that waits becomes what it would have been without: the old path gone, the new one
 * changed. */
static void split_move(struct settle *settle, struct entry *entry, uint64_t now_ms)
{
    struct entry *source = entry->source;
    entry->source = NULL;
    entry->notes.change = CHANGE_CHANGED;
    source->mover = NULL;
    source->notes = entry->notes;
    source->notes.change = CHANGE_GONE;
    source->age_ms = entry->age_ms;
    source->state = ENTRY_LOOSE;
    hold_ticket(settle, source->notes.ticket);
    schedule(settle, source, now_ms);
}

static void note_new(struct settle *settle, const struct settle_change *change, uint64_t now_ms)
{
    struct entry *entry = entry_add(&settle->table, change->path);
    entry->age_ms = now_ms;
    entry->weight = weight_of(change);
    add_note(&entry->notes, change, now_ms);
    schedule(settle, entry, now_ms);
}

/* A note about one path; `change` is not a move. */
static void note_path(struct settle *settle, const struct settle_change *change, uint64_t now_ms)
{
    struct entry *entry = entry_find(&settle->table, change->path);
    if (entry == NULL) {
        note_new(settle, change, now_ms);
        return;
    }
    settle->n_coalesced++;
    const struct entry *holder = entry->state == ENTRY_HELD ? entry->mover : entry;
    if (holder->state == ENTRY_IN_FLIGHT) {
        add_note(&entry->dirty, change, now_ms);
        return;
    }
    if (entry->state == ENTRY_HELD)
        split_move(settle, entry->mover, now_ms);
    else if (entry->source != NULL)
        split_move(settle, entry, now_ms);
    entry_detach(&settle->table, entry);
    entry->weight = weight_of(change);
    add_note(&entry->notes, change, now_ms);
    end_back_off(entry, &entry->notes);
    schedule(settle, entry, now_ms);
}

static void note_as(struct settle *settle, const struct settle_change *change, const char *path,
    enum change what, uint64_t now_ms)
{
    struct settle_change single = *change;
    single.path = path;
    single.change = what;
    single.old_path = NULL;
    note_path(settle, &single, now_ms);
}

/* Two paths of which nothing is known yet. */
static void note_pure_move(
    struct settle *settle, const struct settle_change *change, uint64_t now_ms)
{
    struct entry *source = entry_add(&settle->table, change->old_path);
    struct entry *entry = entry_add(&settle->table, change->path);
    source->state = ENTRY_HELD;
    source->mover = entry;
    entry->source = source;
    entry->age_ms = now_ms;
    source->weight = entry->weight = weight_of(change);
    add_note(&entry->notes, change, now_ms);
    schedule(settle, entry, now_ms);
}

/* a became b and nothing was done yet, now b becomes c: a becomes c, and whatever b was before is
 * gone. */
static void note_further_move(struct settle *settle, const struct settle_change *change,
    struct entry *middle, uint64_t now_ms)
{
    struct entry *source = middle->source;
    struct entry *entry = entry_add(&settle->table, change->path);
    entry->notes = middle->notes;
    entry->age_ms = middle->age_ms;
    entry->weight = weight_of(change);
    entry->source = source;
    source->mover = entry;
    hold_ticket(settle, entry->notes.ticket);
    add_note(&entry->notes, change, now_ms);
    schedule(settle, entry, now_ms);
    middle->source = NULL;
    note_as(settle, change, middle->path, CHANGE_GONE, now_ms);
}

static void note_move(struct settle *settle, const struct settle_change *change, uint64_t now_ms)
{
    struct entry *old = entry_find(&settle->table, change->old_path);
    const struct entry *new = entry_find(&settle->table, change->path);
    bool old_is_move = old != NULL && old->source != NULL && old->state != ENTRY_IN_FLIGHT;
    if (old == NULL && new == NULL && strcmp(change->old_path, change->path) != 0) {
        note_pure_move(settle, change, now_ms);
    } else if (old_is_move && new == NULL) {
        note_further_move(settle, change, old, now_ms);
    } else {
        note_as(settle, change, change->old_path, CHANGE_GONE, now_ms);
        note_as(settle, change, change->path, CHANGE_CHANGED, now_ms);
    }
}

void settle_note(struct settle *settle, const struct settle_change *change, uint64_t now_ms)
{
    settle->n_notes++;
    if (change->change == CHANGE_MOVED)
        note_move(settle, change, now_ms);
    else
        note_path(settle, change, now_ms);
}

static void fill_item(const struct settle *settle, const struct entry *entry, uint64_t now_ms,
    struct settle_item *ret_item)
{
    const struct entry_notes *notes = &entry->notes;
    bool overdue = notes->ticket != 0 || now_ms >= limit_ms(settle, entry);
    bool quiet = now_ms >= notes->last_ms + settle->settings.debounce_ms;
    *ret_item = (struct settle_item){
        .path = entry->path,
        .old_path = entry->source != NULL ? entry->source->path : NULL,
        .change = notes->change,
        .class = notes->class,
        .fast = !overdue && !quiet && notes->change == CHANGE_CHANGED && may_be_fast(settle, entry),
        .overdue = overdue,
        .first_ms = notes->first_ms,
        .last_ms = notes->last_ms,
        .n_notes = notes->n_notes,
        .busy_count = entry->busy_count,
        .busy_since_ms = entry->busy_since_ms,
        .user = entry->user,
    };
}

bool settle_next(struct settle *settle, uint64_t now_ms, struct settle_item *ret_item)
{
    struct entry *entry;
    while ((entry = entry_next_due(&settle->table)) != NULL && entry->due_ms <= now_ms) {
        entry_detach(&settle->table, entry);
        entry_ready(&settle->table, entry, false);
    }
    entry = entry_next_ready(&settle->table);
    if (entry == NULL)
        return false;
    entry_detach(&settle->table, entry);
    fill_item(settle, entry, now_ms, ret_item);
    entry->state = ENTRY_IN_FLIGHT;
    entry->taken_overdue = ret_item->overdue;
    settle->n_in_flight++;
    return true;
}

/* The entry of a path that settle_next() handed out; loose from now on. */
static struct entry *land(struct settle *settle, const char *path)
{
    struct entry *entry = entry_find(&settle->table, path);
    assert(entry != NULL && entry->state == ENTRY_IN_FLIGHT);
    entry->state = ENTRY_LOOSE;
    settle->n_in_flight--;
    return entry;
}

/* What was noted meanwhile joins what is still to be done. */
static void absorb_dirty(struct settle *settle, struct entry *entry)
{
    struct entry_notes *dirty = &entry->dirty;
    if (dirty->n_notes == 0)
        return;
    struct entry_notes *notes = &entry->notes;
    notes->n_notes += dirty->n_notes;
    notes->change = dirty->change;
    notes->pace = dirty->pace;
    notes->last_ms = dirty->last_ms;
    if (dirty->class < notes->class)
        notes->class = dirty->class;
    if (notes->ticket == 0)
        notes->ticket = dirty->ticket;
    else
        release_ticket(settle, dirty); /* the older barrier stands for both */
    *dirty = (struct entry_notes){0};
    end_back_off(entry, notes);
}

/* A move that was given back stays one only if nobody touched either path meanwhile. */
static void reconsider_move(struct settle *settle, struct entry *entry, uint64_t now_ms)
{
    struct entry *source = entry->source;
    if (source == NULL || (entry->dirty.n_notes == 0 && source->dirty.n_notes == 0))
        return;
    split_move(settle, entry, now_ms);
    entry_detach(&settle->table, source);
    absorb_dirty(settle, source);
    schedule(settle, source, now_ms);
}

void settle_put_back(struct settle *settle, const char *path)
{
    struct entry *entry = land(settle, path);
    reconsider_move(settle, entry, entry->notes.last_ms);
    absorb_dirty(settle, entry);
    entry_ready(&settle->table, entry, true);
}

static void back_off(struct settle *settle, struct entry *entry, uint64_t now_ms)
{
    if (entry->busy_count++ == 0)
        entry->busy_since_ms = now_ms;
    if (entry->busy_level < ARRAY_SIZE(busy_delays_ms))
        entry->busy_level++;
    entry->deferred_ms = now_ms;
    settle->n_deferrals++;
}

void settle_defer(struct settle *settle, const char *path, enum settle_defer why, uint64_t now_ms)
{
    struct entry *entry = land(settle, path);
    if (why == SETTLE_UNPROVEN)
        entry->unproven = true;
    else
        back_off(settle, entry, now_ms);
    reconsider_move(settle, entry, now_ms);
    absorb_dirty(settle, entry);
    schedule(settle, entry, now_ms);
}

/* The job is over: the entry goes, or what was noted meanwhile begins anew. */
static void finish_entry(struct settle *settle, struct entry *entry, uint64_t now_ms)
{
    if (entry->dirty.n_notes == 0) {
        entry_remove(&settle->table, entry);
        return;
    }
    entry->notes = entry->dirty;
    entry->dirty = (struct entry_notes){0};
    entry->age_ms = now_ms;
    entry->source = entry->mover = NULL;
    entry->busy_level = entry->busy_count = 0;
    entry->busy_since_ms = 0;
    entry->unproven = entry->taken_overdue = false;
    entry->state = ENTRY_LOOSE;
    schedule(settle, entry, now_ms);
}

void settle_finished(struct settle *settle, const char *path, uint64_t now_ms)
{
    struct entry *entry = land(settle, path);
    release_ticket(settle, &entry->notes);
    if (entry->source != NULL)
        finish_entry(settle, entry->source, now_ms);
    finish_entry(settle, entry, now_ms);
}

void settle_drop(struct settle *settle, const char *path, uint64_t now_ms)
{
    struct entry *entry = entry_find(&settle->table, path);
    if (entry == NULL)
        return;
    const struct entry *holder = entry->state == ENTRY_HELD ? entry->mover : entry;
    if (holder->state == ENTRY_IN_FLIGHT) {
        release_ticket(settle, &entry->dirty);
        entry->dirty = (struct entry_notes){0};
        return;
    }
    if (entry->state == ENTRY_HELD)
        split_move(settle, entry->mover, now_ms);
    else if (entry->source != NULL)
        split_move(settle, entry, now_ms);
    release_ticket(settle, &entry->notes);
    entry_remove(&settle->table, entry);
}

uint64_t settle_deadline_ms(const struct settle *settle)
{
    if (settle->table.n_ready > 0)
        return 0;
    const struct entry *entry = entry_next_due(&settle->table);
    return entry != NULL ? entry->due_ms : CLOCK_NEVER;
}

static size_t give_ticket(struct entry_notes *notes, uint32_t ticket)
{
    if (notes->n_notes == 0 || notes->ticket != 0)
        return 0;
    notes->ticket = ticket;
    return 1;
}

uint32_t settle_flush_all(struct settle *settle, uint64_t now_ms)
{
    uint32_t ticket = ++settle->last_ticket;
    size_t n_left = 0;
    struct entry *entry;
    struct entry *following;
    HASH_ITER (hh, settle->table.by_path, entry, following) {
        n_left += give_ticket(&entry->notes, ticket) + give_ticket(&entry->dirty, ticket);
        if (entry->state != ENTRY_WAITING)
            continue;
        entry_detach(&settle->table, entry);
        schedule(settle, entry, now_ms);
    }
    if (n_left == 0)
        return ticket;
    if (settle->n_flushes == settle->flush_capacity) {
        settle->flush_capacity = settle->flush_capacity > 0 ? 2 * settle->flush_capacity : 4;
        settle->flushes =
            memory_resize(settle->flushes, settle->flush_capacity, sizeof(struct flush));
    }
    settle->flushes[settle->n_flushes++] = (struct flush){.ticket = ticket, .n_left = n_left};
    return ticket;
}

bool settle_flush_done(const struct settle *settle, uint32_t ticket)
{
    return settle->n_flushes == 0 || settle->flushes[0].ticket > ticket;
}

static bool is_waited_for(const struct entry_notes *notes, uint32_t ticket)
{
    return notes->ticket != 0 && notes->ticket <= ticket;
}

void settle_flush_each(const struct settle *settle, uint32_t ticket,
    void (*fn)(void *user, const char *path), void *user)
{
    const struct entry *entry;
    const struct entry *following;
    HASH_ITER (hh, settle->table.by_path, entry, following) {
        if (is_waited_for(&entry->notes, ticket) || is_waited_for(&entry->dirty, ticket))
            fn(user, entry->path);
    }
}

void settle_count(const struct settle *settle, struct settle_counts *ret_counts)
{
    *ret_counts = (struct settle_counts){
        .n_waiting = settle->table.n_waiting,
        .n_ready = settle->table.n_ready,
        .n_in_flight = settle->n_in_flight,
        .n_notes = settle->n_notes,
        .n_coalesced = settle->n_coalesced,
        .n_deferrals = settle->n_deferrals,
        .oldest_ms = CLOCK_NEVER,
    };
    const struct entry *entry;
    const struct entry *following;
    HASH_ITER (hh, settle->table.by_path, entry, following) {
        if (entry->state != ENTRY_WAITING && entry->state != ENTRY_READY)
            continue;
        ret_counts->n_busy += entry->state == ENTRY_WAITING && entry->busy_level > 0;
        ret_counts->oldest_ms = earlier(ret_counts->oldest_ms, entry->notes.first_ms);
    }
}

size_t settle_n_pending(const struct settle *settle)
{
    return HASH_COUNT(settle->table.by_path);
}

bool settle_is_pending(const struct settle *settle, const char *path)
{
    return entry_find(&settle->table, path) != NULL;
}

void settle_attach(struct settle *settle, const char *path, void *user)
{
    struct entry *entry = entry_find(&settle->table, path);
    if (entry != NULL)
        entry->user = user;
}
