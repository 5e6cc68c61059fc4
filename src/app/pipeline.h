/*
 * pipeline.h - from a due path to two rows and an audit row: the analyze threads, the two sinks,
 * the audit and the notifier. Threads: calls main only.
 *
 *   main ──pipeline_submit──► [analyze × N] ─┬─► [code_files × W] ────────┬─► main's mailbox
 *                                            └─► [codebase_metadata × W] ─┴─► [audit], notify
 */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/prepare.h"
#include "base/stage.h"
#include "store/audit.h"
#include "store/sink.h"

struct notify;
struct spool;

struct pipeline_settings {
    const struct config *config;
    struct prepare_settings prepare;
    const char *conninfo; /* main database */
    const char *sink_conninfo[SINKS];
    unsigned sinks; /* SINK_BIT mask of the ones that are enabled */
    const char *daemon_id;
    struct spool *spool;   /* NULL: none */
    struct notify *notify; /* NULL: none */
    atomic_uint_fast64_t
        *bytes_in_flight; /* what analysed files and their facts hold until they are freed */
    struct mailbox
        *finished; /* gets every struct task once its halves are decided, or it needed none */
    /** From a sink's thread; must not wait. */
    void (*sink_changed)(
        void *user, enum sink_id id, enum sink_event event, const struct error *why);
    void *user;
};

struct pipeline;

/** settings are copied; what they point to is borrowed. Errors: thread limits. */
CHECKED bool pipeline_new(
    const struct pipeline_settings *settings, struct pipeline **ret_pipeline, struct error *err);

/** Will pipeline_submit() take a task now? Only main adds, so the answer holds until it does. */
bool pipeline_has_room(struct pipeline *pipeline);

/** Hand a task over; it comes back through the mailbox, to be freed by task_release(). False: full,
 * it stays with the caller. */
CHECKED bool pipeline_submit(
    struct pipeline *pipeline, struct task *task, enum stage_priority priority);

/** An audit row alone: job.result and skipped_reason are set. Takes the task over; it does not come
 * back. */
void pipeline_audit(struct pipeline *pipeline, struct task *task);

/** Sinks: write again after a compare; stop and go on with a change of ownership. NULL-safe for
 * sinks that are off. */
void pipeline_resume(struct pipeline *pipeline, enum sink_id id);
void pipeline_pause(struct pipeline *pipeline);
/** A codebase is no longer ours: sinks free their fences (sink_release()). */
void pipeline_release(struct pipeline *pipeline);

void pipeline_sink_counts(
    struct pipeline *pipeline, enum sink_id id, struct sink_counts *ret_counts);
void pipeline_audit_counts(struct pipeline *pipeline, struct audit_counts *ret_counts);

/** Drain everything and join; no wait for the server after deadline_ms (monotonic). Finished tasks
 * lie in the mailbox. NULL is fine. */
void pipeline_free(struct pipeline *pipeline, uint64_t deadline_ms);

#endif
