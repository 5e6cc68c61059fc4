#include "store/cluster_server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/number.h"
#include "store/cluster_spawn.h"

#define READY_MS 60000
#define TICK_MS 4
#define PID_FILE_BYTES 4096
#define PROC_FILE_BYTES 65536

/* Lines of postmaster.pid (src/include/utils/pidfile.h of PostgreSQL). */
enum {
    PID_LINE_PID,
    PID_LINE_DIR,
    PID_LINE_START,
    PID_LINE_PORT,
    PID_LINE_SOCKET_DIR,
    PID_LINE_LISTEN,
    PID_LINE_SHMEM,
    PID_LINE_STATUS,
    PID_LINES
};

unsigned cluster_server_major(const struct cluster_place *place, const char *bin_dir)
{
    struct error ignored = ERROR_INIT;
    AUTO_FREE char *program = cluster_path(bin_dir, "postgres");
    AUTO_BUF text = BUF_INIT;
    const char *const argv[] = {program, "-V", NULL};
    if (!cluster_spawn_read(place, argv, &text, &ignored))
        return 0;
    /* postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1) */
    const char *at = strstr(buf_string(&text), "PostgreSQL) ");
    unsigned major = 0;
    if (at != NULL)
        for (at += strlen("PostgreSQL) "); *at >= '0' && *at <= '9' && major < 1000; at++)
            major = major * 10 + (unsigned)(*at - '0');
    return major;
}

/* Small files of directories that belong to another user: their last step may not be a link. */
static bool read_small(const char *path, size_t limit_bytes, struct buf *ret_text)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    return fd >= 0 && fd_read_all(fd, limit_bytes, ret_text);
}

/* Cut text into lines in place; missing ones are "". */
static void split_lines(char *text, const char *lines[PID_LINES])
{
    for (int i = 0; i < PID_LINES; i++) {
        char *end = strchrnul(text, '\n');
        lines[i] = text;
        text = *end != '\0' ? end + 1 : end;
        *end = '\0';
    }
}

/* First lines of a file in postmaster.pid's form. False: there is none. */
static bool read_pid_file(const char *path, struct buf *text, const char *lines[PID_LINES])
{
    if (!read_small(path, PID_FILE_BYTES, text) || text->length == 0)
        return false;
    split_lines(text->data, lines);
    return true;
}

static bool runs_in(const char *proc_dir, const struct stat *data)
{
    AUTO_FREE char *path = cluster_path(proc_dir, "cwd");
    struct stat here;
    return stat(path, &here) == 0 && here.st_dev == data->st_dev && here.st_ino == data->st_ino;
}

/* Where another user's working directory may not be read (root without CAP_SYS_PTRACE), the command
 * line still says -D. */
static bool was_given(const char *proc_dir, const char *data_dir)
{
    AUTO_FREE char *path = cluster_path(proc_dir, "cmdline");
    AUTO_BUF words = BUF_INIT;
    if (!read_small(path, PROC_FILE_BYTES, &words))
        return false;
    for (size_t at = 0; at < words.length; at += strlen(words.data + at) + 1)
        if (strcmp(words.data + at, data_dir) == 0)
            return true;
    return false;
}

/*
 * Is the process a server of this directory? After a restart of a container small numbers are used
 * again, so the pid may be anyone's; a postmaster's working directory is its data directory. A
 * zombie has neither directory nor words.
 */
static bool is_server(const struct cluster_place *place, pid_t pid, const struct stat *data)
{
    char proc_dir[32];
    struct stat st;
    snprintf(proc_dir, sizeof(proc_dir), "/proc/%d", (int)pid);
    if (stat(proc_dir, &st) != 0 || st.st_uid != place->uid)
        return false;
    return runs_in(proc_dir, data) || was_given(proc_dir, place->data_dir);
}

