#include "frontend/terraform/module.h"

#include "base/path.h"
#include "base/vec.h"

struct module_reader {
    struct terraform_module *m;
    struct arena *arena;
    struct diag_list *diags;
    bool overriding;
};

/* Declarations. */

static struct declaration *add(struct module_reader *r, struct declarations *to, struct declaration d, const char *what)
{
    struct declaration *copy = arena_copy(r->arena, &d, sizeof(d));
    struct declaration *old = map_add(&to->by_key, copy->key, copy);
    if (old != copy) {
        diag_add(r->diags, DIAG_STRUCTURE, d.header, "%s \"" STR_FMT "\" is declared twice in this module", what,
                 STR_ARG(d.key));
        return old;
    }
    copy->index = to->n;
    VEC_PUSH(to, copy);
    return copy;
}

static str label(const struct node *block, size_t i)
{
    return i < block->u.block->n_labels ? node_string(block->u.block->label[i]) : STR_NONE;
}

static bool has_block(const struct node *body, str type)
{
    for (size_t i = 0; i < body->u.map.n; i++) {
        const struct node *v = body->u.map.entry[i].value;
        if (v && v->kind == NODE_BLOCK && str_eq(v->u.block->type, type))
            return true;
    }
    return false;
}

/* What the original keeps: attributes and blocks that the override does not name. */
static bool is_replaced(const struct node_entry *e, const struct node *by)
{
    if (e->value && e->value->kind == NODE_BLOCK)
        return has_block(by, e->value->u.block->type);
    return node_find_entry(by, node_string(e->key)) != NULL;
}

static const struct node *merge_bodies(struct arena *a, const struct node *body, const struct node *over)
{
    struct node *merged = arena_copy(a, body, sizeof(*body));
    struct node_entry *entries = ARENA_ARRAY(a, struct node_entry, body->u.map.n + over->u.map.n);
    size_t n = 0;
    for (size_t i = 0; i < body->u.map.n; i++) {
        if (!is_replaced(&body->u.map.entry[i], over))
            entries[n++] = body->u.map.entry[i];
    }
    for (size_t i = 0; i < over->u.map.n; i++)
        entries[n++] = over->u.map.entry[i];
    merged->u.map.entry = entries;
    merged->u.map.n = n;
    merged->flags |= over->flags & NODE_INCOMPLETE;
    return merged;
}

static void declare(struct module_reader *r, struct declarations *to, struct declaration d, const char *what)
{
    struct declaration *old = r->overriding ? map_find(&to->by_key, d.key) : NULL;
    if (!old) {
        add(r, to, d, what);
        if (r->overriding && to != &r->m->provider && to != &r->m->settings)
            diag_add(r->diags, DIAG_STRUCTURE, d.header, "there is no %s \"" STR_FMT "\" to override", what,
                     STR_ARG(d.key));
    } else if (d.body->kind == NODE_BODY && old->body->kind == NODE_BODY) {
        old->body = merge_bodies(r->arena, old->body, d.body);
        old->incomplete |= d.incomplete;
    } else {
        old->body = d.body;
    }
}

static struct declaration named(const struct node *block, str name)
{
    return (struct declaration){.name = name,
                                .key = name,
                                .body = block->u.block->body,
                                .at = block->at,
                                .header = block->u.block->header,
                                .incomplete = (block->flags | block->u.block->body->flags) & NODE_INCOMPLETE};
}

static void read_locals(struct module_reader *r, const struct node *block)
{
    const struct node *body = block->u.block->body;
    for (size_t i = 0; i < body->u.map.n; i++) {
        const struct node_entry *e = &body->u.map.entry[i];
        str name = node_string(e->key);
        if (!e->value || e->value->kind == NODE_BLOCK || !name.n)
            continue;
        struct declaration d = {.name = name, .key = name, .body = e->value, .at = e->key->at, .header = e->key->at};
        declare(r, &r->m->local, d, "local value");
    }
}

static void read_provider(struct module_reader *r, const struct node *block)
{
    struct declaration d = named(block, label(block, 0));
    str alias = node_string(node_find(d.body, "alias"));
    if (alias.n)
        d.key = arena_printf(r->arena, STR_FMT "." STR_FMT, STR_ARG(d.name), STR_ARG(alias));
    bool old = map_has(&r->m->provider.by_key, d.key);
    if (!old || r->overriding)
        declare(r, &r->m->provider, d, "provider");
    r->m->has_backend |= d.body->u.map.n > 0;
}

