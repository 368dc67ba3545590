/*
 * The engine's allocator: two-level segregated fit with immediate coalescing (Masmano et al., TLSF,
 * 2004) in one stretch of addresses. musl's malloc gives each larger block to the kernel and asks for
 * it again, which was a third of a scrape's time; here memory that is free for a while goes back in
 * give_back(). Only the engine's thread comes here. The sanitizer build has the C library's instead.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "native.h"

#ifdef SYSTEM_MALLOC

JSRuntime *new_runtime(size_t most_bytes) {
    JSRuntime *runtime = JS_NewRuntime();
    if (runtime != NULL) JS_SetMemoryLimit(runtime, most_bytes);
    return runtime;
}

size_t heap_bytes(void) {
    return 0;
}

size_t idle_bytes(void) {
    return 0;
}

void give_back(void) {
}

#else

/* What lies before each block's payload; the links are payload while it is in use. */
struct block {
    /* Of the whole block, a multiple of 16; the lowest bits say what is free. */
    size_t size;
    struct block *next;
    struct block *previous;
};

enum {
    FREE = 1,
    FREE_BEFORE = 2,
    HEADER = sizeof(size_t),
    STEP = 16,
    /* Header, links, and the pointer to itself at its end. */
    SMALLEST = 32,
    COLUMN_BITS = 5,
    COLUMNS = 1 << COLUMN_BITS,
    /* Below this, a list holds one size. */
    LINEAR = STEP << COLUMN_BITS,
    ROWS = 21,
    GROWTH = 64 * 1024,
    GIVEN_BACK = 8 * 1024,
};

static struct block *lists[ROWS][COLUMNS];
static uint32_t row_map;
static uint32_t column_maps[ROWS];
static uint8_t *start;
static uint8_t *end;
static size_t room;
static size_t used;
/* Since memory was last given back. */
static size_t most_used;

static size_t size_of(const struct block *block) {
    return block->size & ~(size_t)(FREE | FREE_BEFORE);
}

static struct block *after(const struct block *block) {
    return (struct block *)((uintptr_t)block + size_of(block));
}

static struct block *block_of(const void *payload) {
    return (struct block *)((uintptr_t)payload - HEADER);
}

static void *payload_of(struct block *block) {
    return (uint8_t *)block + HEADER;
}

/* A free block ends with its own address, for the block behind it. */
static struct block **end_of(struct block *block) {
    return (struct block **)(void *)((uint8_t *)after(block) - sizeof(struct block *));
}

static void list_of(size_t size, unsigned *row, unsigned *column) {
    if (size < LINEAR) {
        *row = 0;
        *column = (unsigned)(size / STEP);
        return;
    }
    unsigned highest = 63u - (unsigned)__builtin_clzll(size);
    *row = highest - 8;
    *column = (unsigned)(size >> (highest - COLUMN_BITS)) & (COLUMNS - 1);
}

static void add(struct block *block) {
    unsigned row, column;
    list_of(size_of(block), &row, &column);
    block->size |= FREE;
    *end_of(block) = block;
    after(block)->size |= FREE_BEFORE;
    block->previous = NULL;
    block->next = lists[row][column];
    if (block->next != NULL) block->next->previous = block;
    lists[row][column] = block;
    row_map |= 1u << row;
    column_maps[row] |= 1u << column;
}

static void take(struct block *block) {
    unsigned row, column;
    list_of(size_of(block), &row, &column);
    if (block->next != NULL) block->next->previous = block->previous;
    if (block->previous != NULL) block->previous->next = block->next;
    else lists[row][column] = block->next;
    if (lists[row][column] == NULL) {
        column_maps[row] &= ~(1u << column);
        if (column_maps[row] == 0) row_map &= ~(1u << row);
    }
    block->size &= ~(size_t)FREE;
    after(block)->size &= ~(size_t)FREE_BEFORE;
}

/* A free block of at least that size, from a list whose blocks are all as large. */
static struct block *find(size_t size) {
    unsigned row, column;
    size_t rounded = size;
    if (size >= LINEAR) {
        unsigned highest = 63u - (unsigned)__builtin_clzll(size);
        rounded += ((size_t)1 << (highest - COLUMN_BITS)) - 1;
    }
    list_of(rounded, &row, &column);
    if (row >= ROWS) return NULL;
    uint32_t columns = column_maps[row] & (~(uint32_t)0 << column);
    if (columns == 0) {
        uint32_t rows = row + 1 < 32 ? row_map & (~(uint32_t)0 << (row + 1)) : 0;
        if (rows == 0) return NULL;
        row = (unsigned)__builtin_ctz(rows);
        columns = column_maps[row];
    }
    return lists[row][__builtin_ctz(columns)];
}

static void release(struct block *block) {
    if ((block->size & FREE_BEFORE) != 0) {
        struct block *before = ((struct block **)(void *)block)[-1];
        take(before);
        before->size += size_of(block);
        block = before;
    }
    struct block *next = after(block);
    if ((next->size & FREE) != 0) {
        take(next);
        block->size += size_of(next);
    }
    add(block);
}

