/* From comments, metadata and annotations to directives. */
#include "base/vec.h"
#include "policy/rule_load.h"
#include "policy/suppression.h"
#include "policy/suppression_lines.h"

enum { NEAR_MISS_BYTES = 40 };

/* ---------------------------------------------------------------- comments */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* `reason="a \"b\""`: the value and where it ends; false when the quote is not closed. */
static bool read_value(str text, size_t *at, str *ret_value, struct arena *a)
{
    size_t i = *at;
    if (i >= text.n || text.p[i] != '"') {
        while (i < text.n && !is_blank(text.p[i]))
            i++;
        *ret_value = str_slice(text, *at, i);
        *at = i;
        return true;
    }
    struct buf b;
    buf_init(&b, text.n + 1);
    for (i++; i < text.n && text.p[i] != '"'; i++) {
        i += text.p[i] == '\\' && i + 1 < text.n;
        buf_add_char(&b, text.p[i]);
    }
    *ret_value = buf_copy(&b, a);
    buf_release(&b);
    *at = i + 1;
    return i < text.n;
}

static bool option(struct suppressions *s, struct suppression *x, str key, str value)
{
    static const char *const keys[] = {"until", "reason"};
    if (str_eq_c(key, "until")) {
        x->until = value;
    } else if (str_eq_c(key, "reason")) {
        x->reason = value;
    } else {
        str near = rule_nearest(key, keys, ARRAY_LEN(keys));
        suppressions_say(s, x->at, "'" STR_FMT "=' is no part of a suppression%s" STR_FMT "%s", STR_ARG(key),
                         near.n ? "; did you mean '" : ": until= and reason=", STR_ARG(near), near.n ? "='?" : "");
        return false;
    }
    return true;
}

/* RULE[,RULE] [until=...] [reason="..."], in any order. */
static bool read_arguments(struct suppressions *s, struct suppression *x, str text, str *ret_rules)
{
    struct buf rules;
    buf_init(&rules, text.n + 2);
    bool ok = true;
    for (size_t i = 0; i < text.n && ok;) {
        if (is_blank(text.p[i])) {
            i++;
            continue;
        }
        size_t end = i;
        while (end < text.n && !is_blank(text.p[end]) && text.p[end] != '=')
            end++;
        str word = str_slice(text, i, end), value;
        i = end + 1;
        if (end >= text.n || text.p[end] != '=') {
            buf_add(&rules, word);
            buf_add_char(&rules, ' ');
        } else if (!read_value(text, &i, &value, s->arena)) {
            suppressions_say(s, x->at, "the quote after " STR_FMT "= is not closed", STR_ARG(word));
            ok = false;
        } else {
            ok = option(s, x, word, value);
        }
    }
    *ret_rules = buf_copy(&rules, s->arena);
    buf_release(&rules);
    return ok;
}

