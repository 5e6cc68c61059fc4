#include "app/config_schema.h"

#include "app/config_key.h"
#include "base/buf.h"
#include "base/nearest.h"

enum { MAX_WORDS = 128 };

static bool fail(
    const char *label, const struct yaml_place *place, const char *what, struct error *err)
{
    return error_set(err, ERROR_CONFIG, 0, "%s:%u:%u: %s", label, place->line, place->column, what);
}

/* "folders[0].path" -> the row of "folders" and ".path"; a row without rest for plain keys and for
 * items of lists. */
static const struct config_key *key_of(const char *path, const char **ret_rest)
{
    size_t length = strcspn(path, "[");
    for (size_t i = 0; i < config_n_keys; i++) {
        const struct config_key *key = &config_keys[i];
        if (strlen(key->name) != length || strncmp(key->name, path, length) != 0)
            continue;
        const char *rest = path + length;
        rest += strcspn(rest, "]");
        *ret_rest = *rest == ']' ? rest + 1 : "";
        return key;
    }
    return NULL;
}

static const struct config_key *record_key(const struct config_key *key, const char *rest)
{
    size_t length = strcspn(rest + 1, "[");
    for (size_t i = 0; i < key->record->n_keys; i++) {
        const struct config_key *field = &key->record->keys[i];
        if (strlen(field->name) == length && strncmp(field->name, rest + 1, length) == 0)
            return field;
    }
    return NULL;
}

/* True when some key lies below the section `path`. */
static bool is_section(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < config_n_keys; i++) {
        if (strncmp(config_keys[i].name, path, length) == 0 && config_keys[i].name[length] == '.')
            return true;
    }
    return false;
}

static void add_word(const char **words, size_t *n_words, const char *word)
{
    for (size_t i = 0; i < *n_words; i++) {
        if (strcmp(words[i], word) == 0)
            return;
    }
    if (*n_words < MAX_WORDS)
        words[(*n_words)++] = word;
}

/* Names that may stand directly in the section `path` ("": the top). */
static size_t names_in(struct arena *arena, const char *path, const char **words)
{
    size_t n_words = 0;
    size_t length = strlen(path);
    if (length == 0)
        add_word(words, &n_words, "version");
    for (size_t i = 0; i < config_n_keys; i++) {
        const char *name = config_keys[i].name;
        if (length > 0 && (strncmp(name, path, length) != 0 || name[length] != '.'))
            continue;
        name += length == 0 ? 0 : length + 1;
        add_word(words, &n_words, arena_copy(arena, name, strcspn(name, ".")));
    }
    return n_words;
}

static size_t names_of_record(const struct config_key *key, const char **words)
{
    for (size_t i = 0; i < key->record->n_keys; i++)
        words[i] = key->record->keys[i].name;
    return key->record->n_keys;
}

static bool unknown(
    struct arena *arena, const char *label, const struct yaml_place *place, struct error *err)
{
    const char *words[MAX_WORDS];
    const char *rest = "";
    const struct config_key *record = key_of(place->parent, &rest);
    size_t n_words = record != NULL && record->record != NULL
                         ? names_of_record(record, words)
                         : names_in(arena, place->parent, words);
    AUTO_BUF what = BUF_INIT;
    buf_addf(&what, "unknown key \"%.80s\"", place->name);
    if (place->parent[0] != '\0')
        buf_addf(&what, " in %.80s", place->parent);
    const char *near = nearest_word(place->name, words, n_words);
    buf_adds(&what, " (");
    if (near != NULL)
        buf_addf(&what, "did you mean \"%s\"? ", near);
    buf_adds(&what, "keys: ");
    for (size_t i = 0; i < n_words; i++)
        buf_addf(&what, "%s%s", i == 0 ? "" : ", ", words[i]);
    buf_addc(&what, ')');
    return fail(label, place, buf_string(&what), err);
}

static bool wrong_shape(
    const char *label, const struct yaml_place *place, const char *what, struct error *err)
{
    char text[200];
    snprintf(text, sizeof(text), "%.100s: %s is expected here", place->path, what);
    return fail(label, place, text, err);
}

static bool check_value(const char *label, const struct yaml_place *place,
    const struct config_key *key, bool is_item, struct error *err)
{
    AUTO_BUF what = BUF_INIT;
    bool is_list = key->type == CONFIG_LIST || key->type == CONFIG_PATHS ||
                   key->type == CONFIG_NUMBERS || key->type == CONFIG_SINKS ||
                   key->type == CONFIG_RECORDS;
    enum yaml_kind wanted = is_list ? YAML_LIST : YAML_SCALAR;
    if (is_item)
        wanted = key->type == CONFIG_RECORDS ? YAML_MAPPING : YAML_SCALAR;
    if (place->kind == wanted)
        return true;
    if (is_item)
        return wrong_shape(
            label, place, wanted == YAML_MAPPING ? "a mapping of keys" : "a single value", err);
    config_key_describe(&what, key);
    return wrong_shape(label, place, buf_string(&what), err);
}

static bool check_place(
    struct arena *arena, const char *label, const struct yaml_place *place, struct error *err)
{
    const char *rest = "";
    if (strcmp(place->path, "version") == 0)
        return place->kind == YAML_SCALAR || wrong_shape(label, place, "a number", err);
    if (is_section(place->path))
        return place->kind == YAML_MAPPING || wrong_shape(label, place, "a mapping of keys", err);
    const struct config_key *key = key_of(place->path, &rest);
    if (key == NULL)
        return unknown(arena, label, place, err);
    bool is_item = place->name[0] == '\0';
    if (rest[0] == '\0')
        return check_value(label, place, key, is_item, err);
    const struct config_key *field = key->record == NULL ? NULL : record_key(key, rest);
    if (field == NULL)
        return unknown(arena, label, place, err);
    return check_value(label, place, field, is_item, err);
}

static bool check_required(struct arena *arena, const char *label,
    const struct yaml_outline *outline, const struct yaml_place *place, struct error *err)
{
    const char *rest = "";
    const struct config_key *key = key_of(place->path, &rest);
    if (key == NULL || key->record == NULL || place->name[0] != '\0' || rest[0] != '\0')
        return true;
    for (size_t i = 0; i < key->record->n_keys; i++) {
        const struct config_key *field = &key->record->keys[i];
        const char *path = arena_printf(arena, "%s.%s", place->path, field->name);
        if (!field->required || yaml_outline_find(outline, path) != NULL)
            continue;
        return fail(label, place,
            arena_printf(arena, "%s: the key \"%s\" is missing", place->path, field->name), err);
    }
    return true;
}

bool config_schema_check(
    struct arena *arena, const char *label, const struct yaml_outline *outline, struct error *err)
{
    for (size_t i = 0; i < outline->n_places; i++) {
        if (!check_place(arena, label, &outline->places[i], err))
            return false;
    }
    for (size_t i = 0; i < outline->n_places; i++) {
        if (outline->places[i].kind == YAML_MAPPING &&
            !check_required(arena, label, outline, &outline->places[i], err))
            return false;
    }
    if (yaml_outline_find(outline, "version") != NULL)
        return true;
    error_set(err, ERROR_CONFIG, 0, "%s:1:1: the key \"version\" is missing", label);
    return error_hint(err, "begin the file with \"version: 1\"");
}
