#include "analyze/outline.h"

#include <uthash.h>

#include "analyze/array.h"

/* A comment that waits for the definition it documents: that has to be the next named node beside
 * it, counted as the AST counts. */
struct pending_doc {
    bool set, adjacent;
    uint32_t depth, next_index, end_row;
    const char *start, *end;
};

/* An open definition, or a parent that got a rule for the definitions that follow in it. */
struct scope {
    uint32_t depth;      /* of its frame */
    uint32_t definition; /* NO_DEFINITION: only a rule … */
    const void *parent;  /* … and the id of the node it belongs to */
    uint32_t function_before;
    enum visibility rest;
};

/* A name in a hash table: what the file declares public or private apart from its definition, or a
 * type. */
struct named {
    struct text name;
    enum word word;
    uint32_t definition;
    UT_hash_handle hh;
};

struct state {
    struct outline outline;
    uint32_t definitions_capacity, functions_capacity;
    struct scope *scopes;
    uint32_t n_scopes, scopes_capacity;
    struct pending_doc doc;
    bool private_next;
    uint32_t private_next_depth;
    struct named *names;
    bool only; /* a @public.only was met */
};

enum { MAX_DOC_WRAPPERS = 5 };

static struct definition *new_definition(struct state *s, struct walk *walk)
{
    struct outline *o = &s->outline;
    o->definitions = array_room(walk->arena, o->definitions, &s->definitions_capacity,
        o->n_definitions, sizeof(*o->definitions));
    struct definition *d = &o->definitions[o->n_definitions++];
    *d = (struct definition){.parent = o->open, .function = o->current};
    return d;
}

static void push_scope(struct state *s, struct walk *walk, struct scope scope)
{
    s->scopes =
        array_room(walk->arena, s->scopes, &s->scopes_capacity, s->n_scopes, sizeof(*s->scopes));
    s->scopes[s->n_scopes++] = scope;
}

static uint32_t push_function(struct state *s, struct walk *walk, struct function function)
{
    struct outline *o = &s->outline;
    o->functions = array_room(
        walk->arena, o->functions, &s->functions_capacity, o->n_functions, sizeof(*o->functions));
    o->functions[o->n_functions] = function;
    return o->n_functions++;
}

static void *begin(struct walk *walk)
{
    struct state *s = arena_alloc(walk->arena, 1, sizeof(*s));
    s->outline.open = NO_DEFINITION;
    push_function(s, walk, (struct function){.definition = NO_DEFINITION, .type = NO_DEFINITION});
    walk->outline = &s->outline;
    return s;
}

/* ---- names ---- */

/* C: from a declarator inwards to the name, past pointers, arrays, parentheses; the scope of a
 * qualified name is kept apart. */
static void name_from_declarator(const struct walk *walk, TSNode node, struct definition *d)
{
    const struct plan *plan = walk->plan;
    for (;;) {
        TSNode inner = ts_node_child_by_field_id(node, plan->field_declarator);
        if (ts_node_is_null(inner) && plan->field_scope != 0) {
            TSNode scope = ts_node_child_by_field_id(node, plan->field_scope);
            inner =
                ts_node_is_null(scope) ? scope : ts_node_child_by_field_id(node, plan->field_name);
            if (!ts_node_is_null(scope) && !ts_node_is_null(inner)) {
                const char *from = d->scope.bytes ? d->scope.bytes : walk_text(walk, scope).bytes;
                struct text last = walk_text(walk, scope);
                d->scope = (struct text){from, (size_t)(last.bytes + last.length - from)};
            }
        }
        if (ts_node_is_null(inner) && strcmp(ts_node_type(node), "parenthesized_declarator") == 0)
            inner = ts_node_named_child(node, 0);
        if (ts_node_is_null(inner))
            break;
        node = inner;
    }
    d->name = walk_text(walk, node);
}

