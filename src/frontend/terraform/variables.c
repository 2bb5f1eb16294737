#include "base/path.h"
#include "frontend/terraform/tree.h"
#include "syntax/hcl.h"
#include "syntax/json.h"

/* Settings of the declaration. */

struct variable_facts {
    const struct type *type;
    const struct node *default_node;
    const struct value *fallback; /* the default, of that type; NULL: not asked for yet, or there is none */
    bool sensitive, nullable;
};

static bool flag_of(const struct declaration *d, const char *name, bool otherwise)
{
    const struct node *n = node_find(d->body, name);
    return n && n->kind == NODE_BOOL ? n->u.boolean : otherwise;
}

static const struct type *type_of_variable(struct tree *t, const struct declaration *d)
{
    const struct node *n = node_find(d->body, "type");
    str error;
    span at;
    if (!n)
        return &type_any;
    const struct type *type = type_read(n, t->arena, &error, &at);
    if (!type)
        diag_add(t->diags, DIAG_EXPRESSION, at, "variable \"" STR_FMT "\": " STR_FMT, STR_ARG(d->name), STR_ARG(error));
    return type ? type : &type_any;
}

/* Read once, for all instances of the module. */
static struct variable_facts *facts_of(struct tree *t, struct declaration *d)
{
    if (!d->facts) {
        d->facts = ARENA_NEW(t->arena, struct variable_facts);
        d->facts->type = type_of_variable(t, d);
        d->facts->default_node = node_find(d->body, "default");
        d->facts->sensitive = flag_of(d, "sensitive", false);
        d->facts->nullable = flag_of(d, "nullable", true);
    }
    return d->facts;
}

static const struct value *constant(void *context, const struct node *n)
{
    struct tree *t = context;
    struct scope s = {0};
    return eval_expression(&t->eval, n, &s);
}

static const struct value *typed(struct tree *t, const struct declaration *d, const struct value *v,
                                 const struct type *type)
{
    struct type_conversion c = {.arena = t->arena, .fallback = constant, .context = t};
    v = eval_force(&t->eval, v);
    const struct value *made = type_convert(&c, v, type);
    if (made)
        return made;
    span at = value_span(v);
    diag_add(t->diags, DIAG_EXPRESSION, at.file ? at : d->header, "the value of var." STR_FMT " does not fit: " STR_FMT,
             STR_ARG(d->name), STR_ARG(c.error));
    struct value *unknown = value_unknown(
        t->arena, arena_printf(t->arena, "var." STR_FMT " has a value of a wrong type", STR_ARG(d->name)), v->origin);
    return unknown;
}

/* What is given from outside. */

static void check_assignments(struct tree *t, const struct node *root)
{
    if (root && root->kind != NODE_MAP && root->kind != NODE_BODY)
        diag_add(t->diags, DIAG_STRUCTURE, root->at, "a file of variables must be a JSON object");
    for (size_t i = 0; root && (root->kind == NODE_MAP || root->kind == NODE_BODY) && i < root->u.map.n; i++) {
        const struct node *v = root->u.map.entry[i].value;
        if (v && v->kind == NODE_BLOCK)
            diag_add(t->diags, DIAG_STRUCTURE, v->u.block->header, "a file of variables has no blocks: name = value");
    }
}

static const struct node *assignments(struct tree *t, const struct input_file *f)
{
    if (!map_has(&t->tfvars, f->path)) {
        bool json = str_ends(f->path, STR(".json"));
        struct document d = {.incomplete = true};
        if (document_check_text(f->source, t->diags))
            d = json ? json_read(f->source, t->arena, t->diags) : hcl_read(f->source, t->arena, t->diags);
        t->incomplete |= d.incomplete;
        check_assignments(t, d.root);
        map_set(&t->tfvars, f->path, (void *)(uintptr_t)d.root);
    }
    return map_find(&t->tfvars, f->path);
}

void variables_check(struct tree *t)
{
    for (size_t i = 0; i < t->root->module->n_tfvars; i++)
        (void)assignments(t, t->root->module->tfvars[i]);
}

