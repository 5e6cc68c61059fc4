#include "analyze/plan.h"

#include <string.h>

#include "analyze/array.h"
#include "base/buf.h"
#include "base/nearest.h"

/* A rule before it is sorted by its symbol. */
struct draft {
    TSSymbol symbol;
    struct rule rule;
};

struct child_draft {
    TSSymbol symbol;
    struct child_rule rule;
};

struct builder {
    struct plan *plan;
    struct draft *drafts;
    struct child_draft *child_drafts;
    size_t n_drafts, n_child_drafts, drafts_capacity, child_drafts_capacity;
    struct buf text;                  /* of the TSQuery */
    const struct pattern **triggered; /* its patterns */
    size_t *offsets;                  /* where each begins in text */
    size_t n_triggered;
    struct error *err;
};

static bool fail(struct builder *b, const struct pattern *pattern, unsigned line, const char *what,
    const char *word)
{
    return error_set(b->err, ERROR_CONFIG, 0, "%s:%u: %s%s%s%s", pattern->file, line, what,
        word ? " \"" : "", word ? word : "", word ? "\"" : "");
}

static bool fail_unknown_node(
    struct builder *b, const struct pattern *pattern, unsigned line, const char *name, bool named)
{
    const struct plan *plan = b->plan;
    const char **words = arena_alloc(plan->arena, plan->n_symbols, sizeof(*words));
    size_t n = 0;
    for (uint32_t s = 0; s < plan->n_symbols; s++)
        if (ts_language_symbol_type(plan->grammar, (TSSymbol)s) ==
            (named ? TSSymbolTypeRegular : TSSymbolTypeAnonymous))
            words[n++] = ts_language_symbol_name(plan->grammar, (TSSymbol)s);
    const char *nearest = nearest_word(name, words, n);
    fail(b, pattern, line, named ? "unknown node" : "unknown token", name);
    return nearest ? error_hint(b->err, "Did you mean \"%s\"?", nearest) : false;
}

static void add_draft(struct builder *b, TSSymbol symbol, struct rule rule)
{
    if (b->n_drafts == b->drafts_capacity) {
        b->drafts_capacity = b->drafts_capacity ? 2 * b->drafts_capacity : 256;
        b->drafts = memory_resize(b->drafts, b->drafts_capacity, sizeof(*b->drafts));
    }
    b->drafts[b->n_drafts++] = (struct draft){symbol, rule};
}

static void add_child_draft(struct builder *b, TSSymbol symbol, struct child_rule rule)
{
    if (b->n_child_drafts == b->child_drafts_capacity) {
        b->child_drafts_capacity = b->child_drafts_capacity ? 2 * b->child_drafts_capacity : 64;
        b->child_drafts =
            memory_resize(b->child_drafts, b->child_drafts_capacity, sizeof(*b->child_drafts));
    }
    b->child_drafts[b->n_child_drafts++] = (struct child_draft){symbol, rule};
}

static bool find_symbol(const struct plan *plan, const struct expression *e, TSSymbol *ret_symbol)
{
    bool named = e->kind == EXPRESSION_NODE;
    TSSymbol symbol =
        ts_language_symbol_for_name(plan->grammar, e->name, (uint32_t)strlen(e->name), named);
    *ret_symbol = symbol;
    return symbol != 0 && symbol < plan->n_symbols;
}

static bool is_supertype(const struct plan *plan, TSSymbol symbol)
{
    return ts_language_symbol_type(plan->grammar, symbol) == TSSymbolTypeSupertype;
}

/* ---- which patterns are table entries ---- */

static bool captures_fit(const struct expression *e)
{
    for (const struct query_capture *c = e->captures; c; c = c->next)
        if (c->word != WORDS && (word_infos[c->word].classes & (MARK_CLASS | IGNORED_CLASS)) == 0)
            return false;
    return true;
}

static uint64_t capture_bits(const struct expression *e)
{
    uint64_t bits = 0;
    for (const struct query_capture *c = e->captures; c; c = c->next)
        if (c->word != WORDS)
            bits |= word_bits(c->word);
    return bits;
}

static bool is_plain(const struct expression *e)
{
    return !e->unusual && !e->anchored && !e->anchored_end && !e->without;
}

