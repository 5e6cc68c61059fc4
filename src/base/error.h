/* error.h - one plain value that says what went wrong, for whom and what to do. No allocation.
 * Thread: any. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

#include "base/attr.h"

/* The kind decides exit code, audit word and whether a retry can help. */
enum error_kind {
    ERROR_NONE,
    ERROR_FILES,    /* some file did not make it (one-shot)            exit 1 */
    ERROR_USAGE,    /* flags, arguments                                exit 2 */
    ERROR_CONFIG,   /* configuration file, environment, bound roots    exit 2 */
    ERROR_DATABASE, /* connection, SQL, permission, private cluster    exit 3 */
    ERROR_WATCH,    /* limits, permissions, no such folder             exit 4 */
    ERROR_OWNED,    /* another instance owns this codebase             exit 5 */
    ERROR_SCHEMA,   /* the schema is newer than the program            exit 6 */
    ERROR_IO,       /* a file of the tree or of ours                   exit 1 */
    ERROR_ANALYSIS, /* a worker died, was late or out of memory        exit 1 */
    ERROR_BUG,      /* a promise of our own code is broken             exit 70 */
    ERROR_TIMEOUT,  /* wait, --timeout                                 exit 124 */
};

struct error {
    enum error_kind kind;
    int sys_errno;     /* 0: none */
    char sqlstate[6];  /* "": none */
    char message[512]; /* PostgreSQL's style: could not open file "a/b.c": Permission denied */
    char hint[256];    /* what to do; "" = nothing to add */
};

#define ERROR_INIT ((struct error){.kind = ERROR_NONE})

/** Fill err. sys_errno 0: none; otherwise ": strerror" is appended. Always returns false, so that
 * callers `return error_set(…)`. */
bool error_set(struct error *err, enum error_kind kind, int sys_errno, const char *format, ...)
    PRINTF_LIKE(4, 5);

/** Put "context: " before the message. Returns false. Once a layer. */
bool error_wrap(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/** Set what the user can do about it. Returns false. */
bool error_hint(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/** Exit code of the kind, as architecture.md lists them. */
int error_exit_code(const struct error *err);

#endif
