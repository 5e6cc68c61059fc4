/* log.h - one record = a constant message and typed fields, written by one write(2). Text on a
 * terminal, JSON lines otherwise. Thread: any. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_field {
    const char *key; /* NULL ends the list */
    enum { LOG_FIELD_STRING, LOG_FIELD_U64, LOG_FIELD_DOUBLE } type;
    const char *string;
    uint64_t u64;
    double number;
};

#define LOG_STR(k, v) ((struct log_field){.key = (k), .type = LOG_FIELD_STRING, .string = (v)})
#define LOG_U64(k, v) ((struct log_field){.key = (k), .type = LOG_FIELD_U64, .u64 = (v)})
#define LOG_NUM(k, v) ((struct log_field){.key = (k), .type = LOG_FIELD_DOUBLE, .number = (v)})
#define LOG_END ((struct log_field){.key = NULL})
/** log_emit(LOG_INFO, "file ingested", LOG_FIELDS(LOG_STR("path", p), LOG_U64("elapsed_ms", ms)))
 */
#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, LOG_END})
#define LOG_NONE ((const struct log_field[]){LOG_END})

/** Set once, before threads. fd: borrowed (normally 2). colour: escape codes in the text form.
 * journal: "<6>" prefixes, no time. */
void log_setup(int fd, enum log_level level, enum log_format format, bool colour, bool journal);
enum log_level log_level(void);

/** message: a constant, lower case, no period. Field text is escaped so that a record stays one
 * line. */
void log_emit(enum log_level level, const char *message, const struct log_field *fields);

/** An error at the boundary: message, then fields kind, sqlstate, hint where set. */
void log_error(enum log_level level, const struct error *err);

/** One finished file in the text form: mark ("✓✓", "✓✗", "⏭" …), path, detail ("" = none). In JSON
 * a record "file" with the same fields. */
void log_file(enum log_level level, const char *mark, const char *path, const char *detail);

#endif
