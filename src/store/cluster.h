/*
 * cluster.h - the private cluster: a PostgreSQL server that srctab makes, starts, shares and stops
 * itself. Thread: one at a time, in a process with no other forks in progress; nothing here is kept
 * between calls but the file locks.
 *
 *   <dir>/pg15       the data directory; made as pg15.new and renamed, so that a killed initdb
 * leaves no half cluster <dir>/pg15.log   what the server says <dir>/lock       flock, exclusive:
 * starting and stopping <dir>/users      flock, shared: "I use it", held for a user's life; whoever
 * gets it exclusively was the last one
 *
 * The server outlives its starter (also kill -9): the next user finds it running and stops it when
 * it was the last.
 */
#ifndef STORE_CLUSTER_H
#define STORE_CLUSTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* Strings are borrowed; NULL and "" mean the default. */
struct cluster_settings {
    const char *dir;        /* state: $XDG_STATE_HOME/srctab, else ~/.local/state/srctab; as root
                               /var/lib/srctab */
    const char *socket_dir; /* $XDG_RUNTIME_DIR/srctab, else <dir>/run; as root /run/srctab; at most
                               93 bytes */
    const char
        *bin_dir;     /* "auto": the major of an existing cluster, else the newest one installed */
    const char *user; /* as root: who runs the server; postgres */
    unsigned shared_buffers_mb; /* 0: 128 */
    bool keep_running;          /* the last user does not stop the server */
};

enum cluster_state {
    CLUSTER_ABSENT, /* no data directory */
    CLUSTER_STOPPED,
    CLUSTER_RUNNING,
};

/* What `db status` shows. Plain values. */
struct cluster_status {
    enum cluster_state state;
    unsigned major; /* 15; 0 when absent and no server program was found */
    pid_t pid;      /* of the server, 0: not running */
    bool in_use;    /* some process holds it */
    char data_dir[512];
    char socket_dir[128];
    char bin_dir[256]; /* "" = none was found */
    char log_path[512];
    char old_dirs[512]; /* data directories of other majors, separated by spaces; "" = none */
};

/* A claim on the running cluster. */
struct cluster;

/**
 * Make the cluster if it does not exist, start it if it does not run, and hold it. Takes 0.6 s from
 * nothing, 0.1 s for a start, 5 ms for a running one. Removes a postmaster.pid whose process is not
 * a server of this directory. Errors (ERROR_DATABASE, with a hint): no server program found,
 * unknown user id, no user to drop to, socket path too long, initdb or server failed (its last line
 * is in the message), not ready within 60 s, data directory of another major. ERROR_IO: directories
 * and locks.
 */
CHECKED bool cluster_use(
    const struct cluster_settings *settings, struct cluster **ret_cluster, struct error *err);

/** Keyword string for libpq: host, port, user, dbname. Borrowed until the release. */
const char *cluster_conninfo(const struct cluster *cluster);

/** "embedded (PostgreSQL 15, ~/.local/state/srctab/pg15)" for the first line of a command.
 * Borrowed. */
const char *cluster_title(const struct cluster *cluster);

/** A sentence for the user, "" = none: the cluster is new although one of an older major exists.
 * Borrowed. */
const char *cluster_notice(const struct cluster *cluster);

/** True if this call of cluster_use() made the cluster or started the server. */
bool cluster_was_made(const struct cluster *cluster);
bool cluster_was_started(const struct cluster *cluster);

/**
 * Connections are being lost: start the server again if it died, but not if
 * cluster_stop() or cluster_destroy() ended it. The conninfo stays the same. Any
 * thread, one at a time. Errors: as cluster_use().
 */
CHECKED bool cluster_revive(struct cluster *cluster, struct error *err);

/** Give it up; the last user stops the server (fast, waits up to 10 s) unless keep_running. Never
 * fails. NULL is fine. */
void cluster_release(struct cluster *cluster);

/** Give it up, and leave the server running without users until cluster_stop(): for `db start`. */
void cluster_leave(struct cluster *cluster);

/** Look, start nothing. Errors: ERROR_IO (directories). */
CHECKED bool cluster_status(
    const struct cluster_settings *settings, struct cluster_status *ret_status, struct error *err);

/** Stop the server whoever uses it. *ret_stopped: it was running. Errors: ERROR_DATABASE when it
 * does not stop in 30 s. */
CHECKED bool cluster_stop(
    const struct cluster_settings *settings, bool *ret_stopped, struct error *err);

/**
 * Stop it and remove all data directories; only_old: just those of other majors than the one in
 * use. Removes nothing but directories that hold a PG_VERSION file (or are an unfinished pgNN.new).
 * Errors: ERROR_DATABASE when others use it (unless force), ERROR_IO.
 */
CHECKED bool cluster_destroy(
    const struct cluster_settings *settings, bool only_old, bool force, struct error *err);

/** "postgresql://srctab@/srctab?host=%2Frun%2Fsrctab" into a new string; caller frees. Errors: as
 * cluster_status(). */
CHECKED bool cluster_url(
    const struct cluster_settings *settings, char **ret_url, struct error *err);

/** The directories the settings lead to, for other files of ours (sockets, spool). Caller frees
 * both. ERROR_CONFIG without HOME. */
CHECKED bool cluster_dirs(const struct cluster_settings *settings, char **ret_dir,
    char **ret_socket_dir, struct error *err);

#endif
