#include "watch/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>

#include "base/clock.h"
#include "watch/anchors.h"
#include "watch/bind.h"
#include "watch/check.h"
#include "watch/place.h"
#include "watch/scan.h"
#include "watch/sweep.h"

#define OVERFLOW_PAUSE_MS 1000
#define OVERFLOW_PAUSE_MAX_MS 60000

/* statfs(2) types whose changes may be made by others, unseen by this kernel; those without a name
 * in linux/magic.h are from the kernel's or the vendor's sources. */
static const uint32_t no_event_types[] = {
    NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, 0xff534d42u,              /* CIFS */
    0xfe534d42u,                                                /* SMB2 */
    V9FS_MAGIC, FUSE_SUPER_MAGIC, AFS_SUPER_MAGIC, 0x00c36400u, /* Ceph */
    CODA_SUPER_MAGIC, NCP_SUPER_MAGIC, 0x786f4256u,             /* VirtualBox shared folders */
    0xbacbacbcu,                                                /* VMware shared folders */
    0x7c7c6673u,                                                /* Parallels shared folders */
    0x47504653u,                                                /* GPFS */
    0x0bd00bd0u,                                                /* Lustre */
    0x01161970u,                                                /* GFS2 */
    0x7461636fu,                                                /* OCFS2 */
};

static bool gives_no_events(int fd)
{
    struct statfs fs;
    if (fstatfs(fd, &fs) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(no_event_types); i++)
        if ((uint32_t)fs.f_type == no_event_types[i])
            return true;
    return false;
}

static bool is_empty(int fd)
{
    DIR *dir = fdopendir(dup(fd));
    if (dir == NULL)
        return false;
    bool empty = true;
    for (const struct dirent *entry; empty && (entry = readdir(dir)) != NULL;)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    rewinddir(dir);
    closedir(dir);
    return empty;
}

void root_look(const char *path, struct root_sight *ret_sight, int *ret_fd)
{
    *ret_sight = (struct root_sight){0};
    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct statx st = {0};
    if (*ret_fd >= 0 &&
        statx(*ret_fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &st) != 0) {
        close(*ret_fd);
        *ret_fd = -1;
    }
    if (*ret_fd < 0) {
        ret_sight->sys_errno = errno;
        return;
    }
    struct stat plain;
    if (fstat(*ret_fd, &plain) == 0) {
        ret_sight->device = plain.st_dev;
        ret_sight->inode = plain.st_ino;
    }
    ret_sight->mount_id = (st.stx_mask & STATX_MNT_ID) != 0 ? st.stx_mnt_id : 0;
    ret_sight->empty = is_empty(*ret_fd);
    ret_sight->no_events = gives_no_events(*ret_fd);
}

static void set_state(
    struct watch *watch, struct watch_root *root, enum watch_root_state state, const char *reason)
{
    if (root->state == state)
        return;
    root->state = state;
    watch->events->root_state(root->settings.user, state, reason);
}

static void go_offline(struct watch *watch, struct watch_root *root, const char *reason)
{
    scan_clear(watch, root);
    place_close_all(watch);
    root->overflowed = false;
    set_state(watch, root, WATCH_ROOT_OFFLINE, reason);
}

/* Take this folder as the root's own from now on. */
static void adopt(
    struct watch *watch, struct watch_root *root, const struct root_sight *sight, int fd)
{
    place_close_all(watch);
    if (root->folder == 0)
        root->folder = tree_new_folder(&watch->tree, "", 0, root->id);
    struct folder *node = tree_folder(&watch->tree, root->folder);
    node->inode = sight->inode;
    root->device = sight->device;
    root->mount_id = sight->mount_id;
    if (root->polled) {
        bind_unwatch(watch, root->folder);
        bind_polled(watch, root->folder, true);
        return;
    }
    int wd = notify_watch(&watch->notify, fd);
    uint32_t known = wd >= 0 ? bind_find(watch, root, wd) : 0;
    if (known != 0 && known != root->folder) { /* a folder of the root became the root */
        AUTO_BUF path = BUF_INIT;
        place_add_path(watch, known, &path);
        struct limbo_folder *entry = limbo_find_folder(&watch->limbo, known);
        if (entry != NULL)
            limbo_remove_folder(&watch->limbo, entry);
        else
            tree_detach(&watch->tree, known);
        check_drop(watch, known, buf_string(&path), false, WATCH_CAUSE_REPLACED);
        wd = notify_watch(&watch->notify, fd);
    }
    bind_polled(watch, root->folder, wd < 0);
    if (wd >= 0)
        bind_watch(watch, root->folder, wd);
    else
        bind_unwatch(watch, root->folder);
}

