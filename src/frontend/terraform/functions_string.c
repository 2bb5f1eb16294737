#include "base/regex.h"
#include "base/vec.h"
#include "frontend/terraform/function.h"
#include "frontend/terraform/text.h"

static const struct value *map_characters(struct call *c, uint32_t (*to)(uint32_t))
{
    struct buf out;
    str s = function_str(c, 0);
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t i = 0, len; i < s.n; i += len)
        buf_add_utf8(&out, to(utf8_at(s, i, &len)));
    return function_buf(c, &out);
}

static const struct value *fn_upper(struct call *c)
{
    return map_characters(c, text_upper);
}

static const struct value *fn_lower(struct call *c)
{
    return map_characters(c, text_lower);
}

static const struct value *fn_title(struct call *c)
{
    struct buf out;
    str s = function_str(c, 0);
    bool inside = false;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t i = 0, len; i < s.n; i += len) {
        uint32_t ch = utf8_at(s, i, &len);
        buf_add_utf8(&out, inside ? ch : text_upper(ch));
        inside = text_is_letter_or_digit(ch) || ch == '_' || (ch > 0x7f && !text_is_space(ch));
    }
    return function_buf(c, &out);
}

static const struct value *fn_strrev(struct call *c)
{
    str s = function_str(c, 0);
    char *out = arena_alloc(c->arena, s.n + 1);
    for (size_t at = 0; at < s.n;) {
        size_t len = text_cluster(s, at);
        memcpy(out + s.n - at - len, s.p + at, len);
        at += len;
    }
    return function_string(c, (str){out, s.n});
}

static const struct value *fn_substr(struct call *c)
{
    const struct value *failure;
    int64_t offset, length;
    str s = function_str(c, 0);
    if (!function_int(c, 1, &offset, &failure) || !function_int(c, 2, &length, &failure))
        return failure;
    int64_t total = (int64_t)text_clusters(s);
    if (offset < 0)
        offset += total;
    if (offset < 0)
        offset = 0;
    if (offset >= total || length == 0)
        return function_string(c, STR(""));
    if (length < 0 || length > total - offset)
        length = total - offset;
    size_t from = 0;
    for (int64_t i = 0; i < offset; i++)
        from += text_cluster(s, from);
    size_t to = from;
    for (int64_t i = 0; i < length; i++)
        to += text_cluster(s, to);
    return function_string(c, str_slice(s, from, to));
}

static bool in_set(uint32_t ch, str set)
{
    for (size_t i = 0, len; i < set.n; i += len) {
        if (utf8_at(set, i, &len) == ch)
            return true;
    }
    return false;
}

static size_t last_start(str s)
{
    size_t i = s.n - 1;
    while (i > 0 && ((unsigned char)s.p[i] & 0xc0) == 0x80)
        i--;
    return i;
}

static str trim_where(str s, str set, bool spaces)
{
    size_t len;
    while (s.n) {
        uint32_t ch = utf8_at(s, 0, &len);
        if (spaces ? !text_is_space(ch) : !in_set(ch, set))
            break;
        s = str_slice(s, len, s.n);
    }
    while (s.n) {
        uint32_t ch = utf8_at(s, last_start(s), &len);
        if (spaces ? !text_is_space(ch) : !in_set(ch, set))
            break;
        s.n = last_start(s);
    }
    return s;
}

static const struct value *fn_trim(struct call *c)
{
    return function_string(c, trim_where(function_str(c, 0), function_str(c, 1), false));
}

static const struct value *fn_trimspace(struct call *c)
{
    return function_string(c, trim_where(function_str(c, 0), STR_NONE, true));
}

static const struct value *fn_trimprefix(struct call *c)
{
    str s = function_str(c, 0), prefix = function_str(c, 1);
    return function_string(c, str_starts(s, prefix) ? str_slice(s, prefix.n, s.n) : s);
}

static const struct value *fn_trimsuffix(struct call *c)
{
    str s = function_str(c, 0), suffix = function_str(c, 1);
    return function_string(c, str_ends(s, suffix) ? str_slice(s, 0, s.n - suffix.n) : s);
}

