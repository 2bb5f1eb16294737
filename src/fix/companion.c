/* Whole resources of a snippet: merged into the subject or a companion of their type, else added beside the subject. */
#include "fix/fix_internal.h"

struct whole {
    struct proposing *p;
    struct snippet snippet; /* with names that follow the subject */
    struct edits edits;
    bool ok, at_source;
    str adds;              /* the type of the first resource that is added */
    str subject_reference; /* how the snippet now calls the subject; empty for none */
};

static bool fail(struct whole *w, str why)
{
    propose_refusal(w->p, why);
    return w->ok = false;
}

/* ---------------------------------------------------------------- what is there already */

static bool is_other(const struct proposing *p, const struct resource *r, str type)
{
    return r != p->resource && str_eq(sym_str(r->type), type);
}

/* A resource of that type that is joined to the subject; NULL for none. Without care also one that it refers to, or
 * that the finding names. */
static const struct resource *companion_of_type(const struct proposing *p, str type)
{
    const struct resource *r = p->resource;
    const struct finding *f = p->request->finding;
    for (size_t i = 0; r && i < r->n_companions; i++)
        if (is_other(p, r->companion[i], type))
            return r->companion[i];
    for (size_t i = 0; r && i < r->n_back_edges; i++)
        if (is_other(p, r->back_edge[i].to, type))
            return r->back_edge[i].to;
    if (!r || p->request->careful)
        return NULL;
    for (size_t i = 0; i < r->n_edges; i++)
        if (is_other(p, r->edge[i].to, type))
            return r->edge[i].to;
    const struct unit *u = graph_unit(p->request->graph, f->unit);
    for (size_t i = u->first; i < u->first + u->n; i++) {
        const struct resource *other = graph_at(p->request->graph, i);
        for (size_t k = 0; k < f->n_related && is_other(p, other, type); k++)
            if (other->at.file == f->related[k].at.file && other->at.start <= f->related[k].at.start &&
                other->at.end >= f->related[k].at.end)
                return other;
    }
    return NULL;
}

const struct resource *resource_of_name(const struct proposing *p, str type, str name)
{
    if (p->request->careful || !name.n)
        return NULL;
    const struct unit *u = graph_unit(p->request->graph, p->request->finding->unit);
    for (size_t i = u->first; i < u->first + u->n; i++) {
        const struct resource *r = graph_at(p->request->graph, i);
        str kind = sym_str(r->type);
        bool same = str_eq(kind, type) || (str_eq_c(p->format, "kubernetes") && str_ends(kind, type));
        if (r != p->resource && same && !r->is_data && str_eq(r->name, name))
            return r;
    }
    return NULL;
}

static const struct resource *there_is(const struct proposing *p, str type, str name)
{
    const struct resource *named = resource_of_name(p, type, name);
    return named ? named : companion_of_type(p, type);
}

static bool merge_with(struct whole *w, const struct subject *s, const struct node *part, enum merge_lists lists)
{
    struct merge m = propose_merge(w->p, s->document, w->snippet.document, &w->edits, lists);
    m.skip = w->subject_reference;
    w->at_source |= m.at_source;
    return merge_into(&m, s->node, s->block || s->document->language == LANGUAGE_JSON ? s->shape : NULL, part) ||
           fail(w, m.refusal);
}

/* Merged into what is there, when there is something. *ret_done: it was. */
static bool merge_there(struct whole *w, str type, str name, const struct node *part, enum merge_lists lists,
                        bool *ret_done)
{
    struct proposing *p = w->p;
    const struct resource *there = p->resource && str_eq(type, p->subject.type) ? p->resource : there_is(p, type, name);
    struct subject s;
    str why;
    *ret_done = there != NULL;
    if (!there)
        return true;
    return subject_find(p->request, there, &s, &why) ? merge_with(w, &s, part, lists) : fail(w, why);
}

/* ---------------------------------------------------------------- Terraform */

static str module_prefix(const struct proposing *p)
{
    str own = arena_printf(p->arena, STR_FMT "." STR_FMT, STR_ARG(p->subject.type), STR_ARG(p->subject.name));
    size_t at = p->resource ? str_find(p->resource->address, own) : SIZE_MAX;
    return at == SIZE_MAX ? STR_NONE : str_slice(p->resource->address, 0, at);
}

static bool is_free(const struct proposing *p, str type, str name)
{
    str address =
        arena_printf(p->arena, STR_FMT STR_FMT "." STR_FMT, STR_ARG(module_prefix(p)), STR_ARG(type), STR_ARG(name));
    return !graph_find(p->request->graph, p->request->finding->unit, address);
}

