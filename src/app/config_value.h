/* config_value.h - text to the typed value of a key, and back. Thread: any. */
#ifndef APP_CONFIG_VALUE_H
#define APP_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/config_key.h"
#include "base/arena.h"
#include "base/buf.h"

/* What a source says about one key, not yet checked. */
struct config_text {
    const char *text;         /* of a scalar */
    const char *const *items; /* of a list */
    size_t n_items;
};

/** The text of an environment variable or flag for this key: lists are cut at ':' (paths) or ','
 * (all others). In the arena. */
struct config_text config_text_of_word(
    struct arena *arena, const struct config_key *key, const char *word);

/** The key's default. In the arena or static. */
struct config_text config_text_missing(struct arena *arena, const struct config_key *key);

/**
 * Check the text and store the value at base + key->offset; base: a struct config or a record. Not
 * for CONFIG_RECORDS. Paths are made absolute from `directory`. False: problem (cleared first) gets
 * `"x" is not …`, and nothing is stored.
 */
CHECKED bool config_value_put(struct arena *arena, const struct config_key *key, void *base,
    const struct config_text *text, const char *directory, struct buf *problem);

/** The value at base + key->offset as YAML reads it, on one line. Not for CONFIG_RECORDS. Appended.
 */
void config_value_add(struct buf *out, const struct config_key *key, const void *base);

/** Text as a YAML scalar: plain where that is safe, in double quotes otherwise. Appended. */
void config_add_scalar(struct buf *out, const char *text);

/** directory + "/" + path without "./", double and trailing slashes; an absolute path is only
 * cleaned. In the arena. */
const char *config_path(struct arena *arena, const char *directory, const char *path);

#endif
