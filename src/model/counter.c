#include "model/counter.h"

#include <stddef.h>

const struct counter_info counter_infos[COUNTERS] = {
#define COUNTER(id, word, kind, help) [COUNTER_##id] = {word, kind, help},
#include "model/counter.def"
#undef COUNTER
};

void counters_add(struct counters *sum, const struct counters *more)
{
    uint64_t oldest = sum->value[COUNTER_OLDEST_PENDING_MS];
    if (more->value[COUNTER_OLDEST_PENDING_MS] > oldest)
        oldest = more->value[COUNTER_OLDEST_PENDING_MS];
    for (size_t i = 0; i < COUNTERS; i++)
        sum->value[i] += more->value[i];
    sum->value[COUNTER_OLDEST_PENDING_MS] = oldest;
}
