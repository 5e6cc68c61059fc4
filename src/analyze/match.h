/*
 * match.h - runs shapes and triggered patterns at one node, evaluates their predicates, and keeps
 * what they capture further down until the walk gets there. Thread: one owner.
 */
#ifndef ANALYZE_MATCH_H
#define ANALYZE_MATCH_H

#include "analyze/walk.h"

struct matcher;

struct matcher *matcher_new(const struct plan *plan, const uint8_t *bytes, struct arena *arena);
void matcher_free(struct matcher *matcher);

/**
 * Run the patterns that begin at the node of walk->frames[walk->depth] (node and symbol are set,
 * what is above too); captures are remembered by node. cursor: stands there. flags: those of the
 * symbol.
 */
void matcher_run(
    struct matcher *matcher, const struct walk *walk, const TSTreeCursor *cursor, uint8_t flags);

/** Take what is remembered for node: returns its marks (NOTED_BIT with *ret_notes), 0 if nothing
 * is. */
uint64_t matcher_take(struct matcher *matcher, TSNode node, struct note **ret_notes);

/** Is anything remembered? Lets the walk skip matcher_take(). */
bool matcher_pending(const struct matcher *matcher);

/** A match limit was hit. */
bool matcher_overflowed(const struct matcher *matcher);

#endif
