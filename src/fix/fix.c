#include "fix/fix_internal.h"

#include "graph/model.h"

void fix_candidates_release(struct fix_candidates *c)
{
    VEC_RELEASE(c);
}

/* ---------------------------------------------------------------- candidates */

static bool same_edits(const struct fix_candidate *c, const struct edits *e)
{
    if (c->n != e->n)
        return false;
    for (size_t i = 0; i < e->n; i++)
        if (c->edit[i].at.file != e->at[i].at.file || c->edit[i].at.start != e->at[i].at.start ||
            c->edit[i].at.end != e->at[i].at.end || !str_eq(c->edit[i].text, e->at[i].text))
            return false;
    return true;
}

void propose_edits(struct proposing *p, struct edits *edits, bool at_source, str adds)
{
    bool usable = edits->n && p->out->n < FIX_MAX_CANDIDATES;
    if (usable && !edits_sort(edits->at, edits->n)) {
        propose_refusal(p, STR("parts of the fix would overlap"));
        usable = false;
    }
    for (size_t i = 0; i < p->out->n && usable; i++)
        usable = !same_edits(&p->out->at[i], edits);
    if (usable) {
        struct fix_candidate c = {arena_copy(p->arena, edits->at, edits->n * sizeof(*edits->at)), edits->n, at_source,
                                  adds};
        VEC_PUSH(p->out, c);
    }
    VEC_RELEASE(edits);
}

void propose_refusal(struct proposing *p, str why)
{
    if (!p->reason.n)
        p->reason = why;
}

struct merge propose_merge(const struct proposing *p, const struct document *to, const struct document *from,
                           struct edits *edits, enum merge_lists lists)
{
    return (struct merge){.editor = {.to = to, .from = from, .arena = p->arena, .edits = edits},
                          .lists = lists,
                          .careful = p->request->careful,
                          .place = p->place,
                          .actual = p->request->finding->actual,
                          .request = p->request};
}

/* ---------------------------------------------------------------- a part of the resource */

struct part {
    const struct document *to;
    const struct document *from;
    const struct node *node; /* of `from` */
};

/* Into some hosts at once; the same for the other way of lists. */
static void try_hosts(struct proposing *p, const struct part *part, const struct host *host, size_t n)
{
    bool differ = true;
    for (int lists = MERGE_JOIN; lists <= MERGE_REPLACE && differ; lists++) {
        struct edits edits = {0};
        struct merge m = propose_merge(p, part->to, part->from, &edits, (enum merge_lists)lists);
        bool ok = true;
        for (size_t i = 0; i < n && ok; i++)
            ok = merge_into(&m, host[i].node, host[i].shape, part->node);
        differ = m.lists_differ;
        if (ok) {
            propose_edits(p, &edits, m.at_source, STR_NONE);
        } else {
            propose_refusal(p, m.refusal);
            VEC_RELEASE(&edits);
        }
    }
}

static void try_alike(struct proposing *p, const struct part *part, const struct hosts *h)
{
    struct host *alike = ARENA_ARRAY(p->arena, struct host, h->n + 1);
    for (size_t i = 0; i < h->n; i++) {
        size_t n = 0;
        bool first = true;
        for (size_t k = 0; k < h->n; k++) {
            if (!str_eq(h->at[k].path, h->at[i].path))
                continue;
            first &= n > 0 || k == i;
            alike[n++] = h->at[k];
        }
        if (first && n > 1)
            try_hosts(p, part, alike, n);
    }
}

static void try_part(struct proposing *p, const struct part *part, const struct node *node,
                     const struct model_shape *shape)
{
    struct hosts h = {0};
    hosts_find(&h, node, shape, part->node, p->place, p->arena);
    for (size_t i = 0; i < h.n; i++)
        if (h.at[i].fits)
            try_hosts(p, part, &h.at[i], 1);
    try_alike(p, part, &h);
    for (size_t i = 0; i < h.n; i++)
        if (!h.at[i].fits)
            try_hosts(p, part, &h.at[i], 1);
    VEC_RELEASE(&h);
}

static str indented(struct proposing *p, str text)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < text.n; i++) {
        if ((!i || text.p[i - 1] == '\n') && text.p[i] != '\n')
            buf_add_c(&b, "  ");
        buf_add_char(&b, text.p[i]);
    }
    str s = buf_copy(&b, p->arena);
    buf_release(&b);
    return s;
}

