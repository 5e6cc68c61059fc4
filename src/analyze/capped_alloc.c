#include "analyze/capped_alloc.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * A block is a header of 8 bytes and its payload, which lies at a multiple of 16. Sizes are rounded
 * up to a class: multiples of 16 up to 1 KiB, then four steps a doubling, so that a freed block
 * fits every request of its class. Freed blocks wait in one list a class; nothing is merged,
 * because all is forgotten after each file.
 */
#define GRAIN ((size_t)16)
#define SMALL_BYTES ((size_t)1024)
#define SMALL_CLASSES (SMALL_BYTES / GRAIN)
#define LARGE_CLASSES ((size_t)4 * 40) /* 1 KiB << 40 is more than any cap */
#define CLASSES (SMALL_CLASSES + LARGE_CLASSES)
#define KEEP_BYTES ((size_t)32 << 20) /* touched memory beyond this goes back to the system */

struct block {
    uint64_t class;
    struct block *next; /* payload starts here; used while the block is free */
};
#define HEADER_BYTES offsetof(struct block, next)
_Static_assert(HEADER_BYTES == 8, "payload at a multiple of 16 needs a header of 8");

struct space {
    char *base; /* NULL: nothing reserved */
    size_t reserved;
    size_t top;     /* first byte never handed out in this file */
    size_t touched; /* the highest top since memory was last given back */
    size_t cap;     /* 0: not between begin and end */
    void (*over)(void);
    struct block *free_blocks[CLASSES];
};

/* See capped_alloc.h for why this is mutable and global. */
static struct space space;

static bool is_ours(const void *pointer)
{
    return space.base != NULL && (const char *)pointer >= space.base &&
           (const char *)pointer < space.base + space.reserved;
}

/* Class of a block whose header and payload take `bytes`. */
static size_t class_of(size_t bytes)
{
    if (bytes <= SMALL_BYTES)
        return (bytes + GRAIN - 1) / GRAIN - 1;
    unsigned top_bit = 63u - (unsigned)__builtin_clzl(bytes - 1); /* >= 10 */
    size_t step = (bytes - 1) >> (top_bit - 2) & 3;
    return SMALL_CLASSES + (size_t)(top_bit - 10) * 4 + step;
}

static size_t class_bytes(size_t class)
{
    if (class < SMALL_CLASSES)
        return (class + 1) * GRAIN;
    size_t doubling = (class - SMALL_CLASSES) / 4, step = (class - SMALL_CLASSES) % 4;
    return (SMALL_BYTES << doubling) / 4 * (5 + step);
}

static void *take_block(size_t size)
{
    if (size > space.cap)
        space.over();
    size_t class = class_of((size < GRAIN / 2 ? GRAIN / 2 : size) + HEADER_BYTES);
    struct block *block = space.free_blocks[class];
    if (block != NULL) {
        space.free_blocks[class] = block->next;
        return &block->next;
    }
    size_t bytes = class_bytes(class);
    if (bytes > space.cap - space.top)
        space.over();
    block = (struct block *)(void *)(space.base + HEADER_BYTES + space.top);
    space.top += bytes;
    block->class = class;
    return &block->next;
}

static struct block *block_of(void *payload)
{
    return (struct block *)(void *)((char *)payload - HEADER_BYTES);
}

void *ts_capped_malloc(size_t size)
{
    return space.cap > 0 ? take_block(size) : malloc(size);
}

void *ts_capped_calloc(size_t count, size_t size)
{
    if (space.cap == 0)
        return calloc(count, size);
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes))
        space.over();
    return memset(take_block(bytes), 0, bytes);
}

void ts_capped_free(void *pointer)
{
    if (!is_ours(pointer)) {
        free(pointer);
        return;
    }
    struct block *block = block_of(pointer);
    /* A header that an overflow has destroyed must not become an index. */
    if (space.cap == 0 || block->class >= CLASSES)
        return;
    block->next = space.free_blocks[block->class];
    space.free_blocks[block->class] = block;
}

void *ts_capped_realloc(void *pointer, size_t size)
{
    if (pointer == NULL)
        return ts_capped_malloc(size);
    if (!is_ours(pointer))
        return realloc(pointer, size);
    struct block *block = block_of(pointer);
    size_t room = block->class < CLASSES ? class_bytes(block->class) - HEADER_BYTES : 0;
    if (size <= room)
        return pointer;
    void *larger = memcpy(take_block(size), pointer, room);
    ts_capped_free(pointer);
    return larger;
}

bool capped_reserve(size_t max_bytes)
{
    void *base = mmap(NULL, max_bytes + GRAIN, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return false;
    space = (struct space){.base = base, .reserved = max_bytes + GRAIN};
    return true;
}

void capped_begin(size_t cap_bytes, void (*over)(void))
{
    size_t room = space.reserved - GRAIN;
    memset(space.free_blocks, 0, sizeof(space.free_blocks));
    space.cap = cap_bytes < room ? cap_bytes : room;
    space.over = over;
    space.top = 0;
}

void capped_end(void)
{
    space.cap = 0;
    if (space.top > space.touched)
        space.touched = space.top;
    if (space.touched > KEEP_BYTES) {
        (void)madvise(space.base + KEEP_BYTES, space.touched - KEEP_BYTES, MADV_DONTNEED);
        space.touched = KEEP_BYTES;
    }
}

size_t capped_peak_bytes(void)
{
    return space.top;
}
