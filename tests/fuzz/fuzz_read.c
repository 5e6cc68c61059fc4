/* fuzz_read - any bytes as a file: content must be what PostgreSQL takes, positions must fit, and
 * pieces must say what the whole says. */
#include <assert.h>

#include "analyze/read.h"
#include "base/utf8.h"
#include "fuzz.h"

static void check_text(const struct reading *reading)
{
    const struct text *content = &reading->file.content;
    if (content->bytes == NULL) {
        assert(reading->source == NULL && !reading->has_lines);
        return;
    }
    assert(utf8_valid(content->bytes, content->length));
    assert(memchr(content->bytes, 0, content->length) == NULL);
    assert(reading->source_length == content->length);
    for (size_t i = 0; i < content->length; i++)
        assert(reading->source[i] == (uint8_t)content->bytes[i] || content->bytes[i] == '\r');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    struct reading whole, pieces;
    struct arena *arena = arena_new(0);
    read_block(bytes, n_bytes, 0100644, UINT64_MAX, arena, &whole);
    check_text(&whole);
    assert(whole.file.size_bytes == n_bytes);
    if (n_bytes > 0) {
        read_block(bytes, n_bytes, 0100644, 0, arena, &pieces);
        assert(memcmp(pieces.file.content_hash, whole.file.content_hash, SHA256_BYTES) == 0);
        assert(pieces.file.content.bytes == NULL);
    }
    arena_free(arena);
    return 0;
}