void cluster_server_look(const struct cluster_place *place, struct cluster_server *ret_server)
{
    *ret_server = (struct cluster_server){.pid = 0};
    AUTO_FREE char *path = cluster_path(place->data_dir, "postmaster.pid");
    AUTO_BUF text = BUF_INIT;
    struct stat data;
    const char *lines[PID_LINES];
    uint64_t pid, port;
    if (!read_pid_file(path, &text, lines) || stat(place->data_dir, &data) != 0)
        return;
    if (!number_u64(lines[PID_LINE_PID], 1, INT_MAX, &pid) || !is_server(place, (pid_t)pid, &data))
        return;
    ret_server->pid = (pid_t)pid;
    ret_server->port = number_u64(lines[PID_LINE_PORT], 1, 65535, &port) ? (unsigned)port : 0;
    snprintf(
        ret_server->socket_dir, sizeof(ret_server->socket_dir), "%s", lines[PID_LINE_SOCKET_DIR]);
    const char *status = lines[PID_LINE_STATUS];
    ret_server->phase = SERVER_STARTING;
    if (strncmp(status, "ready", 5) == 0)
        ret_server->phase = SERVER_READY;
    else if (strncmp(status, "stopping", 8) == 0)
        ret_server->phase = SERVER_STOPPING;
}

/* Wait one tick, or less if the process ends. */
static void tick(int pid_fd)
{
    struct pollfd poll_fd = {.fd = pid_fd, .events = POLLIN};
    (void)poll(&poll_fd, 1, TICK_MS);
    if ((poll_fd.revents & POLLIN) != 0)
        (void)poll(NULL, 0, 1); /* it has ended but its pid file may be read a moment longer */
}

bool cluster_server_wait(
    const struct cluster_place *place, struct cluster_server *ret_server, struct error *err)
{
    uint64_t deadline_ms = clock_monotonic_ms() + READY_MS;
    for (;;) {
        cluster_server_look(place, ret_server);
        if (ret_server->pid == 0 || ret_server->phase == SERVER_READY)
            return true;
        if (clock_monotonic_ms() >= deadline_ms) {
            error_set(err, ERROR_DATABASE, 0, "the private cluster is not ready after %d s",
                READY_MS / 1000);
            return error_hint(err, "its log is \"%s\"", place->log_path);
        }
        tick(-1);
    }
}

/* Server processes outlive a killed postmaster for a moment; their shared memory must not be shared
 * with a new one. */
static bool any_process_in(const struct stat *data)
{
    DIR *listing = opendir("/proc");
    if (listing == NULL)
        return false;
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(listing)) != NULL;) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        AUTO_FREE char *proc_dir = cluster_path("/proc", entry->d_name);
        AUTO_FREE char *comm = cluster_path(proc_dir, "comm");
        AUTO_BUF name = BUF_INIT;
        found = runs_in(proc_dir, data) && read_small(comm, 64, &name) &&
                strncmp(buf_string(&name), "postgres", 8) == 0;
    }
    closedir(listing);
    return found;
}

static bool remove_file(const char *path, struct error *err)
{
    return unlink(path) == 0 || errno == ENOENT ||
           error_set(err, ERROR_IO, errno, "could not remove file \"%s\"", path);
}

/* The lock of the socket says whose it is: another cluster's stays, ours is stale like the pid
 * file. */
static bool clear_socket_lock(const struct cluster_place *place, struct error *err)
{
    AUTO_FREE char *path = cluster_path(place->socket_dir, ".s.PGSQL.5432.lock");
    AUTO_BUF text = BUF_INIT;
    const char *lines[PID_LINES];
    if (!read_pid_file(path, &text, lines) || strcmp(lines[PID_LINE_DIR], place->data_dir) != 0)
        return true;
    return remove_file(path, err);
}

/* Where the server was our child, nobody else reaps it. */
static void reap(const char *pid_text)
{
    uint64_t pid;
    if (number_u64(pid_text, 2, INT_MAX, &pid))
        (void)waitpid((pid_t)pid, NULL, WNOHANG);
}

/*
 * The pid file of a server that is gone. PostgreSQL copes with a dead process and with another
 * user's, but refuses to start when the number belongs to the same user now, or to a zombie that
 * nobody reaps.
 */
