/* Types and calls: WMC (Chidamber and Kemerer 1994), LCOM4 (Hitz and Montazeri 1995), functions
 * that call themselves. */
#include <math.h>

#include "analyze/array.h"
#include "analyze/intern.h"
#include "analyze/measures.h"

/* A method uses a member of its type, or (function 0) a type defines one. */
struct use {
    uint32_t type, member, function;
    bool bare; /* counts only if something else of the group is not */
};

struct state {
    struct use *uses; /* type is filled at the end */
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
    while (f != 0 && !o->functions[f].is_method)
        f = o->functions[f].parent;
    return f;
}

static void add_use(struct state *s, struct walk *walk, struct use use, struct text member)
{
    s->uses = array_room(walk->arena, s->uses, &s->capacity, s->n_uses, sizeof(*s->uses));
    use.member = intern_text(s->members, member);
    s->uses[s->n_uses++] = use;
}

static void note_call(struct walk *walk, const struct frame *frame)
{
    struct outline *o = walk->outline;
    struct text called = walk_text(walk, frame->node);
    for (uint32_t f = o->current; f != 0; f = o->functions[f].parent) {
        struct text own = o->definitions[o->functions[f].definition].name;
        if (own.bytes == called.bytes)
            return; /* the head of a definition that looks like a call */
        if (own.bytes && own.length == called.length &&
            memcmp(own.bytes, called.bytes, own.length) == 0) {
            o->functions[f].recursive = true;
            return;
        }
    }
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    bool bare = (frame->marks & BIT(MEMBER)) == 0;
    uint32_t method =
        (frame->marks & (BIT(MEMBER) | BIT(MEMBER_BARE))) != 0 ? method_here(walk->outline) : 0;
    if (method != 0)
        add_use(
            s, walk, (struct use){.function = method, .bare = bare}, walk_text(walk, frame->node));
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

/* Add what the types define: their methods, which use themselves, and everything else that stands
 * directly in them. */
static void add_members(struct state *s, struct walk *walk)
{
    const struct outline *o = walk->outline;
    for (uint32_t i = 0; i < s->n_uses; i++)
        s->uses[i].type = o->functions[s->uses[i].function].type;
    for (uint32_t f = 1; f < o->n_functions; f++) {
        struct text name = o->definitions[o->functions[f].definition].name;
        if (o->functions[f].type != NO_DEFINITION && name.bytes)
            add_use(s, walk, (struct use){.type = o->functions[f].type, .function = f}, name);
    }
    for (uint32_t i = 0; i < o->n_definitions; i++) {
        const struct definition *d = &o->definitions[i];
        bool member = d->parent != NO_DEFINITION &&
                      definition_is_type(&o->definitions[d->parent]) && d->word != WORD_FUNCTION;
        if (member && d->name.bytes)
            add_use(s, walk, (struct use){.type = d->parent}, d->name);
    }
}

/* uses[first] up to uses[end] name one member: join the methods, unless nothing says that it is
 * one. */
static void join_group(const struct state *s, uint32_t *parents, uint32_t first, uint32_t end)
{
    bool member = false;
    for (uint32_t i = first; i < end; i++)
        member |= !s->uses[i].bare;
    uint32_t joined = 0;
    for (uint32_t i = first; member && i < end; i++) {
        uint32_t function = s->uses[i].function;
        if (function != 0 && joined != 0)
            parents[find_root(parents, function)] = find_root(parents, joined);
        joined = function != 0 ? function : joined;
    }
}

/* Methods that share a member are one component; a method is itself a member, so that a call joins
 * caller and called. */
static void count_components(struct state *s, struct walk *walk, uint32_t *components)
{
    const struct outline *o = walk->outline;
    uint32_t *parents = arena_alloc(walk->arena, o->n_functions, sizeof(*parents));
    for (uint32_t f = 0; f < o->n_functions; f++)
        parents[f] = f;
    add_members(s, walk);
    if (s->n_uses > 0)
        qsort(s->uses, s->n_uses, sizeof(*s->uses), compare_uses);
    for (uint32_t first = 0, end; first < s->n_uses; first = end) {
        for (end = first + 1; end < s->n_uses && compare_uses(&s->uses[first], &s->uses[end]) == 0;)
            end++;
        if (s->uses[first].type != NO_DEFINITION)
            join_group(s, parents, first, end);
    }
    for (uint32_t f = 1; f < o->n_functions; f++)
        if (o->functions[f].type != NO_DEFINITION && find_root(parents, f) == f)
            components[o->functions[f].type]++;
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    struct state *s = state;
    const struct outline *o = walk->outline;
    uint32_t *components =
        arena_alloc(walk->arena, (size_t)o->n_definitions + 1, sizeof(*components));
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
    facts->metric[METRIC_LCOM4_MAX] = lcom4;
    facts->metric[METRIC_RECURSIVE_FUNCTION_COUNT] = recursive;
}

const struct measure types_measure = {
    .name = "types",
    .wants = BIT(MEMBER) | BIT(MEMBER_BARE) | BIT(CALL),
    .begin = begin,
    .enter = enter,
    .finish = finish,
};