static const struct value *fn_chomp(struct call *c)
{
    str s = function_str(c, 0);
    while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
        s.n--;
    return function_string(c, s);
}

static const struct value *fn_indent(struct call *c)
{
    const struct value *failure;
    int64_t spaces;
    str s = function_str(c, 1);
    if (!function_int(c, 0, &spaces, &failure))
        return failure;
    if (spaces < 0 || spaces > LIMIT_COLLECTION)
        return function_fail(c, "the number of spaces is out of range");
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < s.n && !out.overflow; i++) {
        buf_add_char(&out, s.p[i]);
        for (int64_t k = 0; k < spaces && s.p[i] == '\n'; k++)
            buf_add_char(&out, ' ');
    }
    return function_buf(c, &out);
}

static const struct value *fn_split(struct call *c)
{
    VEC(const struct value *) parts = {0};
    str separator = function_str(c, 0), s = function_str(c, 1);
    size_t from = 0, len = 0;
    while (separator.n ? true : from < s.n) {
        str rest = str_slice(s, from, s.n);
        size_t at = separator.n ? str_find(rest, separator) : (utf8_at(s, from, &len), len);
        if (at == SIZE_MAX)
            break;
        VEC_PUSH(&parts, function_string(c, str_slice(rest, 0, at)));
        from += at + separator.n;
    }
    if (separator.n)
        VEC_PUSH(&parts, function_string(c, str_slice(s, from, s.n)));
    size_t n;
    const struct value **items = VEC_MOVE(&parts, c->arena, &n);
    return tf_list(c->arena, items, n, c->origin);
}

static const struct value *fn_join(struct call *c)
{
    VEC(const struct value *) parts = {0};
    const struct value *bad = NULL;
    size_t count = 0;
    if (c->n < 2)
        return function_fail(c, "at least one list is required");
    for (size_t i = 1; i < c->n; i++) {
        for (size_t k = 0; k < c->arg[i]->u.list.n; k++) {
            const struct value *v = tf_plain(c->arena, c->arg[i]->u.list.item[k]);
            if (v->kind == VALUE_NULL)
                bad = v;
            if (count++)
                VEC_PUSH(&parts, c->arg[0]);
            VEC_PUSH(&parts, v);
        }
    }
    size_t n;
    const struct value **items = VEC_MOVE(&parts, c->arena, &n);
    if (bad)
        return function_fail(c, "an element is null");
    return value_text(c->arena, items, n, c->origin);
}

static const struct value *fn_startswith(struct call *c)
{
    str prefix = value_str(c->arg[1]);
    if (c->arg[1]->kind == VALUE_STRING && c->arg[0]->kind == VALUE_TEXT && c->arg[0]->u.list.n) {
        str known = value_str(c->arg[0]->u.list.item[0]);
        if (str_starts(known, prefix) || (known.n && !str_starts(prefix, known)))
            return value_bool(c->arena, str_starts(known, prefix), c->origin);
    }
    if (!tf_settled(c->arg[0]) || !tf_settled(c->arg[1]))
        return function_unknown(c);
    return value_bool(c->arena, str_starts(function_str(c, 0), prefix), c->origin);
}

static const struct value *fn_endswith(struct call *c)
{
    return value_bool(c->arena, str_ends(function_str(c, 0), function_str(c, 1)), c->origin);
}

static const struct value *fn_strcontains(struct call *c)
{
    str needle = function_str(c, 1);
    return value_bool(c->arena, needle.n == 0 || str_contains(function_str(c, 0), needle), c->origin);
}

/* Patterns. */

static struct regex *compile(struct call *c, str pattern, str text, const struct value **ret_failure)
{
    str error;
    size_t at;
    enum regex_texts texts = str_is_utf8(text, &at) ? REGEX_VALID_TEXTS : REGEX_ANY_TEXTS;
    struct regex *re = regex_new(pattern, texts, &error, &at, c->arena);
    if (!re)
        *ret_failure = function_fail(c, "the pattern is wrong: " STR_FMT, STR_ARG(error));
    return re;
}

