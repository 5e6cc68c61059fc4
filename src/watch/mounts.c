#include "watch/mounts.h"

#include "base/arena.h"
#include "base/fd.h"
#include "watch/anchors.h"
#include "watch/scan.h"

#define TABLE_BYTES ((size_t)16 * 1024 * 1024)

struct mounts {
    char **paths; /* relative to the root, each with its mount id in front: "23 a/b" */
    size_t n, capacity;
};

static void mounts_release(struct mounts *mounts)
{
    for (size_t i = 0; i < mounts->n; i++)
        free(mounts->paths[i]);
    free(mounts->paths);
}

/* Space, tab, newline and backslash are written \ooo. */
static void add_unescaped(struct buf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool octal = text[i] == '\\' && i + 3 < length && text[i + 1] >= '0' && text[i + 1] <= '3';
        if (!octal) {
            buf_addc(out, text[i]);
            continue;
        }
        buf_addc(
            out, (char)((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0'));
        i += 3;
    }
}

/* Types of file systems whose changes may be made by others, unseen by this kernel; "fuse." stands
 * for all that begin with it. */
static const char *const remote_types[] = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "9p",
    "fuse",
    "fuseblk",
    "fuse.",
    "virtiofs",
    "afs",
    "ceph",
    "coda",
    "vboxsf",
    "prl_fs",
    "lustre",
    "gpfs",
    "gfs2",
    "ocfs2",
};

static bool is_remote_type(const char *type, size_t length)
{
    for (size_t i = 0; i < ARRAY_SIZE(remote_types); i++) {
        size_t n = strlen(remote_types[i]);
        bool prefix = remote_types[i][n - 1] == '.';
        if ((prefix ? length > n : length == n) && memcmp(type, remote_types[i], n) == 0)
            return true;
    }
    return false;
}

/* The field after the fourth space of a line. NULL: the line is shorter. */
static const char *mount_point_of(const char *line)
{
    for (int field = 0; field < 4 && line != NULL; field++) {
        line = strchr(line, ' ');
        line = line != NULL ? line + 1 : NULL;
    }
    return line;
}

static bool is_at_or_below(const char *path, const char *point, size_t length)
{
    if (length == 1 && point[0] == '/')
        return true;
    return strncmp(path, point, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool mounts_is_remote(const char *path)
{
    AUTO_BUF table = BUF_INIT;
    struct error err = ERROR_INIT;
    bool remote = false;
    size_t longest = 0;
    if (!fd_read_file("/proc/self/mountinfo", TABLE_BYTES, &table, &err))
        return false;
    for (const char *line = buf_string(&table), *end; *line != '\0'; line = end + (*end == '\n')) {
        end = strchrnul(line, '\n');
        const char *at = mount_point_of(line), *type = strstr(line, " - ");
        if (at == NULL || type == NULL || type > end)
            continue;
        AUTO_BUF point = BUF_INIT;
        add_unescaped(&point, at, strcspn(at, " "));
        if (point.length < longest || !is_at_or_below(path, buf_string(&point), point.length))
            continue;
        longest = point.length; /* a later one of the same length lies above it */
        remote = is_remote_type(type + 3, strcspn(type + 3, " "));
    }
    return remote;
}

/* One line: id, parent, major:minor, root, mount point, … */
static void add_line(struct mounts *mounts, const char *line, const char *root_path)
{
    const char *at = mount_point_of(line);
    if (at == NULL)
        return;
    AUTO_BUF point = BUF_INIT, key = BUF_INIT;
    add_unescaped(&point, at, strcspn(at, " "));
    size_t length = strcmp(root_path, "/") == 0 ? 0 : strlen(root_path);
    if (point.length <= length + 1 || strncmp(buf_string(&point), root_path, length) != 0 ||
        point.data[length] != '/')
        return;
    buf_add(&key, line, strcspn(line, " ") + 1);
    buf_adds(&key, point.data + length + 1);
    if (mounts->n == mounts->capacity) {
        mounts->capacity = mounts->capacity > 0 ? mounts->capacity * 2 : 8;
        mounts->paths = memory_resize(mounts->paths, mounts->capacity, sizeof(*mounts->paths));
    }
    mounts->paths[mounts->n++] = buf_take(&key);
}

static void read_below(struct mounts *mounts, const struct buf *table, const char *root_path)
{
    for (const char *line = buf_string(table); *line != '\0';) {
        const char *end = strchrnul(line, '\n');
        AUTO_BUF one = BUF_INIT;
        buf_add(&one, line, (size_t)(end - line));
        add_line(mounts, buf_string(&one), root_path);
        line = *end == '\n' ? end + 1 : end;
    }
}

static bool has(const struct mounts *mounts, const char *path)
{
    for (size_t i = 0; i < mounts->n; i++)
        if (strcmp(mounts->paths[i], path) == 0)
            return true;
    return false;
}

/* The folder that holds the mount point is listed again. */
static void look_again(struct watch *watch, struct watch_root *root, const char *key)
{
    AUTO_BUF above = BUF_INIT;
    const char *path = strchr(key, ' ') + 1, *slash = strrchr(path, '/');
    buf_add(&above, path, slash != NULL ? (size_t)(slash - path) : 0);
    uint32_t folder = tree_find_path(&watch->tree, root->folder, buf_string(&above));
    if (folder != 0 && tree_is_folder(&watch->tree, folder))
        scan_queue(watch, folder, 0, TAG_MOUNTS);
}

static void compare(struct watch *watch, struct watch_root *root, const struct mounts *old,
    const struct mounts *now)
{
    for (size_t i = 0; i < now->n; i++)
        if (!has(old, now->paths[i]))
            look_again(watch, root, now->paths[i]);
    for (size_t i = 0; i < old->n; i++)
        if (!has(now, old->paths[i]))
            look_again(watch, root, old->paths[i]);
}

static void update(struct watch *watch, struct watch_root *root, const struct buf *table)
{
    const char *physical = anchors_physical(root);
    if (physical == NULL)
        return;
    struct mounts *now = memory_new(1, sizeof(*now));
    read_below(now, table, physical);
    if (root->mounts != NULL && root->folder != 0 && !root->polled)
        compare(watch, root, root->mounts, now);
    mounts_free(root);
    root->mounts = now;
}

void mounts_free(struct watch_root *root)
{
    if (root->mounts != NULL)
        mounts_release(root->mounts);
    free(root->mounts);
    root->mounts = NULL;
}

void mounts_note(struct watch *watch, struct watch_root *root)
{
    AUTO_BUF table = BUF_INIT;
    struct error err = ERROR_INIT;
    if (fd_read_file("/proc/self/mountinfo", TABLE_BYTES, &table, &err))
        update(watch, root, &table);
}

void mounts_changed(struct watch *watch)
{
    AUTO_BUF table = BUF_INIT;
    struct error err = ERROR_INIT;
    if (!fd_read_file("/proc/self/mountinfo", TABLE_BYTES, &table, &err))
        return;
    for (size_t i = 0; i < watch->n_roots; i++) {
        struct watch_root *root = watch->roots[i];
        if (root == NULL)
            continue;
        root->recheck = root->rearm = true;
        update(watch, root, &table);
    }
}
