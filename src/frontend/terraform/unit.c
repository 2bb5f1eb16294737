/* Directories to roots, roots to graph resources. */
#include "base/path.h"
#include "base/vec.h"
#include "frontend/terraform/plan_json.h"
#include "frontend/terraform/terraform.h"
#include "frontend/terraform/tree.h"
#include "syntax/hcl.h"

/* What one root puts into the graph. */

struct collecting {
    struct tree *tree;
    struct graph_builder *builder;
};

/* default_tags of the provider that the resource uses. */
static const struct value *default_tags(struct module_instance *m, str reference)
{
    struct module_instance *where;
    const struct declaration *p = tree_provider(m, reference, &where);
    for (size_t i = 0; p && i < p->body->u.map.n; i++) {
        const struct node *block = p->body->u.map.entry[i].value;
        if (!block || block->kind != NODE_BLOCK || !str_eq_c(block->u.block->type, "default_tags"))
            continue;
        const struct node *tags = node_find(block->u.block->body, "tags");
        return tags ? eval_expression(&m->tree->eval, tags, scope_of(where, NULL, NULL)) : NULL;
    }
    return NULL;
}

static str provider_of(struct arena *a, const struct declaration *d)
{
    const struct node *n = node_find(d->body, "provider");
    if (n && n->kind == NODE_GET && n->u.get.object->kind == NODE_VARIABLE)
        return arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(n->u.get.object->u.string), STR_ARG(n->u.get.name));
    if (n && n->kind == NODE_VARIABLE)
        return n->u.string;
    str rest;
    return str_cut(d->type, '_', &rest);
}

/* Tags of the resource over those of the provider. */
static const struct value *merge_tags(struct arena *a, const struct value *own, const struct value *defaults)
{
    if (!value_is(own, VALUE_MAP) || !value_is(defaults, VALUE_MAP))
        return own;
    size_t n = own->u.map.n;
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n + defaults->u.map.n);
    if (n)
        memcpy(entries, own->u.map.entry, n * sizeof(*entries));
    for (size_t i = 0; i < defaults->u.map.n; i++) {
        if (!value_get_entry(own, defaults->u.map.entry[i].key))
            entries[n++] = defaults->u.map.entry[i];
    }
    struct value *v = value_copy(a, own);
    v->u.map.entry = entries;
    v->u.map.n = n;
    v->flags |= defaults->flags & VALUE_PARTIAL;
    return v;
}

static const struct value *add_default_tags(struct arena *a, struct resource *r, const struct value *raw,
                                            const struct value *defaults)
{
    if (!defaults || !value_is(raw, VALUE_MAP))
        return raw;
    size_t n = r->metadata->u.map.n;
    struct value_entry *meta = ARENA_ARRAY(a, struct value_entry, n + 1);
    if (n)
        memcpy(meta, r->metadata->u.map.entry, n * sizeof(*meta));
    meta[n] = (struct value_entry){STR("default_tags"), value_span(defaults), defaults};
    r->metadata = value_map(a, meta, n + 1, r->metadata->origin);
    struct value *v = value_copy(a, raw);
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, raw->u.map.n + 1);
    bool has = false;
    for (size_t i = 0; i < raw->u.map.n; i++) {
        entries[i] = raw->u.map.entry[i];
        if (!str_eq_c(entries[i].key, "tags"))
            continue;
        entries[i].value = merge_tags(a, entries[i].value, defaults);
        has = true;
    }
    /* Which types take tags is the model's knowledge: it drops them where there is no such argument. */
    if (!has)
        entries[v->u.map.n++] = (struct value_entry){STR("tags"), value_span(defaults), defaults};
    v->u.map.entry = entries;
    return v;
}

static void set_presence(struct resource *r, const struct value *exists)
{
    r->presence = !exists ? PRESENT : exists->kind == VALUE_CHOICE ? PRESENCE_CHOICE : PRESENCE_UNKNOWN;
    r->exists = r->presence == PRESENCE_CHOICE ? exists : NULL;
    if (value_is(exists, VALUE_BOOL))
        r->presence = PRESENT;
}

static void add_resource(struct collecting *c, struct module_instance *m, const struct resource_set *set, size_t i)
{
    struct arena *a = c->builder->arena;
    const struct declaration *d = set->declaration;
    const struct instance *instance = &set->expansion.at[i];
    const struct value *exists = expand_exists(a, m->exists, instance->exists);
    if (value_is(exists, VALUE_BOOL) && !exists->u.boolean)
        return;
    str address = arena_printf(a, STR_FMT "%s" STR_FMT STR_FMT, STR_ARG(m->address), m->address.n ? "." : "",
                               STR_ARG(d->key), STR_ARG(instance->suffix));
    struct resource *r = graph_add(c->builder, d->type, address);
    const struct scope *s = scope_of(m, instance, &set->expansion);
    r->name = d->name;
    r->at = d->at;
    r->header = d->header;
    r->call = m->call;
    r->instance = instance->suffix;
    r->is_data = d->is_data;
    r->incomplete = d->incomplete;
    r->open = instance->open || m->open;
    r->region_key = provider_of(a, d);
    set_presence(r, exists);
    r->metadata = body_metadata(&c->tree->eval, d->body, s);
    r->raw = add_default_tags(a, r, set->raw[i],
                              str_starts(d->type, STR("aws_")) && !d->is_data ? default_tags(m, r->region_key) : NULL);
}

