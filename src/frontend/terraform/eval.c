#include "frontend/terraform/eval.h"

#include "base/vec.h"
#include "frontend/terraform/function.h"
#include "frontend/terraform/number.h"
#include "frontend/terraform/tree.h"

/* A node costs some hundred bytes besides its time. */
enum {
    MAX_FRAMES = 3 * LIMIT_DEPTH,
    STEPS_EACH = 10,
    STEPS_A_FRACTION = 200, /* a number that a double does not hold, and then the square of its digits */
    SQUARED_DIGITS_A_STEP = 128,
    STEPS_AN_ELEMENT = 4,
    BYTES_A_STEP = 16,
    SPARE_STEPS = LIMIT_EVAL_STEPS / 4
};

void eval_init(struct evaluator *e, struct arena *a, struct diag_list *diags)
{
    memset(e, 0, sizeof(*e));
    e->arena = a;
    e->diags = diags;
    e->steps = LIMIT_EVAL_STEPS;
    e->spare = SPARE_STEPS;
}

void eval_release(struct evaluator *e)
{
    VEC_RELEASE(&e->failures);
}

/* Failures. */

static const struct value *failed(struct evaluator *e, enum diag_id id, span at, str message)
{
    struct failure f = {at, id, message};
    if (e->failures.n < LIMIT_FILE_DIAGNOSTICS)
        VEC_PUSH(&e->failures, f);
    struct value *v = value_unknown(e->arena, message, eval_origin(e, at));
    v->flags |= TF_FAILED;
    return v;
}

const struct value *eval_fail(struct evaluator *e, span at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(e->arena, fmt, ap);
    va_end(ap);
    return failed(e, DIAG_EXPRESSION, at, message);
}

const struct value *eval_fail_as(struct evaluator *e, enum diag_id id, span at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(e->arena, fmt, ap);
    va_end(ap);
    return failed(e, id, at, message);
}

size_t eval_mark(const struct evaluator *e)
{
    return e->failures.n;
}

void eval_forget(struct evaluator *e, size_t mark)
{
    if (e->failures.n > mark)
        e->failures.n = mark;
}

void eval_flush(struct evaluator *e, size_t mark)
{
    for (size_t i = mark; i < e->failures.n; i++) {
        const struct failure *f = &e->failures.at[i];
        diag_add(e->diags, f->id, f->at, STR_FMT, STR_ARG(f->message));
    }
    eval_forget(e, mark);
}

const struct origin *eval_origin(struct evaluator *e, span at)
{
    return origin_new(e->arena, at, STR_NONE, NULL);
}

void eval_allow(struct evaluator *e, size_t bytes)
{
    e->steps += bytes;
    e->spare += bytes * STEPS_EACH;
}

bool eval_charge(struct evaluator *e, size_t steps)
{
    bool enough = e->steps >= steps;
    e->steps = enough ? e->steps - steps : 0;
    return enough;
}

void eval_charge_value(struct evaluator *e, const struct value *made)
{
    if (made->kind == VALUE_LIST)
        eval_charge(e, made->u.list.n * STEPS_AN_ELEMENT);
    else if (made->kind == VALUE_MAP)
        eval_charge(e, made->u.map.n * STEPS_AN_ELEMENT);
    else if (made->kind == VALUE_STRING)
        eval_charge(e, made->u.string.n / BYTES_A_STEP);
    else if (made->kind == VALUE_NUMBER && value_exact(made).n)
        eval_charge(e, STEPS_A_FRACTION + value_exact(made).n * value_exact(made).n / SQUARED_DIGITS_A_STEP);
}

/* Once an expression has used the steps up, the others get as many as their text needs, so that one bomb does not take
 * the answers from its neighbours. */
static const struct value *eval_sparingly(struct evaluator *e, const struct node *n, const struct scope *s)
{
    size_t before = e->steps, grant = (n->at.end - n->at.start + 1u) * STEPS_EACH;
    grant = grant < e->spare ? grant : e->spare;
    e->spare -= grant;
    e->steps = grant;
    const struct value *v = eval_node(e, n, s);
    e->spare += e->steps;
    e->steps = before;
    return v;
}

const struct value *eval_expression(struct evaluator *e, const struct node *n, const struct scope *s)
{
    size_t mark = eval_mark(e);
    e->sparing |= e->steps < STEPS_EACH;
    const struct value *v = e->sparing && n ? eval_sparingly(e, n, s) : eval_node(e, n, s);
    eval_flush(e, mark);
    return v;
}

/* Lifting. */

