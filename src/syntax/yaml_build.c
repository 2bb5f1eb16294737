#include "base/vec.h"
#include "syntax/yaml.h"
#include "syntax/yaml_internal.h"

/* Events come one by one; open collections are frames, their children wait on one stack. Nothing recurses.
 * `count` and `height` measure the tree as if aliases were copies: what everything above will walk. */

static span span_of(const struct yaml_builder *b, uint32_t start, uint32_t end)
{
    return (span){b->source->id, start, end};
}

void yaml_builder_release(struct yaml_builder *b)
{
    VEC_RELEASE(&b->stack);
    VEC_RELEASE(&b->frames);
    VEC_RELEASE(&b->opaque);
    map_release(&b->anchors);
}

void yaml_builder_start(struct yaml_builder *b)
{
    map_release(&b->anchors);
    b->root = NULL;
    b->count = b->aliased = 0;
    b->over_budget = b->incomplete = b->stopped = false;
}

const char *yaml_template_hint(const struct yaml_builder *b, uint32_t offset)
{
    str line = source_line(b->source, source_position(b->source, offset).line);

    if (str_contains(line, STR("{{")) || str_contains(line, STR("{%")))
        return "; the braces look like a template that was not rendered";
    return "";
}

/* ---------------------------------------------------------------- tags and anchors in the text */

struct properties {
    struct yaml_tag tag;
    str anchor;
    uint32_t content; /* where the value itself begins */
};

static bool is_anchor_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static uint32_t tag_end(const char *text, uint32_t at, uint32_t end)
{
    bool verbatim = at + 1 < end && text[at + 1] == '<';

    for (; at < end; at++) {
        if (verbatim && text[at] == '>')
            return at + 1;
        if (strchr(verbatim ? " \t\r\n" : " \t\r\n,[]{}", text[at]) != NULL)
            break;
    }
    return at;
}

static uint32_t skip_to_content(const char *text, uint32_t at, uint32_t end)
{
    while (at < end && strchr(" \t\r\n#", text[at]) != NULL) {
        if (text[at] == '#')
            while (at < end && text[at] != '\n' && text[at] != '\r')
                at++;
        else
            at++;
    }
    return at;
}

/* Tag and anchor stand before the value, in any order; libyaml gives their meaning, not their place. */
static struct properties properties_of(struct yaml_builder *b, const yaml_char_t *anchor, const yaml_char_t *tag,
                                       uint32_t at, uint32_t end)
{
    struct properties p = {.tag = {.at = span_of(b, at, at)}, .content = at};
    const char *resolved = (const char *)tag;

    while ((anchor != NULL || tag != NULL) && p.content < end) {
        uint32_t from = p.content, to = from + 1;

        if (b->text[from] == '&' && anchor != NULL) {
            while (to < end && is_anchor_char(b->text[to]))
                to++;
            p.anchor = (str){b->source->text.p + from + 1, to - from - 1};
            anchor = NULL;
        } else if (b->text[from] == '!' && tag != NULL) {
            to = tag_end(b->text, from, end);
            p.tag.at = span_of(b, from, to);
            tag = NULL;
        } else {
            break;
        }
        p.content = skip_to_content(b->text, to, end);
    }
    if (resolved == NULL)
        return p;
    p.tag.kind = yaml_tag_kind_of(resolved);
    if (p.tag.kind == YAML_TAG_LOCAL) {
        str written = {b->source->text.p + p.tag.at.start, p.tag.at.end - p.tag.at.start};
        str meant = str_of(resolved);

        p.tag.name = str_eq(written, meant) ? written : arena_str(b->pool.texts, meant);
        if (str_starts(p.tag.name, STR("!")))
            p.tag.name = str_slice(p.tag.name, 1, p.tag.name.n);
    }
    return p;
}

static struct yaml_anchor *open_anchor(struct yaml_builder *b, str name)
{
    struct yaml_anchor *anchor = ARENA_NEW(b->pool.arena, struct yaml_anchor);

    map_set(&b->anchors, name, anchor);
    return anchor;
}