/* What the added block is called: after the subject, or that and its own name. STR_NONE: both are taken. */
static str new_name(struct whole *w, const struct node *block)
{
    struct proposing *p = w->p;
    str type = node_string(block->u.block->label[0]), old = node_string(block->u.block->label[1]);
    str name = p->subject.name.n ? p->subject.name : old;
    if (is_free(p, type, name))
        return name;
    name = arena_printf(p->arena, STR_FMT "_" STR_FMT, STR_ARG(name), STR_ARG(old));
    if (is_free(p, type, name))
        return name;
    fail(w, arena_printf(p->arena, "there is a " STR_FMT "." STR_FMT " already", STR_ARG(type), STR_ARG(name)));
    return STR_NONE;
}

static void add_block(struct whole *w, const struct node *block, str name)
{
    struct proposing *p = w->p;
    str text = str_slice(w->snippet.text, block->at.start, block->at.end);
    if (name.n) {
        const struct node *label = block->u.block->label[1];
        text = arena_printf(p->arena, STR_FMT "\"" STR_FMT "\"" STR_FMT,
                            STR_ARG(str_slice(w->snippet.text, block->at.start, label->at.start)), STR_ARG(name),
                            STR_ARG(str_slice(w->snippet.text, label->at.end, block->at.end)));
    }
    struct editor e = {.to = p->subject.document, .from = w->snippet.document, .arena = p->arena, .edits = &w->edits};
    uint32_t at = p->subject.block ? p->subject.block->at.end : (uint32_t)p->subject.document->source->text.n;
    if (!edit_insert_lines(&e, at, arena_printf(p->arena, "\n" STR_FMT "\n", STR_ARG(text))))
        fail(w, str_of(e.refusal));
}

/* A mapping with one entry, as if it stood where `like` stands. */
static const struct node *map_of(struct whole *w, const struct node *like, str key, const struct node *value)
{
    struct node *map = arena_copy(w->p->arena, like, sizeof(*like)),
                *name = arena_copy(w->p->arena, like, sizeof(*like));
    struct node_entry *entry = ARENA_NEW(w->p->arena, struct node_entry);
    name->kind = NODE_STRING;
    name->u.string = key;
    *entry = (struct node_entry){name, value};
    map->kind = NODE_MAP;
    map->u.map.entry = entry;
    map->u.map.n = 1;
    return map;
}

/* A block as an entry of .tf.json: {"resource": {type: {name: {...}}}}. */
static void add_to_json(struct whole *w, const struct node *block, str name)
{
    struct proposing *p = w->p;
    const struct node *value = block->u.block->body;
    for (size_t i = block->u.block->n_labels; i-- > 0;)
        value = map_of(w, block, i == 1 ? name : node_string(block->u.block->label[i]), value);
    value = map_of(w, block, block->u.block->type, value);
    struct merge m = propose_merge(p, p->subject.document, w->snippet.document, &w->edits, MERGE_JOIN);
    if (!merge_into(&m, p->subject.document->root, NULL, value))
        fail(w, m.refusal);
}

static bool is_same_block(const struct proposing *p, const struct node *block)
{
    const struct node *own = p->subject.block;
    if (!own || !str_eq(own->u.block->type, block->u.block->type) || own->u.block->n_labels != block->u.block->n_labels)
        return false;
    return !own->u.block->n_labels ||
           str_eq(node_string(own->u.block->label[0]), node_string(block->u.block->label[0]));
}

static void put_block(struct whole *w, const struct node *block, enum merge_lists lists)
{
    struct proposing *p = w->p;
    bool done = false;
    str type = block->u.block->n_labels ? node_string(block->u.block->label[0]) : STR_NONE;
    if (is_same_block(p, block)) {
        merge_with(w, &p->subject, block->u.block->body, lists);
        return;
    }
    if (block->u.block->n_labels == 2 &&
        !merge_there(w, type, node_string(block->u.block->label[1]), block->u.block->body, lists, &done))
        return;
    if (done)
        return;
    str name = block->u.block->n_labels == 2 ? new_name(w, block) : STR_NONE;
    w->adds = w->adds.n ? w->adds : type;
    if (w->ok && p->subject.document->language == LANGUAGE_JSON)
        add_to_json(w, block, name);
    else if (w->ok)
        add_block(w, block, name);
}

