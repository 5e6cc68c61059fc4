#include "analyze/walk.h"

#include "analyze/ast_columns.h"
#include "analyze/match.h"

enum { MAX_QUERY_DEPTH = 10000, LATE_EVERY = 65536, FIRST_FRAMES = 256 };

struct walker {
    struct walk *walk;
    struct matcher *matcher;
    TSTreeCursor cursor;
    const struct measure *const *measures;
    void **states;
    size_t n_measures;
    uint64_t wanted; /* by any measure */
    struct ast_columns *ast;
    uint32_t frames_capacity;
    bool has_errors;
};

static uint64_t rule_marks(const struct walker *w, TSSymbol symbol, TSSymbol parent)
{
    const struct plan *plan = w->walk->plan;
    struct range range = plan->rules_of[symbol];
    uint64_t marks = 0;
    TSFieldId field = 0;
    bool field_known = false;
    for (uint32_t i = range.first; i < range.first + range.count; i++) {
        const struct rule *rule = &plan->rules[i];
        if (rule->parent != parent)
            continue;
        if (rule->field != 0 && !field_known) {
            field = ts_tree_cursor_current_field_id(&w->cursor);
            field_known = true;
        }
        if (rule->field == 0 || rule->field == field)
            marks |= rule->marks;
    }
    return marks;
}

static uint64_t child_marks(const struct walker *w, bool named, TSSymbol parent)
{
    const struct plan *plan = w->walk->plan;
    struct range range = plan->children_of[parent];
    TSFieldId field = ts_tree_cursor_current_field_id(&w->cursor);
    uint64_t marks = 0;
    for (uint32_t i = range.first; i < range.first + range.count; i++) {
        const struct child_rule *rule = &plan->child_rules[i];
        if ((rule->field == 0 || rule->field == field) && (named || !rule->named_only))
            marks |= rule->marks;
    }
    return marks;
}

static uint64_t find_marks(struct walker *w, TSNode node, TSSymbol symbol, struct note **ret_notes)
{
    struct walk *walk = w->walk;
    walk->frames[walk->depth].node = node;
    walk->frames[walk->depth].symbol = symbol;
    const struct plan *plan = walk->plan;
    uint64_t marks = 0;
    if (symbol < plan->n_symbols) {
        uint8_t flags = plan->flags[symbol];
        marks = plan->marks[symbol];
        if (walk->depth >= MAX_QUERY_DEPTH)
            flags &= (uint8_t)~SYMBOL_TRIGGER;
        if ((flags & (SYMBOL_TRIGGER | SYMBOL_SHAPES)) != 0)
            matcher_run(w->matcher, walk, &w->cursor, flags);
        TSSymbol parent = walk->depth > 0 ? walk->frames[walk->depth - 1].symbol : 0;
        if ((flags & SYMBOL_RULES) != 0 && walk->depth > 0)
            marks |= rule_marks(w, symbol, parent);
        if (walk->depth > 0 && parent < plan->n_symbols &&
            (plan->flags[parent] & SYMBOL_PARENT) != 0)
            marks |= child_marks(w, (flags & SYMBOL_NAMED) != 0, parent);
    }
    if (matcher_pending(w->matcher))
        marks |= matcher_take(w->matcher, node, ret_notes);
    return marks;
}

static void count_error(struct walker *w, TSNode node)
{
    if (ts_node_is_missing(node) || ts_node_is_error(node))
        w->walk->n_errors++;
}

static void enter(struct walker *w)
{
    struct walk *walk = w->walk;
    TSNode node = ts_tree_cursor_current_node(&w->cursor);
    TSSymbol symbol = ts_node_symbol(node);
    struct note *notes = NULL;
    uint64_t marks = find_marks(w, node, symbol, &notes);
    bool named = symbol >= walk->plan->n_symbols || (walk->plan->flags[symbol] & SYMBOL_NAMED) != 0;
    struct frame *frame = &walk->frames[walk->depth];
    *frame = (struct frame){.node = node,
        .marks = marks,
        .notes = notes,
        .symbol = symbol,
        .n_behind = frame->n_behind,
        .start = ts_node_start_byte(node)};
    frame->end = ts_node_end_byte(node);
    uint32_t above = walk->depth > 0 ? frame[-1].ast_index : 0;
    frame->ast_index = named ? walk->n_named++ : above;
    if (named && w->ast)
        ast_columns_add(w->ast, symbol, frame->start, frame->end - frame->start,
            walk->depth > 0 ? frame->ast_index - above : 0);
    if (w->has_errors)
        count_error(w, node);
    if ((marks & w->wanted) == 0)
        return;
    for (size_t i = 0; i < w->n_measures; i++)
        if ((marks & w->measures[i]->wants) != 0 && w->measures[i]->enter)
            w->measures[i]->enter(w->states[i], walk, frame);
}

