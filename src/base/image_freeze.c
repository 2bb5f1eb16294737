#include <assert.h>

#include "base/image_layout.h"
#include "base/map.h"
#include "base/vec.h"

/* Children are written before what points to them. An object is looked up by its bytes, in which its pointers are
 * already numbers; where they stand is part of what is compared. */

struct freezing {
    struct arena *arena;
    uint32_t (*number)(const void *imported);
    struct buf objects, texts, nested;
    struct map seen_objects, seen_texts; /* to the offset plus one */
    VEC(uint32_t) pointers;
    VEC(struct image_name) names;
};

/* Objects that are not placed yet. */
struct draft {
    struct freezing *f;
    char *bytes;
    VEC(uint32_t) pointers;
    VEC(struct image_name) names;
};

static const struct image_field str_fields[] = {{.kind = IMAGE_STR}};
static const struct image_field sym_fields[] = {{.kind = IMAGE_SYM}};
const struct image_layout image_str_layout = {sizeof(str), str_fields, 1, NULL};
const struct image_layout image_sym_layout = {sizeof(sym), sym_fields, 1, NULL};

static void align(struct buf *b, size_t to)
{
    while (b->n % to)
        buf_add_char(b, '\0');
}

/* A text that is a part of another lies in it. */
static uint32_t put_text(struct freezing *f, str text)
{
    uintptr_t seen = (uintptr_t)map_find(&f->seen_texts, text);
    if (seen)
        return (uint32_t)(seen - 1);
    size_t at = str_find(buf_str(&f->texts), text);
    if (at == SIZE_MAX) {
        at = f->texts.n;
        buf_add(&f->texts, text);
    }
    map_set(&f->seen_texts, arena_str(f->arena, text), (void *)((uintptr_t)at + 1));
    return (uint32_t)at;
}

static uint32_t put_nested(struct freezing *f, const struct image *image)
{
    uint32_t at = (uint32_t)f->nested.n;
    buf_add(&f->nested, (str){(const char *)image, image->bytes});
    align(&f->nested, IMAGE_ALIGNMENT);
    return at;
}

/* Until it is written, a pointer is its number as a whole word. */
static void set_pointer(struct draft *d, size_t at, uint32_t target, enum image_target kind)
{
    uint64_t number = (uint64_t)target * IMAGE_TARGETS + kind;
    assert(number <= UINT32_MAX && at % sizeof(number) == 0);
    memcpy(d->bytes + at, &number, sizeof(number));
    VEC_PUSH(&d->pointers, (uint32_t)at);
}

static void set_sym(struct draft *d, size_t at, sym s)
{
    struct image_name name = {(uint32_t)at, 0, 0};
    if (s) {
        name.text = put_text(d->f, sym_str(s));
        name.length = (uint32_t)sym_str(s).n;
        VEC_PUSH(&d->names, name);
    }
    memcpy(d->bytes + at, &name.text, sizeof(sym)); /* until it is placed, for the comparison */
}

/* Places what was drafted, or finds its equal. */
static uint32_t place(struct draft *d, size_t size)
{
    struct freezing *f = d->f;
    struct buf key;
    buf_init(&key, SIZE_MAX);
    buf_printf(&key, "%zu %zu ", size, d->pointers.n);
    buf_add(&key, (str){d->bytes, size});
    for (size_t i = 0; i < d->pointers.n; i++)
        buf_add(&key, (str){(const char *)&d->pointers.at[i], sizeof(uint32_t)});
    for (size_t i = 0; i < d->names.n; i++)
        buf_add(&key, (str){(const char *)&d->names.at[i], sizeof(struct image_name)});
    uintptr_t seen = (uintptr_t)map_find(&f->seen_objects, buf_str(&key));
    uint32_t at = seen ? (uint32_t)(seen - 1) : (uint32_t)f->objects.n;
    if (!seen) {
        map_set(&f->seen_objects, buf_copy(&key, f->arena), (void *)((uintptr_t)at + 1));
        for (size_t i = 0; i < d->pointers.n; i++)
            VEC_PUSH(&f->pointers, at + d->pointers.at[i]);
        for (size_t i = 0; i < d->names.n; i++) {
            struct image_name name = d->names.at[i];
            memset(d->bytes + name.at, 0, sizeof(sym));
            name.at += at;
            VEC_PUSH(&f->names, name);
        }
        buf_add(&f->objects, (str){d->bytes, size});
        align(&f->objects, sizeof(uint64_t));
    }
    buf_release(&key);
    VEC_RELEASE(&d->pointers);
    VEC_RELEASE(&d->names);
    return at;
}

