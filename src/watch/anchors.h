/*
 * anchors.h - what a root hangs on: the folders above it, the links on the way to it, its
 * repository's HEAD, ignore files outside it. Each is watched for one name. Thread: main only.
 */
#ifndef WATCH_ANCHORS_H
#define WATCH_ANCHORS_H

#include "watch/core.h"

struct anchors;

/** Follow the root's path from "/" again, watching each folder before looking into it, and find its
 * repository. Folders that may not be watched are looked at every ROOT_RETRY_MS instead. */
void anchors_arm(struct watch *watch, struct watch_root *root);

void anchors_free(struct watch *watch, struct watch_root *root);

/** The root's path without links, NULL when it was not there. Borrowed until armed again. */
const char *anchors_physical(const struct watch_root *root);
/** Path of the repository's HEAD, NULL without one. Caller frees. */
char *anchors_head_path(const struct watch_root *root);

/** Something happened to `name` in a borrowed folder: note in each root what it means. */
void anchors_event(struct watch *watch, int wd, uint32_t mask, const char *name);

/** Do what was noted: arm again, report branch_changed(), read outer ignore files. */
void anchors_apply(struct watch *watch, struct watch_root *root);

#endif
