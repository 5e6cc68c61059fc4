/*
 * git.h - facts of git, read by libgit2 from disk: no git program, no ownership check (we only
 * read), no hooks, no network. A directory without a repository is not an error: functions answer
 * "no" or fall back as they say. Thread: one owner per object.
 */
#ifndef APP_GIT_H
#define APP_GIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct git; /* one opened repository, seen from one root */

/** Repository that holds root_path, searched upwards. *ret_git is NULL when there is none (true is
 * returned). Errors: a repository that is broken (ERROR_IO). */
CHECKED bool git_open(const char *root_path, struct git **ret_git, struct error *err);
void git_free(struct git *git);

/** Top of the work tree, absolute, with a trailing slash; NULL for a bare repository. */
const char *git_top(const struct git *git);
/** Path of the root below the top, without slashes at its ends; "" at the top. */
const char *git_prefix(const struct git *git);
/** The git directory of this work tree (of a linked one too), absolute, with a trailing slash: its
 * HEAD file tells of branch changes. */
const char *git_directory(const struct git *git);
/** Short name of HEAD; detached: the full commit id; unborn: the name it points at. In the arena.
 */
const char *git_branch(const struct git *git, struct arena *arena);
/** As git_branch() for any directory: "main" when it has no repository. Never fails. */
const char *git_branch_of(const char *root_path, struct arena *arena);
/** URL of remote origin, else of the first remote; NULL: none. In the arena. */
const char *git_remote_address(const struct git *git, struct arena *arena);
/** core.excludesFile (default: XDG_CONFIG_HOME/git/ignore), absolute; NULL: there is no such file.
 * git may be NULL. In the arena. */
const char *git_excludes_file(const struct git *git, struct arena *arena);

/** Full id of the commit that `revision` names (branch, tag, id, HEAD~3 …). Errors: ERROR_USAGE,
 * unknown revision. */
CHECKED bool git_resolve(struct git *git, const char *revision, char ret_id[65], struct error *err);

/** Newest commit of HEAD's first-parent history that is not younger than wall_us. False in
 * *ret_found: history is younger. */
CHECKED bool git_commit_before(
    struct git *git, int64_t wall_us, bool *ret_found, char ret_id[65], struct error *err);

/** One path below the root; false stops the walk. path: bytes, borrowed during the call. */
typedef bool git_path_callback(void *user, const char *path);

/**
 * Paths below the root that differ between the commit and the work tree (staged, unstaged and
 * untracked, deletions and both sides of renames too). Ignored files are not named. Errors:
 * ERROR_USAGE (revision), ERROR_IO.
 */
CHECKED bool git_changed_since(struct git *git, const char *revision, git_path_callback *callback,
    void *user, struct error *err);

/* A regular file of a revision. */
struct git_entry {
    const char *path;    /* relative to the root; borrowed during the call */
    const char *blob_id; /* hex */
    uint64_t size_bytes;
    uint32_t mode; /* 0100644 or 0100755 */
};

/** Called for each regular file (no links, no submodules) of the revision below the root, in path
 * order; false stops. directory entries are offered to `enter` first. */
struct git_walk_ops {
    /** May the walk go into this directory? path without trailing slash. NULL: yes. */
    bool (*enter)(void *user, const char *path);
    bool (*file)(void *user, const struct git_entry *entry,
        struct error *err); /* false with err set: fails; without: stops */
};

CHECKED bool git_walk_revision(struct git *git, const char *revision,
    const struct git_walk_ops *ops, void *user, struct error *err);

/** Content of a blob, appended. Thread: any number of threads, each with its own struct git.
 * Errors: ERROR_IO; ERROR_FILES above limit_bytes. */
CHECKED bool git_read_blob(struct git *git, const char *blob_id, uint64_t limit_bytes,
    struct buf *ret_bytes, struct error *err);

/** Content of `path` (relative to the root) in the revision; *ret_found false when it has no such
 * regular file. */
CHECKED bool git_read_path(struct git *git, const char *revision, const char *path, bool *ret_found,
    struct buf *ret_bytes, struct error *err);

#endif
