#include "app/config_value.h"

#include <ctype.h>
#include <strings.h>

#include "app/config.h"
#include "base/nearest.h"
#include "base/number.h"

static struct config_text split(struct arena *arena, const char *word, char separator)
{
    size_t n = 0;
    for (const char *at = word; *at != '\0'; at++)
        n += *at == separator;
    const char **items = arena_alloc(arena, n + 2, sizeof(*items));
    struct config_text result = {.text = word, .items = items};
    while (*word != '\0') {
        size_t length = strcspn(word, (char[]){separator, '\0'});
        if (length > 0)
            items[result.n_items++] = arena_copy(arena, word, length);
        word += length + (word[length] != '\0');
    }
    return result;
}

static bool is_list(const struct config_key *key)
{
    return key->type == CONFIG_LIST || key->type == CONFIG_PATHS || key->type == CONFIG_NUMBERS ||
           key->type == CONFIG_SINKS;
}

struct config_text config_text_of_word(
    struct arena *arena, const struct config_key *key, const char *word)
{
    if (!is_list(key))
        return (struct config_text){.text = word};
    return split(arena, word, key->type == CONFIG_PATHS ? ':' : ',');
}

struct config_text config_text_missing(struct arena *arena, const struct config_key *key)
{
    if (!is_list(key))
        return (struct config_text){.text = key->missing};
    return split(arena, key->missing == NULL ? "" : key->missing, ' ');
}

const char *config_path(struct arena *arena, const char *directory, const char *path)
{
    AUTO_BUF whole = BUF_INIT;
    if (path[0] != '/')
        buf_addf(&whole, "%s/", directory);
    buf_adds(&whole, path);
    AUTO_BUF clean = BUF_INIT;
    const char *at = buf_string(&whole);
    while (*at != '\0') {
        at += strspn(at, "/");
        size_t length = strcspn(at, "/");
        if (length > 0 && !(length == 1 && at[0] == '.')) {
            buf_addc(&clean, '/');
            buf_add(&clean, at, length);
        }
        at += length;
    }
    return clean.length == 0 ? "/" : arena_string(arena, buf_string(&clean));
}

static bool refuse(struct buf *problem, const struct config_key *key, const char *text)
{
    buf_clear(problem);
    buf_addf(problem, "\"%.80s\" is not ", text);
    config_key_describe(problem, key);
    if (key->type != CONFIG_CHOICE)
        return false;
    size_t n = 0;
    while (key->choices[n] != NULL)
        n++;
    const char *near = nearest_word(text, key->choices, n);
    if (near != NULL)
        buf_addf(problem, " (did you mean \"%s\"?)", near);
    return false;
}

static bool parse_bool(const char *text, bool *ret_value)
{
    /* YAML 1.1's words, as people write them */
    static const char *const words[][2] = {
        {"false", "true"}, {"no", "yes"}, {"off", "on"}, {"0", "1"}};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        for (int value = 0; value < 2; value++) {
            if (strcasecmp(text, words[i][value]) == 0) {
                *ret_value = value == 1;
                return true;
            }
        }
    }
    return false;
}

/* Plain, or with a unit of time where the key is one. */
static bool parse_number(const struct config_key *key, const char *text, int64_t *ret_value)
{
    uint64_t ms = 0;
    if (number_i64(text, key->min, key->max, ret_value))
        return true;
    bool in_ms = key->unit != NULL && strcmp(key->unit, "ms") == 0;
    bool in_s = key->unit != NULL && strcmp(key->unit, "s") == 0;
    if ((!in_ms && !in_s) || !number_duration_ms(text, &ms) || ms > INT64_MAX / 2)
        return false;
    if (in_s && ms % 1000 != 0)
        return false;
    int64_t value = (int64_t)(in_s ? ms / 1000 : ms);
    if (value < key->min || value > key->max)
        return false;
    *ret_value = value;
    return true;
}

static bool put_number(const struct config_key *key, void *at, const char *text)
{
    int64_t value = 0;
    if (!parse_number(key, text, &value))
        return false;
    int32_t as_signed = (int32_t)value;
    uint32_t as_unsigned = (uint32_t)value;
    memcpy(at, key->min < 0 ? (void *)&as_signed : (void *)&as_unsigned, sizeof(uint32_t));
    return true;
}

static bool put_choice(const struct config_key *key, void *at, const char *text)
{
    for (unsigned i = 0; key->choices[i] != NULL; i++) {
        if (strcmp(key->choices[i], text) == 0) {
            memcpy(at, &i, sizeof(i));
            return true;
        }
    }
    return false;
}

static void put_path(struct arena *arena, const struct config_key *key, void *at, const char *text,
    const char *directory)
{
    bool word = text[0] == '\0';
    for (size_t i = 0; key->choices != NULL && key->choices[i] != NULL; i++)
        word = word || strcmp(key->choices[i], text) == 0;
    *(const char **)at = word ? arena_string(arena, text) : config_path(arena, directory, text);
}

static void put_list(struct arena *arena, const struct config_key *key, struct config_list *list,
    const struct config_text *text, const char *directory)
{
    const char **items = arena_alloc(arena, text->n_items + 1, sizeof(*items));
    for (size_t i = 0; i < text->n_items; i++)
        items[i] = key->type == CONFIG_PATHS ? config_path(arena, directory, text->items[i])
                                             : arena_string(arena, text->items[i]);
    *list = (struct config_list){.items = items, .n = text->n_items};
}