/* ---------------------------------------------------------------- adding to the open collection */

static bool is_merge_key(const struct node *key)
{
    return (key->flags & NODE_PLAIN) != 0 && str_eq_c(node_string(key), "<<");
}

/* The key as a string; NULL after a diagnostic. */
static const struct node *as_key(struct yaml_builder *b, const struct node *n)
{
    struct node *key;
    const char *hint;

    switch ((enum node_kind)n->kind) {
    case NODE_STRING:
        return n;
    case NODE_NULL:
    case NODE_BOOL:
    case NODE_NUMBER:
        key = node_new(&b->pool, NODE_STRING, n->flags, n->at);
        key->u.string = yaml_scalar_text(n, b->source);
        return key;
    case NODE_TAGGED:
        return as_key(b, n->u.tagged.value);
    case NODE_ERROR:
        return NULL;
    default:
        hint = yaml_template_hint(b, n->at.start);
        if ((n->flags & NODE_INCOMPLETE) == 0) /* else there was a diagnostic */
            reader_diag(&b->diags, *hint ? DIAG_NOT_ANALYSED : DIAG_STRUCTURE, n->at,
                        "a key must be a scalar, not %s; the entry is skipped%s", node_kind_name(n->kind), hint);
        return NULL;
    }
}

static void add_to_map(struct yaml_builder *b, struct yaml_frame *f, const struct node *n)
{
    if ((b->stack.n - f->from) % 2 == 0) {
        n = as_key(b, n);
        if (n == NULL)
            f->gaps = b->incomplete = true;
        else if (is_merge_key(n))
            f->merges = true;
    }
    VEC_PUSH(&b->stack, n);
}

static void add(struct yaml_builder *b, const struct node *n, size_t size, unsigned height)
{
    struct yaml_frame *f;

    b->count += size;
    if (b->frames.n == 0) {
        b->root = n;
        return;
    }
    f = &b->frames.at[b->frames.n - 1];
    if (f->height < height)
        f->height = height;
    if (f->node->kind == NODE_MAP)
        add_to_map(b, f, n);
    else
        VEC_PUSH(&b->stack, n);
    if (node_pool_full(&b->pool) && !b->stopped) {
        reader_diag(&b->diags, DIAG_LIMIT, n->at, "too many values (limit %u); the rest was not read", LIMIT_NODES);
        b->stopped = true;
    }
}

static const struct node *with_tag(struct yaml_builder *b, struct node *n, const struct yaml_tag *tag)
{
    struct node *tagged;

    if (tag->kind != YAML_TAG_LOCAL)
        return n;
    tagged = node_new(&b->pool, NODE_TAGGED, n->flags & NODE_INCOMPLETE, span_of(b, tag->at.start, n->at.end));
    tagged->u.tagged.tag = tag->name;
    tagged->u.tagged.value = n;
    return tagged;
}

/* ---------------------------------------------------------------- scalars */

static void note_opaque(struct yaml_builder *b, const yaml_event_t *e, uint32_t start, uint32_t end)
{
    const char *newline;

    if (e->data.scalar.style == YAML_LITERAL_SCALAR_STYLE || e->data.scalar.style == YAML_FOLDED_SCALAR_STYLE) {
        newline = memchr(b->text + start, '\n', end - start); /* a comment may follow the | */
        start = newline == NULL ? end : (uint32_t)(newline - b->text);
    }
    if (memchr(b->text + start, '#', end - start) != NULL)
        VEC_PUSH(&b->opaque, ((struct yaml_range){start, end}));
}

/* libyaml's end of a block scalar is the start of what follows it. */
static uint32_t block_scalar_end(const struct yaml_builder *b, uint32_t start, uint32_t end)
{
    while (end > start + 1 && strchr(" \t\r\n", b->text[end - 1]) != NULL)
        end--;
    return end;
}

