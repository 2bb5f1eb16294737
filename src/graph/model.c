#include "graph/model_internal.h"

struct model *model_new(void)
{
    struct model *m = alloc_get(sizeof(*m));
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    /* The loader, called with the lock held, adds documents. */
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m->lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
    m->arena = arena_new();
    map_init(&m->types);
    map_init(&m->kinds);
    map_init(&m->missing);
    diag_list_init(&m->diags, m->arena);
    return m;
}

static void release_kind(struct model_kind *k)
{
    VEC_RELEASE(&k->attributes);
    VEC_RELEASE(&k->type_names);
    for (size_t i = 0; i < k->types.n; i++)
        map_release(&k->types.at[i]->renames);
    VEC_RELEASE(&k->types);
    VEC_RELEASE(&k->companions);
    VEC_RELEASE(&k->policies);
    VEC_RELEASE(&k->companion_kinds);
    VEC_RELEASE(&k->identity_arn);
    map_release(&k->known);
}

void model_free(struct model *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->kinds.n; i++)
        release_kind(m->kinds.at[i].value);
    for (size_t i = 0; i < m->roots.n; i++)
        properties_release(m->roots.at[i]);
    VEC_RELEASE(&m->roots);
    map_release(&m->types);
    map_release(&m->kinds);
    map_release(&m->missing);
    diag_list_release(&m->diags);
    arena_free(m->arena);
    pthread_mutex_destroy(&m->lock);
    alloc_put(m, sizeof(*m));
}

/* Reading nodes. */