/* One of many matches: each may look at all that is left of the text. */
static enum regex_result find_next(struct call *c, const struct regex *re, str s, size_t from,
                                   struct regex_match *ret_match)
{
    enum { BYTES_A_STEP = 50 };
    return eval_charge(c->e, (s.n - from) / BYTES_A_STEP + 1) ? regex_find(re, s, from, ret_match) : REGEX_LIMIT;
}

static const struct value *over_limit(struct call *c)
{
    return eval_fail_as(c->e, DIAG_REGEX_LIMIT, c->node->at, "%s(): the pattern takes too many steps",
                        c->function->name);
}

static const struct value *group_value(struct call *c, str s, const struct regex_match *m, size_t i)
{
    if (i >= m->n || m->start[i] == SIZE_MAX)
        return value_null(c->arena, c->origin);
    return value_string(c->arena, str_slice(s, m->start[i], m->end[i]), c->origin);
}

/* The whole match, a tuple of the groups, or an object of the named groups. */
static const struct value *match_value(struct call *c, const struct regex *re, str s, const struct regex_match *m)
{
    size_t groups = regex_groups(re);
    if (groups == 0)
        return group_value(c, s, m, 0);
    const struct value **items = ARENA_ARRAY(c->arena, const struct value *, groups);
    struct value_entry *entries = ARENA_ARRAY(c->arena, struct value_entry, groups);
    size_t named = 0;
    for (size_t i = 0; i < groups; i++) {
        items[i] = group_value(c, s, m, i + 1);
        str name = regex_group_name(re, i + 1);
        if (name.n)
            entries[named++] = (struct value_entry){arena_str(c->arena, name), SPAN_NONE, items[i]};
    }
    if (named && named != groups)
        return function_fail(c, "named and unnamed groups cannot be mixed");
    return named ? tf_object(c->arena, entries, named, c->origin) : tf_tuple(c->arena, items, groups, c->origin);
}

static const struct value *fn_regex(struct call *c)
{
    const struct value *v = NULL;
    struct regex *re = compile(c, function_str(c, 0), function_str(c, 1), &v);
    if (!re)
        return v;
    str s = function_str(c, 1);
    struct regex_match m;
    enum regex_result r = regex_find(re, s, 0, &m);
    if (r == REGEX_YES)
        v = match_value(c, re, s, &m);
    regex_free(re);
    if (r == REGEX_LIMIT)
        return over_limit(c);
    return r == REGEX_YES ? v : function_fail(c, "the pattern does not match the string");
}

static size_t next_start(str s, const struct regex_match *m)
{
    size_t len = 1;
    if (m->end[0] > m->start[0] || m->end[0] >= s.n)
        return m->end[0] + (m->end[0] == m->start[0]);
    utf8_at(s, m->end[0], &len);
    return m->end[0] + len;
}

static const struct value *fn_regexall(struct call *c)
{
    const struct value *failure = NULL;
    struct regex *re = compile(c, function_str(c, 0), function_str(c, 1), &failure);
    if (!re)
        return failure;
    VEC(const struct value *) found = {0};
    str s = function_str(c, 1);
    struct regex_match m;
    enum regex_result r = REGEX_YES;
    size_t last_end = SIZE_MAX;
    for (size_t from = 0; from <= s.n && (r = find_next(c, re, s, from, &m)) == REGEX_YES;) {
        if (found.n == LIMIT_COLLECTION) {
            r = REGEX_LIMIT;
            break;
        }
        bool empty_after = m.start[0] == m.end[0] && m.start[0] == last_end;
        if (!empty_after)
            VEC_PUSH(&found, match_value(c, re, s, &m));
        last_end = m.end[0];
        from = next_start(s, &m);
    }
    regex_free(re);
    size_t n;
    const struct value **items = VEC_MOVE(&found, c->arena, &n);
    return r == REGEX_LIMIT ? over_limit(c) : tf_list(c->arena, items, n, c->origin);
}