/* A name without what marks it as a literal: :name, 'name', "name". */
static struct text bare_name(struct text name)
{
    char first = name.length > 1 ? name.bytes[0] : 0,
         last = name.length > 1 ? name.bytes[name.length - 1] : 0;
    if (first == ':' && name.bytes[1] != ':')
        return (struct text){name.bytes + 1, name.length - 1};
    if (name.length > 2 && (first == '"' || first == '\'') && last == first)
        return (struct text){name.bytes + 1, name.length - 2};
    return name;
}

/* What one note says about name and scope; what is known already stays. */
static void name_from_note(const struct walk *walk, const struct note *note, struct definition *d)
{
    for (const struct attribute *a = note->attributes; a; a = a->next) {
        if (a->word == WORD_SCOPE && !d->scope.bytes)
            d->scope = walk_text(walk, a->node);
        if (a->word == WORD_NAME && !d->name.bytes)
            d->name = bare_name(walk_text(walk, a->node));
        if (a->word == WORD_NAME_DECLARATOR && !d->name.bytes)
            name_from_declarator(walk, a->node, d);
    }
}

/* ---- documentation ---- */

static bool doc_fits(const struct state *s, const struct walk *walk)
{
    const struct pending_doc *doc = &s->doc;
    if (!doc->set || walk->depth < doc->depth || walk->depth - doc->depth > MAX_DOC_WRAPPERS)
        return false;
    const struct frame *beside = &walk->frames[doc->depth];
    return beside->ast_index == doc->next_index &&
           (!doc->adjacent || ts_node_start_point(beside->node).row <= doc->end_row + 1);
}

static void note_doc(struct state *s, const struct walk *walk, const struct frame *frame)
{
    const struct attribute *text = frame_attribute(frame, WORDS, WORD_DOC_TEXT);
    TSNode node = text ? text->node : frame->node;
    struct text raw = walk_text(walk, node);
    struct pending_doc *doc = &s->doc;
    uint32_t row = ts_node_start_point(frame->node).row;
    bool goes_on = doc->set && doc->depth == walk->depth && doc->next_index == frame->ast_index &&
                   row == doc->end_row + 1;
    if (!goes_on)
        *doc = (struct pending_doc){.set = true, .depth = walk->depth, .start = raw.bytes};
    doc->adjacent = (frame->marks & BIT(DOC)) == 0;
    doc->end = raw.bytes + raw.length;
    doc->end_row = walk_end_row(walk, frame->node);
}

static bool only_space(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t' || *from == '\r' || *from == '\n'))
        from++;
    return from == to;
}

static void note_inner_doc(struct state *s, const struct walk *walk, const struct frame *frame)
{
    const struct attribute *text = frame_attribute(frame, WORD_DOC_INNER, WORD_DOC_TEXT);
    struct text raw = walk_text(walk, text ? text->node : frame->node);
    struct text *doc = s->outline.open == NO_DEFINITION
                           ? &s->outline.file_doc
                           : &s->outline.definitions[s->outline.open].doc;
    if (!doc->bytes)
        *doc = raw;
    else if (only_space(doc->bytes + doc->length, raw.bytes))
        doc->length = (size_t)(raw.bytes + raw.length - doc->bytes);
}

/* ---- definitions ---- */

static enum visibility visibility_here(
    struct state *s, const struct walk *walk, const struct frame *frame)
{
    bool next = s->private_next && walk->depth >= s->private_next_depth &&
                walk->depth - s->private_next_depth <= MAX_DOC_WRAPPERS;
    if (next)
        s->private_next = false;
    if ((frame->marks & BIT(PUBLIC)) != 0)
        return VISIBILITY_PUBLIC;
    if (next || (frame->marks & BIT(PRIVATE)) != 0)
        return VISIBILITY_PRIVATE;
    for (uint32_t i = s->n_scopes; i-- > 0;) {
        if (s->scopes[i].rest != VISIBILITY_DEFAULT)
            return s->scopes[i].rest;
        if (s->scopes[i].definition != NO_DEFINITION)
            break;
    }
    return VISIBILITY_DEFAULT;
}

/* Functions and types have definitions in them; an alias, a constant or a macro has not. */
static bool is_container(enum word word)
{
    return word != WORD_SYMBOL &&
           (word_bits(word) & (TYPE_BITS | BIT(FUNCTION) | BIT(LAMBDA))) != 0;
}

