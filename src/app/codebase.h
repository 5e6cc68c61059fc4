/* codebase.h - the names of a root: codebase_id, tenant, branch, source, as the rows carry them.
 * Thread: any (no shared state). */
#ifndef APP_CODEBASE_H
#define APP_CODEBASE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/job.h"

/**
 * Names of the root directory root_path (any path; made absolute, "..": resolved; the repository is
 * looked for behind symbolic links, root_path keeps them, so that a link that is flipped stays one
 * codebase). given_id: --id or folders[].codebase; NULL derives it. tenant_id is always the derived
 * one. Derived: the URL of remote origin (else the first remote) without protocol, user and ".git",
 * with ':' '/' '.' as '_', lower case, plus "_" and the path below the work tree's top; else
 * "path_" and 16 hex digits of SHA-256 of the absolute path. source: "host/path" of the remote
 * (plus "//" and the path below the top), or "path:/absolute". *ret_codebase and its texts live in
 * the arena. Errors: ERROR_WATCH, no such folder.
 */
CHECKED bool codebase_of(struct arena *arena, const char *root_path, const char *given_id,
    const char *host, struct codebase *ret_codebase, struct error *err);

/** "git@github.com:a/b.git" -> "github.com/a/b": without protocol, user, port kept, ".git" removed.
 * In the arena. */
const char *codebase_source_of_url(struct arena *arena, const char *url);

/** A source or path as an identifier: ':' '/' '.' become '_', lower case. In the arena. */
const char *codebase_identifier(struct arena *arena, const char *text);

#endif
