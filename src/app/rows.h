/* rows.h - prints what a query yields: a table, CSV, or JSON lines. Thread: main only. */
#ifndef APP_ROWS_H
#define APP_ROWS_H

#include "app/output.h"
#include "store/pg_text.h"

enum rows_form { ROWS_TABLE, ROWS_CSV, ROWS_JSON };

struct rows {
    struct output *output;
    enum rows_form form;
    struct output_table *table;
    const char **names; /* copies, for JSON keys */
    uint32_t *types;    /* pg_type.oid */
    size_t n_columns;
    size_t n_rows;
};

/** For pg_text_run(), with a struct rows as user. */
extern const struct pg_text_ops rows_ops;

/** Print what is held back and release. */
void rows_finish(struct rows *rows);

#endif
