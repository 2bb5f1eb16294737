/* replacements (and the older vars): values of one object in fields of others. */
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/kustomize.h"

enum {
    PATH_STEPS = 64,
    BYTES_A_STEP = 8, /* texts that grow are paid for */
};

struct field_path {
    str step[PATH_STEPS];
    size_t n;
};

/* "spec.template.spec.containers.[name=a.b].env", "metadata.annotations.a\.b/c", "spec.ports.0", "x[0].y". */
static struct field_path split_path(struct arena *a, str path)
{
    struct field_path p = {.n = 0};
    char *step = arena_alloc(a, path.n + 1);
    size_t n = 0;
    unsigned depth = 0;
    for (size_t i = 0; i <= path.n && p.n < PATH_STEPS; i++) {
        char c = i < path.n ? path.p[i] : '.';
        bool end = c == '.' && !depth, opens = c == '[' && !depth && n > 0;
        if (end || opens) {
            if (n)
                p.step[p.n++] = (str){step, n};
            step += n;
            n = 0;
            if (end)
                continue;
        }
        if (c == '\\' && i + 1 < path.n && path.p[i + 1] == '.')
            c = path.p[++i];
        depth += c == '[';
        depth -= c == ']' && depth > 0;
        step[n++] = c;
    }
    return p;
}

/* ---------------------------------------------------------------- reading */

static str inside_brackets(str step)
{
    if (step.n >= 2 && step.p[0] == '[' && step.p[step.n - 1] == ']')
        return str_slice(step, 1, step.n - 1);
    return STR_NONE;
}

static bool element_matches(const struct value *item, str step, size_t index)
{
    str condition = inside_brackets(step), wanted;
    int64_t number;
    if (str_eq_c(step, "*") || str_eq_c(condition, "*"))
        return true;
    str plain = condition.p ? condition : step;
    if (str_to_int(plain, &number))
        return number >= 0 && (size_t)number == index;
    str key = str_cut(plain, '=', &wanted);
    if (!condition.p || !wanted.p)
        return false;
    const struct value *v = key.n ? value_get(item, key) : item;
    return str_eq(value_str(v), wanted);
}

static const struct value *read_at(const struct value *v, const struct field_path *p)
{
    for (size_t i = 0; v && i < p->n; i++) {
        if (!value_is(v, VALUE_LIST)) {
            v = value_get(v, p->step[i]);
            continue;
        }
        const struct value *found = NULL;
        for (size_t j = 0; j < v->u.list.n && !found; j++)
            if (element_matches(v->u.list.item[j], p->step[i], j))
                found = v->u.list.item[j];
        v = found;
    }
    return v;
}

static str part_of(str text, str delimiter, int64_t index)
{
    for (int64_t i = 0;; i++) {
        size_t at = str_find(text, delimiter);
        if (i == index)
            return at == SIZE_MAX ? text : str_slice(text, 0, at);
        if (at == SIZE_MAX)
            return STR_NONE;
        text = str_slice(text, at + delimiter.n, text.n);
    }
}

static bool read_options(const struct value *options, str *ret_delimiter, int64_t *ret_index)
{
    double index = 0;
    *ret_delimiter = value_str(value_get(options, STR("delimiter")));
    value_to_number(value_get(options, STR("index")), &index);
    *ret_index = index < -1 ? -1 : index > INT32_MAX ? INT32_MAX : (int64_t)index;
    return ret_delimiter->n > 0;
}

static struct k8s_id selected_id(const struct value *selector)
{
    return (struct k8s_id){.group = value_str(value_get(selector, STR("group"))),
                           .kind = value_str(value_get(selector, STR("kind"))),
                           .name = value_str(value_get(selector, STR("name"))),
                           .namespace = value_str(value_get(selector, STR("namespace")))};
}