static struct definition *define(struct state *s, struct walk *walk, const struct frame *frame,
    enum word word, const struct note *note)
{
    struct definition *d = new_definition(s, walk);
    TSPoint point = ts_node_start_point(frame->node);
    d->word = word;
    d->kind = word_infos[word].text;
    d->start = frame->start;
    d->end = frame->end;
    d->row = point.row;
    d->column = point.column;
    d->end_row = walk_end_row(walk, frame->node);
    if (doc_fits(s, walk)) {
        d->doc = (struct text){s->doc.start, (size_t)(s->doc.end - s->doc.start)};
        s->doc.set = !is_container(word); /* a typedef and the struct in it share one */
    }
    d->visibility = visibility_here(s, walk, frame);
    if (note) {
        const char *kind = pattern_setting(note->pattern, "kind");
        if (note->pattern->owner_suffix)
            d->kind = note->pattern->owner_suffix;
        if (kind)
            d->kind = kind;
    }
    return d;
}

static void open_function(
    struct state *s, struct walk *walk, const struct frame *frame, uint32_t index)
{
    struct outline *o = &s->outline;
    struct definition *d = &o->definitions[index];
    uint32_t parent = d->parent;
    struct function f = {.id = frame->node.id,
        .definition = index,
        .parent = o->current,
        .type = NO_DEFINITION,
        .npath = 1};
    f.separate = (frame->marks & BIT(SEPARATE)) != 0;
    f.is_method = (frame->marks & BIT(METHOD)) != 0;
    if (parent != NO_DEFINITION && definition_is_type(&o->definitions[parent])) {
        f.is_method = true;
        f.type = parent;
        o->definitions[parent].n_methods++;
    }
    if (f.is_method && d->kind == word_infos[WORD_FUNCTION].text)
        d->kind = "method";
    o->current = push_function(s, walk, f);
    d->function = o->current;
}

/* The one definition word of a node; the lowest wins. */
static enum word definition_word(uint64_t marks)
{
    return (enum word)__builtin_ctzll(marks & DEFINITION_BITS);
}

static void enter_definition(struct state *s, struct walk *walk, const struct frame *frame)
{
    struct outline *o = &s->outline;
    enum word word = definition_word(frame->marks);
    bool inner_lambda = word == WORD_LAMBDA && o->current != 0;
    if (inner_lambda)
        return; /* part of the function around it */
    uint32_t function_before = o->current;
    struct definition *d = define(s, walk, frame, word, frame_note(frame, word));
    uint32_t index = o->n_definitions - 1;
    const struct note *note = frame_note(frame, word);
    if (note)
        name_from_note(walk, note, d);
    if (word == WORD_FUNCTION || word == WORD_LAMBDA)
        open_function(s, walk, frame, index);
    if (!is_container(word))
        return;
    push_scope(s, walk,
        (struct scope){
            .depth = walk->depth, .definition = index, .function_before = function_before});
    o->open = index;
}

static void enter_symbols(struct state *s, struct walk *walk, const struct frame *frame)
{
    for (const struct note *note = frame->notes; note; note = note->next) {
        if (note->word != WORD_SYMBOL || (frame->marks & DEFINITION_BITS) != 0)
            continue;
        struct definition *d = define(s, walk, frame, WORD_SYMBOL, note);
        name_from_note(walk, note, d);
    }
}

static void enter_names(struct state *s, struct walk *walk, const struct frame *frame)
{
    for (const struct note *note = frame->notes; note; note = note->next) {
        if (note->word != WORD_PUBLIC_NAME && note->word != WORD_PUBLIC_ONLY &&
            note->word != WORD_PRIVATE_NAME)
            continue;
        struct named *known, *name = arena_alloc(walk->arena, 1, sizeof(*name));
        name->name = bare_name(walk_text(walk, note->node));
        name->word = note->word;
        s->only |= note->word == WORD_PUBLIC_ONLY;
        HASH_FIND(hh, s->names, name->name.bytes, name->name.length, known);
        if (!known)
            HASH_ADD_KEYPTR(hh, s->names, name->name.bytes, name->name.length, name);
    }
}