static uint32_t freeze_objects(struct freezing *f, const char *object, size_t n, const struct image_layout *layout);

static uint32_t freeze_pointers(struct freezing *f, const char *pointers, size_t n, const struct image_layout *layout)
{
    struct draft d = {.f = f, .bytes = arena_alloc(f->arena, n * sizeof(void *))};
    for (size_t i = 0; i < n; i++) {
        const char *one;
        memcpy(&one, pointers + i * sizeof(one), sizeof(one));
        if (one)
            set_pointer(&d, i * sizeof(one), freeze_objects(f, one, 1, layout), IMAGE_TO_OBJECT);
    }
    return place(&d, n * sizeof(void *));
}

static size_t count_at(const char *object, const struct image_field *field)
{
    size_t n = 1;
    uint32_t narrow;
    if (field->kind == IMAGE_STR)
        return ((const str *)(const void *)(object + field->at))->n;
    if (field->count_size == sizeof(n))
        memcpy(&n, object + field->count, sizeof(n));
    if (field->count_size == sizeof(narrow)) {
        memcpy(&narrow, object + field->count, sizeof(narrow));
        n = narrow;
    }
    return n;
}

static void freeze_fields(struct draft *d, size_t at, const char *object, const struct image_layout *layout);

static void freeze_field(struct draft *d, size_t at, const char *object, const struct image_field *field)
{
    const char *to;
    sym s;
    at += field->at;
    if (field->kind == IMAGE_INSIDE) {
        freeze_fields(d, at, object + field->at, field->layout);
        return;
    }
    if (field->kind == IMAGE_SYM) {
        memcpy(&s, object + field->at, sizeof(s));
        set_sym(d, at, s);
        return;
    }
    memcpy(&to, object + field->at, sizeof(to));
    size_t n = count_at(object, field);
    bool is_text = field->kind == IMAGE_STR || field->kind == IMAGE_TEXT;
    memset(d->bytes + at, 0, sizeof(to));
    if (!to || (n == 0 && !is_text))
        return;
    if (is_text)
        set_pointer(d, at, put_text(d->f, (str){to, n}), IMAGE_TO_TEXT);
    else if (field->kind == IMAGE_NESTED)
        set_pointer(d, at, put_nested(d->f, (const struct image *)(const void *)to), IMAGE_TO_NESTED);
    else if (field->kind == IMAGE_IMPORT)
        set_pointer(d, at, d->f->number(to), IMAGE_TO_IMPORT);
    else if (field->kind == IMAGE_POINTERS)
        set_pointer(d, at, freeze_pointers(d->f, to, n, field->layout), IMAGE_TO_OBJECT);
    else
        set_pointer(d, at, freeze_objects(d->f, to, n, field->layout), IMAGE_TO_OBJECT);
}

static void freeze_fields(struct draft *d, size_t at, const char *object, const struct image_layout *layout)
{
    for (size_t i = 0; i < layout->n_fields; i++)
        freeze_field(d, at, object, &layout->field[i]);
    if (layout->variant)
        freeze_fields(d, at, object, layout->variant(object));
}

static uint32_t freeze_objects(struct freezing *f, const char *object, size_t n, const struct image_layout *layout)
{
    struct draft d = {.f = f, .bytes = arena_copy(f->arena, object, n * layout->size)};
    for (size_t i = 0; i < n; i++)
        freeze_fields(&d, i * layout->size, object + i * layout->size, layout);
    return place(&d, n * layout->size);
}

