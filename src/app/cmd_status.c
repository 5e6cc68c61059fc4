/* status, health - what the running daemon says, else what the tables say. */
#include "app/commands.h"
#include "app/daemon_client.h"
#include "app/json_each.h"
#include "app/json_flat.h"
#include "app/link.h"
#include "app/runtime_dir.h"
#include "app/socket.h"
#include "base/arena.h"
#include "store/pg_text.h"
#include "store/sql.h"

#include <poll.h>

enum { ANSWER_MS = 5000, WATCH_MS = 1000 };

static const char status_request[] = "{\"command\":\"status\"}";

static void print_counter(
    struct output *output, const struct json_flat *counters, const char *label, const char *word)
{
    output_text(output, "  %s %.0f", label, json_flat_number(counters, word, 0));
}

static void print_root(struct output *output, const char *text, struct arena *arena)
{
    struct json_flat *root = NULL;
    struct json_flat *counters = NULL;
    struct error err = ERROR_INIT;
    if (!json_flat_parse(text, arena, &root, &err))
        return;
    const char *state = json_flat_string(root, "state");
    output_safe(output, STYLE_BOLD, json_flat_string(root, "codebase_id"));
    output_text(output, "  ");
    output_safe(output, STYLE_PLAIN, json_flat_string(root, "root_path"));
    output_text(output, "  ");
    output_safe(output, state != NULL && strcmp(state, "live") == 0 ? STYLE_GOOD : STYLE_WARN,
        state == NULL ? "" : state);
    output_text(output, "%s\n", json_flat_true(root, "polled") ? ", polled" : "");
    const char *raw = json_flat_raw(root, "counters");
    if (raw == NULL || !json_flat_parse(raw, arena, &counters, &err))
        return;
    print_counter(output, counters, "files", "files");
    print_counter(output, counters, "pending", "pending_paths");
    print_counter(output, counters, "in flight", "in_flight");
    output_text(
        output, "  oldest %.1f s", json_flat_number(counters, "oldest_pending_ms", 0) / 1000);
    output_text(output, "  debts %.0f",
        json_flat_number(counters, "code_files_debts", 0) +
            json_flat_number(counters, "codebase_metadata_debts", 0));
    print_counter(output, counters, "queue", "queue_depth");
    print_counter(output, counters, "dead", "queue_dead");
    output_text(output, "\n");
    print_counter(output, counters, "events", "events_received");
    print_counter(output, counters, "synced", "files_synced");
    print_counter(output, counters, "unchanged", "files_unchanged");
    print_counter(output, counters, "deleted", "files_deleted");
    print_counter(output, counters, "skipped", "files_skipped");
    print_counter(output, counters, "busy", "busy_deferrals");
    print_counter(output, counters, "overflows", "overflows");
    print_counter(output, counters, "missed", "missed_events");
    output_text(output, "\n");
}

static void print_sink(
    struct output *output, const struct json_flat *sinks, const char *name, struct arena *arena)
{
    struct json_flat *sink = NULL;
    struct error err = ERROR_INIT;
    const char *raw = json_flat_raw(sinks, name);
    if (raw == NULL || !json_flat_parse(raw, arena, &sink, &err))
        return;
    const char *state = json_flat_string(sink, "state");
    output_text(output, "%-18s ", name);
    output_safe(output, state != NULL && strcmp(state, "writing") == 0 ? STYLE_GOOD : STYLE_WARN,
        state == NULL ? "" : state);
    output_text(output, "  rows %.0f  failed %.0f  deferred %.0f\n",
        json_flat_number(sink, "rows_ok", 0), json_flat_number(sink, "rows_failed", 0),
        json_flat_number(sink, "rows_deferred", 0));
}

static void print_daemon(struct output *output, const char *answer)
{
    struct arena *arena = arena_new(0);
    struct json_flat *status = NULL;
    struct json_flat *sinks = NULL;
    struct error err = ERROR_INIT;
    if (json_flat_parse(answer, arena, &status, &err)) {
        output_text(output, "daemon             pid %.0f, up %.0f s, ",
            json_flat_number(status, "pid", 0), json_flat_number(status, "uptime_ms", 0) / 1000);
        bool up = json_flat_true(status, "database_up");
        output_safe(output, up ? STYLE_GOOD : STYLE_BAD, up ? "database up" : "database away");
        output_text(output, "\n");
        const char *raw = json_flat_raw(status, "sinks");
        if (raw != NULL && json_flat_parse(raw, arena, &sinks, &err)) {
            print_sink(output, sinks, "code_files", arena);
            print_sink(output, sinks, "codebase_metadata", arena);
        }
        const char *end = json_flat_raw(status, "roots");
        const char *start = NULL;
        while (end != NULL && (start = json_each(end, &end)) != NULL)
            print_root(output, arena_copy(arena, start, (size_t)(end - start)), arena);
    }
    arena_free(arena);
}

