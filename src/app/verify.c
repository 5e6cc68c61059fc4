#include "app/verify.h"

#include <fcntl.h>
#include <poll.h>
#include <uthash.h>

#include "analyze/language.h"
#include "app/codebase.h"
#include "app/root.h"
#include "base/clock.h"
#include "base/stage.h"
#include "base/utf8.h"
#include "store/shadow.h"

#define WRITE_TASKS 100
#define IN_FLIGHT_MAX 64

/* A path whose rows are not compared: it cannot be read, so its rows stand as they are. */
struct skipped {
    UT_hash_handle hh;
    char path[];
};

struct path {
    struct path *next;
    const char *bytes;
};

struct verify {
    const struct verify_settings *settings;
    struct arena *arena;
    struct codebase codebase;
    struct filter *filter;
    struct watch *watch;
    struct watch_root *root;
    struct root_handle handle;
    bool scanned;
    struct stage *stage;
    struct mailbox *prepared;
    struct shadow *shadows[SINKS];
    struct path *paths; /* to be analysed */
    struct skipped *skipped;
    struct verify_difference *differences;
    size_t n_differences, capacity;
    enum sink_id comparing;
    uint64_t n_files;
    atomic_uint_fast64_t bytes;
};

/* --- the files of the disk --- */

static void on_scan_done(void *user, const struct watch_scan_result *result)
{
    struct verify *verify = user;
    if (result->scan == WATCH_SCAN_FIRST)
        verify->scanned = true;
}

static void ignore_change(void *user, const char *path, const struct stat *st, enum watch_hint hint,
    enum watch_cause cause)
{
    (void)user, (void)path, (void)st, (void)hint, (void)cause;
}

static void ignore_gone(void *user, const char *path, enum watch_cause cause)
{
    (void)user, (void)path, (void)cause;
}

static void ignore_move(void *user, const char *old_path, const char *new_path, uint64_t signature)
{
    (void)user, (void)old_path, (void)new_path, (void)signature;
}

static void add_skipped(struct verify *verify, const char *path)
{
    AUTO_BUF text = BUF_INIT;
    struct skipped *skipped = NULL;
    utf8_add_path(&text, path, strlen(path));
    HASH_FIND(hh, verify->skipped, buf_string(&text), text.length, skipped);
    if (skipped != NULL)
        return;
    skipped = memory_new(1, sizeof(*skipped) + text.length + 1);
    memcpy(skipped->path, buf_string(&text), text.length);
    HASH_ADD_KEYPTR(hh, verify->skipped, skipped->path, text.length, skipped);
}

static void on_unreadable(void *user, const char *path, int sys_errno)
{
    if (sys_errno != 0)
        add_skipped(user, path);
}

static void ignore_long_path(void *user, const char *path)
{
    (void)user, (void)path;
}

static void ignore_state(void *user, enum watch_root_state state, const char *reason)
{
    (void)user, (void)state, (void)reason;
}

static void ignore_branch(void *user)
{
    (void)user;
}

static void ignore_limit(void *user, const struct error *advice)
{
    (void)user, (void)advice;
}

static const struct watch_events events = {
    .file_changed = ignore_change,
    .file_gone = ignore_gone,
    .file_moved = ignore_move,
    .unreadable = on_unreadable,
    .path_too_long = ignore_long_path,
    .root_state = ignore_state,
    .scan_done = on_scan_done,
    .branch_changed = ignore_branch,
    .limit_reached = ignore_limit,
};

static void add_path(void *user, const char *path, uint64_t signature)
{
    struct verify *verify = user;
    (void)signature;
    struct path *added = arena_alloc(verify->arena, 1, sizeof(*added));
    added->bytes = arena_string(verify->arena, path);
    added->next = verify->paths;
    verify->paths = added;
    verify->n_files++;
}

static bool is_late(const struct verify *verify, struct error *err)
{
    if (clock_monotonic_ms() < verify->settings->deadline_ms)
        return false;
    error_set(err, ERROR_TIMEOUT, 0, "verification did not end in time");
    return true;
}

