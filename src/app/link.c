#include "app/link.h"

#include "app/config_value.h"
#include "store/pg_text.h"
#include "store/schema.h"
#include "store/sql.h"

bool link_connect(
    struct link *link, struct session *session, const char *application_name, struct error *err)
{
    const struct config *config = session->config;
    *link = (struct link){0};
    if (!database_open(config, &link->database, err))
        return false;
    link->settings = (struct pg_settings){
        .conninfo = database_conninfo(link->database),
        .schema = config->database.schema,
        .application_name = application_name,
        .connect_timeout_ms = config->database.connect_timeout_s * 1000,
        .synchronous_commit = true,
    };
    bool open = pg_open(&link->settings, &link->pg, err);
    database_announce(
        link->database, config, session->output, open ? pg_server_version(link->pg) : 0);
    return open;
}

bool link_open(
    struct link *link, struct session *session, const char *application_name, struct error *err)
{
    struct schema_report report;
    return link_connect(link, session, application_name, err) &&
           schema_check(link->pg, &report, err);
}

void link_close(struct link *link)
{
    pg_close(link->pg);
    database_release(link->database);
    *link = (struct link){0};
}

const char *link_absolute(struct arena *arena, const char *path)
{
    AUTO_FREE char *here = getcwd(NULL, 0);
    return config_path(arena, here == NULL ? "/" : here, path);
}

struct found_root {
    struct arena *arena;
    const char *path; /* that is looked for */
    const char *id, *root;
};

static bool holds(const char *root, const char *path)
{
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    return strncmp(root, path, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static bool take_root(void *user, size_t n_columns, const char *const *values)
{
    struct found_root *found = user;
    (void)n_columns;
    if (!holds(values[1], found->path) ||
        (found->root != NULL && strlen(values[1]) <= strlen(found->root)))
        return true;
    found->id = arena_string(found->arena, values[0]);
    found->root = arena_string(found->arena, values[1]);
    return true;
}

bool link_codebase(struct link *link, const struct session *session, const char *path,
    struct arena *arena, const char **ret_id, const char **ret_root, struct error *err)
{
    static const struct pg_text_ops ops = {.row = take_root};
    const char *parameters[] = {
        session->config->daemon.host, arguments_value(session->arguments, "--id")};
    struct found_root found = {
        .arena = arena, .path = link_absolute(arena, path == NULL ? "." : path)};
    if (!pg_text_run(link->pg, sql_text("command/roots.sql"), parameters, ARRAY_SIZE(parameters),
            &ops, &found, err))
        return false;
    *ret_id = parameters[1] != NULL ? parameters[1] : found.id;
    if (ret_root != NULL)
        *ret_root = found.root;
    return true;
}
