/* Views of the graph: values, choices in a world, and what is certain of text with holes. */
#include "policy/cel_internal.h"

#include <math.h>

/* ---- choices ---- */

static bool find_option(const struct cel_world *w, const struct decider *by, size_t *ret_option)
{
    for (; w; w = w->up) {
        if (w->by == by) {
            *ret_option = w->option;
            return true;
        }
    }
    return false;
}

static struct cel_value want(struct cel_context *c, const struct value *v)
{
    const struct decider *by = v->u.choice.by;
    if (!c->wanted)
        c->wanted = by;
    struct cel_value u = cel_unknown(arena_printf(c->arena, "depends on " STR_FMT, STR_ARG(by->name)));
    u.from = v;
    return u;
}

/* Follows choices as the world has them; NULL: absent. *ret_undecided is the first that it has not. */
static const struct value *decide(struct cel_context *c, const struct value *v, const struct value **ret_undecided)
{
    *ret_undecided = NULL;
    for (unsigned depth = 0; v && v->kind == VALUE_CHOICE; depth++) {
        size_t option;
        if (depth > LIMIT_WORLDS || !find_option(c->world, v->u.choice.by, &option) ||
            option >= v->u.choice.by->n_options) {
            *ret_undecided = v;
            return NULL;
        }
        v = v->u.choice.option[option];
    }
    return v;
}

/* ---- conversion ---- */

static struct cel_value from_number(const struct value *v)
{
    double d = v->u.number.value;
    int64_t exact;
    if (value_exact(v).n && str_to_int(value_exact(v), &exact))
        return cel_int(exact);
    if (value_exact(v).n == 0 && floor(d) == d && fabs(d) <= 9007199254740992.0)
        return cel_int((int64_t)d);
    return cel_double(d);
}

/* Text whose choices are replaced by what the world says; a plain string when nothing is open. */
static struct cel_value from_text(struct cel_context *c, const struct value *v)
{
    bool choice = false;
    for (size_t i = 0; i < v->u.list.n; i++)
        choice |= v->u.list.item[i] && v->u.list.item[i]->kind == VALUE_CHOICE;
    if (choice) {
        const struct value **part = ARENA_ARRAY(c->arena, const struct value *, v->u.list.n);
        for (size_t i = 0; i < v->u.list.n; i++) {
            const struct value *undecided;
            part[i] = decide(c, v->u.list.item[i], &undecided);
            if (undecided)
                want(c, undecided);
            if (!part[i])
                part[i] =
                    undecided ? value_unknown(c->arena, STR("undecided"), NULL) : value_string(c->arena, STR(""), NULL);
        }
        v = value_text(c->arena, part, v->u.list.n, v->origin);
    }
    if (v->kind == VALUE_STRING)
        return cel_string(v->u.string);
    if (v->kind == VALUE_UNKNOWN)
        return cel_unknown(v->u.reason);
    for (size_t i = 0; v->kind == VALUE_TEXT && i < v->u.list.n; i++) {
        const struct value *hole = v->u.list.item[i];
        if (hole && hole->kind == VALUE_UNKNOWN) {
            struct cel_value u = cel_unknown(hole->u.reason);
            u.from = v;
            return u;
        }
    }
    return cel_unknown(STR("a text with unknown parts"));
}

struct cel_value cel_from_graph(struct cel_context *c, const struct value *v, uint32_t owner)
{
    const struct value *undecided;
    struct cel_value ret;
    v = decide(c, v, &undecided);
    if (undecided) {
        ret = want(c, undecided);
        ret.owner = owner;
        return ret;
    }
    if (!v)
        return cel_lax_null();
    switch (v->kind) {
    case VALUE_BOOL:
        ret = cel_bool(v->u.boolean);
        break;
    case VALUE_NUMBER:
        ret = from_number(v);
        break;
    case VALUE_STRING:
        ret = cel_string(v->u.string);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        memset(&ret, 0, sizeof ret);
        ret.kind = v->kind == VALUE_LIST ? CEL_LIST : CEL_MAP;
        ret.flags = v->flags & VALUE_PARTIAL ? CEL_PARTIAL : 0;
        break;
    case VALUE_TEXT:
        ret = from_text(c, v);
        break;
    case VALUE_UNKNOWN:
        ret = cel_unknown(v->u.reason);
        break;
    default:
        ret = cel_null();
        break;
    }
    ret.flags |= CEL_LAX;
    ret.owner = owner;
    if (!ret.from)
        ret.from = v;
    return ret;
}

