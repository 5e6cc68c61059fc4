/*
 * config.h - every setting as one immutable value: flag > SRCTAB_* > file > built-in. Thread: built
 * by main, then read by any.
 *
 *   config_load() ──► struct config, never changed again ──► config_free()
 *   A reload (SIGHUP) loads a second one from the same request and swaps pointers; a failed load
 * leaves the old one in use.
 *
 * The keys, their types, ranges, defaults and texts stand in one table, config_key.c.
 * config/srctab.yaml shows them all.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "model/job.h"
#include "watch/watch.h"

enum database_mode { DATABASE_AUTO, DATABASE_EXTERNAL, DATABASE_EMBEDDED };

enum fast_path { FAST_PATH_AUTO, FAST_PATH_CLOSE, FAST_PATH_OFF };
enum store_ast { STORE_AST_COLUMNS, STORE_AST_OFF };
enum audit_level { AUDIT_LEVEL_CHANGE, AUDIT_LEVEL_ALL };
enum log_form { LOG_FORM_AUTO, LOG_FORM_TEXT, LOG_FORM_JSON };

/* A list of words; items[n] is NULL. */
struct config_list {
    const char *const *items;
    size_t n;
};

/* folders[]: one root as the file, SRCTAB_FOLDERS or (made by the caller) the command line names
 * it. */
struct config_folder {
    const char *path;     /* absolute, as far as text can tell; symbolic links are not resolved */
    const char *codebase; /* NULL: derived (codebase.h) */
    struct config_list include; /* empty: files of known languages */
    struct config_list exclude;
    bool enabled;
    bool recursive;
    uint32_t debounce_ms; /* watch.debounce_ms unless the folder has its own */
    bool debounce_is_own; /* false: follows watch.debounce_ms */
    unsigned sinks;       /* SINK_BIT mask */
};

/* queue.priorities[]: files that match overtake others of their class. Exactly one of match and
 * language is set. */
struct config_priority {
    const char *match; /* glob of the path */
    const char *language;
    int add; /* -4 to 4 */
};

struct config_sink {
    bool enabled;
    const char *conninfo; /* "": the main database */
};

struct config {
    struct {
        enum database_mode mode;
        const char *conninfo; /* never parsed by us; "": the environment or the private cluster
                                 (database.h) */
        const char *schema;
        bool migrate;
        uint32_t connect_timeout_s;
        uint32_t retry_max_s;    /* back-off ceiling while the database is away */
        bool synchronous_commit; /* of the sinks; audit, queue and control are always durable */
    } database;
    struct {
        const char *dir;        /* "": the state directory */
        const char *socket_dir; /* "": the runtime directory */
        const char *bin_dir;    /* "auto": the newest */
        const char *user;       /* used only when started as root */
        uint32_t shared_buffers_mb;
        bool keep_running;
    } embedded;
    const struct config_folder *folders;
    size_t n_folders;
    struct {
        enum watch_mode mode;
        uint32_t debounce_ms;
        uint32_t busy_ms;
        enum fast_path fast_path;
        uint32_t max_delay_ms;
        uint32_t max_depth; /* 0: no limit */
        uint32_t poll_ms;
        uint32_t reconcile_s; /* 0: off */
        bool gitignore;
        bool hidden;
        struct config_list ignore; /* the built-in list, unless set */
    } watch;
    struct config_sink sinks[SINKS];
    struct {
        enum store_ast ast;
        uint32_t batch_ms;
        uint32_t writers; /* connections per sink */
    } store;
    struct {
        uint32_t max_retries;
        const uint32_t *delays_ms;
        size_t n_delays; /* at least 1; the last one repeats */
    } retry;
    struct {
        struct config_list languages; /* empty: all */
        bool store_content;
        bool quick;    /* ingest trusts size and mtime, as --quick does */
        uint32_t jobs; /* 0: number of CPUs */
        uint32_t max_content_kb;
        struct {
            uint32_t code, data, markdown;
        } max_parse_kb;
        uint32_t parse_timeout_ms; /* CPU time of one file */
        uint32_t parse_memory_mb;  /* of one file */
        uint32_t memory_mb;        /* of all workers together */
        struct {
            uint32_t min_kb;          /* smaller files are never minified */
            uint32_t line_bytes;      /* one line longer than this */
            uint32_t mean_line_bytes; /* or a mean line longer than this */
        } minified;
    } analysis;
    struct {
        uint32_t retention_days; /* 0: for ever */
        enum audit_level level;
        uint32_t
            spool_mb; /* bound of the local file that keeps records while the database is away */
    } audit;
    struct {
        const char *listen; /* "host:port"; "": off */
        struct config_list allowed_hosts;
        const char *token_file; /* "": none */
    } http;
    struct {
        enum log_level level;
        enum log_form format;
        const char *file; /* "": standard error */
    } log;
    struct {
        uint32_t max_delete_percent;
        struct config_list
            allowed_roots; /* empty: the folders of the command line and of the local file */
    } safety;
    struct {
        const struct config_priority *priorities;
        size_t n_priorities;
    } queue;
    struct {
        const char *host; /* gethostname() unless set */
    } daemon;

    const char *file;  /* the file that was read, absolute; NULL: none */
    bool file_in_tree; /* found by searching upwards: may set folders, watch and analysis only */
    const char *const *warnings; /* sentences for the log: ignored keys … */
    size_t n_warnings;
    struct config_origins *origins; /* for config_show() */
    struct arena *arena;            /* holds the config itself and all it points to */
};

/* One value given on the command line: key = "watch.debounce_ms", text = "200", origin =
 * "--debounce". */
struct config_setting {
    const char *key;
    const char *text;
    const char *origin;
};

/* What config_load() works from; borrowed during the call, so that a reload can pass it again. */
struct config_request {
    const char *file; /* --config; NULL: SRCTAB_CONFIG, ./srctab.yaml up to the repository's top,
                         XDG_CONFIG_HOME, /etc */
    bool no_file;     /* read no file at all */
    const char *directory; /* where the search starts and relative paths begin; absolute */
    const struct config_setting *settings; /* the command line; wins over all */
    size_t n_settings;
    const char *(*environment)(void *user, const char *name); /* getenv-like */
    void *environment_user;
};

/** environment callback that asks getenv(3). */
const char *config_getenv(void *user, const char *name);

/**
 * Read and check everything. *ret_config is the caller's (config_free).
 * Errors: ERROR_CONFIG, "srctab.yaml:4:3: unknown key "ingore" in folders[0]" with the nearest key;
 * ERROR_IO cannot be told apart by users, so an unreadable file is ERROR_CONFIG too.
 */
CHECKED bool config_load(
    const struct config_request *request, struct config **ret_config, struct error *err);

/** NULL is fine. */
void config_free(struct config *config);

/** One row of `config show`: the value as text (secrets in conninfo are not hidden: use
 * config_is_secret) and its origin. */
struct config_row {
    const char *key;
    const char *value;  /* scalars as YAML reads them; lists in brackets */
    const char *origin; /* "default", "srctab.yaml:4:3", "SRCTAB_WATCH_MODE", "--debounce" */
    const char *unit;   /* "ms", "s", "kB", "MB", "%", "" */
    const char *help;
};

/** Row i, or false past the end. Strings live as long as the config. */
bool config_show(const struct config *config, size_t index, struct config_row *ret_row);

#endif
