/* arena.h - bump allocator: many small allocations, freed as a whole. Thread: one owner at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/attr.h"

struct arena;

/** A new arena that grows in chunks of at least chunk_bytes (0: 64 KiB). Never NULL: a failed
 * malloc aborts with a sentence. */
struct arena *arena_new(size_t chunk_bytes);

/** Free the arena and all that came from it. NULL is fine. */
void arena_free(struct arena *arena);

/** Zeroed memory for count * size bytes, aligned for any type; overflow aborts. Never NULL. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/** Copy of length bytes plus a NUL. */
char *arena_copy(struct arena *arena, const void *bytes, size_t length);

/** Copy of a C string. */
char *arena_string(struct arena *arena, const char *string);

char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/** Bytes taken from the system so far. */
size_t arena_size_bytes(const struct arena *arena);

/** Abort with one sentence: there is no memory. For callers of malloc outside an arena. */
_Noreturn void memory_exhausted(size_t wanted_bytes);

/** malloc, calloc, realloc and strdup that never return NULL. Caller frees. */
void *memory_new(size_t count, size_t size);
void *memory_resize(void *pointer, size_t count, size_t size);
char *memory_string(const char *string);

#endif
