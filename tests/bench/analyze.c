/*
 * analyze - what analysis costs beside parsing: reads each file of the given trees that is in a
 * known language, and prints the CPU time of read + parse + walk + all metrics and documents over
 * that of read + parse alone (one parser reused for all files), per tree. A ratio, so that the
 * machine's load hardly matters; the fastest of several rounds counts. Then what the parts cost, in
 * percent of parsing: the cursor alone, the walk with its queries, the columns of the tree, and
 * then each family of metrics.
 *
 * usage: analyze DIR…
 */
#include <fts.h>
#include <stdio.h>
#include <tree_sitter/api.h>

#include "analyze/analyze.h"
#include "analyze/measures.h"
#include "analyze/plan.h"
#include "base/clock.h"
#include "base/fd.h"

enum { ROUNDS = 3, MAX_FILE_BYTES = 2 << 20, MAX_PARTS = 32 };

struct file {
    char *path;
    const struct language *language;
};

struct tree {
    struct file *files;
    size_t n, capacity, bytes;
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void add_file(struct tree *tree, const char *path)
{
    AUTO_BUF source = BUF_INIT;
    struct error err = ERROR_INIT;
    if (!fd_read_file(path, MAX_FILE_BYTES, &source, &err))
        return;
    const struct language *language =
        language_of_content(path, (const uint8_t *)buf_string(&source), source.length);
    if (!language || !language->grammar)
        return;
    if (tree->n == tree->capacity) {
        tree->capacity = tree->capacity ? 2 * tree->capacity : 256;
        tree->files = memory_resize(tree->files, tree->capacity, sizeof(*tree->files));
    }
    tree->files[tree->n++] = (struct file){memory_string(path), language};
    tree->bytes += source.length;
}

static struct tree find_files(char *root)
{
    struct tree tree = {0};
    char *roots[] = {root, NULL};
    FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; fts && (entry = fts_read(fts));)
        if (entry->fts_info == FTS_F)
            add_file(&tree, entry->fts_path);
    if (fts)
        fts_close(fts);
    return tree;
}

static double time_parse(const struct tree *tree)
{
    double start = cpu_seconds();
    TSParser *parser = ts_parser_new();
    for (size_t i = 0; i < tree->n; i++) {
        AUTO_BUF source = BUF_INIT;
        struct error err = ERROR_INIT;
        if (!fd_read_file(tree->files[i].path, MAX_FILE_BYTES, &source, &err) ||
            !ts_parser_set_language(parser, tree->files[i].language->grammar()))
            continue;
        ts_tree_delete(
            ts_parser_parse_string(parser, NULL, buf_string(&source), (uint32_t)source.length));
    }
    ts_parser_delete(parser);
    return cpu_seconds() - start;
}

struct parts {
    double all, parse, walk; /* seconds; parse and walk are inside all */
};

static struct parts time_analyze(const struct tree *tree, struct plans *plans)
{
    struct parts parts = {0};
    struct analyze_limits limits = {.cpu_ms = 0};
    double start = cpu_seconds();
    for (size_t i = 0; i < tree->n; i++) {
        AUTO_BUF source = BUF_INIT;
        struct error err = ERROR_INIT;
        const struct plan *plan;
        if (!fd_read_file(tree->files[i].path, MAX_FILE_BYTES, &source, &err) ||
            !plans_get(plans, tree->files[i].language, &plan, &err))
            continue;
        struct arena *arena = arena_new(0);
        struct code_facts code;
        if (analyze_source(plan, &limits, tree->files[i].path, (const uint8_t *)buf_string(&source),
                source.length, arena, &code, &err)) {
            parts.parse += code.parse_us / 1e6;
            parts.walk += code.walk_us / 1e6;
        }
        arena_free(arena);
    }
    parts.all = cpu_seconds() - start;
    return parts;
}

/* Every node once, by the library's cursor alone. */
static void visit(TSTree *tree)
{
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    bool more = true;
    while (more) {
        if (ts_tree_cursor_goto_first_child(&cursor))
            continue;
        while (!(more = ts_tree_cursor_goto_next_sibling(&cursor)))
            if (!ts_tree_cursor_goto_parent(&cursor))
                break;
    }
    ts_tree_cursor_delete(&cursor);
}

static double time_visit(TSTree *tree)
{
    double start = cpu_seconds();
    visit(tree);
    return cpu_seconds() - start;
}

