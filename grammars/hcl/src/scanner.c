/* scanner.c - heredocs, the part of HCL that a lexer without memory cannot read.
 *
 * The state is the stack of the markers of the open heredocs (one may stand in an interpolation of
 * another) and whether the next character begins a line. It has to fit tree-sitter's serialization
 * buffer: a heredoc for which there is no room is not begun. While the stack is empty a chunk ends
 * at the end of the text only; that is a template read on its own. */
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/parser.h>

enum token { MARKER, CHUNK, END, AT_EOF, RECOVERING };

enum { MARKER_MAX = 255, STACK_MAX = TREE_SITTER_SERIALIZATION_BUFFER_SIZE - 1 };

struct scanner {
    bool line_start;
    unsigned used;                  /* bytes of the stack in use */
    unsigned char stack[STACK_MAX]; /* markers in UTF-8, each followed by its length */
};

void *tree_sitter_hcl_external_scanner_create(void);
void tree_sitter_hcl_external_scanner_destroy(void *payload);
unsigned tree_sitter_hcl_external_scanner_serialize(void *payload, char *buffer);
void tree_sitter_hcl_external_scanner_deserialize(void *payload, const char *buffer, unsigned length);
bool tree_sitter_hcl_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols);

/* NULL when there is no memory: then heredocs are syntax errors. */
void *tree_sitter_hcl_external_scanner_create(void)
{
    return calloc(1, sizeof(struct scanner));
}

void tree_sitter_hcl_external_scanner_destroy(void *payload)
{
    free(payload);
}

/* Outside heredocs the state is empty, which is also what a new parse begins with. */
unsigned tree_sitter_hcl_external_scanner_serialize(void *payload, char *buffer)
{
    const struct scanner *self = payload;
    if (!self || self->used == 0) {
        return 0;
    }
    buffer[0] = (char)self->line_start;
    memcpy(buffer + 1, self->stack, self->used);
    return self->used + 1;
}

void tree_sitter_hcl_external_scanner_deserialize(void *payload, const char *buffer, unsigned length)
{
    struct scanner *self = payload;
    if (!self) {
        return;
    }
    self->line_start = false;
    self->used = 0;
    if (length > 1 && length - 1 <= STACK_MAX) {
        self->line_start = buffer[0] != 0;
        self->used = length - 1;
        memcpy(self->stack, buffer + 1, self->used);
    }
}

static bool is_name_character(int32_t c, bool first)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80) {
        return true;
    }
    return !first && ((c >= '0' && c <= '9') || c == '-');
}

