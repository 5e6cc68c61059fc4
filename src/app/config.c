#include "app/config.h"

#include "app/config_check.h"
#include "app/config_file.h"
#include "app/config_key.h"
#include "app/config_origin.h"
#include "app/config_schema.h"
#include "app/config_value.h"
#include "app/config_yaml.h"
#include "base/fd.h"
#include "watch/filter.h"

#include <assert.h>
#include <cyaml/cyaml.h>
#include <limits.h>

enum { MAX_FILE_BYTES = 1 << 20, MAX_SECRET_BYTES = 1 << 16 };

/* One key's value as libcyaml loads it: text everywhere, so that types, ranges and words are
 * checked in one place. */
struct slot {
    char *text;
    char **items;
    struct slot *records; /* n_items rows of record->n_keys slots */
    unsigned n_items;
};

/* A load in progress. Everything lives in the config's arena. */
struct load {
    const struct config_request *request;
    struct config *config;
    struct arena *arena;
    struct yaml_outline outline;
    const char *label;     /* the file's name in origins and errors */
    const char *directory; /* of the file */
    size_t warnings_capacity;
    struct error *err;
};

const char *config_getenv(void *user, const char *name)
{
    (void)user;
    return getenv(name);
}

static const char *environment(const struct load *load, const char *name)
{
    const char *value = load->request->environment(load->request->environment_user, name);
    return value != NULL && value[0] != '\0'
               ? value
               : NULL; /* compose files pass empty ones for "not set" */
}

static void warn(struct load *load, const char *sentence)
{
    struct config *config = load->config;
    if (config->n_warnings == load->warnings_capacity) {
        load->warnings_capacity = 2 * load->warnings_capacity + 8;
        const char **more = arena_alloc(load->arena, load->warnings_capacity, sizeof(*more));
        if (config->n_warnings > 0)
            memcpy(more, config->warnings, config->n_warnings * sizeof(*more));
        config->warnings = more;
    }
    ((const char **)config->warnings)[config->n_warnings++] = sentence;
}

/* The schema of libcyaml is made from the key table. */

static bool is_list(const struct config_key *key)
{
    return key->type >= CONFIG_LIST;
}

static const cyaml_schema_value_t text_schema = {.type = CYAML_STRING,
    .flags = CYAML_FLAG_POINTER,
    .data_size = sizeof(char),
    .string = {.min = 0, .max = CYAML_UNLIMITED}};

static cyaml_schema_field_t field_of(
    struct arena *arena, const struct config_key *key, const char *name, size_t slot);

static const cyaml_schema_field_t *fields_of_record(
    struct arena *arena, const struct config_record *record)
{
    cyaml_schema_field_t *fields = arena_alloc(arena, record->n_keys + 1, sizeof(*fields));
    for (size_t i = 0; i < record->n_keys; i++)
        fields[i] = field_of(arena, &record->keys[i], record->keys[i].name, i);
    return fields;
}

static const cyaml_schema_value_t *entry_of(struct arena *arena, const struct config_key *key)
{
    if (key->record == NULL)
        return &text_schema;
    cyaml_schema_value_t *entry = arena_alloc(arena, 1, sizeof(*entry));
    entry->type = CYAML_MAPPING;
    entry->flags = CYAML_FLAG_DEFAULT;
    entry->data_size = (uint32_t)(key->record->n_keys * sizeof(struct slot));
    entry->mapping.fields = fields_of_record(arena, key->record);
    return entry;
}

static cyaml_schema_field_t field_of(
    struct arena *arena, const struct config_key *key, const char *name, size_t slot)
{
    size_t base = slot * sizeof(struct slot);
    cyaml_schema_field_t field = {.key = name,
        .data_offset = (uint32_t)(base + offsetof(struct slot, text)),
        .value = text_schema};
    field.value.flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL;
    if (!is_list(key))
        return field;
    size_t pointer =
        key->record != NULL ? offsetof(struct slot, records) : offsetof(struct slot, items);
    field.data_offset = (uint32_t)(base + pointer);
    field.count_offset = (uint32_t)(base + offsetof(struct slot, n_items));
    field.count_size = sizeof(unsigned);
    field.value.type = CYAML_SEQUENCE;
    field.value.data_size = key->record != NULL
                                ? (uint32_t)(key->record->n_keys * sizeof(struct slot))
                                : sizeof(char *);
    field.value.sequence.entry = entry_of(arena, key);
    field.value.sequence.min = 0;
    field.value.sequence.max = CYAML_UNLIMITED;
    return field;
}

