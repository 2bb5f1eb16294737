#include "frontend/terraform/plan_json.h"

#include "base/path.h"
#include "base/vec.h"
#include "frontend/terraform/number.h"
#include "frontend/terraform/values.h"
#include "graph/graph.h"

struct plan {
    struct arena *arena;
    struct graph_builder *builder;
    struct inputs *inputs;
    const struct module_files *files;
    struct diag_list *diags;
    const struct node *root;
    str unit_key;
    str dir;
    struct map changes; /* address -> node of resource_changes[] */
    struct map modules; /* path of calls ("a.b") -> struct terraform_module *, NULL when not there */
};

/* One resource while it is read. */
struct subject {
    struct plan *plan;
    str module; /* address of its module: "module.a[0]" */
    unsigned depth;
};

static const struct node *get(const struct node *n, const char *key)
{
    return n && n->kind == NODE_MAP ? node_find(n, key) : NULL;
}

static const struct node *get_str(const struct node *n, str key)
{
    const struct node_entry *e = n && n->kind == NODE_MAP ? node_find_entry(n, key) : NULL;
    return e ? e->value : NULL;
}

static bool is_true(const struct node *n)
{
    return n && n->kind == NODE_BOOL && n->u.boolean;
}

/* References of configuration, longest first; "aws_kms_key.k.arn" comes before "aws_kms_key.k". */

static bool is_resource_name(str s)
{
    static const char *const roots[] = {"var.", "local.", "module.", "each.", "count.", "path.", "terraform.", "self."};
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        if (str_starts(s, str_of(roots[i])))
            return false;
    }
    return str_find_char(s, '.') != SIZE_MAX;
}

static const struct ref *ref_of(struct subject *s, str text)
{
    struct arena *a = s->plan->arena;
    struct ref *ref = ARENA_NEW(a, struct ref);
    size_t dots = 0, wanted = str_starts(text, STR("data.")) ? 3 : 2, at = 0;
    bool bracket = false;
    for (; at < text.n; at++) {
        bracket = text.p[at] == '[' ? true : text.p[at] == ']' ? false : bracket;
        if (text.p[at] == '.' && !bracket && ++dots == wanted)
            break;
    }
    str address = str_slice(text, 0, at);
    ref->unit_key = s->plan->unit_key;
    ref->address = s->module.n ? arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(s->module), STR_ARG(address)) : address;
    ref->attribute = str_slice(text, at + 1, text.n);
    return ref;
}

static const struct ref *refs_of(struct subject *s, const struct node *expression)
{
    const struct node *list = get(expression, "references");
    const struct ref *all = NULL;
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->u.list.n && i < 32; i++) {
        str text = node_string(list->u.list.item[i]);
        if (!is_resource_name(text))
            continue;
        const struct ref *ref = ref_of(s, text);
        bool shorter = false;
        for (const struct ref *r = all; r; r = r->next)
            shorter |= str_eq(r->address, ref->address) && !ref->attribute.n;
        if (!shorter)
            all = tf_refs_join(s->plan->arena, all, ref);
    }
    return all;
}

/* Values. */

static const struct origin *origin_of(struct subject *s, const struct node *json, const struct node *source)
{
    const struct origin *o = origin_new(s->plan->arena, json->at, STR("plan"), NULL);
    return source && source->at.file ? origin_new(s->plan->arena, source->at, STR_NONE, o) : o;
}

static const struct value *value_of(struct subject *s, const struct node *n, const struct node *unknown,
                                    const struct node *expression, const struct node *source);

static const struct value *unknown_value(struct subject *s, const struct node *at, const struct node *expression,
                                         const struct node *source)
{
    struct arena *a = s->plan->arena;
    const struct ref *refs = refs_of(s, expression);
    str reason = STR("known after apply");
    if (refs)
        reason = arena_printf(a, "known after apply: " STR_FMT "%s" STR_FMT, STR_ARG(refs->address),
                              refs->attribute.n ? "." : "", STR_ARG(refs->attribute));
    const struct origin *o = origin_of(s, at, source);
    return refs ? value_ref(a, refs, reason, o) : value_unknown(a, reason, o);
}

static const struct node *block_source(const struct node *body, str name, size_t i)
{
    for (size_t k = 0; body && body->kind == NODE_BODY && k < body->u.map.n; k++) {
        const struct node *v = body->u.map.entry[k].value;
        if (v && v->kind == NODE_BLOCK && str_eq(v->u.block->type, name) && i-- == 0)
            return v->u.block->body;
    }
    return NULL;
}

