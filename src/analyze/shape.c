#include "analyze/shape.h"

#include <string.h>

#include "analyze/array.h"

enum { MAX_VARIANTS = 64 };

/* A pattern with one of its choices made everywhere; the same type as what it came from. */
struct variants {
    struct expression *list[MAX_VARIANTS];
    size_t n;
};

struct builder {
    struct shapes *shapes;
    const TSLanguage *grammar;
    const struct pattern *pattern;
    struct arena *arena;
    const struct query_capture *captures[SHAPE_MAX_STEPS]; /* of the steps of the shape at hand */
    uint32_t first_step;
};

/* ---- choices ---- */

static bool is_bare(const struct expression *e)
{
    return !e->captures && !e->children && !e->field && !e->without && !e->unusual &&
           e->kind != EXPRESSION_GROUP && e->kind != EXPRESSION_ALTERNATION;
}

/* A choice of nodes and tokens with nothing in them is one step with several symbols. */
static bool is_symbol_set(const struct expression *e)
{
    if (e->kind != EXPRESSION_ALTERNATION)
        return false;
    for (const struct expression *c = e->children; c; c = c->next)
        if (!is_bare(c) || c->kind == EXPRESSION_ANY || c->kind == EXPRESSION_ANY_NAMED)
            return false;
    return true;
}

static struct expression *copy_of(struct builder *b, const struct expression *e)
{
    struct expression *copy = arena_alloc(b->arena, 1, sizeof(*copy));
    *copy = *e;
    copy->next = NULL;
    return copy;
}

static struct query_capture *joined(
    struct builder *b, const struct query_capture *first, struct query_capture *second)
{
    if (!first)
        return second;
    struct query_capture *copy = arena_alloc(b->arena, 1, sizeof(*copy));
    *copy = *first;
    copy->next = joined(b, first->next, second);
    return copy;
}

static bool make_variants(struct builder *b, const struct expression *e, struct variants *out);

/* Each variant of a choice (or of a group of one) with what stands around the choice. */
static bool vary_choice(struct builder *b, const struct expression *e, struct variants *out)
{
    for (const struct expression *c = e->children; c; c = c->next) {
        struct variants inner = {.n = 0};
        if (!make_variants(b, c, &inner) || out->n + inner.n > MAX_VARIANTS)
            return false;
        for (size_t i = 0; i < inner.n; i++) {
            struct expression *copy = copy_of(b, inner.list[i]);
            copy->captures = joined(b, copy->captures, e->captures);
            copy->field = e->field ? e->field : copy->field;
            copy->anchored = e->anchored;
            out->list[out->n++] = copy;
        }
    }
    return true;
}

static void append_child(
    struct builder *b, struct expression *parent, const struct expression *child)
{
    struct expression **last = &parent->children, *copies = NULL, **copied = &copies;
    for (; *last;
         last = &(*last)->next) { /* variants share their first children: copy before adding */
        *copied = copy_of(b, *last);
        copied = &(*copied)->next;
    }
    *copied = copy_of(b, child);
    parent->children = copies;
}

/* `. [(a) (b)]* .` or `. (a)* .` */
static bool is_skip(const struct expression *e)
{
    bool plain = is_symbol_set(e) || (e->kind == EXPRESSION_NODE && !e->children && !e->without);
    return e->repeated && plain && !e->captures && !e->field && e->anchored && e->next &&
           e->next->anchored && !e->next->unusual;
}

