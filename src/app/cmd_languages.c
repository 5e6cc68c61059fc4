/* languages - the languages, what is measured for each, and the reference of all metrics. */
#include "analyze/language.h"
#include "app/commands.h"
#include "app/reference.h"
#include "base/arena.h"
#include "model/metric.h"

static void add_list(struct buf *out, const char *const *items, const char *prefix)
{
    for (size_t i = 0; items != NULL && items[i] != NULL; i++)
        buf_addf(out, "%s%s%s", i == 0 ? "" : " ", prefix, items[i]);
}

static void json_list(struct json *json, const char *key, const char *const *items)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; items != NULL && items[i] != NULL; i++)
        json_string(json, items[i]);
    json_array_end(json);
}

static void list_json(struct output *output, const struct language *language)
{
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "language", language->id);
    json_key_string(&json, "name", language->name);
    json_key_bool(&json, "grammar", language->grammar != NULL);
    json_key_string(&json, "package", language->package);
    json_key_string(&json, "version", language->version);
    json_list(&json, "extensions", language->extensions);
    json_list(&json, "filenames", language->filenames);
    json_list(&json, "interpreters", language->interpreters);
    json_key(&json, "metrics");
    json_array_begin(&json);
    for (size_t i = 0; i < METRICS; i++) {
        if (metric_is_valid(language, (enum metric)i))
            json_string(&json, metric_infos[i].column);
    }
    json_array_end(&json);
    json_object_end(&json);
    output_json(output, &line);
}

static void list_table(struct output *output)
{
    static const char *const headings[] = {"language", "name", "grammar", "files"};
    struct output_table *table = output_table_new(ARRAY_SIZE(headings), headings);
    for (size_t i = 0; i < language_count; i++) {
        const struct language *language = &languages[i];
        AUTO_BUF files = BUF_INIT;
        AUTO_BUF grammar = BUF_INIT;
        add_list(&files, language->extensions, ".");
        buf_adds(&files, language->filenames != NULL && language->filenames[0] != NULL ? " " : "");
        add_list(&files, language->filenames, "");
        buf_addf(&grammar, "%s %s", language->package, language->version);
        output_table_cell(table, language->id);
        output_table_cell(table, language->name);
        output_table_cell(
            table, language->grammar == NULL ? "none: text metrics only" : buf_string(&grammar));
        output_table_cell(table, buf_string(&files));
    }
    output_table_print(output, table);
    output_table_free(table);
}

static void metrics_table(struct output *output)
{
    const char **headings = memory_new(language_count + 1, sizeof(*headings));
    headings[0] = "metric";
    for (size_t i = 0; i < language_count; i++)
        headings[i + 1] = languages[i].id;
    struct output_table *table = output_table_new(language_count + 1, headings);
    for (size_t i = 0; i < METRICS; i++) {
        output_table_cell(table, metric_infos[i].column);
        for (size_t k = 0; k < language_count; k++)
            output_table_cell(table, metric_is_valid(&languages[k], (enum metric)i) ? "yes" : ".");
    }
    output_table_print(output, table);
    output_table_free(table);
    free(headings);
}

int cmd_languages(struct session *session, struct error *err)
{
    (void)err;
    struct output *output = session->output;
    if (arguments_has(session->arguments, "--reference")) {
        AUTO_BUF text = BUF_INIT;
        metric_reference(&text);
        output_text(output, "%s", buf_string(&text));
    } else if (output->json) {
        for (size_t i = 0; i < language_count; i++)
            list_json(output, &languages[i]);
    } else if (arguments_has(session->arguments, "--metrics")) {
        metrics_table(output);
    } else {
        list_table(output);
    }
    return 0;
}
