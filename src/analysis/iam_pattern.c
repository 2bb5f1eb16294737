#include "analysis/iam_pattern.h"

#include "base/alloc.h"
#include "base/glob.h"
#include "graph/resource.h"

/* Patterns with holes are arrays of tokens: a byte, a wildcard, or a hole with the hash of its source. */
enum {
    MAX_TOKENS = 1024,
    HOLE_ROOM = 400 /* a bucket has a name of 63 letters */,
    MAX_NAME_PARTS = 16,
    VARIABLE_ROOM = 512
};

#define TOKEN_KIND  (UINT64_C(3) << 62)
#define TOKEN_BYTE  (UINT64_C(0) << 62)
#define TOKEN_WILD  (UINT64_C(1) << 62)
#define TOKEN_SOLID (UINT64_C(2) << 62)
#define TOKEN_OPEN  (UINT64_C(3) << 62)
#define TOKEN_STAR  (TOKEN_WILD | '*')
#define TOKEN_ANY   (TOKEN_WILD | '?')
#define TOKEN_NEVER (TOKEN_BYTE | 0x100) /* no byte */

struct tokens {
    uint64_t *at;
    size_t n, cap;
    unsigned flags;
    const struct iam_variables *variables; /* NULL: they stay holes */
    bool wild, solid, open, any, literal;  /* literal: a wildcard that is none */
};

enum iam_answer iam_and(enum iam_answer a, enum iam_answer b)
{
    if (a == IAM_NO || b == IAM_NO)
        return IAM_NO;
    return a == IAM_YES && b == IAM_YES ? IAM_YES : IAM_MAYBE;
}

enum iam_answer iam_or(enum iam_answer a, enum iam_answer b)
{
    if (a == IAM_YES || b == IAM_YES)
        return IAM_YES;
    return a == IAM_NO && b == IAM_NO ? IAM_NO : IAM_MAYBE;
}

enum iam_answer iam_not(enum iam_answer a)
{
    return a == IAM_MAYBE ? IAM_MAYBE : a == IAM_YES ? IAM_NO : IAM_YES;
}

/* ---- reading ---- */

static void push(struct tokens *t, uint64_t token)
{
    if (t->n < t->cap)
        t->at[t->n++] = token;
}

static void push_hole(struct tokens *t, bool solid, uint64_t source)
{
    push(t, (solid ? TOKEN_SOLID : TOKEN_OPEN) | (source & ~TOKEN_KIND));
    t->solid = t->solid || solid;
    t->open = t->open || !solid;
}

static void push_literal(struct tokens *t, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        t->literal = t->literal || c == '*' || c == '?';
        if ((t->flags & IAM_FOLD_CASE) && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        push(t, TOKEN_BYTE | (unsigned char)c);
    }
}

static str unquoted(str s)
{
    return s.n > 1 && s.p[0] == '\'' && s.p[s.n - 1] == '\'' ? str_slice(s, 1, s.n - 1) : s;
}

/* ${aws:username}, ${aws:PrincipalTag/team, 'none'}; ${*}, ${?} and ${$} stand for themselves. */
static size_t push_variable(struct tokens *t, str s)
{
    size_t end = str_find_char(s, '}');
    if (end == SIZE_MAX)
        return 0;
    str name = str_slice(s, 2, end);
    if (name.n == 1 && strchr("*?$", name.p[0])) {
        push_literal(t, name);
        return end + 1;
    }
    str text, fallback, key = str_trim(str_cut(name, ',', &fallback));
    enum iam_answer known = t->variables ? t->variables->find(t->variables->context, key, &text) : IAM_MAYBE;
    if (known == IAM_MAYBE)
        push_hole(t, true, str_hash(name));
    else if (known == IAM_YES)
        push_literal(t, text);
    else if (fallback.p)
        push_literal(t, unquoted(str_trim(fallback)));
    else
        push(t, TOKEN_NEVER);
    return end + 1;
}

