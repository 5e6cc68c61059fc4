#include "app/database.h"

#include "base/arena.h"
#include "store/cluster.h"

struct database {
    enum database_source source;
    char *conninfo;
    struct cluster *cluster; /* NULL unless it is the choice */
};

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

/* What libpq would use by itself. Passwords and timeouts alone name no database. */
static bool libpq_names_one(void)
{
    static const char *const names[] = {"PGSERVICE", "PGHOST", "PGHOSTADDR", "PGDATABASE"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (is_set(names[i]))
            return true;
    }
    return false;
}

struct cluster_settings database_cluster_settings(const struct config *config)
{
    return (struct cluster_settings){
        .dir = config->embedded.dir,
        .socket_dir = config->embedded.socket_dir,
        .bin_dir = config->embedded.bin_dir,
        .user = config->embedded.user,
        .shared_buffers_mb = config->embedded.shared_buffers_mb,
        .keep_running = config->embedded.keep_running,
    };
}

bool database_choose(
    const struct config *config, enum database_source *ret_source, struct error *err)
{
    if (config->database.mode == DATABASE_EMBEDDED)
        *ret_source = DATABASE_FROM_CLUSTER;
    else if (config->database.conninfo[0] != '\0')
        *ret_source = DATABASE_FROM_SETTING;
    else if (libpq_names_one())
        *ret_source = DATABASE_FROM_LIBPQ;
    else if (config->database.mode == DATABASE_AUTO)
        *ret_source = DATABASE_FROM_CLUSTER;
    else {
        error_set(err, ERROR_CONFIG, 0, "database.mode is external, but no database is named");
        return error_hint(
            err, "use --db, SRCTAB_DATABASE, database.conninfo or PGHOST and PGDATABASE");
    }
    return true;
}

bool database_open(const struct config *config, struct database **ret_database, struct error *err)
{
    struct database choice = {0};
    if (!database_choose(config, &choice.source, err))
        return false;
    if (choice.source == DATABASE_FROM_CLUSTER) {
        struct cluster_settings settings = database_cluster_settings(config);
        if (!cluster_use(&settings, &choice.cluster, err))
            return false;
        choice.conninfo = memory_string(cluster_conninfo(choice.cluster));
    } else {
        choice.conninfo = memory_string(config->database.conninfo);
    }
    struct database *database = memory_new(1, sizeof(*database));
    *database = choice;
    *ret_database = database;
    return true;
}

bool database_revive(struct database *database, struct error *err)
{
    return database->cluster == NULL || cluster_revive(database->cluster, err);
}

void database_release(struct database *database)
{
    if (database == NULL)
        return;
    cluster_release(database->cluster);
    free(database->conninfo);
    free(database);
}

const char *database_conninfo(const struct database *database)
{
    return database->conninfo;
}

const char *database_sink_conninfo(
    const struct database *database, const struct config *config, enum sink_id id)
{
    const char *own = config->sinks[id].conninfo;
    return own[0] != '\0' ? own : database->conninfo;
}

enum database_source database_source(const struct database *database)
{
    return database->source;
}

static void add_version(struct buf *out, int server_version)
{
    if (server_version > 0)
        buf_addf(out, " (PostgreSQL %d.%d)", server_version / 10000, server_version % 10000);
}

/* Never the conninfo itself: there may be a password in it. */
static void add_origin(struct buf *out, const struct config *config)
{
    struct config_row row;
    for (size_t i = 0; config_show(config, i, &row); i++) {
        if (strcmp(row.key, "database.conninfo") == 0)
            buf_addf(out, "named by %s", row.origin);
    }
}

void database_announce(const struct database *database, const struct config *config,
    struct output *output, int server_version)
{
    AUTO_BUF line = BUF_INIT;
    buf_adds(&line, "database: ");
    if (database->source == DATABASE_FROM_CLUSTER) {
        buf_adds(&line, cluster_title(database->cluster));
    } else if (database->source == DATABASE_FROM_LIBPQ) {
        buf_adds(&line, "named by libpq's environment (PGSERVICE, PGHOST, PGDATABASE)");
        add_version(&line, server_version);
    } else {
        add_origin(&line, config);
        add_version(&line, server_version);
    }
    output_note(output, "%s", buf_string(&line));
    if (database->cluster != NULL && cluster_notice(database->cluster)[0] != '\0')
        output_note(output, "notice: %s", cluster_notice(database->cluster));
}
