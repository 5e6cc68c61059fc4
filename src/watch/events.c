#include "watch/events.h"

#include "base/clock.h"
#include "watch/anchors.h"
#include "watch/bind.h"
#include "watch/check.h"
#include "watch/place.h"
#include "watch/scan.h"

#define SELF_GONE (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)
#define NAME_GONE (IN_DELETE | IN_MOVED_FROM)

static enum watch_hint hint_of(uint32_t mask)
{
    if ((mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0)
        return WATCH_WRITER_DONE;
    return (mask & (IN_MODIFY | IN_CREATE)) != 0 ? WATCH_MODIFIED : WATCH_ATTRIBUTES;
}

/* An event without a name speaks of the folder itself; its parent's event decides, but a root's own
 * folder has no parent here. */
static void folder_itself(struct watch *watch, uint32_t folder, uint32_t mask)
{
    struct watch_root *root = core_root_of(watch, folder);
    if (folder == root->folder && (mask & (SELF_GONE | IN_ATTRIB)) != 0)
        root->recheck = true;
}

/* Names that no filter wants are dropped without a system call. */
static bool is_nothing_to_us(
    struct watch *watch, uint32_t folder, const char *name, size_t length, uint32_t mask)
{
    if (tree_find(&watch->tree, folder, name, length) != 0)
        return false;
    if ((mask & NAME_GONE) != 0)
        return true;
    if (check_is_wanted(watch, folder, name, length, (mask & IN_ISDIR) != 0))
        return false;
    watch->counters.events_filtered++;
    return true;
}

static void rules_may_have_changed(
    struct watch *watch, uint32_t folder, const char *name, uint32_t mask)
{
    if (!core_root_of(watch, folder)->settings.gitignore || (mask & IN_ISDIR) != 0)
        return;
    if (!ignore_is_rule_file(name))
        return;
    tree_folder(&watch->tree, folder)->rules_print = RULES_UNKNOWN;
    scan_queue(watch, folder, 0, TAG_EVENT);
}

static void name_in_folder(struct watch *watch, uint32_t folder, const struct inotify_event *event)
{
    struct watch_root *root = core_root_of(watch, folder);
    const char *name = event->name;
    if (root->state == WATCH_ROOT_OFFLINE || strcmp(name, ".git") == 0)
        return;
    if (!place_is_attached(watch, folder)) {
        tree_node(&watch->tree, folder)->flags |= NODE_DIRTY;
        return;
    }
    rules_may_have_changed(watch, folder, name, event->mask);
    if (is_nothing_to_us(watch, folder, name, strlen(name), event->mask))
        return;
    enum place_state state;
    int dir_fd = place_open(watch, folder, &state);
    if (dir_fd < 0) {
        root->recheck |= state == PLACE_ROOT;
        scan_queue(watch, folder, 0, TAG_EVENT);
        return;
    }
    const struct check why = {.hint = hint_of(event->mask), .mask = event->mask, .tag = TAG_EVENT};
    check_name(watch, folder, dir_fd, name, &why);
}

static void in_folder(struct watch *watch, uint32_t folder, const struct inotify_event *event)
{
    if (event->len == 0)
        folder_itself(watch, folder, event->mask);
    else
        name_in_folder(watch, folder, event);
}

static void overflowed(struct watch *watch)
{
    watch->counters.overflows++;
    for (size_t i = 0; i < watch->n_roots; i++) {
        struct watch_root *root = watch->roots[i];
        if (root == NULL || root->polled)
            continue;
        root->overflowed = root->state != WATCH_ROOT_OFFLINE;
        root->recheck = root->rearm = root->head_moved = root->outer_changed = true;
    }
}

static void handle(struct watch *watch, const struct inotify_event *event)
{
    watch->counters.events_received++;
    if ((event->mask & IN_Q_OVERFLOW) != 0) {
        overflowed(watch);
        return;
    }
    if (notify_is_borrowed(&watch->notify, event->wd))
        anchors_event(watch, event->wd, event->mask, event->len > 0 ? event->name : "");
    uint32_t folder = notify_folder(&watch->notify, event->wd);
    if (folder != 0 && tree_folder(&watch->tree, folder)->wd_next == 0) {
        in_folder(watch, folder, event);
    } else if (folder != 0) {
        for (size_t i = 0; i < watch->n_roots; i++) {
            folder = watch->roots[i] != NULL ? bind_find(watch, watch->roots[i], event->wd) : 0;
            if (folder != 0)
                in_folder(watch, folder, event);
        }
    }
    if ((event->mask & IN_IGNORED) != 0)
        bind_ignored(watch, event->wd);
}

bool events_read(struct watch *watch, uint64_t deadline_ms)
{
    for (size_t got; (got = notify_read(&watch->notify)) > 0;) {
        for (size_t at = 0; at < got;) {
            const struct inotify_event *event = (const void *)(watch->notify.buffer + at);
            at += sizeof(*event) + event->len;
            handle(watch, event);
        }
        if (clock_monotonic_ms() >= deadline_ms)
            return notify_queue_bytes(&watch->notify) == 0;
    }
    return true;
}
