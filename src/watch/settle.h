/*
 * settle.h - decides when a changed path has been quiet long enough to be read, and keeps one job a
 * path. One instance a root. Pure: no clock, no descriptors; every time is passed in, in ms of
 * CLOCK_MONOTONIC, and never goes back. Thread: main only.
 *
 *                     settle_note                          settle_next
 *   (unknown) ──────────────► waiting ──(due)──► ready ──────────────► in flight
 * ──settle_finished──► (unknown), or waiting if noted meanwhile ▲                  ▲ │ │ │
 * └────settle_put_back───┘ │ └──────────────────settle_defer─────────────┘
 *
 * Due: debounce_ms after the last note; fast_ms after it when the writer is done; at once for pace
 * NOW; never later than max_delay_ms after the first note. Memory: one entry a path, however many
 * events.
 */
#ifndef WATCH_SETTLE_H
#define WATCH_SETTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct settle;

enum change {
    CHANGE_CHANGED, /* created, written, or of other attributes: what it is now, its stat says */
    CHANGE_GONE,
    CHANGE_MOVED /* content as it was, at another path */
};

/* Order among paths that are due. */
enum settle_class { SETTLE_FLASH, SETTLE_NORMAL, SETTLE_BULK, SETTLE_CLASSES };

/* Of paths of one class the heavier one is taken first; 0 is the usual weight. */
enum { SETTLE_WEIGHT_MIN = -4, SETTLE_WEIGHT_MAX = 4 };

/* What the source knows about the writer. */
enum settle_pace {
    SETTLE_WRITING, /* it may go on: wait for the quiet time */
    SETTLE_DONE, /* closed after writing, or renamed into place: the fast path, where settings allow
                    it */
    SETTLE_NOW   /* no event at all (scan, request): due at once */
};

struct settle_settings {
    uint32_t debounce_ms;  /* quiet time; 0: every note is due at once */
    uint32_t max_delay_ms; /* longest wait since the first note; 0: none */
    uint32_t fast_ms;      /* quiet time of the fast path */
    bool fast_path;        /* allowed at all */
};

#define SETTLE_SETTINGS_DEFAULT                                                                    \
    ((struct settle_settings){                                                                     \
        .debounce_ms = 500, .max_delay_ms = 2000, .fast_ms = 10, .fast_path = true})

struct settle_change {
    const char *path;     /* relative to the root, bytes, copied */
    const char *old_path; /* CHANGE_MOVED only */
    enum change change;
    enum settle_class class;
    enum settle_pace pace;
    int weight; /* SETTLE_WEIGHT_MIN to _MAX, clamped: a heavier path overtakes others of its class
                 */
};

/* A path that was handed out; strings live until settle_finished() for that path. */
struct settle_item {
    const char *path;
    const char *old_path; /* CHANGE_MOVED; this path is held too until the move is finished */
    enum change change;
    enum settle_class class;
    bool fast;    /* came by the fast path: read it only if a lease proves that the writer is done,
                     else settle_defer(UNPROVEN) */
    bool overdue; /* waited max_delay_ms, or a barrier asks: read it as it is, busy or not */
    uint64_t first_ms;      /* first note that this job covers */
    uint64_t last_ms;       /* last one */
    uint32_t n_notes;       /* notes that became this one job */
    uint32_t busy_count;    /* deferrals of the busy episode that ends with this item; 0: none */
    uint64_t busy_since_ms; /* when that episode began */
    void *user;             /* what settle_attach() gave for the path, NULL otherwise */
};

/* Why a job gave its path back unread. */
enum settle_defer {
    SETTLE_BUSY,    /* somebody has it open for writing: 100, 200, 400, then every 1000 ms */
    SETTLE_TORN,    /* it changed while it was read: as busy */
    SETTLE_UNPROVEN /* fast, but no lease can be had: wait for the rest of the quiet time */
};

struct settle *settle_new(const struct settle_settings *settings);
void settle_free(struct settle *settle);

/** New settings; they hold for notes from now on, and for what waits from its last note. */
void settle_configure(
    struct settle *settle, const struct settle_settings *settings, uint64_t now_ms);

/**
 * Something happened to a path. Merges with what is waiting: the last of changed and gone wins, the
 * strongest class, weight and pace of the last note (but SETTLE_NOW below SETTLE_FLASH does not
 * hurry a path that events speak of). A move stays a move only while nothing else is known of
 * either path, and two moves in a row become one; otherwise it becomes gone (old) and changed
 * (new). A path in flight becomes dirty and waits again when its job is finished.
 */
void settle_note(struct settle *settle, const struct settle_change *change, uint64_t now_ms);

/** Take the next due path: strongest class first, within it the heaviest, then the oldest. It is in
 * flight from now on. False: nothing is due. */
CHECKED bool settle_next(struct settle *settle, uint64_t now_ms, struct settle_item *ret_item);

/** The path just taken could not be handed on (a queue is full): ready again, first of its class
 * and weight. */
void settle_put_back(struct settle *settle, const char *path);

/** The job did not read its path. Unless it is asked for at once (barrier, max_delay_ms) it waits
 * as `why` says; a note with SETTLE_DONE re-arms it. */
void settle_defer(struct settle *settle, const char *path, enum settle_defer why, uint64_t now_ms);

/** The job of this path (for a move: the new one) is over, whatever came of it. Frees the entry
 * unless it was noted meanwhile. */
void settle_finished(struct settle *settle, const char *path, uint64_t now_ms);

/** Forget a path that waits (its root or folder is no longer ours). In flight: its job goes on,
 * what was noted since is forgotten. */
void settle_drop(struct settle *settle, const char *path, uint64_t now_ms);

/** When settle_next() can next return something: now_ms or less = now; CLOCK_NEVER: only after
 * another call. */
uint64_t settle_deadline_ms(const struct settle *settle);

/**
 * For the barrier (guarantees 6): everything known now is due at once and read as it is, busy or
 * not. Returns a ticket for settle_flush_done(): true once each of these paths is finished, dirty
 * ones once more. Later notes do not belong to it.
 */
uint32_t settle_flush_all(struct settle *settle, uint64_t now_ms);
bool settle_flush_done(const struct settle *settle, uint32_t ticket);
/** Call fn for each path that the ticket still waits for. */
void settle_flush_each(const struct settle *settle, uint32_t ticket,
    void (*fn)(void *user, const char *path), void *user);

struct settle_counts {
    size_t n_waiting;     /* not due yet, busy ones included */
    size_t n_ready;       /* due, not taken */
    size_t n_in_flight;   /* jobs; a move is one */
    size_t n_busy;        /* waiting because somebody writes */
    uint64_t n_notes;     /* since settle_new() */
    uint64_t n_coalesced; /* notes that found their path waiting, ready or dirty */
    uint64_t n_deferrals; /* settle_defer() with SETTLE_BUSY or SETTLE_TORN */
    uint64_t oldest_ms; /* first note of the oldest path that is not in flight; CLOCK_NEVER: none */
};

void settle_count(const struct settle *settle, struct settle_counts *ret_counts);

/** Paths that wait, are ready or in flight. 0: at rest. */
size_t settle_n_pending(const struct settle *settle);

/** Is there a job for this path, or a change that waits? */
bool settle_is_pending(const struct settle *settle, const char *path);

/** Remember a pointer with a path that is waiting, ready or in flight; it comes with each item of
 * it until the entry is freed. Borrowed. */
void settle_attach(struct settle *settle, const char *path, void *user);

#endif
