#include "store/sinks_list.h"

#include "model/job.h"

void sinks_list_add(struct pg_values *values, unsigned sinks, struct arena *arena)
{
    const char **words = arena_alloc(arena, SINKS, sizeof(*words));
    size_t n = 0;
    for (enum sink_id id = 0; id < SINKS; id++)
        if ((sinks & SINK_BIT(id)) != 0)
            words[n++] = sink_word(id);
    pg_values_strings(values, n > 0 ? words : NULL, n, arena);
}

unsigned sinks_list_read(
    const struct pg_result *result, size_t row, size_t column, struct arena *arena)
{
    if (pg_is_null(result, row, column))
        return 0;
    char **words = NULL;
    unsigned sinks = 0;
    size_t n = pg_strings(result, row, column, arena, &words);
    for (size_t i = 0; i < n; i++)
        for (enum sink_id id = 0; id < SINKS; id++)
            if (strcmp(words[i], sink_word(id)) == 0)
                sinks |= SINK_BIT(id);
    return sinks;
}
