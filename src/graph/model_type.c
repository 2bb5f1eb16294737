#include "graph/model_internal.h"

/* Parsing the body of a type: its properties, its conditions and its map. Errors name the type. */

struct parse {
    struct model *m;
    struct model_type *type;
    struct type_body *body;
    struct diag_list *diags;
    bool good;
};

static void PRINTF_LIKE(3, 4) fail(struct parse *p, span at, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    diag_add(p->diags, DIAG_MODEL, at, STR_FMT ": %s", STR_ARG(sym_str(p->type->name)), text);
    p->good = false;
}

static struct properties *parse_properties(struct parse *p)
{
    const struct node *n = node_find(p->type->said->node, "properties");
    if (!n || n->kind != NODE_STRING)
        fail(p, n ? n->at : p->type->at, "expected \"properties:\" with the names of all properties");
    struct properties_error wrong;
    struct properties *properties = n && n->kind == NODE_STRING
                                        ? properties_parse(p->m->arena, n, p->type->said->defines, &wrong)
                                        : properties_open(p->m->arena);
    if (!properties) {
        span at = wrong.node->at;
        if (wrong.node->flags & NODE_RAW) {
            at.start += (uint32_t)wrong.at + ((wrong.node->flags & NODE_QUOTED) ? 1 : 0);
            at.end = at.start + 1;
        }
        str near = str_slice(wrong.text, wrong.at > 12 ? wrong.at - 12 : 0, wrong.at + 12);
        fail(p, at, "properties: %s, at \"" STR_FMT "\"", wrong.message, STR_ARG(near));
        properties = properties_open(p->m->arena);
    }
    return properties;
}

static void parse_renames(struct parse *p, struct properties *properties)
{
    const struct node *n = node_find(p->type->said->node, "rename");
    if (!n)
        return;
    if (n->kind != NODE_MAP) {
        fail(p, n->at, "rename: expected a mapping from old to new names");
        return;
    }
    struct rename *rename = ARENA_ARRAY(p->m->arena, struct rename, n->u.map.n);
    for (size_t i = 0; i < n->u.map.n; i++)
        rename[i] = (struct rename){model_path_text(n->u.map.entry[i].key), model_path_text(n->u.map.entry[i].value)};
    p->body->rename = rename;
    p->body->n_renames = n->u.map.n;
    properties_rename(p->m->arena, properties, rename, n->u.map.n);
}

/* Sources. */

static str nearest_property(struct parse *p, const struct properties *properties, str name)
{
    str *names = ARENA_ARRAY(p->m->arena, str, properties->n + 1);
    for (size_t i = 0; i < properties->n; i++)
        names[i] = properties->at[i].folded;
    return suggest_nearest(name, names, properties->n);
}

static struct property *property_of(struct properties *properties, str name)
{
    const struct property *found = properties_find(properties, name);
    return found ? &properties->at[found - properties->at] : NULL;
}

/* The property at the end of a path; NULL below what is not described. `strict`: a name that is not
 * there is an error. *ret_found is false then. */
static struct property *find_source(struct parse *p, struct properties *properties, const struct path *path, span at,
                                    bool strict, bool *ret_found)
{
    struct property *last = NULL;
    *ret_found = false;
    for (size_t i = 0; i < path->n; i++) {
        struct property *found = property_of(properties, path->step[i]);
        if (!found && properties->open) {
            *ret_found = true;
            return NULL;
        }
        if (!found) {
            str near = strict ? nearest_property(p, properties, path->step[i]) : STR_NONE;
            if (strict)
                fail(p, at, "no property \"" STR_FMT "\" (in \"" STR_FMT "\")%s" STR_FMT "%s", STR_ARG(path->step[i]),
                     STR_ARG(path->text), near.n ? "; did you mean \"" : "", STR_ARG(near), near.n ? "\"?" : "");
            return NULL;
        }
        last = found;
        if (i + 1 == path->n)
            break;
        if (found->shape == SHAPE_ANY || found->shape == SHAPE_MAP || found->shape == SHAPE_JSON) {
            *ret_found = true;
            return NULL;
        }
        if (!found->inside) {
            if (strict)
                fail(p, at, "\"" STR_FMT "\" has nothing inside (in \"" STR_FMT "\")", STR_ARG(path->step[i]),
                     STR_ARG(path->text));
            return NULL;
        }
        properties = found->inside;
    }
    *ret_found = last != NULL;
    return last;
}

static void mark_taken(struct properties *properties, const struct path *path)
{
    for (size_t i = 0; i < path->n; i++) {
        struct property *found = property_of(properties, path->step[i]);
        if (!found)
            return;
        properties->taken_inside = true;
        if (i + 1 == path->n)
            found->taken = true;
        if (!found->inside)
            return;
        properties = found->inside;
    }
}

