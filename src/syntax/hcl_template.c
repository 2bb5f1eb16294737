/* Templates become a flat list of tokens first: strip markers and the indentation of `<<-` know nothing of
 * the nesting of directives. A literal is trimmed as HCL's scanner cuts it: in heredocs and files of
 * templates, line by line, so that `~}` takes what is left of its line and no more. */
#include "syntax/hcl_internal.h"

struct template
{
    struct hcl_reader *r;
    size_t from; /* its first token */
    bool quoted; /* has backslash escapes; its literals are not cut into lines */
    bool flush;
    bool strip_next;
    size_t indent;
    uint32_t start, end;
};

/* ---------------------------------------------------------------- escapes */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return (c | 0x20) - 'a' + 10;
    return -1;
}

/* The escape at `at`, a backslash; writes what it means and returns its length. */
static uint32_t unescape_one(struct hcl_reader *r, uint32_t at, uint32_t end, char out[4], size_t *ret_n)
{
    static const char from[] = "nrt\"\\", to[] = "\n\r\t\"\\";
    char c = at + 1 < end ? r->text.p[at + 1] : '\0';
    const char *known = c != '\0' ? strchr(from, c) : NULL;
    uint32_t digits = c == 'u' ? 4 : c == 'U' ? 8 : 0, n = 0, cp = 0, length;
    size_t width;

    if (known != NULL) {
        out[0] = to[known - from];
        *ret_n = 1;
        return 2;
    }
    while (n < digits && at + 2 + n < end && hex_digit(r->text.p[at + 2 + n]) >= 0)
        cp = cp << 4 | (uint32_t)hex_digit(r->text.p[at + 2 + n++]);
    if (digits != 0 && n == digits) {
        if (cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
            cp = 0xFFFD;
        *ret_n = utf8_encode(cp, out);
        return 2 + digits;
    }
    utf8_at(hcl_slice(r, at, end), at + 1 < end ? 1 : 0, &width);
    length = digits != 0 ? 2 + n : at + 1 < end ? 1 + (uint32_t)width : 1;
    if (digits != 0)
        hcl_report(r, at, at + length,
                   c == 'u' ? "\\u needs four hexadecimal digits" : "\\U needs eight hexadecimal digits");
    else
        hcl_report(r, at, at + length, "this escape sequence does not exist; write \\\\ for a backslash");
    r->n_errors++;
    *ret_n = 0;
    return length;
}

/* The first byte at or after `at` that may begin an escape. */
static uint32_t find_special(const struct hcl_reader *r, uint32_t at, uint32_t end, bool backslash)
{
    const char *p = r->text.p;

    while (at < end && p[at] != '$' && p[at] != '%' && !(backslash && p[at] == '\\'))
        at++;
    return at;
}

/* The end of a run of `$` or `%` at `at`. *ret_escape: it means one less, because `{` follows. */
static uint32_t run_end(const struct hcl_reader *r, uint32_t at, uint32_t end, bool *ret_escape)
{
    uint32_t i = at;

    while (i < end && r->text.p[i] == r->text.p[at])
        i++;
    *ret_escape = i < end && r->text.p[i] == '{' && i - at > 1;
    return i;
}

/* What the text means; a slice of the source when that is the same. It is never longer. */
static str unescape(struct hcl_reader *r, uint32_t start, uint32_t end, bool backslash)
{
    char *out = NULL;
    size_t n = 0;

    for (uint32_t at = start, from = start;;) {
        bool escape = false;
        uint32_t next;

        at = find_special(r, at, end, backslash);
        next = at;
        if (at < end && r->text.p[at] == '\\')
            escape = true;
        else if (at < end)
            next = run_end(r, at, end, &escape);
        if (at < end && !escape) {
            at = next;
            continue;
        }
        if (at == end && out == NULL)
            return hcl_slice(r, start, end);
        if (out == NULL)
            out = arena_alloc(r->pool.texts, end - start);
        memcpy(out + n, r->text.p + from, at - from);
        n += at - from;
        if (at == end)
            return (str){out, n};
        if (r->text.p[at] == '\\') {
            char one[4];
            size_t width;

            at += unescape_one(r, at, end, one, &width);
            memcpy(out + n, one, width);
            n += width;
        } else {
            memcpy(out + n, r->text.p + at, next - at - 1);
            n += next - at - 1;
            at = next;
        }
        from = at;
    }
}

static void set_string(struct hcl_reader *r, struct node *n, str value, uint32_t start, unsigned flags)
{
    n->kind = NODE_STRING;
    n->u.string = value;
    n->flags = (uint16_t)flags;
    if (r->exact && value.p == r->text.p + start)
        n->flags |= NODE_RAW;
}

struct node *hcl_string(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_STRING, r->start, r->end);
    uint32_t start = r->start + 1;

    set_string(r, n, unescape(r, start, r->end - 1, true), start, NODE_QUOTED);
    return n;
}

