#include "watch/notify.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "base/arena.h"

#define BUFFER_BYTES ((size_t)64 * 1024)
#define FIRST_SLOTS 64u

/* Fibonacci hashing (Knuth, TAOCP 3, 6.4): descriptors only grow, neighbours must not cluster. */
static uint32_t home_of(const struct notify *notify, int wd)
{
    return ((uint32_t)wd * 2654435769u >> 7) & (notify->capacity - 1);
}

static struct notify_slot *find(const struct notify *notify, int wd)
{
    if (notify->capacity == 0 || wd <= 0)
        return NULL;
    uint32_t at = home_of(notify, wd);
    for (; notify->slots[at].wd != 0; at = (at + 1) & (notify->capacity - 1))
        if (notify->slots[at].wd == wd)
            return &notify->slots[at];
    return NULL;
}

static void resize(struct notify *notify, uint32_t capacity)
{
    struct notify old = *notify;
    notify->capacity = capacity;
    notify->slots = memory_new(capacity, sizeof(*notify->slots));
    for (uint32_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].wd == 0)
            continue;
        uint32_t at = home_of(notify, old.slots[i].wd);
        while (notify->slots[at].wd != 0)
            at = (at + 1) & (capacity - 1);
        notify->slots[at] = old.slots[i];
    }
    free(old.slots);
}

static struct notify_slot *find_or_add(struct notify *notify, int wd)
{
    struct notify_slot *slot = find(notify, wd);
    if (slot != NULL)
        return slot;
    if (notify->used >= notify->capacity / 4 * 3)
        resize(notify, notify->capacity > 0 ? notify->capacity * 2 : FIRST_SLOTS);
    uint32_t at = home_of(notify, wd);
    while (notify->slots[at].wd != 0)
        at = (at + 1) & (notify->capacity - 1);
    notify->slots[at].wd = wd;
    notify->used++;
    return &notify->slots[at];
}

static void remove_slot(struct notify *notify, struct notify_slot *slot)
{
    uint32_t mask = notify->capacity - 1, gap = (uint32_t)(slot - notify->slots), at = gap;
    for (;;) {
        at = (at + 1) & mask;
        if (notify->slots[at].wd == 0)
            break;
        uint32_t home = home_of(notify, notify->slots[at].wd);
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        notify->slots[gap] = notify->slots[at];
        gap = at;
    }
    notify->slots[gap] = (struct notify_slot){0};
    notify->used--;
    if (notify->capacity > FIRST_SLOTS && notify->used < notify->capacity / 8)
        resize(notify, notify->capacity / 2);
}

bool notify_init(struct notify *notify, struct error *err)
{
    *notify = (struct notify){.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    notify->buffer = memory_new(1, BUFFER_BYTES);
    if (notify->fd >= 0)
        return true;
    error_set(err, ERROR_WATCH, errno, "could not get an inotify descriptor");
    return error_hint(err, "sysctl fs.inotify.max_user_instances=512; until then files are polled");
}

void notify_release(struct notify *notify)
{
    if (notify->fd >= 0 && notify->buffer != NULL)
        close(notify->fd);
    free(notify->slots);
    free(notify->buffer);
    *notify = (struct notify){.fd = -1};
}

/* By descriptor, so that no rename between open and watch can make it another folder. */
static int add_watch(const struct notify *notify, int dir_fd, uint32_t mask)
{
    if (notify->fd < 0) {
        errno = ENOSPC;
        return -1;
    }
    char path[32];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", dir_fd);
    return inotify_add_watch(notify->fd, path, mask);
}

int notify_watch(struct notify *notify, int dir_fd)
{
    return add_watch(notify, dir_fd, NOTIFY_MASK);
}

uint32_t notify_folder(const struct notify *notify, int wd)
{
    const struct notify_slot *slot = find(notify, wd);
    return slot != NULL ? slot->folder : 0;
}

static void drop_if_unused(struct notify *notify, struct notify_slot *slot)
{
    if (slot->folder != 0 || slot->borrowed > 0)
        return;
    (void)inotify_rm_watch(notify->fd, slot->wd); /* EINVAL: the folder is gone already */
    remove_slot(notify, slot);
}

void notify_set_folder(struct notify *notify, int wd, uint32_t folder)
{
    struct notify_slot *slot = folder != 0 ? find_or_add(notify, wd) : find(notify, wd);
    if (slot == NULL) {
        (void)inotify_rm_watch(notify->fd, wd); /* made by notify_watch(), wanted by nobody */
        return;
    }
    slot->folder = folder;
    drop_if_unused(notify, slot);
}

int notify_borrow(struct notify *notify, int fd, uint32_t mask)
{
    int wd = add_watch(notify, fd, mask | IN_MASK_ADD);
    if (wd >= 0)
        find_or_add(notify, wd)->borrowed++;
    return wd;
}

void notify_give_back(struct notify *notify, int wd)
{
    struct notify_slot *slot = find(notify, wd);
    if (slot == NULL)
        return;
    if (slot->borrowed > 0)
        slot->borrowed--;
    drop_if_unused(notify, slot);
}

bool notify_is_borrowed(const struct notify *notify, int wd)
{
    const struct notify_slot *slot = find(notify, wd);
    return slot != NULL && slot->borrowed > 0;
}

void notify_forget(struct notify *notify, int wd)
{
    struct notify_slot *slot = find(notify, wd);
    if (slot != NULL)
        remove_slot(notify, slot);
}

size_t notify_queue_bytes(const struct notify *notify)
{
    int bytes = 0;
    if (notify->fd < 0 || ioctl(notify->fd, FIONREAD, &bytes) != 0 || bytes < 0)
        return 0;
    return (size_t)bytes;
}

size_t notify_read(struct notify *notify)
{
    if (notify->fd < 0)
        return 0;
    ssize_t got = 0;
    do {
        got = read(notify->fd, notify->buffer, BUFFER_BYTES);
    } while (got < 0 && errno == EINTR);
    if (got <= 0)
        return 0;
    notify->read_bytes += (size_t)got;
    return (size_t)got;
}