/* Blocks added by a reference to count or for_each would need an index. */
static bool has_copies(const struct proposing *p)
{
    return p->subject.node && (node_find(p->subject.node, "count") || node_find(p->subject.node, "for_each"));
}

static void put_terraform(struct whole *w, enum merge_lists lists)
{
    const struct node *root = w->snippet.document->root;
    if (has_copies(w->p) && w->subject_reference.n) {
        fail(w, STR("the resource has count or for_each: what is added would need it, too"));
        return;
    }
    for (size_t i = 0; i < root->u.map.n && w->ok; i++)
        if (root->u.map.entry[i].value->kind == NODE_BLOCK)
            put_block(w, root->u.map.entry[i].value, lists);
}

/* ---------------------------------------------------------------- CloudFormation */

static str free_name(struct whole *w, str name)
{
    struct proposing *p = w->p;
    const struct node *there = p->subject.beside;
    str own = p->subject.name;
    if (own.n && !str_starts(name, own))
        name = arena_printf(p->arena, STR_FMT STR_FMT, STR_ARG(own), STR_ARG(name));
    return node_find_entry(there, name) ? STR_NONE : name;
}

static void put_cloudformation(struct whole *w, enum merge_lists lists)
{
    struct proposing *p = w->p;
    const struct node *root = w->snippet.document->root;
    struct node_entry *add = ARENA_ARRAY(p->arena, struct node_entry, root->u.map.n);
    size_t n = 0;
    for (size_t i = 0; i < root->u.map.n && w->ok; i++) {
        const struct node_entry *e = &root->u.map.entry[i];
        bool done = false;
        if (!merge_there(w, node_string(node_find(e->value, "Type")), node_string(e->key), e->value, lists, &done))
            return;
        if (!done && !w->adds.n)
            w->adds = node_string(node_find(e->value, "Type"));
        if (!done)
            add[n++] = *e;
    }
    struct editor e = {.to = p->subject.document, .from = w->snippet.document, .arena = p->arena, .edits = &w->edits};
    if (w->ok && p->subject.beside && !edit_add(&e, p->subject.beside, add, n))
        fail(w, str_of(e.refusal));
}

/* New names for what is added, then the snippet is read again. */
static bool rename_added(struct whole *w)
{
    struct proposing *p = w->p;
    const struct node *root = w->snippet.document->root;
    for (size_t i = 0; i < root->u.map.n; i++) {
        str name = root->u.map.entry[i].key->u.string;
        str type = node_string(node_find(root->u.map.entry[i].value, "Type"));
        if ((p->resource && str_eq(type, p->subject.type)) || there_is(p, type, name))
            continue;
        str other = free_name(w, name);
        if (!other.n)
            return fail(w, STR("a resource of the name is there already"));
        if (str_eq(other, name))
            continue;
        str text = names_rename(&w->snippet, p->format, name, other, p->arena);
        if (!snippet_read(text, p->format, p->arena, &w->snippet))
            return fail(w, STR("the fix cannot be renamed"));
        root = w->snippet.document->root;
    }
    return true;
}

/* ---------------------------------------------------------------- Kubernetes */

static bool is_there(const struct proposing *p, const struct node *manifest)
{
    const struct node *metadata = node_find(manifest, "metadata");
    str kind = node_string(node_find(manifest, "kind")), name = STR_NONE, space = STR_NONE;
    if (metadata && metadata->kind == NODE_MAP) {
        name = node_string(node_find(metadata, "name"));
        space = node_string(node_find(metadata, "namespace"));
    }
    str address = arena_printf(p->arena, STR_FMT "%s" STR_FMT "/" STR_FMT, STR_ARG(space), space.n ? "/" : "",
                               STR_ARG(kind), STR_ARG(name));
    return graph_find(p->request->graph, p->request->finding->unit, address) != NULL;
}

/* Merged into one of that kind and name, where names may be taken as they are. */
static bool merge_manifest(struct whole *w, const struct node *root, enum merge_lists lists)
{
    struct proposing *p = w->p;
    str kind = arena_printf(p->arena, "/" STR_FMT, STR_ARG(node_string(node_find(root, "kind"))));
    const struct resource *there =
        resource_of_name(p, kind, node_string(node_find(node_find(root, "metadata"), "name")));
    struct subject other;
    str why;
    if (!there || !subject_find(p->request, there, &other, &why))
        return false;
    merge_with(w, &other, root, lists);
    return true;
}

