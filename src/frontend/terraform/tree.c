#include "frontend/terraform/tree.h"

#include "base/path.h"
#include "syntax/json.h"

/* Modules. */

static void read_manifest(struct tree *t)
{
    str path = path_join(t->arena, t->root_dir, STR(".terraform/modules/modules.json"));
    struct stat st;
    if (lstat(arena_cstr(t->arena, path), &st) != 0) {
        path_note_trouble(path);
        return;
    }
    struct input_file *f = inputs_open(t->inputs, path, t->allowed, SPAN_NONE, t->diags);
    if (!f)
        return;
    struct document d = json_read(f->source, t->arena, t->diags);
    const struct node *modules = node_find(d.root, "Modules");
    if (d.root && (!modules || modules->kind != NODE_LIST))
        diag_add(t->diags, DIAG_STRUCTURE, modules ? modules->at : d.root->at, "Modules must be a list");
    for (size_t i = 0; modules && modules->kind == NODE_LIST && i < modules->u.list.n; i++) {
        const struct node *item = modules->u.list.item[i];
        str key = node_string(node_find(item, "Key")), dir = node_string(node_find(item, "Dir"));
        if (item->kind != NODE_MAP || (key.n && !dir.n))
            diag_add(t->diags, DIAG_STRUCTURE, item->at, "an installed module needs Key and Dir");
        if (key.n && dir.n)
            map_add(&t->manifest, key, arena_copy(t->arena, &dir, sizeof(dir)));
    }
}

void tree_init(struct tree *t, struct inputs *in, const struct frontend_options *o, const struct module_files *files,
               const struct module_dir *own, str root_dir, struct arena *a, struct diag_list *diags)
{
    memset(t, 0, sizeof(*t));
    t->arena = a;
    t->own = arena_new();
    t->inputs = in;
    t->options = o;
    t->files = files;
    t->own_dir = own;
    t->diags = diags;
    t->root_dir = root_dir;
    t->allowed = in ? in->root : STR_NONE;
    map_init(&t->modules);
    map_init(&t->manifest);
    map_init(&t->tfvars);
    map_init(&t->template);
    eval_init(&t->eval, a, diags);
    t->eval.tree = t;
    read_manifest(t);
    t->root = module_instance_new(t, tree_module(t, root_dir), NULL);
    variables_check(t);
}

void tree_release(struct tree *t)
{
    for (size_t i = 0; i < t->instances.n; i++) {
        struct module_instance *m = t->instances.at[i];
        map_release(&m->resources);
        map_release(&m->calls);
        map_release(&m->deciders);
    }
    for (size_t i = 0; i < t->modules.n; i++)
        module_release(t->modules.at[i].value);
    VEC_RELEASE(&t->instances);
    map_release(&t->modules);
    map_release(&t->manifest);
    map_release(&t->tfvars);
    map_release(&t->template);
    eval_release(&t->eval);
    arena_free(t->own);
}

const struct terraform_module *tree_module(struct tree *t, str dir)
{
    struct terraform_module *m = map_find(&t->modules, dir);
    if (m)
        return m;
    m = module_read(t->inputs, t->files, dir, t->own_dir, t->arena, t->diags);
    map_set(&t->modules, m->dir, m);
    t->incomplete |= m->incomplete;
    eval_allow(&t->eval, m->n_bytes);
    return m;
}

struct module_instance *module_instance_new(struct tree *t, const struct terraform_module *module,
                                            struct module_instance *parent)
{
    struct module_instance *m = ARENA_NEW(t->own, struct module_instance);
    m->tree = t;
    m->module = module;
    m->parent = parent;
    m->level = parent ? parent->level + 1 : 0;
    VEC_PUSH(&t->instances, m);
    return m;
}

/* Memos. */

typedef const struct value *evaluate_fn(struct module_instance *m, struct declaration *d);

static const struct value *evaluate_local(struct module_instance *m, struct declaration *d)
{
    return eval_expression(&m->tree->eval, d->body, scope_of(m, NULL, NULL));
}

