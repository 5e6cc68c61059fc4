/* sinks_list.h - a set of sinks as the text[] of our tables: NULL or the names of schema.md. Pure.
 * Thread: any. */
#ifndef STORE_SINKS_LIST_H
#define STORE_SINKS_LIST_H

#include "store/pg.h"

/** Add the set as text[]; 0 = SQL's NULL. Memory comes from arena. */
void sinks_list_add(struct pg_values *values, unsigned sinks, struct arena *arena);

/** Read it: NULL and {} are 0, unknown names are ignored. */
unsigned sinks_list_read(
    const struct pg_result *result, size_t row, size_t column, struct arena *arena);

#endif
