#include "app/config_yaml.h"

#include <uthash.h>
#include <yaml.h>

enum { MAX_DEPTH = 16, MAX_PLACES = 20000 };

/* A mapping or list that is being read. */
struct level {
    const char *path;
    bool is_list;
    size_t n_items;  /* of a list */
    const char *key; /* of a mapping: the key whose value comes next; NULL: a key comes next */
    unsigned line, column; /* of that key */
};

struct known {
    const char *path; /* in the arena */
    UT_hash_handle hh;
};

struct reader {
    struct arena *arena;
    const char *label;
    struct error *err;
    yaml_parser_t parser;
    struct level levels[MAX_DEPTH];
    size_t depth;
    struct yaml_place *places;
    size_t n_places, capacity;
    struct known *known; /* the paths seen; nodes in the arena, table by uthash */
    bool done;
};

static bool fail_at(struct reader *r, const yaml_mark_t *mark, const char *what)
{
    return error_set(r->err, ERROR_CONFIG, 0, "%s:%zu:%zu: %s", r->label, mark->line + 1,
        mark->column + 1, what);
}

static bool note_path(struct reader *r, const char *path)
{
    struct known *known = NULL;
    size_t length = strlen(path);
    HASH_FIND(hh, r->known, path, length, known);
    if (known != NULL)
        return false;
    known = arena_alloc(r->arena, 1, sizeof(*known));
    known->path = path;
    HASH_ADD_KEYPTR(hh, r->known, known->path, length, known);
    return true;
}

static struct yaml_place *new_place(struct reader *r)
{
    if (r->n_places == r->capacity) {
        size_t capacity = r->capacity == 0 ? 128 : 2 * r->capacity;
        struct yaml_place *places = arena_alloc(r->arena, capacity, sizeof(*places));
        if (r->n_places > 0)
            memcpy(places, r->places, r->n_places * sizeof(*places));
        r->places = places;
        r->capacity = capacity;
    }
    return &r->places[r->n_places++];
}

/* A value of any kind begins: give it its path. *ret_path is "" for the document itself. */
static bool value_begins(
    struct reader *r, const yaml_mark_t *mark, enum yaml_kind kind, const char **ret_path)
{
    if (r->depth == 0) {
        *ret_path = "";
        return kind == YAML_MAPPING || fail_at(r, mark, "a mapping of keys is expected");
    }
    if (r->n_places >= MAX_PLACES)
        return fail_at(r, mark, "the file has too many entries");
    struct level *level = &r->levels[r->depth - 1];
    struct yaml_place *place = new_place(r);
    place->parent = level->path;
    place->kind = kind;
    place->value_line = (unsigned)mark->line + 1;
    place->value_column = (unsigned)mark->column + 1;
    if (level->is_list) {
        place->path = arena_printf(r->arena, "%s[%zu]", level->path, level->n_items++);
        place->name = "";
        place->line = place->value_line;
        place->column = place->value_column;
    } else {
        place->path = level->path[0] == '\0'
                          ? level->key
                          : arena_printf(r->arena, "%s.%s", level->path, level->key);
        place->name = level->key;
        place->line = level->line;
        place->column = level->column;
        level->key = NULL;
    }
    *ret_path = place->path;
    return true;
}

static bool open_level(struct reader *r, const yaml_event_t *event, bool is_list)
{
    const char *path = NULL;
    if (r->depth > 0 && !r->levels[r->depth - 1].is_list && r->levels[r->depth - 1].key == NULL)
        return fail_at(r, &event->start_mark, "a key must be a plain text");
    if (!value_begins(r, &event->start_mark, is_list ? YAML_LIST : YAML_MAPPING, &path))
        return false;
    if (r->depth == MAX_DEPTH)
        return fail_at(r, &event->start_mark, "nested too deeply");
    r->levels[r->depth++] = (struct level){.path = path, .is_list = is_list};
    return true;
}

static bool take_key(struct reader *r, struct level *level, const yaml_event_t *event)
{
    const char *key = arena_copy(r->arena, event->data.scalar.value, event->data.scalar.length);
    const char *path =
        level->path[0] == '\0' ? key : arena_printf(r->arena, "%s.%s", level->path, key);
    if (!note_path(r, path)) {
        char what[160];
        snprintf(what, sizeof(what), "%.100s is given twice", path);
        return fail_at(r, &event->start_mark, what);
    }
    level->key = key;
    level->line = (unsigned)event->start_mark.line + 1;
    level->column = (unsigned)event->start_mark.column + 1;
    return true;
}

static bool take_scalar(struct reader *r, const yaml_event_t *event)
{
    const char *path = NULL;
    if (r->depth > 0 && !r->levels[r->depth - 1].is_list && r->levels[r->depth - 1].key == NULL)
        return take_key(r, &r->levels[r->depth - 1], event);
    return value_begins(r, &event->start_mark, YAML_SCALAR, &path);
}

static bool take_event(struct reader *r, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_MAPPING_START_EVENT:
        return open_level(r, event, false);
    case YAML_SEQUENCE_START_EVENT:
        return open_level(r, event, true);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        r->depth--;
        return true;
    case YAML_SCALAR_EVENT:
        return take_scalar(r, event);
    case YAML_ALIAS_EVENT:
        return fail_at(r, &event->start_mark, "aliases are not supported");
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_END_EVENT:
        r->done = true;
        return true;
    default:
        return true;
    }
}

static bool syntax_error(struct reader *r)
{
    const yaml_parser_t *parser = &r->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "not YAML";
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR || parser->error == YAML_MEMORY_ERROR)
        mark = parser->mark;
    return fail_at(r, &mark, problem);
}

static bool read_events(struct reader *r)
{
    while (!r->done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->parser, &event))
            return syntax_error(r);
        bool fine = take_event(r, &event);
        yaml_event_delete(&event);
        if (!fine)
            return false;
    }
    return true;
}

bool yaml_outline_read(struct arena *arena, const char *label, const char *text, size_t length,
    struct yaml_outline *ret_outline, struct error *err)
{
    struct reader r = {.arena = arena, .label = label, .err = err};
    if (!yaml_parser_initialize(&r.parser))
        memory_exhausted(sizeof(r.parser));
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
    bool fine = read_events(&r);
    yaml_parser_delete(&r.parser);
    HASH_CLEAR(hh, r.known);
    if (!fine)
        return false;
    *ret_outline = (struct yaml_outline){.places = r.places, .n_places = r.n_places};
    return true;
}

const struct yaml_place *yaml_outline_find(const struct yaml_outline *outline, const char *path)
{
    for (size_t i = 0; i < outline->n_places; i++) {
        if (strcmp(outline->places[i].path, path) == 0)
            return &outline->places[i];
    }
    return NULL;
}
