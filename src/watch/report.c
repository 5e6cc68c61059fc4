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
    const char *old_path, const char *new_path)
{
    bool was_too_long = (file->node.flags & NODE_TOO_LONG) != 0;
    bool too_long = strlen(new_path) > WATCH_PATH_MAX;
    bool clean = (file->node.flags & NODE_CLEAN) != 0 && !was_too_long && !too_long;
    if (clean && report_moved(watch, root, old_path, new_path, file->signature))
        return;
    file->signature = 0;
    file->node.flags &= (uint8_t) ~(NODE_CLEAN | NODE_TOO_LONG);
    report_gone(watch, root, old_path, WATCH_CAUSE_EVENT);
}

void report_moved_below(struct watch *watch, struct watch_root *root, uint32_t folder,
    const char *old_path, const char *new_path)
{
    AUTO_BUF from = BUF_INIT;
    buf_adds(&from, old_path);
    size_t old_length = from.length, new_length = strlen(new_path);
    struct walk walk;
    walk_begin(&walk, &watch->tree, folder, new_path);
    for (uint32_t at; (at = walk_next(&walk)) != 0;) {
        if (tree_is_folder(&watch->tree, at))
            continue;
        buf_truncate(&from, old_length);
        buf_add(&from, walk.path.data + new_length, walk.path.length - new_length);
        moved_one(watch, root, tree_file(&watch->tree, at), from.data, walk.path.data);
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
