/* Halstead 1977: operators distinct by node type, operands by text, token classes of
 * rust-code-analysis. A function has what is nested in it. */
#include <math.h>

#include "analyze/array.h"
#include "analyze/intern.h"
#include "analyze/measures.h"

/* Distinct counts of functions re-read their tokens; nested functions re-read those of the outer
 * ones. Beyond this many steps they stay unknown. */
#define MAX_STEPS UINT64_C(50000000)

struct state {
    TSSymbol *operators;
    uint32_t *operands; /* numbers of texts */
    uint32_t n_operators, n_operands, operators_capacity, operands_capacity;
    struct intern *texts;
};

static void *begin(struct walk *walk)
{
    struct state *s = arena_alloc(walk->arena, 1, sizeof(*s));
    s->texts = intern_new(walk->arena);
    return s;
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    if (outline_function(walk)->id == frame->node.id) {
        outline_function(walk)->operators_first = s->n_operators;
        outline_function(walk)->operands_first = s->n_operands;
    }
    if ((frame->marks & (BIT(H_OPERATOR) | BIT(H_NOT_OPERATOR))) == BIT(H_OPERATOR)) {
        s->operators = array_room(walk->arena, s->operators, &s->operators_capacity, s->n_operators,
            sizeof(*s->operators));
        s->operators[s->n_operators++] = frame->symbol;
    }
    if ((frame->marks & (BIT(H_OPERAND) | BIT(H_NOT_OPERAND))) == BIT(H_OPERAND)) {
        s->operands = array_room(
            walk->arena, s->operands, &s->operands_capacity, s->n_operands, sizeof(*s->operands));
        struct text text = {(const char *)walk->bytes + frame->start, frame->end - frame->start};
        s->operands[s->n_operands++] = intern_text(s->texts, text);
    }
}

static void leave(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    if (outline_function(walk)->id != frame->node.id)
        return;
    outline_function(walk)->operators_end = s->n_operators;
    outline_function(walk)->operands_end = s->n_operands;
}

struct halstead {
    double n1, n2, total1, total2; /* distinct and total operators and operands */
    double volume, difficulty, effort;
};

static void compute(struct halstead *h)
{
    double n = h->n1 + h->n2;
    h->volume = n > 0 ? (h->total1 + h->total2) * log2(n) : 0;
    h->difficulty = h->n2 > 0 ? h->n1 / 2 * h->total2 / h->n2 : 0;
    h->effort = h->difficulty * h->volume;
}

static double x_log2_x(double x)
{
    return x > 0 ? x * log2(x) : 0;
}

static void set_file(const struct halstead *h, double *metric)
{
    metric[METRIC_HALSTEAD_DISTINCT_OPERATORS] = h->n1;
    metric[METRIC_HALSTEAD_DISTINCT_OPERANDS] = h->n2;
    metric[METRIC_HALSTEAD_TOTAL_OPERATORS] = h->total1;
    metric[METRIC_HALSTEAD_TOTAL_OPERANDS] = h->total2;
    metric[METRIC_HALSTEAD_VOCABULARY] = h->n1 + h->n2;
    metric[METRIC_HALSTEAD_LENGTH] = h->total1 + h->total2;
    metric[METRIC_HALSTEAD_CALCULATED_LENGTH] = x_log2_x(h->n1) + x_log2_x(h->n2);
    metric[METRIC_HALSTEAD_VOLUME] = h->volume;
    metric[METRIC_HALSTEAD_DIFFICULTY] = h->difficulty;
    metric[METRIC_HALSTEAD_LEVEL] = h->difficulty > 0 ? 1 / h->difficulty : 0;
    metric[METRIC_HALSTEAD_EFFORT] = h->effort;
    metric[METRIC_HALSTEAD_TIME_SECONDS] = h->effort / 18;
    metric[METRIC_HALSTEAD_BUGS] = pow(h->effort, 2.0 / 3.0) / 3000;
}

/* For distinct counts: which round last saw a token. */
struct stamps {
    uint32_t *of_symbol, *of_text;
};

static void count_range(const struct state *s, const struct function *f, struct stamps *stamps,
    uint32_t round, struct halstead *h)
{
    *h = (struct halstead){0};
    for (uint32_t i = f->operators_first; i < f->operators_end; i++) {
        h->n1 += stamps->of_symbol[s->operators[i]] != round;
        stamps->of_symbol[s->operators[i]] = round;
    }
    for (uint32_t i = f->operands_first; i < f->operands_end; i++) {
        h->n2 += stamps->of_text[s->operands[i]] != round;
        stamps->of_text[s->operands[i]] = round;
    }
    h->total1 = f->operators_end - f->operators_first;
    h->total2 = f->operands_end - f->operands_first;
    compute(h);
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    struct state *s = state;
    struct outline *o = walk->outline;
    struct stamps stamps = {
        .of_symbol = arena_alloc(walk->arena, (size_t)walk->plan->n_symbols + 1, sizeof(uint32_t)),
        .of_text = arena_alloc(walk->arena, (size_t)intern_count(s->texts) + 1, sizeof(uint32_t)),
    };
    o->functions[0].operators_end = s->n_operators;
    o->functions[0].operands_end = s->n_operands;
    uint64_t steps = 0;
    for (uint32_t i = 0; i < o->n_functions; i++) {
        struct function *f = &o->functions[i];
        struct halstead h = {.volume = NAN, .difficulty = NAN, .effort = NAN};
        steps += (uint64_t)(f->operators_end - f->operators_first) +
                 (f->operands_end - f->operands_first);
        if (i == 0 || steps <= MAX_STEPS)
            count_range(s, f, &stamps, i + 1, &h);
        f->volume = h.volume;
        f->difficulty = h.difficulty;
        f->effort = h.effort;
        if (i == 0)
            set_file(&h, facts->metric);
    }
}

const struct measure halstead_measure = {
    .name = "halstead",
    .wants = BIT(H_OPERATOR) | BIT(H_OPERAND) | BIT(FUNCTION) | BIT(LAMBDA),
    .begin = begin,
    .enter = enter,
    .leave = leave,
    .finish = finish,
};
