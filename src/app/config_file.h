/* config_file.h - which configuration file is read. Thread: any. */
#ifndef APP_CONFIG_FILE_H
#define APP_CONFIG_FILE_H

#include <stdbool.h>

#include "app/config.h"
#include "base/arena.h"

/* Where a file was found. path NULL: nowhere, which is fine. */
struct config_found {
    const char *path; /* absolute, in the arena */
    bool in_tree;     /* by searching upwards from the directory: not to be trusted */
};

/**
 * First hit, no merging: --config, SRCTAB_CONFIG, srctab.yaml from the directory up to the
 * repository's top, $XDG_CONFIG_HOME/srctab/srctab.yaml (~/.config), /etc/srctab/srctab.yaml. A
 * file that is named must exist: ERROR_CONFIG otherwise, when it is read.
 */
struct config_found config_file_find(struct arena *arena, const struct config_request *request);

#endif
