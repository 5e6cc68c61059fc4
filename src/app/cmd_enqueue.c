/* enqueue - ask the daemon, here or on another host, to take paths first: the same as
 * enqueue_file() in psql. */
#include "app/codebase.h"
#include "app/commands.h"
#include "app/link.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "store/queue.h"

#include <sys/stat.h>

struct target {
    const char *codebase_id;
    const char *path; /* relative to the root, as text; "": the root */
};

/* The root that holds the path: of the table of codebases, else --id with a path relative to the
 * root. */
static bool find_target(struct session *session, struct link *link, struct arena *arena,
    const char *given, struct target *target, struct error *err)
{
    const char *root = NULL;
    if (!link_codebase(link, session, given, arena, &target->codebase_id, &root, err))
        return false;
    const char *absolute = link_absolute(arena, given);
    AUTO_BUF text = BUF_INIT;
    if (root != NULL && strcmp(absolute, root) == 0) {
        target->path = "";
        return true;
    }
    if (root != NULL) {
        const char *relative = absolute + strlen(root);
        relative += strspn(relative, "/");
        utf8_add_path(&text, relative, strlen(relative));
    } else if (target->codebase_id != NULL && given[0] != '/') {
        utf8_add_path(&text, given, strlen(given));
    } else {
        error_set(err, ERROR_USAGE, 0, "no codebase of this host holds \"%.300s\"", absolute);
        return error_hint(err, "ingest or watch its folder first, or name the codebase by --id and "
                               "the path relative to its root");
    }
    target->path = arena_string(arena, buf_string(&text));
    return true;
}

static enum request_operation operation_of(
    const struct arguments *arguments, const struct target *target, const char *given)
{
    struct stat st;
    const char *word = arguments_value(arguments, "--operation");
    if (word != NULL)
        return request_operation_by_word(word);
    bool is_folder = target->path[0] == '\0' || (stat(given, &st) == 0 && S_ISDIR(st.st_mode));
    return is_folder ? REQUEST_RESCAN : REQUEST_UPDATE;
}

static unsigned sinks_of(const struct arguments *arguments)
{
    const char *word = arguments_value(arguments, "--sinks");
    for (unsigned id = 0; word != NULL && id < SINKS; id++) {
        if (strcmp(word, sink_word((enum sink_id)id)) == 0)
            return SINK_BIT(id);
    }
    return 0;
}

static int priority_of(const struct arguments *arguments, enum request_operation operation)
{
    if (arguments_has(arguments, "--flash"))
        return QUEUE_PRIORITY_FLASH;
    int missing = operation == REQUEST_DELETE ? QUEUE_PRIORITY_DELETE : QUEUE_PRIORITY_NORMAL;
    return (int)arguments_number(arguments, "--priority", (uint64_t)missing);
}

static void report(struct output *output, const struct target *target,
    enum request_operation operation, int priority, const char *queue_id)
{
    if (!output->json) {
        output_note(output, "%s: %s (%s, priority %d)", target->codebase_id,
            target->path[0] == '\0' ? "the whole root" : target->path,
            request_operation_word(operation), priority);
        output_text(output, "%s\n", queue_id);
        return;
    }
    AUTO_BUF line = BUF_INIT;
    struct json json = JSON_INIT(&line);
    json_object_begin(&json);
    json_key_i64(&json, "v", 1);
    json_key_string(&json, "queue_id", queue_id);
    json_key_string(&json, "codebase_id", target->codebase_id);
    json_key_string(&json, "path", target->path);
    json_key_string(&json, "operation", request_operation_word(operation));
    json_key_i64(&json, "priority", priority);
    json_object_end(&json);
    output_json(output, &line);
}

static bool enqueue_one(struct session *session, struct link *link, struct arena *arena,
    const char *given, struct error *err)
{
    struct target target = {0};
    char queue_id[37];
    if (!find_target(session, link, arena, given, &target, err))
        return false;
    enum request_operation operation = operation_of(session->arguments, &target, given);
    int priority = priority_of(session->arguments, operation);
    if (!queue_enqueue(link->pg, target.codebase_id, target.path, operation, priority,
            sinks_of(session->arguments), queue_id, err))
        return false;
    report(session->output, &target, operation, priority, queue_id);
    return true;
}

int cmd_enqueue(struct session *session, struct error *err)
{
    struct link link = {0};
    struct arena *arena = arena_new(0);
    bool fine = link_open(&link, session, "srctab enqueue", err);
    for (size_t i = 0; fine && i < arguments_operands(session->arguments); i++)
        fine = enqueue_one(session, &link, arena, arguments_operand(session->arguments, i), err);
    link_close(&link);
    arena_free(arena);
    return fine ? 0 : error_exit_code(err);
}
