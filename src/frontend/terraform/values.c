#include "frontend/terraform/values.h"

#include <stdlib.h>

#include "frontend/terraform/number.h"

/* Values share parts; walks over all paths into them stop here. */
enum { WALK_VALUES = 1000000 };

static const struct value *with_flags(const struct value *v, unsigned flags)
{
    struct value *own = (struct value *)(uintptr_t)v; /* just made */
    own->flags = (uint16_t)(own->flags | flags);
    return own;
}

const struct value *tf_list(struct arena *a, const struct value **items, size_t n, const struct origin *o)
{
    return value_list(a, items, n, o);
}

const struct value *tf_tuple(struct arena *a, const struct value **items, size_t n, const struct origin *o)
{
    return with_flags(value_list(a, items, n, o), TF_TUPLE);
}

const struct value *tf_int(struct arena *a, int64_t i, const struct origin *o)
{
    struct number n;
    if (i > -(INT64_C(1) << 53) && i < INT64_C(1) << 53)
        return value_number(a, (double)i, o);
    number_from_int(i, &n);
    return number_value(a, &n, o);
}

/* Maps. */

static int compare_entries(const void *a, const void *b)
{
    const struct value_entry *x = *(const struct value_entry *const *)a, *y = *(const struct value_entry *const *)b;
    int c = str_cmp(x->key, y->key);
    return c ? c : x < y ? -1 : x > y;
}

static bool is_sorted(const struct value_entry *entries, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (str_cmp(entries[i - 1].key, entries[i].key) >= 0)
            return false;
    }
    return true;
}

static struct value_entry *sort_entries(struct arena *a, const struct value_entry *entries, size_t n, size_t *ret_n)
{
    const struct value_entry **order = ARENA_ARRAY(a, const struct value_entry *, n);
    struct value_entry *out = ARENA_ARRAY(a, struct value_entry, n);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = &entries[i];
    qsort(order, n, sizeof(struct value_entry *), compare_entries);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && str_eq(out[kept - 1].key, order[i]->key))
            kept--;
        out[kept++] = *order[i];
    }
    *ret_n = kept;
    return out;
}

/* In place, keeping the order of equal keys. */
static void sort_few(struct value_entry *entries, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct value_entry e = entries[i];
        size_t at = i;
        for (; at > 0 && str_cmp(entries[at - 1].key, e.key) > 0; at--)
            entries[at] = entries[at - 1];
        entries[at] = e;
    }
}

const struct value *tf_map(struct arena *a, struct value_entry *entries, size_t n, const struct origin *o)
{
    enum { FEW = 16 };
    if (is_sorted(entries, n))
        return value_map(a, entries, n, o);
    if (n <= FEW)
        sort_few(entries, n);
    if (n <= FEW && is_sorted(entries, n)) /* else some key stands twice */
        return value_map(a, entries, n, o);
    size_t kept;
    const struct value_entry *sorted = sort_entries(a, entries, n, &kept);
    return value_map(a, sorted, kept, o);
}

const struct value *tf_object(struct arena *a, struct value_entry *entries, size_t n, const struct origin *o)
{
    return with_flags(tf_map(a, entries, n, o), VALUE_IS_OBJECT);
}

