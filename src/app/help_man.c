/* The manual page of help.h: the tables in man(7) form, and the few sections that no table holds.
 */
#include "app/help.h"

#include <ctype.h>

#include "app/config_key.h"

/* Text in man(7): a backslash and a minus are escaped, a line must not begin with a dot or a quote.
 */
static void add_roff(struct buf *out, const char *text)
{
    bool line_start = true;
    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            buf_adds(out, "\\&");
        if (*text == '\\')
            buf_adds(out, "\\e");
        else if (*text == '-')
            buf_adds(out, "\\-");
        else
            buf_addc(out, *text);
        line_start = *text == '\n';
    }
}

static void add_paragraphs(struct buf *out, const char *text)
{
    const char *end = NULL;
    while ((end = strstr(text, "\n\n")) != NULL) {
        AUTO_BUF one = BUF_INIT;
        buf_add(&one, text, (size_t)(end - text));
        add_roff(out, buf_string(&one));
        buf_adds(out, "\n.PP\n");
        text = end + 2;
    }
    add_roff(out, text);
    buf_addc(out, '\n');
}

static void add_option(struct buf *out, const struct option *option)
{
    buf_adds(out, ".TP\n");
    buf_addc(out, '\\');
    buf_adds(out, "fB");
    if (option->letter != 0)
        buf_addf(out, "\\-%c\\fR, \\fB", option->letter);
    add_roff(out, option->name);
    buf_adds(out, "\\fR");
    if (option->type == OPTION_OPTIONAL_DURATION)
        buf_addf(out, "[=\\fI%s\\fR]", option->argument);
    else if (option->argument != NULL)
        buf_addf(out, " \\fI%s\\fR", option->argument);
    buf_addc(out, '\n');
    add_roff(out, option->help);
    AUTO_BUF variable = BUF_INIT;
    help_environment(&variable, option);
    if (variable.length > 0)
        buf_addf(out, " [%s]", buf_string(&variable));
    buf_addc(out, '\n');
}

static void add_command(struct buf *out, const struct command *command)
{
    buf_adds(out, ".SS srctab ");
    buf_addf(out, "%s%s", command->name, command->operands[0] == '\0' ? "" : " ");
    add_roff(out, command->operands);
    buf_addc(out, '\n');
    AUTO_BUF summary = BUF_INIT;
    buf_addf(&summary, "%c%s.", toupper((unsigned char)command->summary[0]), command->summary + 1);
    add_roff(out, buf_string(&summary));
    buf_addc(out, '\n');
    if (command->description[0] != '\0') {
        buf_adds(out, ".PP\n");
        add_paragraphs(out, command->description);
    }
    for (const struct option *option = command->options; option->name != NULL; option++)
        add_option(out, option);
}

static void add_key(struct buf *out, const struct config_key *key)
{
    buf_adds(out, ".TP\n\\fB");
    add_roff(out, key->name);
    buf_adds(out, "\\fR\n");
    AUTO_BUF text = BUF_INIT;
    config_key_describe(&text, key);
    bool has_default =
        key->missing != NULL && key->type != CONFIG_NUMBER && key->type != CONFIG_NUMBERS;
    if (has_default)
        buf_addf(&text, "; default %s", key->missing[0] == '\0' ? "empty" : key->missing);
    buf_addf(&text, ". %c%s.", toupper((unsigned char)key->help[0]), key->help + 1);
    if (key->restart)
        buf_adds(&text, " A change needs a restart.");
    text.data[0] = (char)toupper((unsigned char)text.data[0]);
    add_roff(out, buf_string(&text));
    buf_addc(out, '\n');
    for (size_t i = 0; key->record != NULL && i < key->record->n_keys; i++) {
        const struct config_key *field = &key->record->keys[i];
        buf_addf(out, ".br\n\\fI%s\\fR: ", field->name);
        add_roff(out, field->help);
        buf_addc(out, '\n');
    }
}

