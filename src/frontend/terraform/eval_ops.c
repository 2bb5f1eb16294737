#include "frontend/terraform/eval.h"
#include "frontend/terraform/number.h"
#include "frontend/terraform/tree.h"

/* Arithmetic and comparison. */

struct operation {
    struct evaluator *e;
    enum node_op op;
    span at;
    const struct value *left, *right;
};

static const struct value *arithmetic(struct operation *o, const struct value *x, const struct value *y)
{
    struct evaluator *e = o->e;
    const struct origin *origin = origin_new(e->arena, o->at, STR_NONE, x->origin);
    double a = x->u.number.value, b = y->u.number.value;
    bool small = !value_exact(x).n && !value_exact(y).n && a >= -94906265 && a <= 94906265 && b >= -94906265 &&
                 b <= 94906265 && !(a < (double)(int64_t)a) && !(a > (double)(int64_t)a) && !(b < (double)(int64_t)b) &&
                 !(b > (double)(int64_t)b);
    if (small && o->op == OP_ADD)
        return value_number(e->arena, a + b, origin);
    if (small && o->op == OP_SUB)
        return value_number(e->arena, a - b, origin);
    if (small && o->op == OP_MUL)
        return value_number(e->arena, a * b, origin);
    struct number m, n, result;
    number_from_value(x, &m);
    number_from_value(y, &n);
    bool ok = false;
    switch (o->op) {
    case OP_ADD:
        ok = number_add(&m, &n, &result);
        break;
    case OP_SUB:
        ok = number_subtract(&m, &n, &result);
        break;
    case OP_MUL:
        ok = number_multiply(&m, &n, &result);
        break;
    case OP_DIV:
        ok = number_divide(&m, &n, &result);
        break;
    default:
        ok = number_modulo(&m, &n, &result);
        break;
    }
    if (!ok)
        return eval_fail(e, o->at, "can't divide zero by zero or infinity by infinity");
    const struct value *v = number_value(e->arena, &result, origin);
    eval_charge_value(e, v);
    return v;
}

static const struct value *compare(struct operation *o, const struct value *x, const struct value *y)
{
    int c = tf_compare_numbers(x, y);
    bool is = o->op == OP_LT ? c < 0 : o->op == OP_GT ? c > 0 : o->op == OP_LE ? c <= 0 : c >= 0;
    return value_bool(o->e->arena, is, origin_new(o->e->arena, o->at, STR_NONE, x->origin));
}

static const struct value *with_numbers(struct operation *o)
{
    struct evaluator *e = o->e;
    const struct value *x = eval_convert(e, o->left, &type_number, o->at);
    const struct value *y = eval_convert(e, o->right, &type_number, o->at);
    const struct value *both[] = {x, y};
    if (x->flags & TF_FAILED)
        return x;
    if (y->flags & TF_FAILED)
        return y;
    if (x->kind == VALUE_NULL || y->kind == VALUE_NULL)
        return eval_fail(e, o->at, "an operand must not be null");
    if (!tf_settled(x) || !tf_settled(y))
        return tf_unknown_from(e->arena, both, 2, eval_origin(e, o->at));
    const struct value *v = o->op >= OP_ADD ? arithmetic(o, x, y) : compare(o, x, y);
    uint16_t marks = tf_marks_of(both, 2);
    const struct ref *refs = tf_refs_of(e->arena, both, 2);
    return marks || refs ? tf_with_marks(e->arena, v, marks, refs) : v;
}

/* Equality. */

static bool never_null(const struct value *v)
{
    return v->flags & VALUE_NONEMPTY || v->kind == VALUE_TEXT;
}

static bool wholly_known(const struct value *v)
{
    return value_is_known(v);
}

/* A text with holes cannot be equal to what contradicts its fixed start or end. */
static bool text_differs(const struct value *text, const struct value *other)
{
    if (text->kind != VALUE_TEXT || other->kind != VALUE_STRING || text->u.list.n == 0)
        return false;
    str first = value_str(text->u.list.item[0]), last = value_str(text->u.list.item[text->u.list.n - 1]);
    return !str_starts(other->u.string, first) || !str_ends(other->u.string, last);
}

static bool surely_different(const struct value *x, const struct value *y)
{
    bool x_empty = y->kind == VALUE_STRING && y->u.string.n == 0;
    bool y_empty = x->kind == VALUE_STRING && x->u.string.n == 0;
    return (never_null(x) && (y->kind == VALUE_NULL || x_empty)) ||
           (never_null(y) && (x->kind == VALUE_NULL || y_empty)) || text_differs(x, y) || text_differs(y, x);
}

