#include "base/uuid.h"

#include <sys/random.h>

#include "base/attr.h"

struct uuid uuid_v7(struct uuid_source *source, int64_t wall_us)
{
    uint64_t ms = wall_us > 0 ? (uint64_t)wall_us / 1000u : 0;
    if (ms > source->last_ms) {
        source->last_ms = ms;
        source->sequence = 0;
    } else if (++source->sequence > 0xfff) {
        source->last_ms++; /* 4,096 ids in one ms: borrow the next one (RFC 9562, 6.2) */
        source->sequence = 0;
    }
    struct uuid uuid;
    /* 8 random bytes of 62 used; a short read cannot happen below 256 bytes (getrandom(2)). */
    while (getrandom(uuid.bytes + 8, 8, 0) != 8)
        continue;
    for (size_t i = 0; i < 6; i++)
        uuid.bytes[i] = (uint8_t)(source->last_ms >> (40 - 8 * i));
    uuid.bytes[6] = (uint8_t)(0x70 | source->sequence >> 8);
    uuid.bytes[7] = (uint8_t)source->sequence;
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3f));
    return uuid;
}

void uuid_text(const struct uuid *uuid, char ret_text[37])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ret_text[at++] = '-';
        ret_text[at++] = digits[uuid->bytes[i] >> 4];
        ret_text[at++] = digits[uuid->bytes[i] & 15];
    }
    ret_text[at] = '\0';
}
