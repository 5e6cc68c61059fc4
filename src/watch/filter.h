/*
 * filter.h - is this path to be ingested, this folder worth entering, and by which rule? Immutable
 * once made. Thread: any.
 *
 * Order of decision, first that speaks:
 *   1 `.git`                               no, and all below it
 *   2 exclude                              no (a folder: all below it)
 *   3 .gitignore, .ignore, outer levels    no (a folder: all below it)
 *   4 include                              yes: overrides 5 and 6, never 1 to 3
 *   5 hidden names, when watch.hidden is off   no (a folder: all below it)
 *   6 the built-in list, watch.ignore      no (a folder: all below it)
 *   7 include is empty                     the language says; otherwise no
 */
#ifndef WATCH_FILTER_H
#define WATCH_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "watch/ignore.h"

struct filter;

/* One folder's ignore rules on the way from the root to the path; outermost first. */
struct ignore_level {
    const struct ignore_rules *rules; /* NULL is fine */
    size_t base_length; /* bytes of the path that name the rules' folder, with the slash; 0: the
                           root or above */
};

enum filter_verdict {
    FILTER_NO,
    FILTER_YES,
    FILTER_MAYBE /* a file without a telling name: only its `#!` line can say */
};

struct filter_settings {
    const char *const *include; /* gitignore(5) patterns relative to the root; a matching folder
                                   means all below it */
    size_t n_include;
    const char *const *exclude;
    size_t n_exclude;
    const char *const *ignore; /* the built-in list; NULL: filter_builtin_ignore */
    size_t n_ignore;
    bool gitignore; /* .gitignore, .ignore, info/exclude and core.excludesFile count */
    bool hidden;    /* names that begin with a dot are taken */
    /** Does the name of this file tell a language? path: relative to the root. NULL: no name does.
     */
    enum filter_verdict (*language)(void *user, const char *path);
    void *user;
};

enum filter_rule {
    FILTER_RULE_GIT,
    FILTER_RULE_EXCLUDE,
    FILTER_RULE_IGNORE_FILE,
    FILTER_RULE_INCLUDE,
    FILTER_RULE_HIDDEN,
    FILTER_RULE_BUILTIN,
    FILTER_RULE_NOT_INCLUDED, /* include is given and does not name it */
    FILTER_RULE_LANGUAGE,     /* yes, maybe, or no known language */
    FILTER_RULE_FOLDER        /* a folder that nothing speaks against */
};

/* Why. Strings are borrowed: from the filter, the levels and the path that was asked. */
struct filter_reason {
    enum filter_rule rule;
    enum filter_verdict verdict;
    struct ignore_match match; /* of EXCLUDE, IGNORE_FILE, INCLUDE, BUILTIN */
    size_t base_length;        /* IGNORE_FILE: bytes of path that name the file's folder */
    size_t decided_length; /* bytes of path the rule matched: shorter than the path when a folder
                              above it decided */
};

/* watch.ignore when nothing is configured. */
extern const char *const filter_builtin_ignore[];
extern const size_t filter_n_builtin_ignore;

/** Copies all strings; language and user are borrowed. Never NULL. */
struct filter *filter_new(const struct filter_settings *settings);
void filter_free(struct filter *filter);

/**
 * path: relative to the root, no slash at either end, bytes. levels: the ignore files of the
 * folders on the way to it (and the outer ones), outermost first; those of folders that the path
 * does not lie in must not be among them. A level counts only for paths below its folder. Folders
 * above the path are asked as well, so a path may come from anywhere (a queue row, the command
 * line). For a directory the answer is whether it is worth entering: FILTER_NO or FILTER_YES.
 * ret_reason may be NULL.
 */
enum filter_verdict filter_check(const struct filter *filter, const struct ignore_level *levels,
    size_t n_levels, const char *path, bool is_directory, struct filter_reason *ret_reason);

/** filter_check() for an entry of a folder that is already known to be entered: asks the last
 * component only where that is the same answer. */
enum filter_verdict filter_check_entry(const struct filter *filter,
    const struct ignore_level *levels, size_t n_levels, const char *path, bool is_directory,
    struct filter_reason *ret_reason);

/** Append the reason in one phrase: `a/.gitignore:12 "build/"`, `built-in "node_modules/"`,
 * `include "**"`, `no known language`. path: the one asked. */
void filter_reason_add(struct buf *out, const struct filter_reason *reason, const char *path);

/** True when both decide alike for every path (same settings): a reload that changes nothing. */
bool filter_equal(const struct filter *left, const struct filter *right);

#endif
