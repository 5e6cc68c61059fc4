#include "app/config_file.h"

#include "app/config_value.h"

static const char file_name[] = "srctab.yaml";

static const char *environment(const struct config_request *request, const char *name)
{
    const char *value = request->environment(request->environment_user, name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static const char *parent(struct arena *arena, const char *directory)
{
    const char *slash = strrchr(directory, '/');
    if (slash == NULL || slash[1] == '\0')
        return NULL;
    return slash == directory ? "/" : arena_copy(arena, directory, (size_t)(slash - directory));
}

/* Upwards, but never out of the repository; without one only the directory itself. */
static const char *search_upwards(struct arena *arena, const char *start)
{
    const char *candidate = NULL;
    for (const char *directory = start; directory != NULL; directory = parent(arena, directory)) {
        const char *file = config_path(arena, directory, file_name);
        if (candidate == NULL && exists(file))
            candidate = file;
        if (directory == start && candidate != NULL)
            return candidate;
        if (exists(config_path(arena, directory, ".git")))
            return candidate;
    }
    return NULL;
}

static const char *in_user_directory(struct arena *arena, const struct config_request *request)
{
    const char *home = environment(request, "XDG_CONFIG_HOME");
    if (home != NULL)
        return arena_printf(arena, "%s/srctab/%s", home, file_name);
    home = environment(request, "HOME");
    return home == NULL ? NULL : arena_printf(arena, "%s/.config/srctab/%s", home, file_name);
}

struct config_found config_file_find(struct arena *arena, const struct config_request *request)
{
    const char *named =
        request->file != NULL ? request->file : environment(request, "SRCTAB_CONFIG");
    if (named != NULL)
        return (struct config_found){.path = config_path(arena, request->directory, named)};
    const char *found = search_upwards(arena, request->directory);
    if (found != NULL)
        return (struct config_found){.path = found, .in_tree = true};
    found = in_user_directory(arena, request);
    if (found != NULL && exists(found))
        return (struct config_found){.path = found};
    found = arena_printf(arena, "/etc/srctab/%s", file_name);
    return (struct config_found){.path = exists(found) ? found : NULL};
}
