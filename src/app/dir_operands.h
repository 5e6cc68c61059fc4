/* dir_operands.h - the DIR operands of a command as absolute paths. Thread: main. */
#ifndef APP_DIR_OPERANDS_H
#define APP_DIR_OPERANDS_H

#include <stddef.h>

#include "app/command.h"
#include "app/config.h"
#include "base/error.h"

struct dir_operands {
    const char **paths; /* absolute, without a trailing slash; links are kept as given */
    size_t n;           /* 0: none were given */
};

/** Errors: ERROR_WATCH "could not open directory …" for one that is not there or is no directory.
 */
CHECKED bool dir_operands_take(
    struct dir_operands *ret_dirs, const struct arguments *arguments, struct error *err);
/** Likewise; without operands the enabled folders of the configuration, else the current directory.
 */
CHECKED bool dir_operands_take_or_configured(struct dir_operands *ret_dirs,
    const struct arguments *arguments, const struct config *config, struct error *err);
void dir_operands_release(struct dir_operands *dirs);

#endif