/* A block that is no resource of a provider, for rules to look at. */
static void add_block(struct collecting *c, struct module_instance *m, const struct declaration *d, str type, str key,
                      str name, const struct value *raw)
{
    struct arena *a = c->builder->arena;
    str address = arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(m->address), m->address.n ? "." : "", STR_ARG(key));
    struct resource *r = graph_add(c->builder, type, address);
    r->name = name;
    r->at = d->at;
    r->header = d->header;
    r->call = m->call;
    r->incomplete = d->incomplete;
    set_presence(r, m->exists);
    r->raw = raw;
}

/* The AWS provider that is given credentials, or told which account it may work in. */
static void add_provider(struct collecting *c, struct module_instance *m, const struct declaration *d)
{
    static const char *const looked_at[] = {"access_key", "secret_key", "token", "allowed_account_ids"};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(looked_at); i++)
        any |= node_find(d->body, looked_at[i]) != NULL;
    if (!any || !str_eq_c(d->name, "aws"))
        return;
    str key = arena_printf(c->builder->arena, "provider." STR_FMT, STR_ARG(d->key));
    add_block(c, m, d, STR("provider.aws"), key, d->name,
              body_value(&c->tree->eval, d->body, scope_of(m, NULL, NULL), true));
}

/* Settings that say where the state is kept: `backend "s3" {...}` becomes {type: "s3", ...}. */
static void add_settings(struct collecting *c, struct module_instance *m, const struct declaration *d)
{
    struct evaluator *e = &c->tree->eval;
    for (size_t i = 0; i < d->body->u.map.n; i++) {
        const struct node *block = d->body->u.map.entry[i].value;
        if (!block || block->kind != NODE_BLOCK || !str_eq_c(block->u.block->type, "backend") ||
            !block->u.block->n_labels)
            continue;
        const struct value *inner = body_value(e, block->u.block->body, scope_of(m, NULL, NULL), false);
        size_t n = value_is(inner, VALUE_MAP) ? inner->u.map.n : 0;
        struct value_entry *entries = ARENA_ARRAY(e->arena, struct value_entry, n + 1);
        if (n)
            memcpy(entries, inner->u.map.entry, n * sizeof(*entries));
        const struct node *type = block->u.block->label[0];
        entries[n] = (struct value_entry){STR("type"), type->at,
                                          value_string(e->arena, node_string(type), eval_origin(e, type->at))};
        struct value_entry *backend = ARENA_NEW(e->arena, struct value_entry);
        *backend = (struct value_entry){STR("backend"), block->u.block->header,
                                        value_map(e->arena, entries, n + 1, eval_origin(e, block->u.block->header))};
        add_block(c, m, d, STR("terraform"), STR("terraform"), STR("terraform"),
                  value_map(e->arena, backend, 1, eval_origin(e, d->at)));
        return;
    }
}

/* A module that comes from elsewhere: its source and version. */
static void add_remote_call(struct collecting *c, struct module_instance *m, const struct declaration *d)
{
    static const char *const keys[] = {"source", "version"};
    struct evaluator *e = &c->tree->eval;
    const struct node *from = node_find(d->body, "source");
    str source = node_string(from);
    if (!from || str_starts(source, STR(".")) || str_starts(source, STR("/")))
        return;
    struct value_entry *entries = ARENA_ARRAY(e->arena, struct value_entry, ARRAY_LEN(keys));
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const struct node *v = node_find(d->body, keys[i]);
        if (v)
            entries[n++] = (struct value_entry){str_of(keys[i]), v->at, eval_expression(e, v, scope_of(m, NULL, NULL))};
    }
    add_block(c, m, d, STR("module"), arena_printf(e->arena, "module." STR_FMT, STR_ARG(d->name)), d->name,
              value_map(e->arena, entries, n, eval_origin(e, d->at)));
}