static bool make_variants(struct builder *b, const struct expression *e, struct variants *out)
{
    if (e->unusual && !is_skip(e))
        return false;
    bool group = e->kind == EXPRESSION_GROUP;
    if (group && (!e->children || e->children->next || e->anchored_end || e->children->anchored))
        return false;
    if (group || (e->kind == EXPRESSION_ALTERNATION && !is_symbol_set(e)))
        return vary_choice(b, e, out);
    struct expression *alone = copy_of(b, e);
    if (is_symbol_set(e)) {
        out->list[out->n++] = alone;
        return out->n <= MAX_VARIANTS;
    }
    alone->children = NULL;
    struct variants now = {{alone}, 1};
    for (const struct expression *c = e->children; c; c = c->next) {
        struct variants inner = {.n = 0}, next = {.n = 0};
        if (!make_variants(b, c, &inner) || now.n * inner.n > MAX_VARIANTS)
            return false;
        for (size_t i = 0; i < now.n; i++)
            for (size_t k = 0; k < inner.n; k++) {
                struct expression *copy = copy_of(b, now.list[i]);
                append_child(b, copy, inner.list[k]);
                next.list[next.n++] = copy;
            }
        now = next;
    }
    for (size_t i = 0; i < now.n; i++) {
        if (out->n == MAX_VARIANTS)
            return false;
        out->list[out->n++] = now.list[i];
    }
    return true;
}

/* ---- steps ---- */

#define APPEND(b, array, count, capacity, value)                                                   \
    do {                                                                                           \
        (b)->shapes->array = array_room((b)->arena, (b)->shapes->array, &(b)->shapes->capacity,    \
            (b)->shapes->count, sizeof(*(b)->shapes->array));                                      \
        (b)->shapes->array[(b)->shapes->count++] = (value);                                        \
    } while (0)

static bool add_symbol(struct builder *b, const struct expression *e)
{
    TSSymbol symbol = ts_language_symbol_for_name(
        b->grammar, e->name, (uint32_t)strlen(e->name), e->kind == EXPRESSION_NODE);
    if (symbol == 0 || symbol >= ts_language_symbol_count(b->grammar) ||
        ts_language_symbol_type(b->grammar, symbol) == TSSymbolTypeSupertype)
        return false;
    APPEND(b, symbols, n_symbols, c_symbols, symbol);
    return true;
}

static bool add_symbols(struct builder *b, const struct expression *e, struct range *ret_symbols)
{
    ret_symbols->first = b->shapes->n_symbols;
    if (e->kind == EXPRESSION_NODE || e->kind == EXPRESSION_TOKEN) {
        if (!add_symbol(b, e))
            return false;
    } else if (e->kind == EXPRESSION_ALTERNATION) {
        for (const struct expression *c = e->children; c; c = c->next)
            if (!add_symbol(b, c))
                return false;
    }
    ret_symbols->count = b->shapes->n_symbols - ret_symbols->first;
    return true;
}

static TSFieldId field_id(const struct builder *b, const char *name)
{
    return ts_language_field_id_for_name(b->grammar, name, (uint32_t)strlen(name));
}

static bool add_step(struct builder *b, const struct expression *e, uint8_t depth, bool last)
{
    uint32_t index = b->shapes->n_steps - b->first_step;
    if (index == SHAPE_MAX_STEPS || depth == SHAPE_MAX_DEPTH - 1)
        return false;
    struct shape_step step = {
        .depth = depth, .anchored = e->anchored, .last = last, .skips = e->repeated};
    step.kind = e->kind == EXPRESSION_ANY         ? STEP_ANY
                : e->kind == EXPRESSION_ANY_NAMED ? STEP_ANY_NAMED
                                                  : STEP_SYMBOLS;
    step.field = e->field ? field_id(b, e->field) : 0;
    if (!add_symbols(b, e, &step.symbols))
        return false;
    step.without.first = b->shapes->n_fields;
    for (size_t i = 0; e->without && e->without[i]; i++)
        APPEND(b, fields, n_fields, c_fields, field_id(b, e->without[i]));
    step.without.count = b->shapes->n_fields - step.without.first;
    step.words.first = b->shapes->n_words;
    for (const struct query_capture *c = e->captures; c; c = c->next)
        if (c->word != WORDS)
            APPEND(b, words, n_words, c_words, c->word);
    step.words.count = b->shapes->n_words - step.words.first;
    b->captures[index] = e->captures;
    APPEND(b, steps, n_steps, c_steps, step);
    if (e->kind == EXPRESSION_ALTERNATION)
        return true;
    for (const struct expression *c = e->children; c; c = c->next)
        if (!add_step(b, c, (uint8_t)(depth + 1), !c->next && e->anchored_end))
            return false;
    return true;
}

