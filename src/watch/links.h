/* links.h - files with several names: an event tells of one name only, so the others are looked at
 * when one of them changes. Thread: main only. */
#ifndef WATCH_LINKS_H
#define WATCH_LINKS_H

#include "watch/core.h"

/** A check saw this file with st; changed: not as it was known. */
void links_seen(struct watch *watch, uint32_t file, const struct stat *st, bool changed);

/** The file's node is about to be freed. */
void links_forget(struct watch *watch, uint32_t file);

/** Look at the other names of what has changed, until deadline_ms; n_links_due are left. */
void links_check(struct watch *watch, uint64_t deadline_ms);

/** link(2) tells of the new name alone: find the older ones in the trees. One walk for all files
 * whose names are not all known; names outside the roots are looked for once. */
void links_search(struct watch *watch);

void links_release(struct watch *watch);

#endif