const struct value *eval_lift(struct evaluator *e, const struct value *v, value_map_fn *fn, void *context)
{
    if (!value_is(v, VALUE_CHOICE))
        return fn(context, v);
    size_t mark = eval_mark(e);
    const struct value *made = value_lift(e->arena, v, fn, context);
    if (value_is(made, VALUE_CHOICE) || (made && !(made->flags & TF_FAILED)))
        eval_forget(e, mark);
    return made ? made : value_null(e->arena, v->origin);
}

const struct value *eval_force(struct evaluator *e, const struct value *v)
{
    return v->flags & TF_LAZY ? tree_force(e, v) : v;
}

const struct value *eval_convert(struct evaluator *e, const struct value *v, const struct type *t, span at)
{
    struct type_conversion c = {.arena = e->arena};
    v = eval_force(e, v);
    const struct value *made = type_convert(&c, v, t);
    return made ? made : eval_fail(e, at, STR_FMT, STR_ARG(c.error));
}

/* Getting and indexing. */

struct step {
    struct evaluator *e;
    str name;
    const struct value *key;
    span at;
};

/* What a provider makes up, not what is written. */
static const struct value *after_apply(struct evaluator *e, const struct value *object, str name, span at)
{
    static const char *const sure[] = {
        "id",       "arn", "name",     "bucket",  "key_id",     "unique_id",          "invoke_arn",    "domain_name",
        "endpoint", "url", "dns_name", "zone_id", "identifier", "cluster_identifier", "repository_url"};
    struct ref *ref = ARENA_NEW(e->arena, struct ref);
    *ref = *object->ref;
    ref->attribute = ref->attribute.n ? ref->attribute : name;
    ref->next = NULL;
    bool data = str_starts(ref->address, STR("data.")) || str_contains(ref->address, STR(".data."));
    str reason = arena_printf(
        e->arena, data ? "looked up at apply: " STR_FMT "." STR_FMT : "known after apply: " STR_FMT "." STR_FMT,
        STR_ARG(ref->address), STR_ARG(ref->attribute));
    struct value *v = value_ref(e->arena, ref, reason, origin_new(e->arena, at, reason, object->origin));
    bool nonempty = str_ends(name, STR("_arn")) || str_ends(name, STR("_id"));
    for (size_t i = 0; i < ARRAY_LEN(sure); i++)
        nonempty |= str_eq_c(name, sure[i]);
    if (!nonempty)
        v->flags &= (uint16_t)~VALUE_NONEMPTY;
    return v;
}

static const struct value *get_of_resource(struct evaluator *e, const struct value *object, str name, span at)
{
    const struct value *found = value_get(object, name);
    if (!found || found->kind == VALUE_NULL)
        return after_apply(e, object, name, at);
    struct value *v = value_copy(e->arena, found);
    struct ref *ref = ARENA_NEW(e->arena, struct ref);
    *ref = *object->ref;
    ref->attribute = name;
    ref->next = found->ref;
    v->ref = ref;
    v->origin = origin_new(
        e->arena, at, arena_printf(e->arena, STR_FMT "." STR_FMT, STR_ARG(ref->address), STR_ARG(name)), found->origin);
    return v;
}

static str note_of(const struct value *v)
{
    return v->origin ? origin_note(v->origin) : STR_NONE;
}

static const struct value *get_alternative(void *context, const struct value *object);

static const struct value *get_known(struct step *st, const struct value *object)
{
    struct evaluator *e = st->e;
    int64_t i;
    if (object->kind == VALUE_LIST && str_to_int(st->name, &i))
        return eval_index(e, object, tf_int(e->arena, i, NULL), st->at);
    if (object->kind == VALUE_NULL)
        return eval_fail(e, st->at, "attempt to get attribute \"" STR_FMT "\" from a null value", STR_ARG(st->name));
    if (object->kind == VALUE_LIST && object->flags & VALUE_IS_BLOCK && object->u.list.n == 1)
        return eval_get(e, object->u.list.item[0], st->name, st->at);
    if (object->kind != VALUE_MAP || object->flags & VALUE_JSON)
        return eval_fail(e, st->at, "this value has no attribute \"" STR_FMT "\"", STR_ARG(st->name));
    if (object->flags & TF_RESOURCE && object->flags & VALUE_IS_BLOCK && object->ref)
        return get_of_resource(e, object, st->name, st->at);
    const struct value *found = tf_lookup(object, st->name);
    if (found) {
        const struct value *v = tf_step(e->arena, found, st->at, note_of(object));
        return tf_with_marks(e->arena, v, object->flags & VALUE_SENSITIVE, NULL);
    }
    if (object->flags & VALUE_IS_BLOCK && object->ref)
        return after_apply(e, object, st->name, st->at);
    if (object->flags & (VALUE_IS_BLOCK | TF_OPEN))
        return value_unknown(e->arena, STR("known after apply"), eval_origin(e, st->at));
    return eval_fail(e, st->at, "this object does not have an attribute named \"" STR_FMT "\"", STR_ARG(st->name));
}

