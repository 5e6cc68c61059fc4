/* Shell completion, made from the table of commands. */
#include "app/commands.h"

#include "app/command.h"

static void add_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        buf_addf(out, "%s%s", i == 0 ? "" : " ", words[i]);
}

static void add_option_names(struct buf *out, const struct option *options)
{
    for (; options->name != NULL; options++) {
        buf_addf(out, " %s", options->name);
        if (options->letter != 0)
            buf_addf(out, " -%c", options->letter);
    }
}

static void add_command_names(struct buf *out)
{
    for (const struct command *command = commands; command->name != NULL; command++)
        buf_addf(out, "%s%s", command == commands ? "" : " ", command->name);
}

/* case "$previous" in --color) … : the words of options that take one of a few */
static void add_bash_choices(struct buf *out, const char *prefix, const struct option *options)
{
    for (; options->name != NULL; options++) {
        if (options->type != OPTION_CHOICE)
            continue;
        buf_addf(out, "    %s%s) words=\"", prefix, options->name);
        add_words(out, options->choices);
        buf_adds(out, "\" ;;\n");
    }
}

static void add_bash(struct buf *out)
{
    buf_adds(out, "_srctab()\n{\n"
                  "    local current=\"${COMP_WORDS[COMP_CWORD]}\" "
                  "previous=\"${COMP_WORDS[COMP_CWORD-1]}\" command=\"\" words=\"\" i\n"
                  "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                  "        case \"${COMP_WORDS[i]}\" in\n"
                  "        -c|--config|--db|--id|--color|--log-format) ((i++)) ;;\n"
                  "        -*) ;;\n"
                  "        *) command=\"${COMP_WORDS[i]}\"; break ;;\n"
                  "        esac\n"
                  "    done\n"
                  "    case \"$command $previous\" in\n");
    add_bash_choices(out, "*\" \"", global_options);
    for (const struct command *command = commands; command->name != NULL; command++) {
        AUTO_BUF prefix = BUF_INIT;
        buf_addf(&prefix, "%s\" \"", command->name);
        add_bash_choices(out, buf_string(&prefix), command->options);
    }
    buf_adds(out, "    *) case \"$command\" in\n    \"\") words=\"");
    add_command_names(out);
    add_option_names(out, global_options);
    buf_adds(out, "\" ;;\n");
    for (const struct command *command = commands; command->name != NULL; command++) {
        buf_addf(out, "    %s) words=\"", command->name);
        add_words(out, command->words);
        add_option_names(out, command->options);
        add_option_names(out, global_options);
        buf_adds(out, "\" ;;\n");
    }
    buf_adds(out, "        esac ;;\n"
                  "    esac\n"
                  "    [ \"$command\" = help ] && words=\"");
    add_command_names(out);
    buf_adds(out,
        "\"\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        "    case \"$current\" in -*) ;; *) COMPREPLY+=($(compgen -f -- \"$current\")) ;; esac\n"
        "}\n"
        "complete -o filenames -F _srctab srctab\n");
}

/* In single quotes; ' is written '\'' and what the shell's own syntax takes is escaped by the
 * caller. */
static void add_quoted(struct buf *out, const char *text, const char *escaped)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buf_adds(out, "'\\''");
        else if (strchr(escaped, *text) != NULL)
            buf_addf(out, "\\%c", *text);
        else
            buf_addc(out, *text);
    }
}

static void add_zsh_argument(struct buf *out, const struct option *option)
{
    if (option->argument == NULL)
        return;
    buf_addf(out, "%s:", option->type == OPTION_OPTIONAL_DURATION ? ":" : "");
    add_quoted(out, option->argument, ":[]");
    buf_addc(out, ':');
    if (option->type == OPTION_CHOICE) {
        buf_addc(out, '(');
        add_words(out, option->choices);
        buf_addc(out, ')');
    } else if (strcmp(option->argument, "FILE") == 0) {
        buf_adds(out, "_files");
    }
}

