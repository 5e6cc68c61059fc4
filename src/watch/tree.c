#include "watch/tree.h"

#include <assert.h>

#include "base/arena.h"

#define SMALL_SLOTS_LOG2 7 /* tables up to 128 handles, 512 bytes, live in the slab */
#define FULL_SLOTS_LOG2 3  /* up to 8 handles are filled to the last slot */

struct walk_level {
    uint32_t folder;
    uint32_t slot;
    size_t path_length; /* of the folder's own path */
};

/* FNV-1a with a seed, so that chosen names cannot make every lookup slow, and a last mix for the
 * low bits that pick the slot. */
static uint32_t name_hash(const struct tree *tree, const char *name, size_t length)
{
    uint32_t hash = 2166136261u ^ tree->seed;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    hash ^= hash >> 15;
    return hash * 0x2c1b3c6du;
}

static uint32_t slot_of(uint32_t hash, uint32_t mask)
{
    return (hash ^ hash >> 16) & mask;
}

static uint32_t *slots_of(const struct tree *tree, const struct folder *folder)
{
    if (folder->slots_log2 > SMALL_SLOTS_LOG2)
        return folder->slots.large;
    return folder->slots_log2 > 0 ? slab_at(&tree->slab, folder->slots.small) : NULL;
}

static uint32_t n_slots(const struct folder *folder)
{
    return folder->slots_log2 > 0 ? 1u << folder->slots_log2 : 0;
}

static void slots_free(struct tree *tree, struct folder *folder)
{
    size_t bytes = sizeof(uint32_t) << folder->slots_log2;
    if (folder->slots_log2 > SMALL_SLOTS_LOG2) {
        tree->table_bytes -= bytes;
        free(folder->slots.large);
    } else if (folder->slots_log2 > 0) {
        slab_free(&tree->slab, folder->slots.small, bytes);
    }
    folder->slots_log2 = 0;
}

static void slots_new(struct tree *tree, struct folder *folder, uint8_t log2)
{
    size_t bytes = sizeof(uint32_t) << log2;
    folder->slots_log2 = log2;
    if (log2 > SMALL_SLOTS_LOG2) {
        tree->table_bytes += bytes;
        folder->slots.large = memory_new((size_t)1 << log2, sizeof(uint32_t));
        memset(folder->slots.large, 0, bytes);
    } else {
        folder->slots.small = slab_new(&tree->slab, bytes);
    }
}

static void slots_put(const struct tree *tree, const struct folder *folder, uint32_t handle)
{
    uint32_t *slots = slots_of(tree, folder), mask = n_slots(folder) - 1;
    uint32_t at = slot_of(tree_node(tree, handle)->hash, mask);
    while (slots[at] != 0)
        at = (at + 1) & mask;
    slots[at] = handle;
}

static void slots_resize(struct tree *tree, struct folder *folder, uint8_t log2)
{
    struct folder old = *folder;
    slots_new(tree, folder, log2);
    uint32_t *slots = slots_of(tree, &old);
    for (uint32_t i = 0; i < n_slots(&old); i++)
        if (slots[i] != 0)
            slots_put(tree, folder, slots[i]);
    slots_free(tree, &old);
}

/* Small tables may be full: a probe ends after as many steps as there are slots. */
static bool slots_are_full(const struct folder *folder)
{
    uint32_t slots = n_slots(folder);
    if (folder->slots_log2 <= FULL_SLOTS_LOG2)
        return folder->n_children == slots;
    return folder->n_children >= slots / 4 * 3;
}

/* Linear probing without tombstones: close the gap by moving later entries of the same run back
 * (Knuth, TAOCP 3, 6.4, algorithm R). */
static void slots_remove(const struct tree *tree, const struct folder *folder, uint32_t handle)
{
    uint32_t *slots = slots_of(tree, folder), mask = n_slots(folder) - 1;
    uint32_t at = slot_of(tree_node(tree, handle)->hash, mask);
    while (slots[at] != handle)
        at = (at + 1) & mask;
    uint32_t gap = at;
    for (uint32_t step = 0; step < mask; step++) {
        at = (at + 1) & mask;
        if (slots[at] == 0)
            break;
        uint32_t home = slot_of(tree_node(tree, slots[at])->hash, mask);
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        slots[gap] = slots[at];
        gap = at;
    }
    slots[gap] = 0;
}

