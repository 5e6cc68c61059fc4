#include "store/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/number.h"
#include "store/cluster_place.h"
#include "store/cluster_server.h"
#include "store/cluster_spawn.h"

#define DEFAULT_SHARED_BUFFERS_MB 128
#define LOCK_WAIT_MS 90000
#define LEAVE_WAIT_MS 10000
#define STOP_WAIT_MS 30000

struct cluster {
    struct cluster_place place;
    unsigned shared_buffers_mb;
    bool keep_running;
    bool made, started;
    int users_fd;
    char *conninfo, *title, *notice;
};

static int open_lock_file(const struct cluster_place *place, const char *name, struct error *err)
{
    AUTO_FREE char *path = cluster_path(place->dir, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        error_set(err, ERROR_IO, errno, "could not open file \"%s\"", path);
    return fd;
}

/* Files that say what a command wanted to last beyond its end. */
#define MARK_KEEP "keep" /* `db start`: stay without users */
#define MARK_STOPPED                                                                               \
    "stopped" /* `db stop`, `db destroy`: running daemons do not start it again                    \
               */

static bool set_mark(const struct cluster_place *place, const char *mark, struct error *err)
{
    AUTO_CLOSE int fd = open_lock_file(place, mark, err);
    return fd >= 0;
}

static bool has_mark(const struct cluster_place *place, const char *mark)
{
    AUTO_FREE char *path = cluster_path(place->dir, mark);
    return access(path, F_OK) == 0;
}

static void clear_mark(const struct cluster_place *place, const char *mark)
{
    AUTO_FREE char *path = cluster_path(place->dir, mark);
    (void)unlink(path);
}

/* The lock of the start and stop section. -1 with err after wait_ms. */
static int take_lock(const struct cluster_place *place, uint64_t wait_ms, struct error *err)
{
    AUTO_CLOSE int fd = open_lock_file(place, "lock", err);
    if (fd < 0)
        return -1;
    uint64_t deadline_ms = clock_monotonic_ms() + wait_ms;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            error_set(err, ERROR_IO, errno, "could not lock \"%s/lock\"", place->dir);
            return -1;
        }
        if (clock_monotonic_ms() >= deadline_ms) {
            error_set(err, ERROR_DATABASE, 0,
                "another process has been starting or stopping the private cluster for %u s",
                (unsigned)(wait_ms / 1000));
            error_hint(err, "the lock is \"%s/lock\"", place->dir);
            return -1;
        }
        (void)poll(NULL, 0, 5);
    }
    return fd_take(&fd);
}

static bool make_state_dir(const struct cluster_place *place, struct error *err)
{
    /* As root the server's user must be able to pass; what is inside has its own modes. */
    return fd_make_dirs(place->dir, place->drops ? 0755 : 0700, err);
}

/* Whoever can write there could put a socket of his own in our place. */
static bool make_socket_dir(const struct cluster_place *place, struct error *err)
{
    struct stat st;
    if (!fd_make_dirs(place->socket_dir, 0700, err))
        return false;
    AUTO_CLOSE int fd = open(place->socket_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &st) != 0)
        return error_set(
            err, ERROR_IO, errno, "could not open directory \"%s\"", place->socket_dir);
    if (place->drops && st.st_uid == 0 && fchown(fd, place->uid, place->gid) == 0)
        st.st_uid = place->uid;
    if (st.st_uid == place->uid && (st.st_mode & 022) == 0)
        return true;
    error_set(err, ERROR_DATABASE, 0, "socket directory \"%s\" is not private to user \"%s\"",
        place->socket_dir, place->user_name);
    return error_hint(err, "set embedded.socket_dir to a directory of that user with mode 0700");
}

/* False with err unless the data directory is of the major its name says. */
static bool check_version(const struct cluster_place *place, bool *ret_exists, struct error *err)
{
    AUTO_FREE char *path = cluster_path(place->data_dir, "PG_VERSION");
    AUTO_BUF text = BUF_INIT;
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    *ret_exists = fd >= 0;
    if (fd < 0 && errno == ENOENT)
        return true;
    if (fd < 0 || !fd_read_all(fd, 64, &text))
        return error_set(err, ERROR_IO, errno, "could not read file \"%s\"", path);
    unsigned major = 0;
    for (const char *at = buf_string(&text); *at >= '0' && *at <= '9' && major < 1000; at++)
        major = major * 10 + (unsigned)(*at - '0');
    if (major == place->major)
        return true;
    error_set(err, ERROR_DATABASE, 0,
        "data directory \"%s\" is of PostgreSQL %u, but the server is %u", place->data_dir, major,
        place->major);
    return error_hint(err, "its tables can be made again from disk: srctab db destroy");
}

/* The runtime directory of a login may vanish under a running server: then nobody can connect any
 * more. */
