/*
 * cluster_place.h - where the private cluster lives, which server program runs it and as whom. For
 * cluster.c and cluster_server.c. Thread: any (reads the environment and the user database).
 */
#ifndef STORE_CLUSTER_PLACE_H
#define STORE_CLUSTER_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct cluster_settings;

/* sun_path holds 108 bytes; PostgreSQL adds "/.s.PGSQL.5432" and its NUL (measured: 93 works, 94
 * fails). */
#define CLUSTER_SOCKET_DIR_BYTES 93

/* All strings are owned; see cluster_place_release(). */
struct cluster_place {
    char *dir;        /* state directory, absolute */
    char *socket_dir; /* absolute */
    uid_t uid;        /* who runs the server */
    gid_t gid;
    gid_t *groups;
    size_t n_groups;
    bool drops;      /* we are root and the server must not be */
    char *user_name; /* of uid */
    char *self_name; /* of the caller */
    char *bin_dir;   /* NULL: no server program found */
    unsigned major;  /* of bin_dir; else of the data directory; 0: neither */
    char *data_dir;  /* NULL while major is 0 */
    char *log_path;
    int lock_fd;    /* borrowed; held by initdb too, so that a killed caller's initdb is waited for.
                       -1: none */
    char *old_dirs; /* data directories of other majors, separated by spaces */
};

/** Paths and users; no server program yet. Errors: ERROR_CONFIG (no HOME), ERROR_DATABASE (unknown
 * uid, no user to drop to, socket path too long). */
CHECKED bool cluster_place_init(
    struct cluster_place *place, const struct cluster_settings *settings, struct error *err);

/**
 * Choose the server program: bin_dir, or with "auto" the newest one whose major has a data
 * directory, else the newest one. Looks in /usr/lib/postgresql, /usr/pgsql-* and PATH. False only
 * for an explicit bin_dir without programs (ERROR_DATABASE); place->bin_dir stays NULL when nothing
 * was found.
 */
CHECKED bool cluster_place_find(
    struct cluster_place *place, const struct cluster_settings *settings, struct error *err);

void cluster_place_release(struct cluster_place *place);

/** dir/name as a new string. */
char *cluster_path(const char *dir, const char *name);

#endif
