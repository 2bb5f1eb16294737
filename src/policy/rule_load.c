#include "policy/rule_load.h"

#include "base/vec.h"
#include "policy/cel.h"
#include "policy/environment.h"
#include "policy/rule_check.h"
#include "policy/rule_text.h"

struct loading {
    struct rule *rule;
    struct model *model; /* NULL: see rule_load */
    struct arena *arena;
    struct diag_list *diags;
    const struct node *root;
    bool ok;
};

static const char *const rule_keys[] = {
    "id",        "name",        "title",    "severity", "category", "profile",  "ignorable",  "hipaa",
    "looked_up", "equivalents", "resource", "when",     "each",     "assert",   "at",         "message",
    "absent",    "on_unknown",  "empty",    "why",      "fix",      "examples", "references",
};

static const char *const categories[] = {
    "encryption-at-rest",
    "encryption-in-transit",
    "network-isolation",
    "least-privilege",
    "authentication",
    "logging",
    "backup",
    "availability",
    "integrity",
    "secrets",
    "workload-isolation",
};

static const char *const profiles[] = {"base", "strict", "nprm"};
static const char *const formats[] = {"terraform", "cloudformation", "kubernetes"};
static const char *const equivalent_sources[] = {"aws-config", "checkov", "trivy", "kics", "cfn-guard", "kube-linter"};

static void wrong(struct loading *l, span at, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void wrong(struct loading *l, span at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(l->arena, fmt, ap);
    va_end(ap);
    diag_add(l->diags, DIAG_RULE, at, STR_FMT, STR_ARG(message));
    l->ok = false;
}

str rule_nearest(str name, const char *const *names, size_t n)
{
    size_t best = name.n / 3 + 2;
    str nearest = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        size_t d = str_distance(name, str_of(names[i]), best);
        if (d < best) {
            best = d;
            nearest = str_of(names[i]);
        }
    }
    return nearest;
}

static bool is_one_of(str s, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(s, names[i]))
            return true;
    return false;
}

/* "a, b or c" */
static str list_names(struct arena *a, const char *const *names, size_t n)
{
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s", i ? (i + 1 == n ? " or " : ", ") : "", names[i]);
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

static void check_keys(struct loading *l, const struct node *map, const char *const *names, size_t n)
{
    for (size_t i = 0; i < map->u.map.n; i++) {
        const struct node *key = map->u.map.entry[i].key;
        if (is_one_of(node_string(key), names, n))
            continue;
        str nearest = rule_nearest(node_string(key), names, n);
        if (nearest.n)
            wrong(l, key->at, "unknown key '" STR_FMT "'; did you mean '" STR_FMT "'?", STR_ARG(node_string(key)),
                  STR_ARG(nearest));
        else
            wrong(l, key->at, "unknown key '" STR_FMT "'; expected one of " STR_FMT, STR_ARG(node_string(key)),
                  STR_ARG(list_names(l->arena, names, n)));
    }
}

/* A text that must be there. */
static str required_text(struct loading *l, const char *key)
{
    const struct node *n = node_find(l->root, key);
    if (!n) {
        wrong(l, l->root->at, "the rule has no '%s'", key);
        return STR_NONE;
    }
    if (n->kind != NODE_STRING || !str_trim(n->u.string).n) {
        wrong(l, n->at, "'%s' must be text, not %s", key,
              n->kind == NODE_STRING ? "an empty string" : node_kind_name(n->kind));
        return STR_NONE;
    }
    return n->u.string;
}

static str optional_text(struct loading *l, const struct node *map, const char *key)
{
    const struct node *n = node_find(map, key);
    if (!n)
        return STR_NONE;
    if (n->kind != NODE_STRING) {
        wrong(l, n->at, "'%s' must be text, not %s", key, node_kind_name(n->kind));
        return STR_NONE;
    }
    return n->u.string;
}

/* One of a closed list of words; `fallback` when absent. */
static str choose(struct loading *l, const char *key, const char *const *names, size_t n, const char *fallback)
{
    const struct node *node = node_find(l->root, key);
    if (!node && fallback)
        return str_of(fallback);
    str s = required_text(l, key);
    if (s.n && !is_one_of(s, names, n)) {
        wrong(l, node->at, "'%s' is '" STR_FMT "'; expected " STR_FMT, key, STR_ARG(s),
              STR_ARG(list_names(l->arena, names, n)));
        return STR_NONE;
    }
    return s;
}

/* Text or a list of texts. */
static size_t texts(struct loading *l, const struct node *n, const char *what, const str **ret)
{
    if (n->kind == NODE_STRING) {
        str *one = ARENA_NEW(l->arena, str);
        *one = n->u.string;
        *ret = one;
        return 1;
    }
    if (n->kind != NODE_LIST || !n->u.list.n) {
        wrong(l, n->at, "%s must be text or a list of texts, not %s", what,
              n->kind == NODE_LIST ? "an empty list" : node_kind_name(n->kind));
        return 0;
    }
    str *all = ARENA_ARRAY(l->arena, str, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++) {
        all[i] = node_string(n->u.list.item[i]);
        if (n->u.list.item[i]->kind != NODE_STRING)
            wrong(l, n->u.list.item[i]->at, "%s must be text, not %s", what, node_kind_name(n->u.list.item[i]->kind));
    }
    *ret = all;
    return n->u.list.n;
}

static void load_id(struct loading *l)
{
    struct rule *rule = l->rule;
    rule->id = required_text(l, "id");
    rule->name = required_text(l, "name");
    rule->title = required_text(l, "title");
    const struct node *id = node_find(l->root, "id");
    rule->at_file = id ? id->at : l->root->at;
    for (size_t i = 0; i < rule->id.n; i++) {
        char c = rule->id.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) {
            wrong(l, id->at, "an id is made of capitals, digits and dashes, such as HL-S3-001");
            break;
        }
    }
    const struct node *name = node_find(l->root, "name");
    for (size_t i = 0; i < rule->name.n; i++) {
        char c = rule->name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            wrong(l, name->at, "a name is made of small letters, digits and dashes, such as s3-bucket-encrypted");
            break;
        }
    }
}