static void collect(struct collecting *c, struct module_instance *m)
{
    const struct terraform_module *module = m->module;
    for (size_t i = 0; i < module->resource.n; i++) {
        const struct declaration *d = module->resource.at[i];
        if (str_starts(d->key, STR("ephemeral.")))
            continue;
        struct resource_set *set = tree_resource_set(m, d);
        for (size_t k = 0; set->state == MEMO_DONE && k < set->expansion.n; k++)
            add_resource(c, m, set, k);
    }
    for (size_t i = 0; i < module->provider.n; i++)
        add_provider(c, m, module->provider.at[i]);
    for (size_t i = 0; i < module->settings.n; i++)
        add_settings(c, m, module->settings.at[i]);
    for (size_t i = 0; i < module->call.n; i++)
        add_remote_call(c, m, module->call.at[i]);
    for (size_t i = 0; i < module->call.n; i++) {
        struct call_set *set = tree_call_set(m, module->call.at[i]);
        for (size_t k = 0; set->state == MEMO_DONE && k < set->expansion.n; k++) {
            if (set->instance[k])
                collect(c, set->instance[k]);
        }
    }
}

static sym region_of(struct tree *t)
{
    const struct declaration *p = map_find(&t->root->module->provider.by_key, STR("aws"));
    const struct node *n = p ? node_find(p->body, "region") : NULL;
    const struct value *v = n ? eval_expression(&t->eval, n, scope_of(t->root, NULL, NULL)) : NULL;
    return value_is(v, VALUE_STRING) ? sym_of(v->u.string) : 0;
}

/* A module that is written to be called: something must be given that nobody gives. */
static bool is_module_alone(const struct terraform_module *m, const struct frontend_options *o)
{
    if (m->has_backend || m->n_tfvars || (o && (o->n_vars || o->n_var_files)))
        return false;
    for (size_t i = 0; i < m->variable.n; i++) {
        if (!node_find(m->variable.at[i]->body, "default"))
            return true;
    }
    return false;
}

/* Jobs. */

struct root_job {
    struct module_files *files;
    struct module_dir *dir;
};

static void run_root(struct frontend_job *job, struct graph *g)
{
    struct root_job *data = job->data;
    struct graph_builder *b =
        graph_unit_begin(g, data->dir->dir, STR("terraform"), job->order, job->inputs->sources, &job->diags);
    struct tree t;
    tree_init(&t, job->inputs, job->options, data->files, data->dir, b->unit.name, b->arena, &job->diags);
    t.alone = is_module_alone(t.root->module, job->options);
    struct collecting c = {&t, b};
    collect(&c, t.root);
    b->unit.region = region_of(&t);
    eval_flush(&t.eval, 0);
    b->unit.incomplete = t.incomplete;
    b->unit.has_remote_parts = t.has_remote_parts;
    tree_release(&t);
}

static struct module_dir *dir_of(struct module_files *files, struct input_file *f)
{
    str real = path_dir(f->real.n ? f->real : f->path);
    struct module_dir *d = map_find(&files->by_dir, real);
    if (d)
        return d;
    d = ARENA_NEW(files->arena, struct module_dir);
    d->dir = path_dir(f->path);
    d->real = real;
    map_set(&files->by_dir, real, d);
    return d;
}

static bool is_terraform(const struct input_file *f)
{
    bool hcl = f->kind == INPUT_HCL && !str_ends(f->path, STR(".hcl"));
    return hcl || f->kind == INPUT_TF_JSON || f->kind == INPUT_TFVARS;
}

static void add_file(struct module_files *files, struct input_file *f)
{
    struct module_dir *d = dir_of(files, f);
    d->named |= f->kind != INPUT_TFVARS && !f->context;
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 8;
        struct input_file **grown = ARENA_ARRAY(files->arena, struct input_file *, cap);
        if (d->n)
            memcpy(grown, d->file, d->n * sizeof(struct input_file *));
        d->file = grown;
        d->cap = cap;
    }
    d->file[d->n++] = f;
}

/* Calls: the directories that a directory's module blocks name. */

typedef void call_fn(struct module_files *files, struct module_dir *from, struct module_dir *to);

static void each_source(struct module_files *files, struct module_dir *d, const struct node *source, call_fn *fn)
{
    str s = node_string(source);
    if (!str_starts(s, STR("./")) && !str_starts(s, STR("../")))
        return;
    str real = path_normalise(files->arena, path_join(files->arena, d->real, s));
    struct module_dir *to = map_find(&files->by_dir, real);
    if (to && to != d)
        fn(files, d, to);
}

static void each_call_in(struct module_files *files, struct module_dir *d, const struct node *root, call_fn *fn)
{
    if (root->kind == NODE_MAP) {
        const struct node *modules = node_find(root, "module");
        for (size_t i = 0; modules && modules->kind == NODE_MAP && i < modules->u.map.n; i++)
            each_source(files, d, node_find(modules->u.map.entry[i].value, "source"), fn);
        return;
    }
    for (size_t i = 0; root->kind == NODE_BODY && i < root->u.map.n; i++) {
        const struct node *block = root->u.map.entry[i].value;
        if (block && block->kind == NODE_BLOCK && str_eq_c(block->u.block->type, "module"))
            each_source(files, d, node_find(block->u.block->body, "source"), fn);
    }
}

