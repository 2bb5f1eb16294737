#include "policy/mapping.h"

#include "base/vec.h"

static bool read_one(const struct node *n, struct framework *f, struct diag_list *diags)
{
    static const char *const keys[] = {"id", "title", "through", "sections"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct node *value = node_find(n, keys[i]);
        if (!value || value->kind != (i == 3 ? NODE_MAP : NODE_STRING)) {
            diag_add(diags, DIAG_RULE, n->at,
                     "a framework has id, title, through and a mapping 'sections'; '%s' is wrong", keys[i]);
            return false;
        }
    }
    f->id = node_string(node_find(n, "id"));
    f->title = node_string(node_find(n, "title"));
    f->through = node_string(node_find(n, "through"));
    f->sections = node_find(n, "sections");
    f->profile = node_string(node_find(n, "profile"));
    for (size_t i = 0; i < f->sections->u.map.n; i++)
        if (f->sections->u.map.entry[i].value->kind != NODE_LIST) {
            diag_add(diags, DIAG_RULE, f->sections->u.map.entry[i].value->at, "expected a list of sections");
            return false;
        }
    return true;
}

struct frameworks frameworks_read(const struct node *root, struct arena *a, struct diag_list *diags)
{
    struct frameworks all = {0};
    const struct node *list = root ? node_find(root, "frameworks") : NULL;
    if (!list || list->kind != NODE_LIST)
        return all;
    struct framework *at = ARENA_ARRAY(a, struct framework, list->u.list.n + 1);
    for (size_t i = 0; i < list->u.list.n; i++)
        all.n += read_one(list->u.list.item[i], &at[all.n], diags);
    all.at = at;
    return all;
}

const struct framework *frameworks_find(const struct frameworks *all, str id)
{
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->at[i].id, id))
            return &all->at[i];
    return NULL;
}

static void add_once(str *at, size_t *n, const struct node *list)
{
    for (size_t i = 0; list && i < list->u.list.n; i++) {
        str section = node_string(list->u.list.item[i]);
        bool known = !section.n;
        for (size_t k = 0; k < *n && !known; k++)
            known = str_eq(at[k], section);
        if (!known)
            at[(*n)++] = section;
    }
}

static size_t total(const struct framework *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->sections->u.map.n; i++)
        n += f->sections->u.map.entry[i].value->u.list.n;
    return n;
}

static const struct node *lookup(const struct framework *f, str key)
{
    const struct node_entry *e = node_find_entry(f->sections, key);
    return e ? e->value : NULL;
}

struct mapped framework_sections(const struct framework *f, const struct rule *rule, struct arena *a)
{
    str *at = ARENA_ARRAY(a, str, total(f) + 1);
    struct mapped m = {.section = at};
    if (str_eq_c(f->through, "category"))
        add_once(at, &m.n, lookup(f, rule->category));
    for (size_t i = 0; i < rule->n_equivalents; i++)
        for (size_t k = 0; k < rule->equivalent[i].n && str_eq(rule->equivalent[i].source, f->through); k++)
            add_once(at, &m.n, lookup(f, rule->equivalent[i].id[k]));
    return m;
}

static bool has(const struct node *list, str section)
{
    for (size_t i = 0; list && i < list->u.list.n; i++)
        if (str_eq(node_string(list->u.list.item[i]), section))
            return true;
    return false;
}

bool framework_names(const struct framework *f, const struct rule *rule, str section)
{
    if (str_eq_c(f->through, "category"))
        return has(lookup(f, rule->category), section);
    for (size_t i = 0; i < rule->n_equivalents; i++)
        for (size_t k = 0; k < rule->equivalent[i].n && str_eq(rule->equivalent[i].source, f->through); k++)
            if (has(lookup(f, rule->equivalent[i].id[k]), section))
                return true;
    return false;
}

struct mapped framework_all(const struct framework *f, struct arena *a)
{
    str *at = ARENA_ARRAY(a, str, total(f) + 1);
    struct mapped m = {.section = at};
    for (size_t i = 0; i < f->sections->u.map.n; i++)
        add_once(at, &m.n, f->sections->u.map.entry[i].value);
    return m;
}