/* Fields of one section. Sections are mappings in place at offset 0, so that each field's offset
 * counts from the whole block. */
static const cyaml_schema_field_t *fields_of_section(struct arena *arena, const char *section)
{
    size_t prefix = strlen(section);
    size_t n_fields = 0;
    cyaml_schema_field_t *fields = arena_alloc(arena, config_n_keys + 2, sizeof(*fields));
    if (prefix == 0)
        fields[n_fields++] =
            field_of(arena, &(struct config_key){.type = CONFIG_TEXT}, "version", config_n_keys);
    for (size_t i = 0; i < config_n_keys; i++) {
        const char *name = config_keys[i].name;
        if (strncmp(name, section, prefix) != 0)
            continue;
        const char *rest = name + prefix;
        size_t length = strcspn(rest, ".");
        if (rest[length] == '\0') {
            fields[n_fields++] = field_of(arena, &config_keys[i], rest, i);
            continue;
        }
        if (i > 0 && strncmp(config_keys[i - 1].name, name, prefix + length + 1) == 0)
            continue; /* this section is there already: its keys stand together */
        cyaml_schema_field_t *field = &fields[n_fields++];
        field->key = arena_copy(arena, rest, length);
        field->value.type = CYAML_MAPPING;
        field->value.flags = CYAML_FLAG_OPTIONAL;
        field->value.data_size = (uint32_t)((config_n_keys + 1) * sizeof(struct slot));
        field->value.mapping.fields =
            fields_of_section(arena, arena_copy(arena, name, prefix + length + 1));
    }
    return fields;
}

static const cyaml_config_t cyaml_settings = {
    .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS};

static bool put(struct load *load, const struct config_key *key, void *base, const char *name,
    const struct config_text *text, const char *origin, const char *directory)
{
    AUTO_BUF problem = BUF_INIT;
    if (config_value_put(load->arena, key, base, text, directory, &problem))
        return true;
    if (name == NULL)
        return error_set(load->err, ERROR_CONFIG, 0, "%s: %s", origin, buf_string(&problem));
    return error_set(load->err, ERROR_CONFIG, 0, "%s: %s: %s", origin, name, buf_string(&problem));
}

static bool put_key(struct load *load, size_t index, const char *name,
    const struct config_text *text, const char *origin, const char *directory)
{
    if (!put(load, &config_keys[index], load->config, name, text, origin, directory))
        return false;
    load->config->origins->keys[index] = origin;
    return true;
}

static struct config_text text_of_slot(const struct slot *slot)
{
    return (struct config_text){
        .text = slot->text, .items = (const char *const *)slot->items, .n_items = slot->n_items};
}

/* The origin of a value in the file; NULL when the file does not name the key. */
static const char *place_in_file(struct load *load, const char *path, bool value)
{
    const struct yaml_place *place = yaml_outline_find(&load->outline, path);
    if (place == NULL)
        return NULL;
    return arena_printf(load->arena, "%s:%u:%u", load->label,
        value ? place->value_line : place->line, value ? place->value_column : place->column);
}

/* A list of records: folders, priorities. */

struct records {
    const struct config_key *key;
    char *list;           /* n structs of record->size_bytes */
    const char **origins; /* n * n_keys */
    size_t n;
};

static struct records records_new(struct load *load, const struct config_key *key, size_t n)
{
    struct records records = {.key = key, .n = n};
    records.list = arena_alloc(load->arena, n + 1, key->record->size_bytes);
    records.origins = arena_alloc(load->arena, n * key->record->n_keys + 1, sizeof(char *));
    return records;
}

