#include "graph/model_internal.h"

/* Reading one document of the model: what it says of its kind. The bodies of its types are read by model_type.c. */

const struct value *model_constant(struct arena *a, const struct node *n)
{
    switch (n ? (enum node_kind)n->kind : NODE_NULL) {
    case NODE_BOOL:
        return value_bool(a, n->u.boolean, NULL);
    case NODE_NUMBER: {
        struct value *v = value_number(a, n->u.number.value, NULL);
        value_set_exact(v, n->u.number.text);
        return v;
    }
    case NODE_STRING:
        return value_string(a, n->u.string, NULL);
    case NODE_LIST: {
        const struct value **items = ARENA_ARRAY(a, const struct value *, n->u.list.n);
        for (size_t i = 0; i < n->u.list.n; i++)
            items[i] = model_constant(a, n->u.list.item[i]);
        return value_list(a, items, n->u.list.n, NULL);
    }
    case NODE_MAP: {
        struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n->u.map.n);
        for (size_t i = 0; i < n->u.map.n; i++)
            entries[i] = (struct value_entry){.key = model_path_text(n->u.map.entry[i].key),
                                              .value = model_constant(a, n->u.map.entry[i].value)};
        return value_map(a, entries, n->u.map.n, NULL);
    }
    default:
        return value_null(a, NULL);
    }
}

/* A key or scalar as text, whatever YAML takes it for (`on`, `true`, `1`). */
str model_path_text(const struct node *n)
{
    if (!n)
        return STR_NONE;
    if (n->kind == NODE_NUMBER)
        return n->u.number.text;
    if (n->kind == NODE_BOOL)
        return n->u.boolean ? STR("true") : STR("false");
    return node_string(n);
}

bool model_check_keys(const struct node *map, const char *const *known, const char *what, struct diag_list *diags)
{
    bool good = true;
    str names[24];
    size_t n = 0;
    for (; n < ARRAY_LEN(names) && known[n]; n++)
        names[n] = str_of(known[n]);
    for (size_t i = 0; i < map->u.map.n; i++) {
        str key = model_path_text(map->u.map.entry[i].key);
        bool found = false;
        for (size_t k = 0; k < n && !found; k++)
            found = str_eq(key, names[k]);
        if (found)
            continue;
        str near = suggest_nearest(key, names, n);
        diag_add(diags, DIAG_MODEL, map->u.map.entry[i].key->at, "unknown key \"" STR_FMT "\" in %s%s" STR_FMT "%s",
                 STR_ARG(key), what, near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : "");
        good = false;
    }
    return good;
}

static bool expect(const struct node *n, enum node_kind kind, span at, const char *what, const char *wanted,
                   struct diag_list *diags)
{
    if (n && n->kind == kind)
        return true;
    diag_add(diags, DIAG_MODEL, n ? n->at : at, "%s: expected %s", what, wanted);
    return false;
}

const struct model_default *model_read_default(struct arena *a, const struct node *spec, struct diag_list *diags)
{
    const struct node *value = node_find(spec, "default");
    if (!value)
        return NULL;
    struct model_default *d = ARENA_NEW(a, struct model_default);
    struct value *v = value_copy(a, model_constant(a, value));
    v->flags |= VALUE_DEFAULTED;
    d->value = v;
    d->since = model_path_text(node_find(spec, "since"));
    d->source = model_path_text(node_find(spec, "source"));
    const struct node *inside = node_find(spec, "inside");
    d->inside = inside && inside->kind == NODE_BOOL && inside->u.boolean;
    if (d->source.n == 0)
        diag_add(diags, DIAG_MODEL, value->at, "a default without \"source\": say where the fact was read");
    return d;
}

