#include "analyze/shape_match.h"

#include "analyze/array.h"
#include "analyze/predicate.h"
#include "analyze/walk.h"

enum { MAX_TRIES = 200000, MAX_LISTS = 32, KEPT_LISTS = 16, KEPT_CHILDREN = 1024 };

struct child {
    TSNode node;
    TSSymbol symbol;
    TSFieldId field;
    bool named, error;
};

/* The children of a node, as they were read. */
struct list {
    const void *id;     /* of the node */
    struct range range; /* into children */
};

struct shape_matcher {
    const struct plan *plan;
    const char *bytes;
    shape_found *found;
    void *context;
    struct arena *arena;
    TSTreeCursor cursor;
    bool cursor_made;
    struct child *children;
    uint32_t n_children, children_capacity;
    struct list lists[MAX_LISTS];
    uint32_t n_lists;
    bool overflowed;
    /* the shape being tried */
    const struct shape *shape;
    TSNode nodes[SHAPE_MAX_STEPS];
    struct range levels[SHAPE_MAX_DEPTH]; /* children at each depth … */
    uint32_t next[SHAPE_MAX_DEPTH];       /* … and the first of them not tried yet */
    uint32_t tries;
};

struct shape_matcher *shape_matcher_new(const struct plan *plan, const char *bytes,
    shape_found *found, void *context, struct arena *arena)
{
    struct shape_matcher *m = arena_alloc(arena, 1, sizeof(*m));
    *m = (struct shape_matcher){
        .plan = plan, .bytes = bytes, .found = found, .context = context, .arena = arena};
    return m;
}

void shape_matcher_free(struct shape_matcher *m)
{
    if (m->cursor_made)
        ts_tree_cursor_delete(&m->cursor);
}

bool shape_matcher_overflowed(const struct shape_matcher *m)
{
    return m->overflowed;
}

/* ---- children ---- */

static void read_child(struct shape_matcher *m)
{
    TSNode node = ts_tree_cursor_current_node(&m->cursor);
    TSSymbol symbol = ts_node_symbol(node);
    bool error = symbol >= m->plan->n_symbols;
    bool named = error || (m->plan->flags[symbol] & SYMBOL_NAMED) != 0;
    m->children = array_room(
        m->arena, m->children, &m->children_capacity, m->n_children, sizeof(*m->children));
    m->children[m->n_children++] =
        (struct child){node, symbol, ts_tree_cursor_current_field_id(&m->cursor), named, error};
}

static struct range children_of(struct shape_matcher *m, TSNode node)
{
    for (uint32_t i = m->n_lists; i-- > 0;)
        if (m->lists[i].id == node.id)
            return m->lists[i].range;
    struct range range = {m->n_children, 0};
    uint32_t n_left = ts_node_child_count(node);
    if (n_left == 0)
        return range;
    if (m->cursor_made)
        ts_tree_cursor_reset(&m->cursor, node);
    else
        m->cursor = ts_tree_cursor_new(node);
    m->cursor_made = true;
    if (ts_tree_cursor_goto_first_child(&m->cursor)) {
        do
            read_child(m);
        while (--n_left > 0 && ts_tree_cursor_goto_next_sibling(&m->cursor));
    }
    range.count = m->n_children - range.first;
    if (m->n_lists < MAX_LISTS)
        m->lists[m->n_lists++] = (struct list){node.id, range};
    return range;
}

/* ---- one step ---- */

static bool has_symbol(const struct shapes *shapes, struct range symbols, TSSymbol symbol)
{
    for (uint32_t i = 0; i < symbols.count; i++)
        if (shapes->symbols[symbols.first + i] == symbol)
            return true;
    return false;
}

static bool has_later_named(const struct shape_matcher *m, struct range siblings, uint32_t index)
{
    for (uint32_t i = index + 1; i < siblings.first + siblings.count; i++)
        if (m->children[i].named)
            return true;
    return false;
}

static bool lacks_fields(const struct shape_matcher *m, const struct shape_step *step, TSNode node)
{
    for (uint32_t i = 0; i < step->without.count; i++)
        if (!ts_node_is_null(
                ts_node_child_by_field_id(node, m->plan->shapes.fields[step->without.first + i])))
            return false;
    return true;
}

static bool fits(const struct shape_matcher *m, const struct shape_step *step,
    struct range siblings, uint32_t index)
{
    const struct child *child = &m->children[index];
    if (step->field != 0 && step->field != child->field)
        return false;
    if (step->kind == STEP_SYMBOLS
            ? !has_symbol(&m->plan->shapes, step->symbols, child->symbol)
            : child->error || (step->kind == STEP_ANY_NAMED && !child->named))
        return false;
    return (!step->last || !has_later_named(m, siblings, index)) &&
           (step->without.count == 0 || lacks_fields(m, step, child->node));
}

