/* db - the private cluster by hand. */
#include "app/commands.h"
#include "app/database.h"

static bool start(
    struct session *session, const struct cluster_settings *settings, struct error *err)
{
    struct cluster *cluster = NULL;
    struct cluster_settings keep = *settings;
    keep.keep_running = true;
    if (!cluster_use(&keep, &cluster, err))
        return false;
    bool started = cluster_was_started(cluster) || cluster_was_made(cluster);
    if (session->output->json)
        output_text(session->output, "{\"v\":1,\"started\":%s}\n", started ? "true" : "false");
    else
        output_text(session->output, "%s: %s\n", started ? "started" : "was running",
            cluster_title(cluster));
    cluster_leave(cluster);
    return true;
}

static bool stop(
    struct session *session, const struct cluster_settings *settings, struct error *err)
{
    bool stopped = false;
    if (!cluster_stop(settings, &stopped, err))
        return false;
    if (session->output->json)
        output_text(session->output, "{\"v\":1,\"stopped\":%s}\n", stopped ? "true" : "false");
    else
        output_text(session->output, stopped ? "stopped\n" : "was not running\n");
    return true;
}

static const char *const state_words[] = {
    [CLUSTER_ABSENT] = "absent", [CLUSTER_STOPPED] = "stopped", [CLUSTER_RUNNING] = "running"};

static void status_json(struct output *output, const struct cluster_status *status)
{
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "state", state_words[status->state]);
    json_key_u64(&json, "major", status->major);
    json_key_i64(&json, "pid", status->pid);
    json_key_bool(&json, "in_use", status->in_use);
    json_key_string(&json, "data_dir", status->data_dir);
    json_key_string(&json, "socket_dir", status->socket_dir);
    json_key_string(&json, "bin_dir", status->bin_dir);
    json_key_string(&json, "log", status->log_path);
    json_key_string(&json, "old", status->old_dirs);
    json_object_end(&json);
    output_json(output, &line);
}

static bool show_status(
    struct session *session, const struct cluster_settings *settings, struct error *err)
{
    struct cluster_status status;
    if (!cluster_status(settings, &status, err))
        return false;
    if (session->output->json) {
        status_json(session->output, &status);
        return true;
    }
    output_text(session->output, "state    %s%s\n", state_words[status.state],
        status.in_use ? ", in use" : "");
    if (status.pid > 0)
        output_text(session->output, "pid      %d\n", (int)status.pid);
    if (status.major > 0)
        output_text(session->output, "version  PostgreSQL %u\n", status.major);
    output_text(session->output, "data     %s\nsocket   %s\nserver   %s\nlog      %s\n",
        status.data_dir, status.socket_dir,
        status.bin_dir[0] == '\0' ? "not found: apt-get install postgresql" : status.bin_dir,
        status.log_path);
    if (status.old_dirs[0] != '\0')
        output_text(session->output, "old      %s (srctab db destroy --old removes them)\n",
            status.old_dirs);
    return true;
}

static bool show_url(
    struct session *session, const struct cluster_settings *settings, struct error *err)
{
    AUTO_FREE char *url = NULL;
    if (!cluster_url(settings, &url, err))
        return false;
    if (session->output->json)
        output_text(session->output, "{\"v\":1,\"url\":\"%s\"}\n",
            url); /* percent-encoded: nothing to escape */
    else
        output_text(session->output, "%s\n", url);
    return true;
}

static bool destroy(
    struct session *session, const struct cluster_settings *settings, struct error *err)
{
    bool old = arguments_has(session->arguments, "--old");
    if (!cluster_destroy(settings, old, arguments_has(session->arguments, "--force"), err))
        return false;
    if (session->output->json)
        output_text(session->output, "{\"v\":1,\"destroyed\":true}\n");
    else
        output_text(
            session->output, old ? "old clusters are gone\n" : "the private cluster is gone\n");
    return true;
}

int cmd_db(struct session *session, struct error *err)
{
    static const struct {
        const char *word;
        bool (*run)(
            struct session *session, const struct cluster_settings *settings, struct error *err);
    } actions[] = {{"start", start}, {"stop", stop}, {"status", show_status}, {"url", show_url},
        {"destroy", destroy}};
    const char *word = arguments_operand(session->arguments, 0);
    const struct cluster_settings settings = database_cluster_settings(session->config);
    enum database_source source;
    if (!database_choose(session->config, &source, err))
        return error_exit_code(err);
    if (source != DATABASE_FROM_CLUSTER)
        output_note(session->output,
            "note: other commands use another database here, not the private cluster");
    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        if (strcmp(actions[i].word, word) == 0 && !actions[i].run(session, &settings, err))
            return error_exit_code(err);
    }
    return 0;
}