static const struct value *evaluate_output(struct module_instance *m, struct declaration *d)
{
    struct evaluator *e = &m->tree->eval;
    const struct node *value = node_find(d->body, "value"), *sensitive = node_find(d->body, "sensitive");
    const struct value *v =
        value ? eval_expression(e, value, scope_of(m, NULL, NULL)) : value_null(e->arena, eval_origin(e, d->at));
    if (sensitive && sensitive->kind == NODE_BOOL && sensitive->u.boolean)
        v = tf_with_marks(e->arena, v, VALUE_SENSITIVE, NULL);
    return v;
}

/* What a declaration is worth, as a step from where it is asked for. */
static const struct value *remembered(struct module_instance *m, const struct declarations *all, struct memo **memos,
                                      struct declaration *d, const char *kind, evaluate_fn *fn, span at)
{
    struct arena *a = m->tree->arena;
    if (!*memos)
        *memos = ARENA_ARRAY(a, struct memo, all->n);
    if (!d->shown.n)
        d->shown = arena_printf(a, "%s." STR_FMT, kind, STR_ARG(d->name));
    struct memo *memo = &(*memos)[d->index];
    if (memo->state == MEMO_BUSY)
        return eval_fail_as(&m->tree->eval, DIAG_CYCLE, at, STR_FMT " depends on itself", STR_ARG(d->shown));
    if (memo->state == MEMO_NEW) {
        memo->state = MEMO_BUSY;
        memo->value = fn(m, d);
        memo->state = MEMO_DONE;
    }
    return memo->value->flags & (TF_LAZY | TF_RESOURCE) ? memo->value : tf_step(a, memo->value, at, d->shown);
}

const struct value *tree_variable(struct module_instance *m, str name, span at)
{
    const struct declarations *all = &m->module->variable;
    struct declaration *d = map_find(&all->by_key, name);
    if (!d)
        return eval_fail_as(&m->tree->eval, DIAG_REFERENCE, at, "there is no variable \"" STR_FMT "\"", STR_ARG(name));
    return remembered(m, all, &m->variable, d, "var", variables_value, at);
}

const struct value *tree_local(struct module_instance *m, str name, span at)
{
    const struct declarations *all = &m->module->local;
    struct declaration *d = map_find(&all->by_key, name);
    if (!d)
        return eval_fail_as(&m->tree->eval, DIAG_REFERENCE, at, "there is no local value \"" STR_FMT "\"",
                            STR_ARG(name));
    return remembered(m, all, &m->local, d, "local", evaluate_local, at);
}

const struct value *tree_output(struct module_instance *m, str name, span at)
{
    const struct declarations *all = &m->module->output;
    struct declaration *d = map_find(&all->by_key, name);
    if (!d)
        return eval_fail_as(&m->tree->eval, DIAG_REFERENCE, at, "the module has no output \"" STR_FMT "\"",
                            STR_ARG(name));
    return remembered(m, all, &m->output, d, "output", evaluate_output, at);
}

/* What `type.name` or `module.name` is worth: the one instance, a list, or a map; a choice of those where
 * count or for_each is one. */

struct gathering {
    struct arena *arena;
    const struct expansion *x;
    const struct value *const *item;
    const struct ref *ref;
    span at;
};

static bool has_key(const struct value *each, str key)
{
    if (each->kind == VALUE_MAP)
        return tf_lookup(each, key) != NULL;
    for (size_t i = 0; each->kind == VALUE_LIST && i < each->u.list.n; i++) {
        if (str_eq(value_str(each->u.list.item[i]), key))
            return true;
    }
    return false;
}

static const struct value *gather_list(struct gathering *g, size_t n)
{
    const struct value **items = ARENA_ARRAY(g->arena, const struct value *, n);
    for (size_t i = 0; i < n; i++)
        items[i] = g->item[i];
    struct value *v = value_copy(g->arena, tf_tuple(g->arena, items, n, origin_new(g->arena, g->at, STR_NONE, NULL)));
    v->ref = g->ref;
    v->flags |= TF_RESOURCE | (g->x->open ? VALUE_PARTIAL : 0);
    return v;
}

