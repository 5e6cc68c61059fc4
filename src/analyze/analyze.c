#include "analyze/analyze.h"

#include <math.h>
#include <time.h>

#include "analyze/engine_digest.h"
#include "analyze/measures.h"
#include "analyze/plan.h"
#include "analyze/text_lines.h"
#include "base/sha256.h"

struct plans {
    struct plan **of; /* by row of languages[] */
};

struct plans *plans_new(void)
{
    struct plans *plans = memory_new(1, sizeof(*plans));
    plans->of = memory_new(language_count, sizeof(struct plan *));
    return plans;
}

void plans_free(struct plans *plans)
{
    if (!plans)
        return;
    for (size_t i = 0; i < language_count; i++)
        plan_free(plans->of[i]);
    free(plans->of);
    free(plans);
}

bool plans_get(struct plans *plans, const struct language *language, const struct plan **ret_plan,
    struct error *err)
{
    if (!language->grammar)
        return error_set(err, ERROR_CONFIG, 0, "language \"%s\" has no grammar", language->id);
    struct plan **plan = &plans->of[language - languages];
    if (!*plan && !plan_new(language, PLAN_TABLES, plan, err))
        return false;
    *ret_plan = *plan;
    return true;
}

/* ---- parsing ---- */

/* The parser asks every hundred steps, the clock is a system call: it is read every eighth time. */
enum { ASKED_PER_READING = 8 };

struct budget {
    uint64_t deadline_ns; /* of this thread's CPU time */
    uint32_t n_asked;
};

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static bool over_budget(void *context)
{
    return cpu_ns() > ((const struct budget *)context)->deadline_ns;
}

static bool parse_progress(TSParseState *state)
{
    struct budget *budget = state->payload;
    return ++budget->n_asked % ASKED_PER_READING == 0 && over_budget(budget);
}

struct source {
    const uint8_t *bytes;
    uint32_t length;
};

static const char *read_source(void *payload, uint32_t at, TSPoint point, uint32_t *ret_length)
{
    (void)point;
    const struct source *source = payload;
    *ret_length = at < source->length ? source->length - at : 0;
    return (const char *)source->bytes + (at < source->length ? at : source->length);
}

static void delete_parser(TSParser **parser)
{
    if (*parser)
        ts_parser_delete(*parser);
}

static void delete_tree(TSTree **tree)
{
    if (*tree)
        ts_tree_delete(*tree);
}

/* A new parser per file costs 0.2 us and leaves nothing behind. *ret_tree: NULL when the budget ran
 * out. */
static bool parse(const struct plan *plan, struct source *source, struct budget *budget,
    TSTree **ret_tree, struct error *err)
{
    CLEANUP(delete_parser) TSParser *parser = ts_parser_new();
    if (!ts_parser_set_language(parser, plan->grammar))
        return error_set(err, ERROR_ANALYSIS, 0,
            "grammar of language \"%s\" does not fit the parser", plan->language->id);
    TSInput input = {.payload = source, .read = read_source, .encoding = TSInputEncodingUTF8};
    TSParseOptions options = {.payload = budget, .progress_callback = parse_progress};
    *ret_tree = ts_parser_parse_with_options(parser, NULL, input, options);
    return true;
}

/* ---- walking ---- */

static void text_measures(const uint8_t *bytes, size_t n_bytes, struct code_facts *facts)
{
    struct text_lines lines = {0};
    text_lines_add(&lines, bytes, n_bytes);
    text_lines_finish(&lines);
    text_lines_measure(&lines, n_bytes, facts);
}

/* A metric that has no meaning for the language is NULL, whatever was counted. */
static void drop_meaningless(const struct language *language, double *metric)
{
    for (unsigned i = 0; i < METRICS; i++)
        if (!language_has(language, metric_infos[i].valid))
            metric[i] = NAN;
}

