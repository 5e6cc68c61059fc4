/* buf.h - growing byte string. Always NUL-terminated one byte past length. Thread: one owner. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct buf {
    char *data;    /* NULL until the first byte is added; use buf_string() for a C string */
    size_t length; /* bytes, without the NUL */
    size_t capacity;
};

#define BUF_INIT ((struct buf){0})
#define AUTO_BUF CLEANUP(buf_release) struct buf

void buf_release(struct buf *buf);
/** Forget the bytes, keep the memory. */
void buf_clear(struct buf *buf);
/** Make room for `more` further bytes and return where they go; call buf_grew() after writing. */
char *buf_room(struct buf *buf, size_t more);
void buf_grew(struct buf *buf, size_t bytes);
void buf_add(struct buf *buf, const void *bytes, size_t length);
void buf_adds(struct buf *buf, const char *string);
void buf_addc(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_addv(struct buf *buf, const char *format, va_list args) PRINTF_LIKE(2, 0);
void buf_add_u64(struct buf *buf, uint64_t value);
void buf_truncate(struct buf *buf, size_t length);
/** Never NULL. Borrowed until the next change. */
const char *buf_string(const struct buf *buf);
/** Hand the memory to the caller, who frees it; buf is empty afterwards. Never NULL. */
char *buf_take(struct buf *buf);

#endif
