/*
 * command.h - the one table of commands and options. It yields parsing, --help, the man page, shell
 * completion and the "did you mean" of errors, so that none of them can say anything else. Thread:
 * main only; the table itself is const.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct session;

enum option_type {
    OPTION_FLAG, /* no argument */
    OPTION_TEXT,
    OPTION_NUMBER,            /* whole, within min and max of the row */
    OPTION_DURATION,          /* "200ms", "2s": a unit is required */
    OPTION_OPTIONAL_DURATION, /* --poll or --poll=2s */
    OPTION_CHOICE,            /* one of `choices` */
};

/* One flag. Where `key` is set, the value goes into the configuration of that name (config.h) with
 * the highest precedence. */
struct option {
    const char *name; /* "--debounce" */
    char letter;      /* 'c' for -c; 0: none */
    enum option_type type;
    const char *argument; /* "D", "FILE"; NULL for flags */
    const char
        *environment; /* variable that stands in for the flag; NULL: none, or that of its key */
    const char *key;  /* "watch.debounce_ms"; NULL: the command asks for it by name */
    const char *key_value;      /* text that a flag without argument gives to the key */
    const char *const *choices; /* NULL-ended, for OPTION_CHOICE */
    uint64_t min, max;          /* for OPTION_NUMBER */
    const char *help;
};

enum command_needs {
    NEEDS_NOTHING, /* no configuration is read */
    NEEDS_CONFIG,
};

/* One command. */
struct command {
    const char *name;
    const char *operands; /* "[DIR...]" for the synopsis */
    size_t min_operands, max_operands;
    bool rest; /* all words after the first operand or unknown flag are operands (psql) */
    enum command_needs needs;
    const char *const
        *words; /* first operand is one of these, NULL-ended (db start|stop…); NULL: free */
    const struct option *options; /* ended by a row without name */
    const char *summary;          /* one line, <= 60 characters */
    const char *description;      /* paragraphs for help and man page */
    int (*run)(struct session *session, struct error *err);
};

extern const struct command commands[]; /* ended by a row without name */
extern const struct option
    global_options[]; /* likewise; valid for each command, before or after its name */

/* The words of one call, parsed and checked. */
struct arguments;

/** Parse argv (argv[0] is skipped). *ret_arguments is the caller's. argv is borrowed as long as it
 * lives. Errors: ERROR_USAGE. */
CHECKED bool arguments_parse(
    int argc, char **argv, struct arguments **ret_arguments, struct error *err);
void arguments_free(struct arguments *arguments);

/** NULL when no command was named. */
const struct command *arguments_command(const struct arguments *arguments);
size_t arguments_operands(const struct arguments *arguments);
/** index < arguments_operands(). */
const char *arguments_operand(const struct arguments *arguments, size_t index);

/** True when the flag was given, in any form. name: "--full", one of the command's or the global
 * ones (asserted). */
bool arguments_has(const struct arguments *arguments, const char *name);
/** Value of an option: the last one given, else that of its environment variable, else NULL. An
 * optional argument left out gives "". */
const char *arguments_value(const struct arguments *arguments, const char *name);
/** Likewise, as a number or in ms; `missing` when it was not given. Checked while parsing, so it
 * cannot fail. */
uint64_t arguments_number(const struct arguments *arguments, const char *name, uint64_t missing);
uint64_t arguments_duration_ms(
    const struct arguments *arguments, const char *name, uint64_t missing);

struct config_setting;
/** What the flags say about the configuration; lives as long as arguments. */
size_t arguments_settings(
    const struct arguments *arguments, const struct config_setting **ret_settings);

/** Row of a command, or NULL. */
const struct command *command_find(const char *name);
/** Row of a flag ("--x") of the command or of the global ones, or NULL. command may be NULL. */
const struct option *command_option(const struct command *command, const char *name);

#endif
