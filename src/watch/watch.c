#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/clock.h"
#include "watch/anchors.h"
#include "watch/bind.h"
#include "watch/check.h"
#include "watch/core.h"
#include "watch/events.h"
#include "watch/links.h"
#include "watch/mounts.h"
#include "watch/place.h"
#include "watch/recheck.h"
#include "watch/report.h"
#include "watch/root.h"
#include "watch/scan.h"
#include "watch/sweep.h"

#define DEFAULT_SLICE_MS 20

enum { POLLFD_NOTIFY, POLLFD_MOUNTS, POLLFD_SWEEPS };

struct watch *watch_new(const struct watch_settings *settings, struct error *err)
{
    struct watch *watch = memory_new(1, sizeof(*watch));
    watch->events = settings->events;
    watch->settings = *settings;
    if (watch->settings.slice_ms == 0)
        watch->settings.slice_ms = DEFAULT_SLICE_MS;
    watch->now_ms = clock_monotonic_ms();
    watch->listing.fd = -1;
    if (getrandom(&watch->random, sizeof(watch->random), GRND_NONBLOCK) < 0)
        watch->random = (uint64_t)clock_wall_us();
    tree_init(&watch->tree, (uint32_t)watch->random);
    watch->mailbox = mailbox_new();
    watch->mounts_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    struct error no_events = ERROR_INIT;
    if (notify_init(&watch->notify, &no_events) || no_events.sys_errno == EMFILE)
        return watch;
    *err = no_events;
    watch_free(watch);
    return NULL;
}

static void free_root(struct watch *watch, struct watch_root *root)
{
    scan_clear(watch, root);
    sweep_stop(watch, root);
    check_forget_limbo(watch, root);
    if (root->folder != 0)
        check_drop(watch, root->folder, "", true, WATCH_CAUSE_EVENT);
    anchors_free(watch, root);
    watch->roots[root->id - 1] = NULL;
    mounts_free(root);
    free(root->path);
    free(root->excludes_file);
    free(root);
}

void watch_free(struct watch *watch)
{
    if (watch == NULL)
        return;
    for (size_t i = 0; i < watch->n_roots; i++)
        if (watch->roots[i] != NULL)
            free_root(watch, watch->roots[i]);
    sweep_free_orphans(watch);
    place_close_all(watch);
    scan_close(watch);
    if (watch->mounts_fd >= 0)
        close(watch->mounts_fd);
    notify_release(&watch->notify);
    limbo_release(&watch->limbo);
    links_release(watch);
    tree_release(&watch->tree);
    mailbox_free(watch->mailbox);
    free(watch->listing.buffer);
    free(watch->place.levels);
    buf_release(&watch->place.path);
    for (size_t i = 0; i < ARRAY_SIZE(watch->scratch); i++)
        buf_release(&watch->scratch[i]);
    free(watch->barriers);
    buf_release(&watch->rechecks);
    free(watch->mail);
    free(watch->roots);
    free(watch);
}

void watch_pollfds(const struct watch *watch, struct pollfd ret_fds[WATCH_POLLFDS])
{
    ret_fds[POLLFD_NOTIFY] = (struct pollfd){.fd = watch->notify.fd, .events = POLLIN};
    ret_fds[POLLFD_MOUNTS] = (struct pollfd){.fd = watch->mounts_fd, .events = POLLPRI};
    ret_fds[POLLFD_SWEEPS] = (struct pollfd){.fd = mailbox_fd(watch->mailbox), .events = POLLIN};
}

/* Polled roots do not count: their thread may be away for ever, and nobody else waits for it. */
static bool is_listing(const struct watch *watch)
{
    bool listing = watch->listing.folder != 0;
    for (size_t i = 0; i < watch->n_roots && !listing; i++) {
        const struct watch_root *root = watch->roots[i];
        listing = root != NULL && !root->polled && root->work.first != 0;
    }
    return listing;
}

