#include "syntax/reader.h"

#include <math.h>

#include "base/alloc.h"
#include "base/map.h"

enum { FIRST_CHUNK = 16, LAST_CHUNK = 256, FEW_KEYS = 16, LONGEST_MESSAGE = 1 << 16 };

void node_pool_refill(struct node_pool *p)
{
    p->chunk = p->chunk == 0 ? FIRST_CHUNK : p->chunk < LAST_CHUNK ? p->chunk * 2 : LAST_CHUNK;
    p->next = ARENA_ARRAY(p->arena, struct node, p->chunk);
    p->left = p->chunk;
    p->total += p->chunk;
}

void reader_diag(struct reader_diags *d, enum diag_id id, span at, const char *fmt, ...)
{
    struct buf message;
    va_list ap;

    if (d->list == NULL || reader_diags_full(d))
        return;
    if (++d->n == LIMIT_FILE_DIAGNOSTICS) {
        diag_add(d->list, DIAG_LIMIT, at, "more than %u things are wrong with this file; the rest is not reported",
                 LIMIT_FILE_DIAGNOSTICS - 1);
        return;
    }
    buf_init(&message, LONGEST_MESSAGE);
    va_start(ap, fmt);
    buf_vprintf(&message, fmt, ap);
    va_end(ap);
    diag_add(d->list, id, at, STR_FMT, STR_ARG(buf_str(&message)));
    buf_release(&message);
}

bool reader_diags_full(const struct reader_diags *d)
{
    return d->n >= LIMIT_FILE_DIAGNOSTICS;
}

unsigned reader_line(const struct reader_diags *d, uint32_t offset)
{
    return d->source == NULL ? 0 : source_position(d->source, offset).line;
}

static void report_twice(struct reader_diags *d, const struct node *first, const struct node *again)
{
    unsigned line = reader_line(d, first->at.start);
    str key = str_slice(again->u.string, 0, 100);

    if (line != 0)
        reader_diag(d, DIAG_DUPLICATE_KEY, again->at,
                    "the key \"" STR_FMT "\" stands twice in this mapping, first at line %u; the last one counts",
                    STR_ARG(key), line);
    else
        reader_diag(d, DIAG_DUPLICATE_KEY, again->at,
                    "the key \"" STR_FMT "\" stands twice in this mapping; the last one counts", STR_ARG(key));
}

static void put(struct node_entry *entry, size_t *n, struct node_entry new, struct node_entry *old,
                struct reader_diags *d)
{
    if (old == NULL) {
        entry[(*n)++] = new;
        return;
    }
    report_twice(d, old->key, new.key);
    *old = new;
}

/* A bit for each key that was seen, by its length and ends: keys that share no bit differ. */
static uint64_t key_bit(str key)
{
    unsigned h = (unsigned)key.n;

    if (key.n != 0)
        h = h * 31 + (unsigned char)key.p[0] * 7 + (unsigned char)key.p[key.n - 1] +
            (unsigned char)key.p[key.n / 2] * 13;
    return (uint64_t)1 << (h & 63);
}

static size_t settle_few(struct node_entry *entry, const struct node **pair, size_t n_pairs, struct reader_diags *d)
{
    uint64_t seen = 0;
    size_t n = 0;

    for (size_t i = 0; i < n_pairs; i++) {
        struct node_entry new = {pair[2 * i], pair[2 * i + 1]};
        uint64_t bit = key_bit(new.key->u.string);
        struct node_entry *old = NULL;

        for (size_t k = 0; (seen & bit) != 0 && k < n && old == NULL; k++)
            if (str_eq(entry[k].key->u.string, new.key->u.string))
                old = &entry[k];
        seen |= bit;
        put(entry, &n, new, old, d);
    }
    return n;
}

static size_t settle_many(struct node_entry *entry, const struct node **pair, size_t n_pairs, struct reader_diags *d)
{
    struct map known;
    size_t n = 0;

    map_init(&known);
    for (size_t i = 0; i < n_pairs; i++) {
        struct node_entry new = {pair[2 * i], pair[2 * i + 1]};
        struct node_entry *here = map_add(&known, new.key->u.string, &entry[n]);

        put(entry, &n, new, here == &entry[n] ? NULL : here, d);
    }
    map_release(&known);
    return n;
}

void reader_set_entries(struct node *map, struct node_stack *stack, size_t from, struct arena *arena,
                        struct reader_diags *d)
{
    size_t n_pairs = (stack->n - from) / 2;
    struct node_entry *entry;

    stack->n = from;
    if (n_pairs == 0)
        return;
    entry = ARENA_ARRAY(arena, struct node_entry, n_pairs);
    map->u.map.entry = entry;
    if (n_pairs <= FEW_KEYS)
        map->u.map.n = settle_few(entry, stack->at + from, n_pairs, d);
    else
        map->u.map.n = settle_many(entry, stack->at + from, n_pairs, d);
}

void reader_set_items(struct node *list, struct node_stack *stack, size_t from, struct arena *arena)
{
    size_t n = stack->n - from;

    stack->n = from;
    if (n == 0)
        return;
    list->u.list.item = arena_copy(arena, stack->at + from, n * sizeof(*stack->at));
    list->u.list.n = n;
}

static double decimal_slowly(str text)
{
    char small[64];
    char *copy = text.n < sizeof(small) ? small : alloc_get(text.n + 1);
    double v;

    if (text.n != 0)
        memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    v = strtod(copy, NULL);
    if (copy != small)
        alloc_put(copy, text.n + 1);
    return v;
}

/* Up to 15 digits and a power of ten up to 22 are exact doubles, so that one operation rounds right. */
double reader_decimal(str text)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t i = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+');
    bool fraction = false;
    uint64_t digits = 0;
    int n = 0, scale = 0;
    double v;

    for (; i < text.n; i++) {
        char c = text.p[i];

        if (c == '.') {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        if (n == 15)
            return decimal_slowly(text);
        digits = digits * 10 + (unsigned)(c - '0');
        n += digits != 0;
        scale += fraction;
    }
    if (i < text.n || scale > 22)
        return decimal_slowly(text);
    v = scale == 0 ? (double)digits : (double)digits / power[scale];
    return text.p[0] == '-' ? -v : v;
}
