/* environment.h - variables that begin with SRCTAB_ but name nothing: a typing error there would
 * otherwise be silent. Thread: main only. */
#ifndef APP_ENVIRONMENT_H
#define APP_ENVIRONMENT_H

#include "app/output.h"

/** Say on stderr which variables of environment (NULL-ended "NAME=value" texts) are unknown, each
 * with the nearest known name. */
void environment_check(struct output *output, char *const *environment);

#endif
