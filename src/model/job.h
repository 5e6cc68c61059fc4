/*
 * job.h - one attempt to bring one path of one root into the tables, on its way through the stages.
 *
 *   1 made       main: arena, path, operation, origin, mask           owner main
 *   2 ready      in the analyze queue                                 owner the queue
 *   3 analyzed   file and code are filled (not for deletes and moves) owner the analyze thread
 *   4 writing    read-only but for half[own sink]                     shared by the two sinks
 *   5 decided    job_half_done() returned true: the last sink         owner that sink's thread
 *   6 audited    its sync_audit row is written or spooled             owner the audit thread
 *   7 returned   posted to main's mailbox; main frees it              owner main
 */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "model/facts.h"

enum operation { OPERATION_INGEST, OPERATION_UPDATE, OPERATION_DELETE, OPERATION_MOVE, OPERATIONS };
enum origin { ORIGIN_WATCH, ORIGIN_POLL, ORIGIN_SCAN, ORIGIN_QUEUE, ORIGIN_CLI, ORIGINS };
enum sink_id { SINK_FILES, SINK_METADATA, SINKS };
#define SINK_BIT(id) (1u << (id))
#define SINK_ALL (SINK_BIT(SINK_FILES) | SINK_BIT(SINK_METADATA))

enum half_status {
    HALF_NONE, /* nothing to do on this side (not in the mask) */
    HALF_OK,
    HALF_FAILED,
    HALF_OFF,          /* the sink is switched off for this folder or request */
    HALF_BREAKER_OPEN, /* deferred: breaker open, or its queue stayed full; a debt */
    HALF_STATUSES
};

/* sync_audit.result */
enum result {
    RESULT_BOTH_TABLES,
    RESULT_CODE_FILES_ONLY,
    RESULT_CODEBASE_METADATA_ONLY,
    RESULT_BOTH_FAILED,
    RESULT_UNCHANGED,
    RESULT_SKIPPED_BUSY,
    RESULT_SKIPPED,
    RESULTS
};

const char *operation_word(enum operation operation);
const char *origin_word(enum origin origin);
const char *sink_word(enum sink_id id); /* "code_files", "codebase_metadata" */
const char *half_status_word(enum half_status status);
const char *result_word(enum result result);

struct half {
    enum half_status status;
    char sqlstate[6]; /* "": none */
    char error[256];  /* "": none */
    bool retry_helps; /* failed, but the cause is not the row itself */
    uint32_t duration_us;
    uint16_t attempts;
    int64_t rows; /* rows written; for a move: rows moved (0 = the old row was not there) */
};

/* One watched or ingested root, as rows name it. Lives at least as long as every job that points to
 * it. Immutable. */
struct codebase {
    const char *codebase_id;
    const char *tenant_id;
    const char *source; /* git remote URL normalised, or "path:…" */
    const char *host;
    const char *root_path; /* absolute */
};

#define JOB_MAGIC 0x4a0b51ecu

struct job {
    uint32_t magic;
    struct arena *arena; /* holds the job itself and all it points to */
    const struct codebase *codebase;
    const char *branch;
    const char *path;     /* relative to the root, bytes as the kernel gave them */
    const char *old_path; /* OPERATION_MOVE: where the row is now */
    enum operation operation;
    enum origin origin;
    unsigned sinks_wanted;         /* SINK_BIT mask: the halves this job has to do */
    unsigned sinks_off;            /* switched off: audited as `off` */
    uint16_t attempt_no;           /* 1 for the first */
    uint64_t noted_us, started_us; /* monotonic: first event; taken by an analyze thread */
    int64_t attempted_at_us;       /* wall */
    struct uuid attempt_id;
    void *owner;    /* main's own bookkeeping for this path; nobody else reads it */
    int root_fd;    /* borrowed */
    uint64_t order; /* of main: grows with each job */

    struct file_facts file;
    struct code_facts *code; /* NULL for deletes, moves and what was not read */

    enum result result; /* set by job_decide(), or beforehand for unchanged and skipped* */
    char
        skipped_reason[128]; /* skipped, skipped_busy: why ("path_too_long", "permission denied") */

    struct half half[SINKS];
    atomic_uint sinks_left;
};

/** The half of `id` is finished. True for the last one: the caller then owns the job and hands it
 * on. */
bool job_half_done(struct job *job, enum sink_id id);

/** Fill result from the two halves (schema.md: a side that is off counts for the other one). */
void job_decide(struct job *job);

#endif
