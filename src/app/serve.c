#include "app/serve.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "app/daemon.h"
#include "app/dispatch.h"
#include "app/events.h"
#include "app/http.h"
#include "app/json_flat.h"
#include "app/metrics_text.h"
#include "app/request.h"
#include "app/runtime_dir.h"
#include "app/socket.h"
#include "app/wait.h"
#include "base/clock.h"
#include "base/log.h"

#define SOCKET_RETRY_MS 500 /* a standby's sockets are still its predecessor's */

struct serve {
    struct daemon *daemon;
    struct socket_server *sockets;
    struct http *http; /* NULL: off */
    uint64_t retry_ms; /* CLOCK_NEVER: every root has its socket */
    double start_time_s;
};

static const char *const phase_words[] = {
    [ROOT_STARTING] = "starting", [ROOT_COMPARING] = "comparing", [ROOT_LIVE] = "live"};

static const char *state_word(const struct root *root)
{
    if (!root->online && root->scanned)
        return "offline";
    return root->owned ? phase_words[root->phase] : "standby";
}

static void add_counters(struct json *json, const struct counters *counters)
{
    json_key(json, "counters");
    json_object_begin(json);
    for (int i = 0; i < COUNTERS; i++)
        json_key_u64(json, counter_infos[i].word, counters->value[i]);
    json_object_end(json);
}

static void add_root(struct json *json, struct root *root, struct counters *sum)
{
    struct counters counters;
    root_counters(root, &counters);
    counters_add(sum, &counters);
    json_object_begin(json);
    json_key_string(json, "codebase_id", root->codebase.codebase_id);
    json_key_string(json, "tenant_id", root->codebase.tenant_id);
    json_key_string(json, "root_path", root->codebase.root_path);
    json_key_string(json, "branch", root->branch);
    json_key_string(json, "state", state_word(root));
    json_key_bool(json, "owned", root->owned);
    json_key_bool(json, "polled", root->polled);
    json_key_u64(json, "guarded_deletes", root->guarded_deletes);
    add_counters(json, &counters);
    json_object_end(json);
}

static void add_sinks(struct json *json, struct daemon *daemon)
{
    static const char *const words[] = {[SINK_STATE_CLOSED] = "writing",
        [SINK_STATE_OPEN] = "breaker_open",
        [SINK_STATE_PROBING] = "probing",
        [SINK_STATE_WAITING] = "comparing",
        [SINK_STATE_PAUSED] = "paused"};
    json_key(json, "sinks");
    json_object_begin(json);
    for (unsigned id = 0; id < SINKS; id++) {
        struct sink_counts counts;
        pipeline_sink_counts(daemon->pipeline, (enum sink_id)id, &counts);
        json_key(json, sink_word((enum sink_id)id));
        json_object_begin(json);
        json_key_string(
            json, "state", (daemon->sinks & SINK_BIT(id)) != 0 ? words[counts.state] : "off");
        json_key_u64(json, "depth", counts.depth);
        json_key_u64(json, "rows_ok", counts.rows_ok);
        json_key_u64(json, "rows_failed", counts.rows_failed);
        json_key_u64(json, "rows_deferred", counts.rows_deferred);
        json_key_u64(json, "retries", counts.retries);
        json_key_u64(json, "connections_lost", counts.connections_lost);
        json_object_end(json);
    }
    json_object_end(json);
}

static void add_audit(struct json *json, struct daemon *daemon)
{
    struct audit_counts counts;
    pipeline_audit_counts(daemon->pipeline, &counts);
    json_key(json, "audit");
    json_object_begin(json);
    json_key_bool(json, "reachable", counts.reachable);
    json_key_u64(json, "rows_written", counts.rows_written);
    json_key_u64(json, "rows_spooled", counts.rows_spooled);
    json_key_u64(json, "rows_lost", counts.rows_lost);
    json_object_end(json);
}

