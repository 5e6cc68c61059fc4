#include "watch/anchors.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fd.h"
#include "watch/place.h"
#include "watch/scan.h"

#define MAX_LINKS 40 /* as the kernel's own limit, path_resolution(7) */
#define GIT_FILE_BYTES 4096
#define ABOVE_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

enum anchor_kind {
    ANCHOR_SELF, /* a folder or link on the way to the root: does it stay? */
    ANCHOR_NAME, /* the first component that is missing: does it come? */
    ANCHOR_GIT,  /* .git of the root or above it */
    ANCHOR_HEAD, /* HEAD in the repository's folder */
    ANCHOR_OUTER /* an ignore file outside the root */
};

struct anchor {
    int wd;
    enum anchor_kind kind;
    char *name;
};

struct anchors {
    struct anchor *list;
    size_t n, capacity;
    bool blind;          /* some folder could not be watched */
    bool moving;         /* something on the way changed meanwhile */
    char *physical;      /* the root's path without links; NULL: not there */
    char *top;           /* of the work tree; NULL: no repository */
    char *git_directory; /* NULL: no repository */
};

static const uint32_t masks[] = {
    [ANCHOR_SELF] = NOTIFY_MASK_SELF,
    [ANCHOR_NAME] = NOTIFY_MASK_NAMES,
    [ANCHOR_GIT] = NOTIFY_MASK_NAMES,
    [ANCHOR_HEAD] = NOTIFY_MASK_CONTENTS,
    [ANCHOR_OUTER] = NOTIFY_MASK_CONTENTS,
};

static void release(struct watch *watch, struct anchors *anchors)
{
    for (size_t i = 0; i < anchors->n; i++) {
        notify_give_back(&watch->notify, anchors->list[i].wd);
        free(anchors->list[i].name);
    }
    free(anchors->list);
    free(anchors->physical);
    free(anchors->top);
    free(anchors->git_directory);
    *anchors = (struct anchors){0};
}

/* Watch for the name first, then the caller looks: nothing slips between. */
static void add(
    struct watch *watch, struct anchors *anchors, int fd, enum anchor_kind kind, const char *name)
{
    int wd = notify_borrow(&watch->notify, fd, masks[kind]);
    if (wd < 0) {
        anchors->blind = true;
        return;
    }
    if (anchors->n == anchors->capacity) {
        anchors->capacity = anchors->capacity > 0 ? anchors->capacity * 2 : 8;
        anchors->list = memory_resize(anchors->list, anchors->capacity, sizeof(*anchors->list));
    }
    anchors->list[anchors->n++] =
        (struct anchor){.wd = wd, .kind = kind, .name = memory_string(name)};
}

static void add_path(
    struct watch *watch, struct anchors *anchors, const char *path, enum anchor_kind kind)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return;
    AUTO_BUF dir = BUF_INIT;
    buf_add(&dir, path, slash == path ? 1 : (size_t)(slash - path));
    AUTO_CLOSE int dir_fd = open(buf_string(&dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd >= 0)
        add(watch, anchors, dir_fd, kind, slash + 1);
}

/* Cut the first component off `rest`. False: there is none. */
static bool next_component(struct buf *rest, struct buf *ret_name)
{
    const char *at = buf_string(rest);
    at += strspn(at, "/");
    size_t length = strcspn(at, "/");
    buf_clear(ret_name);
    buf_add(ret_name, at, length);
    AUTO_BUF left = BUF_INIT;
    buf_adds(&left, at + length);
    buf_clear(rest);
    buf_add(rest, left.data, left.length);
    return length > 0;
}

static bool add_link_target(int dir_fd, const char *name, struct buf *here, struct buf *rest)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(dir_fd, name, target, sizeof(target));
    if (length <= 0 || (size_t)length == sizeof(target))
        return false;
    AUTO_BUF whole = BUF_INIT;
    buf_add(&whole, target, (size_t)length);
    buf_addc(&whole, '/');
    buf_add(&whole, rest->data, rest->length);
    buf_clear(rest);
    buf_add(rest, whole.data, whole.length);
    if (target[0] == '/')
        buf_clear(here);
    return true;
}

static void go_up(struct buf *here)
{
    const char *slash = strrchr(buf_string(here), '/');
    buf_truncate(here, slash != NULL ? (size_t)(slash - here->data) : 0);
}

static int open_physical(const struct buf *here)
{
    return open(here->length > 0 ? here->data : "/", ABOVE_FLAGS);
}

/* IN_DELETE_SELF waits for the last descriptor, and whoever reads the root's files holds one of the
 * root; overlayfs keeps the link count of any removed folder, so it never comes there. Else the
 * folder above is not watched, as it may be as busy as /tmp. */
