/* core.h - the state that the parts of the watch core share. Private to watch/. Thread: main only.
 */
#ifndef WATCH_CORE_H
#define WATCH_CORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/stage.h"
#include "watch/limbo.h"
#include "watch/notify.h"
#include "watch/outer.h"
#include "watch/tree.h"
#include "watch/watch.h"

#define LIMBO_FOLDER_MS 500   /* a moved folder is seen again in microseconds, or after a rescan */
#define LIMBO_MAX_FILES 20000 /* more at once are a deletion, not moves */
#define LIMBO_FILE_MS 50      /* the two halves of a file's move lie side by side in the queue */
#define ROOT_RETRY_MS 2000    /* where no event can tell that a root is back */
#define STUCK_RETRY_MS 20
#define FDS 32

/* Why a folder is listed: 0 = an event, 1 + enum watch_scan = part of that scan. */
enum tag {
    TAG_EVENT,
    TAG_FIRST,
    TAG_OVERFLOW,
    TAG_RECONCILE,
    TAG_FILTER,
    TAG_POLL,
    TAG_RETURNED,
    TAG_REPLACED,
    TAG_MOUNTS,
    TAGS
};

/* Bits of folder.work. */
enum work {
    WORK_QUEUED = 1,
    WORK_DEEP = 2, /* and all folders below it */
    WORK_SENT = 4  /* a sweep thread is listing it */
};

struct work_list {
    uint32_t first, last; /* linked by folder.work_prev, work_next */
    uint32_t count;
};

struct scan_progress {
    bool active;      /* begun and not yet reported as done */
    uint32_t pending; /* folders of this scan that are queued or being listed */
    uint64_t started_ms, changed, gone;
};

struct sweeper;
struct link_set;
struct link_key;
struct link_name;
struct anchors;
struct mounts;

struct watch_root {
    struct watch *watch;
    uint16_t id;
    char *path;
    char *excludes_file;
    struct watch_root_settings settings; /* its strings are the two above */
    struct outer_rules outer;
    enum watch_root_state state;
    bool polled;
    bool remote; /* its file system may hang: main stays away from it */
    bool first_done;
    bool recheck;       /* something above it moved: compare its identity */
    bool rearm;         /* and watch the folders above it anew */
    bool head_moved;    /* report branch_changed() */
    bool outer_changed; /* read the outer ignore files again */
    bool limit_said;
    uint32_t folder; /* its own node; 0: never seen yet */
    dev_t device;    /* of the folder when last online; its inode is in the node */
    uint64_t mount_id;
    uint64_t retry_ms;  /* look for it again at this time; CLOCK_NEVER: events will tell */
    uint64_t rescan_ms; /* some folder could not be opened for want of descriptors */
    uint64_t n_files;
    struct work_list work;
    struct scan_progress scans[TAGS];
    bool overflowed; /* a deep scan is owed */
    uint64_t overflow_due_ms, overflow_pause_ms;
    uint64_t reconcile_due_ms;
    uint64_t sweep_due_ms, sweep_started_ms, sweep_took_ms; /* of a polled root or folders */
    uint64_t sweep_barrier;      /* the last barrier that the running sweep serves */
    uint64_t sweep_done_barrier; /* and the last finished one */
    uint32_t n_polled;           /* folders with NODE_POLLED */
    struct sweeper *sweeper;     /* of a polled root */
    struct anchors *anchors;
    struct mounts *mounts; /* mount points below it */
};

/* Descriptors of folders, open only while there is something to do, so that nobody's umount fails
 * for us. */
struct fd_slot {
    uint32_t folder; /* 0: empty */
    int fd;
};

/* The folder whose entries are being checked: its path and the ignore files that count there. */
struct place {
    uint32_t folder; /* 0: nothing is known */
    struct buf path; /* with a slash at its end, "" for the root */
    struct ignore_level *levels;
    size_t n_levels, capacity;
};

/* The one folder that is being listed; may be put aside between two calls of watch_run(). */
struct listing {
    uint32_t folder; /* 0: none */
    uint16_t root;
    uint8_t work, tag;
    int fd;
    bool sweeping; /* all names are read: what was not met is checked by name */
    size_t got, at;
    char *buffer;
};

struct barrier {
    uint64_t id;
    uint64_t read_bytes; /* notify.read_bytes must reach this */
};

struct watch {
    const struct watch_events *events;
    struct watch_settings settings;
    uint64_t now_ms;
    uint64_t wall_ns;
    struct tree tree;
    struct notify notify;
    struct limbo limbo;
    struct link_set *link_sets; /* owner: links */
    struct link_name *link_names;
    struct link_key *links_due;
    size_t n_links_due, links_due_capacity;
    bool links_incomplete;     /* some names of a file are not known */
    struct watch_root **roots; /* by id - 1; NULL: free */
    size_t n_roots;
    struct fd_slot fds[FDS];
    unsigned next_fd;
    struct place place;
    struct listing listing;
    struct buf scratch[3];   /* old path, new path, path of a report: never nested */
    struct buf rechecks;     /* owner: recheck; root and path of each */
    struct mailbox *mailbox; /* of the sweeps */
    void **mail;
    size_t mail_capacity;
    struct sweeper *orphans; /* of removed roots, while their thread is still away */
    int mounts_fd;
    struct barrier *barriers;
    size_t n_barriers;
    uint64_t last_barrier, done_barrier;
    uint64_t stuck_until_ms; /* folders that cannot be opened now are tried again then */
    bool left_over;          /* there is more to do at once */
    size_t next_root;        /* who is served first next time */
    uint64_t random;
    struct watch_counters counters;
};

static inline struct watch_root *core_root(const struct watch *watch, uint16_t id)
{
    return watch->roots[id - 1];
}

static inline struct watch_root *core_root_of(const struct watch *watch, uint32_t handle)
{
    return core_root(watch, tree_node(&watch->tree, handle)->root);
}

#endif