void tree_init(struct tree *tree, uint32_t seed)
{
    *tree = (struct tree){.seed = seed};
}

void tree_release(struct tree *tree)
{
    slab_release(&tree->slab);
    *tree = (struct tree){0};
}

const char *tree_name(const struct tree *tree, uint32_t handle)
{
    if (!tree_is_folder(tree, handle))
        return tree_file(tree, handle)->name;
    uint32_t name = tree_folder(tree, handle)->name;
    return name != 0 ? slab_at(&tree->slab, name) : "";
}

uint32_t tree_new_file(struct tree *tree, const char *name, size_t length, uint16_t root)
{
    uint32_t handle = slab_new(&tree->slab, sizeof(struct file) + length);
    struct file *file = tree_file(tree, handle);
    file->node.hash = name_hash(tree, name, length);
    file->node.name_length = (uint8_t)length;
    file->node.root = root;
    memcpy(file->name, name, length);
    tree->n_files++;
    return handle;
}

static void set_name(struct tree *tree, struct folder *folder, const char *name, size_t length)
{
    slab_free(&tree->slab, folder->name, folder->node.name_length);
    folder->name = length > 0 ? slab_new(&tree->slab, length) : 0;
    folder->node.name_length = (uint8_t)length;
    folder->node.hash = name_hash(tree, name, length);
    if (length > 0)
        memcpy(slab_at(&tree->slab, folder->name), name, length);
}

uint32_t tree_new_folder(struct tree *tree, const char *name, size_t length, uint16_t root)
{
    uint32_t handle = slab_new(&tree->slab, sizeof(struct folder));
    struct folder *folder = tree_folder(tree, handle);
    folder->node.flags = NODE_FOLDER;
    folder->node.root = root;
    folder->wd = -1;
    set_name(tree, folder, name, length);
    tree->n_folders++;
    return handle;
}

void tree_free(struct tree *tree, uint32_t handle)
{
    if (!tree_is_folder(tree, handle)) {
        tree->n_files--;
        slab_free(&tree->slab, handle, sizeof(struct file) + tree_node(tree, handle)->name_length);
        return;
    }
    struct folder *folder = tree_folder(tree, handle);
    slots_free(tree, folder);
    ignore_rules_free(folder->rules);
    slab_free(&tree->slab, folder->name, folder->node.name_length);
    tree->n_folders--;
    slab_free(&tree->slab, handle, sizeof(struct folder));
}

void tree_rename(struct tree *tree, uint32_t folder, const char *name, size_t length)
{
    assert(tree_node(tree, folder)->parent == 0);
    set_name(tree, tree_folder(tree, folder), name, length);
}

uint32_t tree_find(const struct tree *tree, uint32_t folder, const char *name, size_t length)
{
    const struct folder *in = tree_folder(tree, folder);
    if (in->n_children == 0 || length == 0 || length > UINT8_MAX)
        return 0;
    uint32_t hash = name_hash(tree, name, length);
    const uint32_t *slots = slots_of(tree, in);
    uint32_t mask = n_slots(in) - 1, at = slot_of(hash, mask);
    for (uint32_t step = 0; step <= mask && slots[at] != 0; step++, at = (at + 1) & mask) {
        const struct node *node = tree_node(tree, slots[at]);
        if (node->hash == hash && node->name_length == length &&
            memcmp(tree_name(tree, slots[at]), name, length) == 0)
            return slots[at];
    }
    return 0;
}

void tree_attach(struct tree *tree, uint32_t folder, uint32_t handle)
{
    struct folder *into = tree_folder(tree, folder);
    assert(tree_node(tree, handle)->parent == 0);
    if (slots_are_full(into))
        slots_resize(tree, into, into->slots_log2 > 0 ? (uint8_t)(into->slots_log2 + 1) : 1);
    slots_put(tree, into, handle);
    into->n_children++;
    tree_node(tree, handle)->parent = folder;
}

void tree_detach(struct tree *tree, uint32_t handle)
{
    uint32_t parent = tree_node(tree, handle)->parent;
    struct folder *from = tree_folder(tree, parent);
    slots_remove(tree, from, handle);
    from->n_children--;
    tree_node(tree, handle)->parent = 0;
    if (from->n_children == 0)
        slots_free(tree, from);
    else if (from->slots_log2 > FULL_SLOTS_LOG2 && from->n_children < n_slots(from) / 8)
        slots_resize(tree, from, (uint8_t)(from->slots_log2 - 1));
}

