/* runtime_dir.h - where the control sockets of running daemons are. Thread: any. */
#ifndef APP_RUNTIME_DIR_H
#define APP_RUNTIME_DIR_H

#include "app/config.h"
#include "base/error.h"

/** <socket directory of the private cluster>/control, the same for every process of one user and
 * configuration. Caller frees. Errors: ERROR_CONFIG (no HOME). */
CHECKED bool runtime_dir_of(const struct config *config, char **ret_dir, struct error *err);

#endif
