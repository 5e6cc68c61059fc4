/* Files of a revision, for git.h: the trees are walked with a stack of our own, because a tree may
 * be as deep as its author likes. */
#include "app/git.h"

#include <git2.h>

#include "app/git_private.h"

/* A directory that is being read. */
struct tree_level {
    git_tree *tree;
    size_t next;        /* entry to look at */
    size_t path_length; /* of the path so far when the level is done */
};

struct revision_walk {
    struct git *git;
    const struct git_walk_ops *ops;
    void *user;
    git_odb *objects;
    struct tree_level *levels;
    size_t depth, capacity;
    struct buf path;
    bool stopped;
    struct error *err;
};

static bool push_tree(struct revision_walk *walk, const git_oid *id, size_t path_length)
{
    git_tree *tree = NULL;
    if (git_tree_lookup(&tree, walk->git->repository, id) < 0)
        return git_failed(walk->err, ERROR_IO, "read the git tree of", buf_string(&walk->path));
    if (walk->depth == walk->capacity) {
        walk->capacity = 2 * walk->capacity + 16;
        walk->levels = memory_resize(walk->levels, walk->capacity, sizeof(*walk->levels));
    }
    walk->levels[walk->depth++] = (struct tree_level){.tree = tree, .path_length = path_length};
    return true;
}

static bool visit_file(struct revision_walk *walk, const git_tree_entry *entry)
{
    size_t size = 0;
    git_object_t type = GIT_OBJECT_ANY;
    char id[GIT_OID_HEXSZ + 1];
    if (git_odb_read_header(&size, &type, walk->objects, git_tree_entry_id(entry)) < 0)
        return git_failed(walk->err, ERROR_IO, "read the git blob of", buf_string(&walk->path));
    struct git_entry found = {
        .path = buf_string(&walk->path),
        .blob_id = git_oid_tostr(id, sizeof(id), git_tree_entry_id(entry)),
        .size_bytes = size,
        .mode = (uint32_t)git_tree_entry_filemode(entry),
    };
    if (walk->ops->file(walk->user, &found, walk->err))
        return true;
    walk->stopped = walk->err->kind == ERROR_NONE;
    return false;
}

static bool visit(struct revision_walk *walk, const git_tree_entry *entry, size_t path_length)
{
    git_filemode_t mode = git_tree_entry_filemode(entry);
    bool is_file = mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE;
    bool fine = true;
    if (path_length > 0)
        buf_addc(&walk->path, '/');
    buf_adds(&walk->path, git_tree_entry_name(entry));
    if (mode == GIT_FILEMODE_TREE) {
        if (walk->ops->enter == NULL || walk->ops->enter(walk->user, buf_string(&walk->path)))
            return push_tree(walk, git_tree_entry_id(entry),
                path_length); /* the path stays until the level ends */
    } else if (is_file) {
        fine = visit_file(walk, entry);
    }
    buf_truncate(&walk->path, path_length);
    return fine;
}

static bool run(struct revision_walk *walk)
{
    while (walk->depth > 0) {
        struct tree_level *level = &walk->levels[walk->depth - 1];
        if (level->next == git_tree_entrycount(level->tree)) {
            git_tree_free(level->tree);
            buf_truncate(&walk->path, level->path_length);
            walk->depth--;
            continue;
        }
        const git_tree_entry *entry = git_tree_entry_byindex(level->tree, level->next++);
        if (!visit(walk, entry, walk->path.length))
            return false;
    }
    return true;
}

/* The tree of the root in the revision; *ret_found false: the revision has no such folder. */
static bool find_root(
    struct git *git, const char *revision, bool *ret_found, git_oid *ret_id, struct error *err)
{
    git_object *tree = NULL;
    git_tree_entry *entry = NULL;
    if (!git_peel(git, revision, GIT_OBJECT_TREE, &tree, err))
        return false;
    *ret_found = true;
    git_oid_cpy(ret_id, git_object_id(tree));
    if (git->prefix[0] != '\0') {
        *ret_found = git_tree_entry_bypath(&entry, (git_tree *)tree, git->prefix) == 0 &&
                     git_tree_entry_type(entry) == GIT_OBJECT_TREE;
        if (*ret_found)
            git_oid_cpy(ret_id, git_tree_entry_id(entry));
        git_tree_entry_free(entry);
    }
    git_object_free(tree);
    return true;
}

bool git_walk_revision(struct git *git, const char *revision, const struct git_walk_ops *ops,
    void *user, struct error *err)
{
    struct revision_walk walk = {.git = git, .ops = ops, .user = user, .err = err};
    bool found = false;
    git_oid id;
    if (!find_root(git, revision, &found, &id, err))
        return false;
    if (!found)
        return error_set(err, ERROR_USAGE, 0,
            "the git revision \"%.100s\" has no folder \"%.200s\"", revision, git->prefix);
    if (git_repository_odb(&walk.objects, git->repository) < 0)
        return git_failed(err, ERROR_IO, "open the objects of", git->directory);
    bool fine = push_tree(&walk, &id, 0) && run(&walk);
    while (walk.depth > 0)
        git_tree_free(walk.levels[--walk.depth].tree);
    free(walk.levels);
    buf_release(&walk.path);
    git_odb_free(walk.objects);
    return fine || walk.stopped;
}

static bool read_blob(struct git *git, const git_oid *id, uint64_t limit_bytes,
    struct buf *ret_bytes, struct error *err)
{
    git_blob *blob = NULL;
    char hex[GIT_OID_HEXSZ + 1];
    if (git_blob_lookup(&blob, git->repository, id) < 0)
        return git_failed(err, ERROR_IO, "read the git blob", git_oid_tostr(hex, sizeof(hex), id));
    uint64_t size = (uint64_t)git_blob_rawsize(blob);
    if (size <= limit_bytes)
        buf_add(ret_bytes, git_blob_rawcontent(blob), (size_t)size);
    git_blob_free(blob);
    return size <= limit_bytes ||
           error_set(err, ERROR_FILES, 0, "the git blob %s has %llu bytes, the limit is %llu",
               git_oid_tostr(hex, sizeof(hex), id), (unsigned long long)size,
               (unsigned long long)limit_bytes);
}

bool git_read_blob(struct git *git, const char *blob_id, uint64_t limit_bytes,
    struct buf *ret_bytes, struct error *err)
{
    git_oid id;
    if (git_oid_fromstr(&id, blob_id) < 0)
        return git_failed(err, ERROR_IO, "read the git blob", blob_id);
    return read_blob(git, &id, limit_bytes, ret_bytes, err);
}

bool git_read_path(struct git *git, const char *revision, const char *path, bool *ret_found,
    struct buf *ret_bytes, struct error *err)
{
    git_object *tree = NULL;
    git_tree_entry *entry = NULL;
    bool fine = true;
    if (!git_peel(git, revision, GIT_OBJECT_TREE, &tree, err))
        return false;
    AUTO_BUF full = BUF_INIT;
    buf_addf(&full, "%s%s%s", git->prefix, git->prefix[0] == '\0' ? "" : "/", path);
    *ret_found = git_tree_entry_bypath(&entry, (git_tree *)tree, buf_string(&full)) == 0 &&
                 git_tree_entry_type(entry) == GIT_OBJECT_BLOB &&
                 git_tree_entry_filemode(entry) != GIT_FILEMODE_LINK;
    if (*ret_found)
        fine = read_blob(git, git_tree_entry_id(entry), UINT64_MAX, ret_bytes, err);
    git_tree_entry_free(entry);
    git_object_free(tree);
    return fine;
}
