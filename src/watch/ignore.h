/* ignore.h - gitignore(5): the rules of one folder's ignore files, and whether they match a path.
 * Immutable once read. Thread: any. */
#ifndef WATCH_IGNORE_H
#define WATCH_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct ignore_rules;

enum ignore_verdict {
    IGNORE_UNDECIDED,
    IGNORE_IGNORED,
    IGNORE_KEPT /* by a rule that begins with ! */
};

/* Which rule decided. All strings are borrowed from the rules. */
struct ignore_match {
    const char *file; /* as given when it was read: ".gitignore", "/home/a/.config/git/ignore" */
    unsigned line;    /* from 1; 0: not from a file */
    const char *text; /* the rule as it is written, without trailing blanks */
};

/* The names of a folder's own ignore files, weaker first: .gitignore, .ignore. An event for one of
 * them means: read again. */
#define IGNORE_FILE_NAMES 2
extern const char *const ignore_file_names[IGNORE_FILE_NAMES];

/** True for the name (no slash) of an ignore file. */
bool ignore_is_rule_file(const char *name);

/**
 * Read .gitignore, then .ignore of the folder open at dir_fd; rules of .ignore come later and so
 * win. Links are not followed (as git does for .gitignore) and what is no regular file is not
 * opened for reading. Returns NULL when there is no rule at all. A file that exists but cannot be
 * read, or is over 16 MiB, counts as absent; *ret_errno (may be NULL) is then its errno, otherwise
 * 0. Caller frees.
 */
struct ignore_rules *ignore_rules_read(int dir_fd, int *ret_errno);

/**
 * Read one file by path, for outer levels: .git/info/exclude, core.excludesFile, a .gitignore above
 * the root (links are followed). below: the root's path relative to the folder the rules speak of,
 * with a slash at its end ("" if it is that folder); it is put before each path asked. Returns NULL
 * when there is no rule or no such file; ret_errno as above.
 */
struct ignore_rules *ignore_rules_read_file(const char *path, const char *below, int *ret_errno);

/** Rules from memory, as if they were the contents of a file called `file`. Never NULL. Caller
 * frees. */
struct ignore_rules *ignore_rules_parse(const char *file, const char *text, size_t length);

/** Rules from a list, one pattern each; `#` begins no comment here. file: says where from
 * ("include"). Never NULL. */
struct ignore_rules *ignore_rules_list(
    const char *file, const char *const *patterns, size_t n_patterns);

void ignore_rules_free(struct ignore_rules *rules);

size_t ignore_rules_count(const struct ignore_rules *rules);

/** True when both hold the same rules in the same order: a rewritten ignore file that says what it
 * said before. NULL = no rules. */
bool ignore_rules_equal(const struct ignore_rules *left, const struct ignore_rules *right);

/**
 * The last rule that matches decides. path: relative to the folder the rules speak of, no slash at
 * either end, bytes. Looks at this one path only: that nothing below an ignored folder comes back
 * is the caller's walk (filter_check()). rules NULL: undecided. ret_match (may be NULL) is set
 * unless the answer is undecided.
 */
enum ignore_verdict ignore_rules_check(const struct ignore_rules *rules, const char *path,
    size_t length, bool is_directory, struct ignore_match *ret_match);

/**
 * The last rule that matches the path or any folder above it decides: what a list of patterns means
 * (include). Otherwise as ignore_rules_check(). *ret_matched_length (may be NULL): bytes of the
 * path that the rule matched.
 */
enum ignore_verdict ignore_rules_check_above(const struct ignore_rules *rules, const char *path,
    size_t length, bool is_directory, struct ignore_match *ret_match, size_t *ret_matched_length);

/**
 * Could a path below the folder `path`, or the folder itself, match a rule that is not negated?
 * Never false when one could; true when in doubt. "" is the folder of the rules.
 */
bool ignore_rules_may_match_below(
    const struct ignore_rules *rules, const char *path, size_t length);

#endif
