/*
 * breaker.h - the circuit breaker of a sink: who may write, who probes, and what must come first.
 * The threads of a sink share one; every step is one atomic operation. Pure: time is a parameter.
 * Thread: any.
 */
#ifndef STORE_BREAKER_H
#define STORE_BREAKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/sink.h"

struct breaker_settings {
    unsigned failures; /* in a row, to open */
    uint32_t probe_min_ms, probe_max_ms;
};

/* Plain data; read it through the functions. */
struct breaker {
    struct breaker_settings settings;
    atomic_int state; /* enum sink_state */
    atomic_uint failures;
    atomic_bool compare_first; /* a connection was lost since the table was last compared */
    _Atomic uint64_t probe_at_ms;
    _Atomic uint32_t probe_delay_ms;
};

void breaker_init(struct breaker *breaker, const struct breaker_settings *settings);
enum sink_state breaker_state(const struct breaker *breaker);

/** A row was written: failures count from 0 again. */
void breaker_success(struct breaker *breaker);

/** n jobs failed for a reason that is not their own. True: the breaker opened by this. */
bool breaker_failure(struct breaker *breaker, unsigned n, uint64_t now_ms);

/** A connection was lost: open at once, probe at once, compare before closing. True: the breaker
 * opened by this. */
bool breaker_lost(struct breaker *breaker, uint64_t now_ms);

/** True for one caller when a probe is due: it must then call breaker_probed(). */
bool breaker_try_probe(struct breaker *breaker, uint64_t now_ms);

/** When to ask breaker_try_probe() again, CLOCK_NEVER: no probe is needed. */
uint64_t breaker_probe_at_ms(const struct breaker *breaker);

/** How the probe went. Returns the state that follows: OPEN (failed; the next probe waits longer),
 * WAITING, CLOSED, or PAUSED. */
enum sink_state breaker_probed(struct breaker *breaker, bool ok, uint64_t now_ms);

/** WAITING or PAUSED to CLOSED. One failure then opens it again. True: it is closed by this. */
bool breaker_resume(struct breaker *breaker);

void breaker_pause(struct breaker *breaker);

#endif
