/* changes.h - what one srctab_changes payload says: paths collected, then written as JSON of at
 * most 7,000 bytes. Pure. Thread: one owner. */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum change_kind { CHANGE_CREATED, CHANGE_CHANGED, CHANGE_DELETED, CHANGE_MOVED, CHANGE_KINDS };

/* pg_notify() refuses 8,000 bytes and more; this leaves room for what a proxy may add. */
#define CHANGES_PAYLOAD_BYTES 7000

struct changes;

struct changes *changes_new(const char *codebase_id);
void changes_free(struct changes *changes);
const char *changes_codebase(const struct changes *changes);

/** path, old_path (moves only): bytes as the kernel gave them, copied. Beyond 4,096 paths only
 * counted, and their directories kept while they fit. */
void changes_add(
    struct changes *changes, enum change_kind kind, const char *path, const char *old_path);

/** Some were not even seen: `more` will be true. */
void changes_lost(struct changes *changes);

bool changes_empty(const struct changes *changes);

/**
 * Append
 * {"v":1,"codebase","n","created":[],"changed":[],"deleted":[],"moved":[[old,new]],"directories":[],"more":bool}
 * and forget all. n counts every change; those that did not fit are named by their directories, and
 * `more` is true.
 */
void changes_payload(struct changes *changes, struct buf *out);

#endif
