#include "base/buf.h"

#include "base/arena.h"

void buf_release(struct buf *buf)
{
    free(buf->data);
    *buf = BUF_INIT;
}

void buf_clear(struct buf *buf)
{
    buf_truncate(buf, 0);
}

char *buf_room(struct buf *buf, size_t more)
{
    size_t wanted = 0;
    if (__builtin_add_overflow(buf->length, more, &wanted) || wanted == SIZE_MAX)
        memory_exhausted(SIZE_MAX);
    wanted++;
    if (wanted > buf->capacity) {
        size_t capacity = buf->capacity < SIZE_MAX / 2 ? buf->capacity * 2 : SIZE_MAX;
        if (capacity < wanted)
            capacity = wanted;
        if (capacity < 64)
            capacity = 64;
        buf->data = memory_resize(buf->data, capacity, 1);
        buf->capacity = capacity;
    }
    return buf->data + buf->length;
}

void buf_grew(struct buf *buf, size_t bytes)
{
    buf->length += bytes;
    buf->data[buf->length] = '\0';
}

void buf_add(struct buf *buf, const void *bytes, size_t length)
{
    char *room = buf_room(buf, length);
    if (length > 0)
        memcpy(room, bytes, length);
    buf_grew(buf, length);
}

void buf_adds(struct buf *buf, const char *string)
{
    buf_add(buf, string, strlen(string));
}

void buf_addc(struct buf *buf, char c)
{
    *buf_room(buf, 1) = c;
    buf_grew(buf, 1);
}

void buf_addv(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length > 0) {
        char *room = buf_room(buf, (size_t)length);
        (void)vsnprintf(room, (size_t)length + 1, format, again);
        buf_grew(buf, (size_t)length);
    }
    va_end(again);
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_addv(buf, format, args);
    va_end(args);
}

void buf_add_u64(struct buf *buf, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[sizeof(digits) - ++n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_add(buf, digits + sizeof(digits) - n, n);
}

void buf_truncate(struct buf *buf, size_t length)
{
    if (buf->data == NULL || length > buf->length)
        return;
    buf->length = length;
    buf->data[length] = '\0';
}

const char *buf_string(const struct buf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
    char *data = buf->data != NULL ? buf->data : memory_new(1, 1);
    *buf = BUF_INIT;
    return data;
}
