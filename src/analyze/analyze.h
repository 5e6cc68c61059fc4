/*
 * analyze.h - what one source text says: bytes in, metrics and documents out. A pure library call,
 * used by the worker processes, unit tests and fuzzers; it reads no file and keeps nothing. Thread:
 * any; plans are shared once made.
 */
#ifndef ANALYZE_ANALYZE_H
#define ANALYZE_ANALYZE_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/language.h"
#include "analyze/limits.h"
#include "base/arena.h"
#include "base/error.h"
#include "model/facts.h"

struct plan;
struct plans;

/** An empty set of plans, one place per row of languages[]. Never NULL. */
struct plans *plans_new(void);
void plans_free(struct plans *plans);

/**
 * The plan of a language, compiled at the first call (2 to 140 ms) and borrowed from the set. Not
 * for two threads at a time; compile first, then share. Errors (ERROR_CONFIG): what is wrong in its
 * queries, with file and line; a language without a grammar.
 */
CHECKED bool plans_get(struct plans *plans, const struct language *language,
    const struct plan **ret_plan, struct error *err);

/**
 * Parse, walk, measure. plan: NULL for a language without a grammar: text metrics, parse_status
 * unsupported. path: relative, for rules about test files. bytes: the text, at most 4 GiB - 1.
 * arena: holds the documents of *ret_code and serves as working memory. parse_status: ok, partial,
 * timeout (over limits->cpu_ms of this thread's CPU time; then text metrics alone). Memory is
 * capped by the caller (capped_alloc.h). Errors: ERROR_ANALYSIS when the runtime refuses the
 * grammar or the text is too long.
 */
CHECKED bool analyze_source(const struct plan *plan, const struct analyze_limits *limits,
    const char *path, const uint8_t *bytes, size_t n_bytes, struct arena *arena,
    struct code_facts *ret_code, struct error *err);

/**
 * The revisions of rows (guarantees: a row is skipped only if they are equal): 31 bits of a SHA-256
 * over the grammar's version, its queries, the definitions of the columns, this program's way of
 * measuring, the limits, and `settings`, which is whatever else shapes the row. language: NULL for
 * unknown ones. Never 0.
 */
void analyze_revisions(const struct language *language, const struct analyze_limits *limits,
    const char *settings, int32_t *ret_parser_rev, int32_t *ret_metrics_version);

#endif
