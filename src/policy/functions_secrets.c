/* Credentials in texts: user data, environments, definitions. Only what is recognised by its form counts (key ids, key blocks,
 * tokens of known prefixes) or by a name with a literal next to it (password=..., aws_secret_access_key: ...). Names alone,
 * references, placeholders and random-looking text do not. A text that is base64 is searched decoded. */
#include "base/base64.h"
#include "base/vec.h"
#include "policy/environment.h"

enum {
    NESTING = 8,
    MIN_PASSWORD = 6,
    SECRET_KEY_LENGTH = 40,
    KEY_ID_LENGTH = 20,
    MIN_BASE64 = 24,
    BLOCK_NAME = 40, /* "-----BEGIN ENCRYPTED PRIVATE KEY" */
};

struct search {
    struct cel_context *c;
    VEC(struct cel_value) found;
    bool partial;
};

static void report(struct search *s, const char *what)
{
    for (size_t i = 0; i < s->found.n; i++)
        if (str_eq_c(s->found.at[i].u.text, what))
            return;
    VEC_PUSH(&s->found, cel_string(str_of(what)));
}

/* ---- characters ---- */

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_upper(char ch)
{
    return ch >= 'A' && ch <= 'Z';
}

static bool is_letter(char ch)
{
    return is_upper(ch) || (ch >= 'a' && ch <= 'z');
}

static bool is_word(char ch)
{
    return is_letter(ch) || is_digit(ch) || ch == '_' || ch == '-';
}

static bool is_base64(char ch)
{
    return is_letter(ch) || is_digit(ch) || ch == '+' || ch == '/';
}

static bool is_space(char ch)
{
    return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n';
}

static char lower(char ch)
{
    return is_upper(ch) ? (char)(ch + ('a' - 'A')) : ch;
}

/* Does `word` (lower case) stand at text[at], whatever the case there? */
static bool stands_at(str text, size_t at, str word)
{
    if (at > text.n || text.n - at < word.n)
        return false;
    for (size_t i = 0; i < word.n; i++)
        if (lower(text.p[at + i]) != word.p[i])
            return false;
    return true;
}

static bool has_word(str text, const char *word)
{
    str w = str_of(word);
    for (size_t i = 0; i + w.n <= text.n; i++)
        if (stands_at(text, i, w))
            return true;
    return false;
}

/* ---- by form ---- */

static bool is_key_id(str text, size_t at)
{
    str s = str_slice(text, at, at + KEY_ID_LENGTH);
    if (s.n < KEY_ID_LENGTH || !(str_starts(s, STR("AKIA")) || str_starts(s, STR("ASIA"))))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_upper(s.p[i]) && !is_digit(s.p[i]))
            return false;
    bool before = at > 0 && is_word(text.p[at - 1]), after = at + s.n < text.n && is_word(text.p[at + s.n]);
    return !before && !after;
}

static bool is_key_block(str text, size_t at)
{
    return str_starts(str_slice(text, at, text.n), STR("-----BEGIN ")) &&
           str_contains(str_slice(text, at, at + BLOCK_NAME), STR("PRIVATE KEY"));
}

struct token_form {
    str prefix;
    size_t rest; /* word characters that follow at least */
};

static const struct token_form tokens[] = {
    {{"ghp_", 4}, 30},     {{"gho_", 4}, 30},  {{"ghs_", 4}, 30},  {{"ghr_", 4}, 30},      {{"github_pat_", 11}, 40},
    {{"glpat-", 6}, 20},   {{"xoxb-", 5}, 20}, {{"xoxp-", 5}, 20}, {{"xoxa-", 5}, 20},     {{"sk_live_", 8}, 20},
    {{"rk_live_", 8}, 20}, {{"AIza", 4}, 35},  {{"npm_", 4}, 36},  {{"dckr_pat_", 9}, 20}, {{"hvs.", 4}, 20},
};

static bool is_token(str text, size_t at)
{
    if (at > 0 && is_word(text.p[at - 1]))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        if (!str_starts(str_slice(text, at, text.n), tokens[i].prefix))
            continue;
        size_t end = at + tokens[i].prefix.n;
        while (end < text.n && is_word(text.p[end]))
            end++;
        if (end - at - tokens[i].prefix.n >= tokens[i].rest)
            return true;
    }
    return false;
}

