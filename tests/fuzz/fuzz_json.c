/* fuzz_json - any text as a document: what is taken must be UTF-8 without NUL and must not be taken
 * when it is cut. */
#include <assert.h>

#include "analyze/json_check.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    AUTO_FREE char *text = memory_new(n_bytes + 1, 1);
    if (n_bytes > 0)
        memcpy(text, bytes, n_bytes);
    if (!json_check(text, n_bytes, 0))
        return 0;
    assert(n_bytes > 0 && utf8_valid(text, n_bytes) && memchr(text, 0, n_bytes) == NULL);
    if (text[n_bytes - 1] == '}' || text[n_bytes - 1] == ']' || text[n_bytes - 1] == '"')
        assert(!json_check(text, n_bytes - 1, 0));
    return 0;
}
