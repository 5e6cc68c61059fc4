#include "app/command.h"

#include <assert.h>
#include <stdarg.h>

#include "app/config.h"
#include "base/arena.h"
#include "base/nearest.h"
#include "base/number.h"

/* One flag as it was given. */
struct given {
    const struct option *option;
    const char *text; /* NULL: without argument */
};

struct arguments {
    struct arena *arena;
    const struct command *command;
    const char **operands;
    size_t n_operands;
    struct given *given;
    size_t n_given;
    struct config_setting *settings;
    size_t n_settings;
};

/* Where parsing stands. */
struct parse {
    char **words;
    size_t n_words, at;
    struct arguments *to;
    struct error *err;
};

static const struct option *option_named(
    const struct option *options, const char *name, size_t length)
{
    for (; options->name != NULL; options++) {
        if (strlen(options->name) == length && strncmp(options->name, name, length) == 0)
            return options;
    }
    return NULL;
}

static const struct option *option_lettered(const struct option *options, char letter)
{
    for (; options->name != NULL; options++) {
        if (options->letter == letter)
            return options;
    }
    return NULL;
}

static const struct option *find_option(
    const struct command *command, const char *name, size_t length)
{
    const struct option *option =
        command == NULL ? NULL : option_named(command->options, name, length);
    return option != NULL ? option : option_named(global_options, name, length);
}

const struct option *command_option(const struct command *command, const char *name)
{
    return find_option(command, name, strlen(name));
}

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}

static PRINTF_LIKE(2, 3) bool usage(struct parse *parse, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    error_set(parse->err, ERROR_USAGE, 0, "%s", text);
    if (parse->to->command != NULL)
        return error_hint(parse->err, "see: srctab help %s", parse->to->command->name);
    return error_hint(parse->err, "see: srctab help");
}

enum { MAX_NAMES = 64 };

static bool unknown_option(struct parse *parse, const char *name, size_t length)
{
    const char *names[MAX_NAMES];
    size_t n_names = 0;
    const struct option *lists[] = {
        parse->to->command == NULL ? NULL : parse->to->command->options, global_options};
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        for (const struct option *option = lists[i];
             option != NULL && option->name != NULL && n_names < MAX_NAMES; option++)
            names[n_names++] = option->name;
    }
    const char *typed = arena_copy(parse->to->arena, name, length);
    const char *near = nearest_word(typed, names, n_names);
    if (near != NULL)
        return usage(parse, "unknown option \"%.80s\" (did you mean \"%s\"?)", typed, near);
    return usage(parse, "unknown option \"%.80s\"", typed);
}

bool command_unknown(const char *typed, struct error *err)
{
    const char *names[MAX_NAMES];
    size_t n_names = 0;
    for (const struct command *command = commands; command->name != NULL; command++)
        names[n_names++] = command->name;
    const char *near = nearest_word(typed, names, n_names);
    if (near != NULL)
        error_set(
            err, ERROR_USAGE, 0, "unknown command \"%.80s\" (did you mean \"%s\"?)", typed, near);
    else
        error_set(err, ERROR_USAGE, 0, "unknown command \"%.80s\"", typed);
    return error_hint(err, "see: srctab help");
}

static bool check_choice(
    struct parse *parse, const char *what, const char *text, const char *const *choices)
{
    char list[200] = "";
    size_t n = 0;
    for (; choices[n] != NULL; n++) {
        if (strcmp(choices[n], text) == 0)
            return true;
        size_t used = strlen(list);
        snprintf(list + used, sizeof(list) - used, "%s%s", n == 0 ? "" : ", ", choices[n]);
    }
    const char *near = nearest_word(text, choices, n);
    if (near != NULL)
        return usage(
            parse, "%s: \"%.80s\" is not one of %s (did you mean \"%s\"?)", what, text, list, near);
    return usage(parse, "%s: \"%.80s\" is not one of %s", what, text, list);
}

static bool check_value(struct parse *parse, const struct option *option, const char *text)
{
    uint64_t value = 0;
    if (option->type == OPTION_NUMBER && !number_u64(text, option->min, option->max, &value))
        return usage(parse, "%s: \"%.80s\" is not a whole number from %llu to %llu", option->name,
            text, (unsigned long long)option->min, (unsigned long long)option->max);
    if ((option->type == OPTION_DURATION || option->type == OPTION_OPTIONAL_DURATION) &&
        !number_duration_ms(text, &value))
        return usage(parse, "%s: \"%.80s\" is not a duration with a unit (200ms, 2s, 10m, 1h)",
            option->name, text);
    if (option->type == OPTION_CHOICE)
        return check_choice(parse, option->name, text, option->choices);
    return true;
}

