#include "app/query.h"

#include <assert.h>

#include "base/nearest.h"
#include "store/sql.h"

static const char folder[] = "queries/";

/* The rest of the header line "-- key: …", or NULL. In the arena. */
static const char *header(struct arena *arena, const char *text, const char *key)
{
    AUTO_BUF start = BUF_INIT;
    buf_addf(&start, "-- %s: ", key);
    while (strncmp(text, "--", 2) == 0) {
        size_t length = strcspn(text, "\n");
        if (strncmp(text, buf_string(&start), start.length) == 0)
            return arena_copy(arena, text + start.length, length - start.length);
        text += length + (text[length] != '\0');
    }
    return NULL;
}

static void fill(struct arena *arena, const struct embedded_file *file, struct query *query)
{
    const char *name = file->name + strlen(folder);
    *query = (struct query){.text = (const char *)file->bytes};
    query->name = arena_copy(arena, name, strlen(name) - strlen(".sql"));
    query->summary = header(arena, query->text, "summary");
    const char *words = header(arena, query->text, "arguments");
    while (words != NULL && *words != '\0') {
        size_t length = strcspn(words, " ");
        assert(query->n_arguments < QUERY_ARGUMENTS_MAX);
        query->arguments[query->n_arguments++] = arena_copy(arena, words, length);
        words += length + strspn(words + length, " ");
    }
}

bool query_at(struct arena *arena, size_t index, struct query *ret_query)
{
    for (const struct embedded_file *file = sql_files; file->name != NULL; file++) {
        if (strncmp(file->name, folder, strlen(folder)) == 0 && index-- == 0) {
            fill(arena, file, ret_query);
            return true;
        }
    }
    return false;
}

enum { MAX_QUERIES = 64 };

bool query_find(
    struct arena *arena, const char *name, struct query *ret_query, const char **ret_near)
{
    const char *names[MAX_QUERIES];
    size_t n_names = 0;
    while (n_names < MAX_QUERIES && query_at(arena, n_names, ret_query)) {
        if (strcmp(ret_query->name, name) == 0)
            return true;
        names[n_names++] = ret_query->name;
    }
    *ret_near = nearest_word(name, names, n_names);
    return false;
}

/* The variable at `text` (which begins with a colon): its number as a parameter, and its length; 0:
 * none of ours. */
static size_t variable_at(const struct query *query, const char *text, size_t *ret_length)
{
    const char *names[2 + QUERY_ARGUMENTS_MAX] = {"codebase", "limit"};
    for (size_t i = 0; i < query->n_arguments; i++)
        names[2 + i] = query->arguments[i];
    for (size_t i = 0; i < 2 + query->n_arguments; i++) {
        char form[64];
        snprintf(form, sizeof(form), i == 1 ? ":%s" : ":'%s'", names[i]);
        *ret_length = strlen(form);
        if (strncmp(text, form, *ret_length) == 0)
            return i + 1;
    }
    return 0;
}

void query_parameters(struct buf *out, const struct query *query)
{
    for (const char *text = query->text; *text != '\0';) {
        size_t length = 1;
        size_t number = *text == ':' ? variable_at(query, text, &length) : 0;
        if (number == 0) {
            buf_addc(out, *text++);
            continue;
        }
        buf_addf(out, "$%zu::%s", number, number == 2 ? "bigint" : "text");
        text += length;
    }
}

/* In psql's single quotes: a quote is doubled, a backslash begins an escape. */
static void add_set(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "\\set %s '", name);
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            buf_adds(out, "\\n");
            continue;
        }
        if (*value == '\'' || *value == '\\')
            buf_addc(out, *value == '\'' ? '\'' : '\\');
        buf_addc(out, *value);
    }
    buf_adds(out, "'\n");
}

void query_for_psql(struct buf *out, const struct query *query, const char *const *values)
{
    add_set(out, "codebase", values[0]);
    add_set(out, "limit", values[1]);
    for (size_t i = 0; i < query->n_arguments; i++)
        add_set(out, query->arguments[i], values[2 + i]);
    buf_adds(out, query->text);
    buf_adds(out, ";\n");
}
