#include "analyze/intern.h"

#include <string.h>

struct entry {
    struct text text; /* bytes == NULL: free */
    uint32_t hash, number;
};

struct intern {
    struct arena *arena;
    struct entry *entries;
    uint32_t capacity, count;
};

struct intern *intern_new(struct arena *arena)
{
    struct intern *intern = arena_alloc(arena, 1, sizeof(*intern));
    *intern = (struct intern){.arena = arena, .capacity = 256};
    intern->entries = arena_alloc(arena, intern->capacity, sizeof(*intern->entries));
    return intern;
}

/* FNV-1a, folded. */
static uint32_t hash_text(struct text text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < text.length; i++)
        hash = (hash ^ (uint8_t)text.bytes[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(hash ^ (hash >> 32));
}

static struct entry *find(const struct intern *intern, struct text text, uint32_t hash)
{
    uint32_t i = hash & (intern->capacity - 1);
    for (;; i = (i + 1) & (intern->capacity - 1)) {
        struct entry *e = &intern->entries[i];
        if (!e->text.bytes)
            return e;
        if (e->hash == hash && e->text.length == text.length &&
            memcmp(e->text.bytes, text.bytes, text.length) == 0)
            return e;
    }
}

static void grow(struct intern *intern)
{
    struct entry *old = intern->entries;
    uint32_t old_capacity = intern->capacity;
    intern->capacity *= 2;
    intern->entries = arena_alloc(intern->arena, intern->capacity, sizeof(*intern->entries));
    for (uint32_t i = 0; i < old_capacity; i++)
        if (old[i].text.bytes)
            *find(intern, old[i].text, old[i].hash) = old[i];
}

uint32_t intern_text(struct intern *intern, struct text text)
{
    uint32_t hash = hash_text(text);
    struct entry *e = find(intern, text, hash);
    if (e->text.bytes)
        return e->number;
    if (2 * intern->count >= intern->capacity) {
        grow(intern);
        e = find(intern, text, hash);
    }
    *e = (struct entry){.text = text, .hash = hash, .number = intern->count};
    return intern->count++;
}

uint32_t intern_count(const struct intern *intern)
{
    return intern->count;
}
