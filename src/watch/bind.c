#include "watch/bind.h"

#include <errno.h>

#include "watch/check.h"
#include "watch/place.h"
#include "watch/report.h"
#include "watch/scan.h"

void bind_watch(struct watch *watch, uint32_t folder, int wd)
{
    struct folder *node = tree_folder(&watch->tree, folder);
    if (node->wd == wd)
        return;
    bind_unwatch(watch, folder);
    node->wd = wd;
    node->wd_next = notify_folder(&watch->notify, wd);
    notify_set_folder(&watch->notify, wd, folder);
    watch->counters.watches += node->wd_next == 0;
}

void bind_unwatch(struct watch *watch, uint32_t folder)
{
    struct folder *node = tree_folder(&watch->tree, folder);
    if (node->wd < 0)
        return;
    uint32_t first = notify_folder(&watch->notify, node->wd);
    if (first == folder) {
        notify_set_folder(&watch->notify, node->wd, node->wd_next);
        watch->counters.watches -= node->wd_next == 0;
    } else {
        struct folder *before = tree_folder(&watch->tree, first);
        while (before->wd_next != folder)
            before = tree_folder(&watch->tree, before->wd_next);
        before->wd_next = node->wd_next;
    }
    node->wd = -1;
    node->wd_next = 0;
}

void bind_ignored(struct watch *watch, int wd)
{
    uint32_t folder = notify_folder(&watch->notify, wd);
    watch->counters.watches -= folder != 0;
    while (folder != 0) {
        struct folder *node = tree_folder(&watch->tree, folder);
        folder = node->wd_next;
        node->wd = -1;
        node->wd_next = 0;
    }
    notify_forget(&watch->notify, wd);
}

uint32_t bind_find(const struct watch *watch, const struct watch_root *root, int wd)
{
    uint32_t folder = notify_folder(&watch->notify, wd);
    while (folder != 0 && tree_node(&watch->tree, folder)->root != root->id)
        folder = tree_folder(&watch->tree, folder)->wd_next;
    return folder;
}

void bind_polled(struct watch *watch, uint32_t folder, bool polled)
{
    struct node *node = tree_node(&watch->tree, folder);
    struct watch_root *root = core_root(watch, node->root);
    if (((node->flags & NODE_POLLED) != 0) == polled)
        return;
    node->flags ^= NODE_POLLED;
    root->n_polled = polled ? root->n_polled + 1 : root->n_polled - 1;
    if (root->n_polled == 0)
        root->limit_said = false;
}

void bind_say_limit(struct watch *watch, struct watch_root *root)
{
    if (root->limit_said)
        return;
    root->limit_said = true;
    uint64_t wanted = (watch->tree.n_folders + watch->counters.watches) * 2;
    if (wanted < 524288)
        wanted = 524288;
    struct error advice = ERROR_INIT;
    if (watch->notify.fd < 0) {
        error_set(
            &advice, ERROR_WATCH, 0, "no inotify descriptor for \"%s\": it is polled", root->path);
        error_hint(&advice, "sysctl fs.inotify.max_user_instances=512");
    } else {
        error_set(&advice, ERROR_WATCH, 0,
            "out of inotify watches (%llu in use): some folders of \"%s\" are polled",
            (unsigned long long)watch->counters.watches, root->path);
        error_hint(&advice, "sysctl fs.inotify.max_user_watches=%llu", (unsigned long long)wanted);
    }
    watch->events->limit_reached(root->settings.user, &advice);
}

void bind_retry(struct watch *watch, uint32_t folder, int fd)
{
    const struct folder *node = tree_folder(&watch->tree, folder);
    struct watch_root *root = core_root(watch, node->node.root);
    if ((node->node.flags & NODE_POLLED) == 0 || root->polled)
        return;
    int wd = notify_watch(&watch->notify, fd);
    if (wd < 0)
        return;
    bind_watch(watch, folder, wd);
    bind_polled(watch, folder, false);
}

void bind_to_limbo(struct watch *watch, uint32_t folder, enum watch_cause cause)
{
    struct node *node = tree_node(&watch->tree, folder);
    AUTO_BUF path = BUF_INIT;
    place_add_path(watch, folder, &path);
    tree_detach(&watch->tree, folder);
    node->flags |= NODE_LIMBO;
    limbo_add_folder(&watch->limbo, folder, node->root, buf_string(&path),
        watch->now_ms + LIMBO_FOLDER_MS, cause);
    place_forget(watch);
}

/* The tree has `folder` below `known`, the disk has `known` in `folder`: so `folder` was moved out
 * first, and the tree does not know where to. Both wait in limbo until they are met. */
