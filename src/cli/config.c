#include "cli/config_internal.h"

#include "base/path.h"
#include "base/vec.h"
#include "policy/rule_load.h"
#include "syntax/yaml.h"

struct reading {
    struct config *c;
    struct options *o;
    struct arena *a;
    struct diag_list *diags;
    bool ok;
};

static void wrong(struct reading *r, span at, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void wrong(struct reading *r, span at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(r->a, fmt, ap);
    va_end(ap);
    diag_add(r->diags, DIAG_CONFIG, at, STR_FMT, STR_ARG(message));
    r->ok = false;
}

/* The text of a scalar as written: `off` is "off". */
static str text_of(const struct reading *r, const struct node *n)
{
    return n->kind <= NODE_STRING ? yaml_scalar_text(n, r->c->source) : STR_NONE;
}

static void unknown_key(struct reading *r, const struct node *key, const char *const *known, size_t n)
{
    str near = rule_nearest(node_string(key), known, n);
    if (near.n)
        wrong(r, key->at, "unknown key '" STR_FMT "'; did you mean '" STR_FMT "'?", STR_ARG(node_string(key)),
              STR_ARG(near));
    else
        wrong(r, key->at, "unknown key '" STR_FMT "'", STR_ARG(node_string(key)));
}

static bool expect_map(struct reading *r, const struct node *n, const char *what)
{
    if (n->kind != NODE_MAP)
        wrong(r, n->at, "%s must be a mapping, not %s", what, node_kind_name(n->kind));
    return n->kind == NODE_MAP;
}

/* A list of texts; one text counts as a list of one. */
static str *texts(struct reading *r, const struct node *n, const char *what, size_t *ret_n)
{
    bool list = n->kind == NODE_LIST;
    size_t count = list ? n->u.list.n : 1;
    str *all = ARENA_ARRAY(r->a, str, count + 1);
    *ret_n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct node *item = list ? n->u.list.item[i] : n;
        str text = text_of(r, item);
        if (!text.n)
            wrong(r, item->at, "%s must be a list of texts, not %s", what, node_kind_name(item->kind));
        else
            all[(*ret_n)++] = text;
    }
    return all;
}

static void append(struct reading *r, struct str_list *list, const str *more, size_t n)
{
    str *all = ARENA_ARRAY(r->a, str, list->n + n + 1);
    for (size_t i = 0; i < list->n; i++)
        all[i] = list->at[i];
    for (size_t i = 0; i < n; i++)
        all[list->n + i] = more[i];
    *list = (struct str_list){.at = all, .n = list->n + n};
}

/* ---------------------------------------------------------------- keys */

static void read_profile(struct reading *r, const struct node *n)
{
    str text = text_of(r, n);
    if (!str_eq_c(text, "base") && !str_eq_c(text, "strict") && !str_eq_c(text, "nprm"))
        wrong(r, n->at, "profile must be base, strict or nprm");
    else if (!options_is_given(r->o, "profile"))
        r->o->profile = text;
}

static void read_only(struct reading *r, const struct node *n)
{
    size_t count;
    str *all = texts(r, n, "only", &count);
    if (!options_is_given(r->o, "only"))
        append(r, &r->o->only, all, count);
}

static void read_skip(struct reading *r, const struct node *n)
{
    size_t count;
    str *all = texts(r, n, "skip", &count);
    append(r, &r->o->skip, all, count);
}

