/*
 * known.h - which paths have rows, and which content all their tables are known to hold: so that a
 * touched file is read but not analysed or written again, and a file that never had a row needs no
 * delete. 24 bytes a path. Thread: main only.
 */
#ifndef APP_KNOWN_H
#define APP_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FINGERPRINT_HASH_BYTES 14 /* two contents of equal prefix would need 2^56 tries to make */

/* What a file must still have for its rows to be right: content and permission bits. All zero: not
 * known. */
struct fingerprint {
    uint8_t hash[FINGERPRINT_HASH_BYTES]; /* of the content's SHA-256 */
    uint16_t mode;                        /* 07777 */
};

/** content_hash: SHA-256. */
struct fingerprint fingerprint_of(const uint8_t *content_hash, uint32_t mode);
bool fingerprint_equal(const struct fingerprint *left, const struct fingerprint *right);
/** Equal but for the mode, which one table does not store. */
bool fingerprint_same_content(const struct fingerprint *left, const struct fingerprint *right);

struct known {
    struct known_entry *entries; /* open addressing, linear probing; a power of two */
    size_t capacity, count;
    uint64_t seed; /* so that names cannot be chosen to collide */
};

/** Empty; no memory. */
void known_init(struct known *known, uint64_t seed);
void known_release(struct known *known);
/** Every table has the row of this version at the current revisions. */
void known_set(struct known *known, const char *path, const struct fingerprint *fingerprint);
/** Some table may have a row, of whatever content. */
void known_doubt(struct known *known, const char *path);
/** No table has a row. */
void known_forget(struct known *known, const char *path);
/** May some table have a row? */
bool known_has_row(const struct known *known, const char *path);
/** The version that every table holds; false: not known. */
bool known_version(
    const struct known *known, const char *path, struct fingerprint *ret_fingerprint);

#endif
