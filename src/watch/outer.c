#include "watch/outer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/fd.h"

#define COMMON_DIRECTORY_LIMIT_BYTES 65536

static void add_file(struct outer_rules *outer, const char *path, const char *below)
{
    outer->files = memory_resize(outer->files, outer->n_files + 1, sizeof(*outer->files));
    outer->files[outer->n_files++] = memory_string(path);
    struct ignore_rules *rules = ignore_rules_read_file(path, below, NULL);
    if (rules == NULL)
        return;
    outer->levels = memory_resize(outer->levels, outer->n_levels + 1, sizeof(*outer->levels));
    outer->levels[outer->n_levels++] = (struct ignore_level){.rules = rules, .base_length = 0};
}

static void add_folder(struct buf *path, const char *name)
{
    if (path->length > 0 && path->data[path->length - 1] != '/')
        buf_addc(path, '/');
    buf_adds(path, name);
}

/* A linked work tree keeps info/ in the main one's git directory, which its file `commondir` names
 * (gitrepository-layout(5)). */
static void add_common_directory(struct buf *path, const char *git_directory)
{
    AUTO_BUF name = BUF_INIT;
    AUTO_BUF text = BUF_INIT;
    struct error unread = ERROR_INIT; /* absent in an ordinary repository */
    buf_adds(&name, git_directory);
    add_folder(&name, "commondir");
    bool linked = fd_read_file(buf_string(&name), COMMON_DIRECTORY_LIMIT_BYTES, &text, &unread);
    while (linked && text.length > 0 && strchr("\r\n", text.data[text.length - 1]) != NULL)
        buf_truncate(&text, text.length - 1);
    if (linked && text.length > 0 && text.data[0] == '/') {
        buf_adds(path, text.data);
        return;
    }
    buf_adds(path, git_directory);
    if (linked && text.length > 0)
        add_folder(path, text.data);
}

/* The folders from the top down to the root's parent. below: what is left of the prefix, with a
 * slash. */
static void add_folders(struct outer_rules *outer, const char *top, const char *prefix)
{
    AUTO_BUF folder = BUF_INIT;
    AUTO_BUF below = BUF_INIT;
    buf_adds(&folder, top);
    while (*prefix != '\0') {
        buf_clear(&below);
        buf_adds(&below, prefix);
        buf_addc(&below, '/');
        for (size_t i = 0; i < IGNORE_FILE_NAMES; i++) {
            AUTO_BUF path = BUF_INIT;
            buf_adds(&path, buf_string(&folder));
            add_folder(&path, ignore_file_names[i]);
            add_file(outer, buf_string(&path), buf_string(&below));
        }
        size_t length = strcspn(prefix, "/");
        add_folder(&folder, "");
        buf_add(&folder, prefix, length);
        prefix += length + (prefix[length] == '/' ? 1 : 0);
    }
}

void outer_rules_read(struct outer_rules *ret_outer, const struct outer_source *source)
{
    *ret_outer = (struct outer_rules){0};
    const char *prefix = source->prefix != NULL ? source->prefix : "";
    AUTO_BUF below = BUF_INIT;
    buf_adds(&below, prefix);
    if (*prefix != '\0')
        buf_addc(&below, '/');
    if (source->excludes_file != NULL)
        add_file(ret_outer, source->excludes_file, buf_string(&below));
    if (source->git_directory != NULL) {
        AUTO_BUF path = BUF_INIT;
        add_common_directory(&path, source->git_directory);
        add_folder(&path, "info/exclude");
        add_file(ret_outer, buf_string(&path), buf_string(&below));
    }
    if (source->top != NULL)
        add_folders(ret_outer, source->top, prefix);
}

void outer_rules_release(struct outer_rules *outer)
{
    for (size_t i = 0; i < outer->n_levels; i++)
        ignore_rules_free((struct ignore_rules *)outer->levels[i].rules);
    for (size_t i = 0; i < outer->n_files; i++)
        free(outer->files[i]);
    free(outer->levels);
    free(outer->files);
    *outer = (struct outer_rules){0};
}

bool outer_rules_equal(const struct outer_rules *left, const struct outer_rules *right)
{
    if (left->n_levels != right->n_levels)
        return false;
    for (size_t i = 0; i < left->n_levels; i++) {
        if (!ignore_rules_equal(left->levels[i].rules, right->levels[i].rules))
            return false;
    }
    return true;
}
