/* schema_setup.h - brings the main database and those of the sinks to the schema, as a command
 * needs it. Thread: main; waits. */
#ifndef APP_SCHEMA_SETUP_H
#define APP_SCHEMA_SETUP_H

#include <stdbool.h>

#include "app/config.h"
#include "base/error.h"
#include "model/job.h"

struct schema_setup {
    const char *conninfo;
    const char *sink_conninfo[SINKS];
    const struct config *config;
};

/** Migrate (or, with database.migrate off, check) every distinct database. *ret_server_version:
 * 150020. Errors: those of pg_open() and schema_migrate(). */
CHECKED bool schema_setup_run(
    const struct schema_setup *setup, int *ret_server_version, struct error *err);

/** May the same call succeed later without anybody changing the configuration: the server is away,
 * starting, full? */
bool schema_setup_may_pass(const struct error *err);

#endif