/* A node, token or wildcard with nothing inside, or a choice of such. */
static bool is_leaf(const struct plan *plan, const struct expression *e, bool wildcard_fits)
{
    TSSymbol symbol;
    if (!is_plain(e) || !captures_fit(e))
        return false;
    switch (e->kind) {
    case EXPRESSION_NODE:
    case EXPRESSION_TOKEN:
        return !e->children && find_symbol(plan, e, &symbol) && !is_supertype(plan, symbol);
    case EXPRESSION_ANY:
    case EXPRESSION_ANY_NAMED:
        return wildcard_fits && !e->children;
    case EXPRESSION_ALTERNATION:
        for (const struct expression *c = e->children; c; c = c->next)
            if (c->field || !is_leaf(plan, c, wildcard_fits))
                return false;
        return true;
    case EXPRESSION_GROUP:
        return false;
    }
    return false;
}

/* (parent field: leaf @mark): the parent itself is not captured. */
static bool is_parent_with_leaf(const struct plan *plan, const struct expression *e)
{
    TSSymbol symbol;
    return e->kind == EXPRESSION_NODE && is_plain(e) && !e->captures && e->children &&
           !e->children->next && find_symbol(plan, e, &symbol) && !is_supertype(plan, symbol) &&
           is_leaf(plan, e->children, true);
}

static bool fits_tables(const struct plan *plan, const struct expression *e)
{
    if (is_leaf(plan, e, false) || is_parent_with_leaf(plan, e))
        return true;
    if (e->kind != EXPRESSION_ALTERNATION || !is_plain(e) || e->captures)
        return false;
    for (const struct expression *c = e->children; c; c = c->next)
        if (!fits_tables(plan, c))
            return false;
    return true;
}

static TSFieldId field_of(const struct plan *plan, const struct expression *e)
{
    return e->field
               ? ts_language_field_id_for_name(plan->grammar, e->field, (uint32_t)strlen(e->field))
               : 0;
}

static void add_leaf(
    struct builder *b, const struct expression *e, TSSymbol parent, TSFieldId field, uint64_t bits)
{
    bits |= capture_bits(e);
    TSSymbol symbol;
    if (e->kind == EXPRESSION_ALTERNATION) {
        for (const struct expression *c = e->children; c; c = c->next)
            add_leaf(b, c, parent, field, bits);
    } else if (e->kind == EXPRESSION_ANY || e->kind == EXPRESSION_ANY_NAMED) {
        add_child_draft(
            b, parent, (struct child_rule){field, e->kind == EXPRESSION_ANY_NAMED, bits});
    } else if (find_symbol(b->plan, e, &symbol)) {
        if (parent == 0)
            b->plan->marks[symbol] |= bits;
        else
            add_draft(b, symbol, (struct rule){parent, field, bits});
    }
}

static bool add_to_tables(
    struct builder *b, const struct pattern *pattern, const struct expression *e)
{
    TSSymbol symbol;
    if (is_leaf(b->plan, e, false)) {
        add_leaf(b, e, 0, 0, 0);
        return true;
    }
    if (e->kind == EXPRESSION_ALTERNATION) {
        for (const struct expression *c = e->children; c; c = c->next)
            if (!add_to_tables(b, pattern, c))
                return false;
        return true;
    }
    const struct expression *child = e->children;
    TSFieldId field = field_of(b->plan, child);
    if (child->field && field == 0)
        return fail(b, pattern, child->line, "unknown field", child->field);
    if (find_symbol(b->plan, e, &symbol))
        add_leaf(b, child, symbol, field, 0);
    return true;
}

/* ---- the triggered ones ---- */

