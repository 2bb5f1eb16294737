/* cel_lexer.h - CEL text to tokens. Private to the compiler. */
#ifndef POLICY_CEL_LEXER_H
#define POLICY_CEL_LEXER_H

#include "policy/cel_ast.h"

enum cel_token_kind {
    CEL_TOKEN_END,
    CEL_TOKEN_NAME,   /* identifier, reserved words included; text */
    CEL_TOKEN_QUOTED, /* `name`: only after a dot */
    CEL_TOKEN_INT,    /* text with its sign-less digits */
    CEL_TOKEN_UINT,   /* text without the u */
    CEL_TOKEN_DOUBLE,
    CEL_TOKEN_STRING, /* prefixes and quotes included */
    CEL_TOKEN_PUNCT,  /* one of the operators; text */
    CEL_TOKEN_BAD,    /* message says why */
};

struct cel_token {
    enum cel_token_kind kind;
    uint32_t start, end;
    str text;
    const char *message;
};

struct cel_lexer {
    str text;
    uint32_t at;
};

struct cel_token cel_next_token(struct cel_lexer *l);

/* What a literal token means. False: *ret_message says why not, *ret_at is the offset. */
bool cel_parse_string(struct arena *a, const struct cel_token *t, struct cel_value *ret, const char **ret_message,
                      uint32_t *ret_at);
bool cel_parse_number(const struct cel_token *t, bool negative, struct cel_value *ret, const char **ret_message);

#endif