static bool equal_settled(struct evaluator *e, const struct value *x, const struct value *y)
{
    if (x->kind == VALUE_NULL || y->kind == VALUE_NULL)
        return x->kind == y->kind;
    if (x->kind != y->kind)
        return false;
    if (x->kind == VALUE_LIST || x->kind == VALUE_MAP) {
        const struct type *types[] = {type_of(e->arena, x), type_of(e->arena, y)};
        bool empty = x->kind == VALUE_LIST ? x->u.list.n == 0 && y->u.list.n == 0 : x->u.map.n == 0 && y->u.map.n == 0;
        if (empty)
            return types[0]->kind == types[1]->kind;
        if (!type_equal(types[0], types[1]))
            return false;
    }
    return tf_same(x, y);
}

/* Lists and maps with unknown parts differ when their sizes do. */
static bool sizes_differ(const struct value *x, const struct value *y)
{
    if (x->kind != y->kind || (x->flags | y->flags) & TF_OPEN)
        return false;
    if (x->kind == VALUE_LIST)
        return x->u.list.n != y->u.list.n;
    return x->kind == VALUE_MAP && x->u.map.n != y->u.map.n;
}

static const struct value *equal_pair(struct operation *o)
{
    struct evaluator *e = o->e;
    const struct value *x = tf_plain(e->arena, eval_force(e, o->left));
    const struct value *y = tf_plain(e->arena, eval_force(e, o->right));
    const struct value *both[] = {x, y};
    const struct origin *origin = origin_new(e->arena, o->at, STR_NONE, x->origin);
    if (x->flags & TF_FAILED || y->flags & TF_FAILED)
        return x->flags & TF_FAILED ? x : y;
    bool known = wholly_known(x) && wholly_known(y);
    bool decided = known || surely_different(x, y) || sizes_differ(x, y);
    if (tf_settled(x) && tf_settled(y) && (x->kind == VALUE_NULL) != (y->kind == VALUE_NULL))
        decided = true;
    if (!decided)
        return tf_unknown_from(e->arena, both, 2, origin);
    bool is = known && equal_settled(e, x, y);
    const struct value *v = value_bool(e->arena, o->op == OP_NE ? !is : is, origin);
    return tf_with_marks(e->arena, v, tf_marks_of(both, 2), NULL);
}

/* Both sides lifted. */

typedef const struct value *pair_fn(struct operation *o);

struct pair_lift {
    struct operation *o;
    pair_fn *fn;
};

static const struct value *lift_right(void *context, const struct value *right)
{
    struct pair_lift *l = context;
    struct operation o = *l->o;
    o.right = right;
    return l->fn(&o);
}

static const struct value *lift_left(void *context, const struct value *left)
{
    struct pair_lift *l = context;
    struct operation o = *l->o;
    struct pair_lift inner = {&o, l->fn};
    o.left = left;
    return eval_lift(o.e, o.right, lift_right, &inner);
}

static const struct value *lift_pair(struct operation *o, pair_fn *fn)
{
    struct pair_lift l = {o, fn};
    if (o->left->kind != VALUE_CHOICE && o->right->kind != VALUE_CHOICE)
        return fn(o);
    return eval_lift(o->e, o->left, lift_left, &l);
}

const struct value *eval_equal(struct evaluator *e, const struct value *x, const struct value *y, span at)
{
    struct operation o = {e, OP_EQ, at, x, y};
    return lift_pair(&o, equal_pair);
}

/* Logic. */

static const struct value *logic_pair(struct operation *o)
{
    struct evaluator *e = o->e;
    const struct value *x = eval_convert(e, o->left, &type_bool, o->at);
    const struct value *y = eval_convert(e, o->right, &type_bool, o->at);
    const struct value *both[] = {x, y};
    bool absorbing = o->op == OP_OR;
    bool x_absorbs = x->kind == VALUE_BOOL && x->u.boolean == absorbing;
    bool y_absorbs = y->kind == VALUE_BOOL && y->u.boolean == absorbing;
    const struct origin *origin = origin_new(e->arena, o->at, STR_NONE, x->origin);
    if (x->flags & TF_FAILED || y->flags & TF_FAILED)
        return x->flags & TF_FAILED ? x : y;
    if (x_absorbs || y_absorbs)
        return value_bool(e->arena, absorbing, origin);
    if (!tf_settled(x) || !tf_settled(y))
        return tf_unknown_from(e->arena, both, 2, origin);
    bool a = x->kind == VALUE_BOOL && x->u.boolean, b = y->kind == VALUE_BOOL && y->u.boolean;
    const struct value *v = value_bool(e->arena, o->op == OP_OR ? a || b : a && b, origin);
    return tf_with_marks(e->arena, v, tf_marks_of(both, 2), NULL);
}

const struct value *eval_binary(struct evaluator *e, const struct node *n, const struct scope *s)
{
    const struct value *left = eval_force(e, eval_node(e, n->u.binary.left, s));
    struct operation o = {e, (enum node_op)n->op, n->at, left, NULL};
    o.right = eval_force(e, eval_node(e, n->u.binary.right, s));
    if (n->op == OP_AND || n->op == OP_OR)
        return lift_pair(&o, logic_pair);
    if (n->op == OP_EQ || n->op == OP_NE)
        return lift_pair(&o, equal_pair);
    return lift_pair(&o, with_numbers);
}