static bool trigger_at(struct builder *b, const struct pattern *pattern, const struct expression *e)
{
    struct plan *plan = b->plan;
    TSSymbol symbol;
    if (e->kind == EXPRESSION_ALTERNATION ||
        (e->kind == EXPRESSION_GROUP && e->children && !e->children->next)) {
        for (const struct expression *c = e->children; c; c = c->next)
            if (!trigger_at(b, pattern, c))
                return false;
        return true;
    }
    if (e->kind != EXPRESSION_NODE && e->kind != EXPRESSION_TOKEN)
        return fail(b, pattern, pattern->line,
            "a pattern has to begin with one node of a named kind", NULL);
    if (!find_symbol(plan, e, &symbol))
        return fail_unknown_node(b, pattern, e->line, e->name, e->kind == EXPRESSION_NODE);
    if (!is_supertype(plan, symbol)) {
        plan->flags[symbol] |= SYMBOL_TRIGGER;
        return true;
    }
    uint32_t n = 0;
    const TSSymbol *subtypes = ts_language_abi_version(plan->grammar) >= 15
                                   ? ts_language_subtypes(plan->grammar, symbol, &n)
                                   : NULL;
    for (uint32_t i = 0; i < n; i++)
        plan->flags[subtypes[i]] |= SYMBOL_TRIGGER;
    return n > 0 ? true
                 : fail(b, pattern, e->line,
                       "a pattern of this grammar cannot begin with a supertype", e->name);
}

static bool check_names(
    struct builder *b, const struct pattern *pattern, const struct expression *e)
{
    TSSymbol symbol;
    bool names_symbol = e->kind == EXPRESSION_NODE || e->kind == EXPRESSION_TOKEN;
    bool builtin =
        names_symbol && (strcmp(e->name, "ERROR") == 0 || strcmp(e->name, "MISSING") == 0);
    if (names_symbol && !builtin && !find_symbol(b->plan, e, &symbol))
        return fail_unknown_node(b, pattern, e->line, e->name, e->kind == EXPRESSION_NODE);
    if (e->field && field_of(b->plan, e) == 0)
        return fail(b, pattern, e->line, "unknown field", e->field);
    for (const struct expression *c = e->children; c; c = c->next)
        if (!check_names(b, pattern, c))
            return false;
    return true;
}

/* The library keeps predicates without evaluating them, and wants their captures in an order that
 * ours need not have: it gets blanks. */
static void add_text(struct buf *text, const struct pattern *pattern)
{
    size_t start = text->length;
    buf_add(text, pattern->text, pattern->length);
    for (const struct hole *hole = pattern->predicate_places; hole; hole = hole->next)
        for (size_t i = start + hole->start; i < start + hole->end; i++)
            if (text->data[i] != '\n')
                text->data[i] = ' ';
    buf_addc(text, '\n');
}

static bool sort_out(struct builder *b, enum plan_layout layout)
{
    for (const struct pattern *p = b->plan->query.patterns; p; p = p->next) {
        if (!check_names(b, p, p->root))
            return false;
        bool noted = p->owner != WORDS && (word_infos[p->owner].classes & MARK_CLASS) == 0;
        if (layout == PLAN_TABLES && !p->predicates && !p->settings && !noted &&
            fits_tables(b->plan, p->root)) {
            if (!add_to_tables(b, p, p->root))
                return false;
            continue;
        }
        if (layout == PLAN_TABLES &&
            shapes_add(&b->plan->shapes, b->plan->grammar, p, b->plan->arena))
            continue;
        if (!trigger_at(b, p, p->root))
            return false;
        b->triggered[b->n_triggered] = p;
        b->offsets[b->n_triggered++] = b->text.length;
        add_text(&b->text, p);
    }
    return true;
}

static const char *query_error_text(TSQueryError type)
{
    static const char *const texts[] = {
        [TSQueryErrorNone] = "no error",
        [TSQueryErrorSyntax] = "syntax error",
        [TSQueryErrorNodeType] = "unknown node",
        [TSQueryErrorField] = "unknown field",
        [TSQueryErrorCapture] = "unknown capture in a predicate",
        [TSQueryErrorStructure] =
            "this can never match: the grammar has no such node at this place",
        [TSQueryErrorLanguage] = "grammar of an unknown version",
    };
    return (size_t)type < ARRAY_SIZE(texts) ? texts[type] : "error";
}

static bool fail_compile(struct builder *b, uint32_t offset, TSQueryError type)
{
    size_t i = b->n_triggered;
    while (i > 1 && b->offsets[i - 1] > offset)
        i--;
    const struct pattern *pattern = b->triggered[i - 1];
    unsigned line = pattern->line;
    for (size_t at = b->offsets[i - 1]; at < offset && at < b->text.length; at++)
        line += b->text.data[at] == '\n';
    return fail(b, pattern, line, query_error_text(type), NULL);
}

