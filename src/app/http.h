/*
 * http.h - GET /metrics, /livez, /readyz for machines: read-only, loopback by default, off by
 * default. Thread: main only; never waits. Main polls http_fd() and calls http_run(): if main
 * hangs, /livez does not answer, which is the truth.
 */
#ifndef APP_HTTP_H
#define APP_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct http_settings {
    const char *listen;               /* "127.0.0.1:8471", "[::1]:8471", ":8471" = 127.0.0.1 */
    const char *const *allowed_hosts; /* names added to localhost, 127.0.0.1, [::1]; NULL ends the
                                         list; NULL = none. Others get 421 */
    const char *token_file; /* "Authorization: Bearer …" must match its first line; required unless
                               loopback; NULL or "" = none */
    /** Append the body of /metrics (metrics_text.h). */
    void (*metrics)(void *user, struct buf *ret_body);
    /** True: ready. Otherwise append a reason, one line. */
    bool (*ready)(void *user, struct buf *ret_reason);
    void *user;
};

struct http;

/** Errors: ERROR_CONFIG (address not understood, not loopback without token), ERROR_IO (address in
 * use …). Copies all strings. */
CHECKED bool http_new(
    const struct http_settings *settings, struct http **ret_http, struct error *err);
void http_free(struct http *http);

/** For poll(2), POLLIN. */
int http_fd(const struct http *http);

/** Longest time to wait before http_run() is due even without an event; CLOCK_NEVER: none. In ms.
 */
uint64_t http_timeout_ms(struct http *http);

/** Do what can be done without waiting. */
void http_run(struct http *http);

#endif
