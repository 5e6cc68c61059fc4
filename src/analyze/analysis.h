/* analysis.h - the analysis as zygote and workers run it (worker.h): plans compiled in the zygote,
 * analyze_source() in the workers. */
#ifndef ANALYZE_ANALYSIS_H
#define ANALYZE_ANALYSIS_H

#include "analyze/worker.h"

extern const struct worker_ops analysis_ops;

#endif
