#include "graph/model_internal.h"

/* Folding. */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char at(str s, size_t i)
{
    return i < s.n ? s.p[i] : '\0';
}

/* Does a word begin at the capital s[i]? Runs of capitals are one word (KMSKeyId), of which a plural
 * "s" (ClusterIPs) and the "v4" of IPv4 are a part. */
static bool begins_word(str s, size_t i)
{
    if (i == 0 || !is_upper(s.p[i]))
        return false;
    char before = s.p[i - 1];
    if (is_lower(before) || is_digit(before))
        return true;
    if (!is_upper(before) || !is_lower(at(s, i + 1)))
        return false;
    if (at(s, i + 1) == 's' && !is_lower(at(s, i + 2)))
        return false;
    return !(at(s, i + 1) == 'v' && is_digit(at(s, i + 2)));
}

str model_fold(struct arena *a, str name)
{
    bool plain = true;
    for (size_t i = 0; i < name.n && plain; i++)
        plain = !is_upper(name.p[i]) && name.p[i] != '-';
    if (plain)
        return name;
    char *out = arena_alloc(a, 2 * name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (begins_word(name, i) && n > 0 && out[n - 1] != '_')
            out[n++] = '_';
        out[n++] = is_upper(c) ? (char)(c - 'A' + 'a') : c == '-' ? '_' : c;
    }
    return (str){out, n};
}

/* The mini-language. */

struct reader {
    struct arena *arena;
    const struct node *defines; /* NODE_MAP from names to texts; NULL: none */
    const struct node *node;    /* whose text it is; NULL: of no node */
    str text;
    size_t pos;
    size_t *count; /* of properties, those of definitions each time they are used */
    const char *message;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name(char c)
{
    return is_upper(c) || is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '$';
}

static void skip_blanks(struct reader *r)
{
    while (is_blank(at(r->text, r->pos)))
        r->pos++;
}

static bool skip_dots(struct reader *r)
{
    str rest = str_slice(r->text, r->pos, r->text.n);
    size_t n = str_starts(rest, STR("...")) || str_starts(rest, STR("\xe2\x80\xa6")) ? 3 : 0;
    r->pos += n;
    return n > 0;
}

static bool read_shape(struct reader *r, uint8_t *ret)
{
    static const struct {
        const char *name;
        enum shape shape;
    } shapes[] = {{"bool", SHAPE_BOOL}, {"number", SHAPE_NUMBER}, {"list", SHAPE_LIST}, {"map", SHAPE_MAP},
                  {"json", SHAPE_JSON}, {"any", SHAPE_ANY},       {"text", SHAPE_TEXT}};
    size_t start = r->pos;
    while (is_lower(at(r->text, r->pos)))
        r->pos++;
    str word = str_slice(r->text, start, r->pos);
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        if (str_eq_c(word, shapes[i].name)) {
            *ret = (uint8_t)shapes[i].shape;
            return true;
        }
    }
    r->pos = start;
    r->message = "expected bool, number, list, map, json, any or text after \":\"";
    return false;
}

static struct properties *read_properties(struct reader *r, char close, unsigned depth);

static bool read_property(struct reader *r, struct property *p, unsigned depth)
{
    size_t start = r->pos;
    while (is_name(at(r->text, r->pos)))
        r->pos++;
    p->name = str_slice(r->text, start, r->pos);
    p->folded = model_fold(r->arena, p->name);
    char c = at(r->text, r->pos);
    if (p->name.n == 0) {
        r->message = "expected the name of a property";
        return false;
    }
    if (c == ':') {
        r->pos++;
        return read_shape(r, &p->shape);
    }
    if (c != '{' && c != '[')
        return true;
    r->pos++;
    p->shape = c == '{' ? SHAPE_OBJECT : SHAPE_OBJECTS;
    p->inside = read_properties(r, c == '{' ? '}' : ']', depth + 1);
    return p->inside != NULL;
}

/* `@name`: the properties of a definition stand here. */
static struct properties *read_definition(struct reader *r, unsigned depth)
{
    size_t start = ++r->pos;
    while (is_name(at(r->text, r->pos)))
        r->pos++;
    str name = str_slice(r->text, start, r->pos);
    const struct node_entry *e = r->defines ? node_find_entry(r->defines, name) : NULL;
    if (!e || e->value->kind != NODE_STRING) {
        r->pos = start;
        r->message = "expected the name of a text under \"define:\" after \"@\"";
        return NULL;
    }
    struct reader inner = *r;
    inner.node = e->value;
    inner.text = e->value->u.string;
    inner.pos = 0;
    struct properties *p = read_properties(&inner, '\0', depth + 1);
    if (!p)
        *r = inner;
    return p;
}

/* A slot holds twice the index of a property, plus one for its name as spelt and two for its folded name; 0: free. */
enum { LINEAR = 8 };

static str slot_name(const struct properties *p, uint16_t slot)
{
    const struct property *one = &p->at[(slot - 1) / 2];
    return slot % 2 ? one->name : one->folded;
}

/* The slot that has the name, or the free one where it belongs. */
static size_t slot_of(const struct properties *p, str name)
{
    size_t mask = p->n_slots - 1, i = (size_t)str_hash(name) & mask;
    while (p->slot[i] && !str_eq(slot_name(p, p->slot[i]), name))
        i = (i + 1) & mask;
    return i;
}

static void add_name(struct properties *p, size_t index, bool folded)
{
    size_t i = slot_of(p, folded ? p->at[index].folded : p->at[index].name);
    if (!p->slot[i])
        p->slot[i] = (uint16_t)(2 * index + 1 + folded);
}