/* The text of the scalar: in the source where it stands there as it is, else copied. */
static str scalar_text(struct yaml_builder *b, struct node *n, const yaml_event_t *e)
{
    uint32_t quote = (n->flags & NODE_QUOTED) != 0;
    uint32_t start = n->at.start + quote, end = n->at.end - quote;
    str value = {(const char *)e->data.scalar.value, e->data.scalar.length};

    if ((n->flags & NODE_HEREDOC) == 0 && end - start == value.n && memcmp(b->text + start, value.p, value.n) == 0) {
        n->flags |= NODE_RAW;
        return (str){b->source->text.p + start, value.n};
    }
    return arena_str(b->pool.texts, value);
}

static void resolve(struct yaml_builder *b, struct node *n, str text, enum yaml_tag_kind tag)
{
    static const char *const names[] = {
        [YAML_TAG_NULL] = "null",     [YAML_TAG_BOOL] = "bool", [YAML_TAG_INT] = "int", [YAML_TAG_FLOAT] = "float",
        [YAML_TAG_BINARY] = "binary", [YAML_TAG_LIST] = "seq",  [YAML_TAG_MAP] = "map",
    };

    if (tag == YAML_TAG_NONE || tag == YAML_TAG_LOCAL || tag == YAML_TAG_MERGE) {
        if ((n->flags & NODE_PLAIN) != 0)
            yaml_resolve_plain(n, text);
        else
            n->u.string = text;
        return;
    }
    n->flags &= (uint16_t)~NODE_PLAIN;
    if (!yaml_resolve_tagged(n, text, tag, b->pool.texts))
        reader_diag(&b->diags, DIAG_ODDITY, n->at, "the value does not fit its tag !!%s; it is taken as a string",
                    names[tag]);
}

static void add_scalar(struct yaml_builder *b, const yaml_event_t *e, uint32_t start, uint32_t end)
{
    struct properties p = properties_of(b, e->data.scalar.anchor, e->data.scalar.tag, start, end);
    struct yaml_anchor *anchor = p.anchor.n == 0 ? NULL : open_anchor(b, p.anchor);
    const struct yaml_frame *f = b->frames.n == 0 ? NULL : &b->frames.at[b->frames.n - 1];
    const struct node *result;
    struct node *n;
    unsigned flags = NODE_QUOTED;
    str text;

    if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        flags = NODE_PLAIN;
    } else {
        if (b->has_hash)
            note_opaque(b, e, p.content, end);
        if (e->data.scalar.style >= YAML_LITERAL_SCALAR_STYLE) {
            flags = NODE_HEREDOC;
            end = block_scalar_end(b, p.content, end);
        }
    }
    n = node_new(&b->pool, NODE_STRING, flags, span_of(b, p.content, end));
    text = scalar_text(b, n, e);
    if (f != NULL && f->node->kind == NODE_MAP && (b->stack.n - f->from) % 2 == 0 && p.tag.kind == YAML_TAG_NONE &&
        anchor == NULL)
        n->u.string = text; /* a key is a string, whatever it looks like */
    else
        resolve(b, n, text, p.tag.kind);
    result = with_tag(b, n, &p.tag);
    if (anchor != NULL)
        *anchor = (struct yaml_anchor){result, 1, 0};
    b->end = end;
    add(b, result, 1, 0);
}

/* ---------------------------------------------------------------- aliases */

/* NULL after a diagnostic. */
static const struct yaml_anchor *find_anchor(struct yaml_builder *b, str name, span at)
{
    const struct yaml_anchor *anchor = map_find(&b->anchors, name);

    if (anchor == NULL) {
        reader_diag(&b->diags, DIAG_SYNTAX, at, "there is no anchor &" STR_FMT " before this alias", STR_ARG(name));
    } else if (anchor->node == NULL) {
        reader_diag(&b->diags, DIAG_CYCLE, at, "the alias *" STR_FMT " stands inside what it refers to", STR_ARG(name));
        anchor = NULL;
    } else if (b->frames.n + anchor->height > LIMIT_DEPTH) {
        reader_diag(&b->diags, DIAG_LIMIT, at, "values are nested too deeply through this alias (limit %u)",
                    LIMIT_DEPTH);
        anchor = NULL;
    } else if (b->aliased + anchor->size > LIMIT_ALIAS_NODES) {
        if (!b->over_budget)
            reader_diag(&b->diags, DIAG_LIMIT, at, "aliases make more than %u values of this document",
                        LIMIT_ALIAS_NODES);
        b->over_budget = true;
        anchor = NULL;
    }
    return anchor;
}

