/*
 * changes.c - print each change as it is committed: a client of the channel srctab_changes.
 *
 *   cc changes.c -lpq -o changes
 *   ./changes "$(srctab db url)"            each message; Ctrl-C ends it
 *   ./changes "$(srctab db url)" src/a.c    until a message names this path
 *
 * A message is a hint. After a reconnect, and when it says "more":true, read sync_audit from the
 * newest attempted_at that you have seen, minus a minute: rows may be committed a little later than
 * their times say.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool run(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (!ok)
        fprintf(stderr, "changes: %s", PQerrorMessage(conn));
    PQclear(result);
    return ok;
}

/* Print what has arrived; true when one message names the path. */
static bool print_messages(PGconn *conn, const char *path)
{
    bool found = false;
    for (PGnotify *message; (message = PQnotifies(conn)) != NULL; PQfreemem(message)) {
        puts(message->extra);
        found = found || (path != NULL && strstr(message->extra, path) != NULL);
    }
    fflush(stdout);
    return found;
}

static int listen_until(PGconn *conn, const char *path)
{
    struct pollfd fd = {.fd = PQsocket(conn), .events = POLLIN};
    while (!print_messages(conn, path)) {
        if (poll(&fd, 1, -1) < 0 || !PQconsumeInput(conn)) {
            fprintf(stderr, "changes: %s", PQerrorMessage(conn));
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    PGconn *conn = PQconnectdb(argc > 1 ? argv[1] : "");
    int status = 1;
    if (PQstatus(conn) != CONNECTION_OK)
        fprintf(stderr, "changes: %s", PQerrorMessage(conn));
    else if (run(conn, "LISTEN srctab_changes"))
        status = listen_until(conn, argc > 2 ? argv[2] : NULL);
    PQfinish(conn);
    return status;
}