static const struct value *from_file(struct tree *t, const struct input_file *f, str name)
{
    const struct node_entry *e = node_find_entry(assignments(t, f), name);
    const struct node *n = e ? e->value : NULL;
    if (!n || n->kind == NODE_BLOCK)
        return NULL;
    const struct value *v = constant(t, n);
    return tf_step(t->arena, v, n->at, path_base(f->path));
}

/* --var: text for a string, an expression for everything else. */
static const struct value *from_text(struct tree *t, str text, const struct type *type)
{
    const struct origin *o = origin_new(t->arena, SPAN_NONE, STR("--var"), NULL);
    if (type->kind <= TYPE_BOOL)
        return value_string(t->arena, text, o);
    const struct source *s = source_add(t->inputs->sources, STR("--var"), arena_str(t->arena, text));
    const struct node *n = hcl_read_expression(s->text, s->id, 0, true, SPAN_NONE, t->arena, t->diags);
    return n ? tf_step(t->arena, constant(t, n), n->at, STR("--var"))
             : value_unknown(t->arena, STR("--var cannot be read"), o);
}

static const struct value *given_to_root(struct tree *t, str name, const struct type *type)
{
    const struct frontend_options *o = t->options;
    const struct value *v = NULL, *next;
    const struct terraform_module *m = t->root->module;
    for (size_t i = 0; i < m->n_tfvars; i++) {
        next = from_file(t, m->tfvars[i], name);
        v = next ? next : v;
    }
    for (size_t i = 0; o && i < o->n_var_files; i++) {
        struct input_file *f = inputs_open(t->inputs, o->var_file[i], STR_NONE, SPAN_NONE, t->diags);
        next = f ? from_file(t, f, name) : NULL;
        v = next ? next : v;
    }
    for (size_t i = 0; o && i < o->n_vars; i++) {
        if (str_eq(o->var[i].name, name))
            v = from_text(t, o->var[i].value, type);
    }
    return v;
}

/* A set of possible values, from validation: contains([...], var.x), or var.x == "a" || var.x == "b". */

struct possible {
    struct tree *t;
    str name;
    const struct value *value[LIMIT_ALTERNATIVES];
    size_t n;
    bool too_many;
};

static bool is_variable(const struct node *n, str name)
{
    if (n->kind == NODE_PAREN)
        return is_variable(n->u.pair.left, name);
    return n->kind == NODE_GET && n->u.get.object->kind == NODE_VARIABLE &&
           str_eq_c(n->u.get.object->u.string, "var") && str_eq(n->u.get.name, name);
}

static void add_possible(struct possible *p, const struct node *n)
{
    if (n->kind != NODE_STRING && n->kind != NODE_NUMBER && n->kind != NODE_BOOL && n->kind != NODE_NULL)
        p->too_many = true;
    else if (p->n < LIMIT_ALTERNATIVES)
        p->value[p->n++] = constant(p->t, n);
    else
        p->too_many = true;
}

/* False: the condition says nothing of that kind. */
static bool find_possible(struct possible *p, const struct node *n)
{
    if (n->kind == NODE_PAREN)
        return find_possible(p, n->u.pair.left);
    if (n->kind == NODE_BINARY && n->op == OP_OR)
        return find_possible(p, n->u.binary.left) && find_possible(p, n->u.binary.right);
    if (n->kind == NODE_BINARY && n->op == OP_EQ) {
        bool left = is_variable(n->u.binary.left, p->name), right = is_variable(n->u.binary.right, p->name);
        if (left || right)
            add_possible(p, left ? n->u.binary.right : n->u.binary.left);
        return left || right;
    }
    if (n->kind != NODE_CALL || !str_eq_c(n->u.call->name, "contains") || n->u.call->n != 2 ||
        n->u.call->argument[0]->kind != NODE_LIST || !is_variable(n->u.call->argument[1], p->name))
        return false;
    const struct node *list = n->u.call->argument[0];
    for (size_t i = 0; i < list->u.list.n; i++)
        add_possible(p, list->u.list.item[i]);
    return true;
}