static void push_text(struct tokens *t, str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '$' && (t->flags & IAM_VARIABLES) && i + 1 < s.n && s.p[i + 1] == '{') {
            size_t used = push_variable(t, str_slice(s, i, s.n));
            if (used) {
                i += used - 1;
                continue;
            }
        }
        if ((c == '*' || c == '?') && !(t->flags & IAM_PLAIN)) {
            t->wild = true;
            t->any = t->any || c == '?';
            if (c == '?' || !t->n || t->at[t->n - 1] != TOKEN_STAR)
                push(t, c == '*' ? TOKEN_STAR : TOKEN_ANY);
            continue;
        }
        if ((t->flags & IAM_FOLD_CASE) && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        push(t, TOKEN_BYTE | (unsigned char)c);
    }
}

static uint64_t source_of(const struct ref *ref)
{
    uint64_t h = str_hash(ref->target ? ref->target->address : ref->address);
    h = (h ^ str_hash(ref->target ? STR_NONE : ref->unit_key)) * 0x9e3779b97f4a7c15u;
    if (ref->target)
        h = (h ^ ref->target->unit) * 0x9e3779b97f4a7c15u;
    return (h ^ str_hash(ref->attribute)) * 0x9e3779b97f4a7c15u;
}

static bool ends_with_bucket_prefix(const struct tokens *t)
{
    static const char prefix[] = ":s3:::";
    size_t n = sizeof(prefix) - 1;
    if (t->n < n || t->n > 24)
        return false;
    for (size_t i = 0; i < n; i++)
        if (t->at[t->n - n + i] != (TOKEN_BYTE | (unsigned char)prefix[i]))
            return false;
    return true;
}

/* "arn:aws:s3:::${bucket.id}" is the bucket's ARN. */
static bool is_name_attribute(str attribute)
{
    static const char *const names[] = {"", "id", "bucket", "Ref"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_c(attribute, names[i]))
            return true;
    return false;
}

static bool is_bucket(const struct ref *ref)
{
    return ref->target && str_eq_c(sym_str(ref->target->kind), "aws.s3.bucket");
}

/* The ARN of a bucket follows from its name, also from one with holes ("studies-${account}"); NULL when it has none. */
static const struct value *bucket_name(const struct ref *ref)
{
    if (!is_bucket(ref))
        return NULL;
    const struct value *name = value_get(ref->target->attributes, STR("name"));
    if (value_is(name, VALUE_STRING))
        return name->u.string.n ? name : NULL;
    if (!value_is(name, VALUE_TEXT) || name->u.list.n > MAX_NAME_PARTS)
        return NULL;
    size_t length = name->u.list.n;
    for (size_t i = 0; i < name->u.list.n; i++) {
        const struct value *part = name->u.list.item[i];
        if (!value_is(part, VALUE_STRING) && (!value_is(part, VALUE_UNKNOWN) || (part->ref && is_bucket(part->ref))))
            return NULL;
        length += value_str(part).n;
    }
    return length < HOLE_ROOM / 2 ? name : NULL;
}

/* "arn:${partition}:...": which partition makes no difference to what is compared. */
static bool is_partition(const struct value *text, size_t i)
{
    return i == 1 && i + 1 < text->u.list.n && str_eq_c(value_str(text->u.list.item[0]), "arn:") &&
           str_starts(value_str(text->u.list.item[2]), STR(":"));
}

static void push_plain_hole(struct tokens *t, const struct value *v)
{
    uint64_t h = str_hash(v->kind == VALUE_UNKNOWN ? v->u.reason : STR("choice"));
    push_hole(t, (v->flags & VALUE_NONEMPTY) != 0, v->ref ? h ^ source_of(v->ref) : h);
}

