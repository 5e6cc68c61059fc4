#include "app/git.h"

#include "app/git_private.h"

static void free_object(git_object **object)
{
    git_object_free(*object);
}

static void free_reference(git_reference **reference)
{
    git_reference_free(*reference);
}

#define AUTO_OBJECT CLEANUP(free_object) git_object
#define AUTO_REFERENCE CLEANUP(free_reference) git_reference

bool git_failed(struct error *err, enum error_kind kind, const char *what, const char *name)
{
    const git_error *last = git_error_last();
    return error_set(err, kind, 0, "could not %s \"%.200s\": %s", what, name,
        last == NULL || last->message == NULL ? "unknown cause" : last->message);
}

/* Counted by libgit2, so calling it for each repository is its documented use; the owner check
 * guards programs that run hooks and filters of a repository, which we never do. */
static void library_begin(void)
{
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
}

/* Path of the root below the work tree's top, by real paths, without slashes at its ends. */
static char *prefix_of(const char *top, const char *root_path)
{
    AUTO_FREE char *real = realpath(root_path, NULL);
    AUTO_FREE char *real_top = top == NULL ? NULL : realpath(top, NULL);
    if (real == NULL || real_top == NULL)
        return memory_string("");
    size_t length = strcmp(real_top, "/") == 0 ? 0 : strlen(real_top);
    if (strncmp(real, real_top, length) != 0 || real[length] != '/')
        return memory_string("");
    return memory_string(real + length + 1);
}

bool git_open(const char *root_path, struct git **ret_git, struct error *err)
{
    git_repository *repository = NULL;
    library_begin();
    int status =
        git_repository_open_ext(&repository, root_path, GIT_REPOSITORY_OPEN_CROSS_FS, NULL);
    if (status < 0) {
        bool fine = status == GIT_ENOTFOUND ||
                    git_failed(err, ERROR_IO, "open the git repository of", root_path);
        git_libgit2_shutdown();
        *ret_git = NULL;
        return fine;
    }
    const char *top = git_repository_workdir(repository);
    struct git *git = memory_new(1, sizeof(*git));
    git->repository = repository;
    git->top = top == NULL ? NULL : memory_string(top);
    git->prefix = prefix_of(top, root_path);
    git->directory = memory_string(git_repository_path(repository));
    *ret_git = git;
    return true;
}

void git_free(struct git *git)
{
    if (git == NULL)
        return;
    git_repository_free(git->repository);
    free(git->top);
    free(git->prefix);
    free(git->directory);
    free(git);
    git_libgit2_shutdown();
}

const char *git_top(const struct git *git)
{
    return git->top;
}

const char *git_prefix(const struct git *git)
{
    return git->prefix;
}

const char *git_directory(const struct git *git)
{
    return git->directory;
}

static const char *without(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(name, prefix, length) == 0 ? name + length : name;
}

const char *git_branch(const struct git *git, struct arena *arena)
{
    AUTO_REFERENCE *head = NULL;
    if (git_reference_lookup(&head, git->repository, "HEAD") < 0)
        return "main";
    if (git_reference_type(head) == GIT_REFERENCE_SYMBOLIC) /* a branch, born or not */
        return arena_string(arena, without(git_reference_symbolic_target(head), "refs/heads/"));
    char id[GIT_OID_HEXSZ + 1];
    return arena_string(arena, git_oid_tostr(id, sizeof(id), git_reference_target(head)));
}

const char *git_branch_of(const char *root_path, struct arena *arena)
{
    struct error err = ERROR_INIT;
    struct git *git = NULL;
    if (!git_open(root_path, &git, &err) || git == NULL)
        return "main";
    const char *branch = git_branch(git, arena);
    git_free(git);
    return branch;
}

static bool is_remote_url(const char *name)
{
    size_t length = strlen(name);
    return strncmp(name, "remote.", 7) == 0 && length > 11 &&
           strcmp(name + length - 4, ".url") == 0;
}

/* Straight from the configuration: git_remote_lookup() and git_remote_list() of libgit2 1.5 leak
 * 370 kB a call, and rewrite the URL by each user's own url.*.insteadOf, which would give one
 * repository several names. */
const char *git_remote_address(const struct git *git, struct arena *arena)
{
    git_config *config = NULL;
    git_config_iterator *iterator = NULL;
    git_config_entry *entry = NULL;
    const char *url = NULL;
    if (git_repository_config_snapshot(&config, git->repository) < 0)
        return NULL;
    if (git_config_get_string(&url, config, "remote.origin.url") == 0) {
        url = arena_string(arena, url);
    } else if (git_config_iterator_new(&iterator, config) == 0) {
        url = NULL;
        while (url == NULL && git_config_next(&entry, iterator) == 0) {
            if (is_remote_url(entry->name))
                url = arena_string(arena, entry->value);
        }
        git_config_iterator_free(iterator);
    }
    git_config_free(config);
    return url;
}

