/*
 * watch.h - keeps a picture of each root's files equal to the disk and reports every difference.
 * The facade of this layer: one inotify descriptor, any number of roots, scans, polling. Reads no
 * contents of ingested files, runs no SQL. Thread: main only; all calls and all callbacks.
 *
 *   main: poll(watch_pollfds() + its own, until watch_deadline_ms()) ──► watch_run() ──► callbacks
 *
 * The rule that makes it right: a folder's identity is its watch descriptor (its inode); a name in
 * an event is only a hint that this name is worth a look; what stat says is the truth. So order,
 * lost pairs, exchanges, cycles, overflows and moves in and out are one code path, and every
 * check may run again at any time.
 *
 * Life of a root:
 *   watch_root_add() ─► scanning ─► scan_done(WATCH_SCAN_FIRST) ─► live ─► watch_root_remove()
 *   offline (missing, unreadable, another file system in its place) and back at any time.
 * The first scan reports no file by itself (but changes that happen meanwhile are reported):
 * when it is done, main compares the tables with watch_file_get(), watch_file_mark() and
 * watch_each_unmarked().
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "watch/filter.h"

struct watch;
struct watch_root;

/* Why something is reported. Only deletes of a cause >= WATCH_CAUSE_RECONCILE are inferred: the
 * mass-delete guard is for them. */
enum watch_cause {
    WATCH_CAUSE_EVENT,     /* the kernel said so */
    WATCH_CAUSE_FILTER,    /* ignore files or the root's filter changed */
    WATCH_CAUSE_POLL,      /* seen by a sweep of a root or folder that gives no events */
    WATCH_CAUSE_OVERFLOW,  /* by the scan after the kernel's queue overflowed */
    WATCH_CAUSE_REPLACED,  /* the root itself was made anew (or its link flipped): another inode */
    WATCH_CAUSE_RECONCILE, /* by the periodic scan: no event had told */
    WATCH_CAUSE_RETURNED,  /* the root was offline and is back */
    WATCH_CAUSE_MOUNTS     /* something was mounted or unmounted below the root */
};

/* How sure is it that nobody writes the file now. */
enum watch_hint {
    WATCH_MODIFIED,    /* written to, made, linked, or seen by a scan */
    WATCH_WRITER_DONE, /* closed after writing, or moved into place */
    WATCH_ATTRIBUTES   /* only mode, owner or times: the file may have become readable */
};

enum watch_scan {
    WATCH_SCAN_FIRST,
    WATCH_SCAN_OVERFLOW,
    WATCH_SCAN_RECONCILE,
    WATCH_SCAN_FILTER,
    WATCH_SCAN_POLL,     /* one sweep of a polled root */
    WATCH_SCAN_RETURNED, /* after offline */
    WATCH_SCAN_REPLACED
};

enum watch_root_state {
    WATCH_ROOT_SCANNING, /* first scan */
    WATCH_ROOT_ONLINE,
    WATCH_ROOT_OFFLINE /* rows are kept; comes back by itself */
};

enum watch_mode { WATCH_MODE_AUTO, WATCH_MODE_INOTIFY, WATCH_MODE_POLL };

/* What one finished scan saw. */
struct watch_scan_result {
    enum watch_scan scan;
    uint64_t files;   /* files that the root has now */
    uint64_t changed; /* reported by this scan */
    uint64_t gone;    /* reported by this scan */
    uint64_t duration_ms;
};

/*
 * Callbacks; each is called from within watch_run() or the call that names it. user: of the root.
 * Paths are relative to the root, bytes, NUL-terminated, valid during the call only. A callback
 * may call the watch_file_* lookups and watch_root_* getters, but must not add, remove or run.
 */