/* ---------------------------------------------------------------- white space */

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Bytes of white space at the start; *ret_n counts characters, at most `max`. */
static size_t leading_space(str s, size_t max, size_t *ret_n)
{
    size_t at = 0, n = 0, width;

    while (at < s.n && n < max && is_space(utf8_at(s, at, &width))) {
        at += width;
        n++;
    }
    *ret_n = n;
    return at;
}

static size_t without_trailing_space(str s)
{
    size_t end = s.n;

    while (end > 0) {
        size_t at = end - 1, width;

        while (at > 0 && end - at < 4 && ((unsigned char)s.p[at] & 0xC0) == 0x80)
            at--;
        if (!is_space(utf8_at(str_slice(s, at, end), 0, &width)))
            break;
        end = at;
    }
    return end;
}

static void strip_left(struct template *t, struct hcl_token *token)
{
    str text = hcl_slice(t->r, token->start, token->end);
    size_t n, newline;

    if (t->quoted) {
        token->value = str_slice(token->value, leading_space(token->value, SIZE_MAX, &n), token->value.n);
        return;
    }
    newline = str_find_char(text, '\n');
    if (newline != SIZE_MAX)
        text.n = newline + 1;
    token->start += (uint32_t)leading_space(text, SIZE_MAX, &n);
}

static void strip_right(struct template *t, struct hcl_token *token)
{
    str text = hcl_slice(t->r, token->start, token->end);
    size_t newline, keep;

    if (t->quoted) {
        token->value.n = without_trailing_space(token->value);
        return;
    }
    if (text.n == 0)
        return;
    newline = str_rfind_char(str_slice(text, 0, text.n - 1), '\n');
    keep = newline == SIZE_MAX ? 0 : newline + 1;
    token->blank_line = text.p[text.n - 1] != '\n';
    text = str_slice(text, keep, text.n);
    keep += without_trailing_space(text);
    token->end = token->start + (uint32_t)keep;
    token->blank_line &= keep == 0 || t->r->text.p[token->end - 1] == '\n';
}

/* ---------------------------------------------------------------- tokens */

static void push(struct template *t, enum hcl_token_kind kind, uint32_t start, uint32_t end, struct node *node)
{
    VEC_PUSH(&t->r->tokens, ((struct hcl_token){.kind = kind, .start = start, .end = end, .node = node}));
}

static void push_literal(struct template *t)
{
    struct hcl_reader *r = t->r;
    struct hcl_token token = {.kind = TOKEN_LITERAL, .start = r->start, .end = r->end};

    if (token.start == token.end)
        return;
    if (t->quoted)
        token.value = unescape(r, token.start, token.end, true);
    if (t->strip_next)
        strip_left(t, &token);
    t->strip_next = false;
    VEC_PUSH(&r->tokens, token);
}

static void strip_before(struct template *t)
{
    struct hcl_reader *r = t->r;

    t->strip_next = false;
    if (r->tokens.n > t->from && r->tokens.at[r->tokens.n - 1].kind == TOKEN_LITERAL)
        strip_right(t, &r->tokens.at[r->tokens.n - 1]);
}

static void read_tokens(struct template *t);

