#include "store/changes.h"

#include <assert.h>
#include <stdint.h>

#include <uthash.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"

#define MAX_PATHS 4096
#define MAX_DIRECTORIES 512

/* Once not all paths fit, this much is left for the directories of the others. */
#define DIRECTORIES_BYTES 2000

/* The frame around the lists: keys, brackets, n; without the codebase_id. */
#define FRAME_BYTES 160

struct entry {
    char *path;     /* key; as the table has it */
    char *old_path; /* moves */
    enum change_kind kind;
    bool fits;
    UT_hash_handle hh; /* keeps the order of arrival */
};

struct directory {
    char *path;
    UT_hash_handle hh;
};

struct changes {
    char *codebase_id;
    uint64_t n;
    bool more;
    struct entry *entries;
    struct directory *directories;
};

struct changes *changes_new(const char *codebase_id)
{
    struct changes *changes = memory_new(1, sizeof(*changes));
    changes->codebase_id = memory_string(codebase_id);
    return changes;
}

static void forget(struct changes *changes)
{
    struct entry *entry, *next_entry;
    struct directory *directory, *next_directory;
    HASH_ITER (hh, changes->entries, entry, next_entry) {
        HASH_DEL(changes->entries, entry);
        free(entry->path);
        free(entry->old_path);
        free(entry);
    }
    HASH_ITER (hh, changes->directories, directory, next_directory) {
        HASH_DEL(changes->directories, directory);
        free(directory->path);
        free(directory);
    }
    changes->n = 0;
    changes->more = false;
}

void changes_free(struct changes *changes)
{
    if (changes == NULL)
        return;
    forget(changes);
    free(changes->codebase_id);
    free(changes);
}

const char *changes_codebase(const struct changes *changes)
{
    return changes->codebase_id;
}

static char *table_path(const char *path)
{
    struct buf text = BUF_INIT;
    (void)utf8_add_path(&text, path, strlen(path));
    return buf_take(&text);
}

/* Remember where a path is that cannot be named itself. */
static void add_directory(struct changes *changes, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t)(slash - path) : 0;
    struct directory *directory;
    changes->more = true;
    HASH_FIND(hh, changes->directories, path, length, directory);
    if (directory != NULL || HASH_COUNT(changes->directories) >= MAX_DIRECTORIES)
        return;
    directory = memory_new(1, sizeof(*directory));
    directory->path = memory_new(length + 1, 1);
    memcpy(directory->path, path, length);
    HASH_ADD_KEYPTR(hh, changes->directories, directory->path, length, directory);
}

/* What two changes of one path say together to a reader who saw neither. */
static enum change_kind combine(enum change_kind before, enum change_kind now)
{
    if (now == CHANGE_CHANGED && (before == CHANGE_CREATED || before == CHANGE_MOVED))
        return before;
    if (now == CHANGE_CREATED && before == CHANGE_DELETED)
        return CHANGE_CHANGED;
    return now;
}

void changes_add(
    struct changes *changes, enum change_kind kind, const char *path, const char *old_path)
{
    struct entry *entry;
    AUTO_FREE char *name = table_path(path);
    size_t length = strlen(name);
    changes->n++;
    HASH_FIND(hh, changes->entries, name, length, entry);
    if (entry == NULL && HASH_COUNT(changes->entries) >= MAX_PATHS) {
        add_directory(changes, name);
        return;
    }
    if (entry == NULL) {
        entry = memory_new(1, sizeof(*entry));
        entry->path = memory_string(name);
        entry->kind = kind;
        HASH_ADD_KEYPTR(hh, changes->entries, entry->path, length, entry);
    }
    entry->kind = combine(entry->kind, kind);
    if (kind == CHANGE_MOVED) {
        free(entry->old_path);
        entry->old_path = table_path(old_path != NULL ? old_path : "");
    }
}

void changes_lost(struct changes *changes)
{
    changes->more = true;
}

bool changes_empty(const struct changes *changes)
{
    return changes->n == 0 && !changes->more;
}

static void write_entry(struct json *json, const struct entry *entry)
{
    if (entry->kind != CHANGE_MOVED) {
        json_string(json, entry->path);
        return;
    }
    json_array_begin(json);
    json_string(json, entry->old_path);
    json_string(json, entry->path);
    json_array_end(json);
}

/* Mark what fits into limit_bytes, oldest first. Returns whether all did. */
static bool choose(struct changes *changes, size_t limit_bytes, size_t *ret_used)
{
    AUTO_BUF text = BUF_INIT;
    bool all = true;
    size_t used = 0;
    for (struct entry *entry = changes->entries; entry != NULL; entry = entry->hh.next) {
        struct json json = JSON_INIT(&text);
        buf_clear(&text);
        write_entry(&json, entry);
        entry->fits = used + text.length + 1 <= limit_bytes;
        used += entry->fits ? text.length + 1 : 0;
        all = all && entry->fits;
    }
    *ret_used = used;
    return all;
}

/* Returns the bytes that are left for directories. */
static size_t choose_all(struct changes *changes)
{
    size_t used = 0, frame = FRAME_BYTES + 2 * strlen(changes->codebase_id);
    assert(frame < CHANGES_PAYLOAD_BYTES / 2);
    size_t room = CHANGES_PAYLOAD_BYTES - frame;
    if (choose(changes, room, &used))
        return room - used;
    (void)choose(changes, room - DIRECTORIES_BYTES, &used);
    for (struct entry *entry = changes->entries; entry != NULL; entry = entry->hh.next)
        if (!entry->fits)
            add_directory(changes, entry->path);
    return room - used;
}

static void write_directories(struct json *json, const struct changes *changes, size_t room)
{
    AUTO_BUF text = BUF_INIT;
    json_key(json, "directories");
    json_array_begin(json);
    for (struct directory *at = changes->directories; at != NULL; at = at->hh.next) {
        struct json one = JSON_INIT(&text);
        buf_clear(&text);
        json_string(&one, at->path);
        if (text.length + 1 > room)
            continue;
        json_raw(json, text.data, text.length);
        room -= text.length + 1;
    }
    json_array_end(json);
}

void changes_payload(struct changes *changes, struct buf *out)
{
    static const char *const words[CHANGE_KINDS] = {
        [CHANGE_CREATED] = "created",
        [CHANGE_CHANGED] = "changed",
        [CHANGE_DELETED] = "deleted",
        [CHANGE_MOVED] = "moved",
    };
    size_t room = choose_all(changes);
    struct json json = JSON_INIT(out);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "codebase", changes->codebase_id);
    json_key_u64(&json, "n", changes->n);
    for (size_t kind = 0; kind < CHANGE_KINDS; kind++) {
        json_key(&json, words[kind]);
        json_array_begin(&json);
        for (struct entry *entry = changes->entries; entry != NULL; entry = entry->hh.next)
            if (entry->fits && entry->kind == kind)
                write_entry(&json, entry);
        json_array_end(&json);
    }
    write_directories(&json, changes, room);
    json_key_bool(&json, "more", changes->more);
    json_object_end(&json);
    forget(changes);
}