struct watch_events {
    /** The file is new or has changed. st: as seen now. Idempotent; may come often for one path. */
    void (*file_changed)(void *user, const char *path, const struct stat *st, enum watch_hint hint,
        enum watch_cause cause);
    /** No such file any more (or it is no longer wanted: WATCH_CAUSE_FILTER). */
    void (*file_gone)(void *user, const char *path, enum watch_cause cause);
    /** A clean file (no change reported since watch_file_synced()) has another name now, same
     * device, inode, size and mtime; nothing was at the new path and nothing is at the old one.
     * signature: stat_signature() at the new place. Else gone and changed are reported instead. */
    void (*file_moved)(void *user, const char *old_path, const char *new_path, uint64_t signature);
    /** A folder cannot be read: its rows are kept (watch_path_is_unreadable()), it is tried again
     * when its mode changes and by reconcile. sys_errno 0: it can be read again, ENOENT: it is
     * gone; then rows below it that watch_file_get() does not know after the next quiet moment (a
     * barrier) are stale, and nothing else tells: what was not readable has no nodes. */
    void (*unreadable)(void *user, const char *path, int sys_errno);
    /** The path is over WATCH_PATH_MAX bytes: it gets no row. Once as long as the file exists. */
    void (*path_too_long)(void *user, const char *path);
    /** reason: a sentence for people, "" when online. */
    void (*root_state)(void *user, enum watch_root_state state, const char *reason);
    /** A scan of the root is complete; all it had to report was reported before. */
    void (*scan_done)(void *user, const struct watch_scan_result *result);
    /** HEAD of the repository that the root lies in was rewritten (also: appeared, vanished). */
    void (*branch_changed)(void *user);
    /** The kernel has no more watches: from here on some folders of this root are polled. Once a
     * root until all are watched again. advice carries the sentence and, as hint, the sysctl. */
    void (*limit_reached)(void *user, const struct error *advice);
};

struct watch_settings {
    const struct watch_events *events; /* borrowed */
    uint64_t reconcile_ms; /* full check of each inotify root, with 10 % jitter; 0: never */
    uint64_t slice_ms;     /* longest time watch_run() takes; 0: 20 */
};

struct watch_root_settings {
    const char *path;            /* absolute; copied. May be or contain a symbolic link: followed,
                                    also when it is flipped later */
    const struct filter *filter; /* borrowed until the root is removed or gets another */
    bool gitignore;              /* read .gitignore, .ignore and the outer files */
    const char *excludes_file;   /* core.excludesFile, absolute; NULL: none; copied */
    bool recursive;              /* false: only the files of the root itself */
    uint32_t max_depth;          /* folders below the root that are entered; 0: no limit */
    enum watch_mode mode;        /* AUTO: by the file system; inotify where it tells everything */
    uint64_t poll_ms; /* shortest pause between sweeps; they take at most 5 % of a core */
    void *user;       /* for the callbacks */
};

#define WATCH_PATH_MAX 2600 /* bytes: what fits an index entry */

/* ---- the whole ---- */

/** One inotify descriptor for all roots. Where none can be had (fs.inotify.max_user_instances) all
 * roots are polled and each says so by limit_reached(). Errors: ERROR_WATCH. */
struct watch *watch_new(const struct watch_settings *settings, struct error *err);
void watch_free(struct watch *watch);

/** Descriptors to poll(2) for: inotify, /proc/self/mountinfo (POLLPRI), the sweeps' mailbox. One
 * that is not in use has fd -1. Fill anew before each poll(2). */
#define WATCH_POLLFDS 3
void watch_pollfds(const struct watch *watch, struct pollfd ret_fds[WATCH_POLLFDS]);

/** When watch_run() wants to be called at the latest though no descriptor is ready; monotonic ms,
 * CLOCK_NEVER: not before. 0 = at once: work is left over from the last slice. */
uint64_t watch_deadline_ms(const struct watch *watch);

/** Take in what is ready: read events until EAGAIN, check names, continue scans, expire limbo, all
 * within about slice_ms. fds: as filled by poll(2); NULL: look at all of them. */
void watch_run(struct watch *watch, uint64_t now_ms, const struct pollfd fds[WATCH_POLLFDS]);

/* ---- roots ---- */

/**
 * Watch a root; its first scan runs in the next calls of watch_run(). Nested, overlapping and equal
 * roots are fine; each has its own tree. A root that is missing now is not an error: it starts
 * offline and appears later. The path is looked at once, but not where the mount table says that
 * another machine or program serves it: such a root is polled by a thread of its own (unless mode
 * is INOTIFY). Errors: ERROR_USAGE for a path that is not absolute or not a folder.
 */
CHECKED bool watch_root_add(struct watch *watch, const struct watch_root_settings *settings,
    struct watch_root **ret_root, struct error *err);

/** Forget the root without any callback. */
void watch_root_remove(struct watch *watch, struct watch_root *root);

/** Decide anew by another filter: what is no longer wanted is reported gone, what is now wanted
 * changed (WATCH_CAUSE_FILTER), then scan_done(WATCH_SCAN_FILTER). The old filter is no longer used
 * after the call. depth and recursive are taken from the settings, too; path, mode and user stay.
 */
