/*
 * watch_dump.c - the watch core alone, with a table in memory in place of the database: what the
 * callbacks say is applied to rows as the daemon would, and compared with the disk on request.
 *
 * usage: watch_dump [--poll MS] [--reconcile MS] [--lag] [--include PATTERN] [--exclude PATTERN]
 *                   [--gitignore] ROOT...
 * Commands on stdin, one answer on stdout each (the last line of it begins with "=="):
 *   check   barrier, then compare rows, tree and a walk of the disk
 *   rescan  reconcile, then check
 *   rows    barrier, then print "ROOT-NUMBER PATH" of every row
 *   stats   counters
 *   quit
 * --lag: rows are written some changes late and in another order, as under load.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <uthash.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/number.h"
#include "model/signature.h"
#include "watch/watch.h"

struct row {
    uint64_t signature; /* of the version that was read */
    uint64_t content;   /* the same without ctime */
    bool present;       /* the table has it */
    bool pending;       /* reported as changed, not yet read */
    bool seen;
    UT_hash_handle hh;
    char path[];
};

struct root {
    const char *path;
    unsigned number;
    struct watch_root *root;
    struct row *rows;
    bool scanned;
    uint64_t moves, odd_moves, offline, late;
};

struct options {
    bool lag;
    const char *include[16], *exclude[16];
    size_t n_include, n_exclude;
    struct root roots[64];
    size_t n_roots;
    unsigned random;
};

static struct row *row_of(struct root *root, const char *path)
{
    struct row *row = NULL;
    HASH_FIND_STR(root->rows, path, row);
    if (row != NULL)
        return row;
    row = memory_new(1, sizeof(*row) + strlen(path) + 1);
    memcpy(row->path, path, strlen(path) + 1);
    HASH_ADD_STR(root->rows, path, row);
    return row;
}

static void file_changed(void *user, const char *path, const struct stat *st, enum watch_hint hint,
    enum watch_cause cause)
{
    (void)st, (void)hint, (void)cause;
    row_of(user, path)->pending = true;
}

static void file_gone(void *user, const char *path, enum watch_cause cause)
{
    (void)cause;
    struct row *row = row_of(user, path);
    row->present = row->pending = false;
}

static void file_moved(void *user, const char *old_path, const char *new_path, uint64_t signature)
{
    struct root *root = user;
    struct row *old = row_of(root, old_path), *new = row_of(root, new_path);
    root->moves++;
    if (!old->present || new->present) {
        fprintf(stderr, "odd move \"%s\" (row %d) to \"%s\" (row %d)\n", old_path, old->present,
            new_path, new->present);
        root->odd_moves++;
    }
    new->present = old->present;
    new->signature = signature;
    new->content = old->content;
    new->pending = old->pending || !old->present;
    old->present = old->pending = false;
}

static void unreadable(void *user, const char *path, int sys_errno)
{
    const struct root *root = user;
    fprintf(stderr, "unreadable %u \"%s\" %d\n", root->number, path, sys_errno);
}

static void path_too_long(void *user, const char *path)
{
    (void)user;
    fprintf(stderr, "path too long: %zu bytes\n", strlen(path));
}

static void root_state(void *user, enum watch_root_state state, const char *reason)
{
    struct root *root = user;
    root->offline += state == WATCH_ROOT_OFFLINE;
    fprintf(stderr, "root %u state %d %s\n", root->number, (int)state, reason);
}

static void note_file(void *user, const char *path, uint64_t signature)
{
    (void)signature;
    row_of(user, path)->pending = true;
}

static void scan_done(void *user, const struct watch_scan_result *result)
{
    struct root *root = user;
    if (result->scan != WATCH_SCAN_POLL)
        fprintf(stderr, "root %u scan %d: %llu files, %llu changed, %llu gone, %llu ms\n",
            root->number, (int)result->scan, (unsigned long long)result->files,
            (unsigned long long)result->changed, (unsigned long long)result->gone,
            (unsigned long long)result->duration_ms);
    if (result->scan != WATCH_SCAN_FIRST)
        return;
    root->scanned = true;
    watch_each_unmarked(root->root, 1, note_file, root);
}

