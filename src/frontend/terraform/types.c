#include "frontend/terraform/types.h"

#include "base/vec.h"

const struct type type_any = {.kind = TYPE_ANY};
const struct type type_string = {.kind = TYPE_STRING};
const struct type type_number = {.kind = TYPE_NUMBER};
const struct type type_bool = {.kind = TYPE_BOOL};

const struct type *type_new(struct arena *a, enum type_kind kind, const struct type *element)
{
    struct type *t = ARENA_NEW(a, struct type);
    t->kind = kind;
    t->element = element;
    return t;
}

/* Reading constraints. */

struct type_reader {
    struct arena *arena;
    str error;
    span at;
};

static const struct type *read_type(struct type_reader *r, const struct node *n, unsigned depth);

static const struct type *refuse(struct type_reader *r, const struct node *n, const char *why)
{
    if (!r->error.n) {
        r->error = str_of(why);
        r->at = n->at;
    }
    return NULL;
}

static const struct type *read_name(struct type_reader *r, const struct node *n, str name)
{
    static const struct {
        const char *name;
        enum type_kind kind;
    } names[] = {{"string", TYPE_STRING}, {"number", TYPE_NUMBER}, {"bool", TYPE_BOOL}, {"any", TYPE_ANY},
                 {"list", TYPE_LIST},     {"map", TYPE_MAP},       {"set", TYPE_SET}};
    static const struct type *const simple[] = {
        [TYPE_ANY] = &type_any, [TYPE_STRING] = &type_string, [TYPE_NUMBER] = &type_number, [TYPE_BOOL] = &type_bool};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!str_eq_c(name, names[i].name))
            continue;
        return names[i].kind <= TYPE_BOOL ? simple[names[i].kind] : type_new(r->arena, names[i].kind, &type_any);
    }
    return refuse(r, n, "this is not a type");
}

static str key_name(const struct node *key)
{
    if (key->kind == NODE_STRING || key->kind == NODE_VARIABLE)
        return key->u.string;
    return STR_NONE;
}

static bool read_attribute(struct type_reader *r, const struct node_entry *e, struct type_member *ret, unsigned depth)
{
    const struct node *v = e->value;
    ret->name = key_name(e->key);
    if (v->kind == NODE_CALL && str_eq_c(v->u.call->name, "optional") && v->u.call->n >= 1) {
        ret->optional = true;
        ret->fallback = v->u.call->n > 1 ? v->u.call->argument[1] : NULL;
        v = v->u.call->argument[0];
    }
    ret->type = read_type(r, v, depth);
    return ret->type != NULL && ret->name.n > 0;
}

static const struct type *read_object(struct type_reader *r, const struct node *n, unsigned depth)
{
    if (n->kind != NODE_MAP)
        return refuse(r, n, "object() wants a map of attribute names to types");
    struct type_member *members = ARENA_ARRAY(r->arena, struct type_member, n->u.map.n);
    for (size_t i = 0; i < n->u.map.n; i++) {
        if (!read_attribute(r, &n->u.map.entry[i], &members[i], depth))
            return refuse(r, n, "an attribute of object() has no valid type");
    }
    struct type *t = ARENA_NEW(r->arena, struct type);
    *t = (struct type){.kind = TYPE_OBJECT, .member = members, .n = n->u.map.n};
    return t;
}

static const struct type *read_tuple(struct type_reader *r, const struct node *n, unsigned depth)
{
    if (n->kind != NODE_LIST)
        return refuse(r, n, "tuple() wants a list of types");
    struct type_member *members = ARENA_ARRAY(r->arena, struct type_member, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++) {
        members[i].type = read_type(r, n->u.list.item[i], depth);
        if (!members[i].type)
            return NULL;
    }
    struct type *t = ARENA_NEW(r->arena, struct type);
    *t = (struct type){.kind = TYPE_TUPLE, .member = members, .n = n->u.list.n};
    return t;
}

static const struct type *read_type(struct type_reader *r, const struct node *n, unsigned depth)
{
    if (depth > LIMIT_DEPTH)
        return refuse(r, n, "the type is nested too deeply");
    if (n->kind == NODE_VARIABLE || n->kind == NODE_STRING)
        return read_name(r, n, n->u.string);
    if (n->kind == NODE_PAREN)
        return read_type(r, n->u.pair.left, depth + 1);
    if (n->kind != NODE_CALL || n->u.call->n != 1)
        return refuse(r, n, "this is not a type");
    str name = n->u.call->name;
    const struct node *inner = n->u.call->argument[0];
    if (str_eq_c(name, "object"))
        return read_object(r, inner, depth + 1);
    if (str_eq_c(name, "tuple"))
        return read_tuple(r, inner, depth + 1);
    enum type_kind kind = str_eq_c(name, "list")  ? TYPE_LIST
                          : str_eq_c(name, "set") ? TYPE_SET
                          : str_eq_c(name, "map") ? TYPE_MAP
                                                  : TYPE_ANY;
    if (kind == TYPE_ANY)
        return refuse(r, n, "this is not a type");
    const struct type *element = read_type(r, inner, depth + 1);
    return element ? type_new(r->arena, kind, element) : NULL;
}

