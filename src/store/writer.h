/*
 * writer.h - one connection that writes groups of jobs into one table: a group is one pipeline,
 * either one transaction or one a job. Knows nothing of retries; says what became of each job.
 * Thread: one owner.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/job.h"
#include "store/pg.h"

enum write_status {
    WRITE_NOT_TRIED, /* undone or not reached, because another one of the group failed or the
                        connection was lost */
    WRITE_OK,        /* committed */
    WRITE_FAILED     /* refused, with error */
};

struct write_outcome {
    enum write_status status;
    int64_t rows; /* changed; deletes of one group are one statement: then 1 for each, if any was
                     there */
    struct error error;
};

struct writer;

/** settings: borrowed for the writer's life. Connects at the first use. */
struct writer *writer_new(const struct pg_settings *settings, enum sink_id id);
void writer_free(struct writer *writer);

bool writer_connected(const struct writer *writer);

/** Connect and prepare the statements, unless it is done. Errors: as pg_open(). */
CHECKED bool writer_connect(struct writer *writer, struct error *err);

void writer_disconnect(struct writer *writer);

/**
 * Hold the shared half of the fence of the codebase on this connection, unless it is held. Errors:
 * ERROR_OWNED with SQLSTATE 55P03: another daemon is taking over.
 */
CHECKED bool writer_fence(struct writer *writer, const char *codebase_id, struct error *err);

/**
 * Write n jobs of distinct paths in one round trip. apart: each job commits alone; else all or none
 * do. ret_outcomes: n, in order. False: the connection was lost (err), it is closed, and outcomes
 * that say WRITE_OK are committed; the others may or may not be.
 */
CHECKED bool writer_write(struct writer *writer, struct job *const *jobs, size_t n, bool apart,
    struct write_outcome *ret_outcomes, struct error *err);

/** Upsert a row of no codebase and roll it back: shows that table, columns, permissions and disk
 * are in order. Connects anew. */
CHECKED bool writer_probe(struct writer *writer, struct error *err);

/** The connection underneath, for further statements of the owner. NULL when not connected. */
struct pg *writer_pg(struct writer *writer);

#endif
