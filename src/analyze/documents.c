/* The JSON documents of a walked file: functions, classes, imports, exports, symbols, dependencies,
 * in the shapes of the schema reference. */
#include <inttypes.h>
#include <math.h>

#include "analyze/array.h"
#include "analyze/doc_text.h"
#include "analyze/measures.h"
#include "base/json.h"

struct state {
    struct buf imports, exports, dependencies;
    struct json imports_json, exports_json, dependencies_json;
};

static void release_buf(struct buf *buf, struct walk *walk, struct text *ret_text)
{
    *ret_text = (struct text){arena_copy(walk->arena, buf_string(buf), buf->length), buf->length};
    buf_release(buf);
}

static void *begin(struct walk *walk)
{
    struct state *s = arena_alloc(walk->arena, 1, sizeof(*s));
    s->imports_json = JSON_INIT(&s->imports);
    s->exports_json = JSON_INIT(&s->exports);
    s->dependencies_json = JSON_INIT(&s->dependencies);
    json_array_begin(&s->imports_json);
    json_array_begin(&s->exports_json);
    json_array_begin(&s->dependencies_json);
    return s;
}

static void key_text(struct json *json, const char *key, struct text text)
{
    if (text.bytes)
        json_key_bytes(json, key, text.bytes, text.length);
    else
        json_key_string(json, key, NULL);
}

/* ---- imports ---- */

/* "a/b.h", <a.h>, 'x': the quotes are not part of what is named. */
static struct text unquoted(struct text text)
{
    if (text.length < 2)
        return text;
    char first = text.bytes[0], last = text.bytes[text.length - 1];
    bool quoted = ((first == '"' || first == '\'' || first == '`') && last == first) ||
                  (first == '<' && last == '>');
    return quoted ? (struct text){text.bytes + 1, text.length - 2} : text;
}

static struct text collapsed(const struct walk *walk, TSNode node)
{
    return unquoted(walk_text(walk, node));
}

static const struct attribute *next_of(const struct attribute *a, enum word word)
{
    while (a && a->word != word)
        a = a->next;
    return a;
}

static const char *import_kind(
    const struct walk *walk, const struct note *note, const char *by_capture)
{
    const struct attribute *kind = next_of(note->attributes, WORD_IMPORT_KIND);
    if (kind) {
        struct text text = walk_text(walk, kind->node);
        return arena_copy(walk->arena, text.bytes, text.length);
    }
    const char *set = pattern_setting(note->pattern, "kind");
    return set ? set : by_capture;
}

static void add_dependency(struct state *s, struct text specifier, const char *kind, uint32_t line)
{
    struct json *json = &s->dependencies_json;
    json_object_begin(json);
    key_text(json, "specifier", specifier);
    json_key_string(json, "kind", kind);
    json_key_u64(json, "line", line);
    json_object_end(json);
}

/* The names and the alias of one module of an import: those in the text from `from` up to `to`. */
static void add_names(
    const struct walk *walk, const struct note *note, struct json *json, uint32_t from, uint32_t to)
{
    const struct attribute *alias = NULL;
    json_key(json, "names");
    json_array_begin(json);
    for (const struct attribute *a = note->attributes; a; a = a->next) {
        uint32_t at = ts_node_start_byte(a->node);
        if (at < from || at >= to)
            continue;
        if (a->word == WORD_IMPORT_ALIAS && !alias)
            alias = a;
        if (a->word == WORD_IMPORT_WILDCARD)
            json_string(json, "*");
        if (a->word != WORD_IMPORT_NAME)
            continue;
        struct text text = walk_text(walk, a->node);
        json_bytes(json, text.bytes, text.length);
    }
    json_array_end(json);
    key_text(json, "alias", alias ? walk_text(walk, alias->node) : (struct text){0});
}

static void add_import(struct state *s, const struct walk *walk, const struct note *note,
    struct text module, uint32_t row, uint32_t from, uint32_t to)
{
    const char *kind = import_kind(walk, note, "import");
    struct json *json = &s->imports_json;
    json_object_begin(json);
    key_text(json, "module", module);
    add_names(walk, note, json, from, to);
    json_key_u64(json, "line", row + 1);
    json_key_string(json, "kind", kind);
    json_object_end(json);
    if (module.bytes)
        add_dependency(s, module, kind, row + 1);
}

/* An import of several modules gives an entry each; names and alias belong to the module before
 * them, those in front to the first. */
