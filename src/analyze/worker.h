/*
 * worker.h - the loop inside a worker process: wait for a request on the channel, analyse the
 * source area, fill the facts area, answer. A worker has no descriptor but its channel; seccomp
 * lets it use memory, clocks and that channel, nothing else. Thread: the only one of its process.
 */
#ifndef ANALYZE_WORKER_H
#define ANALYZE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/limits.h"
#include "base/arena.h"
#include "base/error.h"
#include "model/facts.h"

#define WORKER_LANGUAGES 256 /* language numbers are below this */

/*
 * What zygote and worker run. The program has one such table (analysis.h); tests bring their own.
 * All calls are made by the single thread of the zygote (start, prepare) or of a worker (analyse).
 */
struct worker_ops {
    /** Once in the zygote. *ret_shared is handed to the others. */
    bool (*start)(void **ret_shared, struct error *err);
    /** Compile the plan of languages[language], before workers that need it are forked. */
    bool (*prepare)(void *shared, unsigned language, struct error *err);
    /** bytes: read-only memory. The documents of ret_code may live in arena. An error is answered
     * as PARSE_FAILED. */
    bool (*analyse)(void *shared, unsigned language, const struct analyze_limits *limits,
        const char *path, const uint8_t *bytes, size_t n_bytes, struct arena *arena,
        struct code_facts *ret_code, struct error *err);
};

/* How a worker ends on purpose; the analyzer turns these into parse_status. */
enum worker_exit {
    WORKER_EXIT_DONE = 0,    /* the channel was closed */
    WORKER_EXIT_MEMORY = 81, /* over the cap of the allocator */
    WORKER_EXIT_FACTS = 82,  /* the facts do not fit into the area */
    WORKER_EXIT_SETUP = 83,  /* the sandbox could not be set up */
    WORKER_EXIT_REQUEST = 84 /* a request that makes no sense */
};

struct worker_start {
    int channel_fd;
    int source_fd, facts_fd;
    size_t source_bytes, facts_bytes; /* sizes of the areas */
    uint64_t max_memory_bytes;        /* the largest cap that a request may ask for */
    int parent_pid;                   /* the zygote */
};

/** Become a worker: drop everything, then serve until the channel closes. Called in the forked
 * child. */
_Noreturn void worker_run(
    const struct worker_ops *ops, void *shared, const struct worker_start *start);

#endif
