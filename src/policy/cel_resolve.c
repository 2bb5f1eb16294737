#include "policy/cel_parser.h"

#include "base/regex.h"

/* A variable of a macro, innermost first. */
struct scope {
    str name;
    size_t slot;
    const struct cel_chain *chain; /* the chain whose elements it takes; NULL: none */
    const struct scope *outer;
};

struct resolver {
    struct cel_compiler *compiler;
    const struct cel_environment *env;
    struct arena *arena;
    size_t n_slots;
};

static void resolve(struct resolver *r, struct cel_node *n, const struct scope *scope);

/* ---- nearness ---- */

bool cel_near(str wanted, str candidate, size_t *best)
{
    size_t most = 1 + wanted.n / 4, distance = str_distance(wanted, candidate, most);
    if (distance > most || distance >= wanted.n || distance >= *best)
        return false;
    *best = distance;
    return true;
}

const struct cel_function *cel_find_function(const struct cel_environment *env, str name, bool method, size_t n,
                                             bool *ret_name_exists)
{
    const struct cel_function_table *table;
    *ret_name_exists = false;
    for (size_t t = 0; (table = cel_table_at(env, t)) != NULL; t++) {
        for (size_t i = 0; i < table->n; i++) {
            const struct cel_function *f = &table->at[i];
            if (!(f->flags & (method ? CEL_METHOD : CEL_GLOBAL)) || !str_eq_c(name, f->name))
                continue;
            *ret_name_exists = true;
            if (n >= f->min && (n <= f->max || f->max == UINT8_MAX))
                return f;
        }
    }
    return NULL;
}

str cel_near_function(const struct cel_environment *env, str name, bool method)
{
    static const char *const macros[] = {"all",           "exists",       "exists_one", "map",    "filter",
                                         "transformList", "transformMap", "sortBy",     "optMap", "optFlatMap"};
    const struct cel_function_table *table;
    size_t best = SIZE_MAX;
    str found = STR_NONE;
    for (size_t t = 0; (table = cel_table_at(env, t)) != NULL; t++) {
        for (size_t i = 0; i < table->n; i++) {
            const struct cel_function *f = &table->at[i];
            if ((f->flags & (method ? CEL_METHOD : CEL_GLOBAL)) && cel_near(name, str_of(f->name), &best))
                found = str_of(f->name);
        }
    }
    for (size_t i = 0; method && i < ARRAY_LEN(macros); i++) {
        if (cel_near(name, str_of(macros[i]), &best))
            found = str_of(macros[i]);
    }
    return found;
}

static const char *signature_of(const struct cel_environment *env, str name, bool method)
{
    const struct cel_function_table *table;
    for (size_t t = 0; (table = cel_table_at(env, t)) != NULL; t++)
        for (size_t i = 0; i < table->n; i++)
            if ((table->at[i].flags & (method ? CEL_METHOD : CEL_GLOBAL)) && str_eq_c(name, table->at[i].name))
                return table->at[i].signature;
    return NULL;
}

/* ---- variables ---- */

static const struct scope *find_local(const struct scope *scope, str name)
{
    while (scope && !str_eq(scope->name, name))
        scope = scope->outer;
    return scope;
}

static bool find_variable(const struct resolver *r, str name, size_t *ret_slot)
{
    for (size_t i = 0; i < r->env->n_variables; i++) {
        if (str_eq(r->env->variable[i].name, name)) {
            *ret_slot = i;
            return true;
        }
    }
    return false;
}

/* Looks the name up in the container and its parents. */
static bool find_qualified(const struct resolver *r, str name, bool absolute, size_t *ret_slot)
{
    str container = absolute ? STR_NONE : r->env->container;
    while (container.n) {
        if (find_variable(r, arena_printf(r->arena, STR_FMT "." STR_FMT, STR_ARG(container), STR_ARG(name)), ret_slot))
            return true;
        size_t dot = str_rfind_char(container, '.');
        container = dot == SIZE_MAX ? STR_NONE : str_slice(container, 0, dot);
    }
    return find_variable(r, name, ret_slot);
}