/* Blocks that declare nothing that is looked at, and how many labels each has at most. */
static const struct {
    const char *type;
    size_t labels;
} block_types[] = {{"action", 2},   {"check", 1},   {"data", 2},     {"ephemeral", 2}, {"import", 0},
                   {"list", 2},     {"locals", 0},  {"module", 1},   {"moved", 0},     {"output", 1},
                   {"provider", 1}, {"removed", 0}, {"resource", 2}, {"terraform", 0}, {"variable", 1}};

static void check_block(struct module_reader *r, const struct node *block)
{
    str type = block->u.block->type;
    for (size_t i = 0; i < ARRAY_LEN(block_types); i++) {
        if (!str_eq_c(type, block_types[i].type))
            continue;
        if (block->u.block->n_labels > block_types[i].labels)
            diag_add(r->diags, DIAG_STRUCTURE, block->u.block->header, "a " STR_FMT " block has %zu labels at most",
                     STR_ARG(type), block_types[i].labels);
        return;
    }
    diag_add(r->diags, DIAG_STRUCTURE, block->u.block->header, "a configuration has no block \"" STR_FMT "\"",
             STR_ARG(type));
}

static void read_block(struct module_reader *r, const struct node *block)
{
    str type = block->u.block->type;
    check_block(r, block);
    bool data = str_eq_c(type, "data");
    if (data || str_eq_c(type, "resource") || str_eq_c(type, "ephemeral")) {
        struct declaration d = named(block, label(block, 1));
        d.type = label(block, 0);
        d.is_data = !str_eq_c(type, "resource");
        if (!d.type.n || !d.name.n) {
            diag_add(r->diags, DIAG_STRUCTURE, d.header, "a " STR_FMT " block needs a type and a name", STR_ARG(type));
            return;
        }
        const char *prefix = data ? "data." : d.is_data ? "ephemeral." : "";
        d.key = arena_printf(r->arena, "%s" STR_FMT "." STR_FMT, prefix, STR_ARG(d.type), STR_ARG(d.name));
        declare(r, &r->m->resource, d, "resource");
    } else if (str_eq_c(type, "locals")) {
        read_locals(r, block);
    } else if (str_eq_c(type, "provider")) {
        read_provider(r, block);
    } else if (str_eq_c(type, "terraform")) {
        struct declaration d = {.at = block->at, .header = block->u.block->header, .body = block->u.block->body};
        d.key = arena_printf(r->arena, "%zu", r->m->settings.n);
        declare(r, &r->m->settings, d, "terraform block");
        r->m->has_backend |=
            has_block(block->u.block->body, STR("backend")) || has_block(block->u.block->body, STR("cloud"));
    } else {
        struct declarations *to = str_eq_c(type, "variable") ? &r->m->variable
                                  : str_eq_c(type, "output") ? &r->m->output
                                  : str_eq_c(type, "module") ? &r->m->call
                                                             : NULL;
        if (to && label(block, 0).n)
            declare(r, to, named(block, label(block, 0)), str_eq_c(type, "module") ? "module" : "variable or output");
        else if (to)
            diag_add(r->diags, DIAG_STRUCTURE, block->u.block->header, "a " STR_FMT " block needs a name",
                     STR_ARG(type));
    }
}

static void read_body(struct module_reader *r, const struct node *body)
{
    for (size_t i = 0; body && i < body->u.map.n; i++) {
        const struct node_entry *e = &body->u.map.entry[i];
        if (e->value && e->value->kind == NODE_BLOCK)
            read_block(r, e->value);
        else if (e->value && e->value->kind != NODE_ERROR)
            diag_add(r->diags, DIAG_STRUCTURE, e->key->at, "the argument \"" STR_FMT "\" stands outside of any block",
                     STR_ARG(node_string(e->key)));
    }
}

/* Files. */

static bool is_override(str path)
{
    str name = path_base(path);
    size_t dot = str_find_char(name, '.');
    str stem = str_slice(name, 0, dot == SIZE_MAX ? name.n : dot);
    return str_eq_c(stem, "override") || str_ends(stem, STR("_override"));
}

static void read_file(struct module_reader *r, const struct input_file *f)
{
    r->m->n_files++;
    r->m->n_bytes += f->source ? f->source->text.n : 0;
    r->m->incomplete |= f->incomplete || !f->source;
    for (size_t i = 0; i < f->documents.n; i++) {
        const struct document *d = &f->documents.at[i];
        const struct node *root = d->root;
        r->m->incomplete |= d->incomplete;
        if (root && f->kind == INPUT_TF_JSON)
            root = module_json_body(root, r->arena, r->diags);
        if (root && root->kind == NODE_BODY)
            read_body(r, root);
    }
}