static bool is_name(char ch)
{
    return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
}

static void add_group(struct buf *out, const struct regex *re, str s, const struct regex_match *m, str name)
{
    int64_t number;
    size_t group = SIZE_MAX;
    if (str_to_int(name, &number) && number >= 0)
        group = (size_t)number;
    for (size_t i = 1; group == SIZE_MAX && i <= regex_groups(re); i++) {
        if (str_eq(regex_group_name(re, i), name))
            group = i;
    }
    if (group < m->n && m->start[group] != SIZE_MAX)
        buf_add(out, str_slice(s, m->start[group], m->end[group]));
}

/* $1, ${1}, $name, ${name}, $$. */
static void add_replacement(struct buf *out, const struct regex *re, str s, const struct regex_match *m, str with)
{
    for (size_t i = 0; i < with.n;) {
        if (with.p[i] != '$' || i + 1 == with.n) {
            buf_add_char(out, with.p[i++]);
            continue;
        }
        size_t from = ++i, to;
        if (with.p[i] == '$') {
            buf_add_char(out, '$');
            i++;
            continue;
        }
        bool braces = with.p[i] == '{';
        from += braces;
        for (to = from; to < with.n && is_name(with.p[to]);)
            to++;
        if (to == from || (braces && (to == with.n || with.p[to] != '}'))) {
            buf_add_char(out, '$');
            continue;
        }
        add_group(out, re, s, m, str_slice(with, from, to));
        i = to + braces;
    }
}

static const struct value *replace_pattern(struct call *c, str pattern)
{
    const struct value *failure = NULL;
    struct regex *re = compile(c, pattern, function_str(c, 0), &failure);
    if (!re)
        return failure;
    struct buf out;
    str s = function_str(c, 0);
    struct regex_match m;
    enum regex_result r = REGEX_YES;
    size_t copied = 0, last_end = SIZE_MAX;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t from = 0; from <= s.n && !out.overflow && (r = find_next(c, re, s, from, &m)) == REGEX_YES;) {
        bool empty_after = m.start[0] == m.end[0] && m.start[0] == last_end;
        if (!empty_after) {
            buf_add(&out, str_slice(s, copied, m.start[0]));
            add_replacement(&out, re, s, &m, function_str(c, 2));
            copied = m.end[0];
        }
        last_end = m.end[0];
        from = next_start(s, &m);
    }
    buf_add(&out, str_slice(s, copied, s.n));
    regex_free(re);
    if (r != REGEX_LIMIT)
        return function_buf(c, &out);
    buf_release(&out);
    return over_limit(c);
}

/* Each place where the text has the word gives way to a value that may be unknown. */
static const struct value *replace_in_text(struct call *c, const struct value *text)
{
    VEC(const struct value *) parts = {0};
    str what = function_str(c, 1);
    size_t n = text->kind == VALUE_TEXT ? text->u.list.n : 1;
    for (size_t i = 0; i < n; i++) {
        const struct value *part = text->kind == VALUE_TEXT ? text->u.list.item[i] : text;
        str s = value_str(part);
        if (part->kind != VALUE_STRING)
            VEC_PUSH(&parts, part);
        while (part->kind == VALUE_STRING && s.n) {
            size_t at = str_find(s, what);
            VEC_PUSH(&parts, value_string(c->arena, str_slice(s, 0, at), part->origin));
            if (at == SIZE_MAX)
                break;
            VEC_PUSH(&parts, c->arg[2]);
            s = str_slice(s, at + what.n, s.n);
        }
    }
    size_t count;
    const struct value **items = VEC_MOVE(&parts, c->arena, &count);
    return count == 1 ? items[0] : value_text(c->arena, items, count, text->origin);
}