static void parse_set(struct parse *p, struct mapping_set *set, const struct node *n, bool strict, unsigned depth);

static void parse_each(struct parse *p, struct mapping_set *set, struct mapping *m, const struct node *spec,
                       bool strict, unsigned depth)
{
    const struct node *each = node_find(spec, "each");
    if (!each)
        return;
    if (each->kind != NODE_MAP || depth > 8) {
        fail(p, each->at, "each: expected a mapping, as under \"map\"");
        return;
    }
    m->each = ARENA_ARRAY(p->m->arena, struct mapping_set *, m->n_from);
    for (size_t i = 0; i < m->n_from; i++) {
        bool found, lenient = !strict || i > 0;
        struct property *source = find_source(p, set->properties, &m->from[i], each->at, false, &found);
        struct mapping_set *inner = ARENA_NEW(p->m->arena, struct mapping_set);
        inner->properties =
            source && source->inside ? properties_copy(p->m->arena, source->inside) : properties_open(p->m->arena);
        parse_set(p, inner, each, !lenient, depth + 1);
        m->each[i] = inner;
    }
}

/* Operations. */

static void parse_values(struct parse *p, struct mapping *m, const struct node *spec)
{
    const struct node *values = node_find(spec, "values");
    const struct node *otherwise = node_find(spec, "otherwise");
    if (otherwise)
        m->otherwise = model_constant(p->m->arena, otherwise);
    if (!values)
        return;
    if (values->kind != NODE_MAP) {
        fail(p, values->at, "values: expected a mapping such as {Enabled: true}");
        return;
    }
    struct translation *t = ARENA_ARRAY(p->m->arena, struct translation, values->u.map.n);
    for (size_t i = 0; i < values->u.map.n; i++) {
        t[i].from = model_path_text(values->u.map.entry[i].key);
        t[i].to = model_constant(p->m->arena, values->u.map.entry[i].value);
    }
    m->translation = t;
    m->n_translations = values->u.map.n;
}

static bool read_flag(struct parse *p, const struct node *spec, const char *key)
{
    const struct node *n = node_find(spec, key);
    if (n && n->kind != NODE_BOOL)
        fail(p, n->at, "%s: expected true", key);
    return n && n->kind == NODE_BOOL && n->u.boolean;
}

static void parse_pairs(struct parse *p, struct mapping *m, const struct node *spec)
{
    const struct node *elements = node_find(spec, "elements"), *pairs = elements ? elements : node_find(spec, "pairs");
    const char *key = elements ? "elements" : "pairs";
    if (!pairs)
        return;
    if (pairs->kind != NODE_LIST || pairs->u.list.n != 2) {
        fail(p, pairs->at, "%s: expected two names, such as [key, value]", key);
        return;
    }
    m->elements = elements != NULL;
    m->pair_key = model_path_text(pairs->u.list.item[0]);
    m->pair_value = model_path_text(pairs->u.list.item[1]);
}

static void parse_operations(struct parse *p, struct mapping *m, const struct node *spec)
{
    static const char *const keys[] = {"from",   "values", "otherwise", "negate",   "wrap",    "first", "pairs",
                                       "split",  "each",   "present",   "value",    "default", "since", "source",
                                       "inside", "about",  "entry",     "elements", NULL};
    p->good = model_check_keys(spec, keys, "a mapping", p->diags) && p->good;
    parse_values(p, m, spec);
    parse_pairs(p, m, spec);
    m->entry = model_path_text(node_find(spec, "entry"));
    m->negate = read_flag(p, spec, "negate");
    m->first = read_flag(p, spec, "first");
    m->present = read_flag(p, spec, "present");
    const struct node *wrap = node_find(spec, "wrap");
    m->wrap = wrap && str_eq_c(model_path_text(wrap), "list");
    if (wrap && !m->wrap)
        fail(p, wrap->at, "wrap: expected \"list\"");
    const struct node *split = node_find(spec, "split");
    str separator = model_path_text(split);
    if (split && separator.n != 1)
        fail(p, split->at, "split: expected one character");
    m->split = separator.n == 1 ? separator.p[0] : '\0';
    const struct node *value = node_find(spec, "value");
    if (value)
        m->constant = model_constant(p->m->arena, value);
    size_t before = p->diags->n;
    m->default_value = model_read_default(p->m->arena, spec, p->diags);
    p->good = p->good && p->diags->n == before;
}

