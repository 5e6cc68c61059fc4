#include "analyze/query.h"

#include <ctype.h>
#include <string.h>

#include "base/nearest.h"

/* One pass over one file. */
struct reader {
    const char *file, *text;
    size_t length, at;
    unsigned line;
    unsigned depth; /* of nested expressions; a query is ours, but a typing error must not overrun
                       the stack */
    struct arena *arena;
    struct pattern *pattern; /* the one being read */
    bool two_owners;         /* it captures two kinds of notes: legal only without attributes */
    struct error *err;
};

enum { MAX_EXPRESSION_DEPTH = 64, MAX_PREDICATE_WORDS = 256 };

struct predicate_info {
    const char *name;
    enum predicate_kind kind;
    bool negated;
};

static const struct predicate_info predicate_infos[] = {
    {"eq?", PREDICATE_EQUAL, false},
    {"not-eq?", PREDICATE_EQUAL, true},
    {"any-of?", PREDICATE_ANY_OF, false},
    {"not-any-of?", PREDICATE_ANY_OF, true},
    {"match?", PREDICATE_MATCH, false},
    {"not-match?", PREDICATE_MATCH, true},
};

static bool fail(struct reader *r, unsigned line, const char *what, const char *word)
{
    return error_set(r->err, ERROR_CONFIG, 0, "%s:%u: %s%s%s%s", r->file, line, what,
        word ? " \"" : "", word ? word : "", word ? "\"" : "");
}

static void skip_space(struct reader *r)
{
    while (r->at < r->length) {
        char c = r->text[r->at];
        if (c == ';') {
            while (r->at < r->length && r->text[r->at] != '\n')
                r->at++;
        } else if (isspace((unsigned char)c)) {
            r->line += c == '\n';
            r->at++;
        } else {
            return;
        }
    }
}

static char peek(const struct reader *r)
{
    return r->at < r->length ? r->text[r->at] : '\0';
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == '?' || c == '!';
}

/* A run of name characters; "" if there is none. */
static const char *read_name(struct reader *r)
{
    size_t start = r->at;
    while (is_name_char(peek(r)))
        r->at++;
    return arena_copy(r->arena, r->text + start, r->at - start);
}

static bool read_string(struct reader *r, const char **ret_value)
{
    unsigned line = r->line;
    char *value = arena_alloc(r->arena, r->length - r->at + 1, 1);
    size_t length = 0;
    for (r->at++; peek(r) != '"'; r->at++) {
        char c = peek(r);
        if (r->at >= r->length || c == '\n')
            return fail(r, line, "string without an end", NULL);
        if (c == '\\') {
            r->at++;
            c = peek(r);
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
        }
        value[length++] = c;
    }
    r->at++;
    *ret_value = value;
    return true;
}

static const char *nearest_capture(const char *name)
{
    const char *words[WORDS];
    for (unsigned i = 0; i < WORDS; i++)
        words[i] = word_infos[i].text;
    return nearest_word(name, words, WORDS);
}

static bool set_owner(struct reader *r, const struct query_capture *capture)
{
    unsigned classes = word_infos[capture->word].classes;
    /* Attributes may be read before their owner, so only notes decide; check_owner() looks at the
     * whole. */
    if ((classes & NOTE_CLASS) == 0)
        return true;
    struct pattern *pattern = r->pattern;
    bool second = pattern->owner != WORDS && pattern->owner != capture->word;
    if (second && (classes & MARK_CLASS) == 0)
        return fail(r, r->line, "pattern with two owners; the second is", capture->name);
    r->two_owners |= second;
    pattern->owner = capture->word;
    pattern->owner_suffix = capture->suffix;
    return true;
}

static bool read_capture(struct reader *r, struct query_capture **ret_capture)
{
    r->at++; /* @ */
    struct query_capture *capture = arena_alloc(r->arena, 1, sizeof(*capture));
    capture->name = read_name(r);
    capture->word = WORDS;
    if (capture->name[0] == '\0')
        return fail(r, r->line, "capture without a name", NULL);
    if (capture->name[0] != '_') {
        capture->word = word_of_capture(capture->name, strlen(capture->name), &capture->suffix);
        if (capture->word == WORDS) {
            const char *nearest = nearest_capture(capture->name);
            fail(r, r->line, "unknown capture", arena_printf(r->arena, "@%s", capture->name));
            return nearest ? error_hint(r->err, "Did you mean \"@%s\"?", nearest) : false;
        }
        if (!set_owner(r, capture))
            return false;
    }
    *ret_capture = capture;
    return true;
}

/* Captures and quantifiers behind an expression. */
static bool read_tail(struct reader *r, struct expression *expression)
{
    struct query_capture **end = &expression->captures;
    for (;;) {
        skip_space(r);
        char c = peek(r);
        if (c == '@') {
            if (!read_capture(r, end))
                return false;
            end = &(*end)->next;
        } else if (c == '*' || c == '+' || c == '?') {
            expression->unusual = true;
            expression->repeated = c == '*';
            r->at++;
        } else {
            return true;
        }
    }
}