/* Of two properties that may be meant, the one that is spelt so comes first. */
static void index_names(struct arena *a, struct properties *p)
{
    _Static_assert(2 * LIMIT_MODEL_PROPERTIES + 2 < UINT16_MAX, "a slot holds twice the index of a property");
    p->n_slots = p->n > LINEAR ? 4 * LINEAR : 0;
    while (p->n_slots && p->n_slots < 3 * p->n)
        p->n_slots *= 2;
    p->slot = ARENA_ARRAY(a, uint16_t, p->n_slots);
    for (size_t i = 0; i < p->n && p->n_slots; i++)
        add_name(p, i, false);
    for (size_t i = 0; i < p->n && p->n_slots; i++)
        add_name(p, i, true);
}

const struct property *properties_find(const struct properties *p, str name)
{
    if (p->n_slots) {
        uint16_t slot = p->slot[slot_of(p, name)];
        return slot ? &p->at[(slot - 1) / 2] : NULL;
    }
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->at[i].name, name))
            return &p->at[i];
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->at[i].folded, name))
            return &p->at[i];
    return NULL;
}

static bool repeats(struct reader *r, const struct properties *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (properties_find(p, p->at[i].name) != &p->at[i]) {
            if (p->at[i].name.p >= r->text.p && p->at[i].name.p < r->text.p + r->text.n) /* else of a definition */
                r->pos = (size_t)(p->at[i].name.p - r->text.p);
            r->message = "a property that stands twice";
            return true;
        }
    }
    return false;
}

/* Reads up to `close` (0: the end of the text). NULL with a message. */
static struct properties *read_properties(struct reader *r, char close, unsigned depth)
{
    struct properties *p = ARENA_NEW(r->arena, struct properties);
    VEC(struct property) list = {0};
    bool good = depth < 40;
    if (!good)
        r->message = "nested too deeply, or a definition that contains itself";
    while (good) {
        skip_blanks(r);
        char c = at(r->text, r->pos);
        if (r->pos >= r->text.n || c == '}' || c == ']') {
            good = r->pos >= r->text.n ? close == '\0' : c == close;
            r->message = good            ? NULL
                         : close == '\0' ? "a closing bracket too many"
                         : close == '}'  ? "expected }"
                                         : "expected ]";
            r->pos += good && close != '\0';
            break;
        }
        if (skip_dots(r)) {
            p->open = true;
            continue;
        }
        if (c == '@') {
            struct properties *inside = read_definition(r, depth);
            good = inside != NULL;
            for (size_t i = 0; good && i < inside->n; i++)
                VEC_PUSH(&list, inside->at[i]);
            p->open |= good && inside->open;
            continue;
        }
        struct property one = {0};
        good = read_property(r, &one, depth);
        if (good)
            VEC_PUSH(&list, one);
        if (good && ++*r->count > LIMIT_MODEL_PROPERTIES) {
            r->message = "too many properties";
            good = false;
        }
    }
    p->at = arena_copy(r->arena, list.at, list.n * sizeof(struct property));
    p->n = list.n;
    VEC_RELEASE(&list);
    index_names(r->arena, p);
    return good && !repeats(r, p) ? p : NULL;
}

struct properties *properties_parse(struct arena *a, const struct node *text, const struct node *defines,
                                    struct properties_error *ret)
{
    size_t count = 0;
    struct reader r = {.arena = a, .defines = defines, .node = text, .text = node_string(text), .count = &count};
    struct properties *p = read_properties(&r, '\0', 0);
    *ret = (struct properties_error){r.node, r.text, r.pos, r.message};
    return p;
}

struct properties *properties_open(struct arena *a)
{
    struct properties *p = ARENA_NEW(a, struct properties);
    p->open = true;
    return p;
}

struct properties *properties_copy(struct arena *a, const struct properties *p)
{
    struct properties *copy = arena_copy(a, p, sizeof(*p));
    copy->at = arena_copy(a, p->at, p->n * sizeof(struct property));
    copy->taken_inside = false;
    for (size_t i = 0; i < p->n; i++) {
        copy->at[i].taken = false;
        if (p->at[i].inside)
            copy->at[i].inside = properties_copy(a, p->at[i].inside);
    }
    return copy;
}

str rename_find(const struct rename *rename, size_t n, str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(rename[i].from, name))
            return rename[i].to;
    return name;
}

void properties_rename(struct arena *a, struct properties *p, const struct rename *rename, size_t n)
{
    for (size_t i = 0; i < p->n; i++) {
        p->at[i].folded = rename_find(rename, n, p->at[i].folded);
        if (p->at[i].inside)
            properties_rename(a, p->at[i].inside, rename, n);
    }
    index_names(a, p);
}

struct path path_split(struct arena *a, str text)
{
    struct path p = {.text = text};
    size_t most = 1;
    for (size_t i = 0; i < text.n; i++)
        most += text.p[i] == '.';
    p.step = ARENA_ARRAY(a, str, most);
    for (str rest = text; rest.p;)
        p.step[p.n++] = str_cut(rest, '.', &rest);
    return p;
}

/* What others see of it. */

const struct model_shape *model_type_shape(const struct model_type *t)
{
    return t ? (const struct model_shape *)t->body.map.properties : NULL;
}

bool model_shape_has(const struct model_shape *s, str name, struct model_place *ret)
{
    const struct property *p = properties_find((const struct properties *)s, name);
    *ret = (struct model_place){p ? (const struct model_shape *)p->inside : NULL, p && p->shape == SHAPE_OBJECT};
    return p != NULL;
}

bool model_shape_is_open(const struct model_shape *s)
{
    return ((const struct properties *)s)->open;
}
