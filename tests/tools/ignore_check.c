/*
 * ignore_check - what the filter says of paths, in the form of `git check-ignore -v -z -n --stdin`,
 * so that both can be compared. Usage: ignore_check ROOT [EXCLUDES_FILE] < paths, each ended by a
 * NUL. A path that ends with a slash is a directory. Prints for each: file NUL line NUL pattern NUL
 * path NUL; the first three are empty when nothing ignores it.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/fd.h"
#include "watch/filter.h"
#include "watch/outer.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>

#define MAX_LEVELS 256
#define INPUT_LIMIT_BYTES ((size_t)64 * 1024 * 1024)

/* Levels of the folders that the last path lies in; those of the next path are shared as far as
 * both agree. */
struct chain {
    int root_fd;
    size_t n_outer;
    struct ignore_level levels[MAX_LEVELS];
    size_t n_levels;
    struct buf folder; /* path of the innermost level's folder, with a slash */
};

static void leave_to(struct chain *chain, size_t base_length)
{
    while (chain->n_levels > chain->n_outer &&
           chain->levels[chain->n_levels - 1].base_length > base_length)
        ignore_rules_free((struct ignore_rules *)chain->levels[--chain->n_levels].rules);
    buf_truncate(&chain->folder, base_length);
}

static void enter(struct chain *chain, size_t base_length)
{
    const char *folder = base_length > 0 ? buf_string(&chain->folder) : ".";
    AUTO_CLOSE int fd = openat(chain->root_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (chain->n_levels == MAX_LEVELS)
        errx(1, "too many levels");
    chain->levels[chain->n_levels++] =
        (struct ignore_level){.rules = ignore_rules_read(fd, NULL), .base_length = base_length};
}

/* path: without a slash at its end. */
static void walk_to(struct chain *chain, const char *path)
{
    size_t shared = 0;
    for (size_t i = 0; i < chain->folder.length && chain->folder.data[i] == path[i]; i++) {
        if (path[i] == '/')
            shared = i + 1;
    }
    leave_to(chain, shared);
    const char *slash = strrchr(path, '/');
    size_t folder_length = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    for (size_t i = shared; i < folder_length; i++) {
        buf_addc(&chain->folder, path[i]);
        if (path[i] == '/')
            enter(chain, i + 1);
    }
}

static void print_answer(
    const struct chain *chain, const struct filter *filter, const char *path, bool is_directory)
{
    struct filter_reason reason;
    enum filter_verdict verdict =
        filter_check(filter, chain->levels, chain->n_levels, path, is_directory, &reason);
    if (verdict == FILTER_NO && reason.rule == FILTER_RULE_IGNORE_FILE)
        printf("%.*s%s%c%u%c%s%c", (int)reason.base_length, path, reason.match.file, 0,
            reason.match.line, 0, reason.match.text, 0);
    else
        printf("%c%c%c", 0, 0, 0);
    printf("%s%s%c", path, is_directory ? "/" : "", 0);
}

static void check_path(struct chain *chain, const struct filter *filter, const char *path)
{
    char *plain = strdup(path);
    size_t length = strlen(plain);
    bool is_directory = length > 0 && plain[length - 1] == '/';
    if (is_directory)
        plain[length - 1] = '\0';
    walk_to(chain, plain);
    print_answer(chain, filter, plain, is_directory);
    free(plain);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        errx(2, "usage: ignore_check ROOT [EXCLUDES_FILE]");
    AUTO_BUF git_directory = BUF_INIT;
    buf_addf(&git_directory, "%s/.git", argv[1]);
    struct outer_source source = {.excludes_file = argc > 2 ? argv[2] : NULL,
        .git_directory = buf_string(&git_directory),
        .top = argv[1]};
    struct outer_rules outer;
    outer_rules_read(&outer, &source);

    struct chain chain = {.root_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (chain.root_fd < 0)
        err(1, "%s", argv[1]);
    for (size_t i = 0; i < outer.n_levels; i++)
        chain.levels[chain.n_levels++] = outer.levels[i];
    enter(&chain, 0);
    chain.n_outer = chain.n_levels;

    const char *everything = "**";
    struct filter *filter = filter_new(&(struct filter_settings){
        .include = &everything, .n_include = 1, .gitignore = true, .hidden = true});
    AUTO_BUF input = BUF_INIT;
    if (!fd_read_all(0, INPUT_LIMIT_BYTES, &input))
        err(1, "could not read paths");
    for (size_t at = 0; at < input.length; at += strlen(input.data + at) + 1)
        check_path(&chain, filter, input.data + at);
    leave_to(&chain, 0);
    ignore_rules_free((struct ignore_rules *)chain.levels[chain.n_outer - 1].rules);
    buf_release(&chain.folder);
    outer_rules_release(&outer);
    filter_free(filter);
    close(chain.root_fd);
    return 0;
}
