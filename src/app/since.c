#include "app/since.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <uthash.h>

#include "app/git.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/number.h"

/* "root\0path" that changed. */
struct entry {
    UT_hash_handle hh;
    char key[];
};

struct since {
    char *text;
    bool is_time;
    int64_t wall_us;
    struct entry *changed;
    const char *root_path; /* while git calls back */
};

static const struct {
    const char *word;
    int64_t seconds;
} units[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}, {"week", 604800},
    {"month", 2592000}, {"year", 31536000}};

/* "2 hours ago" */
static bool parse_ago(const char *text, int64_t *ret_wall_us)
{
    int64_t n = 0;
    char number[10] = "", word[16] = "", ago[8] = "";
    if (sscanf(text, "%9s %15s %7s", number, word, ago) != 3 || strcmp(ago, "ago") != 0 ||
        !number_i64(number, 0, 999999999, &n))
        return false;
    size_t length = strlen(word);
    if (length > 1 && word[length - 1] == 's')
        word[length - 1] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (strcmp(word, units[i].word) == 0) {
            *ret_wall_us = clock_wall_us() - n * units[i].seconds * 1000000;
            return true;
        }
    }
    return false;
}

/* "1h", "30m" */
static bool parse_duration(const char *text, int64_t *ret_wall_us)
{
    uint64_t ms = 0;
    if (!number_duration_ms(text, &ms))
        return false;
    *ret_wall_us = clock_wall_us() - (int64_t)ms * 1000;
    return true;
}

/* Local time, but for a trailing Z. */
static bool parse_date(const char *text, int64_t *ret_wall_us)
{
    static const char *const formats[] = {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"};
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        struct tm tm = {.tm_isdst = -1};
        const char *end = strptime(text, formats[i], &tm);
        if (end == NULL || *end != '\0')
            continue;
        time_t seconds = i == 0 ? timegm(&tm) : mktime(&tm);
        *ret_wall_us = (int64_t)seconds * 1000000;
        return true;
    }
    return false;
}

bool since_new(const char *text, struct since **ret_since, struct error *err)
{
    if (text[0] == '\0') {
        error_set(err, ERROR_USAGE, 0, "--since needs a time or a git revision");
        return error_hint(
            err, "for example: --since \"2 hours ago\", --since 2026-01-31, --since origin/main");
    }
    struct since *since = memory_new(1, sizeof(*since));
    since->text = memory_string(text);
    since->is_time = parse_ago(text, &since->wall_us) || parse_duration(text, &since->wall_us) ||
                     parse_date(text, &since->wall_us);
    *ret_since = since;
    return true;
}

void since_free(struct since *since)
{
    struct entry *entry, *next;
    if (since == NULL)
        return;
    HASH_ITER (hh, since->changed, entry, next) {
        HASH_DEL(since->changed, entry);
        free(entry);
    }
    free(since->text);
    free(since);
}

static size_t make_key(struct buf *key, const char *root_path, const char *path)
{
    buf_add(key, root_path, strlen(root_path) + 1);
    buf_adds(key, path);
    return key->length;
}

static bool add_path(void *user, const char *path)
{
    struct since *since = user;
    struct entry *entry = NULL;
    AUTO_BUF key = BUF_INIT;
    size_t length = make_key(&key, since->root_path, path);
    HASH_FIND(hh, since->changed, key.data, length, entry);
    if (entry != NULL)
        return true;
    entry = memory_new(1, sizeof(*entry) + length);
    memcpy(entry->key, key.data, length);
    HASH_ADD_KEYPTR(hh, since->changed, entry->key, length, entry);
    return true;
}

struct since *since_paths(const char *root_path, const char *const *paths, size_t n_paths)
{
    struct since *since = memory_new(1, sizeof(*since));
    since->root_path = root_path;
    for (size_t i = 0; i < n_paths; i++)
        (void)add_path(since, paths[i]);
    return since;
}

bool since_open_root(struct since *since, const char *root_path, struct error *err)
{
    struct git *git = NULL;
    char commit[65];
    bool found = true, ok = true;
    if (since->text == NULL)
        return true;
    if (!git_open(root_path, &git, err))
        return false;
    since->root_path = root_path;
    if (git == NULL && !since->is_time) {
        error_set(err, ERROR_USAGE, 0, "\"%s\" is not a time, and \"%s\" is in no git repository",
            since->text, root_path);
        return error_hint(err, "for example: --since \"2 hours ago\", --since 2026-01-31");
    }
    if (git != NULL && since->is_time)
        ok = git_commit_before(git, since->wall_us, &found, commit, err);
    if (ok && git != NULL && found)
        ok = git_changed_since(git, since->is_time ? commit : since->text, add_path, since, err);
    if (!ok && !since->is_time && err->kind == ERROR_USAGE)
        error_hint(
            err, "for example: --since \"2 hours ago\", --since 2026-01-31, --since origin/main");
    git_free(git);
    return ok;
}

bool since_has(const struct since *since, int root_fd, const char *root_path, const char *path)
{
    struct entry *entry = NULL;
    struct stat st;
    AUTO_BUF key = BUF_INIT;
    size_t length = make_key(&key, root_path, path);
    HASH_FIND(hh, since->changed, key.data, length, entry);
    if (entry != NULL || !since->is_time)
        return entry != NULL;
    if (fstatat(root_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return true; /* gone: nobody knows since when */
    return (int64_t)st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000 >= since->wall_us;
}
