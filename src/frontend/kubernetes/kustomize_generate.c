/* configMapGenerator and secretGenerator. */
#include "base/base64.h"
#include "base/path.h"
#include "frontend/kubernetes/edit.h"
#include "frontend/kubernetes/kustomize.h"

struct generating {
    struct layer *layer;
    bool secret;
    VEC(struct value_entry) data;
    VEC(struct value_entry) binary;
    bool partial; /* a file that could not be read */
};

static void add_pair(struct generating *g, str key, str value, const struct origin *o)
{
    struct arena *a = g->layer->k->arena;
    size_t bad;
    bool binary = !str_is_utf8(value, &bad);
    struct value *v = value_string(a, g->secret || binary ? base64_encode(a, value) : value, o);
    if (g->secret)
        v->flags |= VALUE_SENSITIVE;
    struct value_entry e = {key, o->at, v};
    if (binary && !g->secret)
        VEC_PUSH(&g->binary, e);
    else
        VEC_PUSH(&g->data, e);
}

static str without_quotes(str s)
{
    if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
        return str_slice(s, 1, s.n - 1);
    return s;
}

static void add_literal(struct generating *g, const struct value *entry)
{
    str text = value_str(entry);
    size_t equals = str_find_char(text, '=');
    if (equals == SIZE_MAX || equals == 0) {
        diag_add(g->layer->k->diags, DIAG_STRUCTURE, value_span(entry), "a literal is key=value");
        return;
    }
    add_pair(g, str_slice(text, 0, equals), without_quotes(str_slice(text, equals + 1, text.n)), entry->origin);
}

/* "path" or "key=path" */
static void add_file(struct generating *g, const struct value *entry)
{
    str text = value_str(entry);
    size_t equals = str_find_char(text, '=');
    str path = equals == SIZE_MAX ? text : str_slice(text, equals + 1, text.n);
    str key = equals == SIZE_MAX ? path_base(path) : str_slice(text, 0, equals);
    const struct input_file *f = kustomize_open(g->layer, path, value_span(entry));
    struct arena *a = g->layer->k->arena;
    if (f) {
        add_pair(g, key, f->source->text, entry->origin);
        return;
    }
    g->partial = true;
    struct value_entry e = {
        key, value_span(entry),
        value_unknown(a, arena_printf(a, "the file " STR_FMT " is not known", STR_ARG(path)), entry->origin)};
    VEC_PUSH(&g->data, e);
}

