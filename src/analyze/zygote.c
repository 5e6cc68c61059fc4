#include "analyze/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "analyze/zygote_serve.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/number.h"

#define ZYGOTE_NAME                                                                                \
    "srctab-zygote" /* argv[0]: nobody starts the program by this name by chance                   \
                     */
#define ZYGOTE_FD 3
#define START_TIMEOUT_MS 30000 /* all plans, on a loaded machine */
#define STOP_TIMEOUT_MS 1000
#define RETRY_MS 2

struct zygote {
    struct zygote_settings settings;
    int exe_fd; /* O_PATH: the very binary we run, also after an upgrade */
    /* Both numbers stay the same for good: a new zygote's descriptors are put in their place by
     * dup3(2), so that no thread holds a stale number. */
    int socket_fd;
    int pid_fd;
    atomic_bool starting;    /* one thread is making a new zygote */
    atomic_uint generation;  /* grows with each new one */
    atomic_bool large_taken; /* see zygote_take_large() */
};

/* ── the child's side ── */

void zygote_maybe_main(int argc, char **argv, const struct worker_ops *ops)
{
    int64_t parent_pid = 0;
    if (argc != 3 || strcmp(argv[0], ZYGOTE_NAME) != 0)
        return;
    if (!number_i64(argv[2], 0, INT32_MAX, &parent_pid))
        exit(2);
    zygote_serve(ZYGOTE_FD, strcmp(argv[1], "eager") == 0, (int)parent_pid, ops);
}

/* Between fork and exec in a process with threads: only calls that signal-safety(7) lists. */
static _Noreturn void become_zygote(int exe_fd, int socket_fd, char *const *argv)
{
    char *const no_environment[] = {NULL};
    bool ready = socket_fd == ZYGOTE_FD ? fcntl(ZYGOTE_FD, F_SETFD, 0) == 0
                                        : dup2(socket_fd, ZYGOTE_FD) == ZYGOTE_FD;
    if (ready)
        (void)syscall(SYS_execveat, exe_fd, "", argv, no_environment, AT_EMPTY_PATH);
    _exit(127);
}

/* ── the daemon's side ── */

/* dies_with_us: the kernel's PDEATHSIG is about the thread that forks, so only main asks for it;
 * the others' zygotes end with the socket. */
static bool launch(const struct zygote *zygote, bool dies_with_us, int *ret_socket, int *ret_pid_fd,
    struct error *err)
{
    int ends[2];
    char eager[] = "eager", lazy[] = "lazy", name[] = ZYGOTE_NAME, parent[16];
    char *argv[] = {name, zygote->settings.eager ? eager : lazy, parent, NULL};
    (void)snprintf(parent, sizeof(parent), "%d", dies_with_us ? (int)getpid() : 0);
    if (!channel_pair(ends))
        return error_set(err, ERROR_ANALYSIS, errno, "could not create a socket pair");
    /* The number 3 may be the O_PATH descriptor itself: move it out of the way of dup2(). */
    AUTO_CLOSE int exe_fd = fcntl(zygote->exe_fd, F_DUPFD_CLOEXEC, ZYGOTE_FD + 1);
    pid_t pid = exe_fd >= 0 ? fork() : -1;
    if (pid == 0)
        become_zygote(exe_fd, ends[1], argv);
    int saved_errno = errno;
    close(ends[1]);
    int pid_fd = pid > 0 ? pidfd_open(pid, 0) : -1;
    if (pid_fd < 0) {
        close(ends[0]);
        return error_set(err, ERROR_ANALYSIS, pid > 0 ? errno : saved_errno,
            "could not start the analysis process");
    }
    *ret_socket = ends[0];
    *ret_pid_fd = pid_fd;
    return true;
}

bool zygote_start(
    const struct zygote_settings *settings, struct zygote **ret_zygote, struct error *err)
{
    struct zygote *zygote = memory_new(1, sizeof(*zygote));
    zygote->settings = *settings;
    zygote->exe_fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    if (zygote->exe_fd < 0) {
        (void)error_set(err, ERROR_ANALYSIS, errno, "could not open \"/proc/self/exe\"");
    } else if (launch(zygote, true, &zygote->socket_fd, &zygote->pid_fd, err)) {
        *ret_zygote = zygote;
        return true;
    }
    attr_close_fd(&zygote->exe_fd);
    free(zygote);
    return false;
}

static bool ended_within(int pid_fd, int timeout_ms)
{
    struct pollfd wanted = {.fd = pid_fd, .events = POLLIN};
    return poll(&wanted, 1, timeout_ms) > 0;
}

static void reap(int pid_fd)
{
    siginfo_t info;
    (void)pidfd_send_signal(pid_fd, SIGKILL, NULL, 0); /* ESRCH: it is dead, as we think */
    while (waitid(P_PIDFD, (id_t)pid_fd, &info, WEXITED) != 0 && errno == EINTR)
        continue;
}

