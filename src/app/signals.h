/* signals.h - SIGTERM, SIGINT and SIGHUP as a descriptor; SIGIO and SIGPIPE ignored. Thread: main,
 * before others exist. */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/**
 * Block the three signals and read them from a signalfd from now on. SIGIO is ignored because its
 * default action would end the process when a writer breaks a lease (fcntl(2)). *ret_fd is for
 * poll(2). Errors: ERROR_IO.
 */
CHECKED bool signals_open(int *ret_fd, struct error *err);

/** Close the descriptor and unblock the signals. */
void signals_close(int fd);

/** The next signal that came, 0: none. Never waits. */
int signals_next(int fd);

/** Wait up to wait_ms. True: SIGTERM or SIGINT came, *ret_signal says which. SIGHUP is dropped. */
bool signals_wait(int fd, uint64_t wait_ms, int *ret_signal);

#endif
