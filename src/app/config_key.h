/*
 * config_key.h - the one table of configuration keys: name, type, range, default, unit, help. It
 * yields the file's schema, the environment variables, `config show`, `config example` and the
 * texts of errors. Thread: any (const).
 */
#ifndef APP_CONFIG_KEY_H
#define APP_CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum config_type {
    CONFIG_BOOL,   /* bool */
    CONFIG_NUMBER, /* uint32_t, or int32_t where min < 0; keys in _ms and _s also take "200ms", "2s"
                    */
    CONFIG_CHOICE, /* an enum, values in the order of choices */
    CONFIG_TEXT,   /* const char * */
    CONFIG_PATH,   /* const char *: made absolute; "" and `choices` stay as they are */
    CONFIG_LIST,   /* struct config_list */
    CONFIG_PATHS,  /* struct config_list of paths */
    CONFIG_NUMBERS, /* const uint32_t * and size_t behind it */
    CONFIG_SINKS,   /* unsigned: SINK_BIT mask from a list of their names */
    CONFIG_RECORDS, /* const struct T * and size_t behind it; each as `record` says */
};

struct config_record {
    const struct config_key *keys; /* ended by a row without name */
    size_t n_keys;
    size_t size_bytes; /* of struct T */
};

struct config_key {
    const char *name; /* "watch.debounce_ms" */
    enum config_type type;
    size_t offset;       /* in struct config, or in the record's struct */
    const char *missing; /* the default as text; list items are separated by one space; NULL: NULL
                            or empty */
    int64_t min, max;    /* CONFIG_NUMBER and each of CONFIG_NUMBERS */
    const char *unit;    /* "ms"; NULL: none */
    const char *const *choices; /* NULL-ended */
    const struct config_record *record;
    bool restart;  /* a change needs a restart; false: SIGHUP is enough */
    bool required; /* in a record */
    const char *help;
};

extern const struct config_key config_keys[]; /* ended by a row without name */
extern const size_t config_n_keys;

/** Index of a key by its full name, or config_n_keys. */
size_t config_key_find(const char *name);

/** "watch.debounce_ms" -> "SRCTAB_WATCH_DEBOUNCE_MS", appended. */
void config_key_environment(struct buf *out, const char *name);

/** True for keys that a file found in the watched tree may set: folders, watch and analysis. */
bool config_key_in_tree(const char *name);

/** True for keys whose value may come from the file that SRCTAB_…_FILE names: connection strings.
 */
bool config_key_is_secret(const char *name);

/** What the key takes, in words: "a whole number (milliseconds, 0 to 60000; default 500)".
 * Appended. */
void config_key_describe(struct buf *out, const struct config_key *key);

#endif