static bool is_type(str name)
{
    static const char *const types[] = {"bool",
                                        "int",
                                        "uint",
                                        "double",
                                        "string",
                                        "bytes",
                                        "list",
                                        "map",
                                        "type",
                                        "null_type",
                                        "optional_type",
                                        "google.protobuf.Timestamp",
                                        "google.protobuf.Duration"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (str_eq_c(name, types[i]))
            return true;
    }
    return false;
}

/* "a.b.c" of a chain of plain fields on a name; STR_NONE for anything else. */
static str plain_chain(struct resolver *r, const struct cel_node *n, bool *ret_absolute, str *ret_first)
{
    if (n->kind == CEL_NODE_VARIABLE) {
        *ret_absolute = (n->flags & CEL_NODE_ABSOLUTE) != 0;
        *ret_first = n->u.variable.name;
        return n->u.variable.name;
    }
    if (n->kind != CEL_NODE_SELECT || (n->flags & (CEL_NODE_IS_OPTIONAL | CEL_NODE_TEST)))
        return STR_NONE;
    str operand = plain_chain(r, n->u.select.operand, ret_absolute, ret_first);
    if (operand.n == 0)
        return STR_NONE;
    return arena_printf(r->arena, STR_FMT "." STR_FMT, STR_ARG(operand), STR_ARG(n->u.select.name));
}

static void set_chain(struct resolver *r, struct cel_node *n, str root, str path)
{
    struct cel_chain *chain = ARENA_NEW(r->arena, struct cel_chain);
    *chain = (struct cel_chain){root, path};
    n->chain = chain;
}

/* The whole chain as one variable or the name of a type. */
static bool resolve_whole(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
    bool absolute = false;
    str first = STR_NONE;
    str name = plain_chain(r, n, &absolute, &first);
    size_t slot;
    if (name.n == 0 || (!absolute && find_local(scope, first)))
        return false;
    if (find_qualified(r, name, absolute, &slot)) {
        n->kind = CEL_NODE_VARIABLE;
        n->u.variable.name = name;
        n->u.variable.slot = slot;
        set_chain(r, n, name, STR_NONE);
        return true;
    }
    if (is_type(name)) {
        n->kind = CEL_NODE_LITERAL;
        n->u.literal = cel_type(name);
        return true;
    }
    return false;
}

static void resolve_variable(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
    str name = n->u.variable.name;
    const struct scope *local = n->flags & CEL_NODE_ABSOLUTE ? NULL : find_local(scope, name);
    if (local) {
        n->flags |= CEL_NODE_LOCAL;
        n->u.variable.slot = local->slot;
        n->chain = local->chain;
        return;
    }
    if (resolve_whole(r, n, scope))
        return;
    n->flags |= CEL_NODE_MISSING;
    if (r->env->unchecked)
        return;
    size_t best = SIZE_MAX;
    str near = STR_NONE;
    for (; scope; scope = scope->outer) {
        if (cel_near(name, scope->name, &best))
            near = scope->name;
    }
    for (size_t i = 0; i < r->env->n_variables; i++) {
        if (cel_near(name, r->env->variable[i].name, &best))
            near = r->env->variable[i].name;
    }
    if (near.n)
        cel_complain(r->compiler, n->start, n->end, "unknown name '" STR_FMT "'; did you mean '" STR_FMT "'?",
                     STR_ARG(name), STR_ARG(near));
    else if (r->env->n_variables)
        cel_complain(r->compiler, n->start, n->end, "unknown name '" STR_FMT "'; a rule knows '" STR_FMT "'",
                     STR_ARG(name), STR_ARG(r->env->variable[0].name));
    else
        cel_complain(r->compiler, n->start, n->end, "unknown name '" STR_FMT "'", STR_ARG(name));
}

/* ---- chains ---- */

