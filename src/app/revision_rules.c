#include "app/revision_rules.h"

#include "base/arena.h"
#include "base/buf.h"
#include "watch/outer.h"

struct revision_rules {
    struct git *git;
    const char *commit;
    bool enabled;
    struct arena *arena; /* holds what git says about the root */
    struct outer_rules outer;
    struct ignore_level *levels; /* those of outer, then one a file */
    char **folders;              /* of each level of ours, with a slash at the end; "" = the root */
    size_t n_levels, capacity;
};

struct revision_rules *revision_rules_new(struct git *git, const char *commit, bool enabled)
{
    struct revision_rules *rules = memory_new(1, sizeof(*rules));
    *rules = (struct revision_rules){.git = git, .commit = commit, .enabled = enabled};
    if (!enabled)
        return rules;
    rules->arena = arena_new(1024);
    const struct outer_source source = {
        .excludes_file = git_excludes_file(git, rules->arena),
        .git_directory = git_directory(git),
        .top = git_top(git),
        .prefix = git_prefix(git),
    };
    outer_rules_read(&rules->outer, &source);
    rules->capacity = rules->outer.n_levels + 16;
    rules->levels = memory_new(rules->capacity, sizeof(*rules->levels));
    rules->folders = memory_new(rules->capacity, sizeof(*rules->folders));
    rules->n_levels = rules->outer.n_levels;
    for (size_t i = 0; i < rules->n_levels; i++)
        rules->levels[i] = rules->outer.levels[i];
    return rules;
}

static void leave_last(struct revision_rules *rules)
{
    size_t last = --rules->n_levels;
    ignore_rules_free((struct ignore_rules *)rules->levels[last].rules);
    free(rules->folders[last]);
}

void revision_rules_free(struct revision_rules *rules)
{
    if (rules == NULL)
        return;
    while (rules->n_levels > rules->outer.n_levels)
        leave_last(rules);
    outer_rules_release(&rules->outer);
    arena_free(rules->arena);
    free(rules->levels);
    free(rules->folders);
    free(rules);
}

static void add_level(
    struct revision_rules *rules, const char *prefix, const char *name, const struct buf *text)
{
    if (rules->n_levels == rules->capacity) {
        rules->capacity *= 2;
        rules->levels = memory_resize(rules->levels, rules->capacity, sizeof(*rules->levels));
        rules->folders = memory_resize(rules->folders, rules->capacity, sizeof(*rules->folders));
    }
    size_t at = rules->n_levels++;
    rules->levels[at] =
        (struct ignore_level){.rules = ignore_rules_parse(name, buf_string(text), text->length),
            .base_length = strlen(prefix)};
    rules->folders[at] = memory_string(prefix);
}

static void leave_folders(struct revision_rules *rules, const char *path)
{
    while (rules->n_levels > rules->outer.n_levels) {
        const char *folder = rules->folders[rules->n_levels - 1];
        if (strncmp(path, folder, strlen(folder)) == 0)
            return;
        leave_last(rules);
    }
}

bool revision_rules_enter(struct revision_rules *rules, const char *folder, struct error *err)
{
    AUTO_BUF prefix = BUF_INIT;
    if (!rules->enabled)
        return true;
    buf_addf(&prefix, "%s%s", folder, folder[0] != '\0' ? "/" : "");
    leave_folders(rules, buf_string(&prefix));
    for (size_t i = 0; i < IGNORE_FILE_NAMES; i++) {
        AUTO_BUF path = BUF_INIT;
        AUTO_BUF text = BUF_INIT;
        bool found = false;
        buf_addf(&path, "%s%s", buf_string(&prefix), ignore_file_names[i]);
        if (!git_read_path(rules->git, rules->commit, buf_string(&path), &found, &text, err))
            return false;
        if (found)
            add_level(rules, buf_string(&prefix), ignore_file_names[i], &text);
    }
    return true;
}

const struct ignore_level *revision_rules_levels(
    struct revision_rules *rules, const char *path, size_t *ret_n)
{
    leave_folders(rules, path);
    *ret_n = rules->n_levels;
    return rules->levels;
}
