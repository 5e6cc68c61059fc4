/* intern.h - gives equal byte strings equal small numbers, in order of first sight. Thread: one
 * owner. */
#ifndef ANALYZE_INTERN_H
#define ANALYZE_INTERN_H

#include "base/arena.h"
#include "model/facts.h"

struct intern;

struct intern *intern_new(struct arena *arena);
/** Number of the text, 0 for the first one seen. The bytes are borrowed and have to stay. */
uint32_t intern_text(struct intern *intern, struct text text);
/** Different texts so far. */
uint32_t intern_count(const struct intern *intern);

#endif
