/* outer.h - the ignore rules that stand above a root: the user's, the repository's, those of the
 * work tree's folders on the way down. Thread: one owner. */
#ifndef WATCH_OUTER_H
#define WATCH_OUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "watch/filter.h"

/* What git says about the root; all strings are borrowed. */
struct outer_source {
    const char *excludes_file; /* core.excludesFile, absolute; NULL: none */
    const char *git_directory; /* of this work tree, absolute; NULL: no repository */
    const char *top;           /* of the work tree, absolute; NULL: no repository */
    const char *prefix; /* the root relative to top, no slash at either end; "" or NULL: the root is
                           the top */
};

struct outer_rules {
    struct ignore_level *levels; /* base_length 0; weakest first: excludes file, info/exclude, then
                                    folders from the top down */
    size_t n_levels;
    char **files; /* absolute paths of all that were looked for, there or not: read again when one
                     of them changes */
    size_t n_files;
};

/** Read them. What cannot be read counts as absent. The root's own ignore files are not among them.
 * Release with outer_rules_release(). */
void outer_rules_read(struct outer_rules *ret_outer, const struct outer_source *source);

/** Zeroed is fine. */
void outer_rules_release(struct outer_rules *outer);

/** True when both hold the same rules: nothing to evaluate again. */
bool outer_rules_equal(const struct outer_rules *left, const struct outer_rules *right);

#endif
