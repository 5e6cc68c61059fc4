#include "base/nearest.h"

#include <stdint.h>

#include "base/attr.h"

#define WORD_MAX 48

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance (Damerau 1964, restricted), three rows. */
static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= n_b; j++)
        last[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        now[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            now[j] =
                smaller(smaller(last[j] + 1, now[j - 1] + 1), last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = smaller(now[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[n_b];
}

const char *nearest_word(const char *typed, const char *const *words, size_t n_words)
{
    size_t n_typed = strlen(typed);
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    if (n_typed > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < n_words; i++) {
        size_t length = strlen(words[i]);
        if (length > WORD_MAX)
            continue;
        size_t d = distance(typed, n_typed, words[i], length);
        if (d < best_distance && d * 3 <= (n_typed > length ? n_typed : length) + 1) {
            best = words[i];
            best_distance = d;
        }
    }
    return best;
}
