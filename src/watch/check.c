#include "watch/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "model/signature.h"
#include "watch/bind.h"
#include "watch/links.h"
#include "watch/place.h"
#include "watch/report.h"
#include "watch/scan.h"

/* Events after which the file is reported even if its stat is what it was: a second store to a
 * mapped page does not move mtime, and old kernels' clocks tick every 4 ms. */
#define TOLD (IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO)

static uint32_t fold(uint64_t value)
{
    return (uint32_t)(value ^ value >> 32);
}

/* struct file.identity; a rename changes ctime alone. */
static uint64_t identity_of(const struct stat *st)
{
    const struct stat which = {.st_dev = st->st_dev, .st_ino = st->st_ino};
    const struct stat what = {.st_size = st->st_size, .st_mtim = st->st_mtim};
    return (uint64_t)fold(stat_signature(&which)) << 32 | fold(stat_signature(&what));
}

/* The entry's path; good until the next call. */
static const char *entry_path(struct watch *watch, uint32_t folder, const char *name, size_t length)
{
    struct buf *path = &watch->scratch[2];
    place_enter(watch, folder);
    buf_clear(path);
    buf_add(path, watch->place.path.data, watch->place.path.length);
    buf_add(path, name, length);
    return buf_string(path);
}

bool check_is_wanted(
    struct watch *watch, uint32_t folder, const char *name, size_t length, bool is_directory)
{
    const struct watch_root *root = core_root_of(watch, folder);
    const struct watch_root_settings *settings = &root->settings;
    if (is_directory) {
        if (!settings->recursive)
            return false;
        if (settings->max_depth > 0 && tree_depth(&watch->tree, folder) + 1 > settings->max_depth)
            return false;
    }
    const char *path = entry_path(watch, folder, name, length);
    return filter_check_entry(settings->filter, watch->place.levels, watch->place.n_levels, path,
               is_directory, NULL) != FILTER_NO;
}

static void free_file(struct watch *watch, uint32_t handle)
{
    links_forget(watch, handle);
    core_root_of(watch, handle)->n_files--;
    tree_free(&watch->tree, handle);
}

static void free_folder(struct watch *watch, uint32_t handle)
{
    scan_forget(watch, handle);
    bind_polled(watch, handle, false);
    bind_unwatch(watch, handle);
    place_close_fd(watch, handle);
    tree_free(&watch->tree, handle);
}

void check_drop(
    struct watch *watch, uint32_t folder, const char *path, bool silent, enum watch_cause cause)
{
    struct watch_root *root = core_root_of(watch, folder);
    place_forget(watch);
    struct walk walk;
    walk_begin(&walk, &watch->tree, folder, path);
    for (uint32_t at; (at = walk_next(&walk)) != 0;) {
        if (tree_is_folder(&watch->tree, at)) {
            bool unread = (tree_node(&watch->tree, at)->flags & NODE_UNREADABLE) != 0;
            free_folder(watch, at);
            if (unread && !silent)
                watch->events->unreadable(root->settings.user, buf_string(&walk.path), ENOENT);
            continue;
        }
        bool has_row = (tree_node(&watch->tree, at)->flags & (NODE_TOO_LONG | NODE_REPLACED)) == 0;
        if (!silent && has_row)
            report_gone(watch, root, buf_string(&walk.path), cause);
        free_file(watch, at);
    }
    walk_release(&walk);
}

void check_remove(struct watch *watch, uint32_t handle, enum watch_cause cause)
{
    AUTO_BUF path = BUF_INIT;
    struct watch_root *root = core_root_of(watch, handle);
    place_add_path(watch, handle, &path);
    tree_detach(&watch->tree, handle);
    if (tree_is_folder(&watch->tree, handle)) {
        check_drop(watch, handle, buf_string(&path), false, cause);
        return;
    }
    free_file(watch, handle);
    report_gone(watch, root, buf_string(&path), cause);
}

