#include "app/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "app/socket_path.h"
#include "base/arena.h"
#include "base/fd.h"

#include <uthash.h>

#define CLIENTS_MAX 64u
#define LINE_BYTES ((size_t)64 * 1024)
#define ANSWER_BYTES ((size_t)1024 * 1024)
#define READ_BYTES 4096
#define EVENTS_AT_ONCE 32
#define LISTENER_BIT                                                                               \
    ((uint64_t)1 << 63) /* in epoll data: a listener's index, not a client's id                    \
                         */

struct listener {
    char *root_path;
    char *name; /* of the socket, in the runtime directory */
    int fd, lock_fd;
};

struct client {
    socket_client id;
    int fd;
    struct buf in, out;
    size_t sent;   /* bytes of out */
    unsigned open; /* requests not answered yet */
    bool ended;    /* it sends no more; answers may still be read */
    UT_hash_handle hh;
};

struct socket_server {
    char *runtime_dir;
    int dir_fd, epoll_fd;
    const struct socket_ops *ops;
    void *user;
    struct listener *listeners; /* fd -1: a free place */
    size_t n_listeners;
    struct client *clients;
    socket_client next_id;
};

/* ---- clients ---- */

static void drop(struct socket_server *server, struct client *client)
{
    socket_client id = client->id;
    bool tell = client->open > 0;
    HASH_DEL(server->clients, client);
    close(client->fd); /* also leaves the epoll set */
    buf_release(&client->in);
    buf_release(&client->out);
    free(client);
    if (tell && server->ops->gone != NULL)
        server->ops->gone(server->user, id);
}

static struct client *find_client(struct socket_server *server, socket_client id)
{
    struct client *client;
    HASH_FIND(hh, server->clients, &id, sizeof(id), client);
    return client;
}

/* Ask for room to write only while something waits for it. */
static void watch_client(struct socket_server *server, const struct client *client)
{
    struct epoll_event event = {.data.u64 = client->id};
    event.events = client->ended ? 0 : (uint32_t)EPOLLIN;
    if (client->out.length > client->sent)
        event.events |= EPOLLOUT;
    (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
}

/* False: the client is gone. */
static bool flush(struct socket_server *server, struct client *client)
{
    while (client->sent < client->out.length) {
        ssize_t n = send(client->fd, client->out.data + client->sent,
            client->out.length - client->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (n <= 0) {
            drop(server, client);
            return false;
        }
        client->sent += (size_t)n;
    }
    if (client->sent == client->out.length) {
        buf_clear(&client->out);
        client->sent = 0;
    }
    if (client->ended && client->open == 0 && client->out.length == 0) {
        drop(server, client);
        return false;
    }
    watch_client(server, client);
    return true;
}

void socket_answer(struct socket_server *server, socket_client id, const char *json, size_t length)
{
    struct client *client = find_client(server, id);
    if (client == NULL)
        return;
    if (client->out.length - client->sent + length > ANSWER_BYTES) {
        client->open = 0; /* it does not read: nobody has to hear of its end */
        drop(server, client);
        return;
    }
    buf_add(&client->out, json, length);
    buf_addc(&client->out, '\n');
    client->open -= client->open > 0;
    (void)flush(server, client);
}

/* Hand over whole lines. A handler may answer at once, and the answer may end the client. */
static void serve_lines(struct socket_server *server, socket_client id)
{
    for (struct client *client; (client = find_client(server, id)) != NULL;) {
        char *end = client->in.length > 0 ? memchr(client->in.data, '\n', client->in.length) : NULL;
        if (end == NULL) {
            if (client->in.length > LINE_BYTES)
                drop(server, client);
            return;
        }
        size_t length = (size_t)(end - client->in.data);
        AUTO_FREE char *line = strndup(client->in.data, length);
        memmove(client->in.data, end + 1, client->in.length - length - 1);
        buf_truncate(&client->in, client->in.length - length - 1);
        client->open++;
        if (line != NULL)
            server->ops->request(server->user, id, line);
    }
}

static void read_client(struct socket_server *server, struct client *client)
{
    socket_client id = client->id;
    ssize_t n = recv(client->fd, buf_room(&client->in, READ_BYTES), READ_BYTES, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n > 0) {
        buf_grew(&client->in, (size_t)n);
        serve_lines(server, id);
        return;
    }
    if (n < 0 || client->open == 0) {
        drop(server, client);
        return;
    }
    /* Half closed ("echo … | nc -N"): it still reads the answer. */
    client->ended = true;
    watch_client(server, client);
}

static void accept_clients(struct socket_server *server, int listen_fd)
{
    for (;;) {
        int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        if (HASH_COUNT(server->clients) >= CLIENTS_MAX) {
            close(fd);
            continue;
        }
        struct client *client = memory_new(1, sizeof(*client));
        client->id = server->next_id++;
        client->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = client->id};
        HASH_ADD(hh, server->clients, id, sizeof(client->id), client);
        if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
            drop(server, client);
    }
}

static void serve_client(struct socket_server *server, socket_client id, uint32_t events)
{
    struct client *client = find_client(server, id);
    if (client == NULL)
        return;
    if ((events & EPOLLOUT) != 0 && !flush(server, client))
        return;
    if ((events & EPOLLIN) != 0 && !client->ended)
        read_client(server, client);
    else if ((events & (EPOLLHUP | EPOLLERR)) != 0)
        drop(server, client);
}

/* ---- the server ---- */

void socket_server_run(struct socket_server *server)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int n = epoll_wait(server->epoll_fd, events, EVENTS_AT_ONCE, 0);
    for (int i = 0; i < n; i++) {
        uint64_t tag = events[i].data.u64;
        if ((tag & LISTENER_BIT) == 0) {
            serve_client(server, tag, events[i].events);
            continue;
        }
        const struct listener *listener = &server->listeners[tag & ~LISTENER_BIT];
        if (listener->fd >= 0)
            accept_clients(server, listener->fd);
    }
}