const struct value *tf_lookup(const struct value *map, str key)
{
    if (!value_is(map, VALUE_MAP))
        return NULL;
    size_t low = 0, high = map->u.map.n;
    if (high < 8 || map->flags & (VALUE_IS_BLOCK | TF_RESOURCE))
        return value_get(map, key);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = str_cmp(map->u.map.entry[middle].key, key);
        if (c == 0)
            return map->u.map.entry[middle].value;
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct value_entry *tf_entries(struct arena *a, const struct value *map)
{
    size_t kept;
    if (is_sorted(map->u.map.entry, map->u.map.n))
        return map->u.map.entry;
    return sort_entries(a, map->u.map.entry, map->u.map.n, &kept);
}

/* Asking. */

bool tf_settled(const struct value *v)
{
    return v && v->kind != VALUE_UNKNOWN && v->kind != VALUE_TEXT && v->kind != VALUE_CHOICE;
}

bool tf_is_sequence(const struct value *v)
{
    return value_is(v, VALUE_LIST);
}

bool tf_int_of(const struct value *v, int64_t *ret)
{
    struct number n;
    *ret = 0;
    if (!value_is(v, VALUE_NUMBER))
        return false;
    double d = v->u.number.value;
    if (!value_exact(v).n && d >= -9e15 && d <= 9e15) {
        *ret = (int64_t)d;
        return !((double)*ret < d) && !((double)*ret > d);
    }
    number_from_value(v, &n);
    return number_to_int(&n, ret);
}

int tf_compare_numbers(const struct value *a, const struct value *b)
{
    double x = a->u.number.value, y = b->u.number.value;
    if (x < y)
        return -1;
    if (x > y)
        return 1;
    if (!value_exact(a).n && !value_exact(b).n)
        return 0;
    struct number m, n;
    number_from_value(a, &m);
    number_from_value(b, &n);
    return number_compare(&m, &n);
}

static bool same(const struct value *a, const struct value *b, unsigned depth, size_t *budget)
{
    if (a == b)
        return true;
    if (!a || !b || a->kind != b->kind || depth > LIMIT_DEPTH || *budget == 0)
        return false;
    --*budget;
    switch ((enum value_kind)a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->u.boolean == b->u.boolean;
    case VALUE_NUMBER:
        return tf_compare_numbers(a, b) == 0;
    case VALUE_STRING:
        return str_eq(a->u.string, b->u.string);
    case VALUE_LIST:
        if (a->u.list.n != b->u.list.n)
            return false;
        for (size_t i = 0; i < a->u.list.n; i++) {
            if (!same(a->u.list.item[i], b->u.list.item[i], depth + 1, budget))
                return false;
        }
        return true;
    case VALUE_MAP:
        if (a->u.map.n != b->u.map.n)
            return false;
        for (size_t i = 0; i < a->u.map.n; i++) {
            const struct value_entry *e = &a->u.map.entry[i];
            const struct value *other =
                str_eq(b->u.map.entry[i].key, e->key) ? b->u.map.entry[i].value : tf_lookup(b, e->key);
            if (!same(e->value, other, depth + 1, budget))
                return false;
        }
        return true;
    default:
        return false;
    }
}

bool tf_same(const struct value *a, const struct value *b)
{
    size_t budget = WALK_VALUES;
    return same(a, b, 0, &budget);
}

/* Sets. */

static void add_sort_key(struct buf *out, const struct value *v, struct arena *a, unsigned depth)
{
    if (!tf_settled(v) || depth > LIMIT_DEPTH || out->overflow) {
        buf_add_char(out, '?');
        return;
    }
    switch ((enum value_kind)v->kind) {
    case VALUE_NULL:
        buf_add_char(out, '~');
        break;
    case VALUE_BOOL:
        buf_add_char(out, v->u.boolean ? 'T' : 'F');
        break;
    case VALUE_NUMBER:
        buf_add(out, number_value_text(v, a));
        break;
    case VALUE_STRING:
        tf_json_string(out, v->u.string);
        break;
    case VALUE_LIST:
        buf_add_char(out, v->flags & TF_TUPLE ? '<' : '[');
        for (size_t i = 0; i < v->u.list.n && !out->overflow; i++) {
            add_sort_key(out, v->u.list.item[i], a, depth + 1);
            buf_add_char(out, ';');
        }
        buf_add_char(out, v->flags & TF_TUPLE ? '>' : ']');
        break;
    default: {
        bool object = v->flags & VALUE_IS_OBJECT;
        const struct value_entry *e = tf_entries(a, v);
        buf_add_char(out, object ? '<' : '{');
        for (size_t i = 0; i < v->u.map.n && !out->overflow; i++) {
            if (!object) {
                tf_json_string(out, e[i].key);
                buf_add_char(out, ':');
            }
            add_sort_key(out, e[i].value, a, depth + 1);
            buf_add_char(out, ';');
        }
        buf_add_char(out, object ? '>' : '}');
        break;
    }
    }
}

struct set_item {
    const struct value *value;
    str key;
    size_t order;
};

static int compare_items(const void *a, const void *b)
{
    const struct set_item *x = a, *y = b;
    const struct value *v = x->value, *w = y->value;
    int c;
    bool vs = tf_settled(v), ws = tf_settled(w);
    if (vs != ws)
        return vs ? -1 : 1;
    if (!vs)
        return x->order < y->order ? -1 : x->order > y->order;
    bool vn = v->kind == VALUE_NULL, wn = w->kind == VALUE_NULL;
    if (vn || wn)
        c = (int)vn - (int)wn;
    else if (v->kind == VALUE_STRING && w->kind == VALUE_STRING)
        c = str_cmp(v->u.string, w->u.string);
    else if (v->kind == VALUE_NUMBER && w->kind == VALUE_NUMBER)
        c = tf_compare_numbers(v, w);
    else if (v->kind == VALUE_BOOL && w->kind == VALUE_BOOL)
        c = (int)v->u.boolean - (int)w->u.boolean;
    else
        c = str_cmp(x->key, y->key);
    return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

const struct value *tf_set(struct arena *a, const struct value **items, size_t n, const struct origin *o)
{
    struct set_item *sorted = ARENA_ARRAY(a, struct set_item, n);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = (struct set_item){items[i], STR_NONE, i};
        if (value_is(items[i], VALUE_LIST) || value_is(items[i], VALUE_MAP)) {
            struct buf key;
            buf_init(&key, LIMIT_STRING_BYTES);
            add_sort_key(&key, items[i], a, 0);
            sorted[i].key = buf_copy(&key, a);
            buf_release(&key);
        }
    }
    qsort(sorted, n, sizeof(*sorted), compare_items);
    const struct value **kept = ARENA_ARRAY(a, const struct value *, n);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (k == 0 || !tf_same(kept[k - 1], sorted[i].value))
            kept[k++] = sorted[i].value;
    }
    return with_flags(value_list(a, kept, k, o), VALUE_IS_SET);
}