static const struct value *list_of(struct subject *s, const struct node *n, const struct node *unknown,
                                   const struct node *expression, const struct node *source, str name)
{
    struct arena *a = s->plan->arena;
    const struct value **items = ARENA_ARRAY(a, const struct value *, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++) {
        const struct node *u =
            unknown && unknown->kind == NODE_LIST && i < unknown->u.list.n ? unknown->u.list.item[i] : NULL;
        const struct node *e =
            expression && expression->kind == NODE_LIST && i < expression->u.list.n ? expression->u.list.item[i] : NULL;
        items[i] = value_of(s, n->u.list.item[i], u, e, block_source(source, name, i));
    }
    return value_list(a, items, n->u.list.n, origin_of(s, n, NULL));
}

static const struct value *map_of(struct subject *s, const struct node *n, const struct node *unknown,
                                  const struct node *expression, const struct node *source)
{
    struct arena *a = s->plan->arena;
    size_t more = unknown && unknown->kind == NODE_MAP ? unknown->u.map.n : 0, count = 0;
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n->u.map.n + more);
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        str key = node_string(e->key);
        const struct node *u = get_str(unknown, key), *x = get_str(expression, key);
        const struct node_entry *src = source ? node_find_entry(source, key) : NULL;
        const struct value *v;
        if (is_true(u))
            v = unknown_value(s, e->value, x, src ? src->value : NULL);
        else if (e->value->kind == NODE_NULL)
            continue;
        else if (e->value->kind == NODE_LIST)
            v = list_of(s, e->value, u, x, source, key);
        else
            v = value_of(s, e->value, u, x, src ? src->value : NULL);
        entries[count++] = (struct value_entry){key, src ? src->key->at : e->key->at, v};
    }
    for (size_t i = 0; i < more; i++) {
        const struct node_entry *e = &unknown->u.map.entry[i];
        str key = node_string(e->key);
        if (!is_true(e->value) || node_find_entry(n, key))
            continue;
        const struct node_entry *src = source ? node_find_entry(source, key) : NULL;
        entries[count++] =
            (struct value_entry){key, src ? src->key->at : e->key->at,
                                 unknown_value(s, e->value, get_str(expression, key), src ? src->value : NULL)};
    }
    return value_map(a, entries, count, origin_of(s, n, source));
}

static const struct value *value_of(struct subject *s, const struct node *n, const struct node *unknown,
                                    const struct node *expression, const struct node *source)
{
    struct arena *a = s->plan->arena;
    const struct value *v;
    if (is_true(unknown))
        return unknown_value(s, n, expression, source);
    if (++s->depth > LIMIT_DEPTH)
        return value_unknown(a, STR("nested too deeply"), NULL);
    const struct origin *o = origin_of(s, n, source);
    switch ((enum node_kind)n->kind) {
    case NODE_BOOL:
        v = value_bool(a, n->u.boolean, o);
        break;
    case NODE_NUMBER:
        v = number_value_of(a, n->u.number.text, o);
        v = v ? v : value_number(a, n->u.number.value, o);
        break;
    case NODE_STRING:
        v = value_string(a, n->u.string, o);
        break;
    case NODE_LIST:
        v = list_of(s, n, unknown, expression, NULL, STR_NONE);
        break;
    case NODE_MAP:
        v = map_of(s, n, unknown, expression, source);
        break;
    default:
        v = value_null(a, o);
        break;
    }
    s->depth--;
    const struct ref *refs = v->kind != VALUE_MAP ? refs_of(s, expression) : NULL;
    return refs ? tf_with_marks(a, v, 0, refs) : v;
}

/* Sources and configuration by the path of calls. */

static str call_path(struct arena *a, str module)
{
    struct buf out;
    bool bracket = false;
    buf_init(&out, LIMIT_PATH_BYTES);
    for (size_t i = 0; i < module.n; i++) {
        bracket = module.p[i] == '[' ? true : bracket;
        if (!bracket)
            buf_add_char(&out, module.p[i]);
        if (module.p[i] == ']')
            bracket = false;
    }
    str s = buf_copy(&out, a);
    buf_release(&out);
    return s;
}

