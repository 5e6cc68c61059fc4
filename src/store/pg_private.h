/* pg_private.h - what the files of pg share. For store/pg*.c alone. Thread: the connection's owner.
 */
#ifndef STORE_PG_PRIVATE_H
#define STORE_PG_PRIVATE_H

#include <libpq-fe.h>
#include <uthash.h>

#include "store/pg.h"

struct statement {
    const char *sql_file; /* static storage; also the statement's name on the server */
    UT_hash_handle hh;
};

struct pg {
    PGconn *conn;
    struct pg_settings settings;
    struct statement *prepared;
    size_t unflushed_bytes;    /* handed to libpq since the last flush */
    int binary[PG_VALUES_MAX]; /* all 1: the format of every parameter */
    uint32_t patience_ms;      /* longest silence of the server that is not a loss */
    bool lost;
    bool unnamed; /* behind a pooler that mixes sessions: statements are sent as text each time */
};

/** Mark the connection as lost and say why. Returns false. */
bool pg_lost(struct pg *pg, struct error *err);

/** Fill err from a failed result: SQLSTATE, sentence, the server's hint. Returns false. Never the
 * detail of a constraint: it quotes the row. */
bool pg_failure(struct pg *pg, const PGresult *result, struct error *err);

/** Queue the execution of one statement: prepared, or as text behind a pooler. False: lost. */
CHECKED bool pg_send(
    struct pg *pg, const char *sql_file, const struct pg_values *values, struct error *err);

/** Send what libpq holds, reading what arrives meanwhile. False: lost. */
CHECKED bool pg_flush(struct pg *pg, struct error *err);

/** The next PGresult (NULL ends a statement). Waits for the server's answer at most patience_ms.
 * False: lost. */
CHECKED bool pg_next_result(struct pg *pg, PGresult **ret_result, struct error *err);

#endif