static bool put_field(struct load *load, struct records *records, size_t record, size_t field,
    const struct config_text *text, const char *origin, const char *directory)
{
    const struct config_key *key = &records->key->record->keys[field];
    void *base = records->list + record * records->key->record->size_bytes;
    const char *name =
        arena_printf(load->arena, "%s[%zu].%s", records->key->name, record, key->name);
    struct config_text missing = config_text_missing(load->arena, key);
    if (!put(load, key, base, name, text == NULL ? &missing : text,
            origin == NULL ? "default" : origin, directory))
        return false;
    records->origins[record * records->key->record->n_keys + field] = origin;
    return true;
}

static void put_records(
    struct load *load, size_t index, const struct records *records, const char *origin)
{
    char *at = (char *)load->config + config_keys[index].offset;
    memcpy(at, &records->list, sizeof(void *));
    memcpy(at + sizeof(void *), &records->n, sizeof(size_t));
    load->config->origins->records[index] = records->origins;
    load->config->origins->keys[index] = origin;
}

static bool records_of_file(
    struct load *load, size_t index, const struct slot *slot, const char *origin)
{
    const struct config_record *record = config_keys[index].record;
    struct records records = records_new(load, &config_keys[index], slot->n_items);
    for (size_t i = 0; i < records.n; i++) {
        for (size_t k = 0; k < record->n_keys; k++) {
            struct config_text text = text_of_slot(&slot->records[i * record->n_keys + k]);
            const char *path = arena_printf(
                load->arena, "%s[%zu].%s", config_keys[index].name, i, record->keys[k].name);
            const char *place = place_in_file(load, path, true);
            if (!put_field(
                    load, &records, i, k, place == NULL ? NULL : &text, place, load->directory))
                return false;
        }
    }
    put_records(load, index, &records, origin);
    return true;
}

/* SRCTAB_FOLDERS=/src:/lib */
static bool records_of_word(struct load *load, size_t index, const char *word, const char *origin)
{
    const struct config_record *record = config_keys[index].record;
    if (record->keys[0].type != CONFIG_PATH)
        return error_set(
            load->err, ERROR_CONFIG, 0, "%s can only be set in a file", config_keys[index].name);
    struct config_text paths =
        config_text_of_word(load->arena, &(struct config_key){.type = CONFIG_PATHS}, word);
    struct records records = records_new(load, &config_keys[index], paths.n_items);
    for (size_t i = 0; i < records.n; i++) {
        struct config_text path = {.text = paths.items[i]};
        for (size_t k = 0; k < record->n_keys; k++) {
            if (!put_field(load, &records, i, k, k == 0 ? &path : NULL, k == 0 ? origin : NULL,
                    load->request->directory))
                return false;
        }
    }
    put_records(load, index, &records, origin);
    return true;
}

static bool put_defaults(struct load *load)
{
    for (size_t i = 0; i < config_n_keys; i++) {
        struct config_text text = config_text_missing(load->arena, &config_keys[i]);
        load->config->origins->keys[i] = "default";
        if (config_keys[i].type == CONFIG_RECORDS)
            continue;
        if (!put_key(load, i, config_keys[i].name, &text, "default", load->request->directory))
            return false;
    }
    load->config->watch.ignore =
        (struct config_list){.items = filter_builtin_ignore, .n = filter_n_builtin_ignore};
    return true;
}

static bool put_slot(struct load *load, size_t index, const struct slot *slot)
{
    const char *name = config_keys[index].name;
    const char *origin = place_in_file(load, name, true);
    if (origin == NULL)
        return true;
    if (load->config->file_in_tree && !config_key_in_tree(name)) {
        warn(load, arena_printf(load->arena,
                       "%s: %s is ignored: a file found in the tree may set only folders, watch "
                       "and analysis",
                       origin, name));
        return true;
    }
    if (config_keys[index].type == CONFIG_RECORDS)
        return records_of_file(load, index, slot, origin);
    struct config_text text = text_of_slot(slot);
    return put_key(load, index, name, &text, origin, load->directory);
}

static bool check_version(struct load *load, const struct slot *version)
{
    if (version->text != NULL && strcmp(version->text, "1") == 0)
        return true;
    error_set(load->err, ERROR_CONFIG, 0,
        "%s: version \"%.40s\" is not known to this program (it reads version 1)",
        place_in_file(load, "version", true), version->text == NULL ? "" : version->text);
    return false;
}

