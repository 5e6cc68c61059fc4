/*
 * cluster_spawn.h - run a PostgreSQL program as the user of the private cluster. Thread: any:
 * between fork and exec only system calls are made. The program gets a clean environment, default
 * signals, a session of its own and no other descriptors.
 */
#ifndef STORE_CLUSTER_SPAWN_H
#define STORE_CLUSTER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"
#include "store/cluster_place.h"

/* What to run. Nothing is copied. */
struct cluster_program {
    const char *const *argv; /* argv[0]: path of the program; NULL ends the list */
    const char *directory;   /* where it runs */
    int in_fd;
    int out_fd;  /* output and errors */
    int keep_fd; /* one more descriptor that it inherits under the same number; -1: none */
};

/** Errors: ERROR_DATABASE "could not run …". The caller reaps *ret_pid. */
CHECKED bool cluster_spawn(const struct cluster_place *place, const struct cluster_program *program,
    pid_t *ret_pid, struct error *err);

/** The same, then wait for its end. *ret_status: exit status, or 128 + signal. */
CHECKED bool cluster_spawn_wait(const struct cluster_place *place,
    const struct cluster_program *program, int *ret_status, struct error *err);

/** Run argv and append what it prints (64 kB at most). False also when it does not exit with 0. */
CHECKED bool cluster_spawn_read(const struct cluster_place *place, const char *const argv[],
    struct buf *ret_text, struct error *err);

/** rm -rf below a directory that may belong to another user: links are removed, never followed. A
 * missing one is fine. Errors: ERROR_IO. */
CHECKED bool cluster_remove_tree(const char *path, struct error *err);

#endif
