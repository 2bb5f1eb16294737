/* Where a resource is written, and where in it a part belongs. */
#include "fix/fix_internal.h"

#include "graph/model.h"

enum { DEEPEST = 24, MAX_PATH_NODES = 64 };

const struct document *document_at(const struct fix_request *q, span at)
{
    const struct documents *all = at.file ? q->documents(q->context, at.file) : NULL;
    size_t low = 0, high = all ? all->n : 0;
    while (low < high) { /* the first that begins behind the place */
        size_t middle = low + (high - low) / 2;
        if (all->at[middle].root && all->at[middle].root->at.start > at.start)
            high = middle;
        else
            low = middle + 1;
    }
    while (low > 0 && !all->at[low - 1].root)
        low--;
    return low ? &all->at[low - 1] : NULL;
}

static bool is_file_of(const struct document *d, const char *format)
{
    (void)format;
    return d && d->root;
}

/* ---------------------------------------------------------------- Terraform */

static const struct node *block_at(const struct node *body, span at)
{
    for (size_t i = 0; body->kind == NODE_BODY && i < body->u.map.n; i++) {
        const struct node *n = body->u.map.entry[i].value;
        if (n->kind == NODE_BLOCK && n->at.start <= at.start && n->at.end >= at.end)
            return n;
    }
    return NULL;
}

static bool find_in_json(const struct resource *r, struct subject *s)
{
    const struct node *path[MAX_PATH_NODES];
    size_t n;
    s->node = edit_find(s->document->root, r->at, path, MAX_PATH_NODES, &n);
    s->beside = n ? path[n - 1] : NULL;
    for (size_t i = 0; s->beside && s->beside->kind == NODE_MAP && i < s->beside->u.map.n; i++)
        if (s->beside->u.map.entry[i].value == s->node)
            s->name = node_string(s->beside->u.map.entry[i].key);
    return s->node && s->node->kind == NODE_MAP && s->node->at.start == r->at.start;
}

static bool find_terraform(const struct resource *r, struct subject *s, str *ret_reason)
{
    if (s->document->language == LANGUAGE_JSON) {
        if (find_in_json(r, s))
            return true;
        *ret_reason = STR("it is not written as an object of its own");
        return false;
    }
    s->block = s->document->language == LANGUAGE_HCL ? block_at(s->document->root, r->at) : NULL;
    if (!s->block) {
        *ret_reason = STR("it is not written as a block of its own");
        return false;
    }
    s->node = s->block->u.block->body;
    s->beside = s->document->root;
    if (s->block->u.block->n_labels == 2)
        s->name = node_string(s->block->u.block->label[1]);
    if (str_eq_c(s->format, "kubernetes")) { /* a manifest in a resource */
        const struct node *manifest = node_find(s->node, "manifest");
        if (!manifest || manifest->kind != NODE_MAP) {
            *ret_reason = STR("the manifest is text inside Terraform");
            return false;
        }
        s->node = manifest;
        s->block = NULL;
        s->beside = NULL;
    }
    return true;
}

/* ---------------------------------------------------------------- CloudFormation, Kubernetes */

static bool find_cloudformation(const struct resource *r, struct subject *s, str *ret_reason)
{
    s->beside = node_find(s->document->root, "Resources");
    for (size_t i = 0; s->beside && s->beside->kind == NODE_MAP && i < s->beside->u.map.n; i++) {
        const struct node_entry *e = &s->beside->u.map.entry[i];
        if (e->key->at.start == r->header.start && e->key->at.end == r->header.end && e->value->kind == NODE_MAP) {
            s->node = e->value;
            s->name = e->key->u.string;
            return true;
        }
    }
    *ret_reason = STR("it is written by a loop, a macro or a template that is included");
    return false;
}

static bool find_kubernetes(const struct resource *r, struct subject *s, str *ret_reason)
{
    const struct node *path[MAX_PATH_NODES];
    size_t n;
    const struct node *found = edit_find(s->document->root, r->at, path, MAX_PATH_NODES, &n);
    while (found && !(found->kind == NODE_MAP && node_find(found, "kind")) && n)
        found = path[--n];
    if (!found || found->kind != NODE_MAP || !node_find(found, "kind")) {
        *ret_reason = STR("its manifest is not written in the file");
        return false;
    }
    s->node = found;
    return true;
}

static const char *format_of_type(str type)
{
    if (str_contains(type, STR("::")))
        return "cloudformation";
    return str_contains(type, STR("/")) ? "kubernetes" : "terraform";
}

bool subject_find(const struct fix_request *q, const struct resource *r, struct subject *ret, str *ret_reason)
{
    *ret = (struct subject){.document = document_at(q, r->at),
                            .name = r->name,
                            .type = sym_str(r->type),
                            .format = str_of(format_of_type(sym_str(r->type)))};
    const struct model_type *t = model_type(graph_model(q->graph), ret->type);
    ret->shape = t ? model_type_shape(t) : NULL;
    if (!is_file_of(ret->document, NULL)) {
        *ret_reason = STR("the file in which it is written is not one that is changed");
        return false;
    }
    if (r->incomplete) {
        *ret_reason = STR("it has a syntax error");
        return false;
    }
    if (ret->document->language == LANGUAGE_HCL || str_eq_c(ret->format, "terraform"))
        return find_terraform(r, ret, ret_reason);
    if (str_eq_c(ret->format, "cloudformation"))
        return find_cloudformation(r, ret, ret_reason);
    return find_kubernetes(r, ret, ret_reason);
}

