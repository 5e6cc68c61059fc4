/* jobs.h - jobs for tests of the store, and a box in which finished ones arrive. */
#ifndef TESTS_STORE_JOBS_H
#define TESTS_STORE_JOBS_H

#include "base/stage.h"
#include "model/job.h"
#include "server.h"
#include "store/sink.h"

/** A job with one row's worth of facts; its content_hash is that of content. sinks: what it wants
 * written. */
struct job *job_new(
    const char *path, enum operation operation, const char *content, unsigned sinks);
void job_free(struct job *job);

/** The schema "srctab" in the server's database. */
void make_schema(const struct server *server);

/* Everything a test needs around one sink. */
struct bench {
    struct server *server;
    struct mailbox *finished;
    struct sink *sink;
    atomic_int events[4]; /* how often each sink_event came */
    char last_why[600];
};

/** settings: id and whatever differs from the defaults. */
void bench_open(struct bench *bench, struct server *server, struct sink_settings settings);
void bench_close(struct bench *bench);

/** Submit, and wait (20 s at most) for it to be finished. */
void bench_write(struct bench *bench, struct job *job);

/** Wait for n jobs; they stay the caller's. */
void bench_take(struct bench *bench, struct job **ret_jobs, size_t n);

/** Wait until the event has come n times. */
bool bench_event(struct bench *bench, enum sink_event event, int n);

#endif
