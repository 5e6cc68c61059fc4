#include "store/pg.h"

#include <poll.h>

#include "base/clock.h"
#include "store/pg_private.h"

#define OLDEST_SERVER 140000 /* column compression */
#define KEYWORDS_MAX 16
#define PATIENCE_MARGIN_MS 5000 /* the server's own timeout comes first */

struct keywords {
    const char *key[KEYWORDS_MAX + 1], *value[KEYWORDS_MAX + 1];
    size_t n;
};

static void add_keyword(struct keywords *words, const char *key, const char *value)
{
    words->key[words->n] = key;
    words->value[words->n++] = value;
}

static bool refuse(struct error *err, const char *sqlstate)
{
    (void)snprintf(err->sqlstate, sizeof(err->sqlstate), "%s", sqlstate);
    return false;
}

/* libpq quotes the string that it cannot parse, and there may be a password in it. */
static bool check_conninfo(const char *conninfo, struct error *err)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    if (options != NULL) {
        PQconninfoFree(options);
        return true;
    }
    if (strstr(conninfo, "=") == NULL && strstr(conninfo, "://") == NULL)
        return true; /* a bare database name: PQconnectdbParams takes it */
    error_set(err, ERROR_DATABASE, 0, "could not parse the connection string");
    error_hint(err, "use libpq's form: \"host=… dbname=…\" or \"postgresql://user@host/database\"");
    return refuse(err, "08001");
}

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
    return value > 0 ? value : otherwise;
}

/* At the end of the program nobody waits for a connection any more. */
static bool past_the_end(const struct pg_settings *settings, struct error *err)
{
    if (settings->give_up_ms == NULL || clock_monotonic_ms() < atomic_load(settings->give_up_ms))
        return false;
    error_set(err, ERROR_DATABASE, 0, "no connection to the database, and no time for one");
    return !refuse(err, "08001");
}

/* Words before dbname give way to those of the connection string; words after it do not. */
static PGconn *connect_with(const struct pg_settings *settings)
{
    char timeout_s[16];
    struct keywords words = {0};
    (void)snprintf(timeout_s, sizeof(timeout_s), "%u",
        (or_default(settings->connect_timeout_ms, 5000) + 999) / 1000);
    add_keyword(&words, "application_name",
        settings->application_name != NULL ? settings->application_name : "srctab");
    add_keyword(&words, "connect_timeout", timeout_s);
    add_keyword(&words, "keepalives_idle", "10");
    add_keyword(&words, "keepalives_interval", "5");
    add_keyword(&words, "keepalives_count", "3");
    add_keyword(&words, "tcp_user_timeout", "10000");
    add_keyword(&words, "dbname", settings->conninfo != NULL ? settings->conninfo : "");
    add_keyword(&words, "client_encoding", "UTF8");
    return PQconnectdbParams(words.key, words.value, 1);
}

static void ignore_notice(void *user, const PGresult *notice)
{
    (void)user;
    (void)notice;
}

static bool set_up_session(struct pg *pg, struct error *err)
{
    const struct pg_settings *settings = &pg->settings;
    struct pg_values values;
    char statement_ms[16], lock_ms[16];
    (void)snprintf(statement_ms, sizeof(statement_ms), "%u",
        or_default(settings->statement_timeout_ms, 60000));
    (void)snprintf(lock_ms, sizeof(lock_ms), "%u", or_default(settings->lock_timeout_ms, 5000));
    pg_values_clear(&values);
    pg_values_string(&values, settings->schema != NULL ? settings->schema : "");
    pg_values_string(&values, statement_ms);
    pg_values_string(&values, lock_ms);
    pg_values_string(&values, settings->synchronous_commit ? "on" : "off");
    return pg_run(pg, "session/setup.sql", &values, NULL, NULL, err);
}

static bool check_server(struct pg *pg, struct error *err)
{
    int version = PQserverVersion(pg->conn);
    if (version < OLDEST_SERVER) {
        error_set(err, ERROR_DATABASE, 0, "server version %d.%d is too old", version / 10000,
            version % 10000);
        error_hint(err, "PostgreSQL 14 or later is needed");
        return refuse(err, "0A000");
    }
    const char *encoding = PQparameterStatus(pg->conn, "server_encoding");
    if (encoding != NULL && strcmp(encoding, "UTF8") != 0) {
        error_set(err, ERROR_DATABASE, 0, "database \"%s\" has encoding %s, not UTF8",
            PQdb(pg->conn), encoding);
        error_hint(err, "make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0");
        return refuse(err, "0A000");
    }
    return true;
}

