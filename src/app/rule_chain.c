#include "app/rule_chain.h"

#include "app/git.h"
#include "base/arena.h"
#include "base/error.h"

static void add_level(struct rule_chain *chain, struct ignore_level level)
{
    if (chain->n_levels == chain->capacity) {
        chain->capacity = 2 * chain->capacity + 16;
        chain->levels = memory_resize(chain->levels, chain->capacity, sizeof(*chain->levels));
    }
    chain->levels[chain->n_levels++] = level;
}

void rule_chain_begin(struct rule_chain *chain, const char *root_path, bool gitignore)
{
    struct error err = ERROR_INIT;
    struct git *git = NULL;
    struct outer_source source = {0};
    struct arena *arena = arena_new(0);
    *chain = (struct rule_chain){.gitignore = gitignore};
    if (gitignore && git_open(root_path, &git, &err) &&
        git != NULL) { /* a broken one has no rules */
        source.git_directory = git_directory(git);
        source.top = git_top(git);
        source.prefix = git_prefix(git);
    }
    source.excludes_file = gitignore ? git_excludes_file(git, arena) : NULL;
    if (gitignore)
        outer_rules_read(&chain->outer, &source);
    for (size_t i = 0; i < chain->outer.n_levels; i++)
        add_level(chain, chain->outer.levels[i]);
    git_free(git);
    arena_free(arena);
}

void rule_chain_push(struct rule_chain *chain, int dir_fd, size_t base_length)
{
    struct ignore_rules *rules = chain->gitignore ? ignore_rules_read(dir_fd, NULL) : NULL;
    add_level(chain, (struct ignore_level){.rules = rules, .base_length = base_length});
}

void rule_chain_pop(struct rule_chain *chain)
{
    ignore_rules_free((struct ignore_rules *)chain->levels[--chain->n_levels].rules);
}

void rule_chain_release(struct rule_chain *chain)
{
    while (chain->n_levels > chain->outer.n_levels)
        rule_chain_pop(chain);
    outer_rules_release(&chain->outer);
    free(chain->levels);
    *chain = (struct rule_chain){0};
}