static void add_env_file(struct generating *g, const struct value *entry)
{
    const struct input_file *f = kustomize_open(g->layer, value_str(entry), value_span(entry));
    if (!f) {
        g->partial = true;
        return;
    }
    struct arena *a = g->layer->k->arena;
    for (str rest = f->source->text; rest.p;) {
        const char *start = rest.p;
        str line = str_cut(rest, '\n', &rest), value;
        if (str_ends(line, STR("\r")))
            line.n--;
        while (line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
            line = str_slice(line, 1, line.n);
        if (!line.n || line.p[0] == '#')
            continue;
        uint32_t from = (uint32_t)(start - f->source->text.p);
        str key = str_cut(line, '=', &value);
        const struct origin *via = origin_new(a, value_span(entry), STR_NONE, NULL);
        add_pair(g, key, value, origin_new(a, (span){f->source->id, from, from + (uint32_t)line.n}, STR_NONE, via));
    }
}

static void each(struct generating *g, const struct value *args, const char *field,
                 void (*add)(struct generating *, const struct value *))
{
    const struct value *list = value_get(args, str_of(field));
    if (value_is(list, VALUE_STRING))
        add(g, list);
    for (size_t i = 0; value_is(list, VALUE_LIST) && i < list->u.list.n; i++)
        add(g, list->u.list.item[i]);
}

/* ---------------------------------------------------------------- the object */

struct entries {
    struct value_entry at[8];
    size_t n;
};

static void put(struct entries *e, const char *key, const struct value *v)
{
    if (v)
        e->at[e->n++] = (struct value_entry){str_of(key), value_span(v), v};
}

static const struct value *map_of(struct arena *a, const struct value_entry *at, size_t n, const struct origin *o)
{
    return n ? value_map(a, arena_copy(a, at, n * sizeof(*at)), n, o) : NULL;
}

static const struct value *option(const struct layer *l, const struct value *args, const char *path)
{
    const struct value *own = value_path(value_get(args, STR("options")), str_of(path));
    return own ? own : value_path(value_get(l->spec, STR("generatorOptions")), str_of(path));
}

static const struct value *merged_option(const struct layer *l, const struct value *args, const char *name)
{
    const struct value *general = value_path(value_get(l->spec, STR("generatorOptions")), str_of(name));
    return edit_add_all(l->k->arena, general, value_path(value_get(args, STR("options")), str_of(name)));
}

static const struct value *metadata_of(struct layer *l, const struct value *args)
{
    struct entries e = {.n = 0};
    put(&e, "name", value_get(args, STR("name")));
    put(&e, "namespace", value_get(args, STR("namespace")));
    put(&e, "labels", merged_option(l, args, "labels"));
    put(&e, "annotations", merged_option(l, args, "annotations"));
    return map_of(l->k->arena, e.at, e.n, args->origin);
}

static const struct value *data_of(struct generating *g, const struct value *args)
{
    struct arena *a = g->layer->k->arena;
    const struct value *all =
        edit_add_all(a, value_map(a, NULL, 0, args->origin), map_of(a, g->data.at, g->data.n, args->origin));
    if (!g->partial)
        return all->u.map.n ? all : NULL;
    struct value *partial = value_copy(a, all);
    partial->flags |= VALUE_PARTIAL;
    return partial;
}

static const struct value *object_of(struct generating *g, const struct value *args)
{
    struct arena *a = g->layer->k->arena;
    struct entries e = {.n = 0};
    bool immutable;
    put(&e, "apiVersion", value_string(a, STR("v1"), args->origin));
    put(&e, "kind", value_string(a, g->secret ? STR("Secret") : STR("ConfigMap"), args->origin));
    put(&e, "metadata", metadata_of(g->layer, args));
    if (g->secret) {
        const struct value *type = value_get(args, STR("type"));
        put(&e, "type", type ? type : value_string(a, STR("Opaque"), args->origin));
    }
    put(&e, "data", data_of(g, args));
    put(&e, "binaryData", map_of(a, g->binary.at, g->binary.n, args->origin));
    if (value_to_bool(option(g->layer, args, "immutable"), &immutable) && immutable)
        put(&e, "immutable", option(g->layer, args, "immutable"));
    return map_of(a, e.at, e.n, args->origin);
}

/* ---------------------------------------------------------------- behaviour */

static struct built *existing(struct layer *l, const struct value *object)
{
    struct k8s_id id = kustomize_id(object);
    for (size_t i = 0; i < l->objects->n; i++) {
        struct built *b = l->objects->at[i];
        if (str_eq(b->now.kind, id.kind) && kustomize_spend(l->k) && kustomize_matches(b, &id) &&
            (id.namespace.n || kustomize_same_namespace(b->now.namespace, id.namespace) ||
             (b->n_past && kustomize_same_namespace(b->past[0].namespace, id.namespace))))
            return b;
    }
    return NULL;
}

/* The name is the one that is there; labels, annotations and, for "merge", data are added to. */
static void change_existing(struct layer *l, struct built *b, const struct value *object, bool merge)
{
    struct arena *a = l->k->arena;
    const struct value *old = b->o.value, *v = old;
    static const char *const data[] = {"data", "binaryData"};
    for (size_t i = 0; i < ARRAY_LEN(data); i++) {
        const struct value *more = value_get(object, str_of(data[i]));
        const struct value *all = merge ? edit_add_all(a, value_get(old, str_of(data[i])), more) : more;
        v = edit_set(a, v, str_of(data[i]), value_span(more), all);
    }
    const struct value *metadata = value_get(v, STR("metadata"));
    static const char *const maps[] = {"labels", "annotations"};
    for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
        const struct value *more = value_path(value_get(object, STR("metadata")), str_of(maps[i]));
        metadata = edit_set(a, metadata, str_of(maps[i]), value_span(more),
                            edit_add_all(a, value_get(metadata, str_of(maps[i])), more));
    }
    kustomize_set(b, edit_set(a, v, STR("metadata"), SPAN_NONE, metadata));
}

static void generate_one(struct layer *l, const struct value *args, bool secret)
{
    struct kustomize *k = l->k;
    struct generating g = {.layer = l, .secret = secret};
    if (!value_is(args, VALUE_MAP) || !value_str(value_get(args, STR("name"))).n) {
        diag_add(k->diags, DIAG_STRUCTURE, value_span(args), "a generator without a name");
        return;
    }
    each(&g, args, "envs", add_env_file);
    each(&g, args, "env", add_env_file);
    each(&g, args, "literals", add_literal);
    each(&g, args, "files", add_file);
    const struct value *object = object_of(&g, args);
    VEC_RELEASE(&g.data);
    VEC_RELEASE(&g.binary);

    bool plain_name = false;
    str behavior = value_str(value_get(args, STR("behavior")));
    bool changes = str_eq_c(behavior, "merge") || str_eq_c(behavior, "replace");
    struct built *b = changes ? existing(l, object) : NULL;
    if (behavior.n && !changes && !str_eq_c(behavior, "create"))
        diag_add(k->diags, DIAG_STRUCTURE, value_span(args), "the behavior of a generator is create, merge or replace");
    if (changes && !b)
        diag_add(k->diags, DIAG_REFERENCE, value_span(args), "there is no %s " STR_FMT " to " STR_FMT,
                 secret ? "Secret" : "ConfigMap", STR_ARG(value_str(value_get(args, STR("name")))), STR_ARG(behavior));
    if (b) {
        change_existing(l, b, object, str_eq_c(behavior, "merge"));
    } else {
        struct k8s_object o = {.value = object, .at = value_span(args), .call = l->call};
        o.header = value_span(value_get(args, STR("name")));
        b = kustomize_add(k, l->objects, &o);
    }
    value_to_bool(option(l, args, "disableNameSuffixHash"), &plain_name);
    if (b)
        b->needs_hash = !plain_name;
}

void kustomize_generate(struct layer *l)
{
    static const struct {
        const char *field;
        bool secret;
    } generators[] = {{"configMapGenerator", false}, {"secretGenerator", true}};
    for (size_t i = 0; i < ARRAY_LEN(generators); i++) {
        const struct value *list = value_get(l->spec, str_of(generators[i].field));
        for (size_t j = 0; value_is(list, VALUE_LIST) && j < list->u.list.n; j++)
            generate_one(l, list->u.list.item[j], generators[i].secret);
    }
}
