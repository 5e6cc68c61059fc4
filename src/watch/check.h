/*
 * check.h - the identity rule: compare one name of one folder with the disk and make the tree
 * agree. Every check may run at any time and any number of times. Thread: main only.
 *
 * A folder's identity is its kernel watch (its inode). Whoever finds it under some name binds it
 * there: it was renamed, whatever the events say. What held the name before goes to limbo.
 */
#ifndef WATCH_CHECK_H
#define WATCH_CHECK_H

#include "watch/core.h"

/* Why a name is looked at. */
struct check {
    enum watch_hint hint;
    uint32_t mask; /* of the event; 0: a scan */
    uint8_t tag;   /* enum tag */
    bool deep;     /* list known folders, too */
};

/** Would the filter take this entry of an attached folder? */
bool check_is_wanted(
    struct watch *watch, uint32_t folder, const char *name, size_t length, bool is_directory);

/** Look at the name by stat. dir_fd: of the folder. name: NUL-terminated. */
void check_name(
    struct watch *watch, uint32_t folder, int dir_fd, const char *name, const struct check *why);

/** The same for what a listing found; d_type: DT_… of dirent.h; saves the stat where it can. */
void check_listed(struct watch *watch, uint32_t folder, int dir_fd, const char *name,
    unsigned char d_type, const struct check *why);

/** The same by a stat taken elsewhere (a sweep's thread). st NULL: there is no such name.
 * dir_errno: errno of opening it, for a folder; 0: fine. */
void check_stat(struct watch *watch, uint32_t folder, const char *name, const struct stat *st,
    int dir_errno, const struct check *why);

/** The node is no longer where it was: to limbo, or gone. */
void check_vanish(struct watch *watch, uint32_t handle, const struct check *why);

/** The attached node is no longer wanted: gone at once. */
void check_remove(struct watch *watch, uint32_t handle, enum watch_cause cause);

/** Report and forget what is in limbo and due. root NULL: of all. inferred: only what scans found
 * missing, due or not. */
void check_expire_limbo(
    struct watch *watch, const struct watch_root *root, uint64_t now_ms, bool inferred);

/** Free a detached folder and all below it. silent: report nothing; else files are gone. */
void check_drop(
    struct watch *watch, uint32_t folder, const char *path, bool silent, enum watch_cause cause);

/** Forget all of a root's limbo without a word. */
void check_forget_limbo(struct watch *watch, const struct watch_root *root);

#endif