static bool does_not_tell_of_its_end(int fd, bool is_root)
{
    struct statfs fs;
    return is_root || (fstatfs(fd, &fs) == 0 && (uint32_t)fs.f_type == OVERLAYFS_SUPER_MAGIC);
}

/* The component, once it is watched, or -1. What is there is watched for leaving; where nothing is,
 * its folder is watched for its coming. Either way it is looked at again afterwards. */
static int open_component(struct watch *watch, struct anchors *anchors, int dir_fd,
    const char *name, bool is_root, struct stat *ret_st)
{
    struct stat again;
    AUTO_CLOSE int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        add(watch, anchors, dir_fd, ANCHOR_NAME, name);
        fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd < 0 || fstat(fd, ret_st) != 0)
        return -1;
    add(watch, anchors, fd, ANCHOR_SELF, "");
    if (does_not_tell_of_its_end(fd, is_root))
        add(watch, anchors, dir_fd, ANCHOR_NAME, name);
    if (fstatat(dir_fd, name, &again, AT_SYMLINK_NOFOLLOW) != 0 || again.st_ino != ret_st->st_ino ||
        again.st_dev != ret_st->st_dev)
        anchors->moving = true;
    return fd_take(&fd);
}

enum step { STEP_STOPPED, STEP_WENT_ON, STEP_LINK };

/* One component. here: "" is "/". */
static enum step go_down(struct watch *watch, struct anchors *anchors, const char *name,
    struct buf *here, struct buf *rest)
{
    if (strcmp(name, ".") == 0)
        return STEP_WENT_ON;
    if (strcmp(name, "..") == 0) {
        go_up(here);
        return STEP_WENT_ON;
    }
    struct stat st;
    AUTO_CLOSE int dir_fd = open_physical(here);
    bool is_root = strspn(buf_string(rest), "/") == rest->length; /* or the link to it */
    AUTO_CLOSE int fd =
        dir_fd >= 0 ? open_component(watch, anchors, dir_fd, name, is_root, &st) : -1;
    if (fd < 0)
        return STEP_STOPPED;
    if (S_ISLNK(st.st_mode))
        return add_link_target(dir_fd, name, here, rest) ? STEP_LINK : STEP_STOPPED;
    if (!S_ISDIR(st.st_mode)) {
        add(watch, anchors, dir_fd, ANCHOR_NAME, name);
        return STEP_STOPPED;
    }
    buf_addc(here, '/');
    buf_adds(here, name);
    return STEP_WENT_ON;
}

static void follow(struct watch *watch, struct anchors *anchors, const char *path)
{
    AUTO_BUF rest = BUF_INIT, here = BUF_INIT, name = BUF_INIT;
    buf_adds(&rest, path);
    unsigned links = 0;
    while (next_component(&rest, &name)) {
        enum step step = go_down(watch, anchors, buf_string(&name), &here, &rest);
        links += step == STEP_LINK;
        if (step == STEP_STOPPED || links > MAX_LINKS)
            return;
    }
    anchors->physical = memory_string(here.length > 0 ? here.data : "/");
}

