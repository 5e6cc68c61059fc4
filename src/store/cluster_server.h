/*
 * cluster_server.h - the server process of the private cluster: make its directory, start it, see
 * whether it runs, stop it. For cluster.c, which holds the lock meanwhile. Thread: any, one at a
 * time; children are forked and executed at once.
 */
#ifndef STORE_CLUSTER_SERVER_H
#define STORE_CLUSTER_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "store/cluster_place.h"

/* What postmaster.pid says, if its process really is a server of that directory. */
struct cluster_server {
    pid_t pid; /* 0: not running */
    enum { SERVER_STARTING, SERVER_READY, SERVER_STOPPING } phase;
    unsigned port;
    char socket_dir[128];
};

/** The major that `bin_dir`/postgres -V prints; 0 if it cannot be run. */
unsigned cluster_server_major(const struct cluster_place *place, const char *bin_dir);

/** Never fails: what cannot be read does not run. */
void cluster_server_look(const struct cluster_place *place, struct cluster_server *ret_server);

/** initdb, settings and the database, then rename to place->data_dir. Errors: ERROR_DATABASE with
 * the program's last words. */
CHECKED bool cluster_server_make(const struct cluster_place *place, struct error *err);

/** Start it and wait until it takes connections. The data directory exists and no server runs.
 * Errors: ERROR_DATABASE. */
CHECKED bool cluster_server_start(
    const struct cluster_place *place, unsigned shared_buffers_mb, struct error *err);

/** Wait until a server that runs takes connections, or has ended (ret_server->pid = 0). Errors:
 * ERROR_DATABASE after 60 s. */
CHECKED bool cluster_server_wait(
    const struct cluster_place *place, struct cluster_server *ret_server, struct error *err);

/** Fast shutdown (SIGINT), then wait. True when no server runs any more. */
bool cluster_server_stop(const struct cluster_place *place, uint64_t wait_ms);

#endif
