#include "syntax/yaml.h"

#include "base/vec.h"
#include "syntax/yaml_internal.h"

/* libyaml cannot go on after an error, so each broken document ends a parser, and a new one starts at the
 * next line that begins with `---`. libyaml counts code points: `index` and `offset` follow it through the
 * text of this parser, from `base`. */
struct yaml {
    struct yaml_builder builder;
    const char *text;
    uint32_t size;
    char *copy; /* of the text, when it had to be changed */
    bool ascii;
    bool damaged; /* something was changed: no document is complete */
    bool broken;  /* this document */
    uint32_t base, offset;
    size_t index;
    uint32_t document_at; /* the last `---` passed, or the start of this parser's text */
    uint32_t last_error;  /* where; UINT32_MAX for none */
    bool in_document;
    struct documents documents;
};

/* ---------------------------------------------------------------- the text that libyaml gets */

static bool is_allowed(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) || c == 0x85 || (c >= 0xA0 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF) || c >= 0x10000;
}

/* Steps over ASCII without control characters but tabs and line breaks: all that most files are. */
static size_t skip_plain_ascii(str text, size_t i)
{
    const uint64_t ones = 0x0101010101010101u, low = ones * 0x7F, high = ones * 0x80;

    for (; text.n - i >= 8; i += 8) {
        uint64_t w, fine;

        memcpy(&w, text.p + i, 8);
        if ((w & high) != 0)
            break;
        /* The high bit of each byte: it is a blank or more, a tab, a line break; and it is not DEL. */
        fine = ((w | high) - ones * 0x20) | ~((w ^ ones * '\n') + low) | ~((w ^ ones * '\r') + low) |
               ~((w ^ ones * '\t') + low);
        if ((fine & ((w ^ low) + low) & high) != high)
            break;
    }
    while (i < text.n && (unsigned char)text.p[i] < 0x80 && is_allowed((unsigned char)text.p[i]))
        i++;
    return i;
}

static void replace(struct yaml *y, str text, size_t at, size_t n, char with)
{
    if (y->copy == NULL) {
        y->copy = alloc_get(text.n);
        memcpy(y->copy, text.p, text.n);
    }
    memset(y->copy + at, with, n);
}

/* Replaces what libyaml would refuse, byte by byte, so that one bad character does not lose the file.
 * document_check_text has spoken of ill-formed UTF-8; control characters are reported here. A byte order
 * mark at the start of a line is left by those who join files, and harmless. */
static void make_readable(struct yaml *y, str text)
{
    size_t i = 0, n;

    while ((i = skip_plain_ascii(text, i)) < text.n) {
        uint32_t c = utf8_at(text, i, &n);
        bool ill_formed = n == 1 && c == 0xFFFD;

        if (c == 0xFEFF && (i == 0 || text.p[i - 1] == '\n')) {
            replace(y, text, i, n, '\n');
        } else if (ill_formed || !is_allowed(c)) {
            if (!ill_formed && !y->damaged)
                reader_diag(&y->builder.diags, DIAG_SYNTAX,
                            (span){y->builder.source->id, (uint32_t)i, (uint32_t)(i + n)},
                            "the control character U+%04X is not allowed in YAML", (unsigned)c);
            replace(y, text, i, n, '?');
            y->damaged = true;
        }
        i += n;
    }
    if (y->copy != NULL)
        y->text = y->copy;
}

/* ---------------------------------------------------------------- positions */

/* The byte offset of a mark. Marks come nearly in order. */
static uint32_t offset_of(struct yaml *y, const yaml_mark_t *mark)
{
    const char *p = y->text + y->offset, *end = y->text + y->size;

    if (y->ascii) {
        size_t offset = y->base + mark->index;

        return offset > y->size ? y->size : (uint32_t)offset;
    }
    while (y->index < mark->index && p < end) {
        uint64_t word;

        if (mark->index - y->index >= 8 && end - p >= 8 && (memcpy(&word, p, 8), word & 0x8080808080808080u) == 0) {
            p += 8;
            y->index += 8;
            continue;
        }
        for (p++; p < end && (*p & 0xC0) == 0x80; p++)
            ;
        y->index++;
    }
    while (y->index > mark->index && p > y->text + y->base) {
        for (p--; p > y->text + y->base && (*p & 0xC0) == 0x80; p--)
            ;
        y->index--;
    }
    y->offset = (uint32_t)(p - y->text);
    return y->offset;
}

static uint32_t next_line(const struct yaml *y, uint32_t at)
{
    const char *newline = memchr(y->text + at, '\n', y->size - at);

    return newline == NULL ? y->size : (uint32_t)(newline - y->text) + 1;
}

static bool is_document_marker(const struct yaml *y, uint32_t at)
{
    return y->size - at >= 3 && memcmp(y->text + at, "---", 3) == 0 &&
           (y->size - at == 3 || strchr(" \t\r\n", y->text[at + 3]) != NULL);
}

