/*
 * control.h - the control connection: who owns a codebase, what psql users ask for, what the
 * configuration tables say. One thread and one session on the main database with synchronous_commit
 * = on. Functions: main only; they never wait.
 *
 *   control_own(id) ──► standby ──lock──► fencing of each sink database ──► owned ──connection
 * lost──► lost ──► standby …
 *
 * What the thread finds out reaches main as events, in order. A lost connection is a lost lock:
 * CONTROL_LOST means stop writing now.
 */
#ifndef STORE_CONTROL_H
#define STORE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/counter.h"
#include "store/folder.h"
#include "store/queue.h"

enum control_event_kind {
    CONTROL_UP,   /* connected, listening */
    CONTROL_DOWN, /* connection lost or not to be had; error says why. Sent once a reason and outage
                   */
    CONTROL_REFUSED, /* error: this database cannot be used (transaction pooling); asked again every
                        30 s. Sent once */
    CONTROL_TROUBLE, /* error: a statement was refused or an old writer does not end; tried again.
                        Sent once until it works */
    CONTROL_STANDBY, /* codebase_id: another daemon owns it; holder says which. Sent once a wait */
    CONTROL_OWNED,   /* codebase_id: ours, and no older writer is left in any sink database that can
                        be reached */
    CONTROL_LOST,    /* codebase_id: was ours until now */
    CONTROL_REQUESTS, /* codebase_id, requests: rows of ingestion_queue, now marked running */
    CONTROL_QUEUE,    /* codebase_id, depth: how many rows of it the queue holds has changed */
    CONTROL_FOLDERS,  /* folders, n_folders: all rows of this host, after a change of the table or a
                         reconnect */
};

/* Main owns it; its strings live in its arena. */
struct control_event {
    enum control_event_kind kind;
    struct arena *arena;
    const char *codebase_id;
    const char *holder; /* "srctab host 4711 control, server process 4712 from 10.0.0.7" or "" */
    const struct request *requests;
    size_t n_requests;
    const struct folder *folders;
    size_t n_folders;
    struct queue_depth depth;
    struct error error; /* CONTROL_FOLDERS: the rows of control_folders() could not be stored (kind
                           ERROR_NONE: they could, or there were none) */
};

void control_event_free(struct control_event *event);

/* All pointers are borrowed for the life of the control. */
struct control_settings {
    const char *conninfo; /* main database */
    const char *schema;
    const char *daemon_id; /* shown as application_name to a standby */
    const char *host;      /* whose watch_folders rows are ours */
    const char *const
        *sink_conninfos;   /* each distinct sink database, to be fenced; NULL ends the list */
    uint64_t poll_ms;      /* re-read everything at least this often; 0: 30000 */
    uint64_t standby_ms;   /* between two tries for a lock; 0: 1000 */
    uint64_t fence_ms;     /* how long the last statements of an old writer may take; 0: 10000 */
    unsigned max_attempts; /* of a request before it is dead; 0: 3 */
    /** On the control thread: take the event (free it with control_event_free), e.g. post it to
     * main's mailbox. Must not wait. */
    void (*event)(void *user, struct control_event *event);
    void *user;
};

struct control;

/** Starts the thread; the connection is made by it and made again after each loss (back-off 0.1 s
 * to 5 s). The tables must exist. */
CHECKED bool control_new(
    const struct control_settings *settings, struct control **ret_control, struct error *err);

/** Write what is still queued (2 s at most), release the locks, end the thread. Events that come
 * meanwhile still reach the callback. NULL is fine. */
void control_free(struct control *control);

/** Try to own the codebase, for as long as it takes: CONTROL_OWNED or CONTROL_STANDBY follows.
 * Again: no effect. */
void control_own(struct control *control, const char *codebase_id);

/** Give the codebase up (a folder was removed): its lock is released, no event follows. All its
 * writers must be idle. */
void control_disown(struct control *control, const char *codebase_id);

/** A request is done, failed or hopeless: see queue_ack(), queue_fail(), queue_dead(). While the
 * database is away they wait, one small record each. */
void control_ack(struct control *control, const char *codebase_id, const char *queue_id);
void control_fail(struct control *control, const char *codebase_id, const char *queue_id,
    const char *reason, const char *sqlstate);
void control_dead(struct control *control, const char *codebase_id, const char *queue_id,
    const char *reason, const char *sqlstate);

/** Store the folders of the configuration file and the command line (copied). CONTROL_FOLDERS
 * follows. The last call counts. Rows are read, and told as CONTROL_FOLDERS, only after the
 * first call: before it a row of this daemon may be another's to prune. */
void control_folders(struct control *control, const struct folder *folders, size_t n_folders);

/** Newest numbers of a root (copied); written every 5 s when they changed. */
void control_statistics(
    struct control *control, const char *codebase_id, const struct counters *counters);

#endif