static void push_name(struct tokens *t, const struct value *name)
{
    for (size_t i = 0; name->kind == VALUE_TEXT && i < name->u.list.n; i++) {
        const struct value *part = name->u.list.item[i];
        if (part->kind == VALUE_STRING)
            push_text(t, part->u.string);
        else if (part->ref && !part->ref->next)
            push_hole(t, true, source_of(part->ref));
        else
            push_plain_hole(t, part);
    }
    push_text(t, value_str(name));
}

/* The ARN of a table follows from its name too; region and account are those of the deployment, whatever they are. */
static bool push_table(struct tokens *t, const struct ref *ref)
{
    if (!ref->target || !str_eq_c(sym_str(ref->target->kind), "aws.dynamodb.table") || !str_eq_c(ref->attribute, "arn"))
        return false;
    str name = value_str(value_get(ref->target->attributes, STR("name")));
    if (!name.n || name.n >= HOLE_ROOM / 2)
        return false;
    push_text(t, STR("arn:aws:dynamodb:"));
    push_hole(t, true, str_hash(STR("AWS::Region")));
    push_text(t, STR(":"));
    push_hole(t, true, str_hash(STR("AWS::AccountId")));
    push_text(t, STR(":table/"));
    push_text(t, name);
    return true;
}

static void push_unknown(struct tokens *t, const struct value *v)
{
    const struct ref *ref = v->ref;
    if (!ref || ref->next) {
        push_plain_hole(t, v);
        return;
    }
    struct ref one = *ref;
    const struct value *bucket = bucket_name(ref);
    if (str_eq_nocase(one.attribute, STR("arn")))
        one.attribute = STR("arn");
    if (bucket && (str_eq_c(one.attribute, "arn") || is_name_attribute(one.attribute))) {
        push_text(t, str_eq_c(one.attribute, "arn") ? STR("arn:aws:s3:::") : STR_NONE);
        push_name(t, bucket);
        return;
    }
    if (push_table(t, &one))
        return;
    if (is_name_attribute(one.attribute) && ends_with_bucket_prefix(t)) {
        one.attribute = STR("arn");
        t->n = 0;
    }
    push_hole(t, true, source_of(&one));
}

static void push_value(struct tokens *t, const struct value *v, struct arena *a)
{
    str text;
    if (v->kind == VALUE_TEXT) {
        for (size_t i = 0; i < v->u.list.n; i++) {
            const struct value *part = v->u.list.item[i];
            if (value_is(part, VALUE_STRING))
                push_text(t, part->u.string);
            else if (is_partition(v, i))
                push_text(t, STR("aws"));
            else if (part)
                push_unknown(t, part);
        }
    } else if (value_to_text(v, a, &text)) {
        push_text(t, text);
    } else {
        push_unknown(t, v);
    }
}

static size_t room_for(const struct value *v)
{
    if (v->kind == VALUE_STRING)
        return v->u.string.n + 1;
    if (v->kind != VALUE_TEXT)
        return HOLE_ROOM;
    size_t n = 1;
    for (size_t i = 0; i < v->u.list.n; i++)
        n += value_is(v->u.list.item[i], VALUE_STRING) ? v->u.list.item[i]->u.string.n : HOLE_ROOM;
    return n;
}

static str text_of_tokens(struct arena *a, const struct tokens *t)
{
    char *p = ARENA_ARRAY(a, char, t->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        uint64_t kind = t->at[i] & TOKEN_KIND;
        if (kind == TOKEN_BYTE || kind == TOKEN_WILD)
            p[n++] = (char)(unsigned char)t->at[i];
    }
    return (str){p, n};
}

struct iam_pattern iam_pattern_of(struct arena *a, const struct value *v, unsigned flags)
{
    return iam_pattern_in(a, v, flags, NULL);
}

