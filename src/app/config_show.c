#include "app/config_show.h"

#include "app/config_key.h"
#include "app/config_origin.h"
#include "app/config_value.h"

struct place_of_rows {
    struct config *config;
    struct config_row *rows;
    size_t n_rows, capacity;
};

static struct config_row *new_row(struct place_of_rows *to)
{
    if (to->n_rows == to->capacity) {
        size_t capacity = to->capacity == 0 ? 96 : 2 * to->capacity;
        struct config_row *rows = arena_alloc(to->config->arena, capacity, sizeof(*rows));
        if (to->n_rows > 0)
            memcpy(rows, to->rows, to->n_rows * sizeof(*rows));
        to->rows = rows;
        to->capacity = capacity;
    }
    return &to->rows[to->n_rows++];
}

static void add_row(struct place_of_rows *to, const struct config_key *key, const char *name,
    const void *base, const char *origin)
{
    AUTO_BUF value = BUF_INIT;
    config_value_add(&value, key, base);
    *new_row(to) = (struct config_row){
        .key = name,
        .value = arena_string(to->config->arena, buf_string(&value)),
        .origin = origin,
        .unit = key->unit == NULL ? "" : key->unit,
        .help = key->help,
    };
}

static void add_records(struct place_of_rows *to, size_t index)
{
    const struct config_key *key = &config_keys[index];
    const struct config_record *record = key->record;
    const char *list = *(const char *const *)((const char *)to->config + key->offset);
    size_t n = *(const size_t *)((const char *)to->config + key->offset + sizeof(void *));
    if (n == 0) {
        *new_row(to) = (struct config_row){.key = key->name,
            .value = "[]",
            .origin = to->config->origins->keys[index],
            .unit = "",
            .help = key->help};
        return;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < record->n_keys; k++) {
            const char *name =
                arena_printf(to->config->arena, "%s[%zu].%s", key->name, i, record->keys[k].name);
            const char *origin = to->config->origins->records[index][i * record->n_keys + k];
            add_row(to, &record->keys[k], name, list + i * record->size_bytes,
                origin == NULL ? "default" : origin);
        }
    }
}

void config_origins_finish(struct config *config)
{
    struct place_of_rows to = {.config = config};
    for (size_t i = 0; i < config_n_keys; i++) {
        if (config_keys[i].type == CONFIG_RECORDS)
            add_records(&to, i);
        else
            add_row(&to, &config_keys[i], config_keys[i].name, config, config->origins->keys[i]);
    }
    config->origins->rows = to.rows;
    config->origins->n_rows = to.n_rows;
}

bool config_show(const struct config *config, size_t index, struct config_row *ret_row)
{
    if (index >= config->origins->n_rows)
        return false;
    *ret_row = config->origins->rows[index];
    return true;
}

/* The sections that are open before a line of the example. */
struct example {
    struct buf *out;
    const char *open; /* name of the last key written */
};

/* Write the headings that `name` needs and the last one did not. Returns the depth of the key. */
static size_t add_headings(struct example *example, const char *name)
{
    size_t depth = 0;
    for (const char *at = name; (at = strchr(at, '.')) != NULL; at++, depth++) {
        size_t length = (size_t)(at - name) + 1;
        if (example->open != NULL && strncmp(example->open, name, length) == 0)
            continue;
        const char *start = name;
        for (size_t i = 0; i < depth; i++)
            start = strchr(start, '.') + 1;
        buf_addf(example->out, "%s%*s%.*s:\n", depth == 0 ? "\n" : "", (int)(2 * depth), "",
            (int)(at - start), start);
    }
    example->open = name;
    return depth;
}

static void add_comment(struct buf *out, size_t line_start, const struct config_key *key)
{
    size_t width = out->length - line_start;
    buf_addf(out, "%*s# ", width < 33 ? (int)(33 - width) : 1, "");
    if (key->type == CONFIG_CHOICE) {
        for (size_t i = 0; key->choices[i] != NULL; i++)
            buf_addf(out, "%s%s", i == 0 ? "" : " | ", key->choices[i]);
        buf_adds(out, "; ");
    }
    buf_addf(out, "%s%s\n", key->help, key->restart ? " (restart)" : "");
}

static void add_list_lines(
    struct buf *out, const struct config_key *key, size_t indent, const struct config_list *list)
{
    size_t start = out->length;
    buf_addf(out, "%*s%s:", (int)indent, "", strrchr(key->name, '.') + 1);
    add_comment(out, start, key);
    size_t column = 0;
    for (size_t i = 0; i < list->n; i++) {
        AUTO_BUF item = BUF_INIT;
        config_add_scalar(&item, list->items[i]);
        if (column == 0 || column + item.length + 2 > 96) {
            buf_addf(out, "%s%*s%s", i == 0 ? "" : ",\n", (int)indent + 2, "", i == 0 ? "[" : " ");
            column = indent + 3;
        } else {
            buf_adds(out, ", ");
            column += 2;
        }
        buf_adds(out, buf_string(&item));
        column += item.length;
    }
    buf_adds(out, "]\n");
}

static void add_record_lines(struct buf *out, const struct config_key *key, size_t indent)
{
    size_t start = out->length;
    const char *dot = strrchr(key->name, '.');
    buf_addf(out, "%s%*s%s: []", dot == NULL ? "\n" : "", (int)indent, "",
        dot == NULL ? key->name : dot + 1);
    add_comment(out, dot == NULL ? start + 1 : start, key);
    for (size_t i = 0; i < key->record->n_keys; i++) {
        const struct config_key *field = &key->record->keys[i];
        start = out->length;
        buf_addf(out, "%*s# %s%s:", (int)indent, "", i == 0 ? "- " : "  ", field->name);
        add_comment(out, start, field);
    }
}

static const char example_head[] =
    "# srctab.yaml - every key with its default. A key that is left out keeps it.\n"
    "# A flag beats SRCTAB_* beats this file. SRCTAB_WATCH_DEBOUNCE_MS=200 stands for\n"
    "# watch.debounce_ms; `srctab config show` says where each value came from.\n"
    "# Times in keys that end in _ms or _s may also be written 200ms, 2s, 10m.\n"
    "# In a file that srctab finds inside the watched tree only folders, watch and\n"
    "# analysis count. Keys marked (restart) need one; SIGHUP applies the others.\n"
    "version: 1\n";

void config_example(struct buf *out, const struct config *defaults)
{
    struct example example = {.out = out};
    buf_adds(out, example_head);
    for (size_t i = 0; i < config_n_keys; i++) {
        const struct config_key *key = &config_keys[i];
        size_t indent = 2 * add_headings(&example, key->name);
        size_t start = out->length;
        if (key->type == CONFIG_RECORDS) {
            add_record_lines(out, key, indent);
        } else if (strcmp(key->name, "watch.ignore") == 0) {
            add_list_lines(out, key, indent, &defaults->watch.ignore);
        } else {
            const char *dot = strrchr(key->name, '.');
            buf_addf(out, "%*s%s: ", (int)indent, "", dot == NULL ? key->name : dot + 1);
            if (strcmp(key->name, "daemon.host") == 0)
                buf_adds(out, "\"\"");
            else
                config_value_add(out, key, defaults);
            add_comment(out, start, key);
        }
    }
}
