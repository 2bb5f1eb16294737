#include "policy/catalog.h"

#include "base/glob.h"
#include "base/vec.h"
#include "policy/pack.h"
#include "policy/rule_load.h"

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

static void add_equivalents_of(struct catalog *c, const struct rule *r)
{
    for (size_t k = 0; k < r->n_equivalents; k++)
        for (size_t m = 0; m < r->equivalent[k].n; m++)
            add_equivalent(c, r->equivalent[k].source, r->equivalent[k].id[m], r->id);
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

/* Calls `with` for each rule that there is: those that were loaded first. A built-in rule is thawed for that long only;
 * its texts stay. */
static void each_rule(struct catalog *c, void (*with)(struct catalog *c, const struct rule *r))
{
    for (size_t i = 0; c->loaded && i < ruleset_count(c->loaded); i++)
        with(c, ruleset_at(c->loaded, i));
    struct arena *scratch = arena_new();
    for (size_t i = 0; !c->no_builtin && i < pack_builtin_rules(); i++) {
        struct arena_mark mark = arena_mark(scratch);
        with(c, pack_builtin_rule(i, scratch));
        arena_rewind(scratch, mark);
    }
    arena_free(scratch);
}

static void fill_equivalents(struct catalog *c)
{
    c->has_equivalents = true;
    each_rule(c, add_equivalents_of);
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

void catalog_init(struct catalog *c, bool no_builtin, const struct ruleset *loaded, struct arena *a)
{
    *c = (struct catalog){.arena = a, .loaded = loaded, .no_builtin = no_builtin};
    map_init(&c->equivalents);
    map_init(&c->aliases);
}

static void add(struct catalog *c, const struct rule *r)
{
    if (map_has(&c->seen, r->id))
        return;
    map_set(&c->seen, r->id, c);
    VEC_PUSH(c, ((struct catalog_rule){r->id, r->name, r->category, r->profile, r->ignorable}));
}

static void fill(struct catalog *c)
{
    c->filled = true;
    map_init(&c->seen);
    each_rule(c, add);
    map_release(&c->seen);
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
