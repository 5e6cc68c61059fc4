/* files - what would be ingested, or what not and by which rule. */
#include "app/commands.h"
#include "app/config_value.h"
#include "app/link.h"
#include "app/tree_walk.h"
#include "base/arena.h"
#include "base/utf8.h"

struct listing {
    struct session *session;
    const char *language; /* only this one; NULL: all */
    bool null_ended, ignored;
};

static void add_path(struct json *json, const char *path)
{
    AUTO_BUF text = BUF_INIT;
    utf8_add_path(&text, path, strlen(path));
    json_key_string(json, "path", buf_string(&text));
}

static bool list_file(
    void *user, const char *path, const struct stat *st, const struct language *language)
{
    struct listing *listing = user;
    struct output *output = listing->session->output;
    if (listing->language != NULL &&
        (language == NULL || strcmp(language->id, listing->language) != 0))
        return true;
    if (listing->null_ended) {
        output_text(output, "%s%c", path, '\0');
    } else if (!output->json) {
        output_safe(output, STYLE_PLAIN, path);
        output_text(output, "\n");
    } else {
        AUTO_BUF line = BUF_INIT;
        struct json json = JSON_INIT(&line);
        json_object_begin(&json);
        json_key_i64(&json, "v", 1);
        add_path(&json, path);
        json_key_string(&json, "language", language == NULL ? "unknown" : language->id);
        json_key_i64(&json, "size_bytes", st->st_size);
        json_object_end(&json);
        output_json(output, &line);
    }
    return true;
}

static bool list_ignored(void *user, const char *path, bool is_folder, const char *reason)
{
    struct listing *listing = user;
    struct output *output = listing->session->output;
    if (listing->null_ended) {
        output_text(output, "%s%s%c", path, is_folder ? "/" : "", '\0');
    } else if (!output->json) {
        output_safe(output, STYLE_PLAIN, path);
        output_text(output, "%s: ignored%s ", is_folder ? "/" : "",
            strchr(reason, '"') != NULL ? " by" : ":");
        output_safe(output, STYLE_DIM, reason);
        output_text(output, "\n");
    } else {
        AUTO_BUF line = BUF_INIT;
        struct json json = JSON_INIT(&line);
        json_object_begin(&json);
        json_key_i64(&json, "v", 1);
        add_path(&json, path);
        json_key_bool(&json, "folder", is_folder);
        json_key_string(&json, "ignored_by", reason);
        json_object_end(&json);
        output_json(output, &line);
    }
    return true;
}

static bool check_language(const char *id, struct error *err)
{
    if (id == NULL || language_by_id(id) != NULL)
        return true;
    error_set(err, ERROR_USAGE, 0, "unknown language \"%.80s\"", id);
    return error_hint(err, "see: srctab languages");
}

int cmd_files(struct session *session, struct error *err)
{
    struct arena *arena = arena_new(0);
    struct listing listing = {
        .session = session,
        .language = arguments_value(session->arguments, "--language"),
        .null_ended = arguments_has(session->arguments, "--null"),
        .ignored = arguments_has(session->arguments, "--ignored"),
    };
    const struct tree_walk_ops ops = {.file = listing.ignored ? NULL : list_file,
        .ignored = listing.ignored ? list_ignored : NULL};
    const char *given =
        arguments_operands(session->arguments) > 0 ? arguments_operand(session->arguments, 0) : ".";
    const char *root = link_absolute(arena, given);
    bool fine = check_language(listing.language, err) &&
                tree_walk(root, session->config, tree_folder_of(session->config, root), &ops,
                    &listing, err);
    arena_free(arena);
    return fine ? 0 : error_exit_code(err);
}