/* Unknowns, refs and marks. */

const struct ref *tf_refs_join(struct arena *a, const struct ref *x, const struct ref *y)
{
    enum { MOST = 64 };
    if (!x || !y || x == y)
        return x ? x : y;
    struct ref *first = NULL, *last = NULL;
    size_t n = 0;
    const struct ref *lists[] = {x, y};
    for (size_t i = 0; i < 2; i++) {
        for (const struct ref *r = lists[i]; r && n < MOST; r = r->next) {
            bool there = false;
            for (const struct ref *c = first; c && !there; c = c->next)
                there = str_eq(c->address, r->address) && str_eq(c->attribute, r->attribute);
            if (there)
                continue;
            struct ref *copy = arena_copy(a, r, sizeof(*r));
            copy->next = NULL;
            if (last)
                last->next = copy;
            else
                first = copy;
            last = copy;
            n++;
        }
    }
    return first;
}

const struct ref *tf_refs_of(struct arena *a, const struct value *const *from, size_t n)
{
    const struct ref *all = NULL;
    for (size_t i = 0; i < n; i++) {
        if (from[i])
            all = tf_refs_join(a, all, value_find_ref(from[i]));
    }
    return all;
}

uint16_t tf_marks_of(const struct value *const *from, size_t n)
{
    uint16_t flags = 0;
    for (size_t i = 0; i < n; i++)
        flags |= from[i] ? from[i]->flags & VALUE_SENSITIVE : 0;
    return flags;
}

static const struct value *first_unknown(const struct value *v, unsigned depth, size_t *budget)
{
    if (!v || depth > 32 || *budget == 0)
        return NULL;
    --*budget;
    const struct value *found = NULL;
    if (v->kind == VALUE_UNKNOWN || v->kind == VALUE_CHOICE)
        return v;
    if (v->kind == VALUE_LIST || v->kind == VALUE_TEXT) {
        for (size_t i = 0; i < v->u.list.n && !found; i++)
            found = first_unknown(v->u.list.item[i], depth + 1, budget);
    } else if (v->kind == VALUE_MAP) {
        for (size_t i = 0; i < v->u.map.n && !found; i++)
            found = first_unknown(v->u.map.entry[i].value, depth + 1, budget);
    }
    return found;
}

str tf_holed_key(struct arena *a, const struct value *v)
{
    if (!value_is(v, VALUE_TEXT))
        return STR_NONE;
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    size_t literal = 0;
    for (size_t i = 0; i < v->u.list.n; i++) {
        str part = value_str(v->u.list.item[i]);
        literal += part.n;
        if (value_is(v->u.list.item[i], VALUE_STRING))
            buf_add(&out, part);
        else
            buf_add_c(&out, "${\xe2\x80\xa6}");
    }
    str key = literal ? buf_copy(&out, a) : STR_NONE;
    buf_release(&out);
    return key;
}

