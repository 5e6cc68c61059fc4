#include "watch/recheck.h"

#include <limits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "watch/check.h"
#include "watch/place.h"
#include "watch/report.h"
#include "watch/scan.h"

void recheck_file(struct watch *watch, uint32_t file)
{
    uint32_t folder = tree_node(&watch->tree, file)->parent;
    enum place_state state;
    if (folder == 0 || !place_is_attached(watch, folder))
        return; /* in limbo: its folder is listed when it is met again */
    if (core_root_of(watch, file)->polled) {
        scan_queue(watch, folder, 0, TAG_POLL);
        return;
    }
    int dir_fd = place_open(watch, folder, &state);
    if (dir_fd < 0) {
        scan_queue(watch, folder, 0, TAG_EVENT);
        return;
    }
    char name[NAME_MAX + 1];
    size_t length = tree_node(&watch->tree, file)->name_length;
    memcpy(name, tree_name(&watch->tree, file), length);
    name[length] = '\0';
    check_name(watch, folder, dir_fd, name, &(struct check){.tag = TAG_EVENT});
}

void recheck_add(struct watch *watch, const struct watch_root *root, const char *path)
{
    buf_add(&watch->rechecks, &root->id, sizeof(root->id));
    buf_add(&watch->rechecks, path, strlen(path) + 1);
    watch->left_over = true;
}

/* By path, because a check may free any node. */
static void one(struct watch *watch, uint16_t id, const char *path)
{
    const struct watch_root *root = watch->roots[id - 1];
    if (root == NULL || root->folder == 0 || root->state == WATCH_ROOT_OFFLINE)
        return;
    uint32_t file = tree_find_path(&watch->tree, root->folder, path);
    if (file != 0 && !tree_is_folder(&watch->tree, file))
        recheck_file(watch, file);
}

void recheck_run(struct watch *watch, uint64_t deadline_ms)
{
    size_t at = 0;
    AUTO_BUF list = watch->rechecks;
    watch->rechecks = BUF_INIT;
    for (unsigned n = 1; at < list.length; n++) {
        uint16_t id = 0;
        memcpy(&id, list.data + at, sizeof(id));
        const char *path = list.data + at + sizeof(id);
        at += sizeof(id) + strlen(path) + 1;
        one(watch, id, path);
        if (n % 16 == 0 && clock_monotonic_ms() >= deadline_ms)
            break;
    }
    if (at < list.length)
        buf_add(&watch->rechecks, list.data + at, list.length - at);
}

void recheck_row(struct watch *watch, struct watch_root *root, const char *path, uint64_t signature)
{
    report_row_in_limbo(watch, root, path, signature);
    if (!report_is_live(watch, root, path))
        return;
    struct file *file = tree_file(&watch->tree, tree_find_path(&watch->tree, root->folder, path));
    if (signature != 0 && file->signature == signature) {
        file->node.flags |= NODE_CLEAN;
        return;
    }
    /* What was read is newer than the tree, or was there for a moment only. */
    file->signature = signature;
    file->node.flags &= (uint8_t)~NODE_CLEAN;
    recheck_add(watch, root, path);
}
