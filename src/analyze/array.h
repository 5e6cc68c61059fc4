/* array.h - a growing array in an arena: old blocks are left behind, so it costs at most twice its
 * size. Thread: one owner. */
#ifndef ANALYZE_ARRAY_H
#define ANALYZE_ARRAY_H

#include <stdint.h>
#include <string.h>

#include "base/arena.h"

/** Room for one more element behind the first `count` of `array`, which may move: returns where it
 * is now. New memory is zeroed. */
static inline void *array_room(
    struct arena *arena, void *array, uint32_t *capacity, uint32_t count, size_t size)
{
    if (count < *capacity)
        return array;
    uint32_t wanted = *capacity ? 2 * *capacity : 16;
    void *bigger = arena_alloc(arena, wanted, size);
    if (count > 0)
        memcpy(bigger, array, count * size);
    *capacity = wanted;
    return bigger;
}

#endif
