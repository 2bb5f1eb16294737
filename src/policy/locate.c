#include "policy/locate.h"

#include "base/vec.h"
#include "policy/requirement.h"

enum { MAX_TRAIL = 12, MAX_NEIGHBOURS = 6 };

struct places {
    struct related *at;
    size_t n, cap;
};

static bool same_span(span a, span b)
{
    return a.file == b.file && a.start == b.start && a.end == b.end;
}

static void add_place(struct places *p, enum related_kind kind, span at, str text)
{
    if (!at.file)
        return;
    for (size_t i = 0; i < p->n; i++)
        if (same_span(p->at[i].at, at))
            return;
    VEC_PUSH(p, ((struct related){at, text, kind}));
}

/* The place of a finding: the value that decided, when it stands in the resource, in one of its
 * companions, or in the value of one; else the part that lacks it; else the header. */
static span primary_place(const struct resource *r, const struct answer *answer)
{
    const struct deciding *d = &answer->deciding;
    span at = d->value ? value_span(d->value) : SPAN_NONE;
    span part = d->part ? value_span(d->part) : SPAN_NONE;
    bool own = d->owner == r->id + 1 || !d->owner;
    if (own && part.file && (at.file ? span_is_inside(part, at) : span_is_inside(part, r->at)))
        return part;
    if (at.file && own)
        return at;
    if (answer->item_value && value_span(answer->item_value).file)
        return value_span(answer->item_value);
    if (d->nearest)
        return value_span(d->nearest);
    return r->header;
}

static str value_note(const struct value *v, str path, struct arena *a)
{
    struct buf b;
    buf_init(&b, 512);
    value_brief(v, &b, 80);
    str s = arena_printf(a, STR_FMT " is " STR_FMT, STR_ARG(path), STR_ARG(buf_str(&b)));
    buf_release(&b);
    return s;
}

static void add_trail(struct places *p, const struct value *v, struct arena *a)
{
    const struct origin *o = v ? v->origin : NULL;
    size_t steps = 0;
    for (o = o ? o->via : NULL; o && steps < MAX_TRAIL; o = o->via, steps++)
        add_place(p, RELATED_VALUE, o->at, origin_note(o).n ? origin_note(o) : STR("the value comes from here"));
    (void)a;
}

static void add_calls(struct places *p, const struct resource *r, struct arena *a)
{
    for (const struct call_site *c = r->call; c; c = c->outer)
        add_place(p, RELATED_CALL, c->at, arena_printf(a, "called here: " STR_FMT, STR_ARG(c->name)));
}

/* Attributes of other resources that were read, and the part that decides where the place is elsewhere. */
static void add_neighbours(struct places *p, const struct resource *r, const struct answer *answer,
                           const struct graph *g, struct arena *a)
{
    size_t added = 0;
    for (size_t i = 0; i < answer->n_reads && added < MAX_NEIGHBOURS; i++) {
        const struct cel_read *read = &answer->read[i];
        if (!read->owner || read->owner == r->id + 1)
            continue;
        const struct resource *other = graph_at(g, read->owner - 1);
        span at = read->value ? value_span(read->value) : SPAN_NONE;
        if (at.file)
            add_place(p, RELATED_RESOURCE, at, value_note(read->value, read->path, a));
        else
            add_place(p, RELATED_RESOURCE, other->header, other->address);
        added++;
    }
}

static str default_note(const struct resource *r, const struct ruleset *rules, str path, const struct value *v,
                        struct arena *a)
{
    const struct model_default *d = model_find_default(ruleset_model(rules), r->type, path);
    struct buf b;
    buf_init(&b, 512);
    value_brief(v, &b, 80);
    str s = d && d->since.n
                ? arena_printf(a, STR_FMT " is not set: the default is " STR_FMT " (since " STR_FMT ")", STR_ARG(path),
                               STR_ARG(buf_str(&b)), STR_ARG(d->since))
                : arena_printf(a, STR_FMT " is not set: the default is " STR_FMT, STR_ARG(path), STR_ARG(buf_str(&b)));
    buf_release(&b);
    return s;
}

