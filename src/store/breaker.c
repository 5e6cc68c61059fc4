#include "store/breaker.h"

#include "base/clock.h"

void breaker_init(struct breaker *breaker, const struct breaker_settings *settings)
{
    *breaker = (struct breaker){.settings = *settings};
    atomic_init(&breaker->state, SINK_STATE_CLOSED);
    atomic_init(&breaker->probe_at_ms, CLOCK_NEVER);
    atomic_init(&breaker->probe_delay_ms, settings->probe_min_ms);
}

enum sink_state breaker_state(const struct breaker *breaker)
{
    return (enum sink_state)atomic_load(&breaker->state);
}

static bool change(struct breaker *breaker, enum sink_state from, enum sink_state to)
{
    int expected = (int)from;
    return atomic_compare_exchange_strong(&breaker->state, &expected, (int)to);
}

void breaker_success(struct breaker *breaker)
{
    atomic_store(&breaker->failures, 0);
}

static bool open_from(struct breaker *breaker, enum sink_state from, uint64_t probe_at_ms)
{
    if (!change(breaker, from, SINK_STATE_OPEN))
        return false;
    atomic_store(&breaker->probe_delay_ms, breaker->settings.probe_min_ms);
    atomic_store(&breaker->probe_at_ms, probe_at_ms);
    return true;
}

bool breaker_failure(struct breaker *breaker, unsigned n, uint64_t now_ms)
{
    unsigned failures = atomic_fetch_add(&breaker->failures, n) + n;
    return failures >= breaker->settings.failures &&
           open_from(breaker, SINK_STATE_CLOSED, now_ms + breaker->settings.probe_min_ms);
}

bool breaker_lost(struct breaker *breaker, uint64_t now_ms)
{
    atomic_store(&breaker->compare_first, true);
    bool opened = open_from(breaker, SINK_STATE_CLOSED, now_ms) ||
                  open_from(breaker, SINK_STATE_WAITING, now_ms);
    atomic_store(&breaker->compare_first, true); /* a resume may have come between the two */
    return opened;
}

bool breaker_try_probe(struct breaker *breaker, uint64_t now_ms)
{
    return now_ms >= atomic_load(&breaker->probe_at_ms) &&
           change(breaker, SINK_STATE_OPEN, SINK_STATE_PROBING);
}

uint64_t breaker_probe_at_ms(const struct breaker *breaker)
{
    enum sink_state state = breaker_state(breaker);
    return state == SINK_STATE_OPEN ? atomic_load(&breaker->probe_at_ms) : CLOCK_NEVER;
}

enum sink_state breaker_probed(struct breaker *breaker, bool ok, uint64_t now_ms)
{
    uint32_t delay_ms = atomic_load(&breaker->probe_delay_ms);
    uint32_t longer_ms = 2 * delay_ms;
    enum sink_state next = SINK_STATE_OPEN;
    if (ok)
        next = atomic_load(&breaker->compare_first) ? SINK_STATE_WAITING : SINK_STATE_CLOSED;
    else {
        atomic_store(&breaker->probe_at_ms, now_ms + delay_ms);
        atomic_store(&breaker->probe_delay_ms, longer_ms < breaker->settings.probe_max_ms
                                                   ? longer_ms
                                                   : breaker->settings.probe_max_ms);
    }
    if (next == SINK_STATE_CLOSED)
        atomic_store(&breaker->failures, breaker->settings.failures - 1);
    /* PROBING ends here alone, but a pause may have come meanwhile */
    return change(breaker, SINK_STATE_PROBING, next) ? next : breaker_state(breaker);
}

bool breaker_resume(struct breaker *breaker)
{
    bool compare_first = atomic_exchange(&breaker->compare_first, false);
    /* Half open after an outage; a pause says nothing about the sink. */
    if (breaker_state(breaker) == SINK_STATE_WAITING)
        atomic_store(&breaker->failures, breaker->settings.failures - 1);
    if (change(breaker, SINK_STATE_WAITING, SINK_STATE_CLOSED) ||
        change(breaker, SINK_STATE_PAUSED, SINK_STATE_CLOSED))
        return true;
    if (compare_first) /* lost again since: what was compared does not count */
        atomic_store(&breaker->compare_first, true);
    return false;
}

void breaker_pause(struct breaker *breaker)
{
    atomic_store(&breaker->state, SINK_STATE_PAUSED);
}
