#include "policy/rule.h"

#include "base/vec.h"
#include "policy/cel.h"
#include "policy/rule_image.h"
#include "policy/rule_load.h"

struct kind_rules {
    const struct rule **at;
    size_t n, cap;
};

struct ruleset {
    struct arena *arena;
    struct model *model;
    struct rule **rule; /* sorted by id after ruleset_finish */
    size_t n, cap;
    struct map by_id, by_name;
    struct map by_kind;    /* kind -> struct kind_rules * */
    struct map parameters; /* name -> struct rule_parameter * */
};

struct ruleset *ruleset_new(struct model *m)
{
    struct arena *arena = arena_new();
    struct ruleset *set = ARENA_NEW(arena, struct ruleset);
    *set = (struct ruleset){.arena = arena, .model = m};
    map_init(&set->by_id);
    map_init(&set->by_name);
    map_init(&set->by_kind);
    map_init(&set->parameters);
    return set;
}

void ruleset_free(struct ruleset *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->by_kind.n; i++)
        VEC_RELEASE((struct kind_rules *)set->by_kind.at[i].value);
    map_release(&set->by_id);
    map_release(&set->by_name);
    map_release(&set->by_kind);
    map_release(&set->parameters);
    alloc_put(set->rule, set->cap * sizeof(*set->rule));
    arena_free(set->arena);
}

struct parameter_check {
    const struct ruleset *set;
    struct diag_list *diags;
    bool ok;
};

static void check_parameter(void *data, str variable, str path, span at)
{
    struct parameter_check *check = data;
    str rest, name = str_cut(path, '.', &rest);
    if (!str_eq_c(variable, "param") || !name.n || map_has(&check->set->parameters, name))
        return;
    const char *names[64];
    size_t n = 0;
    for (; n < check->set->parameters.n && n < ARRAY_LEN(names); n++)
        names[n] = arena_cstr(check->set->arena, check->set->parameters.at[n].key);
    str nearest = rule_nearest(name, names, n);
    diag_add(check->diags, DIAG_RULE, at, "there is no parameter '" STR_FMT "'%s" STR_FMT "%s", STR_ARG(name),
             nearest.n ? "; did you mean '" : "; expected one that a file with 'parameters' declares", STR_ARG(nearest),
             nearest.n ? "'?" : "");
    check->ok = false;
}

static bool check_parameters(const struct ruleset *set, const struct rule *rule, struct diag_list *diags)
{
    struct parameter_check check = {.set = set, .diags = diags, .ok = true};
    const struct cel_program *programs[] = {rule->when, rule->each, rule->assert_};
    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        if (programs[i])
            cel_each_attribute(programs[i], check_parameter, &check);
    for (size_t i = 0; i < rule->message.n; i++)
        if (rule->message.piece[i].program)
            cel_each_attribute(rule->message.piece[i].program, check_parameter, &check);
    return check.ok;
}

/* A rule of a directory replaces the embedded one of the same id, whichever came first. */
static bool add_rule(struct ruleset *set, struct rule *rule, struct diag_list *diags)
{
    struct rule *old = map_find(&set->by_id, rule->id);
    if (old) {
        if (rule->built_in)
            return true; /* already replaced by a directory's */
        if (old->at_file.file && old->at_file.file == rule->at_file.file) {
            diag_add(diags, DIAG_RULE, rule->at_file,
                     "the id " STR_FMT " stands twice; expected an id of its own for each rule", STR_ARG(rule->id));
            return false;
        }
        *old = *rule;
        return true;
    }
    if (set->n == set->cap)
        set->rule = vec_grow(set->rule, &set->cap, sizeof(*set->rule));
    set->rule[set->n++] = rule;
    map_set(&set->by_id, rule->id, rule);
    return true;
}

bool ruleset_add(struct ruleset *set, const struct document *d, struct diag_list *diags)
{
    struct rule *rule = ARENA_NEW(set->arena, struct rule);
    if (!rule_load(rule, d, set->model, set->arena, diags) || !check_parameters(set, rule, diags))
        return false;
    return add_rule(set, rule, diags);
}

bool ruleset_add_image(struct ruleset *set, const struct image *image, const struct image *prose, uint32_t file,
                       struct diag_list *diags)
{
    struct rule *rule = rule_thaw(image, set->arena);
    if (prose)
        rule_thaw_prose(rule, prose, set->arena);
    rule->at_file.file = file;
    return add_rule(set, rule, diags);
}

/* A scalar or list of scalars of a YAML file as a value. */
static const struct value *value_of_node(const struct node *n, struct arena *a)
{
    const struct origin *o = origin_new(a, n->at, STR_NONE, NULL);
    switch (n->kind) {
    case NODE_BOOL:
        return value_bool(a, n->u.boolean, o);
    case NODE_NUMBER:
        return value_number(a, n->u.number.value, o);
    case NODE_STRING:
        return value_string(a, n->u.string, o);
    case NODE_LIST: {
        const struct value **items = ARENA_ARRAY(a, const struct value *, n->u.list.n + 1);
        for (size_t i = 0; i < n->u.list.n; i++)
            items[i] = value_of_node(n->u.list.item[i], a);
        return value_list(a, items, n->u.list.n, o);
    }
    default:
        return value_null(a, o);
    }
}

