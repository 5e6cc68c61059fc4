/* json_check.h - is this text JSON that PostgreSQL's json and jsonb take (RFC 8259)? No recursion,
 * no allocation, one pass. Pure. Thread: any. */
#ifndef ANALYZE_JSON_CHECK_H
#define ANALYZE_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_CHECK_DEPTH 64  /* deeper is refused: our own documents need 5 */
#define JSON_CHECK_NUMBER 40 /* longer numbers are refused */

/**
 * True if text is one JSON value whose first byte is `opening` ('{' or '['; 0: any), valid UTF-8,
 * without NUL, without \u0000 and without lone surrogate escapes (jsonb refuses both).
 */
bool json_check(const char *text, size_t length, char opening);

#endif
