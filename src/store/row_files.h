/* row_files.h - the values of code_files. Pure. Thread: any. */
#ifndef STORE_ROW_FILES_H
#define STORE_ROW_FILES_H

#include "store/row.h"

/** As row_table.upsert_values and move_values, for code_files. */
void row_files_upsert(const struct job *job, struct pg_values *values, struct arena *scratch);
void row_files_move(const struct job *job, struct pg_values *values, struct arena *scratch);

#endif