static bool has_socket(const struct cluster_server *server)
{
    char name[192];
    snprintf(name, sizeof(name), "%s/.s.PGSQL.%u", server->socket_dir, server->port);
    return access(name, F_OK) == 0;
}

static void set_conninfo(struct cluster *cluster, const struct cluster_server *server)
{
    struct buf conninfo = BUF_INIT;
    buf_adds(&conninfo, "host='");
    for (const char *at = server->socket_dir; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\')
            buf_addc(&conninfo, '\\');
        buf_addc(&conninfo, *at);
    }
    buf_addf(&conninfo, "' port=%u user=srctab dbname=srctab", server->port);
    free(cluster->conninfo);
    cluster->conninfo = buf_take(&conninfo);
    /* If it has to be started again, then where its users look for it. */
    free(cluster->place.socket_dir);
    cluster->place.socket_dir = memory_string(server->socket_dir);
}

/* Under the lock: whatever state it is in, make it run. */
static bool make_it_run(struct cluster *cluster, struct error *err)
{
    struct cluster_place *place = &cluster->place;
    struct cluster_server server;
    bool exists;
    if (!check_version(place, &exists, err))
        return false;
    if (!exists && !cluster_server_make(place, err))
        return false;
    cluster->made = cluster->made || !exists;
    if (!cluster_server_wait(place, &server, err))
        return false;
    if (server.pid != 0 && !has_socket(&server) && cluster_server_stop(place, STOP_WAIT_MS))
        server.pid = 0;
    if (server.pid == 0) {
        if (!make_socket_dir(place, err) ||
            !cluster_server_start(place, cluster->shared_buffers_mb, err))
            return false;
        cluster->started = true;
        cluster_server_look(place, &server);
    }
    if (server.pid == 0)
        return error_set(err, ERROR_DATABASE, 0, "the private cluster ended at once");
    set_conninfo(cluster, &server);
    return true;
}

static void set_texts(struct cluster *cluster)
{
    const struct cluster_place *place = &cluster->place;
    const char *home = getenv("HOME");
    size_t length = home != NULL ? strlen(home) : 0;
    bool below =
        length > 1 && strncmp(place->data_dir, home, length) == 0 && place->data_dir[length] == '/';
    struct buf text = BUF_INIT;
    buf_addf(&text, "embedded (PostgreSQL %u, %s%s)", place->major, below ? "~" : "",
        place->data_dir + (below ? length : 0));
    cluster->title = buf_take(&text);
    if (cluster->made && place->old_dirs[0] != '\0')
        buf_addf(&text,
            "a new private cluster was made for PostgreSQL %u: the tables are filled from disk; "
            "the old audit log stays in %s until `srctab db destroy --old`",
            place->major, place->old_dirs);
    cluster->notice = buf_take(&text);
}

static bool no_server(struct error *err)
{
    error_set(err, ERROR_DATABASE, 0, "no PostgreSQL server program was found");
    return error_hint(err,
        "install one (apt-get install postgresql), set embedded.bin_dir, or use a database of "
        "your own (--db)");
}

static bool use(struct cluster *cluster, const struct cluster_settings *settings, struct error *err)
{
    struct cluster_place *place = &cluster->place;
    if (!make_state_dir(place, err))
        return false;
    /* Counted as a user before the lock, so that whoever leaves meanwhile does not stop what is
     * about to be used. */
    cluster->users_fd = open_lock_file(place, "users", err);
    if (cluster->users_fd < 0)
        return false;
    while (flock(cluster->users_fd, LOCK_SH) != 0)
        if (errno != EINTR)
            return error_set(err, ERROR_IO, errno, "could not lock \"%s/users\"", place->dir);
    AUTO_CLOSE int lock_fd = take_lock(place, LOCK_WAIT_MS, err);
    if (lock_fd < 0)
        return false;
    if (!cluster_place_find(place, settings, err))
        return false;
    if (place->bin_dir == NULL)
        return no_server(err);
    place->lock_fd = lock_fd;
    clear_mark(place, MARK_STOPPED);
    bool ok = make_it_run(cluster, err);
    place->lock_fd = -1;
    return ok;
}

static void free_cluster(struct cluster *cluster)
{
    if (cluster->users_fd >= 0)
        close(cluster->users_fd);
    cluster_place_release(&cluster->place);
    free(cluster->conninfo);
    free(cluster->title);
    free(cluster->notice);
    free(cluster);
}

bool cluster_use(
    const struct cluster_settings *settings, struct cluster **ret_cluster, struct error *err)
{
    struct cluster *cluster = memory_new(1, sizeof(*cluster));
    cluster->users_fd = -1;
    cluster->keep_running = settings->keep_running;
    cluster->shared_buffers_mb =
        settings->shared_buffers_mb > 0 ? settings->shared_buffers_mb : DEFAULT_SHARED_BUFFERS_MB;
    if (!cluster_place_init(&cluster->place, settings, err) || !use(cluster, settings, err)) {
        free_cluster(cluster);
        return false;
    }
    set_texts(cluster);
    *ret_cluster = cluster;
    return true;
}