static const struct value *unary_alternative(void *context, const struct value *v)
{
    struct operation *o = context;
    struct evaluator *e = o->e;
    const struct type *wanted = o->op == OP_NOT ? &type_bool : &type_number;
    const struct value *x = eval_convert(e, v, wanted, o->at);
    if (x->flags & TF_FAILED)
        return x;
    if (x->kind == VALUE_NULL)
        return eval_fail(e, o->at, "an operand must not be null");
    const struct origin *origin = origin_new(e->arena, o->at, STR_NONE, x->origin);
    if (!tf_settled(x))
        return tf_unknown_from(e->arena, &x, 1, origin);
    if (o->op == OP_NOT)
        return tf_with_marks(e->arena, value_bool(e->arena, !x->u.boolean, origin), x->flags & VALUE_SENSITIVE, x->ref);
    struct number m;
    number_from_value(x, &m);
    number_negate(&m);
    const struct value *negated = number_value(e->arena, &m, origin);
    eval_charge_value(e, negated);
    return tf_with_marks(e->arena, negated, x->flags & VALUE_SENSITIVE, x->ref);
}

const struct value *eval_unary(struct evaluator *e, const struct node *n, const struct scope *s)
{
    struct operation o = {.e = e, .op = (enum node_op)n->op, .at = n->at};
    return eval_lift(e, eval_node(e, n->u.unary.operand, s), unary_alternative, &o);
}

/* Conditionals. */

struct branches {
    struct evaluator *e;
    const struct node *test;
    const struct scope *scope;
    const struct value *yes, *no;
    span at;
};

static bool bring_together(struct branches *b)
{
    struct evaluator *e = b->e;
    if (b->yes->flags & (TF_LAZY | TF_RESOURCE | TF_FAILED) || b->no->flags & (TF_LAZY | TF_RESOURCE | TF_FAILED))
        return true;
    const struct type *types[] = {type_of(e->arena, b->yes), type_of(e->arena, b->no)};
    if (type_equal(types[0], types[1]))
        return true;
    const struct type *t = type_unify(e->arena, types, 2);
    if (!t)
        return false;
    struct type_conversion c = {.arena = e->arena};
    const struct value *yes = type_convert(&c, b->yes, t), *no = yes ? type_convert(&c, b->no, t) : NULL;
    if (!no)
        return false;
    b->yes = yes;
    b->no = no;
    return true;
}

const struct value *eval_choose(struct evaluator *e, const struct node *test, const struct value *decided,
                                const struct value *yes, const struct value *no, span at, const struct scope *s)
{
    const struct value *all[] = {decided, yes, no};
    bool negated;
    const struct decider *by = tree_decider(e, test, decided, s, &negated);
    const struct origin *origin = eval_origin(e, at);
    if (!by)
        return tf_unknown_from(e->arena, all, 1, origin);
    const struct value *options[] = {negated ? no : yes, negated ? yes : no};
    const struct value *v = value_choice(e->arena, by, options, origin);
    return v ? v : value_null(e->arena, origin);
}

static const struct value *decide(void *context, const struct value *test)
{
    struct branches *b = context;
    struct evaluator *e = b->e;
    const struct value *t = eval_convert(e, test, &type_bool, b->test->at);
    if (t->flags & TF_FAILED)
        return t;
    if (t->kind == VALUE_NULL)
        return eval_fail(e, b->test->at, "the condition is null");
    if (t->kind != VALUE_BOOL)
        return eval_choose(e, b->test, t, b->yes, b->no, b->at, b->scope);
    const struct value *taken = t->u.boolean ? b->yes : b->no;
    if (taken->flags & (TF_LAZY | TF_RESOURCE))
        return taken;
    return tf_with_marks(e->arena, tf_step(e->arena, taken, b->at, STR_NONE), t->flags & VALUE_SENSITIVE, NULL);
}

/* Only a branch that counts may fail. */
const struct value *eval_conditional(struct evaluator *e, const struct node *test, const struct node *yes,
                                     const struct node *no, span at, const struct scope *s)
{
    const struct value *t = eval_force(e, eval_node(e, test, s));
    struct branches b = {.e = e, .test = test, .scope = s, .at = at};
    size_t mark = eval_mark(e);
    b.yes = eval_node(e, yes, s);
    size_t middle = eval_mark(e);
    b.no = eval_node(e, no, s);
    bool settled = t->kind == VALUE_BOOL;
    if (settled && t->u.boolean)
        eval_forget(e, middle);
    else if (settled && middle > mark && !(b.no->flags & TF_FAILED))
        eval_forget(e, mark);
    else if (!settled && eval_mark(e) > mark && (b.yes->flags & TF_FAILED) != (b.no->flags & TF_FAILED))
        eval_forget(e, mark);
    if (!bring_together(&b))
        return eval_fail(e, at, "the true and false results must have consistent types");
    return eval_lift(e, t, decide, &b);
}
