#include "analyze/match.h"

#include <string.h>

#include "analyze/array.h"
#include "analyze/predicate.h"
#include "analyze/shape_match.h"

/* Matches in progress at a time; more would be quadratic in long argument lists. */
enum { MATCH_LIMIT = 256, MAX_ATTRIBUTES = 4096 };

/* Open addressing by the node's id. An entry is taken exactly once, as the walk meets every node;
 * the table is cleared when the last is. */
struct slot {
    const void *id; /* NULL: free; a taken one keeps its id until the table is cleared */
    uint64_t marks;
    struct note *notes;
};

struct matcher {
    const struct plan *plan;
    const char *bytes;
    struct arena *arena;
    struct shape_matcher *shapes;
    TSQueryCursor *cursor;
    struct slot *slots;
    uint32_t capacity, used, pending; /* used: slots with an id */
    bool overflowed;
};

static void remember_shape(void *context, const struct shape *shape, const TSNode *nodes);

struct matcher *matcher_new(const struct plan *plan, const uint8_t *bytes, struct arena *arena)
{
    struct matcher *m = arena_alloc(arena, 1, sizeof(*m));
    *m = (struct matcher){
        .plan = plan, .bytes = (const char *)bytes, .arena = arena, .capacity = 256};
    m->slots = arena_alloc(arena, m->capacity, sizeof(*m->slots));
    m->shapes = shape_matcher_new(plan, m->bytes, remember_shape, m, arena);
    if (plan->triggered) {
        m->cursor = ts_query_cursor_new();
        ts_query_cursor_set_match_limit(m->cursor, MATCH_LIMIT);
        ts_query_cursor_set_max_start_depth(m->cursor, 0);
    }
    return m;
}

void matcher_free(struct matcher *m)
{
    shape_matcher_free(m->shapes);
    if (m->cursor)
        ts_query_cursor_delete(m->cursor);
}

bool matcher_pending(const struct matcher *m)
{
    return m->pending > 0;
}

bool matcher_overflowed(const struct matcher *m)
{
    return m->overflowed || shape_matcher_overflowed(m->shapes);
}

/* ---- the table ---- */

