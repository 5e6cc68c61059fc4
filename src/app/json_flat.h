/* json_flat.h - read one flat JSON object: the requests and answers of the control socket. Strict,
 * bounded, no nesting kept. Thread: one owner. */
#ifndef APP_JSON_FLAT_H
#define APP_JSON_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct json_flat;

/** Parse text. Values that are objects or arrays are kept as their text. Result lives in arena.
 * Errors: ERROR_IO with the position. */
CHECKED bool json_flat_parse(
    const char *text, struct arena *arena, struct json_flat **ret_object, struct error *err);

/** Unescaped string value, or NULL if the key is missing or not a string. */
const char *json_flat_string(const struct json_flat *object, const char *key);

/** Number, or `fallback`. */
double json_flat_number(const struct json_flat *object, const char *key, double fallback);

/** True only for the literal true. */
bool json_flat_true(const struct json_flat *object, const char *key);

/** JSON text of any value, or NULL: arrays and objects for the caller to pass on. */
const char *json_flat_raw(const struct json_flat *object, const char *key);

/** The strings of an array of strings into a NULL-terminated list in arena; NULL if it is not one.
 */
const char *const *json_flat_strings(
    const struct json_flat *object, const char *key, struct arena *arena);

#endif
