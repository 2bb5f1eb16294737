#include "graph/value.h"

#include <math.h>

enum { PRINT_DEPTH = LIMIT_DEPTH };

struct printer {
    struct buf *out;
    int flags;
    struct arena *scratch;
};

static void new_line(struct printer *p, unsigned depth)
{
    if (!(p->flags & VALUE_JSON_PRETTY))
        return;
    buf_add_char(p->out, '\n');
    for (unsigned i = 0; i < depth; i++)
        buf_add_c(p->out, "  ");
}

static void add_key(struct printer *p, str key)
{
    buf_add_json(p->out, key);
    buf_add_c(p->out, p->flags & VALUE_JSON_PRETTY ? ": " : ":");
}

static void add_unknown(struct printer *p, str reason)
{
    buf_add_char(p->out, '{');
    add_key(p, STR("unknown"));
    buf_add_json(p->out, reason);
    buf_add_char(p->out, '}');
}

static str first_reason(const struct value *text)
{
    for (size_t i = 0; i < text->u.list.n; i++) {
        if (value_is(text->u.list.item[i], VALUE_UNKNOWN))
            return text->u.list.item[i]->u.reason;
    }
    return STR("depends on an undecided input");
}

/* A text with its holes shown as `${...}`. */
static void add_holes(struct buf *out, const struct value *text)
{
    for (size_t i = 0; i < text->u.list.n && !out->overflow; i++) {
        const struct value *part = text->u.list.item[i];
        buf_add(out, value_is(part, VALUE_STRING) ? part->u.string : STR("${\xe2\x80\xa6}"));
    }
}

static void add_text(struct printer *p, const struct value *v)
{
    struct buf shown;
    buf_init(&shown, p->out->max);
    add_holes(&shown, v);
    buf_add_char(p->out, '{');
    add_key(p, STR("unknown"));
    buf_add_json(p->out, first_reason(v));
    buf_add_char(p->out, ',');
    add_key(p, STR("text"));
    buf_add_json(p->out, buf_str(&shown));
    buf_add_char(p->out, '}');
    buf_release(&shown);
}

static void add_value(struct printer *p, const struct value *v, unsigned depth);

static void add_list(struct printer *p, const struct value *v, unsigned depth)
{
    buf_add_char(p->out, '[');
    for (size_t i = 0; i < v->u.list.n && !p->out->overflow; i++) {
        if (i > 0)
            buf_add_char(p->out, ',');
        new_line(p, depth + 1);
        add_value(p, v->u.list.item[i], depth + 1);
    }
    if (v->u.list.n > 0)
        new_line(p, depth);
    buf_add_char(p->out, ']');
}

static void add_map(struct printer *p, const struct value *v, unsigned depth)
{
    bool any = false;
    buf_add_char(p->out, '{');
    for (size_t i = 0; i < v->u.map.n && !p->out->overflow; i++) {
        const struct value_entry *e = &v->u.map.entry[i];
        if (!e->value)
            continue;
        if (any)
            buf_add_char(p->out, ',');
        any = true;
        new_line(p, depth + 1);
        add_key(p, e->key);
        add_value(p, e->value, depth + 1);
    }
    if (any)
        new_line(p, depth);
    buf_add_char(p->out, '}');
}

static void add_choice(struct printer *p, const struct value *v, unsigned depth)
{
    const struct decider *by = v->u.choice.by;
    buf_add_char(p->out, '{');
    new_line(p, depth + 1);
    add_key(p, STR("choice"));
    buf_add_json(p->out, by->name);
    buf_add_char(p->out, ',');
    new_line(p, depth + 1);
    add_key(p, STR("options"));
    buf_add_char(p->out, '{');
    for (size_t i = 0; i < by->n_options && !p->out->overflow; i++) {
        if (i > 0)
            buf_add_char(p->out, ',');
        new_line(p, depth + 2);
        add_key(p, by->option[i]);
        add_value(p, v->u.choice.option[i], depth + 2);
    }
    new_line(p, depth + 1);
    buf_add_char(p->out, '}');
    new_line(p, depth);
    buf_add_char(p->out, '}');
}