/* "module.a.module.b" one call at a time: the rest after the first name. */
static str next_call(str path, str *rest)
{
    str s = str_starts(path, STR("module.")) ? str_slice(path, 7, path.n) : path;
    return str_cut(s, '.', rest);
}

static const struct terraform_module *source_module(struct plan *p, str path)
{
    if (map_has(&p->modules, path))
        return map_find(&p->modules, path);
    struct terraform_module *m = NULL;
    size_t dot = path.n ? str_rfind_char(path, '.') : SIZE_MAX;
    if (path.n == 0) {
        m = module_read(p->inputs, p->files, p->dir, NULL, p->arena, p->diags);
    } else {
        str name = str_slice(path, dot + 1, path.n);
        size_t outer_end = dot != SIZE_MAX && dot > 7 ? dot - 7 : 0; /* before ".module" */
        const struct terraform_module *outer = source_module(p, str_slice(path, 0, outer_end));
        const struct declaration *d = outer ? map_find(&outer->call.by_key, name) : NULL;
        str source = d ? node_string(node_find(d->body, "source")) : STR_NONE;
        if (str_starts(source, STR(".")))
            m = module_read(p->inputs, p->files, path_normalise(p->arena, path_join(p->arena, outer->dir, source)),
                            NULL, p->arena, p->diags);
    }
    map_set(&p->modules, path, m);
    return m;
}

static const struct node *configuration(struct plan *p, str path, str type, str name, bool data)
{
    const struct node *module = get(get(p->root, "configuration"), "root_module");
    while (path.n && module) {
        str rest;
        str call = next_call(path, &rest);
        module = get(get_str(get(module, "module_calls"), call), "module");
        path = rest;
    }
    const struct node *list = get(module, "resources");
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->u.list.n; i++) {
        const struct node *r = list->u.list.item[i];
        if (str_eq(node_string(get(r, "type")), type) && str_eq(node_string(get(r, "name")), name) &&
            str_eq_c(node_string(get(r, "mode")), "data") == data)
            return get(r, "expressions");
    }
    return NULL;
}

/* Resources. */

static const struct call_site *call_sites(struct plan *p, str module)
{
    struct call_site *site = NULL;
    str done = STR_NONE, rest = module;
    while (rest.n) {
        size_t from = (size_t)(rest.p - module.p);
        str name = next_call(call_path(p->arena, rest), &done);
        const struct terraform_module *outer =
            source_module(p, call_path(p->arena, str_slice(module, 0, from ? from - 1 : 0)));
        const struct declaration *d = outer ? map_find(&outer->call.by_key, name) : NULL;
        size_t at = str_find(str_slice(rest, 7, rest.n), STR(".module."));
        size_t end = at == SIZE_MAX ? rest.n : at + 7;
        struct call_site *inner = ARENA_NEW(p->arena, struct call_site);
        *inner = (struct call_site){d ? d->header : SPAN_NONE, str_slice(rest, 0, end), site};
        if (d)
            site = inner;
        rest = at == SIZE_MAX ? STR_NONE : str_slice(rest, end + 1, rest.n);
    }
    return site;
}

static void add_resource(struct plan *p, const struct node *n)
{
    str address = node_string(get(n, "address")), type = node_string(get(n, "type")),
        name = node_string(get(n, "name"));
    bool data = str_eq_c(node_string(get(n, "mode")), "data");
    str key = arena_printf(p->arena, "%s" STR_FMT "." STR_FMT, data ? "data." : "", STR_ARG(type), STR_ARG(name));
    if (!address.n || !type.n) {
        diag_add(p->diags, DIAG_STRUCTURE, n->at, "a resource of a plan needs address and type");
        return;
    }
    size_t at = str_find(address, key);
    str module = at != SIZE_MAX && at > 0 ? str_slice(address, 0, at - 1) : STR_NONE;
    str path = call_path(p->arena, module);
    const struct terraform_module *source = source_module(p, path);
    const struct declaration *d = source ? map_find(&source->resource.by_key, key) : NULL;
    const struct node *change = get(map_find(&p->changes, address), "change");
    struct subject s = {.plan = p, .module = module};
    struct resource *r = graph_add(p->builder, type, address);
    r->name = name;
    r->is_data = data;
    r->at = d ? d->at : n->at;
    r->header = d ? d->header : n->at;
    r->call = call_sites(p, module);
    r->instance = at != SIZE_MAX ? str_slice(address, at + key.n, address.n) : STR_NONE;
    r->incomplete = n->flags & NODE_INCOMPLETE;
    const struct node *values = get(n, "values");
    if (values && values->kind != NODE_MAP && values->kind != NODE_NULL)
        diag_add(p->diags, DIAG_STRUCTURE, values->at, "values must be an object");
    static const struct node empty = {.kind = NODE_MAP};
    r->raw = map_of(&s, values && values->kind == NODE_MAP ? values : &empty, get(change, "after_unknown"),
                    configuration(p, path, type, name, data), d && d->body->kind == NODE_BODY ? d->body : NULL);
    r->metadata = value_map(p->arena, NULL, 0, NULL);
}

