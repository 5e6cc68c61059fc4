/* sha256.h - SHA-256 (FIPS 180-4) by libcrypto, so that sha256(content) in SQL can check a row.
 * Thread: any. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32

void sha256(const void *bytes, size_t length, uint8_t ret_digest[SHA256_BYTES]);
/** 64 lower-case hex digits and a NUL. */
void sha256_hex(const uint8_t digest[SHA256_BYTES], char ret_hex[2 * SHA256_BYTES + 1]);

/* Incremental form. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *state, const void *bytes, size_t length);
/** Writes the digest and frees the state. */
void sha256_finish(struct sha256 *state, uint8_t ret_digest[SHA256_BYTES]);

#endif
