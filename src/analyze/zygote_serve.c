#include "analyze/zygote_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "analyze/channel.h"
#include "analyze/language.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/fd.h"

struct child {
    pid_t pid;
    int channel_fd; /* our copy of the worker's end: its death is reported there */
};

struct zygote_process {
    const struct worker_ops *ops;
    void *shared;
    bool eager;
    struct error broken; /* plans that do not compile: every request is refused with it */
    bool prepared[WORKER_LANGUAGES];
    struct child *children;
    size_t n_children;
};

/* ── becoming a zygote ── */

static void ignore_terminal_signals(void)
{
    /* Ctrl-C and a service manager's SIGTERM are meant for the daemon, which still has files to
     * finish; we end when it closes the socket. */
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
        (void)signal(ignored[i], SIG_IGN);
}

static void prefer_our_death(void)
{
    /* When the machine runs out of memory a worker shall go, not the daemon. Best effort. */
    AUTO_CLOSE int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "500", 3) != 3)
        return;
}

static bool drop_descriptors(int socket_fd)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || dup2(null_fd, STDOUT_FILENO) < 0)
        return false;
#ifndef SRCTAB_SANITIZE
    if (dup2(null_fd, STDERR_FILENO) < 0)
        return false;
#endif
    return (socket_fd == 3 || close_range(3, (unsigned)socket_fd - 1, 0) == 0) &&
           close_range((unsigned)socket_fd + 1, ~0u, 0) == 0;
}

