/* Memory for tree-sitter, which takes and frees a piece for nearly every token of a text. Pieces are cut from
 * blocks; freed ones are kept by size for the next of that size, and the blocks go when no piece is in use, which is
 * when the parser is deleted. Parser and tree never leave their thread, and each thread has its own blocks. */
#include "base/alloc.h"
#include "syntax/hcl_internal.h"

#ifdef __SANITIZE_ADDRESS__
enum { SIZES = 0 }; /* each piece by itself, so that a wrong use is seen */
#else
enum { SIZES = 32 };
#endif
enum { UNIT = 16, FIRST_BLOCK = 16 << 10, LAST_BLOCK = 256 << 10 };

/* Stands before the bytes that are handed out, which are aligned as it is. */
struct piece {
    size_t size; /* a multiple of UNIT; of more than SIZES units: not cut from a block */
};

struct free_piece {
    struct piece head;
    struct free_piece *next;
};

struct block {
    struct block *below;
    size_t size; /* with this */
};

static _Thread_local struct {
    struct free_piece *free[SIZES + 1]; /* by units */
    char *at, *end;                     /* what is left of the last block */
    struct block *blocks;
    size_t in_use; /* pieces */
} memory;

static void add_block(void)
{
    size_t size = memory.blocks == NULL ? FIRST_BLOCK : memory.blocks->size * 2;
    struct block *b;

    size = size < LAST_BLOCK ? size : LAST_BLOCK;
    b = alloc_get_unset(size);
    *b = (struct block){memory.blocks, size};
    memory.blocks = b;
    memory.at = (char *)(b + 1);
    memory.end = (char *)b + size;
}

static void drop_blocks(void)
{
    for (struct block *b = memory.blocks, *below; b != NULL; b = below) {
        below = b->below;
        alloc_put(b, b->size);
    }
    memset(&memory, 0, sizeof(memory));
}

static struct piece *cut(size_t size)
{
    struct piece *p;

    if ((size_t)(memory.end - memory.at) < sizeof(*p) + size)
        add_block();
    p = (struct piece *)(void *)memory.at;
    memory.at += sizeof(*p) + size;
    return p;
}

static void *get(size_t size)
{
    size_t units = size / UNIT + (size % UNIT != 0 || size == 0);
    struct piece *p;

    memory.in_use++;
    if (units > SIZES || size >= SIZE_MAX / 2) {
        p = alloc_get_unset(size < SIZE_MAX / 2 ? units * UNIT + sizeof(*p) : size);
    } else if (memory.free[units] != NULL) {
        p = &memory.free[units]->head;
        memory.free[units] = memory.free[units]->next;
    } else {
        p = cut(units * UNIT);
    }
    p->size = units * UNIT;
    return p + 1;
}

static void put(void *bytes)
{
    struct piece *p;
    size_t units;

    if (bytes == NULL)
        return;
    p = (struct piece *)bytes - 1;
    units = p->size / UNIT;
    if (units > SIZES) {
        alloc_put(p, p->size + sizeof(*p));
    } else {
        struct free_piece *f = (struct free_piece *)(void *)p;

        f->next = memory.free[units];
        memory.free[units] = f;
    }
    if (--memory.in_use == 0)
        drop_blocks();
}

static void *get_zeroed(size_t n, size_t size)
{
    size_t bytes = size != 0 && n > SIZE_MAX / size ? SIZE_MAX : n * size;

    return memset(get(bytes), 0, bytes);
}

static void *resize(void *old, size_t size)
{
    size_t known = old != NULL ? ((struct piece *)old - 1)->size : 0;
    void *bytes;

    if (old != NULL && size <= known)
        return old;
    bytes = get(size);
    if (old != NULL)
        memcpy(bytes, old, known);
    put(old);
    return bytes;
}

void hcl_memory_use(void)
{
    ts_set_allocator(get, get_zeroed, resize, put);
}
