#include "analyze/measures.h"

#include <math.h>

const struct measure *const measures[] = {
    &outline_measure,
    &lines_measure,
    &flow_measure,
    &npath_measure,
    &halstead_measure,
    &counts_measure,
    &types_measure,
    &maintainability_measure,
    &findings_measure,
    &documents_measure,
};
const size_t n_measures = ARRAY_SIZE(measures);

void functions_max_mean(
    const struct outline *outline, function_value *value, double *ret_max, double *ret_mean)
{
    double sum = 0, max = 0;
    uint32_t n = 0;
    for (uint32_t i = 1; i < outline->n_functions; i++) {
        double v = value(outline, &outline->functions[i]);
        if (isnan(v))
            continue;
        max = n == 0 || v > max ? v : max;
        sum += v;
        n++;
    }
    if (n == 0)
        return;
    *ret_max = max;
    *ret_mean = sum / n;
}