/* gitrepository-layout(5): .git is the folder, or a file "gitdir: PATH". NULL: neither. */
static char *git_directory_of(int dir_fd, const char *top)
{
    struct stat st;
    AUTO_BUF path = BUF_INIT, text = BUF_INIT;
    buf_addf(&path, "%s/.git", top);
    if (fstatat(dir_fd, ".git", &st, 0) != 0)
        return NULL;
    if (S_ISDIR(st.st_mode))
        return buf_take(&path);
    AUTO_CLOSE int fd = openat(dir_fd, ".git", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    static const char prefix[] = "gitdir: ";
    if (!S_ISREG(st.st_mode) || fd < 0 || !fd_read_all(fd, GIT_FILE_BYTES, &text))
        return NULL;
    if (strncmp(buf_string(&text), prefix, sizeof(prefix) - 1) != 0)
        return NULL;
    const char *target = text.data + sizeof(prefix) - 1;
    int length = (int)strcspn(target, "\r\n");
    buf_clear(&path);
    if (target[0] != '/')
        buf_addf(&path, "%s/", top);
    buf_addf(&path, "%.*s", length, target);
    return buf_take(&path);
}

/* The root itself is watched for a .git to come; one above it counts if it is there by now. */
static void find_repository(struct watch *watch, struct anchors *anchors)
{
    AUTO_BUF here = BUF_INIT;
    buf_adds(&here, anchors->physical);
    for (bool first = true;; first = false) {
        AUTO_CLOSE int dir_fd = open_physical(&here);
        if (dir_fd < 0)
            return;
        if (first)
            add(watch, anchors, dir_fd, ANCHOR_GIT, ".git");
        anchors->git_directory = git_directory_of(dir_fd, buf_string(&here));
        if (anchors->git_directory != NULL && !first)
            add(watch, anchors, dir_fd, ANCHOR_GIT, ".git");
        if (anchors->git_directory != NULL)
            break;
        if (here.length <= 1)
            return;
        go_up(&here);
    }
    anchors->top = memory_string(here.length > 0 ? here.data : "/");
    AUTO_CLOSE int git_fd = open(anchors->git_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (git_fd >= 0)
        add(watch, anchors, git_fd, ANCHOR_HEAD, "HEAD");
}

/* False: they say what they said before. */
static bool read_outer(struct watch *watch, struct watch_root *root, struct anchors *anchors)
{
    if (!root->settings.gitignore || anchors->physical == NULL)
        return false;
    struct outer_source source = {.excludes_file = root->settings.excludes_file,
        .git_directory = anchors->git_directory,
        .top = anchors->top};
    if (anchors->top != NULL) {
        const char *below = anchors->physical + strlen(anchors->top);
        source.prefix = below + strspn(below, "/");
    }
    struct outer_rules outer;
    outer_rules_read(&outer, &source);
    for (size_t i = 0; i < outer.n_files; i++)
        add_path(watch, anchors, outer.files[i], ANCHOR_OUTER);
    bool same = outer_rules_equal(&root->outer, &outer);
    outer_rules_release(&root->outer);
    root->outer = outer;
    place_forget(watch);
    return !same;
}

void anchors_arm(struct watch *watch, struct watch_root *root)
{
    /* The old ones go first, or the kernel would go on telling what they asked for. What happens in
     * between is seen by the look that follows. */
    if (root->anchors == NULL)
        root->anchors = memory_new(1, sizeof(*root->anchors));
    struct anchors *anchors = root->anchors;
    release(watch, anchors);
    follow(watch, anchors, root->path);
    if (anchors->physical != NULL)
        find_repository(watch, anchors);
    if (read_outer(watch, root, anchors) && root->folder != 0)
        scan_begin(watch, root, TAG_FILTER);
    root->recheck = true;
    if (anchors->blind || anchors->moving)
        root->retry_ms = watch->now_ms + (anchors->moving ? STUCK_RETRY_MS : ROOT_RETRY_MS);
}

void anchors_free(struct watch *watch, struct watch_root *root)
{
    if (root->anchors != NULL)
        release(watch, root->anchors);
    free(root->anchors);
    root->anchors = NULL;
    outer_rules_release(&root->outer);
}

const char *anchors_physical(const struct watch_root *root)
{
    return root->anchors != NULL ? root->anchors->physical : NULL;
}

char *anchors_head_path(const struct watch_root *root)
{
    if (root->anchors == NULL || root->anchors->git_directory == NULL)
        return NULL;
    AUTO_BUF path = BUF_INIT;
    buf_addf(&path, "%s/HEAD", root->anchors->git_directory);
    return buf_take(&path);
}

static void noted(struct watch_root *root, enum anchor_kind kind)
{
    root->rearm |= kind == ANCHOR_SELF || kind == ANCHOR_NAME || kind == ANCHOR_GIT;
    root->recheck |= kind == ANCHOR_SELF || kind == ANCHOR_NAME;
    root->head_moved |= kind == ANCHOR_GIT || kind == ANCHOR_HEAD;
    root->outer_changed |= kind == ANCHOR_OUTER;
}

void anchors_event(struct watch *watch, int wd, uint32_t mask, const char *name)
{
    bool itself = (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0;
    for (size_t i = 0; i < watch->n_roots; i++) {
        struct watch_root *root = watch->roots[i];
        const struct anchors *anchors = root != NULL ? root->anchors : NULL;
        for (size_t k = 0; anchors != NULL && k < anchors->n; k++) {
            const struct anchor *anchor = &anchors->list[k];
            if (anchor->wd != wd)
                continue;
            if (itself)
                noted(root, ANCHOR_SELF);
            else if (strcmp(anchor->name, name) == 0)
                noted(root, anchor->kind);
        }
    }
}

void anchors_apply(struct watch *watch, struct watch_root *root)
{
    bool head_moved = root->head_moved;
    root->head_moved = false;
    if (root->remote || root->anchors == NULL)
        root->rearm = root->outer_changed = false;
    if (root->rearm)
        anchors_arm(watch, root);
    else if (root->outer_changed && read_outer(watch, root, root->anchors) && root->folder != 0)
        scan_begin(watch, root, TAG_FILTER);
    root->rearm = root->outer_changed = false;
    if (head_moved && root->state != WATCH_ROOT_OFFLINE)
        watch->events->branch_changed(root->settings.user);
}
