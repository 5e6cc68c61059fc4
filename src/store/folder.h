/* folder.h - watch_folders: rows that say what a daemon watches (guarantees 2). Thread: the owner
 * of the connection. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct pg;

/* One row of watch_folders. Lists end with NULL; NULL = empty. */
struct folder {
    int64_t watch_id; /* 0: not in the table yet */
    const char *path; /* absolute */
    const char *codebase_id;
    const char *const *patterns;        /* include */
    const char *const *ignore_patterns; /* exclude */
    bool recursive;
    int debounce_ms; /* -1: the daemon's */
    bool enabled;
    unsigned sinks; /* SINK_BIT mask; 0 = all */
    const char *host;
    const char *source; /* file | cli | sql */
    const char *tenant_id;
    const char *branch;
    int64_t config_rev; /* grows with each change of the row */
};

/** All rows of this host, by path. Strings belong to arena. */
CHECKED bool folder_read(struct pg *pg, const char *host, struct arena *arena,
    struct folder **ret_folders, size_t *ret_n, struct error *err);

/**
 * Make the rows of this host with source file or cli equal to `folders`, in one transaction:
 * insert, update, delete the ones that are gone unless another daemon owns their codebase. Rows
 * with source sql are never touched (a folder of the same path then stays as psql made it). schema:
 * as for lock_key(). Errors: those of pg; 42501 where the role may not write watch_folders.
 */
CHECKED bool folder_sync(struct pg *pg, const char *schema, const char *host,
    const struct folder *folders, size_t n, struct error *err);

/** Deep copy into arena. */
struct folder *folder_copy(struct arena *arena, const struct folder *folders, size_t n);

#endif
