#include "watch/busy.h"

#include <errno.h>
#include <fcntl.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

static struct busy_refusal *find_refusal(const struct busy_table *table, dev_t device, uid_t owner)
{
    size_t n = table->n_refusals < BUSY_TABLE_SIZE ? table->n_refusals : BUSY_TABLE_SIZE;
    for (size_t i = 0; i < n; i++) {
        const struct busy_refusal *refusal = &table->refusal[i];
        if (refusal->device == device && refusal->owner == owner)
            return (struct busy_refusal *)refusal;
    }
    return NULL;
}

static void remember_refusal(struct busy_table *table, const struct stat *st, int sys_errno)
{
    table->refusal[table->n_refusals++ % BUSY_TABLE_SIZE] =
        (struct busy_refusal){.device = st->st_dev, .owner = st->st_uid, .sys_errno = sys_errno};
}

int busy_refused(const struct busy_table *table, dev_t device, uid_t owner)
{
    const struct busy_refusal *refusal = find_refusal(table, device, owner);
    return refusal != NULL ? refusal->sys_errno : 0;
}

/* Errors that say something about this moment, not about the file system or the owner. */
static bool is_passing(int sys_errno)
{
    return sys_errno == EINTR || sys_errno == ENOMEM || sys_errno == ENOLCK;
}

/* In seconds first: a file system may store times that do not fit 64 bits of nanoseconds. */
static enum busy judge_by_age(const struct stat *st, int64_t wall_ns, uint32_t busy_ms)
{
    int64_t age_s;
    if (__builtin_sub_overflow(wall_ns / NS_PER_S, (int64_t)st->st_mtim.tv_sec, &age_s) ||
        age_s < -1 || age_s > UINT32_MAX)
        return BUSY_UNKNOWN;
    int64_t age_ns = age_s * NS_PER_S + wall_ns % NS_PER_S - st->st_mtim.tv_nsec;
    return age_ns >= 0 && age_ns < busy_ms * NS_PER_MS ? BUSY_WRITING : BUSY_UNKNOWN;
}

enum busy busy_probe(
    struct busy_table *table, int fd, const struct stat *st, int64_t wall_ns, uint32_t busy_ms)
{
    if (find_refusal(table, st->st_dev, st->st_uid) != NULL)
        return judge_by_age(st, wall_ns, busy_ms);
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        /* Cannot fail for a lease that was granted, unless a writer is breaking it right now. */
        (void)fcntl(fd, F_SETLEASE, F_UNLCK);
        return BUSY_FREE;
    }
    if (errno == EAGAIN)
        return BUSY_WRITING;
    if (!is_passing(errno))
        remember_refusal(table, st, errno);
    return judge_by_age(st, wall_ns, busy_ms);
}