static void add_alias(struct yaml_builder *b, uint32_t start, uint32_t end)
{
    str name = {b->source->text.p + start + 1, end - start - 1};
    span at = span_of(b, start, end);
    const struct yaml_anchor *anchor = find_anchor(b, name, at);
    struct node *n = node_new(&b->pool, NODE_ERROR, 0, at);

    b->end = end;
    if (anchor == NULL) {
        b->incomplete = true;
        add(b, n, 1, 0);
        return;
    }
    *n = *anchor->node;
    n->flags |= NODE_ALIASED;
    b->aliased += anchor->size;
    add(b, n, anchor->size, anchor->height);
}

/* ---------------------------------------------------------------- merge keys */

struct merge_sources {
    const struct node **at;
    size_t n, cap;
};

/* The mappings that one << names. */
static void note_merge(struct yaml_builder *b, struct yaml_frame *f, struct merge_sources *from, const struct node *n)
{
    if (n->kind == NODE_MAP) {
        VEC_PUSH(from, n);
        return;
    }
    if (n->kind == NODE_LIST) {
        bool maps = true;

        for (size_t i = 0; i < n->u.list.n; i++)
            maps &= n->u.list.item[i]->kind == NODE_MAP;
        for (size_t i = 0; maps && i < n->u.list.n; i++)
            VEC_PUSH(from, n->u.list.item[i]);
        if (maps)
            return;
    }
    f->gaps = b->incomplete = true;
    if (n->kind != NODE_ERROR)
        reader_diag(&b->diags, DIAG_STRUCTURE, n->at, "a merge key << takes a mapping or a list of mappings, not %s",
                    n->kind == NODE_LIST ? "a list of other things" : node_kind_name(n->kind));
}

/* Takes merge keys and entries without a key from the stack. */
static void sort_out(struct yaml_builder *b, struct yaml_frame *f, struct merge_sources *ret_merged)
{
    const struct node **pair = b->stack.at + f->from;
    size_t n = (b->stack.n - f->from) / 2, kept = 0;

    for (size_t i = 0; i < n; i++) {
        const struct node *key = pair[2 * i], *value = pair[2 * i + 1];

        if (key == NULL)
            continue;
        if (is_merge_key(key)) {
            note_merge(b, f, ret_merged, value);
            continue;
        }
        pair[2 * kept] = key;
        pair[2 * kept + 1] = value;
        kept++;
    }
    b->stack.n = f->from + 2 * kept;
}

/* Explicit entries win over merged ones, earlier mappings of a list over later ones. */
static void merge(struct yaml_builder *b, struct node *map, const struct merge_sources *from)
{
    size_t total = map->u.map.n, n = total;
    struct node_entry *entry;
    struct map known;

    for (size_t i = 0; i < from->n; i++)
        total += from->at[i]->u.map.n;
    entry = ARENA_ARRAY(b->pool.arena, struct node_entry, total);
    if (n != 0)
        memcpy(entry, map->u.map.entry, n * sizeof(*entry));
    map_init(&known);
    for (size_t i = 0; i < n; i++)
        map_set(&known, entry[i].key->u.string, &entry[i]);
    for (size_t i = 0; i < from->n; i++) {
        const struct node *m = from->at[i];

        map->flags |= m->flags & NODE_INCOMPLETE;
        for (size_t k = 0; k < m->u.map.n; k++) {
            const struct node_entry *e = &m->u.map.entry[k];
            struct node *value;

            if (map_add(&known, e->key->u.string, &entry[n]) != &entry[n])
                continue;
            value = node_new(&b->pool, NODE_NULL, 0, SPAN_NONE);
            *value = *e->value;
            value->flags |= NODE_MERGED | (m->flags & NODE_ALIASED);
            entry[n++] = (struct node_entry){e->key, value};
        }
    }
    map_release(&known);
    map->u.map.entry = entry;
    map->u.map.n = n;
}

