/* mounts.h - file systems that come and go below a root: inotify says nothing when something is
 * mounted over a watched folder; /proc/self/mountinfo does (proc(5)). Thread: main only. */
#ifndef WATCH_MOUNTS_H
#define WATCH_MOUNTS_H

#include <stdbool.h>

#include "watch/core.h"

/** By the mount table alone, without touching the path: does it lie on a file system that another
 * machine or program serves? Links on the way are not followed. */
bool mounts_is_remote(const char *path);

/** The mount table has changed: look at each root again, and at the folders below which mount
 * points appeared or vanished. */
void mounts_changed(struct watch *watch);

/** Remember the mount points below a new root. */
void mounts_note(struct watch *watch, struct watch_root *root);

void mounts_free(struct watch_root *root);

#endif
