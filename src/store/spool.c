#include "store/spool.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fd.h"
#include "store/spool_file.h"

#define SEGMENTS 8 /* a full spool loses an eighth of what it holds */
#define MIN_BYTES ((uint64_t)64 * 1024)

/* One file; records [removed, n) are still to be replayed. */
struct segment {
    uint64_t number;
    uint64_t bytes;
    uint64_t n, removed;
    uint64_t removed_bytes; /* where record `removed` begins */
    int64_t from_us, to_us;
};

struct spool {
    char *dir;
    int dir_fd, lock_fd;
    int write_fd; /* of the last segment; -1: the next record begins a new one */
    uint64_t max_bytes, total_bytes;
    struct segment *segments; /* oldest first */
    size_t n_segments, capacity;
    uint64_t next_number;
    struct spool_lost lost;
};

static bool io_error(const struct spool *spool, const char *what, struct error *err)
{
    return error_set(err, ERROR_IO, errno, "could not %s the audit spool \"%s\"", what, spool->dir);
}

static struct segment *add_segment(struct spool *spool, uint64_t number)
{
    if (spool->n_segments == spool->capacity) {
        spool->capacity = spool->capacity > 0 ? spool->capacity * 2 : 2 * SEGMENTS;
        spool->segments = memory_resize(spool->segments, spool->capacity, sizeof(*spool->segments));
    }
    struct segment *segment = &spool->segments[spool->n_segments++];
    *segment = (struct segment){.number = number, .removed_bytes = SPOOL_MAGIC_BYTES};
    if (number >= spool->next_number)
        spool->next_number = number + 1;
    return segment;
}

static struct segment *last_segment(struct spool *spool)
{
    return &spool->segments[spool->n_segments - 1];
}

static void note_time(struct segment *segment, int64_t wall_us)
{
    if (segment->n == 0 || wall_us < segment->from_us)
        segment->from_us = wall_us;
    if (segment->n == 0 || wall_us > segment->to_us)
        segment->to_us = wall_us;
}

static bool count_record(void *user, const void *bytes UNUSED, size_t length, int64_t wall_us)
{
    struct segment *segment = user;
    note_time(segment, wall_us);
    segment->n++;
    segment->bytes += SPOOL_HEADER_BYTES + length;
    return true;
}