/* Strings of a scalar or a list of scalars. */
static const str *read_names(struct arena *a, const struct node *n, size_t *ret_n)
{
    if (!n) {
        *ret_n = 0;
        return NULL;
    }
    *ret_n = n->kind == NODE_LIST ? n->u.list.n : 1;
    str *names = ARENA_ARRAY(a, str, *ret_n);
    for (size_t i = 0; i < *ret_n; i++)
        names[i] = model_path_text(n->kind == NODE_LIST ? n->u.list.item[i] : n);
    return names;
}

static bool is_policy_use(str use)
{
    static const char *const uses[] = {"identity", "trust", "resource", "key", "boundary", "scp", "endpoint"};
    for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
        if (str_eq_c(use, uses[i]))
            return true;
    }
    return false;
}

static bool read_flag(const struct node *spec, const char *key)
{
    const struct node *n = node_find(spec, key);
    return n && n->kind == NODE_BOOL && n->u.boolean;
}

static bool read_policy(struct attribute *attribute, const struct node *spec, struct diag_list *diags)
{
    const struct node *policy = node_find(spec, "policy");
    if (!policy)
        return true;
    str use = node_string(node_find(policy, "use"));
    if (!is_policy_use(use)) {
        diag_add(diags, DIAG_MODEL, policy->at,
                 "policy: expected {use: identity, trust, resource, key, boundary, scp or endpoint}");
        return false;
    }
    attribute->policy_use = use;
    return true;
}

static bool read_attribute(struct arena *a, struct model_document *d, const struct node_entry *e,
                           struct diag_list *diags)
{
    static const char *const keys[] = {"default", "since",  "source", "inside", "refers",
                                       "key",     "policy", "about",  "open",   NULL};
    struct attribute *attribute = &d->attribute[d->n_attributes];
    attribute->path = model_path_text(e->key);
    if (attribute->path.n == 0) {
        diag_add(diags, DIAG_MODEL, e->key->at, "attributes: expected the name of an attribute");
        return false;
    }
    d->n_attributes++;
    attribute->steps = path_split(a, attribute->path);
    attribute->at = e->value ? e->value->at : e->key->at;
    if (!e->value || e->value->kind == NODE_NULL)
        return true;
    if (e->value->kind != NODE_MAP) {
        diag_add(diags, DIAG_MODEL, e->value->at,
                 "attributes: expected a mapping such as {default: false, source: ...}");
        return false;
    }
    bool good = model_check_keys(e->value, keys, "an attribute", diags);
    const str *names = read_names(a, node_find(e->value, "refers"), &attribute->n_refers);
    sym *refers = ARENA_ARRAY(a, sym, attribute->n_refers);
    for (size_t i = 0; i < attribute->n_refers; i++)
        refers[i] = sym_of(names[i]);
    attribute->refers = refers;
    attribute->refers_key = model_path_text(node_find(e->value, "key"));
    attribute->open = read_flag(e->value, "open");
    attribute->default_value = model_read_default(a, e->value, diags);
    return read_policy(attribute, e->value, diags) && good;
}

static bool read_attributes(struct arena *a, struct model_document *d, const struct node *n, struct diag_list *diags)
{
    if (!n || !expect(n, NODE_MAP, d->at, "attributes", "a mapping", diags))
        return true;
    bool good = true;
    d->attribute = ARENA_ARRAY(a, struct attribute, n->u.map.n);
    for (size_t i = 0; i < n->u.map.n; i++)
        good = read_attribute(a, d, &n->u.map.entry[i], diags) && good;
    return good;
}

static bool read_identity(struct arena *a, struct model_document *d, const struct node *n, struct diag_list *diags)
{
    static const char *const keys[] = {"name", "arn", NULL};
    if (!n)
        return true;
    if (!expect(n, NODE_MAP, d->at, "identity", "a mapping with name and arn", diags))
        return false;
    d->identity_name = model_path_text(node_find(n, "name"));
    d->identity_arn = read_names(a, node_find(n, "arn"), &d->n_identity_arns);
    return model_check_keys(n, keys, "identity", diags);
}

