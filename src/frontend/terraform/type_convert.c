#include "frontend/terraform/number.h"
#include "frontend/terraform/types.h"

static const struct value *convert(struct type_conversion *c, const struct value *v, const struct type *t,
                                   unsigned depth);

static const struct value *refuse(struct type_conversion *c, const char *why)
{
    if (!c->error.n)
        c->error = str_of(why);
    return NULL;
}

static const struct value *wants(struct type_conversion *c, const struct type *t)
{
    if (!c->error.n)
        c->error = arena_printf(c->arena, STR_FMT " required", STR_ARG(type_name(c->arena, t)));
    return NULL;
}

/* Scalars. */

static const struct value *keep_marks(struct arena *a, const struct value *made, const struct value *from)
{
    if (!from->ref && !(from->flags & VALUE_SENSITIVE))
        return made;
    struct value *copy = value_copy(a, made);
    copy->ref = from->ref;
    copy->flags |= from->flags & VALUE_SENSITIVE;
    return copy;
}

static const struct value *to_string(struct type_conversion *c, const struct value *v)
{
    str s;
    switch ((enum value_kind)v->kind) {
    case VALUE_STRING:
    case VALUE_TEXT:
        return v;
    case VALUE_BOOL:
        s = v->u.boolean ? STR("true") : STR("false");
        break;
    case VALUE_NUMBER:
        s = number_value_text(v, c->arena);
        break;
    default:
        return v->flags & VALUE_JSON ? v : refuse(c, "string required");
    }
    return keep_marks(c->arena, value_string(c->arena, s, v->origin), v);
}

static const struct value *to_number(struct type_conversion *c, const struct value *v)
{
    if (v->kind == VALUE_NUMBER)
        return v;
    if (v->kind == VALUE_TEXT)
        return tf_unknown_from(c->arena, &v, 1, v->origin);
    const struct value *n = v->kind == VALUE_STRING ? number_value_of(c->arena, v->u.string, v->origin) : NULL;
    return n ? keep_marks(c->arena, n, v) : refuse(c, "a number is required");
}

static const struct value *to_bool(struct type_conversion *c, const struct value *v)
{
    if (v->kind == VALUE_BOOL)
        return v;
    if (v->kind == VALUE_TEXT)
        return tf_unknown_from(c->arena, &v, 1, v->origin);
    str s = value_str(v);
    bool yes = str_eq_c(s, "true") || str_eq_c(s, "1");
    if (!yes && !str_eq_c(s, "false") && !str_eq_c(s, "0"))
        return refuse(c, "a bool is required");
    return keep_marks(c->arena, value_bool(c->arena, yes, v->origin), v);
}

/* Collections. */

static const struct type *element_type(struct type_conversion *c, const struct value *v, const struct type *wanted)
{
    if (wanted->kind != TYPE_ANY)
        return wanted;
    size_t n = v->kind == VALUE_MAP ? v->u.map.n : v->u.list.n;
    const struct type **types = ARENA_ARRAY(c->arena, const struct type *, n + 1);
    for (size_t i = 0; i < n; i++)
        types[i] = type_of(c->arena, v->kind == VALUE_MAP ? v->u.map.entry[i].value : v->u.list.item[i]);
    const struct type *t = type_unify(c->arena, types, n);
    if (!t)
        refuse(c, "all elements must have the same type");
    return t;
}

static const struct value *finish(struct type_conversion *c, const struct value *made, const struct value *from)
{
    uint16_t flags = from->flags & (VALUE_SENSITIVE | VALUE_PARTIAL | (from->kind == VALUE_MAP ? TF_HOLED : 0));
    return flags || from->ref ? tf_with_marks(c->arena, made, flags, from->ref) : made;
}

static const struct value *to_sequence(struct type_conversion *c, const struct value *v, const struct type *t,
                                       unsigned depth)
{
    if (v->kind != VALUE_LIST || v->flags & VALUE_JSON)
        return wants(c, t);
    const struct type *element = element_type(c, v, t->element);
    if (!element)
        return NULL;
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, v->u.list.n);
    for (size_t i = 0; i < v->u.list.n; i++) {
        items[i] = convert(c, v->u.list.item[i], element, depth + 1);
        if (!items[i])
            return NULL;
    }
    const struct value *made = t->kind == TYPE_SET ? tf_set(c->arena, items, v->u.list.n, v->origin)
                                                   : tf_list(c->arena, items, v->u.list.n, v->origin);
    return finish(c, made, v);
}

