/*
 * audit.h - writes sync_audit: one row a job, in batches of at most 200 rows or 100 ms, committed
 * durably before the job goes on; while the database is away, records go to the spool and become
 * rows later. Threads: audit_submit() any; done() comes from the audit thread.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/job.h"

struct spool;

struct audit_settings {
    const char *conninfo; /* main database; strings are borrowed for the audit's life */
    const char *schema;
    const char *daemon_id;
    size_t depth;            /* queue; 0: 4096 */
    struct spool *spool;     /* borrowed; used by the audit thread alone. NULL: rows that cannot be
                                written are counted as lost */
    unsigned retention_days; /* 0: keep for ever; else older rows are deleted once an hour */

    void *user;
    /** The job is audited or spooled: it is the caller's again. Must not wait. */
    void (*done)(void *user, struct job *job);
    /** Reachable or not (why: the failure), or reachable and a record was dropped (why: the
     * refusal). Borrowed for the call. NULL: not wanted. */
    void (*changed)(void *user, bool reachable, const struct error *why);
};

struct audit;

/** Start the thread; the database need not be there. Errors: thread limits. */
CHECKED bool audit_new(
    const struct audit_settings *settings, struct audit **ret_audit, struct error *err);

/** Take over a decided job (job_decide() was called). Waits while the queue is full. */
void audit_submit(struct audit *audit, struct job *job);

/** No wait for the server lasts longer than this from now on. */
void audit_hurry(struct audit *audit, uint64_t deadline_monotonic_ms);

/** Write or spool all that was submitted, join. NULL is fine. */
void audit_free(struct audit *audit);

struct audit_counts {
    size_t depth;
    uint64_t rows_written, rows_spooled, rows_replayed, rows_lost;
    bool reachable;
};
void audit_counts(struct audit *audit, struct audit_counts *ret_counts);

/** The record of a job: one JSON object with the columns of sync_audit as keys; the form of the
 * spool and of `srctab audit --json`. Appends. */
void audit_record(const struct job *job, const char *daemon_id, struct buf *out);

#endif
