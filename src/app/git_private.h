/* git_private.h - what git.c and git_revision.c share. Thread: as git.h. */
#ifndef APP_GIT_PRIVATE_H
#define APP_GIT_PRIVATE_H

#include <git2.h>

#include "app/git.h"

struct git {
    git_repository *repository;
    char *top;       /* with a trailing slash; NULL: bare */
    char *prefix;    /* of the root below top; "" at the top */
    char *directory; /* with a trailing slash */
};

/** "could not WHAT "NAME": libgit2's sentence". Returns false. */
bool git_failed(struct error *err, enum error_kind kind, const char *what, const char *name);

/** The commit or tree that a revision names; git_object_free() is the caller's. Errors:
 * ERROR_USAGE. */
CHECKED bool git_peel(struct git *git, const char *revision, git_object_t type,
    git_object **ret_object, struct error *err);

#endif