/* Behind the last block stands a header alone, of which only FREE_BEFORE is used. */
static int grow(size_t size) {
    size_t more = (size + GROWTH - 1) / GROWTH * GROWTH;
    if (more > room - (size_t)(end - start)) return 0;
    if (mprotect(end, more, PROT_READ | PROT_WRITE) != 0) return 0;
    struct block *block = (struct block *)(void *)(end - HEADER);
    block->size = more | (block->size & FREE_BEFORE);
    end += more;
    after(block)->size = 0;
    release(block);
    return 1;
}

/* Gives back what is beyond `size`, where that can be a block. */
static void split(struct block *block, size_t size) {
    size_t rest = size_of(block) - size;
    if (rest < SMALLEST) return;
    block->size -= rest;
    struct block *second = after(block);
    second->size = rest;
    release(second);
}

static size_t whole_size(size_t size) {
    size_t whole = (size + HEADER + STEP - 1) & ~(size_t)(STEP - 1);
    return whole < SMALLEST ? SMALLEST : whole;
}

static void *allocate(size_t size) {
    if (size > room) return NULL;
    size_t wanted = whole_size(size);
    struct block *block = find(wanted);
    /* Room for whatever the rounding in find() adds. */
    if (block == NULL && grow(wanted + wanted / COLUMNS + STEP)) block = find(wanted);
    if (block == NULL) return NULL;
    take(block);
    split(block, wanted);
    return payload_of(block);
}

static void *resize(void *payload, size_t size) {
    struct block *block = block_of(payload);
    if (size > room) return NULL;
    size_t wanted = whole_size(size);
    struct block *next = after(block);
    if (wanted > size_of(block) && (next->size & FREE) != 0 &&
        size_of(block) + size_of(next) >= wanted) {
        take(next);
        block->size += size_of(next);
    }
    if (wanted <= size_of(block)) {
        split(block, wanted);
        return payload;
    }
    void *larger = allocate(size);
    if (larger == NULL) return NULL;
    memcpy(larger, payload, size_of(block) - HEADER);
    release(block);
    return larger;
}

static size_t usable_size(const void *payload) {
    return payload == NULL ? 0 : size_of(block_of(payload)) - HEADER;
}

static void note_used(size_t size) {
    used = size;
    if (used > most_used) most_used = used;
}

static void *engine_malloc(JSMallocState *state, size_t size) {
    if (size == 0 || size > state->malloc_limit - state->malloc_size) return NULL;
    void *payload = allocate(size);
    if (payload == NULL) return NULL;
    state->malloc_count += 1;
    note_used(state->malloc_size += usable_size(payload) + HEADER);
    return payload;
}

static void engine_free(JSMallocState *state, void *payload) {
    if (payload == NULL) return;
    state->malloc_count -= 1;
    used = state->malloc_size -= usable_size(payload) + HEADER;
    release(block_of(payload));
}

static void *engine_realloc(JSMallocState *state, void *payload, size_t size) {
    if (payload == NULL) return engine_malloc(state, size);
    if (size == 0) {
        engine_free(state, payload);
        return NULL;
    }
    size_t before = usable_size(payload);
    if (size > before && size - before > state->malloc_limit - state->malloc_size) return NULL;
    void *resized = resize(payload, size);
    if (resized == NULL) return NULL;
    note_used(state->malloc_size += usable_size(resized) - before);
    return resized;
}

JSRuntime *new_runtime(size_t most_bytes) {
    static const JSMallocFunctions functions = {
        .js_malloc = engine_malloc,
        .js_free = engine_free,
        .js_realloc = engine_realloc,
        .js_malloc_usable_size = usable_size,
    };
    /* Addresses only; grow() makes memory of them. */
    void *addresses = mmap(NULL, most_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (addresses == MAP_FAILED) return NULL;
    room = most_bytes;
    start = addresses;
    /* The first header stands so that payloads are aligned to 16. */
    if (mprotect(start, GROWTH, PROT_READ | PROT_WRITE) != 0) return NULL;
    end = start + GROWTH;
    struct block *first = (struct block *)(void *)(start + HEADER);
    first->size = GROWTH - 2 * HEADER;
    after(first)->size = 0;
    add(first);
    JSRuntime *runtime = JS_NewRuntime2(&functions, NULL);
    if (runtime != NULL) JS_SetMemoryLimit(runtime, most_bytes);
    return runtime;
}

size_t heap_bytes(void) {
    return used;
}

size_t idle_bytes(void) {
    return most_used - used;
}

/* Pages inside long free blocks; the kernel gives zeroed ones when they are used again. */
void give_back(void) {
    /* Up to 64 kB on arm64. */
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned row, column;
    most_used = used;
    list_of(GIVEN_BACK, &row, &column);
    for (; row < ROWS; row += 1) {
        for (column = 0; column < COLUMNS && column_maps[row] != 0; column += 1) {
            for (struct block *block = lists[row][column]; block != NULL; block = block->next) {
                uintptr_t from = ((uintptr_t)(block + 1) + page - 1) & ~(page - 1);
                uintptr_t to = (uintptr_t)end_of(block) & ~(page - 1);
                if (to > from) madvise((void *)from, to - from, MADV_DONTNEED);
            }
        }
    }
}

#endif
