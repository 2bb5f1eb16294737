#include "policy/catalog.h"

#include "base/glob.h"
#include "base/vec.h"
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