uint64_t watch_deadline_ms(const struct watch *watch)
{
    uint64_t due_ms = CLOCK_NEVER;
    if (watch->listing.folder != 0 || watch->left_over)
        due_ms = 0;
    else if (!is_listing(watch))
        due_ms = limbo_due_ms(&watch->limbo);
    for (size_t i = 0; i < watch->n_roots && due_ms > 0; i++) {
        const struct watch_root *root = watch->roots[i];
        uint64_t at_ms = root != NULL ? root_deadline_ms(watch, root) : CLOCK_NEVER;
        if (root != NULL && root->polled)
            at_ms = sweep_deadline_ms(watch, root);
        due_ms = at_ms < due_ms ? at_ms : due_ms;
    }
    return due_ms;
}

/* True when a root has work that can be done now. */
static bool run_roots(struct watch *watch, uint64_t deadline_ms)
{
    bool more = false;
    for (size_t i = 0; i < watch->n_roots; i++) {
        struct watch_root *root = watch->roots[(watch->next_root + i) % watch->n_roots];
        if (root == NULL)
            continue;
        anchors_apply(watch, root);
        if (root->polled) {
            root->recheck = false; /* its sweeps look at it */
            more |= sweep_run(watch, root, deadline_ms);
            continue;
        }
        root_recheck(watch, root);
        root_begin_due(watch, root);
        more |= scan_run(watch, root, deadline_ms);
    }
    watch->next_root++;
    return more;
}

/* A moved folder is met again by an event or by a listing: only when neither is left is it gone. */
static void expire_limbo(struct watch *watch)
{
    if (limbo_count(&watch->limbo) == 0 || is_listing(watch))
        return;
    bool asked = watch->n_barriers > 0 &&
                 watch->barriers[watch->n_barriers - 1].read_bytes <= watch->notify.read_bytes;
    check_expire_limbo(watch, NULL, asked ? CLOCK_NEVER : watch->now_ms, false);
}

static bool is_passed(const struct watch *watch, const struct barrier *barrier)
{
    if (watch->notify.read_bytes < barrier->read_bytes || limbo_count(&watch->limbo) > 0 ||
        watch->n_links_due > 0 || watch->links_incomplete || watch->rechecks.length > 0)
        return false;
    for (size_t i = 0; i < watch->n_roots; i++)
        if (watch->roots[i] != NULL && !root_is_quiet(watch, watch->roots[i], barrier->id))
            return false;
    return true;
}

static void pass_barriers(struct watch *watch)
{
    size_t passed = 0;
    while (passed < watch->n_barriers && is_passed(watch, &watch->barriers[passed]))
        watch->done_barrier = watch->barriers[passed++].id;
    if (passed == 0)
        return;
    watch->n_barriers -= passed;
    memmove(
        watch->barriers, watch->barriers + passed, watch->n_barriers * sizeof(*watch->barriers));
}

void watch_run(struct watch *watch, uint64_t now_ms, const struct pollfd fds[WATCH_POLLFDS])
{
    uint64_t deadline_ms = clock_monotonic_ms() + watch->settings.slice_ms;
    watch->now_ms = now_ms;
    watch->left_over = false;
    if (fds == NULL || (fds[POLLFD_MOUNTS].revents & (POLLPRI | POLLERR)) != 0)
        mounts_changed(watch);
    if (fds == NULL || fds[POLLFD_SWEEPS].revents != 0)
        sweep_take(watch);
    bool drained = events_read(watch, deadline_ms);
    links_check(watch, deadline_ms);
    recheck_run(watch, deadline_ms);
    bool more = run_roots(watch, deadline_ms);
    if (drained && !more) {
        expire_limbo(watch);
        links_search(watch);
    }
    pass_barriers(watch);
    watch->left_over = !drained || more || watch->n_links_due > 0 || watch->links_incomplete ||
                       watch->rechecks.length > 0;
    if (!watch->left_over && !is_listing(watch)) {
        scan_close(watch);
        place_close_all(watch);
    }
}

uint64_t watch_barrier_begin(struct watch *watch, uint64_t now_ms)
{
    watch->now_ms = now_ms;
    watch->barriers =
        memory_resize(watch->barriers, watch->n_barriers + 1, sizeof(*watch->barriers));
    watch->barriers[watch->n_barriers++] = (struct barrier){.id = ++watch->last_barrier,
        .read_bytes = watch->notify.read_bytes + notify_queue_bytes(&watch->notify)};
    watch->left_over = true;
    return watch->last_barrier;
}

