/* config_show.h - the commented example that holds every key and its default. config_show() of
 * config.h lives here too. Thread: main only. */
#ifndef APP_CONFIG_SHOW_H
#define APP_CONFIG_SHOW_H

#include "app/config.h"
#include "base/buf.h"

/** Append the text of config/srctab.yaml. defaults: loaded without file, environment and flags. */
void config_example(struct buf *out, const struct config *defaults);

#endif
