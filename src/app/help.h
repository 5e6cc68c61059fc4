/* help.h - help and manual page, made from the table of commands. Thread: main only. */
#ifndef APP_HELP_H
#define APP_HELP_H

#include "app/command.h"
#include "base/buf.h"

/** Append the overview: commands by group and the options of all, at most 80 columns wide. */
void help_overview(struct buf *out);

/** Append the help of one command, at most 80 columns wide. */
void help_command(struct buf *out, const struct command *command);

/** Append the manual page in man(7) form. */
void help_manual(struct buf *out);

/** Name of the variable that stands for an option ("" = none), appended. */
void help_environment(struct buf *out, const struct option *option);

#endif
