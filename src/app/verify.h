/*
 * verify.h - proves one root's tables equal to its disk (guarantees 11): every file is analysed
 * afresh by the same code, written to TEMP tables by the same row code, and compared in SQL.
 * Thread: main; waits.
 */
#ifndef APP_VERIFY_H
#define APP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/config.h"
#include "app/database.h"
#include "app/output.h"
#include "app/prepare.h"
#include "base/error.h"

struct verify_settings {
    const struct config *config;
    struct output *output;
    const struct database *database;
    const struct prepare_settings *prepare;
    const char *dir;      /* absolute */
    const char *given_id; /* NULL: derived */
    bool hash_only;
    uint64_t deadline_ms; /* CLOCK_NEVER: none */
};

/* One difference. Strings live until verify_free(). */
struct verify_difference {
    const char *path; /* as the table has it */
    const char *table;
    const char *problem; /* missing, extra, differs, undecided */
    const char *columns; /* of differs, comma-separated */
};

struct verify_report {
    const struct verify_difference *differences;
    size_t n;
    size_t n_undecided; /* of them: either side ran out of time or memory */
    uint64_t files;
};

struct verify;

/** Analyse and compare. again: called before the differing paths are compared once more, e.g. to
 * wait for the daemon. Errors: ERROR_DATABASE, ERROR_WATCH, ERROR_TIMEOUT. */
CHECKED bool verify_run(const struct verify_settings *settings, void (*again)(void *user),
    void *user, struct verify **ret_verify, struct verify_report *ret_report, struct error *err);
void verify_free(struct verify *verify);

#endif