void zygote_stop(struct zygote *zygote)
{
    if (zygote == NULL)
        return;
    close(zygote->socket_fd);
    (void)ended_within(zygote->pid_fd, STOP_TIMEOUT_MS);
    reap(zygote->pid_fd);
    close(zygote->pid_fd);
    close(zygote->exe_fd);
    free(zygote);
}

static void pause_ms(long ms)
{
    const struct timespec time = {.tv_nsec = ms * 1000000};
    (void)nanosleep(&time, NULL);
}

/* The zygote of `generation` is dead. The first thread to say so replaces it; the others come back
 * once there is a new one. */
static bool replace(struct zygote *zygote, unsigned generation, struct error *err)
{
    if (atomic_exchange(&zygote->starting, true)) {
        pause_ms(RETRY_MS);
        return true;
    }
    bool fine = true;
    if (atomic_load(&zygote->generation) == generation) {
        int socket_fd = -1, pid_fd = -1;
        reap(zygote->pid_fd);
        fine = launch(zygote, false, &socket_fd, &pid_fd, err);
        if (fine) {
            (void)dup3(socket_fd, zygote->socket_fd, O_CLOEXEC);
            (void)dup3(pid_fd, zygote->pid_fd, O_CLOEXEC);
            atomic_fetch_add(&zygote->generation, 1);
        }
        attr_close_fd(&socket_fd);
        attr_close_fd(&pid_fd);
    }
    atomic_store(&zygote->starting, false);
    return fine;
}

bool zygote_ask(struct zygote *zygote, const struct message *message, const int *fds, size_t n_fds,
    struct error *err)
{
    uint64_t deadline_ms = clock_monotonic_ms() + START_TIMEOUT_MS;
    for (;;) {
        unsigned generation = atomic_load(&zygote->generation);
        if (channel_send(zygote->socket_fd, message, fds, n_fds))
            return true;
        if (errno != EPIPE && errno != ECONNRESET)
            return error_set(err, ERROR_ANALYSIS, errno, "could not ask for a worker process");
        if (clock_monotonic_ms() >= deadline_ms)
            return error_set(err, ERROR_ANALYSIS, 0, "the analysis process does not stay alive");
        if (!replace(zygote, generation, err))
            return false;
    }
}

bool zygote_check(struct zygote *zygote, struct error *err)
{
    const struct message question = {.kind = MESSAGE_CHECK};
    struct message answer;
    int ends[2];
    if (!channel_pair(ends))
        return error_set(err, ERROR_ANALYSIS, errno, "could not create a socket pair");
    AUTO_CLOSE int near_end = ends[0];
    bool asked = zygote_ask(zygote, &question, &ends[1], 1, err);
    close(ends[1]);
    if (!asked)
        return false;
    uint64_t deadline_ms = clock_monotonic_ms() + START_TIMEOUT_MS;
    enum channel_result result = channel_receive(near_end, deadline_ms, &answer, NULL);
    if (result == CHANNEL_MESSAGE && answer.kind == MESSAGE_HELLO)
        return true;
    if (result != CHANNEL_MESSAGE || answer.kind != MESSAGE_REFUSED)
        return error_set(err, ERROR_ANALYSIS, 0, "the analysis process %s",
            result == CHANNEL_TIMEOUT ? "does not answer" : "ended at its start");
    answer.text[sizeof(answer.text) - 1] = '\0';
    return error_set(err, ERROR_ANALYSIS, 0, "%s", answer.text);
}

const struct zygote_settings *zygote_settings(const struct zygote *zygote)
{
    return &zygote->settings;
}

/* All workers at the small size and one at the full size fit into the total; a worker with less
 * than 8 MiB is of no use. */
uint64_t zygote_small_memory(const struct zygote *zygote)
{
    const struct zygote_settings *settings = &zygote->settings;
    uint64_t floor_bytes = (uint64_t)8 << 20, small = (uint64_t)64 << 20;
    unsigned others = settings->n_workers > 1 ? settings->n_workers - 1 : 1;
    uint64_t left = settings->total_memory_bytes > settings->file_memory_bytes
                        ? settings->total_memory_bytes - settings->file_memory_bytes
                        : 0;
    if (left / others < small)
        small = left / others;
    if (small < floor_bytes)
        small = floor_bytes;
    return small < settings->file_memory_bytes ? small : settings->file_memory_bytes;
}

bool zygote_take_large(struct zygote *zygote)
{
    return !atomic_exchange(&zygote->large_taken, true);
}

void zygote_give_large(struct zygote *zygote)
{
    atomic_store(&zygote->large_taken, false);
}

uint64_t zygote_restarts(const struct zygote *zygote)
{
    return atomic_load(&zygote->generation);
}
