/* utf8.h - what is and what is not UTF-8 (RFC 3629: no surrogates, no overlong forms, up to
 * U+10FFFF). Pure. Thread: any. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/** Length in bytes (1 to 4) of the valid sequence at bytes, 0 if it is not valid or cut off. Sets
 * *ret_code (may be NULL). */
size_t utf8_sequence(const uint8_t *bytes, size_t length, uint32_t *ret_code);
bool utf8_valid(const void *bytes, size_t length);
/** Number of characters; an invalid byte counts as one. */
size_t utf8_count(const void *bytes, size_t length);
/** Append bytes with each invalid byte as U+FFFD and, with drop_nul, without NUL. */
void utf8_add_repaired(struct buf *out, const void *bytes, size_t length, bool drop_nul);
/** Append one code point. */
void utf8_add_code(struct buf *out, uint32_t code);
/** Append a file name as text: valid UTF-8 as it is, other bytes (and NUL) as \xHH. Returns true if
 * any byte was escaped. */
bool utf8_add_path(struct buf *out, const void *bytes, size_t length);
/** The other way: each \xHH that utf8_add_path() would write (a byte from 80 on) becomes that byte
 * again. */
void utf8_add_path_bytes(struct buf *out, const char *text);

#endif
