#include "watch/links.h"

#include "base/arena.h"
#include "base/clock.h"
#include "watch/recheck.h"

#undef uthash_fatal
#define uthash_fatal(message) memory_exhausted(0)

struct link_key {
    uint64_t device, inode;
};

/* All known names of one file. */
struct link_set {
    struct link_key key;
    uint32_t *files;
    size_t n, capacity;
    uint64_t n_names;    /* st_nlink */
    uint32_t inode_hash; /* upper half of file.identity */
    bool due;            /* its names are to be looked at */
    bool searched;       /* for this n_names */
    UT_hash_handle hh;
};

/* Which set a node is in, the way back from its handle. */
struct link_name {
    uint32_t file;
    struct link_set *set;
    UT_hash_handle hh;
};

static struct link_name *name_of(const struct watch *watch, uint32_t file)
{
    struct link_name *name = NULL;
    HASH_FIND(hh, watch->link_names, &file, sizeof(file), name);
    return name;
}

static struct link_set *set_of(const struct watch *watch, const struct link_key *key)
{
    struct link_set *set = NULL;
    HASH_FIND(hh, watch->link_sets, key, sizeof(*key), set);
    return set;
}

static void mark_due(struct watch *watch, struct link_set *set)
{
    if (set->due)
        return;
    set->due = true;
    if (watch->n_links_due == watch->links_due_capacity) {
        watch->links_due_capacity =
            watch->links_due_capacity > 0 ? watch->links_due_capacity * 2 : 16;
        watch->links_due =
            memory_resize(watch->links_due, watch->links_due_capacity, sizeof(*watch->links_due));
    }
    watch->links_due[watch->n_links_due++] = set->key;
}

static void add(struct watch *watch, uint32_t file, const struct stat *st)
{
    struct link_key key = {.device = st->st_dev, .inode = st->st_ino};
    struct link_set *set = set_of(watch, &key);
    if (set == NULL) {
        set = memory_new(1, sizeof(*set));
        set->key = key;
        HASH_ADD(hh, watch->link_sets, key, sizeof(key), set);
    }
    if (set->n == set->capacity) {
        set->capacity = set->capacity > 0 ? set->capacity * 2 : 2;
        set->files = memory_resize(set->files, set->capacity, sizeof(*set->files));
    }
    set->files[set->n++] = file;
    struct link_name *name = memory_new(1, sizeof(*name));
    name->file = file;
    name->set = set;
    HASH_ADD(hh, watch->link_names, file, sizeof(name->file), name);
    tree_node(&watch->tree, file)->flags |= NODE_LINKED;
}

static void drop_set(struct watch *watch, struct link_set *set)
{
    HASH_DELETE(hh, watch->link_sets, set);
    free(set->files);
    free(set);
}

void links_forget(struct watch *watch, uint32_t file)
{
    struct node *node = tree_node(&watch->tree, file);
    if ((node->flags & NODE_LINKED) == 0)
        return;
    node->flags &= (uint8_t)~NODE_LINKED;
    struct link_name *name = name_of(watch, file);
    struct link_set *set = name->set;
    HASH_DELETE(hh, watch->link_names, name);
    free(name);
    for (size_t i = 0; i < set->n; i++)
        if (set->files[i] == file)
            set->files[i--] = set->files[--set->n];
    if (set->n == 0)
        drop_set(watch, set);
    else
        mark_due(watch, set); /* a name less: the others have another ctime */
}

void links_seen(struct watch *watch, uint32_t file, const struct stat *st, bool changed)
{
    bool linked = (tree_node(&watch->tree, file)->flags & NODE_LINKED) != 0;
    if (st->st_nlink < 2 && !linked)
        return;
    if (linked) {
        const struct link_set *set = name_of(watch, file)->set;
        bool same = set->key.device == st->st_dev && set->key.inode == st->st_ino;
        if (!same || st->st_nlink < 2) {
            links_forget(watch, file);
            linked = false;
        }
    }
    if (st->st_nlink < 2)
        return;
    if (!linked)
        add(watch, file, st);
    struct link_set *set = name_of(watch, file)->set;
    set->searched = set->searched && set->n_names == st->st_nlink;
    set->n_names = st->st_nlink;
    set->inode_hash = (uint32_t)(tree_file(&watch->tree, file)->identity >> 32);
    watch->links_incomplete |= !set->searched && set->n < set->n_names;
    if (changed && set->n > 1)
        mark_due(watch, set);
}