/* What is put elsewhere; NULL after a diagnostic. */
static const struct value *source_value(struct kustomize *k, const struct built_list *objects,
                                        const struct value *replacement)
{
    const struct value *source = value_get(replacement, STR("source"));
    struct k8s_id id = selected_id(source);
    str path = value_str(value_get(source, STR("fieldPath"))), delimiter;
    int64_t index;
    if (!value_is(source, VALUE_MAP)) {
        diag_add(k->diags, DIAG_STRUCTURE, value_span(replacement), "a replacement needs a source");
        return NULL;
    }
    const struct built *from = NULL;
    for (size_t i = 0; i < objects->n && !from; i++)
        if (kustomize_spend(k) && kustomize_matches(objects->at[i], &id))
            from = objects->at[i];
    struct field_path p = split_path(k->arena, path.n ? path : STR("metadata.name"));
    const struct value *v = from ? read_at(from->o.value, &p) : NULL;
    if (!v) {
        diag_add_as(k->diags, DIAG_REFERENCE, k->lone_component ? DIAG_NOTE : DIAG_WARNING, value_span(source),
                    "the replacement has no source: %s", from ? "the object has no such field" : "no object is meant");
        return NULL;
    }
    if (!read_options(value_get(source, STR("options")), &delimiter, &index) || !value_is(v, VALUE_STRING))
        return v;
    struct value *part = value_copy(k->arena, v);
    part->u.string = part_of(v->u.string, delimiter, index);
    return part;
}

/* ---------------------------------------------------------------- writing */

struct writing {
    struct kustomize *k;
    const struct value *with;
    const struct value *options;
    bool create, found;
};

/* One part of a text between delimiters; before the first (-1) and after the last parts are added. */
static str with_part(struct kustomize *k, str text, str delimiter, int64_t index, str with)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    if (index < 0)
        buf_printf(&b, STR_FMT STR_FMT, STR_ARG(with), STR_ARG(delimiter));
    bool done = index < 0;
    for (int64_t i = 0;; i++) {
        size_t at = str_find(text, delimiter);
        buf_add(&b, i == index ? with : at == SIZE_MAX ? text : str_slice(text, 0, at));
        done |= i == index;
        if (at == SIZE_MAX)
            break;
        buf_add(&b, delimiter);
        text = str_slice(text, at + delimiter.n, text.n);
    }
    if (!done)
        buf_printf(&b, STR_FMT STR_FMT, STR_ARG(delimiter), STR_ARG(with));
    str s = buf_copy(&b, k->arena);
    k->steps += s.n / BYTES_A_STEP;
    buf_release(&b);
    return s;
}

static const struct value *written(struct writing *w, const struct value *old)
{
    struct arena *a = w->k->arena;
    str delimiter, text, with;
    int64_t index;
    w->found = true;
    if (!read_options(w->options, &delimiter, &index) || !value_to_text(old, a, &text) ||
        !value_to_text(w->with, a, &with))
        return w->with;
    return value_string(a, with_part(w->k, text, delimiter, index, with), w->with->origin);
}

static const struct value *write_at(struct writing *w, const struct value *v, const str *steps, size_t n);

/* The list with one element more: the one that `[name=x]` asks for. */
static const struct value *with_element(struct writing *w, const struct value *v, const str *steps, size_t n)
{
    struct arena *a = w->k->arena;
    str wanted, key = str_cut(inside_brackets(steps[0]), '=', &wanted);
    if (!key.n || !wanted.p)
        return v;
    const struct value *item = edit_set(a, NULL, key, value_span(w->with), value_string(a, wanted, w->with->origin));
    const struct value **items = ARENA_ARRAY(a, const struct value *, v->u.list.n + 1);
    if (v->u.list.n)
        memcpy(items, v->u.list.item, v->u.list.n * sizeof(*items));
    items[v->u.list.n] = write_at(w, item, steps + 1, n - 1);
    struct value *copy = value_copy(a, v);
    copy->u.list.item = items;
    copy->u.list.n++;
    return copy;
}

static const struct value *write_list(struct writing *w, const struct value *v, const str *steps, size_t n)
{
    const struct value **items = arena_copy(w->k->arena, v->u.list.item, v->u.list.n * sizeof(*items));
    bool changed = false, matched = false;
    for (size_t i = 0; i < v->u.list.n; i++) {
        if (!element_matches(v->u.list.item[i], steps[0], i))
            continue;
        matched = true;
        items[i] = write_at(w, v->u.list.item[i], steps + 1, n - 1);
        changed |= items[i] != v->u.list.item[i];
    }
    if (!matched && w->create)
        return with_element(w, v, steps, n);
    if (!changed)
        return v;
    struct value *copy = value_copy(w->k->arena, v);
    copy->u.list.item = items;
    return copy;
}

