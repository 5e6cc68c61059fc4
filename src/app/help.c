#include "app/help.h"

#include "app/commands.h"
#include "app/config_key.h"

#include <ctype.h>

enum { WIDTH = 80, COMMAND_COLUMN = 14, OPTION_COLUMN = 28 };

/* Append the words of text from column `at`, further lines indented; no line is wider than WIDTH
 * unless one word is. */
static void add_wrapped(struct buf *out, const char *text, size_t at, size_t indent)
{
    size_t column = at;
    bool first = true;
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");
        if (length > 0) {
            if (!first && column + 1 + length > WIDTH) {
                buf_addf(out, "\n%*s", (int)indent, "");
                column = indent;
            } else if (!first) {
                buf_addc(out, ' ');
                column++;
            }
            buf_add(out, text, length);
            column += length;
            first = false;
        }
        if (strncmp(text + length, "\n\n", 2) == 0) {
            buf_addf(out, "\n\n%*s", (int)indent, "");
            column = indent;
            first = true;
            length++;
        }
        text += length + (text[length] != '\0');
    }
    buf_addc(out, '\n');
}

void help_environment(struct buf *out, const struct option *option)
{
    if (option->environment != NULL)
        buf_adds(out, option->environment);
    else if (option->argument_key != NULL)
        config_key_environment(out, option->argument_key);
    else if (option->key != NULL)
        config_key_environment(out, option->key);
}

static void add_option(struct buf *out, const struct option *option)
{
    size_t start = out->length;
    if (option->letter != 0)
        buf_addf(out, "  -%c, %s", option->letter, option->name);
    else
        buf_addf(out, "      %s", option->name);
    if (option->type == OPTION_OPTIONAL_DURATION)
        buf_addf(out, "[=%s]", option->argument);
    else if (option->argument != NULL)
        buf_addf(out, " %s", option->argument);
    size_t column = out->length - start;
    if (column + 2 > OPTION_COLUMN)
        buf_addf(out, "\n%*s", OPTION_COLUMN, "");
    else
        buf_addf(out, "%*s", (int)(OPTION_COLUMN - column), "");
    AUTO_BUF text = BUF_INIT;
    buf_adds(&text, option->help);
    AUTO_BUF variable = BUF_INIT;
    help_environment(&variable, option);
    if (variable.length > 0)
        buf_addf(&text, " [%s]", buf_string(&variable));
    add_wrapped(out, buf_string(&text), OPTION_COLUMN, OPTION_COLUMN);
}

static void add_options(struct buf *out, const char *heading, const struct option *options)
{
    if (options[0].name == NULL)
        return;
    buf_addf(out, "\n%s:\n", heading);
    for (; options->name != NULL; options++)
        add_option(out, options);
}

void help_overview(struct buf *out)
{
    buf_adds(out, "srctab: your source tree as live PostgreSQL tables\n\n"
                  "usage: srctab [OPTION...] COMMAND [ARGUMENT...]\n");
    for (int group = 0; group < COMMAND_GROUPS; group++) {
        buf_addf(out, "\n%s:\n", command_groups[group]);
        for (const struct command *command = commands; command->name != NULL; command++) {
            if ((int)command->group != group)
                continue;
            buf_addf(out, "  %-*s", COMMAND_COLUMN - 2, command->name);
            add_wrapped(out, command->summary, COMMAND_COLUMN, COMMAND_COLUMN);
        }
    }
    add_options(out, "Options of every command", global_options);
    buf_adds(
        out, "\nDurations carry a unit: 200ms, 2s, 10m. More: srctab help COMMAND, man srctab\n");
}

void help_command(struct buf *out, const struct command *command)
{
    AUTO_BUF usage = BUF_INIT;
    buf_addf(&usage, "usage: srctab %s", command->name);
    if (command->options[0].name != NULL)
        buf_adds(&usage, " [OPTION...]");
    if (command->operands[0] != '\0')
        buf_addf(&usage, " %s", command->operands);
    add_wrapped(out, buf_string(&usage), 0, 8);
    buf_addc(out, '\n');
    AUTO_BUF summary = BUF_INIT;
    buf_addf(&summary, "%c%s.", toupper((unsigned char)command->summary[0]), command->summary + 1);
    add_wrapped(out, buf_string(&summary), 0, 0);
    if (command->description[0] != '\0') {
        buf_addc(out, '\n');
        add_wrapped(out, command->description, 0, 0);
    }
    add_options(out, "Options", command->options);
    add_options(out, "Options of every command", global_options);
}

int cmd_help(struct session *session, struct error *err)
{
    AUTO_BUF out = BUF_INIT;
    if (arguments_has(session->arguments, "--man")) {
        help_manual(&out);
    } else if (arguments_operands(session->arguments) == 0) {
        help_overview(&out);
    } else {
        const char *name = arguments_operand(session->arguments, 0);
        const struct command *command = command_find(name);
        if (command == NULL) {
            command_unknown(name, err);
            return error_exit_code(err);
        }
        help_command(&out, command);
    }
    output_document(session->output, buf_string(&out));
    return 0;
}
