/* config_origin.h - where each value of a configuration came from; kept for `config show`. Thread:
 * main only. */
#ifndef APP_CONFIG_ORIGIN_H
#define APP_CONFIG_ORIGIN_H

#include "app/config.h"

struct config_origins {
    const char **keys;     /* by index in config_keys */
    const char ***records; /* by index in config_keys: record * n_keys + field; NULL: the default */
    struct config_row *rows; /* what config_show() hands out */
    size_t n_rows;
};

/** Make the rows once everything else of the config is final. In its arena. */
void config_origins_finish(struct config *config);

#endif