const struct value *tf_unknown_from(struct arena *a, const struct value *const *from, size_t n, const struct origin *o)
{
    const struct value *cause = NULL;
    size_t budget = 1000;
    for (size_t i = 0; i < n && !cause; i++)
        cause = first_unknown(from[i], 0, &budget);
    str reason = STR("depends on something unknown");
    if (value_is(cause, VALUE_UNKNOWN))
        reason = cause->u.reason;
    else if (value_is(cause, VALUE_CHOICE))
        reason = arena_printf(a, "depends on " STR_FMT, STR_ARG(cause->u.choice.by->name));
    const struct origin *via = cause ? cause->origin : NULL;
    struct value *v = value_unknown(a, reason, o ? origin_new(a, o->at, origin_note(o), via) : via);
    v->ref = tf_refs_of(a, from, n);
    v->flags = tf_marks_of(from, n);
    if (cause)
        v->flags |= cause->flags & TF_FAILED;
    return v;
}

const struct value *tf_step(struct arena *a, const struct value *v, span at, str note)
{
    if (!v)
        return NULL;
    size_t size = sizeof(*v);
    if (v->flags & TF_LAZY)
        return v;
    struct value *copy = arena_copy(a, v, size);
    copy->origin = origin_new(a, at, note, v->origin);
    return copy;
}

const struct value *tf_with_marks(struct arena *a, const struct value *v, uint16_t flags, const struct ref *ref)
{
    if (!v || ((v->flags & flags) == flags && !ref) || v->flags & TF_LAZY)
        return v;
    struct value *copy = value_copy(a, v);
    copy->flags |= flags;
    copy->ref = tf_refs_join(a, v->ref, ref);
    return copy;
}

/* JSON. */

void tf_json_string(struct buf *out, str s)
{
    buf_add_char(out, '"');
    for (size_t i = 0, len; i < s.n && !out->overflow; i += len) {
        uint32_t c = utf8_at(s, i, &len);
        if (c == '"' || c == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, (char)c);
        } else if (c == '\n' || c == '\r' || c == '\t') {
            buf_add_c(out, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        } else if (c == '\b' || c == '\f') {
            buf_add_c(out, c == '\b' ? "\\b" : "\\f");
        } else if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029) {
            buf_printf(out, "\\u%04x", (unsigned)c);
        } else {
            buf_add_utf8(out, c);
        }
    }
    buf_add_char(out, '"');
}

struct json_writer {
    struct arena *arena;
    struct buf out;
    const struct value **part;
    size_t n, cap;
};

static void writer_hole(struct json_writer *w, const struct value *hole)
{
    if (w->n + 2 > w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 8;
        const struct value **grown = ARENA_ARRAY(w->arena, const struct value *, cap);
        if (w->n)
            memcpy(grown, w->part, w->n * sizeof(struct value *));
        w->part = grown;
        w->cap = cap;
    }
    if (w->out.n)
        w->part[w->n++] = value_string(w->arena, buf_copy(&w->out, w->arena), NULL);
    buf_clear(&w->out);
    if (hole)
        w->part[w->n++] = hole;
}

static void add_inner_string(struct json_writer *w, str s)
{
    struct buf quoted;
    buf_init(&quoted, LIMIT_STRING_BYTES);
    tf_json_string(&quoted, s);
    buf_add(&w->out, str_slice(buf_str(&quoted), 1, quoted.n ? quoted.n - 1 : 0));
    buf_release(&quoted);
}

/* Something unknown is a hole in quotes: most often it is a string. */
static void write_unknown(struct json_writer *w, const struct value *v)
{
    buf_add_char(&w->out, '"');
    if (v->kind == VALUE_TEXT) {
        for (size_t i = 0; i < v->u.list.n; i++) {
            const struct value *part = v->u.list.item[i];
            if (value_is(part, VALUE_STRING))
                add_inner_string(w, part->u.string);
            else
                writer_hole(w, part);
        }
    } else {
        writer_hole(w, v);
    }
    buf_add_char(&w->out, '"');
}

