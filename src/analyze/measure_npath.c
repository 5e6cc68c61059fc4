/*
 * NPath (Nejmeh 1988; the rules of PMD and Checkstyle): acyclic paths through a function.
 * Statements in a row multiply; the branches of an if, switch or try add up; a loop adds the way
 * past it; each logical operator in a condition adds one.
 */
#include <math.h>

#include "analyze/array.h"
#include "analyze/measures.h"

#define NPATH_LIMIT 2147483647.0

/* An open construct: paths of its finished branches, and of the branch the walk is in. */
struct construct {
    enum word word;
    uint32_t depth;
    double sum, product;
    uint32_t operators; /* logical ones in its conditions */
    uint32_t n_cases;
    bool has_else;
};

struct state {
    struct construct *open; /* open[0]: the top level */
    uint32_t n_open, capacity;
};

#define CONSTRUCT_BITS                                                                             \
    (BIT(NPATH_IF) | BIT(NPATH_LOOP) | BIT(NPATH_SWITCH) | BIT(NPATH_TERNARY) | BIT(NPATH_TRY) |   \
        BIT(HEADER) | BIT(FUNCTION) | BIT(LAMBDA))

static void push(struct state *s, struct walk *walk, enum word word)
{
    s->open = array_room(walk->arena, s->open, &s->capacity, s->n_open, sizeof(*s->open));
    s->open[s->n_open++] = (struct construct){.word = word, .depth = walk->depth, .product = 1};
}

static void *begin(struct walk *walk)
{
    struct state *s = arena_alloc(walk->arena, 1, sizeof(*s));
    push(s, walk, WORDS);
    return s;
}

static double capped(double paths)
{
    return paths < NPATH_LIMIT ? paths : NPATH_LIMIT;
}

static void next_branch(struct construct *c)
{
    c->sum = capped(c->sum + c->product);
    c->product = 1;
}

static void divide(struct construct *top, uint64_t marks)
{
    if (top->word == WORD_NPATH_IF && (marks & (BIT(ELSE) | BIT(NPATH_ELSEIF))) != 0) {
        next_branch(top);
        top->has_else = (marks & BIT(NPATH_ELSEIF)) == 0;
    } else if (top->word == WORD_NPATH_SWITCH && (marks & BIT(NPATH_CASE)) != 0) {
        if (top->n_cases++ > 0)
            next_branch(top);
    } else if (top->word == WORD_NPATH_TRY && (marks & BIT(NPATH_CATCH)) != 0) {
        next_branch(top);
    }
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    uint64_t marks = frame->marks;
    divide(&s->open[s->n_open - 1], marks);
    if ((marks & BIT(LOGICAL_OP)) != 0 && s->open[s->n_open - 1].word == WORD_HEADER)
        s->open[s->n_open - 1].operators++;
    if ((marks & (BIT(FUNCTION) | BIT(LAMBDA))) != 0 &&
        outline_function(walk)->id == frame->node.id)
        push(s, walk, WORD_FUNCTION);
    if ((marks & BIT(HEADER)) != 0)
        push(s, walk, WORD_HEADER);
    if ((marks & BIT(NPATH_IF)) != 0)
        push(s, walk, WORD_NPATH_IF);
    if ((marks & BIT(NPATH_LOOP)) != 0)
        push(s, walk, WORD_NPATH_LOOP);
    if ((marks & BIT(NPATH_SWITCH)) != 0)
        push(s, walk, WORD_NPATH_SWITCH);
    if ((marks & BIT(NPATH_TERNARY)) != 0)
        push(s, walk, WORD_NPATH_TERNARY);
    if ((marks & BIT(NPATH_TRY)) != 0)
        push(s, walk, WORD_NPATH_TRY);
}

static double paths_of(const struct construct *c)
{
    switch (c->word) {
    case WORD_NPATH_IF:
        return c->sum + c->product + !c->has_else + c->operators;
    case WORD_NPATH_LOOP:
        return c->product + 1 + c->operators;
    case WORD_NPATH_TERNARY:
        return c->product + 1 + c->operators;
    case WORD_NPATH_SWITCH:
    case WORD_NPATH_TRY:
        return c->sum + c->product + c->operators;
    default:
        return c->product;
    }
}

static void close_construct(struct state *s, struct walk *walk)
{
    const struct construct *c = &s->open[--s->n_open];
    struct construct *around = &s->open[s->n_open - 1];
    struct function *function = outline_function(walk);
    double paths = capped(paths_of(c));
    if (c->word == WORD_FUNCTION) {
        function->npath = paths;
        return;
    }
    if (c->word == WORD_HEADER)
        around->operators += c->operators;
    if (c->n_cases > function->cases_max)
        function->cases_max = c->n_cases;
    around->product = capped(around->product * paths);
}

static void leave(void *state, struct walk *walk, const struct frame *frame)
{
    (void)frame;
    struct state *s = state;
    while (s->n_open > 1 && s->open[s->n_open - 1].depth >= walk->depth)
        close_construct(s, walk);
}

static double npath(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->npath;
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    (void)state;
    double unused;
    functions_max_mean(walk->outline, npath, &facts->metric[METRIC_NPATH_MAX], &unused);
}

const struct measure npath_measure = {
    .name = "npath",
    .wants = CONSTRUCT_BITS | BIT(ELSE) | BIT(NPATH_ELSEIF) | BIT(NPATH_CASE) | BIT(NPATH_CATCH) |
             BIT(LOGICAL_OP),
    .begin = begin,
    .enter = enter,
    .leave = leave,
    .finish = finish,
};
