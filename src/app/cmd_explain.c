/* explain - facts and metrics of single files, by the same workers as watch and ingest; no
 * database. */
#include "analyze/analyzer.h"
#include "analyze/language.h"
#include "app/commands.h"
#include "app/config_value.h"
#include "app/explain.h"
#include "app/git.h"
#include "app/link.h"
#include "app/prepare.h"
#include "app/revisions.h"
#include "app/tree_walk.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/nearest.h"

#include <errno.h>
#include <fcntl.h>

enum { MAX_STDIN_BYTES = 256 << 20 };

/* What the run needs for each file. */
struct explain {
    struct session *session;
    struct config *config;         /* for the rule of ingestion and the limits */
    const struct language *forced; /* --lang */
    struct zygote *zygote;
    struct analyzer *analyzer;
    struct prepare_settings settings;
};

static bool pick_language(struct explain *explain, struct error *err)
{
    const char *id = arguments_value(explain->session->arguments, "--lang");
    if (id == NULL)
        return true;
    explain->forced = language_by_id(id);
    if (explain->forced != NULL)
        return true;
    const char **ids = memory_new(language_count, sizeof(*ids));
    for (size_t i = 0; i < language_count; i++)
        ids[i] = languages[i].id;
    const char *near = nearest_word(id, ids, language_count);
    free(ids);
    if (near != NULL)
        error_set(
            err, ERROR_USAGE, 0, "unknown language \"%.80s\" (did you mean \"%s\"?)", id, near);
    else
        error_set(err, ERROR_USAGE, 0, "unknown language \"%.80s\"", id);
    return error_hint(err, "see: srctab languages");
}

static bool read_stdin(
    struct arena *arena, uint64_t max_content_bytes, struct reading *reading, struct error *err)
{
    AUTO_BUF bytes = BUF_INIT;
    if (!fd_read_all(STDIN_FILENO, MAX_STDIN_BYTES, &bytes))
        return error_set(err, ERROR_IO, errno, "could not read standard input");
    const char *copy = arena_copy(arena, buf_string(&bytes), bytes.length);
    read_block(copy, bytes.length, S_IFREG | 0644, max_content_bytes, arena, reading);
    return true;
}

/* Links are followed here: the user names this one file. */
static bool read_path(struct arena *arena, const char *path, uint64_t max_content_bytes,
    struct reading *reading, struct error *err)
{
    struct stat st;
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0)
        return error_set(err, ERROR_IO, errno, "could not open file \"%.300s\"", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, ERROR_IO, 0, "\"%.300s\" is not a regular file", path);
    enum read_outcome outcome = read_file(fd, &st, max_content_bytes, arena, reading, err);
    if (outcome == READ_TORN)
        return error_set(
            err, ERROR_IO, 0, "file \"%.300s\" was written to while it was read", path);
    return outcome == READ_DONE || error_wrap(err, "file \"%.300s\"", path);
}

static bool analyse(
    struct explain *explain, struct explained *file, struct arena *arena, struct error *err)
{
    const struct language *language = explain->forced;
    if (language == NULL)
        language = language_of_content(file->path, file->reading.head, file->reading.head_length);
    file->language = language;
    file->reading.file.language = language == NULL ? "unknown" : language->id;
    if (language == NULL || language->grammar == NULL) {
        analyzer_text_only(&file->reading, &file->code);
        return true;
    }
    return analyzer_run(explain->analyzer, (unsigned)(language - languages), file->path,
        &file->reading, explain->settings.max_parse_bytes[language->class],
        &explain->settings.limits, arena, &file->code, err);
}

/* The root that the file would be part of: a configured folder, the repository's top, or its own
 * folder. */
static const char *root_of(const struct explain *explain, struct arena *arena, const char *path)
{
    struct error err = ERROR_INIT;
    struct git *git = NULL;
    const struct config_folder *folder = tree_folder_of(explain->config, path);
    if (folder != NULL)
        return folder->path;
    const char *slash = strrchr(path, '/');
    const char *parent = slash == path ? "/" : arena_copy(arena, path, (size_t)(slash - path));
    if (git_open(parent, &git, &err) && git != NULL && git_top(git) != NULL)
        parent = config_path(arena, "/", git_top(git));
    git_free(git);
    return parent;
}

