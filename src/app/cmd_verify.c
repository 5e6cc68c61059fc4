/* cmd_verify.c - `srctab verify`: list where the tables differ from the disk, and repair them. */
#include <inttypes.h>

#include "app/commands.h"
#include "app/daemon_client.h"
#include "app/dir_operands.h"
#include "app/pass.h"
#include "app/revisions.h"
#include "app/schema_setup.h"
#include "app/since.h"
#include "app/verify.h"
#include "base/clock.h"
#include "base/json.h"

/* What all directories of one call share. */
struct call {
    struct session *session;
    const char *dir;
    char *socket; /* of the daemon that watches dir; NULL: none */
    uint64_t deadline_ms;
    uint64_t files, differences, undecided;
};

/* Everything written before now is to be in the tables first. That some path cannot be written
 * shows in the comparison. */
static void wait_for_daemon(void *user)
{
    const struct call *call = user;
    struct error err = ERROR_INIT;
    AUTO_BUF answer = BUF_INIT;
    if (call->socket != NULL &&
        !daemon_client_wait(call->socket, call->dir, call->deadline_ms, &answer, &err))
        output_note(call->session->output, "warning: %s", err.message);
}

static void show_difference(struct output *output, const struct verify_difference *difference)
{
    if (output->json) {
        AUTO_BUF line = BUF_INIT;
        struct json json = JSON_INIT(&line);
        json_object_begin(&json);
        json_key_i64(&json, "v", 1);
        json_key_string(&json, "path", difference->path);
        json_key_string(&json, "table", difference->table);
        json_key_string(&json, "problem", difference->problem);
        json_key_string(&json, "columns", difference->columns);
        json_object_end(&json);
        output_json(output, &line);
        return;
    }
    output_text(output, "%s %s ", difference->table, difference->problem);
    output_safe(output, STYLE_BOLD, difference->path);
    output_text(output, difference->columns[0] != '\0' ? " (%s)\n" : "%s\n", difference->columns);
}

/* The last line of --json. */
static void summarize(struct output *output, const struct call *call)
{
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_i64(&json, "files", (int64_t)call->files);
    json_key_i64(&json, "differences", (int64_t)call->differences);
    json_key_i64(&json, "undecided", (int64_t)call->undecided);
    json_object_end(&json);
    output_json(output, &line);
}

static bool repair(struct call *call, const struct verify_report *report, struct error *err)
{
    const char **paths = memory_new(report->n + 1, sizeof(*paths));
    for (size_t i = 0; i < report->n; i++)
        paths[i] = report->differences[i].path;
    bool ok = true;
    if (call->socket != NULL) {
        ok = daemon_client_repair(call->socket, call->dir, paths, report->n, err);
        if (ok)
            wait_for_daemon(call);
    } else {
        struct since *since = since_paths(call->dir, paths, report->n);
        const struct daemon_options options = {.dirs = &call->dir,
            .n_dirs = 1,
            .given_id = arguments_value(call->session->arguments, "--id"),
            .once = true,
            .full = true,
            .allow_mass_delete = true,
            .since = since};
        int status = pass_run(call->session, &options, err);
        ok = status == 0 || (err->kind == ERROR_NONE &&
                                error_set(err, ERROR_FILES, 0, "some paths could not be repaired"));
        since_free(since);
    }
    free(paths);
    return ok;
}

static bool verify_dir(
    struct call *call, const struct verify_settings *settings, bool repairs, struct error *err)
{
    struct verify *verify = NULL;
    struct verify_report report = {0};
    wait_for_daemon(call);
    if (!verify_run(settings, wait_for_daemon, call, &verify, &report, err))
        return false;
    call->files += report.files;
    call->undecided += report.n_undecided;
    call->differences += report.n - report.n_undecided;
    for (size_t i = 0; i < report.n; i++)
        show_difference(call->session->output, &report.differences[i]);
    bool ok = true;
    if (repairs && report.n > 0)
        ok = repair(call, &report, err);
    verify_free(verify);
    return ok;
}

struct opened {
    struct database *database;
    struct zygote *zygote;
    struct revisions *revisions;
};

static bool open_all(struct session *session, struct opened *opened, struct error *err)
{
    const struct config *config = session->config;
    unsigned jobs =
        config->analysis.jobs > 0 ? config->analysis.jobs : (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    const struct zygote_settings zygote = {
        .eager = false,
        .n_workers = jobs > 0 ? jobs : 1,
        .max_file_bytes =
            (uint64_t)(config->analysis.max_parse_kb.data > config->analysis.max_parse_kb.code
                           ? config->analysis.max_parse_kb.data
                           : config->analysis.max_parse_kb.code)
            << 10,
        .file_memory_bytes = (uint64_t)config->analysis.parse_memory_mb << 20,
        .total_memory_bytes = (uint64_t)config->analysis.memory_mb << 20,
    };
    if (!zygote_start(&zygote, &opened->zygote, err) ||
        !database_open(config, &opened->database, err))
        return false;
    opened->revisions = revisions_new(config);
    int server_version = 0;
    const struct schema_setup setup = {
        .conninfo = database_conninfo(opened->database),
        .sink_conninfo = {database_sink_conninfo(opened->database, config, SINK_FILES),
            database_sink_conninfo(opened->database, config, SINK_METADATA)},
        .config = config,
    };
    if (!schema_setup_run(&setup, &server_version, err))
        return false;
    database_announce(opened->database, config, session->output, server_version);
    return true;
}

static int verify_all(struct session *session, const struct dir_operands *dirs,
    const struct opened *opened, struct error *err)
{
    const struct arguments *arguments = session->arguments;
    const struct prepare_settings prepare_settings =
        prepare_settings_of(session->config, opened->zygote, opened->revisions);
    uint64_t timeout_ms = arguments_duration_ms(arguments, "--timeout", CLOCK_NEVER);
    struct call call = {.session = session,
        .deadline_ms = timeout_ms == CLOCK_NEVER ? CLOCK_NEVER : clock_monotonic_ms() + timeout_ms};
    bool ok = true;
    for (size_t i = 0; ok && i < dirs->n; i++) {
        call.dir = dirs->paths[i];
        call.socket = NULL;
        const struct verify_settings settings = {
            .config = session->config,
            .output = session->output,
            .database = opened->database,
            .prepare = &prepare_settings,
            .dir = call.dir,
            .given_id = arguments_value(arguments, "--id"),
            .hash_only = arguments_has(arguments, "--hash"),
            .deadline_ms = call.deadline_ms,
        };
        ok = (daemon_client_find(session->config, call.dir, &call.socket, err) ||
                 err->kind == ERROR_NONE) &&
             verify_dir(&call, &settings, arguments_has(arguments, "--repair"), err);
        free(call.socket);
    }
    if (!ok)
        return error_exit_code(err);
    if (session->output->json)
        summarize(session->output, &call);
    output_note(session->output,
        "verify: %" PRIu64 " files, %" PRIu64 " differences, %" PRIu64 " undecided", call.files,
        call.differences, call.undecided);
    return call.differences > 0 && !arguments_has(arguments, "--repair") ? 1 : 0;
}

int cmd_verify(struct session *session, struct error *err)
{
    struct dir_operands dirs;
    struct opened opened = {0};
    if (!dir_operands_take_or_configured(&dirs, session->arguments, session->config, err))
        return error_exit_code(err);
    int status = open_all(session, &opened, err) ? verify_all(session, &dirs, &opened, err)
                                                 : error_exit_code(err);
    zygote_stop(opened.zygote);
    revisions_free(opened.revisions);
    database_release(opened.database);
    dir_operands_release(&dirs);
    return status;
}
