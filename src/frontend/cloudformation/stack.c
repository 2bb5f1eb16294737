#include "frontend/cloudformation/stack.h"

#include "base/vec.h"
#include "frontend/cloudformation/foreach.h"
#include "frontend/cloudformation/parameters.h"
#include "frontend/cloudformation/resources.h"
#include "syntax/yaml.h"

/* Diagnostics. */

static void complain(struct cfn_stack *s, enum diag_id id, span at, const char *fmt, va_list ap) PRINTF_LIKE(4, 0);

static void complain(struct cfn_stack *s, enum diag_id id, span at, const char *fmt, va_list ap)
{
    if (s->n_diags >= LIMIT_FILE_DIAGNOSTICS)
        return;
    str message = arena_vprintf(s->arena, fmt, ap);
    if (++s->n_diags == LIMIT_FILE_DIAGNOSTICS) {
        diag_add(s->diags, DIAG_LIMIT, at, "over %u problems in this template; the others are not listed",
                 (unsigned)LIMIT_FILE_DIAGNOSTICS);
        return;
    }
    diag_add(s->diags, id, at, STR_FMT, STR_ARG(message));
}

void cfn_complain(struct cfn_stack *s, enum diag_id id, span at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    complain(s, id, at, fmt, ap);
    va_end(ap);
}

void cfn_complain_once(struct cfn_stack *s, str what, enum diag_id id, span at, const char *fmt, ...)
{
    if (map_has(&s->complained, what))
        return;
    map_set(&s->complained, arena_str(s->arena, what), s);
    va_list ap;
    va_start(ap, fmt);
    complain(s, id, at, fmt, ap);
    va_end(ap);
}

void cfn_name_macro(struct cfn_stack *s, str name, span at)
{
    s->has_remote_parts = true;
    cfn_complain_once(s, name, DIAG_NOT_ANALYSED, at,
                      "macro \"" STR_FMT "\" runs at deployment: what it changes is not analysed", STR_ARG(name));
}

bool cfn_spend(struct cfn_stack *s, size_t steps, span at)
{
    if (*s->steps >= steps) {
        *s->steps -= steps;
        return true;
    }
    *s->steps = 0;
    cfn_complain_once(s, STR("steps"), DIAG_LIMIT, at,
                      "the template takes too long to evaluate: the rest is not analysed");
    return false;
}

/* Nodes. */

bool cfn_scalar_text(const struct cfn_stack *s, const struct node *n, str *ret_text)
{
    if (!n)
        return false;
    if (n->kind == NODE_STRING) {
        *ret_text = n->u.string;
        return true;
    }
    if (n->kind == NODE_NUMBER) {
        *ret_text = n->u.number.text;
        return true;
    }
    if (n->kind != NODE_BOOL)
        return false;
    const struct source *source = source_at(s->run->inputs->sources, n->at.file);
    str text = source ? yaml_scalar_text(n, source) : STR_NONE;
    if (text.n < 2 || str_eq_nocase(text, STR("true")) || str_eq_nocase(text, STR("false")))
        text = n->u.boolean ? STR("true") : STR("false");
    *ret_text = text;
    return true;
}

static void add_without_punctuation(struct buf *b, str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            buf_add_char(b, c);
    }
}

/* Longer ones are no loop variables; keeps the search linear. */
enum { LONGEST_NAME = 260 };

static str replace_variables(struct cfn_stack *s, str text)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < text.n; i++) {
        bool opens = (text.p[i] == '$' || text.p[i] == '&') && i + 1 < text.n && text.p[i + 1] == '{';
        size_t close = opens ? str_find_char(str_slice(text, i, i + LONGEST_NAME), '}') : SIZE_MAX;
        const struct value *v = NULL;
        if (close != SIZE_MAX) {
            str name = str_trim(str_slice(text, i + 2, i + close));
            for (const struct cfn_scope *c = s->scope; c && !v; c = c->outer)
                v = str_eq(c->name, name) ? c->value : NULL;
        }
        if (!v) {
            buf_add_char(&b, text.p[i]);
            continue;
        }
        if (text.p[i] == '&')
            add_without_punctuation(&b, value_str(v));
        else
            buf_add(&b, value_str(v));
        i += close;
    }
    str done = buf_copy(&b, s->arena);
    buf_release(&b);
    return done;
}

bool cfn_scoped_text(struct cfn_stack *s, const struct node *n, str *ret_text)
{
    if (!cfn_scalar_text(s, n, ret_text))
        return false;
    if (s->scope && n->kind == NODE_STRING && str_find_char(*ret_text, '{') != SIZE_MAX)
        *ret_text = replace_variables(s, *ret_text);
    return true;
}

const struct origin *cfn_origin(struct cfn_stack *s, const struct node *n)
{
    return origin_new(s->arena, n->at, STR_NONE, NULL);
}