static void add_manifest(struct whole *w, const struct node *root, struct buf *out)
{
    if (is_there(w->p, root)) {
        fail(w, STR("there is one of that kind and name already"));
        return;
    }
    if (!w->adds.n)
        w->adds = node_string(node_find(root, "kind"));
    buf_printf(out, "---\n" STR_FMT "\n", STR_ARG(str_trim(str_slice(w->snippet.text, root->at.start, root->at.end))));
}

static void put_kubernetes(struct whole *w, enum merge_lists lists)
{
    struct proposing *p = w->p;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i < w->snippet.documents.n && w->ok; i++) {
        const struct node *root = w->snippet.documents.at[i].root;
        bool own = p->resource && p->subject.node &&
                   str_eq(node_string(node_find(root, "kind")), node_string(node_find(p->subject.node, "kind")));
        if (own)
            merge_with(w, &p->subject, root, lists);
        else if (!merge_manifest(w, root, lists))
            add_manifest(w, root, &out);
    }
    struct editor e = {.to = p->subject.document, .from = w->snippet.document, .arena = p->arena, .edits = &w->edits};
    if (out.n && w->ok && p->subject.document->language != LANGUAGE_YAML)
        fail(w, STR("the file holds no stream of manifests"));
    uint32_t end = p->subject.document->root->at.end;
    str text = p->subject.document->source->text;
    while (end > 0 && strchr(" \t\r\n", text.p[end - 1]))
        end--;
    if (out.n && w->ok && !edit_insert_lines(&e, end, buf_copy(&out, p->arena)))
        fail(w, str_of(e.refusal));
    buf_release(&out);
}

/* ---------------------------------------------------------------- */

str subject_reference(const struct proposing *p)
{
    if (!p->resource || str_eq_c(p->format, "cloudformation"))
        return p->subject.name;
    return arena_printf(p->arena, STR_FMT "." STR_FMT, STR_ARG(p->subject.type), STR_ARG(p->subject.name));
}

static void try_one(struct proposing *p, const struct snippet *s, str placeholder, enum merge_lists lists)
{
    struct whole w = {.p = p, .snippet = *s, .ok = true};
    bool template = str_eq_c(p->format, "cloudformation");
    if (!template && !manifest_follow(p, &w.snippet))
        return;
    if (placeholder.n && p->resource) {
        w.subject_reference = subject_reference(p);
        str text = names_rename(&w.snippet, p->format, placeholder, w.subject_reference, p->arena);
        if (!snippet_read(text, p->format, p->arena, &w.snippet))
            return;
    }
    if (template && !rename_added(&w)) {
        VEC_RELEASE(&w.edits);
        return;
    }
    if (template)
        put_cloudformation(&w, lists);
    else if (str_eq_c(p->format, "terraform"))
        put_terraform(&w, lists);
    else
        put_kubernetes(&w, lists);
    if (w.ok)
        propose_edits(p, &w.edits, w.at_source, w.adds);
    else
        VEC_RELEASE(&w.edits);
}

/* What the snippet calls the subject, when it has it: a resource of the same type. */
static str own_name(const struct proposing *p, const struct snippet *s)
{
    const struct node *root = s->document->root;
    for (size_t i = 0; i < root->u.map.n; i++) {
        const struct node_entry *e = &root->u.map.entry[i];
        if (root->kind == NODE_MAP && str_eq(node_string(node_find(e->value, "Type")), p->subject.type))
            return e->key->u.string;
        if (e->value->kind == NODE_BLOCK && e->value->u.block->n_labels == 2 && is_same_block(p, e->value))
            return arena_printf(p->arena, STR_FMT "." STR_FMT, STR_ARG(p->subject.type),
                                STR_ARG(node_string(e->value->u.block->label[1])));
    }
    return STR_NONE;
}

void propose_whole(struct proposing *p, const struct snippet *s)
{
    str own = p->resource && !str_eq_c(p->format, "kubernetes") ? own_name(p, s) : STR_NONE;
    if (own.n) {
        try_one(p, s, own, MERGE_JOIN);
        try_one(p, s, own, MERGE_REPLACE);
        return;
    }
    str *names = NULL;
    size_t n = p->resource ? names_missing(s, p->format, p->subject.type, p->arena, &names) : 0;
    if (n > 1 && p->request->careful) {
        propose_refusal(p, STR("the fix names several things that are not there"));
        return;
    }
    for (size_t i = 0; i < n || !i; i++) {
        try_one(p, s, n ? names[i] : STR_NONE, MERGE_JOIN);
        try_one(p, s, n ? names[i] : STR_NONE, MERGE_REPLACE);
    }
}