static const struct value *gather_map(struct gathering *g, const struct value *each)
{
    const struct expansion *x = g->x;
    struct value_entry *entries = ARENA_ARRAY(g->arena, struct value_entry, x->n);
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++) {
        str key = x->at[i].open ? STR("") : value_str(x->at[i].key);
        if (x->at[i].open || !each || has_key(each, key))
            entries[n++] = (struct value_entry){key, value_span(x->at[i].key), g->item[i]};
    }
    struct value *v =
        value_copy(g->arena, tf_object(g->arena, entries, n, origin_new(g->arena, g->at, STR_NONE, NULL)));
    v->ref = g->ref;
    v->flags |= TF_RESOURCE | (x->open ? VALUE_PARTIAL : 0);
    return v;
}

static const struct value *gather_alternative(void *context, const struct value *v)
{
    struct gathering *g = context;
    int64_t n;
    if (g->x->mode == EXPAND_EACH)
        return gather_map(g, v);
    return gather_list(g, tf_int_of(v, &n) && n >= 0 && (size_t)n <= g->x->n ? (size_t)n : g->x->n);
}

static const struct value *gather(struct arena *a, const struct expansion *x, const struct value *const *item,
                                  const struct ref *ref, span at)
{
    struct gathering g = {a, x, item, ref, at};
    if (x->mode == EXPAND_NONE)
        return item[0];
    if (!x->open && value_is(x->decided, VALUE_CHOICE))
        return value_lift(a, x->decided, gather_alternative, &g);
    return x->mode == EXPAND_COUNT ? gather_list(&g, x->n) : gather_map(&g, NULL);
}

/* Resources. */

static str address_in(struct module_instance *m, str key, str suffix)
{
    return arena_printf(m->tree->arena, STR_FMT "%s" STR_FMT STR_FMT, STR_ARG(m->address), m->address.n ? "." : "",
                        STR_ARG(key), STR_ARG(suffix));
}

static const struct ref *ref_to(struct module_instance *m, str key, str suffix)
{
    struct ref *ref = ARENA_NEW(m->tree->arena, struct ref);
    ref->unit_key = m->tree->root_dir;
    ref->address = address_in(m, key, suffix);
    return ref;
}

static void evaluate_set(struct module_instance *m, struct resource_set *set)
{
    struct evaluator *e = &m->tree->eval;
    const struct declaration *d = set->declaration;
    expand(e, d->body, scope_of(m, NULL, NULL), d->header, &set->expansion);
    size_t n = set->expansion.n;
    set->raw = ARENA_ARRAY(m->tree->own, const struct value *, n);
    for (size_t i = 0; i < n; i++) {
        const struct scope *s = scope_of(m, &set->expansion.at[i], &set->expansion);
        const struct value *raw = body_value(e, d->body, s, true);
        if (d->is_data)
            raw = data_source_value(m, d, raw);
        set->raw[i] = d->incomplete ? tf_with_marks(e->arena, raw, VALUE_PARTIAL, NULL) : raw;
    }
}

/* What `type.name` is worth to those who ask. */
static const struct value *reference_to_set(struct module_instance *m, struct resource_set *set)
{
    struct arena *a = m->tree->arena;
    const struct declaration *d = set->declaration;
    size_t n = set->expansion.n;
    if (set->whole)
        return set->whole;
    const struct value **items = ARENA_ARRAY(m->tree->own, const struct value *, n);
    for (size_t i = 0; i < n; i++) {
        struct value *item = value_copy(a, set->raw[i]);
        item->flags |= TF_RESOURCE | VALUE_IS_BLOCK;
        item->ref = ref_to(m, d->key, set->expansion.at[i].suffix);
        items[i] = item;
    }
    const struct ref *ref = set->expansion.mode == EXPAND_NONE ? NULL : ref_to(m, d->key, STR_NONE);
    return set->whole = gather(a, &set->expansion, items, ref, d->header);
}