static uint32_t elapsed_us(uint64_t since_ns)
{
    uint64_t us = (cpu_ns() - since_ns) / 1000;
    return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static bool walk_and_measure(
    struct walk *walk, TSTree *tree, struct budget *budget, struct code_facts *facts)
{
    void **states = arena_alloc(walk->arena, n_measures, sizeof(*states));
    AUTO_BUF ast = BUF_INIT;
    bool done =
        walk_tree(walk, tree, measures, states, n_measures, &ast, over_budget, budget) == WALK_DONE;
    for (size_t i = 0; done && i < n_measures; i++)
        measures[i]->finish(states[i], walk, facts);
    for (size_t i = 0; i < n_measures; i++)
        if (measures[i]->release)
            measures[i]->release(states[i]);
    if (!done)
        return false;
    facts->metric[METRIC_PARSE_ERROR_COUNT] = walk->n_errors;
    facts->blob[BLOB_AST] =
        (struct text){arena_copy(walk->arena, buf_string(&ast), ast.length), ast.length};
    drop_meaningless(walk->plan->language, facts->metric);
    return true;
}

static void note_timeout(struct code_facts *facts, const struct analyze_limits *limits,
    const uint8_t *bytes, size_t n_bytes)
{
    uint32_t parse_us = facts->parse_us;
    text_measures(bytes, n_bytes, facts);
    facts->parse_us = parse_us;
    facts->parse_status = PARSE_TIMEOUT;
    (void)snprintf(
        facts->reason, sizeof(facts->reason), "parse took longer than %u ms", limits->cpu_ms);
}

bool analyze_source(const struct plan *plan, const struct analyze_limits *limits, const char *path,
    const uint8_t *bytes, size_t n_bytes, struct arena *arena, struct code_facts *ret_code,
    struct error *err)
{
    if (n_bytes >= UINT32_MAX)
        return error_set(err, ERROR_ANALYSIS, 0, "text of %zu bytes is too long to parse", n_bytes);
    struct code_facts facts = {0};
    text_measures(bytes, n_bytes, &facts);
    if (!plan) {
        facts.parse_status = PARSE_UNSUPPORTED;
        *ret_code = facts;
        return true;
    }
    uint64_t start_ns = cpu_ns();
    struct budget budget = {.deadline_ns = limits->cpu_ms == 0
                                               ? UINT64_MAX
                                               : start_ns + (uint64_t)limits->cpu_ms * 1000000};
    struct source source = {bytes, (uint32_t)n_bytes};
    CLEANUP(delete_tree) TSTree *tree = NULL;
    if (!parse(plan, &source, &budget, &tree, err))
        return false;
    uint64_t parsed_ns = cpu_ns();
    facts.parse_us = elapsed_us(start_ns);
    struct walk walk = {
        .plan = plan, .path = path, .bytes = bytes, .length = (uint32_t)n_bytes, .arena = arena};
    if (!tree || !walk_and_measure(&walk, tree, &budget, &facts)) {
        note_timeout(&facts, limits, bytes, n_bytes);
    } else {
        facts.parse_status = walk.n_errors > 0 ? PARSE_PARTIAL : PARSE_OK;
        if (walk.n_errors > 0)
            (void)snprintf(facts.reason, sizeof(facts.reason), "%u syntax error%s", walk.n_errors,
                walk.n_errors == 1 ? "" : "s");
    }
    facts.walk_us = elapsed_us(parsed_ns);
    *ret_code = facts;
    return true;
}

/* ---- revisions ---- */

static void add_string(struct sha256 *hash, const char *string)
{
    sha256_add(hash, string, strlen(string) + 1);
}

static int32_t finish_revision(struct sha256 *hash)
{
    uint8_t digest[SHA256_BYTES];
    sha256_finish(hash, digest);
    int32_t revision = (int32_t)((digest[0] & 0x7fu) << 24 | (unsigned)digest[1] << 16 |
                                 (unsigned)digest[2] << 8 | digest[3]);
    return revision != 0 ? revision : 1;
}

static struct sha256 *begin_revision(
    const struct language *language, const struct analyze_limits *limits, const char *settings)
{
    struct sha256 *hash = sha256_new();
    add_string(hash, ENGINE_DIGEST);
    add_string(hash, language ? language->digest : "");
    sha256_add(hash, &limits->cpu_ms, sizeof(limits->cpu_ms));
    sha256_add(hash, &limits->memory_bytes, sizeof(limits->memory_bytes));
    add_string(hash, settings);
    return hash;
}

void analyze_revisions(const struct language *language, const struct analyze_limits *limits,
    const char *settings, int32_t *ret_parser_rev, int32_t *ret_metrics_version)
{
    *ret_parser_rev = finish_revision(begin_revision(language, limits, settings));
    struct sha256 *hash = begin_revision(language, limits, settings);
    for (unsigned i = 0; i < METRICS; i++) {
        const struct metric_info *info = &metric_infos[i];
        const char *const words[] = {
            info->column, info->unit, info->valid, info->definition, info->formula, info->source};
        for (size_t w = 0; w < ARRAY_SIZE(words); w++)
            add_string(hash, words[w]);
    }
    *ret_metrics_version = finish_revision(hash);
}