static void show_daemon(struct output *output, const struct buf *answer)
{
    static const char head[] = "{\"v\":1,";
    if (!output->json) {
        print_daemon(output, buf_string(answer));
        return;
    }
    AUTO_BUF line = BUF_INIT;
    bool known = answer->length > strlen(head) && strncmp(answer->data, head, strlen(head)) == 0;
    buf_addf(&line, "%s\"running\":true,%s", head,
        known ? answer->data + strlen(head) : "\"answer\":null}");
    output_json(output, &line);
}

struct each_daemon {
    struct session *session;
    pid_t seen[64]; /* a daemon has a socket a root */
    size_t n_seen;
};

static bool is_new(struct each_daemon *each, const char *answer)
{
    struct arena *arena = arena_new(0);
    struct json_flat *status = NULL;
    struct error err = ERROR_INIT;
    bool fresh = json_flat_parse(answer, arena, &status, &err);
    pid_t pid = fresh ? (pid_t)json_flat_number(status, "pid", 0) : 0;
    for (size_t i = 0; i < each->n_seen; i++)
        fresh = fresh && each->seen[i] != pid;
    if (fresh && each->n_seen < ARRAY_SIZE(each->seen))
        each->seen[each->n_seen++] = pid;
    arena_free(arena);
    return fresh;
}

static bool ask_one(void *user, const char *socket_path)
{
    struct each_daemon *each = user;
    struct error err = ERROR_INIT;
    AUTO_BUF answer = BUF_INIT;
    if (!socket_ask(socket_path, status_request, ANSWER_MS, &answer, &err))
        output_note(each->session->output, "warning: %s", err.message);
    else if (is_new(each, buf_string(&answer)))
        show_daemon(each->session->output, &answer);
    return true;
}

/* Every daemon of this user, or those of the folders that were named. False: none answered. */
static bool ask_daemons(struct session *session, struct error *err)
{
    struct each_daemon each = {.session = session};
    AUTO_FREE char *runtime_dir = NULL;
    size_t n = arguments_operands(session->arguments);
    if (n == 0 && runtime_dir_of(session->config, &runtime_dir, err))
        socket_each(runtime_dir, ask_one, &each);
    struct arena *arena = arena_new(0);
    for (size_t i = 0; i < n; i++) {
        AUTO_FREE char *socket = NULL;
        if (daemon_client_find(session->config,
                link_absolute(arena, arguments_operand(session->arguments, i)), &socket, err))
            (void)ask_one(&each, socket);
    }
    arena_free(arena);
    return each.n_seen > 0;
}

struct table_rows {
    struct output *output;
    struct json json;
    struct buf text;
    size_t n;
};

static const char *const row_keys[] = {"codebase_id", "root_path", "host", "code_files",
    "codebase_metadata", "drift", "queue_pending", "queue_dead", "attempts_last_hour",
    "not_both_tables_last_hour", "last_attempt_at"};
enum { FIRST_NUMBER = 3, LAST_NUMBER = 9 };

static void row_as_json(struct table_rows *rows, size_t n_columns, const char *const *values)
{
    json_object_begin(&rows->json);
    for (size_t i = 0; i < n_columns; i++) {
        json_key(&rows->json, row_keys[i]);
        if (values[i] == NULL)
            json_null(&rows->json);
        else if (i >= FIRST_NUMBER && i <= LAST_NUMBER)
            json_raw(&rows->json, values[i], strlen(values[i]));
        else
            json_string(&rows->json, values[i]);
    }
    json_object_end(&rows->json);
}

static bool take_row(void *user, size_t n_columns, const char *const *values)
{
    struct table_rows *rows = user;
    rows->n++;
    if (rows->output->json) {
        row_as_json(rows, n_columns, values);
        return true;
    }
    output_safe(rows->output, STYLE_BOLD, values[0]);
    output_text(rows->output, "  ");
    output_safe(rows->output, STYLE_PLAIN, values[1]);
    output_text(rows->output, "  ");
    output_safe(rows->output, STYLE_WARN, "not watched");
    output_text(rows->output,
        "\n  code_files %s  codebase_metadata %s  drift %s  queue %s  dead %s\n", values[3],
        values[4], values[5], values[6], values[7]);
    output_text(rows->output, "  last hour: %s attempts, %s not in both tables; last attempt %s\n",
        values[8] == NULL ? "0" : values[8], values[9] == NULL ? "0" : values[9],
        values[10] == NULL ? "never" : values[10]);
    return true;
}