/* ---- text with holes ---- */

static const struct value *text_of(const struct cel_value *unknown)
{
    return unknown->from && unknown->from->kind == VALUE_TEXT ? unknown->from : NULL;
}

static str known_part(const struct value *text, size_t i)
{
    return i < text->u.list.n ? value_str(text->u.list.item[i]) : STR_NONE;
}

enum cel_truth cel_text_starts(const struct cel_value *unknown, str prefix)
{
    const struct value *text = text_of(unknown);
    if (!text)
        return CEL_MAYBE;
    str known = known_part(text, 0);
    if (known.n >= prefix.n)
        return str_starts(known, prefix) ? CEL_YES : CEL_NO;
    return str_starts(prefix, known) ? CEL_MAYBE : CEL_NO;
}

enum cel_truth cel_text_ends(const struct cel_value *unknown, str suffix)
{
    const struct value *text = text_of(unknown);
    if (!text || text->u.list.n == 0)
        return CEL_MAYBE;
    str known = known_part(text, text->u.list.n - 1);
    if (known.n >= suffix.n)
        return str_ends(known, suffix) ? CEL_YES : CEL_NO;
    return str_ends(suffix, known) ? CEL_MAYBE : CEL_NO;
}

enum cel_truth cel_text_contains(const struct cel_value *unknown, str needle)
{
    const struct value *text = text_of(unknown);
    for (size_t i = 0; text && i < text->u.list.n; i++) {
        if (str_contains(known_part(text, i), needle))
            return CEL_YES;
    }
    return CEL_MAYBE;
}

bool cel_unknown_is_something(const struct cel_value *unknown)
{
    const struct value *text = text_of(unknown);
    for (size_t i = 0; text && i < text->u.list.n; i++) {
        if (known_part(text, i).n)
            return true;
    }
    return unknown->from && (unknown->from->flags & VALUE_NONEMPTY);
}

struct cel_value cel_unknown_derived(struct cel_value unknown)
{
    if (text_of(&unknown) || cel_unknown_is_something(&unknown))
        unknown.from = NULL;
    return unknown;
}

/* Do the known parts stand in s, in their order, the first and last at its ends? */
static bool text_fits(const struct value *text, str s)
{
    size_t last = text->u.list.n ? text->u.list.n - 1 : 0;
    str tail = last > 0 ? known_part(text, last) : STR_NONE;
    if (!str_starts(s, known_part(text, 0)))
        return false;
    s = str_slice(s, known_part(text, 0).n, s.n);
    if (!str_ends(s, tail))
        return false;
    s = str_slice(s, 0, s.n - tail.n);
    for (size_t i = 1; i < last; i++) {
        str part = known_part(text, i);
        size_t at = str_find(s, part);
        if (at == SIZE_MAX)
            return false;
        s = str_slice(s, at + part.n, s.n);
    }
    return true;
}

/* Two texts with holes: what is known at their beginnings and at their ends must agree. */
static bool texts_may_equal(const struct value *a, const struct value *b)
{
    str x = known_part(a, 0), y = known_part(b, 0);
    size_t n = x.n < y.n ? x.n : y.n;
    if (!str_eq(str_slice(x, 0, n), str_slice(y, 0, n)))
        return false;
    x = a->u.list.n ? known_part(a, a->u.list.n - 1) : STR_NONE;
    y = b->u.list.n ? known_part(b, b->u.list.n - 1) : STR_NONE;
    n = x.n < y.n ? x.n : y.n;
    return str_eq(str_slice(x, x.n - n, x.n), str_slice(y, y.n - n, y.n));
}

bool cel_text_may_equal(const struct cel_value *unknown, const struct cel_value *other)
{
    const struct value *text = text_of(unknown);
    if (other->kind == CEL_UNKNOWN)
        return !text || !text_of(other) || texts_may_equal(text, text_of(other));
    if (text && other->kind != CEL_STRING)
        return false;
    if (text && !text_fits(text, other->u.text))
        return false;
    if (!cel_unknown_is_something(unknown))
        return true;
    bool empty = other->kind == CEL_NULL ||
                 ((other->kind == CEL_STRING || other->kind == CEL_BYTES) && other->u.text.n == 0) ||
                 (other->kind == CEL_LIST && cel_list_size(other) == 0 && !(other->flags & CEL_PARTIAL)) ||
                 (other->kind == CEL_MAP && cel_map_size(other) == 0 && !(other->flags & CEL_PARTIAL));
    return !empty;
}