static void untie(struct watch *watch, uint32_t known, uint32_t folder)
{
    uint32_t above = tree_node(&watch->tree, folder)->parent;
    uint32_t above_known = tree_node(&watch->tree, known)->parent;
    tree_node(&watch->tree, folder)->flags |= NODE_DIRTY;
    bind_to_limbo(watch, folder, WATCH_CAUSE_EVENT);
    if (above_known != 0) {
        bind_to_limbo(watch, known, WATCH_CAUSE_EVENT);
        scan_queue(watch, above_known, 0, TAG_EVENT);
    }
    scan_queue(watch, above, 0, TAG_EVENT);
}

static uint32_t move_here(struct watch *watch, uint32_t known, uint32_t folder, const char *name)
{
    struct watch_root *root = core_root_of(watch, folder);
    if (tree_is_below(&watch->tree, folder, known)) {
        untie(watch, known, folder);
        return 0;
    }
    struct buf *from = &watch->scratch[0], *to = &watch->scratch[1];
    buf_clear(from);
    buf_clear(to);
    place_add_path(watch, known, from);
    struct limbo_folder *entry = limbo_find_folder(&watch->limbo, known);
    if (entry != NULL)
        limbo_remove_folder(&watch->limbo, entry);
    else
        tree_detach(&watch->tree, known);
    tree_node(&watch->tree, known)->flags &= (uint8_t) ~(NODE_LIMBO | NODE_DIRTY);
    tree_rename(&watch->tree, known, name, strlen(name));
    tree_attach(&watch->tree, folder, known);
    place_forget(watch);
    place_add_path(watch, known, to);
    report_moved_below(watch, root, known, buf_string(from), buf_string(to));
    return known;
}

/* Without a watch: the inode, at its place or in limbo. */
static uint32_t find_by_inode(
    const struct watch *watch, const struct watch_root *root, uint32_t here, uint64_t inode)
{
    if (here != 0 && tree_folder(&watch->tree, here)->inode == inode)
        return here;
    for (const struct limbo_folder *at = watch->limbo.folders; at != NULL; at = at->hh.next) {
        const struct folder *folder = tree_folder(&watch->tree, at->folder);
        if (at->root == root->id && folder->wd < 0 && folder->inode == inode)
            return at->folder;
    }
    return 0;
}

static uint32_t new_here(struct watch *watch, uint32_t folder, const char *name, uint64_t inode)
{
    uint16_t root = tree_node(&watch->tree, folder)->root;
    uint32_t handle = tree_new_folder(&watch->tree, name, strlen(name), root);
    tree_folder(&watch->tree, handle)->inode = inode;
    tree_attach(&watch->tree, folder, handle);
    return handle;
}

uint32_t bind_folder(struct watch *watch, uint32_t folder, const char *name, int fd, uint64_t inode,
    uint8_t tag, bool *ret_list)
{
    struct watch_root *root = core_root_of(watch, folder);
    uint32_t here = tree_find(&watch->tree, folder, name, strlen(name));
    *ret_list = false;
    int wd = fd >= 0 ? notify_watch(&watch->notify, fd) : -1;
    if (fd >= 0 && wd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0; /* removed while it was open: its folder's event comes */
    uint32_t known = wd >= 0 ? bind_find(watch, root, wd) : 0;
    if (wd >= 0 && known == here && here != 0)
        return here;
    if (known == 0) {
        known = find_by_inode(watch, root, here, inode);
        if (wd >= 0 && known != 0 && tree_folder(&watch->tree, known)->wd >= 0)
            known = 0; /* the number of an inode that is no more, used again */
    }
    if (known != 0 && known == root->folder) { /* the old root lies below the new one */
        root->recheck = true;
        scan_queue(watch, folder, 0, TAG_EVENT);
        return 0;
    }
    if (here != 0 && known != here) {
        if (known != 0 && tree_is_below(&watch->tree, known, here))
            bind_to_limbo(watch, known, WATCH_CAUSE_EVENT);
        check_vanish(watch, here, &(struct check){.tag = tag});
    }
    bool had_watch = known != 0 && tree_folder(&watch->tree, known)->wd >= 0;
    if (known == 0)
        known = new_here(watch, folder, name, inode);
    else if (known != here)
        known = move_here(watch, known, folder, name);
    if (known == 0) {
        if (wd >= 0 && notify_folder(&watch->notify, wd) == 0)
            notify_set_folder(&watch->notify, wd, 0);
        return 0;
    }
    *ret_list = !(known == here && wd < 0);
    if (wd >= 0 && !had_watch)
        bind_watch(watch, known, wd);
    bind_polled(watch, known, wd < 0);
    if (wd < 0 && fd >= 0)
        bind_say_limit(watch, root);
    return known;
}