bool watch_barrier_done(struct watch *watch, uint64_t barrier)
{
    return barrier <= watch->done_barrier;
}

/* ---- roots ---- */

static void set_settings(struct watch_root *root, const struct watch_root_settings *settings)
{
    char *excludes_file =
        settings->excludes_file != NULL ? memory_string(settings->excludes_file) : NULL;
    root->settings = *settings;
    root->settings.path = root->path;
    root->settings.excludes_file = excludes_file;
    free(root->excludes_file);
    root->excludes_file = excludes_file;
}

static struct watch_root *new_root(struct watch *watch, const struct watch_root_settings *settings)
{
    size_t at = 0;
    while (at < watch->n_roots && watch->roots[at] != NULL)
        at++;
    if (at == watch->n_roots)
        watch->roots = memory_resize(watch->roots, ++watch->n_roots, sizeof(*watch->roots));
    struct watch_root *root = memory_new(1, sizeof(*root));
    watch->roots[at] = root;
    root->watch = watch;
    root->id = (uint16_t)(at + 1);
    root->path = memory_string(settings->path);
    root->retry_ms = root->rescan_ms = root->reconcile_due_ms = CLOCK_NEVER;
    set_settings(root, settings);
    return root;
}

bool watch_root_add(struct watch *watch, const struct watch_root_settings *settings,
    struct watch_root **ret_root, struct error *err)
{
    if (settings->path[0] != '/')
        return error_set(err, ERROR_USAGE, 0, "\"%s\" is not an absolute path", settings->path);
    if (watch->n_roots == UINT16_MAX)
        return error_set(err, ERROR_WATCH, 0, "too many folders");
    struct root_sight sight;
    AUTO_CLOSE int fd = -1;
    struct watch_root *root = new_root(watch, settings);
    root->state = WATCH_ROOT_SCANNING;
    root->remote = mounts_is_remote(settings->path);
    root->polled = settings->mode == WATCH_MODE_POLL || watch->notify.fd < 0 ||
                   (root->remote && settings->mode == WATCH_MODE_AUTO);
    if (root->remote && root->polled) { /* its thread looks: main would wait for a dead server */
        *ret_root = root;
        return true;
    }
    anchors_arm(watch, root); /* before the look: what changes after it is an event */
    root_look(root->path, &sight, &fd);
    if (sight.sys_errno == ENOTDIR) {
        free_root(watch, root);
        return error_set(err, ERROR_USAGE, ENOTDIR, "could not watch \"%s\"", settings->path);
    }
    if (watch->notify.fd < 0 && settings->mode != WATCH_MODE_POLL)
        bind_say_limit(watch, root);
    root_seen(watch, root, &sight, fd);
    mounts_note(watch, root);
    *ret_root = root;
    return true;
}

void watch_root_remove(struct watch *watch, struct watch_root *root)
{
    free_root(watch, root);
}

void watch_root_replace_filter(
    struct watch *watch, struct watch_root *root, const struct watch_root_settings *settings)
{
    struct watch_root_settings merged = *settings;
    merged.mode = root->settings.mode;
    merged.user = root->settings.user;
    bool reread = merged.gitignore != root->settings.gitignore;
    set_settings(root, &merged);
    place_forget(watch);
    root->rearm |= reread;
    root->outer_changed = true;
    if (root->folder != 0)
        scan_begin(watch, root, TAG_FILTER);
}

enum watch_root_state watch_root_state(const struct watch_root *root)
{
    return root->state;
}

bool watch_root_is_polled(const struct watch_root *root)
{
    return root->polled;
}

uint64_t watch_root_files(const struct watch_root *root)
{
    return root->n_files;
}

void watch_root_rescan(struct watch *watch, struct watch_root *root)
{
    if (root->polled)
        root->sweep_due_ms = 0;
    else if (root->folder != 0)
        scan_begin(watch, root, TAG_RECONCILE);
}

/* The deepest known folder on the way to the path. */
static uint32_t deepest_folder(const struct watch_root *root, const char *path)
{
    const struct tree *tree = &root->watch->tree;
    uint32_t folder = root->folder;
    while (folder != 0) {
        const char *slash = strchr(path, '/');
        if (slash == NULL)
            break;
        uint32_t child = tree_find(tree, folder, path, (size_t)(slash - path));
        if (child == 0 || !tree_is_folder(tree, child))
            break;
        folder = child;
        path = slash + 1;
    }
    return folder;
}

