#include "policy/cel_lexer.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
    return is_name_start(c) || is_digit(c);
}

static char peek(const struct cel_lexer *l, uint32_t ahead)
{
    return (size_t)l->at + ahead < l->text.n ? l->text.p[l->at + ahead] : '\0';
}

static void skip_blanks(struct cel_lexer *l)
{
    for (;;) {
        char c = peek(l, 0);
        if (l->at < l->text.n && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')) {
            l->at++;
        } else if (c == '/' && peek(l, 1) == '/') {
            while (l->at < l->text.n && l->text.p[l->at] != '\n')
                l->at++;
        } else {
            return;
        }
    }
}

static struct cel_token token(const struct cel_lexer *l, enum cel_token_kind kind, uint32_t start)
{
    return (struct cel_token){
        .kind = kind, .start = start, .end = l->at, .text = str_slice(l->text, start, l->at), .message = NULL};
}

static struct cel_token bad(const struct cel_lexer *l, uint32_t start, const char *message)
{
    struct cel_token t = token(l, CEL_TOKEN_BAD, start);
    t.message = message;
    return t;
}

/* At a quote; `start` is before the prefix. */
static struct cel_token lex_string(struct cel_lexer *l, uint32_t start, bool raw)
{
    char quote = peek(l, 0);
    bool triple = peek(l, 1) == quote && peek(l, 2) == quote;
    l->at += triple ? 3 : 1;
    while (l->at < l->text.n) {
        char c = peek(l, 0);
        if (c == '\\' && !raw && l->at + 1 < l->text.n) {
            l->at += 2;
        } else if (c == quote && !triple) {
            l->at++;
            return token(l, CEL_TOKEN_STRING, start);
        } else if (c == quote && peek(l, 1) == quote && peek(l, 2) == quote) {
            l->at += 3;
            return token(l, CEL_TOKEN_STRING, start);
        } else if (!triple && (c == '\n' || c == '\r')) {
            return bad(l, start,
                       "the string is not closed on its line; text of several lines stands in \"\"\"...\"\"\"");
        } else {
            l->at++;
        }
    }
    return bad(l, start, "the string is not closed");
}

static bool lex_exponent(struct cel_lexer *l)
{
    char c = peek(l, 0);
    if (c != 'e' && c != 'E')
        return false;
    uint32_t sign = peek(l, 1) == '+' || peek(l, 1) == '-' ? 1 : 0;
    if (!is_digit(peek(l, 1 + sign)))
        return false;
    l->at += 1 + sign;
    while (is_digit(peek(l, 0)))
        l->at++;
    return true;
}

static struct cel_token lex_number(struct cel_lexer *l)
{
    uint32_t start = l->at;
    bool fraction = false;
    if (peek(l, 0) == '0' && (peek(l, 1) == 'x' || peek(l, 1) == 'X') && is_hex(peek(l, 2))) {
        l->at += 2;
        while (is_hex(peek(l, 0)))
            l->at++;
    } else {
        while (is_digit(peek(l, 0)))
            l->at++;
        if (peek(l, 0) == '.' && is_digit(peek(l, 1))) {
            fraction = true;
            l->at++;
            while (is_digit(peek(l, 0)))
                l->at++;
        }
        fraction = lex_exponent(l) || fraction;
    }
    struct cel_token t = token(l, fraction ? CEL_TOKEN_DOUBLE : CEL_TOKEN_INT, start);
    if (!fraction && (peek(l, 0) == 'u' || peek(l, 0) == 'U')) {
        l->at++;
        t.kind = CEL_TOKEN_UINT;
        t.end = l->at;
    }
    if (is_name(peek(l, 0)))
        return bad(l, start, "a number runs into a name; a blank or an operator is missing");
    return t;
}

static struct cel_token lex_name(struct cel_lexer *l)
{
    uint32_t start = l->at;
    while (is_name(peek(l, 0)))
        l->at++;
    char c = peek(l, 0);
    if ((c == '"' || c == '\'') && l->at - start <= 2) {
        bool raw = false, bytes = false, other = false;
        for (uint32_t i = start; i < l->at; i++) {
            char p = l->text.p[i];
            if ((p == 'r' || p == 'R') && !raw)
                raw = true;
            else if ((p == 'b' || p == 'B') && !bytes)
                bytes = true;
            else
                other = true;
        }
        if (!other)
            return lex_string(l, start, raw);
    }
    return token(l, CEL_TOKEN_NAME, start);
}

static struct cel_token lex_quoted(struct cel_lexer *l)
{
    uint32_t start = l->at++;
    while (l->at < l->text.n && peek(l, 0) != '`' && peek(l, 0) != '\n')
        l->at++;
    if (peek(l, 0) != '`')
        return bad(l, start, "the name in back quotes is not closed");
    l->at++;
    struct cel_token t = token(l, CEL_TOKEN_QUOTED, start);
    t.text = str_slice(l->text, start + 1, l->at - 1);
    if (t.text.n == 0)
        return bad(l, start, "a name in back quotes is empty");
    for (size_t i = 0; i < t.text.n; i++) {
        char c = t.text.p[i];
        if (!is_name(c) && c != '.' && c != '-' && c != '/' && c != ' ')
            return bad(l, start, "a name in back quotes has letters, digits, '_', '.', '-', '/' and blanks only");
    }
    return t;
}

static struct cel_token lex_punct(struct cel_lexer *l)
{
    static const char *const twos[] = {"&&", "||", "==", "!=", "<=", ">="};
    uint32_t start = l->at;
    str rest = str_slice(l->text, start, l->text.n);
    for (size_t i = 0; i < ARRAY_LEN(twos); i++) {
        if (str_starts(rest, (str){twos[i], 2})) {
            l->at += 2;
            return token(l, CEL_TOKEN_PUNCT, start);
        }
    }
    size_t n;
    utf8_at(l->text, start, &n);
    l->at += (uint32_t)n;
    switch (rest.p[0]) {
    case '(':
    case ')':
    case '[':
    case ']':
    case '{':
    case '}':
    case '.':
    case ',':
    case '?':
    case ':':
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '!':
    case '<':
    case '>':
        return token(l, CEL_TOKEN_PUNCT, start);
    case '=':
        return bad(l, start, "'=' is no operator; did you mean '=='?");
    case '&':
        return bad(l, start, "'&' is no operator; did you mean '&&'?");
    case '|':
        return bad(l, start, "'|' is no operator; did you mean '||'?");
    default:
        return bad(l, start, "a character that CEL does not have");
    }
}

struct cel_token cel_next_token(struct cel_lexer *l)
{
    skip_blanks(l);
    uint32_t start = l->at;
    if (start >= l->text.n)
        return token(l, CEL_TOKEN_END, start);
    char c = peek(l, 0);
    if (is_digit(c) || (c == '.' && is_digit(peek(l, 1))))
        return lex_number(l);
    if (is_name_start(c))
        return lex_name(l);
    if (c == '"' || c == '\'')
        return lex_string(l, start, false);
    if (c == '`')
        return lex_quoted(l);
    return lex_punct(l);
}