/* libpq gives no SQLSTATE for a connection that failed, so its words must do; others get the last
 * line. */
static const struct {
    const char *words, *hint;
} hints[] = {
    {"password", "libpq takes it from ~/.pgpass, PGPASSFILE or a service file"},
    {"no pg_hba.conf entry", "the server's pg_hba.conf must let this user in from this host"},
    {"database \"", "make it with createdb, or name another one"},
    {"role \"", "make it with createuser, or name another user"},
    {"too many", "raise max_connections, or end some sessions"},
    {"No such file", "start the server, or leave the connection away to use the private cluster"},
    {"Connection refused", "start the server, or check host and port"},
    {"", "check that psql reaches the server with the same settings"},
};

static const char *hint_for(const char *reason)
{
    size_t i = 0;
    while (strstr(reason, hints[i].words) == NULL)
        i++;
    return hints[i].hint;
}

static bool connect_failed(struct pg *pg, struct error *err)
{
    pg_lost(pg, err);
    char reason[sizeof(err->message)];
    const char *text = strchr(err->message, ':');
    (void)snprintf(reason, sizeof(reason), "%s", text != NULL ? text + 2 : "out of memory");
    error_set(err, ERROR_DATABASE, 0, "could not connect to the database: %s", reason);
    error_hint(err, "%s", hint_for(reason));
    return refuse(err, "08001");
}

bool pg_open(const struct pg_settings *settings, struct pg **ret_pg, struct error *err)
{
    if (past_the_end(settings, err) ||
        (settings->conninfo != NULL && !check_conninfo(settings->conninfo, err)))
        return false;
    struct pg *pg = memory_new(1, sizeof(*pg));
    pg->settings = *settings;
    for (size_t i = 0; i < PG_VALUES_MAX; i++)
        pg->binary[i] = 1;
    pg->patience_ms = or_default(settings->statement_timeout_ms, 60000) + PATIENCE_MARGIN_MS;
    pg->conn = connect_with(settings);
    bool ok = PQstatus(pg->conn) == CONNECTION_OK || connect_failed(pg, err);
    if (ok) {
        PQsetNoticeReceiver(pg->conn, ignore_notice, NULL);
        ok = (PQsetnonblocking(pg->conn, 1) == 0 || pg_lost(pg, err)) && check_server(pg, err) &&
             set_up_session(pg, err);
    }
    if (!ok) {
        pg_close(pg);
        return false;
    }
    *ret_pg = pg;
    return true;
}

void pg_close(struct pg *pg)
{
    if (pg == NULL)
        return;
    struct statement *statement, *next;
    HASH_ITER (hh, pg->prepared, statement, next) {
        HASH_DEL(pg->prepared, statement);
        free(statement);
    }
    PQfinish(pg->conn);
    free(pg);
}

bool pg_alive(const struct pg *pg)
{
    return !pg->lost && PQstatus(pg->conn) == CONNECTION_OK;
}

bool pg_still_there(struct pg *pg)
{
    struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN};
    if (!pg->lost && poll(&fd, 1, 0) > 0 && !PQconsumeInput(pg->conn))
        pg->lost = true;
    return pg_alive(pg);
}

int pg_socket(const struct pg *pg)
{
    return pg->lost ? -1 : PQsocket(pg->conn);
}

int pg_backend_pid(const struct pg *pg)
{
    return PQbackendPID(pg->conn);
}

void pg_describe(const struct pg *pg, struct buf *out)
{
    const char *host = PQhost(pg->conn);
    buf_addf(out, "database \"%s\" as \"%s\" at %s", PQdb(pg->conn), PQuser(pg->conn),
        host != NULL && host[0] != '\0' ? host : "a local socket");
    if (host != NULL && host[0] != '/')
        buf_addf(out, ":%s", PQport(pg->conn));
}