static void extend_chain(struct resolver *r, struct cel_node *n, const struct cel_node *operand, str name)
{
    const struct cel_chain *chain = operand->chain;
    if (!chain || name.n == 0)
        n->chain = chain;
    else if (chain->path.n == 0)
        set_chain(r, n, chain->root, name);
    else
        set_chain(r, n, chain->root, arena_printf(r->arena, STR_FMT "." STR_FMT, STR_ARG(chain->path), STR_ARG(name)));
}

static void resolve_select(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
    if (resolve_whole(r, n, scope))
        return;
    resolve(r, n->u.select.operand, scope);
    extend_chain(r, n, n->u.select.operand, n->u.select.name);
}

static void resolve_index(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
    resolve(r, n->u.binary.left, scope);
    resolve(r, n->u.binary.right, scope);
    const struct cel_node *key = n->u.binary.right;
    bool text = key->kind == CEL_NODE_LITERAL && key->u.literal.kind == CEL_STRING;
    extend_chain(r, n, n->u.binary.left, text ? key->u.literal.u.text : STR_NONE);
}

/* ---- functions ---- */

static bool is_bound(struct resolver *r, str first, bool absolute, const struct scope *scope)
{
    size_t slot;
    return (!absolute && find_local(scope, first)) || find_qualified(r, first, absolute, &slot);
}

static void complain_call(struct resolver *r, const struct cel_node *n, str name, bool method, bool exists, size_t args)
{
    if (r->env->unchecked)
        return;
    uint32_t at = n->u.call.name_at, end = at + (uint32_t)n->u.call.name.n;
    if (exists) {
        const char *signature = signature_of(r->env, name, method);
        cel_complain(r->compiler, at, end, "'" STR_FMT "' does not take %zu argument%s%s%s", STR_ARG(name),
                     method ? args - 1 : args, (method ? args - 1 : args) == 1 ? "" : "s",
                     signature ? "; expected " : "", signature ? signature : "");
        return;
    }
    str near = cel_near_function(r->env, name, method);
    bool other;
    cel_find_function(r->env, name, !method, args, &other);
    if (near.n)
        cel_complain(r->compiler, at, end, "unknown function '" STR_FMT "'; did you mean '" STR_FMT "'?", STR_ARG(name),
                     STR_ARG(near));
    else if (other)
        cel_complain(r->compiler, at, end,
                     method ? "'" STR_FMT "' is called as a function: " STR_FMT "(x)"
                            : "'" STR_FMT "' is called as a method: x." STR_FMT "()",
                     STR_ARG(name), STR_ARG(name));
    else
        cel_complain(r->compiler, at, end, "unknown function '" STR_FMT "'", STR_ARG(name));
}

/* `math.abs(x)` was parsed as a method of `math`: a function when there is no such variable. */
static bool resolve_namespaced(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
    bool absolute = false, exists;
    str first = STR_NONE;
    str space = plain_chain(r, n->u.call.argument[0], &absolute, &first);
    if (space.n == 0 || is_bound(r, first, absolute, scope))
        return false;
    str name = arena_printf(r->arena, STR_FMT "." STR_FMT, STR_ARG(space), STR_ARG(n->u.call.name));
    size_t args = n->u.call.n - 1;
    const struct cel_function *f = cel_find_function(r->env, name, false, args, &exists);
    if (!f && !exists && !cel_near_function(r->env, name, false).n)
        return false;
    if (!f)
        complain_call(r, n, name, false, exists, args);
    n->flags &= (uint16_t)~CEL_NODE_IS_METHOD;
    n->u.call.name = name;
    n->u.call.argument++;
    n->u.call.n--;
    n->u.call.function = f;
    return true;
}

