/* clock.h - the clocks. Durations and deadlines use CLOCK_MONOTONIC; wall time is only for people
 * and for rows. Thread: any. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/buf.h"

#define CLOCK_NEVER UINT64_MAX

uint64_t clock_monotonic_ms(void);
uint64_t clock_monotonic_us(void);
/** Microseconds since 1970-01-01 UTC. */
int64_t clock_wall_us(void);
/** Append RFC 3339 in UTC with milliseconds: 2026-01-31T08:41:03.120Z */
void clock_add_rfc3339(struct buf *out, int64_t wall_us);
/** poll(2) timeout from now_ms to deadline_ms: -1 for CLOCK_NEVER, at least 0. */
int clock_poll_timeout_ms(uint64_t now_ms, uint64_t deadline_ms);

#endif
