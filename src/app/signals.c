#include "app/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "base/clock.h"

static void fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
}

bool signals_open(int *ret_fd, struct error *err)
{
    sigset_t set;
    fill(&set);
    (void)signal(SIGIO, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    int fd = sigprocmask(SIG_BLOCK, &set, NULL) == 0
                 ? signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)
                 : -1;
    if (fd < 0)
        return error_set(err, ERROR_IO, errno, "could not read signals from a descriptor");
    *ret_fd = fd;
    return true;
}

void signals_close(int fd)
{
    sigset_t set;
    if (fd < 0)
        return;
    close(fd);
    fill(&set);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int signals_next(int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return 0;
    return (int)info.ssi_signo;
}

bool signals_wait(int fd, uint64_t wait_ms, int *ret_signal)
{
    uint64_t end_ms = clock_monotonic_ms() + wait_ms;
    for (uint64_t now_ms; (now_ms = clock_monotonic_ms()) < end_ms;) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        (void)poll(&readable, 1, clock_poll_timeout_ms(now_ms, end_ms));
        for (int number; (number = signals_next(fd)) != 0;) {
            if (number == SIGHUP)
                continue;
            *ret_signal = number;
            return true;
        }
    }
    return false;
}