static uint32_t slot_hash(const void *id)
{
    return (uint32_t)(((uint64_t)(uintptr_t)id * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

static struct slot *find_slot(const struct matcher *m, const void *id)
{
    uint32_t i = slot_hash(id) & (m->capacity - 1);
    while (m->slots[i].id && m->slots[i].id != id)
        i = (i + 1) & (m->capacity - 1);
    return &m->slots[i];
}

static void grow(struct matcher *m)
{
    struct slot *old = m->slots;
    uint32_t old_capacity = m->capacity;
    m->capacity *= 2;
    m->slots = arena_alloc(m->arena, m->capacity, sizeof(*m->slots));
    m->used = 0;
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (old[i].id && (old[i].marks || old[i].notes)) {
            *find_slot(m, old[i].id) = old[i];
            m->used++;
        }
    }
}

static struct slot *slot_of(struct matcher *m, const void *id)
{
    if (m->used * 2 >= m->capacity)
        grow(m);
    struct slot *slot = find_slot(m, id);
    if (!slot->id) {
        *slot = (struct slot){.id = id};
        m->used++;
    }
    if (!slot->marks && !slot->notes)
        m->pending++;
    return slot;
}

uint64_t matcher_take(struct matcher *m, TSNode node, struct note **ret_notes)
{
    struct slot *slot = find_slot(m, node.id);
    if (!slot->id || (!slot->marks && !slot->notes))
        return 0;
    uint64_t marks = slot->marks;
    *ret_notes = slot->notes;
    slot->marks = 0;
    slot->notes = NULL;
    if (--m->pending == 0 && m->used > m->capacity / 4) {
        memset(m->slots, 0, m->capacity * sizeof(*m->slots));
        m->used = 0;
    }
    return marks;
}

/* ---- predicates ---- */

static struct text node_text(const struct matcher *m, TSNode node)
{
    uint32_t start = ts_node_start_byte(node);
    return (struct text){m->bytes + start, ts_node_end_byte(node) - start};
}

static const TSNode *find_capture(const TSQueryMatch *match, uint32_t id)
{
    for (uint16_t i = 0; i < match->capture_count; i++)
        if (match->captures[i].index == id)
            return &match->captures[i].node;
    return NULL;
}

/* A predicate speaks of every node of its capture; a capture that the match does not have satisfies
 * it, as in tree-sitter's own bindings. */
static bool holds_for_all(
    const struct matcher *m, const struct plan_predicate *p, const TSQueryMatch *match)
{
    const TSNode *other = p->other != UINT32_MAX ? find_capture(match, p->other) : NULL;
    if (p->other != UINT32_MAX && !other)
        return true;
    struct text other_text = other ? node_text(m, *other) : (struct text){0};
    for (uint16_t i = 0; i < match->capture_count; i++) {
        if (match->captures[i].index != p->capture)
            continue;
        if (!predicate_holds(
                p->predicate, node_text(m, match->captures[i].node), other ? &other_text : NULL))
            return false;
    }
    return true;
}

static bool match_holds(
    const struct matcher *m, const struct plan_pattern *pattern, const TSQueryMatch *match)
{
    for (uint32_t i = 0; i < pattern->predicates.count; i++)
        if (!holds_for_all(m, &m->plan->predicates[pattern->predicates.first + i], match))
            return false;
    return true;
}

/* ---- notes ---- */

static bool is_joined(enum word word)
{
    return (word_infos[word].classes & MARK_CLASS) != 0;
}

static struct note *note_at(
    struct matcher *m, TSNode node, enum word word, const struct pattern *pattern)
{
    struct slot *slot = slot_of(m, node.id);
    slot->marks |= word_bits(word) | NOTED_BIT;
    struct note **end = &slot->notes;
    for (; *end; end = &(*end)->next) {
        if ((*end)->word != word || ((*end)->pattern != pattern && !is_joined(word)))
            continue;
        if (!(*end)->pattern->settings)
            (*end)->pattern = pattern; /* of joined matches, the one that sets something */
        return *end;
    }
    *end = arena_alloc(m->arena, 1, sizeof(**end));
    **end = (struct note){.word = word, .pattern = pattern, .node = node};
    return *end;
}

/* In the order of the text, whatever pattern an attribute comes from. */
static void add_attribute(struct matcher *m, struct note *note, enum word word, TSNode node)
{
    uint32_t start = ts_node_start_byte(node);
    struct attribute **at = &note->attributes;
    unsigned n = 0;
    for (; *at && ts_node_start_byte((*at)->node) <= start; at = &(*at)->next)
        if (((*at)->word == word && ts_node_eq((*at)->node, node)) || ++n > MAX_ATTRIBUTES)
            return;
    struct attribute *attribute = arena_alloc(m->arena, 1, sizeof(*attribute));
    *attribute = (struct attribute){.word = word, .node = node, .next = *at};
    *at = attribute;
}

/* One captured node. */
static void remember_node(struct matcher *m, enum word word, TSNode node,
    const struct pattern *pattern, struct note **owner)
{
    if ((word_infos[word].classes & NOTE_CLASS) != 0)
        *owner = note_at(m, node, word, pattern);
    else if (word_bits(word) != 0)
        slot_of(m, node.id)->marks |= word_bits(word);
}

static bool is_attribute(enum word word)
{
    return (word_infos[word].classes & ATTRIBUTE_CLASS) != 0;
}

static void remember_match(
    struct matcher *m, const struct pattern *pattern, const TSQueryMatch *match)
{
    struct note *owner = NULL;
    for (uint16_t i = 0; i < match->capture_count; i++) {
        enum word word = m->plan->captures[match->captures[i].index].word;
        if (word != WORDS)
            remember_node(m, word, match->captures[i].node, pattern, &owner);
    }
    for (uint16_t i = 0; owner && i < match->capture_count; i++) {
        enum word word = m->plan->captures[match->captures[i].index].word;
        if (word != WORDS && is_attribute(word))
            add_attribute(m, owner, word, match->captures[i].node);
    }
}

static void remember_shape(void *context, const struct shape *shape, const TSNode *nodes)
{
    struct matcher *m = context;
    const struct shapes *shapes = &m->plan->shapes;
    struct note *owner = NULL;
    for (int pass = 0; pass < 2; pass++) /* the owner of attributes may be behind them */
        for (uint32_t i = 0; i < shape->steps.count; i++) {
            struct range words = shapes->steps[shape->steps.first + i].words;
            for (uint32_t w = words.first; w < words.first + words.count; w++) {
                if (pass == 0)
                    remember_node(m, shapes->words[w], nodes[i], shape->source, &owner);
                else if (owner && is_attribute(shapes->words[w]))
                    add_attribute(m, owner, shapes->words[w], nodes[i]);
            }
        }
}

static void run_triggered(struct matcher *m, TSNode node)
{
    TSQueryMatch match;
    ts_query_cursor_exec(m->cursor, m->plan->triggered, node);
    while (ts_query_cursor_next_match(m->cursor, &match)) {
        const struct plan_pattern *pattern = &m->plan->patterns[match.pattern_index];
        if (match_holds(m, pattern, &match))
            remember_match(m, pattern->source, &match);
    }
    m->overflowed |= ts_query_cursor_did_exceed_match_limit(m->cursor);
}

void matcher_run(
    struct matcher *m, const struct walk *walk, const TSTreeCursor *cursor, uint8_t flags)
{
    if ((flags & SYMBOL_SHAPES) != 0)
        shape_matcher_run(m->shapes, walk, cursor);
    if ((flags & SYMBOL_TRIGGER) != 0)
        run_triggered(m, walk->frames[walk->depth].node);
}
