/* pass.h - one pass over the roots: open, run until all is done, say what was done, close. Thread:
 * main only. */
#ifndef APP_PASS_H
#define APP_PASS_H

#include "app/commands.h"
#include "app/daemon.h"

/** Returns the exit status; err is set when it ended by an error. options->once must be true. The
 * summary goes to stdout as JSON or to stderr as a sentence. */
int pass_run(struct session *session, const struct daemon_options *options, struct error *err);

#endif