static const struct value *get_alternative(void *context, const struct value *object)
{
    struct step *st = context;
    return eval_get(st->e, object, st->name, st->at);
}

const struct value *eval_get(struct evaluator *e, const struct value *object, str name, span at)
{
    struct step st = {.e = e, .name = name, .at = at};
    if (object->flags & TF_LAZY)
        return tree_lazy_get(e, object, name, at);
    switch ((enum value_kind)object->kind) {
    case VALUE_CHOICE:
        return eval_lift(e, object, get_alternative, &st);
    case VALUE_UNKNOWN:
        if (object->flags & TF_FAILED)
            return object;
        if (object->ref && object->flags & TF_RESOURCE)
            return after_apply(e, object, name, at);
        return tf_unknown_from(e->arena, &object, 1, eval_origin(e, at));
    default:
        return get_known(&st, object);
    }
}

static const struct value *index_list(struct step *st, const struct value *object)
{
    struct evaluator *e = st->e;
    int64_t i;
    struct type_conversion c = {.arena = e->arena};
    const struct value *key = type_convert(&c, st->key, &type_number);
    if (!key || !tf_int_of(key, &i))
        return eval_fail(e, st->at, "the index of a list must be a whole number");
    if (object->flags & VALUE_IS_SET)
        return eval_fail(e, st->at, "elements of a set have no index");
    if (object->flags & VALUE_PARTIAL && object->u.list.n == 1)
        i = 0;
    if (i < 0 || (uint64_t)i >= object->u.list.n) {
        if (object->flags & VALUE_PARTIAL)
            return tf_unknown_from(e->arena, &object, 1, eval_origin(e, st->at));
        return eval_fail(e, st->at, "there is no element %lld: the collection has %zu", (long long)i, object->u.list.n);
    }
    const struct value *found = object->u.list.item[i];
    if (object->flags & TF_RESOURCE || !found)
        return found ? found : value_null(e->arena, eval_origin(e, st->at));
    return tf_with_marks(e->arena, tf_step(e->arena, found, st->at, note_of(object)), object->flags & VALUE_SENSITIVE,
                         NULL);
}

static const struct value *index_map(struct step *st, const struct value *object)
{
    struct evaluator *e = st->e;
    struct type_conversion c = {.arena = e->arena};
    const struct value *key = type_convert(&c, tf_plain(e->arena, st->key), &type_string);
    if (!key || key->kind != VALUE_STRING)
        return key && !tf_settled(key) ? tf_unknown_from(e->arena, &key, 1, eval_origin(e, st->at))
                                       : eval_fail(e, st->at, "the key of a map must be a string");
    if (object->flags & TF_RESOURCE && object->flags & VALUE_IS_BLOCK && object->ref)
        return get_of_resource(e, object, key->u.string, st->at);
    const struct value *found = tf_lookup(object, key->u.string);
    if (!found && object->flags & TF_RESOURCE && object->flags & VALUE_PARTIAL)
        found = tf_lookup(object, STR_NONE);
    if (found && object->flags & TF_RESOURCE)
        return found;
    if (found)
        return tf_with_marks(e->arena, tf_step(e->arena, found, st->at, note_of(object)),
                             object->flags & VALUE_SENSITIVE, NULL);
    if (object->flags & (TF_OPEN | VALUE_IS_BLOCK))
        return tf_unknown_from(e->arena, &object, 1, eval_origin(e, st->at));
    return eval_fail(e, st->at, "there is no element with the key \"" STR_FMT "\"", STR_ARG(key->u.string));
}