/* A rule for the rest of the parent: kept on the scope of the parent's frame. */
static void enter_rest(struct state *s, struct walk *walk, const struct frame *frame)
{
    enum visibility rest =
        (frame->marks & BIT(PUBLIC_REST)) != 0 ? VISIBILITY_PUBLIC : VISIBILITY_PRIVATE;
    uint32_t parent_depth = walk->depth > 0 ? walk->depth - 1 : 0;
    struct scope *top = s->n_scopes > 0 ? &s->scopes[s->n_scopes - 1] : NULL;
    if (top && top->depth == parent_depth)
        top->rest = rest;
    else
        push_scope(s, walk,
            (struct scope){.depth = parent_depth,
                .definition = NO_DEFINITION,
                .parent = walk->frames[parent_depth].node.id,
                .rest = rest});
}

/* Rules without a definition have no leave() of their own: drop those whose parent was left. */
static void drop_rules(struct state *s, const struct walk *walk)
{
    while (s->n_scopes > 0) {
        const struct scope *top = &s->scopes[s->n_scopes - 1];
        bool stands = top->depth < walk->depth && walk->frames[top->depth].node.id == top->parent;
        if (top->definition != NO_DEFINITION || stands)
            return;
        s->n_scopes--;
    }
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    drop_rules(s, walk);
    if ((frame->marks & DEFINITION_BITS) != 0)
        enter_definition(s, walk, frame);
    if ((frame->marks & NOTED_BIT) != 0) {
        enter_symbols(s, walk, frame);
        enter_names(s, walk, frame);
    }
    if ((frame->marks & (BIT(PUBLIC_REST) | BIT(PRIVATE_REST))) != 0)
        enter_rest(s, walk, frame);
    if ((frame->marks & (BIT(DOC) | BIT(DOC_ADJACENT))) != 0)
        note_doc(s, walk, frame);
    if ((frame->marks & BIT(DOC_INNER)) != 0)
        note_inner_doc(s, walk, frame);
    if ((frame->marks & BIT(PRIVATE_NEXT)) != 0) {
        s->private_next = true;
        s->private_next_depth = walk->depth;
    }
}

/* Doc comments, other comments and transparent nodes leave the doc waiting for the node behind
 * them. */
static void pass_doc(struct state *s, const struct walk *walk, const struct frame *frame)
{
    struct pending_doc *doc = &s->doc;
    bool is_doc = (frame->marks & (BIT(DOC) | BIT(DOC_ADJACENT))) != 0;
    if (!doc->set || doc->depth != walk->depth || (!is_doc && doc->next_index != frame->ast_index))
        return;
    doc->next_index = walk->n_named;
    if (!is_doc)
        doc->end_row = walk_end_row(walk, frame->node);
}

static void leave(void *state, struct walk *walk, const struct frame *frame)
{
    struct state *s = state;
    struct outline *o = &s->outline;
    if ((frame->marks & (BIT(DOC) | BIT(DOC_ADJACENT) | BIT(TRANSPARENT) | BIT(COMMENT))) != 0)
        pass_doc(s, walk, frame);
    while (s->n_scopes > 0 && s->scopes[s->n_scopes - 1].depth >= walk->depth) {
        const struct scope *scope = &s->scopes[--s->n_scopes];
        if (scope->definition == NO_DEFINITION)
            continue;
        o->current = scope->function_before;
        o->open = o->definitions[scope->definition].parent;
    }
}

/* ---- the end ---- */

static bool default_is_public(const struct plan *plan)
{
    return !plan->uses[WORD_PUBLIC] && !plan->uses[WORD_PUBLIC_NAME];
}

/* Is it an anonymous function around a whole file, as in Nix or old JavaScript? What is in it can
 * be public. */
static bool is_file_function(const struct definition *d)
{
    bool is_function = d->word == WORD_LAMBDA || d->word == WORD_FUNCTION;
    return is_function && !d->name.bytes && d->parent == NO_DEFINITION;
}