static bool clear_pid_file(const struct cluster_place *place, struct error *err)
{
    AUTO_FREE char *path = cluster_path(place->data_dir, "postmaster.pid");
    AUTO_BUF text = BUF_INIT;
    const char *lines[PID_LINES];
    struct stat data;
    if (!clear_socket_lock(place, err))
        return false;
    if (!read_pid_file(path, &text, lines) || stat(place->data_dir, &data) != 0)
        return true;
    reap(lines[PID_LINE_PID]);
    uint64_t deadline_ms = clock_monotonic_ms() + 10000;
    while (any_process_in(&data)) {
        if (clock_monotonic_ms() >= deadline_ms) {
            error_set(err, ERROR_DATABASE, 0, "processes of a killed server still use \"%s\"",
                place->data_dir);
            return error_hint(err, "end them, then try again");
        }
        tick(-1);
    }
    return remove_file(path, err);
}

/* Keep the log of one run before, no more. */
static int open_log(const struct cluster_place *place, off_t *ret_at, struct error *err)
{
    struct stat st;
    if (lstat(place->log_path, &st) == 0 && st.st_size > (off_t)10 * 1024 * 1024) {
        AUTO_FREE char *older = memory_new(strlen(place->log_path) + 3, 1);
        snprintf(older, strlen(place->log_path) + 3, "%s.1", place->log_path);
        (void)rename(place->log_path, older);
    }
    int fd = open(place->log_path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        error_set(err, ERROR_IO, errno, "could not open file \"%s\"", place->log_path);
    else
        *ret_at = lseek(fd, 0, SEEK_END);
    return fd;
}

/* The line that explains a failure: the last FATAL or ERROR, else the last one. */
static void last_words(int log_fd, off_t from, char *ret_text, size_t size)
{
    char text[8192];
    struct stat st;
    if (fstat(log_fd, &st) == 0 && st.st_size - from > (off_t)sizeof(text) - 1)
        from = st.st_size - (off_t)sizeof(text) + 1;
    ssize_t got = pread(log_fd, text, sizeof(text) - 1, from);
    text[got > 0 ? got : 0] = '\0';
    const char *best = "";
    bool named = false;
    for (char *line = text; *line != '\0';) {
        char *end = strchrnul(line, '\n');
        char *next = *end != '\0' ? end + 1 : end;
        *end = '\0';
        char *word = strstr(line, "FATAL:");
        word = word != NULL ? word : strstr(line, "PANIC:");
        word = word != NULL ? word : strstr(line, "error:");
        if (word != NULL || (!named && *line != '\0')) {
            best = word != NULL ? word : line;
            named = named || word != NULL;
        }
        line = next;
    }
    snprintf(ret_text, size, "%.*s", (int)size - 1, best);
}

static bool failed(
    const struct cluster_place *place, int log_fd, off_t from, const char *what, struct error *err)
{
    char words[256];
    last_words(log_fd, from, words, sizeof(words));
    error_set(err, ERROR_DATABASE, 0, "%s: %s", what, words[0] != '\0' ? words : "no message");
    if (place->drops && strstr(words, "Permission denied") != NULL)
        return error_hint(err,
            "user \"%s\" must be able to reach \"%s\"; set embedded.dir or embedded.user",
            place->user_name, place->dir);
    return error_hint(err, "its log is \"%s\"", place->log_path);
}

/* Add lines to a file of the new data directory. */
static bool append(const char *data_dir, const char *name, const struct buf *lines, bool replace,
    struct error *err)
{
    AUTO_FREE char *path = cluster_path(data_dir, name);
    AUTO_CLOSE int fd =
        open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | (replace ? O_TRUNC : O_APPEND));
    if (fd < 0 || !fd_write_all(fd, lines->data, lines->length))
        return error_set(err, ERROR_IO, errno, "could not write file \"%s\"", path);
    return true;
}

