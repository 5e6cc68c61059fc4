/*
 * limbo.h - what has left its place and was not yet seen at another one. Folders keep their kernel
 * watch and all below them; of files only what a rename leaves alone is kept. Pure. Thread: main
 * only.
 *
 *   vanished ─► limbo ─► seen again: moved
 *                   └──► due: gone
 */
#ifndef WATCH_LIMBO_H
#define WATCH_LIMBO_H

#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

#include "base/attr.h"
#include "watch/watch.h"

struct limbo_folder {
    uint32_t folder;
    uint16_t root;
    uint64_t due_ms;
    enum watch_cause cause;
    UT_hash_handle hh;
    char path[]; /* where it was: its rows are there */
};

struct limbo_key {
    uint64_t identity;
    uint64_t root;
};

struct limbo_file {
    struct limbo_key key;
    uint64_t due_ms;
    enum watch_cause cause;
    UT_hash_handle hh;
    UT_hash_handle by_place;
    size_t place_length;
    const char *path; /* where it was: its row is there; the end of place */
    char place[];     /* root and path as one key */
};

/* Zeroed at start. uthash keeps the order of arrival, which is that of due_ms within a kind. */
struct limbo {
    struct limbo_folder *folders;
    struct limbo_file *files;
    struct limbo_file *places; /* the same files by root and path */
};

void limbo_release(struct limbo *limbo);

void limbo_add_folder(struct limbo *limbo, uint32_t folder, uint16_t root, const char *path,
    uint64_t due_ms, enum watch_cause cause);
/** NULL when it is not in limbo. */
struct limbo_folder *limbo_find_folder(const struct limbo *limbo, uint32_t folder);
void limbo_remove_folder(struct limbo *limbo, struct limbo_folder *entry);

/** False: a file of this identity and root is there already (another name of it). */
CHECKED bool limbo_add_file(struct limbo *limbo, uint64_t identity, uint16_t root, const char *path,
    uint64_t due_ms, enum watch_cause cause);
/** The file that was at this path; NULL if there is none. */
struct limbo_file *limbo_file_at(const struct limbo *limbo, uint16_t root, const char *path);
/** Take a file out; NULL if there is none. Caller frees. */
struct limbo_file *limbo_take_file(struct limbo *limbo, uint64_t identity, uint16_t root);
void limbo_remove_file(struct limbo *limbo, struct limbo_file *entry);

/** When the first one is due; CLOCK_NEVER when limbo is empty. */
uint64_t limbo_due_ms(const struct limbo *limbo);
size_t limbo_count(const struct limbo *limbo);

#endif