/* One scan by the watch layer's own code: what it would ingest is what is verified. */
static bool scan(struct verify *verify, struct error *err)
{
    const struct config *config = verify->settings->config;
    const struct watch_settings watch = {.events = &events};
    const struct watch_root_settings root = {
        .path = verify->codebase.root_path,
        .filter = verify->filter,
        .gitignore = config->watch.gitignore,
        .recursive = true,
        .max_depth = config->watch.max_depth,
        .mode = WATCH_MODE_POLL,
        .poll_ms = UINT32_MAX,
        .user = verify,
    };
    verify->watch = watch_new(&watch, err);
    if (verify->watch == NULL || !watch_root_add(verify->watch, &root, &verify->root, err))
        return false;
    while (!verify->scanned) {
        struct pollfd fds[WATCH_POLLFDS];
        uint64_t now_ms = clock_monotonic_ms();
        if (is_late(verify, err))
            return false;
        watch_pollfds(verify->watch, fds);
        (void)poll(
            fds, WATCH_POLLFDS, clock_poll_timeout_ms(now_ms, watch_deadline_ms(verify->watch)));
        watch_run(verify->watch, clock_monotonic_ms(), fds);
        if (watch_root_state(verify->root) == WATCH_ROOT_OFFLINE)
            return error_set(
                err, ERROR_WATCH, 0, "root \"%s\" is offline", verify->codebase.root_path);
    }
    watch_each(verify->root, add_path, verify);
    return true;
}

/* --- analysis --- */

struct thread {
    struct verify *verify;
    struct preparer *preparer;
};

static bool start(void *shared, unsigned index, void **ret_self, struct error *err)
{
    (void)index, (void)err;
    const struct verify *verify = shared;
    struct thread *thread = memory_new(1, sizeof(*thread));
    thread->verify = shared;
    thread->preparer = preparer_new(verify->settings->prepare);
    *ret_self = thread;
    return true;
}

static void work(void *self, void **items, size_t n_items)
{
    struct thread *thread = self;
    for (size_t i = 0; i < n_items; i++) {
        struct task *task = items[i];
        prepare(thread->preparer, task);
        task_charge(task, &thread->verify->bytes);
        mailbox_post(thread->verify->prepared, task);
    }
}

static void stop(void *self)
{
    struct thread *thread = self;
    preparer_free(thread->preparer);
    free(thread);
}

static const struct stage_ops stage_ops = {
    .name = "verify", .max_batch = 1, .start = start, .work = work, .stop = stop};

static struct task *task_for(struct verify *verify, const char *path)
{
    const struct language *language = NULL;
    struct task *task = task_new(NULL, path, NULL);
    task->job.codebase = &verify->codebase;
    task->job.branch = "";
    task->job.root_fd = verify->handle.fd;
    task->job.sinks_wanted = SINK_ALL;
    atomic_store(&task->job.sinks_left, SINKS);
    task->overdue = true;
    task->must_have_language = language_of_name(path, &language) != LANGUAGE_NAMED &&
                               watch_root_check(verify->root, path, false, NULL) == FILTER_MAYBE;
    return task;
}

static bool write_tasks(
    struct verify *verify, struct task **tasks, size_t n_tasks, struct error *err)
{
    struct job *jobs[WRITE_TASKS];
    size_t n = 0;
    for (size_t i = 0; i < n_tasks; i++) {
        if (tasks[i]->outcome == TASK_SKIPPED || tasks[i]->outcome == TASK_TORN)
            add_skipped(verify, tasks[i]->job.path);
        else if (tasks[i]->outcome == TASK_WRITE && tasks[i]->job.code != NULL)
            jobs[n++] = &tasks[i]->job;
    }
    bool ok = true;
    for (unsigned id = 0; id < SINKS && ok && n > 0; id++)
        if (verify->shadows[id] != NULL)
            ok = shadow_write(verify->shadows[id], jobs, n, err);
    for (size_t i = 0; i < n_tasks; i++)
        task_release(tasks[i]);
    return ok;
}

