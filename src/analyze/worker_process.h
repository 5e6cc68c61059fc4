/*
 * worker_process.h - one worker as the daemon sees it: its channel, its two areas, and the handle
 * to kill it. Knows nothing of policy (analyzer.h). Thread: one owner.
 */
#ifndef ANALYZE_WORKER_PROCESS_H
#define ANALYZE_WORKER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/limits.h"
#include "analyze/zygote.h"
#include "base/arena.h"
#include "base/error.h"
#include "model/facts.h"

struct worker_process;

/**
 * Have the zygote fork a worker that has the plan of `language` (and all others prepared so far). A
 * zygote that dies meanwhile is replaced. Errors: ERROR_ANALYSIS.
 */
CHECKED bool worker_process_new(struct zygote *zygote, unsigned language,
    struct worker_process **ret_worker, struct error *err);

/** Kill it and give its memory back. NULL is fine. */
void worker_process_free(struct worker_process *worker);

/** Does it have the plan of this language? */
bool worker_process_prepared(const struct worker_process *worker, unsigned language);

enum worker_result {
    WORKER_ANSWERED, /* *ret_code is filled */
    WORKER_LATE,     /* no answer at the deadline */
    WORKER_DIED,     /* *ret_wait_status as of waitpid(2) */
    WORKER_LOST,     /* it and the zygote are gone: not the file's fault */
    WORKER_LIED,     /* err says what cannot be believed */
};

/**
 * Send one source and wait for its facts. After anything but WORKER_ANSWERED the worker must be
 * freed. limits: as the parser shall see them. deadline_ms: monotonic. n_bytes + strlen(path) must
 * fit: at most the settings' max_file_bytes, and 64 KiB of path.
 */
CHECKED enum worker_result worker_process_run(struct worker_process *worker, unsigned language,
    const char *path, const uint8_t *bytes, size_t n_bytes, const struct analyze_limits *limits,
    uint64_t deadline_ms, struct arena *arena, struct code_facts *ret_code, int *ret_wait_status,
    struct error *err);

#endif
