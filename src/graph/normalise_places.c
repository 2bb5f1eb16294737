/* Where the bytes of a text stand in the source that wrote it.
 *
 * Sources write texts in many ways: quoted with escapes, in heredocs and block scalars whose indentation falls away,
 * with interpolations. Both sides are reduced to what they have in common: bytes that are no blanks, with `GAP` where
 * the source interpolates and `HOLE` where the text has a hole. A gap stands for any run of bytes and holes; between
 * the gaps the source's bytes must be those of the text. */
#include "graph/graph_internal.h"
#include "graph/model_internal.h"

enum {
    GAP = 1, /* neither is in text that is JSON */
    HOLE = 0,
    MOST_STEPS = 16, /* of the chain of origins that are looked at */
    MOST_TIMES = 16  /* longer than the text the source may be (interpolations): keeps the work in proportion */
};

/* What is left of one side: bytes, and where each starts and ends. */
struct reduced {
    char *byte;
    uint32_t *start, *end;
    size_t n;
    size_t room;
};

static void reduced_init(struct reduced *r, size_t room)
{
    *r = (struct reduced){.room = room + 1};
    r->byte = alloc_get(r->room);
    r->start = alloc_get(r->room * sizeof(*r->start));
    r->end = alloc_get(r->room * sizeof(*r->end));
}

