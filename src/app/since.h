/* since.h - `ingest --since`: which paths of a root changed since a time or a git revision. Thread:
 * main only. */
#ifndef APP_SINCE_H
#define APP_SINCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct since;

/** text: "2 hours ago", "1h", "2026-01-31", "2026-01-31 12:00", RFC 3339, or a git revision.
 * Errors: none yet, a word may be a revision. */
CHECKED bool since_new(const char *text, struct since **ret_since, struct error *err);
/** Exactly these paths of the root. */
struct since *since_paths(const char *root_path, const char *const *paths, size_t n_paths);
void since_free(struct since *since);

/**
 * Ready it for a root: a revision yields the paths that differ between it and the work tree; a time
 * those of the newest commit not younger than it, and files with a younger mtime. Errors:
 * ERROR_USAGE, neither a time nor a revision of this repository.
 */
CHECKED bool since_open_root(struct since *since, const char *root_path, struct error *err);

/** Did the path change? root_fd: to ask the disk for mtime. */
bool since_has(const struct since *since, int root_fd, const char *root_path, const char *path);

#endif
