/* What a name means: the roots var, local, module, data, path, terraform, and resource types. */
#include "base/path.h"
#include "frontend/terraform/tree.h"

static struct scope *new_scope(struct module_instance *m)
{
    struct scope *s = ARENA_NEW(m->tree->own, struct scope);
    s->module = m;
    return s;
}

const struct scope *scope_of(struct module_instance *m, const struct instance *i, const struct expansion *x)
{
    struct arena *a = m->tree->arena;
    struct scope *s = new_scope(m);
    if (!i || x->mode == EXPAND_NONE)
        return s;
    struct value_entry *pair = ARENA_ARRAY(a, struct value_entry, 2);
    struct binding *b = ARENA_NEW(m->tree->own, struct binding);
    bool count = x->mode == EXPAND_COUNT;
    pair[0] = (struct value_entry){count ? STR("index") : STR("key"), SPAN_NONE, i->key};
    pair[1] = (struct value_entry){STR("value"), SPAN_NONE, i->value};
    b->name = count ? STR("count") : STR("each");
    b->value = tf_object(a, pair, count ? 1 : 2, NULL);
    s->bound = b;
    return s;
}

/* path, terraform. */

static const struct value *path_value(struct evaluator *e, struct module_instance *m, str name, span at)
{
    str s = STR_NONE, root = m->tree->root->module->real;
    if (str_eq_c(name, "module")) {
        s = m->module->real.n && root.n ? path_relative(e->arena, m->module->real, root) : m->module->dir;
    } else if (str_eq_c(name, "root")) {
        s = STR(".");
    } else if (str_eq_c(name, "cwd")) {
        s = root;
    } else {
        return eval_fail_as(e, DIAG_REFERENCE, at, "path has no attribute \"" STR_FMT "\"", STR_ARG(name));
    }
    return value_string(e->arena, s.n ? s : STR("."), eval_origin(e, at));
}

static const struct value *terraform_value(struct evaluator *e, struct tree *t, str name, span at)
{
    if (!str_eq_c(name, "workspace"))
        return value_unknown(e->arena, arena_printf(e->arena, "terraform." STR_FMT " is not known", STR_ARG(name)),
                             eval_origin(e, at));
    str workspace = t->options && t->options->workspace.n ? t->options->workspace : STR("default");
    return value_string(e->arena, workspace, origin_new(e->arena, at, STR("terraform.workspace"), NULL));
}

static const struct value *call_value(struct module_instance *m, str name, span at)
{
    struct evaluator *e = &m->tree->eval;
    const struct declaration *d = map_find(&m->module->call.by_key, name);
    if (!d)
        return eval_fail_as(e, DIAG_REFERENCE, at, "there is no module \"" STR_FMT "\"", STR_ARG(name));
    struct call_set *set = tree_call_set(m, d);
    if (!set->whole)
        return eval_fail_as(e, DIAG_CYCLE, at, "module." STR_FMT " depends on itself", STR_ARG(name));
    return set->whole;
}

static const struct value *resource_value(struct module_instance *m, str key, span at)
{
    struct evaluator *e = &m->tree->eval;
    const struct value *v = tree_resource(m, key, at);
    if (v)
        return v;
    /* Still a reference to one resource, and to none of those that are here. */
    const struct value *failed =
        eval_fail_as(e, DIAG_REFERENCE, at, "there is no " STR_FMT " in this module", STR_ARG(key));
    struct ref *ref = ARENA_NEW(e->arena, struct ref);
    ref->address = m->address.n ? arena_printf(e->arena, STR_FMT "." STR_FMT, STR_ARG(m->address), STR_ARG(key)) : key;
    struct value *missing = value_ref(e->arena, ref, failed->u.reason, failed->origin);
    missing->flags |= TF_RESOURCE;
    return missing;
}

static const struct value *named_value(struct module_instance *m, str root, str name, span at)
{
    struct evaluator *e = &m->tree->eval;
    if (str_eq_c(root, "var"))
        return tree_variable(m, name, at);
    if (str_eq_c(root, "local"))
        return tree_local(m, name, at);
    if (str_eq_c(root, "module"))
        return call_value(m, name, at);
    if (str_eq_c(root, "path"))
        return path_value(e, m, name, at);
    if (str_eq_c(root, "terraform") || str_eq_c(root, "tofu"))
        return terraform_value(e, m->tree, name, at);
    if (str_eq_c(root, "each") || str_eq_c(root, "count") || str_eq_c(root, "self"))
        return eval_fail_as(e, DIAG_REFERENCE, at, STR_FMT "." STR_FMT " has no meaning here", STR_ARG(root),
                            STR_ARG(name));
    if (str_eq_c(root, "data") || str_eq_c(root, "ephemeral"))
        return NULL;
    return resource_value(m, arena_printf(e->arena, STR_FMT "." STR_FMT, STR_ARG(root), STR_ARG(name)), at);
}

const struct value *eval_reference(struct evaluator *e, const struct node *n, const struct scope *s)
{
    if (!s->module || s->template_only || n->kind != NODE_GET)
        return NULL;
    const struct node *object = n->u.get.object;
    if (object->kind == NODE_VARIABLE)
        return named_value(s->module, object->u.string, n->u.get.name, n->at);
    if (object->kind != NODE_GET || object->u.get.object->kind != NODE_VARIABLE)
        return NULL;
    str root = object->u.get.object->u.string;
    if (!str_eq_c(root, "data") && !str_eq_c(root, "ephemeral"))
        return NULL;
    str key = arena_printf(e->arena, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(root), STR_ARG(object->u.get.name),
                           STR_ARG(n->u.get.name));
    return resource_value(s->module, key, n->at);
}
