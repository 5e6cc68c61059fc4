#include "store/cluster_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fd.h"
#include "base/number.h"
#include "store/cluster.h"
#include "store/cluster_server.h"

#define MAX_MAJOR 999

static bool is_set(const char *string)
{
    return string != NULL && string[0] != '\0';
}

static char *print_path(const char *format, const char *a, const char *b)
{
    struct buf path = BUF_INIT;
    for (; *format != '\0'; format++) {
        if (*format != '%')
            buf_addc(&path, *format);
        else
            buf_adds(&path, *++format == 'a' ? a : b);
    }
    return buf_take(&path);
}

char *cluster_path(const char *dir, const char *name)
{
    return print_path("%a/%b", dir, name);
}

/* A relative setting counts from the current directory, like every path on a command line. */
static bool make_absolute(const char *path, char **ret_path, struct error *err)
{
    if (path[0] == '/') {
        *ret_path = memory_string(path);
        return true;
    }
    AUTO_FREE char *here = getcwd(NULL, 0);
    if (here == NULL)
        return error_set(err, ERROR_IO, errno, "could not find the current directory");
    *ret_path = cluster_path(here, path);
    return true;
}

static bool state_dir(const struct cluster_settings *settings, char **ret_dir, struct error *err)
{
    if (is_set(settings->dir))
        return make_absolute(settings->dir, ret_dir, err);
    if (geteuid() == 0) {
        *ret_dir = memory_string("/var/lib/srctab");
        return true;
    }
    const char *state = getenv("XDG_STATE_HOME");
    if (is_set(state) && state[0] == '/') {
        *ret_dir = cluster_path(state, "srctab");
        return true;
    }
    const char *home = getenv("HOME");
    const struct passwd *entry = is_set(home) ? NULL : getpwuid(geteuid());
    if (entry != NULL)
        home = entry->pw_dir;
    if (!is_set(home) || home[0] != '/') {
        error_set(err, ERROR_CONFIG, 0, "could not find a directory for the private cluster");
        return error_hint(err, "set HOME, XDG_STATE_HOME or embedded.dir");
    }
    *ret_dir = cluster_path(home, ".local/state/srctab");
    return true;
}