/* A part of Properties; those may be missing. */
static void try_properties(struct proposing *p, const struct subject *s, const struct snippet *snippet)
{
    const struct node *properties = node_find(s->node, "Properties");
    struct part part = {s->document, snippet->document, snippet->document->root};
    if (properties && properties->kind == NODE_MAP && properties->u.map.n) {
        try_part(p, &part, properties, s->shape);
        return;
    }
    struct snippet whole;
    str text = arena_printf(p->arena, "Properties:\n" STR_FMT, STR_ARG(indented(p, snippet->text)));
    if (!snippet_read(text, p->format, p->arena, &whole))
        return;
    struct host host = {.node = s->node};
    part = (struct part){s->document, whole.document, whole.document->root};
    try_hosts(p, &part, &host, 1);
}

static void try_subject(struct proposing *p, const struct subject *s, const struct snippet *snippet)
{
    struct part part = {s->document, snippet->document, snippet->document->root};
    struct host host = {.node = s->node};
    if (str_eq_c(s->format, "cloudformation") && snippet_is_resource_level(part.node))
        try_hosts(p, &part, &host, 1);
    else if (str_eq_c(s->format, "cloudformation"))
        try_properties(p, s, snippet);
    else
        try_part(p, &part, s->node, s->shape);
}

static void try_neighbour(struct proposing *p, const struct resource *r, const struct snippet *snippet)
{
    struct subject s;
    str why;
    if (r != p->resource && subject_find(p->request, r, &s, &why) && str_eq(s.format, p->format))
        try_subject(p, &s, snippet);
}

/* What was merged into the resource; without care also what it refers to, and what refers to it. */
static void try_neighbours(struct proposing *p, const struct snippet *snippet)
{
    const struct resource *r = p->resource;
    for (size_t i = 0; i < r->n_companions; i++)
        try_neighbour(p, r->companion[i], snippet);
    for (size_t i = 0; i < r->n_edges && !p->request->careful; i++)
        try_neighbour(p, r->edge[i].to, snippet);
    for (size_t i = 0; i < r->n_back_edges && !p->request->careful; i++)
        try_neighbour(p, r->back_edge[i].to, snippet);
    const struct finding *f = p->request->finding;
    for (size_t i = 0; i < f->n_related; i++) {
        const struct document *d = document_at(p->request, f->related[i].at);
        const struct node *path[64];
        size_t n;
        if (!d || !edit_find(d->root, f->related[i].at, path, ARRAY_LEN(path), &n) || n < 3)
            continue;
        struct part part = {d, snippet->document, snippet->document->root};
        span place = p->place;
        p->place = f->related[i].at;
        try_part(p, &part, path[2], NULL);
        p->place = place;
    }
}

/* ---------------------------------------------------------------- a value that stands elsewhere */

static const struct node *leaf_named(struct proposing *p, const struct node *part, str name, unsigned depth)
{
    for (size_t i = 0; i < part->u.map.n && depth < MERGE_DEEPEST; i++) {
        const struct node *value = part->u.map.entry[i].value;
        bool inner = value->kind == NODE_MAP || value->kind == NODE_BLOCK;
        if (value->kind == NODE_BLOCK)
            value = value->u.block->body;
        const struct node *found = inner ? leaf_named(p, value, name, depth + 1) : NULL;
        if (found || (!inner && str_eq(model_fold(p->arena, node_string(part->u.map.entry[i].key)), name)))
            return found ? found : value;
    }
    return NULL;
}

/* The patch of an overlay: what decided is not written in the resource at all. */
static void try_elsewhere(struct proposing *p, const struct snippet *snippet)
{
    const struct finding *f = p->request->finding;
    const struct node *own = p->subject.node;
    span at = f->actual ? value_span(f->actual) : SPAN_NONE;
    bool inside = span_is_inside(at, own->at);
    for (size_t i = 0; i < p->resource->n_companions; i++)
        inside |= span_is_inside(at, p->resource->companion[i]->at);
    size_t dot = str_rfind_char(f->attribute, '.');
    str name = dot == SIZE_MAX ? f->attribute : str_slice(f->attribute, dot + 1, f->attribute.n);
    const struct node *value = at.file && !inside ? leaf_named(p, snippet->document->root, name, 0) : NULL;
    if (!value)
        return;
    struct edits edits = {0};
    struct merge m = propose_merge(p, p->subject.document, snippet->document, &edits, MERGE_JOIN);
    if (merge_at_source(&m, value)) {
        propose_edits(p, &edits, true, STR_NONE);
    } else {
        propose_refusal(p, m.refusal);
        VEC_RELEASE(&edits);
    }
}

