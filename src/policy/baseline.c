#include "policy/baseline.h"

#include <stdlib.h>

#include "base/path.h"
#include "base/vec.h"
#include "syntax/json.h"

enum { VERSION = 1, MAX_RESOLVED = 50 };

/* ---------------------------------------------------------------- reading */

static bool refuse(struct diag_list *diags, str path, const char *why)
{
    diag_add_path(diags, DIAG_CONFIG, path, "the baseline %s; make it again with hipaalint baseline", why);
    return false;
}

static str key_of(struct arena *a, str rule, str fingerprint, str value)
{
    return arena_printf(a, STR_FMT "|" STR_FMT "|" STR_FMT, STR_ARG(rule), STR_ARG(fingerprint), STR_ARG(value));
}

static bool add_entry(struct baseline *b, const struct node *n)
{
    struct baseline_entry e = {
        .rule = node_string(node_find(n, "rule")),
        .path = node_string(node_find(n, "path")),
        .address = node_string(node_find(n, "address")),
        .attribute = node_string(node_find(n, "attribute")),
        .fingerprint = node_string(node_find(n, "fingerprint")),
        .value_fingerprint = node_string(node_find(n, "value_fingerprint")),
        .at = n->at,
    };
    VEC_PUSH(b, e);
    return e.rule.n && e.fingerprint.n && e.value_fingerprint.n;
}

bool baseline_read(struct baseline *b, str path, struct sources *sources, struct arena *a, struct diag_list *diags)
{
    *b = (struct baseline){0};
    map_init(&b->by_key);
    enum source_error error;
    const struct source *s = source_open(sources, path, STR_NONE, &error);
    if (!s) {
        diag_add_path(diags, DIAG_CONFIG, path, "cannot read the baseline: %s", source_error_text(error));
        return false;
    }
    struct diag_list own;
    diag_list_init(&own, a);
    bool readable = document_check_text(s, &own);
    struct document d = readable ? json_read(s, a, &own) : (struct document){0};
    bool broken = !readable || own.n || d.incomplete || !d.root || d.root->kind != NODE_MAP;
    diag_list_release(&own);
    if (broken)
        return refuse(diags, path, "is cut or is no JSON");
    const struct node *version = node_find(d.root, "hipaalint-baseline"), *list = node_find(d.root, "findings");
    if (!version || version->kind != NODE_NUMBER)
        return refuse(diags, path, "is no file of hipaalint (\"hipaalint-baseline\" is missing)");
    if (version->u.number.value != (double)VERSION)
        return refuse(diags, path, "is of another version of hipaalint");
    if (!list || list->kind != NODE_LIST)
        return refuse(diags, path, "has no list of findings");
    for (size_t i = 0; i < list->u.list.n; i++)
        if (!add_entry(b, list->u.list.item[i]))
            return refuse(diags, path, "has an entry without rule, fingerprint and value_fingerprint");
    for (size_t i = 0; i < b->n; i++)
        map_add(&b->by_key, key_of(a, b->at[i].rule, b->at[i].fingerprint, b->at[i].value_fingerprint), &b->at[i]);
    return true;
}

void baseline_release(struct baseline *b)
{
    map_release(&b->by_key);
    VEC_RELEASE(b);
}

/* ---------------------------------------------------------------- comparing */

static struct baseline_entry *find(struct baseline *b, const struct finding *f, struct arena *a)
{
    return map_find(&b->by_key,
                    arena_printf(a, STR_FMT "|%016llx|%016llx", STR_ARG(f->rule->id),
                                 (unsigned long long)f->fingerprint, (unsigned long long)f->value_fingerprint));
}

void baseline_apply(struct baseline *b, struct findings *f, struct evaluation_summary *summary)
{
    struct arena *a = arena_new();
    for (size_t i = 0; i < f->n; i++) {
        struct finding *x = &f->at[i];
        if (x->status != STATUS_FAIL)
            continue;
        struct arena_mark start = arena_mark(a);
        struct baseline_entry *e = find(b, x, a);
        arena_rewind(a, start);
        if (!e)
            continue;
        e->used = true;
        if (x->suppressed || !x->rule->ignorable)
            continue;
        x->suppressed = SUPPRESSED_BASELINE;
        x->suppression_reason = STR("in the baseline");
        size_t n = x->n_instances < summary->fail ? x->n_instances : summary->fail;
        summary->fail -= n;
        summary->suppressed += n;
    }
    arena_free(a);
}

