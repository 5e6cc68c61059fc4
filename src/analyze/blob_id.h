/* blob_id.h - the id git gives to a file's bytes: SHA-1 of "blob <size>\0" and the bytes
 * (git-hash-object(1)). Thread: one owner. */
#ifndef ANALYZE_BLOB_ID_H
#define ANALYZE_BLOB_ID_H

#include <stddef.h>
#include <stdint.h>

#define BLOB_ID_HEX 41 /* 40 digits and a NUL */

struct blob_id;

/** Begin the id of a blob of exactly size_bytes. Never NULL. */
struct blob_id *blob_id_new(uint64_t size_bytes);
void blob_id_add(struct blob_id *blob, const void *bytes, size_t length);
/** Writes 40 lower-case hex digits and frees the state. */
void blob_id_finish(struct blob_id *blob, char ret_hex[BLOB_ID_HEX]);
/** Free without a result. NULL is fine. */
void blob_id_free(struct blob_id *blob);

#endif