/* The walk with the first n measures. */
static double time_walk(
    const struct plan *plan, const struct buf *source, TSTree *tree, size_t n, bool with_columns)
{
    double start = cpu_seconds();
    struct arena *arena = arena_new(0);
    struct walk walk = {.plan = plan,
        .path = "",
        .bytes = (const uint8_t *)buf_string(source),
        .length = (uint32_t)source->length,
        .arena = arena};
    struct code_facts facts = {0};
    void *states[MAX_PARTS];
    AUTO_BUF columns = BUF_INIT;
    walk_tree(&walk, tree, measures, states, n, with_columns ? &columns : NULL, NULL, NULL);
    for (size_t i = 0; i < n; i++)
        measures[i]->finish(states[i], &walk, &facts);
    for (size_t i = 0; i < n; i++)
        if (measures[i]->release)
            measures[i]->release(states[i]);
    arena_free(arena);
    return cpu_seconds() - start;
}

/* seconds[0]: cursor, [1]: walk and queries, [2]: and columns, [3 + i]: and measures 0 to i. */
static void time_parts(const struct file *file, struct plans *plans, double *seconds)
{
    AUTO_BUF source = BUF_INIT;
    struct error err = ERROR_INIT;
    const struct plan *plan;
    if (!fd_read_file(file->path, MAX_FILE_BYTES, &source, &err) ||
        !plans_get(plans, file->language, &plan, &err))
        return;
    TSParser *parser = ts_parser_new();
    if (ts_parser_set_language(parser, plan->grammar)) {
        TSTree *tree =
            ts_parser_parse_string(parser, NULL, buf_string(&source), (uint32_t)source.length);
        seconds[0] += time_visit(tree);
        seconds[1] += time_walk(plan, &source, tree, 0, false);
        for (size_t n = 0; n <= n_measures; n++)
            seconds[2 + n] += time_walk(plan, &source, tree, n, true);
        ts_tree_delete(tree);
    }
    ts_parser_delete(parser);
}

static void print_parts(const struct tree *tree, struct plans *plans, double parse)
{
    double seconds[MAX_PARTS] = {0};
    for (size_t i = 0; i < tree->n; i++)
        time_parts(&tree->files[i], plans, seconds);
    printf("    %% of parsing: cursor %.0f, queries %.0f, columns %.0f", 100 * seconds[0] / parse,
        100 * (seconds[1] - seconds[0]) / parse, 100 * (seconds[2] - seconds[1]) / parse);
    for (size_t i = 0; i < n_measures; i++)
        printf(", %s %.1f", measures[i]->name, 100 * (seconds[3 + i] - seconds[2 + i]) / parse);
    puts("");
}

static void compile(const struct tree *tree, struct plans *plans)
{
    for (size_t i = 0; i < tree->n; i++) {
        struct error err = ERROR_INIT;
        const struct plan *plan;
        if (plans_get(plans, tree->files[i].language, &plan, &err))
            continue;
        (void)fprintf(stderr, "%s\n%s\n", err.message, err.hint);
        exit(2);
    }
}

static void bench(char *root, struct plans *plans)
{
    struct tree tree = find_files(root);
    compile(&tree, plans);
    double parse = 0;
    struct parts best = {0};
    for (int round = 0; round < ROUNDS; round++) {
        double seconds = time_parse(&tree);
        parse = round == 0 || seconds < parse ? seconds : parse;
        struct parts parts = time_analyze(&tree, plans);
        best = round == 0 || parts.all < best.all ? parts : best;
    }
    if (parse > 0) {
        printf("%-44s %7zu %8.1f %8.3f %8.3f %7.2f %7.2f\n", root, tree.n, (double)tree.bytes / 1e6,
            parse, best.all, best.all / parse, best.walk / best.parse);
        print_parts(&tree, plans, parse);
    }
    (void)fflush(stdout);
    for (size_t i = 0; i < tree.n; i++)
        free(tree.files[i].path);
    free(tree.files);
}

int main(int argc, char **argv)
{
    struct plans *plans = plans_new();
    printf("%-44s %7s %8s %8s %8s %7s %7s\n", "tree", "files", "MB", "parse s", "all s", "ratio",
        "walk");
    for (int i = 1; i < argc; i++)
        bench(argv[i], plans);
    plans_free(plans);
    return 0;
}
