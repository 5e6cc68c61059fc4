/*
 * socket.h - the daemon's control socket: one request line in JSON, one answer line in JSON. Mode
 * 0600 in a directory of mode 0700. Thread: main only; never waits.
 *
 * One socket a watched root, so that a client finds the daemon from a folder alone:
 *   <runtime dir>/<first 16 hex digits of SHA-256 of the root's absolute path>.sock
 * A socket belongs to the process that holds the lock on the .lock file beside it; a name left by a
 * dead one is taken over.
 */
#ifndef APP_SOCKET_H
#define APP_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct socket_server;

/* A client of the server; ids are never used again. */
typedef uint64_t socket_client;

struct socket_ops {
    /** One request line, without the newline, NUL-terminated. Answer now or later with
     * socket_answer(). */
    void (*request)(void *user, socket_client client, const char *line);
    /** The client went away before it was answered: forget it. */
    void (*gone)(void *user, socket_client client);
};

/** runtime_dir: made with 0700 if missing, copied. Errors: ERROR_IO; ERROR_CONFIG (path too long,
 * directory open to others). */
CHECKED bool socket_server_new(const char *runtime_dir, const struct socket_ops *ops, void *user,
    struct socket_server **ret_server, struct error *err);
void socket_server_free(struct socket_server *server);

/** Listen for a root. Again for the same root: no effect. Errors: ERROR_OWNED when another live
 * process has it (a standby tries again when it owns the codebase), ERROR_IO. */
CHECKED bool socket_server_add(
    struct socket_server *server, const char *root_path, struct error *err);
void socket_server_remove(struct socket_server *server, const char *root_path);

/** For poll(2), POLLIN; then socket_server_run(). */
int socket_server_fd(const struct socket_server *server);
void socket_server_run(struct socket_server *server);

/** Send one line of JSON (the newline is added). A client that is gone, or does not read 1 MiB of
 * answers, is dropped. */
void socket_answer(
    struct socket_server *server, socket_client client, const char *json, size_t length);

/* --- the other side: one-shot commands --- */

/** Path of the socket that serves `path` or the nearest folder above it and answers; caller frees.
 * False with ERROR_NONE left in err: there is none. */
CHECKED bool socket_find(
    const char *runtime_dir, const char *absolute_path, char **ret_socket, struct error *err);

/** One request, one answer (without newline). timeout_ms: CLOCK_NEVER waits. Errors: ERROR_TIMEOUT,
 * ERROR_IO (nobody listens, connection lost). */
CHECKED bool socket_ask(const char *socket_path, const char *request, uint64_t timeout_ms,
    struct buf *ret_answer, struct error *err);

/** Call `each` for every live socket in runtime_dir. False ends it. A missing directory has none.
 */
void socket_each(
    const char *runtime_dir, bool (*each)(void *user, const char *socket_path), void *user);

#endif