/* ---------------------------------------------------------------- collections */

static void open_collection(struct yaml_builder *b, const yaml_event_t *e, uint32_t start, uint32_t end)
{
    bool list = e->type == YAML_SEQUENCE_START_EVENT;
    bool flow = list ? e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
                     : e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    struct properties p = properties_of(b, list ? e->data.sequence_start.anchor : e->data.mapping_start.anchor,
                                        list ? e->data.sequence_start.tag : e->data.mapping_start.tag, start, end);
    span at = span_of(b, p.content, end);
    struct yaml_frame f = {.tag = p.tag, .from = b->stack.n, .count = b->count};

    if (b->frames.n == LIMIT_DEPTH) {
        reader_diag(&b->diags, DIAG_LIMIT, span_of(b, p.content, p.content + 1),
                    "values are nested too deeply (limit %u); the rest of the document was not read", LIMIT_DEPTH);
        b->stopped = true;
        return;
    }
    if (p.tag.kind != YAML_TAG_NONE && p.tag.kind != YAML_TAG_LOCAL && p.tag.kind != YAML_TAG_STRING &&
        p.tag.kind != (list ? YAML_TAG_LIST : YAML_TAG_MAP))
        reader_diag(&b->diags, DIAG_ODDITY, p.tag.at, "this tag does not fit %s; it is ignored",
                    list ? "a list" : "a mapping");
    f.node = node_new(&b->pool, list ? NODE_LIST : NODE_MAP, flow ? NODE_FLOW : 0, at);
    f.anchor = p.anchor.n == 0 ? NULL : open_anchor(b, p.anchor);
    b->end = end;
    VEC_PUSH(&b->frames, f);
}

static void close_map(struct yaml_builder *b, struct yaml_frame *f)
{
    struct merge_sources merged = {NULL, 0, 0};

    if (f->merges || f->gaps)
        sort_out(b, f, &merged);
    reader_set_entries(f->node, &b->stack, f->from, b->pool.arena, &b->diags);
    if (merged.n != 0)
        merge(b, f->node, &merged);
    VEC_RELEASE(&merged);
    if (f->gaps)
        f->node->flags |= NODE_INCOMPLETE;
}

static void close_collection(struct yaml_builder *b)
{
    struct yaml_frame f = b->frames.at[--b->frames.n];
    const struct node *result;

    if (f.node->kind == NODE_LIST)
        reader_set_items(f.node, &b->stack, f.from, b->pool.arena);
    else
        close_map(b, &f);
    if (f.node->at.end < b->end)
        f.node->at.end = b->end;
    result = with_tag(b, f.node, &f.tag);
    f.height++;
    if (f.anchor != NULL)
        *f.anchor = (struct yaml_anchor){result, b->count - f.count + 1, f.height};
    add(b, result, 1, f.height);
}

void yaml_builder_event(struct yaml_builder *b, const yaml_event_t *e, uint32_t start, uint32_t end)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        add_scalar(b, e, start, end);
        break;
    case YAML_ALIAS_EVENT:
        add_alias(b, start, end);
        break;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        open_collection(b, e, start, end);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        if (end > start) /* a closing bracket; other collections end with their last child */
            b->end = end;
        close_collection(b);
        break;
    default:
        break;
    }
}

void yaml_builder_finish(struct yaml_builder *b)
{
    while (b->frames.n != 0) {
        struct yaml_frame *f = &b->frames.at[b->frames.n - 1];

        if (f->node->kind == NODE_MAP && (b->stack.n - f->from) % 2 == 1)
            b->stack.n--; /* a key without its value */
        f->node->flags |= NODE_INCOMPLETE;
        b->incomplete = true;
        close_collection(b);
    }
}
