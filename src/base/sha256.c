#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/arena.h"

struct sha256 {
    EVP_MD_CTX *context;
};

/* libcrypto's digest calls fail only for want of memory (EVP_DigestInit(3)). */
static void must(int done)
{
    if (done != 1)
        memory_exhausted(0);
}

struct sha256 *sha256_new(void)
{
    struct sha256 *state = memory_new(1, sizeof(*state));
    state->context = EVP_MD_CTX_new();
    must(state->context != NULL);
    must(EVP_DigestInit_ex(state->context, EVP_sha256(), NULL));
    return state;
}

void sha256_add(struct sha256 *state, const void *bytes, size_t length)
{
    must(EVP_DigestUpdate(state->context, bytes, length));
}

void sha256_finish(struct sha256 *state, uint8_t ret_digest[SHA256_BYTES])
{
    must(EVP_DigestFinal_ex(state->context, ret_digest, NULL));
    EVP_MD_CTX_free(state->context);
    free(state);
}

void sha256(const void *bytes, size_t length, uint8_t ret_digest[SHA256_BYTES])
{
    must(EVP_Digest(bytes, length, ret_digest, NULL, EVP_sha256(), NULL));
}

void sha256_hex(const uint8_t digest[SHA256_BYTES], char ret_hex[2 * SHA256_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[2 * SHA256_BYTES] = '\0';
}