static void add_zsh_options(struct buf *out, const struct option *options)
{
    for (; options->name != NULL; options++) {
        bool optional = options->type == OPTION_OPTIONAL_DURATION;
        buf_addf(out, " \\\n        '%s%s%s[", options->repeats ? "*" : "", options->name,
            optional                    ? "=-"
            : options->argument != NULL ? "="
                                        : "");
        add_quoted(out, options->help, ":[]");
        buf_addc(out, ']');
        add_zsh_argument(out, options);
        buf_addc(out, '\'');
    }
}

static void add_zsh(struct buf *out)
{
    buf_adds(out, "#compdef srctab\n_srctab_commands()\n{\n    local -a names=(");
    for (const struct command *command = commands; command->name != NULL; command++) {
        buf_addf(out, "\n        '%s:", command->name);
        add_quoted(out, command->summary, ":");
        buf_addc(out, '\'');
    }
    buf_adds(out, ")\n    _describe command names\n}\n_srctab()\n{\n    local context state line\n "
                  "   _arguments -C");
    add_zsh_options(out, global_options);
    buf_adds(out, " \\\n        '1: :_srctab_commands' '*:: :->rest'\n    [[ $state = rest ]] || "
                  "return\n    case $line[1] in\n");
    for (const struct command *command = commands; command->name != NULL; command++) {
        buf_addf(out, "    %s) _arguments", command->name);
        add_zsh_options(out, command->options);
        add_zsh_options(out, global_options);
        if (strcmp(command->name, "help") == 0)
            buf_adds(out, " '1: :_srctab_commands'");
        else if (command->words != NULL) {
            buf_adds(out, " '1: :(");
            add_words(out, command->words);
            buf_adds(out, ")' '*: :_files'");
        } else
            buf_adds(out, " '*: :_files'");
        buf_adds(out, " ;;\n");
    }
    /* The file is run as the function when it lies in fpath, and sourced otherwise. */
    buf_adds(out, "    esac\n}\nif [[ $funcstack[1] = _srctab ]]; then\n    _srctab \"$@\"\nelse\n "
                  "   compdef _srctab srctab\nfi\n");
}

static void add_fish_options(struct buf *out, const char *condition, const struct option *options)
{
    for (; options->name != NULL; options++) {
        buf_addf(out, "complete -c srctab%s -l %s", condition, options->name + 2);
        if (options->letter != 0)
            buf_addf(out, " -s %c", options->letter);
        if (options->argument != NULL && options->type != OPTION_OPTIONAL_DURATION)
            buf_adds(out, " -r");
        if (options->type == OPTION_CHOICE) {
            buf_adds(out, " -f -a '");
            add_words(out, options->choices);
            buf_addc(out, '\'');
        }
        buf_adds(out, " -d '");
        add_quoted(out, options->help, "\\");
        buf_adds(out, "'\n");
    }
}

static void add_fish(struct buf *out)
{
    add_fish_options(out, "", global_options);
    for (const struct command *command = commands; command->name != NULL; command++) {
        AUTO_BUF condition = BUF_INIT;
        buf_addf(out, "complete -c srctab -n __fish_use_subcommand -f -a %s -d '", command->name);
        add_quoted(out, command->summary, "\\");
        buf_adds(out, "'\n");
        buf_addf(&condition, " -n '__fish_seen_subcommand_from %s'", command->name);
        add_fish_options(out, buf_string(&condition), command->options);
        if (command->words == NULL && strcmp(command->name, "help") != 0)
            continue;
        buf_addf(out, "complete -c srctab%s -f -a '", buf_string(&condition));
        if (command->words != NULL)
            add_words(out, command->words);
        else
            add_command_names(out);
        buf_adds(out, "'\n");
    }
}

int cmd_completion(struct session *session, struct error *err)
{
    static const struct {
        const char *shell;
        void (*add)(struct buf *out);
    } shells[] = {{"bash", add_bash}, {"zsh", add_zsh}, {"fish", add_fish}};
    (void)err;
    AUTO_BUF out = BUF_INIT;
    for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
        if (strcmp(arguments_operand(session->arguments, 0), shells[i].shell) == 0)
            shells[i].add(&out);
    }
    output_document(session->output, buf_string(&out));
    return 0;
}