static const struct value *index_object(void *context, const struct value *object)
{
    struct step *st = context;
    struct evaluator *e = st->e;
    object = eval_force(e, object);
    const struct value *both[] = {object, st->key};
    if (object->kind == VALUE_UNKNOWN && object->flags & TF_FAILED)
        return object;
    if (object->kind == VALUE_UNKNOWN && object->ref && object->flags & TF_RESOURCE)
        return tf_with_marks(e->arena, tf_step(e->arena, object, st->at, STR_NONE), TF_RESOURCE, NULL);
    if (object->kind == VALUE_NULL || st->key->kind == VALUE_NULL)
        return eval_fail(e, st->at, "a null value cannot be indexed, nor be an index");
    if (object->flags & VALUE_PARTIAL && object->flags & TF_RESOURCE && !tf_settled(st->key)) {
        if (object->kind == VALUE_LIST && object->u.list.n == 1)
            return object->u.list.item[0];
        if (object->kind == VALUE_MAP && object->u.map.n == 1)
            return object->u.map.entry[0].value;
    }
    if (!tf_settled(object) || !tf_settled(st->key))
        return tf_unknown_from(e->arena, both, 2, eval_origin(e, st->at));
    if (object->kind == VALUE_LIST && !(object->flags & VALUE_JSON))
        return index_list(st, object);
    if (object->kind == VALUE_MAP && !(object->flags & VALUE_JSON))
        return index_map(st, object);
    return eval_fail(e, st->at, "this value has no elements");
}

static const struct value *index_by_key(void *context, const struct value *key)
{
    struct step *st = context;
    struct step with = *st;
    with.key = key;
    const struct value *object = (const struct value *)(uintptr_t)st->name.p;
    with.name = STR_NONE;
    return eval_lift(st->e, object, index_object, &with);
}

const struct value *eval_index(struct evaluator *e, const struct value *object, const struct value *key, span at)
{
    struct step st = {.e = e, .at = at, .key = key};
    if (key->kind != VALUE_CHOICE)
        return eval_lift(e, object, index_object, &st);
    st.name = (str){(const char *)object, sizeof(*object)};
    return eval_lift(e, key, index_by_key, &st);
}

/* Nodes. */

static const struct value *literal_number(struct evaluator *e, const struct node *n)
{
    if (n->u.number.text.n <= 15 && str_find_char(n->u.number.text, '.') == SIZE_MAX &&
        str_find_char(n->u.number.text, 'e') == SIZE_MAX && str_find_char(n->u.number.text, 'E') == SIZE_MAX)
        return value_number(e->arena, n->u.number.value, eval_origin(e, n->at));
    const struct value *v = number_value_of(e->arena, n->u.number.text, eval_origin(e, n->at));
    if (!v)
        return eval_fail(e, n->at, "the number has too many digits");
    eval_charge_value(e, v);
    return v;
}

static const struct value *eval_list(struct evaluator *e, const struct node *n, const struct scope *s)
{
    const struct value **items = ARENA_ARRAY(e->arena, const struct value *, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++)
        items[i] = eval_force(e, eval_node(e, n->u.list.item[i], s));
    return tf_tuple(e->arena, items, n->u.list.n, eval_origin(e, n->at));
}

/* The text of a key. *ret_unknown: the key that cannot be told; *ret_holed is set when the text shows holes. */
static str object_key(struct evaluator *e, const struct node *n, const struct scope *s,
                      const struct value **ret_unknown, bool *ret_holed)
{
    if (n->kind == NODE_STRING || n->kind == NODE_VARIABLE)
        return n->u.string;
    const struct value *key = eval_convert(e, tf_plain(e->arena, eval_node(e, n, s)), &type_string, n->at);
    if (key->kind == VALUE_NULL)
        key = eval_fail(e, n->at, "the key of an object must not be null");
    if (key->kind == VALUE_STRING)
        return key->u.string;
    str name = tf_holed_key(e->arena, key);
    *ret_holed |= name.n > 0;
    *ret_unknown = name.n ? NULL : key;
    return name;
}

static const struct value *eval_object(struct evaluator *e, const struct node *n, const struct scope *s)
{
    struct value_entry *entries = ARENA_ARRAY(e->arena, struct value_entry, n->u.map.n);
    const struct value *unknown_key = NULL;
    bool holed = false;
    size_t k = 0;
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *en = &n->u.map.entry[i];
        const struct value *unknown = NULL;
        str name = object_key(e, en->key, s, &unknown, &holed);
        if (unknown) {
            unknown_key = unknown;
            continue;
        }
        entries[k].key = name;
        entries[k].key_at = en->key->at;
        entries[k++].value = eval_force(e, eval_node(e, en->value, s));
    }
    const struct value *v = tf_object(e->arena, entries, k, eval_origin(e, n->at));
    if (unknown_key && unknown_key->flags & TF_FAILED)
        return unknown_key;
    bool hidden = unknown_key || (holed && v->u.map.n < k); /* what shows the same may be two keys */
    uint16_t flags = (hidden ? VALUE_PARTIAL : 0) | (holed ? TF_HOLED : 0);
    return flags ? tf_with_marks(e->arena, v, flags, NULL) : v;
}

