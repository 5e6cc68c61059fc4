#include "analyze/analysis.h"

#include <tree_sitter/api.h>

#include "analyze/analyze.h"
#include "analyze/capped_alloc.h"

static bool start(void **ret_shared, struct error *err)
{
    (void)err;
    ts_set_allocator(ts_capped_malloc, ts_capped_calloc, ts_capped_realloc, ts_capped_free);
    *ret_shared = plans_new();
    return true;
}

static bool prepare(void *shared, unsigned language, struct error *err)
{
    const struct plan *plan;
    if (language >= language_count || !languages[language].grammar)
        return true;
    return plans_get(shared, &languages[language], &plan, err);
}

static bool analyse(void *shared, unsigned language, const struct analyze_limits *limits,
    const char *path, const uint8_t *bytes, size_t n_bytes, struct arena *arena,
    struct code_facts *ret_code, struct error *err)
{
    const struct plan *plan = NULL;
    if (language >= language_count)
        return error_set(err, ERROR_BUG, 0, "no language has number %u", language);
    if (languages[language].grammar && !plans_get(shared, &languages[language], &plan, err))
        return false;
    return analyze_source(plan, limits, path, bytes, n_bytes, arena, ret_code, err);
}

const struct worker_ops analysis_ops = {.start = start, .prepare = prepare, .analyse = analyse};