static void vanish_file(struct watch *watch, uint32_t handle, const struct check *why)
{
    const struct file *file = tree_file(&watch->tree, handle);
    enum watch_cause cause = report_cause(why->tag);
    AUTO_BUF path = BUF_INIT;
    place_add_path(watch, handle, &path);
    bool may_return = (file->node.flags & NODE_CLEAN) != 0 && (why->mask & IN_DELETE) == 0 &&
                      HASH_COUNT(watch->limbo.files) < LIMBO_MAX_FILES;
    if (!may_return || !limbo_add_file(&watch->limbo, file->identity, file->node.root,
                           buf_string(&path), watch->now_ms + LIMBO_FILE_MS, cause)) {
        check_remove(watch, handle, cause);
        return;
    }
    tree_detach(&watch->tree, handle);
    free_file(watch, handle);
}

void check_vanish(struct watch *watch, uint32_t handle, const struct check *why)
{
    report_missed(watch, why->tag);
    if (!tree_is_folder(&watch->tree, handle)) {
        vanish_file(watch, handle, why);
        return;
    }
    const struct folder *folder = tree_folder(&watch->tree, handle);
    if (folder->wd >= 0 || (folder->node.flags & NODE_POLLED) != 0)
        bind_to_limbo(watch, handle, report_cause(why->tag));
    else
        check_remove(watch, handle, report_cause(why->tag));
}

/* A new name. True when it was reported as a move. */
static bool came_back(struct watch *watch, struct watch_root *root, const struct file *file,
    const char *path, const struct stat *st)
{
    struct limbo_file *entry = limbo_take_file(&watch->limbo, file->identity, root->id);
    bool has_row = report_new_owner(watch, root, path);
    if (entry == NULL)
        return false;
    bool moved = false;
    if (has_row)
        report_gone(watch, root, entry->path, WATCH_CAUSE_EVENT);
    else if (strcmp(entry->path, path) != 0)
        moved = report_moved(watch, root, entry->path, path, stat_signature(st));
    free(entry);
    return moved;
}

static void new_file(struct watch *watch, uint32_t folder, const char *name, const struct stat *st,
    const struct check *why)
{
    struct watch_root *root = core_root_of(watch, folder);
    size_t length = strlen(name);
    const char *path = entry_path(watch, folder, name, length);
    uint32_t handle = tree_new_file(&watch->tree, name, length, root->id);
    struct file *file = tree_file(&watch->tree, handle);
    file->signature = stat_signature(st);
    file->identity = identity_of(st);
    file->node.flags |= NODE_SEEN;
    root->n_files++;
    tree_attach(&watch->tree, folder, handle);
    links_seen(watch, handle, st, true);
    if (strlen(path) > WATCH_PATH_MAX) {
        file->node.flags |= NODE_TOO_LONG;
        watch->events->path_too_long(root->settings.user, path);
        return;
    }
    if (came_back(watch, root, file, path, st)) {
        file->node.flags |= NODE_CLEAN;
        return;
    }
    report_missed(watch, why->tag);
    if (why->tag != TAG_FIRST)
        report_changed(watch, root, path, st, why->hint, why->tag);
}

static void known_file(struct watch *watch, uint32_t folder, uint32_t handle, const char *name,
    const struct stat *st, const struct check *why)
{
    struct watch_root *root = core_root_of(watch, folder);
    struct file *file = tree_file(&watch->tree, handle);
    uint64_t signature = stat_signature(st);
    bool same = signature == file->signature;
    if (!same)
        file->identity = identity_of(st);
    links_seen(watch, handle, st, !same);
    file->node.flags |= NODE_SEEN;
    if (same && (why->mask & TOLD) == 0)
        return;
    if ((file->node.flags & NODE_TOO_LONG) != 0)
        return;
    const char *path = entry_path(watch, folder, name, strlen(name));
    if (file->signature == 0 && strlen(path) > WATCH_PATH_MAX) {
        file->node.flags |= NODE_TOO_LONG;
        watch->events->path_too_long(root->settings.user, path);
    }
    bool told_before = file->signature == 0;
    file->signature = signature;
    file->node.flags &= (uint8_t)~NODE_CLEAN;
    if ((file->node.flags & NODE_TOO_LONG) != 0)
        return;
    if (!told_before)
        report_missed(watch, why->tag);
    report_changed(watch, root, path, st, why->hint, why->tag);
}

