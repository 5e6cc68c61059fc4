/*
 * capped_alloc.h - the allocator of parser and scanners: a bump arena with free lists and a hard
 * cap. tree-sitter gets it by ts_set_allocator(), scanners that call libc by
 * -Dmalloc=ts_capped_malloc and so on. Outside capped_begin() … capped_end() it is malloc.
 *
 * This is the one place with mutable file-scope state beside base/log.c: malloc's signature has no
 * room for a context. Thread: the single thread of a worker; other processes never call
 * capped_begin() and may call the rest from any thread.
 */
#ifndef ANALYZE_CAPPED_ALLOC_H
#define ANALYZE_CAPPED_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

void *ts_capped_malloc(size_t size);
void *ts_capped_calloc(size_t count, size_t size);
void *ts_capped_realloc(void *pointer, size_t size);
void ts_capped_free(void *pointer);

/** Reserve address space for caps up to max_bytes (memory is used only as it is touched). Once.
 * False with errno set. */
bool capped_reserve(size_t max_bytes);

/**
 * From here on allocations come from the reserved space, at most cap_bytes of it in use at a time
 * (no more than was reserved). over() is called when they do not fit and must not return.
 */
void capped_begin(size_t cap_bytes, void (*over)(void));

/** Forget everything allocated since capped_begin() and give large parts back to the system.
 * Nothing needs to be freed before. */
void capped_end(void);

/** Most bytes of reserved space in use since capped_begin(). */
size_t capped_peak_bytes(void);

#endif
