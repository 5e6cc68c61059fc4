/* explain.h - how one analysed file is shown: JSON as the schema reference has it, or text. Thread:
 * main only. */
#ifndef APP_EXPLAIN_H
#define APP_EXPLAIN_H

#include <stdbool.h>

#include "analyze/language.h"
#include "analyze/read.h"
#include "app/output.h"
#include "model/facts.h"

struct explained {
    const char *path; /* as given; "-": standard input */
    struct reading reading;
    const struct language *language; /* NULL: unknown */
    struct code_facts code;
    bool has_rule; /* the next two are known */
    bool counts;   /* would be ingested */
    const char *rule;
};

/** One object on a line: v, path, language, content_hash, parse_status, metrics, functions,
 * classes, imports, exports, symbols, findings. */
void explain_json(struct output *output, const struct explained *file);

void explain_text(struct output *output, const struct explained *file);

#endif
