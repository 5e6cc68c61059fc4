/* database.h - which database a command uses: --db, SRCTAB_DATABASE, the file, libpq's environment,
 * else the private cluster. Thread: main only. */
#ifndef APP_DATABASE_H
#define APP_DATABASE_H

#include <stdbool.h>

#include "app/config.h"
#include "app/output.h"
#include "base/error.h"
#include "store/cluster.h"

enum database_source {
    DATABASE_FROM_SETTING, /* --db, SRCTAB_DATABASE or the file: conninfo is theirs */
    DATABASE_FROM_LIBPQ,   /* PGSERVICE, PGHOST, PGHOSTADDR or PGDATABASE: conninfo is "" */
    DATABASE_FROM_CLUSTER, /* the private cluster: conninfo is its socket */
};

/* The choice, and for the private cluster the share in it that keeps it running. */
struct database;

/**
 * Decide, and start the private cluster when it is the choice. *ret_database is the caller's until
 * database_release(). Errors: ERROR_DATABASE (the cluster does not start), ERROR_CONFIG (mode
 * external without any conninfo).
 */
CHECKED bool database_open(
    const struct config *config, struct database **ret_database, struct error *err);

/** What database_open() would take, without starting anything. Errors: ERROR_CONFIG. */
CHECKED bool database_choose(
    const struct config *config, enum database_source *ret_source, struct error *err);

/** The settings of the private cluster; strings are borrowed from config. */
struct cluster_settings database_cluster_settings(const struct config *config);

/** Where it is the private cluster: start it again if it was killed. Any thread, one at a time;
 * waits. Errors: ERROR_DATABASE. */
CHECKED bool database_revive(struct database *database, struct error *err);

/** Give up the share; the last user of the private cluster stops it. NULL is fine. */
void database_release(struct database *database);

/** For libpq; "" = libpq's own environment. Borrowed. */
const char *database_conninfo(const struct database *database);
/** conninfo of one sink: its own where the configuration has one, else the main one. */
const char *database_sink_conninfo(
    const struct database *database, const struct config *config, enum sink_id id);
enum database_source database_source(const struct database *database);

/** Say on stderr which one it is, as the first line: "database: private cluster (PostgreSQL 15.20,
 * DIR)". server_version: PQserverVersion(), 0 unknown. */
void database_announce(const struct database *database, const struct config *config,
    struct output *output, int server_version);

#endif
