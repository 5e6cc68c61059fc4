/* reference.h - the reference of all metric columns, from the one table that also gives columns,
 * comments and NULLs. Pure. Thread: any. */
#ifndef APP_REFERENCE_H
#define APP_REFERENCE_H

#include <stdbool.h>

#include "analyze/language.h"
#include "base/buf.h"
#include "model/metric.h"

/** Is the metric measured for the language? Files without a grammar have text metrics only. */
bool metric_is_valid(const struct language *language, enum metric metric);

/** Append the text of docs/metrics.md. */
void metric_reference(struct buf *out);

#endif