static void reduced_release(struct reduced *r)
{
    alloc_put(r->byte, r->room);
    alloc_put(r->start, r->room * sizeof(*r->start));
    alloc_put(r->end, r->room * sizeof(*r->end));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void put(struct reduced *r, char c, size_t start, size_t end)
{
    if (is_blank(c) || r->n == r->room)
        return;
    if (c == GAP && r->n && r->byte[r->n - 1] == GAP) {
        r->end[r->n - 1] = (uint32_t)end;
        return;
    }
    r->byte[r->n] = c;
    r->start[r->n] = (uint32_t)start;
    r->end[r->n++] = (uint32_t)end;
}

/* ---- the text ---- */

/* The hole that is marked at the start of s: its number, and the end of the mark; 0: none is. */
static size_t mark_end(str s, size_t *ret_hole)
{
    size_t close = str_starts(s, STR(MARK_OPEN)) ? str_find(s, STR(MARK_CLOSE)) : SIZE_MAX;
    int64_t number;
    if (close == SIZE_MAX || !str_to_int(str_slice(s, sizeof(MARK_OPEN) - 1, close), &number))
        return 0;
    *ret_hole = (size_t)number;
    return close + sizeof(MARK_CLOSE) - 1;
}

/* A hole outside of JSON strings was marked with quotes that the source does not have. */
static void reduce_text(struct reduced *r, str text, const bool *bare)
{
    for (size_t i = 0; i < text.n;) {
        str rest = str_slice(text, i, text.n);
        size_t hole = 0, end = mark_end(rest, &hole);
        if (end) {
            put(r, HOLE, i, i + end);
            i += end;
            continue;
        }
        end = rest.p[0] == '"' ? mark_end(str_slice(rest, 1, rest.n), &hole) : 0;
        if (end && bare && bare[hole]) {
            put(r, HOLE, i, i + end + 2);
            i += end + 2;
            continue;
        }
        put(r, rest.p[0], i, i + 1);
        i++;
    }
}

/* ---- the source ---- */

/* The end of "${...}" or "%{...}", quotes and braces inside counted; 0 when it has none. */
static size_t interpolation_end(str s)
{
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 1; i < s.n; i++) {
        char c = s.p[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            depth++;
        } else if (c == '}' && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* One escape of a quoted string; its length. */
static size_t put_escape(struct reduced *r, str s, size_t at)
{
    static const char names[] = "\"\\/'", plain[] = "bfnrt\n \t\r0";
    char c = s.n > 1 ? s.p[1] : '\\';
    if (strchr(names, c) && c) {
        put(r, c, at, at + 2);
        return 2;
    }
    if (strchr(plain, c))
        return 2;
    size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : c == 'x' ? 2 : 0;
    unsigned code = 0;
    for (size_t i = 0; i < digits; i++) {
        char d = i + 2 < s.n ? s.p[i + 2] : 'x';
        unsigned value = d >= '0' && d <= '9' ? (unsigned)(d - '0') : (unsigned)((d | 0x20) - 'a') + 10;
        code = value < 16 ? code * 16 + value : 0x80;
    }
    put(r, digits && code > GAP && code < 0x80 ? (char)code : GAP, at, at + 2 + digits);
    return 2 + digits;
}

/* What stands between the quotes, behind "<<EOF" or behind "|". */
static str body_of(str region, char *ret_quote)
{
    *ret_quote = 0;
    str rest;
    if (region.n > 1 && (region.p[0] == '"' || region.p[0] == '\'') && region.p[region.n - 1] == region.p[0]) {
        *ret_quote = region.p[0];
        return str_slice(region, 1, region.n - 1);
    }
    if (str_starts(region, STR("<<"))) {
        str first = str_cut(region, '\n', &rest);
        str name = str_trim(str_slice(first, 2 + (first.n > 2 && first.p[2] == '-'), first.n));
        str body = str_trim(rest);
        return name.n && str_ends(body, name) ? str_slice(body, 0, body.n - name.n) : body;
    }
    if (region.n && (region.p[0] == '|' || region.p[0] == '>')) {
        str_cut(region, '\n', &rest);
        return rest;
    }
    return region;
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
}

/* A call that makes text from scalars ("!Join", "Fn::Sub:"): its argument; `ret_pieces`: one of several scalars. */
static str argument_of(str region, bool *ret_pieces)
{
    enum { NEAR = 64, CALLS = 4 };
    for (unsigned i = 0; i < CALLS; i++) { /* base64encode(<<EOT ...) */
        size_t open = str_find_char(str_slice(region, 0, NEAR), '(');
        bool name = open != SIZE_MAX && open > 0 && region.p[region.n - 1] == ')';
        for (size_t k = 0; name && k < open; k++)
            name = is_name_byte(region.p[k]);
        if (!name)
            break;
        region = str_trim(str_slice(region, open + 1, region.n - 1));
    }
    size_t at = str_find(str_slice(region, 0, NEAR), STR("Fn::"));
    str rest = STR_NONE;
    *ret_pieces = false;
    if (region.n && region.p[0] == '!')
        str_cut(region, region.n && str_find_char(region, ' ') < str_find_char(region, '\n') ? ' ' : '\n', &rest);
    else if (at != SIZE_MAX)
        str_cut(str_slice(region, at + 4, region.n), ':', &rest);
    if (!rest.p)
        return region;
    while (rest.n && is_blank(rest.p[0]))
        rest = str_slice(rest, 1, rest.n);
    bool block = rest.n && (rest.p[0] == '|' || rest.p[0] == '>');
    bool scalar = rest.n > 1 && strchr("\"'", rest.p[0]) && rest.p[rest.n - 1] == rest.p[0];
    *ret_pieces = !block && !scalar;
    return rest;
}

/* What one step over the source takes. */
static size_t put_next(struct reduced *r, str rest, char quote, size_t at)
{
    char c = rest.p[0], next = rest.n > 1 ? rest.p[1] : 0;
    if ((c == '$' || c == '%') && next == c && rest.n > 2 && rest.p[2] == '{') {
        put(r, c, at, at + 2);
        put(r, '{', at + 2, at + 3);
        return 3;
    }
    size_t end = (c == '$' || c == '%') && next == '{' ? interpolation_end(rest) : 0;
    if (end) {
        put(r, GAP, at, at + end);
        return end;
    }
    if (quote == '"' && c == '\\')
        return put_escape(r, rest, at);
    bool doubled = quote == '\'' && c == quote && next == quote;
    put(r, c, at, at + 1 + doubled);
    return 1 + (size_t)doubled;
}

/* Quoted scalars with anything between them. */
static void reduce_pieces(struct reduced *r, str s, uint32_t base)
{
    char quote = 0;
    for (size_t i = 0; i < s.n;) {
        str rest = str_slice(s, i, s.n);
        char c = rest.p[0];
        bool doubled = c == '\'' && rest.n > 1 && rest.p[1] == c;
        if (quote && (c != quote || (quote == c && doubled))) {
            i += put_next(r, rest, quote, base + i);
            continue;
        }
        size_t call = !quote && c == '{' && i ? interpolation_end(str_slice(s, i - 1, s.n)) : 0;
        if (call) { /* {"Ref": "Name"} */
            put(r, GAP, base + i, base + i + call - 1);
            i += call - 1;
            continue;
        }
        if (quote)
            quote = 0;
        else if (c == '"' || c == '\'')
            quote = c;
        if (r->n)
            put(r, GAP, base + i, base + i + 1);
        i++;
    }
}

static void reduce_source(struct reduced *r, str region, uint32_t base)
{
    bool pieces;
    char quote;
    str argument = argument_of(region, &pieces), s = pieces ? argument : body_of(argument, &quote);
    base += s.p ? (uint32_t)(s.p - region.p) : 0;
    if (pieces) {
        reduce_pieces(r, s, base);
        return;
    }
    for (size_t i = 0; i < s.n;)
        i += put_next(r, str_slice(s, i, s.n), quote, base + i);
}

/* ---- both together ---- */

static void set_place(uint32_t *at, const struct reduced *text, size_t i, const struct reduced *source, size_t k)
{
    at[text->start[i]] = source->start[k];
    for (uint32_t b = text->start[i] + 1; b < text->end[i]; b++)
        at[b] = source->end[k];
}

/* The run of source bytes from k on, up to a gap or the end. */
static str run_at(const struct reduced *source, size_t k)
{
    size_t end = k;
    while (end < source->n && source->byte[end] != GAP)
        end++;
    return (str){source->byte + k, end - k};
}

/* Sets at[] for every byte that is no blank; false when the two do not go together. */
static bool align(const struct reduced *text, const struct reduced *source, uint32_t *at)
{
    size_t i = 0, k = 0;
    str whole = {text->byte, text->n};
    if (!source->n || !text->n || source->byte[0] != text->byte[0])
        return false;
    while (k < source->n) {
        str run = run_at(source, k);
        bool last = k + run.n == source->n;
        size_t found = k == 0 ? 0 : str_find(str_slice(whole, i, whole.n), run);
        if (last && run.n && text->n >= i + run.n)
            found = text->n - run.n - i;
        str there = found == SIZE_MAX ? STR_NONE : str_slice(whole, i + found, i + found + run.n);
        if (found == SIZE_MAX || !str_eq(there, run) || (k == 0 && found))
            return false;
        for (size_t skipped = 0; k > 0 && skipped < found; skipped++)
            set_place(at, text, i + skipped, source, k - 1);
        for (size_t n = 0; n < run.n; n++)
            set_place(at, text, i + found + n, source, k + n);
        i += found + run.n;
        k += run.n;
        if (last)
            break;
        k++; /* the gap */
        if (k == source->n) {
            for (; i < text->n; i++)
                set_place(at, text, i, source, k - 1);
        }
    }
    return i == text->n;
}

/* Blanks stand where what is before them ends. */
static void fill_blanks(const struct reduced *text, const struct reduced *source, str marked, uint32_t *at)
{
    size_t b = 0;
    uint32_t before = source->start[0];
    for (size_t i = 0; i < text->n; i++) {
        for (; b < text->start[i]; b++)
            at[b] = before;
        uint32_t start = at[b];
        b = text->end[i];
        before = start + 1;
        for (size_t low = 0, high = source->n; low < high;) {
            size_t middle = low + (high - low) / 2;
            if (source->start[middle] == start) {
                before = source->end[middle];
                break;
            }
            if (source->start[middle] < start)
                low = middle + 1;
            else
                high = middle;
        }
    }
    for (; b <= marked.n; b++)
        at[b] = before;
}

static bool find_in(const struct sources *sources, span region, str marked, const struct reduced *text, uint32_t *at)
{
    const struct source *s = source_at(sources, region.file);
    if (!s || region.end <= region.start || region.end > s->text.n ||
        (region.end - region.start) / MOST_TIMES > marked.n)
        return false;
    str shown = str_slice(s->text, region.start, region.end);
    size_t found = shown.n < marked.n ? SIZE_MAX : str_find(shown, marked);
    if (found != SIZE_MAX) {
        for (size_t i = 0; i <= marked.n; i++)
            at[i] = region.start + (uint32_t)(found + i);
        return true;
    }
    struct reduced source;
    reduced_init(&source, shown.n);
    reduce_source(&source, shown, region.start);
    bool good = align(text, &source, at);
    if (good)
        fill_blanks(text, &source, marked, at);
    reduced_release(&source);
    return good;
}

static bool find_whole(const struct sources *sources, const struct origin *o, str marked, const bool *bare,
                       uint32_t *at, uint32_t *ret_file)
{
    struct reduced text;
    bool good = false;
    reduced_init(&text, marked.n);
    reduce_text(&text, marked, bare);
    for (size_t step = 0; o && !good && step < MOST_STEPS; o = o->via, step++) {
        good = o->at.file && find_in(sources, o->at, marked, &text, at);
        *ret_file = o->at.file;
    }
    reduced_release(&text);
    return good;
}

/* Of a text that was put together from pieces, each where it stands; all must be in one file. */
static bool find_parts(const struct sources *sources, const struct value *raw, str marked, const size_t *from,
                       uint32_t *at, uint32_t *ret_file)
{
    uint32_t file = 0, last = 0;
    for (size_t i = 0; i < raw->u.list.n; i++) {
        const struct value *part = raw->u.list.item[i];
        size_t end = i + 1 < raw->u.list.n ? from[i + 1] : marked.n;
        str piece = str_slice(marked, from[i], end);
        span place = value_span(part);
        uint32_t here = place.file;
        bool literal = value_is(part, VALUE_STRING);
        if (!literal || !piece.n || !find_whole(sources, part->origin, piece, NULL, at + from[i], &here)) {
            for (size_t b = from[i]; b < end; b++)
                at[b] = place.start;
            at[end] = place.end;
            here = place.file;
        }
        if (!here || (file && here != file))
            return false;
        file = here;
        last = at[end];
    }
    at[marked.n] = last;
    *ret_file = file;
    return file != 0;
}

bool places_find(const struct sources *sources, const struct value *raw, const struct marked_text *text, uint32_t *at,
                 uint32_t *ret_file)
{
    if (!sources || !text->text.n || text->text.n >= LIMIT_STRING_BYTES)
        return false;
    if (find_whole(sources, raw->origin, text->text, text->bare, at, ret_file))
        return true;
    return raw->kind == VALUE_TEXT && find_parts(sources, raw, text->text, text->from, at, ret_file);
}

/* ---- other texts ---- */

struct graph_text graph_text_places(const struct graph *g, struct arena *a, const struct value *v)
{
    struct graph_text t = {.text = value_str(v)};
    size_t n = value_is(v, VALUE_TEXT) ? v->u.list.n : 0;
    bool *bare = ARENA_ARRAY(a, bool, n + 1);
    size_t *from = ARENA_ARRAY(a, size_t, n + 1);
    struct buf marked;
    buf_init(&marked, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < n; i++) {
        const struct value *part = v->u.list.item[i];
        from[i] = buf_str(&marked).n;
        if (value_is(part, VALUE_STRING))
            buf_add(&marked, part->u.string);
        else
            buf_printf(&marked, MARK_OPEN "%zu" MARK_CLOSE, i);
    }
    if (n)
        t.text = buf_copy(&marked, a);
    buf_release(&marked);
    if (!t.text.n)
        return t;
    uint32_t *at = ARENA_ARRAY(a, uint32_t, t.text.n + 1);
    if (places_find(g->sources, v, &(struct marked_text){t.text, bare, from}, at, &t.file))
        t.at = at;
    return t;
}
