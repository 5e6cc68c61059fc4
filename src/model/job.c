#include "model/job.h"

#include <assert.h>

static const char *const operation_words[OPERATIONS] = {[OPERATION_INGEST] = "ingest",
    [OPERATION_UPDATE] = "update",
    [OPERATION_DELETE] = "delete",
    [OPERATION_MOVE] = "move"};

static const char *const origin_words[ORIGINS] = {[ORIGIN_WATCH] = "watch",
    [ORIGIN_POLL] = "poll",
    [ORIGIN_SCAN] = "scan",
    [ORIGIN_QUEUE] = "queue",
    [ORIGIN_CLI] = "cli"};

static const char *const sink_words[SINKS] = {
    [SINK_FILES] = "code_files", [SINK_METADATA] = "codebase_metadata"};

static const char *const half_status_words[HALF_STATUSES] = {[HALF_NONE] = "none",
    [HALF_OK] = "ok",
    [HALF_FAILED] = "failed",
    [HALF_OFF] = "off",
    [HALF_BREAKER_OPEN] = "breaker_open"};

static const char *const result_words[RESULTS] = {
    [RESULT_BOTH_TABLES] = "both_tables",
    [RESULT_CODE_FILES_ONLY] = "code_files_only",
    [RESULT_CODEBASE_METADATA_ONLY] = "codebase_metadata_only",
    [RESULT_BOTH_FAILED] = "both_failed",
    [RESULT_UNCHANGED] = "unchanged",
    [RESULT_SKIPPED_BUSY] = "skipped_busy",
    [RESULT_SKIPPED] = "skipped",
};

const char *operation_word(enum operation operation)
{
    return operation_words[operation];
}

const char *origin_word(enum origin origin)
{
    return origin_words[origin];
}

const char *sink_word(enum sink_id id)
{
    return sink_words[id];
}

const char *half_status_word(enum half_status status)
{
    return half_status_words[status];
}

const char *result_word(enum result result)
{
    return result_words[result];
}

bool job_half_done(struct job *job, enum sink_id id)
{
    assert(job->magic == JOB_MAGIC && id < SINKS);
    /* acquire and release: the last one sees what the other sink wrote into its half */
    return atomic_fetch_sub_explicit(&job->sinks_left, 1, memory_order_acq_rel) == 1;
}

void job_decide(struct job *job)
{
    static const enum result by_mask[] = {RESULT_BOTH_FAILED, RESULT_CODE_FILES_ONLY,
        RESULT_CODEBASE_METADATA_ONLY, RESULT_BOTH_TABLES};
    unsigned ok = 0;
    for (unsigned id = 0; id < SINKS; id++)
        if (job->half[id].status == HALF_OK)
            ok |= SINK_BIT(id);
    job->result = by_mask[ok];
}
