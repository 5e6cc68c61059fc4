/*
 * scan.h - folders waiting to be listed, one at a time, in slices. Thread: main only.
 *
 *   scan_queue() ─► [root's work list] ─► listing: ignore files, names, then what was not met ─►
 * done A listing that is put aside goes on where it was: whatever changes meanwhile is an event of
 * its own, and a child that was not met is checked by name before it is believed to be gone.
 */
#ifndef WATCH_SCAN_H
#define WATCH_SCAN_H

#include <limits.h>

#include "watch/core.h"

/** List the folder soon. work: WORK_DEEP or 0. In limbo: when it is seen again. */
void scan_queue(struct watch *watch, uint32_t folder, unsigned work, uint8_t tag);

/** Begin a scan of the whole root. */
void scan_begin(struct watch *watch, struct watch_root *root, uint8_t tag);

/** The folder is about to be freed. */
void scan_forget(struct watch *watch, uint32_t folder);

/** The root went offline: nothing is listed, no scan is under way. */
void scan_clear(struct watch *watch, struct watch_root *root);

/** List until deadline_ms (monotonic). True when there is more to do at once. */
bool scan_run(struct watch *watch, struct watch_root *root, uint64_t deadline_ms);

/** Close what a listing that was stopped between two slices has left open. */
void scan_close(struct watch *watch);

/** Report scans that have nothing left to do. */
void scan_finish(struct watch *watch, struct watch_root *root);

/** Take the next folder off the list of a polled root for its sweep thread; 0 if there is none. Its
 * scan counts it until scan_swept(). */
uint32_t scan_take(
    struct watch *watch, struct watch_root *root, uint8_t *ret_work, uint8_t *ret_tag);
void scan_swept(struct watch *watch, struct watch_root *root, uint8_t tag);

/* folder.rules_print when an event about an ignore file came: read them whatever they look like. */
#define RULES_UNKNOWN UINT32_MAX

/** What the ignore files of an open folder look like from outside; 0: there are none. Thread: any.
 */
uint32_t scan_rules_print(int dir_fd);

/** Put new rules (consumed) into a folder. True when they say something else than before. */
bool scan_set_rules(
    struct watch *watch, uint32_t folder, struct ignore_rules *rules, uint32_t print);

/** A listing that does not come from scan_run(): begin, and the check of what was not met. */
void scan_mark_unseen(struct watch *watch, uint32_t folder);
/** The next child that was not met, as a name; false at the end. It counts as met from now on. */
bool scan_next_unseen(
    struct watch *watch, uint32_t folder, uint32_t *slot, char ret_name[NAME_MAX + 1]);

#endif
