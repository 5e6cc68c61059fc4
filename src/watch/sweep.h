/*
 * sweep.h - polled roots: a thread a root that only lists and stats, so that a dead mount stalls
 * nobody else; what it found is applied to the tree by main, in slices. Thread: main only.
 *
 *   sweep_run ─► request (up to 64 folders) ─► thread ─► mailbox ─► sweep_take ─► sweep_run applies
 */
#ifndef WATCH_SWEEP_H
#define WATCH_SWEEP_H

#include "watch/core.h"

/** Send what is to be listed, apply what has come back. True when there is more to do at once. */
bool sweep_run(struct watch *watch, struct watch_root *root, uint64_t deadline_ms);

/** Take finished requests out of the mailbox. */
void sweep_take(struct watch *watch);

/** When sweep_run() has something to do by itself; 0: at once. */
uint64_t sweep_deadline_ms(const struct watch *watch, const struct watch_root *root);

/** Something of the root is with the thread or not yet applied. */
bool sweep_is_busy(const struct watch_root *root);

/** The root is removed. A thread that is away is left alone until it comes back. */
void sweep_stop(struct watch *watch, struct watch_root *root);

/** At the end: threads that do not come back within 200 ms are left to the end of the process. */
void sweep_free_orphans(struct watch *watch);

#endif
