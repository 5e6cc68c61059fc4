/* audit_print.h - one attempt of the audit log on one line, from a row or from a spooled record.
 * Thread: main only. */
#ifndef APP_AUDIT_PRINT_H
#define APP_AUDIT_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/output.h"

/** Are these the columns of command/audit.sql, in that order? Asserts it: they are ours. */
bool audit_print_fits(size_t n_columns, const char *const *names);

/** values: a row of command/audit.sql. */
void audit_print_row(struct output *output, const char *const *values);

/** A record of the spool (audit_record()), marked as spooled; only if it is of the codebase (NULL:
 * any), at or below the path (NULL: any), and, with only_failed, did not reach every table. A
 * record that cannot be read is left out. */
void audit_print_record(struct output *output, const void *bytes, size_t length,
    const char *codebase_id, const char *path, bool only_failed);

#endif
