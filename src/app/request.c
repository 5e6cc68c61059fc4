#include "app/request.h"

#include "app/events.h"
#include "app/priority.h"
#include "app/wait.h"
#include "base/arena.h"
#include "base/utf8.h"

#include <fcntl.h>

static const char *below_root(const struct codebase *codebase, const char *absolute_path)
{
    size_t length = strlen(codebase->root_path);
    while (length > 1 && codebase->root_path[length - 1] == '/')
        length--;
    if (strncmp(absolute_path, codebase->root_path, length) != 0)
        return NULL;
    return absolute_path[length] == '/' || absolute_path[length] == '\0' ? absolute_path + length
                                                                         : NULL;
}

bool request_path(const struct codebase *codebase, const char *path, const char *absolute_path,
    struct buf *ret_path)
{
    const char *given = path != NULL && path[0] != '\0' ? path
                        : absolute_path != NULL         ? absolute_path
                                                        : "";
    if (given[0] == '/')
        given = below_root(codebase, given);
    if (given == NULL)
        return false;
    AUTO_BUF bytes = BUF_INIT;
    utf8_add_path_bytes(&bytes, given);
    for (const char *at = buf_string(&bytes); *at != '\0';) {
        size_t length = strcspn(at, "/");
        if (length == 2 && memcmp(at, "..", 2) == 0)
            return false;
        if (length > 0 && !(length == 1 && at[0] == '.')) {
            if (ret_path->length > 0)
                buf_addc(ret_path, '/');
            buf_add(ret_path, at, length);
        }
        at += length + (at[length] == '/');
    }
    return true;
}

static enum settle_class class_of(const struct request *request)
{
    if (request->priority >= QUEUE_PRIORITY_FLASH)
        return SETTLE_FLASH;
    return request->priority >= QUEUE_PRIORITY_NORMAL ? SETTLE_NORMAL : SETTLE_BULK;
}

static void take_path(
    struct root *root, const struct request *request, const char *path, uint64_t now_ms)
{
    struct task_request *row = memory_new(1, sizeof(*row));
    memcpy(row->queue_id, request->queue_id, sizeof(row->queue_id));
    row->sinks = request->sinks;
    /* Whatever the tables are known to hold, psql asked: a delete of what is gone must find its
     * row. */
    if (!known_has_row(&root->known, path))
        known_doubt(&root->known, path);
    const struct settle_change note = {.path = path,
        .change = CHANGE_CHANGED,
        .class = class_of(request),
        .pace = SETTLE_NOW,
        .weight = priority_weight(root->daemon->config, path)};
    /* A change that already waits must reach every table, whatever the request names. */
    wishes_request(
        root->wishes, path, row, settle_is_pending(root->settle, path) ? 0 : request->sinks);
    settle_note(root->settle, &note, now_ms);
}

static void refuse(struct daemon *daemon, const struct request *request, const char *reason)
{
    struct root *root = root_by_codebase(daemon, request->codebase_id);
    if (root != NULL)
        root->counters.value[COUNTER_QUEUE_ERRORS]++;
    control_dead(daemon->control, request->codebase_id, request->queue_id, reason, "");
}

static bool is_folder(const struct root *root, const char *path)
{
    struct stat st;
    return path[0] == '\0' || (root->handle != NULL &&
                                  fstatat(root->handle->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                                  S_ISDIR(st.st_mode));
}

void request_take(struct daemon *daemon, const struct request *request, uint64_t now_ms)
{
    struct root *root = root_by_codebase(daemon, request->codebase_id);
    const struct wait_asker asker = {
        .codebase_id = request->codebase_id, .queue_id = request->queue_id};
    AUTO_BUF path = BUF_INIT;
    if (root == NULL) {
        refuse(daemon, request, "no such codebase is watched here");
        return;
    }
    if (!request_path(&root->codebase, request->path, request->absolute_path, &path)) {
        refuse(daemon, request, "path lies outside the root");
        return;
    }
    if (request->operation == REQUEST_WAIT) {
        waits_begin(daemon->waits, &asker, NULL, false, now_ms);
        return;
    }
    if (request->operation == REQUEST_RESCAN || is_folder(root, buf_string(&path))) {
        waits_begin(daemon->waits, &asker, NULL, true, now_ms);
        return;
    }
    if (watch_root_check(root->watched, buf_string(&path), false, NULL) == FILTER_NO &&
        !known_has_row(&root->known, buf_string(&path))) {
        refuse(daemon, request,
            "the path is not ingested by the root's rules; `srctab explain` says which");
        return;
    }
    take_path(root, request, buf_string(&path), now_ms);
}