static void read_interpolation(struct template *t)
{
    struct hcl_reader *r = t->r;
    struct node *value = NULL;
    uint32_t start = r->start, end = r->end;
    bool strip = false;
    TSNode n = r->node;

    if (hcl_has_shape(r, 3)) {
        if (hcl_kind_of(ts_node_child(n, 0)) == HCL_INTERPOLATION_OPEN_STRIP)
            strip_before(t);
        value = hcl_expression_at(r, ts_node_child(n, 1));
        strip = hcl_kind_of(ts_node_child(n, 2)) == HCL_CLOSE_BRACE_STRIP;
    } else {
        for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
            if (r->kind == HCL_INTERPOLATION_OPEN_STRIP)
                strip_before(t);
            else if (hcl_is_expression(r->kind))
                value = hcl_expression(r);
            strip = r->kind == HCL_CLOSE_BRACE_STRIP;
        }
    }
    push(t, TOKEN_VALUE, start, end, value != NULL ? value : hcl_new(r, NODE_ERROR, start, end));
    t->strip_next = strip;
}

/* One child of a directive; the token of its current part is pushed when that part ends. */
struct directive {
    enum hcl_token_kind kind;
    uint32_t start;
    struct node *node;
    struct hcl_names names;
};

static void end_directive_part(struct template *t, struct directive *d)
{
    struct hcl_reader *r = t->r;
    bool opens = d->kind == TOKEN_IF || d->kind == TOKEN_FOR;

    if (opens && d->node == NULL)
        d->node = hcl_new(r, NODE_ERROR, d->start, r->end);
    if (d->kind == TOKEN_FOR) {
        struct node *n = hcl_new(r, NODE_TEMPLATE_FOR, d->start, r->end);

        n->u.loop = arena_alloc(r->arena, sizeof(*n->u.loop));
        n->u.loop->key_name = d->names.key;
        n->u.loop->value_name = d->names.value;
        n->u.loop->source = d->node;
        d->node = n;
    }
    push(t, d->kind, d->start, r->end, opens ? d->node : NULL);
    t->strip_next = r->kind == HCL_CLOSE_BRACE_STRIP;
}

static void read_directive(struct template *t)
{
    struct hcl_reader *r = t->r;
    struct directive d = {TOKEN_IF, r->start, NULL, {STR_NONE, STR_NONE, true}};

    if (r->depth >= LIMIT_DEPTH) {
        push(t, TOKEN_VALUE, r->start, r->end, hcl_expression(r)); /* says so */
        return;
    }
    r->depth++;
    for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
        if (hcl_name(r, &d.names))
            continue;
        switch (r->kind) {
        case HCL_DIRECTIVE:
        case HCL_DIRECTIVE_STRIP:
            d.start = r->start;
            if (r->kind == HCL_DIRECTIVE_STRIP)
                strip_before(t);
            break;
        case HCL_FOR:
            d.kind = TOKEN_FOR;
            d.names.done = false;
            break;
        case HCL_ELSE:
            d.kind = TOKEN_ELSE;
            break;
        case HCL_ENDIF:
            d.kind = TOKEN_ENDIF;
            break;
        case HCL_ENDFOR:
            d.kind = TOKEN_ENDFOR;
            break;
        case HCL_CLOSE_BRACE:
        case HCL_CLOSE_BRACE_STRIP:
            end_directive_part(t, &d);
            break;
        case HCL_CHUNK:
            push_literal(t);
            break;
        case HCL_INTERPOLATION:
            read_interpolation(t);
            break;
        case HCL_TEMPLATE_IF:
        case HCL_TEMPLATE_FOR:
            read_directive(t);
            break;
        default:
            if (hcl_is_expression(r->kind))
                d.node = hcl_expression(r);
            break;
        }
    }
    r->depth--;
}

static void read_tokens(struct template *t)
{
    struct hcl_reader *r = t->r;

    for (bool more = hcl_enter(r); more; more = hcl_next(r)) {
        switch (r->kind) {
        case HCL_FLUSH:
            t->flush = true;
            break;
        case HCL_CHUNK:
            push_literal(t);
            break;
        case HCL_INTERPOLATION:
            read_interpolation(t);
            break;
        case HCL_TEMPLATE_IF:
        case HCL_TEMPLATE_FOR:
            read_directive(t);
            break;
        case HCL_UNTERMINATED:
            hcl_report_unterminated(r, t->start);
            break;
        default:
            break;
        }
    }
}

/* ---------------------------------------------------------------- indentation of <<- */

static void least(size_t *indent, size_t n)
{
    if (n < *indent)
        *indent = n;
}