static int compare_offsets(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The words of the objects, in as few bytes as they need. */
static void keep_words(struct freezing *f, struct buf *how, struct buf *kept)
{
    size_t pointer = 0;
    uint8_t four = 0;
    if (f->pointers.n)
        qsort(f->pointers.at, f->pointers.n, sizeof(uint32_t), compare_offsets);
    for (size_t i = 0; i < f->objects.n / sizeof(uint64_t); i++) {
        uint64_t word;
        memcpy(&word, f->objects.p + i * sizeof(word), sizeof(word));
        bool is_pointer = pointer < f->pointers.n && f->pointers.at[pointer] == i * sizeof(word);
        enum image_word as = is_pointer           ? IMAGE_POINTER
                             : word == 0          ? IMAGE_ZERO
                             : word <= UINT16_MAX ? IMAGE_SMALL
                                                  : IMAGE_WHOLE;
        pointer += is_pointer;
        uint32_t number = (uint32_t)word;
        uint16_t small = (uint16_t)word;
        if (as == IMAGE_POINTER)
            buf_add(kept, (str){(const char *)&number, sizeof(number)});
        if (as == IMAGE_SMALL)
            buf_add(kept, (str){(const char *)&small, sizeof(small)});
        if (as == IMAGE_WHOLE)
            buf_add(kept, (str){(const char *)&word, sizeof(word)});
        four |= (uint8_t)(as << i % IMAGE_WORDS_A_BYTE * 2);
        if (i % IMAGE_WORDS_A_BYTE == IMAGE_WORDS_A_BYTE - 1 || i + 1 == f->objects.n / sizeof(word)) {
            buf_add_char(how, (char)four);
            four = 0;
        }
    }
}

static void write_image(struct freezing *f, uint32_t root, struct buf *out)
{
    size_t name_bytes = f->names.n * sizeof(struct image_name), start = out->n;
    struct image header = {
        .n_words = (uint32_t)(f->objects.n / sizeof(uint64_t)), .root = root, .n_names = (uint32_t)f->names.n};
    struct buf how, kept;
    buf_init(&how, SIZE_MAX);
    buf_init(&kept, SIZE_MAX);
    keep_words(f, &how, &kept);
    header.kept = (uint32_t)(sizeof(header) + how.n);
    header.names = header.kept + (uint32_t)kept.n;
    header.texts = header.names + (uint32_t)name_bytes;
    header.nested = (uint32_t)((header.texts + f->texts.n + IMAGE_ALIGNMENT - 1) / IMAGE_ALIGNMENT * IMAGE_ALIGNMENT);
    header.bytes = header.nested + (uint32_t)f->nested.n;
    assert(start % IMAGE_ALIGNMENT == 0);
    buf_add(out, (str){(const char *)&header, sizeof(header)});
    buf_add(out, buf_str(&how));
    buf_add(out, buf_str(&kept));
    buf_add(out, (str){(const char *)f->names.at, name_bytes});
    buf_add(out, buf_str(&f->texts));
    align(out, IMAGE_ALIGNMENT);
    buf_add(out, buf_str(&f->nested));
    assert(out->n - start == header.bytes);
    buf_release(&how);
    buf_release(&kept);
}

void image_freeze(const void *root, const struct image_layout *layout, uint32_t (*number)(const void *imported),
                  struct buf *out)
{
    struct freezing f = {.arena = arena_new(), .number = number};
    buf_init(&f.objects, SIZE_MAX);
    buf_init(&f.texts, SIZE_MAX);
    buf_init(&f.nested, SIZE_MAX);
    map_init(&f.seen_objects);
    map_init(&f.seen_texts);
    uint32_t at = freeze_objects(&f, root, 1, layout);
    write_image(&f, at, out);
    map_release(&f.seen_objects);
    map_release(&f.seen_texts);
    VEC_RELEASE(&f.pointers);
    VEC_RELEASE(&f.names);
    buf_release(&f.objects);
    buf_release(&f.texts);
    buf_release(&f.nested);
    arena_free(f.arena);
}