static bool put_slots(struct load *load, const struct slot *slots)
{
    if (!check_version(load, &slots[config_n_keys]))
        return false;
    for (size_t i = 0; i < config_n_keys; i++) {
        if (!put_slot(load, i, &slots[i]))
            return false;
    }
    return true;
}

/* As people know it: relative when it lies below the directory they are in. */
static const char *label_of(const struct config_request *request, const char *path)
{
    size_t length = strlen(request->directory);
    if (strncmp(path, request->directory, length) == 0 && path[length] == '/')
        return path + length + 1;
    return path;
}

static bool put_file(struct load *load, const struct config_found *found)
{
    AUTO_BUF text = BUF_INIT;
    struct slot *slots = NULL;
    load->label = label_of(load->request, found->path);
    load->directory =
        arena_copy(load->arena, found->path, (size_t)(strrchr(found->path, '/') - found->path));
    if (!fd_read_file(found->path, MAX_FILE_BYTES, &text, load->err)) {
        load->err->kind = ERROR_CONFIG;
        return false;
    }
    if (!yaml_outline_read(
            load->arena, load->label, buf_string(&text), text.length, &load->outline, load->err) ||
        !config_schema_check(load->arena, load->label, &load->outline, load->err))
        return false;
    cyaml_schema_value_t schema = {
        .type = CYAML_MAPPING,
        .flags = CYAML_FLAG_POINTER,
        .data_size = (uint32_t)((config_n_keys + 1) * sizeof(struct slot)),
        .mapping = {.fields = fields_of_section(load->arena, "")},
    };
    cyaml_err_t status = cyaml_load_data((const uint8_t *)buf_string(&text), text.length,
        &cyaml_settings, &schema, (cyaml_data_t **)&slots, NULL);
    if (status != CYAML_OK)
        return error_set(load->err, ERROR_CONFIG, 0, "%s: %s", load->label, cyaml_strerror(status));
    load->config->file = found->path;
    load->config->file_in_tree = found->in_tree;
    bool fine = put_slots(load, slots);
    cyaml_free(&cyaml_settings, &schema, slots, 0);
    return fine;
}

static bool read_secret(
    struct load *load, const char *variable, const char *path, const char **ret_text)
{
    AUTO_BUF text = BUF_INIT;
    if (!fd_read_file(path, MAX_SECRET_BYTES, &text, load->err)) {
        load->err->kind = ERROR_CONFIG;
        return error_wrap(load->err, "%s", variable);
    }
    while (text.length > 0 && strchr("\r\n", text.data[text.length - 1]) != NULL)
        buf_truncate(&text, text.length - 1);
    *ret_text = arena_string(load->arena, buf_string(&text));
    return true;
}

/* SRCTAB_X, and for secrets SRCTAB_X_FILE. */
static bool put_variable(struct load *load, size_t index, const char *variable)
{
    const char *origin = arena_string(load->arena, variable);
    const char *word = environment(load, variable);
    if (word == NULL && config_key_is_secret(config_keys[index].name)) {
        origin = arena_printf(load->arena, "%s_FILE", variable);
        const char *path = environment(load, origin);
        if (path != NULL && !read_secret(load, origin,
                                config_path(load->arena, load->request->directory, path), &word))
            return false;
    }
    if (word == NULL)
        return true;
    if (config_keys[index].type == CONFIG_RECORDS)
        return records_of_word(load, index, word, origin);
    struct config_text text = config_text_of_word(load->arena, &config_keys[index], word);
    return put_key(load, index, NULL, &text, origin, load->request->directory);
}

static bool put_environment(struct load *load)
{
    for (size_t i = 0; i < config_n_keys; i++) {
        AUTO_BUF variable = BUF_INIT;
        config_key_environment(&variable, config_keys[i].name);
        if (!put_variable(load, i, buf_string(&variable)))
            return false;
    }
    return put_variable(load, config_key_find("database.conninfo"), "SRCTAB_DATABASE");
}