/* A descriptor that is readable when a worker has died. */
static int watch_children(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    (void)signal(SIGCHLD, SIG_DFL);
    if (sigprocmask(SIG_SETMASK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool prepare(struct zygote_process *zygote, unsigned language, struct error *err)
{
    if (language >= language_count || zygote->prepared[language])
        return true;
    if (!zygote->ops->prepare(zygote->shared, language, err))
        return false;
    zygote->prepared[language] = true;
    return true;
}

/* The next language without a plan, or language_count. */
static unsigned next_unprepared(const struct zygote_process *zygote)
{
    unsigned language = 0;
    while (language < language_count && zygote->prepared[language])
        language++;
    return language;
}

static void prepare_all(struct zygote_process *zygote)
{
    unsigned language = 0;
    while (
        zygote->broken.kind == ERROR_NONE && (language = next_unprepared(zygote)) < language_count)
        (void)!prepare(zygote, language, &zygote->broken);
}

/* ── requests ── */

static void refuse(int channel_fd, const struct error *why)
{
    struct message answer = {.kind = MESSAGE_REFUSED};
    (void)snprintf(answer.text, sizeof(answer.text), "%.250s", why->message);
    channel_tell(channel_fd, &answer, NULL, 0);
}

static void say_hello(const struct zygote_process *zygote, int channel_fd, pid_t pid, int pid_fd)
{
    struct message hello = {.kind = MESSAGE_HELLO, .pid = pid};
    _Static_assert(sizeof(hello.text) >= WORKER_LANGUAGES, "a byte a language");
    for (size_t i = 0; i < WORKER_LANGUAGES; i++)
        hello.text[i] = zygote->prepared[i];
    channel_tell(channel_fd, &hello, &pid_fd, pid_fd >= 0 ? 1 : 0);
}

static void remember_child(struct zygote_process *zygote, pid_t pid, int channel_fd)
{
    zygote->children =
        memory_resize(zygote->children, zygote->n_children + 1, sizeof(*zygote->children));
    zygote->children[zygote->n_children++] = (struct child){.pid = pid, .channel_fd = channel_fd};
}

static bool fork_worker(
    struct zygote_process *zygote, const struct message *request, int *fds, struct error *err)
{
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        struct worker_start start = {
            .channel_fd = fds[0],
            .source_fd = fds[1],
            .facts_fd = fds[2],
            .source_bytes = (size_t)request->n_bytes,
            .facts_bytes = (size_t)request->path_length,
            .max_memory_bytes = request->limits.memory_bytes,
            .parent_pid = self,
        };
        worker_run(zygote->ops, zygote->shared, &start);
    }
    if (pid < 0)
        return error_set(err, ERROR_ANALYSIS, errno, "could not fork a worker process");
    AUTO_CLOSE int pid_fd = pidfd_open(pid, 0);
    say_hello(zygote, fds[0], pid, pid_fd);
    remember_child(zygote, pid, fd_take(&fds[0]));
    return true;
}

/* MESSAGE_CHECK: an answer only when there is nothing left to compile. */
static bool check_plans(struct zygote_process *zygote, int channel_fd, struct error *err)
{
    if (zygote->eager)
        prepare_all(zygote);
    if (zygote->broken.kind != ERROR_NONE) {
        *err = zygote->broken;
        return false;
    }
    say_hello(zygote, channel_fd, 0, -1);
    return true;
}

static void answer_request(struct zygote_process *zygote, const struct message *request, int *fds)
{
    struct error err = zygote->broken;
    bool fine = err.kind == ERROR_NONE;
    bool fork_wanted = request->kind == MESSAGE_FORK && fds[2] >= 0;
    if (fine && fork_wanted)
        fine = prepare(zygote, request->language, &err) && fork_worker(zygote, request, fds, &err);
    else if (fine)
        fine = check_plans(zygote, fds[0], &err);
    if (!fine)
        refuse(fds[0], &err);
}

static void take_request(struct zygote_process *zygote, int socket_fd)
{
    struct message request;
    int fds[CHANNEL_FDS] = {-1, -1, -1};
    enum channel_result result = channel_receive(socket_fd, CLOCK_NEVER, &request, fds);
    if (result == CHANNEL_CLOSED)
        exit(0); /* workers go with us: PDEATHSIG */
    if (result == CHANNEL_MESSAGE && fds[0] >= 0)
        answer_request(zygote, &request, fds);
    for (size_t i = 0; i < CHANNEL_FDS; i++)
        attr_close_fd(&fds[i]);
}

static void report_death(struct zygote_process *zygote, pid_t pid, int status)
{
    for (size_t i = 0; i < zygote->n_children; i++) {
        if (zygote->children[i].pid != pid)
            continue;
        const struct message died = {.kind = MESSAGE_DIED, .pid = pid, .wait_status = status};
        channel_tell(zygote->children[i].channel_fd, &died, NULL, 0);
        close(zygote->children[i].channel_fd);
        zygote->children[i] = zygote->children[--zygote->n_children];
        return;
    }
}

static void reap(struct zygote_process *zygote, int signal_fd)
{
    struct signalfd_siginfo info;
    while (read(signal_fd, &info, sizeof(info)) > 0)
        continue; /* many deaths may have become one signal */
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        report_death(zygote, pid, status);
}

_Noreturn void zygote_serve(int socket_fd, bool eager, int parent_pid, const struct worker_ops *ops)
{
    struct zygote_process zygote = {.ops = ops, .eager = eager};
    if (parent_pid != 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent_pid))
        exit(1);
    (void)setsid();
    (void)prctl(PR_SET_NAME, "srctab-zygote"); /* execveat() would leave a descriptor's number */
    if (chdir("/") != 0) /* or the directory we were started in could never be unmounted */
        exit(1);
    ignore_terminal_signals();
    prefer_our_death();
    int signal_fd = drop_descriptors(socket_fd) ? watch_children() : -1;
    if (signal_fd < 0)
        exit(1);
    (void)!ops->start(&zygote.shared, &zygote.broken);
    for (;;) {
        /* All plans take seconds: whoever asks goes first, the rest is compiled while nobody does.
         */
        unsigned unprepared = next_unprepared(&zygote);
        bool busy = eager && zygote.broken.kind == ERROR_NONE && unprepared < language_count;
        struct pollfd wanted[] = {
            {.fd = signal_fd, .events = POLLIN}, {.fd = socket_fd, .events = POLLIN}};
        int n_ready = poll(wanted, ARRAY_SIZE(wanted), busy ? 0 : -1);
        if (n_ready < 0 && errno != EINTR)
            exit(1);
        if (n_ready == 0)
            (void)!prepare(&zygote, unprepared, &zygote.broken);
        if (n_ready > 0 && wanted[0].revents != 0)
            reap(&zygote, signal_fd);
        if (n_ready > 0 && wanted[1].revents != 0)
            take_request(&zygote, socket_fd);
    }
}
