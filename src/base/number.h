/* number.h - text to numbers, durations and sizes, checked. Pure. Thread: any. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

/** Whole text must be a number in [min, max]. */
CHECKED bool number_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret_value);
CHECKED bool number_i64(const char *text, int64_t min, int64_t max, int64_t *ret_value);
CHECKED bool number_double(const char *text, double *ret_value);
/** "200ms", "2s", "1.5s", "10m", "1h", "7d": a unit is required, but for a plain 0. Result in ms.
 */
CHECKED bool number_duration_ms(const char *text, uint64_t *ret_ms);

#endif