/* Looks at the lines that begin in the literal; returns whether a line begins behind it. */
static bool measure_literal(struct template *t, struct hcl_token *token, bool line_start)
{
    str rest = hcl_slice(t->r, token->start, token->end);

    token->line_start = line_start;
    while (rest.n != 0) {
        size_t newline = str_find_char(rest, '\n');
        str line = newline == SIZE_MAX ? rest : str_slice(rest, 0, newline + 1);
        size_t n, width = leading_space(line, SIZE_MAX, &n);

        if (line_start && (newline == SIZE_MAX || width < line.n))
            least(&t->indent, n);
        line_start = newline != SIZE_MAX;
        rest = str_slice(rest, line.n, rest.n);
    }
    if (token->blank_line && line_start)
        least(&t->indent, 0);
    return line_start && !token->blank_line && token->start != token->end;
}

static void measure_indent(struct template *t)
{
    bool line_start = true;

    t->indent = SIZE_MAX;
    for (size_t i = t->from; i < t->r->tokens.n; i++) {
        struct hcl_token *token = &t->r->tokens.at[i];

        if (token->kind == TOKEN_LITERAL) {
            line_start = measure_literal(t, token, line_start);
        } else {
            if (line_start)
                least(&t->indent, 0);
            line_start = false;
        }
    }
}

static void add_without_indent(struct template *t, const struct hcl_token *token, str text, struct buf *out)
{
    bool line_start = token->line_start;

    while (text.n != 0) {
        size_t newline = str_find_char(text, '\n');
        str line = newline == SIZE_MAX ? text : str_slice(text, 0, newline + 1);
        size_t n, blanks = leading_space(line, SIZE_MAX, &n);

        text = str_slice(text, line.n, text.n);
        if (line_start && (newline == SIZE_MAX || blanks < line.n))
            line = str_slice(line, leading_space(line, t->indent, &n), line.n);
        buf_add(out, line);
        line_start = true;
    }
}

/* ---------------------------------------------------------------- nodes */

static str literal_value(struct template *t, const struct hcl_token *token)
{
    struct hcl_reader *r = t->r;
    str value;
    struct buf b;

    if (t->quoted)
        return token->value;
    value = unescape(r, token->start, token->end, false);
    if (!t->flush || t->indent == 0)
        return value;
    buf_init(&b, value.n + 1);
    add_without_indent(t, token, value, &b);
    value = buf_copy(&b, r->pool.texts);
    buf_release(&b);
    return value;
}

/* The literals from *at on as one node; NULL when nothing is left of them. */
static struct node *join_literals(struct template *t, size_t *at, size_t end)
{
    struct hcl_reader *r = t->r;
    const struct hcl_token *token = &r->tokens.at[*at];
    uint32_t start = token->start;
    str value = literal_value(t, token);
    struct node *n;

    if (++*at < end && r->tokens.at[*at].kind == TOKEN_LITERAL) {
        struct buf b;

        buf_init(&b, t->end - t->start + 1);
        buf_add(&b, value);
        for (; *at < end && r->tokens.at[*at].kind == TOKEN_LITERAL; ++*at) {
            token = &r->tokens.at[*at];
            buf_add(&b, literal_value(t, token));
        }
        value = buf_str(&b);
        if (value.n == token->end - start && memcmp(value.p, r->text.p + start, value.n) == 0)
            value = hcl_slice(r, start, token->end);
        else
            value = arena_str(r->pool.texts, value);
        buf_release(&b);
    }
    if (value.n == 0)
        return NULL;
    n = hcl_new(r, NODE_STRING, start, token->end);
    set_string(r, n, value, start, 0);
    return n;
}

static struct node *template_of(struct template *t, size_t from, uint32_t start, uint32_t end)
{
    struct hcl_reader *r = t->r;
    struct node *n;

    if (r->stack.n == from)
        return NULL;
    n = hcl_new(r, NODE_TEMPLATE, start, end);
    n->u.template.part = hcl_take(r, from, &n->u.template.n);
    return n;
}

/* Makes nodes of the tokens up to the one that ends this level, and pushes them. */
static void push_parts(struct template *t, size_t *at, size_t end);

