/* daemon_client.h - how commands talk to a running daemon. Thread: main; waits. */
#ifndef APP_DAEMON_CLIENT_H
#define APP_DAEMON_CLIENT_H

#include "app/config.h"
#include "base/buf.h"
#include "base/error.h"

struct pg;

/** Socket of the daemon that watches dir or a folder above it; caller frees. False with ERROR_NONE:
 * none runs here. */
CHECKED bool daemon_client_find(
    const struct config *config, const char *dir, char **ret_socket, struct error *err);

/** Ask to wait for everything written below dir before now. answer: {"v":1,"ok":bool,"failed":[…]}.
 * Errors: ERROR_TIMEOUT, ERROR_IO. */
CHECKED bool daemon_client_wait(const char *socket, const char *dir, uint64_t deadline_ms,
    struct buf *ret_answer, struct error *err);

/** Ask to write these paths of dir again, whatever is known of them. */
CHECKED bool daemon_client_repair(const char *socket, const char *dir, const char *const *paths,
    size_t n_paths, struct error *err);

/** Does any daemon own the codebase? Errors: ERROR_OWNED with a hint when none does;
 * ERROR_DATABASE. */
CHECKED bool daemon_client_owner(
    struct pg *pg, const char *schema, const char *codebase_id, struct error *err);

#endif