struct resource_set *tree_resource_set(struct module_instance *m, const struct declaration *d)
{
    struct resource_set *set = map_find(&m->resources, d->key);
    if (!set) {
        set = map_add(&m->resources, d->key, ARENA_NEW(m->tree->own, struct resource_set));
        set->declaration = d;
    }
    if (set->state == MEMO_NEW) {
        set->state = MEMO_BUSY;
        evaluate_set(m, set);
        set->state = MEMO_DONE;
    }
    return set;
}

const struct value *tree_resource(struct module_instance *m, str key, span at)
{
    const struct declaration *d = map_find(&m->module->resource.by_key, key);
    if (!d)
        return NULL;
    struct resource_set *set = tree_resource_set(m, d);
    if (set->state != MEMO_DONE) {
        struct evaluator *e = &m->tree->eval;
        struct value *v =
            value_copy(e->arena, eval_fail_as(e, DIAG_CYCLE, at, STR_FMT " depends on itself", STR_ARG(key)));
        v->ref = ref_to(m, key, STR_NONE);
        return v;
    }
    return reference_to_set(m, set);
}

/* Module calls. */

static bool is_local(str source)
{
    return str_starts(source, STR("./")) || str_starts(source, STR("../")) || str_eq_c(source, ".") ||
           str_eq_c(source, "..");
}

static bool calls_itself(const struct module_instance *m, const struct terraform_module *module)
{
    for (; m; m = m->parent) {
        if (m->module == module || (module->real.n && str_eq(m->module->real, module->real)))
            return true;
    }
    return false;
}

static const struct terraform_module *refuse(struct module_instance *m, struct call_set *set, enum diag_id id, span at,
                                             str problem)
{
    struct tree *t = m->tree;
    diag_add(t->diags, id, at, STR_FMT, STR_ARG(problem));
    set->problem = problem;
    t->has_remote_parts = true;
    return NULL;
}

static const struct terraform_module *find_module(struct module_instance *m, struct call_set *set, str manifest_key)
{
    struct tree *t = m->tree;
    const struct declaration *d = set->declaration;
    const struct node *source_node = node_find(d->body, "source");
    str source = node_string(source_node);
    span at = source_node ? source_node->at : d->header;
    str name = d->name;
    const struct value *v = NULL;
    if (source_node && !source.n && source_node->kind != NODE_STRING)
        v = eval_expression(&t->eval, source_node, scope_of(m, NULL, NULL));
    source = v ? value_str(v) : source;
    if (!source.n && (!v || value_is_known(v)))
        return refuse(m, set, DIAG_STRUCTURE, at,
                      arena_printf(t->arena, "module \"" STR_FMT "\" needs a source that is text", STR_ARG(name)));
    if (str_starts(source, STR("/")) || str_find_char(source, '\0') != SIZE_MAX)
        return refuse(m, set, DIAG_OUTSIDE_ROOT, at,
                      arena_printf(t->arena, "module \"" STR_FMT "\" is not read: its source is no relative path",
                                   STR_ARG(name)));
    const str *dir = map_find(&t->manifest, manifest_key);
    if (!is_local(source) && !dir)
        return refuse(m, set, DIAG_NOT_ANALYSED, at,
                      arena_printf(t->arena,
                                   "module \"" STR_FMT "\" is not analysed: its source \"" STR_FMT
                                   "\" is not on this machine",
                                   STR_ARG(name), STR_ARG(source)));
    str where = is_local(source) ? path_join(t->arena, m->module->dir, source) : path_join(t->arena, t->root_dir, *dir);
    const struct terraform_module *module = tree_module(t, path_normalise(t->arena, where));
    if (!module->exists)
        return refuse(m, set, DIAG_MODULE_MISSING, at,
                      arena_printf(t->arena, "the directory of module \"" STR_FMT "\" does not exist: " STR_FMT,
                                   STR_ARG(name), STR_ARG(where)));
    if (!module->n_files)
        return refuse(m, set, DIAG_MODULE_MISSING, at,
                      arena_printf(t->arena, "the directory of module \"" STR_FMT "\" has no configuration: " STR_FMT,
                                   STR_ARG(name), STR_ARG(where)));
    if (calls_itself(m, module))
        return refuse(m, set, DIAG_CYCLE, at,
                      arena_printf(t->arena, "module \"" STR_FMT "\" calls itself", STR_ARG(name)));
    if (m->level + 1 > LIMIT_MODULE_DEPTH)
        return refuse(m, set, DIAG_LIMIT, at, STR("modules are nested too deeply"));
    return module;
}