static bool ask_tables(struct session *session, struct error *err)
{
    static const struct pg_text_ops ops = {.row = take_row};
    struct link link = {0};
    struct table_rows rows = {.output = session->output};
    struct arena *arena = arena_new(0);
    const char *codebase = arguments_value(session->arguments, "--id");
    bool named = arguments_operands(session->arguments) > 0;
    rows.json = JSON_INIT(&rows.text);
    json_object_begin(&rows.json);
    json_key_i64(&rows.json, "v", 1);
    json_key_bool(&rows.json, "running", false);
    json_key(&rows.json, "roots");
    json_array_begin(&rows.json);
    bool open = link_open(&link, session, "srctab status", err);
    output_note(session->output, "no daemon answers here%s", open ? "; the tables say:" : "");
    bool fine =
        open &&
        (!named || link_codebase(&link, session, arguments_operand(session->arguments, 0), arena,
                       &codebase, NULL, err)) &&
        pg_text_run(link.pg, sql_text("command/status.sql"), &codebase, 1, &ops, &rows, err);
    json_array_end(&rows.json);
    json_object_end(&rows.json);
    if (fine && session->output->json)
        output_json(session->output, &rows.text);
    else if (fine && rows.n == 0)
        output_text(session->output, "no codebase yet; begin with: srctab watch DIR\n");
    buf_release(&rows.text);
    link_close(&link);
    arena_free(arena);
    return fine;
}

static bool show_once(struct session *session, struct error *err)
{
    if (ask_daemons(session, err))
        return true;
    *err = ERROR_INIT;
    return ask_tables(session, err);
}

int cmd_status(struct session *session, struct error *err)
{
    const struct arguments *arguments = session->arguments;
    bool again = arguments_has(arguments, "--watch");
    const char *interval = arguments_value(arguments, "--watch");
    bool given = interval != NULL && interval[0] != '\0';
    uint64_t pause_ms = given ? arguments_duration_ms(arguments, "--watch", WATCH_MS) : WATCH_MS;
    for (;;) {
        if (again && !session->output->json && session->output->colour_out)
            output_text(session->output, "\033[H\033[2J");
        if (!show_once(session, err) || (again && !output_finish(session->output, err)))
            return error_exit_code(err);
        if (!again)
            return 0;
        (void)poll(NULL, 0, pause_ms > 86400000 ? 86400000 : (int)pause_ms);
    }
}

/* Alive: it answers. Ready: and says so. */
static bool ask_health(struct session *session, const char *dir, bool *ret_ready, struct error *err)
{
    AUTO_FREE char *socket = NULL;
    AUTO_BUF answer = BUF_INIT;
    struct arena *arena = arena_new(0);
    struct json_flat *status = NULL;
    bool fine = daemon_client_find(session->config, dir, &socket, err) &&
                socket_ask(socket, "{\"command\":\"ping\"}", ANSWER_MS, &answer, err) &&
                json_flat_parse(buf_string(&answer), arena, &status, err);
    if (fine)
        *ret_ready = json_flat_true(status, "ready");
    arena_free(arena);
    return fine;
}

struct any_daemon {
    struct session *session;
    bool alive, ready;
};

static bool ask_any(void *user, const char *socket_path)
{
    struct any_daemon *any = user;
    struct error err = ERROR_INIT;
    AUTO_BUF answer = BUF_INIT;
    if (!socket_ask(socket_path, "{\"command\":\"ping\"}", ANSWER_MS, &answer, &err))
        return true;
    any->alive = true;
    any->ready = strstr(buf_string(&answer), "\"ready\":true") != NULL;
    return false;
}

/* A probe runs anywhere: without a folder any daemon of this user will do. */
static bool find_health(struct session *session, struct any_daemon *any, struct error *err)
{
    AUTO_FREE char *runtime_dir = NULL;
    struct arena *arena = arena_new(0);
    bool fine = true;
    if (arguments_operands(session->arguments) > 0)
        any->alive = ask_health(session,
            link_absolute(arena, arguments_operand(session->arguments, 0)), &any->ready, err);
    else if (runtime_dir_of(session->config, &runtime_dir, err))
        socket_each(runtime_dir, ask_any, any);
    else
        fine = false;
    arena_free(arena);
    return fine;
}

int cmd_health(struct session *session, struct error *err)
{
    struct any_daemon any = {.session = session};
    if (!find_health(session, &any, err))
        return error_exit_code(err);
    bool wants_ready = arguments_has(session->arguments, "--ready");
    bool fine = any.alive && (any.ready || !wants_ready);
    if (session->output->json)
        output_text(session->output, "{\"v\":1,\"live\":%s,\"ready\":%s}\n",
            any.alive ? "true" : "false", any.ready ? "true" : "false");
    else if (fine)
        output_text(session->output, wants_ready ? "ready\n" : "live\n");
    if (fine)
        return 0;
    if (err->kind == ERROR_NONE && any.alive) {
        error_set(err, ERROR_WATCH, 0, "the daemon is not ready yet");
    } else if (err->kind == ERROR_NONE) {
        error_set(err, ERROR_WATCH, 0, "no daemon answers");
        error_hint(err, "start one: srctab watch");
    }
    return error_exit_code(err);
}