void watch_root_replace_filter(
    struct watch *watch, struct watch_root *root, const struct watch_root_settings *settings);

enum watch_root_state watch_root_state(const struct watch_root *root);
/** True when the whole root is polled. */
bool watch_root_is_polled(const struct watch_root *root);
uint64_t watch_root_files(const struct watch_root *root);
/** Look at everything below the root again (what reconcile does), soon. */
void watch_root_rescan(struct watch *watch, struct watch_root *root);

/** The filter's answer for any path of the root, by the ignore files as they are known now.
 * ret_reason may be NULL; its strings are valid until the next watch_run(). */
enum filter_verdict watch_root_check(const struct watch_root *root, const char *path,
    bool is_directory, struct filter_reason *ret_reason);

/* ---- files: compare at start, clean files ---- */

struct watch_file {
    uint64_t signature; /* stat_signature() as last seen */
    bool clean;         /* nothing reported since watch_file_synced() */
};

/** False: the root has no such file that is to be ingested. ret_file may be NULL. */
bool watch_file_get(const struct watch_root *root, const char *path, struct watch_file *ret_file);

/** True when a folder on the way to the path cannot be read: what its rows say is not known to be
 * wrong, so they are kept. */
bool watch_path_is_unreadable(const struct watch_root *root, const char *path);

/**
 * Both tables hold this version; signature: of the descriptor that was read. To be called after
 * each job that wrote or found equal, when no change of the path was reported since the job opened
 * the file (settle_finished() knows). If the tree has another version the file is looked at again:
 * what was read may have been at the path for a moment only. Otherwise the file is clean from now
 * on.
 */
void watch_file_synced(struct watch_root *root, const char *path, uint64_t signature);

/**
 * Opening the file of a reported change said ENOENT or ENOTDIR. It may have been away for a moment
 * only, with a folder above it that was moved there and back, of which no event remains to be read:
 * the name is looked at again and reported as changed or gone. Must be called, or the row may be
 * missing. A path that is not in the tree was reported gone already: nothing happens.
 */
void watch_file_not_found(struct watch_root *root, const char *path);

/** Note that a table has this path. generation: 1..65535, another one for each compare. */
void watch_file_mark(struct watch_root *root, const char *path, uint16_t generation);

/** Each file that was not marked with the generation, in no order. The tree must not be run
 * meanwhile. */
void watch_each_unmarked(struct watch_root *root, uint16_t generation,
    void (*each)(void *user, const char *path, uint64_t signature), void *user);

/** Each file of the root, in no order. */
void watch_each(struct watch_root *root,
    void (*each)(void *user, const char *path, uint64_t signature), void *user);

/* ---- barrier (guarantees 6) ---- */

/**
 * Everything that was written to watched roots before this call is reported before
 * watch_barrier_done() says true: the bytes now in the kernel's queue (FIONREAD) are read, folders
 * to be looked at again, scans and ignore files are finished, limbo is expired, and each polled
 * root or folder ran one sweep that began after the call. Go on calling watch_run() (the deadline
 * is at once while something is left to do). Any number of barriers may be open.
 */
uint64_t watch_barrier_begin(struct watch *watch, uint64_t now_ms);
bool watch_barrier_done(struct watch *watch, uint64_t barrier);

/* ---- numbers ---- */

struct watch_counters {
    uint64_t events_received; /* from the kernel */
    uint64_t events_filtered; /* of them: names that no filter wants */
    uint64_t overflows;
    uint64_t rescans;        /* deep scans begun: overflow, reconcile, filter, returned */
    uint64_t missed_events;  /* differences that only a reconcile found */
    uint64_t moves;          /* files reported as moved */
    uint64_t sweeps;         /* of polled roots and folders */
    uint64_t watches;        /* kernel watches held */
    uint64_t folders, files; /* nodes in all trees */
    uint64_t folders_polled; /* for want of watches, or in polled roots */
    uint64_t limbo;          /* moved away and not yet seen again */
    uint64_t queued_folders; /* waiting to be listed */
    uint64_t queue_bytes;    /* FIONREAD of the inotify descriptor, now */
    uint64_t tree_bytes;     /* memory of the trees */
    uint64_t roots, roots_offline;
};

void watch_counters(const struct watch *watch, struct watch_counters *ret_counters);

#endif
