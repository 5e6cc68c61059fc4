/*
 * task.h - a job with what the program adds to it: how careful to be while reading, what is known
 * of the rows, what came of it. Made and freed by main, filled by one analyze thread; life cycle in
 * model/job.h.
 */
#ifndef APP_TASK_H
#define APP_TASK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/known.h"
#include "base/error.h"
#include "model/job.h"
#include "watch/settle.h"

/* What came of it; only TASK_WRITE has been to the sinks. */
enum task_outcome {
    TASK_WRITE,     /* the halves say how it went */
    TASK_UNCHANGED, /* content, revisions and language are those of the rows */
    TASK_UNWANTED,  /* no file to ingest: a script of no known language, not a regular file; and it
                       has no row */
    TASK_SKIPPED,   /* job.skipped_reason says why; rows stay as they are */
    TASK_BUSY,      /* not read: somebody writes */
    TASK_TORN,      /* it changed while it was read */
    TASK_UNPROVEN   /* came by the fast path, but no lease can be had */
};

/* A root's descriptor, shared by the jobs that read below it; closed with the last of them. */
struct root_handle {
    int fd;
    unsigned holders; /* main only */
};

struct task {
    struct job job; /* first: the stages know it alone */
    struct root *root;
    struct root_handle *handle;
    enum task_outcome outcome;
    enum settle_class class;
    bool fast;               /* read it only with a proof that the writer is done */
    bool overdue;            /* read it as it is, busy or not */
    bool trust_close;        /* watch.fast_path: close: a close or rename is proof enough */
    bool full;               /* analyse and write even what is unchanged */
    bool must_have_language; /* a name that tells nothing: only a #! line makes it wanted */
    bool row_exists;         /* some table may have a row of this path */
    bool not_found;          /* opening it said that there is no such file */
    uint64_t read_signature; /* of the version that was read, racy or not; 0: nothing was read */
    bool has_known;          /* known: what both tables hold, at current revisions */
    bool audit_unchanged;    /* an unchanged file leaves an audit row, too */
    struct fingerprint known;
    uint32_t blob_mode; /* of that object, as git has it: 0100644 */
    const char
        *blob_id; /* read this object of the repository instead of the disk; NULL: the disk */
    unsigned debt_sinks; /* the job pays a debt of these sinks alone; 0: an ordinary job */
    uint64_t size_bytes; /* of the file, once it is open */
    uint32_t busy_count; /* of the episode that ends with this job */
    uint64_t busy_since_ms;
    struct task_request *requests;    /* rows of ingestion_queue that this job answers */
    atomic_uint holders;              /* main and the audit thread */
    atomic_uint_fast64_t *charged_to; /* bytes under way, of main; NULL: not charged */
    uint64_t charged_bytes;
};

/* A row of ingestion_queue that waits for its path. In the arena of the task, or of its own. */
struct task_request {
    struct task_request *next;
    char queue_id[37];
    unsigned sinks;
    bool pinned; /* it was asked for before the job opened the file: the job's commit answers it */
};

/** A task with everything zero but the magic and one holder; strings are copied into its arena.
 * old_path may be NULL. */
struct task *task_new(struct root *root, const char *path, const char *old_path);

/** The task of a job. */
struct task *task_of(struct job *job);

/** Count what the task holds against the budget of bytes under way, until it is freed. budget:
 * outlives the task. */
void task_charge(struct task *task, atomic_uint_fast64_t *budget);

/** Give up one hold; the last one frees it. Any thread. */
void task_release(struct task *task);

#endif
