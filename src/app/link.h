/* link.h - what a one-shot command needs of the database: the choice, one connection, the schema
 * looked at. Thread: main only. */
#ifndef APP_LINK_H
#define APP_LINK_H

#include "app/commands.h"
#include "app/database.h"
#include "store/pg.h"

struct link {
    struct database *database;
    struct pg *pg;
    struct pg_settings settings;
};

/** Choose, connect, say which database it is, and check that our tables are there. link_close()
 * also after a failure. */
CHECKED bool link_open(
    struct link *link, struct session *session, const char *application_name, struct error *err);

/** The same without looking at the tables. */
CHECKED bool link_connect(
    struct link *link, struct session *session, const char *application_name, struct error *err);

void link_close(struct link *link);

/**
 * The codebase that a command is about: --id, else that of the bound root on this host which holds
 * `path` (NULL: the current directory); the longest one. *ret_id is NULL when there is none.
 * ret_root (may be NULL): its path. In the arena.
 */
CHECKED bool link_codebase(struct link *link, const struct session *session, const char *path,
    struct arena *arena, const char **ret_id, const char **ret_root, struct error *err);

/** path, absolute, without following a symbolic link at its end; need not exist. In the arena. */
const char *link_absolute(struct arena *arena, const char *path);

#endif
