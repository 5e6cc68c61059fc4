/*
 * query.h - the ready queries of sql/queries: a summary, named arguments, a text that psql can run
 * after \set. Thread: any.
 */
#ifndef APP_QUERY_H
#define APP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

enum { QUERY_ARGUMENTS_MAX = 4 };

struct query {
    const char *name; /* "hotspots" */
    const char *summary;
    const char *text; /* with :'codebase', :limit and :'argument' as psql variables */
    size_t n_arguments;
    const char *arguments[QUERY_ARGUMENTS_MAX]; /* names, in the order of the command line */
};

/** Query number index, by name; false past the end. Texts are static or in the arena. */
bool query_at(struct arena *arena, size_t index, struct query *ret_query);

/** The query of that name; false: there is none, and *ret_near is the nearest name or NULL. */
bool query_find(
    struct arena *arena, const char *name, struct query *ret_query, const char **ret_near);

/** The text with parameters in place of the variables: codebase is $1, limit $2, the arguments $3
 * and on. Appended. */
void query_parameters(struct buf *out, const struct query *query);

/** The text for psql, with \set lines for the values in front; values: codebase ("" = all), limit,
 * arguments. Appended. */
void query_for_psql(struct buf *out, const struct query *query, const char *const *values);

#endif