static bool is_configuration(const struct input_file *f)
{
    return (f->kind == INPUT_HCL || f->kind == INPUT_TF_JSON) && !str_ends(f->path, STR(".hcl"));
}

static bool has_suffix(str name, const char *suffix)
{
    return str_ends(name, str_of(suffix));
}

/* Lowest precedence first: terraform.tfvars, terraform.tfvars.json, *.auto.tfvars by name. */
static int tfvars_rank(str path)
{
    str name = path_base(path);
    if (str_eq_c(name, "terraform.tfvars"))
        return 1;
    if (str_eq_c(name, "terraform.tfvars.json"))
        return 2;
    return has_suffix(name, ".auto.tfvars") || has_suffix(name, ".auto.tfvars.json") ? 3 : 0;
}

static void add_tfvars(struct module_reader *r, struct input_file *const *file, size_t n)
{
    const struct input_file **all = ARENA_ARRAY(r->arena, const struct input_file *, n);
    size_t count = 0;
    for (int rank = 1; rank <= 3; rank++) {
        for (size_t i = 0; i < n; i++) {
            if (tfvars_rank(file[i]->path) == rank && file[i]->source)
                all[count++] = file[i];
        }
    }
    r->m->tfvars = all;
    r->m->n_tfvars = count;
}

static void open_files(struct inputs *in, struct module_reader *r, str dir, struct input_file ***ret, size_t *ret_n)
{
    str *paths;
    size_t n = inputs_list(dir, r->arena, r->diags, &paths, &r->m->exists), count = 0;
    *ret = ARENA_ARRAY(r->arena, struct input_file *, n);
    /* A module may lie beside the root; its files may not lead elsewhere again. */
    str allowed = r->m->real.n && !path_is_below(r->m->real, in->root) ? r->m->real : in->root;
    for (size_t i = 0; i < n; i++) {
        bool wanted = has_suffix(paths[i], ".tf") || has_suffix(paths[i], ".tofu") ||
                      has_suffix(paths[i], ".tf.json") || has_suffix(paths[i], ".tofu.json") || tfvars_rank(paths[i]);
        if (!wanted || str_starts(path_base(paths[i]), STR(".")))
            continue;
        struct input_file *f = inputs_open(in, paths[i], allowed, SPAN_NONE, r->diags);
        if (f)
            (*ret)[count++] = f;
        else
            r->m->incomplete = true;
    }
    *ret_n = count;
}

static void init(struct declarations *d)
{
    map_init(&d->by_key);
}

static void settle(struct declarations *d, struct arena *a)
{
    size_t n;
    struct declaration **all = VEC_MOVE(d, a, &n);
    d->at = all;
    d->n = n;
}

void module_release(struct terraform_module *m)
{
    struct declarations *all[] = {&m->variable, &m->local,    &m->output,  &m->resource,
                                  &m->call,     &m->provider, &m->settings};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        map_release(&all[i]->by_key);
}

struct terraform_module *module_read(struct inputs *in, const struct module_files *files, str dir,
                                     const struct module_dir *own, struct arena *a, struct diag_list *diags)
{
    struct terraform_module *m = ARENA_NEW(a, struct terraform_module);
    struct module_reader r = {.m = m, .arena = a, .diags = diags};
    struct declarations *all[] = {&m->variable, &m->local,    &m->output,  &m->resource,
                                  &m->call,     &m->provider, &m->settings};
    m->dir = arena_str(a, dir);
    m->real = source_real(in->sources, a, dir);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        init(all[i]);
    const struct module_dir *known = files && m->real.n ? map_find(&files->by_dir, m->real) : NULL;
    struct input_file **file = known ? known->file : NULL;
    size_t n = known ? known->n : 0;
    m->exists = known != NULL;
    for (size_t i = 0; i < n && known != own; i++)
        inputs_hold(in, file[i]);
    if (!known)
        open_files(in, &r, dir, &file, &n);
    for (int pass = 0; pass < 2; pass++) {
        r.overriding = pass == 1;
        for (size_t i = 0; i < n; i++) {
            if (is_configuration(file[i]) && is_override(file[i]->path) == r.overriding)
                read_file(&r, file[i]);
        }
    }
    add_tfvars(&r, file, n);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        settle(all[i], a);
    return m;
}
