#include "app/events.h"

#include "analyze/language.h"
#include "app/daemon.h"
#include "app/git.h"
#include "app/priority.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"

#include <errno.h>

/* A branch change or a storm is bulk work: single saves made meanwhile elsewhere should not wait
 * behind it. */
#define STORM_CHANGES_PER_S 500
#define BULK_AFTER_BRANCH_MS 2000

/* Time for the tree to list what became readable. */
#define COMPARE_AFTER_MS 1000

/* Fewer inferred deletes than this are always applied: a percentage of a handful of files says
 * nothing. */
#define GUARD_MIN_DELETES 5

void root_note(struct root *root, const char *path, enum change change, enum settle_class class,
    enum settle_pace pace, uint64_t now_ms)
{
    wishes_changed(root->wishes, path);
    const struct settle_change note = {.path = path,
        .change = change,
        .class = class,
        .pace = pace,
        .weight = priority_weight(root->daemon->config, path)};
    settle_note(root->settle, &note, now_ms);
}

static enum settle_class class_of(struct root *root, enum watch_cause cause, uint64_t now_ms)
{
    if (cause != WATCH_CAUSE_EVENT && cause != WATCH_CAUSE_POLL)
        return SETTLE_BULK;
    if (now_ms - root->rate_since_ms >= 1000) {
        root->rate_since_ms = now_ms;
        root->rate_count = 0;
    }
    if (++root->rate_count > STORM_CHANGES_PER_S && root->bulk_until_ms < now_ms + 1000)
        root->bulk_until_ms = now_ms + 1000;
    return now_ms < root->bulk_until_ms ? SETTLE_BULK : SETTLE_NORMAL;
}

static void on_changed(void *user, const char *path, const struct stat *st, enum watch_hint hint,
    enum watch_cause cause)
{
    struct root *root = user;
    uint64_t now_ms = clock_monotonic_ms();
    (void)st;
    root->counters.value[COUNTER_EVENTS_RECEIVED]++;
    enum settle_pace pace = cause != WATCH_CAUSE_EVENT  ? SETTLE_NOW
                            : hint == WATCH_WRITER_DONE ? SETTLE_DONE
                                                        : SETTLE_WRITING;
    root_note(root, path, CHANGE_CHANGED, class_of(root, cause, now_ms), pace, now_ms);
}

static void on_gone(void *user, const char *path, enum watch_cause cause)
{
    struct root *root = user;
    uint64_t now_ms = clock_monotonic_ms();
    root->counters.value[COUNTER_EVENTS_RECEIVED]++;
    if (cause >= WATCH_CAUSE_RECONCILE) {
        buf_add(&root->inferred.paths, path, strlen(path) + 1);
        root->inferred.n++;
        return;
    }
    root_note(root, path, CHANGE_GONE, class_of(root, cause, now_ms),
        cause == WATCH_CAUSE_EVENT ? SETTLE_DONE : SETTLE_NOW, now_ms);
}

/* Language, and with it all that analysis would say, depends on the name: only where that is the
 * same a row can be moved. */
static bool same_rows(const char *old_path, const char *new_path)
{
    const struct language *old_language = NULL, *new_language = NULL;
    enum language_match old_match = language_of_name(old_path, &old_language);
    enum language_match new_match = language_of_name(new_path, &new_language);
    if (old_match != new_match || old_language != new_language)
        return false;
    return old_language == NULL ||
           language_is_test(old_language, old_path) == language_is_test(new_language, new_path);
}

static void on_moved(void *user, const char *old_path, const char *new_path, uint64_t signature)
{
    struct root *root = user;
    uint64_t now_ms = clock_monotonic_ms();
    struct fingerprint version;
    (void)signature;
    root->counters.value[COUNTER_EVENTS_RECEIVED]++;
    enum settle_class class = class_of(root, WATCH_CAUSE_EVENT, now_ms);
    if (root->phase == ROOT_LIVE && known_version(&root->known, old_path, &version) &&
        !known_has_row(&root->known, new_path) && same_rows(old_path, new_path)) {
        const struct settle_change note = {.path = new_path,
            .old_path = old_path,
            .change = CHANGE_MOVED,
            .class = class,
            .pace = SETTLE_DONE,
            .weight = priority_weight(root->daemon->config, new_path)};
        settle_note(root->settle, &note, now_ms);
        return;
    }
    root_note(root, old_path, CHANGE_GONE, class, SETTLE_DONE, now_ms);
    root_note(root, new_path, CHANGE_CHANGED, class, SETTLE_DONE, now_ms);
}

/* An audit row of its own for what gets no job. */
static void audit_skipped(struct root *root, const char *path, const char *reason)
{
    struct daemon *daemon = root->daemon;
    if (daemon->pipeline == NULL)
        return;
    struct task *task = task_new(root, path, NULL);
    struct job *job = &task->job;
    job->codebase = &root->codebase;
    job->branch = arena_string(job->arena, root->branch);
    job->origin = ORIGIN_SCAN;
    job->result = RESULT_SKIPPED;
    job->attempted_at_us = clock_wall_us();
    job->attempt_id = uuid_v7(&daemon->uuids, job->attempted_at_us);
    (void)snprintf(job->skipped_reason, sizeof(job->skipped_reason), "%s", reason);
    root->counters.value[COUNTER_FILES_SKIPPED]++;
    pipeline_audit(daemon->pipeline, task);
}

