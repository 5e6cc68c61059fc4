/* git_blob.h - the id git gives to a file's bytes: SHA-1 of "blob <size>\0" and the bytes
 * (git-hash-object(1)). Thread: one owner. */
#ifndef ANALYZE_GIT_BLOB_H
#define ANALYZE_GIT_BLOB_H

#include <stddef.h>
#include <stdint.h>

#define GIT_BLOB_HEX 41 /* 40 digits and a NUL */

struct git_blob;

/** Begin the id of a blob of exactly size_bytes. Never NULL. */
struct git_blob *git_blob_new(uint64_t size_bytes);
void git_blob_add(struct git_blob *blob, const void *bytes, size_t length);
/** Writes 40 lower-case hex digits and frees the state. */
void git_blob_finish(struct git_blob *blob, char ret_hex[GIT_BLOB_HEX]);
/** Free without a result. NULL is fine. */
void git_blob_free(struct git_blob *blob);

#endif
