/*
 * analyze_one - prints the object of `srctab explain --json` for files, analysed in this process:
 * for tests and profilers, without workers.
 *
 * usage: analyze_one explain --json [--lang LANGUAGE] -- FILE…
 */
#include <math.h>
#include <stdio.h>

#include "analyze/analyze.h"
#include "base/fd.h"
#include "base/json.h"

static const char *const blob_keys[BLOBS] = {
    [BLOB_FUNCTIONS] = "functions",
    [BLOB_CLASSES] = "classes",
    [BLOB_IMPORTS] = "imports",
    [BLOB_EXPORTS] = "exports",
    [BLOB_SYMBOLS] = "symbols",
    [BLOB_FINDINGS] = "findings",
};

static void print_facts(const char *path, const struct language *language, const struct buf *source,
    const struct code_facts *code)
{
    AUTO_BUF out = BUF_INIT;
    struct json json = JSON_INIT(&out);
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    sha256(buf_string(source), source->length, digest);
    sha256_hex(digest, hex);
    json_object_begin(&json);
    json_key_u64(&json, "v", 1);
    json_key_string(&json, "path", path);
    json_key_string(&json, "language", language ? language->id : "unknown");
    json_key_string(&json, "content_hash", hex);
    json_key_string(&json, "parse_status", parse_status_word(code->parse_status));
    json_key(&json, "metrics");
    json_object_begin(&json);
    for (unsigned i = 0; i < METRICS; i++)
        json_key_double(&json, metric_infos[i].column, code->metric[i]);
    json_object_end(&json);
    for (unsigned i = 0; i < BLOBS; i++) {
        if (!blob_keys[i])
            continue;
        json_key(&json, blob_keys[i]);
        if (code->blob[i].bytes)
            json_raw(&json, code->blob[i].bytes, code->blob[i].length);
        else
            json_null(&json);
    }
    json_object_end(&json);
    puts(buf_string(&out));
}

static bool explain(struct plans *plans, const char *path, const char *forced, struct error *err)
{
    AUTO_BUF source = BUF_INIT;
    if (!fd_read_file(path, (size_t)1 << 30, &source, err))
        return false;
    const uint8_t *bytes = (const uint8_t *)buf_string(&source);
    const struct language *language =
        forced ? language_by_id(forced) : language_of_content(path, bytes, source.length);
    const struct plan *plan = NULL;
    if (language && language->grammar && !plans_get(plans, language, &plan, err))
        return false;
    struct arena *arena = arena_new(0);
    struct code_facts code;
    struct analyze_limits limits = ANALYZE_LIMITS_DEFAULT;
    bool ok = analyze_source(plan, &limits, path, bytes, source.length, arena, &code, err);
    if (ok)
        print_facts(path, language, &source, &code);
    arena_free(arena);
    return ok;
}

int main(int argc, char **argv)
{
    struct plans *plans = plans_new();
    const char *forced = NULL;
    int failed = 0, first = argc;
    for (int i = 1; i < argc && first == argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            first = i + 1;
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            forced = argv[++i];
    }
    for (int i = first; i < argc; i++) {
        struct error err = ERROR_INIT;
        if (explain(plans, argv[i], forced, &err))
            continue;
        (void)fprintf(stderr, "%s: %s\n%s\n", argv[i], err.message, err.hint);
        failed = 1;
    }
    plans_free(plans);
    return failed;
}
