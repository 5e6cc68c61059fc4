/* place.h - where a folder of the tree is on the disk: its path, the ignore files that count there,
 * an open descriptor. Thread: main only. */
#ifndef WATCH_PLACE_H
#define WATCH_PLACE_H

#include "watch/core.h"

enum place_state {
    PLACE_FOUND,
    PLACE_DETACHED, /* in limbo */
    PLACE_STALE,    /* its path leads elsewhere or nowhere: the tree is behind the disk */
    PLACE_ROOT,     /* the root itself is not what it was */
    PLACE_REFUSED   /* no permission, no descriptor left, I/O error: errno says */
};

/** True when the node hangs below its root's folder (not in limbo). */
bool place_is_attached(const struct watch *watch, uint32_t handle);

/** Append the path its rows have: for what is in limbo, where it was before. */
void place_add_path(const struct watch *watch, uint32_t handle, struct buf *out);

/** Make watch->place speak of this attached folder. */
void place_enter(struct watch *watch, uint32_t folder);
/** Paths or rules have changed. */
void place_forget(struct watch *watch);

/**
 * A descriptor (O_RDONLY) of the folder, checked by device and inode; owned by the cache and good
 * until the next place_open(). -1: *ret_state says why.
 */
int place_open(struct watch *watch, uint32_t folder, enum place_state *ret_state);
/** Hand a descriptor to the cache. */
void place_put_fd(struct watch *watch, uint32_t folder, int fd);
/** Take the folder's descriptor out of the cache; -1 if it has none. */
int place_take_fd(struct watch *watch, uint32_t folder);
void place_close_fd(struct watch *watch, uint32_t folder);
void place_close_all(struct watch *watch);

/** Open a folder below dir_fd without following links or entering another mount or another device
 * than the root's (errno EXDEV). -1: errno. Thread: any. */
int place_open_child(dev_t device, int dir_fd, const char *name, uint64_t *ret_inode);

#endif