/* The first line after the start of this document, and not before the line of `at`, that begins one. */
static uint32_t next_document(const struct yaml *y, uint32_t at)
{
    while (at > 0 && y->text[at - 1] != '\n')
        at--;
    while (at < y->size && (at <= y->document_at || !is_document_marker(y, at)))
        at = next_line(y, at);
    return at;
}

/* ---------------------------------------------------------------- errors */

enum place { AT_PROBLEM, AT_CONTEXT };

/* libyaml's words, and ours. */
static const struct problem {
    const char *libyaml, *text;
    enum place place;
} problems[] = {
    {"mapping values are not allowed in this context",
     "a mapping value is not allowed here: the indentation is wrong, or a text with ': ' in it needs quotes",
     AT_PROBLEM},
    {"did not find expected key", "expected a key; the indentation does not fit the mapping around it", AT_PROBLEM},
    {"did not find expected '-' indicator", "expected '-'; the indentation does not fit the list around it",
     AT_PROBLEM},
    {"could not find expected ':'", "expected ':' after this key", AT_CONTEXT},
    {"did not find expected ',' or ']'", "expected ',' or ']'", AT_PROBLEM},
    {"did not find expected ',' or '}'", "expected ',' or '}'", AT_PROBLEM},
    {"did not find expected node content", "expected a value", AT_PROBLEM},
    {"did not find expected <document start>", "expected the end of the document, or '---'", AT_PROBLEM},
    {"found character that cannot start any token", "a value cannot begin with this character unless it is quoted",
     AT_PROBLEM},
    {"found unexpected end of stream", "the quoted text that starts here is not closed", AT_CONTEXT},
    {"found unexpected document indicator", "the quoted text that starts here is not closed before the document ends",
     AT_CONTEXT},
    {"block sequence entries are not allowed in this context", "a list item is not allowed here", AT_PROBLEM},
    {"mapping keys are not allowed in this context", "a key is not allowed here", AT_PROBLEM},
    {"found unknown escape character",
     "unknown escape in a double-quoted text; a backslash is written \\\\, or the text in single quotes", AT_PROBLEM},
    {"found a tab character that violates indentation", "a tab cannot be used to indent", AT_PROBLEM},
    {"found a tab character where an indentation space is expected", "a tab cannot be used to indent", AT_PROBLEM},
    {"found undefined tag handle", "the tag's handle is not declared by a %TAG line", AT_PROBLEM},
};

static const struct problem *problem_of(const yaml_parser_t *parser)
{
    for (size_t i = 0; i < ARRAY_LEN(problems); i++)
        if (parser->problem != NULL && strcmp(parser->problem, problems[i].libyaml) == 0)
            return &problems[i];
    return NULL;
}

