#include "policy/rule_text.h"

#include "base/vec.h"
#include "policy/environment.h"

enum { MAX_VALUE_BYTES = 120 };

struct pieces {
    struct rule_piece *at;
    size_t n, cap;
};

/* The end of the expression that starts at `from`: its closing brace; SIZE_MAX when there is none. */
static size_t expression_end(str s, size_t from)
{
    int depth = 0;
    char quote = 0;
    for (size_t i = from; i < s.n; i++) {
        char c = s.p[i];
        if (quote) {
            if (c == quote)
                quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '{') {
            depth++;
        } else if (c == '}' && depth-- == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void push_literal(struct pieces *pieces, struct buf *literal, struct arena *a)
{
    if (!literal->n)
        return;
    VEC_PUSH(pieces, ((struct rule_piece){.literal = buf_copy(literal, a)}));
    buf_clear(literal);
}

bool rule_text_compile(const struct node *n, struct arena *a, struct diag_list *diags, struct rule_text *ret)
{
    str s = node_string(n);
    bool ok = true, exact = (n->flags & NODE_RAW) != 0;
    uint32_t base = n->at.start + (n->flags & NODE_QUOTED ? 1 : 0);
    struct pieces pieces = {0};
    struct buf literal;
    buf_init(&literal, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < s.n && ok; i++) {
        bool doubled = i + 1 < s.n && s.p[i + 1] == s.p[i];
        if (s.p[i] == '{' && !doubled) {
            size_t end = expression_end(s, i + 1);
            if (end == SIZE_MAX) {
                span at = exact ? (span){.file = n->at.file, .start = base + (uint32_t)i, .end = base + (uint32_t)i + 1}
                                : n->at;
                diag_add(diags, DIAG_RULE, at,
                         "this brace of the message is not closed; expected {expression}, or {{ for a brace");
                ok = false;
                break;
            }
            push_literal(&pieces, &literal, a);
            struct rule_piece p = {0};
            p.program = cel_compile(str_slice(s, i + 1, end), n->at.file, base + (uint32_t)i + 1, exact, n->at,
                                    environment_get(), a, diags);
            ok = p.program != NULL;
            VEC_PUSH(&pieces, p);
            i = end;
        } else {
            buf_add_char(&literal, s.p[i]);
            i += (s.p[i] == '{' || s.p[i] == '}') && doubled;
        }
    }
    push_literal(&pieces, &literal, a);
    buf_release(&literal);
    ret->source = s;
    ret->piece = VEC_MOVE(&pieces, a, &ret->n);
    return ok;
}

static void write_value(const struct cel_value *v, struct cel_context *c, struct buf *out)
{
    if (v->kind == CEL_STRING)
        buf_add(out, str_slice(v->u.text, 0, MAX_VALUE_BYTES));
    else if (v->kind == CEL_NULL)
        buf_add_c(out, "nothing");
    else if (v->kind == CEL_ERROR || v->kind == CEL_UNKNOWN)
        buf_add_c(out, "(unknown)");
    else
        cel_value_brief(c, v, out, MAX_VALUE_BYTES);
}

str rule_text_write(const struct rule_text *t, const struct cel_value *binding, struct cel_context *c, struct arena *a)
{
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < t->n; i++) {
        if (!t->piece[i].program) {
            buf_add(&out, t->piece[i].literal);
            continue;
        }
        struct cel_value v;
        cel_eval(t->piece[i].program, binding, c, &v);
        write_value(&v, c, &out);
    }
    str s = buf_copy(&out, a);
    buf_release(&out);
    return s;
}