static void add_module(struct plan *p, const struct node *module, unsigned depth)
{
    const struct node *resources = get(module, "resources"), *children = get(module, "child_modules");
    if (depth > LIMIT_MODULE_DEPTH) {
        diag_add(p->diags, DIAG_LIMIT, module->at, "modules are nested too deeply");
        return;
    }
    if (module->kind != NODE_MAP)
        diag_add(p->diags, DIAG_STRUCTURE, module->at, "a module of a plan must be an object");
    const struct node *lists[] = {resources, children};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (lists[i] && lists[i]->kind != NODE_LIST && lists[i]->kind != NODE_NULL)
            diag_add(p->diags, DIAG_STRUCTURE, lists[i]->at, "%s must be a list", i ? "child_modules" : "resources");
    for (size_t i = 0; resources && resources->kind == NODE_LIST && i < resources->u.list.n; i++)
        add_resource(p, resources->u.list.item[i]);
    for (size_t i = 0; children && children->kind == NODE_LIST && i < children->u.list.n; i++)
        add_module(p, children->u.list.item[i], depth + 1);
}

static void index_changes(struct plan *p)
{
    const struct node *list = get(p->root, "resource_changes");
    for (size_t i = 0; list && list->kind == NODE_LIST && i < list->u.list.n; i++) {
        str address = node_string(get(list->u.list.item[i], "address"));
        if (address.n)
            map_set(&p->changes, address, (void *)(uintptr_t)list->u.list.item[i]);
    }
}

static void check_version(struct plan *p)
{
    const struct node *n = get(p->root, "format_version");
    str rest;
    str major = str_cut(node_string(n), '.', &rest);
    if (!str_eq_c(major, "0") && !str_eq_c(major, "1"))
        diag_add(p->diags, DIAG_UNSUPPORTED, n ? n->at : p->root->at,
                 "plan format " STR_FMT " is not known; it is read as version 1", STR_ARG(node_string(n)));
}

struct plan_job {
    struct input_file *file;
    struct module_files *files;
};

static void run_plan(struct frontend_job *job, struct graph *g)
{
    struct plan_job *data = job->data;
    struct input_file *f = data->file;
    struct graph_builder *b =
        graph_unit_begin(g, f->path, STR("terraform"), job->order, job->inputs->sources, &job->diags);
    struct plan p = {.arena = b->arena,
                     .builder = b,
                     .inputs = job->inputs,
                     .files = data->files,
                     .diags = &job->diags,
                     .root = f->documents.n ? f->documents.at[0].root : NULL,
                     .unit_key = b->unit.name,
                     .dir = path_dir(f->path)};
    map_init(&p.changes);
    map_init(&p.modules);
    b->unit.incomplete = f->incomplete;
    if (p.root) {
        check_version(&p);
        index_changes(&p);
        const struct node *values = get(p.root, "planned_values");
        const struct node *root = get(values ? values : get(p.root, "values"), "root_module");
        if (root)
            add_module(&p, root, 0);
        else
            b->unit.incomplete = true;
    }
    for (size_t i = 0; i < p.modules.n; i++) {
        if (p.modules.at[i].value)
            module_release(p.modules.at[i].value);
    }
    map_release(&p.changes);
    map_release(&p.modules);
}

bool plan_json_is_complete(const struct input_file *f)
{
    return !f->incomplete && f->documents.n == 1 && get(f->documents.at[0].root, "planned_values");
}

void plan_json_job(struct input_file *f, struct module_files *files, struct arena *a, struct frontend_jobs *jobs)
{
    struct plan_job *data = ARENA_NEW(a, struct plan_job);
    *data = (struct plan_job){f, files};
    struct frontend_job job = {.name = f->path, .run = run_plan, .data = data};
    VEC_PUSH(jobs, job);
}