int socket_server_fd(const struct socket_server *server)
{
    return server->epoll_fd;
}

/* Others must not be able to put a socket of theirs there. */
static bool open_runtime_dir(const char *path, int *ret_fd, struct error *err)
{
    struct stat st;
    if (!fd_make_dirs(path, 0700, err))
        return false;
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0)
        return error_set(err, ERROR_IO, errno, "could not open directory \"%s\"", path);
    if ((st.st_mode & 022) != 0 || (st.st_uid != geteuid() && geteuid() != 0)) {
        error_set(err, ERROR_CONFIG, 0, "directory \"%s\" can be written by others", path);
        return error_hint(err, "give it to this user with mode 0700");
    }
    *ret_fd = fd_take(&fd);
    return true;
}

bool socket_server_new(const char *runtime_dir, const struct socket_ops *ops, void *user,
    struct socket_server **ret_server, struct error *err)
{
    int dir_fd = -1;
    if (!open_runtime_dir(runtime_dir, &dir_fd, err))
        return false;
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) {
        close(dir_fd);
        return error_set(err, ERROR_IO, errno, "could not make an epoll descriptor");
    }
    struct socket_server *server = memory_new(1, sizeof(*server));
    server->runtime_dir = memory_string(runtime_dir);
    server->dir_fd = dir_fd;
    server->epoll_fd = epoll_fd;
    server->ops = ops;
    server->user = user;
    server->next_id = 1;
    *ret_server = server;
    return true;
}

static void close_listener(struct socket_server *server, struct listener *listener)
{
    if (listener->fd >= 0) {
        (void)unlinkat(server->dir_fd, listener->name, 0);
        close(listener->fd);
        close(listener->lock_fd);
    }
    free(listener->root_path);
    free(listener->name);
    *listener = (struct listener){.fd = -1, .lock_fd = -1};
}

void socket_server_free(struct socket_server *server)
{
    if (server == NULL)
        return;
    struct client *client, *next;
    HASH_ITER (hh, server->clients, client, next) {
        client->open = 0;
        drop(server, client);
    }
    for (size_t i = 0; i < server->n_listeners; i++)
        close_listener(server, &server->listeners[i]);
    close(server->epoll_fd);
    close(server->dir_fd);
    free(server->listeners);
    free(server->runtime_dir);
    free(server);
}

static int lock_name(struct socket_server *server, const char *name, struct error *err)
{
    AUTO_FREE char *lock = memory_new(strlen(name) + 6, 1);
    snprintf(lock, strlen(name) + 6, "%s.lock", name);
    AUTO_CLOSE int fd =
        openat(server->dir_fd, lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd_take(&fd);
    if (fd >= 0 && errno == EWOULDBLOCK)
        error_set(err, ERROR_OWNED, 0, "another process listens for this folder");
    else
        error_set(err, ERROR_IO, errno, "could not lock \"%s/%s\"", server->runtime_dir, lock);
    return -1;
}

/* The lock is ours, so a name that is there was left by a process that died. */
static int listen_at(struct socket_server *server, const char *name, struct error *err)
{
    struct sockaddr_un address;
    socket_path_address(server->dir_fd, name, &address);
    (void)unlinkat(server->dir_fd, name, 0);
    AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* Linux gives the file the mode of the unbound socket. */
    bool ok = fd >= 0 && fchmod(fd, 0600) == 0 &&
              bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    if (ok && listen(fd, 16) == 0)
        return fd_take(&fd);
    error_set(err, ERROR_IO, errno, "could not listen on \"%s/%s\"", server->runtime_dir, name);
    return -1;
}

static struct listener *free_place(struct socket_server *server)
{
    for (size_t i = 0; i < server->n_listeners; i++)
        if (server->listeners[i].fd < 0)
            return &server->listeners[i];
    server->listeners =
        memory_resize(server->listeners, server->n_listeners + 1, sizeof(*server->listeners));
    struct listener *listener = &server->listeners[server->n_listeners++];
    *listener = (struct listener){.fd = -1, .lock_fd = -1};
    return listener;
}

static struct listener *find_listener(struct socket_server *server, const char *root_path)
{
    for (size_t i = 0; i < server->n_listeners; i++)
        if (server->listeners[i].fd >= 0 && strcmp(server->listeners[i].root_path, root_path) == 0)
            return &server->listeners[i];
    return NULL;
}

bool socket_server_add(struct socket_server *server, const char *root_path, struct error *err)
{
    if (find_listener(server, root_path) != NULL)
        return true;
    char name[SOCKET_NAME_BYTES];
    socket_path_name(root_path, name);
    AUTO_CLOSE int lock_fd = lock_name(server, name, err);
    AUTO_CLOSE int fd = lock_fd >= 0 ? listen_at(server, name, err) : -1;
    if (fd < 0)
        return false;
    struct listener *listener = free_place(server);
    struct epoll_event event = {
        .events = EPOLLIN, .data.u64 = LISTENER_BIT | (uint64_t)(listener - server->listeners)};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        return error_set(err, ERROR_IO, errno, "could not poll a socket");
    *listener = (struct listener){.root_path = memory_string(root_path),
        .name = memory_string(name),
        .fd = fd_take(&fd),
        .lock_fd = fd_take(&lock_fd)};
    return true;
}

void socket_server_remove(struct socket_server *server, const char *root_path)
{
    struct listener *listener = find_listener(server, root_path);
    if (listener != NULL)
        close_listener(server, listener);
}
