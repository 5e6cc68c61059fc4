#include "analyze/byte_count.h"

#include <string.h>

#define LOW_BITS UINT64_C(0x0101010101010101)
#define HIGH_BITS (LOW_BITS << 7)

static uint64_t load(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Number of bytes whose highest bit is set, where no other bit is: the product's top byte is their
 * sum. */
static size_t sum(uint64_t high_bits)
{
    return (size_t)((high_bits >> 7) * LOW_BITS >> 56);
}

size_t byte_count_nul(const uint8_t *bytes, size_t length)
{
    size_t count = 0, i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word = load(bytes + i);
        /* A byte's high bit ends up set exactly if none of its bits was (Warren, Hacker's Delight,
         * 6-1). */
        count += sum(~(((word & ~HIGH_BITS) + ~HIGH_BITS) | word) & HIGH_BITS);
    }
    for (; i < length; i++)
        count += bytes[i] == 0;
    return count;
}

size_t byte_count_continuation(const uint8_t *bytes, size_t length)
{
    size_t count = 0, i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word = load(bytes + i);
        count += sum(word & ~(word << 1) & HIGH_BITS);
    }
    for (; i < length; i++)
        count += (bytes[i] & 0xC0u) == 0x80u;
    return count;
}
