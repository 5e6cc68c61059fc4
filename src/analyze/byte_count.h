/* byte_count.h - how many bytes of a kind, eight at a time: these run over every byte of every
 * file. Pure. Thread: any. */
#ifndef ANALYZE_BYTE_COUNT_H
#define ANALYZE_BYTE_COUNT_H

#include <stddef.h>
#include <stdint.h>

/** NUL bytes. */
size_t byte_count_nul(const uint8_t *bytes, size_t length);

/** UTF-8 continuation bytes, 10xxxxxx (RFC 3629). */
size_t byte_count_continuation(const uint8_t *bytes, size_t length);

#endif
