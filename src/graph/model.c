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
    VEC_RELEASE(&k->types);
    VEC_RELEASE(&k->companions);
    VEC_RELEASE(&k->policies);
    VEC_RELEASE(&k->companion_kinds);
    VEC_RELEASE(&k->identity_arn);
    VEC_RELEASE(&k->top);
    map_release(&k->known);
}

void model_free(struct model *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->kinds.n; i++)
        release_kind(m->kinds.at[i].value);
    map_release(&m->types);
    map_release(&m->kinds);
    map_release(&m->missing);
    diag_list_release(&m->diags);
    arena_free(m->arena);
    pthread_mutex_destroy(&m->lock);
    alloc_put(m, sizeof(*m));
}

static struct model_kind *kind_of(struct model *m, const struct model_document *d)
{
    struct model_kind *k = map_find(&m->kinds, sym_str(d->kind));
    if (k)
        return k;
    k = ARENA_NEW(m->arena, struct model_kind);
    k->name = d->kind;
    k->model = m;
    k->at = d->at;
    map_init(&k->known);
    map_set(&m->kinds, sym_str(k->name), k);
    return k;
}

static void add_attributes(struct model_kind *k, const struct model_document *d)
{
    for (size_t i = 0; i < d->n_attributes; i++) {
        const struct attribute *a = &d->attribute[i];
        struct model_policy policy = {a->path, a->policy_use};
        VEC_PUSH(&k->attributes, *a);
        k->attributes.at[k->attributes.n - 1].at.file = d->at.file;
        if (a->policy_use.n)
            VEC_PUSH(&k->policies, policy);
    }
}

/* Registers a type; its body is parsed or thawed on first use. */
static bool add_type(struct model *m, struct model_kind *k, const struct type_document *said, uint32_t file,
                     struct diag_list *diags)
{
    struct model_type *t = ARENA_NEW(m->arena, struct model_type);
    str name = sym_str(said->name);
    t->name = said->name;
    t->kind = k;
    t->said = said;
    t->at = said->at;
    t->at.file = file;
    t->also = said->also;
    struct model_type *first = map_find(&m->types, name);
    for (struct model_type *other = first; other; other = other->other) {
        if (other->kind == k) {
            diag_add(diags, DIAG_MODEL, t->at, "type " STR_FMT " stands twice in kind " STR_FMT, STR_ARG(name),
                     STR_ARG(sym_str(k->name)));
            return false;
        }
    }
    if (first) {
        t->other = first->other;
        first->other = t;
    } else {
        map_set(&m->types, name, t);
    }
    VEC_PUSH(&k->types, t);
    VEC_PUSH(&k->type_names, name);
    return true;
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

/* Adds what a document says to its kind. */
static bool add_document(struct model *m, const struct model_document *d, struct diag_list *diags)
{
    struct model_kind *k = kind_of(m, d);
    bool good = true;
    if (d->title.p)
        k->title = d->title;
    add_attributes(k, d);
    if (d->identity_name.n)
        k->identity_name = d->identity_name;
    for (size_t i = 0; i < d->n_identity_arns; i++)
        VEC_PUSH(&k->identity_arn, d->identity_arn[i]);
    for (size_t i = 0; i < d->n_companions; i++)
        VEC_PUSH(&k->companions, d->companion[i]);
    for (size_t i = 0; i < d->n_types; i++)
        good = add_type(m, k, &d->type[i], d->at.file, diags) && good;
    note_companions(m, k);
    return good;
}

static void forget_known_types(struct model *m)
{
    for (size_t i = 0; i < KNOWN_TYPES; i++)
        atomic_store_explicit(&m->known_type[i], NULL, memory_order_release);
}

bool model_add(struct model *m, const struct document *d, struct diag_list *diags)
{
    if (!d->root || d->root->kind == NODE_NULL)
        return !d->incomplete;
    if (d->root->kind != NODE_MAP) {
        diag_add(diags, DIAG_MODEL, d->root->at, "expected a mapping with \"kind:\"");
        return false;
    }
    pthread_mutex_lock(&m->lock);
    forget_known_types(m);
    struct model_document said;
    bool good = model_read_document(m->arena, d->root, &said, diags);
    good = said.kind && add_document(m, &said, diags) && good;
    pthread_mutex_unlock(&m->lock);
    return good && !d->incomplete;
}

bool model_add_image(struct model *m, const struct image *image, uint32_t file, struct diag_list *diags)
{
    pthread_mutex_lock(&m->lock);
    forget_known_types(m);
    struct model_document said = *(const struct model_document *)image_thaw(image, NULL, m->arena);
    said.at.file = file;
    bool good = add_document(m, &said, diags);
    pthread_mutex_unlock(&m->lock);
    return good;
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
    for (size_t i = 0; i < t->body.map.n; i++) {
        if (t->body.map.at[i].default_value && str_eq(t->body.map.at[i].target.text, path))
            return t->body.map.at[i].default_value;
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
            good = check_kind_name(m, a->refers[r], a->at, "refers", diags) && good;
    }
    for (size_t i = 0; i < k->companions.n; i++)
        good = check_companion(m, k, &k->companions.at[i], diags) && good;
    size_t without_condition = 0;
    for (size_t i = 0; i < k->types.n; i++) {
        without_condition = 0;
        for (const struct model_type *t = map_find(&m->types, sym_str(k->types.at[i]->name)); t; t = t->other)
            without_condition += t->body.n_conditions == 0 && !t->also;
        if (without_condition > 1 && k->types.at[i]->body.n_conditions == 0 && !k->types.at[i]->also) {
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
