#include "watch/report.h"

#include "watch/place.h"

static const enum watch_cause causes[TAGS] = {
    [TAG_EVENT] = WATCH_CAUSE_EVENT,
    [TAG_FIRST] = WATCH_CAUSE_EVENT,
    [TAG_OVERFLOW] = WATCH_CAUSE_OVERFLOW,
    [TAG_RECONCILE] = WATCH_CAUSE_RECONCILE,
    [TAG_FILTER] = WATCH_CAUSE_FILTER,
    [TAG_POLL] = WATCH_CAUSE_POLL,
    [TAG_RETURNED] = WATCH_CAUSE_RETURNED,
    [TAG_REPLACED] = WATCH_CAUSE_REPLACED,
    [TAG_MOUNTS] = WATCH_CAUSE_MOUNTS,
};

/* Which scan a report belongs to; TAG_EVENT where none does. */
static const uint8_t scan_tags[] = {
    [WATCH_CAUSE_EVENT] = TAG_EVENT,
    [WATCH_CAUSE_FILTER] = TAG_FILTER,
    [WATCH_CAUSE_POLL] = TAG_POLL,
    [WATCH_CAUSE_OVERFLOW] = TAG_OVERFLOW,
    [WATCH_CAUSE_REPLACED] = TAG_REPLACED,
    [WATCH_CAUSE_RECONCILE] = TAG_RECONCILE,
    [WATCH_CAUSE_RETURNED] = TAG_RETURNED,
    [WATCH_CAUSE_MOUNTS] = TAG_MOUNTS,
};

enum watch_cause report_cause(uint8_t tag)
{
    return causes[tag];
}

bool report_is_live(const struct watch *watch, const struct watch_root *root, const char *path)
{
    if (root->folder == 0)
        return false;
    uint32_t handle = tree_find_path(&watch->tree, root->folder, path);
    return handle != 0 &&
           (tree_node(&watch->tree, handle)->flags & (NODE_FOLDER | NODE_TOO_LONG)) == 0;
}

void report_changed(struct watch *watch, struct watch_root *root, const char *path,
    const struct stat *st, enum watch_hint hint, uint8_t tag)
{
    root->scans[tag].changed++;
    watch->events->file_changed(root->settings.user, path, st, hint, causes[tag]);
}

void report_gone(
    struct watch *watch, struct watch_root *root, const char *path, enum watch_cause cause)
{
    if (strlen(path) > WATCH_PATH_MAX || report_is_live(watch, root, path))
        return;
    root->scans[scan_tags[cause]].gone++;
    watch->events->file_gone(root->settings.user, path, cause);
}

/* The file that had this path, below a folder in limbo. */
static struct file *file_in_limbo(
    const struct watch *watch, const struct limbo_folder *entry, const char *path)
{
    size_t length = strlen(entry->path);
    if (strncmp(entry->path, path, length) != 0 || path[length] != '/')
        return NULL;
    uint32_t handle = tree_find_path(&watch->tree, entry->folder, path + length + 1);
    if (handle == 0 || tree_is_folder(&watch->tree, handle))
        return NULL;
    return tree_file(&watch->tree, handle);
}

bool report_new_owner(struct watch *watch, struct watch_root *root, const char *path)
{
    struct limbo_file *older = limbo_file_at(&watch->limbo, root->id, path);
    bool found = older != NULL;
    if (found)
        limbo_remove_file(&watch->limbo, older);
    for (struct limbo_folder *at = watch->limbo.folders; at != NULL; at = at->hh.next) {
        struct file *file = at->root == root->id ? file_in_limbo(watch, at, path) : NULL;
        if (file == NULL)
            continue;
        file->node.flags &= (uint8_t)~NODE_CLEAN;
        file->node.flags |= NODE_REPLACED;
        found = true;
    }
    return found;
}

void report_row_in_limbo(
    struct watch *watch, struct watch_root *root, const char *path, uint64_t signature)
{
    for (struct limbo_folder *at = watch->limbo.folders; at != NULL; at = at->hh.next) {
        struct file *file = at->root == root->id ? file_in_limbo(watch, at, path) : NULL;
        if (file == NULL || (signature != 0 && file->signature == signature))
            continue;
        file->signature = 0;
        file->node.flags &= (uint8_t)~NODE_CLEAN;
    }
}

bool report_moved(struct watch *watch, struct watch_root *root, const char *old_path,
    const char *new_path, uint64_t signature)
{
    if (report_is_live(watch, root, old_path))
        return false;
    watch->counters.moves++;
    watch->events->file_moved(root->settings.user, old_path, new_path, signature);
    return true;
}

static void moved_one(struct watch *watch, struct watch_root *root, struct file *file,
    const char *old_path, const char *new_path, bool may_move)
{
    const uint8_t flags = file->node.flags;
    bool same_place = strcmp(old_path, new_path) == 0;
    bool has_row = (flags & (NODE_TOO_LONG | NODE_REPLACED)) == 0;
    if (same_place && has_row)
        return; /* back from limbo: what was reported before is still true */
    bool overwrites = report_new_owner(watch, root, new_path);
    bool clean = may_move && (flags & NODE_CLEAN) != 0 && has_row && !overwrites;
    if (clean && strlen(new_path) <= WATCH_PATH_MAX &&
        report_moved(watch, root, old_path, new_path, file->signature))
        return;
    file->signature = 0;
    file->node.flags &= (uint8_t) ~(NODE_CLEAN | NODE_TOO_LONG | NODE_REPLACED);
    if (has_row)
        report_gone(watch, root, old_path, WATCH_CAUSE_EVENT);
}

static bool is_within(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

void report_moved_below(struct watch *watch, struct watch_root *root, uint32_t folder,
    const char *old_path, const char *new_path)
{
    AUTO_BUF from = BUF_INIT;
    buf_adds(&from, old_path);
    size_t old_length = from.length, new_length = strlen(new_path);
    /* a -> a/b: one file's new path can be another one's old path, so no move is safe by itself */
    bool may_move = !is_within(new_path, old_path) && !is_within(old_path, new_path);
    struct walk walk;
    walk_begin(&walk, &watch->tree, folder, new_path);
    for (uint32_t at; (at = walk_next(&walk)) != 0;) {
        if (tree_is_folder(&watch->tree, at))
            continue;
        buf_truncate(&from, old_length);
        buf_add(&from, walk.path.data + new_length, walk.path.length - new_length);
        moved_one(watch, root, tree_file(&watch->tree, at), from.data, walk.path.data, may_move);
    }
    walk_release(&walk);
}

void report_unreadable(struct watch *watch, uint32_t folder, int sys_errno)
{
    struct watch_root *root = core_root_of(watch, folder);
    struct node *node = tree_node(&watch->tree, folder);
    bool was = (node->flags & NODE_UNREADABLE) != 0;
    if (was == (sys_errno != 0))
        return;
    node->flags ^= NODE_UNREADABLE;
    AUTO_BUF path = BUF_INIT;
    place_add_path(watch, folder, &path);
    watch->events->unreadable(root->settings.user, buf_string(&path), sys_errno);
}

void report_missed(struct watch *watch, uint8_t tag)
{
    if (tag == TAG_RECONCILE && notify_queue_bytes(&watch->notify) == 0)
        watch->counters.missed_events++;
}
