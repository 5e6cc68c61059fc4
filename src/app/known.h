/*
 * known.h - which paths have rows, and which content all their tables are known to hold: so that a
 * touched file is read but not analysed or written again, and a file that never had a row needs no
 * delete. 24 bytes a path: a 64-bit hash of the path and 128 bits of the content's SHA-256. Thread:
 * main only.
 */
#ifndef APP_KNOWN_H
#define APP_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KNOWN_HASH_BYTES 16 /* two contents of equal prefix would need 2^64 tries to make */

struct known {
    struct known_entry *entries; /* open addressing, linear probing; a power of two */
    size_t capacity, count;
    uint64_t seed; /* so that names cannot be chosen to collide */
};

/** Empty; no memory. */
void known_init(struct known *known, uint64_t seed);
void known_release(struct known *known);
/** Every table has the row of this content at the current revisions. content_hash: SHA-256, its
 * first KNOWN_HASH_BYTES count. */
void known_set(struct known *known, const char *path, const uint8_t *content_hash);
/** Some table may have a row, of whatever content. */
void known_doubt(struct known *known, const char *path);
/** No table has a row. */
void known_forget(struct known *known, const char *path);
/** May some table have a row? */
bool known_has_row(const struct known *known, const char *path);
/** The content that every table holds; false: not known. */
bool known_content(const struct known *known, const char *path, uint8_t ret_hash[KNOWN_HASH_BYTES]);

#endif
