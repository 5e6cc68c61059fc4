/*
 * walk.h - one pass over a tree: every node once, on entering and on leaving, with the marks and
 * notes that the plan gives it. No recursion and no library query below depth 10,000 (trees of a
 * million levels exist). Reports marked nodes to the measures and writes the AST columns on the
 * way. Thread: one owner; the plan may be shared.
 */
#ifndef ANALYZE_WALK_H
#define ANALYZE_WALK_H

#include <tree_sitter/api.h>

#include "analyze/plan.h"
#include "base/arena.h"
#include "base/buf.h"
#include "model/facts.h"

struct attribute {
    enum word word;
    TSNode node;
    struct attribute *next; /* in the order of the text */
};

/* One match: what a pattern says about a node. Matches of one word at one node are joined, but for
 * findings, smells and symbols. */
struct note {
    enum word word;
    const struct pattern *pattern;
    TSNode node;
    struct attribute *attributes;
    struct note *next; /* of the same node */
};

/* One node on the way from the root to where the walk is. */
struct frame {
    TSNode node;
    uint64_t marks;
    struct note *notes;  /* when NOTED_BIT is set */
    uint32_t start, end; /* bytes */
    uint32_t ast_index;  /* of the node, or for an anonymous one of the nearest named node above */
    uint32_t n_behind;   /* siblings that follow */
    TSSymbol symbol;
};

struct outline;

/* What the measures share while one file is walked. Allocations from `arena` live until
 * analyze_source() returns. */
struct walk {
    const struct plan *plan;
    const char *path;
    const uint8_t *bytes;
    uint32_t length;
    struct arena *arena;
    struct frame *frames;
    uint32_t depth;          /* frames[depth] is the node at hand; the root has 0 */
    uint32_t n_named;        /* named nodes entered so far */
    uint32_t n_errors;       /* ERROR and MISSING nodes entered so far */
    struct outline *outline; /* functions, types and other definitions (outline.h) */
    bool queries_overflowed; /* a match limit was hit: a match may be missing */
};

/* A family of metrics. A measure keeps its state from begin to finish and sees the nodes that have
 * one of the marks it wants. */
struct measure {
    const char *name;
    uint64_t wants;
    void *(*begin)(struct walk *walk);
    void (*enter)(
        void *state, struct walk *walk, const struct frame *frame); /* NULL: nothing to do */
    void (*leave)(void *state, struct walk *walk,
        const struct frame *frame); /* NULL: nothing to do; in reverse order of measures */
    void (*finish)(void *state, struct walk *walk, struct code_facts *facts);
    void (*release)(
        void *state); /* NULL: all is in the arena; called after finish, or instead of it */
};

/** Why a walk ended early. */
enum walk_end { WALK_DONE, WALK_LATE };

/**
 * Walk the tree. measures: n, in order; each begins here and stays in states[] for the caller's
 * finish calls. ast: receives the AST document
 * ({"v":1,"kinds":…}), NULL: none. late: asked every 65,536 nodes whether to give up (NULL: never),
 * with late_context.
 */
enum walk_end walk_tree(struct walk *walk, TSTree *tree, const struct measure *const *measures,
    void **states, size_t n, struct buf *ast, bool (*late)(void *), void *late_context);

/** The text of a node: borrowed from the source, bytes as they are. */
struct text walk_text(const struct walk *walk, TSNode node);

/** The attribute of that word at the node of the frame, in any of its notes of `owner` (WORDS:
 * any); NULL: none. */
const struct attribute *frame_attribute(const struct frame *frame, enum word owner, enum word word);

/** The first note of that word, or NULL. */
const struct note *frame_note(const struct frame *frame, enum word word);

/** Last row of a node: one that ends with a newline ends on the row of that newline. 0-based. */
uint32_t walk_end_row(const struct walk *walk, TSNode node);

#endif
