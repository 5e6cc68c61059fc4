#include "watch/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/stage.h"
#include "model/signature.h"
#include "watch/anchors.h"
#include "watch/check.h"
#include "watch/place.h"
#include "watch/report.h"
#include "watch/root.h"
#include "watch/scan.h"

#define BATCH 64
#define CLOCK_EVERY 128 /* entries between two looks at the clock */
#define ORPHAN_WAIT_MS 200

struct sweep_entry {
    size_t name; /* offset in names */
    struct stat st;
};

struct sweep_folder {
    char *path;
    uint8_t tag;
    bool deep, gitignore;
    uint32_t rules_print; /* in: as known; out: as found */
    /* filled by the thread */
    int sys_errno;
    uint64_t inode;
    bool has_rules; /* rules is an answer */
    struct ignore_rules *rules;
    struct buf names;
    struct sweep_entry *entries;
    size_t n_entries, capacity;
};

/* Made by main, filled by the thread, applied by main. */
struct request {
    struct sweeper *sweeper;
    struct mailbox *mailbox;
    char *root_path;
    char *head_path; /* HEAD of the repository; NULL: none */
    struct root_sight sight;
    uint64_t head_signature;
    size_t n_folders;
    struct sweep_folder folders[BATCH];
    size_t folder, entry; /* how far main has applied it */
    bool begun;           /* the current folder's listing */
};

struct sweeper {
    struct watch_root *root; /* NULL: removed */
    struct stage *stage;
    struct request *away;  /* with the thread */
    struct request *taken; /* being applied */
    uint64_t head_signature;
    struct sweeper *next; /* orphans */
};

static void free_request(struct request *request)
{
    if (request == NULL)
        return;
    for (size_t i = 0; i < request->n_folders; i++) {
        struct sweep_folder *folder = &request->folders[i];
        ignore_rules_free(folder->rules);
        buf_release(&folder->names);
        free(folder->entries);
        free(folder->path);
    }
    free(request->root_path);
    free(request->head_path);
    free(request);
}

/* ---- in the thread ---- */

static void add_entry(struct sweep_folder *folder, int dir_fd, const char *name)
{
    struct stat st;
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (folder->n_entries == folder->capacity) {
        folder->capacity = folder->capacity > 0 ? folder->capacity * 2 : 16;
        folder->entries =
            memory_resize(folder->entries, folder->capacity, sizeof(*folder->entries));
    }
    folder->entries[folder->n_entries++] =
        (struct sweep_entry){.name = folder->names.length, .st = st};
    buf_add(&folder->names, name, strlen(name) + 1);
}

static void list_folder(const struct request *request, int root_fd, struct sweep_folder *folder)
{
    const char *path = folder->path[0] != '\0' ? folder->path : ".";
    int fd = place_open_child(request->sight.device, root_fd, path, &folder->inode);
    if (fd < 0) {
        folder->sys_errno = errno;
        return;
    }
    uint32_t print = folder->gitignore ? scan_rules_print(fd) : 0;
    if (print != folder->rules_print) {
        folder->has_rules = true;
        folder->rules_print = print;
        folder->rules = print != 0 ? ignore_rules_read(fd, NULL) : NULL;
    }
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        folder->sys_errno = errno;
        close(fd);
        return;
    }
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL; errno = 0)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            add_entry(folder, fd, entry->d_name);
    folder->sys_errno = errno;
    closedir(dir);
}

static void work(void *self, void **items, size_t n_items)
{
    (void)self;
    for (size_t i = 0; i < n_items; i++) {
        struct request *request = items[i];
        AUTO_CLOSE int root_fd = -1;
        struct stat head;
        root_look(request->root_path, &request->sight, &root_fd);
        if (request->head_path != NULL && stat(request->head_path, &head) == 0)
            request->head_signature = stat_signature(&head);
        for (size_t k = 0; root_fd >= 0 && k < request->n_folders; k++)
            list_folder(request, root_fd, &request->folders[k]);
        mailbox_post(request->mailbox, request);
    }
}

static const struct stage_ops sweep_ops = {.name = "sweep", .max_batch = 1, .work = work};

/* ---- in main ---- */

static struct request *new_request(struct watch *watch, struct watch_root *root)
{
    struct request *request = memory_new(1, sizeof(*request));
    request->sweeper = root->sweeper;
    request->mailbox = watch->mailbox;
    request->root_path = memory_string(root->path);
    request->head_path = anchors_head_path(root);
    return request;
}

static void add_folders(struct watch *watch, struct watch_root *root, struct request *request)
{
    uint8_t work_bits = 0, tag = 0;
    while (request->n_folders < BATCH) {
        uint32_t handle = scan_take(watch, root, &work_bits, &tag);
        if (handle == 0)
            return;
        AUTO_BUF path = BUF_INIT;
        place_add_path(watch, handle, &path);
        request->folders[request->n_folders++] =
            (struct sweep_folder){.path = memory_string(buf_string(&path)),
                .tag = tag,
                .deep = (work_bits & WORK_DEEP) != 0,
                .gitignore = root->settings.gitignore,
                .rules_print = tree_folder(&watch->tree, handle)->rules_print};
    }
}