static bool only_default(const struct mapping *m, const struct node *spec)
{
    return m->default_value && !m->n_translations && !m->otherwise && !m->negate && !m->first && !m->present &&
           !m->wrap && !m->split && !m->pair_key.n && !m->entry.n && !node_find(spec, "each") && !m->constant;
}

static void parse_sources(struct parse *p, struct mapping *m, const struct node *n)
{
    size_t count = n->kind == NODE_LIST ? n->u.list.n : 1;
    m->from = ARENA_ARRAY(p->m->arena, struct path, count);
    for (size_t i = 0; i < count; i++) {
        const struct node *one = n->kind == NODE_LIST ? n->u.list.item[i] : n;
        str text = model_path_text(one);
        if (text.n == 0)
            fail(p, one->at, "expected the path of a property");
        else
            m->from[m->n_from++] = path_split(p->m->arena, text);
    }
}

static void parse_mapping(struct parse *p, struct mapping_set *set, const struct node_entry *e, bool strict,
                          unsigned depth)
{
    struct mapping *m = &set->at[set->n];
    str target = model_path_text(e->key);
    const struct node *spec = e->value && e->value->kind == NODE_MAP ? e->value : NULL;
    if (target.n == 0 || !e->value || e->value->kind == NODE_NULL) {
        fail(p, e->key->at, "map: expected \"normalised.path: source\"");
        return;
    }
    set->n++;
    m->target = path_split(p->m->arena, target);
    const struct node *from = spec ? node_find(spec, "from") : e->value;
    if (spec)
        parse_operations(p, m, spec);
    if (from) {
        parse_sources(p, m, from);
    } else if (!m->constant && !only_default(m, spec)) {
        m->from = &m->target;
        m->n_from = 1;
    }
    if (spec)
        parse_each(p, set, m, spec, strict, depth);
    for (size_t i = 0; i < m->n_from; i++) {
        bool found;
        find_source(p, set->properties, &m->from[i], (from ? from : e->key)->at, strict, &found);
    }
}

static void parse_set(struct parse *p, struct mapping_set *set, const struct node *n, bool strict, unsigned depth)
{
    set->at = ARENA_ARRAY(p->m->arena, struct mapping, n->u.map.n);
    for (size_t i = 0; i < n->u.map.n; i++)
        parse_mapping(p, set, &n->u.map.entry[i], strict, depth);
    for (size_t i = 0; i < set->n; i++) {
        const struct mapping *m = &set->at[i];
        for (size_t f = 0; f < m->n_from && !m->present; f++)
            mark_taken(set->properties, &m->from[f]);
    }
}

static void parse_conditions(struct parse *p, const struct node *when)
{
    if (!when)
        return;
    if (when->kind != NODE_MAP) {
        fail(p, when->at, "when: expected a mapping from a property to its values");
        return;
    }
    struct condition *c = ARENA_ARRAY(p->m->arena, struct condition, when->u.map.n);
    for (size_t i = 0; i < when->u.map.n; i++) {
        const struct node_entry *e = &when->u.map.entry[i];
        bool is_list = e->value && e->value->kind == NODE_LIST;
        size_t n = is_list ? e->value->u.list.n : 1;
        str *values = ARENA_ARRAY(p->m->arena, str, n);
        for (size_t v = 0; v < n; v++)
            values[v] = model_path_text(is_list ? e->value->u.list.item[v] : e->value);
        c[i] = (struct condition){path_split(p->m->arena, model_path_text(e->key)), values, n};
        bool found;
        find_source(p, p->body->map.properties, &c[i].attribute, e->key->at, true, &found);
    }
    p->body->condition = c;
    p->body->n_conditions = when->u.map.n;
}

bool model_type_parse(struct model *m, struct model_type *t, struct diag_list *diags)
{
    static const char *const keys[] = {"properties", "map", "rename", "when", "also", "about", NULL};
    t->parsed = true;
    if (t->said->body) {
        t->body = *(const struct type_body *)image_thaw(t->said->body, NULL, m->arena);
        return true;
    }
    struct parse p = {.m = m, .type = t, .body = &t->body, .diags = diags, .good = true};
    const struct node *node = t->said->node;
    p.good = model_check_keys(node, keys, "a type", diags);
    t->body.map.properties = parse_properties(&p);
    parse_renames(&p, t->body.map.properties);
    parse_conditions(&p, node_find(node, "when"));
    const struct node *map = node_find(node, "map");
    if (map && map->kind == NODE_MAP)
        parse_set(&p, &t->body.map, map, true, 0);
    else if (map && map->kind != NODE_NULL)
        fail(&p, map->at, "map: expected a mapping");
    return p.good;
}
