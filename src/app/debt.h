/*
 * debt.h - what a table still lacks: one entry a path, one bit a sink, with the time of the next
 * try (guarantees 4). A debt carries no content: paying it is an ordinary job that reads the disk
 * as it is then. Pure: time is passed in. Thread: main only.
 */
#ifndef APP_DEBT_H
#define APP_DEBT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct debts;

struct debt_settings {
    const uint32_t *delays_ms; /* of the first tries; borrowed */
    size_t n_delays;
    uint32_t slow_ms; /* of all further ones */
};

struct debt {
    const char *path;
    unsigned sinks;       /* SINK_BIT mask: who lacks it */
    unsigned tries;       /* that failed so far */
    uint64_t next_ms;     /* CLOCK_NEVER while a job of it is under way */
    const char *reason;   /* of the last failure */
    const char *sqlstate; /* "": none */
};

struct debts *debts_new(const struct debt_settings *settings);
void debts_free(struct debts *debts);

/** `sinks` lack the path: it is due after the next delay. reason, sqlstate: of the failure.
 * counted: it was a try that failed (false: only put off by an open breaker or a full queue, tried
 * again after the first delay). Returns the entry, valid until the next change. */
const struct debt *debts_add(struct debts *debts, const char *path, unsigned sinks, bool counted,
    const char *reason, const char *sqlstate, uint64_t now_ms);

/** These sinks have it now (or the path is gone from both): the entry goes with its last bit. */
void debts_paid(struct debts *debts, const char *path, unsigned sinks);

/** Sinks that lack the path; 0: none. */
unsigned debts_of(const struct debts *debts, const char *path);
const struct debt *debts_find(const struct debts *debts, const char *path);

/** A path that is due, oldest first; it is under way from now on until debts_add() or debts_paid().
 * NULL: none is. */
const struct debt *debts_next(struct debts *debts, uint64_t now_ms);

/** These sinks cannot be written now: debts of them alone wait for debts_due(). */
void debts_hold(struct debts *debts, unsigned sinks);

/** These sinks can be written again: their debts are due at once. */
void debts_due(struct debts *debts, unsigned sinks, uint64_t now_ms);

/** When debts_next() has something; CLOCK_NEVER: no debt waits. */
uint64_t debts_deadline_ms(const struct debts *debts);

/** Paths that any of these sinks lack. */
size_t debts_count(const struct debts *debts, unsigned sinks);

void debts_each(
    const struct debts *debts, void (*each)(void *user, const struct debt *debt), void *user);

#endif