static const char head[] =
    ".TH SRCTAB 1 \"\" \"srctab\" \"User Commands\"\n"
    ".SH NAME\n"
    "srctab \\- your source tree as live PostgreSQL tables\n"
    ".SH SYNOPSIS\n"
    "\\fBsrctab\\fR [\\fIOPTION\\fR...] \\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n"
    ".SH DESCRIPTION\n"
    "srctab keeps a source tree as PostgreSQL tables: save a file, and psql sees it. "
    "\\fBcode_files\\fR holds content, syntax tree, "
    "functions, classes, imports; \\fBcodebase_metadata\\fR holds the metrics; \\fBsync_audit\\fR "
    "tells what happened to each file.\n"
    ".PP\n"
    "Data goes to standard output, everything else to standard error. Durations carry a unit: "
    "200ms, 2s, 10m, 1h, 7d.\n"
    ".SH COMMANDS\n";

static const char database_section[] =
    ".SH DATABASE\n"
    "The first of these that is set: \\fB\\-\\-db\\fR; \\fBSRCTAB_DATABASE\\fR, or the file that "
    "\\fBSRCTAB_DATABASE_FILE\\fR names; "
    "\\fBdatabase.conninfo\\fR of the configuration; libpq's own \\fBPGSERVICE\\fR, "
    "\\fBPGHOST\\fR, \\fBPGHOSTADDR\\fR or "
    "\\fBPGDATABASE\\fR; else the private cluster, which srctab makes and runs itself: unix socket "
    "only, mode 0700, started by its "
    "first user and stopped by the last. DATABASE_URL is not read: it is the application's. "
    "Passwords come from ~/.pgpass, "
    "PGPASSFILE or a service file.\n"
    ".SH CONFIGURATION\n"
    "A flag beats an environment variable beats the file beats the built\\-in value. The file is "
    "the first of \\fB\\-\\-config\\fR, "
    "\\fBSRCTAB_CONFIG\\fR, srctab.yaml in the current directory or above it up to the "
    "repository's top, "
    "$XDG_CONFIG_HOME/srctab/srctab.yaml, /etc/srctab/srctab.yaml. A file found in the tree may "
    "set only folders, watch and analysis, "
    "and only folders of that tree. Each key has a variable: watch.debounce_ms is "
    "SRCTAB_WATCH_DEBOUNCE_MS; lists are separated by "
    "commas, paths by colons; a connection string may also come from the file named by its "
    "variable with _FILE added.\n";

static const char tail[] =
    ".SH \"EXIT STATUS\"\n"
    ".TP\n0\ndone; also \\fBwatch\\fR ended by SIGTERM or SIGINT\n"
    ".TP\n1\nsome file did not reach every table, \\fBverify\\fR found a difference, \\fBcheck\\fR "
    "found rows\n"
    ".TP\n2\nusage or configuration\n"
    ".TP\n3\ndatabase\n"
    ".TP\n4\ncannot watch: limits, permissions, no such folder\n"
    ".TP\n5\nanother instance owns this codebase\n"
    ".TP\n6\nthe schema is newer than the program\n"
    ".TP\n70\na bug of srctab\n"
    ".TP\n124\n\\fBwait\\fR or \\fB\\-\\-timeout\\fR expired\n"
    ".SH SIGNALS\n"
    "\\fBwatch\\fR: SIGTERM and SIGINT finish what was begun and end; a second one ends at once. "
    "SIGHUP reads the configuration again; "
    "a bad one is reported and the old one kept.\n"
    ".SH FILES\n"
    ".TP\n~/.local/state/srctab, /var/lib/srctab (root)\nthe private cluster\n"
    ".TP\n$XDG_RUNTIME_DIR/srctab, /run/srctab (root)\nsockets and locks\n"
    ".TP\nsrctab.yaml\nthe configuration; \\fBsrctab config example\\fR prints one\n"
    ".SH \"SEE ALSO\"\n"
    "\\fBpsql\\fR(1), \\fBinotify\\fR(7)\n";

void help_manual(struct buf *out)
{
    buf_adds(out, head);
    for (const struct command *command = commands; command->name != NULL; command++)
        add_command(out, command);
    buf_adds(out, ".SH \"OPTIONS OF EVERY COMMAND\"\n");
    for (const struct option *option = global_options; option->name != NULL; option++)
        add_option(out, option);
    buf_adds(out, database_section);
    for (size_t i = 0; i < config_n_keys; i++)
        add_key(out, &config_keys[i]);
    buf_adds(out, tail);
}
