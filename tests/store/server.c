#include "server.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SKIPPED 77
#define DEADLINE_S 20

static _Noreturn void broken(const char *what, const char *why)
{
    fprintf(stderr, "server: %s: %s\n", what, why);
    abort();
}

/* The newest PostgreSQL that is installed. */
static const char *bin_dir(void)
{
    static char dir[256];
    glob_t found;
    if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) != 0)
        return NULL;
    snprintf(dir, sizeof(dir), "%s", found.gl_pathv[found.gl_pathc - 1]);
    *strrchr(dir, '/') = '\0';
    globfree(&found);
    return dir;
}

/* The server does not run as root. */
static const struct passwd *server_user(void)
{
    return geteuid() == 0 ? getpwnam("postgres") : getpwuid(geteuid());
}

static pid_t spawn(const struct server *server, const char *const *argv, bool quiet)
{
    pid_t parent = getpid(), pid = fork();
    if (pid != 0)
        return pid;
    const struct passwd *user = server_user();
    char log[128];
    snprintf(log, sizeof(log), "%s/log", server->dir);
    if (!freopen(quiet ? "/dev/null" : log, "a", stderr) || !freopen("/dev/null", "w", stdout))
        _exit(1);
    if (geteuid() == 0 &&
        (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(1);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent || chdir(server->dir) != 0)
        _exit(1);
    execv(argv[0], (char *const *)argv);
    _exit(1);
}

static const char *data_dir(const struct server *server)
{
    static char data[96];
    snprintf(data, sizeof(data), "%s/data", server->dir);
    return data;
}

static void wait_until_ready(const struct server *server)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    for (time_t end = time(NULL) + DEADLINE_S; time(NULL) < end; nanosleep(&pause, NULL))
        if (PQping(server->conninfo) == PQPING_OK)
            return;
    broken("start", "not ready in time");
}

void server_start(struct server *server)
{
    char program[300];
    snprintf(program, sizeof(program), "%s/postgres", bin_dir());
    const char *argv[] = {program, "-D", data_dir(server), "-c", "listen_addresses=", "-c",
        "fsync=off", "-k", server->dir, "-p", "5432", "-c", "shared_buffers=16MB", "-c",
        "max_connections=40", "-c", "log_min_messages=warning", NULL};
    server->pid = spawn(server, argv, false);
    wait_until_ready(server);
}

struct server *server_new(void)
{
    if (bin_dir() == NULL || server_user() == NULL) {
        printf("1..0 # SKIP PostgreSQL is not installed\n");
        exit(SKIPPED);
    }
    struct server *server = calloc(1, sizeof(*server));
    const struct passwd *user = server_user();
    snprintf(server->dir, sizeof(server->dir), "/tmp/srctab-test-XXXXXX");
    if (mkdtemp(server->dir) == NULL || chown(server->dir, user->pw_uid, user->pw_gid) != 0)
        broken("directory", strerror(errno));
    snprintf(server->conninfo, sizeof(server->conninfo),
        "host=%s port=5432 dbname=postgres user=postgres", server->dir);
    char program[300];
    int status;
    snprintf(program, sizeof(program), "%s/initdb", bin_dir());
    const char *argv[] = {program, "-D", data_dir(server), "-A", "trust", "-U", "postgres", "-E",
        "UTF8", "--locale=C.UTF-8", "-N", NULL};
    pid_t pid = spawn(server, argv, true);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        broken("initdb", "failed");
    server_start(server);
    return server;
}

/* Signal every process of the postmaster's family. */
static void signal_family(const struct server *server, int signal)
{
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
        char path[300], text[512];
        int parent = 0;
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        FILE *file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(path, "re") : NULL;
        if (file == NULL)
            continue;
        size_t n = fread(text, 1, sizeof(text) - 1, file);
        text[n] = '\0';
        fclose(file);
        const char *after = strrchr(text, ')');
        if (after != NULL && sscanf(after + 1, " %*c %d", &parent) == 1 && parent == server->pid)
            kill((pid_t)strtol(entry->d_name, NULL, 10), signal);
    }
    closedir(proc);
}

static void end(struct server *server, int signal)
{
    int status;
    kill(server->pid, signal);
    waitpid(server->pid, &status, 0);
    server->pid = 0;
}

void server_crash(struct server *server)
{
    kill(server->pid, SIGSTOP); /* so that it starts no new backend meanwhile */
    signal_family(server, SIGKILL);
    end(server, SIGKILL);
    char lock[128];
    snprintf(lock, sizeof(lock), "%s/postmaster.pid", data_dir(server));
    unlink(lock);
}

void server_stop(struct server *server)
{
    end(server, SIGINT);
}

void server_freeze(struct server *server)
{
    kill(server->pid, SIGSTOP);
    signal_family(server, SIGSTOP);
}

void server_thaw(struct server *server)
{
    signal_family(server, SIGCONT);
    kill(server->pid, SIGCONT);
}

void server_free(struct server *server)
{
    char command[128];
    if (server == NULL)
        return;
    if (server->pid > 0) {
        server_thaw(server);
        end(server, SIGQUIT);
    }
    snprintf(command, sizeof(command), "rm -rf '%s'", server->dir);
    if (system(command) != 0)
        broken("remove", server->dir);
    free(server);
}

static PGresult *execute(const struct server *server, const char *sql)
{
    PGconn *conn = PQconnectdb(server->conninfo);
    if (PQstatus(conn) != CONNECTION_OK)
        broken("connect", PQerrorMessage(conn));
    PQclear(PQexec(conn, "SET client_min_messages = warning"));
    PGresult *result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        broken(sql, PQerrorMessage(conn));
    PQfinish(conn);
    return result;
}

void server_run(const struct server *server, const char *sql)
{
    PQclear(execute(server, sql));
}

const char *server_ask(const struct server *server, const char *sql)
{
    static char answer[65536];
    PGresult *result = execute(server, sql);
    snprintf(answer, sizeof(answer), "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return answer;
}

bool server_wait_for(const struct server *server, const char *sql, const char *wanted)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    for (time_t end_at = time(NULL) + DEADLINE_S; time(NULL) < end_at; nanosleep(&pause, NULL))
        if (strcmp(server_ask(server, sql), wanted) == 0)
            return true;
    fprintf(stderr, "%s: got \"%s\", wanted \"%s\"\n", sql, server_ask(server, sql), wanted);
    return false;
}

struct session {
    PGconn *conn;
};

struct session *session_new(const struct server *server, const char *sql)
{
    struct session *session = calloc(1, sizeof(*session));
    session->conn = PQconnectdb(server->conninfo);
    PGresult *result = PQexec(session->conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        broken(sql, PQerrorMessage(session->conn));
    PQclear(result);
    return session;
}

void session_free(struct session *session)
{
    PQfinish(session->conn);
    free(session);
}