enum filter_verdict watch_root_check(const struct watch_root *root, const char *path,
    bool is_directory, struct filter_reason *ret_reason)
{
    struct watch *watch = root->watch;
    uint32_t folder = deepest_folder(root, path);
    if (folder == 0)
        return filter_check(root->settings.filter, root->outer.levels, root->outer.n_levels, path,
            is_directory, ret_reason);
    place_enter(watch, folder);
    return filter_check(root->settings.filter, watch->place.levels, watch->place.n_levels, path,
        is_directory, ret_reason);
}

/* ---- files ---- */

static struct file *find_file(const struct watch_root *root, const char *path)
{
    const struct tree *tree = &root->watch->tree;
    if (!report_is_live(root->watch, root, path))
        return NULL;
    return tree_file(tree, tree_find_path(tree, root->folder, path));
}

bool watch_file_get(const struct watch_root *root, const char *path, struct watch_file *ret_file)
{
    const struct file *file = find_file(root, path);
    if (file != NULL && ret_file != NULL)
        *ret_file = (struct watch_file){
            .signature = file->signature, .clean = (file->node.flags & NODE_CLEAN) != 0};
    return file != NULL;
}

bool watch_path_is_unreadable(const struct watch_root *root, const char *path)
{
    const struct tree *tree = &root->watch->tree;
    for (uint32_t at = deepest_folder(root, path); at != 0; at = tree_node(tree, at)->parent)
        if ((tree_node(tree, at)->flags & NODE_UNREADABLE) != 0)
            return true;
    return false;
}

void watch_file_synced(struct watch_root *root, const char *path, uint64_t signature)
{
    recheck_row(root->watch, root, path, signature);
}

void watch_file_not_found(struct watch_root *root, const char *path)
{
    recheck_row(root->watch, root, path, 0);
}

void watch_file_mark(struct watch_root *root, const char *path, uint16_t generation)
{
    struct file *file = find_file(root, path);
    if (file != NULL)
        file->mark = generation;
}

static void each_file(struct watch_root *root, bool all, uint16_t generation,
    void (*each)(void *user, const char *path, uint64_t signature), void *user)
{
    if (root->folder == 0)
        return;
    struct walk walk;
    walk_begin(&walk, &root->watch->tree, root->folder, "");
    for (uint32_t at; (at = walk_next(&walk)) != 0;) {
        if ((tree_node(&root->watch->tree, at)->flags & (NODE_FOLDER | NODE_TOO_LONG)) != 0)
            continue;
        const struct file *file = tree_file(&root->watch->tree, at);
        if (all || file->mark != generation)
            each(user, buf_string(&walk.path), file->signature);
    }
    walk_release(&walk);
}

void watch_each_unmarked(struct watch_root *root, uint16_t generation,
    void (*each)(void *user, const char *path, uint64_t signature), void *user)
{
    each_file(root, false, generation, each, user);
}

void watch_each(struct watch_root *root,
    void (*each)(void *user, const char *path, uint64_t signature), void *user)
{
    each_file(root, true, 0, each, user);
}

/* ---- numbers ---- */

void watch_counters(const struct watch *watch, struct watch_counters *ret_counters)
{
    *ret_counters = watch->counters;
    ret_counters->folders = watch->tree.n_folders;
    ret_counters->files = watch->tree.n_files;
    ret_counters->limbo = limbo_count(&watch->limbo);
    ret_counters->queue_bytes = notify_queue_bytes(&watch->notify);
    ret_counters->tree_bytes = slab_size_bytes(&watch->tree.slab) + watch->tree.table_bytes;
    for (size_t i = 0; i < watch->n_roots; i++) {
        const struct watch_root *root = watch->roots[i];
        if (root == NULL)
            continue;
        ret_counters->roots++;
        ret_counters->roots_offline += root->state == WATCH_ROOT_OFFLINE;
        ret_counters->folders_polled += root->n_polled;
        ret_counters->queued_folders += root->work.count;
    }
}
