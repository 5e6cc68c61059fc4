/*
 * sink.h - writes one table: a stage whose threads own a connection each, with retries, a circuit
 * breaker and fencing. The two sinks know nothing of each other. Threads: sink_submit() any; the
 * other calls main; callbacks come from the sink's threads.
 *
 *            5 failures in a row, or a lost connection
 *   CLOSED ──────────────────────────────────────────► OPEN ◄───────────┐
 *     ▲  ▲                                               │ probe due    │ probe failed
 *     │  └───── probe done, nothing was lost ──────── PROBING ──────────┘
 *     │                                                  │ probe done, but commits may be lost:
 *     └───── sink_resume() ────────────────────────── WAITING      SINK_EVENT_COMPARE
 *
 *   PAUSED: from sink_pause() to sink_resume(); connections are closed, so their locks are free.
 */
#ifndef STORE_SINK_H
#define STORE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/stage.h"
#include "model/job.h"

enum sink_state {
    SINK_STATE_CLOSED,
    SINK_STATE_OPEN,
    SINK_STATE_PROBING,
    SINK_STATE_WAITING,
    SINK_STATE_PAUSED
};

enum sink_event {
    SINK_EVENT_LOST,   /* a connection was lost: commits of the last moments may be gone (guarantees
                          3) */
    SINK_EVENT_OPENED, /* the breaker opened; why says what failed last */
    SINK_EVENT_COMPARE, /* the table can be reached again after a loss: compare it, then call
                           sink_resume() */
    SINK_EVENT_CLOSED   /* writing again: debts can be paid */
};

enum { SINK_RETRIES_MAX = 8 };

struct sink_settings {
    enum sink_id id;
    const char *conninfo; /* borrowed for the sink's life, as the other strings */
    const char *schema;
    bool synchronous_commit; /* false: what a crash of the server loses is found by the compare */
    unsigned writers;        /* threads and connections; 0: 1 */
    size_t depth;            /* queue; 0: 256 */
    uint32_t batch_ms;       /* how long bulk rows wait for company, at most */
    uint32_t push_wait_ms;   /* how long sink_submit() waits for room; 0: 100 (guarantees 4) */
    uint32_t statement_timeout_ms;              /* 0: 60000 */
    uint32_t lock_timeout_ms;                   /* 0: 5000 */
    uint32_t retry_delays_ms[SINK_RETRIES_MAX]; /* retry.delays_ms; all 0: 500, 1000, 2000 */
    unsigned max_retries;                /* retry.max_retries, as it is: 0 = one attempt only */
    unsigned breaker_failures;           /* 0: 5 */
    uint32_t probe_min_ms, probe_max_ms; /* between probes of an open breaker; 0: 500 and 2000 */

    void *user;
    /** The job's last half is decided: job is the caller's now. From a sink thread or from within
     * sink_submit(). Must not wait. */
    void (*finished)(void *user, struct job *job);
    /** State changes. why: what failed last (kind ERROR_NONE: nothing did); borrowed for the call.
     * Must not wait. NULL: not wanted. */
    void (*changed)(void *user, enum sink_id id, enum sink_event event, const struct error *why);
};

struct sink;

/** Start the threads. The database need not be there: it is connected to at the first job. Errors:
 * thread limits. settings is copied, its strings are not. */
CHECKED bool sink_new(
    const struct sink_settings *settings, struct sink **ret_sink, struct error *err);

/**
 * Take over this half of the job, whatever happens: it ends as written, failed or, with the breaker
 * open or the queue full for push_wait_ms, as HALF_BREAKER_OPEN at once. When it was the job's last
 * half, finished() is called. The job must have SINK_BIT(id) in sinks_wanted.
 */
void sink_submit(struct sink *sink, struct job *job, enum stage_priority priority);

/** The table was compared after SINK_EVENT_COMPARE, or ownership is back after sink_pause(): write
 * again. */
void sink_resume(struct sink *sink);

/** Ownership is lost (guarantees 12): halves end as HALF_BREAKER_OPEN, connections are closed after
 * the group under way. */
void sink_pause(struct sink *sink);

/** A codebase is given up: the connections are made anew before they write again, so that none
 * holds its half of that fence any more and others may take it over. */
void sink_release(struct sink *sink);

/** No wait for the server lasts longer than this from now on: for the end of the program. */
void sink_hurry(struct sink *sink, uint64_t deadline_monotonic_ms);

/** Drain the queue, close connections, join. Jobs still due for a retry get one last try. NULL is
 * fine. */
void sink_free(struct sink *sink);

struct sink_counts {
    enum sink_state state;
    size_t depth;
    uint64_t rows_ok, rows_failed,
        rows_deferred; /* halves ended as HALF_OK, HALF_FAILED, HALF_BREAKER_OPEN */
    uint64_t retries;  /* further attempts */
    uint64_t connections_lost, breaker_opened;
};
void sink_counts(struct sink *sink, struct sink_counts *ret_counts);

#endif