static const struct value *write_map(struct writing *w, const struct value *v, const str *steps, size_t n)
{
    if (str_eq_c(steps[0], "*")) {
        const struct value *result = v;
        for (size_t i = 0; value_is(v, VALUE_MAP) && i < v->u.map.n; i++) {
            const struct value_entry *e = &v->u.map.entry[i];
            result = edit_set(w->k->arena, result, e->key, e->key_at, write_at(w, e->value, steps + 1, n - 1));
        }
        return result;
    }
    const struct value_entry *e = value_get_entry(v, steps[0]);
    if (!e && (!w->create || inside_brackets(steps[0]).p))
        return v;
    const struct value *new = write_at(w, e ? e->value : NULL, steps + 1, n - 1);
    return new ? edit_set(w->k->arena, v, steps[0], e ? e->key_at : value_span(w->with), new) : v;
}

static const struct value *write_at(struct writing *w, const struct value *v, const str *steps, size_t n)
{
    if (n == 0)
        return written(w, v);
    if (value_is(v, VALUE_LIST))
        return write_list(w, v, steps, n);
    return v && v->kind != VALUE_MAP && v->kind != VALUE_NULL ? v : write_map(w, v, steps, n);
}

static bool rejected(const struct built *b, const struct value *reject)
{
    for (size_t i = 0; value_is(reject, VALUE_LIST) && i < reject->u.list.n; i++) {
        struct k8s_id id = selected_id(reject->u.list.item[i]);
        if ((id.group.n || id.kind.n || id.name.n || id.namespace.n) && kustomize_matches(b, &id))
            return true;
    }
    return false;
}

static void write_target(struct layer *l, const struct value *target, const struct value *with)
{
    struct kustomize *k = l->k;
    struct writing w = {.k = k, .with = with, .options = value_get(target, STR("options"))};
    const struct value *paths = value_get(target, STR("fieldPaths"));
    value_to_bool(value_get(w.options, STR("create")), &w.create);
    struct selector *s = selector_new(k, value_get(target, STR("select")));
    for (size_t i = 0; i < l->objects->n; i++) {
        struct built *b = l->objects->at[i];
        if (!selector_matches(k, s, b) || rejected(b, value_get(target, STR("reject"))))
            continue;
        kustomize_remember(k, b);
        for (size_t j = 0; value_is(paths, VALUE_LIST) && j < paths->u.list.n; j++) {
            struct field_path p = split_path(k->arena, value_str(paths->u.list.item[j]));
            w.found = false;
            const struct value *v = p.n ? write_at(&w, b->o.value, p.step, p.n) : NULL;
            if (value_is(v, VALUE_MAP))
                kustomize_set(b, v);
            if (!w.found)
                diag_add(k->diags, DIAG_REFERENCE, value_span(paths->u.list.item[j]),
                         "the field to replace is not in " STR_FMT "/" STR_FMT, STR_ARG(b->now.kind),
                         STR_ARG(b->now.name));
        }
    }
    selector_free(s);
}

static void replace(struct layer *l, const struct value *r)
{
    const struct value *targets = value_get(r, STR("targets"));
    const struct value *with = value_get(r, STR("sourceValue"));
    if (!with)
        with = source_value(l->k, l->objects, r);
    for (size_t i = 0; with && value_is(targets, VALUE_LIST) && i < targets->u.list.n; i++)
        write_target(l, targets->u.list.item[i], with);
}

static void replace_from_file(struct layer *l, const struct value *path)
{
    const struct input_file *f = kustomize_open(l, value_str(path), value_span(path));
    const struct documents *documents = f ? kustomize_documents(l->k, f) : NULL;
    for (size_t i = 0; documents && i < documents->n; i++) {
        const struct value *v = k8s_value_of(l->k->arena, documents->at[i].root, (struct k8s_place){0});
        if (value_is(v, VALUE_MAP))
            replace(l, v);
        for (size_t j = 0; value_is(v, VALUE_LIST) && j < v->u.list.n; j++)
            replace(l, v->u.list.item[j]);
    }
}

void kustomize_replacements(struct layer *l)
{
    const struct value *list = value_get(l->spec, STR("replacements"));
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++) {
        const struct value *path = value_get(list->u.list.item[i], STR("path"));
        if (path)
            replace_from_file(l, path);
        else
            replace(l, list->u.list.item[i]);
    }
}

/* ---------------------------------------------------------------- vars */

struct variables {
    struct kustomize *k;
    struct map values; /* name -> const struct value * */
    unsigned depth;
};

