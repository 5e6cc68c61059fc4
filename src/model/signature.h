/* signature.h - the stat signature: equal means unchanged, but for git's racy rule. Pure. Thread:
 * any. */
#ifndef MODEL_SIGNATURE_H
#define MODEL_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/** 64-bit hash of device, inode, size, mtime_ns and ctime_ns. Never 0. */
uint64_t stat_signature(const struct stat *st);

/** True when the file was touched within the clock's grain (20 ms) before wall_ns: its signature
 * cannot be trusted (git's racy rule). */
bool stat_is_racy(const struct stat *st, int64_t wall_ns);

#endif