/* A document stays one where a word in its strings is replaced. */
static const struct value *replace_inside(struct call *c, const struct value *v, unsigned depth, size_t *budget)
{
    if (!v || depth > LIMIT_DEPTH || *budget == 0)
        return v;
    --*budget;
    if (v->kind == VALUE_STRING || v->kind == VALUE_TEXT)
        return replace_in_text(c, v);
    if (v->kind != VALUE_LIST && v->kind != VALUE_MAP)
        return v;
    struct value *copy = value_copy(c->arena, v);
    if (v->kind == VALUE_LIST) {
        copy->u.list.item = ARENA_ARRAY(c->arena, const struct value *, v->u.list.n);
        for (size_t i = 0; i < v->u.list.n; i++)
            copy->u.list.item[i] = replace_inside(c, v->u.list.item[i], depth + 1, budget);
        return copy;
    }
    struct value_entry *entries = arena_copy(c->arena, v->u.map.entry, v->u.map.n * sizeof(*entries));
    for (size_t i = 0; i < v->u.map.n; i++)
        entries[i].value = replace_inside(c, entries[i].value, depth + 1, budget);
    copy->u.map.entry = entries;
    return copy;
}

static bool is_word(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is_name(s.p[i]) && s.p[i] != '-' && s.p[i] != '$')
            return false;
    }
    return s.n > 0;
}

static const struct value *fn_replace(struct call *c)
{
    str s = function_str(c, 0), what = function_str(c, 1), with = function_str(c, 2);
    bool word = value_is(c->arg[1], VALUE_STRING) && is_word(what);
    if (word && c->arg[0]->flags & VALUE_JSON) {
        size_t budget = LIMIT_COLLECTION;
        return replace_inside(c, c->arg[0], 0, &budget);
    }
    c->arg[0] = tf_plain(c->arena, c->arg[0]);
    bool known = tf_settled(c->arg[0]) && tf_settled(c->arg[1]) && tf_settled(c->arg[2]);
    bool text = value_is(c->arg[0], VALUE_STRING) || value_is(c->arg[0], VALUE_TEXT);
    if (!known)
        return word && text ? replace_in_text(c, c->arg[0]) : function_unknown(c);
    if (c->arg[0]->kind != VALUE_STRING) {
        c->arg[0] = eval_convert(c->e, c->arg[0], &type_string, c->node->at);
        if (c->arg[0]->kind != VALUE_STRING)
            return c->arg[0];
    }
    s = function_str(c, 0);
    if (what.n > 1 && what.p[0] == '/' && what.p[what.n - 1] == '/')
        return replace_pattern(c, str_slice(what, 1, what.n - 1));
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t from = 0, len = 1; !out.overflow;) {
        str rest = str_slice(s, from, s.n);
        if (what.n == 0) {
            buf_add(&out, with);
            if (rest.n == 0)
                break;
            utf8_at(s, from, &len);
            buf_add(&out, str_slice(rest, 0, len));
            from += len;
            continue;
        }
        size_t at = str_find(rest, what);
        buf_add(&out, str_slice(rest, 0, at));
        if (at == SIZE_MAX)
            break;
        buf_add(&out, with);
        from += at + what.n;
    }
    return function_buf(c, &out);
}

const struct function functions_string[] = {
    {"upper", "s", fn_upper, 0},
    {"lower", "s", fn_lower, 0},
    {"title", "s", fn_title, 0},
    {"strrev", "s", fn_strrev, 0},
    {"substr", "snn", fn_substr, 0},
    {"trim", "ss", fn_trim, 0},
    {"trimspace", "s", fn_trimspace, 0},
    {"trimprefix", "ss", fn_trimprefix, 0},
    {"trimsuffix", "ss", fn_trimsuffix, 0},
    {"chomp", "s", fn_chomp, 0},
    {"indent", "ns", fn_indent, 0},
    {"split", "ss", fn_split, 0},
    {"join", "sL*", fn_join, FN_HOIST},
    {"startswith", "ss", fn_startswith, FN_UNKNOWNS},
    {"endswith", "ss", fn_endswith, 0},
    {"strcontains", "ss", fn_strcontains, 0},
    {"regex", "ss", fn_regex, 0},
    {"regexall", "ss", fn_regexall, 0},
    {"replace", "ass", fn_replace, FN_UNKNOWNS},
    {NULL, NULL, NULL, 0},
};