static void add_setting(struct parse *parse, const char *key, const char *text, const char *origin)
{
    parse->to->settings[parse->to->n_settings++] =
        (struct config_setting){.key = key, .text = text, .origin = origin};
}

static bool take_option(struct parse *parse, const struct option *option, const char *text)
{
    if (text != NULL && !check_value(parse, option, text))
        return false;
    parse->to->given[parse->to->n_given++] = (struct given){.option = option, .text = text};
    if (option->key != NULL)
        add_setting(
            parse, option->key, option->key_value != NULL ? option->key_value : text, option->name);
    if (option->argument_key != NULL && text != NULL)
        add_setting(parse, option->argument_key, text, option->name);
    return true;
}

/* The word behind a flag that takes one. */
static const char *next_word(struct parse *parse)
{
    return parse->at < parse->n_words ? parse->words[parse->at++] : NULL;
}

static bool parse_long(struct parse *parse, const char *word)
{
    size_t length = strcspn(word, "=");
    const char *text = word[length] == '=' ? word + length + 1 : NULL;
    const struct option *option = find_option(parse->to->command, word, length);
    if (option == NULL)
        return unknown_option(parse, word, length);
    if (option->type == OPTION_FLAG && text != NULL)
        return usage(parse, "%s takes no argument", option->name);
    if (option->type != OPTION_FLAG && option->type != OPTION_OPTIONAL_DURATION && text == NULL) {
        text = next_word(parse);
        if (text == NULL)
            return usage(parse, "%s needs an argument: %s", option->name, option->argument);
    }
    return take_option(parse, option, text);
}

/* -q, -qv, -c FILE, -cFILE */
static bool parse_letters(struct parse *parse, const char *word)
{
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        const struct option *option = parse->to->command == NULL
                                          ? NULL
                                          : option_lettered(parse->to->command->options, *letter);
        if (option == NULL)
            option = option_lettered(global_options, *letter);
        if (option == NULL)
            return usage(parse, "unknown option \"-%c\"", *letter);
        if (option->type == OPTION_FLAG) {
            if (!take_option(parse, option, NULL))
                return false;
            continue;
        }
        const char *text = letter[1] != '\0' ? letter + 1 : next_word(parse);
        if (text == NULL)
            return usage(parse, "%s needs an argument: %s", option->name, option->argument);
        return take_option(parse, option, text);
    }
    return true;
}

/* psql --help is psql's but for this one word, which asks us. */
static bool take_rest(struct parse *parse)
{
    struct arguments *to = parse->to;
    if (parse->n_words - parse->at == 1 && strcmp(parse->words[parse->at], "--help") == 0)
        return true;
    while (parse->at < parse->n_words)
        to->operands[to->n_operands++] = parse->words[parse->at++];
    return true;
}

static bool take_word(struct parse *parse, const char *word)
{
    struct arguments *to = parse->to;
    if (to->command != NULL) {
        to->operands[to->n_operands++] = word;
        return true;
    }
    to->command = command_find(word);
    if (to->command == NULL)
        return command_unknown(word, parse->err);
    return !to->command->rest || take_rest(parse);
}

static bool parse_words(struct parse *parse)
{
    bool only_operands = false;
    while (parse->at < parse->n_words) {
        const char *word = parse->words[parse->at++];
        bool fine = true;
        if (only_operands || word[0] != '-' || word[1] == '\0')
            fine = take_word(parse, word);
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else
            fine = word[1] == '-' ? parse_long(parse, word) : parse_letters(parse, word);
        if (!fine)
            return false;
    }
    return true;
}

static bool check_operands(struct parse *parse)
{
    const struct arguments *to = parse->to;
    const struct command *command = to->command;
    if (command == NULL || arguments_has(to, "--help"))
        return true;
    if (to->n_operands < command->min_operands)
        return usage(parse, "%s needs an argument: %s", command->name, command->operands);
    if (to->n_operands > command->max_operands)
        return usage(parse, "%s: unexpected argument \"%.80s\"", command->name,
            to->operands[command->max_operands]);
    if (command->words != NULL && to->n_operands > 0)
        return check_choice(parse, command->name, to->operands[0], command->words);
    return true;
}