static bool put_settings(struct load *load)
{
    for (size_t i = 0; i < load->request->n_settings; i++) {
        const struct config_setting *setting = &load->request->settings[i];
        size_t index = config_key_find(setting->key);
        assert(index < config_n_keys);
        struct config_text text =
            config_text_of_word(load->arena, &config_keys[index], setting->text);
        if (!put_key(load, index, NULL, &text, setting->origin, load->request->directory))
            return false;
    }
    return true;
}

/* Folders that an untrusted file names must lie in the tree it was found in. */
static void drop_outside_folders(struct load *load)
{
    struct config *config = load->config;
    struct config_folder *folders = (struct config_folder *)config->folders;
    const char **origins = config->origins->records[config_key_find("folders")];
    size_t n_keys = config_keys[config_key_find("folders")].record->n_keys;
    size_t kept = 0;
    if (!config->file_in_tree || load->directory == NULL)
        return;
    for (size_t i = 0; i < config->n_folders; i++) {
        const char *origin = origins[i * n_keys];
        bool from_file = origin != NULL && strncmp(origin, load->label, strlen(load->label)) == 0;
        if (from_file && !config_is_below(folders[i].path, load->directory)) {
            warn(load, arena_printf(load->arena,
                           "%s: folder %s is ignored: a file found in the tree may name folders of "
                           "that tree only",
                           origin, folders[i].path));
            continue;
        }
        memmove(&origins[kept * n_keys], &origins[i * n_keys], n_keys * sizeof(*origins));
        folders[kept++] = folders[i];
    }
    config->n_folders = kept;
}

static void finish_folders(struct load *load)
{
    struct config *config = load->config;
    size_t index = config_key_find("folders");
    const struct config_record *record = config_keys[index].record;
    struct config_folder *folders = (struct config_folder *)config->folders;
    size_t debounce = 0;
    while (record->keys[debounce].offset != offsetof(struct config_folder, debounce_ms))
        debounce++;
    for (size_t i = 0; i < config->n_folders; i++) {
        folders[i].debounce_is_own =
            config->origins->records[index][i * record->n_keys + debounce] != NULL;
        if (!folders[i].debounce_is_own)
            folders[i].debounce_ms = config->watch.debounce_ms;
    }
}

/* Who only asks for a longer debounce need not know of the second bound. */
static void finish_delay(struct config *config)
{
    const char *origin = config->origins->keys[config_key_find("watch.max_delay_ms")];
    if (strcmp(origin, "default") == 0 &&
        config->watch.debounce_ms > config->watch.max_delay_ms / 4)
        config->watch.max_delay_ms = 4 * config->watch.debounce_ms;
}

static void finish_host(struct config *config)
{
    char name[HOST_NAME_MAX + 1] = "";
    if (config->daemon.host[0] != '\0')
        return;
    if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0')
        memcpy(name, "localhost", sizeof("localhost"));
    config->daemon.host = arena_string(config->arena, name);
}

static bool run(struct load *load)
{
    struct config *config = load->config;
    config->origins = arena_alloc(load->arena, 1, sizeof(*config->origins));
    config->origins->keys = arena_alloc(load->arena, config_n_keys, sizeof(char *));
    config->origins->records = arena_alloc(load->arena, config_n_keys, sizeof(char **));
    struct config_found found = {0};
    if (!load->request->no_file)
        found = config_file_find(load->arena, load->request);
    if (!put_defaults(load) || (found.path != NULL && !put_file(load, &found)) ||
        !put_environment(load) || !put_settings(load))
        return false;
    drop_outside_folders(load);
    finish_folders(load);
    finish_delay(config);
    finish_host(config);
    if (!config_check(config, load->err))
        return false;
    config_origins_finish(config);
    return true;
}

bool config_load(
    const struct config_request *request, struct config **ret_config, struct error *err)
{
    struct arena *arena = arena_new(0);
    struct load load = {.request = request, .arena = arena, .err = err};
    load.config = arena_alloc(arena, 1, sizeof(*load.config));
    load.config->arena = arena;
    if (!run(&load)) {
        arena_free(arena);
        return false;
    }
    *ret_config = load.config;
    return true;
}

void config_free(struct config *config)
{
    if (config != NULL)
        arena_free(config->arena);
}
