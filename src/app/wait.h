/*
 * wait.h - answers "is every write made before now in the tables?" (guarantees 6), for the control
 * socket and for rows of ingestion_queue. Thread: main only.
 *
 *   begin ──► BARRIER: the event stream is read up to now, scans and sweeps are done
 *         ──► FLUSH:   each root is live; all that is known is due at once and read as it is
 *         ──► DEBTS:   what a sink did not take is tried again, as long as further tries may help
 *         ──► answer
 */
#ifndef APP_WAIT_H
#define APP_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "app/daemon.h"
#include "base/buf.h"

struct waits;

/* Who asked. */
struct wait_asker {
    uint64_t client;         /* of the control socket; 0: the queue */
    const char *codebase_id; /* of the queue row; copied */
    const char *queue_id;
};

/** answer: JSON {"v":1,"ok":bool,"failed":[{"path","reason"}]}; ok and reason (a sentence, "" when
 * ok) repeat it. */
typedef void wait_answer(void *user, const struct wait_asker *asker, bool ok, const char *reason,
    const struct buf *json);

struct waits *waits_new(struct daemon *daemon, wait_answer *answer, void *user);
void waits_free(struct waits *waits);

/** Start one. root_path NULL: every root; else the roots at or below that absolute path, and the
 * one it lies in. rescan: look at the whole disk first. */
void waits_begin(struct waits *waits, const struct wait_asker *asker, const char *root_path,
    bool rescan, uint64_t now_ms);

/** The client went away. */
void waits_forget(struct waits *waits, uint64_t client);

/** Move every wait on as far as it goes. Call once a turn of the loop, after watch_run() and
 * dispatch. */
void waits_run(struct waits *waits, uint64_t now_ms);

/** True while any is open: the loop must then not sleep longer than its deadlines. */
bool waits_open(const struct waits *waits);

/** A root is about to be freed. */
void waits_drop_root(struct waits *waits, const struct root *root);

#endif
