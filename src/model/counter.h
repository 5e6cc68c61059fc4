/* counter.h - what the daemon counts: one table (counter.def) for status, the statistics table and
 * /metrics. Plain data, no locks: owner main. */
#ifndef MODEL_COUNTER_H
#define MODEL_COUNTER_H

#include <stdint.h>

enum counter {
#define COUNTER(id, word, kind, help) COUNTER_##id,
#include "model/counter.def"
#undef COUNTER
    COUNTERS
};

enum counter_kind {
    COUNTER_SUM, /* only grows while the daemon lives */
    COUNTER_NOW, /* a level at this moment */
    COUNTER_AGE, /* a level in milliseconds; the word ends in _ms */
};

struct counter_info {
    const char *word;
    enum counter_kind kind;
    const char *help;
};

extern const struct counter_info counter_infos[COUNTERS];

/* The numbers of one root. */
struct counters {
    uint64_t value[COUNTERS];
};

/** Add each value of `more` to `sum`, but take the larger one of OLDEST_PENDING_MS. */
void counters_add(struct counters *sum, const struct counters *more);

#endif