static void enter_import(struct state *s, struct walk *walk, const struct frame *frame)
{
    const struct note *note = frame_note(frame, WORD_IMPORT);
    uint32_t row = ts_node_start_point(frame->node).row;
    if (!note) {
        static const struct pattern none = {.owner = WORDS};
        struct note bare = {.word = WORD_IMPORT, .pattern = &none, .node = frame->node};
        add_import(s, walk, &bare, collapsed(walk, frame->node), row, 0, 0);
        return;
    }
    const struct attribute *module = next_of(note->attributes, WORD_IMPORT_MODULE);
    if (!module)
        add_import(s, walk, note, (struct text){0}, row, 0, UINT32_MAX);
    uint32_t from = 0;
    while (module) {
        const struct attribute *next = next_of(module->next, WORD_IMPORT_MODULE);
        uint32_t to = next ? ts_node_start_byte(next->node) : UINT32_MAX;
        add_import(s, walk, note, collapsed(walk, module->node),
            ts_node_start_point(module->node).row, from, to);
        from = to;
        module = next;
    }
}

/* ---- exports ---- */

static void add_export(struct state *s, struct text name, const char *kind, uint32_t row)
{
    struct json *json = &s->exports_json;
    json_object_begin(json);
    key_text(json, "name", name);
    json_key_string(json, "kind", kind);
    json_key_u64(json, "line", row + 1);
    json_object_end(json);
}

static void enter_export(struct state *s, struct walk *walk, const struct frame *frame)
{
    const struct note *note = frame_note(frame, WORD_EXPORT);
    uint32_t row = ts_node_start_point(frame->node).row;
    const char *set = note ? pattern_setting(note->pattern, "kind") : NULL;
    const char *kind = set ? set : "export";
    const struct attribute *name = note ? next_of(note->attributes, WORD_NAME) : NULL;
    if (!name)
        add_export(s, (struct text){0}, kind, row);
    for (; name; name = next_of(name->next, WORD_NAME))
        add_export(s, walk_text(walk, name->node), kind, ts_node_start_point(name->node).row);
}

static void enter(void *state, struct walk *walk, const struct frame *frame)
{
    if ((frame->marks & BIT(IMPORT)) != 0)
        enter_import(state, walk, frame);
    if ((frame->marks & BIT(EXPORT)) != 0)
        enter_export(state, walk, frame);
}

/* ---- what the outline knows ---- */

/* The names around a definition joined by the separator of the language; its own last. */
static void add_qualified(const struct walk *walk, struct buf *out, const struct definition *d)
{
    enum { MOST_PARTS = 64 };
    const struct outline *o = walk->outline;
    const struct definition *parts[MOST_PARTS];
    size_t n = 0;
    for (; d && n < MOST_PARTS; d = d->parent != NO_DEFINITION ? &o->definitions[d->parent] : NULL)
        parts[n++] = d;
    while (n-- > 0) {
        if (!parts[n]->name.bytes)
            continue;
        if (out->length > 0)
            buf_adds(out, walk->plan->separator);
        if (parts[n]->scope.bytes) {
            buf_add(out, parts[n]->scope.bytes, parts[n]->scope.length);
            buf_adds(out, walk->plan->separator);
        }
        buf_add(out, parts[n]->name.bytes, parts[n]->name.length);
    }
}

static void key_doc(struct json *json, const struct definition *d)
{
    struct buf text = BUF_INIT;
    if (d->doc.bytes)
        doc_text_add(&text, d->doc);
    if (d->doc.bytes)
        json_key_bytes(json, "doc", buf_string(&text), text.length);
    else
        json_key_string(json, "doc", NULL);
    buf_release(&text);
}

static void key_place(struct json *json, const struct definition *d)
{
    json_key_u64(json, "line", d->row + 1);
    json_key_u64(json, "end_line", d->end_row + 1);
}

/* Six decimals are more than these estimates are worth, and a fraction of the cost of the shortest
 * exact form. */
static void key_rounded(struct json *json, const char *key, double value)
{
    if (!(fabs(value) < 1e12)) {
        json_key_double(json, key, value);
        return;
    }
    char text[40];
    uint64_t millionths = (uint64_t)llround(fabs(value) * 1e6);
    int n = snprintf(text, sizeof(text), "%s%" PRIu64 ".%06" PRIu64,
        value < 0 && millionths > 0 ? "-" : "", millionths / 1000000, millionths % 1000000);
    while (text[n - 1] == '0')
        n--;
    n -= text[n - 1] == '.';
    json_key(json, key);
    json_raw(json, text, (size_t)n);
}

