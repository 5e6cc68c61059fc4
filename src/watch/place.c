#include "watch/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "base/arena.h"
#include "base/fd.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

bool place_is_attached(const struct watch *watch, uint32_t handle)
{
    return tree_top(&watch->tree, handle) == core_root_of(watch, handle)->folder;
}

void place_add_path(const struct watch *watch, uint32_t handle, struct buf *out)
{
    uint32_t top = tree_top(&watch->tree, handle);
    struct limbo_folder *entry = limbo_find_folder(&watch->limbo, top);
    if (entry != NULL) {
        buf_adds(out, entry->path);
        if (top != handle)
            buf_addc(out, '/');
    }
    tree_add_path(&watch->tree, handle, out);
}

static void add_level(struct place *place, const struct ignore_rules *rules, size_t base_length)
{
    if (rules == NULL)
        return;
    if (place->n_levels == place->capacity) {
        place->capacity = place->capacity > 0 ? place->capacity * 2 : 8;
        place->levels = memory_resize(place->levels, place->capacity, sizeof(*place->levels));
    }
    place->levels[place->n_levels++] =
        (struct ignore_level){.rules = rules, .base_length = base_length};
}

static void reverse_levels(struct ignore_level *levels, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        struct ignore_level level = levels[i];
        levels[i] = levels[n - 1 - i];
        levels[n - 1 - i] = level;
    }
}

void place_enter(struct watch *watch, uint32_t folder)
{
    struct place *place = &watch->place;
    if (place->folder == folder)
        return;
    const struct watch_root *root = core_root_of(watch, folder);
    buf_clear(&place->path);
    tree_add_path(&watch->tree, folder, &place->path);
    if (place->path.length > 0)
        buf_addc(&place->path, '/');
    place->n_levels = 0;
    for (size_t i = 0; i < root->outer.n_levels; i++)
        add_level(place, root->outer.levels[i].rules, root->outer.levels[i].base_length);
    size_t first = place->n_levels, base_length = place->path.length;
    for (uint32_t at = folder; at != 0; at = tree_node(&watch->tree, at)->parent) {
        add_level(place, tree_folder(&watch->tree, at)->rules, base_length);
        size_t name = tree_node(&watch->tree, at)->name_length;
        base_length -= base_length > name ? name + 1 : base_length;
    }
    reverse_levels(place->levels + first, place->n_levels - first);
    place->folder = folder;
}

void place_forget(struct watch *watch)
{
    watch->place.folder = 0;
}

static struct fd_slot *fd_slot(struct watch *watch, uint32_t folder)
{
    for (unsigned i = 0; i < FDS; i++)
        if (watch->fds[i].folder == folder)
            return &watch->fds[i];
    return NULL;
}

void place_put_fd(struct watch *watch, uint32_t folder, int fd)
{
    place_close_fd(watch, folder);
    struct fd_slot *slot = &watch->fds[watch->next_fd++ % FDS];
    if (slot->folder != 0)
        close(slot->fd); /* the oldest */
    *slot = (struct fd_slot){.folder = folder, .fd = fd};
}

int place_take_fd(struct watch *watch, uint32_t folder)
{
    struct fd_slot *slot = fd_slot(watch, folder);
    if (slot == NULL)
        return -1;
    slot->folder = 0;
    return slot->fd;
}

void place_close_fd(struct watch *watch, uint32_t folder)
{
    int fd = place_take_fd(watch, folder);
    if (fd >= 0)
        close(fd);
}

void place_close_all(struct watch *watch)
{
    for (unsigned i = 0; i < FDS; i++) {
        if (watch->fds[i].folder != 0)
            close(watch->fds[i].fd);
        watch->fds[i].folder = 0;
    }
}

static bool is_it(const struct watch *watch, uint32_t folder, int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_dev == core_root_of(watch, folder)->device &&
           st.st_ino == tree_folder(&watch->tree, folder)->inode;
}

/* The nearest folder above (or itself) that has an open descriptor, else the root's own. */
static int nearest_fd(struct watch *watch, uint32_t folder, uint32_t *ret_at)
{
    const struct watch_root *root = core_root_of(watch, folder);
    for (uint32_t at = folder; at != 0; at = tree_node(&watch->tree, at)->parent) {
        const struct fd_slot *slot = fd_slot(watch, at);
        if (slot != NULL) {
            *ret_at = at;
            return slot->fd;
        }
    }
    *ret_at = root->folder;
    int fd = open(root->path, FOLDER_FLAGS);
    if (fd >= 0)
        place_put_fd(watch, root->folder, fd);
    return fd;
}

static void add_names_below(
    const struct watch *watch, uint32_t folder, uint32_t above, struct buf *out)
{
    AUTO_BUF whole = BUF_INIT, top = BUF_INIT;
    tree_add_path(&watch->tree, folder, &whole);
    tree_add_path(&watch->tree, above, &top);
    size_t skip = top.length > 0 ? top.length + 1 : 0;
    buf_add(out, whole.data + skip, whole.length - skip);
}

static enum place_state state_of_errno(int sys_errno)
{
    bool elsewhere = sys_errno == ENOENT || sys_errno == ENOTDIR || sys_errno == ELOOP ||
                     sys_errno == EXDEV || sys_errno == ESTALE;
    return elsewhere ? PLACE_STALE : PLACE_REFUSED;
}

int place_open(struct watch *watch, uint32_t folder, enum place_state *ret_state)
{
    uint32_t root_folder = core_root_of(watch, folder)->folder, above = 0;
    *ret_state = PLACE_DETACHED;
    if (!place_is_attached(watch, folder))
        return -1;
    bool root_was_open = fd_slot(watch, root_folder) != NULL;
    int fd = nearest_fd(watch, folder, &above);
    *ret_state = PLACE_ROOT;
    if (fd < 0)
        return -1;
    if (above == root_folder && !root_was_open && !is_it(watch, root_folder, fd)) {
        place_close_fd(watch, root_folder);
        return -1;
    }
    *ret_state = PLACE_FOUND;
    if (above == folder)
        return fd;
    AUTO_BUF names = BUF_INIT;
    add_names_below(watch, folder, above, &names);
    AUTO_CLOSE int opened =
        fd_open_beneath(fd, buf_string(&names), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    *ret_state = opened < 0 ? state_of_errno(errno) : PLACE_STALE;
    if (opened < 0 || !is_it(watch, folder, opened))
        return -1;
    *ret_state = PLACE_FOUND;
    int kept = fd_take(&opened);
    place_put_fd(watch, folder, kept);
    return kept;
}

int place_open_child(dev_t device, int dir_fd, const char *name, uint64_t *ret_inode)
{
    struct open_how how = {
        .flags = FOLDER_FLAGS | O_NOFOLLOW,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
    };
    AUTO_CLOSE int fd = (int)syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) /* an old kernel, or a container's filter */
        fd = openat(dir_fd, name, FOLDER_FLAGS | O_NOFOLLOW);
    if (fd < 0 && errno == ENAMETOOLONG)
        fd = fd_open_beneath(dir_fd, name, FOLDER_FLAGS | O_NOFOLLOW);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        return -1;
    if (st.st_dev != device) {
        errno = EXDEV;
        return -1;
    }
    *ret_inode = st.st_ino;
    return fd_take(&fd);
}
