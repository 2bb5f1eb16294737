/* Directives of other tools, as those read them. */
#include "base/vec.h"
#include "policy/suppression.h"
#include "policy/suppression_lines.h"

struct directive {
    const char *tool;
    span at, target;
    bool whole_file, metadata;
    str until, reason;
    const char *refused;
};

/* ---------------------------------------------------------------- adding */

static str join(const str *rule, size_t n, struct arena *a)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_add_c(&b, i ? " " : "");
        buf_add(&b, rule[i]);
    }
    str all = buf_copy(&b, a);
    buf_release(&b);
    return all;
}

/* `check`: the id as written; "*" is every rule. */
static void add(struct suppressions *s, const struct directive *d, str check)
{
    size_t n;
    const str *rules = catalog_equivalents(s->foreign, d->tool, check, &n);
    if (!n) /* Trivy's ids with and without their prefix are the same */
        rules = catalog_equivalents(s->foreign, d->tool, arena_printf(s->arena, "AVD-" STR_FMT, STR_ARG(check)), &n);
    bool all = str_eq_c(check, "*");
    struct suppression x = {
        .by = d->metadata ? SUPPRESSED_METADATA : SUPPRESSED_INLINE,
        .at = d->at,
        .target = d->whole_file ? (span){d->at.file, 0, UINT32_MAX} : d->target,
        .whole_file = d->whole_file,
        .until = suppression_is_date(d->until) ? d->until : STR_NONE,
        .reason = str_trim(d->reason),
        .tool = d->tool,
    };
    x.said = arena_printf(s->arena, "%s " STR_FMT "%s" STR_FMT, d->tool, STR_ARG(check), x.reason.n ? ": " : "",
                          STR_ARG(x.reason));
    x.refused = d->refused                 ? d->refused
                : d->until.n && !x.until.n ? "its date is none"
                : !x.target.file           ? "nothing stands there"
                : !all && !n               ? "no rule answers to it"
                                           : NULL;
    if (all || n) {
        suppressions_add(s, x, all ? STR("*") : join(rules, n, s->arena));
    } else {
        x.target = x.target.file ? x.target : d->at;
        VEC_PUSH(s, x);
    }
}

/* The characters that an id is made of, from `from` on. */
static str read_id(str text, size_t from, const char *more)
{
    size_t end = from;
    while (end < text.n && ((text.p[end] >= 'a' && text.p[end] <= 'z') || (text.p[end] >= 'A' && text.p[end] <= 'Z') ||
                            (text.p[end] >= '0' && text.p[end] <= '9') || strchr(more, text.p[end])))
        end++;
    return str_slice(text, from, end);
}

/* Where the first of the prefixes begins and ends. */
static bool find_prefix(str text, const char *const *prefix, size_t n, size_t *ret_at, size_t *ret_after)
{
    *ret_at = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t at = str_find(text, str_of(prefix[i]));
        if (at < *ret_at) {
            *ret_at = at;
            *ret_after = at + strlen(prefix[i]);
        }
    }
    return *ret_at != SIZE_MAX;
}

/* ---------------------------------------------------------------- comments */

/* `checkov:skip=CKV_AWS_18:why`, anywhere in a comment inside of the resource. */
static void read_checkov(struct suppressions *s, struct suppression_lines *l, const struct comment *c)
{
    static const char *const prefixes[] = {"checkov:skip=", "bridgecrew:skip=", "cortex:skip="};
    size_t start, at;
    if (!find_prefix(c->text, prefixes, ARRAY_LEN(prefixes), &start, &at))
        return;
    while (at < c->text.n && c->text.p[at] == ' ')
        at++;
    str check = read_id(c->text, at, "_"), rest = str_slice(c->text, at + check.n, c->text.n);
    struct directive d = {.tool = "checkov", .at = c->at};
    d.target = l->resource[suppression_lines_of(l, c->at.start)];
    d.reason = rest.n && rest.p[0] == ':' ? str_slice(rest, 1, rest.n) : STR_NONE;
    if (check.n)
        add(s, &d, check);
}

