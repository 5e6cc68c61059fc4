/* notify.h - the one inotify descriptor: kernel watches, which folder each belongs to, and the
 * bytes of its queue. Thread: main only. Rules of the kernel: inotify(7). */
#ifndef WATCH_NOTIFY_H
#define WATCH_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>

#include "base/error.h"

/* What a watched folder tells: names and contents. Neither OPEN nor ACCESS: our own reads would
 * come back as events. */
#define NOTIFY_MASK                                                                                \
    (IN_CREATE | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM |              \
        IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK)

/* What else may be watched; the kernel adds up what is asked for one inode. */
#define NOTIFY_MASK_SELF (IN_DELETE_SELF | IN_MOVE_SELF) /* it was removed or renamed: no noise */
#define NOTIFY_MASK_NAMES (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR)
#define NOTIFY_MASK_CONTENTS (NOTIFY_MASK_NAMES | IN_CLOSE_WRITE)

struct notify_slot {
    int32_t wd;        /* 0: empty; the kernel counts from 1 */
    uint32_t folder;   /* first of those with this wd; 0: none, only borrowed */
    uint32_t borrowed; /* times notify_borrow() took it */
};

struct notify {
    int fd; /* -1: there is none, everything is polled */
    struct notify_slot *slots;
    uint32_t capacity, used;
    uint64_t read_bytes; /* since the start */
    char *buffer;
};

/** Errors: ERROR_WATCH with the sysctl as hint; notify->fd is -1 then and all calls still work. */
CHECKED bool notify_init(struct notify *notify, struct error *err);
void notify_release(struct notify *notify);

/** Watch the folder open at dir_fd (O_PATH will do). The kernel gives one descriptor an inode: the
 * same as before if it is watched already. Returns it, or -1 with errno (ENOSPC: no more). */
int notify_watch(struct notify *notify, int dir_fd);

/** First folder of a watch, 0 if none. */
uint32_t notify_folder(const struct notify *notify, int wd);

/** Set it; 0 gives the kernel's watch back unless it is borrowed. */
void notify_set_folder(struct notify *notify, int wd, uint32_t folder);

/** Watch a folder (or link) that need not be in any tree, by one of the three masks. Counted: give
 * back as often. -1: errno. */
int notify_borrow(struct notify *notify, int fd, uint32_t mask);
void notify_give_back(struct notify *notify, int wd);
bool notify_is_borrowed(const struct notify *notify, int wd);

/** The kernel dropped this watch by itself (IN_IGNORED). */
void notify_forget(struct notify *notify, int wd);

/** Bytes waiting in the kernel (FIONREAD). */
size_t notify_queue_bytes(const struct notify *notify);

/** Read some events into notify->buffer. Returns bytes, 0 when there are none. */
size_t notify_read(struct notify *notify);

#endif