static const char *context_name(const yaml_parser_t *parser)
{
    static const char *const names[][2] = {{"while parsing a block mapping", "mapping"},
                                           {"while parsing a flow mapping", "mapping"},
                                           {"while parsing a block collection", "list"},
                                           {"while parsing a flow sequence", "list"}};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (parser->context != NULL && strcmp(parser->context, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}

static void report(struct yaml *y, uint32_t at, const char *text, const char *context, uint32_t context_at)
{
    struct reader_diags *diags = &y->builder.diags;
    span where = {y->builder.source->id, at, at + (at < y->size)};
    unsigned line = reader_line(diags, context_at);
    const char *hint = yaml_template_hint(&y->builder, at);

    while (where.end < y->size && ((unsigned char)y->text[where.end] & 0xC0) == 0x80)
        where.end++;
    if (context != NULL && line != reader_line(diags, at))
        reader_diag(diags, DIAG_SYNTAX, where, "%s, in the %s that starts at line %u%s", text, context, line, hint);
    else
        reader_diag(diags, DIAG_SYNTAX, where, "%s%s", text, hint);
}

/* Says what is wrong; returns where reading may go on. */
static uint32_t report_error(struct yaml *y, const yaml_parser_t *parser)
{
    const struct problem *problem = problem_of(parser);
    const char *context = context_name(parser);
    uint32_t at = offset_of(y, &parser->problem_mark), place = at, context_at = 0;
    const char *text = problem != NULL ? problem->text : parser->problem != NULL ? parser->problem : "unreadable YAML";

    if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR) /* which it forgets to set for a tag */
        alloc_failed(0);
    if (at == y->last_error)
        return at;
    y->last_error = at;
    if (parser->context != NULL)
        context_at = offset_of(y, &parser->context_mark);
    if (problem != NULL && problem->place == AT_CONTEXT && parser->context != NULL) {
        place = context_at;
    } else if (at == y->size && context != NULL) {
        place = context_at;
        text =
            *context == 'l' ? "the list that starts here is not closed" : "the mapping that starts here is not closed";
    } else if (at < y->size && y->text[at] == '\t') {
        text = "a tab cannot be used to indent";
    }
    report(y, place, text, context, context_at);
    return at;
}

/* ---------------------------------------------------------------- documents */

static void end_document(struct yaml *y)
{
    struct document d = {.source = y->builder.source, .language = LANGUAGE_YAML};

    yaml_builder_finish(&y->builder);
    d.index = (uint32_t)y->documents.n;
    d.root = y->builder.root;
    d.incomplete = y->builder.incomplete || y->damaged || y->broken;
    VEC_PUSH(&y->documents, d);
    y->in_document = y->broken = false;
}

/* After an error: what was read is kept. An error between two documents belongs to the one before it. */
static void break_document(struct yaml *y)
{
    if (!y->in_document && y->documents.n != 0) {
        y->documents.at[y->documents.n - 1].incomplete = true;
        return;
    }
    if (!y->in_document)
        yaml_builder_start(&y->builder);
    y->broken = true;
    end_document(y);
}

/* False at the end of the stream, and when the document is given up. */
static bool take_event(struct yaml *y, const yaml_event_t *e)
{
    uint32_t start, end;

    switch (e->type) {
    case YAML_STREAM_START_EVENT:
        return true;
    case YAML_STREAM_END_EVENT:
    case YAML_NO_EVENT:
        return false;
    case YAML_DOCUMENT_START_EVENT:
        y->document_at = offset_of(y, &e->end_mark); /* past the `---` */
        yaml_builder_start(&y->builder);
        y->in_document = true;
        return true;
    case YAML_DOCUMENT_END_EVENT:
        end_document(y);
        return true;
    default:
        start = offset_of(y, &e->start_mark);
        end = offset_of(y, &e->end_mark);
        yaml_builder_event(&y->builder, e, start, end);
        return !y->builder.stopped;
    }
}

/* Reads from y->base; returns where the next parser must start. */
static uint32_t run_parser(struct yaml *y)
{
    yaml_parser_t parser;
    yaml_event_t event;
    uint32_t next = y->size;
    bool more = true;

    if (!yaml_parser_initialize(&parser))
        alloc_failed(0);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)y->text + y->base, y->size - y->base);
    while (more) {
        if (!yaml_parser_parse(&parser, &event)) {
            next = next_document(y, report_error(y, &parser));
            break_document(y);
            break;
        }
        more = take_event(y, &event);
        yaml_event_delete(&event);
    }
    if (y->builder.stopped && y->in_document) {
        if (!node_pool_full(&y->builder.pool)) /* that limit is of the file */
            next = next_document(y, y->builder.end);
        break_document(y);
    }
    yaml_parser_delete(&parser);
    return next;
}

void yaml_read(const struct source *s, struct arena *arena, struct diag_list *diags, struct documents *ret_documents)
{
    yaml_read_apart(s, arena, arena, diags, ret_documents);
}

void yaml_read_apart(const struct source *s, struct arena *nodes, struct arena *texts, struct diag_list *diags,
                     struct documents *ret_documents)
{
    struct yaml y = {
        .builder = {.source = s, .pool = {.arena = nodes, .texts = texts}, .diags = {diags, s, 0}},
        .text = s->text.n == 0 ? "" : s->text.p,
        .size = (uint32_t)s->text.n,
        .last_error = UINT32_MAX,
    };
    const struct comment *comments = NULL;
    size_t n_comments = 0;

    y.ascii = skip_plain_ascii(s->text, 0) == s->text.n;
    if (!y.ascii)
        make_readable(&y, s->text);
    y.builder.text = y.text;
    y.builder.has_hash = memchr(y.text, '#', y.size) != NULL;
    do {
        y.offset = y.document_at = y.base;
        y.index = 0;
        y.base = run_parser(&y);
    } while (y.base < y.size && !reader_diags_full(&y.builder.diags));
    if (y.base < y.size && y.documents.n != 0)
        y.documents.at[y.documents.n - 1].incomplete = true;
    if (y.builder.has_hash)
        comments = yaml_comments(s, y.builder.opaque.at, y.builder.opaque.n, nodes, &n_comments);
    for (size_t i = 0; i < y.documents.n; i++) {
        y.documents.at[i].comment = comments;
        y.documents.at[i].n_comments = n_comments;
    }
    yaml_builder_release(&y.builder);
    alloc_put(y.copy, y.copy == NULL ? 0 : y.size);
    ret_documents->at = VEC_MOVE(&y.documents, nodes, &ret_documents->n);
    ret_documents->cap = ret_documents->n;
}

str yaml_scalar_text(const struct node *n, const struct source *s)
{
    str text;

    if (n == NULL)
        return STR_NONE;
    switch ((enum node_kind)n->kind) {
    case NODE_STRING:
        return n->u.string;
    case NODE_NUMBER:
        return n->u.number.text;
    case NODE_BOOL:
    case NODE_NULL:
        text = str_slice(s->text, n->at.start, n->at.end);
        return (n->flags & NODE_QUOTED) != 0 ? str_slice(text, 1, text.n - 1) : text;
    case NODE_TAGGED:
        return yaml_scalar_text(n->u.tagged.value, s);
    default:
        return STR_NONE;
    }
}
