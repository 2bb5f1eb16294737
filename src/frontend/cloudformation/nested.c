#include "frontend/cloudformation/nested.h"

#include "base/path.h"
#include "frontend/cloudformation/assume.h"
#include "frontend/cloudformation/fragment.h"
#include "frontend/cloudformation/intrinsics.h"
#include "frontend/cloudformation/resources.h"

bool cfn_is_stack_type(str type)
{
    return str_eq_c(type, "AWS::CloudFormation::Stack") || str_eq_c(type, "AWS::CloudFormation::StackSet") ||
           str_eq_c(type, "AWS::Serverless::Application");
}

/* Finding the template. */

static const struct node *url_node(const struct cfn_resource *r)
{
    const struct node *p = r->properties;
    if (!p || p->kind != NODE_MAP)
        return NULL;
    const struct node *url = node_find(p, "TemplateURL");
    return url ? url : node_find(p, "Location");
}

/* Components that two paths have in common at their ends. */
static size_t common_tail(str a, str b)
{
    size_t common = 0;
    for (;;) {
        size_t cut_a = str_rfind_char(a, '/'), cut_b = str_rfind_char(b, '/');
        str name_a = str_slice(a, cut_a == SIZE_MAX ? 0 : cut_a + 1, a.n);
        str name_b = str_slice(b, cut_b == SIZE_MAX ? 0 : cut_b + 1, b.n);
        if (!str_eq(name_a, name_b) || name_a.n == 0)
            return common;
        common++;
        if (cut_a == SIZE_MAX || cut_b == SIZE_MAX)
            return common;
        a = str_slice(a, 0, cut_a);
        b = str_slice(b, 0, cut_b);
    }
}

/* Components that two directories have in common at their beginnings: nearness. */
static size_t common_head(str a, str b)
{
    size_t common = 0;
    for (size_t i = 0; i < a.n && i < b.n && a.p[i] == b.p[i]; i++)
        common += a.p[i] == '/';
    return common;
}

static const struct cfn_template *find_packaged(const struct cfn_stack *s, str tail)
{
    const struct cfn_template *best = NULL;
    size_t best_tail = 0, best_head = 0;
    bool tie = false;
    for (size_t i = 0; i < s->run->n_templates; i++) {
        const struct cfn_template *t = &s->run->template[i];
        size_t same = common_tail(t->file->path, tail);
        size_t near = common_head(t->file->path, s->path);
        if (same == 0 || t->document == s->document || same < best_tail || (same == best_tail && near < best_head))
            continue;
        tie = same == best_tail && near == best_head;
        best = t;
        best_tail = same;
        best_head = near;
    }
    return tie ? NULL : best;
}

/* The end of a URL that is known: "templates/vpc.yaml" of https://${Bucket}.s3…/${Prefix}templates/vpc.yaml. */
static str known_tail(const struct value *url)
{
    str text = value_str(url);
    if (value_is(url, VALUE_TEXT))
        text = value_str(url->u.list.item[url->u.list.n - 1]);
    size_t query = str_find_char(text, '?');
    return str_slice(text, 0, query);
}

static bool is_remote(const struct value *url)
{
    if (!value_is(url, VALUE_STRING))
        return true;
    return str_contains(url->u.string, STR("://")) || str_starts(url->u.string, STR("arn:"));
}

static const struct document *open_local(struct cfn_stack *s, str path, span from, bool loud, str *ret_path)
{
    struct diag_list unheard;
    diag_list_init(&unheard, s->arena);
    str full = path_join(s->arena, path_dir(s->path), path);
    const struct document *d = cfn_fragment_open(s->run->inputs, full, s->run->inputs->root, from, s->arena,
                                                 loud ? s->diags : &unheard, ret_path);
    diag_list_release(&unheard);
    return d;
}

static const struct value *first_alternative(const struct value *v)
{
    while (value_is(v, VALUE_CHOICE)) {
        const struct decider *by = v->u.choice.by;
        size_t i = by->default_option < by->n_options ? by->default_option : 0;
        v = v->u.choice.option[i];
    }
    return v;
}

