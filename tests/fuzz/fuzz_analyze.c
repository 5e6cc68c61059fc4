/*
 * fuzz_analyze - any text as a source: the first line names the language, the rest is parsed,
 * walked and measured in this process. What comes out must pass the checks that the daemon makes.
 * Scanners of others run here without a sandbox: what they break is theirs, and the reason why the
 * daemon has one.
 */
#include <assert.h>

#include "analyze/analyze.h"
#include "analyze/facts_area.h"
#include "analyze/language.h"
#include "fuzz.h"

#define AREA_BYTES ((size_t)1 << 20)

/* Compiling takes longer than a run, so plans are kept between runs. */
static struct plans *plans_of_all_runs(void)
{
    static struct plans *plans;
    if (plans == NULL)
        plans = plans_new();
    return plans;
}

static const struct language *language_of_input(const uint8_t *bytes, size_t length)
{
    char id[32] = "";
    if (length < sizeof(id))
        memcpy(id, bytes, length);
    return language_by_id(id);
}

static void check_facts(const struct code_facts *code, struct arena *arena)
{
    struct code_facts read;
    struct error err = ERROR_INIT;
    AUTO_FREE void *area = memory_new(AREA_BYTES, 1);
    if (!facts_area_write(area, AREA_BYTES, 1, code))
        return;
    if (!facts_area_read(area, AREA_BYTES, 1, arena, &read, &err)) {
        (void)fprintf(stderr, "%s\n", err.message);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    const uint8_t *line_end = n_bytes > 0 ? memchr(bytes, '\n', n_bytes) : NULL;
    if (line_end == NULL)
        return 0;
    const struct language *language = language_of_input(bytes, (size_t)(line_end - bytes));
    const struct plan *plan = NULL;
    struct error err = ERROR_INIT;
    if (language == NULL || !plans_get(plans_of_all_runs(), language, &plan, &err))
        return 0;
    const struct analyze_limits limits = ANALYZE_LIMITS_DEFAULT;
    struct code_facts code;
    struct arena *arena = arena_new(0);
    size_t n_source = n_bytes - (size_t)(line_end + 1 - bytes);
    /* One byte more: the sanitizer's regexec() looks for a NUL although REG_STARTEND says where the
     * text ends. */
    AUTO_FREE uint8_t *source = memory_new(n_source + 1, 1);
    memcpy(source, line_end + 1, n_source);
    if (analyze_source(plan, &limits, "src/input", source, n_source, arena, &code, &err))
        check_facts(&code, arena);
    arena_free(arena);
    return 0;
}
