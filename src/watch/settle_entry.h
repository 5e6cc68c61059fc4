/*
 * settle_entry.h - the table behind settle.h: one entry a path, a heap of those that wait, one FIFO
 * a class and weight of those that are due. Keeps order and memory; knows no rule. Used by settle.c
 * alone. Thread: main only.
 */
#ifndef WATCH_SETTLE_ENTRY_H
#define WATCH_SETTLE_ENTRY_H

#include <uthash.h>

#include "watch/settle.h"

enum entry_state {
    ENTRY_LOOSE, /* in no order: just made, or between two states */
    ENTRY_WAITING,
    ENTRY_READY,
    ENTRY_IN_FLIGHT,
    ENTRY_HELD /* the old path of a move that is not finished; `mover` is the new one */
};

/* What was noted and is not yet covered by a job. */
struct entry_notes {
    uint32_t n_notes;
    uint32_t ticket; /* oldest barrier that waits for it; 0: none */
    enum change change;
    enum settle_class class;
    enum settle_pace pace;
    uint64_t first_ms;
    uint64_t last_ms;
};

struct entry {
    UT_hash_handle hh;
    enum entry_state state;
    struct entry_notes notes; /* waiting, ready: to do; in flight: what the job covers */
    struct entry_notes dirty; /* in flight, held: noted meanwhile; n_notes 0: nothing */
    struct entry *source;     /* CHANGE_MOVED: the held entry of the old path */
    struct entry *mover;      /* ENTRY_HELD */
    uint64_t age_ms;   /* max_delay_ms counts from here: first note, or the end of the job it came
                          during */
    uint64_t due_ms;   /* ENTRY_WAITING */
    size_t heap_index; /* ENTRY_WAITING */
    struct entry *previous; /* ENTRY_READY */
    struct entry *next;
    uint64_t deferred_ms; /* last settle_defer() */
    uint64_t busy_since_ms;
    uint32_t busy_count; /* deferrals of this busy episode */
    uint32_t busy_level; /* place in the back-off; 0: not backing off */
    int8_t weight;       /* changes only while it is in no order */
    bool unproven;       /* no lease can be had: the fast path is of no use */
    bool taken_overdue;  /* the last item said so */
    void *user;
    size_t length;
    char path[];
};

enum { ENTRY_WEIGHTS = SETTLE_WEIGHT_MAX - SETTLE_WEIGHT_MIN + 1 };

struct entry_fifo {
    struct entry *first;
    struct entry *last;
};

struct entry_table {
    struct entry *by_path; /* uthash */
    struct entry **heap;
    size_t n_waiting;
    size_t heap_capacity;
    struct entry_fifo ready[SETTLE_CLASSES][ENTRY_WEIGHTS]; /* heaviest first */
    size_t n_ready;
};

/** NULL: none. */
struct entry *entry_find(const struct entry_table *table, const char *path);
/** A loose entry; the path must not be in the table. */
struct entry *entry_add(struct entry_table *table, const char *path);
/** Take it out of whatever order it is in and free it. */
void entry_remove(struct entry_table *table, struct entry *entry);
void entry_table_release(struct entry_table *table);

/** Waiting or ready becomes loose; other states stay. */
void entry_detach(struct entry_table *table, struct entry *entry);
/** A loose entry waits until due_ms. */
void entry_wait(struct entry_table *table, struct entry *entry, uint64_t due_ms);
/** A loose entry is due: last, or first, of its class and weight. */
void entry_ready(struct entry_table *table, struct entry *entry, bool first);

/** The waiting entry that is due first; NULL: none waits. */
struct entry *entry_next_due(const struct entry_table *table);
/** The first ready entry of the strongest class and, in it, the greatest weight; NULL: none. */
struct entry *entry_next_ready(const struct entry_table *table);

#endif
