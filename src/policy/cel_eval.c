#include "base/alloc.h"
#include "base/map.h"
#include "base/regex.h"
#include "policy/cel_internal.h"
#include "policy/cel_parser.h"

struct cel_regex_cache {
    struct map compiled; /* pattern -> struct regex */
    struct arena *arena; /* patterns */
};

enum { REGEXES = 256 };

/* ---- context ---- */

void cel_context_init(struct cel_context *c, struct arena *scratch)
{
    memset(c, 0, sizeof *c);
    c->arena = scratch;
    c->cost_limit = LIMIT_CEL_COST;
}

static void cache_clear(struct cel_regex_cache *cache)
{
    for (size_t i = 0; i < cache->compiled.n; i++)
        regex_free(cache->compiled.at[i].value);
    map_release(&cache->compiled);
    arena_free(cache->arena);
}

void cel_context_release(struct cel_context *c)
{
    if (c->regexes) {
        cache_clear(c->regexes);
        alloc_put(c->regexes, sizeof *c->regexes);
        c->regexes = NULL;
    }
}

struct cel_value cel_hit_limit(struct cel_context *c, const char *what)
{
    if (!c->over_limit)
        c->limit = str_of(what);
    c->over_limit = true;
    return cel_error(c, "limit: " STR_FMT, STR_ARG(c->limit));
}

bool cel_spend(struct cel_context *c, uint64_t cost)
{
    c->cost += cost;
    if (c->cost > c->cost_limit && !c->over_limit)
        cel_hit_limit(c, "the expression takes too many steps");
    return !c->over_limit;
}

void cel_point(struct cel_context *c, const struct value *of, const struct value *part)
{
    if (!of || !value_span(part).file)
        return;
    c->pointed_of = of;
    c->pointed_at = part;
}

void cel_point_into(struct cel_context *c, const struct value *of, const struct value *list)
{
    c->pointed_of = of;
    c->pointed_at = NULL;
    c->pointed_list = list;
}

/* ---- patterns ---- */

static struct regex *find_regex(struct cel_context *c, str pattern, struct cel_value *ret_error)
{
    if (c->regexes && c->regexes->compiled.n >= REGEXES)
        cel_context_release(c);
    if (!c->regexes) {
        c->regexes = alloc_get(sizeof *c->regexes);
        map_init(&c->regexes->compiled);
        c->regexes->arena = arena_new();
    }
    struct regex *re = map_find(&c->regexes->compiled, pattern);
    if (re)
        return re;
    str error = STR_NONE;
    size_t at = 0;
    re = regex_new(pattern, REGEX_ANY_TEXTS, &error, &at, c->arena);
    if (!re) {
        *ret_error = cel_error(c, "bad pattern at %zu: " STR_FMT, at, STR_ARG(error));
        return NULL;
    }
    map_set(&c->regexes->compiled, arena_str(c->regexes->arena, pattern), re);
    return re;
}

enum cel_truth cel_matches(struct cel_context *c, str text, str pattern, struct cel_value *ret_error)
{
    struct regex_match match;
    cel_spend(c, 1 + text.n / 16 + pattern.n / 16);
    struct regex *re = find_regex(c, pattern, ret_error);
    if (!re)
        return CEL_WRONG;
    enum regex_result result = regex_find(re, text, 0, &match);
    if (result == REGEX_LIMIT) {
        c->regex_limit = true;
        *ret_error = cel_error(c, "limit: the pattern takes too many steps");
        return CEL_WRONG;
    }
    return result == REGEX_YES ? CEL_YES : CEL_NO;
}

/* ---- reads ---- */

static void record(struct cel_context *c, const struct cel_node *n, const struct cel_value *operand,
                   const struct cel_value *v)
{
    if (!n->chain || !(operand->flags & CEL_LAX || operand->kind == CEL_RESOURCE || operand->kind == CEL_UNKNOWN))
        return;
    for (size_t i = 0; i < c->n_reads; i++) {
        if (c->read[i].node == n && c->read[i].value == v->from && c->read[i].owner == operand->owner)
            return;
    }
    if (c->n_reads < CEL_READS)
        c->read[c->n_reads++] = (struct cel_read){
            .node = n, .variable = n->chain->root, .path = n->chain->path, .owner = operand->owner, .value = v->from};
}