static const struct value *choice_of_possible(struct possible *p, const struct declaration *d,
                                              const struct value *fallback)
{
    struct arena *a = p->t->arena;
    struct decider *by = ARENA_NEW(a, struct decider);
    str *labels = ARENA_ARRAY(a, str, p->n);
    const struct value **options = ARENA_ARRAY(a, const struct value *, p->n);
    *by = (struct decider){.name = arena_printf(a, "var." STR_FMT, STR_ARG(d->name)),
                           .option = labels,
                           .n_options = p->n,
                           .known = true,
                           .at = d->header,
                           .default_option = SIZE_MAX};
    for (size_t i = 0; i < p->n; i++) {
        if (!value_to_text(p->value[i], a, &labels[i]))
            labels[i] = STR("null");
        options[i] = p->value[i];
        if (fallback && tf_same(fallback, p->value[i]))
            by->default_option = i;
    }
    return value_choice(a, by, options, origin_new(a, d->header, by->name, NULL));
}

static const struct value *undecided(struct tree *t, const struct declaration *d, const struct value *fallback,
                                     const char *why)
{
    struct possible p = {.t = t, .name = d->name};
    for (size_t i = 0; i < d->body->u.map.n; i++) {
        const struct node *block = d->body->u.map.entry[i].value;
        const struct node *test = block && block->kind == NODE_BLOCK && str_eq_c(block->u.block->type, "validation")
                                      ? node_find(block->u.block->body, "condition")
                                      : NULL;
        if (test && p.n == 0 && find_possible(&p, test) && !p.too_many && p.n > 1)
            return choice_of_possible(&p, d, fallback);
        p.n = 0;
        p.too_many = false;
    }
    str reason = arena_printf(t->arena, "var." STR_FMT " %s", STR_ARG(d->name), why);
    struct value *v = value_unknown(t->arena, reason, origin_new(t->arena, d->header, STR_NONE, NULL));
    v->flags |= TF_INPUT;
    return v;
}

static const struct value *default_value(struct tree *t, const struct declaration *d, struct variable_facts *facts)
{
    const struct node *n = facts->default_node;
    if (n && !facts->fallback) {
        str note = arena_printf(t->arena, "default of var." STR_FMT, STR_ARG(d->name));
        facts->fallback = tf_step(t->arena, typed(t, d, constant(t, n), facts->type), n->at, note);
    }
    return facts->fallback;
}

/* The argument of the call, or what the root is given; NULL: neither. */
static const struct value *given(struct module_instance *m, const struct declaration *d, const struct type *type)
{
    struct tree *t = m->tree;
    if (!m->parent)
        return given_to_root(t, d->name, type);
    const struct node_entry *argument = node_find_entry(m->declaration->body, d->name);
    if (!argument || !argument->value)
        return NULL;
    const struct value *v = eval_force(&t->eval, eval_expression(&t->eval, argument->value, m->call_scope));
    return tf_step(t->arena, v, argument->value->at, m->arguments_note);
}

const struct value *variables_value(struct module_instance *m, struct declaration *d)
{
    struct tree *t = m->tree;
    struct variable_facts *facts = facts_of(t, d);
    const struct value *v = given(m, d, facts->type);
    uint16_t marks = facts->sensitive ? VALUE_SENSITIVE : 0;
    if (v)
        v = typed(t, d, v, facts->type);
    if (v && v->kind == VALUE_NULL && !facts->nullable)
        v = NULL;
    if (v)
        return tf_with_marks(t->arena, v, marks, NULL);
    const struct value *fallback = default_value(t, d, facts);
    bool assume = t->options && t->options->assume_defaults;
    if (!fallback)
        v = undecided(t, d, NULL, "has no value");
    else if (!m->parent && t->alone && !assume)
        v = undecided(t, d, fallback, "is decided by the caller of this module");
    else
        v = fallback;
    return tf_with_marks(t->arena, v, marks, NULL);
}
