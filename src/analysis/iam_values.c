#include "analysis/iam_values.h"

const struct value *item_list_end(struct arena *a, struct item_list *items, bool partial, const struct origin *o)
{
    size_t n;
    const struct value **at = VEC_MOVE(items, a, &n);
    const struct value *list = value_list(a, at, n, o);
    if (!partial)
        return list;
    struct value *open = value_copy(a, list);
    open->flags |= VALUE_PARTIAL;
    return open;
}

const struct value *field_list_end(struct arena *a, struct field_list *fields, const struct origin *o)
{
    size_t n;
    struct value_entry *at = VEC_MOVE(fields, a, &n);
    return value_map(a, at, n, o);
}

void field_list_add(struct field_list *fields, const char *key, const struct value *v)
{
    VEC_PUSH(fields, ((struct value_entry){.key = str_of(key), .value = v}));
}

void field_list_add_text(struct arena *a, struct field_list *fields, const char *key, str text)
{
    field_list_add(fields, key, value_string(a, text, NULL));
}

void field_list_add_bool(struct arena *a, struct field_list *fields, const char *key, bool b)
{
    field_list_add(fields, key, value_bool(a, b, NULL));
}

static void visit(const struct value *v, str path, value_visit_fn *fn, void *context, bool *ret_partial, unsigned depth)
{
    enum { DEEPEST = 32 };
    if (!v || depth > DEEPEST)
        return;
    if (v->kind == VALUE_LIST && path.p) {
        *ret_partial = *ret_partial || (v->flags & VALUE_PARTIAL);
        for (size_t i = 0; i < v->u.list.n; i++)
            visit(v->u.list.item[i], path, fn, context, ret_partial, depth + 1);
        return;
    }
    if (!path.p) {
        fn(context, v);
        return;
    }
    if (v->kind == VALUE_CHOICE) {
        for (size_t i = 0; i < v->u.choice.by->n_options; i++)
            visit(v->u.choice.option[i], path, fn, context, ret_partial, depth + 1);
        *ret_partial = true;
        return;
    }
    if (v->kind != VALUE_MAP) {
        *ret_partial = *ret_partial || v->kind == VALUE_UNKNOWN;
        return;
    }
    str rest, step = str_cut(path, '.', &rest);
    const struct value *inside = value_get(v, step);
    *ret_partial = *ret_partial || (!inside && (v->flags & VALUE_PARTIAL));
    visit(inside, rest, fn, context, ret_partial, depth + 1);
}

void value_visit_path(const struct value *v, str path, value_visit_fn *fn, void *context, bool *ret_partial)
{
    visit(v, path, fn, context, ret_partial, 0);
}

static bool has_choice(const struct value *v, unsigned depth)
{
    if (!v || depth > LIMIT_DEPTH)
        return false;
    switch (v->kind) {
    case VALUE_CHOICE:
        return true;
    case VALUE_LIST:
    case VALUE_TEXT:
        for (size_t i = 0; i < v->u.list.n; i++)
            if (has_choice(v->u.list.item[i], depth + 1))
                return true;
        return false;
    case VALUE_MAP:
        for (size_t i = 0; i < v->u.map.n; i++)
            if (has_choice(v->u.map.entry[i].value, depth + 1))
                return true;
        return false;
    default:
        return false;
    }
}

bool value_has_choice(const struct value *v)
{
    return has_choice(v, 0);
}
