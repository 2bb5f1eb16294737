#include "policy/rule_check.h"

#include "analysis/analysis.h"
#include "policy/cel.h"
#include "policy/cel_ast.h"
#include "policy/pack_embedded.h"
#include "policy/rule_load.h"

struct kinds { /* what a value may be: a resource of one of these, or a list of such; n 0: not known */
    const sym *at;
    size_t n;
};

struct local { /* a loop variable that is a resource */
    size_t slot;
    struct kinds kinds;
    const struct local *outer;
};

struct checking {
    const struct rule *rule;
    const struct cel_program *program;
    struct model *model;
    struct arena *arena;
    struct diag_list *diags;
    bool ok;
};

str rule_unknown_kind(str name, struct arena *a)
{
    const char **names = ARENA_ARRAY(a, const char *, pack_model_names_n + 1);
    size_t n = 0;
    for (size_t i = 0; i < pack_model_names_n; i++) {
        const char *known_name = pack_data + pack_model_names[i].name;
        str known = str_of(known_name);
        bool is_type =
            str_contains(known, STR("::")) || str_contains(known, STR("/")) || !str_contains(known, STR("."));
        if (!is_type)
            names[n++] = known_name;
    }
    str nearest = rule_nearest(name, names, n);
    if (nearest.n)
        return arena_printf(a, "the model has no kind '" STR_FMT "'; did you mean '" STR_FMT "'?", STR_ARG(name),
                            STR_ARG(nearest));
    return arena_printf(a, "the model has no kind '" STR_FMT "'; expected one such as aws.s3.bucket", STR_ARG(name));
}

static void check_path_of(struct checking *c, struct kinds kinds, str path, span at)
{
    static const char *const own[] = {"address", "name", "type", "kind", "metadata"};
    str rest, first = str_cut(path, '.', &rest);
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (str_eq_c(first, own[i]))
            return;
    for (size_t i = 0; i < kinds.n; i++) {
        const struct model_kind *kind = model_kind(c->model, sym_str(kinds.at[i]));
        if (!kind || analysis_is_fact(kinds.at[i], first) || model_attribute(kind, path, NULL) != ATTRIBUTE_UNKNOWN)
            return;
    }
    str suggestion = STR_NONE;
    if (kinds.n)
        model_attribute(model_kind(c->model, sym_str(kinds.at[kinds.n - 1])), path, &suggestion);
    c->ok = false;
    str kind = kinds.n ? sym_str(kinds.at[0]) : STR_NONE;
    if (suggestion.n)
        diag_add(c->diags, DIAG_RULE, at, "'" STR_FMT "' is no attribute of " STR_FMT "; did you mean '" STR_FMT "'?",
                 STR_ARG(path), STR_ARG(kind), STR_ARG(suggestion));
    else
        diag_add(c->diags, DIAG_RULE, at,
                 "'" STR_FMT "' is no attribute of " STR_FMT "; expected one of its model file", STR_ARG(path),
                 STR_ARG(kind));
}

static void check_path(struct checking *c, str path, span at)
{
    check_path_of(c, (struct kinds){c->rule->kind, c->rule->n_kinds}, path, at);
}

static void check_attribute(void *data, str variable, str path, span at)
{
    if (str_eq_c(variable, "resource") && path.n)
        check_path(data, path, at);
}

static void check_kind_argument(struct checking *c, const struct cel_node *n)
{
    bool method = str_eq_c(n->u.call.name, "related"), global = str_eq_c(n->u.call.name, "resources");
    size_t i = method ? 1 : 0;
    if (!(method || global) || n->u.call.n <= i)
        return;
    const struct cel_node *kind = n->u.call.argument[i];
    if (kind->kind != CEL_NODE_LITERAL || kind->u.literal.kind != CEL_STRING ||
        model_kind(c->model, kind->u.literal.u.text))
        return;
    str message = rule_unknown_kind(kind->u.literal.u.text, c->arena);
    diag_add(c->diags, DIAG_RULE, cel_node_span(c->program, kind), STR_FMT, STR_ARG(message));
    c->ok = false;
}

static struct kinds kind_argument(struct checking *c, const struct cel_node *n)
{
    if (n->kind != CEL_NODE_LITERAL || n->u.literal.kind != CEL_STRING || !model_kind(c->model, n->u.literal.u.text))
        return (struct kinds){0};
    sym *at = ARENA_NEW(c->arena, sym);
    *at = sym_of(n->u.literal.u.text);
    return (struct kinds){at, 1};
}

/* Where `ref` of an attribute of the subject leads to. */
static struct kinds referred(struct checking *c, const struct cel_node *n)
{
    struct kinds kinds = {0};
    if (!n->chain || !str_eq_c(n->chain->root, "resource") || c->rule->n_kinds != 1)
        return kinds;
    const struct model_kind *kind = model_kind(c->model, sym_str(c->rule->kind[0]));
    str key;
    if (kind)
        kinds.n = model_refers(kind, n->chain->path, &kinds.at, &key);
    return kinds;
}

/* The kinds of what an expression gives, one or a list, as far as it says so itself. */
static struct kinds kinds_of(struct checking *c, const struct cel_node *n, const struct local *locals)
{
    if (n->kind == CEL_NODE_VARIABLE && (n->flags & CEL_NODE_LOCAL))
        for (; locals; locals = locals->outer)
            if (locals->slot == n->u.variable.slot)
                return locals->kinds;
    if (n->kind == CEL_NODE_LOOP && n->op == CEL_MACRO_FILTER)
        return kinds_of(c, n->u.loop->range, locals);
    if (n->kind != CEL_NODE_CALL)
        return (struct kinds){0};
    if (str_eq_c(n->u.call.name, "resources") && n->u.call.n == 1)
        return kind_argument(c, n->u.call.argument[0]);
    if (str_eq_c(n->u.call.name, "related") && n->u.call.n >= 2)
        return kind_argument(c, n->u.call.argument[1]);
    if (str_eq_c(n->u.call.name, "ref") && n->u.call.n == 1)
        return referred(c, n->u.call.argument[0]);
    return (struct kinds){0};
}

