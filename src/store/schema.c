#include "store/schema.h"

#include "base/sha256.h"
#include "store/schema_files.h"
#include "store/sql.h"

#define MIGRATE_TRIES 5

/* What schema_migrations says. */
struct history {
    int newest;
    unsigned parts;       /* that the applied migrations made */
    uint64_t applied;     /* bit n: version n */
    bool rest_is_current; /* row 0 is ours, or that of a newer program */
};

static bool same_digest(const struct pg_result *rows, size_t row, const uint8_t *digest)
{
    size_t length;
    const void *recorded = pg_bytes(rows, row, 2, &length);
    return length == SHA256_BYTES && memcmp(recorded, digest, SHA256_BYTES) == 0;
}

static bool read_row(
    const struct pg_result *rows, size_t row, struct history *history, struct error *err)
{
    struct schema_record ours;
    int version = (int)pg_i64(rows, row, 0);
    int min_binary = (int)pg_i64(rows, row, 3);
    if (version == 0) {
        schema_rest_record(&ours);
        history->rest_is_current =
            same_digest(rows, row, ours.digest) || min_binary > ours.min_binary;
        return true;
    }
    history->newest = version > history->newest ? version : history->newest;
    const struct embedded_file *file = schema_migration(version);
    if (file == NULL && min_binary <= schema_newest())
        return true; /* newer, but made so that programs of our age can go on */
    if (file == NULL) {
        error_set(err, ERROR_SCHEMA, 0,
            "the database has schema version %d, this program knows versions up to %d", version,
            schema_newest());
        return error_hint(err, "use a newer srctab, or another schema (database.schema)");
    }
    if (!schema_record_of(file, SCHEMA_ALL, &ours) || !same_digest(rows, row, ours.digest)) {
        error_set(err, ERROR_SCHEMA, 0,
            "migration \"%s\" of the database is not the one of this program",
            pg_text(rows, row, 1));
        return error_hint(err, "another build made this schema: use it, or another schema");
    }
    history->applied |= UINT64_C(1) << version;
    history->parts |= schema_parts(file);
    return true;
}

static bool not_allowed(struct error *err, const char *sentence)
{
    error_set(err, ERROR_DATABASE, 0, "%s", sentence);
    memcpy(err->sqlstate, "42501", sizeof(err->sqlstate));
    return error_hint(err, "ask its owner: GRANT srctab_reader (or srctab_writer) TO your role");
}

static bool read_history(struct pg *pg, struct history *ret_history, struct error *err)
{
    AUTO_PG_RESULT *present = NULL, *rows = NULL;
    struct history history = {0};
    if (!pg_run(pg, "migrate/present.sql", NULL, &present, NULL, err))
        return false;
    if (pg_i64(present, 0, 1) != 0)
        return not_allowed(err, "permission denied for the schema of the tables");
    if (pg_i64(present, 0, 0) != 0) {
        if (!pg_run(pg, "migrate/applied.sql", NULL, &rows, NULL, err))
            return false;
        for (size_t i = 0; i < pg_rows(rows); i++)
            if (!read_row(rows, i, &history, err))
                return false;
    }
    *ret_history = history;
    return true;
}

/* A migration of these parts that the database does not have. */
static bool wanted(const struct embedded_file *file, unsigned parts, const struct history *history,
    struct schema_record *ret_record)
{
    return schema_record_of(file, parts, ret_record) &&
           (history->applied >> ret_record->version & 1) == 0;
}

static bool is_current(unsigned parts, const struct history *history)
{
    struct schema_record row;
    for (const struct embedded_file *file = sql_files; file->name != NULL; file++)
        if (wanted(file, parts, history, &row))
            return false;
    return history->rest_is_current;
}

static bool record(struct pg *pg, const struct schema_record *row, struct error *err)
{
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_i32(&values, row->version);
    pg_values_string(&values, row->name);
    pg_values_bytea(&values, row->digest, SHA256_BYTES);
    pg_values_i32(&values, row->min_binary);
    return pg_run(pg, "migrate/record.sql", &values, NULL, NULL, err);
}

static bool apply_migration(struct pg *pg, const struct embedded_file *file,
    const struct schema_record *row, struct error *err)
{
    if (pg_script(pg, (const char *)file->bytes, err) && record(pg, row, err))
        return true;
    return error_wrap(err, "migration \"%s\"", row->name);
}

