/* config_schema.h - does the outline of a file fit the key table? Thread: any. */
#ifndef APP_CONFIG_SCHEMA_H
#define APP_CONFIG_SCHEMA_H

#include "app/config_yaml.h"
#include "base/error.h"

/**
 * Each key is known, each value has the right shape, required keys are there, version is in the
 * file. label: the file's name in errors. Errors: ERROR_CONFIG, "label:4:3: unknown key "ingore" in
 * folders[0] (did you mean "ignore"? keys: …)".
 */
CHECKED bool config_schema_check(
    struct arena *arena, const char *label, const struct yaml_outline *outline, struct error *err);

#endif
