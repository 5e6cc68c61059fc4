#include "app/folders.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "app/events.h"
#include "app/serve.h"
#include "app/since.h"
#include "app/wait.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/pg.h"

const struct watch_events *folders_events(void)
{
    return &root_events;
}

static bool same_folder(const char *left, const char *right)
{
    struct stat a, b;
    if (strcmp(left, right) == 0)
        return true;
    return stat(left, &a) == 0 && stat(right, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* A row of psql may name only what the operator allowed: else whoever may INSERT could publish any
 * directory. */
static bool is_allowed(const struct daemon *daemon, const char *path)
{
    const struct config *config = daemon->config;
    AUTO_FREE char *real = realpath(path, NULL);
    const char *asked = real != NULL ? real : path;
    for (size_t i = 0; i < config->safety.allowed_roots.n; i++) {
        AUTO_FREE char *root = realpath(config->safety.allowed_roots.items[i], NULL);
        if (root != NULL && path_lies_in(asked, root))
            return true;
    }
    if (config->safety.allowed_roots.n > 0)
        return false;
    for (size_t i = 0; i < daemon->options.n_dirs; i++) {
        AUTO_FREE char *root = realpath(daemon->options.dirs[i], NULL);
        if (root != NULL && path_lies_in(asked, root))
            return true;
    }
    for (size_t i = 0; i < config->n_folders; i++) {
        AUTO_FREE char *root = realpath(config->folders[i].path, NULL);
        if (root != NULL && path_lies_in(asked, root))
            return true;
    }
    return false;
}

/* Once a path: the rows are read again with every change of any of them. */
static void say_refused(struct daemon *daemon, const char *path)
{
    for (size_t i = 0; i < daemon->n_refused; i++)
        if (strcmp(daemon->refused[i], path) == 0)
            return;
    daemon->refused =
        memory_resize(daemon->refused, daemon->n_refused + 1, sizeof(*daemon->refused));
    daemon->refused[daemon->n_refused++] = memory_string(path);
    log_emit(LOG_WARN, "row of watch_folders is not below an allowed root (safety.allowed_roots)",
        LOG_FIELDS(LOG_STR("path", path)));
}

static struct root_settings settings_of_folder(
    const struct config_folder *folder, const char *source)
{
    return (struct root_settings){
        .path = folder->path,
        .given_id = folder->codebase,
        .include = folder->include.items,
        .exclude = folder->exclude.items,
        .recursive = folder->recursive,
        .debounce_ms = folder->debounce_ms,
        .sinks = folder->sinks,
        .source = source,
    };
}

static struct root_settings settings_of_row(const struct daemon *daemon, const struct folder *row)
{
    return (struct root_settings){
        .path = row->path,
        .given_id = row->codebase_id,
        .include = row->patterns,
        .exclude = row->ignore_patterns,
        .recursive = row->recursive,
        .debounce_ms =
            row->debounce_ms >= 0 ? (uint32_t)row->debounce_ms : daemon->config->watch.debounce_ms,
        .sinks = (row->sinks != 0 ? row->sinks : SINK_ALL) & daemon->sinks,
        .source = row->source,
        .watch_id = row->watch_id,
    };
}

struct root_settings folders_settings_of_dir(const struct daemon *daemon, const char *dir)
{
    const struct config *config = daemon->config;
    for (size_t i = 0; i < config->n_folders; i++) {
        if (!same_folder(config->folders[i].path, dir))
            continue;
        struct root_settings settings = settings_of_folder(&config->folders[i], "cli");
        settings.path = dir;
        if (daemon->options.given_id != NULL)
            settings.given_id = daemon->options.given_id;
        return settings;
    }
    return (struct root_settings){
        .path = dir,
        .given_id = daemon->options.given_id,
        .recursive = true,
        .debounce_ms = config->watch.debounce_ms,
        .sinks = SINK_ALL,
        .source = "cli",
    };
}

/* A new root, unless it is there already under the same name. */
static bool add_root(struct daemon *daemon, const struct root_settings *settings, struct error *err)
{
    struct root *root = NULL;
    struct root_settings masked = *settings;
    masked.sinks &= daemon->sinks;
    if (!root_new(daemon, &masked, &root, err))
        return error_wrap(err, "folder \"%s\"", settings->path);
    struct root *other = root_by_codebase(daemon, root->codebase.codebase_id);
    if (other != NULL) {
        bool same = same_folder(other->codebase.root_path, settings->path);
        if (!same) {
            error_set(err, ERROR_CONFIG, 0,
                "folders \"%s\" and \"%s\" have the same codebase id \"%s\"",
                other->codebase.root_path, settings->path, root->codebase.codebase_id);
            error_hint(err, "give one of them an id of its own (folders[].codebase)");
        }
        root_free(root);
        return same;
    }
    if (daemon->options.since != NULL &&
        !since_open_root(daemon->options.since, root->codebase.root_path, err)) {
        root_free(root);
        return false;
    }
    root->next = daemon->roots;
    daemon->roots = root;
    if (daemon->serve != NULL)
        serve_root(daemon->serve, root);
    control_own(daemon->control, root->codebase.codebase_id);
    return true;
}

/* Rows that psql made are watched when no folder was named on the command line. */
static bool add_sql_rows(struct daemon *daemon, struct error *err)
{
    struct pg *pg = NULL;
    struct folder *rows = NULL;
    size_t n_rows = 0;
    const struct pg_settings settings = {.conninfo = daemon->conninfo,
        .schema = daemon->config->database.schema,
        .application_name = "srctab folders",
        .synchronous_commit = true};
    if (!pg_open(&settings, &pg, err))
        return false;
    struct arena *arena = arena_new(0);
    bool ok = folder_read(pg, daemon->config->daemon.host, arena, &rows, &n_rows, err);
    for (size_t i = 0; ok && i < n_rows; i++) {
        const struct root_settings row = settings_of_row(daemon, &rows[i]);
        if (!rows[i].enabled || strcmp(rows[i].source, "sql") != 0)
            continue;
        if (is_allowed(daemon, rows[i].path))
            ok = add_root(daemon, &row, err);
        else
            say_refused(daemon, rows[i].path);
    }
    arena_free(arena);
    pg_close(pg);
    return ok;
}

static void write_rows(struct daemon *daemon)
{
    struct arena *arena = arena_new(0);
    size_t n = 0;
    for (const struct root *root = daemon->roots; root != NULL; root = root->next)
        n += strcmp(root->source, "sql") != 0;
    struct folder *rows = arena_alloc(arena, n + 1, sizeof(*rows));
    n = 0;
    for (const struct root *root = daemon->roots; root != NULL; root = root->next) {
        if (strcmp(root->source, "sql") == 0 || root->closing)
            continue;
        rows[n++] = (struct folder){
            .path = root->codebase.root_path,
            .codebase_id = root->codebase.codebase_id,
            .patterns = root_patterns(root->include_text, arena),
            .ignore_patterns = root_patterns(root->exclude_text, arena),
            .recursive = root->recursive,
            .debounce_ms = root->debounce_ms == daemon->config->watch.debounce_ms
                               ? -1
                               : (int)root->debounce_ms,
            .enabled = true,
            .sinks = root->sinks == daemon->sinks ? 0 : root->sinks,
            .host = daemon->config->daemon.host,
            .source = root->source,
            .tenant_id = root->codebase.tenant_id,
            .branch = root->branch,
        };
    }
    control_folders(daemon->control, rows, n);
    arena_free(arena);
}

static bool add_configured(struct daemon *daemon, struct error *err)
{
    const struct config *config = daemon->config;
    for (size_t i = 0; i < config->n_folders; i++) {
        const struct root_settings settings = settings_of_folder(&config->folders[i], "file");
        if (config->folders[i].enabled && !add_root(daemon, &settings, err))
            return false;
    }
    return daemon->once || add_sql_rows(daemon, err);
}

bool folders_open(struct daemon *daemon, struct error *err)
{
    for (size_t i = 0; i < daemon->options.n_dirs; i++) {
        const struct root_settings settings =
            folders_settings_of_dir(daemon, daemon->options.dirs[i]);
        if (!add_root(daemon, &settings, err))
            return false;
    }
    if (daemon->options.n_dirs == 0 && !add_configured(daemon, err))
        return false;
    if (daemon->roots == NULL) {
        AUTO_FREE char *here = getcwd(NULL, 0);
        const struct root_settings settings =
            folders_settings_of_dir(daemon, here != NULL ? here : "/");
        if (!add_root(daemon, &settings, err))
            return false;
    }
    if (!daemon->once)
        write_rows(daemon);
    return true;
}

static void retire(struct root *root)
{
    log_emit(LOG_INFO, "folder is no longer watched, its rows are kept",
        LOG_FIELDS(LOG_STR("root", root->codebase.root_path)));
    root->closing = true;
}

static const struct folder *row_of(
    const struct root *root, const struct folder *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++)
        if (strcmp(rows[i].codebase_id, root->codebase.codebase_id) == 0 &&
            strcmp(rows[i].path, root->codebase.root_path) == 0)
            return &rows[i];
    return NULL;
}

static void update_root(
    struct daemon *daemon, struct root *root, const struct folder *row, uint64_t now_ms)
{
    if (row == NULL && root->watch_id == 0)
        return; /* its row is still on the way to the table */
    if (row == NULL || !row->enabled) {
        retire(root);
        return;
    }
    const struct root_settings settings = settings_of_row(daemon, row);
    root_configure(root, &settings, now_ms);
}

static bool is_ours(const struct daemon *daemon, const struct folder *row)
{
    for (size_t i = 0; i < daemon->options.n_dirs; i++)
        if (same_folder(daemon->options.dirs[i], row->path))
            return true;
    return daemon->options.n_dirs == 0 && strcmp(row->source, "cli") != 0;
}

static void add_row(struct daemon *daemon, const struct folder *row)
{
    struct error err = ERROR_INIT;
    struct root *known = root_by_codebase(daemon, row->codebase_id);
    if (known != NULL && (known->closing || same_folder(known->codebase.root_path, row->path)))
        return; /* a retired one comes back once it is gone: folders_reap() asks again */
    if (!is_allowed(daemon, row->path)) {
        say_refused(daemon, row->path);
        return;
    }
    const struct root_settings settings = settings_of_row(daemon, row);
    if (!add_root(daemon, &settings, &err))
        log_error(LOG_ERROR, &err);
    else
        log_emit(LOG_INFO, "folder is watched now", LOG_FIELDS(LOG_STR("root", row->path)));
}

void folders_apply(struct daemon *daemon, const struct folder *rows, size_t n_rows, uint64_t now_ms)
{
    if (daemon->once)
        return;
    for (struct root *root = daemon->roots; root != NULL; root = root->next)
        if (!root->closing)
            update_root(daemon, root, row_of(root, rows, n_rows), now_ms);
    for (size_t i = 0; i < n_rows; i++)
        if (rows[i].enabled && is_ours(daemon, &rows[i]))
            add_row(daemon, &rows[i]);
}

void folders_reload(struct daemon *daemon)
{
    if (daemon->options.n_dirs > 0)
        return;
    const struct config *config = daemon->config;
    for (struct root *root = daemon->roots; root != NULL; root = root->next) {
        bool kept = strcmp(root->source, "file") != 0;
        for (size_t i = 0; i < config->n_folders; i++)
            kept = kept || (config->folders[i].enabled &&
                               same_folder(config->folders[i].path, root->codebase.root_path));
        if (!kept)
            retire(root);
    }
    for (size_t i = 0; i < config->n_folders; i++) {
        struct error err = ERROR_INIT;
        const struct root_settings settings = settings_of_folder(&config->folders[i], "file");
        if (!config->folders[i].enabled)
            continue;
        struct root *same = NULL;
        for (struct root *root = daemon->roots; root != NULL; root = root->next)
            if (!root->closing && same_folder(root->codebase.root_path, settings.path))
                same = root;
        if (same != NULL) {
            struct root_settings masked = settings;
            masked.sinks &= daemon->sinks;
            masked.watch_id = same->watch_id;
            root_configure(same, &masked, clock_monotonic_ms());
        } else if (!add_root(daemon, &settings, &err)) {
            log_error(LOG_ERROR, &err);
        }
    }
    write_rows(daemon);
}

void folders_reap(struct daemon *daemon)
{
    for (struct root **link = &daemon->roots; *link != NULL;) {
        struct root *root = *link;
        if (!root->closing || root->in_flight > 0 || root->phase == ROOT_COMPARING) {
            link = &root->next;
            continue;
        }
        *link = root->next;
        waits_drop_root(daemon->waits, root);
        if (daemon->serve != NULL)
            serve_root_gone(daemon->serve, root);
        control_disown(daemon->control, root->codebase.codebase_id);
        if (daemon->pipeline != NULL)
            pipeline_release(daemon->pipeline);
        root_free(root);
        write_rows(daemon);
    }
}
