/*
 * shape.h - patterns compiled for our own matcher: several times faster than the library's at one
 * node, because the children of the node are read once for all patterns. It takes patterns without
 * supertypes, groups of siblings and quantifiers, but for `. [(a) (b)]* .`, any number of nodes
 * that may stand between two others; the rest stays with the library. A shape is a pattern with its
 * choices spelled out, as steps in pre-order. A shape whose upper nodes have one child and no
 * capture begins at that child and looks upwards instead. Constant once built. Thread: any.
 */
#ifndef ANALYZE_SHAPE_H
#define ANALYZE_SHAPE_H

#include <tree_sitter/api.h>

#include "analyze/query.h"

enum { SHAPE_MAX_STEPS = 32, SHAPE_MAX_DEPTH = 16 };

struct range {
    uint32_t first, count;
};

enum step_kind { STEP_SYMBOLS, STEP_ANY, STEP_ANY_NAMED };

struct shape_step {
    enum step_kind kind;
    uint8_t depth;   /* 0: the node where the shape begins */
    bool anchored;   /* no named node between the step before and this one */
    bool last;       /* no named node behind it */
    bool skips;      /* any number of nodes, none too, up to the next step, which is anchored */
    TSFieldId field; /* 0: any */
    struct range symbols; /* STEP_SYMBOLS: any of them */
    struct range without; /* fields that the node must not have */
    struct range words;   /* captures */
    struct range tests;   /* predicates that can be decided once this step has its node */
};

/* A predicate on the node of one step, or of two. */
struct shape_test {
    const struct predicate *predicate;
    uint8_t step;
    int8_t other; /* -1: none */
};

struct shape {
    const struct pattern *source;
    struct range steps;
    struct range ancestors; /* parent first, into shapes.sets */
};

/* All shapes of a language, and the arrays their ranges point into. */
struct shapes {
    struct shape *shape;
    struct shape_step *steps;
    struct shape_test *tests;
    TSSymbol *symbols;
    TSFieldId *fields;
    enum word *words;
    struct range *sets; /* of symbols */
    uint32_t n_shapes, n_steps, n_tests, n_symbols, n_fields, n_words, n_sets;
    uint32_t c_shapes, c_steps, c_tests, c_symbols, c_fields, c_words, c_sets; /* capacities */
};

/**
 * Compile a pattern: appends its shapes, at most 64. Names are known to be those of the grammar.
 * False, with nothing appended: the library has to match it.
 */
bool shapes_add(struct shapes *shapes, const TSLanguage *grammar, const struct pattern *pattern,
    struct arena *arena);

#endif