static void find_rule(const struct explain *explain, struct explained *file, struct arena *arena)
{
    AUTO_BUF reason = BUF_INIT;
    if (strcmp(file->path, "-") == 0)
        return;
    const char *path = link_absolute(arena, file->path);
    const char *root = root_of(explain, arena, path);
    if (strncmp(path, root, strlen(root)) != 0) /* reached through a symbolic link */
        return;
    file->has_rule = true;
    file->counts =
        tree_rule(root, path, explain->config, tree_folder_of(explain->config, path), &reason);
    file->rule = arena_string(arena, buf_string(&reason));
}

static bool explain_one(struct explain *explain, const char *path, struct error *err)
{
    struct arena *arena = arena_new(0);
    struct explained file = {.path = path};
    uint64_t max_content = explain->settings.max_content_bytes;
    bool fine = strcmp(path, "-") == 0 ? read_stdin(arena, max_content, &file.reading, err)
                                       : read_path(arena, path, max_content, &file.reading, err);
    fine = fine && analyse(explain, &file, arena, err);
    if (fine && explain->session->output->json) {
        explain_json(explain->session->output, &file);
    } else if (fine) {
        find_rule(explain, &file, arena);
        explain_text(explain->session->output, &file);
    }
    arena_free(arena);
    return fine;
}

/* One bad file does not keep the others from being explained. */
static int explain_all(struct explain *explain, struct error *err)
{
    int status = 0;
    size_t n = arguments_operands(explain->session->arguments);
    for (size_t i = 0; i < n; i++) {
        struct error one = ERROR_INIT;
        if (explain_one(explain, arguments_operand(explain->session->arguments, i), &one))
            continue;
        status = error_exit_code(&one);
        if (i + 1 == n || one.kind == ERROR_ANALYSIS) {
            *err = one;
            return status;
        }
        output_error(explain->session->output, &one);
    }
    return status;
}

static const char *no_environment(void *user, const char *name)
{
    (void)user;
    (void)name;
    return NULL;
}

/* A broken configuration must not keep anybody from asking about a file. */
static bool load_config(struct explain *explain, struct error *err)
{
    struct error broken = ERROR_INIT;
    struct config_request request = *explain->session->request;
    if (config_load(&request, &explain->config, &broken))
        return true;
    output_note(
        explain->session->output, "warning: %s (built-in settings are used)", broken.message);
    request.no_file = true;
    request.n_settings = 0;
    request.environment = no_environment;
    return config_load(&request, &explain->config, err);
}

int cmd_explain(struct session *session, struct error *err)
{
    struct explain explain = {.session = session};
    int status = 0;
    if (!pick_language(&explain, err) || !load_config(&explain, err))
        return error_exit_code(err);
    struct revisions *revisions = revisions_new(explain.config);
    explain.settings = prepare_settings_of(explain.config, NULL, revisions);
    uint64_t max_file = 0;
    for (size_t i = 0; i < ARRAY_SIZE(explain.settings.max_parse_bytes); i++)
        max_file = explain.settings.max_parse_bytes[i] > max_file
                       ? explain.settings.max_parse_bytes[i]
                       : max_file;
    const struct zygote_settings zygote = {
        .n_workers = 1,
        .max_file_bytes = max_file,
        .file_memory_bytes = explain.settings.limits.memory_bytes,
        .total_memory_bytes = (uint64_t)explain.config->analysis.memory_mb << 20,
    };
    if (zygote_start(&zygote, &explain.zygote, err)) {
        explain.analyzer = analyzer_new(explain.zygote);
        status = explain_all(&explain, err);
    } else {
        status = error_exit_code(err);
    }
    analyzer_free(explain.analyzer);
    zygote_stop(explain.zygote);
    revisions_free(revisions);
    config_free(explain.config);
    return status;
}