static bool is_asked(const struct watch *watch, const struct watch_root *root)
{
    return watch->last_barrier > root->sweep_done_barrier && watch->n_barriers > 0;
}

static bool is_due(const struct watch *watch, const struct watch_root *root)
{
    if (root->state == WATCH_ROOT_OFFLINE || root->folder == 0)
        return root->sweep_due_ms <= watch->now_ms;
    return root->sweep_due_ms <= watch->now_ms || is_asked(watch, root);
}

/* False: nothing to send now. */
static bool send_next(struct watch *watch, struct watch_root *root)
{
    struct sweeper *sweeper = root->sweeper;
    bool begin = root->work.first == 0;
    if (begin && !is_due(watch, root))
        return false;
    struct request *request = new_request(watch, root);
    if (begin) {
        root->sweep_barrier = watch->last_barrier;
        root->sweep_due_ms = watch->now_ms + root->settings.poll_ms;
        watch->counters.sweeps++;
    } else {
        add_folders(watch, root, request);
    }
    sweeper->away = request;
    if (stage_try_push(sweeper->stage, request, STAGE_NORMAL))
        return true;
    sweeper->away = NULL; /* cannot be: the queue is empty when nothing is away */
    free_request(request);
    return false;
}

/* The folder's name is not there, or may not be opened. */
static void refused(struct watch *watch, struct watch_root *root, uint32_t handle, int sys_errno)
{
    bool elsewhere = sys_errno == ENOENT || sys_errno == ENOTDIR || sys_errno == ELOOP;
    if (handle == root->folder)
        return; /* the look at the root tells */
    if (elsewhere)
        check_vanish(watch, handle, &(struct check){.tag = TAG_POLL});
    else if (sys_errno == EXDEV)
        check_remove(watch, handle, WATCH_CAUSE_MOUNTS);
    else
        report_unreadable(watch, handle, sys_errno);
}

/* The tree's folder that this listing speaks of; 0: it is another one by now. */
static uint32_t folder_of(
    const struct watch *watch, const struct watch_root *root, const struct sweep_folder *listed)
{
    uint32_t handle = tree_find_path(&watch->tree, root->folder, listed->path);
    if (handle == 0 || !tree_is_folder(&watch->tree, handle))
        return 0;
    if (listed->sys_errno == 0 && tree_folder(&watch->tree, handle)->inode != listed->inode)
        return 0;
    return handle;
}

static void begin_folder(struct watch *watch, uint32_t handle, struct sweep_folder *listed)
{
    if (listed->has_rules) {
        bool changed = scan_set_rules(watch, handle, listed->rules, listed->rules_print);
        listed->rules = NULL;
        if (changed && tree_folder(&watch->tree, handle)->listed)
            listed->deep = true;
    }
    tree_folder(&watch->tree, handle)->listed = 1;
    report_unreadable(watch, handle, 0);
    scan_mark_unseen(watch, handle);
}

/* True when the folder is done. */
static bool apply_folder(
    struct watch *watch, struct watch_root *root, struct request *request, uint64_t deadline_ms)
{
    struct sweep_folder *listed = &request->folders[request->folder];
    uint32_t handle = folder_of(watch, root, listed);
    if (handle == 0)
        return true;
    if (listed->sys_errno != 0) {
        refused(watch, root, handle, listed->sys_errno);
        return true;
    }
    if (!request->begun)
        begin_folder(watch, handle, listed);
    request->begun = true;
    const struct check why = {.tag = listed->tag, .deep = listed->deep};
    while (request->entry < listed->n_entries) {
        const struct sweep_entry *entry = &listed->entries[request->entry++];
        bool other = S_ISDIR(entry->st.st_mode) && entry->st.st_dev != root->device;
        check_stat(
            watch, handle, listed->names.data + entry->name, &entry->st, other ? EXDEV : 0, &why);
        if (request->entry % CLOCK_EVERY == 0 && clock_monotonic_ms() >= deadline_ms)
            return false;
    }
    uint32_t slot = 0;
    char name[NAME_MAX + 1];
    while (scan_next_unseen(watch, handle, &slot, name))
        check_stat(watch, handle, name, NULL, 0, &why);
    return true;
}

static bool is_same_root(
    const struct watch *watch, const struct watch_root *root, const struct root_sight *sight)
{
    return root->folder != 0 && sight->sys_errno == 0 && root->device == sight->device &&
           tree_folder(&watch->tree, root->folder)->inode == sight->inode;
}

