/*
 * daemon.h - the state of the running program, `watch` and `ingest` alike: its roots, and what they
 * share. All of it belongs to main; other threads reach it through mailboxes alone.
 *
 *   daemon_open() ──► daemon_run(): poll(signals, mailboxes, watch, socket, http) ──►
 * daemon_close()
 */
#ifndef APP_DAEMON_H
#define APP_DAEMON_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/catchup.h"
#include "app/config.h"
#include "app/database.h"
#include "app/output.h"
#include "app/pipeline.h"
#include "app/revisions.h"
#include "app/reviver.h"
#include "app/root.h"
#include "base/stage.h"
#include "store/control.h"
#include "watch/watch.h"

#define DAEMON_IN_FLIGHT_MAX 512 /* more than a stuck sink can hold, so that the other goes on */
#define DAEMON_BYTES_MAX                                                                           \
    ((uint64_t)48 * 1024 * 1024) /* of files and facts under way, before more waits */

struct daemon_options {
    const struct config_request *request; /* for a reload */
    const char *const
        *dirs; /* of the command line, absolute; NULL: the folders of the configuration */
    size_t n_dirs;
    const char *given_id; /* --id; NULL: derived */
    bool once;            /* ingest: one pass, no events */
    bool full;            /* write even what is unchanged */
    bool dry_run;
    bool allow_mass_delete;
    bool rebind;
    bool no_roots;       /* the caller brings its own files (a git revision): dirs[0] or the current
                            directory is its repository */
    struct since *since; /* only these paths; NULL: all */
};

struct daemon {
    struct daemon_options options;
    const struct config *config;
    struct config **reloads; /* each configuration that was read again; filters and threads may
                                still borrow from older ones */
    size_t n_reloads;
    struct output *output;
    struct database *database;
    struct zygote *zygote;
    struct revisions *revisions;
    char *daemon_id;
    const char *conninfo;
    const char *sink_conninfo[SINKS];
    unsigned sinks;      /* SINK_BIT mask: enabled at all */
    const char **fenced; /* distinct sink databases, NULL-ended */
    bool once, full, quick, allow_mass_delete, rebind;
    struct watch *watch;
    struct pipeline *pipeline;
    struct control *control;
    struct catchup *catchup;
    struct spool *spool;
    struct notify *notify;
    struct reviver *reviver;  /* NULL unless the private cluster is used */
    struct serve *serve;      /* control socket and HTTP; NULL for one pass */
    struct mailbox *finished; /* struct task */
    struct mailbox *notices;  /* struct notice */
    struct root *roots;       /* a list by `next` */
    char **refused;           /* paths of watch_folders that were said not to be allowed */
    size_t n_refused;
    unsigned sinks_up; /* SINK_BIT mask: can be written now */
    unsigned in_flight;
    unsigned rechecks[SINKS]; /* compares under way of a table whose connection was lost */
    atomic_uint_fast64_t bytes_in_flight;
    struct uuid_source uuids;
    struct waits *waits;
    uint64_t order;
    uint64_t n_failed; /* files that could not be read */
    uint64_t started_ms;
    uint64_t n_reconnects; /* sinks and the control connection, after a loss */
    bool database_up;
    bool said_ready;
    int signal_fd;
    unsigned stop_signals; /* SIGTERM and SIGINT received */
    int stop_signal;
    uint64_t stop_by_ms; /* the drain ends then */
    struct error fatal;  /* kind other than ERROR_NONE: the loop ends with it */
    struct progress progress;
};

/* What other threads tell main, but finished tasks. */
enum notice_kind { NOTICE_SINK, NOTICE_CONTROL, NOTICE_CATCHUP };

struct notice {
    enum notice_kind kind;
    enum sink_id sink;
    enum sink_event event;
    struct error error;
    void *payload; /* struct control_event, struct catchup_batch */
};

/**
 * Everything up to the first turn of the loop: workers, database, schema, threads, roots. The
 * configuration, output and options are borrowed. For watch the database may be away: it is waited
 * for, until a signal. Errors: any; *ret_daemon is NULL then.
 */
CHECKED bool daemon_open(const struct config *config, struct output *output,
    const struct daemon_options *options, struct daemon **ret_daemon, struct error *err);

/** The loop. One pass: until all is done; else until a signal. Returns the exit status; err is set
 * when it ended by an error. */
int daemon_run(struct daemon *daemon, struct error *err);

/** Finish what is under way (2 s at most after a signal), close and free everything. NULL is fine.
 */
void daemon_close(struct daemon *daemon);

#endif
