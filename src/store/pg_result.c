#include "store/pg_private.h"

#define POSTGRES_EPOCH_US INT64_C(946684800000000) /* 2000-01-01 in microseconds since 1970 */

/* A pg_result is libpq's PGresult under a name that needs none of libpq's headers. */
static const PGresult *libpq(const struct pg_result *result)
{
    return (const PGresult *)result;
}

void pg_result_free(struct pg_result *result)
{
    PQclear((PGresult *)result);
}

void pg_result_free_pointer(struct pg_result **result)
{
    PQclear((PGresult *)*result);
}

size_t pg_rows(const struct pg_result *result)
{
    return (size_t)PQntuples(libpq(result));
}

bool pg_is_null(const struct pg_result *result, size_t row, size_t column)
{
    return PQgetisnull(libpq(result), (int)row, (int)column) != 0;
}

const void *pg_bytes(const struct pg_result *result, size_t row, size_t column, size_t *ret_length)
{
    if (pg_is_null(result, row, column)) {
        *ret_length = 0;
        return NULL;
    }
    *ret_length = (size_t)PQgetlength(libpq(result), (int)row, (int)column);
    return PQgetvalue(libpq(result), (int)row, (int)column);
}

const char *pg_text(const struct pg_result *result, size_t row, size_t column)
{
    size_t length;
    return pg_bytes(result, row, column, &length); /* libpq ends every value with a NUL */
}

static uint64_t unsigned_of(const unsigned char *bytes, size_t length)
{
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++)
        value = value << 8 | bytes[i];
    return value;
}

int64_t pg_i64(const struct pg_result *result, size_t row, size_t column)
{
    size_t length;
    const unsigned char *bytes = pg_bytes(result, row, column, &length);
    if (bytes == NULL)
        return 0;
    uint64_t value = unsigned_of(bytes, length);
    if (length == 2)
        return (int16_t)(uint16_t)value;
    if (length == 4)
        return (int32_t)(uint32_t)value;
    return (int64_t)value;
}

double pg_double(const struct pg_result *result, size_t row, size_t column)
{
    size_t length;
    const unsigned char *bytes = pg_bytes(result, row, column, &length);
    double value = 0;
    float narrow = 0;
    uint64_t bits = bytes != NULL ? unsigned_of(bytes, length) : 0;
    uint32_t narrow_bits = (uint32_t)bits;
    if (length == sizeof(narrow)) {
        memcpy(&narrow, &narrow_bits, sizeof(narrow));
        return (double)narrow;
    }
    memcpy(&value, &bits, sizeof(value));
    return value;
}

int64_t pg_time(const struct pg_result *result, size_t row, size_t column)
{
    if (pg_is_null(result, row, column))
        return 0;
    return pg_i64(result, row, column) + POSTGRES_EPOCH_US;
}

size_t pg_strings(const struct pg_result *result, size_t row, size_t column, struct arena *arena,
    char ***ret_strings)
{
    size_t length;
    const unsigned char *bytes = pg_bytes(result, row, column, &length);
    *ret_strings = NULL;
    if (bytes == NULL || length < 20 || unsigned_of(bytes, 4) != 1)
        return 0;
    size_t n = (size_t)unsigned_of(bytes + 12, 4), at = 20, i = 0;
    char **strings = arena_alloc(arena, n + 1, sizeof(*strings));
    for (; i < n && at + 4 <= length; i++) {
        int32_t size = (int32_t)unsigned_of(bytes + at, 4);
        at += 4;
        if (size > 0 && (size_t)size > length - at)
            break;
        strings[i] = arena_copy(arena, bytes + at, size > 0 ? (size_t)size : 0);
        at += size > 0 ? (size_t)size : 0;
    }
    *ret_strings = strings;
    return i;
}