static struct module_instance *new_call(struct module_instance *m, const struct terraform_module *module,
                                        struct call_set *set, const struct instance *i, str manifest_key)
{
    struct tree *t = m->tree;
    struct module_instance *child = module_instance_new(t, module, m);
    struct call_site *site = ARENA_NEW(t->arena, struct call_site);
    str name = arena_printf(t->arena, "module." STR_FMT, STR_ARG(set->declaration->name));
    child->address = address_in(m, name, i->suffix);
    child->manifest_key = manifest_key;
    child->arguments_note = arena_printf(t->arena, "argument of " STR_FMT, STR_ARG(name));
    child->declaration = set->declaration;
    child->call_scope = arena_copy(t->own, scope_of(m, i, &set->expansion), sizeof(struct scope));
    child->exists = expand_exists(t->arena, m->exists, i->exists);
    child->open = m->open || i->open;
    *site = (struct call_site){set->declaration->header,
                               arena_printf(t->arena, STR_FMT STR_FMT, STR_ARG(name), STR_ARG(i->suffix)), m->call};
    child->call = site;
    return child;
}

static const struct value *no_module(struct module_instance *m, const struct call_set *set)
{
    struct arena *a = m->tree->arena;
    str reason = arena_printf(a, "an output of module." STR_FMT ": " STR_FMT, STR_ARG(set->declaration->name),
                              STR_ARG(set->problem));
    return value_unknown(a, reason, origin_new(a, set->declaration->header, STR_NONE, NULL));
}

static void evaluate_call(struct module_instance *m, struct call_set *set)
{
    struct tree *t = m->tree;
    const struct declaration *d = set->declaration;
    str key = m->manifest_key.n
                  ? arena_printf(t->arena, STR_FMT "." STR_FMT, STR_ARG(m->manifest_key), STR_ARG(d->name))
                  : d->name;
    const struct terraform_module *module = find_module(m, set, key);
    expand(&t->eval, d->body, scope_of(m, NULL, NULL), d->header, &set->expansion);
    size_t n = set->expansion.n;
    if (module && (t->n_calls += n) > LIMIT_MODULE_CALLS) {
        module = refuse(m, set, DIAG_LIMIT, d->header, STR("the root has too many module instances"));
    }
    const struct value **items = ARENA_ARRAY(t->own, const struct value *, n);
    set->instance = ARENA_ARRAY(t->own, struct module_instance *, n);
    for (size_t i = 0; i < n; i++) {
        if (!module) {
            items[i] = no_module(m, set);
            continue;
        }
        struct lazy_value *lazy = ARENA_NEW(t->arena, struct lazy_value);
        set->instance[i] = new_call(m, module, set, &set->expansion.at[i], key);
        lazy->instance = set->instance[i];
        lazy->value.kind = VALUE_UNKNOWN;
        lazy->value.flags = TF_LAZY;
        lazy->value.u.reason = STR("a module as a whole");
        lazy->value.origin = origin_new(t->arena, d->header, STR_NONE, NULL);
        items[i] = &lazy->value;
    }
    set->whole = gather(t->arena, &set->expansion, items, NULL, d->header);
}

