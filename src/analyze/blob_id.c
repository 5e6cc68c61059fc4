#include "analyze/blob_id.h"

#include <openssl/evp.h>

#include "base/arena.h"

#define SHA1_BYTES 20

struct blob_id {
    EVP_MD_CTX *sha1;
};

struct blob_id *blob_id_new(uint64_t size_bytes)
{
    struct blob_id *blob = memory_new(1, sizeof(*blob));
    blob->sha1 = EVP_MD_CTX_new();
    if (blob->sha1 == NULL || EVP_DigestInit_ex(blob->sha1, EVP_sha1(), NULL) != 1)
        memory_exhausted(SHA1_BYTES);
    char header[32];
    int length = snprintf(header, sizeof(header), "blob %llu", (unsigned long long)size_bytes);
    blob_id_add(blob, header, (size_t)length + 1);
    return blob;
}

void blob_id_add(struct blob_id *blob, const void *bytes, size_t length)
{
    if (EVP_DigestUpdate(blob->sha1, bytes, length) != 1)
        memory_exhausted(length);
}

void blob_id_finish(struct blob_id *blob, char ret_hex[BLOB_ID_HEX])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    if (EVP_DigestFinal_ex(blob->sha1, digest, NULL) != 1)
        memory_exhausted(sizeof(digest));
    for (size_t i = 0; i < SHA1_BYTES; i++)
        (void)snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
    blob_id_free(blob);
}

void blob_id_free(struct blob_id *blob)
{
    if (blob == NULL)
        return;
    EVP_MD_CTX_free(blob->sha1);
    free(blob);
}