static void each_call(struct module_files *files, struct module_dir *d, call_fn *fn)
{
    for (size_t i = 0; i < d->n; i++) {
        for (size_t k = 0; d->file[i]->kind != INPUT_TFVARS && k < d->file[i]->documents.n; k++) {
            if (d->file[i]->documents.at[k].root)
                each_call_in(files, d, d->file[i]->documents.at[k].root, fn);
        }
    }
}

static void mark_called(struct module_files *files, struct module_dir *from, struct module_dir *to)
{
    (void)files;
    (void)from;
    to->called = true;
}

static void reach(struct module_files *files, struct module_dir *from, struct module_dir *to)
{
    (void)from;
    if (to->reached)
        return;
    to->reached = true;
    VEC_PUSH(&files->pending, to);
}

static void reach_from(struct module_files *files, struct module_dir *d)
{
    reach(files, NULL, d);
    while (files->pending.n)
        each_call(files, files->pending.at[--files->pending.n], reach);
}

static void add_job(struct module_files *files, struct module_dir *d, struct arena *a, struct frontend_jobs *jobs)
{
    struct root_job *data = ARENA_NEW(a, struct root_job);
    *data = (struct root_job){files, d};
    struct frontend_job job = {.name = d->dir, .run = run_root, .data = data, .file = d->file, .n_files = d->n};
    reach_from(files, d);
    VEC_PUSH(jobs, job);
}

static bool is_downloaded(str path)
{
    return str_contains(path, STR("/.terraform/")) || str_starts(path, STR(".terraform/"));
}

/* Jobs outlive the planning: the table goes to the arena. */
static void settle(struct module_files *files)
{
    struct map old = files->by_dir;
    files->by_dir.at = arena_copy(files->arena, old.at, old.n * sizeof(*old.at));
    files->by_dir.slots = arena_copy(files->arena, old.slots, old.n_slots * sizeof(*old.slots));
    map_release(&old);
    VEC_RELEASE(&files->pending);
}

/* A directory is a root when no other calls it; of directories that call each other in a circle, the first. */
void terraform_plan(struct inputs *in, const struct frontend_options *o, struct arena *a, struct frontend_jobs *jobs)
{
    (void)o;
    struct module_files *files = ARENA_NEW(a, struct module_files);
    files->arena = a;
    map_init(&files->by_dir);
    for (size_t i = 0; i < in->n; i++) {
        if (is_terraform(in->file[i]))
            add_file(files, in->file[i]);
    }
    struct map *dirs = &files->by_dir;
    for (size_t i = 0; i < dirs->n; i++)
        each_call(files, dirs->at[i].value, mark_called);
    for (size_t i = 0; i < in->n; i++) {
        struct input_file *f = in->file[i];
        struct module_dir *d = f->claim == CLAIM_TERRAFORM_PLAN ? map_find(dirs, path_dir(f->real)) : NULL;
        if (d && plan_json_is_complete(f))
            reach_from(files, d);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < dirs->n; i++) {
            struct module_dir *d = dirs->at[i].value;
            if (d->reached)
                continue;
            bool wanted = pass == 0 ? !d->called : !d->reached;
            if (wanted && d->named && !is_downloaded(d->real))
                add_job(files, d, a, jobs);
        }
    }
    settle(files);
    for (size_t i = 0; i < in->n; i++) {
        if (in->file[i]->claim == CLAIM_TERRAFORM_PLAN)
            plan_json_job(in->file[i], files, a, jobs);
    }
}

/* hipaalint eval. */

const struct value *terraform_eval_text(struct inputs *in, const struct frontend_options *o, str dir, str text,
                                        struct arena *a, struct diag_list *diags)
{
    struct tree t;
    const struct source *s = source_add(in->sources, STR("<expression>"), arena_str(a, text));
    const struct node *n =
        hcl_read_expression(s->text, s->id, 0, true, (span){s->id, 0, (uint32_t)s->text.n}, a, diags);
    if (!n)
        return value_unknown(a, STR("the expression cannot be read"), NULL);
    tree_init(&t, in, o, NULL, NULL, arena_str(a, path_normalise(a, dir)), a, diags);
    t.alone = is_module_alone(t.root->module, o);
    struct scope scope = {.module = t.root};
    const struct value *v = eval_force(&t.eval, eval_expression(&t.eval, n, &scope));
    v = tf_plain_deep(a, v);
    eval_flush(&t.eval, 0);
    tree_release(&t);
    return v;
}
