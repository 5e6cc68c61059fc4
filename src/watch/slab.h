/* slab.h - small blocks addressed by 32-bit handles: no header a block, freed blocks are used again
 * by size. Pure. Thread: one owner. */
#ifndef WATCH_SLAB_H
#define WATCH_SLAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

#define SLAB_UNIT_BYTES 8
#define SLAB_CHUNK_UNITS 8192u /* 64 KiB */
#define SLAB_MAX_BYTES 512
#define SLAB_CLASSES (SLAB_MAX_BYTES / SLAB_UNIT_BYTES + 1)

/* Zeroed at start. Reaches 32 GiB: 2^32 units. */
struct slab {
    char **chunks;
    uint32_t n_chunks, capacity;
    uint32_t next;               /* first free unit of the last chunk */
    uint32_t free[SLAB_CLASSES]; /* handle of the first free block of each size */
    size_t used_bytes;
};

void slab_release(struct slab *slab);

/** A zeroed block of 1 to SLAB_MAX_BYTES bytes, aligned to 8. Never 0. Blocks do not move. */
uint32_t slab_new(struct slab *slab, size_t bytes);

/** bytes: as given to slab_new(). Handle 0 is fine. */
void slab_free(struct slab *slab, uint32_t handle, size_t bytes);

/** Memory held from the system. */
size_t slab_size_bytes(const struct slab *slab);

static inline void *slab_at(const struct slab *slab, uint32_t handle)
{
    return slab->chunks[handle / SLAB_CHUNK_UNITS] +
           (size_t)(handle % SLAB_CHUNK_UNITS) * SLAB_UNIT_BYTES;
}

#endif