/* The metric columns are described by the program's own table, so the two cannot drift. */
static bool comment_metrics(struct pg *pg, struct error *err)
{
    AUTO_BUF script = BUF_INIT;
    for (unsigned i = 0; i < METRICS; i++) {
        AUTO_BUF comment = BUF_INIT;
        AUTO_PG_RESULT *statement = NULL;
        struct pg_values values;
        schema_metric_comment((enum metric)i, &comment);
        pg_values_clear(&values);
        pg_values_string(&values, metric_infos[i].column);
        pg_values_string(&values, buf_string(&comment));
        if (!pg_run(pg, "migrate/comment.sql", &values, &statement, NULL, err))
            return false;
        buf_addf(&script, "%s;\n", pg_text(statement, 0, 0));
    }
    return pg_script(pg, buf_string(&script), err);
}

static bool apply_views(struct pg *pg, unsigned parts, struct error *err)
{
    for (const struct embedded_file *file = sql_files; file->name != NULL; file++)
        if (schema_is_view(file, parts) && !pg_script(pg, (const char *)file->bytes, err))
            return error_wrap(err, "\"%s\"", file->name);
    return true;
}

/* Everything that is made anew: views, comments, distribution, grants. */
static bool apply_rest(struct pg *pg, unsigned parts, struct error *err)
{
    struct schema_record row;
    schema_rest_record(&row);
    return apply_views(pg, parts, err) &&
           ((parts & SCHEMA_METADATA) == 0 || comment_metrics(pg, err)) &&
           pg_script(pg, sql_text("migrate/citus.sql"), err) &&
           pg_script(pg, sql_text("migrate/roles.sql"), err) && record(pg, &row, err);
}

static bool read_features(struct pg *pg, struct schema_report *report, struct error *err)
{
    AUTO_PG_RESULT *row = NULL;
    if (!pg_run(pg, "migrate/features.sql", NULL, &row, NULL, err))
        return false;
    report->lz4 = pg_i64(row, 0, 0) != 0;
    report->vector = pg_i64(row, 0, 1) != 0;
    report->citus = pg_i64(row, 0, 2) != 0;
    report->single_role = pg_i64(row, 0, 3) != 0;
    return true;
}

/* Inside a transaction that holds the lock: what another one did meanwhile is seen. */
static bool migrate_locked(
    struct pg *pg, unsigned parts, struct schema_report *report, struct error *err)
{
    struct history history;
    if (!pg_run(pg, "migrate/lock.sql", NULL, NULL, NULL, err) ||
        !pg_script(pg, sql_text("migrate/schema.sql"), err) ||
        !pg_script(pg, sql_text("migrate/table.sql"), err) || !read_history(pg, &history, err))
        return false;
    if (is_current(parts, &history)) {
        report->version = history.newest;
        return true;
    }
    for (int version = 1; version <= schema_newest(); version++) {
        const struct embedded_file *file = schema_migration(version);
        struct schema_record row;
        if (file == NULL || !wanted(file, parts, &history, &row))
            continue;
        if (!apply_migration(pg, file, &row, err))
            return false;
        history.parts |= schema_parts(file);
        history.newest = version > history.newest ? version : history.newest;
        report->applied++;
    }
    report->version = history.newest;
    return apply_rest(pg, history.parts, err);
}

static bool migrate_once(
    struct pg *pg, unsigned parts, struct schema_report *report, struct error *err)
{
    if (!pg_begin(pg, err))
        return false;
    if (migrate_locked(pg, parts, report, err) && pg_commit(pg, err))
        return true;
    pg_rollback(pg);
    if (strcmp(err->sqlstate, "42501") == 0)
        error_hint(
            err, "tables are made and upgraded by the schema's owner: run srctab once as it");
    return false;
}

bool schema_migrate(
    struct pg *pg, unsigned parts, struct schema_report *ret_report, struct error *err)
{
    struct history history;
    struct schema_report report = {0};
    if (!read_history(pg, &history, err))
        return false;
    report.version = history.newest;
    bool ok = is_current(parts, &history);
    for (int tries = 0; !ok && tries < MIGRATE_TRIES; tries++) {
        report = (struct schema_report){0};
        ok = migrate_once(pg, parts, &report, err);
        if (!ok && pg_class_of(err->sqlstate) != PG_CLASS_TRANSIENT)
            return false; /* only a lock that another migration holds is worth another try */
    }
    if (!ok || !read_features(pg, &report, err))
        return false;
    *ret_report = report;
    return true;
}

bool schema_check(struct pg *pg, struct schema_report *ret_report, struct error *err)
{
    struct history history;
    struct schema_report report = {0};
    if (!read_history(pg, &history, err) || !read_features(pg, &report, err))
        return false;
    if (history.newest < schema_newest()) {
        error_set(err, ERROR_DATABASE, 0,
            history.newest == 0 ? "the database has no tables of srctab"
                                : "the tables of the database are of an older srctab");
        return error_hint(err, "srctab watch and srctab ingest make or upgrade them");
    }
    report.version = history.newest;
    *ret_report = report;
    return true;
}
