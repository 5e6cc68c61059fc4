/* Types and calls: WMC (Chidamber and Kemerer 1994), LCOM4 (Hitz and Montazeri 1995), functions that call themselves. */
#include <math.h>

#include "analyze/array.h"
#include "analyze/intern.h"
#include "analyze/measures.h"

/* A method uses or is a member of its type. */
struct use {
    uint32_t type, member, function;
};

struct state {
    struct use *uses;
    uint32_t n_uses, capacity;
    struct intern *members;
};

static void *begin(struct walk *walk)
{
    struct state *s = arena_alloc(walk->arena, 1, sizeof(*s));
    s->members = intern_new(walk->arena);
    return s;
}

/* The method that the walk is in, through functions nested in it; 0: none. */
static uint32_t method_here(const struct outline *o)
{
    uint32_t f = o->current;
    while (f != 0 && o->functions[f].type == NO_DEFINITION)
        f = o->functions[f].parent;
    return f;
}

static void add_use(struct state *s, struct walk *walk, uint32_t function, struct text member)
{
    s->uses = array_room(walk->arena, s->uses, &s->capacity, s->n_uses, sizeof(*s->uses));
    uint32_t type = walk->outline->functions[function].type;
    s->uses[s->n_uses++] = (struct use){type, intern_text(s->members, member), function};
}

static void note_call(struct walk *walk, const struct frame *frame)
{
    const struct attribute *name = frame_attribute(frame, WORD_CALL, WORD_NAME);
    if (!name)
        return;
    struct outline *o = walk->outline;
    struct text called = walk_text(walk, name->node);
    for (uint32_t f = o->current; f != 0; f = o->functions[f].parent) {
        struct text own = o->definitions[o->functions[f].definition].name;
        if (own.bytes && own.length == called.length && memcmp(own.bytes, called.bytes, own.length) == 0) {
            o->functions[f].recursive = true;
            return;
        }
    }
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    uint32_t method = method_here(walk->outline);
    if ((frame->marks & BIT(MEMBER)) != 0 && method != 0)
        add_use(s, walk, method, walk_text(walk, frame->node));
    if ((frame->marks & BIT(CALL)) != 0)
        note_call(walk, frame);
}

static uint32_t find_root(uint32_t *parents, uint32_t i)
{
    while (parents[i] != i)
        i = parents[i] = parents[parents[i]];
    return i;
}

static int compare_uses(const void *left, const void *right)
{
    const struct use *a = left, *b = right;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return a->member < b->member ? -1 : a->member > b->member;
}

/* Methods that share a member are one component; a method is itself a member, so that a call joins caller and called. */
static void count_components(struct state *s, struct walk *walk, uint32_t *components)
{
    const struct outline *o = walk->outline;
    uint32_t *parents = arena_alloc(walk->arena, o->n_functions, sizeof(*parents));
    for (uint32_t f = 0; f < o->n_functions; f++) {
        parents[f] = f;
        if (f > 0 && o->functions[f].type != NO_DEFINITION && o->definitions[o->functions[f].definition].name.bytes)
            add_use(s, walk, f, o->definitions[o->functions[f].definition].name);
    }
    if (s->n_uses > 0)
        qsort(s->uses, s->n_uses, sizeof(*s->uses), compare_uses);
    for (uint32_t i = 1; i < s->n_uses; i++)
        if (compare_uses(&s->uses[i - 1], &s->uses[i]) == 0)
            parents[find_root(parents, s->uses[i].function)] = find_root(parents, s->uses[i - 1].function);
    for (uint32_t f = 1; f < o->n_functions; f++)
        if (o->functions[f].type != NO_DEFINITION && find_root(parents, f) == f)
            components[o->functions[f].type]++;
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    struct state *s = state;
    const struct outline *o = walk->outline;
    uint32_t *components = arena_alloc(walk->arena, (size_t)o->n_definitions + 1, sizeof(*components));
    double *weighted = arena_alloc(walk->arena, (size_t)o->n_definitions + 1, sizeof(*weighted));
    count_components(s, walk, components);
    double recursive = 0, wmc = NAN, lcom4 = NAN;
    for (uint32_t f = 1; f < o->n_functions; f++) {
        recursive += o->functions[f].recursive;
        if (o->functions[f].type != NO_DEFINITION)
            weighted[o->functions[f].type] += 1 + o->functions[f].decisions;
    }
    for (uint32_t d = 0; d < o->n_definitions; d++) {
        if (o->definitions[d].n_methods == 0)
            continue;
        wmc = isnan(wmc) || weighted[d] > wmc ? weighted[d] : wmc;
        lcom4 = isnan(lcom4) || components[d] > lcom4 ? components[d] : lcom4;
    }
    facts->metric[METRIC_WMC_MAX] = wmc;
    facts->metric[METRIC_LCOM4_MAX] = walk->plan->uses[WORD_MEMBER] ? lcom4 : NAN;
    facts->metric[METRIC_RECURSIVE_FUNCTION_COUNT] = walk->plan->uses[WORD_CALL] ? recursive : NAN;
}

const struct measure types_measure = {
    .name = "types",
    .wants = BIT(MEMBER) | BIT(CALL),
    .begin = begin,
    .enter = enter,
    .finish = finish,
};