/* ---- nodes ---- */

static bool is_bad(const struct cel_value *v)
{
    return v->kind == CEL_ERROR || v->kind == CEL_UNKNOWN;
}

static struct cel_value eval_variable(struct cel_context *c, const struct cel_node *n)
{
    if (n->flags & CEL_NODE_MISSING)
        return cel_error(c, "unknown name '" STR_FMT "'", STR_ARG(n->u.variable.name));
    if (n->flags & CEL_NODE_LOCAL)
        return c->local[n->u.variable.slot];
    return c->binding[n->u.variable.slot];
}

static struct cel_value eval_select(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value operand = cel_eval_node(c, n->u.select.operand), v;
    if (operand.kind == CEL_ERROR)
        return operand;
    if (n->flags & CEL_NODE_TEST)
        v = cel_has(c, operand, n->u.select.name);
    else if (n->flags & CEL_NODE_IS_OPTIONAL)
        v = cel_optional_select(c, operand, cel_string(n->u.select.name), true);
    else
        v = cel_select(c, operand, n->u.select.name);
    record(c, n, &operand, &v);
    return v;
}

static struct cel_value eval_index(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value operand = cel_eval_node(c, n->u.binary.left);
    struct cel_value key = cel_eval_node(c, n->u.binary.right);
    if (operand.kind == CEL_UNKNOWN || operand.kind == CEL_ERROR)
        return operand.kind == CEL_UNKNOWN ? cel_unknown_derived(operand) : key.kind == CEL_UNKNOWN ? key : operand;
    if (is_bad(&key))
        return key;
    struct cel_value v =
        n->flags & CEL_NODE_IS_OPTIONAL ? cel_optional_select(c, operand, key, false) : cel_index(c, operand, key);
    record(c, n, &operand, &v);
    return v;
}

/* Every operand is asked unless one decides: an error or an unknown before it does not matter. */
static struct cel_value eval_logic(struct cel_context *c, const struct cel_node *n)
{
    bool or = n->kind == CEL_NODE_OR;
    enum cel_truth decides = or ? CEL_YES : CEL_NO;
    struct cel_value unknown = cel_null(), error = cel_null();
    for (size_t i = 0; i < n->u.list.n; i++) {
        struct cel_value v = cel_eval_node(c, n->u.list.item[i]);
        enum cel_truth t = cel_truth(&v);
        if (t == decides)
            return cel_bool(or);
        if (t == CEL_MAYBE && unknown.kind == CEL_NULL)
            unknown = v;
        if (t == CEL_WRONG && error.kind == CEL_NULL)
            error = v.kind == CEL_ERROR ? v : cel_no_overload(c, or ? "_||_" : "_&&_", &v, 1);
    }
    return unknown.kind == CEL_UNKNOWN ? unknown : error.kind == CEL_ERROR ? error : cel_bool(! or);
}

static struct cel_value eval_not(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value v = cel_eval_node(c, n->u.binary.left);
    if (is_bad(&v))
        return v;
    enum cel_truth t = cel_truth(&v);
    return t == CEL_WRONG ? cel_no_overload(c, "!_", &v, 1) : cel_bool(t == CEL_NO);
}

static struct cel_value eval_conditional(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value v = cel_eval_node(c, n->u.conditional.test);
    if (is_bad(&v))
        return v;
    enum cel_truth t = cel_truth(&v);
    if (t == CEL_WRONG)
        return cel_no_overload(c, "_?_:_", &v, 1);
    return cel_eval_node(c, t == CEL_YES ? n->u.conditional.yes : n->u.conditional.no);
}