static str lower(str text, struct arena *a)
{
    char *p = arena_cstr(a, str_slice(text, 0, NEAR_MISS_BYTES));
    for (char *c = p; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
    return str_of(p);
}

/* Something that was meant for us but is not written so: "hippalint:ignore", "hipaalint-ignore". */
static bool is_near_miss(str text, struct arena *a)
{
    static const char *const names[] = {"hipaalint"};
    static const char *const verbs[] = {"ignore", "disable", "suppress", "skip", "nolint"};
    str start = lower(text, a), rest;
    if (str_contains(start, STR("hipaalint:ignore")))
        return true;
    str prefix = str_cut(start, ':', &rest);
    if (rest.p && str_find_char(prefix, ' ') == SIZE_MAX && rule_nearest(prefix, names, 1).n)
        return true;
    if (!str_starts(start, STR("hipaalint")) && !str_starts(start, STR("@hipaalint")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        size_t at = str_find(start, str_of(verbs[i]));
        if (at != SIZE_MAX && at <= sizeof("@hipaalint: ") - 1)
            return true;
    }
    return false;
}

static str directive_text(const struct comment *c)
{
    str text = str_trim(c->text);
    if (str_ends(text, STR("*/")))
        text = str_trim(str_slice(text, 0, text.n - 2));
    return text;
}

static void read_directive(struct suppressions *s, struct suppression_lines *l, const struct comment *c, str text)
{
    static const str prefix = {"hipaalint:", 10};
    struct suppression x = {.by = SUPPRESSED_INLINE, .at = c->at};
    text = str_slice(text, prefix.n, text.n);
    size_t end = 0;
    while (end < text.n && !is_blank(text.p[end]))
        end++;
    str verb = str_slice(text, 0, end), rules;
    x.whole_file = str_eq_c(verb, "ignore-file");
    if (!x.whole_file && !str_eq_c(verb, "ignore")) {
        suppressions_say(s, c->at,
                         "'hipaalint:" STR_FMT "' is not understood: hipaalint:ignore or hipaalint:ignore-file",
                         STR_ARG(verb));
        return;
    }
    if (!read_arguments(s, &x, str_slice(text, end, text.n), &rules))
        return;
    x.target = x.whole_file ? (span){c->at.file, 0, UINT32_MAX} : suppression_lines_target(l, c);
    if (!x.target.file) {
        suppressions_say(s, c->at, "the suppression stands at no attribute, block or resource; it covers nothing");
        return;
    }
    suppressions_add(s, x, rules);
}

void suppressions_read_comments(struct suppressions *s, const struct documents *d, const enum suppression_shape *shape)
{
    struct suppression_lines lines = {0};
    struct arena *tables = NULL;
    const struct document *first = d->n ? &d->at[0] : NULL;
    for (size_t i = 0; first && i < first->n_comments; i++) {
        const struct comment *c = &first->comment[i];
        str text = directive_text(c);
        if (str_starts(text, STR("hipaalint:"))) {
            if (!tables)
                suppression_lines_init(&lines, d, shape, tables = arena_new());
            read_directive(s, &lines, c, text);
        } else {
            struct arena_mark start = arena_mark(s->arena);
            bool near = is_near_miss(text, s->arena);
            arena_rewind(s->arena, start);
            if (near)
                suppressions_say(
                    s, c->at,
                    "this looks like a suppression but is none: the comment must begin with hipaalint:ignore");
        }
    }
    arena_free(tables);
}

/* ---------------------------------------------------------------- CloudFormation metadata */

static void read_metadata_item(struct suppressions *s, const struct node *n, span target, bool whole_file)
{
    struct suppression x = {.by = SUPPRESSED_METADATA, .at = n->at, .target = target, .whole_file = whole_file};
    str rules = STR_NONE;
    if (n->kind == NODE_STRING) {
        str text = n->u.string;
        if (read_arguments(s, &x, text, &rules))
            suppressions_add(s, x, rules);
        return;
    }
    if (n->kind != NODE_MAP) {
        suppressions_say(s, n->at, "expected the id of a rule, or a mapping {rule, until, reason}, not %s",
                         node_kind_name(n->kind));
        return;
    }
    for (size_t i = 0; i < n->u.map.n; i++) {
        str key = node_string(n->u.map.entry[i].key);
        const struct node *v = n->u.map.entry[i].value;
        str value = node_string(v);
        if (str_eq_c(key, "rule") || str_eq_c(key, "id") || str_eq_c(key, "rules")) {
            if (v->kind == NODE_LIST) {
                struct buf b;
                buf_init(&b, LIMIT_STRING_BYTES);
                for (size_t k = 0; k < v->u.list.n; k++) {
                    buf_add(&b, node_string(v->u.list.item[k]));
                    buf_add_char(&b, ' ');
                }
                value = buf_copy(&b, s->arena);
                buf_release(&b);
            }
            rules = value;
        } else if (!option(s, &x, key, value)) {
            return;
        }
    }
    suppressions_add(s, x, rules);
}

static void read_metadata_of(struct suppressions *s, const struct node *holder, span target, bool whole_file)
{
    const struct node *metadata = node_find(holder, "Metadata");
    for (size_t i = 0; metadata && metadata->kind == NODE_MAP && i < metadata->u.map.n; i++) {
        const struct node_entry *e = &metadata->u.map.entry[i];
        str key = node_string(e->key);
        struct arena_mark start = arena_mark(s->arena);
        bool close = str_eq_c(lower(key, s->arena), "hipaalint") && !str_eq_c(key, "hipaalint");
        arena_rewind(s->arena, start);
        if (close)
            suppressions_say(s, e->key->at, "the key is written hipaalint");
        if (!str_eq_c(key, "hipaalint"))
            continue;
        if (e->value->kind != NODE_MAP)
            suppressions_say(s, e->key->at, "expected {ignore: [RULE, ...]}");
        for (size_t k = 0; e->value->kind == NODE_MAP && k < e->value->u.map.n; k++) {
            const struct node_entry *part = &e->value->u.map.entry[k];
            if (!str_eq_c(node_string(part->key), "ignore")) {
                suppressions_say(s, part->key->at, "'" STR_FMT "' is not understood here: ignore",
                                 STR_ARG(node_string(part->key)));
            } else if (part->value->kind == NODE_LIST) {
                for (size_t m = 0; m < part->value->u.list.n; m++)
                    read_metadata_item(s, part->value->u.list.item[m], target, whole_file);
            } else {
                read_metadata_item(s, part->value, target, whole_file);
            }
        }
    }
}

static void read_template(struct suppressions *s, const struct node *root)
{
    read_metadata_of(s, root, (span){root->at.file, 0, UINT32_MAX}, true);
    const struct node *resources = node_find(root, "Resources");
    for (size_t i = 0; resources && resources->kind == NODE_MAP && i < resources->u.map.n; i++) {
        const struct node_entry *e = &resources->u.map.entry[i];
        if (e->value->kind == NODE_MAP)
            read_metadata_of(s, e->value, (span){e->key->at.file, e->key->at.start, e->value->at.end}, false);
    }
}

/* ---------------------------------------------------------------- Kubernetes annotations */

/* "RULE,RULE; until=2027-01-31; why" */
static void read_annotation(struct suppressions *s, const struct node *value, span target)
{
    struct suppression x = {.by = SUPPRESSED_METADATA, .at = value->at, .target = target};
    str text = node_string(value), rest, rules = str_cut(text, ';', &rest);
    while (rest.p) {
        str all = str_trim(rest), part = str_trim(str_cut(rest, ';', &rest));
        if (str_starts(part, STR("until="))) {
            x.until = str_slice(part, sizeof("until=") - 1, part.n);
        } else if (part.n) {
            x.reason = str_starts(all, STR("reason=")) ? str_slice(all, sizeof("reason=") - 1, all.n) : all;
            break;
        }
    }
    suppressions_add(s, x, rules);
}

/* `place`: 0 anywhere, 1 the object (or pod template) itself, 2 its metadata, 3 its annotations. */
static void walk_object(struct suppressions *s, const struct node *n, span object, int place)
{
    if (n->flags & NODE_ALIASED)
        return;
    if (n->kind == NODE_LIST)
        for (size_t i = 0; i < n->u.list.n; i++) {
            const struct node *item = n->u.list.item[i];
            bool is_object = node_find(item, "apiVersion") && node_find(item, "kind");
            walk_object(s, item, is_object ? item->at : object, is_object);
        }
    for (size_t i = 0; n->kind == NODE_MAP && i < n->u.map.n; i++) {
        const struct node_entry *e = &n->u.map.entry[i];
        str key = node_string(e->key);
        if (str_starts(key, STR("hipaalint.io/"))) {
            if (place != 3)
                suppressions_say(
                    s, e->key->at,
                    "the annotation counts only in metadata.annotations of the object or of its pod template");
            else if (!str_eq_c(key, "hipaalint.io/ignore"))
                suppressions_say(s, e->key->at, "'" STR_FMT "' is not understood: hipaalint.io/ignore", STR_ARG(key));
            else
                read_annotation(s, e->value, object);
        }
        bool into = (place == 1 && str_eq_c(key, "metadata")) || (place == 2 && str_eq_c(key, "annotations"));
        bool template = str_eq_c(key, "template") || str_eq_c(key, "jobTemplate");
        walk_object(s, e->value, object, into ? place + 1 : template);
    }
}

void suppressions_read_metadata(struct suppressions *s, const struct document *d, enum suppression_shape shape)
{
    if (!d->root || d->root->kind != NODE_MAP)
        return;
    if (shape == SHAPE_CLOUDFORMATION)
        read_template(s, d->root);
    if (shape == SHAPE_KUBERNETES)
        walk_object(s, d->root, d->root->at, 1);
}

void suppressions_read_file(struct suppressions *s, const struct documents *d, const enum suppression_shape *shape)
{
    suppressions_read_comments(s, d, shape);
    if (s->foreign)
        suppressions_read_foreign(s, d, shape);
    for (size_t i = 0; i < d->n; i++)
        suppressions_read_metadata(s, &d->at[i], shape[i]);
}