/* Patterns are relative to the file; paths are shown relative to the working directory or as named. */
static void read_exclude(struct reading *r, const struct node *n)
{
    size_t count;
    str *all = texts(r, n, "exclude", &count);
    str cwd = path_cwd(r->a);
    append(r, &r->c->exclude, r->o->exclude.at, r->o->exclude.n);
    append(r, &r->c->exclude, all, count);
    for (size_t i = 0; i < count; i++) {
        str p = all[i];
        while (p.n > 1 && p.p[p.n - 1] == '/')
            p.n--;
        if (str_starts(p, STR("./")))
            p = str_slice(p, 2, p.n);
        str forms[3] = {path_join(r->a, r->c->dir, p), p, STR_NONE};
        size_t n_forms = 1;
        if (str_eq(cwd, r->c->dir) || str_find_char(p, '/') == SIZE_MAX || str_starts(p, STR("**/")))
            forms[n_forms++] = p;
        if (path_is_below(r->c->dir, cwd) && !str_eq(cwd, r->c->dir)) {
            forms[n_forms++] = path_join(r->a, path_relative(r->a, r->c->dir, cwd), p);
        } else if (path_is_below(cwd, r->c->dir) && !str_eq(cwd, r->c->dir)) {
            str below = arena_printf(r->a, STR_FMT "/", STR_ARG(path_relative(r->a, cwd, r->c->dir)));
            if (str_starts(p, below))
                forms[n_forms++] = str_slice(p, below.n, p.n);
        }
        append(r, &r->o->exclude, forms, n_forms);
    }
}

static void read_rules(struct reading *r, const struct node *n)
{
    size_t count;
    str *all = texts(r, n, "rules", &count);
    str dir = path_dir(r->c->path);
    for (size_t i = 0; i < count; i++)
        all[i] = path_join(r->a, dir, all[i]);
    append(r, &r->o->rules, all, count);
}

static void read_fail_on(struct reading *r, const struct node *n)
{
    enum severity s;
    if (!severity_parse(text_of(r, n), &s))
        wrong(r, n->at, "fail-on must be info, low, medium, high or critical");
    else if (!options_is_given(r->o, "fail-on"))
        r->o->fail_on = s;
}

static void read_inline(struct reading *r, const struct node *n)
{
    str text = text_of(r, n);
    if (str_eq_c(text, "allow"))
        r->c->inline_mode = INLINE_ALLOW;
    else if (str_eq_c(text, "off"))
        r->c->inline_mode = INLINE_OFF;
    else if (str_eq_c(text, "require-reason"))
        r->c->inline_mode = INLINE_REQUIRE_REASON;
    else
        wrong(r, n->at, "inline-suppressions must be allow, off or require-reason");
}

static void read_foreign(struct reading *r, const struct node *n)
{
    if (n->kind != NODE_BOOL)
        wrong(r, n->at, "foreign-suppressions must be true or false");
    else if (!options_is_given(r->o, "foreign-suppressions"))
        r->o->foreign_suppressions = n->u.boolean;
}

static void read_parameters(struct reading *r, const struct node *n)
{
    if (!expect_map(r, n, "parameters"))
        return;
    r->c->parameter = ARENA_ARRAY(r->a, struct config_parameter, n->u.map.n + 1);
    for (size_t i = 0; i < n->u.map.n; i++)
        r->c->parameter[r->c->n_parameters++] =
            (struct config_parameter){node_string(n->u.map.entry[i].key), n->u.map.entry[i].value};
}

static void read_severity(struct reading *r, const struct node *n)
{
    static const char *const keys[] = {"severity", "reason"};
    if (!expect_map(r, n, "severity"))
        return;
    r->c->severity = ARENA_ARRAY(r->a, struct config_severity, n->u.map.n + 1);
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        struct config_severity s = {.rule = node_string(e->key), .at = e->key->at};
        if (e->value->kind != NODE_MAP) {
            wrong(r, e->value->at, "expected {severity: ..., reason: ...}");
            continue;
        }
        bool has_severity = false;
        for (size_t k = 0; k < e->value->u.map.n; k++) {
            const struct node_entry *part = &e->value->u.map.entry[k];
            if (str_eq_c(node_string(part->key), "reason"))
                s.reason = text_of(r, part->value);
            else if (!str_eq_c(node_string(part->key), "severity"))
                unknown_key(r, part->key, keys, ARRAY_LEN(keys));
            else if (!(has_severity = severity_parse(text_of(r, part->value), &s.severity)))
                wrong(r, part->value->at, "severity must be info, low, medium, high or critical");
        }
        if (!has_severity || !s.reason.n)
            wrong(r, e->key->at, "the severity of " STR_FMT " needs severity: and reason:", STR_ARG(s.rule));
        r->c->severity[r->c->n_severities++] = s;
    }
}