/* True when all is applied. */
static bool apply(struct watch *watch, struct watch_root *root, uint64_t deadline_ms)
{
    struct request *request = root->sweeper->taken;
    while (request->folder < request->n_folders) {
        if (is_same_root(watch, root, &request->sight) &&
            !apply_folder(watch, root, request, deadline_ms))
            return false;
        scan_swept(watch, root, request->folders[request->folder].tag);
        request->folder++;
        request->entry = 0;
        request->begun = false;
    }
    root->sweeper->taken = NULL;
    free_request(request);
    return true;
}

static void look_at_root(struct watch *watch, struct watch_root *root, struct request *request)
{
    bool begin = request->n_folders == 0;
    if (request->head_signature != 0 && request->head_signature != root->sweeper->head_signature) {
        root->head_moved |= root->sweeper->head_signature != 0;
        root->sweeper->head_signature = request->head_signature;
    }
    if (root->anchors == NULL && request->sight.sys_errno == 0)
        anchors_arm(watch, root); /* of a remote root: its server answers */
    if (!is_same_root(watch, root, &request->sight) || root->state == WATCH_ROOT_OFFLINE)
        root_seen(watch, root, &request->sight, -1);
    else if (begin && root->work.first == 0)
        scan_begin(watch, root, TAG_POLL);
    if (root->state == WATCH_ROOT_OFFLINE)
        request->folder = request->n_folders; /* no scan counts them any more */
}

static void free_sweeper(struct sweeper *sweeper)
{
    stage_join(sweeper->stage);
    free_request(sweeper->taken);
    free(sweeper);
}

static bool start(struct watch *watch, struct watch_root *root)
{
    struct error err = ERROR_INIT;
    struct sweeper *sweeper = memory_new(1, sizeof(*sweeper));
    sweeper->root = root;
    sweeper->stage = stage_new(&sweep_ops, NULL, 1, 1, &err);
    if (sweeper->stage == NULL) {
        free(sweeper);
        root->sweep_due_ms = watch->now_ms + ROOT_RETRY_MS;
        return false;
    }
    root->sweeper = sweeper;
    return true;
}

bool sweep_run(struct watch *watch, struct watch_root *root, uint64_t deadline_ms)
{
    if (root->sweeper == NULL && (!is_due(watch, root) || !start(watch, root)))
        return false;
    if (root->sweeper->away != NULL)
        return false;
    if (root->sweeper->taken != NULL && !apply(watch, root, deadline_ms))
        return true;
    scan_finish(watch, root);
    (void)send_next(watch, root);
    return false;
}

static void unlink_orphan(struct watch *watch, struct sweeper *sweeper)
{
    struct sweeper **at = &watch->orphans;
    while (*at != sweeper)
        at = &(*at)->next;
    *at = sweeper->next;
}

void sweep_take(struct watch *watch)
{
    size_t n = mailbox_take(watch->mailbox, &watch->mail, &watch->mail_capacity);
    for (size_t i = 0; i < n; i++) {
        struct request *request = watch->mail[i];
        struct sweeper *sweeper = request->sweeper;
        sweeper->away = NULL;
        sweeper->taken = request;
        if (sweeper->root != NULL) {
            look_at_root(watch, sweeper->root, request);
            continue;
        }
        unlink_orphan(watch, sweeper);
        free_sweeper(sweeper);
    }
}

uint64_t sweep_deadline_ms(const struct watch *watch, const struct watch_root *root)
{
    if (root->sweeper == NULL)
        return root->sweep_due_ms;
    if (root->sweeper->away != NULL)
        return CLOCK_NEVER;
    if (sweep_is_busy(root) || root->work.first != 0 || is_due(watch, root))
        return 0;
    return root->sweep_due_ms;
}

bool sweep_is_busy(const struct watch_root *root)
{
    return root->sweeper != NULL && (root->sweeper->away != NULL || root->sweeper->taken != NULL);
}

void sweep_stop(struct watch *watch, struct watch_root *root)
{
    struct sweeper *sweeper = root->sweeper;
    root->sweeper = NULL;
    if (sweeper == NULL)
        return;
    sweeper->root = NULL;
    if (sweeper->away == NULL) {
        free_sweeper(sweeper);
        return;
    }
    sweeper->next = watch->orphans;
    watch->orphans = sweeper;
}

void sweep_free_orphans(struct watch *watch)
{
    uint64_t end_ms = clock_monotonic_ms() + ORPHAN_WAIT_MS;
    while (watch->orphans != NULL) {
        uint64_t now_ms = clock_monotonic_ms();
        struct pollfd fd = {.fd = mailbox_fd(watch->mailbox), .events = POLLIN};
        if (now_ms >= end_ms || poll(&fd, 1, clock_poll_timeout_ms(now_ms, end_ms)) == 0)
            return;
        sweep_take(watch);
    }
}