static void log_path(const char *mark, const char *path, const char *reason)
{
    AUTO_BUF shown = BUF_INIT;
    utf8_add_path(&shown, path, strlen(path));
    log_file(LOG_WARN, mark, shown.length > 0 ? buf_string(&shown) : ".", reason);
}

/* What was not readable is not in the tree: only the tables know what was there. */
static void compare_again(struct root *root)
{
    if (root->phase != ROOT_LIVE)
        return;
    root->phase = ROOT_STARTING;
    root->compare_retry_ms = clock_monotonic_ms() + COMPARE_AFTER_MS;
}

static void on_unreadable(void *user, const char *path, int sys_errno)
{
    struct root *root = user;
    if (sys_errno == 0 || sys_errno == ENOENT) {
        compare_again(root);
        return;
    }
    log_path("⏭", path, strerrordesc_np(sys_errno));
    root->folders_skipped++;
    audit_skipped(root, path, strerrordesc_np(sys_errno));
}

static void on_path_too_long(void *user, const char *path)
{
    struct root *root = user;
    log_path("⏭", path, "path_too_long");
    audit_skipped(root, path, "path_too_long");
}

static void on_root_state(void *user, enum watch_root_state state, const char *reason)
{
    struct root *root = user;
    if (state == WATCH_ROOT_OFFLINE) {
        root->online = false;
        root_close(root);
        log_emit(LOG_WARN, "root is offline, its rows are kept",
            LOG_FIELDS(LOG_STR("root", root->codebase.root_path), LOG_STR("reason", reason)));
        return;
    }
    if (!root_open(root))
        return;
    if (state == WATCH_ROOT_ONLINE && !root->online && root->scanned)
        log_emit(LOG_INFO, "root is online", LOG_FIELDS(LOG_STR("root", root->codebase.root_path)));
    root->online = true;
}

static void on_scan_done(void *user, const struct watch_scan_result *result)
{
    struct root *root = user;
    uint64_t now_ms = clock_monotonic_ms();
    if (result->scan == WATCH_SCAN_FIRST) {
        root->scanned = true;
        root->total = result->files;
        return;
    }
    if (result->scan != WATCH_SCAN_POLL)
        root->counters.value[COUNTER_RESCANS]++;
    if (result->scan == WATCH_SCAN_OVERFLOW)
        root->counters.value[COUNTER_OVERFLOWS]++;
    if (result->scan == WATCH_SCAN_RECONCILE)
        root->counters.value[COUNTER_MISSED_EVENTS] += result->changed + result->gone;
    root_apply_inferred(root, result->files + root->inferred.n, now_ms);
}

static void on_branch_changed(void *user)
{
    struct root *root = user;
    struct arena *arena = arena_new(1024);
    const char *branch = git_branch_of(root->codebase.root_path, arena);
    root->bulk_until_ms = clock_monotonic_ms() + BULK_AFTER_BRANCH_MS;
    if (strcmp(branch, root->branch) != 0) {
        log_emit(LOG_INFO, "branch changed",
            LOG_FIELDS(LOG_STR("root", root->codebase.root_path), LOG_STR("branch", branch)));
        free(root->branch);
        root->branch = memory_string(branch);
    }
    arena_free(arena);
}

static void on_limit_reached(void *user, const struct error *advice)
{
    (void)user;
    log_error(LOG_WARN, advice);
}

const struct watch_events root_events = {
    .file_changed = on_changed,
    .file_gone = on_gone,
    .file_moved = on_moved,
    .unreadable = on_unreadable,
    .path_too_long = on_path_too_long,
    .root_state = on_root_state,
    .scan_done = on_scan_done,
    .branch_changed = on_branch_changed,
    .limit_reached = on_limit_reached,
};

void root_apply_inferred(struct root *root, uint64_t n_rows, uint64_t now_ms)
{
    struct inferred *inferred = &root->inferred;
    uint64_t percent = root->daemon->config->safety.max_delete_percent;
    bool guarded = !root->daemon->allow_mass_delete && inferred->n >= GUARD_MIN_DELETES &&
                   (uint64_t)inferred->n * 100 > n_rows * percent;
    if (guarded) {
        root->guarded_deletes = inferred->n;
        log_emit(LOG_WARN,
            "refused to delete rows of files that a scan no longer finds; if they really are gone, "
            "start with --allow-mass-delete",
            LOG_FIELDS(LOG_STR("root", root->codebase.root_path), LOG_U64("deletes", inferred->n),
                LOG_U64("rows", n_rows), LOG_U64("max_delete_percent", percent)));
    }
    for (size_t at = 0; !guarded && at < inferred->paths.length;
         at += strlen(inferred->paths.data + at) + 1)
        root_note(root, inferred->paths.data + at, CHANGE_GONE, SETTLE_BULK, SETTLE_NOW, now_ms);
    buf_clear(&inferred->paths);
    inferred->n = 0;
}
