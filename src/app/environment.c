#include "app/environment.h"

#include "app/command.h"
#include "app/config_key.h"
#include "app/help.h"
#include "base/arena.h"
#include "base/nearest.h"

static const char prefix[] = "SRCTAB_";

/* Every name that means something. */
struct known_names {
    struct arena *arena;
    const char **names;
    size_t n, capacity;
};

static void add_name(struct known_names *known, const char *name, bool may_be_file)
{
    if (name[0] == '\0')
        return;
    if (known->n + 2 > known->capacity) {
        known->capacity = 2 * known->capacity + 128;
        known->names = memory_resize(known->names, known->capacity, sizeof(*known->names));
    }
    known->names[known->n++] = arena_string(known->arena, name);
    if (may_be_file)
        known->names[known->n++] = arena_printf(known->arena, "%s_FILE", name);
}

static void add_options(struct known_names *known, const struct option *options)
{
    for (; options->name != NULL; options++) {
        AUTO_BUF name = BUF_INIT;
        help_environment(&name, options);
        add_name(known, buf_string(&name), false);
    }
}

static void collect(struct known_names *known)
{
    for (size_t i = 0; i < config_n_keys; i++) {
        AUTO_BUF name = BUF_INIT;
        config_key_environment(&name, config_keys[i].name);
        add_name(known, buf_string(&name), config_key_is_secret(config_keys[i].name));
    }
    add_name(known, "SRCTAB_DATABASE", true);
    add_options(known, global_options);
    for (const struct command *command = commands; command->name != NULL; command++)
        add_options(known, command->options);
}

/* Kubernetes sets these in every pod of a namespace that has a service called srctab. */
static bool is_of_kubernetes(const char *name)
{
    return strncmp(name, "SRCTAB_SERVICE_", 15) == 0 || strncmp(name, "SRCTAB_PORT", 11) == 0;
}

static bool is_known(const struct known_names *known, const char *name)
{
    for (size_t i = 0; i < known->n; i++) {
        if (strcmp(known->names[i], name) == 0)
            return true;
    }
    return false;
}

static void check_one(struct output *output, struct known_names *known, const char *entry)
{
    const char *name = arena_copy(known->arena, entry, strcspn(entry, "="));
    if (known->n == 0)
        collect(known);
    if (is_of_kubernetes(name) || is_known(known, name))
        return;
    const char *near = nearest_word(name, known->names, known->n);
    if (near != NULL)
        output_note(output,
            "warning: the environment variable %.80s means nothing (did you mean %s?)", name, near);
    else
        output_note(output, "warning: the environment variable %.80s means nothing", name);
}

void environment_check(struct output *output, char *const *environment)
{
    struct known_names known = {.arena = arena_new(0)};
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, prefix, strlen(prefix)) == 0)
            check_one(output, &known, *environment);
    }
    free(known.names);
    arena_free(known.arena);
}