static void check_file(struct watch *watch, uint32_t folder, uint32_t handle, const char *name,
    const struct stat *st, const struct check *why)
{
    if (handle != 0 && tree_is_folder(&watch->tree, handle)) {
        check_vanish(watch, handle, why);
        handle = 0;
    }
    if (!S_ISREG(st->st_mode)) {
        if (handle != 0)
            check_vanish(watch, handle, why);
        return;
    }
    if (!check_is_wanted(watch, folder, name, strlen(name), false)) {
        if (handle != 0)
            check_remove(watch, handle, WATCH_CAUSE_FILTER);
        return;
    }
    if (handle == 0)
        new_file(watch, folder, name, st, why);
    else
        known_file(watch, folder, handle, name, st, why);
}

/* The folder is there but may not be looked into: what is known of it stays. */
static void refuse_folder(
    struct watch *watch, uint32_t folder, uint32_t handle, const char *name, int sys_errno)
{
    uint16_t root = tree_node(&watch->tree, folder)->root;
    if (handle == 0) {
        handle = tree_new_folder(&watch->tree, name, strlen(name), root);
        tree_attach(&watch->tree, folder, handle);
    }
    tree_node(&watch->tree, handle)->flags |= NODE_SEEN;
    report_unreadable(watch, handle, sys_errno);
    if (sys_errno == EMFILE || sys_errno == ENFILE || sys_errno == ENOMEM)
        core_root(watch, root)->rescan_ms = watch->now_ms + ROOT_RETRY_MS;
}

static void cannot_open(struct watch *watch, uint32_t folder, uint32_t handle, const char *name,
    int sys_errno, const struct check *why)
{
    bool elsewhere = sys_errno == ENOENT || sys_errno == ENOTDIR || sys_errno == ELOOP;
    if (!elsewhere && sys_errno != EXDEV)
        refuse_folder(watch, folder, handle, name, sys_errno);
    else if (handle != 0 && sys_errno == EXDEV)
        check_remove(watch, handle, WATCH_CAUSE_MOUNTS);
    else if (handle != 0)
        check_vanish(watch, handle, why);
}

/* fd -1: only the inode is known. */
static void found_folder(struct watch *watch, uint32_t folder, const char *name, int fd,
    uint64_t inode, const struct check *why)
{
    bool list = false;
    uint32_t handle = bind_folder(watch, folder, name, fd, inode, why->tag, &list);
    if (handle == 0) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct node *node = tree_node(&watch->tree, handle);
    node->flags |= NODE_SEEN;
    tree_folder(&watch->tree, handle)->inode = inode;
    if ((node->flags & NODE_UNREADABLE) != 0) {
        report_unreadable(watch, handle, 0);
        list = true;
    }
    bool queue = list || why->deep;
    if (queue)
        scan_queue(watch, handle, WORK_DEEP, why->tag);
    place_close_fd(watch, handle);
    if (fd >= 0 && queue)
        place_put_fd(watch, handle, fd);
    else if (fd >= 0)
        close(fd);
}

/* dir_fd -1: a sweep says what there is. */
static void check_folder(struct watch *watch, uint32_t folder, int dir_fd, const char *name,
    const struct stat *st, int dir_errno, const struct check *why)
{
    uint32_t handle = tree_find(&watch->tree, folder, name, strlen(name));
    if (handle != 0 && !tree_is_folder(&watch->tree, handle)) {
        check_vanish(watch, handle, why);
        handle = 0;
    }
    if (!check_is_wanted(watch, folder, name, strlen(name), true)) {
        if (handle != 0)
            check_remove(watch, handle, WATCH_CAUSE_FILTER);
        return;
    }
    uint64_t inode = st != NULL ? st->st_ino : 0;
    int fd = -1;
    if (dir_fd >= 0) {
        fd = place_open_child(core_root_of(watch, folder)->device, dir_fd, name, &inode);
        dir_errno = fd < 0 ? errno : 0;
    }
    if (dir_errno != 0)
        cannot_open(watch, folder, handle, name, dir_errno, why);
    else
        found_folder(watch, folder, name, fd, inode, why);
}

