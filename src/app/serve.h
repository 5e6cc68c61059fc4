/*
 * serve.h - what others ask the running daemon: the control socket (ping, status, wait, repair),
 * HTTP and systemd. Thread: main only.
 *
 * Requests and answers are lines of JSON: {"command":"ping"} · {"command":"status"} ·
 * {"command":"wait","path":"/abs"} ·
 * {"command":"repair","path":"/abs","paths":[…]}
 */
#ifndef APP_SERVE_H
#define APP_SERVE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct daemon;
struct root;
struct serve;

/** Errors: ERROR_CONFIG, ERROR_IO (address in use, runtime directory). */
CHECKED bool serve_new(struct daemon *daemon, struct serve **ret_serve, struct error *err);
void serve_free(struct serve *serve);

/** A root is there now, or about to go. While another process has its socket (this one is a
 * standby) it is tried again by serve_run(). */
void serve_root(struct serve *serve, struct root *root);
void serve_root_gone(struct serve *serve, struct root *root);

#define SERVE_POLLFDS 2
void serve_pollfds(const struct serve *serve, struct pollfd ret_fds[SERVE_POLLFDS]);
/** When serve_run() wants to be called at the latest. */
uint64_t serve_deadline_ms(struct serve *serve, uint64_t now_ms);
void serve_run(struct serve *serve, uint64_t now_ms);

/** Answer a client that asked to wait. */
void serve_answer(struct serve *serve, uint64_t client, const char *json, size_t length);

/** Tell systemd, if it asked to be told (sd_notify(3)): "READY=1", "STATUS=…", "STOPPING=1",
 * "WATCHDOG=1". */
void serve_tell_systemd(const char *state);

/** JSON of `status --json` for the running daemon. Caller frees the buf. */
struct buf;
void serve_status(struct daemon *daemon, struct buf *out);

#endif
