/*
 * churn.c - seeded writers that do to a tree what people and programs do, as fast as they can.
 *
 * usage: churn SEED WRITERS MILLISECONDS ROOT OUTSIDE [STOP_PID]
 * The same seed gives each writer the same operations. OUTSIDE: a folder on the same file system,
 * for moves in and out. STOP_PID: a process to stop and continue now and then, so that its queue
 * grows and may overflow.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAMES 6 /* a folder's possible entries */
#define DEPTH 4
#define FLOOD_EVENTS 18000 /* fs.inotify.max_queued_events is 16384 */

struct writer {
    uint64_t random;
    const char *root, *outside;
};

static uint32_t next_random(struct writer *writer)
{
    writer->random ^= writer->random << 13;
    writer->random ^= writer->random >> 7;
    writer->random ^= writer->random << 17;
    return (uint32_t)(writer->random >> 16);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A path of 1 to DEPTH names; the same names serve as files and folders. */
static void pick(struct writer *writer, char path[PATH_MAX])
{
    size_t at = (size_t)snprintf(path, PATH_MAX, "%s", writer->root);
    unsigned depth = 1 + next_random(writer) % DEPTH;
    for (unsigned i = 0; i < depth; i++)
        at += (size_t)snprintf(
            path + at, PATH_MAX - at, "/%c", 'a' + (char)(next_random(writer) % NAMES));
}

static void pick_outside(struct writer *writer, char path[PATH_MAX])
{
    (void)snprintf(
        path, PATH_MAX, "%s/%c", writer->outside, 'a' + (char)(next_random(writer) % NAMES));
}

static void put(struct writer *writer, const char *path, int flags, unsigned pieces)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0644);
    for (unsigned i = 0; fd >= 0 && i < pieces; i++) {
        char text[64];
        int length = snprintf(text, sizeof(text), "%u\n", next_random(writer));
        if (write(fd, text, (size_t)length) < 0)
            break;
    }
    if (fd >= 0)
        close(fd);
}

static void write_file(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    put(writer, path, O_CREAT | O_TRUNC, 1 + next_random(writer) % 4);
}

static void append(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    put(writer, path, O_APPEND, 1);
}

static void cut(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
        truncate(path, (off_t)(next_random(writer) % 8)) != 0)
        return;
}

static void make_folder(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    (void)mkdir(path, 0755);
}

static void make_folders(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    for (char *at = path + strlen(writer->root) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(path, 0755);
        *at = '/';
    }
    (void)mkdir(path, 0755);
    size_t length = strlen(path);
    (void)snprintf(path + length, sizeof(path) - length, "/f");
    put(writer, path, O_CREAT, 1);
}

static void rename_any(struct writer *writer)
{
    char from[PATH_MAX], to[PATH_MAX];
    pick(writer, from);
    pick(writer, to);
    (void)rename(from, to);
}

static void exchange(struct writer *writer)
{
    char left[PATH_MAX], right[PATH_MAX];
    pick(writer, left);
    pick(writer, right);
    (void)renameat2(AT_FDCWD, left, AT_FDCWD, right, RENAME_EXCHANGE);
}

static void move_out(struct writer *writer)
{
    char from[PATH_MAX], to[PATH_MAX];
    pick(writer, from);
    pick_outside(writer, to);
    (void)rename(from, to);
}

static void move_in(struct writer *writer)
{
    char from[PATH_MAX], to[PATH_MAX];
    pick_outside(writer, from);
    pick(writer, to);
    (void)rename(from, to);
}

static void hard_link(struct writer *writer)
{
    char from[PATH_MAX], to[PATH_MAX];
    pick(writer, from);
    pick(writer, to);
    (void)link(from, to);
}

static void soft_link(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    (void)symlink(next_random(writer) % 2 != 0 ? ".." : "a", path);
}

static void unlink_any(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    (void)unlink(path);
}

static void remove_folder(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    (void)rmdir(path);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    (void)remove(path);
    return 0;
}

