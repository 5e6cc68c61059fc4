/* notify.h - tells listeners of srctab_changes what was committed: a thread and a connection of its
 * own, at most one message each 50 ms and codebase. Thread: any. */
#ifndef STORE_NOTIFY_H
#define STORE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct job;
struct notify;

struct notify_settings {
    const char *conninfo; /* main database; borrowed for the life, like schema */
    const char *schema;
    uint64_t interval_ms; /* 0: 50 */
};

/** Starts the thread; connects when there is something to say, again after a loss. Messages are
 * hints: what cannot be sent is dropped and the next one says `more`. */
CHECKED bool notify_new(
    const struct notify_settings *settings, struct notify **ret_notify, struct error *err);

/** Sends what is left (waits 1 s at most) and ends the thread. NULL is fine. */
void notify_free(struct notify *notify);

/** An attempt has ended and its halves are committed: if either sink took it, its path is named.
 * Copies what it needs; never waits. */
void notify_job(struct notify *notify, const struct job *job);

#endif