const struct type *type_read(const struct node *n, struct arena *a, str *ret_error, span *ret_at)
{
    struct type_reader r = {.arena = a};
    const struct type *t = read_type(&r, n, 0);
    *ret_error = r.error;
    *ret_at = r.at;
    return t;
}

/* Types of values. */

struct typing {
    struct arena *arena;
    size_t budget; /* values share parts; beyond it everything is "any" */
};

static const struct type *type_of_members(struct typing *t, enum type_kind kind, const struct value *v, unsigned depth);

static const struct type *typed(struct typing *typing, const struct value *v, unsigned depth)
{
    if (!v || depth > LIMIT_DEPTH || typing->budget == 0)
        return &type_any;
    typing->budget--;
    if (v->flags & VALUE_JSON)
        return &type_string;
    switch ((enum value_kind)v->kind) {
    case VALUE_BOOL:
        return &type_bool;
    case VALUE_NUMBER:
        return &type_number;
    case VALUE_STRING:
    case VALUE_TEXT:
        return &type_string;
    case VALUE_LIST:
        return type_of_members(typing,
                               v->flags & TF_TUPLE       ? TYPE_TUPLE
                               : v->flags & VALUE_IS_SET ? TYPE_SET
                                                         : TYPE_LIST,
                               v, depth);
    case VALUE_MAP:
        return type_of_members(typing, v->flags & (VALUE_IS_OBJECT | VALUE_IS_BLOCK) ? TYPE_OBJECT : TYPE_MAP, v,
                               depth);
    case VALUE_CHOICE:
        for (size_t i = 0; i < v->u.choice.by->n_options; i++) {
            const struct type *t = typed(typing, v->u.choice.option[i], depth + 1);
            if (t->kind != TYPE_ANY)
                return t;
        }
        return &type_any;
    default:
        return &type_any;
    }
}

static const struct type *type_of_members(struct typing *typing, enum type_kind kind, const struct value *v,
                                          unsigned depth)
{
    struct arena *a = typing->arena;
    bool map = v->kind == VALUE_MAP;
    size_t n = map ? v->u.map.n : v->u.list.n;
    const struct value_entry *entries = map ? tf_entries(a, v) : NULL;
    if (kind == TYPE_OBJECT || kind == TYPE_TUPLE) {
        struct type_member *members = ARENA_ARRAY(a, struct type_member, n);
        for (size_t i = 0; i < n; i++) {
            members[i].name = map ? entries[i].key : STR_NONE;
            members[i].type = typed(typing, map ? entries[i].value : v->u.list.item[i], depth + 1);
        }
        struct type *t = ARENA_NEW(a, struct type);
        *t = (struct type){.kind = kind, .member = members, .n = n};
        return t;
    }
    const struct type *element = &type_any;
    for (size_t i = 0; i < n && element->kind == TYPE_ANY; i++)
        element = typed(typing, map ? entries[i].value : v->u.list.item[i], depth + 1);
    return type_new(a, kind, element);
}

const struct type *type_of(struct arena *a, const struct value *v)
{
    struct typing typing = {a, LIMIT_COLLECTION};
    return typed(&typing, v, 0);
}

static bool equal(const struct type *x, const struct type *y, unsigned depth)
{
    if (x == y)
        return true;
    if (x->kind != y->kind || x->n != y->n || depth > LIMIT_DEPTH)
        return false;
    if (x->element || y->element)
        return x->element && y->element && equal(x->element, y->element, depth + 1);
    for (size_t i = 0; i < x->n; i++) {
        if (!str_eq(x->member[i].name, y->member[i].name) || !equal(x->member[i].type, y->member[i].type, depth + 1))
            return false;
    }
    return true;
}

bool type_equal(const struct type *x, const struct type *y)
{
    return equal(x, y, 0);
}

/* Unification. */

static const struct type *unify_members(struct arena *a, const struct type *const *types, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += types[i]->element ? 1 : types[i]->n;
    const struct type **all = ARENA_ARRAY(a, const struct type *, count + 1);
    count = 0;
    for (size_t i = 0; i < n; i++) {
        if (types[i]->element)
            all[count++] = types[i]->element;
        for (size_t j = 0; j < types[i]->n; j++)
            all[count++] = types[i]->member[j].type;
    }
    return count ? type_unify(a, all, count) : &type_any;
}