const char *cluster_conninfo(const struct cluster *cluster)
{
    return cluster->conninfo;
}

const char *cluster_title(const struct cluster *cluster)
{
    return cluster->title;
}

const char *cluster_notice(const struct cluster *cluster)
{
    return cluster->notice;
}

bool cluster_was_made(const struct cluster *cluster)
{
    return cluster->made;
}

bool cluster_was_started(const struct cluster *cluster)
{
    return cluster->started;
}

bool cluster_revive(struct cluster *cluster, struct error *err)
{
    AUTO_CLOSE int lock_fd = take_lock(&cluster->place, LOCK_WAIT_MS, err);
    if (lock_fd < 0)
        return false;
    if (has_mark(&cluster->place, MARK_STOPPED)) {
        error_set(err, ERROR_DATABASE, 0, "the private cluster was stopped on purpose");
        return error_hint(err, "start it again with: srctab db start");
    }
    cluster->place.lock_fd = lock_fd;
    bool ok = make_it_run(cluster, err);
    cluster->place.lock_fd = -1;
    return ok;
}

void cluster_release(struct cluster *cluster)
{
    if (cluster == NULL)
        return;
    struct error ignored = ERROR_INIT;
    /* Somebody who starts or stops it right now will be the last one himself. */
    AUTO_CLOSE int lock_fd = take_lock(&cluster->place, LEAVE_WAIT_MS, &ignored);
    if (lock_fd >= 0 && !cluster->keep_running && !has_mark(&cluster->place, MARK_KEEP) &&
        flock(cluster->users_fd, LOCK_EX | LOCK_NB) == 0)
        (void)cluster_server_stop(&cluster->place, LEAVE_WAIT_MS);
    free_cluster(cluster);
}

void cluster_leave(struct cluster *cluster)
{
    struct error ignored = ERROR_INIT;
    (void)!set_mark(&cluster->place, MARK_KEEP, &ignored);
    free_cluster(cluster);
}

/* True when nobody holds it, apart from who asks. users_fd keeps the exclusive lock then. */
static bool is_unused(int users_fd)
{
    return users_fd < 0 || flock(users_fd, LOCK_EX | LOCK_NB) == 0;
}