static void branch_changed(void *user)
{
    const struct root *root = user;
    fprintf(stderr, "branch changed %u\n", root->number);
}

static void limit_reached(void *user, const struct error *advice)
{
    (void)user;
    fprintf(stderr, "limit: %s (%s)\n", advice->message, advice->hint);
}

static const struct watch_events events = {
    .file_changed = file_changed,
    .file_gone = file_gone,
    .file_moved = file_moved,
    .unreadable = unreadable,
    .path_too_long = path_too_long,
    .root_state = root_state,
    .scan_done = scan_done,
    .branch_changed = branch_changed,
    .limit_reached = limit_reached,
};

static uint64_t content_of(const struct stat *st)
{
    struct stat same = *st;
    same.st_ctim = (struct timespec){0};
    return stat_signature(&same);
}

/* What the analyze threads and the sinks do with one path. */
static void sync_row(struct root *root, struct row *row)
{
    struct stat st;
    AUTO_FREE char *path = NULL;
    if (asprintf(&path, "%s/%s", root->path, row->path) < 0)
        abort();
    row->pending = false;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        watch_file_not_found(root->root, row->path);
        return;
    }
    row->present = true;
    row->signature = stat_signature(&st);
    row->content = content_of(&st);
    watch_file_synced(root->root, row->path, row->signature);
}

static void sync_all(struct options *options, bool some)
{
    for (size_t i = 0; i < options->n_roots; i++) {
        struct root *root = &options->roots[i];
        struct row *row, *next;
        HASH_ITER (hh, root->rows, row, next) {
            options->random = options->random * 1103515245u + 12345u;
            if (row->pending && (!some || options->random >> 16 & 1))
                sync_row(root, row);
        }
    }
}

static bool is_pending(const struct options *options)
{
    for (size_t i = 0; i < options->n_roots; i++)
        for (const struct row *row = options->roots[i].rows; row != NULL; row = row->hh.next)
            if (row->pending)
                return true;
    return false;
}

static void run_once(struct watch *watch, struct options *options, int input_fd, bool *ret_input)
{
    struct pollfd fds[WATCH_POLLFDS + 1];
    uint64_t now_ms = clock_monotonic_ms();
    watch_pollfds(watch, fds);
    fds[WATCH_POLLFDS] = (struct pollfd){.fd = input_fd, .events = POLLIN};
    int timeout_ms = clock_poll_timeout_ms(now_ms, watch_deadline_ms(watch));
    if (is_pending(options) && (timeout_ms < 0 || timeout_ms > 5))
        timeout_ms = 5;
    if (poll(fds, WATCH_POLLFDS + 1, timeout_ms) < 0 && errno != EINTR)
        abort();
    *ret_input = fds[WATCH_POLLFDS].revents != 0;
    watch_run(watch, clock_monotonic_ms(), fds);
    sync_all(options, options->lag);
}

static bool barrier(struct watch *watch, struct options *options)
{
    uint64_t end_ms = clock_monotonic_ms() + 60000, begin_ms = clock_monotonic_ms();
    uint64_t id = watch_barrier_begin(watch, begin_ms);
    bool input = false;
    while (!watch_barrier_done(watch, id) || is_pending(options)) {
        run_once(watch, options, -1, &input);
        if (clock_monotonic_ms() > end_ms)
            return false;
    }
    return true;
}

