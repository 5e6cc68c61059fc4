/* server.h - a private PostgreSQL for a test program: made in a temporary directory, gone with the
 * program. */
#ifndef TESTS_STORE_SERVER_H
#define TESTS_STORE_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct server {
    char dir[64];
    char conninfo[160]; /* as its superuser */
    pid_t pid;          /* postmaster */
};

/** Make and start it; ends the program with the status of a skipped test where PostgreSQL is not
 * installed. */
struct server *server_new(void);

/** Stop it at once and remove its directory. */
void server_free(struct server *server);

/** As kill -9 of the postmaster and all its backends; server_start() again afterwards. */
void server_crash(struct server *server);

/** Ordered stop (fast). */
void server_stop(struct server *server);
void server_start(struct server *server);

/** Stop the clock of the postmaster and all its backends (SIGSTOP), and let them go on. */
void server_freeze(struct server *server);
void server_thaw(struct server *server);

/** Run SQL text of any number of statements; the program ends if it fails. */
void server_run(const struct server *server, const char *sql);

/** First value of a query as text, in a buffer that the next call reuses; "" for NULL and for no
 * row. */
const char *server_ask(const struct server *server, const char *sql);

/** Ask until the answer is `wanted`, at most 20 s. */
bool server_wait_for(const struct server *server, const char *sql, const char *wanted);

/* A session that holds what it has done (a lock) until it is closed. */
struct session;
struct session *session_new(const struct server *server, const char *sql);
void session_free(struct session *session);

#endif
