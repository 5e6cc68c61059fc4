#include "app/explain.h"

#include <math.h>

#include "app/json_each.h"
#include "app/json_flat.h"
#include "base/arena.h"
#include "base/utf8.h"

static void add_metrics(struct json *json, const struct code_facts *code)
{
    json_key(json, "metrics");
    json_object_begin(json);
    for (size_t i = 0; i < METRICS; i++) {
        if (metric_infos[i].kind == METRIC_FILE)
            json_key_double(json, metric_infos[i].column, code->metric[i]);
    }
    json_object_end(json);
}

static void add_blob(struct json *json, const char *key, const struct text *blob)
{
    json_key(json, key);
    if (blob->bytes == NULL)
        json_raw(json, "[]", 2);
    else
        json_raw(json, blob->bytes, blob->length);
}

void explain_json(struct output *output, const struct explained *file)
{
    static const struct {
        enum fact_blob blob;
        const char *key;
    } blobs[] = {{BLOB_FUNCTIONS, "functions"}, {BLOB_CLASSES, "classes"},
        {BLOB_IMPORTS, "imports"}, {BLOB_EXPORTS, "exports"}, {BLOB_SYMBOLS, "symbols"},
        {BLOB_FINDINGS, "findings"}};
    char hex[2 * SHA256_BYTES + 1];
    AUTO_BUF line = BUF_INIT;
    AUTO_BUF path = BUF_INIT;
    struct json json = JSON_INIT(&line);
    utf8_add_path(&path, file->path, strlen(file->path));
    sha256_hex(file->reading.file.content_hash, hex);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "path", buf_string(&path));
    json_key_string(&json, "language", file->reading.file.language);
    json_key_string(&json, "content_hash", hex);
    json_key_string(&json, "parse_status", parse_status_word(file->code.parse_status));
    if (file->code.reason[0] != '\0')
        json_key_string(&json, "reason", file->code.reason);
    add_metrics(&json, &file->code);
    for (size_t i = 0; i < ARRAY_SIZE(blobs); i++)
        add_blob(&json, blobs[i].key, &file->code.blob[blobs[i].blob]);
    json_object_end(&json);
    output_json(output, &line);
}

static void add_number(struct buf *out, double value)
{
    if (isnan(value))
        buf_addc(out, '-');
    else if (value == floor(value))
        buf_addf(out, "%.0f", value);
    else
        buf_addf(out, "%.1f", value);
}

static void print_metric(
    struct output *output, const char *label, const struct code_facts *code, enum metric metric)
{
    AUTO_BUF text = BUF_INIT;
    if (isnan(code->metric[metric]))
        return;
    add_number(&text, code->metric[metric]);
    output_text(output, "  %s %s", label, buf_string(&text));
}

static void print_head(struct output *output, const struct explained *file)
{
    const struct code_facts *code = &file->code;
    output_safe(output, STYLE_BOLD, file->path);
    output_text(output, "  %s", file->reading.file.language);
    print_metric(output, "lines", code, METRIC_LINES_TOTAL);
    print_metric(output, "code", code, METRIC_LINES_CODE);
    print_metric(output, "comment", code, METRIC_LINES_COMMENT);
    print_metric(output, "blank", code, METRIC_LINES_BLANK);
    output_text(output, "  parse ");
    bool ok = code->parse_status == PARSE_OK;
    output_safe(output, ok ? STYLE_GOOD : STYLE_WARN, parse_status_word(code->parse_status));
    if (code->parse_us > 0)
        output_text(output, " %.1f ms", code->parse_us / 1000.0);
    output_text(output, "\n");
    if (code->reason[0] != '\0') {
        output_text(output, "  reason: ");
        output_safe(output, STYLE_PLAIN, code->reason);
        output_text(output, "\n");
    }
    static const struct {
        const char *label;
        enum metric metric;
    } shown[] = {{"cyclomatic", METRIC_CYCLOMATIC_COMPLEXITY},
        {"cognitive", METRIC_COGNITIVE_COMPLEXITY}, {"nesting", METRIC_NESTING_DEPTH_MAX},
        {"functions", METRIC_FUNCTION_COUNT}, {"classes", METRIC_CLASS_COUNT},
        {"imports", METRIC_IMPORT_COUNT}, {"maintainability", METRIC_MAINTAINABILITY_INDEX}};
    bool any = false;
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
        any = any || !isnan(code->metric[shown[i].metric]);
        print_metric(output, shown[i].label, code, shown[i].metric);
    }
    if (any)
        output_text(output, "\n");
}

static void cell(struct output_table *table, const struct json_flat *function, const char *key)
{
    AUTO_BUF text = BUF_INIT;
    double value = json_flat_number(function, key, NAN);
    add_number(&text, value);
    output_table_cell(table, isnan(value) ? "" : buf_string(&text));
}

static void print_functions(struct output *output, const struct text *blob)
{
    static const char *const headings[] = {
        "line", "lines", "cyclomatic", "cognitive", "nesting", "parameters", "function"};
    struct arena *arena = arena_new(0);
    struct output_table *table = output_table_new(ARRAY_SIZE(headings), headings);
    struct error err = ERROR_INIT;
    struct json_flat *function = NULL;
    const char *end = blob->bytes == NULL ? "" : arena_copy(arena, blob->bytes, blob->length);
    const char *start = NULL;
    bool any = false;
    while (
        (start = json_each(end, &end)) != NULL &&
        json_flat_parse(arena_copy(arena, start, (size_t)(end - start)), arena, &function, &err)) {
        cell(table, function, "line");
        cell(table, function, "lines_code");
        cell(table, function, "cyclomatic_complexity");
        cell(table, function, "cognitive_complexity");
        cell(table, function, "nesting_depth_max");
        cell(table, function, "parameter_count");
        const char *name = json_flat_string(function, "qualified_name");
        output_table_cell(table, name == NULL ? json_flat_string(function, "name") : name);
        any = true;
    }
    if (any)
        output_table_print(output, table);
    output_table_free(table);
    arena_free(arena);
}

void explain_text(struct output *output, const struct explained *file)
{
    char hex[2 * SHA256_BYTES + 1];
    sha256_hex(file->reading.file.content_hash, hex);
    print_head(output, file);
    print_functions(output, &file->code.blob[BLOB_FUNCTIONS]);
    if (file->has_rule) {
        output_text(output, "ingested: ");
        output_safe(output, file->counts ? STYLE_GOOD : STYLE_WARN, file->counts ? "yes" : "no");
        output_text(output, " (");
        output_safe(output, STYLE_PLAIN, file->rule);
        output_text(output, ")\n");
    }
    output_text(output, "hash: %s\n", hex);
}
