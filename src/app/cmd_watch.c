/* cmd_watch.c - `srctab watch` and `srctab ingest`: the same daemon, for ever or for one pass. */
#include "app/commands.h"
#include "app/daemon.h"
#include "app/dir_operands.h"
#include "app/ingest_revision.h"
#include "app/pass.h"
#include "app/since.h"

int cmd_watch(struct session *session, struct error *err)
{
    const struct arguments *arguments = session->arguments;
    struct daemon *daemon = NULL;
    struct dir_operands dirs;
    if (!dir_operands_take(&dirs, arguments, err))
        return error_exit_code(err);
    const struct daemon_options options = {
        .request = session->request,
        .dirs = dirs.paths,
        .n_dirs = dirs.n,
        .given_id = arguments_value(arguments, "--id"),
        .allow_mass_delete = arguments_has(arguments, "--allow-mass-delete"),
        .rebind = arguments_has(arguments, "--rebind"),
    };
    int status = 0;
    if (daemon_open(session->config, session->output, &options, &daemon, err))
        status = daemon_run(daemon, err);
    else
        status = error_exit_code(err);
    daemon_close(daemon);
    dir_operands_release(&dirs);
    return status;
}

int cmd_ingest(struct session *session, struct error *err)
{
    const struct arguments *arguments = session->arguments;
    const char *since_text = arguments_value(arguments, "--since");
    struct since *since = NULL;
    struct dir_operands dirs;
    if (!dir_operands_take(&dirs, arguments, err))
        return error_exit_code(err);
    struct daemon_options options = {
        .dirs = dirs.paths,
        .n_dirs = dirs.n,
        .given_id = arguments_value(arguments, "--id"),
        .once = true,
        .full = arguments_has(arguments, "--full"),
        .dry_run = arguments_has(arguments, "--dry-run"),
        .allow_mass_delete = arguments_has(arguments, "--allow-mass-delete"),
        .rebind = arguments_has(arguments, "--rebind"),
    };
    int status = 0;
    if (arguments_value(arguments, "--rev") != NULL)
        status = ingest_revision(session, &options, arguments_value(arguments, "--rev"), err);
    else if (since_text != NULL && !since_new(since_text, &since, err))
        status = error_exit_code(err);
    else {
        options.since = since;
        status = pass_run(session, &options, err);
    }
    since_free(since);
    dir_operands_release(&dirs);
    return status;
}
