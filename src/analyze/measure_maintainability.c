/* Maintainability index (Visual Studio 2010, and the Software Engineering Institute's) and function
 * lengths. */
#include <math.h>

#include "analyze/measures.h"

static void *begin(struct walk *walk)
{
    (void)walk;
    return NULL;
}

/* 0 to 100; NaN for code without a volume. */
static double index_of(double volume, double cyclomatic, double lines)
{
    if (!(volume > 0) || !(lines > 0))
        return NAN;
    double index = (171 - 5.2 * log(volume) - 0.23 * cyclomatic - 16.2 * log(lines)) * 100 / 171;
    return index > 0 ? index : 0;
}

static double length(const struct outline *o, const struct function *f)
{
    return definition_lines(&o->definitions[f->definition]);
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* 90th percentile with linear interpolation (PostgreSQL's percentile_cont). */
static double length_p90(const struct walk *walk)
{
    const struct outline *o = walk->outline;
    uint32_t n = o->n_functions - 1;
    if (n == 0)
        return NAN;
    double *lengths = arena_alloc(walk->arena, n, sizeof(*lengths));
    for (uint32_t i = 0; i < n; i++)
        lengths[i] = length(o, &o->functions[i + 1]);
    qsort(lengths, n, sizeof(*lengths), compare_numbers);
    double at = 0.9 * (n - 1);
    uint32_t below = (uint32_t)at;
    double above = below + 1 < n ? lengths[below + 1] : lengths[below];
    return lengths[below] + (at - below) * (above - lengths[below]);
}

static void set_sei(const struct walk *walk, double *metric)
{
    double volume = walk->outline->functions[0].volume, lines = metric[METRIC_LINES_TOTAL];
    if (!(volume > 0) || !(lines > 0))
        return;
    double share = metric[METRIC_LINES_COMMENT] / lines;
    metric[METRIC_MAINTAINABILITY_INDEX_SEI] = 171 - 5.2 * log2(volume) -
                                               0.23 * metric[METRIC_CYCLOMATIC_COMPLEXITY] -
                                               16.2 * log2(lines) + 50 * sin(sqrt(2.4 * share));
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    (void)state;
    struct outline *o = walk->outline;
    double *metric = facts->metric, weighted = 0, weight = 0, lowest = NAN;
    for (uint32_t i = 1; i < o->n_functions; i++) {
        struct function *f = &o->functions[i];
        double lines = length(o, f);
        f->maintainability = index_of(f->volume, 1 + f->decisions, lines);
        if (isnan(f->maintainability))
            continue;
        weighted += lines * f->maintainability;
        weight += lines;
        lowest = isnan(lowest) || f->maintainability < lowest ? f->maintainability : lowest;
    }
    metric[METRIC_MAINTAINABILITY_INDEX_MIN] = lowest;
    metric[METRIC_MAINTAINABILITY_INDEX] =
        weight > 0 ? weighted / weight
                   : index_of(o->functions[0].volume, 1 + o->functions[0].decisions,
                         metric[METRIC_LINES_TOTAL]);
    set_sei(walk, metric);
    functions_max_mean(
        o, length, &metric[METRIC_FUNCTION_LENGTH_MAX], &metric[METRIC_FUNCTION_LENGTH_MEAN]);
    metric[METRIC_FUNCTION_LENGTH_P90] = length_p90(walk);
}

const struct measure maintainability_measure = {
    .name = "maintainability",
    .begin = begin,
    .finish = finish,
};
