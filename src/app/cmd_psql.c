/* psql - psql on whichever database is in use; our tables are found without a prefix. */
#include "app/commands.h"
#include "app/database.h"
#include "base/arena.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

/* Ours comes first in the search path, then what was there; options of the user's own are kept. */
static void set_options(const char *schema)
{
    const char *options = getenv("PGOPTIONS");
    AUTO_BUF text = BUF_INIT;
    if (options != NULL && options[0] != '\0')
        buf_addf(&text, "%s ", options);
    buf_adds(&text, "-c search_path=");
    for (const char *c = schema; *c != '\0'; c++) {
        if (*c == ' ' || *c == '\\') /* of libpq's options: a backslash keeps the next character */
            buf_addc(&text, '\\');
        buf_addc(&text, *c);
    }
    buf_adds(&text, ",public");
    (void)setenv("PGOPTIONS", buf_string(&text), 1);
}

static bool names_database(const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments_operands(arguments); i++) {
        const char *word = arguments_operand(arguments, i);
        if (strcmp(word, "-d") == 0 || strncmp(word, "--dbname", 8) == 0)
            return true;
    }
    return false;
}

static char **command_line(const struct session *session, const struct database *database)
{
    size_t n = arguments_operands(session->arguments);
    char **words = memory_new(n + 4, sizeof(*words));
    size_t at = 0;
    words[at++] = memory_string("psql");
    if (database_conninfo(database)[0] != '\0' && !names_database(session->arguments)) {
        words[at++] = memory_string("-d");
        words[at++] = memory_string(database_conninfo(database));
    }
    for (size_t i = 0; i < n; i++)
        words[at++] = memory_string(arguments_operand(session->arguments, i));
    return words;
}

static void free_words(char **words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        free(words[i]);
    free(words);
}

/* In PATH, else where the server's own client lies. Caller frees. */
static char *find_psql(const struct config *config)
{
    struct cluster_settings settings = database_cluster_settings(config);
    struct cluster_status status;
    struct error ignored = ERROR_INIT;
    const char *path = getenv("PATH");
    for (const char *at = path == NULL ? "" : path; *at != '\0';) {
        size_t length = strcspn(at, ":");
        AUTO_BUF file = BUF_INIT;
        buf_add(&file, at, length);
        buf_adds(&file, "/psql");
        if (length > 0 && access(buf_string(&file), X_OK) == 0)
            return memory_string(buf_string(&file));
        at += length + (at[length] != '\0');
    }
    if (!cluster_status(&settings, &status, &ignored) || status.bin_dir[0] == '\0')
        return NULL;
    AUTO_BUF file = BUF_INIT;
    buf_addf(&file, "%s/psql", status.bin_dir);
    return access(buf_string(&file), X_OK) == 0 ? memory_string(buf_string(&file)) : NULL;
}

/* SIGINT and SIGQUIT are psql's; we wait for it, because the last user of the private cluster has
 * to stop it. */
static int run_and_wait(const char *program, char **words, struct error *err)
{
    pid_t pid = 0;
    int status = 0;
    sigset_t defaults;
    posix_spawnattr_t attributes;
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGQUIT, SIG_IGN);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGINT);
    (void)sigaddset(&defaults, SIGQUIT);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int failure = posix_spawn(&pid, program, NULL, &attributes, words, environ);
    (void)posix_spawnattr_destroy(&attributes);
    if (failure != 0) {
        error_set(err, ERROR_DATABASE, failure, "could not run \"%s\"", program);
        return error_exit_code(err);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_in_place(const char *program, char **words, struct error *err)
{
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execv(program, words);
    error_set(err, ERROR_DATABASE, errno, "could not run \"%s\"", program);
    return error_exit_code(err);
}

int cmd_psql(struct session *session, struct error *err)
{
    struct database *database = NULL;
    const struct config *config = session->config;
    AUTO_FREE char *program = find_psql(config);
    if (program == NULL) {
        error_set(err, ERROR_DATABASE, 0, "could not find psql");
        error_hint(err, "install it: apt-get install postgresql-client");
        return error_exit_code(err);
    }
    if (!database_open(config, &database, err))
        return error_exit_code(err);
    database_announce(database, config, session->output, 0);
    char **words = command_line(session, database);
    set_options(config->database.schema);
    bool shared = database_source(database) == DATABASE_FROM_CLUSTER;
    int status = shared ? run_and_wait(program, words, err) : run_in_place(program, words, err);
    free_words(words);
    database_release(database);
    return status;
}
