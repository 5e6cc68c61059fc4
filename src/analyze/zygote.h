/*
 * zygote.h - the process that never saw a connection and forks the workers. The program re-executes
 * itself for it: single-threaded, no environment, one socket. It compiles the languages' plans
 * once, so that every worker starts with them.
 *
 *   main(): zygote_maybe_main() ── zygote_start() … threads … analyzers ask it for workers …
 * zygote_stop()
 *
 * When it dies, workers die with it (PDEATHSIG), and the next analyzer that needs a worker starts a
 * new one.
 */
#ifndef ANALYZE_ZYGOTE_H
#define ANALYZE_ZYGOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/channel.h"
#include "analyze/worker.h"
#include "base/error.h"

struct zygote_settings {
    bool eager; /* compile all languages, while nobody asks (watch, ingest); a language is always
                   compiled when the first file of it comes (explain) */
    unsigned n_workers;          /* how many analyzers there will be: bounds the memory of each */
    uint64_t max_file_bytes;     /* the largest source that will be sent (the largest of
                                    analysis.max_parse_kb) */
    uint64_t file_memory_bytes;  /* what one worker may use (256 MiB) */
    uint64_t total_memory_bytes; /* what all may use together (analysis.memory, 512 MiB) */
};

struct zygote;

/**
 * First thing in main(): if this process was started to be the zygote, be it and never return.
 * Otherwise returns at once. ops: static; &analysis_ops in the program.
 */
void zygote_maybe_main(int argc, char **argv, const struct worker_ops *ops);

/**
 * Start the zygote. Call before threads and connections exist; keep until all analyzers are freed.
 * Returns at once: plans are compiled meanwhile. Errors: ERROR_ANALYSIS. A query that does not
 * compile is reported by the first analyzer.
 */
CHECKED bool zygote_start(
    const struct zygote_settings *settings, struct zygote **ret_zygote, struct error *err);

/**
 * Wait until the plans are compiled (with `eager`: all). Errors: ERROR_ANALYSIS, as the compiler of
 * the plans says it ("parsers/python/metrics.scm:12: unknown capture …"). Thread: any.
 */
CHECKED bool zygote_check(struct zygote *zygote, struct error *err);

/** End the zygote and with it all workers, and wait for it. NULL is fine. Thread: main. */
void zygote_stop(struct zygote *zygote);

/* For analyzers, any thread. */

const struct zygote_settings *zygote_settings(const struct zygote *zygote);

/** What a worker may use while others run beside it; more needs zygote_take_large(). */
uint64_t zygote_small_memory(const struct zygote *zygote);

/** The right to exceed that: one holder at a time. Never waits. */
CHECKED bool zygote_take_large(struct zygote *zygote);
void zygote_give_large(struct zygote *zygote);

/**
 * Hand `message` (MESSAGE_FORK or MESSAGE_CHECK) and descriptors (borrowed; the first is the far
 * end of a channel) to the zygote, which answers on that channel. If the zygote is dead, whichever
 * thread comes first starts a new one, the others wait for it. Errors: ERROR_ANALYSIS.
 */
CHECKED bool zygote_ask(struct zygote *zygote, const struct message *message, const int *fds,
    size_t n_fds, struct error *err);

/** Zygotes started after the first one. */
uint64_t zygote_restarts(const struct zygote *zygote);

#endif