static uint32_t capture_id(const struct plan *plan, const char *name)
{
    uint32_t n = ts_query_capture_count(plan->triggered);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t length;
        const char *known = ts_query_capture_name_for_id(plan->triggered, i, &length);
        if (strlen(name) == length && memcmp(known, name, length) == 0)
            return i;
    }
    return UINT32_MAX;
}

static bool resolve_predicates(struct builder *b)
{
    struct plan *plan = b->plan;
    size_t n = 0, at = 0;
    for (size_t i = 0; i < b->n_triggered; i++)
        for (const struct predicate *p = b->triggered[i]->predicates; p; p = p->next)
            n++;
    plan->predicates = arena_alloc(plan->arena, n + 1, sizeof(*plan->predicates));
    plan->patterns = arena_alloc(plan->arena, b->n_triggered + 1, sizeof(*plan->patterns));
    for (size_t i = 0; i < b->n_triggered; i++) {
        const struct pattern *source = b->triggered[i];
        plan->patterns[i] = (struct plan_pattern){source, {(uint32_t)at, 0}};
        for (const struct predicate *p = source->predicates; p; p = p->next) {
            struct plan_predicate resolved = {p, capture_id(plan, p->capture),
                p->other ? capture_id(plan, p->other) : UINT32_MAX};
            if (resolved.capture == UINT32_MAX || (p->other && resolved.other == UINT32_MAX))
                return fail(b, source, source->line,
                    "a predicate speaks of a capture that is not in the pattern:", p->capture);
            plan->predicates[at++] = resolved;
            plan->patterns[i].predicates.count++;
        }
    }
    return true;
}

static void resolve_captures(struct plan *plan)
{
    uint32_t n = ts_query_capture_count(plan->triggered);
    plan->captures = arena_alloc(plan->arena, n + 1, sizeof(*plan->captures));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t length;
        const char *suffix, *name = ts_query_capture_name_for_id(plan->triggered, i, &length);
        plan->captures[i].word = name[0] == '_' ? WORDS : word_of_capture(name, length, &suffix);
    }
}

static bool compile_triggered(struct builder *b)
{
    struct plan *plan = b->plan;
    if (b->n_triggered == 0)
        return true;
    uint32_t offset;
    TSQueryError type;
    plan->triggered =
        ts_query_new(plan->grammar, buf_string(&b->text), (uint32_t)b->text.length, &offset, &type);
    if (!plan->triggered)
        return fail_compile(b, offset, type);
    if (ts_query_pattern_count(plan->triggered) != b->n_triggered)
        return error_set(b->err, ERROR_BUG, 0, "language \"%s\": %u patterns were read as %zu",
            plan->language->id, ts_query_pattern_count(plan->triggered), b->n_triggered);
    resolve_captures(plan);
    return resolve_predicates(b);
}

/* ---- the tables ---- */

static void lay_out_rules(struct builder *b)
{
    struct plan *plan = b->plan;
    plan->rules = arena_alloc(plan->arena, b->n_drafts + 1, sizeof(*plan->rules));
    plan->child_rules = arena_alloc(plan->arena, b->n_child_drafts + 1, sizeof(*plan->child_rules));
    uint32_t at = 0, child_at = 0;
    for (uint32_t s = 0; s < plan->n_symbols; s++) {
        plan->rules_of[s].first = at;
        for (size_t i = 0; i < b->n_drafts; i++)
            if (b->drafts[i].symbol == s)
                plan->rules[at++] = b->drafts[i].rule;
        plan->rules_of[s].count = at - plan->rules_of[s].first;
        plan->children_of[s].first = child_at;
        for (size_t i = 0; i < b->n_child_drafts; i++)
            if (b->child_drafts[i].symbol == s)
                plan->child_rules[child_at++] = b->child_drafts[i].rule;
        plan->children_of[s].count = child_at - plan->children_of[s].first;
        if (plan->rules_of[s].count > 0)
            plan->flags[s] |= SYMBOL_RULES;
        if (plan->children_of[s].count > 0)
            plan->flags[s] |= SYMBOL_PARENT;
    }
}

static bool begins_with_symbol(
    const struct shapes *shapes, const struct shape *shape, TSSymbol symbol)
{
    struct range symbols = shapes->steps[shape->steps.first].symbols;
    for (uint32_t i = 0; i < symbols.count; i++)
        if (shapes->symbols[symbols.first + i] == symbol)
            return true;
    return false;
}

