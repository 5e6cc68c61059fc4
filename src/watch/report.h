/* report.h - the callbacks, and what a move or delete of a folder means for each file below it.
 * Thread: main only. */
#ifndef WATCH_REPORT_H
#define WATCH_REPORT_H

#include "watch/core.h"

/** The cause that a tag stands for. */
enum watch_cause report_cause(uint8_t tag);

/** A wanted file has this path in the tree now. */
bool report_is_live(const struct watch *watch, const struct watch_root *root, const char *path);

void report_changed(struct watch *watch, struct watch_root *root, const char *path,
    const struct stat *st, enum watch_hint hint, uint8_t tag);

/** Nothing is reported while a file has this path. */
void report_gone(
    struct watch *watch, struct watch_root *root, const char *path, enum watch_cause cause);

/**
 * A file has come to this path. What limbo holds of it speaks of an older one: its row there will
 * be overwritten, so it can no longer be moved from there. True when there was such a one: a row is
 * at the path.
 */
bool report_new_owner(struct watch *watch, struct watch_root *root, const char *path);

/** The row of this path was written from a version with this signature, or not at all (0). A file
 * in limbo that had the path is to be reported should it come back as another version. */
void report_row_in_limbo(
    struct watch *watch, struct watch_root *root, const char *path, uint64_t signature);

/** A clean file is at new_path now; gone is reported instead when something lives at old_path.
 * Returns false then: the caller reports the new path as changed. */
bool report_moved(struct watch *watch, struct watch_root *root, const char *old_path,
    const char *new_path, uint64_t signature);

/** The files below a folder that went from old_path to new_path (and hangs there by now). Those
 * that are not clean get signature 0: the listing that must follow reports them. */
void report_moved_below(struct watch *watch, struct watch_root *root, uint32_t folder,
    const char *old_path, const char *new_path);

/** A folder is readable again (0) or not (errno); said once a change. */
void report_unreadable(struct watch *watch, uint32_t folder, int sys_errno);

/** A scan found a difference: count it as missed when no event about it can be on its way. */
void report_missed(struct watch *watch, uint8_t tag);

#endif