/* "storage_encrypted is false"; STR_NONE for values that are no words. */
static str actual_note(const struct deciding *d, const struct resource *r, const struct ruleset *rules, struct arena *a)
{
    if (!d->value)
        return arena_printf(a, STR_FMT " is not set", STR_ARG(d->path));
    if (d->value->flags & VALUE_DEFAULTED)
        return default_note(r, rules, d->path, d->value, a);
    bool is_word = d->value->kind == VALUE_BOOL || d->value->kind == VALUE_NUMBER || d->value->kind == VALUE_STRING;
    return is_word ? value_note(d->value, d->path, a) : STR_NONE;
}

/* "(storage_encrypted is false; required: true)": the actual value and the required one, where the message's author did not
 * say it. Never a secret. */
static str with_actual(const struct finding *f, const struct deciding *d, const struct resource *r,
                       const struct ruleset *rules, struct arena *a)
{
    if (!d->path.n || str_contains(f->message, STR(" (")) || str_eq_c(f->rule->category, "secrets"))
        return f->message;
    str actual = actual_note(d, r, rules, a), required = requirement_of(f->rule, d->path, rules, a);
    if (!actual.n)
        return f->message;
    if (str_starts(required, STR("not ")))
        required = STR_NONE; /* the actual value says as much */
    return required.n ? arena_printf(a, STR_FMT " (" STR_FMT "; required: " STR_FMT ")", STR_ARG(f->message),
                                     STR_ARG(actual), STR_ARG(required))
                      : arena_printf(a, STR_FMT " (" STR_FMT ")", STR_ARG(f->message), STR_ARG(actual));
}

static bool is_of_graph(const struct graph *g, const struct deciding *d)
{
    const struct resource *r = d->owner ? graph_at(g, d->owner - 1) : NULL;
    return r && d->value &&
           (value_path(r->attributes, d->path) == d->value || value_path(r->facts, d->path) == d->value);
}

/* Functions make values in the scratch arena; a finding outlives it. */
static const struct value *keep(const struct value *v, struct arena *a, unsigned depth)
{
    enum { DEEPEST = 32 };
    if (!v)
        return NULL;
    if (depth > DEEPEST)
        return value_unknown(a, STR("nested too deeply"), NULL);
    struct value *copy = value_copy(a, v);
    if (v->kind == VALUE_STRING) {
        copy->u.string = arena_str(a, v->u.string);
    } else if (v->kind == VALUE_UNKNOWN) {
        copy->u.reason = arena_str(a, v->u.reason);
    } else if (v->kind == VALUE_LIST || v->kind == VALUE_TEXT) {
        const struct value **items = ARENA_ARRAY(a, const struct value *, v->u.list.n + 1);
        for (size_t i = 0; i < v->u.list.n; i++)
            items[i] = keep(v->u.list.item[i], a, depth + 1);
        copy->u.list.item = items;
    } else if (v->kind == VALUE_MAP) {
        struct value_entry *entries = ARENA_ARRAY(a, struct value_entry, v->u.map.n + 1);
        for (size_t i = 0; i < v->u.map.n; i++) {
            entries[i] = v->u.map.entry[i];
            entries[i].key = arena_str(a, entries[i].key);
            entries[i].value = keep(entries[i].value, a, depth + 1);
        }
        copy->u.map.entry = entries;
    }
    return copy;
}

void locate(struct finding *f, const struct answer *answer, const struct graph *g, const struct ruleset *rules,
            struct arena *a)
{
    const struct resource *r = f->resource;
    const struct deciding *d = &answer->deciding;
    bool own = d->owner == r->id + 1 || !d->owner;
    f->at = primary_place(r, answer);
    f->attribute = own ? arena_str(a, d->path) : STR_NONE;
    f->actual = is_of_graph(g, d) ? d->value : keep(d->value, a, 0);
    if (own && f->status == STATUS_FAIL)
        f->message = with_actual(f, d, r, rules, a);

    struct places trail = {0}, related = {0};
    add_trail(&trail, d->value, a);
    span part = d->part ? value_span(d->part) : SPAN_NONE;
    if (!span_is_inside(f->at, part))
        add_place(&trail, RELATED_VALUE, part, STR("the part that decides"));
    for (size_t i = 0; i < trail.n; i++)
        add_place(&related, RELATED_VALUE, trail.at[i].at, trail.at[i].text);
    add_neighbours(&related, r, answer, g, a);
    add_calls(&related, r, a);
    if (!span_is_inside(f->at, r->at))
        add_place(&related, RELATED_HEADER, r->header, r->address);
    f->trail = VEC_MOVE(&trail, a, &f->n_trail);
    f->related = VEC_MOVE(&related, a, &f->n_related);
}
