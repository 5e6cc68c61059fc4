/*
 * busy.h - is somebody writing to this open file? A read lease, taken and given back at once,
 * answers where the kernel grants one; elsewhere the age of mtime has to do. Thread: any; each
 * thread owns its table.
 *
 * The process must ignore SIGIO before the first call: its default action ends the holder of a
 * lease that is broken (fcntl(2)). The lease is never held: while it is, truncate(2) and O_NONBLOCK
 * opens of others fail and cp(1) blocks (guarantees 7).
 */
#ifndef WATCH_BUSY_H
#define WATCH_BUSY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/attr.h"

enum busy {
    BUSY_FREE,    /* proven: nobody has it open for writing */
    BUSY_WRITING, /* somebody has, or mtime is younger than busy_ms where no lease can be had */
    BUSY_UNKNOWN  /* no lease can be had; mtime is old enough */
};

#define BUSY_TABLE_SIZE 64

/* Where leases were refused: (device, owner) pairs. Zeroed at start; when it is full the oldest
 * pair is forgotten (and asked again). */
struct busy_table {
    struct busy_refusal {
        dev_t device;
        uid_t owner;
        int sys_errno; /* EACCES: another user's file without CAP_LEASE; EINVAL: a file system
                          without leases */
    } refusal[BUSY_TABLE_SIZE];
    size_t n_refusals; /* ever; the last BUSY_TABLE_SIZE are kept */
};

/**
 * fd: opened O_RDONLY; st: its fstat. wall_ns: CLOCK_REALTIME now. An mtime in the future counts as
 * old: it says nothing. Where no lease can be had, a store through mmap to a page that is already
 * dirty is not seen (it does not move mtime).
 */
enum busy busy_probe(
    struct busy_table *table, int fd, const struct stat *st, int64_t wall_ns, uint32_t busy_ms);

/** The errno by which leases are refused for files of this owner on this device, 0 if they are not
 * known to be. For status and doctor. */
int busy_refused(const struct busy_table *table, dev_t device, uid_t owner);

#endif