static void lay_out_shapes(struct plan *plan)
{
    const struct shapes *shapes = &plan->shapes;
    uint32_t at = 0, capacity = 0;
    for (uint32_t s = 0; s < plan->n_symbols; s++) {
        plan->shapes_of[s].first = at;
        for (uint32_t i = 0; i < shapes->n_shapes; i++) {
            if (!begins_with_symbol(shapes, &shapes->shape[i], (TSSymbol)s))
                continue;
            plan->shape_ids =
                array_room(plan->arena, plan->shape_ids, &capacity, at, sizeof(*plan->shape_ids));
            plan->shape_ids[at++] = i;
        }
        plan->shapes_of[s].count = at - plan->shapes_of[s].first;
        if (plan->shapes_of[s].count > 0)
            plan->flags[s] |= SYMBOL_SHAPES;
    }
}

static TSFieldId field_id(const struct plan *plan, const char *name)
{
    return ts_language_field_id_for_name(plan->grammar, name, (uint32_t)strlen(name));
}

static struct plan *start(const struct language *language)
{
    struct arena *arena = arena_new(0);
    struct plan *plan = arena_alloc(arena, 1, sizeof(*plan));
    plan->arena = arena;
    plan->language = language;
    plan->grammar = language->grammar();
    plan->n_symbols = ts_language_symbol_count(plan->grammar);
    plan->flags = arena_alloc(arena, plan->n_symbols, sizeof(*plan->flags));
    plan->marks = arena_alloc(arena, plan->n_symbols, sizeof(*plan->marks));
    plan->rules_of = arena_alloc(arena, plan->n_symbols, sizeof(*plan->rules_of));
    plan->shapes_of = arena_alloc(arena, plan->n_symbols, sizeof(*plan->shapes_of));
    plan->children_of = arena_alloc(arena, plan->n_symbols, sizeof(*plan->children_of));
    plan->field_declarator = field_id(plan, "declarator");
    plan->field_name = field_id(plan, "name");
    plan->field_scope = field_id(plan, "scope");
    plan->op_and = ts_language_symbol_for_name(plan->grammar, "and", 3, false);
    plan->op_or = ts_language_symbol_for_name(plan->grammar, "or", 2, false);
    for (uint32_t s = 0; s < plan->n_symbols; s++)
        if (ts_language_symbol_type(plan->grammar, (TSSymbol)s) == TSSymbolTypeRegular)
            plan->flags[s] |= SYMBOL_NAMED;
    return plan;
}

static void note_uses(struct plan *plan)
{
    plan->separator = ".";
    for (unsigned w = 0; w < WORDS; w++)
        plan->uses[w] = query_uses(&plan->query, (enum word)w);
    for (const struct pattern *p = plan->query.patterns; p; p = p->next) {
        const char *separator = p->owner == WORD_FILE ? pattern_setting(p, "separator") : NULL;
        if (separator)
            plan->separator = separator;
    }
}

bool plan_new(const struct language *language, enum plan_layout layout, struct plan **ret_plan,
    struct error *err)
{
    struct plan *plan = start(language);
    struct builder b = {.plan = plan, .err = err};
    bool ok = query_parse(language->queries, plan->arena, &plan->query, err);
    if (ok) {
        b.triggered =
            arena_alloc(plan->arena, plan->query.n_patterns + 1, sizeof(const struct pattern *));
        b.offsets = arena_alloc(plan->arena, plan->query.n_patterns + 1, sizeof(*b.offsets));
        ok = sort_out(&b, layout) && compile_triggered(&b);
    }
    if (ok) {
        lay_out_rules(&b);
        lay_out_shapes(plan);
        note_uses(plan);
    }
    free(b.drafts);
    free(b.child_drafts);
    buf_release(&b.text);
    if (!ok) {
        plan_free(plan);
        return false;
    }
    *ret_plan = plan;
    return true;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    for (const struct pattern *p = plan->query.patterns; p; p = p->next)
        for (struct predicate *q = p->predicates; q; q = q->next)
            if (q->kind == PREDICATE_MATCH)
                regfree(&q->regex);
    if (plan->triggered)
        ts_query_delete(plan->triggered);
    arena_free(plan->arena);
}