/* A pattern that is written down is checked where it stands. */
static void check_pattern(struct resolver *r, const struct cel_node *n)
{
    const struct cel_node *pattern = n->u.call.n ? n->u.call.argument[n->u.call.n - 1] : NULL;
    if (!pattern || !str_eq_c(n->u.call.name, "matches") || r->env->unchecked || pattern->kind != CEL_NODE_LITERAL ||
        pattern->u.literal.kind != CEL_STRING)
        return;
    str error = STR_NONE;
    size_t at = 0;
    struct regex *re = regex_new(pattern->u.literal.u.text, REGEX_ANY_TEXTS, &error, &at, r->arena);
    if (!re)
        cel_complain(r->compiler, pattern->start, pattern->end, "bad pattern: " STR_FMT " (at its character %zu)",
                     STR_ARG(error), at + 1);
    regex_free(re);
}

static void resolve_call(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
    bool method = (n->flags & CEL_NODE_IS_METHOD) != 0, exists;
    if (!method || !resolve_namespaced(r, n, scope)) {
        n->u.call.function = cel_find_function(r->env, n->u.call.name, method, n->u.call.n, &exists);
        if (!n->u.call.function)
            complain_call(r, n, n->u.call.name, method, exists, n->u.call.n);
    }
    for (size_t i = 0; i < n->u.call.n; i++)
        resolve(r, n->u.call.argument[i], scope);
    check_pattern(r, n);
}

/* ---- macros ---- */

static void resolve_loop(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
    resolve(r, n->u.loop->range, scope);
    const struct cel_node *range = n->u.loop->range;
    bool two = n->u.loop->name2.n != 0;
    n->u.loop->slot1 = r->n_slots++;
    struct scope first = {.name = n->u.loop->name1, .slot = n->u.loop->slot1, .outer = scope};
    struct scope second = {.name = n->u.loop->name2, .outer = &first};
    struct scope *element = two ? &second : &first;
    if (two)
        second.slot = n->u.loop->slot2 = r->n_slots++;
    element->chain = range->chain;
    if (n->u.loop->filter)
        resolve(r, n->u.loop->filter, element);
    resolve(r, n->u.loop->body, element);
    const struct cel_node *body = n->u.loop->body;
    if (n->op == CEL_MACRO_FILTER || n->op == CEL_MACRO_SORT_BY)
        extend_chain(r, n, range, STR_NONE);
    else if (n->op == CEL_MACRO_MAP || n->op == CEL_MACRO_TRANSFORM_LIST || n->op == CEL_MACRO_BIND)
        extend_chain(r, n, body, STR_NONE);
}

static void resolve(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
    const struct cel_node *children[8];
    const struct cel_node **all = children;
    size_t count;
    switch (n->kind) {
    case CEL_NODE_VARIABLE:
        resolve_variable(r, n, scope);
        return;
    case CEL_NODE_SELECT:
        resolve_select(r, n, scope);
        return;
    case CEL_NODE_INDEX:
        resolve_index(r, n, scope);
        return;
    case CEL_NODE_CALL:
        resolve_call(r, n, scope);
        return;
    case CEL_NODE_LOOP:
    case CEL_NODE_BIND:
        resolve_loop(r, n, scope);
        return;
    case CEL_NODE_LIST:
    case CEL_NODE_MAP:
    case CEL_NODE_AND:
    case CEL_NODE_OR:
        for (size_t i = 0; i < n->u.list.n; i++)
            resolve(r, n->u.list.item[i], scope);
        return;
    case CEL_NODE_CONDITIONAL:
        resolve(r, n->u.conditional.test, scope);
        resolve(r, n->u.conditional.yes, scope);
        resolve(r, n->u.conditional.no, scope);
        return;
    default:
        count = cel_node_children(n, all, ARRAY_LEN(children));
        if (count > 0)
            resolve(r, n->u.binary.left, scope);
        if (count > 1)
            resolve(r, n->u.binary.right, scope);
        return;
    }
}

void cel_resolve(struct cel_compiler *c, struct cel_node *root)
{
    struct resolver r = {.compiler = c, .env = c->program->env, .arena = c->arena};
    resolve(&r, root, NULL);
    c->program->n_locals = r.n_slots;
}