bool cfn_call(const struct node *n, bool with_condition, str *ret_name, const struct node **ret_argument)
{
    if (!n)
        return false;
    if (n->kind == NODE_TAGGED) {
        *ret_name = n->u.tagged.tag;
        *ret_argument = n->u.tagged.value;
        return true;
    }
    if (n->kind != NODE_MAP || n->u.map.n != 1)
        return false;
    str key = node_string(n->u.map.entry[0].key);
    *ret_argument = n->u.map.entry[0].value;
    *ret_name = key;
    if (str_eq_c(key, "Ref") || str_starts(key, STR("Rain::")) || (with_condition && str_eq_c(key, "Condition")))
        return true;
    if (!str_starts(key, STR("Fn::")) || str_starts(key, STR("Fn::ForEach::")))
        return false;
    *ret_name = str_slice(key, 4, key.n);
    return true;
}

/* Sections. */

static const struct node *section(struct cfn_stack *s, const char *name)
{
    const struct node *n = node_find(s->document->root, name);
    if (!n || n->kind == NODE_NULL)
        return NULL;
    if (n->kind == NODE_MAP)
        return n;
    cfn_complain(s, DIAG_STRUCTURE, n->at, "section %s must be a mapping, not %s", name,
                 node_kind_name((enum node_kind)n->kind));
    return NULL;
}

static bool is_one_of(str name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(name, names[i]))
            return true;
    }
    return false;
}

/* A section whose name is mistyped would be left out without a word. Macros may want sections of their own. */
static void check_sections(struct cfn_stack *s)
{
    static const char *const known[] = {"AWSTemplateFormatVersion",
                                        "Description",
                                        "Metadata",
                                        "Parameters",
                                        "Rules",
                                        "Mappings",
                                        "Conditions",
                                        "Transform",
                                        "Globals",
                                        "Resources",
                                        "Outputs",
                                        "Fn::Transform",
                                        "Hooks"};
    static const char *const of_rain[] = {"Constants", "Modules", "Packages", "Rain"};
    const struct node *root = s->document->root;
    const struct node_entry *resources = node_find_entry(root, STR("Resources"));
    if (s->has_macro || s->has_remote_parts || node_find(root, "Fn::Transform"))
        return;
    for (size_t i = 0; i < root->u.map.n; i++) {
        const struct node *key = root->u.map.entry[i].key;
        if (!is_one_of(node_string(key), known, ARRAY_LEN(known)) &&
            !is_one_of(node_string(key), of_rain, ARRAY_LEN(of_rain)))
            cfn_complain(s, DIAG_STRUCTURE, key->at, "a template has no section \"" STR_FMT "\"",
                         STR_ARG(node_string(key)));
    }
    if (!resources || resources->value->kind == NODE_NULL)
        cfn_complain(s, DIAG_STRUCTURE, resources ? resources->key->at : root->at, "a template needs Resources");
}

static void read_transform(struct cfn_stack *s, const struct node *t)
{
    static const char *const harmless[] = {"AWS::CodeDeployBlueGreen", "AWS::SecretsManager-2020-07-23",
                                           "AWS::SecretsManager-2024-09-16", "AWS::ServiceCatalog"};
    if (!t)
        return;
    if (t->kind == NODE_LIST) {
        for (size_t i = 0; i < t->u.list.n; i++) {
            if (t->u.list.item[i]->kind != NODE_LIST)
                read_transform(s, t->u.list.item[i]);
        }
        return;
    }
    str name = t->kind == NODE_MAP ? node_string(node_find(t, "Name")) : node_string(t);
    if (str_starts(name, STR("AWS::Serverless-")))
        s->is_serverless = true;
    else if (str_eq_c(name, "AWS::LanguageExtensions"))
        s->has_language_extensions = true;
    else if (str_eq_c(name, "AWS::Include"))
        s->has_macro |= !cfn_include(s, t);
    else if (name.n == 0)
        cfn_complain(s, DIAG_STRUCTURE, t->at, "Transform must name macros");
    else {
        if (is_one_of(name, harmless, ARRAY_LEN(harmless)))
            return;
        s->has_macro = true;
        cfn_name_macro(s, name, t->at);
    }
}

static void check_mapping(struct cfn_stack *s, str name, const struct node *n)
{
    const struct node *odd = n->kind == NODE_MAP ? NULL : n;
    for (size_t i = 0; !odd && i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        if (e->value->kind != NODE_MAP && !str_starts(node_string(e->key), STR("Fn::")))
            odd = e->value;
    }
    if (odd)
        cfn_complain(s, DIAG_STRUCTURE, odd->at, "mapping \"" STR_FMT "\" must be a mapping of mappings",
                     STR_ARG(name));
}

