/* rule_chain.h - the ignore files that speak about one folder: those above the root, then one level
 * a folder on the way down. Thread: one owner. */
#ifndef APP_RULE_CHAIN_H
#define APP_RULE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "watch/filter.h"
#include "watch/outer.h"

struct rule_chain {
    bool gitignore; /* false: no ignore file counts */
    struct outer_rules outer;
    struct ignore_level *levels; /* for filter_check(): outer ones first */
    size_t n_levels, capacity;
};

/** Read what stands above root_path (absolute). */
void rule_chain_begin(struct rule_chain *chain, const char *root_path, bool gitignore);
/** Enter a folder: read its ignore files. base_length: bytes of its path relative to the root, with
 * the slash; 0: the root. */
void rule_chain_push(struct rule_chain *chain, int dir_fd, size_t base_length);
/** Leave the folder entered last. */
void rule_chain_pop(struct rule_chain *chain);
/** Zeroed is fine. */
void rule_chain_release(struct rule_chain *chain);

#endif
