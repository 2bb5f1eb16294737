#include "base/vec.h"
#include "graph/graph_internal.h"

/* Finding resources by text. An index is made when it is first asked for; each text leads to its first
 * holder in a unit, and to its first holder anywhere, with the number of holders. */

struct holder {
    struct resource *first;
    uint32_t n;
};

struct text_index {
    struct map local;  /* unit, NUL, text */
    struct map global; /* text */
};

/* All holders. */
struct holders {
    struct resource **at;
    size_t n, cap;
};

struct list_index {
    struct map certain; /* unit, NUL, text -> struct holders * */
    struct map open;    /* unit -> struct holders *: the attribute may be any text, or one of some */
};

enum { KEY_SPACE = 512 };
#define ABSENT "\x01" /* in `certain`: the attribute is not there */

void text_indexes_release(struct graph *g)
{
    for (size_t i = 0; i < g->text_indexes.n; i++) {
        struct text_index *index = g->text_indexes.at[i].value;
        map_release(&index->local);
        map_release(&index->global);
    }
}

static void release_holders(struct map *map)
{
    for (size_t i = 0; i < map->n; i++) {
        struct holders *list = map->at[i].value;
        VEC_RELEASE(list);
    }
    map_release(map);
}

void list_indexes_release(struct graph *g)
{
    for (size_t i = 0; i < g->list_indexes.n; i++) {
        struct list_index *index = g->list_indexes.at[i].value;
        release_holders(&index->certain);
        release_holders(&index->open);
    }
}

/* What is looked up and not created is not counted beside what is. */
static void add_holder(struct graph *g, struct map *map, str key, struct resource *r)
{
    struct holder *h = map_find(map, key);
    if (!h) {
        h = ARENA_NEW(g->arena, struct holder);
        map_set(map, key, h);
    }
    if (h->first == r || (h->first && r->is_data && !h->first->is_data))
        return;
    if (h->first && h->first->is_data && !r->is_data)
        h->n = 0;
    if (h->n == 0)
        h->first = r;
    h->n++;
}

static void add_text(struct graph *g, struct text_index *index, struct resource *r, const struct value *v)
{
    if (value_is(v, VALUE_CHOICE)) {
        for (size_t i = 0; i < v->u.choice.by->n_options; i++) {
            if (value_is(v->u.choice.option[i], VALUE_STRING))
                add_text(g, index, r, v->u.choice.option[i]);
        }
    }
    str s = value_str(v);
    if (s.n == 0)
        return;
    add_holder(g, &index->global, s, r);
    add_holder(g, &index->local, arena_printf(g->arena, "%u%c" STR_FMT, (unsigned)r->unit, 0, STR_ARG(s)), r);
}

static struct text_index *build_index(struct graph *g, sym kind, str key)
{
    struct text_index *index = ARENA_NEW(g->arena, struct text_index);
    map_init(&index->local);
    map_init(&index->global);
    size_t n;
    struct resource *const *of = graph_of_kind(g, kind, &n);
    for (size_t i = 0; i < n; i++)
        add_text(g, index, of[i], value_path(of[i]->attributes, key));
    return index;
}

static str make_key(char *space, size_t size, struct arena **ret_arena, const char *head, str tail)
{
    size_t head_n = strlen(head);
    char *p = space;
    if (head_n + 1 + tail.n > size) {
        *ret_arena = arena_new();
        p = arena_alloc(*ret_arena, head_n + 1 + tail.n);
    }
    memcpy(p, head, head_n + 1);
    if (tail.n)
        memcpy(p + head_n + 1, tail.p, tail.n);
    return (str){p, head_n + 1 + tail.n};
}

static struct text_index *index_for(struct graph *g, sym kind, str key)
{
    char space[KEY_SPACE], head[16];
    struct arena *scratch = NULL;
    snprintf(head, sizeof(head), "%u", (unsigned)kind);
    str name = make_key(space, sizeof(space), &scratch, head, key);
    pthread_mutex_lock(&g->lock);
    struct text_index *index = map_find(&g->text_indexes, name);
    if (!index) {
        index = build_index(g, kind, key);
        map_set(&g->text_indexes, arena_str(g->arena, name), index);
    }
    pthread_mutex_unlock(&g->lock);
    arena_free(scratch);
    return index;
}

