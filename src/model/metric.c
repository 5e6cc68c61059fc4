#include "model/metric.h"

#include <string.h>

const struct metric_info metric_infos[METRICS] = {
#define METRIC(id, column_, type_, unit_, kind_, valid_, definition_, formula_, source_)           \
    [METRIC_##id] = {.column = column_,                                                            \
        .type = type_,                                                                             \
        .unit = unit_,                                                                             \
        .kind = kind_,                                                                             \
        .valid = valid_,                                                                           \
        .definition = definition_,                                                                 \
        .formula = formula_,                                                                       \
        .source = source_},
#include "model/metric.def"
#undef METRIC
};

enum metric metric_by_column(const char *column)
{
    for (int i = 0; i < METRICS; i++)
        if (strcmp(metric_infos[i].column, column) == 0)
            return (enum metric)i;
    return METRICS;
}