static void leave(struct walker *w)
{
    struct walk *walk = w->walk;
    const struct frame *frame = &walk->frames[walk->depth];
    if ((frame->marks & w->wanted) == 0)
        return;
    for (size_t i = w->n_measures; i-- > 0;)
        if ((frame->marks & w->measures[i]->wants) != 0 && w->measures[i]->leave)
            w->measures[i]->leave(w->states[i], walk, frame);
}

static bool descend(struct walker *w)
{
    struct walk *walk = w->walk;
    /* Half of all nodes are leaves; asking the node is much cheaper than asking the cursor. */
    uint32_t n_children = ts_node_child_count(walk->frames[walk->depth].node);
    if (n_children == 0 || !ts_tree_cursor_goto_first_child(&w->cursor))
        return false;
    if (++walk->depth == w->frames_capacity) {
        w->frames_capacity *= 2;
        walk->frames = memory_resize(walk->frames, w->frames_capacity, sizeof(*walk->frames));
    }
    walk->frames[walk->depth].n_behind = n_children - 1;
    return true;
}

/* Not asking the cursor for more where there is none saves a third of its moves. */
static bool go_on(struct walker *w)
{
    struct frame *frame = &w->walk->frames[w->walk->depth];
    if (frame->n_behind == 0)
        return false;
    frame->n_behind--;
    return ts_tree_cursor_goto_next_sibling(&w->cursor);
}

/* To the next node that was not entered yet, leaving those that are done. False at the end of the
 * tree. */
static bool advance(struct walker *w)
{
    if (descend(w))
        return true;
    for (;;) {
        leave(w);
        if (go_on(w))
            return true;
        if (!ts_tree_cursor_goto_parent(&w->cursor))
            return false;
        w->walk->depth--;
    }
}

static enum walk_end run(struct walker *w, bool (*late)(void *), void *late_context)
{
    uint32_t nodes = 0;
    do {
        enter(w);
        if (late && ++nodes % LATE_EVERY == 0 && late(late_context))
            return WALK_LATE;
    } while (advance(w));
    return WALK_DONE;
}

enum walk_end walk_tree(struct walk *walk, TSTree *tree, const struct measure *const *measures,
    void **states, size_t n, struct buf *ast, bool (*late)(void *), void *late_context)
{
    TSNode root = ts_tree_root_node(tree);
    struct ast_columns columns = {0};
    struct walker w = {.walk = walk,
        .measures = measures,
        .states = states,
        .n_measures = n,
        .has_errors = ts_node_has_error(root)};
    w.frames_capacity = FIRST_FRAMES;
    walk->frames = memory_new(FIRST_FRAMES,
        sizeof(*walk->frames)); /* not from the arena: a tree may be a million levels deep */
    walk->frames[0].n_behind = 0;
    walk->depth = 0;
    for (size_t i = 0; i < n; i++) {
        states[i] = measures[i]->begin(walk);
        w.wanted |= measures[i]->wants;
    }
    w.matcher = matcher_new(walk->plan, walk->bytes, walk->arena);
    if (ast) {
        ast_columns_begin(&columns, walk->plan->grammar, walk->arena);
        w.ast = &columns;
    }
    w.cursor = ts_tree_cursor_new(root);
    enum walk_end end = run(&w, late, late_context);
    ts_tree_cursor_delete(&w.cursor);
    free(walk->frames);
    walk->frames = NULL;
    walk->queries_overflowed = matcher_overflowed(w.matcher);
    matcher_free(w.matcher);
    if (ast && end == WALK_DONE)
        ast_columns_finish(&columns, ast);
    ast_columns_release(&columns);
    return end;
}

struct text walk_text(const struct walk *walk, TSNode node)
{
    uint32_t start = ts_node_start_byte(node);
    return (struct text){(const char *)walk->bytes + start, ts_node_end_byte(node) - start};
}

const struct attribute *frame_attribute(const struct frame *frame, enum word owner, enum word word)
{
    for (const struct note *note = frame->notes; note; note = note->next) {
        if (owner != WORDS && note->word != owner)
            continue;
        for (const struct attribute *a = note->attributes; a; a = a->next)
            if (a->word == word)
                return a;
    }
    return NULL;
}

const struct note *frame_note(const struct frame *frame, enum word word)
{
    const struct note *note = frame->notes;
    while (note && note->word != word)
        note = note->next;
    return note;
}

uint32_t walk_end_row(const struct walk *walk, TSNode node)
{
    uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node);
    uint32_t row = ts_node_end_point(node).row;
    while (end > start && (walk->bytes[end - 1] == '\n' || walk->bytes[end - 1] == '\r')) {
        row -= walk->bytes[end - 1] == '\n';
        end--;
    }
    return row;
}
