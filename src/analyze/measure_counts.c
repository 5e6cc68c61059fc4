/* What is counted one by one: definitions by kind, parameters, exits, statements, imports, exports,
 * tests, ABC. */
#include <math.h>

#include "analyze/array.h"
#include "analyze/measures.h"

/* A mark whose nodes are a metric of the file. */
struct counted {
    enum word word;
    enum metric metric;
};

static const struct counted counted[] = {
    {WORD_FUNCTION, METRIC_FUNCTION_COUNT},
    {WORD_LAMBDA, METRIC_LAMBDA_COUNT},
    {WORD_CLASS, METRIC_CLASS_COUNT},
    {WORD_STRUCT, METRIC_STRUCT_COUNT},
    {WORD_ENUM, METRIC_ENUM_COUNT},
    {WORD_TRAIT, METRIC_TRAIT_COUNT},
    {WORD_INTERFACE, METRIC_INTERFACE_COUNT},
    {WORD_MODULE, METRIC_MODULE_COUNT},
    {WORD_IMPL, METRIC_IMPL_COUNT},
    {WORD_TYPE_ALIAS, METRIC_TYPE_ALIAS_COUNT},
    {WORD_CONSTANT, METRIC_CONSTANT_COUNT},
    {WORD_MACRO, METRIC_MACRO_COUNT},
    {WORD_TEST, METRIC_TEST_FUNCTION_COUNT},
    {WORD_IMPORT, METRIC_IMPORT_COUNT},
    {WORD_EXPORT, METRIC_EXPORT_COUNT},
    {WORD_ABC_ASSIGNMENT, METRIC_ABC_ASSIGNMENTS},
    {WORD_ABC_BRANCH, METRIC_ABC_BRANCHES},
    {WORD_ABC_CONDITION, METRIC_ABC_CONDITIONS},
};

#define PARAMETER_BITS (BIT(FUNCTION) | BIT(LAMBDA) | BIT(PARAM))

struct state {
    uint32_t n[WORDS];
    /* Open functions, lambdas and parameters: only what stands directly in a function's own list is
     * its parameter; those of lambdas are not counted (rust-code-analysis counts closure arguments
     * apart). */
    uint64_t *open;
    uint32_t n_open, capacity;
};

static void *begin(struct walk *walk)
{
    return arena_alloc(walk->arena, 1, sizeof(struct state));
}

static void enter_parameter(struct state *s, struct walk *walk, const struct frame *frame)
{
    uint64_t around = s->n_open > 0 ? s->open[s->n_open - 1] : 0;
    struct function *function = outline_function(walk);
    if ((frame->marks & BIT(PARAM)) != 0 && around == BIT(FUNCTION))
        function->parameters++;
    s->open = array_room(walk->arena, s->open, &s->capacity, s->n_open, sizeof(*s->open));
    bool opens = (frame->marks & (BIT(FUNCTION) | BIT(LAMBDA))) != 0;
    bool function_opens = (frame->marks & BIT(FUNCTION)) != 0 && function->id == frame->node.id;
    s->open[s->n_open++] = function_opens ? BIT(FUNCTION) : opens ? BIT(LAMBDA) : BIT(PARAM);
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    bool is_function = (frame->marks & BIT(FUNCTION)) != 0; /* a node that is both is no lambda */
    uint64_t marks = is_function ? frame->marks & ~BIT(LAMBDA) : frame->marks;
    for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
        s->n[counted[i].word] += (uint32_t)(marks >> counted[i].word) & 1;
    if ((marks & (BIT(ABC_BRANCH) | BIT(ABC_NOT_BRANCH))) ==
        (BIT(ABC_BRANCH) | BIT(ABC_NOT_BRANCH)))
        s->n[WORD_ABC_BRANCH]--;
    if ((marks & PARAMETER_BITS) != 0)
        enter_parameter(s, walk, frame);
    if ((marks & BIT(EXIT)) != 0) {
        outline_function(walk)->exits++;
        s->n[WORD_EXIT]++;
    }
    if ((marks & (BIT(STATEMENT) | BIT(NOT_STATEMENT))) == BIT(STATEMENT)) {
        outline_function(walk)->statements++;
        s->n[WORD_STATEMENT]++;
    }
}

static void leave(void *state, struct walk *walk, const struct frame *frame)
{
    (void)walk;
    struct state *s = state;
    if ((frame->marks & PARAMETER_BITS) != 0)
        s->n_open--;
}

static double parameters(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->parameters;
}

static double exits(const struct outline *o, const struct function *f)
{
    (void)o;
    return f->exits;
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    struct state *s = state;
    const struct outline *o = walk->outline;
    double *metric = facts->metric, unused, methods = 0;
    for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
        metric[counted[i].metric] = s->n[counted[i].word];
    for (uint32_t i = 1; i < o->n_functions; i++)
        methods += o->functions[i].is_method;
    metric[METRIC_METHOD_COUNT] = methods;
    metric[METRIC_EXIT_COUNT] = s->n[WORD_EXIT];
    metric[METRIC_LOGICAL_LINES] = s->n[WORD_STATEMENT];
    functions_max_mean(
        o, parameters, &metric[METRIC_PARAMETER_COUNT_MAX], &metric[METRIC_PARAMETER_COUNT_MEAN]);
    functions_max_mean(o, exits, &metric[METRIC_EXIT_COUNT_MAX], &unused);
    double a = s->n[WORD_ABC_ASSIGNMENT], b = s->n[WORD_ABC_BRANCH], c = s->n[WORD_ABC_CONDITION];
    metric[METRIC_ABC_MAGNITUDE] = sqrt(a * a + b * b + c * c);
}

const struct measure counts_measure = {
    .name = "counts",
    .wants = DEFINITION_BITS | BIT(PARAM) | BIT(EXIT) | BIT(STATEMENT) | BIT(TEST) | BIT(IMPORT) |
             BIT(EXPORT) | BIT(ABC_ASSIGNMENT) | BIT(ABC_BRANCH) | BIT(ABC_CONDITION),
    .begin = begin,
    .enter = enter,
    .leave = leave,
    .finish = finish,
};
