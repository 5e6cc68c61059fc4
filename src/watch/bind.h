/* bind.h - folders and their kernel watches: which node is the folder that was just opened?
 * Thread: main only. */
#ifndef WATCH_BIND_H
#define WATCH_BIND_H

#include "watch/core.h"

/** Give the folder this watch; several roots' folders may share one. */
void bind_watch(struct watch *watch, uint32_t folder, int wd);
/** Take it away; the kernel's watch is given back with its last folder. */
void bind_unwatch(struct watch *watch, uint32_t folder);
/** The kernel dropped the watch: its folders have none any more. */
void bind_ignored(struct watch *watch, int wd);
/** The root's folder with this watch, 0 if none. */
uint32_t bind_find(const struct watch *watch, const struct watch_root *root, int wd);

/** NODE_POLLED on or off. */
void bind_polled(struct watch *watch, uint32_t folder, bool polled);

/** Report limit_reached(), once as long as folders of the root are polled for it. */
void bind_say_limit(struct watch *watch, struct watch_root *root);

/** A folder that is polled for want of a watch: is there one by now? */
void bind_retry(struct watch *watch, uint32_t folder, int fd);

/** Detach an attached folder and keep it for a while. */
void bind_to_limbo(struct watch *watch, uint32_t folder, enum watch_cause cause);

/**
 * The folder open at fd (-1: only its inode is known, the root is polled) is called `name` in
 * `folder`: which node is it? Known ones are moved there, new ones are made, what held the name
 * before is vanished by the callback. *ret_list: must be listed with all below it. Returns 0 when
 * that cannot be said yet: the tree is behind, and what is to be looked at again is queued.
 */
uint32_t bind_folder(struct watch *watch, uint32_t folder, const char *name, int fd, uint64_t inode,
    uint8_t tag, bool *ret_list);

#endif
