/* uuid.h - UUID version 7 (RFC 9562): time-ordered ids made here, so that inserting a row twice is
 * harmless. Thread: any (getrandom and a per-call counter in the caller's struct). */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <stdint.h>

struct uuid {
    uint8_t bytes[16];
};

/** Last time used, so that ids of one source never go back when the clock does. Zeroed at start.
 * One owner. */
struct uuid_source {
    uint64_t last_ms;
    uint16_t sequence;
};

struct uuid uuid_v7(struct uuid_source *source, int64_t wall_us);
/** 36 characters and a NUL. */
void uuid_text(const struct uuid *uuid, char ret_text[37]);

#endif
