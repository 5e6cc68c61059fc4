/*
 * prepare.h - the body of the analyze threads: open the file below its root, make sure that nobody
 * writes it, read it once, see whether it is what the tables hold, and have it analysed. Thread:
 * one preparer a thread.
 */
#ifndef APP_PREPARE_H
#define APP_PREPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/limits.h"
#include "analyze/zygote.h"
#include "app/config.h"
#include "app/revisions.h"
#include "app/task.h"

/* Borrowed for the preparers' life; immutable. */
struct prepare_settings {
    struct zygote *zygote;
    const struct revisions *revisions;
    struct analyze_limits limits;
    uint64_t max_parse_bytes[3]; /* by enum language_class */
    uint64_t max_content_bytes;
    uint32_t busy_ms;
    bool store_content, store_ast;
    const char *git_root; /* where blobs are read from; NULL: nowhere */
};

/** What the configuration says; strings are borrowed from it. */
struct prepare_settings prepare_settings_of(
    const struct config *config, struct zygote *zygote, const struct revisions *revisions);

struct preparer;

struct preparer *preparer_new(const struct prepare_settings *settings);
void preparer_free(struct preparer *preparer);

/**
 * Fill job.file and job.code and set the outcome. With TASK_WRITE the job is ready for its sinks:
 * an update as it is read, or, when the file is gone or unwanted but has rows, turned into a
 * delete. A file that cannot be analysed at all ends as TASK_WRITE with both halves failed and no
 * sink left to do (job.sinks_left is 0).
 */
void prepare(struct preparer *preparer, struct task *task);

#endif
