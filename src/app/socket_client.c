#include "app/socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "app/socket_path.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/fd.h"

#define ANSWER_BYTES ((size_t)16 * 1024 * 1024)
#define READ_BYTES 8192

/* A connected socket, or -1 with errno set. */
static int connect_to(const char *socket_path)
{
    const char *slash = strrchr(socket_path, '/');
    AUTO_FREE char *dir =
        slash != NULL ? strndup(socket_path, (size_t)(slash - socket_path)) : strdup(".");
    const char *name = slash != NULL ? slash + 1 : socket_path;
    AUTO_CLOSE int dir_fd =
        dir != NULL ? open(dir[0] != '\0' ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address;
    if (dir_fd < 0 || fd < 0)
        return -1;
    socket_path_address(dir_fd, name, &address);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        return -1;
    return fd_take(&fd);
}

/* A root's daemon runs as the root's user or as root: nobody else may pretend to be it. */
static bool is_trusted(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static bool answers(const char *socket_path)
{
    AUTO_CLOSE int fd = connect_to(socket_path);
    return fd >= 0 && is_trusted(fd);
}

static char *socket_of(const char *runtime_dir, const char *root_path)
{
    struct buf path = BUF_INIT;
    char name[SOCKET_NAME_BYTES];
    socket_path_name(root_path, name);
    buf_addf(&path, "%s/%s", runtime_dir, name);
    return buf_take(&path);
}

bool socket_find(
    const char *runtime_dir, const char *absolute_path, char **ret_socket, struct error *err)
{
    AUTO_FREE char *at = memory_string(absolute_path);
    *err = ERROR_INIT;
    for (;;) {
        AUTO_FREE char *found = socket_of(runtime_dir, at);
        if (answers(found)) {
            *ret_socket = found;
            found = NULL;
            return true;
        }
        char *slash = strrchr(at, '/');
        if (slash == NULL || at[1] == '\0')
            return false;
        *(slash == at ? slash + 1 : slash) = '\0';
    }
}

static bool send_request(int fd, const char *request, struct error *err)
{
    size_t length = strlen(request);
    for (size_t sent = 0; sent < length + 1;) {
        const char *from = sent < length ? request + sent : "\n";
        ssize_t n = send(fd, from, sent < length ? length - sent : 1, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return error_set(err, ERROR_IO, errno, "could not send to the daemon");
        sent += (size_t)n;
    }
    return true;
}

/* One more piece of the answer. 0: it has ended. */
static ssize_t receive(int fd, uint64_t deadline_ms, struct buf *out, struct error *err)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    for (;;) {
        int ready = poll(&poll_fd, 1, clock_poll_timeout_ms(clock_monotonic_ms(), deadline_ms));
        if (ready < 0 && errno != EINTR)
            break;
        if (ready == 0 && clock_monotonic_ms() >= deadline_ms) {
            error_set(err, ERROR_TIMEOUT, 0, "the daemon did not answer in time");
            return -1;
        }
        if (ready <= 0)
            continue;
        ssize_t n = recv(fd, buf_room(out, READ_BYTES), READ_BYTES, 0);
        if (n >= 0)
            return n;
        if (errno != EINTR)
            break;
    }
    error_set(err, ERROR_IO, errno, "lost the connection to the daemon");
    return -1;
}

bool socket_ask(const char *socket_path, const char *request, uint64_t timeout_ms,
    struct buf *ret_answer, struct error *err)
{
    AUTO_BUF answer = BUF_INIT;
    uint64_t deadline_ms =
        timeout_ms == CLOCK_NEVER ? CLOCK_NEVER : clock_monotonic_ms() + timeout_ms;
    AUTO_CLOSE int fd = connect_to(socket_path);
    if (fd < 0)
        return error_set(err, ERROR_IO, errno, "could not connect to the daemon");
    if (!is_trusted(fd))
        return error_set(
            err, ERROR_IO, 0, "the socket \"%s\" belongs to another user", socket_path);
    if (!send_request(fd, request, err))
        return false;
    for (;;) {
        ssize_t n = receive(fd, deadline_ms, &answer, err);
        if (n < 0)
            return false;
        if (n == 0 || answer.length > ANSWER_BYTES)
            return error_set(err, ERROR_IO, 0, "the daemon went away before it answered");
        buf_grew(&answer, (size_t)n);
        char *end = memchr(answer.data, '\n', answer.length);
        if (end == NULL)
            continue;
        buf_add(ret_answer, answer.data, (size_t)(end - answer.data));
        return true;
    }
}

void socket_each(
    const char *runtime_dir, bool (*each)(void *user, const char *socket_path), void *user)
{
    DIR *listing = opendir(runtime_dir);
    if (listing == NULL)
        return;
    bool more = true;
    for (struct dirent *entry; more && (entry = readdir(listing)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".sock") != 0)
            continue;
        AUTO_BUF path = BUF_INIT;
        buf_addf(&path, "%s/%s", runtime_dir, entry->d_name);
        if (answers(buf_string(&path)))
            more = each(user, buf_string(&path));
    }
    closedir(listing);
}