struct call_set *tree_call_set(struct module_instance *m, const struct declaration *d)
{
    struct call_set *set = map_find(&m->calls, d->key);
    if (!set) {
        set = map_add(&m->calls, d->key, ARENA_NEW(m->tree->own, struct call_set));
        set->declaration = d;
    }
    if (set->state == MEMO_NEW) {
        set->state = MEMO_BUSY;
        evaluate_call(m, set);
        set->state = MEMO_DONE;
    }
    return set;
}

const struct value *tree_lazy_get(struct evaluator *e, const struct value *lazy, str name, span at)
{
    struct module_instance *m = ((const struct lazy_value *)lazy)->instance;
    const struct value *v = tree_output(m, name, at);
    if (v->flags & (TF_LAZY | TF_RESOURCE))
        return v;
    return tf_step(e->arena, v, at, arena_printf(e->arena, STR_FMT "." STR_FMT, STR_ARG(m->address), STR_ARG(name)));
}

const struct value *tree_force(struct evaluator *e, const struct value *lazy)
{
    struct module_instance *m = ((const struct lazy_value *)lazy)->instance;
    const struct declarations *outputs = &m->module->output;
    struct value_entry *entries = ARENA_ARRAY(e->arena, struct value_entry, outputs->n);
    for (size_t i = 0; i < outputs->n; i++)
        entries[i] = (struct value_entry){outputs->at[i]->name, outputs->at[i]->header,
                                          tree_output(m, outputs->at[i]->name, outputs->at[i]->header)};
    return tf_object(e->arena, entries, outputs->n, lazy->origin);
}

/* Deciders. */

static span last_place(const struct value *v)
{
    span at = SPAN_NONE;
    for (const struct origin *o = v->origin; o; o = o->via) {
        if (o->at.file)
            at = o->at;
    }
    return at;
}

static const struct decider *decider_named(struct tree *t, struct map *of, str key, str name, span at)
{
    static const str labels[] = {{"true", 4}, {"false", 5}};
    struct decider *d = map_find(of, key);
    if (d)
        return d;
    d = ARENA_NEW(t->arena, struct decider);
    *d = (struct decider){.name = name, .option = labels, .n_options = 2, .at = at, .default_option = SIZE_MAX};
    map_set(of, key, d);
    return d;
}

const struct decider *tree_decider(struct evaluator *e, const struct node *test, const struct value *decided,
                                   const struct scope *s, bool *ret_negated)
{
    *ret_negated = false;
    if (!s->module || !e->tree)
        return NULL;
    while (test->kind == NODE_PAREN || (test->kind == NODE_UNARY && test->op == OP_NOT)) {
        *ret_negated ^= test->kind == NODE_UNARY;
        test = test->kind == NODE_PAREN ? test->u.pair.left : test->u.unary.operand;
    }
    if (test->kind == NODE_GET) {
        size_t mark = eval_mark(e);
        decided = eval_node(e, test, s);
        eval_forget(e, mark);
    }
    if (decided->flags & TF_INPUT) {
        span at = last_place(decided);
        size_t end = str_find_char(decided->u.reason, ' ');
        str name = str_slice(decided->u.reason, 0, end);
        str key = arena_printf(e->arena, "%u:%u", (unsigned)at.file, (unsigned)at.start);
        return decider_named(e->tree, &e->tree->root->deciders, key, name, at);
    }
    const struct source *source = e->tree->inputs ? source_at(e->tree->inputs->sources, test->at.file) : NULL;
    str text = source ? str_slice(source->text, test->at.start, test->at.end) : STR_NONE;
    if (!text.n)
        text = STR("a condition");
    str key = s->bound ? arena_printf(e->arena, "%p:" STR_FMT, (const void *)s->bound, STR_ARG(text)) : text;
    return decider_named(e->tree, &s->module->deciders, key, text, test->at);
}

const struct declaration *tree_provider(struct module_instance *m, str reference, struct module_instance **ret_where)
{
    for (; m; m = m->parent) {
        const struct declaration *d = map_find(&m->module->provider.by_key, reference);
        *ret_where = m;
        if (d)
            return d;
    }
    return NULL;
}
