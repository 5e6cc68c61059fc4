#include "watch/settle_entry.h"

#include "base/arena.h"

#undef uthash_fatal
#define uthash_fatal(message) memory_exhausted(0)

struct entry *entry_find(const struct entry_table *table, const char *path)
{
    struct entry *entry = NULL;
    HASH_FIND(hh, table->by_path, path, (unsigned)strlen(path), entry);
    return entry;
}

struct entry *entry_add(struct entry_table *table, const char *path)
{
    size_t length = strlen(path);
    struct entry *entry = memory_new(1, sizeof(*entry) + length + 1);
    entry->length = length;
    memcpy(entry->path, path, length + 1);
    HASH_ADD_KEYPTR(hh, table->by_path, entry->path, (unsigned)length, entry);
    return entry;
}

void entry_remove(struct entry_table *table, struct entry *entry)
{
    entry_detach(table, entry);
    HASH_DELETE(hh, table->by_path, entry);
    free(entry);
}

void entry_table_release(struct entry_table *table)
{
    struct entry *entry;
    struct entry *following;
    HASH_ITER (hh, table->by_path, entry, following) {
        HASH_DELETE(hh, table->by_path, entry);
        free(entry);
    }
    free(table->heap);
    *table = (struct entry_table){0};
}

static bool is_before(const struct entry *left, const struct entry *right)
{
    if (left->due_ms != right->due_ms)
        return left->due_ms < right->due_ms;
    return left->notes.first_ms < right->notes.first_ms;
}

static void put_at(struct entry_table *table, size_t index, struct entry *entry)
{
    table->heap[index] = entry;
    entry->heap_index = index;
}

static void move_up(struct entry_table *table, size_t index, struct entry *entry)
{
    while (index > 0 && is_before(entry, table->heap[(index - 1) / 2])) {
        put_at(table, index, table->heap[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put_at(table, index, entry);
}

static void move_down(struct entry_table *table, size_t index, struct entry *entry)
{
    for (;;) {
        size_t child = 2 * index + 1;
        if (child + 1 < table->n_waiting && is_before(table->heap[child + 1], table->heap[child]))
            child++;
        if (child >= table->n_waiting || !is_before(table->heap[child], entry))
            break;
        put_at(table, index, table->heap[child]);
        index = child;
    }
    put_at(table, index, entry);
}

static void leave_heap(struct entry_table *table, struct entry *entry)
{
    struct entry *last = table->heap[--table->n_waiting];
    if (last == entry)
        return;
    size_t hole = entry->heap_index;
    move_down(table, hole, last);
    move_up(table, last->heap_index, last);
}

static struct entry_fifo *fifo_of(struct entry_table *table, const struct entry *entry)
{
    return &table->ready[entry->notes.class][SETTLE_WEIGHT_MAX - entry->weight];
}

static void leave_fifo(struct entry_table *table, struct entry *entry)
{
    struct entry_fifo *fifo = fifo_of(table, entry);
    *(entry->previous != NULL ? &entry->previous->next : &fifo->first) = entry->next;
    *(entry->next != NULL ? &entry->next->previous : &fifo->last) = entry->previous;
    entry->previous = entry->next = NULL;
    table->n_ready--;
}

void entry_detach(struct entry_table *table, struct entry *entry)
{
    if (entry->state == ENTRY_WAITING)
        leave_heap(table, entry);
    else if (entry->state == ENTRY_READY)
        leave_fifo(table, entry);
    else
        return;
    entry->state = ENTRY_LOOSE;
}

void entry_wait(struct entry_table *table, struct entry *entry, uint64_t due_ms)
{
    if (table->n_waiting == table->heap_capacity) {
        table->heap_capacity = table->heap_capacity > 0 ? 2 * table->heap_capacity : 64;
        table->heap = memory_resize(table->heap, table->heap_capacity, sizeof(struct entry *));
    }
    entry->due_ms = due_ms;
    entry->state = ENTRY_WAITING;
    table->n_waiting++;
    move_up(table, table->n_waiting - 1, entry);
}

void entry_ready(struct entry_table *table, struct entry *entry, bool first)
{
    struct entry_fifo *fifo = fifo_of(table, entry);
    entry->state = ENTRY_READY;
    entry->previous = first ? NULL : fifo->last;
    entry->next = first ? fifo->first : NULL;
    *(entry->previous != NULL ? &entry->previous->next : &fifo->first) = entry;
    *(entry->next != NULL ? &entry->next->previous : &fifo->last) = entry;
    table->n_ready++;
}

struct entry *entry_next_due(const struct entry_table *table)
{
    return table->n_waiting > 0 ? table->heap[0] : NULL;
}

struct entry *entry_next_ready(const struct entry_table *table)
{
    const struct entry_fifo *fifo = &table->ready[0][0];
    for (size_t i = 0; table->n_ready > 0 && i < SETTLE_CLASSES * (size_t)ENTRY_WEIGHTS; i++) {
        if (fifo[i].first != NULL)
            return fifo[i].first;
    }
    return NULL;
}