static void read_mappings(struct cfn_stack *s, const struct node *n)
{
    for (size_t i = 0; n && i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        if (str_starts(node_string(e->key), STR("Fn::")))
            continue;
        check_mapping(s, node_string(e->key), e->value);
        map_set(&s->mappings, node_string(e->key), (void *)(uintptr_t)e->value);
    }
    const struct node *include = n ? node_find(n, "Fn::Transform") : NULL;
    const struct node *included = include ? cfn_included(s, include) : NULL;
    for (size_t i = 0; included && i < included->u.map.n; i++)
        map_set(&s->mappings, node_string(included->u.map.entry[i].key),
                (void *)(uintptr_t)included->u.map.entry[i].value);
}

static void read_conditions(struct cfn_stack *s, const struct node *n)
{
    struct cfn_entries entries = {0};
    if (n)
        cfn_expand(s, n, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        struct cfn_condition *c = ARENA_NEW(s->arena, struct cfn_condition);
        c->name = entries.at[i].key;
        c->node = entries.at[i].value;
        c->at = entries.at[i].key_node->at;
        c->scope = entries.at[i].scope;
        map_set(&s->conditions, c->name, c);
    }
    VEC_RELEASE(&entries);
}

static void read_outputs(struct cfn_stack *s, const struct node *n)
{
    struct cfn_entries entries = {0};
    if (n)
        cfn_expand(s, n, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        struct cfn_output *o = ARENA_NEW(s->arena, struct cfn_output);
        o->id = entries.at[i].key;
        o->node = entries.at[i].value;
        o->scope = entries.at[i].scope;
        map_set(&s->outputs, o->id, o);
    }
    VEC_RELEASE(&entries);
}

/* Resources of SAM mean the transform, also where the template does not say so. */
static bool has_serverless_resources(const struct node *resources)
{
    for (size_t i = 0; resources && resources->kind == NODE_MAP && i < resources->u.map.n; i++) {
        const struct node *r = resources->u.map.entry[i].value;
        if (r && r->kind == NODE_MAP && str_starts(node_string(node_find(r, "Type")), STR("AWS::Serverless::")))
            return true;
    }
    return false;
}

struct cfn_stack *cfn_stack_new(const struct cfn_run *run, struct arena *a, struct diag_list *diags,
                                const struct document *document, str path, const struct cfn_stack *outer,
                                const struct map *arguments, const struct call_site *call, str prefix)
{
    struct cfn_stack *s = alloc_get(sizeof(*s));
    struct map *tables[] = {&s->parameters, &s->mappings,       &s->conditions, &s->resources, &s->outputs,
                            &s->opaque,     &s->opaque_by_name, &s->complained, &s->arguments};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        map_init(tables[i]);
    s->run = run;
    s->arena = a;
    s->diags = diags;
    s->document = document;
    s->path = path;
    s->outer = outer;
    s->call = call;
    s->prefix = prefix;
    s->level = outer ? outer->level + 1 : 0;
    s->calls = outer ? outer->calls : ARENA_NEW(a, size_t);
    s->steps = outer ? outer->steps : ARENA_NEW(a, size_t);
    if (!outer)
        *s->steps = LIMIT_TEMPLATE_STEPS + document->source->text.n;
    s->yes = value_bool(a, true, NULL);
    s->no = value_bool(a, false, NULL);
    for (size_t i = 0; arguments && i < arguments->n; i++)
        map_set(&s->arguments, arguments->at[i].key, arguments->at[i].value);
    if (!document->root || document->root->kind != NODE_MAP)
        return s;
    const struct node *conditions = section(s, "Conditions");
    cfn_parameters_read(s, section(s, "Parameters"), conditions);
    read_mappings(s, section(s, "Mappings"));
    read_transform(s, node_find(document->root, "Transform"));
    s->is_serverless |= has_serverless_resources(section(s, "Resources"));
    s->globals = s->is_serverless ? section(s, "Globals") : NULL;
    check_sections(s);
    read_conditions(s, conditions);
    cfn_resources_read(s, section(s, "Resources"));
    read_outputs(s, section(s, "Outputs"));
    return s;
}

void cfn_stack_adopt(struct cfn_stack *s, struct cfn_stack *nested)
{
    if (s->n_nested == s->nested_cap)
        s->nested = vec_grow(s->nested, &s->nested_cap, sizeof(*s->nested));
    s->nested[s->n_nested++] = nested;
}

void cfn_stack_free(struct cfn_stack *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n_nested; i++)
        cfn_stack_free(s->nested[i]);
    alloc_put(s->nested, s->nested_cap * sizeof(*s->nested));
    struct map *tables[] = {&s->parameters, &s->mappings,       &s->conditions, &s->resources, &s->outputs,
                            &s->opaque,     &s->opaque_by_name, &s->complained, &s->arguments};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        map_release(tables[i]);
    alloc_put(s, sizeof(*s));
}
