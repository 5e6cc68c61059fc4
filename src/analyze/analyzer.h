/*
 * analyzer.h - analysis of one file at a time in a sandboxed worker process. Whatever the file does
 * to the worker, the caller gets facts: a worker that dies, is late or sends what cannot be
 * believed costs this file its tree, and the next file gets a new worker. Thread: one analyzer a
 * thread; any number of analyzers share one zygote.
 */
#ifndef ANALYZE_ANALYZER_H
#define ANALYZE_ANALYZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/limits.h"
#include "analyze/read.h"
#include "analyze/zygote.h"
#include "base/arena.h"
#include "base/error.h"
#include "model/facts.h"

#define ANALYZER_FILES_PER_WORKER 1000
#define ANALYZER_SMALL_BYTES                                                                       \
    ((uint64_t)64 << 20) /* more than this only one worker at a time may use */

struct analyzer;

/** Cheap: the worker is started by the first file. zygote: borrowed, outlives the analyzer. Never
 * NULL. */
struct analyzer *analyzer_new(struct zygote *zygote);
/** Ends the worker. NULL is fine. */
void analyzer_free(struct analyzer *analyzer);

/**
 * Facts of one file. language: its number in languages[]. reading: of read_file() or read_block().
 * max_parse_bytes: the limit of the language's class. Without a tree (binary, too big, minified,
 * worker failed …) *ret_code has the text measures, the status and a reason. parser_rev and
 * metrics_version are left 0 (analyze_revisions()). ret_code's documents live in arena.
 * Errors: ERROR_ANALYSIS only when no worker can be had at all (no memory, no processes, a query
 * that does not compile); the file is not to blame then.
 */
CHECKED bool analyzer_run(struct analyzer *analyzer, unsigned language, const char *path,
    const struct reading *reading, uint64_t max_parse_bytes, const struct analyze_limits *limits,
    struct arena *arena, struct code_facts *ret_code, struct error *err);

/** Facts of a file of no known language, or of one without a grammar: text measures and
 * PARSE_UNSUPPORTED, PARSE_BINARY or PARSE_TOO_BIG. No worker is needed. */
void analyzer_text_only(const struct reading *reading, struct code_facts *ret_code);

struct analyzer_counters {
    uint64_t files; /* sent to a worker */
    uint64_t workers_started;
    uint64_t workers_died, workers_late,
        workers_lied; /* died by themselves; killed at the deadline; sent what cannot be believed */
    uint64_t zygotes_started; /* after the first one; of all analyzers */
};

struct analyzer_counters analyzer_counters(const struct analyzer *analyzer);

#endif
