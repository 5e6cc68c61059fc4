#include "store/statistics.h"

#include <inttypes.h>
#include <stdio.h>

#include "store/pg.h"

bool statistics_write(struct pg *pg, const char *codebase_id, const char *daemon_id,
    const struct counters *counters, struct error *err)
{
    struct pg_values values;
    const char *words[COUNTERS], *numbers[COUNTERS];
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < COUNTERS; i++) {
        words[i] = counter_infos[i].word;
        numbers[i] = arena_printf(arena, "%" PRIu64, counters->value[i]);
    }
    pg_values_clear(&values);
    pg_values_string(&values, codebase_id);
    pg_values_string(&values, daemon_id);
    pg_values_strings(&values, words, COUNTERS, arena);
    pg_values_strings(&values, numbers, COUNTERS, arena);
    bool ok = pg_run(pg, "control/statistics_write.sql", &values, NULL, NULL, err);
    arena_free(arena);
    return ok;
}