static struct text text_of(const struct shape_matcher *m, TSNode node)
{
    uint32_t start = ts_node_start_byte(node);
    return (struct text){m->bytes + start, ts_node_end_byte(node) - start};
}

static bool tests_hold(const struct shape_matcher *m, const struct shape_step *step)
{
    for (uint32_t i = 0; i < step->tests.count; i++) {
        const struct shape_test *test = &m->plan->shapes.tests[step->tests.first + i];
        struct text other = test->other >= 0 ? text_of(m, m->nodes[test->other]) : (struct text){0};
        if (!predicate_holds(test->predicate, text_of(m, m->nodes[test->step]),
                test->other >= 0 ? &other : NULL))
            return false;
    }
    return true;
}

/* ---- all ways ---- */

static void try_step(struct shape_matcher *m, uint32_t index);

/* Step `index` has its node: go on with the next one, then put back what that moved. Recursion is
 * as deep as the pattern. */
static void try_next(struct shape_matcher *m, uint32_t index)
{
    if (index + 1 == m->shape->steps.count) {
        m->found(m->context, m->shape, m->nodes);
        return;
    }
    const struct shape_step *step = &m->plan->shapes.steps[m->shape->steps.first + index];
    uint8_t below = (uint8_t)(step->depth + 1);
    bool enters = step[1].depth == below;
    struct range level = m->levels[below];
    uint32_t next = m->next[below];
    if (enters) {
        m->levels[below] = children_of(m, m->nodes[index]);
        m->next[below] = m->levels[below].first;
    }
    try_step(m, index + 1);
    m->levels[below] = level;
    m->next[below] = next;
}

/* Go on behind none, one, … of the nodes that may stand here. */
static void try_skips(struct shape_matcher *m, uint32_t index)
{
    const struct shape_step *step = &m->plan->shapes.steps[m->shape->steps.first + index];
    struct range siblings = m->levels[step->depth];
    uint32_t start = m->next[step->depth], end = siblings.first + siblings.count;
    m->nodes[index] = m->nodes[index - 1];
    for (uint32_t i = start; ++m->tries <= MAX_TRIES; i++) {
        m->next[step->depth] = i;
        try_next(m, index);
        if (i == end || !fits(m, step, siblings, i))
            break;
    }
    m->overflowed |= m->tries > MAX_TRIES;
    m->next[step->depth] = start;
}

static void try_step(struct shape_matcher *m, uint32_t index)
{
    const struct shape_step *step = &m->plan->shapes.steps[m->shape->steps.first + index];
    if (step->skips) {
        try_skips(m, index);
        return;
    }
    struct range siblings = m->levels[step->depth];
    uint32_t start = m->next[step->depth];
    for (uint32_t i = start; i < siblings.first + siblings.count; i++) {
        if (++m->tries > MAX_TRIES) {
            m->overflowed = true;
            return;
        }
        bool named = m->children[i].named;
        if (fits(m, step, siblings, i)) {
            m->nodes[index] = m->children[i].node;
            m->next[step->depth] = i + 1;
            if (tests_hold(m, step))
                try_next(m, index);
            m->next[step->depth] = start;
        }
        if (step->anchored && named)
            return;
    }
}

static bool ancestors_fit(
    const struct shape_matcher *m, const struct walk *walk, const struct shape *shape)
{
    if (shape->ancestors.count > walk->depth)
        return false;
    const struct shapes *shapes = &m->plan->shapes;
    for (uint32_t i = 0; i < shape->ancestors.count; i++)
        if (!has_symbol(shapes, shapes->sets[shape->ancestors.first + i],
                walk->frames[walk->depth - 1 - i].symbol))
            return false;
    return true;
}

void shape_matcher_run(struct shape_matcher *m, const struct walk *walk, const TSTreeCursor *cursor)
{
    const struct plan *plan = m->plan;
    const struct frame *frame = &walk->frames[walk->depth];
    struct range ids = plan->shapes_of[frame->symbol];
    m->tries = 0;
    /* What was read below the node before is soon asked for again: the walk goes there next. */
    if (m->n_lists > KEPT_LISTS || m->n_children > KEPT_CHILDREN)
        m->n_lists = m->n_children = 0;
    for (uint32_t i = ids.first; i < ids.first + ids.count; i++) {
        const struct shape *shape = &plan->shapes.shape[plan->shape_ids[i]];
        const struct shape_step *root = &plan->shapes.steps[shape->steps.first];
        if (!ancestors_fit(m, walk, shape) ||
            (root->field != 0 && root->field != ts_tree_cursor_current_field_id(cursor)))
            continue;
        m->shape = shape;
        m->nodes[0] = frame->node;
        if ((root->without.count == 0 || lacks_fields(m, root, frame->node)) && tests_hold(m, root))
            try_next(m, 0);
    }
}