bool cluster_status(
    const struct cluster_settings *settings, struct cluster_status *ret_status, struct error *err)
{
    struct cluster_place place;
    if (!cluster_place_init(&place, settings, err))
        return false;
    if (!cluster_place_find(&place, settings, err)) {
        cluster_place_release(&place);
        return false;
    }
    struct cluster_status status = {.state = CLUSTER_ABSENT, .major = place.major};
    struct cluster_server server = {.pid = 0};
    AUTO_FREE char *users = cluster_path(place.dir, "users");
    AUTO_FREE char *version = NULL;
    AUTO_CLOSE int users_fd = open(users, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (place.data_dir != NULL) {
        version = cluster_path(place.data_dir, "PG_VERSION");
        cluster_server_look(&place, &server);
        snprintf(status.data_dir, sizeof(status.data_dir), "%s", place.data_dir);
        snprintf(status.log_path, sizeof(status.log_path), "%s", place.log_path);
    }
    if (version != NULL && access(version, F_OK) == 0)
        status.state = server.pid != 0 ? CLUSTER_RUNNING : CLUSTER_STOPPED;
    status.pid = server.pid;
    status.in_use = !is_unused(users_fd);
    snprintf(status.socket_dir, sizeof(status.socket_dir), "%s",
        server.pid != 0 ? server.socket_dir : place.socket_dir);
    snprintf(status.bin_dir, sizeof(status.bin_dir), "%s", place.bin_dir ? place.bin_dir : "");
    snprintf(status.old_dirs, sizeof(status.old_dirs), "%s", place.old_dirs);
    cluster_place_release(&place);
    *ret_status = status;
    return true;
}

/* Under the lock. */
static bool stop(const struct cluster_place *place, bool *ret_stopped, struct error *err)
{
    struct cluster_server server = {.pid = 0};
    clear_mark(place, MARK_KEEP);
    if (place->data_dir != NULL)
        cluster_server_look(place, &server);
    *ret_stopped = server.pid != 0;
    if (server.pid == 0 || cluster_server_stop(place, STOP_WAIT_MS))
        return true;
    error_set(err, ERROR_DATABASE, 0, "the private cluster (process %d) did not stop within %d s",
        (int)server.pid, STOP_WAIT_MS / 1000);
    return error_hint(err, "its log is \"%s\"", place->log_path);
}

/* Place, program and lock for a command that ends or removes the cluster. *ret_lock_fd -1: there is
 * nothing at all. */
static bool approach(struct cluster_place *place, const struct cluster_settings *settings,
    int *ret_lock_fd, struct error *err)
{
    if (!cluster_place_init(place, settings, err))
        return false;
    *ret_lock_fd = -1;
    bool ok = access(place->dir, F_OK) != 0;
    if (!ok) {
        *ret_lock_fd = take_lock(place, LOCK_WAIT_MS, err);
        ok = *ret_lock_fd >= 0 && cluster_place_find(place, settings, err);
    }
    if (!ok)
        cluster_place_release(place);
    return ok;
}

bool cluster_stop(const struct cluster_settings *settings, bool *ret_stopped, struct error *err)
{
    struct cluster_place place;
    AUTO_CLOSE int lock_fd = -1;
    if (!approach(&place, settings, &lock_fd, err))
        return false;
    bool stopped = false;
    bool ok = lock_fd < 0 || (set_mark(&place, MARK_STOPPED, err) && stop(&place, &stopped, err));
    cluster_place_release(&place);
    if (ok)
        *ret_stopped = stopped;
    return ok;
}

/* One data directory, its unfinished form and its log. The server of it is stopped first. */
static bool destroy_major(struct cluster_place *place, unsigned major, struct error *err)
{
    struct cluster_place other = *place;
    struct buf data = BUF_INIT, log = BUF_INIT, unfinished = BUF_INIT;
    bool stopped;
    buf_addf(&data, "%s/pg%u", place->dir, major);
    buf_addf(&log, "%s/pg%u.log", place->dir, major);
    buf_addf(&unfinished, "%s/pg%u.new", place->dir, major);
    AUTO_FREE char *data_dir = buf_take(&data);
    AUTO_FREE char *log_path = buf_take(&log);
    AUTO_FREE char *new_dir = buf_take(&unfinished);
    AUTO_FREE char *version = cluster_path(data_dir, "PG_VERSION");
    other.data_dir = data_dir;
    other.log_path = log_path;
    if (!cluster_remove_tree(new_dir, err))
        return false;
    if (access(version, F_OK) != 0)
        return true;
    /* Renamed first, so that a removal that is cut short leaves no half cluster. */
    if (!stop(&other, &stopped, err))
        return false;
    if (rename(data_dir, new_dir) != 0)
        return error_set(err, ERROR_IO, errno, "could not rename directory \"%s\"", data_dir);
    (void)unlink(log_path);
    return cluster_remove_tree(new_dir, err);
}

static bool destroy(struct cluster_place *place, bool only_old, struct error *err)
{
    for (const char *at = place->old_dirs; *at != '\0';) {
        size_t length = strcspn(at, " ");
        const char *name = at + length;
        uint64_t major;
        while (name > at && name[-1] >= '0' && name[-1] <= '9')
            name--;
        AUTO_FREE char *digits = strndup(name, (size_t)(at + length - name));
        if (digits != NULL && number_u64(digits, 1, 999, &major) &&
            !destroy_major(place, (unsigned)major, err))
            return false;
        at += length + (at[length] == ' ');
    }
    return only_old || place->major == 0 || destroy_major(place, place->major, err);
}

bool cluster_destroy(
    const struct cluster_settings *settings, bool only_old, bool force, struct error *err)
{
    struct cluster_place place;
    AUTO_CLOSE int lock_fd = -1;
    if (!approach(&place, settings, &lock_fd, err))
        return false;
    AUTO_FREE char *users = cluster_path(place.dir, "users");
    AUTO_CLOSE int users_fd = open(users, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool ok = true;
    if (!only_old && !force && !is_unused(users_fd)) {
        ok = error_set(err, ERROR_DATABASE, 0, "the private cluster is in use");
        error_hint(err, "end `srctab watch` and `srctab psql` first, or add --force");
    }
    if (!only_old)
        ok = ok && (lock_fd < 0 || set_mark(&place, MARK_STOPPED, err));
    ok = ok && (lock_fd < 0 || destroy(&place, only_old, err));
    cluster_place_release(&place);
    return ok;
}

bool cluster_url(const struct cluster_settings *settings, char **ret_url, struct error *err)
{
    struct cluster_status status;
    if (!cluster_status(settings, &status, err))
        return false;
    struct buf url = BUF_INIT;
    buf_adds(&url, "postgresql://srctab@/srctab?host=");
    for (const char *at = status.socket_dir; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c) != NULL;
        if (plain)
            buf_addc(&url, (char)c);
        else
            buf_addf(&url, "%%%02X", c);
    }
    *ret_url = buf_take(&url);
    return true;
}