static void remove_all(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* vim, backupcopy=no: old away, new written under the name, backup removed. */
static void save_by_backup(struct writer *writer)
{
    char path[PATH_MAX], backup[PATH_MAX + 1];
    pick(writer, path);
    (void)snprintf(backup, sizeof(backup), "%s~", path);
    if (rename(path, backup) != 0)
        return;
    put(writer, path, O_CREAT | O_EXCL, 3);
    (void)remove_one(backup, NULL, 0, NULL);
}

/* JetBrains, git and most tools: new file beside, renamed over the old one. */
static void save_by_rename(struct writer *writer)
{
    char path[PATH_MAX], fresh[PATH_MAX + 8];
    pick(writer, path);
    (void)snprintf(fresh, sizeof(fresh), "%s.tmp%u", path, next_random(writer) % 3);
    put(writer, fresh, O_CREAT | O_TRUNC, 3);
    if (rename(fresh, path) != 0)
        (void)unlink(fresh);
}

static void change_mode(struct writer *writer)
{
    char path[PATH_MAX];
    pick(writer, path);
    struct stat st;
    if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
        (void)chmod(path, next_random(writer) % 2 != 0 ? 0600 : 0644);
}

/* A name that nobody can see yet gets one. */
static void link_unnamed(struct writer *writer)
{
    char path[PATH_MAX], self[64];
    int fd = open(writer->root, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    pick(writer, path);
    (void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    if (write(fd, "x", 1) == 1)
        (void)linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
    close(fd);
}

struct operation {
    unsigned weight;
    void (*run)(struct writer *writer);
};

static const struct operation operations[] = {
    {20, write_file},
    {8, append},
    {4, cut},
    {10, make_folder},
    {10, make_folders},
    {16, rename_any},
    {6, exchange},
    {4, move_out},
    {6, move_in},
    {4, hard_link},
    {2, soft_link},
    {6, unlink_any},
    {4, remove_folder},
    {2, remove_all},
    {4, save_by_backup},
    {4, save_by_rename},
    {2, change_mode},
    {2, link_unnamed},
};

#define N_OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static void run_writer(struct writer *writer, uint64_t until_ms)
{
    unsigned total = 0;
    for (size_t i = 0; i < N_OPERATIONS; i++)
        total += operations[i].weight;
    while (now_ms() < until_ms) {
        unsigned at = next_random(writer) % total;
        size_t i = 0;
        while (at >= operations[i].weight)
            at -= operations[i++].weight;
        operations[i].run(writer);
        if (next_random(writer) % 64 == 0) {
            struct timespec pause = {.tv_nsec = (long)(next_random(writer) % 4000000)};
            (void)nanosleep(&pause, NULL);
        }
    }
}

/* Equal events in a row are merged by the kernel, so two files take turns. */
static void flood(const char *root)
{
    int fds[2];
    char path[PATH_MAX];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof(path), "%s/flood%d", root, i);
        fds[i] = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    }
    for (int i = 0; i < FLOOD_EVENTS; i++)
        if (write(fds[i % 2], "x", 1) < 0)
            break;
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static void stop_and_continue(const char *root, pid_t pid, uint64_t until_ms, uint64_t seed)
{
    struct writer dice = {.random = seed | 1};
    while (now_ms() < until_ms) {
        struct timespec pause = {.tv_nsec = (long)(next_random(&dice) % 300) * 1000000};
        (void)kill(pid, SIGSTOP);
        if (next_random(&dice) % 3 == 0)
            flood(root);
        (void)nanosleep(&pause, NULL);
        (void)kill(pid, SIGCONT);
        pause.tv_nsec = (long)(next_random(&dice) % 100) * 1000000;
        (void)nanosleep(&pause, NULL);
    }
    (void)kill(pid, SIGCONT);
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    uint64_t seed = strtoull(argv[1], NULL, 10), until_ms = now_ms() + strtoull(argv[3], NULL, 10);
    unsigned writers = (unsigned)strtoul(argv[2], NULL, 10);
    for (unsigned i = 0; i < writers; i++) {
        if (fork() != 0)
            continue;
        struct writer writer = {.random = (seed * 1000 + i) * 0x9e3779b97f4a7c15u + 1,
            .root = argv[4],
            .outside = argv[5]};
        run_writer(&writer, until_ms);
        return 0;
    }
    if (argc > 6)
        stop_and_continue(argv[4], (pid_t)strtol(argv[6], NULL, 10), until_ms, seed);
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    return 0;
}