static bool read_companion(struct arena *a, struct model_document *d, const struct node *n, struct diag_list *diags)
{
    static const char *const keys[] = {"of", "by", "key", "into", "many", "take", NULL};
    if (!expect(n, NODE_MAP, d->at, "companion", "a mapping with of, by and into", diags))
        return false;
    bool good = model_check_keys(n, keys, "companion", diags);
    struct model_companion *c = &d->companion[d->n_companions];
    c->of = sym_of(model_path_text(node_find(n, "of")));
    c->by = model_path_text(node_find(n, "by"));
    c->key = model_path_text(node_find(n, "key"));
    c->into = model_path_text(node_find(n, "into"));
    c->many = read_flag(n, "many");
    c->take = read_names(a, node_find(n, "take"), &c->n_take);
    if (!c->of || !c->by.n || !c->into.n) {
        diag_add(diags, DIAG_MODEL, n->at, "companion: \"of\", \"by\" and \"into\" are needed");
        return false;
    }
    if (c->many && str_eq_c(c->into, ".")) {
        diag_add(diags, DIAG_MODEL, n->at, "companion: \"many\" needs a list to go into, not \".\"");
        return false;
    }
    d->n_companions++;
    return good;
}

static bool read_companions(struct arena *a, struct model_document *d, const struct node *n, struct diag_list *diags)
{
    if (!n)
        return true;
    bool is_list = n->kind == NODE_LIST, good = true;
    size_t count = is_list ? n->u.list.n : 1;
    d->companion = ARENA_ARRAY(a, struct model_companion, count);
    for (size_t i = 0; i < count; i++)
        good = read_companion(a, d, is_list ? n->u.list.item[i] : n, diags) && good;
    return good;
}

static bool read_types(struct arena *a, struct model_document *d, const struct node *root, struct diag_list *diags)
{
    const struct node *types = node_find(root, "types"), *defines = node_find(root, "define");
    if (types && !expect(types, NODE_MAP, root->at, "types", "a mapping from types to their properties", diags))
        return false;
    if (defines && !expect(defines, NODE_MAP, root->at, "define", "a mapping from names to properties", diags))
        return false;
    bool good = true;
    size_t count = types ? types->u.map.n : 0;
    d->type = ARENA_ARRAY(a, struct type_document, count);
    for (size_t i = 0; i < count; i++) {
        const struct node_entry *e = &types->u.map.entry[i];
        str name = model_path_text(e->key);
        if (name.n == 0 || !expect(e->value, NODE_MAP, e->key->at, "types", "a type with its properties", diags)) {
            good = false;
            continue;
        }
        struct type_document *t = &d->type[d->n_types++];
        t->name = sym_of(name);
        t->at = e->key->at;
        t->also = read_flag(e->value, "also");
        t->node = e->value;
        t->defines = defines;
    }
    return good;
}

bool model_read_document(struct arena *a, const struct node *root, struct model_document *ret, struct diag_list *diags)
{
    static const char *const keys[] = {"kind",  "title",     "about",  "attributes", "identity",
                                       "types", "companion", "define", NULL};
    const struct node *kind = node_find(root, "kind"), *title = node_find(root, "title");
    memset(ret, 0, sizeof(*ret));
    ret->kind = sym_of(node_string(kind));
    ret->at = root->at;
    if (!ret->kind) {
        diag_add(diags, DIAG_MODEL, kind ? kind->at : root->at,
                 "expected \"kind:\" with the name of a kind, such as aws.s3.bucket");
        return false;
    }
    bool good = model_check_keys(root, keys, "a kind", diags);
    ret->title = model_path_text(title);
    good = read_attributes(a, ret, node_find(root, "attributes"), diags) && good;
    good = read_identity(a, ret, node_find(root, "identity"), diags) && good;
    good = read_companions(a, ret, node_find(root, "companion"), diags) && good;
    return read_types(a, ret, root, diags) && good;
}
