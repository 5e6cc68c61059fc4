#include "watch/slab.h"

#include <assert.h>

#include "base/arena.h"

/* A freed block is only a link, so the sanitizer is told by hand what nobody may touch. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define FORBID(pointer, bytes) ASAN_POISON_MEMORY_REGION(pointer, bytes)
#define ALLOW(pointer, bytes) ASAN_UNPOISON_MEMORY_REGION(pointer, bytes)
#else
#define FORBID(pointer, bytes) ((void)(pointer), (void)(bytes))
#define ALLOW(pointer, bytes) ((void)(pointer), (void)(bytes))
#endif

static uint32_t units_of(size_t bytes)
{
    assert(bytes > 0 && bytes <= SLAB_MAX_BYTES);
    return (uint32_t)((bytes + SLAB_UNIT_BYTES - 1) / SLAB_UNIT_BYTES);
}

static void put_free(struct slab *slab, uint32_t handle, uint32_t units)
{
    uint32_t *link = slab_at(slab, handle);
    *link = slab->free[units];
    slab->free[units] = handle;
    FORBID(link, (size_t)units * SLAB_UNIT_BYTES);
}

static void add_chunk(struct slab *slab)
{
    uint32_t rest = slab->n_chunks > 0 ? SLAB_CHUNK_UNITS - slab->next : 0;
    if (rest > 0)
        put_free(slab, (slab->n_chunks - 1) * SLAB_CHUNK_UNITS + slab->next, rest);
    if (slab->n_chunks == slab->capacity) {
        slab->capacity = slab->capacity > 0 ? slab->capacity * 2 : 16;
        slab->chunks = memory_resize(slab->chunks, slab->capacity, sizeof(*slab->chunks));
    }
    slab->chunks[slab->n_chunks] = memory_new(SLAB_CHUNK_UNITS, SLAB_UNIT_BYTES);
    slab->next = slab->n_chunks == 0 ? 1 : 0; /* handle 0 means none */
    slab->n_chunks++;
}

void slab_release(struct slab *slab)
{
    for (uint32_t i = 0; i < slab->n_chunks; i++) {
        ALLOW(slab->chunks[i], (size_t)SLAB_CHUNK_UNITS * SLAB_UNIT_BYTES);
        free(slab->chunks[i]);
    }
    free(slab->chunks);
    *slab = (struct slab){0};
}

uint32_t slab_new(struct slab *slab, size_t bytes)
{
    uint32_t units = units_of(bytes);
    size_t rounded = (size_t)units * SLAB_UNIT_BYTES;
    slab->used_bytes += rounded;
    uint32_t handle = slab->free[units];
    if (handle != 0) {
        uint32_t *link = slab_at(slab, handle);
        ALLOW(link, rounded);
        slab->free[units] = *link;
        memset(link, 0, rounded);
        return handle;
    }
    if (slab->n_chunks == 0 || slab->next + units > SLAB_CHUNK_UNITS)
        add_chunk(slab);
    handle = (slab->n_chunks - 1) * SLAB_CHUNK_UNITS + slab->next;
    slab->next += units;
    return handle;
}

void slab_free(struct slab *slab, uint32_t handle, size_t bytes)
{
    if (handle == 0)
        return;
    uint32_t units = units_of(bytes);
    slab->used_bytes -= (size_t)units * SLAB_UNIT_BYTES;
    put_free(slab, handle, units);
}

size_t slab_size_bytes(const struct slab *slab)
{
    return (size_t)slab->n_chunks * SLAB_CHUNK_UNITS * SLAB_UNIT_BYTES +
           slab->capacity * sizeof(*slab->chunks);
}