static void walk_disk(
    struct root *root, int dir_fd, const char *below, uint64_t *ret_wrong, uint64_t *ret_files)
{
    DIR *dir = fdopendir(dir_fd);
    if (dir == NULL)
        abort();
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0)
            continue;
        AUTO_FREE char *path = NULL;
        if (asprintf(&path, "%s%s%s", below, below[0] != '\0' ? "/" : "", name) < 0)
            abort();
        struct stat st;
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (fd >= 0)
                walk_disk(root, fd, path, ret_wrong, ret_files);
            continue;
        }
        if (!S_ISREG(st.st_mode) || watch_root_check(root->root, path, false, NULL) == FILTER_NO)
            continue;
        struct row *row = row_of(root, path);
        row->seen = true;
        ++*ret_files;
        struct watch_file file = {0};
        bool known = watch_file_get(root->root, path, &file);
        if (row->present && row->signature == stat_signature(&st) && known &&
            file.signature == row->signature)
            continue;
        /* Another name of the file, outside the root, came or went: no event tells. */
        if (row->present && known && row->content == content_of(&st)) {
            root->late++;
            continue;
        }
        ++*ret_wrong;
        printf("root %u \"%s\": %s%s%s%s\n", root->number, path, known ? "" : "not in the tree ",
            row->present ? "" : "no row ",
            row->present && row->signature != stat_signature(&st) ? "row is old " : "",
            known && file.signature != stat_signature(&st) ? "tree is old " : "");
    }
    closedir(dir);
}

static uint64_t extra_rows(struct root *root)
{
    uint64_t extra = 0;
    struct row *row, *next;
    HASH_ITER (hh, root->rows, row, next) {
        bool wrong = row->present && !row->seen;
        if (wrong)
            printf("root %u \"%s\": row without a file\n", root->number, row->path);
        if (!row->seen && watch_file_get(root->root, row->path, NULL)) {
            printf("root %u \"%s\": in the tree without a file\n", root->number, row->path);
            wrong = true;
        }
        extra += wrong;
        row->seen = false;
        if (row->present || row->pending)
            continue;
        HASH_DEL(root->rows, row);
        free(row);
    }
    return extra;
}

static void check(struct watch *watch, struct options *options)
{
    uint64_t wrong = 0, files = 0, moves = 0, odd_moves = 0, late = 0,
             begin_ms = clock_monotonic_ms();
    if (!barrier(watch, options)) {
        printf("== barrier timed out\n");
        return;
    }
    uint64_t took_ms = clock_monotonic_ms() - begin_ms;
    for (size_t i = 0; i < options->n_roots; i++) {
        struct root *root = &options->roots[i];
        moves += root->moves;
        odd_moves += root->odd_moves;
        root->late = 0;
        if (watch_root_state(root->root) == WATCH_ROOT_OFFLINE)
            continue;
        int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            walk_disk(root, fd, "", &wrong, &files);
        wrong += extra_rows(root);
        late += root->late;
        if (watch_root_files(root->root) > files) {
            printf("root %u counts %llu files\n", root->number,
                (unsigned long long)watch_root_files(root->root));
            wrong++;
        }
    }
    printf("== %s files %llu wrong %llu moves %llu odd %llu late %llu barrier_ms %llu\n",
        wrong + odd_moves == 0 ? "ok" : "WRONG", (unsigned long long)files,
        (unsigned long long)wrong, (unsigned long long)moves, (unsigned long long)odd_moves,
        (unsigned long long)late, (unsigned long long)took_ms);
}

static void rescan(struct watch *watch, struct options *options)
{
    for (size_t i = 0; i < options->n_roots; i++)
        watch_root_rescan(watch, options->roots[i].root);
    check(watch, options);
}

static void rows(struct watch *watch, struct options *options)
{
    uint64_t n = 0;
    bool passed = barrier(watch, options);
    for (size_t i = 0; i < options->n_roots; i++) {
        struct row *row, *next;
        HASH_ITER (hh, options->roots[i].rows, row, next) {
            if (row->present)
                printf("%u %s\n", options->roots[i].number, row->path);
            n += row->present;
        }
    }
    printf("== %s %llu rows\n", passed ? "ok" : "timeout", (unsigned long long)n);
}