static void write_function(const struct walk *walk, struct json *json, const struct function *f)
{
    const struct definition *d = &walk->outline->definitions[f->definition];
    struct buf qualified = BUF_INIT;
    add_qualified(walk, &qualified, d);
    json_object_begin(json);
    key_text(json, "name", d->name);
    json_key_bytes(json, "qualified_name", buf_string(&qualified), qualified.length);
    json_key_string(json, "kind", d->kind);
    key_place(json, d);
    json_key_bool(json, "exported", d->is_public);
    key_doc(json, d);
    json_key_bool(json, "recursive", f->recursive);
    json_key_u64(json, "parameter_count", f->parameters);
    json_key_u64(json, "cyclomatic_complexity", 1 + (uint64_t)f->decisions);
    json_key_u64(json, "cognitive_complexity", f->cognitive);
    json_key_u64(json, "nesting_depth_max", f->depth_max);
    json_key_u64(json, "lines_code", f->lines_code);
    json_key_u64(json, "exit_count", f->exits);
    key_rounded(json, "halstead_volume", f->volume);
    key_rounded(json, "halstead_difficulty", f->difficulty);
    key_rounded(json, "halstead_effort", f->effort);
    key_rounded(json, "maintainability_index", f->maintainability);
    json_object_end(json);
    buf_release(&qualified);
}

static void write_type(struct json *json, const struct definition *d)
{
    json_object_begin(json);
    key_text(json, "name", d->name);
    json_key_string(json, "kind", d->kind);
    key_place(json, d);
    json_key_bool(json, "exported", d->is_public);
    key_doc(json, d);
    json_key_u64(json, "methods", d->n_methods);
    json_object_end(json);
}

static void write_symbol(const struct walk *walk, struct json *json, const struct definition *d)
{
    struct buf scope = BUF_INIT;
    if (d->parent != NO_DEFINITION)
        add_qualified(walk, &scope, &walk->outline->definitions[d->parent]);
    if (d->scope.bytes) {
        if (scope.length > 0)
            buf_adds(&scope, walk->plan->separator);
        buf_add(&scope, d->scope.bytes, d->scope.length);
    }
    json_object_begin(json);
    key_text(json, "name", d->name);
    json_key_string(json, "kind", d->kind);
    json_key_u64(json, "line", d->row + 1);
    json_key_u64(json, "column", d->column + 1);
    if (scope.length > 0)
        json_key_bytes(json, "scope", scope.data, scope.length);
    else
        json_key_string(json, "scope", NULL);
    json_object_end(json);
    buf_release(&scope);
}

static void write_outline(struct walk *walk, struct code_facts *facts)
{
    const struct outline *o = walk->outline;
    struct buf functions = BUF_INIT, classes = BUF_INIT, symbols = BUF_INIT;
    struct json functions_json = JSON_INIT(&functions), classes_json = JSON_INIT(&classes),
                symbols_json = JSON_INIT(&symbols);
    json_array_begin(&functions_json);
    json_array_begin(&classes_json);
    json_array_begin(&symbols_json);
    for (uint32_t i = 1; i < o->n_functions; i++)
        write_function(walk, &functions_json, &o->functions[i]);
    for (uint32_t i = 0; i < o->n_definitions; i++) {
        const struct definition *d = &o->definitions[i];
        if (definition_is_type(d))
            write_type(&classes_json, d);
        if (d->name.bytes && d->word != WORD_IMPL)
            write_symbol(walk, &symbols_json, d);
    }
    json_array_end(&functions_json);
    json_array_end(&classes_json);
    json_array_end(&symbols_json);
    release_buf(&functions, walk, &facts->blob[BLOB_FUNCTIONS]);
    release_buf(&classes, walk, &facts->blob[BLOB_CLASSES]);
    release_buf(&symbols, walk, &facts->blob[BLOB_SYMBOLS]);
}

static void finish(void *state, struct walk *walk, struct code_facts *facts)
{
    struct state *s = state;
    json_array_end(&s->imports_json);
    json_array_end(&s->exports_json);
    json_array_end(&s->dependencies_json);
    release_buf(&s->imports, walk, &facts->blob[BLOB_IMPORTS]);
    release_buf(&s->exports, walk, &facts->blob[BLOB_EXPORTS]);
    release_buf(&s->dependencies, walk, &facts->blob[BLOB_DEPENDENCIES]);
    write_outline(walk, facts);
}

static void release(void *state)
{
    struct state *s = state;
    buf_release(&s->imports);
    buf_release(&s->exports);
    buf_release(&s->dependencies);
}

const struct measure documents_measure = {
    .name = "documents",
    .wants = BIT(IMPORT) | BIT(EXPORT),
    .begin = begin,
    .enter = enter,
    .finish = finish,
    .release = release,
};