struct resource *graph_find_by(const struct graph *g, size_t unit, sym kind, str key, str text, bool *ret_ambiguous)
{
    char space[KEY_SPACE], head[16];
    struct arena *scratch = NULL;
    *ret_ambiguous = false;
    if (!kind || key.n == 0 || text.n == 0)
        return NULL;
    const struct text_index *index = index_for((struct graph *)g, kind, key);
    snprintf(head, sizeof(head), "%u", (unsigned)unit);
    const struct holder *h = map_find(&index->local, make_key(space, sizeof(space), &scratch, head, text));
    arena_free(scratch);
    if (!h)
        h = map_find(&index->global, text);
    if (!h)
        return NULL;
    *ret_ambiguous = h->n > 1;
    return h->n == 1 ? h->first : NULL;
}

/* Lists of candidates. */

static void add_to(struct graph *g, struct map *map, str key, struct resource *r)
{
    struct holders *list = map_find(map, key);
    if (!list) {
        list = ARENA_NEW(g->arena, struct holders);
        map_set(map, arena_str(g->arena, key), list);
    }
    VEC_PUSH(list, r);
}

static str unit_key(char *space, size_t size, struct arena **ret_arena, size_t unit, str text)
{
    char head[16];
    snprintf(head, sizeof(head), "%u", (unsigned)unit);
    return make_key(space, size, ret_arena, head, text);
}

static struct list_index *build_lists(struct graph *g, sym kind, str key)
{
    struct list_index *index = ARENA_NEW(g->arena, struct list_index);
    map_init(&index->certain);
    map_init(&index->open);
    size_t n;
    struct resource *const *of = graph_of_kind(g, kind, &n);
    for (size_t i = 0; i < n; i++) {
        char space[KEY_SPACE];
        struct arena *scratch = NULL;
        const struct value *v = value_path(of[i]->attributes, key);
        bool absent = !v || v->kind == VALUE_NULL, certain = absent || v->kind == VALUE_STRING;
        str text = absent ? STR(ABSENT) : certain ? v->u.string : STR_NONE;
        add_to(g, certain ? &index->certain : &index->open, unit_key(space, sizeof(space), &scratch, of[i]->unit, text),
               of[i]);
        arena_free(scratch);
    }
    return index;
}

struct graph_matches graph_find_all(const struct graph *graph, size_t unit, sym kind, str key, str text)
{
    struct graph *g = (struct graph *)graph;
    char space[KEY_SPACE], head[16];
    struct arena *scratch = NULL;
    snprintf(head, sizeof(head), "%u", (unsigned)kind);
    str name = make_key(space, sizeof(space), &scratch, head, key);
    pthread_mutex_lock(&g->lock);
    struct list_index *index = map_find(&g->list_indexes, name);
    if (!index) {
        index = build_lists(g, kind, key);
        map_set(&g->list_indexes, arena_str(g->arena, name), index);
    }
    pthread_mutex_unlock(&g->lock);
    const struct holders *certain =
        map_find(&index->certain, unit_key(space, sizeof(space), &scratch, unit, text.p ? text : STR(ABSENT)));
    const struct holders *open = map_find(&index->open, unit_key(space, sizeof(space), &scratch, unit, STR_NONE));
    arena_free(scratch);
    return (struct graph_matches){
        .certain = certain ? certain->at : NULL,
        .n_certain = certain ? certain->n : 0,
        .open = open ? open->at : NULL,
        .n_open = open ? open->n : 0,
    };
}

/* Identities. */

/* Where a run of a pattern that is followed by `next` ends in s: names hold "-", segments hold no ":". */
static size_t run_end(str s, char next)
{
    if (next == '\0')
        return s.n;
    str segment = str_slice(s, 0, str_find_char(s, ':'));
    size_t end = next == ':' || next == '/' ? str_find_char(s, next) : str_rfind_char(segment, next);
    return end;
}

