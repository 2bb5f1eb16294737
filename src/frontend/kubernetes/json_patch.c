/* JSON patch, RFC 6902: add, remove, replace, move, copy, test. */
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/merge.h"

enum { POINTER_STEPS = 128 };

struct pointer {
    str step[POINTER_STEPS];
    size_t n;
};

/* "/metadata/annotations/a~1b" in steps; false when it is no pointer. */
static bool read_pointer(struct arena *a, str text, struct pointer *ret)
{
    ret->n = 0;
    if (!text.n)
        return true;
    if (text.p[0] != '/')
        return false;
    for (str rest = str_slice(text, 1, text.n); rest.p;) {
        str step = str_cut(rest, '/', &rest);
        if (ret->n == POINTER_STEPS)
            return false;
        char *out = arena_alloc(a, step.n + 1);
        size_t n = 0;
        for (size_t i = 0; i < step.n; i++) {
            bool escaped = step.p[i] == '~' && i + 1 < step.n && (step.p[i + 1] == '0' || step.p[i + 1] == '1');
            out[n++] = !escaped ? step.p[i] : step.p[i + 1] == '0' ? '~' : '/';
            i += escaped;
        }
        ret->step[ret->n++] = (str){out, n};
    }
    return true;
}

/* An index, or the end for "-"; false when it is neither, or outside of the list. */
static bool read_index(str step, size_t n, bool may_append, size_t *ret)
{
    int64_t i;
    if (str_eq_c(step, "-")) {
        *ret = n;
        return may_append;
    }
    if (!str_to_int(step, &i) || i < -(int64_t)n || i > (int64_t)n || (i == (int64_t)n && !may_append))
        return false;
    *ret = i < 0 ? (size_t)(i + (int64_t)n) : (size_t)i;
    return true;
}

enum operation { PATCH_ADD, PATCH_REPLACE, PATCH_REMOVE };

struct change {
    struct arena *arena;
    enum operation operation;
    const struct value *value;
    bool failed;
};

static const struct value *change_list(struct change *c, const struct value *list, size_t i)
{
    size_t n = list->u.list.n;
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, n + 1);
    size_t count = 0;
    for (size_t j = 0; j < n; j++) {
        if (j == i && c->operation == PATCH_ADD)
            items[count++] = c->value;
        if (j != i || c->operation == PATCH_ADD)
            items[count++] = list->u.list.item[j];
        else if (c->operation == PATCH_REPLACE)
            items[count++] = c->value;
    }
    if (i == n)
        items[count++] = c->value;
    struct value *v = value_copy(c->arena, list);
    v->u.list.item = items;
    v->u.list.n = count;
    return v;
}

static const struct value *change_at(struct change *c, const struct value *v, const str *steps, size_t n)
{
    if (n == 0)
        return c->operation == PATCH_REMOVE ? NULL : c->value;
    if (value_is(v, VALUE_LIST)) {
        size_t i;
        if (!read_index(steps[0], v->u.list.n, n == 1 && c->operation == PATCH_ADD, &i)) {
            c->failed = true;
            return v;
        }
        if (n == 1)
            return change_list(c, v, i);
        struct change inner = {c->arena, PATCH_REPLACE, change_at(c, v->u.list.item[i], steps + 1, n - 1), false};
        return c->failed ? v : change_list(&inner, v, i);
    }
    const struct value_entry *e = value_get_entry(v, steps[0]);
    if (!value_is(v, VALUE_MAP) || (!e && (n > 1 || c->operation != PATCH_ADD))) {
        c->failed = true;
        return v;
    }
    const struct value *new = change_at(c, e ? e->value : NULL, steps + 1, n - 1);
    return c->failed ? v : edit_set(c->arena, v, steps[0], e ? e->key_at : value_span(new), new);
}

static const struct value *lookup(const struct value *v, const struct pointer *p)
{
    for (size_t i = 0; v && i < p->n; i++) {
        size_t index;
        if (!value_is(v, VALUE_LIST))
            v = value_get(v, p->step[i]);
        else
            v = read_index(p->step[i], v->u.list.n, false, &index) ? v->u.list.item[index] : NULL;
    }
    return v;
}

static const struct value *apply(struct arena *a, const struct value *base, const struct value *operation,
                                 bool *ret_good)
{
    struct pointer path, from;
    str op = value_str(value_get(operation, STR("op")));
    const struct value *value = value_get(operation, STR("value"));
    *ret_good = false;
    if (!read_pointer(a, value_str(value_get(operation, STR("path"))), &path) ||
        !read_pointer(a, value_str(value_get(operation, STR("from"))), &from))
        return base;
    bool wants_value = str_eq_c(op, "add") || str_eq_c(op, "replace") || str_eq_c(op, "test");
    if (wants_value && !value)
        return base;
    struct change c = {a, PATCH_ADD, value, false};
    if (str_eq_c(op, "test")) {
        *ret_good = value_equal(lookup(base, &path), c.value);
        return base;
    }
    if (str_eq_c(op, "move") || str_eq_c(op, "copy")) {
        c.value = lookup(base, &from);
        if (!c.value)
            return base;
        struct change remove = {a, PATCH_REMOVE, NULL, false};
        if (str_eq_c(op, "move"))
            base = change_at(&remove, base, from.step, from.n);
    } else if (str_eq_c(op, "remove")) {
        c.operation = PATCH_REMOVE;
    } else if (str_eq_c(op, "replace")) {
        c.operation = PATCH_REPLACE;
    } else if (!str_eq_c(op, "add")) {
        return base;
    }
    const struct value *v = change_at(&c, base, path.step, path.n);
    *ret_good = !c.failed && value_is(v, VALUE_MAP);
    return *ret_good ? v : base;
}

const struct value *merge_json_patch(struct arena *a, const struct value *base, const struct value *operations,
                                     struct diag_list *diags)
{
    for (size_t i = 0; value_is(operations, VALUE_LIST) && i < operations->u.list.n; i++) {
        const struct value *operation = operations->u.list.item[i];
        bool good;
        base = apply(a, base, operation, &good);
        if (good)
            continue;
        diag_add_as(diags, DIAG_REFERENCE, DIAG_ERROR, value_span(operation),
                    "the operation \"" STR_FMT "\" cannot be applied at " STR_FMT " of " STR_FMT,
                    STR_ARG(value_str(value_get(operation, STR("op")))),
                    STR_ARG(value_str(value_get(operation, STR("path")))),
                    STR_ARG(value_str(value_path(base, STR("metadata.name")))));
        return base;
    }
    return base;
}