const struct document *cfn_nested_document(struct cfn_stack *s, const struct cfn_resource *r, bool loud, str *ret_path)
{
    const struct node *n = url_node(r);
    const struct node *m = node_find(r->node, "Metadata");
    str asset = m ? node_string(node_find(m, "aws:asset:path")) : STR_NONE;
    if (asset.n > 0 && r->properties && !node_find(r->properties, "TemplateBody"))
        return open_local(s, asset, r->key->at, loud, ret_path);
    if (!n || (n->kind == NODE_MAP && node_find(n, "ApplicationId")))
        return NULL;
    const struct value *url = first_alternative(cfn_eval_in(s, n, r->scope));
    if (!is_remote(url))
        return open_local(s, url->u.string, n->at, loud, ret_path);
    str tail = known_tail(url);
    const struct cfn_template *t = tail.n > 0 ? find_packaged(s, tail) : NULL;
    if (!t)
        return NULL;
    if (ret_path)
        *ret_path = t->file->path;
    return t->document;
}

/* A template in the template: TemplateBody as text, which is its own source. */
static const struct document *body_document(struct cfn_stack *s, const struct cfn_resource *r, str *ret_path)
{
    const struct node *n = r->properties ? node_find(r->properties, "TemplateBody") : NULL;
    const struct value *body = n ? cfn_eval_in(s, n, r->scope) : NULL;
    if (!value_is(body, VALUE_STRING))
        return NULL;
    *ret_path = arena_printf(s->arena, STR_FMT " (TemplateBody of " STR_FMT STR_FMT ")", STR_ARG(s->path),
                             STR_ARG(s->prefix), STR_ARG(r->id));
    const struct source *source = source_add(s->run->inputs->sources, *ret_path, body->u.string);
    return source ? cfn_fragment_read(source, s->arena, s->diags) : NULL;
}

/* Making the stack. */

static void add_argument(struct cfn_stack *s, struct map *arguments, str name, const struct node *n)
{
    struct cfn_argument *a = ARENA_NEW(s->arena, struct cfn_argument);
    a->value = cfn_eval_text(s, n);
    str function;
    const struct node *inner;
    if (cfn_call(n, false, &function, &inner) && str_eq_c(function, "Ref")) {
        const struct cfn_parameter *p = map_find(&s->parameters, node_string(inner));
        a->by_default = p && !cfn_assumed_value(s, p) && p->of_mode[CFN_CONDITIONS] != p->of_mode[CFN_PROPERTIES] &&
                        value_is_known(p->of_mode[CFN_PROPERTIES]);
    }
    if (a->value)
        map_set(arguments, name, a);
}

static void read_arguments(struct cfn_stack *s, const struct cfn_resource *r, struct map *arguments)
{
    const struct node *n = r->properties ? node_find(r->properties, "Parameters") : NULL;
    if (n && n->kind == NODE_LIST && n->u.list.n && n->u.list.item[0]->kind != NODE_MAP)
        cfn_complain(s, DIAG_STRUCTURE, n->at, "Parameters of nested stack \"" STR_FMT "\" must be a mapping",
                     STR_ARG(r->id));
    for (size_t i = 0; n && n->kind == NODE_MAP && i < n->u.map.n; i++)
        add_argument(s, arguments, node_string(n->u.map.entry[i].key), n->u.map.entry[i].value);
    for (size_t i = 0; n && n->kind == NODE_LIST && i < n->u.list.n; i++) {
        const struct node *value = node_find(n->u.list.item[i], "ParameterValue");
        if (value)
            add_argument(s, arguments, node_string(node_find(n->u.list.item[i], "ParameterKey")), value);
    }
}

static bool nests_itself(const struct cfn_stack *s, const struct document *d)
{
    for (; s; s = s->outer) {
        if (s->document == d || s->document->root == d->root)
            return true;
    }
    return false;
}

/* Of a shape that no template can be found by? */
static bool names_no_template(struct cfn_stack *s, const struct cfn_resource *r)
{
    const struct node *n = url_node(r);
    bool has_others = r->properties && (r->properties->kind != NODE_MAP || node_find(r->properties, "TemplateBody") ||
                                        node_find(r->properties, "Fn::Transform"));
    if (!n)
        return !has_others && !node_find(node_find(r->node, "Metadata"), "aws:asset:path");
    if (node_find(n, "ApplicationId"))
        return false;
    const struct value *url = first_alternative(cfn_eval_in(s, n, r->scope));
    return value_is(url, VALUE_LIST) || value_is(url, VALUE_MAP) || value_is(url, VALUE_BOOL);
}

