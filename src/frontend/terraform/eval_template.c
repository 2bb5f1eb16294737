#include "base/vec.h"
#include "frontend/terraform/eval.h"

enum { MAX_TEMPLATE_CHOICES = 3 };

struct parts {
    const struct value **at;
    size_t n, cap;
    size_t bytes; /* of the strings so far */
    const struct value *failed;
    const struct value *unknown; /* a directive that cannot be decided */
};

static void add_parts(struct evaluator *e, const struct node *n, const struct scope *s, struct parts *p);

static void add_value(struct evaluator *e, const struct value *v, span at, struct parts *p)
{
    v = tf_plain(e->arena, eval_force(e, v));
    if (v->kind == VALUE_NULL)
        v = eval_fail(e, at, "a null value cannot stand in a string template");
    else
        v = eval_convert(e, v, &type_string, at);
    if (v->flags & TF_FAILED)
        p->failed = v;
    p->bytes += value_str(v).n;
    VEC_PUSH(p, v);
}

static void add_for(struct evaluator *e, const struct node *n, const struct scope *s, struct parts *p)
{
    const struct value *source = eval_force(e, eval_node(e, n->u.loop->source, s));
    struct iteration it;
    const struct value *instead;
    if (!eval_iterate(e, source, n->u.loop->source->at, &it, &instead)) {
        if (instead->flags & TF_FAILED)
            p->failed = instead;
        VEC_PUSH(p, instead);
        return;
    }
    for (size_t i = 0; i < it.n && !p->failed; i++) {
        struct binding names[2] = {{n->u.loop->key_name, it.key[i], s->bound},
                                   {n->u.loop->value_name, it.value[i], NULL}};
        names[1].outer = n->u.loop->key_name.n ? &names[0] : s->bound;
        struct scope inner = *s;
        inner.bound = &names[1];
        add_parts(e, n->u.loop->value, &inner, p);
        if (p->bytes > LIMIT_STRING_BYTES || p->n > LIMIT_COLLECTION)
            p->failed = eval_fail_as(e, DIAG_LIMIT, n->at, "the template makes too long a text");
    }
}

static const struct value *join(struct evaluator *e, const struct value **parts, size_t n, const struct origin *o,
                                unsigned choices);

static const struct value *branch(struct evaluator *e, const struct node *n, const struct scope *s, struct parts *outer)
{
    struct parts p = {0};
    if (n)
        add_parts(e, n, s, &p);
    if (p.failed)
        outer->failed = p.failed;
    const struct value **copy = arena_copy(e->arena, p.at, p.n * sizeof(struct value *));
    const struct value *v = join(e, copy, p.n, n ? eval_origin(e, n->at) : NULL, 0);
    VEC_RELEASE(&p);
    return v;
}

static void add_if(struct evaluator *e, const struct node *n, const struct scope *s, struct parts *p)
{
    const struct node *test = n->u.conditional.test;
    const struct value *t = eval_convert(e, eval_force(e, eval_node(e, test, s)), &type_bool, test->at);
    if (t->kind == VALUE_NULL)
        t = eval_fail(e, test->at, "the condition is null");
    if (t->flags & TF_FAILED) {
        p->failed = t;
        return;
    }
    if (t->kind == VALUE_BOOL) {
        const struct node *taken = t->u.boolean ? n->u.conditional.yes : n->u.conditional.no;
        if (taken)
            add_parts(e, taken, s, p);
        return;
    }
    const struct value *yes = branch(e, n->u.conditional.yes, s, p), *no = branch(e, n->u.conditional.no, s, p);
    const struct value *v;
    if (t->kind == VALUE_CHOICE && t->u.choice.by->n_options <= LIMIT_ALTERNATIVES) {
        const struct decider *by = t->u.choice.by;
        const struct value **options = ARENA_ARRAY(e->arena, const struct value *, by->n_options);
        for (size_t i = 0; i < by->n_options; i++) {
            const struct value *o = t->u.choice.option[i];
            options[i] = value_is(o, VALUE_BOOL) ? (o->u.boolean ? yes : no)
                                                 : tf_unknown_from(e->arena, &t, 1, eval_origin(e, n->at));
        }
        v = value_choice(e->arena, by, options, eval_origin(e, n->at));
    } else {
        v = eval_choose(e, test, t, yes, no, n->at, s);
    }
    VEC_PUSH(p, v);
}

static void add_parts(struct evaluator *e, const struct node *n, const struct scope *s, struct parts *p)
{
    size_t count = n->kind == NODE_TEMPLATE ? n->u.template.n : 1;
    for (size_t i = 0; i < count && !p->failed; i++) {
        const struct node *part = n->kind == NODE_TEMPLATE ? n->u.template.part[i] : n;
        if (part->kind == NODE_TEMPLATE_FOR)
            add_for(e, part, s, p);
        else if (part->kind == NODE_TEMPLATE_IF)
            add_if(e, part, s, p);
        else
            add_value(e, eval_node(e, part, s), part->at, p);
        if (p->bytes > LIMIT_STRING_BYTES && !p->failed)
            p->failed = eval_fail_as(e, DIAG_LIMIT, n->at, "the template makes too long a text");
    }
}

static const struct value *join(struct evaluator *e, const struct value **parts, size_t n, const struct origin *o,
                                unsigned choices)
{
    const struct decider *by = NULL;
    for (size_t i = 0; i < n && !by; i++) {
        if (value_is(parts[i], VALUE_CHOICE))
            by = parts[i]->u.choice.by;
    }
    if (!by || choices == MAX_TEMPLATE_CHOICES)
        return value_text(e->arena, parts, n, o);
    const struct value **options = ARENA_ARRAY(e->arena, const struct value *, by->n_options);
    for (size_t k = 0; k < by->n_options; k++) {
        const struct value **chosen = arena_copy(e->arena, parts, n * sizeof(struct value *));
        for (size_t i = 0; i < n; i++) {
            while (value_is(chosen[i], VALUE_CHOICE) && chosen[i]->u.choice.by == by)
                chosen[i] = chosen[i]->u.choice.option[k];
        }
        options[k] = join(e, chosen, n, o, choices + 1);
    }
    return value_choice(e->arena, by, options, o);
}

const struct value *eval_template(struct evaluator *e, const struct node *n, const struct scope *s)
{
    if (n->u.template.n == 1) {
        const struct node *only = n->u.template.part[0];
        if (only->kind != NODE_TEMPLATE_FOR && only->kind != NODE_TEMPLATE_IF && only->kind != NODE_STRING &&
            !(n->flags & NODE_HEREDOC)) {
            const struct value *v = eval_node(e, only, s);
            return v->flags & (TF_LAZY | TF_RESOURCE) ? v : tf_step(e->arena, v, n->at, STR_NONE);
        }
    }
    struct parts p = {0};
    add_parts(e, n, s, &p);
    const struct value *v = p.failed;
    if (!v) {
        const struct value **copy = arena_copy(e->arena, p.at, p.n * sizeof(struct value *));
        v = join(e, copy, p.n, eval_origin(e, n->at), 0);
        eval_charge_value(e, v);
        v = tf_with_marks(e->arena, v, tf_marks_of(copy, p.n), NULL);
    }
    VEC_RELEASE(&p);
    return v;
}