static bool decide_public(
    const struct state *s, const struct plan *plan, const struct definition *d)
{
    const struct outline *o = &s->outline;
    const struct definition *parent =
        d->parent != NO_DEFINITION ? &o->definitions[d->parent] : NULL;
    bool is_function = d->word == WORD_FUNCTION || d->word == WORD_LAMBDA;
    uint32_t around = is_function ? o->functions[d->function].parent : d->function;
    if (parent && is_file_function(parent))
        return d->visibility == VISIBILITY_PUBLIC && d->name.bytes;
    if (around != 0 || !d->name.bytes || d->word == WORD_IMPL)
        return false;
    if (parent && parent->word != WORD_IMPL && !parent->is_public)
        return false;
    struct named *named = NULL;
    if (s->names)
        HASH_FIND(hh, s->names, d->name.bytes, d->name.length, named);
    if (named && named->word == WORD_PRIVATE_NAME)
        return false;
    if (named && !parent)
        return true;
    if (s->only && !parent)
        return false;
    return d->visibility == VISIBILITY_DEFAULT ? default_is_public(plan)
                                               : d->visibility == VISIBILITY_PUBLIC;
}

/* All named types in a hash table; its entries are in the array returned, which the caller frees.
 */
static struct named *index_types(const struct outline *o, struct named **ret_types)
{
    struct named *slots = memory_new((size_t)o->n_definitions + 1, sizeof(*slots)), *known;
    for (uint32_t i = 0; i < o->n_definitions; i++) {
        const struct definition *d = &o->definitions[i];
        if (!definition_is_type(d) || !d->name.bytes)
            continue;
        HASH_FIND(hh, *ret_types, d->name.bytes, d->name.length, known);
        if (known)
            continue;
        slots[i] = (struct named){.name = d->name, .definition = i};
        HASH_ADD_KEYPTR(hh, *ret_types, slots[i].name.bytes, slots[i].name.length, &slots[i]);
    }
    return slots;
}

/* Methods that stand apart from their type (Go): the receiver names it, if it is in this file. */
static void find_types(struct state *s)
{
    struct outline *o = &s->outline;
    struct named *types = NULL, *slots = NULL, *found;
    for (uint32_t i = 1; i < o->n_functions; i++) {
        struct function *f = &o->functions[i];
        const struct definition *d = &o->definitions[f->definition];
        if (!f->is_method || f->type != NO_DEFINITION || !d->scope.bytes)
            continue;
        if (!slots)
            slots = index_types(o, &types);
        HASH_FIND(hh, types, d->scope.bytes, d->scope.length, found);
        if (!found)
            continue;
        f->type = found->definition;
        o->definitions[f->type].n_methods++;
    }
    HASH_CLEAR(hh, types);
    free(slots);
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    struct state *s = state;
    double n_public = 0, n_documented = 0;
    find_types(s);
    for (uint32_t i = 0; i < s->outline.n_definitions; i++) {
        struct definition *d = &s->outline.definitions[i];
        d->is_public = decide_public(s, walk->plan, d);
        n_public += d->is_public && d->word != WORD_SYMBOL;
        n_documented += d->is_public && d->word != WORD_SYMBOL && d->doc.bytes;
    }
    facts->metric[METRIC_PUBLIC_SYMBOL_COUNT] = n_public;
    facts->metric[METRIC_DOCUMENTED_SYMBOL_COUNT] = n_documented;
    if (n_public > 0)
        facts->metric[METRIC_DOCUMENTATION_COVERAGE] = 100 * n_documented / n_public;
}

static void release(void *state)
{
    struct state *s = state;
    HASH_CLEAR(hh, s->names);
}

const struct measure outline_measure = {
    .name = "outline",
    .wants = DEFINITION_BITS | NOTED_BIT | BIT(DOC) | BIT(DOC_ADJACENT) | BIT(DOC_INNER) |
             BIT(TRANSPARENT) | BIT(COMMENT) | BIT(PUBLIC_REST) | BIT(PRIVATE_REST) |
             BIT(PRIVATE_NEXT),
    .begin = begin,
    .enter = enter,
    .leave = leave,
    .finish = finish,
    .release = release,
};