static void read_classification(struct reading *r, const struct node *n)
{
    static const char *const keys[] = {"keys", "values"};
    if (!expect_map(r, n, "classification"))
        return;
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        if (str_eq_c(node_string(e->key), "keys"))
            r->c->classification_key = texts(r, e->value, "classification.keys", &r->c->n_classification_keys);
        else if (str_eq_c(node_string(e->key), "values"))
            r->c->classified_value = texts(r, e->value, "classification.values", &r->c->n_classified_values);
        else
            unknown_key(r, e->key, keys, ARRAY_LEN(keys));
    }
}

static void read_exception(struct reading *r, const struct node *n)
{
    static const char *const keys[] = {"rule", "path", "address", "until", "reason"};
    struct suppression x = {.by = SUPPRESSED_FILE, .at = n->at};
    str rule = STR_NONE, *const fields[] = {&rule, &x.path, &x.address, &x.until, &x.reason};
    if (!expect_map(r, n, "an exception"))
        return;
    for (size_t i = 0; i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        size_t k = 0;
        while (k < ARRAY_LEN(keys) && !str_eq_c(node_string(e->key), keys[k]))
            k++;
        if (k == ARRAY_LEN(keys))
            unknown_key(r, e->key, keys, ARRAY_LEN(keys));
        else if (!(*fields[k] = text_of(r, e->value)).n)
            wrong(r, e->value->at, "%s must be a text, not %s", keys[k], node_kind_name(e->value->kind));
    }
    if (!rule.n)
        wrong(r, n->at, "the exception names no rule");
    if (!x.reason.n)
        wrong(r, n->at, "the exception has no reason");
    x.at = n->u.map.n ? n->u.map.entry[0].key->at : n->at;
    r->c->exception[r->c->n_exceptions] = x;
    r->c->exception_rules[r->c->n_exceptions++] = rule;
}

static void read_exceptions(struct reading *r, const struct node *n)
{
    if (n->kind != NODE_LIST) {
        wrong(r, n->at, "exceptions must be a list, not %s", node_kind_name(n->kind));
        return;
    }
    r->c->exception = ARENA_ARRAY(r->a, struct suppression, n->u.list.n + 1);
    r->c->exception_rules = ARENA_ARRAY(r->a, str, n->u.list.n + 1);
    for (size_t i = 0; i < n->u.list.n; i++)
        read_exception(r, n->u.list.item[i]);
}

static const struct {
    const char *name;
    void (*read)(struct reading *r, const struct node *n);
} keys[] = {
    {"profile", read_profile},
    {"only", read_only},
    {"skip", read_skip},
    {"exclude", read_exclude},
    {"fail-on", read_fail_on},
    {"parameters", read_parameters},
    {"severity", read_severity},
    {"classification", read_classification},
    {"rules", read_rules},
    {"inline-suppressions", read_inline},
    {"foreign-suppressions", read_foreign},
    {"exceptions", read_exceptions},
};

bool config_read(struct config *c, struct options *o, struct arena *a, struct diag_list *diags)
{
    struct reading r = {c, o, a, diags, true};
    const char *names[ARRAY_LEN(keys)];
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        names[k] = keys[k].name;
    for (size_t i = 0; i < c->root->u.map.n; i++) {
        const struct node_entry *e = &c->root->u.map.entry[i];
        size_t k = 0;
        while (k < ARRAY_LEN(keys) && !str_eq_c(node_string(e->key), names[k]))
            k++;
        if (k == ARRAY_LEN(keys))
            unknown_key(&r, e->key, names, ARRAY_LEN(names));
        else if (e->value->kind != NODE_NULL)
            keys[k].read(&r, e->value);
    }
    return r.ok;
}