static struct cel_value eval_list(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value *item = ARENA_ARRAY(c->arena, struct cel_value, n->u.list.n);
    size_t count = 0;
    for (size_t i = 0; i < n->u.list.n; i++) {
        const struct cel_node *e = n->u.list.item[i];
        bool optional = e->kind == CEL_NODE_OPTIONAL;
        struct cel_value v = cel_eval_node(c, optional ? e->u.binary.left : e);
        if (v.kind == CEL_ERROR || (optional && v.kind == CEL_UNKNOWN))
            return v;
        if (optional && v.kind != CEL_OPTIONAL)
            return cel_no_overload(c, "[?_]", &v, 1);
        if (optional && !v.u.inner)
            continue;
        item[count++] = optional ? *v.u.inner : v;
    }
    return cel_list(c, item, count);
}

static struct cel_value eval_map(struct cel_context *c, const struct cel_node *n)
{
    struct cel_map_entry *entry = ARENA_ARRAY(c->arena, struct cel_map_entry, n->u.list.n / 2);
    size_t count = 0;
    for (size_t i = 0; i + 1 < n->u.list.n; i += 2) {
        const struct cel_node *e = n->u.list.item[i + 1];
        bool optional = e->kind == CEL_NODE_OPTIONAL;
        struct cel_value key = cel_eval_node(c, n->u.list.item[i]);
        struct cel_value v = cel_eval_node(c, optional ? e->u.binary.left : e);
        if (is_bad(&key))
            return key;
        if (v.kind == CEL_ERROR || (optional && v.kind == CEL_UNKNOWN))
            return v;
        if (optional && v.kind != CEL_OPTIONAL)
            return cel_no_overload(c, "{?_: _}", &v, 1);
        if (optional && !v.u.inner)
            continue;
        entry[count++] = (struct cel_map_entry){key, optional ? *v.u.inner : v};
    }
    return cel_map_new(c, entry, count);
}

/* ---- calls ---- */

/* What is made of a sensitive value is sensitive: printing looks at `from`. */
static struct cel_value taint(struct cel_value v, const struct cel_value *arg, size_t n)
{
    if (v.from || v.kind == CEL_BOOL || v.kind == CEL_NULL || v.kind == CEL_UNKNOWN || v.kind == CEL_ERROR)
        return v;
    for (size_t i = 0; i < n; i++) {
        if (arg[i].from && (arg[i].from->flags & VALUE_SENSITIVE))
            v.from = arg[i].from;
    }
    return v;
}

/* or() and orValue() evaluate their argument only when there is nothing. */
static struct cel_value eval_or_value(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value v = cel_eval_node(c, n->u.call.argument[0]);
    if (is_bad(&v))
        return v;
    if (v.kind != CEL_OPTIONAL)
        return cel_no_overload(c, n->u.call.function->name, &v, 1);
    bool value = str_eq_c(n->u.call.name, "orValue");
    if (v.u.inner)
        return value ? *v.u.inner : v;
    struct cel_value other = cel_eval_node(c, n->u.call.argument[1]);
    if (!value && !is_bad(&other) && other.kind != CEL_OPTIONAL)
        return cel_no_overload(c, "or", &other, 1);
    return other;
}

/* In an unchecked program: the name may exist with other arguments. */
static struct cel_value unknown_function(struct cel_context *c, const struct cel_node *n, const struct cel_value *arg)
{
    bool exists, method = (n->flags & CEL_NODE_IS_METHOD) != 0;
    str name = n->u.call.name;
    cel_find_function(c->program->env, name, method, n->u.call.n, &exists);
    if (exists)
        return cel_no_overload(c, arena_cstr(c->arena, name), arg, n->u.call.n);
    str near = cel_near_function(c->program->env, name, method);
    return near.n ? cel_error(c, "unknown function '" STR_FMT "'; did you mean '" STR_FMT "'?", STR_ARG(name),
                              STR_ARG(near))
                  : cel_error(c, "unknown function '" STR_FMT "'", STR_ARG(name));
}

