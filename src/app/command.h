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
    bool repeats;         /* may be given several times (arguments_values) */
    const char *argument; /* "D", "FILE"; NULL for flags */
    const char
        *environment; /* variable that stands in for the flag; NULL: none, or that of its key */
    const char *key;  /* "watch.debounce_ms"; NULL: the command asks for it by name */
    const char *key_value; /* text for the key of a flag without argument; NULL: the argument */
    const char
        *argument_key; /* key that takes the argument where key_value took `key` (--poll=2s) */
    const char *const *choices; /* NULL-ended, for OPTION_CHOICE */
    uint64_t min, max;          /* for OPTION_NUMBER */
    const char *help;           /* a phrase: no capital, no period */
};

enum command_group { GROUP_TABLES, GROUP_LOOK, GROUP_DATABASE, GROUP_PROGRAM, COMMAND_GROUPS };

/* One command. */
struct command {
    const char *name;
    enum command_group group;
    const char *operands; /* "[DIR...]" for the synopsis */
    size_t min_operands, max_operands;
    bool rest;         /* all words after the name are operands, flags too (psql) */
    bool needs_config; /* false: no configuration is read */
    const char *const
        *words; /* first operand is one of these, NULL-ended (db start|stop...); NULL: free */
    const struct option *options; /* ended by a row without name */
    const char *summary;          /* a phrase of at most 60 characters */
    const char *description;      /* paragraphs for help and man page, separated by an empty line */
    int (*run)(struct session *session, struct error *err);
};

extern const struct command commands[]; /* ended by a row without name */
extern const struct option
    global_options[]; /* likewise; valid for each command, before or after its name */
extern const char *const command_groups[COMMAND_GROUPS]; /* headings */

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
/** Every value of an option that repeats, in order. Returns how many; *ret_values lives as long as
 * arguments. */
size_t arguments_values(
    const struct arguments *arguments, const char *name, const char *const **ret_values);
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
/** ERROR_USAGE that names the nearest command. Returns false. */
bool command_unknown(const char *typed, struct error *err);
/** Row of a flag ("--x") of the command or of the global ones, or NULL. command may be NULL. */
const struct option *command_option(const struct command *command, const char *name);

#endif