void tree_clear_seen(struct tree *tree, uint32_t folder)
{
    const struct folder *of = tree_folder(tree, folder);
    const uint32_t *slots = slots_of(tree, of);
    for (uint32_t i = 0; i < n_slots(of); i++)
        if (slots[i] != 0)
            tree_node(tree, slots[i])->flags &= (uint8_t)~NODE_SEEN;
}

uint32_t tree_next_unseen(const struct tree *tree, uint32_t folder, uint32_t *slot)
{
    const struct folder *of = tree_folder(tree, folder);
    const uint32_t *slots = slots_of(tree, of);
    for (; *slot < n_slots(of); ++*slot)
        if (slots[*slot] != 0 && (tree_node(tree, slots[*slot])->flags & NODE_SEEN) == 0)
            return slots[*slot];
    return 0;
}

uint32_t tree_find_path(const struct tree *tree, uint32_t folder, const char *path)
{
    while (*path != '\0') {
        if (folder == 0 || !tree_is_folder(tree, folder))
            return 0;
        const char *end = strchrnul(path, '/');
        folder = tree_find(tree, folder, path, (size_t)(end - path));
        path = *end == '/' ? end + 1 : end;
    }
    return folder;
}

bool tree_is_below(const struct tree *tree, uint32_t folder, uint32_t ancestor)
{
    for (; folder != 0; folder = tree_node(tree, folder)->parent)
        if (folder == ancestor)
            return true;
    return false;
}

uint32_t tree_top(const struct tree *tree, uint32_t handle)
{
    while (tree_node(tree, handle)->parent != 0)
        handle = tree_node(tree, handle)->parent;
    return handle;
}

void tree_add_path(const struct tree *tree, uint32_t handle, struct buf *out)
{
    size_t length = 0;
    for (uint32_t at = handle; tree_node(tree, at)->parent != 0; at = tree_node(tree, at)->parent)
        length += tree_node(tree, at)->name_length + (size_t)1;
    if (length == 0)
        return;
    length--;
    char *end = buf_room(out, length) + length;
    for (uint32_t at = handle; tree_node(tree, at)->parent != 0; at = tree_node(tree, at)->parent) {
        if (at != handle)
            *--end = '/';
        end -= tree_node(tree, at)->name_length;
        memcpy(end, tree_name(tree, at), tree_node(tree, at)->name_length);
    }
    buf_grew(out, length);
}

uint32_t tree_depth(const struct tree *tree, uint32_t handle)
{
    uint32_t depth = 0;
    for (; tree_node(tree, handle)->parent != 0; handle = tree_node(tree, handle)->parent)
        depth++;
    return depth;
}

static void walk_enter(struct walk *walk, uint32_t folder)
{
    if (walk->n_levels == walk->capacity) {
        walk->capacity = walk->capacity > 0 ? walk->capacity * 2 : 16;
        walk->levels = memory_resize(walk->levels, walk->capacity, sizeof(*walk->levels));
    }
    walk->levels[walk->n_levels++] =
        (struct walk_level){.folder = folder, .path_length = walk->path.length};
}

void walk_begin(struct walk *walk, const struct tree *tree, uint32_t folder, const char *prefix)
{
    *walk = (struct walk){.tree = tree};
    buf_adds(&walk->path, prefix);
    walk_enter(walk, folder);
}

uint32_t walk_next(struct walk *walk)
{
    while (walk->n_levels > 0) {
        struct walk_level *level = &walk->levels[walk->n_levels - 1];
        const struct folder *folder = tree_folder(walk->tree, level->folder);
        const uint32_t *slots = slots_of(walk->tree, folder);
        buf_truncate(&walk->path, level->path_length);
        while (level->slot < n_slots(folder) && slots[level->slot] == 0)
            level->slot++;
        if (level->slot == n_slots(folder)) {
            walk->n_levels--;
            return level->folder;
        }
        uint32_t handle = slots[level->slot++];
        if (walk->path.length > 0)
            buf_addc(&walk->path, '/');
        buf_add(
            &walk->path, tree_name(walk->tree, handle), tree_node(walk->tree, handle)->name_length);
        if (!tree_is_folder(walk->tree, handle))
            return handle;
        walk_enter(walk, handle);
    }
    return 0;
}

void walk_release(struct walk *walk)
{
    free(walk->levels);
    buf_release(&walk->path);
    *walk = (struct walk){0};
}
