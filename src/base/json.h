/* json.h - write JSON into a buf: commas are kept by the writer, text is made valid UTF-8 without
 * NUL. Thread: one owner. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
    struct buf *out;
    bool comma; /* the next value or key needs one before it */
};

#define JSON_INIT(buf) ((struct json){.out = (buf)})

void json_object_begin(struct json *json);
void json_object_end(struct json *json);
void json_array_begin(struct json *json);
void json_array_end(struct json *json);
/** key: plain ASCII, written as is. */
void json_key(struct json *json, const char *key);
/** Bytes that are not UTF-8 become U+FFFD, NUL is dropped (PostgreSQL refuses both), control
 * characters are escaped. NULL writes null. */
void json_string(struct json *json, const char *string);
void json_bytes(struct json *json, const char *bytes, size_t length);
void json_i64(struct json *json, int64_t value);
void json_u64(struct json *json, uint64_t value);
/** Shortest form that reads back equal; NaN and infinities become null; whole numbers have no
 * fraction. */
void json_double(struct json *json, double value);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
/** Text that already is JSON. */
void json_raw(struct json *json, const char *text, size_t length);

/* key and value in one call */
void json_key_string(struct json *json, const char *key, const char *string);
void json_key_bytes(struct json *json, const char *key, const char *bytes, size_t length);
void json_key_i64(struct json *json, const char *key, int64_t value);
void json_key_u64(struct json *json, const char *key, uint64_t value);
void json_key_double(struct json *json, const char *key, double value);
void json_key_bool(struct json *json, const char *key, bool value);

#endif
