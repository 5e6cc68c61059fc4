/* events.h - what the watch layer reports becomes notes in the root's settle. Thread: main only. */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include "app/root.h"

/** Callbacks for watch_new(); their user is a struct root. */
extern const struct watch_events root_events;

/** Something must be looked at. class and pace: as settle.h has them. The path's job will serve
 * every sink. */
void root_note(struct root *root, const char *path, enum change change, enum settle_class class,
    enum settle_pace pace, uint64_t now_ms);

/**
 * Deletes that nobody saw happen are applied unless they are more than safety.max_delete_percent of
 * n_rows and
 * --allow-mass-delete was not given; then the rows are kept and it is said once. Empties
 * root->inferred.
 */
void root_apply_inferred(struct root *root, uint64_t n_rows, uint64_t now_ms);

#endif
