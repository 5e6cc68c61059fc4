/* wildmatch.h - match a path against one gitignore(5) pattern. Pure. Thread: any. */
#ifndef WATCH_WILDMATCH_H
#define WATCH_WILDMATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/**
 * The whole text must match. `*` and `?` do not match a slash; a whole component `**` matches any
 * number of components (gitignore(5), PATTERN FORMAT); two stars elsewhere are one. `[a-z]`,
 * `[!a]`, `[^a]`,
 * `[[:alpha:]]` match one byte but a slash; `\` takes the next byte as it is. A pattern that is not
 * well formed (`[a`, a lone `\` at the end) matches nothing. Bytes, not characters. Time: O(pattern
 * * text).
 */
bool wildmatch(const char *pattern, size_t pattern_length, const char *text, size_t text_length);

/** Bytes before the first of `*`, `?`, `[`, `\`: what can be compared without wildmatch(). */
size_t wildmatch_literal_length(const char *pattern, size_t pattern_length);

#endif