/* ---------------------------------------------------------------- hosts */

struct walk {
    struct hosts *hosts;
    const struct node *part;
    span place;
    struct arena *arena;
};

static const struct node *inside_of(const struct node *n)
{
    return n->kind == NODE_BLOCK ? n->u.block->body : n;
}

static bool is_map(const struct node *n)
{
    return n->kind == NODE_MAP || n->kind == NODE_BODY;
}

/* What every resource of Terraform has beside its properties. */
static bool is_meta_argument(str name)
{
    static const char *const names[] = {"lifecycle", "depends_on", "provider", "count", "for_each"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_c(name, names[i]))
            return true;
    return false;
}

/* Does the model know every name of the part at this place? Names that an open shape takes do not speak for it. */
static bool fits(const struct model_shape *shape, const struct node *part, bool top, unsigned depth, bool *ret_known)
{
    for (size_t i = 0; i < part->u.map.n; i++) {
        struct model_place place;
        const struct node *value = inside_of(part->u.map.entry[i].value);
        if (top && is_meta_argument(node_string(part->u.map.entry[i].key))) {
            *ret_known = true;
            continue;
        }
        if (!model_shape_has(shape, node_string(part->u.map.entry[i].key), &place)) {
            if (!model_shape_is_open(shape))
                return false;
            continue;
        }
        *ret_known = true;
        if (!place.inside || depth > DEEPEST)
            continue;
        if (is_map(value) && !fits(place.inside, value, false, depth + 1, ret_known))
            return false;
        for (size_t k = 0; value->kind == NODE_LIST && k < value->u.list.n; k++)
            if (value->u.list.item[k]->kind == NODE_MAP &&
                !fits(place.inside, value->u.list.item[k], false, depth + 1, ret_known))
                return false;
    }
    return true;
}

static bool shares(const struct node *host, const struct node *part)
{
    for (size_t i = 0; i < part->u.map.n; i++)
        if (node_find_entry(host, node_string(part->u.map.entry[i].key)))
            return true;
    return false;
}

static void walk(struct walk *w, const struct node *n, const struct model_shape *shape, str path, unsigned depth);

static void walk_value(struct walk *w, const struct node *n, const struct model_shape *shape, str path, unsigned depth)
{
    if (depth > DEEPEST || n->flags & (NODE_ALIASED | NODE_MERGED))
        return;
    n = inside_of(n);
    if (is_map(n))
        walk(w, n, shape, path, depth);
    for (size_t i = 0; n->kind == NODE_LIST && i < n->u.list.n; i++)
        walk_value(w, n->u.list.item[i], shape, path, depth + 1);
    for (size_t i = 0; n->kind == NODE_CALL && i < n->u.call->n; i++)
        walk_value(w, n->u.call->argument[i], NULL, path, depth + 1);
}

static void walk(struct walk *w, const struct node *n, const struct model_shape *shape, str path, unsigned depth)
{
    bool known = false;
    struct host h = {.node = n, .shape = shape, .path = path, .depth = depth};
    h.fits = shape && fits(shape, w->part, !depth && n->kind == NODE_BODY, 0, &known) && known;
    h.holds = w->place.file == n->at.file && n->at.start <= w->place.start && n->at.end >= w->place.end;
    h.shares = shares(n, w->part);
    if (h.fits || h.shares || (!shape && h.holds && n->kind == NODE_MAP))
        VEC_PUSH(w->hosts, h);
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        struct model_place place = {0};
        str key = node_string(e->key);
        if (shape)
            model_shape_has(shape, key, &place);
        walk_value(w, e->value, place.inside, arena_printf(w->arena, STR_FMT "/" STR_FMT, STR_ARG(path), STR_ARG(key)),
                   depth + 1);
    }
}

static unsigned rank(const struct host *h)
{
    if (h->fits)
        return h->holds ? 100 - h->depth : 200 + h->depth;
    if (h->shares)
        return h->holds ? 350 - h->depth : 400 + h->depth;
    return 550 - h->depth;
}

void hosts_find(struct hosts *h, const struct node *node, const struct model_shape *shape, const struct node *part,
                span place, struct arena *a)
{
    struct walk w = {.hosts = h, .part = part, .place = place, .arena = a};
    size_t from = h->n;
    walk_value(&w, node, shape, STR_NONE, 0);
    for (size_t i = from + 1; i < h->n; i++) {
        struct host x = h->at[i];
        size_t k = i;
        for (; k > from && rank(&h->at[k - 1]) > rank(&x); k--)
            h->at[k] = h->at[k - 1];
        h->at[k] = x;
    }
}
