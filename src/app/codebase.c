#include "app/codebase.h"

#include <ctype.h>
#include <errno.h>
#include <sys/stat.h>

#include "app/config_value.h"
#include "app/git.h"
#include "base/sha256.h"
#include "base/utf8.h"

enum { ID_HEX_DIGITS = 16 };

const char *codebase_source_of_url(struct arena *arena, const char *url)
{
    const char *start = url;
    const char *scheme = strstr(url, "://");
    if (scheme != NULL)
        start = scheme + 3;
    /* a user, and a password with it, end at the last @ before the path; scp's form has its path
     * after a colon */
    size_t host_end = strcspn(start, "/");
    const char *at = memrchr(start, '@', host_end);
    if (at != NULL)
        start = at + 1;
    AUTO_BUF source = BUF_INIT;
    buf_adds(&source, start);
    while (source.length > 0 && source.data[source.length - 1] == '/')
        buf_truncate(&source, source.length - 1);
    if (source.length > 4 && strcmp(source.data + source.length - 4, ".git") == 0)
        buf_truncate(&source, source.length - 4);
    while (source.length > 0 && source.data[source.length - 1] == '/')
        buf_truncate(&source, source.length - 1);
    char *colon = scheme == NULL && source.length > 0 ? strchr(source.data, ':') : NULL;
    if (colon != NULL && colon < source.data + strcspn(source.data, "/"))
        *colon = '/';
    return arena_string(arena, buf_string(&source));
}

const char *codebase_identifier(struct arena *arena, const char *text)
{
    char *id = arena_string(arena, text);
    for (char *c = id; *c != '\0'; c++)
        *c = strchr(":/.", *c) != NULL ? '_' : (char)tolower((unsigned char)*c);
    return id;
}

/* A repository without a remote, or no repository at all. */
static void name_by_path(struct arena *arena, const char *path, struct codebase *codebase)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    sha256(path, strlen(path), digest);
    sha256_hex(digest, hex);
    codebase->tenant_id = arena_printf(arena, "path_%.*s", ID_HEX_DIGITS, hex);
    codebase->source = arena_printf(arena, "path:%s", path);
}

static void name_by_remote(
    struct arena *arena, const struct git *git, const char *url, struct codebase *codebase)
{
    const char *source = codebase_source_of_url(arena, url);
    const char *prefix = git_prefix(git);
    codebase->tenant_id = codebase_identifier(arena, source);
    codebase->source = source;
    if (prefix[0] == '\0')
        return;
    codebase->tenant_id =
        arena_printf(arena, "%s_%s", codebase->tenant_id, codebase_identifier(arena, prefix));
    codebase->source = arena_printf(arena, "%s//%s", source, prefix);
}

/* Bytes of a path that are not UTF-8 would not fit into a text column. */
static const char *as_text(struct arena *arena, const char *path)
{
    AUTO_BUF text = BUF_INIT;
    utf8_add_path(&text, path, strlen(path));
    return arena_string(arena, buf_string(&text));
}

static bool goes_up(const char *path)
{
    size_t length = strlen(path);
    return strstr(path, "/../") != NULL || (length >= 3 && strcmp(path + length - 3, "/..") == 0);
}

static bool check_directory(const char *path, struct error *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        error_set(err, ERROR_WATCH, errno, "could not open folder \"%.300s\"", path);
        return errno == ENOENT
                   ? error_hint(err, "is the path right? it is taken from the current directory")
                   : false;
    }
    if (!S_ISDIR(st.st_mode))
        return error_set(err, ERROR_WATCH, 0, "\"%.300s\" is not a folder", path);
    return true;
}

bool codebase_of(struct arena *arena, const char *root_path, const char *given_id, const char *host,
    struct codebase *ret_codebase, struct error *err)
{
    struct codebase codebase = {0};
    struct git *git = NULL;
    struct error broken = ERROR_INIT;
    AUTO_FREE char *here = root_path[0] == '/' ? NULL : getcwd(NULL, 0);
    if (!check_directory(root_path, err))
        return false;
    const char *absolute = config_path(arena, here == NULL ? "/" : here, root_path);
    AUTO_FREE char *real = realpath(absolute, NULL);
    if (real == NULL)
        return error_set(err, ERROR_WATCH, errno, "could not open folder \"%.300s\"", absolute);
    if (goes_up(absolute))
        absolute = arena_string(arena, real);
    const char *url = NULL;
    if (git_open(real, &git, &broken) &&
        git != NULL) /* a broken repository is still a folder of files */
        url = git_remote_address(git, arena);
    if (url != NULL)
        name_by_remote(arena, git, url, &codebase);
    else
        name_by_path(arena, absolute, &codebase);
    git_free(git);
    codebase.tenant_id = as_text(arena, codebase.tenant_id);
    codebase.source = as_text(arena, codebase.source);
    codebase.codebase_id = given_id != NULL ? arena_string(arena, given_id) : codebase.tenant_id;
    codebase.host = arena_string(arena, host);
    codebase.root_path = absolute;
    *ret_codebase = codebase;
    return true;
}