static bool is_directive(const struct predicate_info *info, const char *name)
{
    return strcmp(info->name, name) == 0;
}

static bool add_predicate(struct reader *r, unsigned line, const char *name, const char **words,
    const bool *is_capture, size_t n)
{
    const struct predicate_info *info = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(predicate_infos); i++)
        if (is_directive(&predicate_infos[i], name))
            info = &predicate_infos[i];
    if (!info) {
        fail(r, line, "unknown predicate", arena_printf(r->arena, "#%s", name));
        return error_hint(
            r->err, "Known are #eq? #any-of? #match?, each also with not-, and #set!.");
    }
    if (n < 2 || !is_capture[0] || (info->kind != PREDICATE_ANY_OF && n != 2))
        return fail(r, line, "wrong arguments of predicate", name);
    struct predicate *p = arena_alloc(r->arena, 1, sizeof(*p));
    p->kind = info->kind;
    p->negated = info->negated;
    p->capture = words[0];
    p->other = is_capture[1] ? words[1] : NULL;
    if (p->other && p->kind != PREDICATE_EQUAL)
        return fail(r, line, "wrong arguments of predicate", name);
    p->n_values = n - 1;
    p->values = arena_alloc(r->arena, n, sizeof(*p->values));
    p->lengths = arena_alloc(r->arena, n, sizeof(*p->lengths));
    memcpy(p->values, words + 1, (n - 1) * sizeof(*p->values));
    for (size_t i = 0; i < p->n_values; i++)
        p->lengths[i] = strlen(p->values[i]);
    if (p->kind == PREDICATE_MATCH && regcomp(&p->regex, words[1], REG_EXTENDED) != 0)
        return fail(r, line, "not a POSIX extended regular expression:", words[1]);
    p->next = r->pattern->predicates;
    r->pattern->predicates = p;
    return true;
}

static bool add_setting(struct reader *r, unsigned line, const char **words, size_t n)
{
    if (n != 2)
        return fail(r, line, "#set! takes a key and a value", NULL);
    struct setting *s = arena_alloc(r->arena, 1, sizeof(*s));
    *s = (struct setting){words[0], words[1], r->pattern->settings};
    r->pattern->settings = s;
    return true;
}

static void note_place(struct reader *r, size_t start)
{
    struct hole *hole = arena_alloc(r->arena, 1, sizeof(*hole));
    size_t base = (size_t)(r->pattern->text - r->text);
    *hole = (struct hole){start - base, r->at - base, r->pattern->predicate_places};
    r->pattern->predicate_places = hole;
}

/* (#name argument…) */
static bool read_predicate(struct reader *r)
{
    unsigned line = r->line;
    size_t start = r->at;
    r->at += 2;
    const char *name = read_name(r);
    const char *words[MAX_PREDICATE_WORDS];
    bool is_capture[MAX_PREDICATE_WORDS];
    size_t n = 0;
    for (;; n++) {
        skip_space(r);
        char c = peek(r);
        if (c == ')')
            break;
        if (n == MAX_PREDICATE_WORDS)
            return fail(r, line, "too many arguments of predicate", name);
        is_capture[n] = c == '@';
        if (c == '@')
            r->at++;
        if (c == '"') {
            if (!read_string(r, &words[n]))
                return false;
        } else {
            words[n] = read_name(r);
            if (words[n][0] == '\0')
                return fail(r, r->line, "predicate without an end", NULL);
        }
    }
    r->at++;
    note_place(r, start);
    return strcmp(name, "set!") == 0 ? add_setting(r, line, words, n)
                                     : add_predicate(r, line, name, words, is_capture, n);
}

static bool read_expression(struct reader *r, struct expression **ret_expression);

static void add_without(struct reader *r, struct expression *e, const char *field)
{
    size_t n = 0;
    while (e->without && e->without[n])
        n++;
    const char **longer = arena_alloc(r->arena, n + 2, sizeof(*longer));
    for (size_t i = 0; i < n; i++)
        longer[i] = e->without[i];
    longer[n] = field;
    e->without = longer;
}

/* What stands inside ( ) or [ ] up to `end`: expressions, anchors, fields, negated fields,
 * predicates. */
static bool read_children(struct reader *r, struct expression *parent, char end)
{
    struct expression **last = &parent->children;
    bool anchored = false;
    for (;;) {
        skip_space(r);
        char c = peek(r);
        if (c == end) {
            parent->anchored_end = anchored;
            r->at++;
            return true;
        }
        if (r->at >= r->length)
            return fail(r, parent->line, "expression without an end", NULL);
        if (c == '.' || c == '!') {
            r->at++;
            anchored |= c == '.';
            if (c == '!')
                add_without(r, parent, read_name(r));
            continue;
        }
        if (c == '(' && r->at + 1 < r->length && r->text[r->at + 1] == '#') {
            if (!read_predicate(r))
                return false;
            continue;
        }
        if (!read_expression(r, last))
            return false;
        (*last)->anchored = anchored;
        anchored = false;
        last = &(*last)->next;
    }
}