static bool truth(struct loading *l, const char *key, bool otherwise)
{
    const struct node *n = node_find(l->root, key);
    if (n && n->kind != NODE_BOOL)
        wrong(l, n->at, "'%s' must be true or false", key);
    return n && n->kind == NODE_BOOL ? n->u.boolean : otherwise;
}

static void load_class(struct loading *l)
{
    struct rule *rule = l->rule;
    const struct node *severity = node_find(l->root, "severity");
    str s = required_text(l, "severity");
    if (s.n && !severity_parse(s, &rule->severity))
        wrong(l, severity->at, "'severity' is '" STR_FMT "'; expected info, low, medium, high or critical", STR_ARG(s));
    rule->category = choose(l, "category", categories, ARRAY_LEN(categories), NULL);
    rule->profile = choose(l, "profile", profiles, ARRAY_LEN(profiles), "base");
    rule->ignorable = truth(l, "ignorable", true);
    rule->looked_up = truth(l, "looked_up", false);
}

/* 164.402 looks like a number. */
static str section_text(const struct node *n)
{
    return n && n->kind == NODE_NUMBER ? n->u.number.text : node_string(n);
}

static void load_citations(struct loading *l)
{
    const struct node *n = node_find(l->root, "hipaa");
    if (!n || n->kind != NODE_LIST || !n->u.list.n) {
        wrong(l, n ? n->at : l->root->at, "the rule needs 'hipaa': a list of sections, such as [164.312(b)]");
        return;
    }
    struct citation *all = ARENA_ARRAY(l->arena, struct citation, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++) {
        const struct node *item = n->u.list.item[i];
        if (item->kind == NODE_STRING || item->kind == NODE_NUMBER) {
            all[i].section = section_text(item);
        } else if (item->kind == NODE_MAP) {
            static const char *const keys[] = {"section", "because"};
            check_keys(l, item, keys, ARRAY_LEN(keys));
            all[i].section = section_text(node_find(item, "section"));
            all[i].because = optional_text(l, item, "because");
        }
        all[i].at = item->at;
        if (!str_starts(all[i].section, STR("164.")) && !str_starts(all[i].section, STR("NPRM-164.")))
            wrong(l, item->at, "expected a section of 45 CFR part 164, such as 164.312(a)(1)");
    }
    l->rule->citation = all;
    l->rule->n_citations = n->u.list.n;
}

