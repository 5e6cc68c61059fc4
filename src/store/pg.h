/*
 * pg.h - one connection to PostgreSQL: the only door to libpq. Every value travels as a binary
 * parameter, every statement is a file of sql/ named by its path ("write/code_files_upsert.sql"),
 * prepared at its first use. Thread: one owner at a time; nothing is shared between connections.
 */
#ifndef STORE_PG_H
#define STORE_PG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

/* What an SQLSTATE asks for (pg_class_of). */
enum pg_class {
    PG_CLASS_CONNECTION, /* the connection is gone or none can be had: reconnect, then repeat */
    PG_CLASS_TRANSIENT,  /* repeat as it is: deadlock, serialization, lock or statement timeout */
    PG_CLASS_RESOURCES,  /* the server cannot take it now: disk, memory, read-only */
    PG_CLASS_BAD_ROW,    /* this row will never be taken */
    PG_CLASS_SCHEMA,     /* table, column or permission is missing: somebody must act */
    PG_CLASS_UNKNOWN /* anything else: the row is at fault until proven otherwise, yet a later try
                        may help */
};

/** Class of an SQLSTATE; "" and NULL are a lost connection. Pure. Source: PostgreSQL 15 manual,
 * appendix A. */
enum pg_class pg_class_of(const char *sqlstate);

struct pg_settings {
    const char *conninfo; /* libpq's string or URL; "" = libpq's environment */
    const char *schema;   /* becomes the search_path, unquoted as typed; NULL: the server's own */
    const char *application_name;  /* "srctab code_files" */
    uint32_t connect_timeout_ms;   /* 0: 5000 */
    uint32_t statement_timeout_ms; /* on the server; 0: 60000. The client gives up 5 s later */
    uint32_t lock_timeout_ms;      /* 0: 5000 */
    bool synchronous_commit; /* false: commits may be lost with the server, so compare after a lost
                                connection */
    const _Atomic uint64_t
        *give_up_ms; /* monotonic; no wait lasts longer than this. NULL: no such limit. Borrowed */
};

struct pg;

/**
 * Connect, check the server (encoding UTF8, version 14 or later) and set the session up. settings:
 * its strings are borrowed until pg_close(). Errors: ERROR_DATABASE with SQLSTATE ("08001" where
 * the server gave none) and a hint. Waits at most connect_timeout_ms per host.
 */
CHECKED bool pg_open(const struct pg_settings *settings, struct pg **ret_pg, struct error *err);

/** Close at once. NULL is fine. */
void pg_close(struct pg *pg);

/** False once the connection was lost: only pg_close() makes sense then. */
bool pg_alive(const struct pg *pg);

/** Look, without waiting, whether the server ended the session; pg_alive() afterwards. For idle
 * connections. */
bool pg_still_there(struct pg *pg);

/** The socket, for poll(2); -1 when lost. */
int pg_socket(const struct pg *pg);

/** Process id of the backend, as pg_stat_activity shows it. */
int pg_backend_pid(const struct pg *pg);

/** Append where it goes, for people: database "app" as "me" at /run/postgresql. Never a password.
 */
void pg_describe(const struct pg *pg, struct buf *out);

/** BEGIN, COMMIT, ROLLBACK. pg_rollback() is for the way out of an error: its own is ignored. */
CHECKED bool pg_begin(struct pg *pg, struct error *err);
CHECKED bool pg_commit(struct pg *pg, struct error *err);
void pg_rollback(struct pg *pg);

/* ---- values: the parameters of one statement, in order ---- */

enum { PG_VALUES_MAX = 128 };

struct pg_values {
    size_t n;
    size_t size_bytes;                /* sum of the lengths */
    const char *bytes[PG_VALUES_MAX]; /* NULL = SQL's NULL */
    int length[PG_VALUES_MAX];
    uint32_t type[PG_VALUES_MAX];  /* pg_type.oid */
    char number[PG_VALUES_MAX][8]; /* network order, where bytes points for numbers */
};

/** Start again with no values. Texts and bytes added are borrowed until the statement is sent. A
 * pg_values must not be copied. */
void pg_values_clear(struct pg_values *values);
/** string NULL = SQL's NULL. Must be valid UTF-8 without NUL, else the server refuses the row
 * (22021). */
void pg_values_string(struct pg_values *values, const char *string);
void pg_values_text(struct pg_values *values, const char *bytes, size_t length);
void pg_values_bytea(struct pg_values *values, const void *bytes, size_t length);
void pg_values_i32(struct pg_values *values, int32_t value);
void pg_values_i64(struct pg_values *values, int64_t value);
/** NaN and infinities become NULL. */
void pg_values_double(struct pg_values *values, double value);
void pg_values_bool(struct pg_values *values, bool value);
/** wall_us: microseconds since 1970 UTC. */
void pg_values_time(struct pg_values *values, int64_t wall_us);
void pg_values_uuid(struct pg_values *values, const uint8_t uuid[16]);
/** text[] of n strings, built in arena. strings NULL = SQL's NULL. */
void pg_values_strings(
    struct pg_values *values, const char *const *strings, size_t n, struct arena *arena);