void serve_status(struct daemon *daemon, struct buf *out)
{
    struct json json = JSON_INIT(out);
    struct counters sum = {0};
    struct watch_counters watch;
    watch_counters(daemon->watch, &watch);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "version", SRCTAB_VERSION);
    json_key_i64(&json, "pid", getpid());
    json_key_u64(&json, "uptime_ms", clock_monotonic_ms() - daemon->started_ms);
    json_key_bool(&json, "ready", daemon->said_ready);
    json_key_bool(&json, "database_up", daemon->database_up);
    json_key(&json, "roots");
    json_array_begin(&json);
    for (struct root *root = daemon->roots; root != NULL; root = root->next)
        add_root(&json, root, &sum);
    json_array_end(&json);
    add_counters(&json, &sum);
    json_key_u64(&json, "inotify_queue_bytes", watch.queue_bytes);
    json_key_u64(&json, "tree_bytes", watch.tree_bytes);
    json_key_u64(&json, "bytes_in_flight", atomic_load(&daemon->bytes_in_flight));
    add_sinks(&json, daemon);
    add_audit(&json, daemon);
    json_object_end(&json);
}

static void on_metrics(void *user, struct buf *body)
{
    const struct serve *serve = user;
    struct daemon *daemon = serve->daemon;
    size_t n = 0;
    for (const struct root *root = daemon->roots; root != NULL; root = root->next)
        n++;
    struct metrics_root *roots = memory_new(n, sizeof(*roots));
    struct counters *counters = memory_new(n, sizeof(*counters));
    n = 0;
    for (struct root *root = daemon->roots; root != NULL; root = root->next, n++) {
        root_counters(root, &counters[n]);
        roots[n] = (struct metrics_root){.codebase_id = root->codebase.codebase_id,
            .counters = &counters[n],
            .owned = root->owned,
            .online = root->online};
    }
    const struct metrics_process process = {.version = SRCTAB_VERSION,
        .start_time_s = serve->start_time_s,
        .database_up = daemon->database_up};
    metrics_text(body, &process, roots, n);
    free(roots);
    free(counters);
}

/* Ready: every root is live, standing by or away. A database that is being tried does not make a
 * sidecar unready. */
static bool on_ready(void *user, struct buf *reason)
{
    const struct serve *serve = user;
    for (const struct root *root = serve->daemon->roots; root != NULL; root = root->next) {
        if (!root->scanned) {
            buf_addf(reason, "root %s is being scanned", root->codebase.root_path);
            return false;
        }
    }
    return true;
}

/* Paths that verify found wrong: whatever is known of them, they are read and written again. */
static void repair(struct serve *serve, const struct json_flat *object, struct arena *arena)
{
    const char *const *paths = json_flat_strings(object, "paths", arena);
    const char *dir = json_flat_string(object, "path");
    uint64_t now_ms = clock_monotonic_ms();
    for (struct root *root = serve->daemon->roots; root != NULL; root = root->next) {
        if (dir == NULL || !path_lies_in(dir, root->codebase.root_path))
            continue;
        for (size_t i = 0; paths != NULL && paths[i] != NULL; i++) {
            AUTO_BUF path = BUF_INIT;
            if (!request_path(&root->codebase, paths[i], NULL, &path) || path.length == 0)
                continue;
            known_doubt(&root->known, buf_string(&path));
            root_note(root, buf_string(&path), CHANGE_CHANGED, SETTLE_NORMAL, SETTLE_NOW, now_ms);
        }
    }
}

static void on_request(void *user, socket_client client, const char *line)
{
    struct serve *serve = user;
    struct arena *arena = arena_new(0);
    struct json_flat *object = NULL;
    struct error err = ERROR_INIT;
    AUTO_BUF answer = BUF_INIT;
    struct json json = JSON_INIT(&answer);
    const char *command =
        json_flat_parse(line, arena, &object, &err) ? json_flat_string(object, "command") : NULL;
    const struct wait_asker asker = {.client = client};
    if (command != NULL && strcmp(command, "status") == 0) {
        serve_status(serve->daemon, &answer);
    } else if (command != NULL && strcmp(command, "wait") == 0) {
        waits_begin(serve->daemon->waits, &asker, json_flat_string(object, "path"), false,
            clock_monotonic_ms());
    } else {
        bool repairs = command != NULL && strcmp(command, "repair") == 0;
        bool ping = repairs || (command != NULL && strcmp(command, "ping") == 0);
        if (repairs)
            repair(serve, object, arena);
        AUTO_BUF reason = BUF_INIT;
        json_object_begin(&json);
        json_key_i64(&json, "v", 1);
        json_key_bool(&json, "ok", ping);
        json_key_i64(&json, "pid", getpid());
        json_key_bool(&json, "ready", on_ready(serve, &reason));
        if (!ping)
            json_key_string(&json, "error",
                err.kind != ERROR_NONE ? err.message
                                       : "unknown command (ping, status, wait, repair)");
        json_object_end(&json);
    }
    if (answer.length > 0)
        socket_answer(serve->sockets, client, buf_string(&answer), answer.length);
    arena_free(arena);
}

