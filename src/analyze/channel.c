#include "analyze/channel.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"

union fd_space {
    struct cmsghdr header; /* for its alignment: cmsg(3) */
    char space[CMSG_SPACE(CHANNEL_FDS * sizeof(int))];
};

bool channel_pair(int ret_ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_ends) == 0;
}

static bool send_message(
    int fd, const struct message *message, const int *fds, size_t n_fds, int flags)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = sizeof(*message)};
    union fd_space space = {0};
    struct msghdr out = {.msg_iov = &part, .msg_iovlen = 1};
    if (n_fds > 0) {
        out.msg_control = space.space;
        out.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&out);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
        memcpy(CMSG_DATA(header), fds, n_fds * sizeof(int));
    }
    for (;;) {
        if (sendmsg(fd, &out, MSG_NOSIGNAL | flags) >= 0)
            return true;
        if (errno != EINTR)
            return false;
    }
}

bool channel_send(int fd, const struct message *message, const int *fds, size_t n_fds)
{
    return send_message(fd, message, fds, n_fds, 0);
}

void channel_tell(int fd, const struct message *message, const int *fds, size_t n_fds)
{
    (void)send_message(fd, message, fds, n_fds, MSG_DONTWAIT);
}

/* True if the descriptor became readable, or was closed, before the deadline. */
static enum channel_result wait_readable(int fd, uint64_t deadline_ms)
{
    for (;;) {
        struct pollfd wanted = {.fd = fd, .events = POLLIN};
        int timeout_ms = clock_poll_timeout_ms(clock_monotonic_ms(), deadline_ms);
        int n = poll(&wanted, 1, timeout_ms);
        if (n > 0)
            return CHANNEL_MESSAGE;
        if (n == 0 && timeout_ms == 0)
            return CHANNEL_TIMEOUT;
        if (n < 0 && errno != EINTR)
            return CHANNEL_FAILED;
    }
}

/* Move the descriptors that came along into ret_fds, or close them. False if there were some that
 * nobody wanted. */
static bool take_fds(struct msghdr *in, int *ret_fds)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(in);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS)
        return true;
    size_t n_fds = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < n_fds; i++) {
        int fd = -1;
        memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(fd));
        if (ret_fds != NULL && i < CHANNEL_FDS) /* alignment leaves room for one more */
            ret_fds[i] = fd;
        else
            close(fd);
    }
    return ret_fds != NULL || n_fds == 0;
}

enum channel_result channel_receive(
    int fd, uint64_t deadline_ms, struct message *ret_message, int *ret_fds)
{
    /* Without a deadline recvmsg() itself waits: one system call less for the worker. */
    enum channel_result ready =
        deadline_ms == CLOCK_NEVER ? CHANNEL_MESSAGE : wait_readable(fd, deadline_ms);
    if (ready != CHANNEL_MESSAGE)
        return ready;
    struct message message = {0};
    struct iovec part = {.iov_base = &message, .iov_len = sizeof(message)};
    union fd_space space = {0};
    struct msghdr in = {.msg_iov = &part, .msg_iovlen = 1};
    in.msg_control = space.space;
    in.msg_controllen = sizeof(space.space);
    for (size_t i = 0; ret_fds != NULL && i < CHANNEL_FDS; i++)
        ret_fds[i] = -1;
    ssize_t length = -1;
    do {
        length = recvmsg(fd, &in, MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length == 0 || (length < 0 && errno == ECONNRESET))
        return CHANNEL_CLOSED;
    bool wanted = length > 0 && take_fds(&in, ret_fds);
    bool whole =
        length == (ssize_t)sizeof(message) && (in.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
    if (wanted && whole) {
        *ret_message = message;
        return CHANNEL_MESSAGE;
    }
    for (size_t i = 0; ret_fds != NULL && i < CHANNEL_FDS; i++) {
        attr_close_fd(&ret_fds[i]);
        ret_fds[i] = -1;
    }
    return CHANNEL_FAILED;
}