static bool is_gone(str root, str path, struct arena *a)
{
    struct arena_mark start = arena_mark(a);
    bool gone = !path_real(a, path_join(a, root, path)).n;
    arena_rewind(a, start);
    return gone;
}

static bool is_due(const struct baseline_entry *e, const struct map *seen, bool everything, const struct catalog *c,
                   const struct evaluate_options *o, struct arena *a)
{
    const struct catalog_rule *rule = catalog_find(c, e->rule);
    if (rule && !evaluate_selects(o, rule->id, rule->name, rule->category, rule->profile))
        return false;
    return map_has(seen, e->path) || (everything && is_gone(o->root, e->path, a));
}

void baseline_report_resolved(const struct baseline *b, const struct map *seen, bool everything,
                              const struct catalog *c, const struct evaluate_options *o, struct diag_list *diags)
{
    struct arena *a = arena_new();
    size_t resolved = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct baseline_entry *e = &b->at[i];
        if (e->used || !is_due(e, seen, everything, c, o, a))
            continue;
        if (++resolved <= MAX_RESOLVED)
            diag_add(diags, DIAG_BASELINE, e->at,
                     "resolved or changed: " STR_FMT " at " STR_FMT " in " STR_FMT " is no longer so", STR_ARG(e->rule),
                     STR_ARG(e->address), STR_ARG(e->path));
    }
    if (resolved > MAX_RESOLVED)
        diag_add(diags, DIAG_BASELINE, b->at[0].at, "%zu more entries match nothing any more: make the baseline again",
                 resolved - MAX_RESOLVED);
    arena_free(a);
}

/* ---------------------------------------------------------------- writing */

static void field(struct buf *out, const char *key, str value, struct arena *a)
{
    buf_printf(out, "%s\"%s\": ", strcmp(key, "rule") == 0 ? "  {" : ", ", key);
    value_to_json(value_string(a, value, NULL), out, VALUE_JSON_REVEAL);
}

static str line_of(const struct finding *f, const struct sources *sources, str root, str cwd, struct arena *a)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    field(&b, "rule", f->rule->id, a);
    field(&b, "path", finding_path(f->resource ? f->resource->header : f->at, sources, root, cwd, a), a);
    field(&b, "address", f->resource ? f->resource->address : STR_NONE, a);
    field(&b, "attribute", f->attribute, a);
    buf_printf(&b, ", \"fingerprint\": \"%016llx\", \"value_fingerprint\": \"%016llx\"}",
               (unsigned long long)f->fingerprint, (unsigned long long)f->value_fingerprint);
    str line = buf_copy(&b, a);
    buf_release(&b);
    return line;
}

void baseline_write(const struct findings *f, const struct sources *sources, str root, str cwd, struct buf *out)
{
    struct arena *a = arena_new();
    VEC(str) lines = {0};
    for (size_t i = 0; i < f->n; i++)
        if (f->at[i].status == STATUS_FAIL && !f->at[i].suppressed)
            VEC_PUSH(&lines, line_of(&f->at[i], sources, root, cwd, a));
    if (lines.n)
        qsort(lines.at, lines.n, sizeof(str), str_compare);
    buf_printf(out, "{\"hipaalint-baseline\": %d,\n\"findings\": [", VERSION);
    str last = STR_NONE;
    for (size_t i = 0; i < lines.n; i++) {
        if (i && str_eq(lines.at[i], last))
            continue;
        buf_add_c(out, i ? ",\n" : "\n");
        buf_add(out, lines.at[i]);
        last = lines.at[i];
    }
    buf_add_c(out, "]}\n");
    VEC_RELEASE(&lines);
    arena_free(a);
}