/* ---------------------------------------------------------------- what needs the rules */

static const struct value *to_value(const struct node *n, struct arena *a)
{
    const struct origin *o = origin_new(a, n->at, STR("configuration"), NULL);
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
            items[i] = to_value(n->u.list.item[i], a);
        return value_list(a, items, n->u.list.n, o);
    }
    case NODE_MAP: {
        struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, n->u.map.n + 1);
        for (size_t i = 0; i < n->u.map.n; i++)
            entries[i] = (struct value_entry){node_string(n->u.map.entry[i].key), n->u.map.entry[i].key->at,
                                              to_value(n->u.map.entry[i].value, a)};
        return value_map(a, entries, n->u.map.n, o);
    }
    default:
        return value_null(a, o);
    }
}

static void suggest_parameter(struct reading *r, const struct ruleset *rules, str name, span at)
{
    const struct value *all = ruleset_parameters(rules, r->a);
    const char **names = ARENA_ARRAY(r->a, const char *, all->u.map.n + 1);
    for (size_t i = 0; i < all->u.map.n; i++)
        names[i] = arena_cstr(r->a, all->u.map.entry[i].key);
    str near = rule_nearest(name, names, all->u.map.n);
    wrong(r, at, "no rule has a parameter '" STR_FMT "'%s" STR_FMT "%s", STR_ARG(name),
          near.n ? "; did you mean '" : "", STR_ARG(near), near.n ? "'?" : "");
}

bool config_apply_rules(const struct config *c, struct ruleset *rules, const struct catalog *catalog, struct arena *a,
                        struct diag_list *diags)
{
    struct reading r = {NULL, NULL, a, diags, true};
    for (size_t i = 0; i < c->n_parameters; i++) {
        const struct config_parameter *p = &c->parameter[i];
        const struct value *old = ruleset_parameter(rules, p->name), *value = to_value(p->value, a);
        if (!old)
            suggest_parameter(&r, rules, p->name, p->value->at);
        else if (old->kind != value->kind)
            wrong(&r, p->value->at, STR_FMT " must be like its default, not %s", STR_ARG(p->name),
                  node_kind_name(p->value->kind));
        else
            ruleset_set_parameter(rules, p->name, value);
    }
    for (size_t i = 0; i < c->n_severities; i++) {
        if (catalog_find(catalog, c->severity[i].rule))
            continue;
        str near = catalog_nearest(catalog, c->severity[i].rule);
        wrong(&r, c->severity[i].at, "no rule is called '" STR_FMT "'%s" STR_FMT "%s", STR_ARG(c->severity[i].rule),
              near.n ? "; did you mean '" : "", STR_ARG(near), near.n ? "'?" : "");
    }
    return r.ok;
}

void config_add_exceptions(const struct config *c, struct suppressions *s)
{
    for (size_t i = 0; i < c->n_exceptions; i++)
        suppressions_add(s, c->exception[i], c->exception_rules[i]);
}

void config_set_severities(const struct config *c, struct findings *f, const struct catalog *catalog)
{
    for (size_t i = 0; i < c->n_severities; i++) {
        const struct catalog_rule *rule = catalog_find(catalog, c->severity[i].rule);
        for (size_t k = 0; rule && k < f->n; k++)
            if (str_eq(f->at[k].rule->id, rule->id))
                f->at[k].severity = c->severity[i].severity;
    }
}

str config_origin(const struct config *c, const struct options *o, const char *key, const char *option, struct arena *a)
{
    if (option && options_is_given(o, option))
        return STR("command line");
    const struct node_entry *e = c->root ? node_find_entry(c->root, str_of(key)) : NULL;
    if (!e)
        return STR("default");
    return arena_printf(a, STR_FMT ":%u", STR_ARG(c->path), source_position(c->source, e->key->at.start).line);
}