static void add_number(struct printer *p, const struct value *v)
{
    str s;
    double d = v->u.number.value;
    struct arena_mark mark = arena_mark(p->scratch);
    if ((isnan(d) || isinf(d)) && !value_exact(v).n)
        buf_add_c(p->out, isnan(d) ? "\"NaN\"" : d > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    else if (value_to_text(v, p->scratch, &s))
        buf_add(p->out, s);
    arena_rewind(p->scratch, mark);
}

static void add_value(struct printer *p, const struct value *v, unsigned depth)
{
    if (!v) {
        buf_add_c(p->out, "null");
        return;
    }
    /* What is not known has nothing to hide but its reason. */
    if ((v->flags & VALUE_SENSITIVE) && v->kind != VALUE_UNKNOWN && !(p->flags & VALUE_JSON_REVEAL)) {
        buf_add_char(p->out, '{');
        add_key(p, STR("sensitive"));
        buf_add_c(p->out, "true}");
        return;
    }
    if (depth > PRINT_DEPTH) {
        add_unknown(p, STR("nested too deeply to be shown"));
        return;
    }
    switch ((enum value_kind)v->kind) {
    case VALUE_NULL:
        buf_add_c(p->out, "null");
        break;
    case VALUE_BOOL:
        buf_add_c(p->out, v->u.boolean ? "true" : "false");
        break;
    case VALUE_NUMBER:
        add_number(p, v);
        break;
    case VALUE_STRING:
        buf_add_json(p->out, v->u.string);
        break;
    case VALUE_LIST:
        add_list(p, v, depth);
        break;
    case VALUE_MAP:
        add_map(p, v, depth);
        break;
    case VALUE_TEXT:
        add_text(p, v);
        break;
    case VALUE_UNKNOWN:
        add_unknown(p, v->u.reason);
        break;
    case VALUE_CHOICE:
        add_choice(p, v, depth);
        break;
    }
}

void value_to_json(const struct value *v, struct buf *out, int flags)
{
    struct printer p = {.out = out, .flags = flags, .scratch = arena_new()};
    add_value(&p, v, 0);
    arena_free(p.scratch);
}

/* One line. */

static void brief(const struct value *v, struct buf *out, struct arena *scratch, unsigned depth)
{
    str s;
    if (!v) {
        buf_add_c(out, "absent");
    } else if ((v->flags & VALUE_SENSITIVE) && v->kind != VALUE_UNKNOWN) {
        buf_add_c(out, "(sensitive)");
    } else if (v->kind == VALUE_STRING) {
        buf_add_json(out, v->u.string);
    } else if (v->kind == VALUE_NULL) {
        buf_add_c(out, "null");
    } else if (value_to_text(v, scratch, &s)) {
        buf_add(out, s);
    } else if (v->kind == VALUE_LIST && v->u.list.n == 1 && depth == 0 && v->u.list.item[0] &&
               v->u.list.item[0]->kind <= VALUE_STRING) {
        buf_add_char(out, '[');
        brief(v->u.list.item[0], out, scratch, depth + 1);
        buf_add_char(out, ']');
    } else if (v->kind == VALUE_LIST) {
        buf_printf(out, v->u.list.n == 0 ? "[]" : v->u.list.n == 1 ? "[..1 item..]" : "[..%zu items..]", v->u.list.n);
    } else if (v->kind == VALUE_MAP) {
        buf_printf(out, v->u.map.n == 0 ? "{}" : v->u.map.n == 1 ? "{..1 entry..}" : "{..%zu entries..}", v->u.map.n);
    } else if (v->kind == VALUE_TEXT) {
        buf_add_char(out, '"');
        add_holes(out, v);
        buf_add_char(out, '"');
    } else if (v->kind == VALUE_CHOICE && depth < 2) {
        for (size_t i = 0; i < v->u.choice.by->n_options; i++) {
            buf_add_c(out, i == 0 ? "" : " or ");
            brief(v->u.choice.option[i], out, scratch, depth + 1);
        }
    } else {
        buf_add_c(out, "unknown");
    }
}

void value_brief(const struct value *v, struct buf *out, size_t max)
{
    struct arena *scratch = arena_new();
    struct buf line;
    buf_init(&line, max + 8);
    brief(v, &line, scratch, 0);
    str s = buf_str(&line);
    if (s.n > max) {
        size_t n = max > 3 ? max - 3 : 0;
        while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
            n--;
        buf_add(out, str_slice(s, 0, n));
        buf_add_c(out, "...");
    } else {
        buf_add(out, s);
    }
    buf_release(&line);
    arena_free(scratch);
}
