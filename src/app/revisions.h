/* revisions.h - the current parser_rev and metrics_version of every language under one
 * configuration (guarantees 10). Immutable. Thread: any. */
#ifndef APP_REVISIONS_H
#define APP_REVISIONS_H

#include <stdint.h>

#include "analyze/language.h"
#include "app/config.h"

struct revision {
    int32_t parser_rev;
    int32_t metrics_version;
};

struct revisions;

struct revisions *revisions_new(const struct config *config);
void revisions_free(struct revisions *revisions);

/** language NULL: files of no known language. */
struct revision revision_of(const struct revisions *revisions, const struct language *language);

#endif
