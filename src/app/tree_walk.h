/*
 * tree_walk.h - one walk over a tree by the rules of ingestion, for `files` and `doctor`: what
 * counts, what does not, and why. Follows no links, crosses no device, opens nothing but folders
 * and files whose first line decides. Thread: main only.
 */
#ifndef APP_TREE_WALK_H
#define APP_TREE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "analyze/language.h"
#include "app/config.h"
#include "base/error.h"

struct tree_walk_ops {
    /** A file that counts. path: relative to the root, bytes. language: by name or first line;
     * NULL: unknown. False stops. NULL: not wanted. */
    bool (*file)(
        void *user, const char *path, const struct stat *st, const struct language *language);
    /** What does not count: a file or a whole folder, and the rule in words. False stops. NULL: not
     * wanted. */
    bool (*ignored)(void *user, const char *path, bool is_folder, const char *reason);
};

/** Folders and files of root_path (absolute) in order of their names. folder: patterns; NULL: none.
 * Errors: ERROR_WATCH when the root cannot be read. */
CHECKED bool tree_walk(const char *root_path, const struct config *config,
    const struct config_folder *folder, const struct tree_walk_ops *ops, void *user,
    struct error *err);

/** The configured folder that holds `path` (absolute), the innermost one; NULL: none. */
const struct config_folder *tree_folder_of(const struct config *config, const char *path);

/**
 * Would the file at `path` (absolute) be ingested, as part of root_path? The rule in words is
 * appended to reason. Asks the file's first line where only that can tell.
 */
bool tree_rule(const char *root_path, const char *path, const struct config *config,
    const struct config_folder *folder, struct buf *reason);

#endif