void check_stat(struct watch *watch, uint32_t folder, const char *name, const struct stat *st,
    int dir_errno, const struct check *why)
{
    uint32_t handle = tree_find(&watch->tree, folder, name, strlen(name));
    if (st == NULL) {
        if (handle != 0)
            check_vanish(watch, handle, why);
    } else if (S_ISDIR(st->st_mode)) {
        check_folder(watch, folder, -1, name, st, dir_errno, why);
    } else {
        check_file(watch, folder, handle, name, st, why);
    }
}

void check_name(
    struct watch *watch, uint32_t folder, int dir_fd, const char *name, const struct check *why)
{
    struct stat st;
    uint32_t handle = tree_find(&watch->tree, folder, name, strlen(name));
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if ((errno == ENOENT || errno == ENOTDIR) && handle != 0)
            check_vanish(watch, handle, why);
        else if (handle != 0)
            tree_node(&watch->tree, handle)->flags |= NODE_SEEN;
    } else if (S_ISDIR(st.st_mode)) {
        check_folder(watch, folder, dir_fd, name, NULL, 0, why);
    } else {
        check_file(watch, folder, handle, name, &st, why);
    }
}

void check_listed(struct watch *watch, uint32_t folder, int dir_fd, const char *name,
    unsigned char d_type, const struct check *why)
{
    if (d_type == DT_DIR) {
        check_folder(watch, folder, dir_fd, name, NULL, 0, why);
        return;
    }
    bool known = tree_find(&watch->tree, folder, name, strlen(name)) != 0;
    if (!known && d_type != DT_UNKNOWN && d_type != DT_REG)
        return;
    if (!known && d_type == DT_REG && !check_is_wanted(watch, folder, name, strlen(name), false))
        return;
    check_name(watch, folder, dir_fd, name, why);
}

static bool is_due(uint64_t due_ms, uint64_t now_ms, enum watch_cause cause, bool inferred)
{
    return inferred ? cause != WATCH_CAUSE_EVENT : due_ms <= now_ms;
}

void check_expire_limbo(
    struct watch *watch, const struct watch_root *root, uint64_t now_ms, bool inferred)
{
    struct limbo_folder *folder, *next_folder;
    HASH_ITER (hh, watch->limbo.folders, folder, next_folder) {
        if (root != NULL && folder->root != root->id)
            continue;
        if (!is_due(folder->due_ms, now_ms, folder->cause, inferred))
            continue;
        AUTO_FREE char *path = strdup(folder->path);
        enum watch_cause cause = folder->cause;
        uint32_t handle = folder->folder;
        limbo_remove_folder(&watch->limbo, folder);
        check_drop(watch, handle, path, false, cause);
    }
    struct limbo_file *file, *next_file;
    HASH_ITER (hh, watch->limbo.files, file, next_file) {
        if (root != NULL && file->key.root != root->id)
            continue;
        if (!is_due(file->due_ms, now_ms, file->cause, inferred))
            continue;
        struct watch_root *of = core_root(watch, (uint16_t)file->key.root);
        report_gone(watch, of, file->path, file->cause);
        limbo_remove_file(&watch->limbo, file);
    }
}

void check_forget_limbo(struct watch *watch, const struct watch_root *root)
{
    struct limbo_folder *folder, *next_folder;
    HASH_ITER (hh, watch->limbo.folders, folder, next_folder) {
        if (folder->root != root->id)
            continue;
        uint32_t handle = folder->folder;
        limbo_remove_folder(&watch->limbo, folder);
        check_drop(watch, handle, "", true, WATCH_CAUSE_EVENT);
    }
    struct limbo_file *file, *next_file;
    HASH_ITER (hh, watch->limbo.files, file, next_file)
        if (file->key.root == root->id)
            limbo_remove_file(&watch->limbo, file);
}
