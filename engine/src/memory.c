/* The heap. Blocks come in size classes and are never split or joined: a free list per class, and fresh memory
 * from the top. Made for images: memory_seal() gives up every free block below the top, so that what a request
 * allocates lies close together on pages of its own instead of in the holes of the image, each of which would cost
 * a copied page. */

#include "memory.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum {
    WASM_PAGE = 65536,
    HOST_PAGE = 4096,
    STEP = 16,            /* classes up to SMALL are multiples of STEP */
    SMALL = 1024,         /* above it there are four classes to a doubling */
    SMALL_CLASSES = SMALL / STEP,
    CLASSES = SMALL_CLASSES + 4 * 22,
    GROWTH = 4 * WASM_PAGE,
};

/* Stands before every block; 16 bytes keep the blocks aligned. */
typedef struct {
    uint32_t capacity;
    uint32_t class;
    uint64_t unused;
} Header;

typedef struct Free {
    struct Free *next;
} Free;

extern char __heap_base;

static Free *free_blocks[CLASSES];
static uintptr_t top, end;

static uint32_t class_of(size_t size)
{
    if (size <= SMALL)
        return size ? (uint32_t)((size - 1) / STEP) : 0;
    uint32_t power = 31 - (uint32_t)__builtin_clz((uint32_t)(size - 1));
    uint32_t quarter = (uint32_t)((size - 1) >> (power - 2)) & 3;
    return SMALL_CLASSES + (power - 10) * 4 + quarter;
}

static uint32_t capacity_of(uint32_t class)
{
    if (class < SMALL_CLASSES)
        return (class + 1) * STEP;
    uint32_t power = (class - SMALL_CLASSES) / 4 + 10, quarter = (class - SMALL_CLASSES) % 4;
    return (1u << power) + (quarter + 1) * (1u << (power - 2));
}

static Header *header_of(void *block)
{
    return (Header *)block - 1;
}

/* Makes room for `size` bytes at the top. */
static int reserve(size_t size)
{
    if (!top) {
        top = ((uintptr_t)&__heap_base + STEP - 1) & ~(uintptr_t)(STEP - 1);
        end = __builtin_wasm_memory_size(0) * WASM_PAGE;
    }
    if (end - top >= size)
        return 1;
    size_t missing = size - (end - top);
    size_t pages = (missing + WASM_PAGE - 1) / WASM_PAGE;
    size_t wanted = pages * WASM_PAGE < GROWTH ? GROWTH / WASM_PAGE : pages;
    if (__builtin_wasm_memory_grow(0, wanted) == SIZE_MAX) {
        if (wanted == pages || __builtin_wasm_memory_grow(0, pages) == SIZE_MAX)
            return 0;
    }
    end = __builtin_wasm_memory_size(0) * WASM_PAGE;
    return 1;
}

void *malloc(size_t size)
{
    if (size > (1u << 30))
        goto none;
    uint32_t class = class_of(size);
    Free *block = free_blocks[class];
    if (block) {
        free_blocks[class] = block->next;
        return block;
    }
    uint32_t capacity = capacity_of(class);
    if (!reserve(sizeof(Header) + capacity))
        goto none;
    Header *header = (Header *)top;
    top += sizeof(Header) + capacity;
    header->capacity = capacity;
    header->class = class;
    return header + 1;
none:
    errno = ENOMEM;
    return NULL;
}

void free(void *block)
{
    if (!block)
        return;
    Free **list = &free_blocks[header_of(block)->class];
    ((Free *)block)->next = *list;
    *list = block;
}

void *calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    void *block = malloc(total);
    if (block)
        memset(block, 0, total);
    return block;
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    size_t capacity = header_of(block)->capacity;
    if (size <= capacity && size > capacity / 2)
        return block;
    void *moved = malloc(size);
    if (!moved)
        return size <= capacity ? block : NULL;
    memcpy(moved, block, size < capacity ? size : capacity);
    free(block);
    return moved;
}

size_t malloc_usable_size(void *block)
{
    return block ? header_of(block)->capacity : 0;
}

void memory_seal(size_t headroom)
{
    for (uint32_t class = 0; class < CLASSES; class++) {
        Free *block = free_blocks[class];
        free_blocks[class] = NULL;
        while (block) {
            Free *next = block->next;
            /* Zero pages are not part of an image. */
            memset(header_of(block), 0, sizeof(Header) + header_of(block)->capacity);
            block = next;
        }
    }
    top = (top + HOST_PAGE - 1) & ~(uintptr_t)(HOST_PAGE - 1);
    reserve(headroom);
}
