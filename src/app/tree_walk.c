#include "app/tree_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "app/root.h"
#include "app/rule_chain.h"
#include "base/arena.h"
#include "base/fd.h"

enum { MAX_PATH_BYTES = 2600, HEAD_BYTES = 256 };

/* A folder that is being walked: its names, sorted, and how far we are. */
struct folder_level {
    int fd;
    char **names;
    size_t n_names, next;
    size_t path_length; /* of the walk's path in this folder, with the slash */
};

struct walk {
    const struct tree_walk_ops *ops;
    void *user;
    struct filter *filter;
    struct rule_chain chain;
    struct folder_level *levels;
    size_t depth, capacity;
    struct buf path;
    dev_t device;
    bool stopped;
};

static int by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void read_names(struct folder_level *level)
{
    size_t capacity = 0;
    int fd = dup(level->fd); /* closedir() closes its own */
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry = NULL;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (level->n_names == capacity) {
            capacity = 2 * capacity + 32;
            level->names = memory_resize(level->names, capacity, sizeof(*level->names));
        }
        level->names[level->n_names++] = memory_string(entry->d_name);
    }
    if (dir != NULL)
        closedir(dir);
    if (level->n_names > 0)
        qsort(level->names, level->n_names, sizeof(*level->names), by_name);
}

static void enter(struct walk *walk, int fd)
{
    if (walk->depth == walk->capacity) {
        walk->capacity = 2 * walk->capacity + 32;
        walk->levels = memory_resize(walk->levels, walk->capacity, sizeof(*walk->levels));
    }
    struct folder_level *level = &walk->levels[walk->depth++];
    *level = (struct folder_level){.fd = fd, .path_length = walk->path.length};
    rule_chain_push(&walk->chain, fd, walk->path.length);
    read_names(level);
}

static void leave(struct walk *walk)
{
    struct folder_level *level = &walk->levels[--walk->depth];
    for (size_t i = 0; i < level->n_names; i++)
        free(level->names[i]);
    free(level->names);
    close(level->fd);
    rule_chain_pop(&walk->chain);
}

static void ignored(struct walk *walk, bool is_folder, const char *reason)
{
    if (walk->ops->ignored != NULL &&
        !walk->ops->ignored(walk->user, buf_string(&walk->path), is_folder, reason))
        walk->stopped = true;
}

static void ignored_by_rule(struct walk *walk, bool is_folder, const struct filter_reason *reason)
{
    AUTO_BUF text = BUF_INIT;
    filter_reason_add(&text, reason, buf_string(&walk->path));
    ignored(walk, is_folder, buf_string(&text));
}

/* The language by the first line of a file whose name does not tell; NULL: none. */
static const struct language *language_by_head(int dir_fd, const char *name)
{
    uint8_t head[HEAD_BYTES];
    AUTO_CLOSE int fd =
        openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));
    return n <= 0 ? NULL : language_of_shebang(head, (size_t)n);
}

static void visit_file(struct walk *walk, int dir_fd, const char *name, const struct stat *st)
{
    struct filter_reason reason;
    const struct language *language = NULL;
    enum filter_verdict verdict = filter_check_entry(walk->filter, walk->chain.levels,
        walk->chain.n_levels, buf_string(&walk->path), false, &reason);
    if (verdict == FILTER_NO) {
        ignored_by_rule(walk, false, &reason);
        return;
    }
    if (walk->path.length > MAX_PATH_BYTES) {
        ignored(walk, false, "path_too_long");
        return;
    }
    enum language_match match = language_of_name(buf_string(&walk->path), &language);
    if (match == LANGUAGE_MAYBE_SCRIPT)
        language = language_by_head(dir_fd, name);
    if (verdict == FILTER_MAYBE && language == NULL) {
        ignored(walk, false, "no known language (no telling name, and no #! line)");
        return;
    }
    if (walk->ops->file != NULL &&
        !walk->ops->file(walk->user, buf_string(&walk->path), st, language))
        walk->stopped = true;
}

static void visit_folder(struct walk *walk, int dir_fd, const char *name, const struct stat *st)
{
    struct filter_reason reason;
    if (filter_check_entry(walk->filter, walk->chain.levels, walk->chain.n_levels,
            buf_string(&walk->path), true, &reason) == FILTER_NO) {
        ignored_by_rule(walk, true, &reason);
        return;
    }
    if (st->st_dev != walk->device) {
        ignored(walk, true, "another file system");
        return;
    }
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        AUTO_BUF text = BUF_INIT;
        buf_addf(&text, "could not be opened: %s", strerror(errno));
        ignored(walk, true, buf_string(&text));
        return;
    }
    buf_addc(&walk->path, '/');
    enter(walk, fd);
}