static void on_client_gone(void *user, socket_client client)
{
    const struct serve *serve = user;
    waits_forget(serve->daemon->waits, client);
}

static const struct socket_ops ops = {.request = on_request, .gone = on_client_gone};

static bool open_http(struct serve *serve, struct error *err)
{
    const struct config *config = serve->daemon->config;
    const struct http_settings settings = {
        .listen = config->http.listen,
        .allowed_hosts = config->http.allowed_hosts.items,
        .token_file = config->http.token_file,
        .metrics = on_metrics,
        .ready = on_ready,
        .user = serve,
    };
    return config->http.listen[0] == '\0' || http_new(&settings, &serve->http, err);
}

bool serve_new(struct daemon *daemon, struct serve **ret_serve, struct error *err)
{
    struct serve *serve = memory_new(1, sizeof(*serve));
    AUTO_FREE char *runtime_dir = NULL;
    serve->daemon = daemon;
    serve->retry_ms = CLOCK_NEVER;
    serve->start_time_s = (double)clock_wall_us() / 1e6;
    if (!runtime_dir_of(daemon->config, &runtime_dir, err) ||
        !socket_server_new(runtime_dir, &ops, serve, &serve->sockets, err) ||
        !open_http(serve, err)) {
        serve_free(serve);
        return false;
    }
    *ret_serve = serve;
    return true;
}

void serve_free(struct serve *serve)
{
    if (serve == NULL)
        return;
    http_free(serve->http);
    socket_server_free(serve->sockets);
    free(serve);
}

void serve_root(struct serve *serve, struct root *root)
{
    struct error err = ERROR_INIT;
    if (socket_server_add(serve->sockets, root->codebase.root_path, &err))
        return;
    if (err.kind == ERROR_OWNED)
        serve->retry_ms = clock_monotonic_ms() + SOCKET_RETRY_MS;
    else
        log_error(LOG_WARN, &err);
}

void serve_root_gone(struct serve *serve, struct root *root)
{
    socket_server_remove(serve->sockets, root->codebase.root_path);
}

void serve_pollfds(const struct serve *serve, struct pollfd ret_fds[SERVE_POLLFDS])
{
    ret_fds[0] = (struct pollfd){
        .fd = serve != NULL ? socket_server_fd(serve->sockets) : -1, .events = POLLIN};
    ret_fds[1] = (struct pollfd){
        .fd = serve != NULL && serve->http != NULL ? http_fd(serve->http) : -1, .events = POLLIN};
}

uint64_t serve_deadline_ms(struct serve *serve, uint64_t now_ms)
{
    if (serve == NULL)
        return CLOCK_NEVER;
    uint64_t timeout_ms = serve->http != NULL ? http_timeout_ms(serve->http) : CLOCK_NEVER;
    uint64_t http = timeout_ms == CLOCK_NEVER ? CLOCK_NEVER : now_ms + timeout_ms;
    return http < serve->retry_ms ? http : serve->retry_ms;
}

void serve_run(struct serve *serve, uint64_t now_ms)
{
    if (serve == NULL)
        return;
    socket_server_run(serve->sockets);
    if (serve->http != NULL)
        http_run(serve->http);
    if (now_ms < serve->retry_ms)
        return;
    serve->retry_ms = CLOCK_NEVER;
    for (struct root *root = serve->daemon->roots; root != NULL; root = root->next)
        serve_root(serve, root);
}

void serve_answer(struct serve *serve, uint64_t client, const char *json, size_t length)
{
    if (serve != NULL)
        socket_answer(serve->sockets, client, json, length);
}

void serve_tell_systemd(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        strlen(path) >= sizeof(address.sun_path))
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (fd >= 0)
        (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
            (const struct sockaddr *)&address, length);
}