static bool write_settings(
    const struct cluster_place *place, const char *data_dir, struct error *err)
{
    static const char settings[] =
        "listen_addresses = ''\n"
        "port = 5432\n"
        "unix_socket_permissions = 0700\n"
        "max_connections = 40\n"
        "synchronous_commit = off\n" /* what must last asks for more itself */
        "wal_level = minimal\n"
        "max_wal_senders = 0\n"
        "min_wal_size = 32MB\n"
        "max_wal_size = 256MB\n"
        "checkpoint_timeout = 15min\n"
        "jit = off\n"
        "logging_collector = off\n"
        "log_destination = 'stderr'\n"
        "log_checkpoints = off\n"
        /* shared memory of a container is 64 MB */
        "max_parallel_workers_per_gather = 1\n";
    AUTO_BUF lines = BUF_INIT;
    buf_adds(&lines, settings);
    if (!append(data_dir, "postgresql.auto.conf", &lines, false, err))
        return false;
    buf_clear(&lines);
    buf_adds(&lines, "local all all peer map=own\n");
    if (!append(data_dir, "pg_hba.conf", &lines, true, err))
        return false;
    buf_clear(&lines);
    buf_addf(&lines, "own \"root\" srctab\nown \"%s\" srctab\n", place->self_name);
    if (strcmp(place->user_name, place->self_name) != 0)
        buf_addf(&lines, "own \"%s\" srctab\n", place->user_name);
    return append(data_dir, "pg_ident.conf", &lines, true, err);
}

static bool run_initdb(
    const struct cluster_place *place, const char *data_dir, int log_fd, struct error *err)
{
    AUTO_FREE char *initdb = cluster_path(place->bin_dir, "initdb");
    const char *const argv[] = {initdb, "-D", data_dir, "-U", "srctab", "-A", "peer", "-E", "UTF8",
        "--locale=C", "--data-checksums", "--no-instructions", "--no-sync", NULL};
    AUTO_CLOSE int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    off_t from = lseek(log_fd, 0, SEEK_END);
    int status;
    const struct cluster_program program = {.argv = argv,
        .directory = "/",
        .in_fd = null_fd,
        .out_fd = log_fd,
        .keep_fd = place->lock_fd};
    if (!cluster_spawn_wait(place, &program, &status, err))
        return false;
    return status == 0 ||
           failed(place, log_fd, from, "could not make the private cluster (initdb)", err);
}

/* A database of our own name, made in single-user mode: nothing has to be started and connected to
 * for it. */
static bool make_database(
    const struct cluster_place *place, const char *data_dir, int log_fd, struct error *err)
{
    static const char statement[] = "CREATE DATABASE srctab\n";
    AUTO_FREE char *server = cluster_path(place->bin_dir, "postgres");
    const char *const argv[] = {server, "--single", "-F", "-j", "-D", data_dir, "template1", NULL};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERROR_IO, errno, "could not make a pipe");
    AUTO_CLOSE int read_end = ends[0];
    bool wrote = fd_write_all(ends[1], statement, sizeof(statement) - 1);
    close(ends[1]);
    off_t from = lseek(log_fd, 0, SEEK_END);
    int status;
    const struct cluster_program program = {.argv = argv,
        .directory = data_dir,
        .in_fd = read_end,
        .out_fd = log_fd,
        .keep_fd = place->lock_fd};
    if (!wrote)
        return error_set(err, ERROR_IO, errno, "could not write to a pipe");
    if (!cluster_spawn_wait(place, &program, &status, err))
        return false;
    return status == 0 ||
           failed(place, log_fd, from, "could not make the private cluster's database", err);
}

/* initdb did not sync: one syncfs(2) costs a tenth of its fsync for each of 900 files. */
static bool publish(const struct cluster_place *place, const char *unfinished, struct error *err)
{
    AUTO_CLOSE int dir_fd = open(place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0 || syncfs(dir_fd) != 0 || rename(unfinished, place->data_dir) != 0 ||
        fsync(dir_fd) != 0)
        return error_set(
            err, ERROR_IO, errno, "could not create directory \"%s\"", place->data_dir);
    return true;
}