/* A chain of fields: checked against what stands before the first dot, which is returned. */
static const struct cel_node *check_chain(struct checking *c, const struct cel_node *n, const struct local *locals)
{
    const struct cel_node *base = n;
    str path = STR_NONE;
    for (; base->kind == CEL_NODE_SELECT; base = base->u.select.operand)
        path = path.n ? arena_printf(c->arena, STR_FMT "." STR_FMT, STR_ARG(base->u.select.name), STR_ARG(path))
                      : base->u.select.name;
    struct kinds kinds = kinds_of(c, base, locals);
    if (kinds.n)
        check_path_of(c, kinds, path, cel_node_span(c->program, n));
    return base;
}

/* Depth is that of the compiled tree: LIMIT_CEL_DEPTH. */
static void walk(struct checking *c, const struct cel_node *n, const struct local *locals)
{
    if (n->kind == CEL_NODE_SELECT)
        n = check_chain(c, n, locals);
    if (n->kind == CEL_NODE_CALL)
        check_kind_argument(c, n);
    if (n->kind == CEL_NODE_VARIABLE && !(n->flags & CEL_NODE_LOCAL) && str_eq_c(n->u.variable.name, "item") &&
        !c->rule->each) {
        diag_add(c->diags, DIAG_RULE, cel_node_span(c->program, n),
                 "'item' is an element of 'each', and the rule has no 'each'");
        c->ok = false;
    }
    struct local element = {.outer = locals};
    if (n->kind == CEL_NODE_LOOP && !n->u.loop->name2.n) {
        element.slot = n->u.loop->slot1;
        element.kinds = kinds_of(c, n->u.loop->range, locals);
        locals = &element;
    }
    size_t count = cel_node_children(n, NULL, 0);
    const struct cel_node **children = ARENA_ARRAY(c->arena, const struct cel_node *, count + 1);
    cel_node_children(n, children, count);
    for (size_t i = 0; i < count; i++)
        walk(c, children[i], locals);
}

bool rule_check_program(const struct rule *rule, const struct cel_program *p, struct model *m, struct arena *a,
                        struct diag_list *diags)
{
    struct checking c = {.rule = rule, .program = p, .model = m, .arena = a, .diags = diags, .ok = true};
    cel_each_attribute(p, check_attribute, &c);
    walk(&c, p->root, NULL);
    return c.ok;
}

bool rule_check_path(const struct rule *rule, str path, span at, struct model *m, struct arena *a,
                     struct diag_list *diags)
{
    struct checking c = {.rule = rule, .model = m, .arena = a, .diags = diags, .ok = true};
    check_path(&c, path, at);
    return c.ok;
}

/* ---- formats ---- */

/* The formats that a kind's types belong to, as bits in the order of `formats`. */
static const char *const formats[] = {"terraform", "cloudformation", "kubernetes"};

static unsigned format_bit(str type)
{
    if (str_contains(type, STR("::")))
        return 2;
    return str_contains(type, STR("/")) ? 4 : 1;
}

static unsigned formats_of(const struct rule *rule, const struct model *m)
{
    unsigned bits = 0;
    for (size_t i = 0; i < rule->n_kinds; i++) {
        const struct model_kind *kind = model_kind(m, sym_str(rule->kind[i]));
        const str *types = NULL;
        size_t n = kind ? model_kind_types(kind, &types) : 0;
        for (size_t k = 0; k < n; k++)
            bits |= format_bit(types[k]);
    }
    /* Resources of a cloud that are Kubernetes objects of a controller have the same attributes, or fewer. */
    return bits & 3 ? bits & 3 : bits;
}

static bool has_example(const struct rule *rule, const char *format, enum status expect)
{
    for (size_t i = 0; i < rule->n_examples; i++) {
        const struct rule_example *e = &rule->example[i];
        if (e->expect == expect && str_eq_c(e->format, format))
            return true;
    }
    return false;
}

static bool has_fix(const struct rule *rule, const char *format)
{
    for (size_t i = 0; i < rule->n_fixes; i++)
        if (str_eq_c(rule->fix[i].format, format))
            return true;
    return false;
}

bool rule_check_formats(const struct rule *rule, span fix, span examples, const struct model *m,
                        struct diag_list *diags)
{
    static const enum status needed[] = {STATUS_PASS, STATUS_FAIL, STATUS_UNKNOWN};
    bool ok = true;
    unsigned bits = formats_of(rule, m);
    for (size_t i = 0; i < rule->n_examples; i++) /* a format that is shown at all is shown whole */
        for (size_t k = 0; k < ARRAY_LEN(formats); k++)
            bits |= str_eq_c(rule->example[i].format, formats[k]) ? 1u << k : 0;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (!(bits & (1u << i)))
            continue;
        if (!has_fix(rule, formats[i])) {
            diag_add(diags, DIAG_RULE, fix, "there is no fix for %s, which has the resource", formats[i]);
            ok = false;
        }
        for (size_t k = 0; k < ARRAY_LEN(needed); k++) {
            if (has_example(rule, formats[i], needed[k]))
                continue;
            diag_add(diags, DIAG_RULE, examples,
                     "there is no example in %s that is expected to %s; each format that has the resource needs one "
                     "that passes, one that fails and one whose answer is unknown",
                     formats[i], needed[k] == STATUS_UNKNOWN ? "be unknown" : status_name(needed[k]));
            ok = false;
        }
    }
    return ok;
}