/* Sections after the check: `exp:DATE`, `ws:WORKSPACE`; anything else is a remark. */
static void read_trivy_sections(struct directive *d, str sections)
{
    while (sections.p && sections.n) {
        str key = str_trim(str_cut(sections, ':', &sections));
        if (str_eq_c(key, "exp")) {
            d->until = read_id(str_trim(str_cut(sections, ':', &sections)), 0, "-");
        } else if (str_eq_c(key, "ws")) {
            d->refused = "it counts in one workspace only";
            str_cut(sections, ':', &sections);
        } else if (!d->reason.n) {
            d->reason = key;
        }
    }
}

/* `trivy:ignore:AVD-AWS-0089:exp:2027-01-31`, several in one comment; for what begins on its line, or on the next. */
static void read_trivy(struct suppressions *s, struct suppression_lines *l, const struct comment *c)
{
    static const char *const prefixes[] = {"trivy:ignore:", "tfsec:ignore:"};
    uint32_t line = suppression_lines_of(l, c->at.start);
    size_t start, at;
    for (str rest = c->text; find_prefix(rest, prefixes, ARRAY_LEN(prefixes), &start, &at);) {
        str check = str_eq_c(str_slice(rest, at, at + 1), "*") ? STR("*") : read_id(rest, at, "-_.");
        str tail = str_slice(rest, at + check.n, rest.n);
        find_prefix(tail, prefixes, ARRAY_LEN(prefixes), &start, &at);
        str sections = str_slice(tail, 0, start);
        struct directive d = {.tool = "trivy", .at = c->at};
        d.target = c->own_line ? l->above[suppression_lines_next(l, line)] : l->entry[line];
        if (sections.n && sections.p[0] == '[')
            d.refused = "it counts for some values only";
        else if (sections.n && sections.p[0] == ':')
            read_trivy_sections(&d, str_slice(sections, 1, sections.n));
        else
            d.reason = sections;
        if (check.n)
            add(s, &d, check);
        rest = tail;
    }
}

static void add_list(struct suppressions *s, const struct directive *d, str list)
{
    while (list.p && list.n) {
        str check = str_trim(str_cut(list, ',', &list));
        if (check.n)
            add(s, d, check);
    }
}

/* `kics-scan ignore-line`, `ignore-block`; at the top of the file `ignore`, `disable=ID,ID`. */
static void read_kics(struct suppressions *s, struct suppression_lines *l, const struct comment *c)
{
    str text = str_trim(c->text), prefix = STR("kics-scan "), list;
    if (!str_starts(text, prefix))
        return;
    text = str_trim(str_slice(text, prefix.n, text.n));
    uint32_t line = suppression_lines_of(l, c->at.start);
    str verb = str_cut(text, '=', &list);
    struct directive d = {.tool = "kics", .at = c->at};
    if (str_eq_c(verb, "ignore-line") || str_eq_c(verb, "ignore-block")) {
        d.target = l->entry[suppression_lines_next(l, line)];
        add(s, &d, STR("*"));
        return;
    }
    d.whole_file = true;
    d.refused = line > l->first ? "it stands below the beginning of the file" : NULL;
    if (str_eq_c(verb, "ignore")) {
        add(s, &d, STR("*"));
    } else if (str_eq_c(verb, "disable")) {
        add_list(s, &d, list);
    } else if (str_eq_c(verb, "enable")) {
        d.refused = "a list of what is left on is not read";
        add_list(s, &d, list);
    }
}

static bool may_be_foreign(str text)
{
    static const char *const marks[] = {":skip=", ":ignore:", "kics-scan "};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_contains(text, str_of(marks[i])))
            return true;
    return false;
}

static void read_comments(struct suppressions *s, const struct documents *d, const enum suppression_shape *shape)
{
    struct suppression_lines lines = {0};
    struct arena *tables = NULL;
    const struct document *first = d->n ? &d->at[0] : NULL;
    for (size_t i = 0; first && i < first->n_comments; i++) {
        const struct comment *c = &first->comment[i];
        if (!may_be_foreign(c->text))
            continue;
        if (!tables)
            suppression_lines_init(&lines, d, shape, tables = arena_new());
        read_checkov(s, &lines, c);
        read_trivy(s, &lines, c);
        read_kics(s, &lines, c);
    }
    arena_free(tables);
}

/* ---------------------------------------------------------------- metadata of templates */

static const struct node *find_path(const struct node *n, const char *first, const char *second)
{
    const struct node *below = n && n->kind == NODE_MAP ? node_find(n, first) : NULL;
    return below && below->kind == NODE_MAP ? node_find(below, second) : NULL;
}