/** NULL of the given kind; type: one of the PG_TYPE_ values. */
void pg_values_null(struct pg_values *values, uint32_t type);

enum {
    PG_TYPE_BOOL = 16,
    PG_TYPE_BYTEA = 17,
    PG_TYPE_INT8 = 20,
    PG_TYPE_INT4 = 23,
    PG_TYPE_TEXT = 25,
    PG_TYPE_FLOAT8 = 701,
    PG_TYPE_TEXT_ARRAY = 1009,
    PG_TYPE_TIMESTAMPTZ = 1184,
    PG_TYPE_UUID = 2950
};

/* ---- one statement ---- */

struct pg_result; /* rows in binary form */

/**
 * Run the statement of one file of sql/ and wait for it. values NULL: none. ret_result NULL: rows
 * are not wanted; else free with pg_result_free(). ret_rows (may be NULL): rows returned or
 * changed. Errors: ERROR_DATABASE with SQLSTATE, the server's sentence and detail.
 */
CHECKED bool pg_run(struct pg *pg, const char *sql_file, const struct pg_values *values,
    struct pg_result **ret_result, int64_t *ret_rows, struct error *err);

/** Run SQL text of several statements without parameters (migrations, views). */
CHECKED bool pg_script(struct pg *pg, const char *script, struct error *err);

/** Run the statement of a file and hand over row by row, in bounded memory. row() returns false to
 * stop early (not an error). */
CHECKED bool pg_stream(struct pg *pg, const char *sql_file, const struct pg_values *values,
    bool (*row)(void *user, const struct pg_result *row), void *user, struct error *err);

void pg_result_free(struct pg_result *result);
#define AUTO_PG_RESULT CLEANUP(pg_result_free_pointer) struct pg_result
void pg_result_free_pointer(struct pg_result **result);
size_t pg_rows(const struct pg_result *result);
bool pg_is_null(const struct pg_result *result, size_t row, size_t column);
/** Text as a C string, borrowed from the result; NULL for SQL's NULL. */
const char *pg_text(const struct pg_result *result, size_t row, size_t column);
/** Raw bytes (bytea, uuid, text), borrowed. NULL for SQL's NULL. */
const void *pg_bytes(const struct pg_result *result, size_t row, size_t column, size_t *ret_length);
/** int2, int4, int8 and bool; 0 for SQL's NULL. */
int64_t pg_i64(const struct pg_result *result, size_t row, size_t column);
double pg_double(const struct pg_result *result, size_t row, size_t column);
/** timestamptz as microseconds since 1970 UTC; 0 for SQL's NULL. */
int64_t pg_time(const struct pg_result *result, size_t row, size_t column);
/** text[]: n strings in arena, each NUL-terminated; a NULL element is "". */
size_t pg_strings(const struct pg_result *result, size_t row, size_t column, struct arena *arena,
    char ***ret_strings);

/* ---- pipeline: many statements, one round trip. All between two syncs are one transaction ---- */

enum pg_outcome {
    PG_OUTCOME_DONE,    /* this statement is done; it counts once its sync is reached */
    PG_OUTCOME_FAILED,  /* this statement failed; the others up to the sync are undone */
    PG_OUTCOME_ABORTED, /* not tried, because an earlier one failed */
    PG_OUTCOME_SYNC     /* a sync was reached: what came before and did not fail is committed */
};

/** Prepare the statement of a file for types of values, unless it is. Not inside a pipeline. */
CHECKED bool pg_prepare(
    struct pg *pg, const char *sql_file, const struct pg_values *types, struct error *err);
CHECKED bool pg_pipeline_begin(struct pg *pg, struct error *err);
/** Queue one prepared statement; what the server says meanwhile is read, so neither side can block
 * the other. */
CHECKED bool pg_pipeline_send(
    struct pg *pg, const char *sql_file, const struct pg_values *values, struct error *err);
CHECKED bool pg_pipeline_sync(struct pg *pg, struct error *err);
/** The next outcome in the order of sending. FAILED fills *ret_failure (kind, SQLSTATE, sentence).
 * False: the connection is lost, with err. */
CHECKED bool pg_pipeline_next(struct pg *pg, enum pg_outcome *ret_outcome, int64_t *ret_rows,
    struct error *ret_failure, struct error *err);
/** After the last sync was read. */
CHECKED bool pg_pipeline_end(struct pg *pg, struct error *err);

#endif
