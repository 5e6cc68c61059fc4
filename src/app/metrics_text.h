/* metrics_text.h - the counters in Prometheus' text format 0.0.4. Pure. Thread: any. */
#ifndef APP_METRICS_TEXT_H
#define APP_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/counter.h"

/* The numbers of one root at one moment. */
struct metrics_root {
    const char *codebase_id;
    const struct counters *counters;
    bool owned;  /* this daemon writes it */
    bool online; /* the root is present and watched */
};

struct metrics_process {
    const char *version;
    double start_time_s; /* since 1970 */
    bool database_up;
};

/** Append HELP, TYPE and one sample a root for each counter, plus srctab_build_info, srctab_owned,
 * srctab_root_online, srctab_database_up and process_* numbers. */
void metrics_text(struct buf *out, const struct metrics_process *process,
    const struct metrics_root *roots, size_t n_roots);

#endif