static bool same_members(const struct type *const *types, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (types[i]->n != types[0]->n)
            return false;
        for (size_t j = 0; j < types[0]->n; j++) {
            if (!str_eq(types[i]->member[j].name, types[0]->member[j].name))
                return false;
        }
    }
    return true;
}

/* Objects with the same attributes, tuples of the same length: one by one. */
static const struct type *unify_one_by_one(struct arena *a, const struct type *const *types, size_t n)
{
    struct type_member *members = ARENA_ARRAY(a, struct type_member, types[0]->n);
    const struct type **column = ARENA_ARRAY(a, const struct type *, n);
    for (size_t j = 0; j < types[0]->n; j++) {
        for (size_t i = 0; i < n; i++)
            column[i] = types[i]->member[j].type;
        members[j].name = types[0]->member[j].name;
        members[j].type = type_unify(a, column, n);
        if (!members[j].type)
            return NULL;
    }
    struct type *t = ARENA_NEW(a, struct type);
    *t = (struct type){.kind = types[0]->kind, .member = members, .n = types[0]->n};
    return t;
}

static const struct type *unify_scalars(const bool *has)
{
    if (has[TYPE_STRING])
        return &type_string;
    if (has[TYPE_NUMBER] && has[TYPE_BOOL])
        return NULL;
    return has[TYPE_NUMBER] ? &type_number : &type_bool;
}

const struct type *type_unify(struct arena *a, const struct type *const *types, size_t n)
{
    const struct type **real = ARENA_ARRAY(a, const struct type *, n + 1);
    bool has[TYPE_OBJECT + 1] = {false};
    bool all_equal = true;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (types[i]->kind == TYPE_ANY)
            continue;
        real[count++] = types[i];
        has[types[i]->kind] = true;
        all_equal = all_equal && type_equal(real[0], types[i]);
    }
    if (count == 0)
        return &type_any;
    if (all_equal)
        return real[0];
    bool scalar = has[TYPE_STRING] || has[TYPE_NUMBER] || has[TYPE_BOOL];
    bool sequence = has[TYPE_LIST] || has[TYPE_SET] || has[TYPE_TUPLE];
    bool mapping = has[TYPE_MAP] || has[TYPE_OBJECT];
    if (scalar + sequence + mapping != 1)
        return NULL;
    if (scalar)
        return unify_scalars(has);
    if (!has[TYPE_LIST] && !has[TYPE_SET] && !has[TYPE_MAP] && same_members(real, count)) {
        const struct type *t = unify_one_by_one(a, real, count);
        if (t)
            return t;
    }
    const struct type *element = unify_members(a, real, count);
    if (!element)
        return NULL;
    enum type_kind kind = mapping ? TYPE_MAP : has[TYPE_LIST] || !has[TYPE_SET] ? TYPE_LIST : TYPE_SET;
    return type_new(a, kind, element);
}

/* Names. */

static void add_name(struct buf *out, const struct type *t, unsigned depth)
{
    static const char *const names[] = {[TYPE_ANY] = "dynamic", [TYPE_STRING] = "string", [TYPE_NUMBER] = "number",
                                        [TYPE_BOOL] = "bool",   [TYPE_LIST] = "list",     [TYPE_SET] = "set",
                                        [TYPE_MAP] = "map",     [TYPE_TUPLE] = "tuple",   [TYPE_OBJECT] = "object"};
    buf_add_c(out, names[t->kind]);
    if (t->kind <= TYPE_BOOL || depth > 32)
        return;
    buf_add_c(out, t->kind == TYPE_OBJECT ? "({" : t->kind == TYPE_TUPLE ? "([" : "(");
    if (t->element)
        add_name(out, t->element, depth + 1);
    for (size_t i = 0; i < t->n; i++) {
        buf_add_c(out, i ? ", " : "");
        if (t->kind == TYPE_OBJECT) {
            buf_add(out, t->member[i].name);
            buf_add_c(out, " = ");
        }
        add_name(out, t->member[i].type, depth + 1);
    }
    buf_add_c(out, t->kind == TYPE_OBJECT ? "})" : t->kind == TYPE_TUPLE ? "])" : ")");
}

str type_name(struct arena *a, const struct type *t)
{
    struct buf out;
    buf_init(&out, 4096);
    add_name(&out, t, 0);
    str s = buf_copy(&out, a);
    buf_release(&out);
    return s;
}