const char *git_excludes_file(const struct git *git, struct arena *arena)
{
    git_config *config = NULL;
    git_buf path = {0};
    const char *result = NULL;
    library_begin();
    int status = git == NULL ? git_config_open_default(&config)
                             : git_repository_config(&config, git->repository);
    if (status == 0 && git_config_get_path(&path, config, "core.excludesfile") == 0)
        result = arena_string(arena, path.ptr);
    git_buf_dispose(&path);
    git_config_free(config);
    git_libgit2_shutdown();
    if (result != NULL)
        return access(result, R_OK) == 0 ? result : NULL;
    const char *home = getenv("XDG_CONFIG_HOME");
    if (home != NULL && home[0] != '\0')
        result = arena_printf(arena, "%s/git/ignore", home);
    else if (getenv("HOME") != NULL)
        result = arena_printf(arena, "%s/.config/git/ignore", getenv("HOME"));
    return result != NULL && access(result, R_OK) == 0 ? result : NULL;
}

bool git_peel(struct git *git, const char *revision, git_object_t type, git_object **ret_object,
    struct error *err)
{
    AUTO_OBJECT *object = NULL;
    if (git_revparse_single(&object, git->repository, revision) < 0) {
        git_failed(err, ERROR_USAGE, "find the git revision", revision);
        return error_hint(err, "name a branch, a tag, a commit id, or HEAD~3");
    }
    if (git_object_peel(ret_object, object, type) < 0)
        return git_failed(err, ERROR_USAGE, "use the git revision", revision);
    return true;
}

bool git_resolve(struct git *git, const char *revision, char ret_id[65], struct error *err)
{
    AUTO_OBJECT *commit = NULL;
    if (!git_peel(git, revision, GIT_OBJECT_COMMIT, &commit, err))
        return false;
    git_oid_tostr(ret_id, 65, git_object_id(commit));
    return true;
}

bool git_commit_before(
    struct git *git, int64_t wall_us, bool *ret_found, char ret_id[65], struct error *err)
{
    git_revwalk *walk = NULL;
    if (git_revwalk_new(&walk, git->repository) < 0)
        return git_failed(err, ERROR_IO, "read the history of", git->directory);
    bool found = false;
    git_oid id;
    git_revwalk_simplify_first_parent(walk);
    if (git_revwalk_push_head(walk) == 0) {
        while (!found && git_revwalk_next(&id, walk) == 0) {
            git_commit *commit = NULL;
            if (git_commit_lookup(&commit, git->repository, &id) < 0)
                break; /* a shallow clone ends here */
            found = (int64_t)git_commit_time(commit) * 1000000 <= wall_us;
            git_commit_free(commit);
        }
    }
    git_revwalk_free(walk);
    if (found)
        git_oid_tostr(ret_id, 65, &id);
    *ret_found = found;
    return true;
}

/* Path relative to the root of a path relative to the top; NULL: outside the root. */
static const char *below_root(const struct git *git, const char *path)
{
    size_t length = strlen(git->prefix);
    if (length == 0)
        return path;
    if (strncmp(path, git->prefix, length) != 0 || path[length] != '/')
        return NULL;
    return path + length + 1;
}

struct change_walk {
    const struct git *git;
    git_path_callback *callback;
    void *user;
};

static int one_change(const git_diff_delta *delta, float progress, void *user)
{
    struct change_walk *walk = user;
    (void)progress;
    const char *sides[] = {delta->old_file.path, delta->new_file.path};
    for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
        if (sides[i] == NULL || (i == 1 && sides[0] != NULL && strcmp(sides[0], sides[1]) == 0))
            continue;
        const char *path = below_root(walk->git, sides[i]);
        if (path != NULL && !walk->callback(walk->user, path))
            return 1;
    }
    return 0;
}

bool git_changed_since(struct git *git, const char *revision, git_path_callback *callback,
    void *user, struct error *err)
{
    AUTO_OBJECT *tree = NULL;
    git_diff *diff = NULL;
    git_diff_options options;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    if (git->top == NULL)
        return error_set(err, ERROR_USAGE, 0,
            "the git repository \"%.200s\" has no work tree to compare with", git->directory);
    if (!git_peel(git, revision, GIT_OBJECT_TREE, &tree, err))
        return false;
    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                    GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK |
                    GIT_DIFF_DISABLE_PATHSPEC_MATCH;
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
    char *paths[] = {git->prefix};
    if (git->prefix[0] != '\0')
        options.pathspec = (git_strarray){.strings = paths, .count = 1};
    if (git_diff_tree_to_workdir_with_index(&diff, git->repository, (git_tree *)tree, &options) < 0)
        return git_failed(err, ERROR_IO, "compare the work tree with", revision);
    struct change_walk walk = {.git = git, .callback = callback, .user = user};
    int status = git_diff_foreach(diff, one_change, NULL, NULL, NULL, &walk);
    git_diff_free(diff);
    return status >= 0 || git_failed(err, ERROR_IO, "compare the work tree with", revision);
}