/* {Type: ..., Properties: ...} of another type than the subject: a resource without a name. */
static bool name_it(struct proposing *p, struct snippet *s)
{
    str type = node_string(node_find(s->document->root, "Type"));
    if (!str_eq_c(p->format, "cloudformation") || !type.n || str_eq(type, p->subject.type))
        return false;
    size_t at = str_rfind_char(type, ':');
    str text = arena_printf(p->arena, STR_FMT ":\n" STR_FMT, STR_ARG(str_slice(type, at + 1, type.n)),
                            STR_ARG(indented(p, s->text)));
    return snippet_read(text, p->format, p->arena, s);
}

/* Applied without a person, a part that names one thing that it does not have means the subject. */
static bool name_subject(struct proposing *p, struct snippet *s)
{
    str *names = NULL;
    size_t n = p->request->careful ? names_missing(s, p->format, p->subject.type, p->arena, &names) : 0;
    if (!n)
        return true;
    if (n > 1) {
        propose_refusal(p, STR("the fix names several things that are not there"));
        return false;
    }
    str text = names_rename(s, p->format, names[0], subject_reference(p), p->arena);
    return snippet_read(text, p->format, p->arena, s);
}

static bool find_subject(struct proposing *p)
{
    const struct finding *f = p->request->finding;
    str why = STR_NONE;
    if (p->resource) {
        if (subject_find(p->request, p->resource, &p->subject, &why))
            return true;
        propose_refusal(p, why);
        return false;
    }
    p->subject.document = document_at(p->request, f->at);
    if (!p->subject.document || !p->subject.document->root) {
        propose_refusal(p, STR("no file is named to which it could be added"));
        return false;
    }
    p->subject.beside = p->subject.document->root;
    if (str_eq_c(p->format, "cloudformation"))
        p->subject.beside = node_find(p->subject.document->root, "Resources");
    return p->subject.beside != NULL;
}

const struct rule_fix *fix_of(const struct finding *f, const struct graph *g)
{
    str format = graph_unit(g, f->unit)->format;
    if (f->resource) {
        str type = sym_str(f->resource->type);
        format = str_contains(type, STR("::"))  ? STR("cloudformation")
                 : str_contains(type, STR("/")) ? STR("kubernetes")
                                                : STR("terraform");
    }
    for (size_t i = 0; i < f->rule->n_fixes; i++)
        if (str_eq(f->rule->fix[i].format, format))
            return &f->rule->fix[i];
    return NULL;
}

void fix_propose(const struct fix_request *q, struct arena *a, struct fix_candidates *ret)
{
    const struct rule_fix *fix = q->fix ? q->fix : fix_of(q->finding, q->graph);
    struct snippet s;
    *ret = (struct fix_candidates){0};
    if (!fix || fix->by_hand.n) {
        ret->reason = fix ? fix->by_hand : STR("the rule has no fix for this format");
        return;
    }
    struct proposing p = {.request = q,
                          .arena = a,
                          .out = ret,
                          .resource = q->finding->resource,
                          .place = q->finding->at,
                          .format = fix->format};
    if (!snippet_read(fix->text, fix->format, a, &s)) {
        ret->reason = STR("the fix is not a snippet of the format");
        return;
    }
    if (find_subject(&p)) {
        if (s.kind == SNIPPET_WHOLE || name_it(&p, &s)) {
            propose_whole(&p, &s);
        } else if (p.resource && name_subject(&p, &s)) {
            try_elsewhere(&p, &s);
            try_subject(&p, &p.subject, &s);
            try_neighbours(&p, &s);
        }
    }
    ret->reason = p.reason;
    if (!ret->n && !p.reason.n)
        ret->reason = STR("the resource has no place for the fix");
}
