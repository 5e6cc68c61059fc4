/*
 * pg_text.h - statements whose columns are not known beforehand: ready queries, SQL rules, reports.
 * Values come as text, row by row, in bounded memory. Thread: the connection's owner.
 */
#ifndef STORE_PG_TEXT_H
#define STORE_PG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/pg.h"

/* What is done with the answer. Strings are borrowed during the call. */
struct pg_text_ops {
    /** Once, before the first row; also when there are no rows. types: pg_type.oid. NULL: not
     * wanted. False stops. */
    bool (*columns)(void *user, size_t n_columns, const char *const *names, const uint32_t *types);
    /** values: n_columns texts, NULL = SQL's NULL. False stops (no error). */
    bool (*row)(void *user, size_t n_columns, const char *const *values);
};

/**
 * Run one statement: the server refuses text that holds several. parameters: texts for $1 …, NULL =
 * SQL's NULL; their types are what the statement's casts say. ops NULL: rows are not wanted. The
 * last rows are read even when row() stopped. Errors: ERROR_DATABASE with SQLSTATE.
 */
CHECKED bool pg_text_run(struct pg *pg, const char *sql, const char *const *parameters,
    size_t n_parameters, const struct pg_text_ops *ops, void *user, struct error *err);

/** 150020 for PostgreSQL 15.20; as PQserverVersion() has it. */
int pg_server_version(const struct pg *pg);

/** "host", "port", "dbname" or "user" of the connection as it was made, for people. "" when there
 * is none. Borrowed. */
const char *pg_connected_to(const struct pg *pg, const char *what);

#endif