static void stats(const struct watch *watch)
{
    struct watch_counters c;
    watch_counters(watch, &c);
    printf("== events %llu filtered %llu overflows %llu rescans %llu missed %llu moves %llu "
           "sweeps %llu watches %llu folders %llu files %llu polled %llu limbo %llu queued %llu "
           "tree_bytes %llu offline %llu\n",
        (unsigned long long)c.events_received, (unsigned long long)c.events_filtered,
        (unsigned long long)c.overflows, (unsigned long long)c.rescans,
        (unsigned long long)c.missed_events, (unsigned long long)c.moves,
        (unsigned long long)c.sweeps, (unsigned long long)c.watches, (unsigned long long)c.folders,
        (unsigned long long)c.files, (unsigned long long)c.folders_polled,
        (unsigned long long)c.limbo, (unsigned long long)c.queued_folders,
        (unsigned long long)c.tree_bytes, (unsigned long long)c.roots_offline);
}

/* False: stop. */
static bool command(struct watch *watch, struct options *options)
{
    char line[64];
    ssize_t got = read(0, line, sizeof(line) - 1);
    if (got <= 0)
        return false;
    line[got] = '\0';
    if (strncmp(line, "quit", 4) == 0)
        return false;
    if (strncmp(line, "check", 5) == 0)
        check(watch, options);
    else if (strncmp(line, "rescan", 6) == 0)
        rescan(watch, options);
    else if (strncmp(line, "rows", 4) == 0)
        rows(watch, options);
    else if (strncmp(line, "stats", 5) == 0)
        stats(watch);
    else
        printf("== unknown command\n");
    fflush(stdout);
    return true;
}

int main(int argc, char **argv)
{
    static struct options options = {.random = 1};
    struct watch_settings settings = {.events = &events};
    struct watch_root_settings one = {.recursive = true, .poll_ms = 200};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--poll") == 0 && i + 1 < argc) {
            one.mode = WATCH_MODE_POLL;
            one.poll_ms = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--reconcile") == 0 && i + 1 < argc) {
            settings.reconcile_ms = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--include") == 0 && i + 1 < argc) {
            options.include[options.n_include++ % 16] = argv[++i];
        } else if (strcmp(argv[i], "--exclude") == 0 && i + 1 < argc) {
            options.exclude[options.n_exclude++ % 16] = argv[++i];
        } else if (strcmp(argv[i], "--lag") == 0) {
            options.lag = true;
        } else if (strcmp(argv[i], "--gitignore") == 0) {
            one.gitignore = true;
        } else if (options.n_roots < ARRAY_SIZE(options.roots)) {
            options.roots[options.n_roots].path = argv[i];
            options.roots[options.n_roots].number = (unsigned)options.n_roots;
            options.n_roots++;
        }
    }
    if (options.n_include == 0)
        options.include[options.n_include++] = "**";
    const struct filter_settings filter_settings = {.include = options.include,
        .n_include = options.n_include,
        .exclude = options.exclude,
        .n_exclude = options.n_exclude,
        .gitignore = one.gitignore,
        .hidden = true};
    struct filter *filter = filter_new(&filter_settings);
    struct error err = ERROR_INIT;
    struct watch *watch = watch_new(&settings, &err);
    one.filter = filter;
    for (size_t i = 0; watch != NULL && i < options.n_roots; i++) {
        one.path = options.roots[i].path;
        one.user = &options.roots[i];
        if (!watch_root_add(watch, &one, &options.roots[i].root, &err))
            break;
    }
    if (err.kind != ERROR_NONE) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    bool input = false, passed = barrier(watch, &options);
    printf("== %s ready\n", passed ? "ok" : "timeout");
    fflush(stdout);
    do {
        run_once(watch, &options, 0, &input);
    } while (!input || command(watch, &options));
    watch_free(watch);
    filter_free(filter);
    for (size_t i = 0; i < options.n_roots; i++) {
        struct row *row, *next;
        HASH_ITER (hh, options.roots[i].rows, row, next) {
            HASH_DEL(options.roots[i].rows, row);
            free(row);
        }
    }
    return 0;
}
