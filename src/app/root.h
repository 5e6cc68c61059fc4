/* root.h - one root: a folder of the disk, its names, its rules, and what main knows of its files.
 * Thread: main only. */
#ifndef APP_ROOT_H
#define APP_ROOT_H

#include <stdbool.h>
#include <stdint.h>

#include "app/config.h"
#include "app/debt.h"
#include "app/known.h"
#include "app/task.h"
#include "app/wish.h"
#include "base/buf.h"
#include "model/counter.h"
#include "model/job.h"
#include "watch/settle.h"
#include "watch/watch.h"

struct daemon;

enum root_phase {
    ROOT_STARTING,  /* no compare asked for yet: first scan not done, offline, or not ours */
    ROOT_COMPARING, /* the tables are read; nothing is written meanwhile */
    ROOT_LIVE       /* rows and disk are being kept equal */
};

/* How a root is to be watched; strings are borrowed by root_new() and root_configure(). */
struct root_settings {
    const char *path;           /* absolute */
    const char *given_id;       /* --id or folders[].codebase; NULL: derived */
    const char *const *include; /* NULL-ended or NULL */
    const char *const *exclude;
    bool recursive;
    uint32_t debounce_ms;
    unsigned sinks;     /* SINK_BIT mask */
    const char *source; /* file | cli | sql */
    int64_t watch_id;   /* of its row in watch_folders; 0: not known yet */
};

/* Paths as one block of NUL-ended strings. */
struct inferred {
    struct buf paths;
    size_t n;
};

struct root {
    struct root *next;
    struct daemon *daemon;
    struct arena *arena;
    struct codebase codebase;
    char *branch;
    struct root_handle *handle; /* NULL while the root is offline */
    struct filter *filter;
    struct watch_root *watched;
    struct settle *settle;
    struct debts *debts;
    struct known known;
    struct wishes *wishes;
    enum root_phase phase;
    bool owned;   /* the lock of the codebase is ours, and no older writer is left */
    bool scanned; /* the first scan is done */
    bool online;
    bool said_standby, closing;
    bool polled;
    unsigned sinks;
    char *include_text,
        *exclude_text; /* patterns as one text, to see whether a reload changes them */
    char *source;
    int64_t watch_id;
    bool recursive;
    uint32_t debounce_ms;
    uint16_t generation; /* of the last compare */
    unsigned in_flight;
    uint64_t bulk_until_ms; /* changes count as bulk until then: a branch was changed, or a storm is
                               on */
    uint64_t rate_since_ms;
    unsigned rate_count; /* changes noted since then */
    struct inferred
        inferred;      /* deletes that a scan inferred, until it is done and the guard has spoken */
    uint64_t unwanted; /* files that turned out to be no source: a name without ending, no `#!` line
                          of ours */
    uint64_t folders_skipped; /* unreadable ones; skipped files are counted among the files */
    uint64_t guarded_deletes; /* inferred and refused at the last scan */
    uint64_t compare_retry_ms;
    uint64_t stale_rows;  /* of the compare under way or just done: files to look at */
    uint64_t total, done; /* files of the catch-up, for progress */
    uint64_t total_bytes, done_bytes;
    struct counters counters;
};

/** Make a root and start to watch it. Its rows are not touched before root_owned(). Errors:
 * ERROR_WATCH, ERROR_CONFIG. */
CHECKED bool root_new(struct daemon *daemon, const struct root_settings *settings,
    struct root **ret_root, struct error *err);

/** The filter of a root with these patterns (NULL-ended or NULL) under the configuration, which it
 * borrows. */
struct filter *root_filter_new(
    const struct config *config, const char *const *include, const char *const *exclude);

/** Stop watching and free. No job of it may be in flight. */
void root_free(struct root *root);

/** New patterns, debounce, sinks, recursion for a running root; what is the same has no effect. */
void root_configure(struct root *root, const struct root_settings *settings, uint64_t now_ms);

/** Open the folder anew after it appeared or was replaced; keeps the old descriptor for jobs that
 * use it. False: it cannot be opened now. */
bool root_open(struct root *root);
void root_close(struct root *root);

void root_handle_release(struct root_handle *handle);

/** Patterns that root_new() joined into one text, as a NULL-ended list in arena; NULL: none. */
const char *const *root_patterns(const char *text, struct arena *arena);

/** Is `inner` the folder `outer` or below it? Both absolute, compared as text. */
bool path_lies_in(const char *inner, const char *outer);

/** The root of a codebase_id, or NULL. */
struct root *root_by_codebase(struct daemon *daemon, const char *codebase_id);

/** All numbers of counter.def for the root as they are now. */
void root_counters(struct root *root, struct counters *ret_counters);

#endif
