/* root.h - a root as a whole: is it there, is it the same folder as before, what is due for it.
 * Thread: main only. */
#ifndef WATCH_ROOT_H
#define WATCH_ROOT_H

#include "watch/core.h"

/** What one look at the root's path says. */
struct root_sight {
    int sys_errno; /* 0: a folder that can be opened */
    dev_t device;
    uint64_t inode;
    uint64_t mount_id;
    bool empty;
    bool no_events; /* a file system that does not tell what others change */
};

/** Look (may block on a dead mount: a sweep's thread does it for polled roots). *ret_fd: the open
 * folder, -1 when sys_errno is set; caller closes. Thread: any. */
void root_look(const char *path, struct root_sight *ret_sight, int *ret_fd);

/** Draw the conclusions: new, the same, back, replaced, offline. fd: as of root_look(). */
void root_seen(
    struct watch *watch, struct watch_root *root, const struct root_sight *sight, int fd);

/** Look at an inotify root again if something asks for it. */
void root_recheck(struct watch *watch, struct watch_root *root);

/** A scan of the root has ended. */
void root_scanned(struct watch *watch, struct watch_root *root, uint8_t tag, uint64_t duration_ms);

/** Begin what is due: overflow scans, reconcile, the look at folders without a watch. */
void root_begin_due(struct watch *watch, struct watch_root *root);

/** When something is due next; 0: at once. */
uint64_t root_deadline_ms(const struct watch *watch, const struct watch_root *root);

/** Nothing is left to do for a barrier of this number. */
bool root_is_quiet(const struct watch *watch, const struct watch_root *root, uint64_t barrier);

#endif
