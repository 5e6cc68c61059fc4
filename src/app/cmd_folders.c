/* folders - edits watch_folders, from which a running daemon takes its roots. */
#include "app/codebase.h"
#include "app/commands.h"
#include "app/config_value.h"
#include "app/git.h"
#include "app/link.h"
#include "app/rows.h"
#include "base/arena.h"
#include "store/sql.h"

struct folders_run {
    struct session *session;
    struct link link;
    struct arena *arena;
    const char *codebase_id; /* of the row that was changed last; NULL: no row was */
};

static bool take_changed(void *user, size_t n_columns, const char *const *values)
{
    struct folders_run *run = user;
    (void)n_columns;
    run->codebase_id = arena_string(run->arena, values[0]);
    return true;
}

static bool change(struct folders_run *run, const char *sql_file, const char *const *parameters,
    size_t n, struct error *err)
{
    static const struct pg_text_ops ops = {.row = take_changed};
    run->codebase_id = NULL;
    return pg_text_run(run->link.pg, sql_text(sql_file), parameters, n, &ops, run, err);
}

static void say(struct folders_run *run, const char *done, const char *path)
{
    struct output *output = run->session->output;
    if (!output->json) {
        output_text(output, "%s ", done);
        output_safe(output, STYLE_PLAIN, path);
        output_text(output, " (");
        output_safe(output, STYLE_DIM, run->codebase_id);
        output_text(output, ")\n");
        return;
    }
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "done", done);
    json_key_string(&json, "path", path);
    json_key_string(&json, "codebase_id", run->codebase_id);
    json_object_end(&json);
    output_json(output, &line);
}

static bool list(struct folders_run *run, struct error *err)
{
    const char *parameters[] = {run->session->config->daemon.host};
    struct rows rows = {.output = run->session->output,
        .form = run->session->output->json ? ROWS_JSON : ROWS_TABLE};
    bool fine = pg_text_run(run->link.pg, sql_text("command/folders.sql"), parameters,
        ARRAY_SIZE(parameters), &rows_ops, &rows, err);
    if (fine && rows.n_rows == 0)
        output_note(run->session->output, "no folders of host %s", parameters[0]);
    rows_finish(&rows);
    return fine;
}

static const char *patterns(struct folders_run *run, const char *option)
{
    const char *const *values = NULL;
    size_t n = arguments_values(run->session->arguments, option, &values);
    AUTO_BUF text = BUF_INIT;
    struct json json = JSON_INIT(&text);
    json_array_begin(&json);
    for (size_t i = 0; i < n; i++)
        json_string(&json, values[i]);
    json_array_end(&json);
    return arena_string(run->arena, buf_string(&text));
}

static const char *sinks(struct folders_run *run)
{
    const char *word = arguments_value(run->session->arguments, "--sinks");
    return word == NULL || strcmp(word, "both") == 0 ? NULL
                                                     : arena_printf(run->arena, "[\"%s\"]", word);
}

static bool add(struct folders_run *run, const char *path, struct error *err)
{
    struct codebase codebase;
    const struct arguments *arguments = run->session->arguments;
    const char *host = run->session->config->daemon.host;
    if (!codebase_of(run->arena, path, arguments_value(arguments, "--id"), host, &codebase, err))
        return false;
    const char *debounce = NULL;
    if (arguments_has(arguments, "--debounce"))
        debounce = arena_printf(run->arena, "%llu",
            (unsigned long long)arguments_duration_ms(arguments, "--debounce", 0));
    const char *parameters[] = {host, codebase.root_path, codebase.codebase_id, codebase.tenant_id,
        git_branch_of(codebase.root_path, run->arena), patterns(run, "--include"),
        patterns(run, "--exclude"), arguments_has(arguments, "--no-recursive") ? "false" : "true",
        debounce, sinks(run)};
    if (!change(run, "command/folder_add.sql", parameters, ARRAY_SIZE(parameters), err))
        return false;
    say(run, "added", codebase.root_path);
    return true;
}

static bool unknown_folder(const struct folders_run *run, const char *path, struct error *err)
{
    error_set(err, ERROR_USAGE, 0, "no folder \"%.300s\" of host %s in watch_folders", path,
        run->session->config->daemon.host);
    return error_hint(err, "see: srctab folders list");
}

static bool set_enabled(struct folders_run *run, const char *path, bool enabled, struct error *err)
{
    const char *parameters[] = {
        run->session->config->daemon.host, path, enabled ? "true" : "false"};
    if (!change(run, "command/folder_enable.sql", parameters, ARRAY_SIZE(parameters), err))
        return false;
    if (run->codebase_id == NULL)
        return unknown_folder(run, path, err);
    say(run, enabled ? "enabled" : "disabled", path);
    return true;
}

static bool remove_one(struct folders_run *run, const char *path, struct error *err)
{
    const char *parameters[] = {run->session->config->daemon.host, path};
    if (!change(run, "command/folder_remove.sql", parameters, ARRAY_SIZE(parameters), err))
        return false;
    if (run->codebase_id == NULL)
        return unknown_folder(run, path, err);
    say(run, "removed", path);
    if (!arguments_has(run->session->arguments, "--purge"))
        return true;
    const char *purged = run->codebase_id;
    if (!change(run, "command/purge.sql", &purged, 1, err))
        return false;
    output_note(run->session->output, "the rows of %s are gone; its audit log stays", purged);
    return true;
}

static bool edit(struct folders_run *run, const char *what, const char *given, struct error *err)
{
    const char *path = link_absolute(run->arena, given);
    if (strcmp(what, "add") == 0)
        return add(run, path, err);
    if (strcmp(what, "remove") == 0)
        return remove_one(run, path, err);
    return set_enabled(run, path, strcmp(what, "enable") == 0, err);
}

int cmd_folders(struct session *session, struct error *err)
{
    struct folders_run run = {.session = session};
    size_t n = arguments_operands(session->arguments);
    const char *what = n == 0 ? "list" : arguments_operand(session->arguments, 0);
    bool lists = strcmp(what, "list") == 0;
    if (lists != (n <= 1)) {
        if (lists)
            error_set(err, ERROR_USAGE, 0, "folders list: unexpected argument \"%.80s\"",
                arguments_operand(session->arguments, 1));
        else
            error_set(err, ERROR_USAGE, 0, "folders %s needs an argument: DIR", what);
        error_hint(err, "see: srctab help folders");
        return error_exit_code(err);
    }
    run.arena = arena_new(0);
    bool fine = link_open(&run.link, session, "srctab folders", err) && (!lists || list(&run, err));
    for (size_t i = 1; fine && i < n; i++)
        fine = edit(&run, what, arguments_operand(session->arguments, i), err);
    link_close(&run.link);
    arena_free(run.arena);
    return fine ? 0 : error_exit_code(err);
}