/* ---- predicates ---- */

static bool has_capture(const struct query_capture *captures, const char *name)
{
    for (const struct query_capture *c = captures; c; c = c->next)
        if (strcmp(c->name, name) == 0)
            return true;
    return false;
}

/* The first step with that capture, or -1. */
static int find_step(const struct builder *b, uint32_t n_steps, const char *name)
{
    for (uint32_t i = 0; i < n_steps; i++)
        if (has_capture(b->captures[i], name))
            return (int)i;
    return -1;
}

/* The predicates whose last step is `step`. */
static void add_tests_of(struct builder *b, uint32_t step, uint32_t n_steps)
{
    for (const struct predicate *p = b->pattern->predicates; p; p = p->next) {
        int other = p->other ? find_step(b, n_steps, p->other) : -1;
        if (p->other && other < 0)
            continue; /* a capture that this variant does not have satisfies it */
        for (uint32_t i = 0; i < n_steps; i++) {
            uint32_t decided = other > (int)i ? (uint32_t)other : i;
            if (decided == step && has_capture(b->captures[i], p->capture))
                APPEND(b, tests, n_tests, c_tests,
                    ((struct shape_test){p, (uint8_t)i, (int8_t)other}));
        }
    }
}

static void add_tests(struct builder *b)
{
    uint32_t n_steps = b->shapes->n_steps - b->first_step;
    for (uint32_t i = 0; i < n_steps; i++) {
        uint32_t first = b->shapes->n_tests;
        add_tests_of(b, i, n_steps);
        b->shapes->steps[b->first_step + i].tests =
            (struct range){first, b->shapes->n_tests - first};
    }
}

/* ---- shapes ---- */

/* Can the shape begin at the only child of `e`, with e looked at from there? `fielded`: e itself
 * has to be in a field, which only the cursor knows. */
static bool can_look_up(const struct expression *e, bool fielded)
{
    const struct expression *child = e->children;
    return e->kind == EXPRESSION_NODE && !e->captures && !e->without && !e->anchored_end &&
           !fielded && child && !child->next && !child->anchored && child->kind != EXPRESSION_ANY &&
           child->kind != EXPRESSION_ANY_NAMED;
}

static bool add_shape(struct builder *b, const struct expression *e)
{
    enum { MAX_ANCESTORS = 8 };
    const struct expression *above[MAX_ANCESTORS];
    uint32_t n_above = 0;
    while (n_above < MAX_ANCESTORS && can_look_up(e, n_above > 0 && e->field)) {
        above[n_above++] = e;
        e = e->children;
    }
    struct shape shape = {.source = b->pattern,
        .steps = {b->shapes->n_steps, 0},
        .ancestors = {b->shapes->n_sets, n_above}};
    while (n_above > 0) {
        struct range set;
        if (!add_symbols(b, above[--n_above], &set))
            return false;
        APPEND(b, sets, n_sets, c_sets, set);
    }
    b->first_step = b->shapes->n_steps;
    if (e->kind == EXPRESSION_ANY || e->kind == EXPRESSION_ANY_NAMED || !add_step(b, e, 0, false))
        return false;
    shape.steps.count = b->shapes->n_steps - b->first_step;
    if (shape.ancestors.count == 0)
        b->shapes->steps[b->first_step].field = 0;
    add_tests(b);
    APPEND(b, shape, n_shapes, c_shapes, shape);
    return true;
}

bool shapes_add(struct shapes *shapes, const TSLanguage *grammar, const struct pattern *pattern,
    struct arena *arena)
{
    struct builder b = {.shapes = shapes, .grammar = grammar, .pattern = pattern, .arena = arena};
    struct variants variants = {.n = 0};
    uint32_t n_shapes = shapes->n_shapes;
    bool ok = make_variants(&b, pattern->root, &variants);
    for (size_t i = 0; ok && i < variants.n; i++)
        ok = add_shape(&b, variants.list[i]);
    if (!ok)
        shapes->n_shapes = n_shapes;
    return ok;
}