static void visit(struct walk *walk, struct folder_level *level, const char *name)
{
    struct stat st;
    size_t path_length = level->path_length;
    size_t depth = walk->depth;
    int dir_fd = level->fd;
    buf_adds(&walk->path, name);
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISDIR(st.st_mode))
            visit_folder(walk, dir_fd, name, &st);
        else if (S_ISREG(st.st_mode))
            visit_file(walk, dir_fd, name, &st);
        else
            ignored(walk, false, S_ISLNK(st.st_mode) ? "symbolic link" : "not a regular file");
    }
    if (walk->depth == depth)
        buf_truncate(&walk->path, path_length);
}

static void run(struct walk *walk)
{
    while (walk->depth > 0 && !walk->stopped) {
        struct folder_level *level = &walk->levels[walk->depth - 1];
        if (level->next < level->n_names) {
            visit(walk, level, level->names[level->next++]);
            continue;
        }
        leave(walk);
        if (walk->depth > 0)
            buf_truncate(&walk->path, walk->levels[walk->depth - 1].path_length);
    }
    while (walk->depth > 0)
        leave(walk);
}

bool tree_walk(const char *root_path, const struct config *config,
    const struct config_folder *folder, const struct tree_walk_ops *ops, void *user,
    struct error *err)
{
    struct walk walk = {.ops = ops, .user = user};
    struct stat st;
    int fd = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        return error_set(err, ERROR_WATCH, errno, "could not open folder \"%.300s\"", root_path);
    walk.device = st.st_dev;
    walk.filter = root_filter_new(config, folder == NULL ? NULL : folder->include.items,
        folder == NULL ? NULL : folder->exclude.items);
    rule_chain_begin(&walk.chain, root_path, config->watch.gitignore);
    enter(&walk, fd);
    run(&walk);
    rule_chain_release(&walk.chain);
    filter_free(walk.filter);
    buf_release(&walk.path);
    free(walk.levels);
    return true;
}

static bool holds(const char *folder, const char *path)
{
    size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    return strncmp(folder, path, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

const struct config_folder *tree_folder_of(const struct config *config, const char *path)
{
    const struct config_folder *best = NULL;
    for (size_t i = 0; i < config->n_folders; i++) {
        const struct config_folder *folder = &config->folders[i];
        if (holds(folder->path, path) &&
            (best == NULL || strlen(folder->path) > strlen(best->path)))
            best = folder;
    }
    return best;
}

/* Enter every folder between the root and the file. */
static void push_folders(struct rule_chain *chain, const char *root_path, const char *relative)
{
    AUTO_CLOSE int root_fd = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root_fd < 0)
        return;
    rule_chain_push(chain, root_fd, 0);
    for (const char *slash = strchr(relative, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        AUTO_BUF folder = BUF_INIT;
        buf_add(&folder, relative, (size_t)(slash - relative));
        AUTO_CLOSE int fd = fd_open_beneath(root_fd, buf_string(&folder), O_RDONLY | O_DIRECTORY);
        if (fd < 0)
            return;
        rule_chain_push(chain, fd, folder.length + 1);
    }
}

bool tree_rule(const char *root_path, const char *path, const struct config *config,
    const struct config_folder *folder, struct buf *reason)
{
    struct rule_chain chain;
    struct filter_reason why;
    const char *relative = path + strlen(root_path);
    relative += strspn(relative, "/");
    struct filter *filter = root_filter_new(config, folder == NULL ? NULL : folder->include.items,
        folder == NULL ? NULL : folder->exclude.items);
    rule_chain_begin(&chain, root_path, config->watch.gitignore);
    push_folders(&chain, root_path, relative);
    enum filter_verdict verdict =
        filter_check(filter, chain.levels, chain.n_levels, relative, false, &why);
    bool counts = verdict == FILTER_YES;
    if (verdict == FILTER_MAYBE) {
        const struct language *language = language_by_head(AT_FDCWD, path);
        counts = language != NULL;
        buf_addf(reason,
            counts ? "#! line of %s" : "no known language (no telling name, and no #! line)",
            counts ? language->name : "");
    } else {
        filter_reason_add(reason, &why, relative);
    }
    rule_chain_release(&chain);
    filter_free(filter);
    return counts;
}
