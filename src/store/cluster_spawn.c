#include "store/cluster_spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/fd.h"

#define OUTPUT_BYTES 65536

/* Prepared before fork(): the child of a threaded process may not allocate. */
struct launch {
    const struct cluster_place *place;
    const struct cluster_program *program;
    char *const *envp;
    int report_fd;
};

/* The environment carries our secrets, and PGPORT, PGDATA or LC_ALL would change what the server
 * does. */
static char **make_environment(void)
{
    static const char *const kept[] = {"PATH", "TZ", "LD_LIBRARY_PATH", "LOCALE_ARCHIVE"};
    char **envp = memory_new(ARRAY_SIZE(kept) + 2, sizeof(*envp));
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
        const char *value = getenv(kept[i]);
        if (value == NULL)
            continue;
        struct buf entry = BUF_INIT;
        buf_addf(&entry, "%s=%s", kept[i], value);
        envp[n++] = buf_take(&entry);
    }
    envp[n] = memory_string("LC_ALL=C");
    return envp;
}

static void free_environment(char **envp)
{
    for (size_t i = 0; envp[i] != NULL; i++)
        free(envp[i]);
    free(envp);
}

/* System calls themselves: the C library's versions talk to threads that the child does not have.
 */
static bool become(const struct cluster_place *place)
{
    if (!place->drops)
        return true;
    return syscall(SYS_setgroups, place->n_groups, place->groups) == 0 &&
           syscall(SYS_setresgid, place->gid, place->gid, place->gid) == 0 &&
           syscall(SYS_setresuid, place->uid, place->uid, place->uid) == 0;
}

_Noreturn static void run_child(const struct launch *launch)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (int number = 1; number < 32; number++)
        (void)sigaction(number, &action, NULL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setsid();
    umask(077);
    const struct cluster_program *program = launch->program;
    bool ok = become(launch->place) && chdir(program->directory) == 0 &&
              dup2(program->in_fd, 0) == 0 && dup2(program->out_fd, 1) == 1 &&
              dup2(program->out_fd, 2) == 2;
    if (ok) {
        (void)syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
        if (program->keep_fd >= 0)
            (void)fcntl(program->keep_fd, F_SETFD, 0);
        execve(program->argv[0], (char *const *)(uintptr_t)program->argv, launch->envp);
    }
    int reason = errno;
    (void)!write(launch->report_fd, &reason, sizeof(reason));
    _exit(127);
}

/* The pipe closes when exec has succeeded; otherwise the child's errno comes through it. */
static int read_report(int fd)
{
    int reason = 0;
    ssize_t got;
    do
        got = read(fd, &reason, sizeof(reason));
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(reason) ? reason : 0;
}

bool cluster_spawn(const struct cluster_place *place, const struct cluster_program *program,
    pid_t *ret_pid, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERROR_IO, errno, "could not make a pipe");
    AUTO_CLOSE int read_end = ends[0];
    char **envp = make_environment();
    struct launch launch = {.place = place, .program = program, .envp = envp, .report_fd = ends[1]};
    pid_t pid = fork();
    if (pid == 0)
        run_child(&launch);
    int reason = pid < 0 ? errno : 0;
    close(ends[1]);
    free_environment(envp);
    if (pid > 0)
        reason = read_report(read_end);
    if (reason == 0) {
        *ret_pid = pid;
        return true;
    }
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    return error_set(err, ERROR_DATABASE, reason, "could not run \"%s\" as user \"%s\"",
        program->argv[0], place->user_name);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 0; /* somebody else reaped it: all that is known is that it ended */
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool cluster_spawn_wait(const struct cluster_place *place, const struct cluster_program *program,
    int *ret_status, struct error *err)
{
    pid_t pid;
    if (!cluster_spawn(place, program, &pid, err))
        return false;
    *ret_status = wait_for(pid);
    return true;
}

bool cluster_spawn_read(const struct cluster_place *place, const char *const argv[],
    struct buf *ret_text, struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERROR_IO, errno, "could not make a pipe");
    AUTO_CLOSE int read_end = ends[0];
    AUTO_CLOSE int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pid_t pid;
    const struct cluster_program program = {
        .argv = argv, .directory = "/", .in_fd = null_fd, .out_fd = ends[1], .keep_fd = -1};
    bool ok = cluster_spawn(place, &program, &pid, err);
    close(ends[1]);
    if (!ok)
        return false;
    bool read_ok = fd_read_all(read_end, OUTPUT_BYTES, ret_text);
    if (wait_for(pid) == 0 && read_ok)
        return true;
    return error_set(err, ERROR_DATABASE, 0, "\"%s\" failed", argv[0]);
}

/* A data directory is three levels deep; a deeper tree is not ours. */
#define MAX_DEPTH 16

static bool remove_entries(int dir_fd, int depth)
{
    DIR *listing = fdopendir(dir_fd);
    if (listing == NULL) {
        close(dir_fd);
        return false;
    }
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(listing)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(listing), entry->d_name, 0) == 0)
            continue;
        int sub_fd =
            openat(dirfd(listing), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        ok = sub_fd >= 0 && depth < MAX_DEPTH && remove_entries(sub_fd, depth + 1) &&
             unlinkat(dirfd(listing), entry->d_name, AT_REMOVEDIR) == 0;
    }
    closedir(listing);
    return ok;
}

bool cluster_remove_tree(const char *path, struct error *err)
{
    int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir_fd < 0 && errno == ENOENT)
        return true;
    if (dir_fd >= 0 && remove_entries(dir_fd, 0) && rmdir(path) == 0)
        return true;
    return error_set(err, ERROR_IO, errno, "could not remove directory \"%s\"", path);
}
