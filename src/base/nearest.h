/* nearest.h - "did you mean": the closest of a list of words. Pure. Thread: any. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/** The word with the smallest edit distance (insert, delete, replace, swap) to `typed`, or NULL if
 * none is within a third of its length. words: n borrowed strings. */
const char *nearest_word(const char *typed, const char *const *words, size_t n_words);

#endif