static const struct value *lookup_bound(const struct scope *s, str name)
{
    for (const struct binding *b = s->bound; b; b = b->outer) {
        if (str_eq(b->name, name))
            return b->value;
    }
    return NULL;
}

static const struct value *eval_variable(struct evaluator *e, const struct node *n, const struct scope *s)
{
    const struct value *v = lookup_bound(s, n->u.string);
    if (v)
        return v->flags & (TF_LAZY | TF_RESOURCE) ? v : tf_step(e->arena, v, n->at, n->u.string);
    if (!str_eq_c(n->u.string, "") && (v = eval_reference(e, n, s)))
        return v;
    return eval_fail_as(e, DIAG_STRUCTURE, n->at, "there is no \"" STR_FMT "\" here", STR_ARG(n->u.string));
}

/* A chain of names that starts at a root (var.x) is looked up as such; else step by step. */
static const struct value *eval_get_node(struct evaluator *e, const struct node *n, const struct scope *s)
{
    const struct node *object = n->u.get.object;
    bool chain =
        object->kind == NODE_VARIABLE || (object->kind == NODE_GET && object->u.get.object->kind == NODE_VARIABLE);
    const struct node *root = object->kind == NODE_VARIABLE ? object : chain ? object->u.get.object : NULL;
    if (root && root->u.string.n && !lookup_bound(s, root->u.string)) {
        const struct value *v = eval_reference(e, n, s);
        if (v)
            return v;
    }
    const struct value *of = eval_node(e, object, s);
    if (root && object->kind == NODE_VARIABLE && value_is(of, VALUE_MAP) && str_eq_c(root->u.string, "each")) {
        const struct value *found = value_get(of, n->u.get.name);
        if (found)
            return found->flags & (TF_LAZY | TF_RESOURCE)
                       ? found
                       : tf_step(e->arena, found, n->at,
                                 str_eq_c(n->u.get.name, "key") ? STR("each.key") : STR("each.value"));
    }
    return eval_get(e, of, n->u.get.name, n->at);
}

static const struct value *eval_by_kind(struct evaluator *e, const struct node *n, const struct scope *s)
{
    switch ((enum node_kind)n->kind) {
    case NODE_NULL:
        return value_null(e->arena, eval_origin(e, n->at));
    case NODE_BOOL:
        return value_bool(e->arena, n->u.boolean, eval_origin(e, n->at));
    case NODE_NUMBER:
        return literal_number(e, n);
    case NODE_STRING:
        return value_string(e->arena, n->u.string, eval_origin(e, n->at));
    case NODE_LIST:
        return eval_list(e, n, s);
    case NODE_MAP:
        return eval_object(e, n, s);
    case NODE_TEMPLATE:
        return eval_template(e, n, s);
    case NODE_VARIABLE:
        return eval_variable(e, n, s);
    case NODE_GET:
        return eval_get_node(e, n, s);
    case NODE_INDEX:
        return eval_index(e, eval_node(e, n->u.pair.left, s), tf_plain(e->arena, eval_node(e, n->u.pair.right, s)),
                          n->at);
    case NODE_SPLAT:
        return eval_splat(e, n, s);
    case NODE_CALL:
        return function_call(e, n, s);
    case NODE_UNARY:
        return eval_unary(e, n, s);
    case NODE_BINARY:
        return eval_binary(e, n, s);
    case NODE_CONDITIONAL:
        return eval_conditional(e, n->u.conditional.test, n->u.conditional.yes, n->u.conditional.no, n->at, s);
    case NODE_FOR:
        return eval_for(e, n, s);
    case NODE_PAREN:
        return eval_node(e, n->u.pair.left, s);
    case NODE_TAGGED:
        return eval_node(e, n->u.tagged.value, s);
    case NODE_ERROR:
        return value_unknown(e->arena, STR("text that could not be read"), eval_origin(e, n->at));
    default:
        return eval_fail(e, n->at, "this cannot stand in an expression");
    }
}

const struct value *eval_node(struct evaluator *e, const struct node *n, const struct scope *s)
{
    if (!n)
        return value_unknown(e->arena, STR("text that could not be read"), NULL);
    if (e->steps < STEPS_EACH)
        return eval_fail_as(e, DIAG_LIMIT, n->at, "the expression takes too many steps");
    if (e->depth >= MAX_FRAMES)
        return eval_fail_as(e, DIAG_LIMIT, n->at, "the expression is nested too deeply");
    e->steps -= STEPS_EACH;
    e->depth++;
    const struct value *v = eval_by_kind(e, n, s);
    e->depth--;
    return v;
}
