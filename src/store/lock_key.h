/* lock_key.h - keys of the advisory locks (guarantees 12). Pure. Thread: any. */
#ifndef STORE_LOCK_KEY_H
#define STORE_LOCK_KEY_H

#include <stdint.h>

enum lock_purpose {
    LOCK_PURPOSE_CONTROL,  /* main database, exclusive, held by the owner of the codebase */
    LOCK_PURPOSE_PRESENCE, /* main database, shared, held by the owner and all who stand by: the
                              codebase's row of watch_folders is somebody's */
    LOCK_PURPOSE_WRITE, /* each sink database: shared by sink connections; exclusive for a moment by
                   a new owner */
};

/** For pg_advisory_lock(bigint): the first 8 bytes of SHA-256 over "srctab", the purpose, the
 * schema and the codebase_id. */
int64_t lock_key(enum lock_purpose purpose, const char *schema, const char *codebase_id);

#endif