static void scan_again(struct watch *watch, struct watch_root *root, uint8_t tag)
{
    if (!root->first_done)
        tag = TAG_FIRST;
    set_state(watch, root, root->first_done ? WATCH_ROOT_ONLINE : WATCH_ROOT_SCANNING, "");
    scan_begin(watch, root, tag);
}

static bool is_same(
    const struct watch *watch, const struct watch_root *root, const struct root_sight *sight)
{
    return root->folder != 0 && root->device == sight->device &&
           tree_folder(&watch->tree, root->folder)->inode == sight->inode;
}

/* Back, made anew, or something else mounted there. */
static void changed_identity(
    struct watch *watch, struct watch_root *root, const struct root_sight *sight, int fd)
{
    bool other_mount = root->device != sight->device || root->mount_id != sight->mount_id;
    if (root->folder != 0 && other_mount && sight->empty) {
        go_offline(watch, root, "another file system is mounted there, and it is empty");
        return;
    }
    if (root->folder !=
        0) /* who holds the old folder open must let go of it, however short it was away */
        set_state(watch, root, WATCH_ROOT_OFFLINE, "another folder is there now");
    adopt(watch, root, sight, fd);
    scan_again(watch, root, other_mount ? TAG_RETURNED : TAG_REPLACED);
}

static bool is_shortage(int sys_errno)
{
    return sys_errno == EMFILE || sys_errno == ENFILE || sys_errno == ENOMEM;
}

/* Errors that end with an event in a folder above; others are tried again by time. */
static bool has_event(int sys_errno)
{
    return sys_errno == ENOENT || sys_errno == ENOTDIR || sys_errno == ELOOP;
}

void root_seen(struct watch *watch, struct watch_root *root, const struct root_sight *sight, int fd)
{
    if (sight->sys_errno != 0 && !has_event(sight->sys_errno))
        root->retry_ms = watch->now_ms + ROOT_RETRY_MS;
    if (is_shortage(sight->sys_errno) && root->folder != 0) {
        watch->stuck_until_ms = root->retry_ms;
        return;
    }
    if (sight->sys_errno != 0) {
        AUTO_BUF reason = BUF_INIT;
        buf_addf(
            &reason, "could not open folder \"%s\": %s", root->path, strerror(sight->sys_errno));
        go_offline(watch, root, buf_string(&reason));
        return;
    }
    root->remote = sight->no_events;
    if (sight->no_events && root->settings.mode == WATCH_MODE_AUTO)
        root->polled = true;
    if (!is_same(watch, root, sight)) {
        changed_identity(watch, root, sight, fd);
        return;
    }
    bool was_offline = root->state == WATCH_ROOT_OFFLINE;
    int32_t wd = tree_folder(&watch->tree, root->folder)->wd;
    adopt(watch, root, sight, fd);
    bool lost_watch = !root->polled && tree_folder(&watch->tree, root->folder)->wd != wd;
    if (was_offline || lost_watch)
        scan_again(watch, root, TAG_RETURNED);
}

void root_recheck(struct watch *watch, struct watch_root *root)
{
    if (!root->recheck && root->retry_ms > watch->now_ms)
        return;
    if (root->retry_ms <= watch->now_ms) {
        root->retry_ms = CLOCK_NEVER;
        anchors_arm(watch, root); /* sets it anew if it is still needed */
    }
    root->recheck = false;
    struct root_sight sight;
    AUTO_CLOSE int fd = -1;
    root_look(root->path, &sight, &fd);
    root_seen(watch, root, &sight, fd);
}

static uint64_t next_random(struct watch *watch)
{
    watch->random = watch->random * 6364136223846793005u + 1442695040888963407u; /* Knuth, MMIX */
    return watch->random >> 33;
}

/* At most 5 % of the time is spent on sweeps. */
static void sweep_ended(struct watch *watch, struct watch_root *root, uint64_t took_ms)
{
    uint64_t pause_ms =
        took_ms * 20 > root->settings.poll_ms ? took_ms * 20 : root->settings.poll_ms;
    root->sweep_done_barrier = root->sweep_barrier;
    root->sweep_due_ms = watch->now_ms + pause_ms;
}