/* Variables that stand in for flags without a key; the configuration reads the others itself. */
static bool check_environment(struct parse *parse)
{
    for (const struct option *option = global_options; option->name != NULL; option++) {
        const char *text =
            option->environment == NULL || option->key != NULL ? NULL : getenv(option->environment);
        if (text == NULL || text[0] == '\0' || option->type != OPTION_CHOICE)
            continue;
        if (!check_choice(parse, option->environment, text, option->choices))
            return false;
    }
    return true;
}

bool arguments_parse(int argc, char **argv, struct arguments **ret_arguments, struct error *err)
{
    size_t n_words = argc > 1 ? (size_t)argc - 1 : 0;
    size_t n_letters = 0;
    for (size_t i = 0; i < n_words; i++)
        n_letters += strlen(argv[i + 1]) + 1;
    struct arena *arena = arena_new(0);
    struct arguments *to = arena_alloc(arena, 1, sizeof(*to));
    to->arena = arena;
    to->operands = arena_alloc(arena, n_words + 1, sizeof(*to->operands));
    to->given = arena_alloc(arena, n_letters + 1, sizeof(*to->given)); /* at most one a letter */
    to->settings = arena_alloc(arena, 2 * n_letters + 1, sizeof(*to->settings));
    struct parse parse = {.words = argv + 1, .n_words = n_words, .to = to, .err = err};
    if (!parse_words(&parse) || !check_operands(&parse) || !check_environment(&parse)) {
        arena_free(arena);
        return false;
    }
    *ret_arguments = to;
    return true;
}

void arguments_free(struct arguments *arguments)
{
    if (arguments != NULL)
        arena_free(arguments->arena);
}

const struct command *arguments_command(const struct arguments *arguments)
{
    return arguments->command;
}

size_t arguments_operands(const struct arguments *arguments)
{
    return arguments->n_operands;
}

const char *arguments_operand(const struct arguments *arguments, size_t index)
{
    assert(index < arguments->n_operands);
    return arguments->operands[index];
}

static const struct given *last_given(const struct arguments *arguments, const char *name)
{
    for (size_t i = arguments->n_given; i > 0; i--) {
        if (strcmp(arguments->given[i - 1].option->name, name) == 0)
            return &arguments->given[i - 1];
    }
    assert(command_option(arguments->command, name) != NULL);
    return NULL;
}

static const char *environment_of(const struct arguments *arguments, const char *name)
{
    const struct option *option = command_option(arguments->command, name);
    const char *text =
        option == NULL || option->environment == NULL ? NULL : getenv(option->environment);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

bool arguments_has(const struct arguments *arguments, const char *name)
{
    const char *text = NULL;
    if (last_given(arguments, name) != NULL)
        return true;
    text = environment_of(arguments, name);
    return text != NULL && strcmp(text, "0") != 0;
}

const char *arguments_value(const struct arguments *arguments, const char *name)
{
    const struct given *given = last_given(arguments, name);
    if (given != NULL)
        return given->text == NULL ? "" : given->text;
    return environment_of(arguments, name);
}

size_t arguments_values(
    const struct arguments *arguments, const char *name, const char *const **ret_values)
{
    const char **values = arena_alloc(arguments->arena, arguments->n_given + 1, sizeof(*values));
    size_t n = 0;
    for (size_t i = 0; i < arguments->n_given; i++) {
        if (strcmp(arguments->given[i].option->name, name) == 0)
            values[n++] = arguments->given[i].text;
    }
    *ret_values = values;
    return n;
}

uint64_t arguments_number(const struct arguments *arguments, const char *name, uint64_t missing)
{
    const char *text = arguments_value(arguments, name);
    uint64_t value = missing;
    if (text == NULL || !number_u64(text, 0, UINT64_MAX, &value))
        return missing;
    return value;
}

uint64_t arguments_duration_ms(
    const struct arguments *arguments, const char *name, uint64_t missing)
{
    const char *text = arguments_value(arguments, name);
    uint64_t value = missing;
    if (text == NULL || !number_duration_ms(text, &value))
        return missing;
    return value;
}

size_t arguments_settings(
    const struct arguments *arguments, const struct config_setting **ret_settings)
{
    *ret_settings = arguments->settings;
    return arguments->n_settings;
}
