/* config_check.h - what single keys cannot tell: rules between the values of a configuration.
 * Thread: any. */
#ifndef APP_CONFIG_CHECK_H
#define APP_CONFIG_CHECK_H

#include "app/config.h"

/** Errors: ERROR_CONFIG with the origin of the value that breaks the rule. */
CHECKED bool config_check(const struct config *config, struct error *err);

/** Is `path` below `directory`, or the same, with all symbolic links resolved? A path that does not
 * exist yet is compared as text. */
bool config_is_below(const char *path, const char *directory);

#endif