/* Analyse all of verify->paths and write them to the TEMP tables. */
static bool analyse_paths(struct verify *verify, struct progress *progress, struct error *err)
{
    struct task *batch[WRITE_TASKS];
    size_t n_batch = 0, in_flight = 0;
    uint64_t done = 0;
    void **items = NULL;
    size_t capacity = 0;
    bool ok = true;
    while (ok && (verify->paths != NULL || in_flight > 0)) {
        for (; verify->paths != NULL && in_flight < IN_FLIGHT_MAX;
             verify->paths = verify->paths->next, in_flight++)
            if (!stage_push(
                    verify->stage, task_for(verify, verify->paths->bytes), STAGE_BULK, CLOCK_NEVER))
                break;
        struct pollfd fd = {.fd = mailbox_fd(verify->prepared), .events = POLLIN};
        (void)poll(&fd, 1, 250);
        size_t n = mailbox_take(verify->prepared, &items, &capacity);
        in_flight -= n;
        done += n;
        for (size_t i = 0; i < n; i++) {
            batch[n_batch++] = items[i];
            if (n_batch == WRITE_TASKS) {
                ok = ok && write_tasks(verify, batch, n_batch, err);
                n_batch = 0;
            }
        }
        ok = ok && !is_late(verify, err);
        progress_update(progress, clock_monotonic_ms(), done, verify->n_files, 0, 0);
    }
    ok = (n_batch == 0 || write_tasks(verify, batch, n_batch, err)) && ok;
    free(items);
    return ok;
}

/* --- comparison --- */

static bool on_difference(void *user, const struct shadow_difference *found)
{
    struct verify *verify = user;
    struct skipped *skipped = NULL;
    HASH_FIND_STR(verify->skipped, found->path, skipped);
    if (skipped != NULL)
        return true;
    if (verify->n_differences == verify->capacity) {
        verify->capacity = verify->capacity > 0 ? verify->capacity * 2 : 64;
        verify->differences =
            memory_resize(verify->differences, verify->capacity, sizeof(*verify->differences));
    }
    verify->differences[verify->n_differences++] = (struct verify_difference){
        .path = arena_string(verify->arena, found->path),
        .table = sink_word(verify->comparing),
        .problem = shadow_problem_word(found->problem),
        .columns = arena_string(verify->arena, found->columns),
    };
    return true;
}

/* Only code_files says that a file ran out of time or memory: its metrics are as undecided. Both
 * parts are in order of path. */
static void spread_undecided(struct verify *verify, size_t n_files)
{
    const char *undecided = shadow_problem_word(SHADOW_UNDECIDED);
    struct verify_difference *all = verify->differences;
    for (size_t i = 0, k = n_files; i < n_files && k < verify->n_differences;) {
        int order = strcmp(all[i].path, all[k].path);
        if (order == 0 && strcmp(all[i].problem, undecided) == 0)
            all[k].problem = undecided;
        i += order <= 0;
        k += order >= 0;
    }
}

static bool compare(
    struct verify *verify, const char *const *only_paths, size_t n_paths, struct error *err)
{
    size_t n_files = 0;
    verify->n_differences = 0;
    for (unsigned id = 0; id < SINKS; id++) {
        n_files = id == SINK_METADATA ? verify->n_differences : n_files;
        verify->comparing = (enum sink_id)id;
        if (verify->shadows[id] != NULL &&
            !shadow_compare(verify->shadows[id], verify->codebase.codebase_id, only_paths, n_paths,
                verify->settings->hash_only, on_difference, verify, err))
            return false;
    }
    spread_undecided(verify, n_files);
    return true;
}

/* Paths as the tables have them, back to bytes of the disk. */
static const char *disk_path(struct verify *verify, const char *text)
{
    AUTO_BUF bytes = BUF_INIT;
    utf8_add_path_bytes(&bytes, text);
    return arena_copy(verify->arena, buf_string(&bytes), bytes.length);
}

/* What differed may have changed under our eyes: look at those paths once more. */
static bool compare_again(struct verify *verify, struct progress *progress, struct error *err)
{
    size_t n = verify->n_differences;
    const char **paths = arena_alloc(verify->arena, n, sizeof(*paths));
    for (size_t i = 0; i < n; i++)
        paths[i] = verify->differences[i].path;
    for (unsigned id = 0; id < SINKS; id++)
        if (verify->shadows[id] != NULL &&
            !shadow_forget(verify->shadows[id], verify->codebase.codebase_id, paths, n, err))
            return false;
    for (size_t i = 0; i < n; i++) {
        bool again = i > 0 && strcmp(paths[i], paths[i - 1]) == 0;
        const char *path = disk_path(verify, paths[i]);
        for (size_t k = 0; k < i && !again; k++)
            again = strcmp(paths[i], paths[k]) == 0;
        if (again || watch_root_check(verify->root, path, false, NULL) == FILTER_NO)
            continue;
        struct path *added = arena_alloc(verify->arena, 1, sizeof(*added));
        *added = (struct path){.next = verify->paths, .bytes = path};
        verify->paths = added;
    }
    return analyse_paths(verify, progress, err) && compare(verify, paths, n, err);
}