/* `Metadata: {checkov: {skip: [{id, comment}]}}`, `Metadata: {guard: {SuppressedRules: [NAME]}}`. */
static void read_metadata(struct suppressions *s, const struct node *resource, span target)
{
    const struct node *metadata = node_find(resource, "Metadata");
    const struct node *skip = find_path(metadata, "checkov", "skip");
    for (size_t i = 0; skip && skip->kind == NODE_LIST && i < skip->u.list.n; i++) {
        const struct node *item = skip->u.list.item[i];
        struct directive d = {.tool = "checkov", .at = item->at, .target = target, .metadata = true};
        d.reason = node_string(node_find(item, "comment"));
        if (node_string(node_find(item, "id")).n)
            add(s, &d, node_string(node_find(item, "id")));
    }
    const struct node *guard = find_path(metadata, "guard", "SuppressedRules");
    for (size_t i = 0; guard && guard->kind == NODE_LIST && i < guard->u.list.n; i++) {
        const struct node *item = guard->u.list.item[i];
        struct directive d = {.tool = "cfn-guard", .at = item->at, .target = target, .metadata = true};
        if (node_string(item).n)
            add(s, &d, node_string(item));
    }
}

static void read_template(struct suppressions *s, const struct node *root)
{
    const struct node *resources = node_find(root, "Resources");
    for (size_t i = 0; resources && resources->kind == NODE_MAP && i < resources->u.map.n; i++) {
        const struct node_entry *e = &resources->u.map.entry[i];
        if (e->value->kind == NODE_MAP)
            read_metadata(s, e->value, (span){e->key->at.file, e->key->at.start, e->value->at.end});
    }
}

/* ---------------------------------------------------------------- annotations of objects */

/* `checkov.io/skip1: CKV_K8S_20=why`, `ignore-check.kube-linter.io/NAME: why`, `kube-linter.io/ignore-all: why`. */
static void read_annotation(struct suppressions *s, const struct node_entry *e, span object)
{
    static const str kube_linter = {"ignore-check.kube-linter.io/", 28};
    str key = node_string(e->key), value = node_string(e->value);
    struct directive d = {.at = e->key->at, .target = object, .metadata = true};
    if (str_starts(key, STR("checkov.io/skip"))) {
        d.tool = "checkov";
        str check = str_trim(str_cut(value, '=', &d.reason));
        if (check.n)
            add(s, &d, check);
    } else if (str_starts(key, kube_linter)) {
        d.tool = "kube-linter";
        d.reason = value;
        add(s, &d, str_slice(key, kube_linter.n, key.n));
    } else if (str_eq_c(key, "kube-linter.io/ignore-all")) {
        d.tool = "kube-linter";
        d.reason = value;
        add(s, &d, STR("*"));
    }
}

/* Objects, the items of lists, and pod templates. Readers bound the depth. */
static void read_object(struct suppressions *s, const struct node *n, span object)
{
    if (n->flags & NODE_ALIASED)
        return;
    const struct node *annotations = n->kind == NODE_MAP ? find_path(n, "metadata", "annotations") : NULL;
    for (size_t i = 0; annotations && annotations->kind == NODE_MAP && i < annotations->u.map.n; i++)
        read_annotation(s, &annotations->u.map.entry[i], object);
    const struct node *items = n->kind == NODE_MAP ? node_find(n, "items") : NULL;
    for (size_t i = 0; items && items->kind == NODE_LIST && i < items->u.list.n; i++)
        read_object(s, items->u.list.item[i], items->u.list.item[i]->at);
    static const char *const below[] = {"spec", "template", "jobTemplate"};
    for (size_t i = 0; n->kind == NODE_MAP && i < ARRAY_LEN(below); i++)
        if (node_find(n, below[i]))
            read_object(s, node_find(n, below[i]), object);
}

void suppressions_read_foreign(struct suppressions *s, const struct documents *d, const enum suppression_shape *shape)
{
    read_comments(s, d, shape);
    for (size_t i = 0; i < d->n; i++) {
        const struct node *root = d->at[i].root;
        if (!root || root->kind != NODE_MAP)
            continue;
        if (shape[i] == SHAPE_CLOUDFORMATION)
            read_template(s, root);
        if (shape[i] == SHAPE_KUBERNETES)
            read_object(s, root, root->at);
    }
}
