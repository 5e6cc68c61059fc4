/* zygote_serve.h - what the zygote process does: compile plans, fork workers, report their deaths.
 * Thread: the only one of its process. */
#ifndef ANALYZE_ZYGOTE_SERVE_H
#define ANALYZE_ZYGOTE_SERVE_H

#include <stdbool.h>

#include "analyze/worker.h"

/**
 * Serve socket_fd until its other end is closed, then end the process. eager: prepare all languages
 * while nobody asks for anything. parent_pid: die with this process (and at once if it is gone
 * already); 0: only with the socket.
 */
_Noreturn void zygote_serve(
    int socket_fd, bool eager, int parent_pid, const struct worker_ops *ops);

#endif