static const struct value *to_tuple(struct type_conversion *c, const struct value *v, const struct type *t,
                                    unsigned depth)
{
    if (v->kind != VALUE_LIST || v->u.list.n != t->n || v->flags & VALUE_JSON)
        return wants(c, t);
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, v->u.list.n);
    for (size_t i = 0; i < v->u.list.n; i++) {
        items[i] = convert(c, v->u.list.item[i], t->member[i].type, depth + 1);
        if (!items[i])
            return NULL;
    }
    return finish(c, tf_tuple(c->arena, items, v->u.list.n, v->origin), v);
}

static const struct value *to_map(struct type_conversion *c, const struct value *v, const struct type *t,
                                  unsigned depth)
{
    if (v->kind != VALUE_MAP || v->flags & VALUE_JSON)
        return wants(c, t);
    const struct type *element = element_type(c, v, t->element);
    if (!element)
        return NULL;
    struct value_entry *entries = ARENA_ARRAY(c->arena, struct value_entry, v->u.map.n);
    for (size_t i = 0; i < v->u.map.n; i++) {
        entries[i] = v->u.map.entry[i];
        entries[i].value = convert(c, entries[i].value, element, depth + 1);
        if (!entries[i].value)
            return NULL;
    }
    return finish(c, tf_map(c->arena, entries, v->u.map.n, v->origin), v);
}

static const struct value *member_value(struct type_conversion *c, const struct value *v, const struct type_member *m,
                                        unsigned depth)
{
    const struct value *given = tf_lookup(v, m->name);
    bool absent = !given || given->kind == VALUE_NULL;
    if (absent && m->optional) {
        const struct value *fallback = m->fallback && c->fallback ? c->fallback(c->context, m->fallback) : NULL;
        if (!fallback)
            return given ? given : value_null(c->arena, v->origin);
        given = fallback;
    }
    if (!given && v->flags & VALUE_PARTIAL)
        return value_unknown(c->arena, STR("more may be set than can be seen"), v->origin);
    if (!given) {
        c->error = arena_printf(c->arena, "attribute \"" STR_FMT "\" is required", STR_ARG(m->name));
        return NULL;
    }
    const struct value *made = convert(c, given, m->type, depth + 1);
    if (!made && c->error.n && !str_starts(c->error, STR("attribute")))
        c->error = arena_printf(c->arena, "attribute \"" STR_FMT "\": " STR_FMT, STR_ARG(m->name), STR_ARG(c->error));
    return made;
}

static const struct value *to_object(struct type_conversion *c, const struct value *v, const struct type *t,
                                     unsigned depth)
{
    if (v->kind != VALUE_MAP || v->flags & VALUE_JSON)
        return wants(c, t);
    struct value_entry *entries = ARENA_ARRAY(c->arena, struct value_entry, t->n);
    for (size_t i = 0; i < t->n; i++) {
        const struct value_entry *old = value_get_entry(v, t->member[i].name);
        entries[i].key = t->member[i].name;
        entries[i].key_at = old ? old->key_at : SPAN_NONE;
        entries[i].value = member_value(c, v, &t->member[i], depth);
        if (!entries[i].value)
            return NULL;
    }
    return finish(c, tf_object(c->arena, entries, t->n, v->origin), v);
}

struct lifted {
    struct type_conversion *c;
    const struct type *t;
    unsigned depth;
};

static const struct value *convert_alternative(void *context, const struct value *v)
{
    struct lifted *l = context;
    return convert(l->c, v, l->t, l->depth + 1);
}

static const struct value *convert(struct type_conversion *c, const struct value *v, const struct type *t,
                                   unsigned depth)
{
    if (depth > LIMIT_DEPTH || ++c->steps > 2 * LIMIT_COLLECTION)
        return refuse(c, "the value is nested too deeply");
    if (!v || v->kind == VALUE_NULL || v->kind == VALUE_UNKNOWN)
        return v ? v : value_null(c->arena, NULL);
    if (v->kind == VALUE_CHOICE) {
        struct lifted l = {c, t, depth};
        const struct value *made = value_lift(c->arena, v, convert_alternative, &l);
        return c->error.n ? NULL : made;
    }
    switch (t->kind) {
    case TYPE_ANY:
        return v;
    case TYPE_STRING:
        return to_string(c, v);
    case TYPE_NUMBER:
        return to_number(c, tf_plain(c->arena, v));
    case TYPE_BOOL:
        return to_bool(c, tf_plain(c->arena, v));
    case TYPE_LIST:
    case TYPE_SET:
        return to_sequence(c, v, t, depth);
    case TYPE_TUPLE:
        return to_tuple(c, v, t, depth);
    case TYPE_MAP:
        return to_map(c, v, t, depth);
    case TYPE_OBJECT:
        return to_object(c, v, t, depth);
    }
    return v;
}

const struct value *type_convert(struct type_conversion *c, const struct value *v, const struct type *t)
{
    c->error = STR_NONE;
    return convert(c, v, t, 0);
}
