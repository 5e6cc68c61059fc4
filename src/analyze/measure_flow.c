/*
 * Control flow: cyclomatic complexity (McCabe 1976 with short-circuit operators), cognitive
 * complexity (SonarSource 1.7, recursion adds nothing), nesting depth (SonarQube S134).
 */
#include "analyze/array.h"
#include "analyze/measures.h"

/*
 * How deep code nests below an open node. `header` holds for its @header children, `body` for all
 * others. A sequence is one maximal logical expression: it goes on only through direct children
 * that are logical expressions or parentheses.
 */
struct level {
    uint32_t depth; /* of its frame */
    uint32_t body, header;
    uint32_t sequence; /* 0: none */
};

struct sequence {
    TSSymbol last_operator; /* 0: none yet */
    uint32_t function, n_operators;
};

struct state {
    struct level *levels; /* levels[0]: the file */
    uint32_t n_levels, levels_capacity;
    struct sequence *sequences; /* sequences[0]: not used */
    uint32_t n_sequences, sequences_capacity;
    uint32_t *depth_functions; /* whose depth each open @depth node raised */
    uint32_t n_depths, depths_capacity;
    TSSymbol symbol_and, symbol_or;
};

#define LEVEL_BITS                                                                                 \
    (BIT(NEST) | BIT(HEADER) | BIT(LAMBDA) | BIT(FUNCTION) | BIT(LOGICAL) | BIT(PAREN))

static void *begin(struct walk *walk)
{
    struct state *s = arena_alloc(walk->arena, 1, sizeof(*s));
    s->levels = array_room(walk->arena, NULL, &s->levels_capacity, 0, sizeof(*s->levels));
    s->sequences = array_room(walk->arena, NULL, &s->sequences_capacity, 0, sizeof(*s->sequences));
    s->n_levels = s->n_sequences = 1;
    s->symbol_and = ts_language_symbol_for_name(walk->plan->grammar, "&&", 2, false);
    s->symbol_or = ts_language_symbol_for_name(walk->plan->grammar, "||", 2, false);
    return s;
}

/* An increment counts for the function it is in and, unless that stands apart, for the ones around
 * it with their deeper nesting. */
static void add_cognitive(struct walk *walk, uint32_t fixed, bool nests, uint32_t nesting)
{
    struct function *functions = walk->outline->functions;
    uint32_t f = walk->outline->current;
    for (;;) {
        uint32_t inside =
            nesting > functions[f].cognitive_entry ? nesting - functions[f].cognitive_entry : 0;
        functions[f].cognitive += fixed + (nests ? inside : 0);
        if (f == 0 || functions[f].separate || functions[f].parent == 0)
            return;
        f = functions[f].parent;
    }
}

static uint32_t new_sequence(struct state *s, struct walk *walk)
{
    s->sequences = array_room(
        walk->arena, s->sequences, &s->sequences_capacity, s->n_sequences, sizeof(*s->sequences));
    s->sequences[s->n_sequences] = (struct sequence){.function = walk->outline->current};
    return s->n_sequences++;
}

static void push_level(struct state *s, struct walk *walk, const struct frame *frame)
{
    s->levels =
        array_room(walk->arena, s->levels, &s->levels_capacity, s->n_levels, sizeof(*s->levels));
    const struct level *top = &s->levels[s->n_levels - 1];
    uint64_t marks = frame->marks;
    uint32_t base = (marks & BIT(HEADER)) != 0 ? top->header : top->body;
    struct level level = {.depth = walk->depth,
        .body = base,
        .header = (marks & BIT(HEADER)) != 0 ? base : top->header};
    struct function *function = outline_function(walk);
    bool elseif = (marks & BIT(ELSEIF)) != 0;
    if ((marks & BIT(NEST)) != 0) {
        level.body = base + !elseif;
        level.header = elseif && base > 0 ? base - 1 : base;
        if (!elseif)
            add_cognitive(walk, 1, true, base);
    }
    bool opens = (marks & (BIT(FUNCTION) | BIT(LAMBDA))) != 0;
    if (opens) {
        bool own = function->id == frame->node.id;
        bool inside = own ? function->parent != 0 : walk->outline->current != 0;
        level.body = level.header = base + (inside && (marks & BIT(FLAT)) == 0);
        if (own)
            function->cognitive_entry = level.body;
    }
    bool goes_on = top->sequence != 0 && walk->depth > 0 && top->depth == walk->depth - 1;
    if ((marks & BIT(LOGICAL)) != 0)
        level.sequence = goes_on ? top->sequence : new_sequence(s, walk);
    else if ((marks & BIT(PAREN)) != 0 && goes_on)
        level.sequence = top->sequence;
    s->levels[s->n_levels++] = level;
}

