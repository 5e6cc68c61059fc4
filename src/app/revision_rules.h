/* revision_rules.h - the ignore files of a git revision, read from the object store as a walk in
 * path order comes by. Thread: main only. */
#ifndef APP_REVISION_RULES_H
#define APP_REVISION_RULES_H

#include "app/git.h"
#include "base/error.h"
#include "watch/filter.h"

struct revision_rules;

/** git, commit: borrowed. enabled: watch.gitignore. */
struct revision_rules *revision_rules_new(struct git *git, const char *commit, bool enabled);
void revision_rules_free(struct revision_rules *rules);

/** The walk goes into this folder ("" = the root): read its .gitignore and .ignore. Errors: those
 * of git_read_path(). */
CHECKED bool revision_rules_enter(
    struct revision_rules *rules, const char *folder, struct error *err);

/** The levels that count for path, outermost first, for filter_check(). Folders that path does not
 * lie in are left for good. Valid until the next call. */
const struct ignore_level *revision_rules_levels(
    struct revision_rules *rules, const char *path, size_t *ret_n);

#endif
