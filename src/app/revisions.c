#include "app/revisions.h"

#include "analyze/analyze.h"
#include "base/arena.h"
#include "base/buf.h"

struct revisions {
    struct revision unknown;
    struct revision of[]; /* by position in the language table */
};

static void add_words(struct buf *out, const char *const *words)
{
    for (; words != NULL && *words != NULL; words++)
        buf_addf(out, "%s,", *words);
    buf_addc(out, ';');
}

/* Which names and contents are whose: a row of a language that another one claims now is out of
 * date. */
static void add_matching(struct buf *out)
{
    for (size_t i = 0; i < language_count; i++) {
        buf_addf(out, "\n%s:", languages[i].id);
        add_words(out, languages[i].extensions);
        add_words(out, languages[i].filenames);
        add_words(out, languages[i].interpreters);
        add_words(out, languages[i].claims);
        add_words(out, languages[i].line_starts);
    }
}

struct revisions *revisions_new(const struct config *config)
{
    struct revisions *revisions =
        memory_new(1, sizeof(*revisions) + language_count * sizeof(revisions->of[0]));
    const struct analyze_limits limits = {.cpu_ms = config->analysis.parse_timeout_ms,
        .memory_bytes = (uint64_t)config->analysis.parse_memory_mb << 20};
    AUTO_BUF settings = BUF_INIT;
    buf_addf(&settings, "ast=%d content=%d,%u parse=%u,%u,%u minified=%u,%u,%u", config->store.ast,
        config->analysis.store_content, config->analysis.max_content_kb,
        config->analysis.max_parse_kb.code, config->analysis.max_parse_kb.data,
        config->analysis.max_parse_kb.markdown, config->analysis.minified.min_kb,
        config->analysis.minified.line_bytes, config->analysis.minified.mean_line_bytes);
    add_matching(&settings);
    analyze_revisions(NULL, &limits, buf_string(&settings), &revisions->unknown.parser_rev,
        &revisions->unknown.metrics_version);
    for (size_t i = 0; i < language_count; i++)
        analyze_revisions(&languages[i], &limits, buf_string(&settings),
            &revisions->of[i].parser_rev, &revisions->of[i].metrics_version);
    return revisions;
}

void revisions_free(struct revisions *revisions)
{
    free(revisions);
}

struct revision revision_of(const struct revisions *revisions, const struct language *language)
{
    return language != NULL ? revisions->of[language - languages] : revisions->unknown;
}