/* $(NAME); $$ is a dollar. */
static const struct value *expand(struct variables *vars, const struct value *v)
{
    str s = value_str(v), rest = s;
    if (str_find(s, STR("$(")) == SIZE_MAX)
        return v;
    struct buf b;
    const struct value *cause = NULL;
    buf_init(&b, LIMIT_STRING_BYTES);
    while (rest.n) {
        size_t at = str_find(rest, STR("$(")), end = SIZE_MAX;
        str after = at == SIZE_MAX ? STR_NONE : str_slice(rest, at + 2, rest.n);
        if (at != SIZE_MAX)
            end = str_find_char(after, ')');
        const struct value *with = end == SIZE_MAX ? NULL : map_find(&vars->values, str_slice(after, 0, end));
        str text;
        if (with && value_to_text(with, vars->k->arena, &text)) {
            buf_add(&b, str_slice(rest, 0, at));
            buf_add(&b, text);
            cause = with;
            rest = str_slice(after, end + 1, after.n);
            continue;
        }
        size_t upto = at == SIZE_MAX ? rest.n : at + 2;
        buf_add(&b, str_slice(rest, 0, upto));
        rest = str_slice(rest, upto, rest.n);
    }
    const struct value *result = v;
    if (cause)
        result = value_string(vars->k->arena, buf_copy(&b, vars->k->arena), v->origin);
    vars->k->steps += b.n / BYTES_A_STEP;
    buf_release(&b);
    return result;
}

static const struct value *expand_all(struct variables *vars, const struct value *v)
{
    if (value_is(v, VALUE_STRING))
        return expand(vars, v);
    if ((!value_is(v, VALUE_MAP) && !value_is(v, VALUE_LIST)) || vars->depth > LIMIT_DEPTH || !kustomize_spend(vars->k))
        return v;
    vars->depth++;
    struct value *copy = NULL;
    bool is_map = v->kind == VALUE_MAP;
    size_t n = is_map ? v->u.map.n : v->u.list.n;
    for (size_t i = 0; i < n; i++) {
        const struct value *old = is_map ? v->u.map.entry[i].value : v->u.list.item[i];
        const struct value *new = expand_all(vars, old);
        if (new == old)
            continue;
        if (!copy) {
            copy = value_copy(vars->k->arena, v);
            if (is_map)
                copy->u.map.entry = arena_copy(vars->k->arena, v->u.map.entry, n * sizeof(*v->u.map.entry));
            else
                copy->u.list.item = arena_copy(vars->k->arena, v->u.list.item, n * sizeof(*v->u.list.item));
        }
        if (is_map)
            ((struct value_entry *)(uintptr_t)copy->u.map.entry)[i].value = new;
        else
            copy->u.list.item[i] = new;
    }
    vars->depth--;
    return copy ? copy : v;
}

void kustomize_resolve_vars(struct kustomize *k, struct built_list *objects)
{
    if (!k->vars.n)
        return;
    struct variables vars = {.k = k};
    map_init(&vars.values);
    for (size_t i = 0; i < k->vars.n; i++) {
        const struct value *entry = k->vars.at[i];
        struct k8s_id id = selected_id(value_get(entry, STR("objref")));
        str path = value_str(value_path(entry, STR("fieldref.fieldpath")));
        if (!path.n)
            path = value_str(value_path(entry, STR("fieldref.fieldPath")));
        struct field_path p = split_path(k->arena, path.n ? path : STR("metadata.name"));
        for (size_t j = 0; j < objects->n; j++) {
            if (!kustomize_spend(k) || !kustomize_matches(objects->at[j], &id))
                continue;
            const struct value *v = read_at(objects->at[j]->o.value, &p);
            map_set(&vars.values, value_str(value_get(entry, STR("name"))), (void *)(uintptr_t)v);
            break;
        }
    }
    for (size_t i = 0; i < objects->n; i++) {
        struct built *b = objects->at[i];
        const struct value *spec = value_get(b->o.value, STR("spec"));
        const struct value *metadata = value_get(b->o.value, STR("metadata"));
        const struct value *v = edit_set(k->arena, b->o.value, STR("spec"), SPAN_NONE, expand_all(&vars, spec));
        kustomize_set(b, edit_set(k->arena, v, STR("metadata"), SPAN_NONE, expand_all(&vars, metadata)));
    }
    map_release(&vars.values);
}
