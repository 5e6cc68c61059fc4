/* main.c - from argv to one command and its exit status. */
#include "analyze/analysis.h"
#include "analyze/zygote.h"
#include "app/commands.h"
#include "app/environment.h"
#include "app/help.h"
#include "base/arena.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>

enum { CLOSED_PIPE_STATUS = 128 + SIGPIPE }; /* as a shell reports the signal that we ignore */

static bool is_word(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static enum colour colour_of(const char *word)
{
    if (is_word(word, "always"))
        return COLOUR_ALWAYS;
    return is_word(word, "never") ? COLOUR_NEVER : COLOUR_AUTO;
}

/* Errors of the command line itself: --json may stand behind the word that is wrong. */
static bool asks_json(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

static void open_output(struct output *output, const struct arguments *arguments)
{
    output_init(output, colour_of(arguments_value(arguments, "--color")),
        arguments_has(arguments, "--json"), arguments_has(arguments, "--quiet"),
        arguments_has(arguments, "--verbose"));
}

/* Records go to standard error, or to the end of log.file, which is never closed before the program
 * ends. */
static bool open_log(const struct config *config, const struct output *output, struct error *err)
{
    int fd = STDERR_FILENO;
    bool has_file = config->log.file[0] != '\0';
    bool journal = !has_file && getenv("JOURNAL_STREAM") != NULL;
    bool text = config->log.format == LOG_FORM_TEXT ||
                (config->log.format == LOG_FORM_AUTO && !has_file && output->err_is_terminal);
    enum log_level level = config->log.level;
    if (has_file) {
        fd = open(config->log.file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0)
            return error_set(err, ERROR_CONFIG, errno, "log.file: could not open file \"%.300s\"",
                config->log.file);
    }
    if (output->verbose > 0)
        level = LOG_DEBUG;
    if (output->quiet)
        level = LOG_ERROR;
    log_setup(fd, level, text ? LOG_TEXT : LOG_JSON, output->colour_err && !has_file, journal);
    return true;
}

static int run_configured(struct session *session, const struct command *command, struct error *err)
{
    AUTO_FREE char *directory = getcwd(NULL, 0);
    const struct config_setting *settings = NULL;
    if (directory == NULL)
        directory = memory_string("/");
    struct config_request request = {
        .file = arguments_has(session->arguments, "--config")
                    ? arguments_value(session->arguments, "--config")
                    : NULL,
        .directory = directory,
        .n_settings = arguments_settings(session->arguments, &settings),
        .environment = config_getenv,
    };
    request.settings = settings;
    session->request = &request;
    if (command->needs_config) {
        if (!config_load(&request, &session->config, err))
            return error_exit_code(err);
        for (size_t i = 0; i < session->config->n_warnings; i++)
            output_note(session->output, "warning: %s", session->config->warnings[i]);
        if (!open_log(session->config, session->output, err)) {
            config_free(session->config);
            return error_exit_code(err);
        }
    }
    int status = command->run(session, err);
    config_free(session->config);
    session->config = NULL;
    return status;
}

static int show_help(struct session *session, const struct command *command)
{
    AUTO_BUF out = BUF_INIT;
    if (command == NULL)
        help_overview(&out);
    else
        help_command(&out, command);
    output_document(session->output, buf_string(&out));
    return 0;
}

static int run(struct session *session, struct error *err)
{
    const struct arguments *arguments = session->arguments;
    const struct command *command = arguments_command(arguments);
    bool version = arguments_has(arguments, "--version");
    if (version && session->output->json)
        output_text(session->output, "{\"v\":1,\"version\":\"%s\"}\n", SRCTAB_VERSION);
    else if (version)
        output_text(session->output, "srctab %s\n", SRCTAB_VERSION);
    if (version)
        return 0;
    if (arguments_has(arguments, "--help"))
        return show_help(session, command);
    if (command != NULL)
        return run_configured(session, command, err);
    error_set(err, ERROR_USAGE, 0, "no command was given");
    error_hint(err, "see: srctab help");
    return error_exit_code(err);
}

int main(int argc, char **argv)
{
    zygote_maybe_main(argc, argv, &analysis_ops);
    struct error err = ERROR_INIT;
    struct output output = {0};
    struct session session = {.output = &output};
    struct arguments *arguments = NULL;
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    (void)signal(SIGPIPE, SIG_IGN);
    if (!arguments_parse(argc, argv, &arguments, &err)) {
        output_init(&output, COLOUR_AUTO, asks_json(argc, argv), false, 0);
        output_error(&output, &err);
        return error_exit_code(&err);
    }
    open_output(&output, arguments);
    session.arguments = arguments;
    environment_check(&output, environ);
    int status = run(&session, &err);
    if (err.kind == ERROR_NONE && !output_finish(&output, &err) && err.sys_errno == EPIPE) {
        err = ERROR_INIT; /* `| head` has seen enough */
        status = CLOSED_PIPE_STATUS;
    }
    if (err.kind != ERROR_NONE) {
        output_error(&output, &err);
        status = error_exit_code(&err);
    }
    arguments_free(arguments);
    return status;
}
