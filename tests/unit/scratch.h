/* scratch.h - a directory of its own for a case that needs real files. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "unit.h"

#include "base/buf.h"
#include "base/fd.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

struct scratch {
    char path[64];
    int fd;
};

static UNUSED struct scratch scratch_new(void)
{
    struct scratch scratch = {.path = "/tmp/srctab-unit-XXXXXX"};
    assert_non_null(mkdtemp(scratch.path));
    scratch.fd = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(scratch.fd >= 0);
    return scratch;
}

static UNUSED int scratch_unlink(
    const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st;
    (void)kind;
    (void)place;
    return remove(path);
}

static UNUSED void scratch_remove(struct scratch *scratch)
{
    close(scratch->fd);
    assert_int_equal(nftw(scratch->path, scratch_unlink, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Make a file with this text; folders on the way must exist. */
static UNUSED void scratch_write(const struct scratch *scratch, const char *path, const char *text)
{
    AUTO_CLOSE int fd = openat(scratch->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_true(fd_write_all(fd, text, strlen(text)));
}

static UNUSED void scratch_mkdir(const struct scratch *scratch, const char *path)
{
    assert_int_equal(mkdirat(scratch->fd, path, 0755), 0);
}

static UNUSED void scratch_add_path(
    const struct scratch *scratch, const char *path, struct buf *out)
{
    buf_addf(out, "%s/%s", scratch->path, path);
}

#endif