static bool is_own_dir(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

/* Without a setting any short private place will do: what runs already is found by its pid file. */
static char *default_socket_dir(const char *dir)
{
    if (geteuid() == 0)
        return memory_string("/run/srctab");
    char number[24];
    snprintf(number, sizeof(number), "%u", (unsigned)geteuid());
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    AUTO_FREE char *logind = print_path("/run/user/%a", number, "");
    char *socket_dir = NULL;
    if (is_set(runtime) && runtime[0] == '/' && is_own_dir(runtime))
        socket_dir = cluster_path(runtime, "srctab");
    else if (is_own_dir(logind))
        socket_dir = cluster_path(logind, "srctab");
    else
        socket_dir = cluster_path(dir, "run");
    if (strlen(socket_dir) <= CLUSTER_SOCKET_DIR_BYTES)
        return socket_dir;
    free(socket_dir);
    return print_path("/tmp/srctab-%a", number, "");
}

bool cluster_dirs(const struct cluster_settings *settings, char **ret_dir, char **ret_socket_dir,
    struct error *err)
{
    AUTO_FREE char *dir = NULL;
    if (!state_dir(settings, &dir, err))
        return false;
    char *socket_dir = NULL;
    if (!is_set(settings->socket_dir))
        socket_dir = default_socket_dir(dir);
    else if (!make_absolute(settings->socket_dir, &socket_dir, err))
        return false;
    *ret_dir = dir;
    dir = NULL;
    *ret_socket_dir = socket_dir;
    return true;
}

static bool check_socket_dir(const char *socket_dir, struct error *err)
{
    size_t length = strlen(socket_dir);
    if (length <= CLUSTER_SOCKET_DIR_BYTES)
        return true;
    error_set(err, ERROR_DATABASE, 0,
        "socket directory \"%s\" is %zu bytes long; a unix socket allows %d", socket_dir, length,
        CLUSTER_SOCKET_DIR_BYTES);
    return error_hint(err, "set embedded.socket_dir to a shorter path");
}

static void set_user(struct cluster_place *place, const struct passwd *user)
{
    int n = 0;
    place->uid = user->pw_uid;
    place->gid = user->pw_gid;
    place->user_name = memory_string(user->pw_name);
    (void)getgrouplist(user->pw_name, user->pw_gid, NULL, &n);
    place->groups = memory_new((size_t)n + 1, sizeof(gid_t));
    int got = getgrouplist(user->pw_name, user->pw_gid, place->groups, &n);
    place->n_groups = got > 0 ? (size_t)got : 0;
}

static bool find_user(
    struct cluster_place *place, const struct cluster_settings *settings, struct error *err)
{
    const struct passwd *self = getpwuid(geteuid());
    if (self == NULL) {
        error_set(err, ERROR_DATABASE, 0,
            "user id %u has no name here, and a PostgreSQL server does not run without one",
            (unsigned)geteuid());
        return error_hint(err, "use a database of your own (--db), or run as a named user");
    }
    place->self_name = memory_string(self->pw_name);
    place->drops = geteuid() == 0;
    if (!place->drops) {
        set_user(place, self);
        return true;
    }
    const char *name = is_set(settings->user) ? settings->user : "postgres";
    const struct passwd *user = getpwnam(name);
    if (user == NULL || user->pw_uid == 0) {
        error_set(err, ERROR_DATABASE, 0,
            user == NULL ? "there is no user \"%s\" to run the private cluster"
                         : "user \"%s\" is root, and a PostgreSQL server refuses to run as root",
            name);
        return error_hint(err, "set embedded.user to an unprivileged user, or use --db");
    }
    set_user(place, user);
    return true;
}

bool cluster_place_init(
    struct cluster_place *place, const struct cluster_settings *settings, struct error *err)
{
    *place = (struct cluster_place){.lock_fd = -1, .old_dirs = memory_string("")};
    if (cluster_dirs(settings, &place->dir, &place->socket_dir, err) &&
        check_socket_dir(place->socket_dir, err) && find_user(place, settings, err))
        return true;
    cluster_place_release(place);
    return false;
}

void cluster_place_release(struct cluster_place *place)
{
    free(place->dir);
    free(place->socket_dir);
    free(place->groups);
    free(place->user_name);
    free(place->self_name);
    free(place->bin_dir);
    free(place->data_dir);
    free(place->log_path);
    free(place->old_dirs);
    *place = (struct cluster_place){.lock_fd = -1};
}

/* "pg15" is 15; anything else is 0. */
static unsigned data_dir_major(const char *name)
{
    uint64_t major;
    if (strncmp(name, "pg", 2) != 0 || !number_u64(name + 2, 1, MAX_MAJOR, &major))
        return 0;
    return (unsigned)major;
}

static bool has_cluster(const struct cluster_place *place, unsigned major)
{
    char name[32];
    snprintf(name, sizeof(name), "pg%u/PG_VERSION", major);
    AUTO_FREE char *path = cluster_path(place->dir, name);
    return access(path, F_OK) == 0;
}

static bool has_programs(const char *bin_dir)
{
    AUTO_FREE char *server = cluster_path(bin_dir, "postgres");
    AUTO_FREE char *initdb = cluster_path(bin_dir, "initdb");
    return access(server, X_OK) == 0 && access(initdb, X_OK) == 0;
}

/* Take a candidate when it is better: a major that has a cluster beats one without, then the newer
 * one. */
static void consider(struct cluster_place *place, const char *bin_dir, unsigned major)
{
    if (major == 0 || !has_programs(bin_dir))
        return;
    bool has = has_cluster(place, major);
    bool had = place->bin_dir != NULL && has_cluster(place, place->major);
    if (place->bin_dir != NULL && (has != had ? had : major <= place->major))
        return;
    free(place->bin_dir);
    place->bin_dir = memory_string(bin_dir);
    place->major = major;
}

/* Packages keep one folder a major: Debian's /usr/lib/postgresql/15/bin, Red Hat's
 * /usr/pgsql-15/bin. */
static void consider_packages(struct cluster_place *place, const char *parent, const char *prefix)
{
    DIR *listing = opendir(parent);
    if (listing == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        uint64_t major;
        size_t skip = strlen(prefix);
        if (strncmp(entry->d_name, prefix, skip) != 0 ||
            !number_u64(entry->d_name + skip, 1, MAX_MAJOR, &major))
            continue;
        AUTO_FREE char *home = cluster_path(parent, entry->d_name);
        AUTO_FREE char *bin_dir = cluster_path(home, "bin");
        consider(place, bin_dir, (unsigned)major);
    }
    closedir(listing);
}

static void consider_search_path(struct cluster_place *place)
{
    const char *at = getenv("PATH");
    while (is_set(at)) {
        size_t length = strcspn(at, ":");
        AUTO_FREE char *folder = strndup(at, length);
        if (folder != NULL && folder[0] == '/' && has_programs(folder)) {
            AUTO_FREE char *bin_dir = realpath(folder, NULL);
            if (bin_dir != NULL)
                consider(place, bin_dir, cluster_server_major(place, bin_dir));
            return;
        }
        at += length + (at[length] == ':');
    }
}

/* The newest data directory, for a status without any server program. */
static void list_data_dirs(struct cluster_place *place)
{
    struct buf old = BUF_INIT;
    DIR *listing = opendir(place->dir);
    if (listing == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        unsigned major = data_dir_major(entry->d_name);
        if (major == 0 || !has_cluster(place, major))
            continue;
        if (place->bin_dir == NULL && major > place->major)
            place->major = major;
    }
    rewinddir(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        unsigned major = data_dir_major(entry->d_name);
        if (major == 0 || major == place->major || !has_cluster(place, major))
            continue;
        AUTO_FREE char *path = cluster_path(place->dir, entry->d_name);
        buf_addf(&old, "%s%s", old.length > 0 ? " " : "", path);
    }
    closedir(listing);
    free(place->old_dirs);
    place->old_dirs = buf_take(&old);
}

bool cluster_place_find(
    struct cluster_place *place, const struct cluster_settings *settings, struct error *err)
{
    if (is_set(settings->bin_dir) && strcmp(settings->bin_dir, "auto") != 0) {
        consider(place, settings->bin_dir, cluster_server_major(place, settings->bin_dir));
        if (place->bin_dir == NULL) {
            error_set(err, ERROR_DATABASE, 0, "there is no PostgreSQL server in \"%s\"",
                settings->bin_dir);
            return error_hint(err, "set embedded.bin_dir to the folder of postgres and initdb");
        }
    } else {
        consider_packages(place, "/usr/lib/postgresql", "");
        consider_packages(place, "/usr", "pgsql-");
        if (place->bin_dir == NULL)
            consider_search_path(place);
    }
    list_data_dirs(place);
    if (place->major == 0)
        return true;
    char name[32];
    snprintf(name, sizeof(name), "pg%u", place->major);
    place->data_dir = cluster_path(place->dir, name);
    snprintf(name, sizeof(name), "pg%u.log", place->major);
    place->log_path = cluster_path(place->dir, name);
    return true;
}
