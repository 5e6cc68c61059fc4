/* statistics.h - the table `statistics`: the counters of each root, for psql. Thread: the owner of
 * the connection. */
#ifndef STORE_STATISTICS_H
#define STORE_STATISTICS_H

#include "base/error.h"
#include "model/counter.h"

struct pg;

/** Upsert one row a counter of the codebase; rows whose value is the same are not written. */
CHECKED bool statistics_write(struct pg *pg, const char *codebase_id, const char *daemon_id,
    const struct counters *counters, struct error *err);

#endif