struct iam_pattern iam_pattern_in(struct arena *a, const struct value *v, unsigned flags,
                                  const struct iam_variables *variables)
{
    struct iam_pattern p = {.value = v};
    struct tokens t = {.flags = flags, .variables = variables};
    bool plain =
        value_is(v, VALUE_STRING) && !str_contains(v->u.string, STR("${")) && !str_contains(v->u.string, STR("?"));
    if (plain && !(flags & (IAM_FOLD_CASE | IAM_PLAIN)) && !str_contains(v->u.string, STR("**"))) {
        p.text = v->u.string;
        p.wild = str_find_char(p.text, '*') != SIZE_MAX;
        return p;
    }
    t.cap = (v ? room_for(v) : 1) + (variables ? VARIABLE_ROOM : 0);
    size_t bytes = (t.cap + 1) * sizeof(*t.at);
    t.at = alloc_get_unset(bytes);
    if (v)
        push_value(&t, v, a);
    else
        push_hole(&t, false, 0);
    p.text = text_of_tokens(a, &t);
    p.wild = t.wild;
    p.holes = t.solid || t.open;
    p.open = t.open;
    if (str_eq_c(p.text, "*:*") && (flags & IAM_FOLD_CASE) && !p.holes) {
        p.text = STR("*");
        t.n = 1;
    }
    bool literal_wildcard = (flags & IAM_PLAIN) && str_find_char(p.text, '*') != SIZE_MAX;
    if (p.holes || t.any || literal_wildcard || t.literal || variables) {
        p.token = arena_copy(a, t.at, t.n * sizeof(*t.at));
        p.n_tokens = (uint32_t)t.n;
    }
    alloc_put(t.at, bytes);
    return p;
}

struct iam_pattern iam_pattern_text(struct arena *a, str text, unsigned flags)
{
    const struct value *v = value_string(a, text, NULL);
    struct iam_pattern p = iam_pattern_of(a, v, flags);
    p.value = NULL;
    return p;
}

/* ---- matching ---- */

enum match { COVERS_SURELY, COVERS_MAYBE, OVERLAPS_SURELY, OVERLAPS_MAYBE };

static bool is_hole(uint64_t t)
{
    return (t & TOKEN_KIND) >= TOKEN_SOLID;
}

static bool is_open(uint64_t t)
{
    return (t & TOKEN_KIND) == TOKEN_OPEN;
}

/* May the token of one side stand for any run of tokens of the other? */
static bool swallows(uint64_t token, uint64_t other, enum match how, bool left)
{
    bool maybe = how == COVERS_MAYBE || how == OVERLAPS_MAYBE;
    if (token == TOKEN_STAR)
        return left || how >= OVERLAPS_SURELY;
    if (!maybe || !is_hole(token))
        return false;
    if (how == OVERLAPS_MAYBE || !left || is_open(token))
        return true;
    return other != TOKEN_STAR && other != TOKEN_ANY;
}

static bool fits(uint64_t x, uint64_t y, enum match how)
{
    if (x == y)
        return true;
    bool single = (y & TOKEN_KIND) == TOKEN_BYTE;
    if (x == TOKEN_ANY && single)
        return true;
    return how >= OVERLAPS_SURELY && y == TOKEN_ANY && (x & TOKEN_KIND) == TOKEN_BYTE;
}

/* All pairs (i, j) such that the first i tokens of a and the first j of b go together, row by row. */
static bool walk(const uint64_t *a, size_t n, const uint64_t *b, size_t m, enum match how)
{
    bool row[MAX_TOKENS + 1] = {false}, below[MAX_TOKENS + 1];
    row[0] = true;
    for (size_t i = 0; i <= n; i++) {
        memset(below, 0, m + 1);
        for (size_t j = 0; j <= m; j++) {
            if (!row[j])
                continue;
            bool left = i < n, right = j < m;
            uint64_t x = left ? a[i] : 0, y = right ? b[j] : 0;
            if (right && left && swallows(x, y, how, true))
                row[j + 1] = true;
            if (right && swallows(y, x, how, false))
                row[j + 1] = true;
            if (left && (swallows(x, 0, how, true) || (right && swallows(y, x, how, false))))
                below[j] = true;
            if (left && right && fits(x, y, how))
                below[j + 1] = true;
        }
        if (i < n)
            memcpy(row, below, m + 1);
    }
    return row[m];
}