/* Writes c to at, in UTF-8; returns its length. */
static unsigned put_utf8(int32_t c, unsigned char at[4])
{
    if (c < 0x80) {
        at[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        at[0] = (unsigned char)(0xC0 | (c >> 6));
        at[1] = (unsigned char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        at[0] = (unsigned char)(0xE0 | (c >> 12));
        at[1] = (unsigned char)(0x80 | ((c >> 6) & 0x3F));
        at[2] = (unsigned char)(0x80 | (c & 0x3F));
        return 3;
    }
    at[0] = (unsigned char)(0xF0 | ((c >> 18) & 0x07));
    at[1] = (unsigned char)(0x80 | ((c >> 12) & 0x3F));
    at[2] = (unsigned char)(0x80 | ((c >> 6) & 0x3F));
    at[3] = (unsigned char)(0x80 | (c & 0x3F));
    return 4;
}

static void advance(TSLexer *lexer)
{
    lexer->advance(lexer, false);
}

/* `EOT` and its line end, directly after `<<` or `<<-`. */
static bool scan_marker(struct scanner *self, TSLexer *lexer)
{
    unsigned char marker[MARKER_MAX + 4];
    unsigned n = 0;
    while (is_name_character(lexer->lookahead, n == 0)) {
        n += put_utf8(lexer->lookahead, marker + n);
        if (n > MARKER_MAX) {
            return false;
        }
        advance(lexer);
    }
    while (lexer->lookahead == ' ' || lexer->lookahead == '\t' || lexer->lookahead == '\r') {
        advance(lexer);
    }
    if (n == 0 || lexer->lookahead != '\n' || n + 1 > STACK_MAX - self->used) {
        return false;
    }
    advance(lexer);
    memcpy(self->stack + self->used, marker, n);
    self->used += n;
    self->stack[self->used++] = (unsigned char)n;
    self->line_start = true;
    lexer->result_symbol = MARKER;
    return true;
}

/* At the start of a line: reads blanks, the innermost marker, blanks; true when the line ends
 * there. With `mark` the end of the token is marked behind the marker. */
static bool scan_end_line(const struct scanner *self, TSLexer *lexer, bool mark)
{
    const unsigned n = self->stack[self->used - 1];
    const unsigned char *marker = self->stack + self->used - 1 - n;
    unsigned char c[4];
    unsigned at = 0;
    while (lexer->lookahead == ' ' || lexer->lookahead == '\t') {
        advance(lexer);
    }
    while (at < n && lexer->lookahead > 0) {
        const unsigned length = put_utf8(lexer->lookahead, c);
        if (length > n - at || memcmp(marker + at, c, length) != 0) {
            return false;
        }
        at += length;
        advance(lexer);
    }
    if (at < n) {
        return false;
    }
    if (mark) {
        lexer->mark_end(lexer);
    }
    while (lexer->lookahead == ' ' || lexer->lookahead == '\t' || lexer->lookahead == '\r') {
        advance(lexer);
    }
    return lexer->lookahead == '\n' || lexer->eof(lexer);
}

/* At a run of `$` or of `%`: reads it; true when an interpolation or a directive begins with its
 * last character, and then the end is marked before that. *ret_any tells whether something precedes
 * it. */
static bool scan_template_start(TSLexer *lexer, bool *ret_any)
{
    const int32_t sign = lexer->lookahead;
    unsigned n = 0;
    lexer->mark_end(lexer);
    while (lexer->lookahead == sign) {
        n += n < 2;
        advance(lexer);
    }
    if (lexer->lookahead == '{' && n == 1) {
        return true;
    }
    *ret_any = true;
    return false;
}

/* Literal text up to an interpolation, a directive, the line of the end marker, or the end of the
 * text. A chunk may be empty where a line begins: only a token can carry the news that the line has
 * begun. */
static bool scan_chunk(struct scanner *self, TSLexer *lexer, bool any)
{
    lexer->result_symbol = CHUNK;
    for (;;) {
        if (lexer->eof(lexer)) {
            lexer->mark_end(lexer);
            self->line_start = false;
            return any;
        }
        switch (lexer->lookahead) {
        case '$':
        case '%':
            if (scan_template_start(lexer, &any)) {
                any = any || self->line_start;
                self->line_start = false;
                return any;
            }
            break;
        case '\n':
            advance(lexer);
            any = true;
            if (self->used > 0) {
                lexer->mark_end(lexer);
                if (scan_end_line(self, lexer, false)) {
                    self->line_start = true;
                    return true;
                }
            }
            break;
        default:
            advance(lexer);
            any = true;
        }
    }
}

bool tree_sitter_hcl_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols)
{
    struct scanner *self = payload;
    bool any = false;
    if (!self || valid_symbols[RECOVERING]) {
        return false;
    }
    if (valid_symbols[MARKER]) {
        return scan_marker(self, lexer);
    }
    if (self->used > 0 && self->line_start && valid_symbols[END]) {
        const int32_t first = lexer->lookahead;
        if (scan_end_line(self, lexer, true)) {
            self->used -= self->stack[self->used - 1] + 1u;
            self->line_start = false;
            lexer->result_symbol = END;
            return true;
        }
        /* Blanks and the marker's characters are read at once, so the same character means none
         * was, or that a further one of the text stands here. */
        any = lexer->lookahead != first;
    }
    if (valid_symbols[END] && self->used == 0) {
        return false; /* the parser made up a marker */
    }
    if (valid_symbols[CHUNK] && scan_chunk(self, lexer, any)) {
        return true;
    }
    if (valid_symbols[AT_EOF] && self->used > 0 && lexer->eof(lexer)) {
        self->used -= self->stack[self->used - 1] + 1u;
        lexer->result_symbol = AT_EOF;
        return true;
    }
    return false;
}
