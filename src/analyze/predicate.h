/* predicate.h - decides #eq? #any-of? #match? and their negations: the library keeps predicates but
 * does not evaluate them. Pure. Thread: any. */
#ifndef ANALYZE_PREDICATE_H
#define ANALYZE_PREDICATE_H

#include "analyze/query.h"
#include "model/facts.h"

/** Does the text of one node of the capture satisfy the predicate? other: text of the second
 * capture of #eq?, else NULL. */
bool predicate_holds(const struct predicate *predicate, struct text text, const struct text *other);

#endif