static bool open_shadows(struct verify *verify, struct error *err)
{
    const struct config *config = verify->settings->config;
    for (unsigned id = 0; id < SINKS; id++) {
        const struct pg_settings settings = {
            .conninfo =
                database_sink_conninfo(verify->settings->database, config, (enum sink_id)id),
            .schema = config->database.schema,
            .application_name = "srctab verify",
            .statement_timeout_ms = 600000,
        };
        if (config->sinks[id].enabled &&
            !shadow_open(&settings, (enum sink_id)id, &verify->shadows[id], err))
            return false;
    }
    return true;
}

static bool open_parts(struct verify *verify, struct error *err)
{
    const struct verify_settings *settings = verify->settings;
    const struct config_folder *folder = NULL;
    for (size_t i = 0; i < settings->config->n_folders; i++)
        if (strcmp(settings->config->folders[i].path, settings->dir) == 0)
            folder = &settings->config->folders[i];
    const char *id = settings->given_id != NULL ? settings->given_id
                     : folder != NULL           ? folder->codebase
                                                : NULL;
    if (!codebase_of(verify->arena, settings->dir, id, settings->config->daemon.host,
            &verify->codebase, err))
        return false;
    verify->handle.fd = open(settings->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    verify->filter =
        root_filter_new(settings->config, folder != NULL ? folder->include.items : NULL,
            folder != NULL ? folder->exclude.items : NULL);
    unsigned jobs = settings->config->analysis.jobs > 0 ? settings->config->analysis.jobs
                                                        : (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    verify->prepared = mailbox_new();
    verify->stage = stage_new(&stage_ops, verify, jobs > 0 ? jobs : 1, IN_FLIGHT_MAX, err);
    return verify->stage != NULL && open_shadows(verify, err) && scan(verify, err);
}

bool verify_run(const struct verify_settings *settings, void (*again)(void *user), void *user,
    struct verify **ret_verify, struct verify_report *ret_report, struct error *err)
{
    struct verify *verify = memory_new(1, sizeof(*verify));
    struct progress progress;
    verify->settings = settings;
    verify->arena = arena_new(0);
    verify->handle.fd = -1;
    atomic_init(&verify->bytes, 0);
    progress_begin(&progress, settings->output, "verify", clock_monotonic_ms());
    bool ok = open_parts(verify, err) && analyse_paths(verify, &progress, err) &&
              compare(verify, NULL, 0, err);
    if (ok && verify->n_differences > 0) {
        again(user);
        ok = compare_again(verify, &progress, err);
    }
    progress_end(&progress);
    if (!ok) {
        verify_free(verify);
        return false;
    }
    *ret_report = (struct verify_report){
        .differences = verify->differences, .n = verify->n_differences, .files = verify->n_files};
    for (size_t i = 0; i < verify->n_differences; i++)
        ret_report->n_undecided +=
            strcmp(verify->differences[i].problem, shadow_problem_word(SHADOW_UNDECIDED)) == 0;
    *ret_verify = verify;
    return true;
}

void verify_free(struct verify *verify)
{
    struct skipped *skipped, *next;
    if (verify == NULL)
        return;
    stage_join(verify->stage);
    void **items = NULL;
    size_t capacity = 0;
    size_t n = verify->prepared != NULL ? mailbox_take(verify->prepared, &items, &capacity) : 0;
    for (size_t i = 0; i < n; i++)
        task_release(items[i]);
    free(items);
    mailbox_free(verify->prepared);
    for (unsigned id = 0; id < SINKS; id++)
        shadow_close(verify->shadows[id]);
    if (verify->root != NULL)
        watch_root_remove(verify->watch, verify->root);
    watch_free(verify->watch);
    filter_free(verify->filter);
    HASH_ITER (hh, verify->skipped, skipped, next) {
        HASH_DEL(verify->skipped, skipped);
        free(skipped);
    }
    if (verify->handle.fd >= 0)
        close(verify->handle.fd);
    free(verify->differences);
    arena_free(verify->arena);
    free(verify);
}
