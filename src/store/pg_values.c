#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <math.h>

#include "store/pg.h"

#define POSTGRES_EPOCH_US INT64_C(946684800000000) /* 2000-01-01 in microseconds since 1970 */

void pg_values_clear(struct pg_values *values)
{
    values->n = 0;
    values->size_bytes = 0;
}

static size_t add(struct pg_values *values, uint32_t type, const void *bytes, size_t length)
{
    assert(values->n < PG_VALUES_MAX && length <= INT_MAX);
    size_t at = values->n++;
    values->type[at] = type;
    values->bytes[at] = bytes;
    values->length[at] = (int)length;
    values->size_bytes += length;
    return at;
}

static void add_number(
    struct pg_values *values, uint32_t type, const void *network_order, size_t length)
{
    size_t at = add(values, type, NULL, length);
    memcpy(values->number[at], network_order, length);
    values->bytes[at] = values->number[at];
}

void pg_values_null(struct pg_values *values, uint32_t type)
{
    add(values, type, NULL, 0);
}

/* A pointer that is never NULL, since NULL means SQL's NULL even for no bytes. */
static const void *not_null(const void *bytes)
{
    return bytes != NULL ? bytes : "";
}

void pg_values_string(struct pg_values *values, const char *string)
{
    add(values, PG_TYPE_TEXT, string, string != NULL ? strlen(string) : 0);
}

void pg_values_text(struct pg_values *values, const char *bytes, size_t length)
{
    add(values, PG_TYPE_TEXT, not_null(bytes), length);
}

void pg_values_bytea(struct pg_values *values, const void *bytes, size_t length)
{
    add(values, PG_TYPE_BYTEA, not_null(bytes), length);
}

void pg_values_i32(struct pg_values *values, int32_t value)
{
    uint32_t wire = htobe32((uint32_t)value);
    add_number(values, PG_TYPE_INT4, &wire, sizeof(wire));
}

void pg_values_i64(struct pg_values *values, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);
    add_number(values, PG_TYPE_INT8, &wire, sizeof(wire));
}

void pg_values_double(struct pg_values *values, double value)
{
    if (!isfinite(value)) {
        pg_values_null(values, PG_TYPE_FLOAT8);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    bits = htobe64(bits);
    add_number(values, PG_TYPE_FLOAT8, &bits, sizeof(bits));
}

void pg_values_bool(struct pg_values *values, bool value)
{
    char wire = value ? 1 : 0;
    add_number(values, PG_TYPE_BOOL, &wire, sizeof(wire));
}

void pg_values_time(struct pg_values *values, int64_t wall_us)
{
    uint64_t wire = htobe64((uint64_t)(wall_us - POSTGRES_EPOCH_US));
    add_number(values, PG_TYPE_TIMESTAMPTZ, &wire, sizeof(wire));
}

void pg_values_uuid(struct pg_values *values, const uint8_t uuid[16])
{
    add(values, PG_TYPE_UUID, uuid, 16);
}

static char *put_u32(char *at, uint32_t value)
{
    uint32_t wire = htobe32(value);
    memcpy(at, &wire, sizeof(wire));
    return at + sizeof(wire);
}

void pg_values_strings(
    struct pg_values *values, const char *const *strings, size_t n, struct arena *arena)
{
    if (strings == NULL) {
        pg_values_null(values, PG_TYPE_TEXT_ARRAY);
        return;
    }
    size_t length = 12 + (n > 0 ? 8 : 0);
    for (size_t i = 0; i < n; i++)
        length += 4 + strlen(strings[i]);
    char *bytes = arena_alloc(arena, length, 1), *at = bytes;
    at = put_u32(at, n > 0 ? 1 : 0); /* dimensions */
    at = put_u32(at, 0);             /* no NULL inside */
    at = put_u32(at, PG_TYPE_TEXT);
    if (n > 0) {
        at = put_u32(at, (uint32_t)n);
        at = put_u32(at, 1); /* the first index */
    }
    for (size_t i = 0; i < n; i++) {
        size_t size = strlen(strings[i]);
        at = put_u32(at, (uint32_t)size);
        memcpy(at, strings[i], size);
        at += size;
    }
    add(values, PG_TYPE_TEXT_ARRAY, bytes, length);
}
