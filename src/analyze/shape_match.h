/* shape_match.h - matches shapes at one node: the children of each node in question are read once,
 * whatever the number of shapes. Thread: one owner. */
#ifndef ANALYZE_SHAPE_MATCH_H
#define ANALYZE_SHAPE_MATCH_H

#include "analyze/plan.h"
#include "base/arena.h"

struct walk;
struct shape_matcher;

/** A match: nodes[i] is the node of step i. */
typedef void shape_found(void *context, const struct shape *shape, const TSNode *nodes);

struct shape_matcher *shape_matcher_new(const struct plan *plan, const char *bytes,
    shape_found *found, void *context, struct arena *arena);
void shape_matcher_free(struct shape_matcher *matcher);

/** Report every match of the shapes that begin at the node of walk->frames[walk->depth], where
 * cursor stands. */
void shape_matcher_run(
    struct shape_matcher *matcher, const struct walk *walk, const TSTreeCursor *cursor);

/** Some node had too many ways to match; not all were tried. */
bool shape_matcher_overflowed(const struct shape_matcher *matcher);

#endif
