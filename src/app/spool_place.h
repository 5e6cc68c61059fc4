/* spool_place.h - which spool of audit records a daemon uses: those of one database stay apart from
 * those of another, and what a dead daemon left is taken over. Thread: main only. */
#ifndef APP_SPOOL_PLACE_H
#define APP_SPOOL_PLACE_H

#include "app/config.h"
#include "base/error.h"

struct spool;

/** Directories of spools in the state directory begin with this. */
#define SPOOL_PLACE_PREFIX "spool-"

/**
 * <state directory>/spool-<16 hex digits of the database>-<n>: the first n that no other daemon
 * holds. Records in free ones of the same database, left by daemons that were killed, are moved
 * into it. Errors: ERROR_IO, ERROR_CONFIG (no HOME).
 */
CHECKED bool spool_place_open(
    const struct config *config, const char *conninfo, struct spool **ret_spool, struct error *err);

#endif