static const struct document *find_document(struct cfn_stack *s, const struct cfn_resource *r, str *ret_path)
{
    const struct document *d = cfn_nested_document(s, r, true, ret_path);
    if (!d)
        d = body_document(s, r, ret_path);
    if (!d && names_no_template(s, r)) {
        cfn_complain(s, DIAG_STRUCTURE, url_node(r) ? url_node(r)->at : r->key->at,
                     "nested stack \"" STR_FMT "\" needs a TemplateURL that is text", STR_ARG(r->id));
        return NULL;
    }
    if (!d) {
        const struct node *url = url_node(r);
        cfn_complain(s, DIAG_NOT_ANALYSED, url ? url->at : r->key->at,
                     "the template of nested stack \"" STR_FMT "\" is not among the scanned files", STR_ARG(r->id));
        return NULL;
    }
    if (nests_itself(s, d)) {
        cfn_complain(s, DIAG_CYCLE, r->key->at, "nested stack \"" STR_FMT "\" contains itself", STR_ARG(r->id));
        return NULL;
    }
    if (s->level + 1 >= LIMIT_MODULE_DEPTH || ++*s->calls > LIMIT_MODULE_CALLS) {
        cfn_complain(s, DIAG_LIMIT, r->key->at, "nested stacks are nested too deeply, or too many");
        return NULL;
    }
    return d;
}

struct cfn_stack *cfn_nested_stack(struct cfn_stack *s, struct cfn_resource *r)
{
    if (r->nested || r->busy || r->is_remote)
        return r->nested;
    r->busy = true;
    str path = s->path;
    const struct document *d = find_document(s, r, &path);
    if (d) {
        struct map arguments;
        map_init(&arguments);
        const struct cfn_scope *outer = s->scope;
        struct cfn_assumed before = cfn_assume_nothing(s);
        (void)cfn_assume(s, cfn_resource_condition(s, r), true);
        enum cfn_mode mode = s->mode;
        s->scope = r->scope;
        s->mode = CFN_PROPERTIES;
        read_arguments(s, r, &arguments);
        s->mode = mode;
        s->scope = outer;
        struct call_site *call = ARENA_NEW(s->arena, struct call_site);
        *call =
            (struct call_site){r->key->at, arena_printf(s->arena, "nested stack " STR_FMT, STR_ARG(r->id)), s->call};
        str prefix = arena_printf(s->arena, STR_FMT STR_FMT ".", STR_ARG(s->prefix), STR_ARG(r->id));
        r->nested = cfn_stack_new(s->run, s->arena, s->diags, d, path, s, &arguments, call, prefix);
        r->nested->world = r->nested->base_world = s->world;
        cfn_assume_end(s, before);
        cfn_stack_adopt(s, r->nested);
        map_release(&arguments);
    }
    r->is_remote = !d;
    r->busy = false;
    return r->nested;
}

const struct value *cfn_nested_output(struct cfn_stack *s, struct cfn_resource *r, str output, const struct node *use)
{
    if (r->busy)
        return NULL;
    struct cfn_stack *nested = cfn_nested_stack(s, r);
    if (!nested)
        return NULL;
    struct cfn_output *o = map_find(&nested->outputs, output);
    if (!o) {
        if (!nested->has_macro && !nested->has_remote_parts)
            cfn_complain(s, DIAG_REFERENCE, use->at, "nested stack \"" STR_FMT "\" has no output \"" STR_FMT "\"",
                         STR_ARG(r->id), STR_ARG(output));
        return NULL;
    }
    const struct node *n = node_find(o->node, "Value");
    if (!n)
        return NULL;
    if (!o->value) {
        unsigned depth = nested->depth;
        nested->depth = s->depth;
        r->busy = true;
        struct cfn_assumed before = cfn_assume_nothing(nested);
        o->value = cfn_eval_in(nested, n, o->scope);
        cfn_assume_end(nested, before);
        r->busy = false;
        nested->depth = depth;
    }
    if (!o->value)
        return NULL;
    struct value *used = value_copy(s->arena, o->value);
    str note = arena_printf(s->arena, "output " STR_FMT " of nested stack " STR_FMT, STR_ARG(output), STR_ARG(r->id));
    used->origin = origin_new(s->arena, use->at, note, o->value->origin);
    return used;
}
