/* fuzz_facts - a facts area as a hostile worker may leave it: read it, and hold what was believed
 * against what the database takes. */
#include <assert.h>

#include "analyze/facts_area.h"
#include "analyze/json_check.h"
#include "base/utf8.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    /* An area is never smaller than its header; it is allocated to the byte, so that the sanitizer
     * sees a step beyond it. */
    size_t area_bytes =
        n_bytes > sizeof(struct facts_header) ? n_bytes : sizeof(struct facts_header);
    struct code_facts code;
    struct error err = ERROR_INIT;
    struct arena *arena = arena_new(0);
    struct facts_header *area = memory_new(1, area_bytes);
    if (n_bytes > 0)
        memcpy(area, bytes, n_bytes);
    /* The fuzzer need not guess the two numbers that only say which answer this is. */
    area->magic = FACTS_AREA_MAGIC;
    if (facts_area_read(area, area_bytes, area->sequence, arena, &code, &err)) {
        assert(utf8_valid(code.reason, strlen(code.reason)));
        for (size_t i = 0; i < BLOBS; i++)
            assert(code.blob[i].bytes == NULL ||
                   (code.blob[i].length <= area_bytes &&
                       memchr(code.blob[i].bytes, 0, code.blob[i].length) == NULL &&
                       json_check(code.blob[i].bytes, code.blob[i].length, 0)));
    } else {
        assert(err.kind == ERROR_ANALYSIS);
    }
    free(area);
    arena_free(arena);
    return 0;
}