/* ---- by name ---- */

/* The literal that is given to the name which ends at `at`: after = or :, in quotes or up to white space. */
static str literal_after(str text, size_t at)
{
    while (at < text.n && (text.p[at] == '"' || text.p[at] == '\'' || text.p[at] == ' '))
        at++;
    if (at >= text.n || (text.p[at] != '=' && text.p[at] != ':'))
        return STR_NONE;
    at++;
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\\'))
        at++;
    char quote = at < text.n && (text.p[at] == '"' || text.p[at] == '\'') ? text.p[at] : '\0';
    size_t from = quote ? at + 1 : at, to = from;
    while (to < text.n && (quote ? text.p[to] != quote && text.p[to] != '\n'
                                 : !is_space(text.p[to]) && text.p[to] != ';' && text.p[to] != ','))
        to++;
    return str_slice(text, from, to);
}

/* Things that stand where a secret will be put, or fetch it. */
static bool is_placeholder(str s)
{
    static const char *const words[] = {
        "example", "placeholder", "changeme", "change-me", "change_me", "replace", "your",    "xxxx", "****",
        "....",    "secret:",     "resolve:", "ssm",       "todo",      "getenv",  "environ", "arn:"};
    if (!s.n || !(is_word(s.p[0]) || s.p[0] == '/' || s.p[0] == '+' || s.p[0] == '!' || s.p[0] == '@' || s.p[0] == '#'))
        return true;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '$' || s.p[i] == '{' || s.p[i] == '<' || s.p[i] == '(' || s.p[i] == '`')
            return true;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (has_word(s, words[i]))
            return true;
    return false;
}

static bool is_secret_key(str s)
{
    if (s.n != SECRET_KEY_LENGTH)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_base64(s.p[i]))
            return false;
    return true;
}

static void search_names(struct search *s, str text, size_t at)
{
    static const struct {
        str name;
        bool key;
    } names[] = {{{"secret_access_key", 17}, true},
                 {{"secretaccesskey", 15}, true},
                 {{"secret_key", 10}, true},
                 {{"secretkey", 9}, true},
                 {{"aws_secret", 10}, true},
                 {{"password", 8}, false},
                 {{"passwd", 6}, false},
                 {{"_pwd", 4}, false}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!stands_at(text, at, names[i].name))
            continue;
        size_t end = at + names[i].name.n;
        str literal = literal_after(text, end);
        if (is_secret_key(literal))
            report(s, names[i].key ? "AWS secret access key" : "password");
        else if (!names[i].key && literal.n >= MIN_PASSWORD && !is_placeholder(literal))
            report(s, "password");
    }
}

static void search_text(struct search *s, str text)
{
    cel_spend(s->c, text.n / 16 + 1);
    for (size_t i = 0; i < text.n; i++) {
        switch (lower(text.p[i])) {
        case 'a':
            if (is_key_id(text, i))
                report(s, "AWS access key");
            break;
        case '-':
            if (is_key_block(text, i))
                report(s, "private key");
            break;
        default:
            break;
        }
        char ch = text.p[i];
        if ((ch == 'g' || ch == 'x' || ch == 's' || ch == 'r' || ch == 'A' || ch == 'n' || ch == 'd' || ch == 'h') &&
            is_token(text, i))
            report(s, "token");
        if (lower(ch) == 's' || lower(ch) == 'a' || lower(ch) == 'p' || ch == '_')
            search_names(s, text, i);
    }
}

/* ---- base64 ---- */

/* The text behind base64 that fills all of s; STR_NONE when it is none, or no text. */
static str decoded(struct arena *a, str s)
{
    str bytes;
    if (s.n < MIN_BASE64 || !base64_decode(a, s, BASE64_SPACES | BASE64_UNPADDED, &bytes, NULL))
        return STR_NONE;
    for (size_t i = 0; i < bytes.n; i++)
        if ((unsigned char)bytes.p[i] < ' ' && !is_space(bytes.p[i]))
            return STR_NONE;
    return bytes;
}

/* ---- values ---- */

static void search_string(struct search *s, str text)
{
    str inner = decoded(s->c->arena, text);
    search_text(s, text);
    if (inner.n)
        search_text(s, inner);
}

