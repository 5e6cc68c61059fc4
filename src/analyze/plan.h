/*
 * plan.h - the queries of one language, compiled for the one walk. A pattern that is a node kind or
 * a token, perhaps below a parent or in a field, becomes a table entry; most others become shapes
 * (shape.h), matched at the nodes where they begin; the rest stays in one TSQuery that is run only
 * at nodes which can begin one of its patterns, with start depth 0. The matches are those of a pass
 * of the whole query over the whole tree, at a tenth of its cost. Constant after plan_new().
 * Thread: any.
 */
#ifndef ANALYZE_PLAN_H
#define ANALYZE_PLAN_H

#include <tree_sitter/api.h>

#include "analyze/language.h"
#include "analyze/query.h"
#include "analyze/shape.h"

/* Of a symbol: what the walk has to look up when it meets one. */
enum symbol_flag {
    SYMBOL_NAMED = 1,
    SYMBOL_RULES = 2,   /* rules that depend on parent or field */
    SYMBOL_PARENT = 4,  /* rules for whatever its children are */
    SYMBOL_TRIGGER = 8, /* patterns of the TSQuery begin here */
    SYMBOL_SHAPES = 16  /* shapes begin here */
};

/* marks for a symbol below `parent` (0: any) in `field` (0: any). */
struct rule {
    TSSymbol parent;
    TSFieldId field;
    uint64_t marks;
};

/* marks for any child of a symbol in `field` (0: any). */
struct child_rule {
    TSFieldId field;
    bool named_only;
    uint64_t marks;
};

/* One capture of the TSQuery, by its id. */
struct plan_capture {
    enum word word; /* WORDS: serves predicates only */
};

/* A predicate with its captures resolved to ids. */
struct plan_predicate {
    const struct predicate *predicate;
    uint32_t capture, other; /* other: UINT32_MAX = none */
};

/* One pattern of the TSQuery, by its index. */
struct plan_pattern {
    const struct pattern *source;
    struct range predicates;
};

struct plan {
    const struct language *language;
    const TSLanguage *grammar;
    struct arena *arena;
    struct query query;
    uint32_t n_symbols;
    uint8_t *flags;            /* by symbol */
    uint64_t *marks;           /* by symbol: without any condition */
    struct range *rules_of;    /* by symbol: into rules */
    struct range *children_of; /* by symbol: into child_rules */
    struct rule *rules;
    struct child_rule *child_rules;
    struct shapes shapes;
    struct range *shapes_of; /* by symbol: into shape_ids */
    uint32_t *shape_ids;
    TSQuery *triggered; /* NULL: no pattern is left for the library */
    struct plan_capture *captures;
    struct plan_pattern *patterns;
    struct plan_predicate *predicates;
    bool uses[WORDS];
    const char *separator;                               /* between the parts of a qualified name */
    TSFieldId field_declarator, field_name, field_scope; /* 0: the grammar has none */
    TSSymbol op_and,
        op_or; /* `and` and `or` where the grammar has them: the same operator as && and || */
};

/** How patterns are laid out: PLAN_LIBRARY leaves all of them in the TSQuery, for a test that
 * compares the two. */
enum plan_layout { PLAN_TABLES, PLAN_LIBRARY };

/** Compile. Errors (ERROR_CONFIG), with file and line: those of query_parse(), an unknown node,
 * token or field, a pattern that cannot match, a pattern that does not begin with a node kind. 2 to
 * 140 ms a language. */
CHECKED bool plan_new(const struct language *language, enum plan_layout layout,
    struct plan **ret_plan, struct error *err);

void plan_free(struct plan *plan);

#endif
