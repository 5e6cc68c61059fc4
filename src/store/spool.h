/*
 * spool.h - a bounded local file of audit records while the database is away (guarantees 14).
 * Thread: one owner; readers in other processes by spool_each().
 *
 *   <dir>/audit-00000001.spool …   segments: a magic line, then records {length, checksum, wall
 * time, bytes} <dir>/lost.spool               how many records a full spool dropped, from when to
 * when
 *
 * A record is durable when spool_sync() has returned. A torn last record (kill -9, full disk) is
 * ignored and cut off. Full: the oldest segment goes. Records are removed a segment at a time;
 * after a kill -9 some may be replayed twice, which is harmless because attempt ids make the insert
 * idempotent.
 */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct spool;

/**
 * dir: made if missing, mode 0700. max_bytes: at least 64 KiB, of all segments together. Holds a
 * lock on dir for its life. Errors: ERROR_IO; ERROR_OWNED when another process has it.
 */
CHECKED bool spool_open(
    const char *dir, uint64_t max_bytes, struct spool **ret_spool, struct error *err);

void spool_close(struct spool *spool);

/** Append one record (at most 64 KiB); wall_us: its time, for `lost`. Not durable before
 * spool_sync(). Errors: ERROR_IO; the record is then not in the spool. */
CHECKED bool spool_add(
    struct spool *spool, const void *bytes, size_t length, int64_t wall_us, struct error *err);

/** fdatasync what was added. */
CHECKED bool spool_sync(struct spool *spool, struct error *err);

/** Records waiting, without what was lost. */
uint64_t spool_count(const struct spool *spool);

/* What a full spool dropped. n = 0: nothing. */
struct spool_lost {
    uint64_t n;
    int64_t from_us, to_us; /* wall */
};

struct spool_lost spool_lost(const struct spool *spool);

/** One record; bytes are valid during the call. False ends the walk (no error). */
typedef bool spool_record_fn(void *user, const void *bytes, size_t length, int64_t wall_us);

/** Hand over up to max_records of the oldest records that were not removed; *ret_n: how many. They
 * stay until spool_remove(). */
CHECKED bool spool_peek(struct spool *spool, size_t max_records, spool_record_fn *record,
    void *user, size_t *ret_n, struct error *err);

/** The n oldest records and, if forget_lost, the `lost` counts are committed in the database:
 * forget them. */
CHECKED bool spool_remove(struct spool *spool, size_t n, bool forget_lost, struct error *err);

/** Read a spool that another process may be writing: no lock, nothing changed. A missing dir has no
 * records. For `srctab audit`. */
CHECKED bool spool_each(const char *dir, spool_record_fn *record, void *user,
    struct spool_lost *ret_lost, struct error *err);

#endif
