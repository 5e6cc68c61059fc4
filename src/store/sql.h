/* sql.h - the files of sql/, as the build put them into the program. Pure. Thread: any. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <stdbool.h>

#include "base/embedded.h"

/* Sorted by name ("write/code_files_upsert.sql"); a row with name NULL ends it. */
extern const struct embedded_file sql_files[];

/** Text of a file. The name must exist: it is written in our own code. Static storage. */
const char *sql_text(const char *name);

/** The number that a header line of a file gives ("-- min_binary: 3"), or `otherwise`. */
int sql_header_number(const char *text, const char *key, int otherwise);

/** True if the header line `-- key: word word …` of a file has the word. */
bool sql_header_has(const char *text, const char *key, const char *word);

#endif
