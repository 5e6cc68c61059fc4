#include "app/reference.h"

/* What text_lines_measure() gives: no grammar is needed for it. */
static bool is_text_metric(enum metric metric)
{
    static const enum metric text_metrics[] = {METRIC_LINES_TOTAL, METRIC_LINES_BLANK,
        METRIC_LINE_LENGTH_MAX, METRIC_LINE_LENGTH_MEAN, METRIC_SIZE_BYTES};
    for (size_t i = 0; i < ARRAY_SIZE(text_metrics); i++) {
        if (text_metrics[i] == metric)
            return true;
    }
    return false;
}

bool metric_is_valid(const struct language *language, enum metric metric)
{
    if (is_text_metric(metric))
        return true;
    return language->grammar != NULL && language_has(language, metric_infos[metric].valid);
}

static void add_languages(struct buf *out, enum metric metric)
{
    size_t n_valid = 0;
    for (size_t i = 0; i < language_count; i++)
        n_valid += metric_is_valid(&languages[i], metric);
    if (n_valid == language_count) {
        buf_adds(out, "all");
        return;
    }
    const char *separator = "";
    for (size_t i = 0; i < language_count; i++) {
        if (!metric_is_valid(&languages[i], metric))
            continue;
        buf_addf(out, "%s%s", separator, languages[i].name);
        separator = ", ";
    }
    if (n_valid == 0)
        buf_adds(out, "none");
}

static void add_metric(struct buf *out, enum metric metric)
{
    static const char *const types[] = {
        [METRIC_INT] = "integer", [METRIC_BIGINT] = "bigint", [METRIC_DOUBLE] = "double precision"};
    const struct metric_info *info = &metric_infos[metric];
    buf_addf(out, "\n## %s\n\n%s\n\n", info->column, info->definition);
    buf_addf(out, "- Type: %s\n", types[info->type]);
    if (info->unit[0] != '\0')
        buf_addf(out, "- Unit: %s\n", info->unit);
    if (info->formula[0] != '\0')
        buf_addf(out, "- Formula: `%s`\n", info->formula);
    if (info->source[0] != '\0')
        buf_addf(out, "- Source: %s\n", info->source);
    buf_adds(out, "- Languages: ");
    add_languages(out, metric);
    buf_adds(out, "\n");
}

void metric_reference(struct buf *out)
{
    buf_adds(out,
        "# Metrics\n\n"
        "The metric columns of `codebase_metadata`, in the order of the table. NULL says that a "
        "metric was not measured or has no\n"
        "meaning for the language; it is never a made-up 0. This page is printed by `srctab "
        "languages --reference`, from the table\n"
        "that also yields the columns' comments in the database (`\\d+ codebase_metadata`).\n");
    for (size_t i = 0; i < METRICS; i++)
        add_metric(out, (enum metric)i);
}
