#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>

#define DEFAULT_CHUNK_BYTES ((size_t)64 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct chunk {
    struct chunk *next;
    size_t size, used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct chunk *chunks; /* newest first; only the newest is filled */
    size_t chunk_bytes;
    size_t total_bytes;
};

_Noreturn void memory_exhausted(size_t wanted_bytes)
{
    char line[96];
    int length =
        snprintf(line, sizeof(line), "out of memory: could not get %zu bytes\n", wanted_bytes);
    if (length > 0)
        (void)!write(STDERR_FILENO, line, (size_t)length);
    abort();
}

static size_t multiply(size_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes))
        memory_exhausted(SIZE_MAX);
    return bytes;
}

void *memory_new(size_t count, size_t size)
{
    size_t bytes = multiply(count, size);
    void *memory = calloc(1, bytes > 0 ? bytes : 1);
    if (memory == NULL)
        memory_exhausted(bytes);
    return memory;
}

void *memory_resize(void *pointer, size_t count, size_t size)
{
    size_t bytes = multiply(count, size);
    void *memory = realloc(pointer, bytes > 0 ? bytes : 1);
    if (memory == NULL)
        memory_exhausted(bytes);
    return memory;
}

char *memory_string(const char *string)
{
    size_t length = strlen(string) + 1;
    return memcpy(memory_new(length, 1), string, length);
}

struct arena *arena_new(size_t chunk_bytes)
{
    struct arena *arena = memory_new(1, sizeof(*arena));
    arena->chunk_bytes = chunk_bytes > 0 ? chunk_bytes : DEFAULT_CHUNK_BYTES;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct chunk *chunk = arena->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(arena);
}

static struct chunk *add_chunk(struct arena *arena, size_t wanted)
{
    size_t size = wanted > arena->chunk_bytes ? wanted : arena->chunk_bytes;
    struct chunk *chunk = malloc(sizeof(*chunk) + size);
    if (chunk == NULL)
        memory_exhausted(sizeof(*chunk) + size);
    chunk->size = size;
    chunk->used = 0;
    arena->total_bytes += sizeof(*chunk) + size;
    /* A chunk made for one big block goes behind the current one, which still has room for small
     * blocks. */
    if (arena->chunks != NULL && wanted > arena->chunk_bytes / 4) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes = multiply(count, size);
    if (bytes > SIZE_MAX - ALIGNMENT - sizeof(struct chunk))
        memory_exhausted(bytes);
    bytes = (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    struct chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - chunk->used < bytes)
        chunk = add_chunk(arena, bytes);
    void *memory = chunk->bytes + chunk->used;
    chunk->used += bytes;
    return memset(memory, 0, bytes);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t length)
{
    char *copy = arena_alloc(arena, length + 1, 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
    return arena_copy(arena, string, strlen(string));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t size = length > 0 ? (size_t)length + 1 : 1;
    char *text = arena_alloc(arena, size, 1);
    if (length > 0)
        (void)vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}

size_t arena_size_bytes(const struct arena *arena)
{
    return arena->total_bytes;
}
