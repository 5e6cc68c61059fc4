#include "watch/limbo.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

#undef uthash_fatal
#define uthash_fatal(message) memory_exhausted(0)

void limbo_release(struct limbo *limbo)
{
    struct limbo_folder *folder, *next_folder;
    HASH_ITER (hh, limbo->folders, folder, next_folder)
        limbo_remove_folder(limbo, folder);
    struct limbo_file *file, *next_file;
    HASH_ITER (hh, limbo->files, file, next_file)
        limbo_remove_file(limbo, file);
}

void limbo_add_folder(struct limbo *limbo, uint32_t folder, uint16_t root, const char *path,
    uint64_t due_ms, enum watch_cause cause)
{
    size_t length = strlen(path);
    struct limbo_folder *entry = memory_new(1, sizeof(*entry) + length + 1);
    entry->folder = folder;
    entry->root = root;
    entry->due_ms = due_ms;
    entry->cause = cause;
    memcpy(entry->path, path, length);
    HASH_ADD(hh, limbo->folders, folder, sizeof(entry->folder), entry);
}

struct limbo_folder *limbo_find_folder(const struct limbo *limbo, uint32_t folder)
{
    struct limbo_folder *entry = NULL;
    HASH_FIND(hh, limbo->folders, &folder, sizeof(folder), entry);
    return entry;
}

void limbo_remove_folder(struct limbo *limbo, struct limbo_folder *entry)
{
    HASH_DELETE(hh, limbo->folders, entry);
    free(entry);
}

/* The key of limbo.places. */
static void add_place(struct buf *out, uint16_t root, const char *path)
{
    buf_add(out, &root, sizeof(root));
    buf_adds(out, path);
}

bool limbo_add_file(struct limbo *limbo, uint64_t identity, uint16_t root, const char *path,
    uint64_t due_ms, enum watch_cause cause)
{
    struct limbo_key key = {.identity = identity, .root = root};
    struct limbo_file *entry = NULL;
    HASH_FIND(hh, limbo->files, &key, sizeof(key), entry);
    if (entry != NULL || limbo_file_at(limbo, root, path) != NULL)
        return false;
    AUTO_BUF place = BUF_INIT;
    add_place(&place, root, path);
    entry = memory_new(1, sizeof(*entry) + place.length + 1);
    entry->key = key;
    entry->due_ms = due_ms;
    entry->cause = cause;
    entry->place_length = place.length;
    memcpy(entry->place, place.data, place.length);
    entry->path = entry->place + sizeof(root);
    HASH_ADD(hh, limbo->files, key, sizeof(entry->key), entry);
    HASH_ADD_KEYPTR(by_place, limbo->places, entry->place, entry->place_length, entry);
    return true;
}

struct limbo_file *limbo_file_at(const struct limbo *limbo, uint16_t root, const char *path)
{
    struct limbo_file *entry = NULL;
    if (limbo->places == NULL)
        return NULL;
    AUTO_BUF place = BUF_INIT;
    add_place(&place, root, path);
    HASH_FIND(by_place, limbo->places, place.data, place.length, entry);
    return entry;
}

struct limbo_file *limbo_take_file(struct limbo *limbo, uint64_t identity, uint16_t root)
{
    struct limbo_key key = {.identity = identity, .root = root};
    struct limbo_file *entry = NULL;
    HASH_FIND(hh, limbo->files, &key, sizeof(key), entry);
    if (entry == NULL)
        return NULL;
    HASH_DELETE(hh, limbo->files, entry);
    HASH_DELETE(by_place, limbo->places, entry);
    return entry;
}

void limbo_remove_file(struct limbo *limbo, struct limbo_file *entry)
{
    HASH_DELETE(hh, limbo->files, entry);
    HASH_DELETE(by_place, limbo->places, entry);
    free(entry);
}

uint64_t limbo_due_ms(const struct limbo *limbo)
{
    uint64_t due_ms = CLOCK_NEVER;
    if (limbo->folders != NULL)
        due_ms = limbo->folders->due_ms;
    if (limbo->files != NULL && limbo->files->due_ms < due_ms)
        due_ms = limbo->files->due_ms;
    return due_ms;
}

size_t limbo_count(const struct limbo *limbo)
{
    return HASH_COUNT(limbo->folders) + HASH_COUNT(limbo->files);
}