static void load_equivalents(struct loading *l)
{
    const struct node *n = node_find(l->root, "equivalents");
    if (!n || n->kind == NODE_NULL)
        return;
    if (n->kind != NODE_MAP) {
        wrong(l, n->at, "'equivalents' must be a mapping from " STR_FMT " to ids",
              STR_ARG(list_names(l->arena, equivalent_sources, ARRAY_LEN(equivalent_sources))));
        return;
    }
    check_keys(l, n, equivalent_sources, ARRAY_LEN(equivalent_sources));
    struct equivalent *all = ARENA_ARRAY(l->arena, struct equivalent, n->u.map.n);
    for (size_t i = 0; i < n->u.map.n; i++) {
        all[i].source = node_string(n->u.map.entry[i].key);
        all[i].n = texts(l, n->u.map.entry[i].value, "an equivalent", &all[i].id);
    }
    l->rule->equivalent = all;
    l->rule->n_equivalents = n->u.map.n;
}

/* Kinds must be in the model. */
static size_t load_kinds(struct loading *l, const struct node *n, const sym **ret)
{
    const str *names = NULL;
    size_t count = texts(l, n, "a kind", &names);
    sym *kinds = ARENA_ARRAY(l->arena, sym, count + 1);
    for (size_t i = 0; i < count; i++) {
        kinds[i] = sym_of(names[i]);
        const struct node *at = n->kind == NODE_LIST ? n->u.list.item[i] : n;
        if (l->model && names[i].n && !model_kind(l->model, names[i]))
            wrong(l, at->at, STR_FMT, STR_ARG(rule_unknown_kind(names[i], l->arena)));
    }
    *ret = kinds;
    return count;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Where offset `i` of a block or folded text stands in the file: the same characters but for blanks. False when escapes
 * make them differ. */
static bool find_in_source(const struct loading *l, const struct node *n, str text, uint32_t i, uint32_t *ret)
{
    str source = l->rule->text;
    size_t at = n->at.start + (n->flags & NODE_QUOTED ? 1 : 0);
    if (at < source.n && (source.p[at] == '|' || source.p[at] == '>'))
        while (at < source.n && source.p[at] != '\n')
            at++;
    for (size_t k = 0; k < text.n; k++) {
        if (is_blank(text.p[k]) && k != i)
            continue;
        while (!is_blank(text.p[k]) && at < source.n && is_blank(source.p[at]))
            at++;
        if (at >= n->at.end || at >= source.n || (source.p[at] != text.p[k] && !is_blank(text.p[k])))
            return false;
        if (k >= i) {
            *ret = (uint32_t)at;
            return true;
        }
        at++;
    }
    *ret = n->at.end ? n->at.end - 1 : 0;
    return i >= text.n && at <= n->at.end;
}

static const struct cel_program *compile_with(struct loading *l, const struct node *n, str text, uint32_t base,
                                              bool exact, struct diag_list *diags)
{
    const struct cel_program *p = cel_compile(text, n->at.file, base, exact, n->at, environment_get(), l->arena, diags);
    return p && (!l->model || rule_check_program(l->rule, p, l->model, l->arena, diags)) ? p : NULL;
}

static const struct cel_program *compile_at(struct loading *l, const struct node *n, str text)
{
    bool exact = (n->flags & NODE_RAW) != 0;
    uint32_t base = n->at.start + (n->flags & NODE_QUOTED ? 1 : 0);
    struct diag_list found;
    diag_list_init(&found, l->arena);
    const struct cel_program *p = compile_with(l, n, text, base, exact, &found);
    if (!p && !exact) { /* once more, for offsets in the text */
        diag_list_release(&found);
        diag_list_init(&found, l->arena);
        compile_with(l, n, text, 0, true, &found);
        for (size_t i = 0; i < found.n; i++) {
            uint32_t start;
            span whole = n->at;
            if (find_in_source(l, n, text, found.at[i].at.start, &start))
                whole.start = start, whole.end = start + 1;
            found.at[i].at = whole;
        }
    }
    for (size_t i = 0; i < found.n; i++)
        wrong(l, found.at[i].at, STR_FMT, STR_ARG(found.at[i].message));
    diag_list_release(&found);
    return p;
}

static const struct cel_program *compile(struct loading *l, const char *key, bool required)
{
    const struct node *n = node_find(l->root, key);
    if (!n) {
        if (required)
            wrong(l, l->root->at, "the rule has no '%s'", key);
        return NULL;
    }
    str text = node_string(n);
    if (n->kind == NODE_BOOL)
        text = n->u.boolean ? STR("true") : STR("false");
    if (!text.n) {
        wrong(l, n->at, "'%s' must be a CEL expression, not %s", key, node_kind_name(n->kind));
        return NULL;
    }
    return compile_at(l, n, text);
}

static void load_absent(struct loading *l)
{
    struct rule *rule = l->rule;
    rule->absent = STATUS_NOT_APPLICABLE;
    const struct node *n = node_find(l->root, "absent");
    if (!n)
        return;
    static const char *const keys[] = {"when", "status", "message"};
    if (n->kind != NODE_MAP) {
        wrong(l, n->at, "'absent' must be a mapping with when, status and message");
        return;
    }
    check_keys(l, n, keys, ARRAY_LEN(keys));
    const struct node *when = node_find(n, "when"), *status = node_find(n, "status"),
                      *message = node_find(n, "message");
    if (!when || !status || !message) {
        wrong(l, n->at, "'absent' needs when (kinds), status (fail or unknown) and message");
        return;
    }
    rule->n_absent_when = load_kinds(l, when, &rule->absent_when);
    if (!status_parse(node_string(status), &rule->absent) || rule->absent == STATUS_PASS)
        wrong(l, status->at, "'status' must be fail, unknown or n-a");
    l->ok &= rule_text_compile(message, l->arena, l->diags, &rule->absent_message);
}

static void load_question(struct loading *l)
{
    struct rule *rule = l->rule;
    const struct node *kinds = node_find(l->root, "resource");
    if (!kinds) {
        wrong(l, l->root->at, "the rule has no 'resource': the kind that it asks about");
        return;
    }
    rule->n_kinds = load_kinds(l, kinds, &rule->kind);
    if (!l->ok)
        return;
    rule->each = compile(l, "each", false);
    rule->when = compile(l, "when", false);
    rule->assert_ = compile(l, "assert", true);
    rule->at = optional_text(l, l->root, "at");
    if (l->model && rule->at.n && !rule->each) /* with `each` it is a path in the element */
        l->ok &= rule_check_path(rule, rule->at, node_find(l->root, "at")->at, l->model, l->arena, l->diags);
    const struct node *message = node_find(l->root, "message");
    if (!message || message->kind != NODE_STRING)
        wrong(l, message ? message->at : l->root->at, "the rule needs a 'message': one sentence, values in braces");
    else
        l->ok &= rule_text_compile(message, l->arena, l->diags, &rule->message);
    for (size_t i = 0; l->model && i < rule->message.n; i++)
        if (rule->message.piece[i].program)
            l->ok &= rule_check_program(rule, rule->message.piece[i].program, l->model, l->arena, l->diags);
    load_absent(l);
    const struct node *on_unknown = node_find(l->root, "on_unknown");
    rule->on_unknown = STATUS_UNKNOWN;
    if (on_unknown && (!status_parse(node_string(on_unknown), &rule->on_unknown) ||
                       (rule->on_unknown != STATUS_UNKNOWN && rule->on_unknown != STATUS_FAIL)))
        wrong(l, on_unknown->at, "'on_unknown' must be unknown or fail");
    const struct node *empty = node_find(l->root, "empty");
    rule->empty = STATUS_NOT_APPLICABLE;
    if (empty && (!rule->each || !str_eq_c(node_string(empty), "pass")))
        wrong(l, empty->at, "'empty' says what an empty 'each' means: pass");
    else if (empty)
        rule->empty = STATUS_PASS;
}

static void load_fix(struct loading *l, const struct node_entry *e, struct rule_fix *ret)
{
    static const char *const keys[] = {"text", "by_hand"};
    ret->format = node_string(e->key);
    ret->at = e->value->at;
    if (!is_one_of(ret->format, formats, ARRAY_LEN(formats)))
        wrong(l, e->key->at, "a fix is for terraform, cloudformation or kubernetes");
    if (e->value->kind == NODE_MAP) {
        check_keys(l, e->value, keys, ARRAY_LEN(keys));
        ret->text = optional_text(l, e->value, "text");
        ret->by_hand = optional_text(l, e->value, "by_hand");
    } else {
        ret->text = node_string(e->value);
    }
    if (!ret->text.n)
        wrong(l, e->value->at, "a fix must be a snippet, or a mapping with text and by_hand");
}

/* mechanical: true, or the formats for which it is. */
static void load_mechanical(struct loading *l, const struct node *n, struct rule_fix *fix, size_t n_fixes)
{
    const str *named = NULL;
    size_t n_named = n->kind == NODE_BOOL ? 0 : texts(l, n, "'mechanical'", &named);
    for (size_t i = 0; i < n_named; i++) {
        bool found = false;
        for (size_t k = 0; k < n_fixes; k++)
            found |= str_eq(named[i], fix[k].format);
        if (!found)
            wrong(l, n->at, "'mechanical' names " STR_FMT ", for which there is no fix", STR_ARG(named[i]));
    }
    for (size_t i = 0; i < n_fixes; i++) {
        fix[i].mechanical = n->kind == NODE_BOOL && n->u.boolean;
        for (size_t k = 0; k < n_named; k++)
            fix[i].mechanical |= str_eq(named[k], fix[i].format);
        if (fix[i].mechanical && fix[i].by_hand.n)
            wrong(l, n->at, "a fix that is made by hand is not mechanical");
    }
}

static void load_fixes(struct loading *l)
{
    const struct node *n = node_find(l->root, "fix");
    if (!n || n->kind != NODE_MAP) {
        wrong(l, n ? n->at : l->root->at, "the rule needs a 'fix' for each format");
        return;
    }
    struct rule_fix *all = ARENA_ARRAY(l->arena, struct rule_fix, n->u.map.n);
    size_t count = 0;
    for (size_t i = 0; i < n->u.map.n; i++)
        if (!str_eq_c(node_string(n->u.map.entry[i].key), "mechanical"))
            load_fix(l, &n->u.map.entry[i], &all[count++]);
    l->rule->fix = all;
    l->rule->n_fixes = count;
    if (node_find(n, "mechanical"))
        load_mechanical(l, node_find(n, "mechanical"), all, count);
}

static str default_file(str format)
{
    if (str_eq_c(format, "terraform"))
        return STR("main.tf");
    return str_eq_c(format, "cloudformation") ? STR("template.yaml") : STR("manifest.yaml");
}

static void load_example(struct loading *l, const struct node *n, struct rule_example *ret)
{
    static const char *const keys[] = {"format", "expect", "source", "file", "title"};
    if (n->kind != NODE_MAP) {
        wrong(l, n->at, "an example must be a mapping with format, expect and source");
        return;
    }
    check_keys(l, n, keys, ARRAY_LEN(keys));
    ret->at = n->at;
    ret->format = optional_text(l, n, "format");
    ret->source = optional_text(l, n, "source");
    ret->title = optional_text(l, n, "title");
    ret->file = optional_text(l, n, "file");
    const struct node *format = node_find(n, "format"), *expect = node_find(n, "expect");
    if (!is_one_of(ret->format, formats, ARRAY_LEN(formats)))
        wrong(l, format ? format->at : n->at, "the example needs a 'format': terraform, cloudformation or kubernetes");
    if (!status_parse(node_string(expect), &ret->expect))
        wrong(l, expect ? expect->at : n->at, "the example needs 'expect': pass, fail, unknown or n-a");
    if (!ret->source.n)
        wrong(l, n->at, "the example has no source");
    if (!ret->file.n)
        ret->file = default_file(ret->format);
}

static void load_examples(struct loading *l)
{
    const struct node *n = node_find(l->root, "examples");
    if (!n || n->kind != NODE_LIST || !n->u.list.n) {
        wrong(l, n ? n->at : l->root->at, "the rule needs examples: at least one pass, one fail and one unknown");
        return;
    }
    struct rule_example *all = ARENA_ARRAY(l->arena, struct rule_example, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++)
        load_example(l, n->u.list.item[i], &all[i]);
    l->rule->example = all;
    l->rule->n_examples = n->u.list.n;
}

/* Only of a rule that is otherwise right: what is missing then is all that is wrong. */
static void check_formats(struct loading *l)
{
    if (l->ok)
        l->ok = rule_check_formats(l->rule, node_find_entry(l->root, STR("fix"))->key->at,
                                   node_find_entry(l->root, STR("examples"))->key->at, l->model, l->diags);
}

bool rule_load(struct rule *rule, const struct document *d, struct model *m, struct arena *a, struct diag_list *diags)
{
    struct loading l = {.rule = rule, .model = m, .arena = a, .diags = diags, .root = d->root, .ok = true};
    *rule = (struct rule){.text = d->source->text, .built_in = str_starts(d->source->path, STR("builtin:"))};
    if (d->root->kind != NODE_MAP) {
        wrong(&l, d->root->at, "a rule must be a mapping, not %s", node_kind_name(d->root->kind));
        return false;
    }
    if (m)
        check_keys(&l, d->root, rule_keys, ARRAY_LEN(rule_keys));
    load_id(&l);
    load_class(&l);
    load_citations(&l);
    load_equivalents(&l);
    load_question(&l);
    rule->why = required_text(&l, "why");
    load_fixes(&l);
    load_examples(&l);
    if (m)
        check_formats(&l);
    return l.ok;
}
