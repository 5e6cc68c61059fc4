/* request.h - rows of ingestion_queue become notes: paths are checked against their root first
 * (guarantees 2, 13). Thread: main only. */
#ifndef APP_REQUEST_H
#define APP_REQUEST_H

#include "app/daemon.h"
#include "store/queue.h"

/** Take one row in: note its path, begin its wait or rescan, or answer it at once when it can never
 * work. */
void request_take(struct daemon *daemon, const struct request *request, uint64_t now_ms);

/** Normalised path of a request below the root: no "." or "//" parts, no ".."; absolute ones must
 * begin with the root. In buf; false: outside. */
bool request_path(const struct codebase *codebase, const char *path, const char *absolute_path,
    struct buf *ret_path);

#endif
