#include "app/wish.h"

#include <uthash.h>

#include "base/arena.h"

struct entry {
    struct wish wish;
    UT_hash_handle hh;
    char path[];
};

struct wishes {
    struct entry *by_path;
};

struct wishes *wishes_new(void)
{
    return memory_new(1, sizeof(struct wishes));
}

void task_requests_free(struct task_request *requests)
{
    for (struct task_request *next; requests != NULL; requests = next) {
        next = requests->next;
        free(requests);
    }
}

void wishes_free(struct wishes *wishes)
{
    struct entry *entry, *next;
    if (wishes == NULL)
        return;
    HASH_ITER (hh, wishes->by_path, entry, next) {
        HASH_DEL(wishes->by_path, entry);
        task_requests_free(entry->wish.requests);
        free(entry);
    }
    free(wishes);
}

static struct entry *find(struct wishes *wishes, const char *path)
{
    struct entry *entry = NULL;
    HASH_FIND_STR(wishes->by_path, path, entry);
    return entry;
}

static struct entry *find_or_add(struct wishes *wishes, const char *path, bool *ret_added)
{
    struct entry *entry = find(wishes, path);
    *ret_added = entry == NULL;
    if (entry != NULL)
        return entry;
    size_t size = strlen(path) + 1;
    entry = memory_new(1, sizeof(*entry) + size);
    memcpy(entry->path, path, size);
    HASH_ADD_KEYPTR(hh, wishes->by_path, entry->path, size - 1, entry);
    return entry;
}

void wishes_debt(struct wishes *wishes, const char *path)
{
    bool added = false;
    struct entry *entry = find_or_add(wishes, path, &added);
    if (added)
        entry->wish.debt_only = true;
}

void wishes_changed(struct wishes *wishes, const char *path)
{
    struct entry *entry = find(wishes, path);
    if (entry == NULL)
        return;
    entry->wish.debt_only = false;
    entry->wish.sinks = 0;
}

void wishes_request(
    struct wishes *wishes, const char *path, struct task_request *request, unsigned sinks)
{
    bool added = false;
    struct entry *entry = find_or_add(wishes, path, &added);
    /* Several requests of one path: every sink that any of them names. 0 names them all. */
    if (added)
        entry->wish.sinks = sinks;
    else
        entry->wish.sinks = sinks == 0 || entry->wish.sinks == 0 ? 0 : entry->wish.sinks | sinks;
    entry->wish.debt_only = false;
    request->next = entry->wish.requests;
    entry->wish.requests = request;
}

struct wish wishes_take(struct wishes *wishes, const char *path)
{
    struct entry *entry = find(wishes, path);
    if (entry == NULL)
        return (struct wish){0};
    struct wish wish = entry->wish;
    HASH_DEL(wishes->by_path, entry);
    free(entry);
    return wish;
}
