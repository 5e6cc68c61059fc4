/*
 * config_yaml.h - the outline of a YAML file: each key and item with its place, read in one pass
 * over libyaml's events. The loader reports an unknown key at the end of the token before it; this
 * one knows where it stands. Thread: any.
 */
#ifndef APP_CONFIG_YAML_H
#define APP_CONFIG_YAML_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAPPING };

struct yaml_place {
    const char *path;      /* "folders[0].path", "watch.ignore[2]" */
    const char *parent;    /* path of the mapping or list it stands in; "" at the top */
    const char *name;      /* last key of the path; "" for list items */
    enum yaml_kind kind;   /* of its value */
    unsigned line, column; /* of the key, or of the item; from 1 */
    unsigned value_line, value_column;
};

/* In the order of the file. */
struct yaml_outline {
    struct yaml_place *places;
    size_t n_places;
};

/**
 * Read `text`. All results live in the arena. label: the file's name in errors.
 * Errors (ERROR_CONFIG): syntax, a key given twice, an alias, a second document, nesting over 16,
 * over 20,000 places, each with "label:line:column: ".
 */
CHECKED bool yaml_outline_read(struct arena *arena, const char *label, const char *text,
    size_t length, struct yaml_outline *ret_outline, struct error *err);

/** The place of a path, or NULL. */
const struct yaml_place *yaml_outline_find(const struct yaml_outline *outline, const char *path);

#endif
