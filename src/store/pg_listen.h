/* pg_listen.h - notifications that a connection received. LISTEN itself is a statement
 * (sql/control/). Thread: the connection's owner. */
#ifndef STORE_PG_LISTEN_H
#define STORE_PG_LISTEN_H

#include "store/pg.h"

/**
 * Take in what the socket holds, without waiting, and hand over each notification. Call it when
 * pg_socket() is readable and after statements, whose answers may carry some. Errors:
 * ERROR_DATABASE, the connection is lost.
 */
CHECKED bool pg_notifications(struct pg *pg,
    void (*each)(void *user, const char *channel, const char *payload), void *user,
    struct error *err);

#endif
