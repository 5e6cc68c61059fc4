#include "store/spool_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/number.h"
#include "base/sha256.h"

#define CHECKSUM_BYTES 8
#define SPOOL_LOST_FIELDS 4
#define SPOOL_LOST_BYTES (SPOOL_LOST_FIELDS * 8 + CHECKSUM_BYTES)

static void put_number(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_number(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

void spool_segment_name(uint64_t number, char ret_name[SPOOL_NAME_BYTES])
{
    snprintf(ret_name, SPOOL_NAME_BYTES, "audit-%08llu.spool", (unsigned long long)number);
}

static bool segment_number(const char *name, uint64_t *ret_number)
{
    static const char before[] = "audit-", after[] = ".spool";
    size_t length = strlen(name);
    size_t around = sizeof(before) - 1 + sizeof(after) - 1;
    if (length <= around || strncmp(name, before, sizeof(before) - 1) != 0 ||
        strcmp(name + length - (sizeof(after) - 1), after) != 0)
        return false;
    AUTO_FREE char *digits = strndup(name + sizeof(before) - 1, length - around);
    return digits != NULL && number_u64(digits, 1, UINT64_MAX, ret_number);
}

static int compare_numbers(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

bool spool_list_segments(int dir_fd, uint64_t **ret_numbers, size_t *ret_n)
{
    int list_fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = list_fd >= 0 ? fdopendir(list_fd) : NULL;
    if (listing == NULL) {
        if (list_fd >= 0)
            close(list_fd);
        return false;
    }
    uint64_t *numbers = NULL, number;
    size_t n = 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (!segment_number(entry->d_name, &number))
            continue;
        numbers = memory_resize(numbers, n + 1, sizeof(*numbers));
        numbers[n++] = number;
    }
    closedir(listing);
    if (n > 0)
        qsort(numbers, n, sizeof(*numbers), compare_numbers);
    *ret_numbers = numbers;
    *ret_n = n;
    return true;
}

static uint64_t checksum(const void *bytes, size_t length, const uint8_t *more, size_t more_length)
{
    uint8_t digest[SHA256_BYTES];
    struct sha256 *state = sha256_new();
    sha256_add(state, more, more_length);
    sha256_add(state, bytes, length);
    sha256_finish(state, digest);
    return get_number(digest, CHECKSUM_BYTES);
}

void spool_header(
    const void *bytes, size_t length, int64_t wall_us, uint8_t ret_header[SPOOL_HEADER_BYTES])
{
    uint8_t covered[12];
    put_number(covered, length, 4);
    put_number(covered + 4, (uint64_t)wall_us, 8);
    put_number(ret_header, length, 4);
    put_number(ret_header + 4, checksum(bytes, length, covered, sizeof(covered)), 8);
    put_number(ret_header + 12, (uint64_t)wall_us, 8);
}

/* Exactly that many bytes; 0: the file ends before, -1: errno. */
static int read_at(int fd, void *bytes, size_t length, uint64_t offset)
{
    size_t done = 0;
    while (done < length) {
        ssize_t got = pread(fd, (char *)bytes + done, length - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        done += (size_t)got;
    }
    return 1;
}

/* The record at offset. 0: there is no whole one, -1: errno. */
static int read_record(int fd, uint64_t offset, struct buf *ret_bytes, int64_t *ret_wall_us)
{
    uint8_t header[SPOOL_HEADER_BYTES], expected[SPOOL_HEADER_BYTES];
    int got = read_at(fd, header, sizeof(header), offset);
    if (got <= 0)
        return got;
    size_t length = (size_t)get_number(header, 4);
    if (length > SPOOL_RECORD_BYTES)
        return 0;
    buf_clear(ret_bytes);
    char *room = buf_room(ret_bytes, length);
    got = length > 0 ? read_at(fd, room, length, offset + sizeof(header)) : 1;
    if (got <= 0)
        return got;
    buf_grew(ret_bytes, length);
    *ret_wall_us = (int64_t)get_number(header + 12, 8);
    spool_header(room, length, *ret_wall_us, expected);
    return memcmp(header, expected, sizeof(header)) == 0;
}

bool spool_read_records_from(
    int fd, uint64_t offset, spool_record_fn *record, void *user, bool *ret_more)
{
    AUTO_BUF bytes = BUF_INIT;
    int64_t wall_us = 0;
    int got;
    while ((got = read_record(fd, offset, &bytes, &wall_us)) > 0) {
        offset += SPOOL_HEADER_BYTES + bytes.length;
        if (record(user, buf_string(&bytes), bytes.length, wall_us))
            continue;
        if (ret_more != NULL)
            *ret_more = false;
        return true;
    }
    return got == 0;
}

bool spool_read_records(int fd, spool_record_fn *record, void *user, bool *ret_more)
{
    char magic[SPOOL_MAGIC_BYTES];
    int got = read_at(fd, magic, sizeof(magic), 0);
    if (got < 0)
        return false;
    if (got == 0 || memcmp(magic, SPOOL_MAGIC, sizeof(magic)) != 0)
        return true;
    return spool_read_records_from(fd, SPOOL_MAGIC_BYTES, record, user, ret_more);
}

bool spool_skip_records(int fd, uint64_t n, uint64_t *offset)
{
    uint8_t header[SPOOL_HEADER_BYTES];
    uint64_t at = *offset;
    for (; n > 0; n--) {
        int got = read_at(fd, header, sizeof(header), at);
        if (got <= 0) {
            errno = got == 0 ? EIO : errno;
            return false;
        }
        at += SPOOL_HEADER_BYTES + get_number(header, 4);
    }
    *offset = at;
    return true;
}

bool spool_read_lost(int dir_fd, struct spool_lost *ret_lost, uint64_t *ret_up_to)
{
    uint8_t bytes[SPOOL_LOST_BYTES];
    *ret_lost = (struct spool_lost){.n = 0};
    *ret_up_to = 0;
    AUTO_CLOSE int fd = openat(dir_fd, SPOOL_LOST_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT;
    int got = read_at(fd, bytes, sizeof(bytes), 0);
    if (got <= 0)
        return got == 0;
    if (get_number(bytes + SPOOL_LOST_FIELDS * 8, 8) !=
        checksum(bytes, SPOOL_LOST_FIELDS * 8, NULL, 0))
        return true;
    ret_lost->n = get_number(bytes, 8);
    ret_lost->from_us = (int64_t)get_number(bytes + 8, 8);
    ret_lost->to_us = (int64_t)get_number(bytes + 16, 8);
    *ret_up_to = get_number(bytes + 24, 8);
    return true;
}

bool spool_write_lost(int dir_fd, const struct spool_lost *lost, uint64_t up_to)
{
    static const char unfinished[] = SPOOL_LOST_NAME ".new";
    uint8_t bytes[SPOOL_LOST_BYTES];
    put_number(bytes, lost->n, 8);
    put_number(bytes + 8, (uint64_t)lost->from_us, 8);
    put_number(bytes + 16, (uint64_t)lost->to_us, 8);
    put_number(bytes + 24, up_to, 8);
    put_number(bytes + SPOOL_LOST_FIELDS * 8, checksum(bytes, SPOOL_LOST_FIELDS * 8, NULL, 0), 8);
    AUTO_CLOSE int fd =
        openat(dir_fd, unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd >= 0 && fd_write_all(fd, bytes, sizeof(bytes)) && fdatasync(fd) == 0 &&
           renameat(dir_fd, unfinished, dir_fd, SPOOL_LOST_NAME) == 0 && fsync(dir_fd) == 0;
}