struct number_list {
    const uint32_t *numbers;
    size_t n;
};

static bool put_numbers(struct arena *arena, const struct config_key *key, struct number_list *list,
    const struct config_text *text, struct buf *problem)
{
    uint32_t *numbers = arena_alloc(arena, text->n_items + 1, sizeof(*numbers));
    for (size_t i = 0; i < text->n_items; i++) {
        if (!put_number(key, &numbers[i], text->items[i]))
            return refuse(problem, key, text->items[i]);
    }
    if (text->n_items == 0)
        return refuse(problem, key, "");
    *list = (struct number_list){.numbers = numbers, .n = text->n_items};
    return true;
}

static bool put_sinks(const struct config_key *key, unsigned *mask, const struct config_text *text,
    struct buf *problem)
{
    unsigned bits = 0;
    for (size_t i = 0; i < text->n_items; i++) {
        unsigned id = 0;
        while (id < SINKS && strcmp(sink_word((enum sink_id)id), text->items[i]) != 0)
            id++;
        if (id == SINKS)
            return refuse(problem, key, text->items[i]);
        bits |= SINK_BIT(id);
    }
    *mask = bits;
    return true;
}

static bool put_text(struct arena *arena, const struct config_key *key, void *at, const char *text,
    const char *directory)
{
    if (key->type == CONFIG_BOOL)
        return parse_bool(text, at);
    if (key->type == CONFIG_NUMBER)
        return put_number(key, at, text);
    if (key->type == CONFIG_CHOICE)
        return put_choice(key, at, text);
    if (key->type == CONFIG_PATH)
        put_path(arena, key, at, text, directory);
    else
        *(const char **)at = arena_string(arena, text);
    return true;
}

bool config_value_put(struct arena *arena, const struct config_key *key, void *base,
    const struct config_text *text, const char *directory, struct buf *problem)
{
    void *at = (char *)base + key->offset;
    if (key->type == CONFIG_NUMBERS)
        return put_numbers(arena, key, at, text, problem);
    if (key->type == CONFIG_SINKS)
        return put_sinks(key, at, text, problem);
    if (is_list(key)) {
        put_list(arena, key, at, text, directory);
        return true;
    }
    if (text->text == NULL) /* no default: stays NULL or zero */
        return true;
    return put_text(arena, key, at, text->text, directory) || refuse(problem, key, text->text);
}

/* Words that YAML 1.1 would read as something else, or that hold a character with a meaning. */
static bool is_plain(const char *text)
{
    static const char *const taken[] = {"", "~", "null", "true", "false", "yes", "no", "on", "off"};
    for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
        if (strcasecmp(text, taken[i]) == 0)
            return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr("_/.+-", *c) == NULL)
            return false;
    }
    return isalpha((unsigned char)text[0]) || text[0] == '/' || text[0] == '_';
}

void config_add_scalar(struct buf *out, const char *text)
{
    if (is_plain(text)) {
        buf_adds(out, text);
        return;
    }
    buf_addc(out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            buf_addf(out, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || *c == 0x7f)
            buf_addf(out, "\\x%02x", (unsigned)(unsigned char)*c);
        else
            buf_addc(out, *c);
    }
    buf_addc(out, '"');
}

static void add_list(struct buf *out, const struct config_list *list)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < list->n; i++) {
        buf_adds(out, i == 0 ? "" : ", ");
        config_add_scalar(out, list->items[i]);
    }
    buf_addc(out, ']');
}

static void add_numbers(struct buf *out, const struct number_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        buf_addf(out, "%s%u", i == 0 ? "[" : ", ", list->numbers[i]);
    buf_adds(out, list->n == 0 ? "[]" : "]");
}

static void add_sinks(struct buf *out, unsigned mask)
{
    const char *separator = "";
    buf_addc(out, '[');
    for (unsigned id = 0; id < SINKS; id++) {
        if ((mask & SINK_BIT(id)) == 0)
            continue;
        buf_addf(out, "%s%s", separator, sink_word((enum sink_id)id));
        separator = ", ";
    }
    buf_addc(out, ']');
}

static void add_number(struct buf *out, const struct config_key *key, const void *at)
{
    int32_t as_signed = 0;
    uint32_t as_unsigned = 0;
    memcpy(&as_signed, at, sizeof(as_signed));
    memcpy(&as_unsigned, at, sizeof(as_unsigned));
    if (key->min < 0)
        buf_addf(out, "%d", as_signed);
    else
        buf_addf(out, "%u", as_unsigned);
}

static void add_text(struct buf *out, const struct config_key *key, const void *at)
{
    const char *text = NULL;
    unsigned choice = 0;
    if (key->type == CONFIG_BOOL) {
        buf_adds(out, *(const bool *)at ? "true" : "false");
    } else if (key->type == CONFIG_CHOICE) {
        memcpy(&choice, at, sizeof(choice));
        buf_adds(out, key->choices[choice]);
    } else {
        text = *(const char *const *)at;
        config_add_scalar(out, text == NULL ? "" : text);
    }
}

void config_value_add(struct buf *out, const struct config_key *key, const void *base)
{
    const void *at = (const char *)base + key->offset;
    if (key->type == CONFIG_NUMBER)
        add_number(out, key, at);
    else if (key->type == CONFIG_NUMBERS)
        add_numbers(out, at);
    else if (key->type == CONFIG_SINKS)
        add_sinks(out, *(const unsigned *)at);
    else if (is_list(key))
        add_list(out, at);
    else
        add_text(out, key, at);
}
