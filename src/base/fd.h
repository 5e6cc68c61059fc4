/* fd.h - descriptors: opening below a root without following links, reading whole files within a
 * limit. Thread: any. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/** Move ownership out of an AUTO_CLOSE variable: returns *fd and sets it to -1. */
int fd_take(int *fd);

/**
 * openat2(root_fd, path) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS and
 * O_CLOEXEC | O_NOCTTY | O_NONBLOCK added. path: relative, bytes; longer than PATH_MAX is opened in
 * steps. Returns the descriptor or -1 with errno set (ENOSYS kernels: component-wise O_NOFOLLOW).
 */
int fd_open_beneath(int root_fd, const char *path, int flags);

/** Read until end of file or limit_bytes (a longer file ends with errno EFBIG). Appends. Returns
 * false with errno set. EINTR is retried. */
CHECKED bool fd_read_all(int fd, size_t limit_bytes, struct buf *ret_bytes);

/** Write everything; EINTR and short writes are retried. False with errno set. */
CHECKED bool fd_write_all(int fd, const void *bytes, size_t length);

/** Read a small file by path. Errors: ERROR_IO "could not open file …", "could not read file …". */
CHECKED bool fd_read_file(
    const char *path, size_t limit_bytes, struct buf *ret_bytes, struct error *err);

/** mkdir -p with mode for what is made. Errors: ERROR_IO. */
CHECKED bool fd_make_dirs(const char *path, mode_t mode, struct error *err);

#endif
