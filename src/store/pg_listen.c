#include "store/pg_listen.h"

#include "store/pg_private.h"

bool pg_notifications(struct pg *pg,
    void (*each)(void *user, const char *channel, const char *payload), void *user,
    struct error *err)
{
    if (PQconsumeInput(pg->conn) != 1)
        return pg_lost(pg, err);
    for (PGnotify *one; (one = PQnotifies(pg->conn)) != NULL; PQfreemem(one))
        each(user, one->relname, one->extra != NULL ? one->extra : "");
    return PQstatus(pg->conn) == CONNECTION_OK || pg_lost(pg, err);
}