/* Count the records of a segment; what follows the last whole one was torn and is cut off. */
static bool load_segment(struct spool *spool, uint64_t number, struct error *err)
{
    char name[SPOOL_NAME_BYTES];
    spool_segment_name(number, name);
    AUTO_CLOSE int fd = openat(spool->dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return io_error(spool, "open", err);
    struct segment *segment = add_segment(spool, number);
    segment->bytes = SPOOL_MAGIC_BYTES;
    if (!spool_read_records(fd, count_record, segment, NULL))
        return io_error(spool, "read", err);
    if (segment->n == 0) {
        spool->n_segments--;
        return unlinkat(spool->dir_fd, name, 0) == 0 || io_error(spool, "clean", err);
    }
    spool->total_bytes += segment->bytes;
    return ftruncate(fd, (off_t)segment->bytes) == 0 || io_error(spool, "clean", err);
}

/* Number of the newest segment that `lost` already counts. */
static bool load_segments(struct spool *spool, uint64_t dropped_up_to, struct error *err)
{
    uint64_t *numbers = NULL;
    size_t n = 0;
    if (!spool_list_segments(spool->dir_fd, &numbers, &n))
        return io_error(spool, "list", err);
    AUTO_FREE void *owned UNUSED = numbers;
    for (size_t i = 0; i < n; i++) {
        char name[SPOOL_NAME_BYTES];
        if (numbers[i] <= dropped_up_to) {
            spool_segment_name(numbers[i], name);
            (void)unlinkat(spool->dir_fd, name, 0);
        } else if (!load_segment(spool, numbers[i], err)) {
            return false;
        }
    }
    if (spool->next_number <= dropped_up_to)
        spool->next_number = dropped_up_to + 1;
    return true;
}

static bool lock_dir(struct spool *spool, struct error *err)
{
    spool->dir_fd = open(spool->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (spool->dir_fd < 0)
        return io_error(spool, "open", err);
    spool->lock_fd = openat(spool->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (spool->lock_fd < 0)
        return io_error(spool, "open", err);
    if (flock(spool->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno != EWOULDBLOCK)
        return io_error(spool, "lock", err);
    return error_set(
        err, ERROR_OWNED, 0, "another process uses the audit spool \"%s\"", spool->dir);
}

bool spool_open(const char *dir, uint64_t max_bytes, struct spool **ret_spool, struct error *err)
{
    if (!fd_make_dirs(dir, 0700, err))
        return false;
    struct spool *spool = memory_new(1, sizeof(*spool));
    spool->dir = memory_string(dir);
    spool->dir_fd = spool->lock_fd = spool->write_fd = -1;
    spool->next_number = 1;
    spool->max_bytes = max_bytes < MIN_BYTES ? MIN_BYTES : max_bytes;
    uint64_t dropped_up_to = 0;
    if (lock_dir(spool, err) &&
        (spool_read_lost(spool->dir_fd, &spool->lost, &dropped_up_to) ||
            io_error(spool, "read", err)) &&
        load_segments(spool, dropped_up_to, err)) {
        *ret_spool = spool;
        return true;
    }
    spool_close(spool);
    return false;
}

void spool_close(struct spool *spool)
{
    if (spool == NULL)
        return;
    int fds[] = {spool->write_fd, spool->dir_fd, spool->lock_fd};
    for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(spool->segments);
    free(spool->dir);
    free(spool);
}

static void forget_oldest(struct spool *spool)
{
    char name[SPOOL_NAME_BYTES];
    spool_segment_name(spool->segments[0].number, name);
    (void)unlinkat(spool->dir_fd, name, 0);
    spool->total_bytes -= spool->segments[0].bytes;
    spool->n_segments--;
    memmove(spool->segments, spool->segments + 1, spool->n_segments * sizeof(*spool->segments));
    if (spool->n_segments == 0 && spool->write_fd >= 0) {
        close(spool->write_fd);
        spool->write_fd = -1;
    }
}

/* The counts first: if we die between the two, the segment is known to be counted. */
static bool drop_oldest(struct spool *spool, struct error *err)
{
    const struct segment *oldest = &spool->segments[0];
    struct spool_lost lost = spool->lost;
    if (lost.n == 0 || oldest->from_us < lost.from_us)
        lost.from_us = oldest->from_us;
    if (lost.n == 0 || oldest->to_us > lost.to_us)
        lost.to_us = oldest->to_us;
    lost.n += oldest->n - oldest->removed;
    if (!spool_write_lost(spool->dir_fd, &lost, oldest->number))
        return io_error(spool, "write", err);
    spool->lost = lost;
    forget_oldest(spool);
    return true;
}

static bool begin_segment(struct spool *spool, struct error *err)
{
    char name[SPOOL_NAME_BYTES];
    uint64_t number = spool->next_number;
    spool_segment_name(number, name);
    AUTO_CLOSE int fd =
        openat(spool->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || !fd_write_all(fd, SPOOL_MAGIC, SPOOL_MAGIC_BYTES) || fsync(spool->dir_fd) != 0) {
        io_error(spool, "write", err);
        if (fd >= 0)
            (void)unlinkat(spool->dir_fd, name, 0);
        return false;
    }
    struct segment *segment = add_segment(spool, number);
    segment->bytes = SPOOL_MAGIC_BYTES;
    spool->total_bytes += segment->bytes;
    spool->write_fd = fd_take(&fd);
    return true;
}

/* Room for a record of that size: a new segment when this one is long enough, without the oldest
 * ones when all is full. */
static bool make_room(struct spool *spool, uint64_t size, struct error *err)
{
    if (spool->write_fd >= 0 && last_segment(spool)->bytes + size > spool->max_bytes / SEGMENTS &&
        last_segment(spool)->n > 0) {
        if (!spool_sync(spool, err))
            return false;
        close(spool->write_fd);
        spool->write_fd = -1;
    }
    while (spool->n_segments > 0 && spool->total_bytes + size > spool->max_bytes)
        if (!drop_oldest(spool, err))
            return false;
    return spool->write_fd >= 0 || begin_segment(spool, err);
}

bool spool_add(
    struct spool *spool, const void *bytes, size_t length, int64_t wall_us, struct error *err)
{
    assert(length <= SPOOL_RECORD_BYTES);
    uint8_t header[SPOOL_HEADER_BYTES];
    if (!make_room(spool, SPOOL_HEADER_BYTES + length, err))
        return false;
    struct segment *segment = last_segment(spool);
    spool_header(bytes, length, wall_us, header);
    if (!fd_write_all(spool->write_fd, header, sizeof(header)) ||
        !fd_write_all(spool->write_fd, bytes, length)) {
        io_error(spool, "write", err);
        /* A full disk may have taken a part of it. */
        if (ftruncate(spool->write_fd, (off_t)segment->bytes) != 0 ||
            lseek(spool->write_fd, (off_t)segment->bytes, SEEK_SET) < 0) {
            close(spool->write_fd);
            spool->write_fd = -1;
        }
        return false;
    }
    note_time(segment, wall_us);
    segment->n++;
    segment->bytes += sizeof(header) + length;
    spool->total_bytes += sizeof(header) + length;
    return true;
}

bool spool_sync(struct spool *spool, struct error *err)
{
    return spool->write_fd < 0 || fdatasync(spool->write_fd) == 0 || io_error(spool, "sync", err);
}

uint64_t spool_count(const struct spool *spool)
{
    uint64_t n = 0;
    for (size_t i = 0; i < spool->n_segments; i++)
        n += spool->segments[i].n - spool->segments[i].removed;
    return n;
}

struct spool_lost spool_lost(const struct spool *spool)
{
    return spool->lost;
}

/* Walks over records that were removed, then hands over a limited number. */
struct window {
    spool_record_fn *record;
    void *user;
    uint64_t skip;
    size_t left, n;
    bool stopped;
};

static bool pass_window(void *user, const void *bytes, size_t length, int64_t wall_us)
{
    struct window *window = user;
    if (window->skip > 0) {
        window->skip--;
        return true;
    }
    window->left--;
    window->n++;
    window->stopped = !window->record(window->user, bytes, length, wall_us);
    return !window->stopped && window->left > 0;
}

bool spool_peek(struct spool *spool, size_t max_records, spool_record_fn *record, void *user,
    size_t *ret_n, struct error *err)
{
    struct window window = {.record = record, .user = user, .left = max_records};
    for (size_t i = 0; i < spool->n_segments && window.left > 0 && !window.stopped; i++) {
        const struct segment *segment = &spool->segments[i];
        char name[SPOOL_NAME_BYTES];
        spool_segment_name(segment->number, name);
        AUTO_CLOSE int fd = openat(spool->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
            return io_error(spool, "open", err);
        if (!spool_read_records_from(fd, segment->removed_bytes, pass_window, &window, NULL))
            return io_error(spool, "read", err);
    }
    *ret_n = window.n;
    return true;
}

/* Skip one record of the oldest segment; a segment that is used up goes. */
static bool skip_records(struct spool *spool, uint64_t n)
{
    struct segment *segment = &spool->segments[0];
    char name[SPOOL_NAME_BYTES];
    if (segment->removed + n >= segment->n) {
        forget_oldest(spool);
        return true;
    }
    spool_segment_name(segment->number, name);
    AUTO_CLOSE int fd = openat(spool->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    uint64_t at = segment->removed_bytes;
    if (fd < 0 || !spool_skip_records(fd, n, &at))
        return false;
    segment->removed += n;
    segment->removed_bytes = at;
    return true;
}

bool spool_remove(struct spool *spool, size_t n, bool forget_lost, struct error *err)
{
    uint64_t left = n;
    while (left > 0 && spool->n_segments > 0) {
        uint64_t here = spool->segments[0].n - spool->segments[0].removed;
        uint64_t taken = left < here ? left : here;
        if (!skip_records(spool, taken))
            return io_error(spool, "read", err);
        left -= taken;
    }
    assert(left == 0);
    if (!forget_lost || spool->lost.n == 0)
        return true;
    if (unlinkat(spool->dir_fd, SPOOL_LOST_NAME, 0) != 0 && errno != ENOENT)
        return io_error(spool, "clean", err);
    spool->lost = (struct spool_lost){.n = 0};
    return true;
}

bool spool_each(const char *dir, spool_record_fn *record, void *user, struct spool_lost *ret_lost,
    struct error *err)
{
    *ret_lost = (struct spool_lost){.n = 0};
    AUTO_CLOSE int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0 && errno == ENOENT)
        return true;
    uint64_t *numbers = NULL, dropped_up_to;
    size_t n = 0;
    if (dir_fd < 0 || !spool_read_lost(dir_fd, ret_lost, &dropped_up_to) ||
        !spool_list_segments(dir_fd, &numbers, &n))
        return error_set(err, ERROR_IO, errno, "could not read the audit spool \"%s\"", dir);
    AUTO_FREE void *owned UNUSED = numbers;
    bool more = true;
    for (size_t i = 0; i < n && more; i++) {
        char name[SPOOL_NAME_BYTES];
        spool_segment_name(numbers[i], name);
        AUTO_CLOSE int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 && errno == ENOENT)
            continue; /* replayed and removed meanwhile */
        if (fd < 0 || !spool_read_records(fd, record, user, &more))
            return error_set(err, ERROR_IO, errno, "could not read the audit spool \"%s\"", dir);
    }
    return true;
}