static void write_json(struct json_writer *w, const struct value *v, unsigned depth)
{
    if (!v || v->kind == VALUE_NULL || depth > LIMIT_DEPTH) {
        buf_add_c(&w->out, "null");
        return;
    }
    if (v->flags & VALUE_JSON && depth > 0) {
        const struct value *text = tf_json_text(w->arena, v, v->origin);
        if (text->kind == VALUE_STRING)
            tf_json_string(&w->out, text->u.string);
        else
            write_unknown(w, text);
        return;
    }
    switch ((enum value_kind)v->kind) {
    case VALUE_BOOL:
        buf_add_c(&w->out, v->u.boolean ? "true" : "false");
        break;
    case VALUE_NUMBER:
        buf_add(&w->out, number_value_text(v, w->arena));
        break;
    case VALUE_STRING:
        tf_json_string(&w->out, v->u.string);
        break;
    case VALUE_LIST:
        buf_add_char(&w->out, '[');
        for (size_t i = 0; i < v->u.list.n && !w->out.overflow; i++) {
            buf_add_c(&w->out, i ? "," : "");
            write_json(w, v->u.list.item[i], depth + 1);
        }
        buf_add_char(&w->out, ']');
        break;
    case VALUE_MAP: {
        const struct value_entry *e = tf_entries(w->arena, v);
        buf_add_char(&w->out, '{');
        for (size_t i = 0; i < v->u.map.n && !w->out.overflow; i++) {
            buf_add_c(&w->out, i ? "," : "");
            tf_json_string(&w->out, e[i].key);
            buf_add_char(&w->out, ':');
            write_json(w, e[i].value, depth + 1);
        }
        buf_add_char(&w->out, '}');
        break;
    }
    default:
        write_unknown(w, v);
        break;
    }
}

const struct value *tf_json_text(struct arena *a, const struct value *v, const struct origin *o)
{
    struct json_writer w = {.arena = a};
    buf_init(&w.out, LIMIT_STRING_BYTES);
    write_json(&w, v, 0);
    const struct value *text;
    if (w.out.overflow) {
        text = value_too_long(a, o);
    } else if (w.n == 0) {
        text = value_string(a, buf_copy(&w.out, a), o);
    } else {
        writer_hole(&w, NULL);
        text = value_text(a, w.part, w.n, o);
    }
    buf_release(&w.out);
    return text;
}

const struct value *tf_plain(struct arena *a, const struct value *v)
{
    return v && v->flags & VALUE_JSON ? tf_json_text(a, v, v->origin) : v;
}

/* Such a number would print with an exponent. */
static bool is_long(double d)
{
    double size = d < 0 ? -d : d;
    return size >= 1e15 && size <= 1e300;
}

static const struct value *plain_deep(struct arena *a, const struct value *v, unsigned depth, size_t *budget)
{
    if (!v || depth > LIMIT_DEPTH || *budget == 0)
        return v;
    --*budget;
    if (v->flags & VALUE_JSON)
        return tf_json_text(a, v, v->origin);
    if (v->kind == VALUE_NUMBER && !value_exact(v).n && is_long(v->u.number.value)) {
        struct value *copy = value_copy(a, v);
        value_set_exact(copy, number_value_text(v, a));
        return copy;
    }
    if (v->kind == VALUE_LIST && v->u.list.n) {
        struct value *copy = value_copy(a, v);
        copy->u.list.item = ARENA_ARRAY(a, const struct value *, v->u.list.n);
        for (size_t i = 0; i < v->u.list.n; i++)
            copy->u.list.item[i] = plain_deep(a, v->u.list.item[i], depth + 1, budget);
        return copy;
    }
    if (v->kind == VALUE_MAP && v->u.map.n) {
        struct value *copy = value_copy(a, v);
        struct value_entry *e = arena_copy(a, v->u.map.entry, v->u.map.n * sizeof(*e));
        for (size_t i = 0; i < v->u.map.n; i++)
            e[i].value = plain_deep(a, e[i].value, depth + 1, budget);
        copy->u.map.entry = e;
        return copy;
    }
    return v;
}

const struct value *tf_plain_deep(struct arena *a, const struct value *v)
{
    size_t budget = WALK_VALUES;
    return plain_deep(a, v, 0, &budget);
}