static struct node *build_if(struct template *t, size_t *at, size_t end)
{
    struct hcl_reader *r = t->r;
    struct hcl_token open = r->tokens.at[(*at)++];
    struct node *n = hcl_new(r, NODE_TEMPLATE_IF, open.start, open.end);
    size_t from = r->stack.n;
    uint32_t start = open.end;
    bool in_else = false;

    n->u.conditional.test = open.node;
    for (;;) {
        uint32_t stop;

        push_parts(t, at, end);
        stop = *at < end ? r->tokens.at[*at].start : t->end;
        *(in_else ? &n->u.conditional.no : &n->u.conditional.yes) = template_of(t, from, start, stop);
        if (*at >= end || in_else || r->tokens.at[*at].kind != TOKEN_ELSE)
            break;
        start = r->tokens.at[(*at)++].end;
        in_else = true;
    }
    if (*at < end)
        n->at.end = hcl_span(r, 0, r->tokens.at[(*at)++].end).end;
    return n;
}

static struct node *build_for(struct template *t, size_t *at, size_t end)
{
    struct hcl_reader *r = t->r;
    struct hcl_token open = r->tokens.at[(*at)++];
    size_t from = r->stack.n;
    struct node *n = open.node, *body;
    uint32_t stop;

    push_parts(t, at, end);
    stop = *at < end ? r->tokens.at[*at].start : t->end;
    body = template_of(t, from, open.end, stop);
    n->u.loop->value = body != NULL ? body : hcl_new(r, NODE_TEMPLATE, open.end, stop);
    if (*at < end)
        n->at.end = hcl_span(r, 0, r->tokens.at[(*at)++].end).end;
    return n;
}

static void push_parts(struct template *t, size_t *at, size_t end)
{
    struct hcl_reader *r = t->r;

    while (*at < end) {
        struct node *n;

        switch (r->tokens.at[*at].kind) {
        case TOKEN_LITERAL:
            n = join_literals(t, at, end);
            break;
        case TOKEN_VALUE:
            n = r->tokens.at[(*at)++].node;
            break;
        case TOKEN_IF:
            n = build_if(t, at, end);
            break;
        case TOKEN_FOR:
            n = build_for(t, at, end);
            break;
        default:
            return;
        }
        if (n != NULL)
            hcl_push(r, n);
    }
}

static bool is_value(const struct node *part)
{
    return part->kind != NODE_TEMPLATE_IF && part->kind != NODE_TEMPLATE_FOR;
}

/* A template without expressions is a string. */
static void finish(struct template *t, struct node *n, unsigned flags)
{
    struct hcl_reader *r = t->r;
    size_t from = r->stack.n, at = t->from, end = r->tokens.n, n_parts;
    bool only_value = end - t->from == 1;

    while (at < end) {
        push_parts(t, &at, end);
        at += at < end; /* an end without its start, after an error */
    }
    n_parts = r->stack.n - from;
    if (n_parts == 0) {
        set_string(r, n, STR(""), 0, flags);
    } else if (n_parts == 1 && r->stack.at[from]->kind == NODE_STRING && r->tokens.at[t->from].kind == TOKEN_LITERAL) {
        const struct node *only = r->stack.at[from];

        set_string(r, n, only->u.string, 0, flags | (only->flags & NODE_RAW));
        r->stack.n = from;
    } else {
        if (n_parts == 1 && !only_value && is_value(r->stack.at[from])) { /* a string, unlike a lone value */
            struct node *empty = hcl_new(r, NODE_STRING, t->end, t->end);

            empty->u.string = STR("");
            hcl_push(r, empty);
        }
        n->flags = (uint16_t)flags;
        n->u.template.part = hcl_take(r, from, &n->u.template.n);
    }
    r->tokens.n = t->from;
}

struct node *hcl_template(struct hcl_reader *r)
{
    struct node *n = hcl_new(r, NODE_TEMPLATE, r->start, r->end);
    enum hcl_kind kind = r->kind;
    struct template t = {.r = r, .from = r->tokens.n, .quoted = kind == HCL_TEMPLATE, .start = r->start, .end = r->end};

    read_tokens(&t);
    if (t.flush)
        measure_indent(&t);
    finish(&t, n, kind == HCL_TEMPLATE ? NODE_QUOTED : kind == HCL_HEREDOC ? NODE_HEREDOC : 0);
    return n;
}
