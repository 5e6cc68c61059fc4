/*
 * tree.h - the picture of all roots: folders and files as small nodes, no stored full path. Pure:
 * knows nothing of the disk. Thread: main only.
 *
 * A node is named by a handle that stays valid until it is freed. A path is built by walking
 * `parent`, so moving a folder is one detach and one attach, however much lies below it.
 * A folder finds its children by an open-addressing table of handles of its own.
 */
#ifndef WATCH_TREE_H
#define WATCH_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "watch/ignore.h"
#include "watch/slab.h"

enum node_flag {
    NODE_FOLDER = 1,
    NODE_SEEN = 2, /* met since its folder's listing began */
    /* of files */
    NODE_CLEAN = 4,    /* both tables hold this version, nothing reported since */
    NODE_TOO_LONG = 8, /* the path is over WATCH_PATH_MAX: known, but no row */
    NODE_LINKED = 16,  /* has or had other names: owner links */
    NODE_REPLACED =
        32, /* in limbo, and a newer file has had its path: the row there is not its own */
    /* of folders */
    NODE_LIMBO = 16,      /* detached, waits to be seen at another place */
    NODE_UNREADABLE = 32, /* could not be opened or listed; rows below it are kept */
    NODE_POLLED = 64,     /* has no kernel watch for want of one */
    NODE_DIRTY = 128      /* in limbo: to be listed when it is seen again */
};

/* What files and folders have in common. */
struct node {
    uint32_t parent; /* folder; 0: a root's own folder, or detached */
    uint32_t hash;   /* of the name */
    uint8_t name_length;
    uint8_t flags;
    uint16_t root; /* whose tree it is in */
};

struct file {
    struct node node;
    uint32_t mark;      /* generation of watch_file_mark() */
    uint64_t signature; /* stat_signature() as last reported or found; 0: to be reported */
    uint64_t identity; /* what a rename leaves alone: hash of device and inode in the upper half, of
                          size and mtime in the lower one */
    char name[];
};

struct folder {
    struct node node;
    int32_t wd; /* kernel watch; -1: none */
    uint64_t inode;
    union {
        uint32_t small;         /* slab block, while slots_log2 <= 7 */
        uint32_t *large;        /* from malloc */
    } slots;                    /* handles of children; 0: empty */
    struct ignore_rules *rules; /* owned; NULL: none */
    uint32_t n_children;
    uint32_t name;                 /* slab block of name_length bytes; a folder can be renamed */
    uint32_t wd_next;              /* next folder with the same wd (roots that overlap) */
    uint32_t work_prev, work_next; /* owner: scan */
    uint32_t rules_print;          /* of the ignore files as last read; 0: not read or none there */
    uint8_t slots_log2;
    uint8_t work;   /* owner: scan */
    uint8_t tag;    /* owner: scan */
    uint8_t listed; /* 1: was listed at least once */
};

struct tree {
    struct slab slab;
    uint32_t seed;
    uint64_t n_files, n_folders;
    size_t table_bytes; /* children tables that are too large for the slab */
};

void tree_init(struct tree *tree, uint32_t seed);
/** Frees all memory at once; folders' rules must have been freed. */
void tree_release(struct tree *tree);

static inline struct node *tree_node(const struct tree *tree, uint32_t handle)
{
    return slab_at(&tree->slab, handle);
}

static inline struct file *tree_file(const struct tree *tree, uint32_t handle)
{
    return slab_at(&tree->slab, handle);
}

static inline struct folder *tree_folder(const struct tree *tree, uint32_t handle)
{
    return slab_at(&tree->slab, handle);
}

static inline bool tree_is_folder(const struct tree *tree, uint32_t handle)
{
    return (tree_node(tree, handle)->flags & NODE_FOLDER) != 0;
}

/** The name's bytes; node.name_length of them, no NUL. */
const char *tree_name(const struct tree *tree, uint32_t handle);

/** New detached nodes. length: 1..255; a root's own folder has length 0. */
uint32_t tree_new_file(struct tree *tree, const char *name, size_t length, uint16_t root);
uint32_t tree_new_folder(struct tree *tree, const char *name, size_t length, uint16_t root);

/** Free a detached node. A folder's children are not looked at: free them first. Frees rules. */
void tree_free(struct tree *tree, uint32_t handle);

/** Give a detached folder another name. */
void tree_rename(struct tree *tree, uint32_t folder, const char *name, size_t length);

/** Handle of the child, 0 if there is none. */
uint32_t tree_find(const struct tree *tree, uint32_t folder, const char *name, size_t length);

/** Put a detached node into a folder that has no child of its name. */
void tree_attach(struct tree *tree, uint32_t folder, uint32_t handle);
void tree_detach(struct tree *tree, uint32_t handle);

/** Take NODE_SEEN from all children. */
void tree_clear_seen(struct tree *tree, uint32_t folder);
/** A child without NODE_SEEN, 0 if there is none. *slot: where to look from, 0 at first; a pass
 * that changes children may miss some: begin again until a whole pass finds none. */
uint32_t tree_next_unseen(const struct tree *tree, uint32_t folder, uint32_t *slot);

/** Node at a relative path below `folder` ("" = itself), 0 if there is none. */
uint32_t tree_find_path(const struct tree *tree, uint32_t folder, const char *path);

/** True when `folder` is `ancestor` or lies below it. */
bool tree_is_below(const struct tree *tree, uint32_t folder, uint32_t ancestor);

/** The topmost node above: a root's own folder or one that is detached. */
uint32_t tree_top(const struct tree *tree, uint32_t handle);

/** Append the path from (not including) the topmost node, no slash at either end. */
void tree_add_path(const struct tree *tree, uint32_t handle, struct buf *out);

/** Folders between the node and its topmost node. */
uint32_t tree_depth(const struct tree *tree, uint32_t handle);

/* Visits all below a folder and then the folder itself; folders come after what is in them. The
 * visited node may be freed; nothing else may change meanwhile. */
struct walk {
    const struct tree *tree;
    struct walk_level *levels;
    size_t n_levels, capacity;
    struct buf path; /* of the node that walk_next() returned: prefix and names below it */
};

/** prefix: path of the folder as it is to appear in walk.path. */
void walk_begin(struct walk *walk, const struct tree *tree, uint32_t folder, const char *prefix);
/** 0 at the end. */
uint32_t walk_next(struct walk *walk);
void walk_release(struct walk *walk);

#endif