static void note_operator(struct state *s, struct walk *walk, TSSymbol symbol)
{
    const struct level *top = &s->levels[s->n_levels - 1];
    if (top->sequence == 0 || top->depth + 1 != walk->depth)
        return;
    if (symbol == walk->plan->op_and && s->symbol_and != 0)
        symbol = s->symbol_and;
    if (symbol == walk->plan->op_or && s->symbol_or != 0)
        symbol = s->symbol_or;
    struct sequence *sequence = &s->sequences[top->sequence];
    if (sequence->last_operator != symbol)
        add_cognitive(walk, 1, false, 0);
    sequence->last_operator = symbol;
    struct function *function = &walk->outline->functions[sequence->function];
    if (++sequence->n_operators > function->logical_ops_max)
        function->logical_ops_max = sequence->n_operators;
}

static void enter_depth(struct state *s, struct walk *walk)
{
    struct function *function = outline_function(walk);
    s->depth_functions = array_room(walk->arena, s->depth_functions, &s->depths_capacity,
        s->n_depths, sizeof(*s->depth_functions));
    s->depth_functions[s->n_depths++] = walk->outline->current;
    if (++function->depth > function->depth_max)
        function->depth_max = function->depth;
}

static bool raises_depth(uint64_t marks)
{
    return (marks & (BIT(DEPTH) | BIT(ELSEIF))) == BIT(DEPTH);
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    if ((frame->marks & BIT(DECISION)) != 0)
        outline_function(walk)->decisions++;
    if ((frame->marks & (BIT(ELSE) | BIT(JUMP))) != 0)
        add_cognitive(walk, 1, false, 0);
    if ((frame->marks & BIT(LOGICAL_OP)) != 0)
        note_operator(s, walk, frame->symbol);
    if (raises_depth(frame->marks))
        enter_depth(s, walk);
    if ((frame->marks & LEVEL_BITS) != 0)
        push_level(s, walk, frame);
}

static void leave(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    if ((frame->marks & LEVEL_BITS) != 0)
        s->n_levels--;
    if (raises_depth(frame->marks))
        walk->outline->functions[s->depth_functions[--s->n_depths]].depth--;
}

static double cyclomatic(const struct outline *o, const struct function *f)
{
    (void)o;
    return 1.0 + f->decisions;
}

static double cognitive(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->cognitive;
}

static double depth(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->depth_max;
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    (void)state;
    const struct outline *o = walk->outline;
    double cc = 0, cog = 0, deepest = 0, unused;
    for (uint32_t i = 0; i < o->n_functions; i++) {
        const struct function *f = &o->functions[i];
        cc += f->decisions + (i > 0);
        cog += f->separate || f->parent == 0 ? f->cognitive : 0;
        deepest = f->depth_max > deepest ? f->depth_max : deepest;
    }
    double *metric = facts->metric;
    metric[METRIC_CYCLOMATIC_COMPLEXITY] = cc;
    metric[METRIC_COGNITIVE_COMPLEXITY] = cog;
    metric[METRIC_NESTING_DEPTH_MAX] = deepest;
    if (metric[METRIC_LINES_CODE] > 0)
        metric[METRIC_CYCLOMATIC_DENSITY] = cc / metric[METRIC_LINES_CODE];
    functions_max_mean(o, cyclomatic, &metric[METRIC_CYCLOMATIC_COMPLEXITY_MAX],
        &metric[METRIC_CYCLOMATIC_COMPLEXITY_MEAN]);
    functions_max_mean(o, cognitive, &metric[METRIC_COGNITIVE_COMPLEXITY_MAX],
        &metric[METRIC_COGNITIVE_COMPLEXITY_MEAN]);
    functions_max_mean(o, depth, &unused, &metric[METRIC_NESTING_DEPTH_MEAN]);
}

const struct measure flow_measure = {
    .name = "flow",
    .wants = LEVEL_BITS | BIT(DECISION) | BIT(ELSE) | BIT(JUMP) | BIT(LOGICAL_OP) | BIT(DEPTH),
    .begin = begin,
    .enter = enter,
    .leave = leave,
    .finish = finish,
};
