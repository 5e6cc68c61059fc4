#include "app/dir_operands.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"

/* "a/./b//../c" made absolute as text: a link in it must stay a link, so that it is followed when
 * it is flipped. */
static char *absolute(const char *path)
{
    struct buf out = BUF_INIT;
    AUTO_FREE char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    AUTO_BUF whole = BUF_INIT;
    buf_addf(&whole, "%s/%s", here != NULL ? here : "", path);
    for (const char *at = buf_string(&whole); *at != '\0';) {
        size_t length = strcspn(at, "/");
        if (length > 0 && !(length == 1 && at[0] == '.')) {
            buf_addc(&out, '/');
            buf_add(&out, at, length);
        }
        at += length + (at[length] == '/');
    }
    if (out.length == 0)
        buf_addc(&out, '/');
    return buf_take(&out);
}

bool dir_operands_take(
    struct dir_operands *ret_dirs, const struct arguments *arguments, struct error *err)
{
    size_t n = arguments_operands(arguments);
    struct dir_operands dirs = {.paths = memory_new(n + 1, sizeof(*dirs.paths))};
    for (size_t i = 0; i < n; i++) {
        const char *given = arguments_operand(arguments, i);
        struct stat st;
        bool found = stat(given, &st) == 0;
        if (!found || !S_ISDIR(st.st_mode)) {
            error_set(err, ERROR_WATCH, found ? ENOTDIR : errno, "could not open directory \"%s\"",
                given);
            error_hint(err, found ? "name the folder that holds it"
                                  : "is the path right? it is taken from the current directory");
            dir_operands_release(&dirs);
            return false;
        }
        /* ".." behind a link leads elsewhere than its text says: then only the kernel knows. */
        char *real = strstr(given, "..") != NULL ? realpath(given, NULL) : NULL;
        dirs.paths[dirs.n++] = real != NULL ? real : absolute(given);
    }
    *ret_dirs = dirs;
    return true;
}

bool dir_operands_take_or_configured(struct dir_operands *ret_dirs,
    const struct arguments *arguments, const struct config *config, struct error *err)
{
    if (!dir_operands_take(ret_dirs, arguments, err))
        return false;
    if (ret_dirs->n > 0)
        return true;
    ret_dirs->paths =
        memory_resize(ret_dirs->paths, config->n_folders + 1, sizeof(*ret_dirs->paths));
    for (size_t i = 0; i < config->n_folders; i++)
        if (config->folders[i].enabled)
            ret_dirs->paths[ret_dirs->n++] = memory_string(config->folders[i].path);
    if (ret_dirs->n == 0)
        ret_dirs->paths[ret_dirs->n++] = absolute(".");
    return true;
}

void dir_operands_release(struct dir_operands *dirs)
{
    for (size_t i = 0; i < dirs->n; i++)
        free((void *)dirs->paths[i]);
    free(dirs->paths);
    *dirs = (struct dir_operands){0};
}
