#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#define READ_STEP_BYTES ((size_t)128 * 1024)

int fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

/* One call of the kernel's; names longer than PATH_MAX and kernels before 5.6 go step by step. */
static int open_at_once(int dir_fd, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
}

static int open_in_steps(int root_fd, const char *path, int flags)
{
    char name[NAME_MAX + 1];
    AUTO_CLOSE int dir_fd = -1;
    for (const char *at = path;;) {
        const char *slash = strchr(at, '/');
        size_t length = slash != NULL ? (size_t)(slash - at) : strlen(at);
        if (length == 0 || length > NAME_MAX || (length == 2 && memcmp(at, "..", 2) == 0)) {
            errno = length > NAME_MAX ? ENAMETOOLONG : EXDEV;
            return -1;
        }
        memcpy(name, at, length);
        name[length] = '\0';
        int from = dir_fd >= 0 ? dir_fd : root_fd;
        if (slash == NULL)
            return openat(from, name, flags | O_NOFOLLOW);
        int next = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            return -1;
        if (dir_fd >= 0)
            close(dir_fd);
        dir_fd = next;
        at = slash + 1;
    }
}

int fd_open_beneath(int root_fd, const char *path, int flags)
{
    flags |= O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    if ((flags & O_PATH) != 0)
        flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (strlen(path) < PATH_MAX) {
        int fd = open_at_once(root_fd, path, flags);
        if (fd >= 0 || errno != ENOSYS)
            return fd;
    }
    return open_in_steps(root_fd, path, flags);
}

bool fd_read_all(int fd, size_t limit_bytes, struct buf *ret_bytes)
{
    size_t total = 0;
    for (;;) {
        size_t room =
            limit_bytes - total < READ_STEP_BYTES ? limit_bytes - total + 1 : READ_STEP_BYTES;
        ssize_t got = read(fd, buf_room(ret_bytes, room), room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            return true;
        total += (size_t)got;
        if (total > limit_bytes) {
            errno = EFBIG;
            return false;
        }
        buf_grew(ret_bytes, (size_t)got);
    }
}

bool fd_write_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        at += written;
        length -= (size_t)written;
    }
    return true;
}

bool fd_read_file(const char *path, size_t limit_bytes, struct buf *ret_bytes, struct error *err)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return error_set(err, ERROR_IO, errno, "could not open file \"%s\"", path);
    if (!fd_read_all(fd, limit_bytes, ret_bytes))
        return error_set(err, ERROR_IO, errno, "could not read file \"%s\"", path);
    return true;
}

bool fd_make_dirs(const char *path, mode_t mode, struct error *err)
{
    AUTO_FREE char *copy = strdup(path);
    if (copy == NULL)
        return error_set(err, ERROR_IO, errno, "could not create directory \"%s\"", path);
    for (char *slash = copy + 1;; slash++) {
        slash = strchrnul(slash, '/');
        char end = *slash;
        *slash = '\0';
        if (mkdir(copy, mode) != 0 && errno != EEXIST)
            return error_set(err, ERROR_IO, errno, "could not create directory \"%s\"", copy);
        if (end == '\0')
            return true;
        *slash = end;
    }
}