bool ruleset_add_parameters(struct ruleset *set, const struct document *d, struct diag_list *diags)
{
    const struct node *parameters = node_find(d->root, "parameters");
    if (!parameters || parameters->kind != NODE_MAP) {
        diag_add(diags, DIAG_RULE, d->root->at, "'parameters' must be a mapping from names to {default, why}");
        return false;
    }
    for (size_t i = 0; i < parameters->u.map.n; i++) {
        const struct node_entry *e = &parameters->u.map.entry[i];
        const struct node *value = node_find(e->value, "default");
        if (!value) {
            diag_add(diags, DIAG_RULE, e->key->at, "the parameter has no default");
            return false;
        }
        struct rule_parameter *p = ARENA_NEW(set->arena, struct rule_parameter);
        p->name = node_string(e->key);
        p->value = value_of_node(value, set->arena);
        p->why = node_string(node_find(e->value, "why"));
        map_set(&set->parameters, p->name, p);
    }
    return true;
}

bool ruleset_set_parameter(struct ruleset *set, str name, const struct value *v)
{
    struct rule_parameter *p = map_find(&set->parameters, name);
    if (p)
        p->value = v;
    return p != NULL;
}

const struct value *ruleset_parameters(const struct ruleset *set, struct arena *a)
{
    struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, set->parameters.n + 1);
    for (size_t i = 0; i < set->parameters.n; i++) {
        const struct rule_parameter *p = set->parameters.at[i].value;
        entries[i] = (struct value_entry){.key = p->name, .value = p->value};
    }
    return value_map(a, entries, set->parameters.n, NULL);
}

int rule_compare(const void *a, const void *b)
{
    return str_cmp((*(const struct rule *const *)a)->id, (*(const struct rule *const *)b)->id);
}

static void index_by_kind(struct ruleset *set, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_kinds; i++) {
        str kind = sym_str(rule->kind[i]);
        struct kind_rules *rules = map_find(&set->by_kind, kind);
        if (!rules) {
            rules = ARENA_NEW(set->arena, struct kind_rules);
            map_set(&set->by_kind, kind, rules);
        }
        VEC_PUSH(rules, rule);
    }
}

bool ruleset_finish(struct ruleset *set, struct diag_list *diags)
{
    bool ok = true;
    map_release(&set->by_name);
    for (size_t i = 0; i < set->by_kind.n; i++)
        ((struct kind_rules *)set->by_kind.at[i].value)->n = 0;
    if (set->n)
        qsort(set->rule, set->n, sizeof(*set->rule), rule_compare);
    for (size_t i = 0; i < set->n; i++) {
        struct rule *rule = set->rule[i];
        if (map_has(&set->by_name, rule->name)) {
            diag_add(diags, DIAG_RULE, rule->at_file,
                     "another rule has the name " STR_FMT " too; expected a name of its own", STR_ARG(rule->name));
            ok = false;
        }
        map_set(&set->by_name, rule->name, rule);
        index_by_kind(set, rule);
    }
    return ok;
}

static void list_sections(const struct node *controls, struct map *ret)
{
    const struct node *sections = controls ? node_find(controls, "sections") : NULL;
    for (size_t i = 0; sections && sections->kind == NODE_LIST && i < sections->u.list.n; i++)
        map_set(ret, node_string(node_find(sections->u.list.item[i], "id")), ret);
}

bool ruleset_check_citations(const struct ruleset *set, const struct node *controls, const struct node *more,
                             struct diag_list *diags)
{
    struct map known;
    map_init(&known);
    list_sections(controls, &known);
    list_sections(more, &known);
    bool ok = true;
    for (size_t i = 0; i < set->n; i++) {
        for (size_t k = 0; k < set->rule[i]->n_citations; k++) {
            const struct citation *c = &set->rule[i]->citation[k];
            if (map_has(&known, c->section))
                continue;
            diag_add(diags, DIAG_RULE, c->at,
                     "there is no section " STR_FMT " in controls.yaml; expected one that `hipaalint controls` lists",
                     STR_ARG(c->section));
            ok = false;
        }
    }
    map_release(&known);
    return ok;
}

size_t ruleset_count(const struct ruleset *set)
{
    return set->n;
}

const struct rule *ruleset_at(const struct ruleset *set, size_t i)
{
    return set->rule[i];
}

const struct rule *ruleset_find(const struct ruleset *set, str id_or_name)
{
    const struct rule *rule = map_find(&set->by_id, id_or_name);
    return rule ? rule : map_find(&set->by_name, id_or_name);
}

const struct rule *const *ruleset_of_kind(const struct ruleset *set, sym kind, size_t *ret_n)
{
    const struct kind_rules *rules = kind ? map_find(&set->by_kind, sym_str(kind)) : NULL;
    *ret_n = rules ? rules->n : 0;
    return rules ? rules->at : NULL;
}

const struct value *ruleset_parameter(const struct ruleset *set, str name)
{
    const struct rule_parameter *p = map_find(&set->parameters, name);
    return p ? p->value : NULL;
}

struct model *ruleset_model(const struct ruleset *set)
{
    return set->model;
}
