/*
 * dispatch.h - from due paths to jobs and from finished jobs to what is known: one job a path in
 * flight, debts, requests. Thread: main only.
 *
 *   settle ──dispatch_run──► task ──pipeline──► dispatch_finished ──► known, debts, requests,
 * settle
 */
#ifndef APP_DISPATCH_H
#define APP_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "app/daemon.h"

/** Hand on what is due in every root that may be written, as long as there is room. */
void dispatch_run(struct daemon *daemon, uint64_t now_ms);

/** A task came back: take what it says in and release it. */
void dispatch_finished(struct daemon *daemon, struct task *task, uint64_t now_ms);

/** When dispatch_run() can do something again; CLOCK_NEVER: only after an event. */
uint64_t dispatch_deadline_ms(const struct daemon *daemon, uint64_t now_ms);

/** May jobs of the root be made now? */
bool dispatch_may_run(const struct root *root);

/** A sink can or cannot be written: debts of it are due, or held. */
void dispatch_sink_up(struct daemon *daemon, enum sink_id id, bool up, uint64_t now_ms);

/** True when the root has nothing left to do: nothing waits, nothing is in flight, no debt that
 * further tries may pay. */
bool dispatch_at_rest(const struct root *root);

#endif
