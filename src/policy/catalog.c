#include "policy/catalog.h"

#include "base/glob.h"
#include "base/vec.h"
#include "policy/pack.h"
#include "policy/pack_embedded.h"
#include "policy/rule_load.h"
#include "syntax/json.h"

static void add(struct catalog *c, struct map *seen, struct catalog_rule rule)
{
    if (!rule.id.n || map_has(seen, rule.id))
        return;
    map_set(seen, rule.id, c);
    VEC_PUSH(c, rule);
}

/* ---------------------------------------------------------------- checks of other tools */

struct catalog_equivalent {
    VEC(str) rules;
};

static str key_of(struct arena *a, const char *tool, str check)
{
    char *p = arena_cstr(a, arena_printf(a, "%s:" STR_FMT, tool, STR_ARG(check)));
    for (char *c = p; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
    return str_of(p);
}

static void add_equivalent(struct catalog *c, str tool, str check, str rule)
{
    str key = key_of(c->arena, arena_cstr(c->arena, tool), check);
    struct catalog_equivalent *e = map_find(&c->equivalents, key);
    if (!e) {
        e = ARENA_NEW(c->arena, struct catalog_equivalent);
        map_set(&c->equivalents, key, e);
    }
    for (size_t i = 0; i < e->rules.n; i++)
        if (str_eq(e->rules.at[i], rule))
            return;
    VEC_PUSH(&e->rules, rule);
}

static void add_equivalents_of_node(struct catalog *c, const struct node *root)
{
    const struct node *all = node_find(root, "equivalents");
    for (size_t i = 0; all && all->kind == NODE_MAP && i < all->u.map.n; i++) {
        const struct node *checks = all->u.map.entry[i].value;
        for (size_t k = 0; checks->kind == NODE_LIST && k < checks->u.list.n; k++)
            add_equivalent(c, node_string(all->u.map.entry[i].key), node_string(checks->u.list.item[k]),
                           node_string(node_find(root, "id")));
    }
}

/* "TOOL ALIAS CHECK" on each line; what follows a number sign is a comment. */
static void read_aliases(struct catalog *c, str text)
{
    while (text.p && text.n) {
        str check, line = str_trim(str_cut(str_cut(text, '\n', &text), '#', &(str){0}));
        str tool = str_cut(line, ' ', &check), alias = str_cut(check, ' ', &check);
        if (check.n)
            map_set(&c->aliases, key_of(c->arena, arena_cstr(c->arena, tool), alias),
                    arena_cstr(c->arena, str_trim(check)));
    }
}

static void fill_equivalents(struct catalog *c)
{
    c->has_equivalents = true;
    for (size_t i = 0; c->loaded && i < ruleset_count(c->loaded); i++) {
        const struct rule *r = ruleset_at(c->loaded, i);
        for (size_t k = 0; k < r->n_equivalents; k++)
            for (size_t m = 0; m < r->equivalent[k].n; m++)
                add_equivalent(c, r->equivalent[k].source, r->equivalent[k].id[m], r->id);
    }
    for (size_t i = 0; !c->no_builtin && i < pack_rules_core_n; i++) {
        str text = {pack_data + pack_rules_core[i].offset, pack_rules_core[i].size};
        const struct node *root = json_read_embedded(text, 0, 0, false, SPAN_NONE, c->arena, NULL);
        if (root)
            add_equivalents_of_node(c, root);
    }
    read_aliases(c, pack_file("data/foreign-ids.txt"));
}

const str *catalog_equivalents(const struct catalog *c, const char *tool, str check, size_t *ret_n)
{
    if (!c->has_equivalents)
        fill_equivalents((struct catalog *)c);
    str key = key_of(c->arena, tool, check);
    const char *other = map_find(&c->aliases, key);
    const struct catalog_equivalent *e = map_find(&c->equivalents, other ? key_of(c->arena, tool, str_of(other)) : key);
    *ret_n = e ? e->rules.n : 0;
    return e ? e->rules.at : NULL;
}

/* ---------------------------------------------------------------- rules */

static struct catalog_rule from_node(const struct node *root)
{
    const struct node *ignorable = node_find(root, "ignorable");
    str profile = node_string(node_find(root, "profile"));
    return (struct catalog_rule){
        .id = node_string(node_find(root, "id")),
        .name = node_string(node_find(root, "name")),
        .category = node_string(node_find(root, "category")),
        .profile = profile.n ? profile : STR("base"),
        .ignorable = !ignorable || ignorable->kind != NODE_BOOL || ignorable->u.boolean,
    };
}

void catalog_init(struct catalog *c, bool no_builtin, const struct ruleset *loaded, struct arena *a)
{
    *c = (struct catalog){.arena = a, .loaded = loaded, .no_builtin = no_builtin};
    map_init(&c->equivalents);
    map_init(&c->aliases);
}

static void fill(struct catalog *c)
{
    c->filled = true;
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; c->loaded && i < ruleset_count(c->loaded); i++) {
        const struct rule *r = ruleset_at(c->loaded, i);
        add(c, &seen, (struct catalog_rule){r->id, r->name, r->category, r->profile, r->ignorable});
    }
    for (size_t i = 0; !c->no_builtin && i < pack_rules_core_n; i++) {
        str text = {pack_data + pack_rules_core[i].offset, pack_rules_core[i].size};
        const struct node *root = json_read_embedded(text, 0, 0, false, SPAN_NONE, c->arena, NULL);
        if (root)
            add(c, &seen, from_node(root));
    }
    map_release(&seen);
    c->names = ARENA_ARRAY(c->arena, const char *, 2 * c->n + 1);
    for (size_t i = 0; i < c->n; i++) {
        c->names[2 * i] = arena_cstr(c->arena, c->at[i].id);
        c->names[2 * i + 1] = arena_cstr(c->arena, c->at[i].name);
    }
}

void catalog_release(struct catalog *c)
{
    for (size_t i = 0; i < c->equivalents.n; i++) {
        struct catalog_equivalent *e = c->equivalents.at[i].value;
        VEC_RELEASE(&e->rules);
    }
    map_release(&c->equivalents);
    map_release(&c->aliases);
    VEC_RELEASE(c);
}

const struct catalog_rule *catalog_rules(const struct catalog *c, size_t *ret_n)
{
    if (!c->filled)
        fill((struct catalog *)c);
    *ret_n = c->n;
    return c->at;
}

const struct catalog_rule *catalog_find(const struct catalog *c, str id_or_name)
{
    size_t n;
    const struct catalog_rule *rule = catalog_rules(c, &n);
    for (size_t i = 0; i < n; i++)
        if (str_eq(rule[i].id, id_or_name) || str_eq(rule[i].name, id_or_name))
            return &rule[i];
    return NULL;
}

bool catalog_matches(str pattern, str id, str name)
{
    return glob_match(pattern, id) || glob_match(pattern, name);
}

size_t catalog_count(const struct catalog *c, str pattern)
{
    size_t n, matching = 0;
    const struct catalog_rule *rule = catalog_rules(c, &n);
    for (size_t i = 0; i < n; i++)
        matching += catalog_matches(pattern, rule[i].id, rule[i].name);
    return matching;
}

str catalog_nearest(const struct catalog *c, str written)
{
    size_t n;
    catalog_rules(c, &n);
    return n ? rule_nearest(written, c->names, 2 * n) : STR_NONE;
}
