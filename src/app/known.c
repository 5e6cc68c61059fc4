#include "app/known.h"

#include "base/arena.h"

struct known_entry {
    uint64_t path; /* 0: free */
    struct fingerprint version;
};

struct fingerprint fingerprint_of(const uint8_t *content_hash, uint32_t mode)
{
    struct fingerprint fingerprint = {.mode = (uint16_t)(mode & 07777)};
    memcpy(fingerprint.hash, content_hash, sizeof(fingerprint.hash));
    return fingerprint;
}

bool fingerprint_same_content(const struct fingerprint *left, const struct fingerprint *right)
{
    return memcmp(left->hash, right->hash, sizeof(left->hash)) == 0;
}

bool fingerprint_equal(const struct fingerprint *left, const struct fingerprint *right)
{
    return left->mode == right->mode && fingerprint_same_content(left, right);
}

/* FNV-1a with a seed, then the finaliser of splitmix64 (Steele, Lea, Flood 2014). Never 0. */
static uint64_t hash_of(const struct known *known, const char *path)
{
    uint64_t hash = 0xcbf29ce484222325u ^ known->seed;
    for (; *path != '\0'; path++)
        hash = (hash ^ (uint8_t)*path) * 0x100000001b3u;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    hash ^= hash >> 31;
    return hash != 0 ? hash : 1;
}

/* Slot of the path, or the free one where it would go. */
static size_t slot_of(const struct known *known, uint64_t path)
{
    size_t slot = path & (known->capacity - 1);
    while (known->entries[slot].path != 0 && known->entries[slot].path != path)
        slot = (slot + 1) & (known->capacity - 1);
    return slot;
}

static void grow(struct known *known)
{
    struct known old = *known;
    known->capacity = old.capacity > 0 ? old.capacity * 2 : 64;
    known->entries = memory_new(known->capacity, sizeof(*known->entries));
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].path != 0)
            known->entries[slot_of(known, old.entries[i].path)] = old.entries[i];
    free(old.entries);
}

void known_init(struct known *known, uint64_t seed)
{
    *known = (struct known){.seed = seed};
}

void known_release(struct known *known)
{
    free(known->entries);
    *known = (struct known){.seed = known->seed};
}

static const struct fingerprint
    doubtful; /* no content has the hash 0 … 0 as far as anybody knows */

void known_set(struct known *known, const char *path, const struct fingerprint *fingerprint)
{
    if (known->count * 4 >= known->capacity * 3)
        grow(known);
    uint64_t hash = hash_of(known, path);
    struct known_entry *entry = &known->entries[slot_of(known, hash)];
    if (entry->path == 0)
        known->count++;
    entry->path = hash;
    entry->version = *fingerprint;
}

/* Deletion by moving later entries of the run back (Knuth, TAOCP 3, 6.4, algorithm R): no
 * tombstones. */
void known_forget(struct known *known, const char *path)
{
    if (known->count == 0)
        return;
    size_t mask = known->capacity - 1;
    size_t hole = slot_of(known, hash_of(known, path));
    if (known->entries[hole].path == 0)
        return;
    known->count--;
    for (size_t at = (hole + 1) & mask; known->entries[at].path != 0; at = (at + 1) & mask) {
        size_t home = known->entries[at].path & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            known->entries[hole] = known->entries[at];
            hole = at;
        }
    }
    known->entries[hole].path = 0;
}

void known_doubt(struct known *known, const char *path)
{
    known_set(known, path, &doubtful);
}

static const struct known_entry *find(const struct known *known, const char *path)
{
    if (known->count == 0)
        return NULL;
    const struct known_entry *entry = &known->entries[slot_of(known, hash_of(known, path))];
    return entry->path != 0 ? entry : NULL;
}

bool known_has_row(const struct known *known, const char *path)
{
    return find(known, path) != NULL;
}

bool known_version(const struct known *known, const char *path, struct fingerprint *ret_fingerprint)
{
    const struct known_entry *entry = find(known, path);
    if (entry == NULL || fingerprint_equal(&entry->version, &doubtful))
        return false;
    *ret_fingerprint = entry->version;
    return true;
}