/* `*` stands for a run without ":", {name} for the value of that attribute. */
static bool match_arn(str pattern, str text, str *ret_attribute, str *ret_value)
{
    size_t t = 0;
    for (size_t p = 0; p < pattern.n;) {
        char c = pattern.p[p];
        str rest = str_slice(text, t, text.n);
        if (c == '*' || c == '{') {
            size_t close = c == '{' ? str_find_char(str_slice(pattern, p, pattern.n), '}') : 0;
            if (close == SIZE_MAX)
                return false;
            size_t after = p + close + 1;
            char next = after < pattern.n ? pattern.p[after] : '\0';
            size_t end = c == '*' && next == '/' ? str_rfind_char(str_slice(rest, 0, str_find_char(rest, ':')), '/')
                                                 : run_end(rest, next);
            if (end == SIZE_MAX)
                return false;
            if (c == '{') {
                *ret_attribute = str_slice(pattern, p + 1, p + close);
                *ret_value = str_slice(rest, 0, end);
            }
            t += end;
            p = after;
        } else if (t < text.n && text.p[t] == c) {
            p++;
            t++;
        } else {
            return false;
        }
    }
    return t == text.n;
}

static struct resource *find_identity(const struct graph *g, size_t unit, sym kind, str attribute, str value,
                                      bool *ret_ambiguous)
{
    if (value.n == 0 || str_find_char(value, '\x01') != SIZE_MAX)
        return NULL;
    struct resource *r = graph_find_by(g, unit, kind, attribute, value, ret_ambiguous);
    /* What follows the name of a bucket or of a function: a key, a version. */
    size_t cuts[] = {str_find_char(value, '/'), str_find_char(value, ':')};
    for (size_t i = 0; i < ARRAY_LEN(cuts) && !r && !*ret_ambiguous; i++) {
        if (cuts[i] != SIZE_MAX)
            r = graph_find_by(g, unit, kind, attribute, str_slice(value, 0, cuts[i]), ret_ambiguous);
    }
    return r;
}

struct resource *graph_find_arn(const struct graph *g, size_t unit, str arn, bool *ret_ambiguous)
{
    *ret_ambiguous = false;
    for (size_t i = 0; i < g->arn_patterns.n; i++) {
        const struct arn_pattern *p = &g->arn_patterns.at[i];
        str attribute = STR_NONE, value = STR_NONE;
        if (!match_arn(p->pattern, arn, &attribute, &value))
            continue;
        struct resource *r = find_identity(g, unit, p->kind, attribute, value, ret_ambiguous);
        if (r || *ret_ambiguous)
            return r;
    }
    return NULL;
}

/* Text of a value, its holes as the byte 0x01. */
str graph_text_of(struct arena *a, const struct value *v)
{
    if (!value_is(v, VALUE_TEXT))
        return value_str(v);
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < v->u.list.n; i++)
        buf_add(&out, value_is(v->u.list.item[i], VALUE_STRING) ? v->u.list.item[i]->u.string : STR("\x01"));
    str s = buf_copy(&out, a);
    buf_release(&out);
    return s;
}

struct resource *graph_resolve(const struct graph *g, const struct resource *from, const struct value *v,
                               bool *ret_ambiguous)
{
    *ret_ambiguous = false;
    if (!v)
        return NULL;
    struct resource *through = NULL; /* a resource without a kind that passes on what another is */
    for (const struct ref *ref = value_find_ref(v); ref; ref = ref->next) {
        struct resource *r = ref->target ? g->resource[ref->target->id] : NULL;
        if (r && r->kind)
            return r;
        through = through ? through : r;
    }
    if (through)
        return through;
    for (size_t i = 0; i < from->n_edges; i++) {
        if (from->edge[i].value == v)
            return from->edge[i].to;
    }
    if (v->kind != VALUE_STRING && v->kind != VALUE_TEXT)
        return NULL;
    struct arena *scratch = arena_new();
    str text = graph_text_of(scratch, v);
    struct resource *r = str_starts(text, STR("arn:")) ? graph_find_arn(g, from->unit, text, ret_ambiguous) : NULL;
    arena_free(scratch);
    return r;
}

bool graph_points_elsewhere(const struct graph *g, const struct resource *from, const struct value *v)
{
    bool ambiguous = false;
    const struct ref *ref = value_find_ref(v);
    if (!ref || graph_resolve(g, from, v, &ambiguous) || ambiguous)
        return false;
    for (; ref; ref = ref->next)
        if (ref->target || !ref->address.n || ref->unit_key.n || graph_find(g, from->unit, ref->address))
            return false;
    return true;
}