static struct cel_value call(struct cel_context *c, const struct cel_node *n, const struct cel_value *arg)
{
    const struct cel_function *f = n->u.call.function;
    const struct cel_value *unknown = NULL, *error = NULL;
    struct cel_value inner;
    for (size_t i = 0; i < n->u.call.n; i++) {
        if (arg[i].kind == CEL_ERROR && !error)
            error = &arg[i];
        if (arg[i].kind == CEL_UNKNOWN && !unknown)
            unknown = &arg[i];
    }
    if (f && unknown && !(f->flags & CEL_SEES_UNKNOWN))
        return cel_unknown_derived(*unknown);
    if (error)
        return *error;
    if (!f)
        return unknown_function(c, n, arg);
    if ((n->flags & CEL_NODE_IS_METHOD) && cel_is_lax_null(&arg[0]) && !(f->flags & CEL_SEES_NULL))
        return cel_lax_null();
    for (size_t i = 0; f->flags & CEL_ALL_KNOWN && i < n->u.call.n; i++) {
        if (cel_find_unknown(c, &arg[i], &inner))
            return inner;
    }
    return taint(f->fn(c, arg, n->u.call.n), arg, n->u.call.n);
}

static struct cel_value eval_call(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value few[4];
    struct cel_value *arg = few;
    if (n->u.call.function && (n->u.call.function->flags & CEL_FOLDS_LAZILY))
        return eval_or_value(c, n);
    if (n->u.call.n > ARRAY_LEN(few))
        arg = ARENA_ARRAY(c->arena, struct cel_value, n->u.call.n);
    for (size_t i = 0; i < n->u.call.n; i++)
        arg[i] = cel_eval_node(c, n->u.call.argument[i]);
    return call(c, n, arg);
}

static struct cel_value eval_binary(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value a = cel_eval_node(c, n->u.binary.left);
    struct cel_value b = cel_eval_node(c, n->u.binary.right);
    if (a.kind == CEL_ERROR)
        return b.kind == CEL_UNKNOWN ? b : a;
    if (b.kind == CEL_ERROR)
        return a.kind == CEL_UNKNOWN ? a : b;
    struct cel_value both[] = {a, b};
    return taint(cel_eval_binary(c, (enum cel_operator)n->op, a, b), both, 2);
}

static struct cel_value eval_negate(struct cel_context *c, const struct cel_node *n)
{
    struct cel_value v = cel_eval_node(c, n->u.binary.left);
    return is_bad(&v) ? v : cel_negate(c, v);
}

static struct cel_value eval(struct cel_context *c, const struct cel_node *n)
{
    switch (n->kind) {
    case CEL_NODE_LITERAL:
        return n->u.literal;
    case CEL_NODE_VARIABLE:
        return eval_variable(c, n);
    case CEL_NODE_SELECT:
        return eval_select(c, n);
    case CEL_NODE_INDEX:
        return eval_index(c, n);
    case CEL_NODE_CALL:
        return eval_call(c, n);
    case CEL_NODE_LIST:
        return eval_list(c, n);
    case CEL_NODE_MAP:
        return eval_map(c, n);
    case CEL_NODE_AND:
    case CEL_NODE_OR:
        return eval_logic(c, n);
    case CEL_NODE_NOT:
        return eval_not(c, n);
    case CEL_NODE_NEGATE:
        return eval_negate(c, n);
    case CEL_NODE_BINARY:
        return eval_binary(c, n);
    case CEL_NODE_CONDITIONAL:
        return eval_conditional(c, n);
    case CEL_NODE_LOOP:
        return cel_eval_loop(c, n);
    default:
        return cel_eval_bind(c, n);
    }
}

struct cel_value cel_eval_node(struct cel_context *c, const struct cel_node *n)
{
    if (!cel_spend(c, 1))
        return cel_hit_limit(c, "");
    struct cel_value v = eval(c, n);
    if (c->on_value)
        c->on_value(c->on_value_data, n, &v);
    return v;
}

void cel_eval(const struct cel_program *p, const struct cel_value *binding, struct cel_context *c,
              struct cel_value *ret_value)
{
    c->program = p;
    c->binding = binding;
    c->local = ARENA_ARRAY(c->arena, struct cel_value, p->n_locals + 1);
    c->cost = 0;
    c->wanted = NULL;
    c->over_limit = c->regex_limit = false;
    c->limit = STR_NONE;
    c->n_reads = 0;
    c->pointed_of = c->pointed_at = c->pointed_list = NULL;
    c->depth = 0;
    *ret_value = cel_eval_node(c, p->root);
    if (c->over_limit)
        *ret_value = cel_hit_limit(c, "");
}
