#include "watch/scan.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fd.h"
#include "model/signature.h"
#include "watch/bind.h"
#include "watch/check.h"
#include "watch/place.h"
#include "watch/report.h"
#include "watch/root.h"

#define NAMES_BYTES ((size_t)32 * 1024)
#define CLOCK_EVERY 32 /* names between two looks at the clock */

/* What getdents64(2) fills in. */
struct entry64 {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

/* Which of two reasons a folder is listed for: the first scan must not lose any of its folders. */
static const uint8_t ranks[TAGS] = {
    [TAG_EVENT] = 0,
    [TAG_MOUNTS] = 1,
    [TAG_RECONCILE] = 2,
    [TAG_POLL] = 2,
    [TAG_FILTER] = 3,
    [TAG_OVERFLOW] = 4,
    [TAG_RETURNED] = 5,
    [TAG_REPLACED] = 5,
    [TAG_FIRST] = 6,
};

static void count_in(struct watch *watch, struct watch_root *root, uint8_t tag)
{
    struct scan_progress *scan = &root->scans[tag];
    scan->pending++;
    if (scan->active)
        return;
    *scan = (struct scan_progress){.active = true, .pending = 1, .started_ms = watch->now_ms};
    watch->counters.rescans += tag >= TAG_OVERFLOW && tag != TAG_POLL && tag != TAG_MOUNTS;
}

static void count_out(struct watch_root *root, uint8_t tag)
{
    assert(root->scans[tag].pending > 0);
    root->scans[tag].pending--;
}

static void push_first(struct watch *watch, struct work_list *list, uint32_t folder)
{
    struct folder *node = tree_folder(&watch->tree, folder);
    node->work_prev = 0;
    node->work_next = list->first;
    if (list->first != 0)
        tree_folder(&watch->tree, list->first)->work_prev = folder;
    else
        list->last = folder;
    list->first = folder;
    list->count++;
    node->work |= WORK_QUEUED;
}

static void push_last(struct watch *watch, struct work_list *list, uint32_t folder)
{
    struct folder *node = tree_folder(&watch->tree, folder);
    node->work_next = 0;
    node->work_prev = list->last;
    if (list->last != 0)
        tree_folder(&watch->tree, list->last)->work_next = folder;
    else
        list->first = folder;
    list->last = folder;
    list->count++;
    node->work |= WORK_QUEUED;
}

static void unlink_work(struct watch *watch, struct work_list *list, uint32_t folder)
{
    struct folder *node = tree_folder(&watch->tree, folder);
    if (node->work_prev != 0)
        tree_folder(&watch->tree, node->work_prev)->work_next = node->work_next;
    else
        list->first = node->work_next;
    if (node->work_next != 0)
        tree_folder(&watch->tree, node->work_next)->work_prev = node->work_prev;
    else
        list->last = node->work_prev;
    node->work_prev = node->work_next = 0;
    node->work &= (uint8_t)~WORK_QUEUED;
    list->count--;
}

/* The descriptor stays open: who is in the middle of the listing closes it. */
static void stop_listing(struct watch *watch)
{
    struct listing *listing = &watch->listing;
    if (listing->folder == 0)
        return;
    count_out(core_root(watch, listing->root), listing->tag);
    listing->folder = 0;
}

void scan_close(struct watch *watch)
{
    if (watch->listing.folder == 0 && watch->listing.fd >= 0)
        close(fd_take(&watch->listing.fd));
}

void scan_queue(struct watch *watch, uint32_t folder, unsigned work, uint8_t tag)
{
    struct folder *node = tree_folder(&watch->tree, folder);
    struct watch_root *root = core_root(watch, node->node.root);
    if (root->state == WATCH_ROOT_OFFLINE)
        return;
    if (!place_is_attached(watch, folder)) {
        node->node.flags |= NODE_DIRTY;
        return;
    }
    if (tag == TAG_EVENT && root->scans[TAG_FIRST].active)
        tag = TAG_FIRST;
    if (watch->listing.folder == folder) {
        work |= watch->listing.work & WORK_DEEP;
        if (ranks[watch->listing.tag] > ranks[tag])
            tag = watch->listing.tag;
        count_in(watch, root, tag);
        stop_listing(watch);
        node->work = (uint8_t)work;
        node->tag = tag;
        push_first(watch, &root->work, folder);
        return;
    }
    bool queued = (node->work & WORK_QUEUED) != 0;
    node->work |= (uint8_t)work;
    if (queued && ranks[tag] <= ranks[node->tag])
        return;
    count_in(watch, root, tag);
    if (queued)
        count_out(root, node->tag);
    else
        push_first(watch, &root->work, folder);
    node->tag = tag;
}

void scan_begin(struct watch *watch, struct watch_root *root, uint8_t tag)
{
    scan_queue(watch, root->folder, WORK_DEEP, tag);
}

void scan_forget(struct watch *watch, uint32_t folder)
{
    struct folder *node = tree_folder(&watch->tree, folder);
    struct watch_root *root = core_root(watch, node->node.root);
    if (watch->listing.folder == folder)
        stop_listing(watch);
    if ((node->work & WORK_QUEUED) == 0)
        return;
    unlink_work(watch, &root->work, folder);
    count_out(root, node->tag);
}

void scan_clear(struct watch *watch, struct watch_root *root)
{
    if (watch->listing.folder != 0 && watch->listing.root == root->id)
        stop_listing(watch);
    while (root->work.first != 0) {
        uint32_t folder = root->work.first;
        unlink_work(watch, &root->work, folder);
        tree_folder(&watch->tree, folder)->work = 0;
    }
    memset(root->scans, 0, sizeof(root->scans));
}

static uint32_t pop(
    struct watch *watch, struct watch_root *root, uint8_t *ret_work, uint8_t *ret_tag)
{
    uint32_t folder = root->work.first;
    if (folder == 0)
        return 0;
    unlink_work(watch, &root->work, folder);
    struct folder *node = tree_folder(&watch->tree, folder);
    *ret_work = node->work;
    *ret_tag = node->tag;
    node->work = 0;
    return folder;
}

uint32_t scan_take(
    struct watch *watch, struct watch_root *root, uint8_t *ret_work, uint8_t *ret_tag)
{
    for (uint32_t folder; (folder = pop(watch, root, ret_work, ret_tag)) != 0;) {
        if (place_is_attached(watch, folder))
            return folder;
        tree_node(&watch->tree, folder)->flags |= NODE_DIRTY;
        count_out(root, *ret_tag);
    }
    return 0;
}

void scan_swept(struct watch *watch, struct watch_root *root, uint8_t tag)
{
    (void)watch;
    count_out(root, tag);
}

/* The first name on the way from the root that no longer leads to the folder we think: look at it
 * again. What is there now is bound, what was there goes to limbo. */
static void check_way(struct watch *watch, uint32_t folder)
{
    const struct watch_root *root = core_root_of(watch, folder);
    uint32_t depth = tree_depth(&watch->tree, folder);
    AUTO_FREE uint32_t *way = memory_new((size_t)depth + 1, sizeof(*way));
    for (uint32_t i = depth + 1, at = folder; i-- > 0; at = tree_node(&watch->tree, at)->parent)
        way[i] = at;
    for (uint32_t i = 0; i < depth; i++) {
        enum place_state state;
        int dir_fd = place_open(watch, way[i], &state);
        if (dir_fd < 0)
            return;
        char name[NAME_MAX + 1];
        size_t length = tree_node(&watch->tree, way[i + 1])->name_length;
        memcpy(name, tree_name(&watch->tree, way[i + 1]), length);
        name[length] = '\0';
        uint64_t inode = 0;
        AUTO_CLOSE int child = place_open_child(root->device, dir_fd, name, &inode);
        if (child >= 0 && inode == tree_folder(&watch->tree, way[i + 1])->inode)
            continue;
        check_name(watch, way[i], dir_fd, name, &(struct check){.tag = TAG_EVENT});
        return;
    }
}

static uint32_t fold(uint64_t value)
{
    uint32_t folded = (uint32_t)(value ^ value >> 32);
    return folded != 0 && folded != RULES_UNKNOWN ? folded : 1;
}

bool scan_set_rules(
    struct watch *watch, uint32_t folder, struct ignore_rules *rules, uint32_t print)
{
    struct folder *node = tree_folder(&watch->tree, folder);
    node->rules_print = print;
    if (ignore_rules_equal(node->rules, rules)) {
        ignore_rules_free(rules);
        return false;
    }
    ignore_rules_free(node->rules);
    node->rules = rules;
    place_forget(watch);
    return true;
}

uint32_t scan_rules_print(int dir_fd)
{
    uint64_t print = 0;
    for (unsigned i = 0; i < IGNORE_FILE_NAMES; i++) {
        struct stat st;
        if (fstatat(dir_fd, ignore_file_names[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
            print = print * 31 + stat_signature(&st);
    }
    return print != 0 ? fold(print) : 0;
}

/* True when the ignore files say something else than at the last listing. */
static bool read_rules(struct watch *watch, uint32_t folder, int dir_fd)
{
    const struct folder *node = tree_folder(&watch->tree, folder);
    const struct watch_root *root = core_root_of(watch, folder);
    uint32_t print = root->settings.gitignore ? scan_rules_print(dir_fd) : 0;
    if (print == node->rules_print)
        return false;
    struct ignore_rules *rules = print != 0 ? ignore_rules_read(dir_fd, NULL) : NULL;
    return scan_set_rules(watch, folder, rules, print);
}

void scan_mark_unseen(struct watch *watch, uint32_t folder)
{
    tree_clear_seen(&watch->tree, folder);
}

bool scan_next_unseen(
    struct watch *watch, uint32_t folder, uint32_t *slot, char ret_name[NAME_MAX + 1])
{
    uint32_t child = tree_next_unseen(&watch->tree, folder, slot);
    if (child == 0 && *slot > 0) {
        *slot = 0;
        child = tree_next_unseen(&watch->tree, folder, slot);
    }
    if (child == 0)
        return false;
    struct node *node = tree_node(&watch->tree, child);
    node->flags |= NODE_SEEN;
    memcpy(ret_name, tree_name(&watch->tree, child), node->name_length);
    ret_name[node->name_length] = '\0';
    return true;
}

static void start_listing(struct watch *watch, uint32_t folder, uint8_t work, uint8_t tag)
{
    struct watch_root *root = core_root_of(watch, folder);
    struct listing *listing = &watch->listing;
    int fd = place_take_fd(watch, folder);
    bool rules_changed = read_rules(watch, folder, fd);
    bind_retry(watch, folder, fd);
    struct folder *node = tree_folder(&watch->tree, folder);
    if (rules_changed && node->listed) {
        work |= WORK_DEEP;
        if (ranks[TAG_FILTER] > ranks[tag]) {
            count_in(watch, root, TAG_FILTER);
            count_out(root, tag);
            tag = TAG_FILTER;
        }
    }
    scan_close(watch);
    if (listing->buffer == NULL)
        listing->buffer = memory_new(1, NAMES_BYTES);
    *listing = (struct listing){.folder = folder,
        .root = root->id,
        .work = work,
        .tag = tag,
        .fd = fd,
        .buffer = listing->buffer};
    node->listed = 1;
    node->node.flags &= (uint8_t)~NODE_DIRTY;
    scan_mark_unseen(watch, folder);
}

/* Take the next folder that can be opened. False: there is none now. */
static bool next_listing(struct watch *watch, struct watch_root *root)
{
    for (uint32_t tries = root->work.count; root->work.first != 0;) {
        uint8_t work = 0, tag = 0;
        uint32_t folder = pop(watch, root, &work, &tag);
        enum place_state state = PLACE_FOUND;
        if (place_open(watch, folder, &state) >= 0) {
            start_listing(watch, folder, work, tag);
            return true;
        }
        if (state == PLACE_REFUSED)
            report_unreadable(watch, folder, errno);
        if (state == PLACE_DETACHED)
            tree_node(&watch->tree, folder)->flags |= NODE_DIRTY;
        if (state == PLACE_REFUSED || state == PLACE_DETACHED) {
            count_out(root, tag);
            continue;
        }
        struct folder *node = tree_folder(&watch->tree, folder);
        node->work = work;
        node->tag = tag;
        push_last(watch, &root->work, folder);
        if (state == PLACE_STALE)
            check_way(watch, folder);
        root->recheck |= state == PLACE_ROOT;
        if (state == PLACE_ROOT || tries-- == 0) {
            watch->stuck_until_ms = watch->now_ms + STUCK_RETRY_MS;
            return false;
        }
    }
    return false;
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Still the folder we are listing, still in its place? */
static bool goes_on(struct watch *watch, uint32_t folder)
{
    if (watch->listing.folder != folder)
        return false;
    if (place_is_attached(watch, folder))
        return true;
    tree_node(&watch->tree, folder)->flags |= NODE_DIRTY;
    stop_listing(watch);
    return false;
}

enum step { STEP_TIME_OVER, STEP_STOPPED, STEP_DONE };

/* Names that getdents64 gives, from where the listing was put aside. */
static enum step read_names(struct watch *watch, uint64_t deadline_ms)
{
    struct listing *listing = &watch->listing;
    uint32_t folder = listing->folder;
    const struct check why = {.tag = listing->tag, .deep = (listing->work & WORK_DEEP) != 0};
    for (unsigned n = 1;; n++) {
        if (listing->at == listing->got) {
            long got = syscall(SYS_getdents64, listing->fd, listing->buffer, NAMES_BYTES);
            if (got < 0 && errno != ENOENT) /* ENOENT: removed while it was open */
                report_unreadable(watch, folder, errno);
            if (got < 0)
                return STEP_STOPPED;
            if (got == 0)
                return STEP_DONE;
            listing->at = 0;
            listing->got = (size_t)got;
        }
        const struct entry64 *entry = (const void *)(listing->buffer + listing->at);
        listing->at += entry->length;
        if (is_dots(entry->name))
            continue;
        check_listed(watch, folder, listing->fd, entry->name, entry->type, &why);
        if (!goes_on(watch, folder))
            return STEP_STOPPED;
        if (n % CLOCK_EVERY == 0 && clock_monotonic_ms() >= deadline_ms)
            return STEP_TIME_OVER;
    }
}

static enum step check_unmet(struct watch *watch, uint64_t deadline_ms)
{
    struct listing *listing = &watch->listing;
    uint32_t folder = listing->folder, slot = 0;
    const struct check why = {.tag = listing->tag, .deep = (listing->work & WORK_DEEP) != 0};
    char name[NAME_MAX + 1];
    listing->sweeping = true;
    for (unsigned n = 1; scan_next_unseen(watch, folder, &slot, name); n++) {
        check_name(watch, folder, listing->fd, name, &why);
        if (!goes_on(watch, folder))
            return STEP_STOPPED;
        if (n % CLOCK_EVERY == 0 && clock_monotonic_ms() >= deadline_ms)
            return STEP_TIME_OVER;
    }
    return STEP_DONE;
}

/* False: time is over, the listing is put aside. */
static bool continue_listing(struct watch *watch, uint64_t deadline_ms)
{
    struct listing *listing = &watch->listing;
    uint32_t folder = listing->folder;
    enum step step = STEP_STOPPED;
    if (goes_on(watch, folder))
        step = listing->sweeping ? STEP_DONE : read_names(watch, deadline_ms);
    if (step == STEP_DONE)
        step = check_unmet(watch, deadline_ms);
    if (step == STEP_TIME_OVER)
        return false;
    int fd = listing->fd;
    listing->fd = -1;
    if (listing->folder == folder && step == STEP_DONE && lseek(fd, 0, SEEK_SET) == 0)
        place_put_fd(watch, folder, fd_take(&fd));
    stop_listing(watch);
    if (fd >= 0)
        close(fd);
    return true;
}

static enum watch_scan scan_of(uint8_t tag)
{
    return (enum watch_scan)(tag - TAG_FIRST);
}

void scan_finish(struct watch *watch, struct watch_root *root)
{
    for (uint8_t tag = TAG_EVENT; tag < (uint8_t)TAGS; tag++) {
        struct scan_progress *scan = &root->scans[tag];
        if (!scan->active || scan->pending > 0)
            continue;
        scan->active = false;
        if (tag == TAG_EVENT || tag == TAG_MOUNTS)
            continue;
        check_expire_limbo(watch, root, watch->now_ms, true);
        struct watch_scan_result result = {.scan = scan_of(tag),
            .files = root->n_files,
            .changed = scan->changed,
            .gone = scan->gone,
            .duration_ms = clock_monotonic_ms() - scan->started_ms};
        root_scanned(watch, root, tag, result.duration_ms);
        watch->events->scan_done(root->settings.user, &result);
    }
}

bool scan_run(struct watch *watch, struct watch_root *root, uint64_t deadline_ms)
{
    for (;;) {
        if (watch->listing.folder == 0) {
            if (watch->stuck_until_ms > watch->now_ms || !next_listing(watch, root))
                break;
        }
        if (!continue_listing(watch, deadline_ms))
            return true;
        if (clock_monotonic_ms() >= deadline_ms)
            return root->work.first != 0;
    }
    scan_finish(watch, root);
    return false;
}