/* The last word of an attribute's name, "QueueArn" or "queue_arn", is one of those that say what a thing is or where. */
static bool names_a_place(str attribute)
{
    static const char *const words[] = {"arn",  "id",   "name", "url",    "uri",    "endpoint", "address",
                                        "host", "port", "dns",  "bucket", "region", "zone",     "domain"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (attribute.n < n || !stands_at(attribute, attribute.n - n, str_of(words[i])))
            continue;
        if (attribute.n == n || !is_letter(attribute.p[attribute.n - n - 1]) ||
            (is_upper(attribute.p[attribute.n - n]) && !is_upper(attribute.p[attribute.n - n - 1])))
            return true;
    }
    return false;
}

/* An unknown that cannot be a credential: the ARN of a queue, the account. */
static bool is_no_secret(const struct value *v)
{
    if (!v || v->kind != VALUE_UNKNOWN || v->flags & (VALUE_SENSITIVE | VALUE_IN_STORE))
        return false;
    if (v->flags & VALUE_NO_SECRET)
        return true;
    const struct ref *ref = v->ref;
    if (!ref || ref->next || !ref->target || str_eq_c(sym_str(ref->target->kind), "aws.iam.access_key"))
        return false;
    return ref->attribute.n == 0 || names_a_place(ref->attribute);
}

/* The known parts of a text with holes. */
static void search_parts(struct search *s, const struct value *text)
{
    for (size_t i = 0; i < text->u.list.n; i++) {
        if (value_is(text->u.list.item[i], VALUE_STRING))
            search_string(s, text->u.list.item[i]->u.string);
        else
            s->partial |= !is_no_secret(text->u.list.item[i]);
    }
}

static void search_entry(struct search *s, str key, const struct cel_value *v)
{
    if (v->kind != CEL_STRING)
        return;
    str both = arena_printf(s->c->arena, STR_FMT "=\"" STR_FMT "\"", STR_ARG(key), STR_ARG(v->u.text));
    search_text(s, both);
}

static void search_value(struct search *s, const struct cel_value *v, unsigned depth)
{
    if (v->kind == CEL_STRING) {
        search_string(s, v->u.text);
    } else if (v->kind == CEL_UNKNOWN) {
        if (value_is(v->from, VALUE_TEXT))
            search_parts(s, v->from);
        else
            s->partial |= !is_no_secret(v->from);
    } else if (v->kind == CEL_LIST && depth < NESTING) {
        struct cel_value list = cel_settle(s->c, *v);
        s->partial |= (list.flags & CEL_PARTIAL) != 0;
        for (size_t i = 0; i < cel_list_size(&list) && cel_spend(s->c, 1); i++) {
            struct cel_value one = cel_list_at(s->c, &list, i);
            search_value(s, &one, depth + 1);
        }
    } else if (v->kind == CEL_MAP && depth < NESTING) {
        s->partial |= (v->flags & CEL_PARTIAL) != 0;
        for (size_t i = 0; i < cel_map_size(v) && cel_spend(s->c, 1); i++) {
            struct cel_map_entry e = cel_map_at(s->c, v, i);
            if (e.key.kind == CEL_STRING)
                search_entry(s, e.key.u.text, &e.value);
            search_value(s, &e.value, depth + 1);
        }
    }
}

static struct cel_value find_secrets(struct cel_context *c, const struct cel_value *arg, size_t n)
{
    (void)n;
    struct search s = {.c = c};
    search_value(&s, &arg[0], 0);
    size_t count;
    struct cel_value *items = VEC_MOVE(&s.found, c->arena, &count);
    struct cel_value list = cel_list(c, items, count);
    list.flags |= s.partial ? CEL_PARTIAL : 0;
    return list;
}

static const struct cel_function functions[] = {
    {"findSecrets", CEL_GLOBAL | CEL_SEES_UNKNOWN, 1, 1, find_secrets, "findSecrets(value) -> list(string)",
     "What credentials a text, or the texts of a list or map, holds: AWS keys, private keys, tokens, passwords; base64 "
     "is decoded.",
     "texts with parts that are not known are searched where they are known, and the list is partial",
     "findSecrets('export AWS_ACCESS_KEY_ID=AKIAAAAAAAAAAAAAAAAA') == ['AWS access key']"},
};

const struct cel_function_table functions_secrets = {"secrets", functions, ARRAY_LEN(functions)};
