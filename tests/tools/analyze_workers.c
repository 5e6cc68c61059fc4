/*
 * analyze_workers - files through the sandboxed workers, as the daemon sends them: for tests of
 * what a file can do, and for timing.
 *
 * usage: analyze_workers [--big | --repeat N] FILE…
 *
 * --big lifts what is said of the bytes alone, the limits of size and of minified text, so that
 * the parsers get files that they never should: what bounds them then is CPU time and memory.
 * Prints one JSON object a line and file: path, language, status, reason, wall_ms, and `next`: the
 * status of a harmless file of the same language analysed right after it. With --repeat the files
 * are analysed N times more, and a last line has the mean microseconds a file.
 */
#include <fcntl.h>
#include <stdio.h>

#include "analyze/analysis.h"
#include "analyze/analyzer.h"
#include "analyze/language.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/number.h"

#define BIG_BYTES ((uint64_t)64 << 20)
#define NEXT_BYTES ((uint64_t)4 << 10)

/* Everything that stays the same from file to file. */
struct setup {
    struct analyzer *analyzer;
    uint64_t max_content_bytes, max_parse_bytes[LANGUAGE_CLASSES];
    struct analyze_limits limits;
    struct zygote_settings zygote;
};

static const struct setup usual = {
    .max_content_bytes = (uint64_t)8 << 20,
    .max_parse_bytes = {[LANGUAGE_CODE] = (uint64_t)2 << 20,
        [LANGUAGE_DATA] = (uint64_t)4 << 20,
        [LANGUAGE_MARKDOWN] = (uint64_t)1 << 20},
    .limits = {.cpu_ms = 2000, .memory_bytes = (uint64_t)256 << 20},
    .zygote = {.n_workers = 2,
        .max_file_bytes = (uint64_t)4 << 20,
        .file_memory_bytes = (uint64_t)256 << 20,
        .total_memory_bytes = (uint64_t)512 << 20},
};

static void lift_size_limits(struct setup *setup)
{
    setup->max_content_bytes = setup->zygote.max_file_bytes = BIG_BYTES;
    for (size_t i = 0; i < LANGUAGE_CLASSES; i++)
        setup->max_parse_bytes[i] = BIG_BYTES;
    setup->limits.minified.file_bytes = BIG_BYTES;
    setup->limits.minified.line_bytes = setup->limits.minified.mean_line_bytes = UINT32_MAX;
}

static bool read_path(
    const struct setup *setup, const char *path, struct arena *arena, struct reading *ret_reading)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    struct error err = ERROR_INIT;
    return fd >= 0 && fstat(fd, &st) == 0 &&
           read_file(fd, &st, setup->max_content_bytes, arena, ret_reading, &err) == READ_DONE;
}

static bool analyse(const struct setup *setup, const struct language *language, const char *path,
    const struct reading *reading, struct arena *arena, struct code_facts *ret_code)
{
    struct error err = ERROR_INIT;
    if (analyzer_run(setup->analyzer, (unsigned)(language - languages), path, reading,
            setup->max_parse_bytes[language->class], &setup->limits, arena, ret_code, &err))
        return true;
    (void)fprintf(stderr, "%s: %s\n", path, err.message);
    return false;
}

static const char *status_of_next(
    const struct setup *setup, const struct language *language, struct arena *arena)
{
    struct reading reading;
    struct code_facts code;
    read_block("", 0, 0100644, NEXT_BYTES, arena, &reading);
    return analyse(setup, language, "next", &reading, arena, &code)
               ? parse_status_word(code.parse_status)
               : "none";
}

static bool report(const struct setup *setup, const char *path)
{
    struct arena *arena = arena_new(0);
    struct reading reading;
    struct code_facts code;
    AUTO_BUF out = BUF_INIT;
    struct json json = JSON_INIT(&out);
    const struct language *language = NULL;
    uint64_t start_us = clock_monotonic_us();
    bool fine = read_path(setup, path, arena, &reading);
    if (fine)
        language = language_of_content(path, reading.head, reading.head_length);
    fine = language != NULL && analyse(setup, language, path, &reading, arena, &code);
    if (fine) {
        uint64_t wall_us = clock_monotonic_us() - start_us;
        json_object_begin(&json);
        json_key_string(&json, "path", path);
        json_key_string(&json, "language", language->id);
        json_key_string(&json, "status", parse_status_word(code.parse_status));
        json_key_string(&json, "reason", code.reason);
        json_key_double(&json, "wall_ms", (double)wall_us / 1000);
        json_key_bool(&json, "tree", code.blob[BLOB_AST].bytes != NULL);
        json_key_string(&json, "next", status_of_next(setup, language, arena));
        json_object_end(&json);
        (void)puts(buf_string(&out));
    }
    arena_free(arena);
    return fine;
}

static void repeat(const struct setup *setup, char **paths, int n_paths, uint64_t times)
{
    struct arena *kept = arena_new(0);
    struct reading *readings = arena_alloc(kept, (size_t)n_paths, sizeof(*readings));
    for (int i = 0; i < n_paths; i++) {
        if (!read_path(setup, paths[i], kept, &readings[i]))
            return;
    }
    uint64_t start_us = clock_monotonic_us(), parse_us = 0, walk_us = 0;
    for (uint64_t n = 0; n < times; n++) {
        for (int i = 0; i < n_paths; i++) {
            struct arena *arena = arena_new(0);
            struct code_facts code;
            const struct language *language =
                language_of_content(paths[i], readings[i].head, readings[i].head_length);
            if (analyse(setup, language, paths[i], &readings[i], arena, &code)) {
                parse_us += code.parse_us;
                walk_us += code.walk_us;
            }
            arena_free(arena);
        }
    }
    double files = (double)times * n_paths;
    printf("{\"files\":%.0f,\"us\":%.1f,\"parse_us\":%.1f,\"walk_us\":%.1f}\n", files,
        (double)(clock_monotonic_us() - start_us) / files, (double)parse_us / files,
        (double)walk_us / files);
    arena_free(kept);
}

int main(int argc, char **argv)
{
    zygote_maybe_main(argc, argv, &analysis_ops);
    struct setup setup = usual;
    uint64_t times = 0;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--big") == 0) {
        lift_size_limits(&setup);
        first = 2;
    }
    if (argc > 3 && strcmp(argv[1], "--repeat") == 0 && number_u64(argv[2], 1, 1000000, &times))
        first = 3;
    struct zygote *zygote = NULL;
    struct error err = ERROR_INIT;
    if (!zygote_start(&setup.zygote, &zygote, &err)) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    setup.analyzer = analyzer_new(zygote);
    bool fine = true;
    for (int i = first; i < argc; i++)
        fine = report(&setup, argv[i]) && fine;
    if (times > 0 && fine)
        repeat(&setup, argv + first, argc - first, times);
    analyzer_free(setup.analyzer);
    zygote_stop(zygote);
    return fine ? 0 : 1;
}
