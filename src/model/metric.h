/* metric.h - the metric columns of codebase_metadata: one table (metric.def) that yields enum, SQL
 * type, column comment and reference. Pure. Thread: any. */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <stdbool.h>
#include <stddef.h>

enum metric {
#define METRIC(id, column, type, unit, kind, valid, definition, formula, source) METRIC_##id,
#include "model/metric.def"
#undef METRIC
    METRICS
};

/* SQL type of the column. */
enum metric_type { METRIC_INT, METRIC_BIGINT, METRIC_DOUBLE };

/* guarantees 1: from one file's bytes, or from the whole codebase. */
enum metric_kind { METRIC_FILE, METRIC_CODEBASE };

struct metric_info {
    const char *column; /* cyclomatic_complexity */
    enum metric_type type;
    const char *unit; /* "lines", "bits", "" … */
    enum metric_kind kind;
    const char
        *valid; /* the capability a language must declare for it (parsers/README.md), or "all" */
    const char *definition; /* one sentence */
    const char *formula;    /* "" = the definition says it all */
    const char *source;     /* McCabe 1976, SonarSource v1.7 … */
};

extern const struct metric_info metric_infos[METRICS];

/** Index of a column, or METRICS if there is none of that name. */
enum metric metric_by_column(const char *column);

#endif
