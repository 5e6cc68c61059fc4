#include "store/pg.h"

#include "base/attr.h"

struct rule {
    const char *prefix;
    enum pg_class class;
};

/* The first prefix that fits decides: longer ones stand before shorter ones. */
static const struct rule rules[] = {
    {"53300", PG_CLASS_CONNECTION}, /* too_many_connections */
    {"57P", PG_CLASS_CONNECTION},   /* shutdown, crash, starting up, database dropped */
    {"25P03", PG_CLASS_CONNECTION}, /* idle_in_transaction_session_timeout ends the session */
    {"08", PG_CLASS_CONNECTION}, {"40", PG_CLASS_TRANSIENT}, /* serialization, deadlock */
    {"55P03", PG_CLASS_TRANSIENT},                           /* lock_timeout */
    {"57014", PG_CLASS_TRANSIENT},                           /* statement_timeout, cancelled */
    {"26000",
        PG_CLASS_TRANSIENT}, /* a pooler forgot our prepared statement: sent as text from now on */
    {"42P05", PG_CLASS_TRANSIENT}, /* a pooler gave us another client's session: likewise */
    {"25", PG_CLASS_RESOURCES},    /* 25006: read-only, a standby after failover */
    {"53", PG_CLASS_RESOURCES},    /* disk, memory */
    {"58", PG_CLASS_RESOURCES},    /* system and I/O errors */
    {"21", PG_CLASS_BAD_ROW},
    {"22", PG_CLASS_BAD_ROW}, /* data exceptions: bad UTF-8, bad JSON, out of range */
    {"23", PG_CLASS_BAD_ROW}, /* constraints */
    {"54", PG_CLASS_BAD_ROW}, /* program limits: index row too large, nested too deeply */
    {"28", PG_CLASS_SCHEMA}, {"3D", PG_CLASS_SCHEMA}, {"3F", PG_CLASS_SCHEMA},
    {"42", PG_CLASS_SCHEMA}, /* no such table or column, no permission */
};

enum pg_class pg_class_of(const char *sqlstate)
{
    if (sqlstate == NULL || sqlstate[0] == '\0')
        return PG_CLASS_CONNECTION;
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
        if (strncmp(sqlstate, rules[i].prefix, strlen(rules[i].prefix)) == 0)
            return rules[i].class;
    return PG_CLASS_UNKNOWN;
}
