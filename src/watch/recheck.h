/* recheck.h - single files that are to be looked at again though no event said so. Thread: main
 * only.
 */
#ifndef WATCH_RECHECK_H
#define WATCH_RECHECK_H

#include "watch/core.h"

/** Look at a known file by its folder and name, now. */
void recheck_file(struct watch *watch, uint32_t file);

/** The same soon, by path: whatever is there then. */
void recheck_add(struct watch *watch, const struct watch_root *root, const char *path);

/** Do what was added, until deadline_ms. */
void recheck_run(struct watch *watch, uint64_t deadline_ms);

/** The row of the path was written from a version with this signature, or not at all (0): unless
 * the tree has the same it is looked at again. */
void recheck_row(
    struct watch *watch, struct watch_root *root, const char *path, uint64_t signature);

#endif