/* Tokens of a pattern that has none of its own. */
static const uint64_t *tokens_of(const struct iam_pattern *p, uint64_t *room, size_t *ret_n)
{
    if (p->token) {
        *ret_n = p->n_tokens;
        return p->token;
    }
    for (size_t i = 0; i < p->text.n; i++) {
        char c = p->text.p[i];
        room[i] = c == '*' ? TOKEN_STAR : TOKEN_BYTE | (unsigned char)c;
    }
    *ret_n = p->text.n;
    return room;
}

static size_t length(const struct iam_pattern *p)
{
    return p->token ? p->n_tokens : p->text.n;
}

/* Neither wildcards nor open holes, the same holes in the same order, and not as many bytes around them. */
static bool lengths_differ(const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
    size_t i = 0, j = 0;
    for (;;) {
        while (i < n && (a[i] & TOKEN_KIND) == TOKEN_BYTE)
            i++;
        while (j < m && (b[j] & TOKEN_KIND) == TOKEN_BYTE)
            j++;
        if (i == n || j == m)
            return i == n && j == m && n != m;
        if (a[i] != b[j] || (a[i] & TOKEN_KIND) != TOKEN_SOLID)
            return false;
        i++;
        j++;
    }
}

static enum iam_answer match(const struct iam_pattern *a, const struct iam_pattern *b, enum match surely,
                             enum match maybe)
{
    uint64_t room_a[MAX_TOKENS], room_b[MAX_TOKENS];
    size_t n, m;
    if (length(a) > MAX_TOKENS || length(b) > MAX_TOKENS)
        return IAM_MAYBE;
    const uint64_t *x = tokens_of(a, room_a, &n), *y = tokens_of(b, room_b, &m);
    if (walk(x, n, y, m, surely))
        return IAM_YES;
    if ((!a->holes && !b->holes) || lengths_differ(x, n, y, m))
        return IAM_NO;
    return walk(x, n, y, m, maybe) ? IAM_MAYBE : IAM_NO;
}

enum iam_answer iam_covers(const struct iam_pattern *a, const struct iam_pattern *b)
{
    if (!a->token && !b->token) {
        if (a->wild)
            return wildcard_match(a->text, b->text) ? IAM_YES : IAM_NO;
        return !b->wild && str_eq(a->text, b->text) ? IAM_YES : IAM_NO;
    }
    return match(a, b, COVERS_SURELY, COVERS_MAYBE);
}

enum iam_answer iam_overlaps(const struct iam_pattern *a, const struct iam_pattern *b)
{
    if (!a->token && !b->token) {
        if (a->wild && b->wild)
            return wildcard_overlap(a->text, b->text) ? IAM_YES : IAM_NO;
        if (a->wild || b->wild)
            return wildcard_match(a->wild ? a->text : b->text, a->wild ? b->text : a->text) ? IAM_YES : IAM_NO;
        return str_eq(a->text, b->text) ? IAM_YES : IAM_NO;
    }
    return match(a, b, OVERLAPS_SURELY, OVERLAPS_MAYBE);
}

enum iam_answer iam_is_everything(const struct iam_pattern *p)
{
    if (!p->token)
        return str_eq_c(p->text, "*") ? IAM_YES : IAM_NO;
    bool open = false;
    for (size_t i = 0; i < p->n_tokens; i++) {
        if (p->token[i] != TOKEN_STAR && !is_open(p->token[i]))
            return IAM_NO;
        open = open || is_open(p->token[i]);
    }
    if (!p->n_tokens)
        return IAM_NO;
    return open ? IAM_MAYBE : IAM_YES;
}