const struct value *model_constant(struct arena *a, const struct node *n)
{
    switch (n ? (enum node_kind)n->kind : NODE_NULL) {
    case NODE_BOOL:
        return value_bool(a, n->u.boolean, NULL);
    case NODE_NUMBER: {
        struct value *v = value_copy(a, value_number(a, n->u.number.value, NULL));
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

const struct model_default *model_read_default(struct model *m, const struct node *spec, struct diag_list *diags)
{
    const struct node *value = node_find(spec, "default");
    if (!value)
        return NULL;
    struct model_default *d = ARENA_NEW(m->arena, struct model_default);
    struct value *v = value_copy(m->arena, model_constant(m->arena, value));
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
static const str *read_names(struct model *m, const struct node *n, size_t *ret_n)
{
    if (!n) {
        *ret_n = 0;
        return NULL;
    }
    *ret_n = n->kind == NODE_LIST ? n->u.list.n : 1;
    str *names = ARENA_ARRAY(m->arena, str, *ret_n);
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

static bool read_policy(struct model_kind *k, struct attribute *a, const struct node *spec, struct diag_list *diags)
{
    const struct node *policy = node_find(spec, "policy");
    if (!policy)
        return true;
    a->policy_use = node_string(node_find(policy, "use"));
    if (!is_policy_use(a->policy_use)) {
        diag_add(diags, DIAG_MODEL, policy->at,
                 "policy: expected {use: identity, trust, resource, key, boundary, scp or endpoint}");
        return false;
    }
    struct model_policy entry = {a->path, a->policy_use};
    VEC_PUSH(&k->policies, entry);
    return true;
}

static bool read_attribute(struct model *m, struct model_kind *k, const struct node_entry *e, struct diag_list *diags)
{
    static const char *const keys[] = {"default", "since",  "source", "inside", "refers",
                                       "key",     "policy", "about",  "open",   NULL};
    struct attribute a = {.path = model_path_text(e->key), .node = e->value};
    if (a.path.n == 0) {
        diag_add(diags, DIAG_MODEL, e->key->at, "attributes: expected the name of an attribute");
        return false;
    }
    a.steps = path_split(m->arena, a.path);
    bool good = true;
    if (e->value && e->value->kind == NODE_MAP) {
        good = model_check_keys(e->value, keys, "an attribute", diags);
        size_t n;
        const str *names = read_names(m, node_find(e->value, "refers"), &n);
        sym *refers = ARENA_ARRAY(m->arena, sym, n);
        for (size_t i = 0; i < n; i++)
            refers[i] = sym_of(names[i]);
        a.refers = refers;
        a.n_refers = n;
        a.refers_key = model_path_text(node_find(e->value, "key"));
        a.default_value = model_read_default(m, e->value, diags);
        good = read_policy(k, &a, e->value, diags) && good;
    } else if (e->value && e->value->kind != NODE_NULL) {
        diag_add(diags, DIAG_MODEL, e->value->at,
                 "attributes: expected a mapping such as {default: false, source: ...}");
        good = false;
    }
    VEC_PUSH(&k->attributes, a);
    return good;
}

static bool read_identity(struct model *m, struct model_kind *k, const struct node *n, struct diag_list *diags)
{
    static const char *const keys[] = {"name", "arn", NULL};
    if (!n)
        return true;
    if (!expect(n, NODE_MAP, k->at, "identity", "a mapping with name and arn", diags))
        return false;
    str name = model_path_text(node_find(n, "name"));
    if (name.n)
        k->identity_name = name;
    size_t count;
    const str *patterns = read_names(m, node_find(n, "arn"), &count);
    for (size_t i = 0; i < count; i++)
        VEC_PUSH(&k->identity_arn, patterns[i]);
    return model_check_keys(n, keys, "identity", diags);
}

static bool read_companion(struct model *m, struct model_kind *k, const struct node *n, struct diag_list *diags)
{
    static const char *const keys[] = {"of", "by", "key", "into", "many", "take", NULL};
    if (!expect(n, NODE_MAP, k->at, "companion", "a mapping with of, by and into", diags))
        return false;
    bool good = model_check_keys(n, keys, "companion", diags);
    struct model_companion c = {
        .of = sym_of(model_path_text(node_find(n, "of"))),
        .by = model_path_text(node_find(n, "by")),
        .key = model_path_text(node_find(n, "key")),
        .into = model_path_text(node_find(n, "into")),
    };
    const struct node *many = node_find(n, "many");
    c.many = many && many->kind == NODE_BOOL && many->u.boolean;
    c.take = read_names(m, node_find(n, "take"), &c.n_take);
    if (!c.of || !c.by.n || !c.into.n) {
        diag_add(diags, DIAG_MODEL, n->at, "companion: \"of\", \"by\" and \"into\" are needed");
        return false;
    }
    if (c.many && str_eq_c(c.into, ".")) {
        diag_add(diags, DIAG_MODEL, n->at, "companion: \"many\" needs a list to go into, not \".\"");
        return false;
    }
    VEC_PUSH(&k->companions, c);
    return good;
}

static bool read_companions(struct model *m, struct model_kind *k, const struct node *n, struct diag_list *diags)
{
    if (!n)
        return true;
    if (n->kind != NODE_LIST)
        return read_companion(m, k, n, diags);
    bool good = true;
    for (size_t i = 0; i < n->u.list.n; i++)
        good = read_companion(m, k, n->u.list.item[i], diags) && good;
    return good;
}

/* Registers a type; its body is parsed on first use. */
static bool add_type(struct model *m, struct model_kind *k, const struct node_entry *e, const struct node *defines,
                     struct diag_list *diags)
{
    str name = model_path_text(e->key);
    if (name.n == 0 || !expect(e->value, NODE_MAP, e->key->at, "types", "a type with its properties", diags))
        return false;
    struct model_type *t = ARENA_NEW(m->arena, struct model_type);
    t->name = sym_of(name);
    t->kind = k;
    t->node = e->value;
    t->defines = defines;
    t->at = e->key->at;
    const struct node *also = node_find(e->value, "also");
    t->also = also && also->kind == NODE_BOOL && also->u.boolean;
    map_init(&t->renames);
    struct model_type *first = map_find(&m->types, name);
    for (struct model_type *other = first; other; other = other->other) {
        if (other->kind == k) {
            diag_add(diags, DIAG_MODEL, e->key->at, "type " STR_FMT " stands twice in kind " STR_FMT, STR_ARG(name),
                     STR_ARG(sym_str(k->name)));
            return false;
        }
    }
    if (first) {
        t->other = first->other;
        first->other = t;
    } else {
        map_set(&m->types, sym_str(t->name), t);
    }
    VEC_PUSH(&k->types, t);
    VEC_PUSH(&k->type_names, sym_str(t->name));
    return true;
}

static struct model_kind *kind_of(struct model *m, str name, const struct node *root)
{
    struct model_kind *k = map_find(&m->kinds, name);
    if (k)
        return k;
    k = ARENA_NEW(m->arena, struct model_kind);
    k->name = sym_of(name);
    k->model = m;
    k->node = root;
    k->at = root->at;
    map_init(&k->known);
    map_set(&m->kinds, sym_str(k->name), k);
    return k;
}

static void note_companions(struct model *m, struct model_kind *k)
{
    for (size_t i = 0; i < m->kinds.n; i++) {
        struct model_kind *owner = m->kinds.at[i].value;
        for (size_t c = 0; c < k->companions.n; c++) {
            if (k->companions.at[c].of == owner->name)
                VEC_PUSH(&owner->companion_kinds, k->name);
        }
        for (size_t c = 0; owner != k && c < owner->companions.n; c++) {
            if (owner->companions.at[c].of == k->name)
                VEC_PUSH(&k->companion_kinds, owner->name);
        }
    }
}

static bool add_kind(struct model *m, const struct node *root, struct diag_list *diags)
{
    static const char *const keys[] = {"kind",  "title",     "about",  "attributes", "identity",
                                       "types", "companion", "define", NULL};
    const struct node *kind = node_find(root, "kind");
    str name = node_string(kind);
    if (name.n == 0) {
        diag_add(diags, DIAG_MODEL, kind ? kind->at : root->at,
                 "expected \"kind:\" with the name of a kind, such as aws.s3.bucket");
        return false;
    }
    bool good = model_check_keys(root, keys, "a kind", diags);
    struct model_kind *k = kind_of(m, name, root);
    const struct node *title = node_find(root, "title");
    if (title)
        k->title = model_path_text(title);
    const struct node *attributes = node_find(root, "attributes");
    if (attributes && expect(attributes, NODE_MAP, root->at, "attributes", "a mapping", diags)) {
        for (size_t i = 0; i < attributes->u.map.n; i++)
            good = read_attribute(m, k, &attributes->u.map.entry[i], diags) && good;
    }
    good = read_identity(m, k, node_find(root, "identity"), diags) && good;
    good = read_companions(m, k, node_find(root, "companion"), diags) && good;
    const struct node *types = node_find(root, "types");
    if (types && !expect(types, NODE_MAP, root->at, "types", "a mapping from types to their properties", diags))
        return false;
    const struct node *defines = node_find(root, "define");
    if (defines && !expect(defines, NODE_MAP, root->at, "define", "a mapping from names to properties", diags))
        return false;
    for (size_t i = 0; types && i < types->u.map.n; i++)
        good = add_type(m, k, &types->u.map.entry[i], defines, diags) && good;
    note_companions(m, k);
    return good;
}

bool model_add(struct model *m, const struct document *d, struct diag_list *diags)
{
    if (!d->root || d->root->kind == NODE_NULL)
        return !d->incomplete;
    if (d->root->kind == NODE_LIST) {
        /* A stream of documents that was packed as one JSON list. */
        bool all = !d->incomplete;
        for (size_t i = 0; i < d->root->u.list.n; i++) {
            struct document one = *d;
            one.root = d->root->u.list.item[i];
            all = (one.root->kind != NODE_LIST && model_add(m, &one, diags)) && all;
        }
        return all;
    }
    if (d->root->kind != NODE_MAP) {
        diag_add(diags, DIAG_MODEL, d->root->at, "expected a mapping with \"kind:\"");
        return false;
    }
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < KNOWN_TYPES; i++)
        atomic_store_explicit(&m->known_type[i], NULL, memory_order_release);
    bool good = add_kind(m, d->root, diags);
    pthread_mutex_unlock(&m->lock);
    return good && !d->incomplete;
}

void model_take_diags(struct model *m, struct diag_list *to)
{
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->diags.n; i++) {
        const struct diag *d = &m->diags.at[i];
        diag_add_as(to, d->id, d->severity, d->at, STR_FMT, STR_ARG(d->message));
    }
    m->diags.n = 0;
    pthread_mutex_unlock(&m->lock);
}

void model_set_loader(struct model *m, bool (*load)(struct model *m, str type_or_kind, void *context), void *context)
{
    m->load = load;
    m->load_context = context;
}

/* Asks the loader, once for each name. */
static bool load_missing(struct model *m, str name)
{
    if (!m->load || map_has(&m->missing, name))
        return false;
    map_set(&m->missing, sym_str(sym_of(name)), m);
    return m->load(m, name, m->load_context);
}

/* "apps/v1/Deployment" -> "apps/Deployment", "v1/Pod" -> "/Pod": an API version says nothing of the kind. */
static str without_version(str type, char *space, size_t size)
{
    size_t first = str_find_char(type, '/');
    if (first == SIZE_MAX || type.n >= size)
        return type;
    size_t last = str_rfind_char(type, '/');
    size_t group = last > first ? first : 0;
    if (last == first && !(first > 1 && type.p[0] == 'v' && type.p[1] >= '0' && type.p[1] <= '9'))
        return type;
    memcpy(space, type.p, group);
    memcpy(space + group, type.p + last, type.n - last);
    return (str){space, group + type.n - last};
}

const struct model_type *model_type(const struct model *m, str type)
{
    char space[256];
    struct model *mutable = (struct model *)m;
    str name = without_version(type, space, sizeof(space));
    pthread_mutex_lock(&mutable->lock);
    /* Also when it is there: another of its documents may have been loaded for another type. */
    load_missing(mutable, name);
    struct model_type *t = map_find(&m->types, name);
    /* A kind may stand in several documents: its attributes and defaults are needed with any of its types. */
    for (struct model_type *each = t; each; each = each->other)
        load_missing(mutable, sym_str(model_type_kind(each)));
    t = map_find(&m->types, name);
    for (struct model_type *each = t; each; each = each->other) {
        if (!each->parsed)
            model_type_parse(mutable, each, &mutable->diags);
    }
    pthread_mutex_unlock(&mutable->lock);
    return t;
}

const struct model_type *model_type_of(const struct model *m, sym type)
{
    struct model *mutable = (struct model *)m;
    _Atomic(const struct known_type *) *slot = &mutable->known_type[type % KNOWN_TYPES];
    const struct known_type *known = atomic_load_explicit(slot, memory_order_acquire);
    if (known && known->asked == type)
        return known->type;
    const struct model_type *t = model_type(m, sym_str(type));
    pthread_mutex_lock(&mutable->lock);
    struct known_type *now = ARENA_NEW(m->arena, struct known_type);
    *now = (struct known_type){type, t};
    atomic_store_explicit(slot, now, memory_order_release);
    pthread_mutex_unlock(&mutable->lock);
    return t;
}

struct model_kind *model_kind_mutable(const struct model *m, str kind)
{
    struct model *mutable = (struct model *)m;
    pthread_mutex_lock(&mutable->lock);
    load_missing(mutable, kind);
    struct model_kind *k = map_find(&m->kinds, kind);
    pthread_mutex_unlock(&mutable->lock);
    return k;
}

const struct model_kind *model_kind(const struct model *m, str kind)
{
    return model_kind_mutable(m, kind);
}

/* Reading. */

sym model_type_kind(const struct model_type *t)
{
    return t->kind->name;
}

str model_kind_title(const struct model_kind *k)
{
    return k->title;
}

size_t model_kind_types(const struct model_kind *k, const str **ret_types)
{
    *ret_types = k->type_names.at;
    return k->type_names.n;
}

static const struct attribute *find_attribute(const struct model_kind *k, str path)
{
    for (size_t i = 0; i < k->attributes.n; i++) {
        if (str_eq(k->attributes.at[i].path, path))
            return &k->attributes.at[i];
    }
    return NULL;
}

size_t model_refers(const struct model_kind *k, str path, const sym **ret_kinds, str *ret_key)
{
    const struct attribute *a = find_attribute(k, path);
    *ret_kinds = a ? a->refers : NULL;
    *ret_key = a ? a->refers_key : STR_NONE;
    return a ? a->n_refers : 0;
}

size_t model_next_reference(const struct model_kind *k, size_t *at, str *ret_path, const sym **ret_kinds)
{
    while (*at < k->attributes.n) {
        const struct attribute *a = &k->attributes.at[(*at)++];
        if (a->n_refers > 0) {
            *ret_path = a->path;
            *ret_kinds = a->refers;
            return a->n_refers;
        }
    }
    return 0;
}

size_t model_policies(const struct model_kind *k, const struct model_policy **ret)
{
    *ret = k->policies.at;
    return k->policies.n;
}

const struct model_default *model_find_default(const struct model *m, sym type, str path)
{
    const struct model_type *t = model_type_of(m, type);
    if (!t)
        return NULL;
    for (size_t i = 0; i < t->map.n; i++) {
        if (t->map.at[i].default_value && str_eq(t->map.at[i].target.text, path))
            return t->map.at[i].default_value;
    }
    const struct attribute *a = find_attribute(t->kind, path);
    return a ? a->default_value : NULL;
}

size_t model_companions(const struct model *m, sym kind, const struct model_companion **ret)
{
    const struct model_kind *k = kind ? model_kind(m, sym_str(kind)) : NULL;
    *ret = k ? k->companions.at : NULL;
    return k ? k->companions.n : 0;
}

/* Checks across documents. */

static bool check_kind_name(struct model *m, sym kind, span at, const char *what, struct diag_list *diags)
{
    if (model_kind(m, sym_str(kind)))
        return true;
    str *names = ARENA_ARRAY(m->arena, str, m->kinds.n);
    for (size_t i = 0; i < m->kinds.n; i++)
        names[i] = m->kinds.at[i].key;
    str near = suggest_nearest(sym_str(kind), names, m->kinds.n);
    diag_add(diags, DIAG_MODEL, at, "%s: there is no kind " STR_FMT "%s" STR_FMT "%s", what, STR_ARG(sym_str(kind)),
             near.n ? "; did you mean " : "", STR_ARG(near), near.n ? "?" : "");
    return false;
}

static bool check_companion(struct model *m, struct model_kind *k, const struct model_companion *c,
                            struct diag_list *diags)
{
    str near;
    if (!check_kind_name(m, c->of, k->at, "companion", diags))
        return false;
    if (model_attribute(k, c->by, &near) == ATTRIBUTE_UNKNOWN) {
        diag_add(diags, DIAG_MODEL, k->at, "companion: " STR_FMT " has no attribute " STR_FMT "%s" STR_FMT "%s",
                 STR_ARG(sym_str(k->name)), STR_ARG(c->by), near.n ? "; did you mean " : "", STR_ARG(near),
                 near.n ? "?" : "");
        return false;
    }
    /* A chain of companions that comes back would never be merged. */
    const struct model_kind *step = model_kind(m, sym_str(c->of));
    for (int i = 0; i < 16 && step && step->companions.n; i++) {
        if (step->companions.at[0].of == k->name) {
            diag_add(diags, DIAG_MODEL, k->at, "companion: " STR_FMT " becomes a part of itself",
                     STR_ARG(sym_str(k->name)));
            return false;
        }
        step = model_kind(m, sym_str(step->companions.at[0].of));
    }
    return true;
}

static bool check_kind(struct model *m, struct model_kind *k, struct diag_list *diags)
{
    bool good = true;
    for (size_t i = 0; i < k->attributes.n; i++) {
        const struct attribute *a = &k->attributes.at[i];
        for (size_t r = 0; r < a->n_refers; r++)
            good = check_kind_name(m, a->refers[r], a->node->at, "refers", diags) && good;
    }
    for (size_t i = 0; i < k->companions.n; i++)
        good = check_companion(m, k, &k->companions.at[i], diags) && good;
    size_t without_condition = 0;
    for (size_t i = 0; i < k->types.n; i++) {
        without_condition = 0;
        for (const struct model_type *t = map_find(&m->types, sym_str(k->types.at[i]->name)); t; t = t->other)
            without_condition += t->n_conditions == 0 && !t->also;
        if (without_condition > 1 && k->types.at[i]->n_conditions == 0 && !k->types.at[i]->also) {
            diag_add(diags, DIAG_MODEL, k->types.at[i]->at,
                     "type " STR_FMT " stands in several kinds: tell them apart with \"when:\" or say \"also: true\"",
                     STR_ARG(sym_str(k->types.at[i]->name)));
            good = false;
        }
    }
    return good;
}

bool model_finish(struct model *m, struct diag_list *diags)
{
    bool good = true;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->types.n; i++) {
        for (struct model_type *t = m->types.at[i].value; t; t = t->other) {
            if (!t->parsed)
                good = model_type_parse(m, t, &m->diags) && good;
        }
    }
    /* Checking may load more kinds: they come last in the list. */
    for (size_t i = 0; i < m->kinds.n; i++)
        good = check_kind(m, m->kinds.at[i].value, diags) && good;
    good = good && m->diags.n == 0;
    model_take_diags(m, diags);
    pthread_mutex_unlock(&m->lock);
    return good;
}

sym model_next_also(const struct model *m, sym type, size_t *at)
{
    size_t i = 0;
    for (const struct model_type *t = model_type_of(m, type); t; t = t->other)
        if (t->also && i++ == *at) {
            (*at)++;
            return t->kind->name;
        }
    return 0;
}