/* ( … ), the reader stands behind the parenthesis. */
static bool read_parenthesis(struct reader *r, struct expression *e)
{
    skip_space(r);
    char c = peek(r);
    if (c == '(' || c == '[' || c == '"') {
        e->kind = EXPRESSION_GROUP;
        return read_children(r, e, ')');
    }
    e->name = read_name(r);
    if (e->name[0] == '\0')
        return fail(r, r->line, "expected the name of a node", NULL);
    e->kind = strcmp(e->name, "_") == 0 ? EXPRESSION_ANY_NAMED : EXPRESSION_NODE;
    if (peek(r) == '/') { /* (supertype/subtype) */
        e->unusual = true;
        r->at++;
        e->name = read_name(r);
    }
    return read_children(r, e, ')');
}

static bool read_plain(struct reader *r, struct expression *e)
{
    char c = peek(r);
    if (c == '(') {
        r->at++;
        return read_parenthesis(r, e);
    }
    if (c == '[') {
        r->at++;
        e->kind = EXPRESSION_ALTERNATION;
        return read_children(r, e, ']');
    }
    if (c == '"') {
        e->kind = EXPRESSION_TOKEN;
        return read_string(r, &e->name);
    }
    const char *name = read_name(r);
    skip_space(r);
    if (strcmp(name, "_") == 0) {
        e->kind = EXPRESSION_ANY;
        return true;
    }
    if (name[0] != '\0' && peek(r) == ':') {
        r->at++;
        skip_space(r);
        e->field = name;
        return read_plain(r, e);
    }
    return fail(r, r->line, "unexpected text", name[0] ? name : arena_copy(r->arena, &c, 1));
}

static bool read_expression(struct reader *r, struct expression **ret_expression)
{
    if (++r->depth > MAX_EXPRESSION_DEPTH)
        return fail(r, r->line, "expressions nested too deep", NULL);
    struct expression *e = arena_alloc(r->arena, 1, sizeof(*e));
    e->line = r->line;
    if (!read_plain(r, e) || !read_tail(r, e))
        return false;
    r->depth--;
    *ret_expression = e;
    return true;
}

static bool has_attribute(const struct expression *e)
{
    for (const struct query_capture *c = e->captures; c; c = c->next)
        if (c->word != WORDS && (word_infos[c->word].classes & ATTRIBUTE_CLASS) != 0)
            return true;
    for (const struct expression *child = e->children; child; child = child->next)
        if (has_attribute(child))
            return true;
    return false;
}

static bool read_pattern(struct reader *r, struct pattern **ret_pattern)
{
    struct pattern *pattern = arena_alloc(r->arena, 1, sizeof(*pattern));
    *pattern =
        (struct pattern){.owner = WORDS, .file = r->file, .line = r->line, .text = r->text + r->at};
    r->pattern = pattern;
    r->two_owners = false;
    if (!read_expression(r, &pattern->root))
        return false;
    pattern->length = (size_t)(r->text + r->at - pattern->text);
    if (pattern->owner == WORDS && has_attribute(pattern->root))
        return fail(
            r, pattern->line, "pattern has attributes (@name …) but nothing that owns them", NULL);
    if (r->two_owners && has_attribute(pattern->root))
        return fail(
            r, pattern->line, "pattern has attributes (@name …) and two that could own them", NULL);
    *ret_pattern = pattern;
    return true;
}

static bool read_file(struct reader *r, struct pattern ***end, size_t *n_patterns)
{
    for (;;) {
        skip_space(r);
        if (r->at >= r->length)
            return true;
        if (!read_pattern(r, *end))
            return false;
        *end = &(**end)->next;
        (*n_patterns)++;
    }
}

bool query_parse(const struct embedded_file *files, struct arena *arena, struct query *ret_query,
    struct error *err)
{
    struct query query = {0};
    struct pattern **end = &query.patterns;
    for (const struct embedded_file *f = files; f->name; f++) {
        struct reader reader = {.file = f->name,
            .text = (const char *)f->bytes,
            .length = f->length,
            .line = 1,
            .arena = arena,
            .err = err};
        if (!read_file(&reader, &end, &query.n_patterns))
            return false;
    }
    *ret_query = query;
    return true;
}

const char *pattern_setting(const struct pattern *pattern, const char *key)
{
    for (const struct setting *s = pattern->settings; s; s = s->next)
        if (strcmp(s->key, key) == 0)
            return s->value;
    return NULL;
}

static bool expression_uses(const struct expression *e, enum word word)
{
    for (const struct query_capture *c = e->captures; c; c = c->next)
        if (c->word == word)
            return true;
    for (const struct expression *child = e->children; child; child = child->next)
        if (expression_uses(child, word))
            return true;
    return false;
}

bool query_uses(const struct query *query, enum word word)
{
    for (const struct pattern *p = query->patterns; p; p = p->next)
        if (expression_uses(p->root, word))
            return true;
    return false;
}
