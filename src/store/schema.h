/* schema.h - brings a database to the schema that this program knows: numbered migrations, views,
 * roles, comments. Thread: any, one connection each. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/metric.h"
#include "store/pg.h"

/* What a database holds. A sink with a conninfo of its own needs its table alone. */
enum schema_part {
    SCHEMA_MAIN = 1,     /* codebases, watch_folders, ingestion_queue, sync_audit, statistics */
    SCHEMA_FILES = 2,    /* code_files and its views */
    SCHEMA_METADATA = 4, /* codebase_metadata and its views */
    SCHEMA_ALL = 7
};

struct schema_report {
    int version;      /* of the database, afterwards */
    int applied;      /* migrations that this call ran */
    bool single_role; /* srctab_writer and srctab_reader could not be made: say so once */
    bool lz4;         /* large columns are compressed with lz4 */
    bool vector;      /* pgvector is there */
    bool citus;
};

/**
 * Create or upgrade the schema. parts: SCHEMA_ bits. Safe when several do it at once (advisory
 * lock, one transaction); a second call does nothing. Errors: ERROR_SCHEMA when the database is
 * newer than this program or an applied migration was changed; else ERROR_DATABASE. pg is usable
 * afterwards.
 */
CHECKED bool schema_migrate(
    struct pg *pg, unsigned parts, struct schema_report *ret_report, struct error *err);

/** Only look. Errors: ERROR_SCHEMA (newer), ERROR_DATABASE with a hint (missing or older). */
CHECKED bool schema_check(struct pg *pg, struct schema_report *ret_report, struct error *err);

/** Append the comment of a metric column: definition, formula, unit, languages, source. */
void schema_metric_comment(enum metric metric, struct buf *out);

/** Append all SQL that schema_migrate() would run on an empty database, in order: psql can run it.
 */
void schema_print(unsigned parts, const char *schema, struct buf *out);

#endif
