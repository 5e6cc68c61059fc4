#include "app/schema_setup.h"

#include "base/log.h"
#include "store/pg.h"
#include "store/pg_text.h"
#include "store/schema.h"

static bool same(const char *left, const char *right)
{
    return strcmp(left, right) == 0;
}

static bool set_one_up(const struct schema_setup *setup, const char *conninfo, unsigned parts,
    int *ret_server_version, struct error *err)
{
    struct pg *pg = NULL;
    struct schema_report report = {0};
    const struct config *config = setup->config;
    const struct pg_settings settings = {
        .conninfo = conninfo,
        .schema = config->database.schema,
        .application_name = "srctab setup",
        .connect_timeout_ms = config->database.connect_timeout_s * 1000,
        .synchronous_commit = true,
    };
    if (!pg_open(&settings, &pg, err))
        return false;
    bool ok = config->database.migrate ? schema_migrate(pg, parts, &report, err)
                                       : schema_check(pg, &report, err);
    *ret_server_version = pg_server_version(pg);
    pg_close(pg);
    if (ok && report.applied > 0)
        log_emit(LOG_INFO, "schema migrated",
            LOG_FIELDS(LOG_U64("version", (uint64_t)report.version),
                LOG_U64("migrations", (uint64_t)report.applied)));
    if (ok && report.applied > 0 && report.single_role)
        log_emit(LOG_WARN, "roles could not be made: everything runs as one role", LOG_NONE);
    return ok;
}

bool schema_setup_run(const struct schema_setup *setup, int *ret_server_version, struct error *err)
{
    static const unsigned parts_of[SINKS] = {
        [SINK_FILES] = SCHEMA_FILES, [SINK_METADATA] = SCHEMA_METADATA};
    unsigned main_parts = SCHEMA_MAIN;
    for (unsigned id = 0; id < SINKS; id++)
        if (same(setup->sink_conninfo[id], setup->conninfo))
            main_parts |= parts_of[id];
    if (!set_one_up(setup, setup->conninfo, main_parts, ret_server_version, err))
        return false;
    for (unsigned id = 0; id < SINKS; id++) {
        int version = 0;
        if (same(setup->sink_conninfo[id], setup->conninfo) || !setup->config->sinks[id].enabled)
            continue;
        if (!set_one_up(setup, setup->sink_conninfo[id], parts_of[id], &version, err))
            return error_wrap(err, "sink \"%s\"", sink_word((enum sink_id)id));
    }
    return true;
}

bool schema_setup_may_pass(const struct error *err)
{
    enum pg_class class = pg_class_of(err->sqlstate);
    return class == PG_CLASS_CONNECTION || class == PG_CLASS_TRANSIENT ||
           class == PG_CLASS_RESOURCES;
}