/* A check may change any set, so go by copies. */
static void check_set(struct watch *watch, const struct link_key *key)
{
    struct link_set *set = set_of(watch, key);
    if (set == NULL)
        return;
    set->due = false;
    size_t n = set->n;
    AUTO_FREE uint32_t *files = memory_new(n, sizeof(*files));
    memcpy(files, set->files, n * sizeof(*files));
    for (size_t i = 0; i < n; i++) {
        const struct link_name *name = name_of(watch, files[i]);
        if (name != NULL && memcmp(&name->set->key, key, sizeof(*key)) == 0)
            recheck_file(watch, files[i]);
    }
}

void links_check(struct watch *watch, uint64_t deadline_ms)
{
    for (unsigned n = 1; watch->n_links_due > 0; n++) {
        const struct link_key key = watch->links_due[--watch->n_links_due];
        check_set(watch, &key);
        if (n % 16 == 0 && clock_monotonic_ms() >= deadline_ms)
            return;
    }
}

/* What is looked for, by the half of the identity that a write leaves alone. */
struct wanted {
    uint32_t inode_hash;
    UT_hash_handle hh;
};

static struct wanted *list_wanted(struct watch *watch)
{
    struct wanted *wanted = NULL, *one = NULL;
    struct link_set *set, *next;
    HASH_ITER (hh, watch->link_sets, set, next) {
        if (set->searched || set->n >= set->n_names)
            continue;
        set->searched = true;
        HASH_FIND(hh, wanted, &set->inode_hash, sizeof(set->inode_hash), one);
        if (one != NULL)
            continue;
        one = memory_new(1, sizeof(*one));
        one->inode_hash = set->inode_hash;
        HASH_ADD(hh, wanted, inode_hash, sizeof(one->inode_hash), one);
    }
    return wanted;
}

/* The names that may be meant are looked at. */
static void search_root(
    struct watch *watch, const struct watch_root *root, const struct wanted *wanted)
{
    struct walk walk;
    walk_begin(&walk, &watch->tree, root->folder, "");
    for (uint32_t at; (at = walk_next(&walk)) != 0;) {
        if ((tree_node(&watch->tree, at)->flags & (NODE_FOLDER | NODE_LINKED)) != 0)
            continue;
        uint32_t hash = (uint32_t)(tree_file(&watch->tree, at)->identity >> 32);
        const struct wanted *one = NULL;
        HASH_FIND(hh, wanted, &hash, sizeof(hash), one);
        if (one != NULL)
            recheck_add(watch, root, buf_string(&walk.path));
    }
    walk_release(&walk);
}

void links_search(struct watch *watch)
{
    if (!watch->links_incomplete)
        return;
    watch->links_incomplete = false;
    struct wanted *wanted = list_wanted(watch), *one, *next;
    for (size_t i = 0; wanted != NULL && i < watch->n_roots; i++)
        if (watch->roots[i] != NULL && watch->roots[i]->folder != 0)
            search_root(watch, watch->roots[i], wanted);
    HASH_ITER (hh, wanted, one, next) {
        HASH_DELETE(hh, wanted, one);
        free(one);
    }
}

void links_release(struct watch *watch)
{
    struct link_name *name, *next_name;
    HASH_ITER (hh, watch->link_names, name, next_name) {
        HASH_DELETE(hh, watch->link_names, name);
        free(name);
    }
    struct link_set *set, *next_set;
    HASH_ITER (hh, watch->link_sets, set, next_set)
        drop_set(watch, set);
    free(watch->links_due);
}
