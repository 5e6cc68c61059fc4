/* row_metadata.h - the values of codebase_metadata. Pure. Thread: any. */
#ifndef STORE_ROW_METADATA_H
#define STORE_ROW_METADATA_H

#include "store/row.h"

/** As row_table.upsert_values and move_values, for codebase_metadata. */
void row_metadata_upsert(const struct job *job, struct pg_values *values, struct arena *scratch);
void row_metadata_move(const struct job *job, struct pg_values *values, struct arena *scratch);

/**
 * A to E by the worst finding: none, low, medium, high, critical (SonarQube's security rating).
 * findings: the array of {rule, severity, …}; findings of other severities (smells) do not count.
 */
const char *row_security_rating(const struct text *findings);

#endif
