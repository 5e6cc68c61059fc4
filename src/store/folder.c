#include "store/folder.h"

#include "store/pg.h"
#include "store/sinks_list.h"

static size_t list_length(const char *const *list)
{
    size_t n = 0;
    while (list != NULL && list[n] != NULL)
        n++;
    return n;
}

static const char *copy_string(struct arena *arena, const char *string)
{
    return string != NULL ? arena_string(arena, string) : NULL;
}

static const char *const *copy_list(struct arena *arena, const char *const *list)
{
    size_t n = list_length(list);
    if (n == 0)
        return NULL;
    const char **copy = arena_alloc(arena, n + 1, sizeof(*copy));
    for (size_t i = 0; i < n; i++)
        copy[i] = arena_string(arena, list[i]);
    return copy;
}

struct folder *folder_copy(struct arena *arena, const struct folder *folders, size_t n)
{
    struct folder *copies = arena_alloc(arena, n, sizeof(*copies));
    for (size_t i = 0; i < n; i++) {
        copies[i] = folders[i];
        copies[i].path = copy_string(arena, folders[i].path);
        copies[i].codebase_id = copy_string(arena, folders[i].codebase_id);
        copies[i].patterns = copy_list(arena, folders[i].patterns);
        copies[i].ignore_patterns = copy_list(arena, folders[i].ignore_patterns);
        copies[i].host = copy_string(arena, folders[i].host);
        copies[i].source = copy_string(arena, folders[i].source);
        copies[i].tenant_id = copy_string(arena, folders[i].tenant_id);
        copies[i].branch = copy_string(arena, folders[i].branch);
    }
    return copies;
}

static const char *read_text(
    const struct pg_result *result, size_t row, size_t column, struct arena *arena)
{
    return copy_string(arena, pg_text(result, row, column));
}

static const char *const *read_list(
    const struct pg_result *result, size_t row, size_t column, struct arena *arena)
{
    char **strings = NULL;
    size_t n =
        pg_is_null(result, row, column) ? 0 : pg_strings(result, row, column, arena, &strings);
    if (n == 0)
        return NULL;
    const char **list = arena_alloc(arena, n + 1, sizeof(*list));
    for (size_t i = 0; i < n; i++)
        list[i] = strings[i];
    return list;
}

/* Columns of control/folders_read.sql. */
static void read_folder(
    struct folder *folder, const struct pg_result *result, size_t row, struct arena *arena)
{
    folder->watch_id = pg_i64(result, row, 0);
    folder->path = read_text(result, row, 1, arena);
    folder->codebase_id = read_text(result, row, 2, arena);
    folder->patterns = read_list(result, row, 3, arena);
    folder->ignore_patterns = read_list(result, row, 4, arena);
    folder->recursive = pg_i64(result, row, 5) != 0;
    folder->debounce_ms = (int)pg_i64(result, row, 6);
    folder->enabled = pg_i64(result, row, 7) != 0;
    folder->sinks = sinks_list_read(result, row, 8, arena);
    folder->host = read_text(result, row, 9, arena);
    folder->source = read_text(result, row, 10, arena);
    folder->tenant_id = read_text(result, row, 11, arena);
    folder->branch = read_text(result, row, 12, arena);
    folder->config_rev = pg_i64(result, row, 13);
}

bool folder_read(struct pg *pg, const char *host, struct arena *arena, struct folder **ret_folders,
    size_t *ret_n, struct error *err)
{
    struct pg_values values;
    AUTO_PG_RESULT *result = NULL;
    pg_values_clear(&values);
    pg_values_string(&values, host);
    if (!pg_run(pg, "control/folders_read.sql", &values, &result, NULL, err))
        return false;
    size_t n = pg_rows(result);
    struct folder *folders = arena_alloc(arena, n, sizeof(*folders));
    for (size_t i = 0; i < n; i++)
        read_folder(&folders[i], result, i, arena);
    *ret_folders = folders;
    *ret_n = n;
    return true;
}

static bool write_folder(struct pg *pg, const char *host, const struct folder *folder,
    struct arena *arena, struct error *err)
{
    struct pg_values values;
    pg_values_clear(&values);
    pg_values_string(&values, host);
    pg_values_string(&values, folder->path);
    pg_values_string(&values, folder->codebase_id);
    pg_values_strings(&values, folder->patterns, list_length(folder->patterns), arena);
    pg_values_strings(
        &values, folder->ignore_patterns, list_length(folder->ignore_patterns), arena);
    pg_values_bool(&values, folder->recursive);
    if (folder->debounce_ms >= 0)
        pg_values_i32(&values, folder->debounce_ms);
    else
        pg_values_null(&values, PG_TYPE_INT4);
    pg_values_bool(&values, folder->enabled);
    sinks_list_add(&values, folder->sinks, arena);
    pg_values_string(&values, folder->source);
    pg_values_string(&values, folder->tenant_id);
    pg_values_string(&values, folder->branch);
    return pg_run(pg, "control/folder_write.sql", &values, NULL, NULL, err);
}

static bool prune(struct pg *pg, const char *schema, const char *host, const struct folder *folders,
    size_t n, struct arena *arena, struct error *err)
{
    struct pg_values values;
    const char **paths = arena_alloc(arena, n + 1, sizeof(*paths));
    for (size_t i = 0; i < n; i++)
        paths[i] = folders[i].path;
    pg_values_clear(&values);
    pg_values_string(&values, host);
    pg_values_strings(&values, paths, n, arena);
    pg_values_string(&values, schema);
    return pg_run(pg, "control/folders_prune.sql", &values, NULL, NULL, err);
}

bool folder_sync(struct pg *pg, const char *schema, const char *host, const struct folder *folders,
    size_t n, struct error *err)
{
    if (!pg_begin(pg, err))
        return false;
    struct arena *arena = arena_new(0);
    bool ok = prune(pg, schema, host, folders, n, arena, err);
    for (size_t i = 0; ok && i < n; i++)
        ok = write_folder(pg, host, &folders[i], arena, err);
    arena_free(arena);
    if (ok)
        return pg_commit(pg, err);
    pg_rollback(pg);
    return false;
}
