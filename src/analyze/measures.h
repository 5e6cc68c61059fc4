/*
 * measures.h - the families of metrics, one file each. A new metric is a row in model/metric.def
 * and a few lines in the family it belongs to; a new family is a file and a row in the table of
 * measures.c. Thread: any; each walk has its own state.
 */
#ifndef ANALYZE_MEASURES_H
#define ANALYZE_MEASURES_H

#include "analyze/outline.h"
#include "analyze/walk.h"

/* In the order in which they see a node and are finished: later ones read what earlier ones found.
 */
extern const struct measure *const measures[];
extern const size_t n_measures;

extern const struct measure lines_measure;    /* lines, comments, markers in comments */
extern const struct measure flow_measure;     /* cyclomatic, cognitive, nesting depth */
extern const struct measure npath_measure;    /* NPath */
extern const struct measure halstead_measure; /* Halstead */
extern const struct measure counts_measure;   /* definitions, parameters, exits, statements, ABC */
extern const struct measure types_measure;    /* WMC, LCOM4, recursion */
extern const struct measure maintainability_measure; /* maintainability index, function lengths */
extern const struct measure findings_measure;        /* smells, debt, security */
extern const struct measure documents_measure;       /* the JSON documents (documents.c) */

/* One number of each function, for maxima and means over functions. */
typedef double function_value(const struct outline *outline, const struct function *function);

/** Largest and mean value over the functions of a file (not its top level); both stay as they are
 * when there are none or all are NaN. */
void functions_max_mean(
    const struct outline *outline, function_value *value, double *ret_max, double *ret_mean);

#endif
