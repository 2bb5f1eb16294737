/* Manifests of a snippet follow the subject: namespace, name, and the labels by which pods are selected. The same for
 * Terraform's kubernetes_* resources. */
#include "fix/fix_internal.h"

enum { DEEPEST = 24 };

struct follow {
    struct proposing *p;
    struct snippet *snippet;
    struct edits edits;
    str name, space; /* of the subject */
    bool is_namespace;
    const struct value *labels; /* of its pods; NULL: none are known */
};

static void replace(struct follow *f, const struct node *n, str text)
{
    struct edit e = {n->at, text};
    VEC_PUSH(&f->edits, e);
}

static str quoted(struct follow *f, str text)
{
    bool plain = f->snippet->document->language == LANGUAGE_YAML && text.n && text.p[0] >= 'a' && text.p[0] <= 'z';
    for (size_t i = 0; i < text.n && plain; i++)
        plain = (text.p[i] >= 'a' && text.p[i] <= 'z') || (text.p[i] >= '0' && text.p[i] <= '9') || text.p[i] == '-';
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
    for (size_t i = 0; i < ARRAY_LEN(words) && plain; i++)
        plain = !str_eq_c(text, words[i]);
    if (plain)
        return text;
    return arena_printf(f->p->arena, "\"" STR_FMT "\"", STR_ARG(text));
}

static const struct node *inside_of(const struct node *n)
{
    return n && n->kind == NODE_BLOCK ? n->u.block->body : n;
}

static bool is_map(const struct node *n)
{
    return n && (n->kind == NODE_MAP || n->kind == NODE_BODY);
}

/* ---------------------------------------------------------------- labels */

static bool is_plain(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '"' || s.p[i] == '\\' || (unsigned char)s.p[i] < 0x20 || s.p[i] == '$' || s.p[i] == '%')
            return false;
    return s.n > 0;
}

static bool are_known(const struct value *labels)
{
    for (size_t i = 0; labels && i < labels->u.map.n; i++)
        if (!is_plain(labels->u.map.entry[i].key) || !is_plain(value_str(labels->u.map.entry[i].value)))
            return false;
    return labels && labels->u.map.n > 0;
}

static str labels_text(struct follow *f, bool hcl)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    buf_add_c(&b, hcl ? "{ " : "{");
    for (size_t i = 0; i < f->labels->u.map.n; i++) {
        str key = f->labels->u.map.entry[i].key, value = value_str(f->labels->u.map.entry[i].value);
        buf_printf(&b, "%s\"" STR_FMT "\"%s\"" STR_FMT "\"", i ? ", " : "", STR_ARG(key), hcl ? " = " : ": ",
                   STR_ARG(value));
    }
    buf_add_c(&b, hcl ? " }" : "}");
    str s = buf_copy(&b, f->p->arena);
    buf_release(&b);
    return s;
}

static bool is_selector(str key, const struct node *value)
{
    if (!is_map(value) || value->kind != NODE_MAP)
        return false;
    if (str_eq_c(key, "matchLabels") || str_eq_c(key, "match_labels"))
        return true;
    for (size_t i = 0; i < value->u.map.n; i++)
        if (value->u.map.entry[i].value->kind != NODE_STRING)
            return false;
    return str_eq_c(key, "selector") && value->u.map.n > 0;
}

static void follow_selectors(struct follow *f, const struct node *map, unsigned depth)
{
    bool hcl = f->snippet->document->language == LANGUAGE_HCL;
    for (size_t i = 0; i < map->u.map.n && depth < DEEPEST; i++) {
        const struct node *value = inside_of(map->u.map.entry[i].value);
        if (is_selector(node_string(map->u.map.entry[i].key), value))
            replace(f, value, labels_text(f, hcl));
        else if (is_map(value))
            follow_selectors(f, value, depth + 1);
    }
}

/* ---------------------------------------------------------------- names */

static const struct node *string_in(const struct node *map, const char *key)
{
    const struct node *n = is_map(map) ? node_find(map, key) : NULL;
    return n && n->kind == NODE_STRING ? n : NULL;
}

static const struct node *part_of(const struct node *map, const char *key)
{
    return inside_of(is_map(map) ? node_find(map, key) : NULL);
}

static void set_text(struct follow *f, const struct node *n, str text)
{
    if (n && text.n && !str_eq(n->u.string, text))
        replace(f, n, quoted(f, text));
}

static const char *const targets[] = {"scaleTargetRef", "scale_target_ref", "targetRef", "target_ref"};

/* One manifest: `same` when it is merged into the subject. */
static void follow_manifest(struct follow *f, const struct node *root, bool same)
{
    const struct node *metadata = part_of(root, "metadata"), *spec = part_of(root, "spec");
    const struct node *space = string_in(metadata, "namespace");
    set_text(f, space, f->space);
    if (same || !f->is_namespace)
        set_text(f, string_in(metadata, "name"), same || f->labels ? f->name : STR_NONE);
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        set_text(f, string_in(part_of(spec, targets[i]), "name"), f->name);
    if (space && !f->space.n) {
        struct editor e = {
            .to = f->snippet->document, .from = f->snippet->document, .arena = f->p->arena, .edits = &f->edits};
        const struct node_entry *entry = node_find_entry(metadata, STR("namespace"));
        edit_remove(&e, metadata, entry);
    }
    if (!same && f->labels && is_map(spec))
        follow_selectors(f, spec, 0);
}

static str attribute_text(const struct resource *r, const char *path)
{
    return value_str(value_path(r->attributes, str_of(path)));
}

static bool is_kubernetes(const struct proposing *p)
{
    return str_starts(sym_str(p->resource->kind), STR("k8s."));
}

bool manifest_follow(struct proposing *p, struct snippet *s)
{
    if (!p->resource || !is_kubernetes(p))
        return true;
    const struct value *labels = value_path(p->resource->attributes, STR("pod_labels"));
    struct follow f = {.p = p,
                       .snippet = s,
                       .name = attribute_text(p->resource, "name"),
                       .space = attribute_text(p->resource, "namespace"),
                       .is_namespace = str_eq_c(sym_str(p->resource->kind), "k8s.namespace"),
                       .labels = value_is(labels, VALUE_MAP) && are_known(labels) ? labels : NULL};
    if (f.is_namespace)
        f.space = f.name;
    for (size_t i = 0; i < s->documents.n; i++) {
        const struct node *root = s->documents.at[i].root;
        if (root->kind == NODE_MAP) {
            const struct node *own = p->subject.node;
            str kind = arena_printf(p->arena, "/" STR_FMT, STR_ARG(node_string(node_find(root, "kind"))));
            if (resource_of_name(p, kind, node_string(node_find(node_find(root, "metadata"), "name"))))
                continue;
            follow_manifest(&f, root,
                            own && str_eq(node_string(node_find(root, "kind")), node_string(node_find(own, "kind"))));
            continue;
        }
        for (size_t k = 0; k < root->u.map.n; k++) {
            const struct node *b = root->u.map.entry[k].value;
            if (b->kind == NODE_BLOCK && b->u.block->n_labels == 2)
                follow_manifest(&f, b->u.block->body, str_eq(node_string(b->u.block->label[0]), p->subject.type));
        }
    }
    bool ok = edits_sort(f.edits.at, f.edits.n);
    if (ok && f.edits.n) {
        str text = edits_apply(s->text, 0, f.edits.at, f.edits.n, p->arena);
        ok = snippet_read(text, p->format, p->arena, s);
    }
    VEC_RELEASE(&f.edits);
    if (!ok)
        propose_refusal(p, STR("the fix cannot be given the names of the resource"));
    return ok;
}