bool cluster_server_make(const struct cluster_place *place, struct error *err)
{
    off_t from;
    AUTO_CLOSE int log_fd = open_log(place, &from, err);
    if (log_fd < 0)
        return false;
    AUTO_FREE char *unfinished = memory_new(strlen(place->data_dir) + 5, 1);
    snprintf(unfinished, strlen(place->data_dir) + 5, "%s.new", place->data_dir);
    if (!cluster_remove_tree(unfinished, err))
        return false;
    if (mkdir(unfinished, 0700) != 0 ||
        (place->drops && chown(unfinished, place->uid, place->gid) != 0))
        return error_set(err, ERROR_IO, errno, "could not create directory \"%s\"", unfinished);
    return run_initdb(place, unfinished, log_fd, err) && write_settings(place, unfinished, err) &&
           make_database(place, unfinished, log_fd, err) && publish(place, unfinished, err);
}

/* -c unix_socket_directories takes a list: quote the name. */
static void add_socket_setting(const struct cluster_place *place, struct buf *out)
{
    buf_adds(out, "unix_socket_directories=\"");
    for (const char *at = place->socket_dir; *at != '\0'; at++) {
        if (*at == '"')
            buf_addc(out, '"');
        buf_addc(out, *at);
    }
    buf_addc(out, '"');
}

static bool launch(const struct cluster_place *place, unsigned shared_buffers_mb, int log_fd,
    pid_t *ret_pid, struct error *err)
{
    AUTO_FREE char *server = cluster_path(place->bin_dir, "postgres");
    AUTO_BUF sockets = BUF_INIT;
    AUTO_BUF memory = BUF_INIT;
    add_socket_setting(place, &sockets);
    buf_addf(&memory, "shared_buffers=%uMB", shared_buffers_mb);
    const char *const argv[] = {
        server, "-D", place->data_dir, "-c", buf_string(&sockets), "-c", buf_string(&memory), NULL};
    AUTO_CLOSE int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const struct cluster_program program = {.argv = argv,
        .directory = place->data_dir,
        .in_fd = null_fd,
        .out_fd = log_fd,
        .keep_fd = -1};
    return cluster_spawn(place, &program, ret_pid, err);
}

/* A server whose starter was killed has no pid file for some milliseconds: then ours ends, and that
 * one is as good. */
static bool lost_race(const struct cluster_place *place, struct error *err)
{
    struct cluster_server server;
    return cluster_server_wait(place, &server, err) && server.pid != 0;
}

bool cluster_server_start(
    const struct cluster_place *place, unsigned shared_buffers_mb, struct error *err)
{
    off_t from = 0;
    pid_t pid;
    AUTO_CLOSE int log_fd = open_log(place, &from, err);
    if (log_fd < 0 || !clear_pid_file(place, err) ||
        !launch(place, shared_buffers_mb, log_fd, &pid, err))
        return false;
    AUTO_CLOSE int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    uint64_t deadline_ms = clock_monotonic_ms() + READY_MS;
    for (struct cluster_server server;;) {
        cluster_server_look(place, &server);
        if (server.pid == pid && server.phase == SERVER_READY)
            return true;
        int status;
        if (waitpid(pid, &status, WNOHANG) == pid)
            return lost_race(place, err) ||
                   failed(place, log_fd, from, "the private cluster did not start", err);
        if (clock_monotonic_ms() >= deadline_ms)
            return failed(place, log_fd, from, "the private cluster is not ready after 60 s", err);
        tick(pid_fd);
    }
}

bool cluster_server_stop(const struct cluster_place *place, uint64_t wait_ms)
{
    struct cluster_server server;
    cluster_server_look(place, &server);
    if (server.pid == 0)
        return true;
    pid_t pid = server.pid;
    AUTO_CLOSE int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (kill(pid, SIGINT) != 0)
        return errno == ESRCH;
    uint64_t deadline_ms = clock_monotonic_ms() + wait_ms;
    while (server.pid == pid && clock_monotonic_ms() < deadline_ms) {
        (void)waitpid(pid, NULL, WNOHANG); /* where it is our child */
        tick(pid_fd);
        cluster_server_look(place, &server);
    }
    (void)waitpid(pid, NULL, WNOHANG);
    return server.pid != pid;
}