void root_scanned(struct watch *watch, struct watch_root *root, uint8_t tag, uint64_t duration_ms)
{
    if (tag == TAG_FIRST) {
        root->first_done = true;
        set_state(watch, root, WATCH_ROOT_ONLINE, "");
    }
    if (tag == TAG_OVERFLOW) {
        uint64_t least = duration_ms * 4 > OVERFLOW_PAUSE_MS ? duration_ms * 4 : OVERFLOW_PAUSE_MS;
        uint64_t twice = root->overflow_pause_ms * 2;
        bool again = watch->now_ms < root->overflow_due_ms + twice;
        root->overflow_pause_ms = again && twice > least ? twice : least;
        if (root->overflow_pause_ms > OVERFLOW_PAUSE_MAX_MS)
            root->overflow_pause_ms = OVERFLOW_PAUSE_MAX_MS;
        root->overflow_due_ms = watch->now_ms + root->overflow_pause_ms;
    }
    if (tag == TAG_POLL || (tag == TAG_FIRST && root->polled))
        sweep_ended(watch, root, duration_ms);
    uint64_t every_ms = watch->settings.reconcile_ms;
    if (every_ms > 0 && !root->polled) {
        uint64_t tenth = every_ms / 10;
        root->reconcile_due_ms =
            watch->now_ms + every_ms - tenth + next_random(watch) % (2 * tenth + 1);
    }
}

/* Folders that have no kernel watch are listed again and again; the pause grows with the work. */
static void list_polled(struct watch *watch, struct watch_root *root)
{
    if (root->n_polled == 0 || root->scans[TAG_POLL].active)
        return;
    bool asked = watch->last_barrier > root->sweep_done_barrier;
    if (!asked && watch->now_ms < root->sweep_due_ms)
        return;
    root->sweep_barrier = watch->last_barrier;
    root->sweep_started_ms = watch->now_ms;
    watch->counters.sweeps++;
    struct walk walk;
    walk_begin(&walk, &watch->tree, root->folder, "");
    for (uint32_t at; (at = walk_next(&walk)) != 0;)
        if ((tree_node(&watch->tree, at)->flags & (NODE_FOLDER | NODE_POLLED)) ==
            (NODE_FOLDER | NODE_POLLED))
            scan_queue(watch, at, 0, TAG_POLL);
    walk_release(&walk);
    if (!root->scans[TAG_POLL].active) /* all of them are queued for another reason */
        sweep_ended(watch, root, 0);
}

void root_begin_due(struct watch *watch, struct watch_root *root)
{
    if (root->state == WATCH_ROOT_OFFLINE || root->polled)
        return;
    bool asked = watch->n_barriers > 0;
    if (root->overflowed && !root->scans[TAG_OVERFLOW].active &&
        (asked || watch->now_ms >= root->overflow_due_ms)) {
        root->overflowed = false;
        scan_begin(watch, root, TAG_OVERFLOW);
    }
    if (!root->first_done)
        return;
    if (root->rescan_ms <= watch->now_ms) {
        root->rescan_ms = CLOCK_NEVER;
        scan_begin(watch, root, TAG_OVERFLOW);
    }
    if (root->reconcile_due_ms <= watch->now_ms) {
        root->reconcile_due_ms = CLOCK_NEVER;
        scan_begin(watch, root, TAG_RECONCILE);
    }
    list_polled(watch, root);
}

static uint64_t earlier(uint64_t left_ms, uint64_t right_ms)
{
    return left_ms < right_ms ? left_ms : right_ms;
}

uint64_t root_deadline_ms(const struct watch *watch, const struct watch_root *root)
{
    if ((root->recheck && !root->polled) || root->rearm)
        return 0;
    uint64_t due_ms = root->retry_ms;
    if (root->state == WATCH_ROOT_OFFLINE || root->polled)
        return due_ms;
    if (root->work.first != 0)
        due_ms = earlier(due_ms, watch->stuck_until_ms);
    if (root->overflowed && !root->scans[TAG_OVERFLOW].active)
        due_ms = earlier(due_ms, watch->n_barriers > 0 ? 0 : root->overflow_due_ms);
    if (root->first_done)
        due_ms = earlier(due_ms, earlier(root->reconcile_due_ms, root->rescan_ms));
    if (root->n_polled > 0 && root->first_done && !root->scans[TAG_POLL].active) {
        bool asked = watch->last_barrier > root->sweep_done_barrier;
        due_ms = earlier(due_ms, asked ? 0 : root->sweep_due_ms);
    }
    return due_ms;
}

bool root_is_quiet(const struct watch *watch, const struct watch_root *root, uint64_t barrier)
{
    if (root->state == WATCH_ROOT_OFFLINE)
        return !root->recheck;
    for (unsigned tag = 0; tag < TAGS; tag++)
        if (root->scans[tag].active)
            return false;
    if ((watch->listing.folder != 0 && watch->listing.root == root->id) || sweep_is_busy(root))
        return false;
    if ((root->polled || root->n_polled > 0) && root->sweep_done_barrier < barrier)
        return false;
    if (root->work.first != 0 || root->overflowed || root->rearm)
        return false;
    return !root->recheck || root->polled;
}
