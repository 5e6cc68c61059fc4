#include "store/lock_key.h"

#include <assert.h>

#include "base/buf.h"
#include "base/sha256.h"

int64_t lock_key(enum lock_purpose purpose, const char *schema, const char *codebase_id)
{
    static const char *const words[] = {[LOCK_PURPOSE_CONTROL] = "control",
        [LOCK_PURPOSE_PRESENCE] = "presence",
        [LOCK_PURPOSE_WRITE] = "write"};
    assert((size_t)purpose < ARRAY_SIZE(words));
    AUTO_BUF text = BUF_INIT;
    uint8_t digest[SHA256_BYTES];
    uint64_t key = 0;
    buf_addf(&text, "srctab %s %s %s", words[purpose], schema, codebase_id);
    sha256(text.data, text.length, digest);
    for (size_t i = 0; i < sizeof(key); i++)
        key = key << 8 | digest[i];
    return (int64_t)key;
}
