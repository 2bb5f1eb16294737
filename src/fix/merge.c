/* One node into another of the same document language: what is missing is added, what differs is replaced. */
#include "fix/fix_internal.h"
#include "graph/model.h"

enum { MAX_LIKE = 64 };

static bool refuse(struct merge *m, str why)
{
    if (!m->refusal.n)
        m->refusal = why;
    return false;
}

static bool done(struct merge *m, bool ok)
{
    return ok ? true : refuse(m, str_of(m->editor.refusal ? m->editor.refusal : "it cannot be merged"));
}

static str to_text(const struct merge *m, const struct node *n)
{
    return str_slice(m->editor.to->source->text, n->at.start, n->at.end);
}

static str from_text(const struct merge *m, const struct node *n)
{
    return str_slice(m->editor.from->source->text, n->at.start, n->at.end);
}

static bool is_map(const struct node *n)
{
    return n->kind == NODE_MAP || n->kind == NODE_BODY;
}

/* {"Ref": x}, {"Fn::Sub": ...} */
static bool is_intrinsic(const struct node *n)
{
    if (n->kind == NODE_TAGGED)
        return true;
    if (n->kind != NODE_MAP || n->u.map.n != 1)
        return false;
    str key = node_string(n->u.map.entry[0].key);
    return str_eq_c(key, "Ref") || str_starts(key, STR("Fn::"));
}

static bool is_removal(const struct node *n)
{
    str value = n->kind == NODE_TAGGED ? node_string(n->u.tagged.value) : STR_NONE;
    return n->kind == NODE_NULL || (value.n && str_eq_c(n->u.tagged.tag, "Ref") && str_eq_c(value, "AWS::NoValue"));
}

static bool is_scalar(const struct node *n)
{
    return n->kind == NODE_BOOL || n->kind == NODE_NUMBER || n->kind == NODE_STRING || n->kind == NODE_NULL;
}

static bool is_literal(const struct node *n)
{
    if (is_scalar(n))
        return true;
    return (n->kind == NODE_MAP || n->kind == NODE_LIST) && !is_intrinsic(n);
}

static bool same_value(const struct merge *m, const struct node *a, const struct node *b)
{
    if (a->kind == NODE_STRING && b->kind == NODE_STRING)
        return str_eq(a->u.string, b->u.string);
    if (a->kind == NODE_BOOL && b->kind == NODE_BOOL)
        return a->u.boolean == b->u.boolean;
    return str_eq(to_text(m, a), from_text(m, b));
}

static bool holds(const struct node *n, span at)
{
    return at.file && n->at.file == at.file && n->at.start <= at.start && n->at.end >= at.end;
}

/* ---------------------------------------------------------------- values that come from elsewhere */

static const struct document *document_of(const struct merge *m, span at)
{
    return document_at(m->request, at);
}

/* The last step of the value's origin, where it is a scalar that is written down. One of the steps stands in the
 * expression, if there is one. */
static const struct node *literal_at_source(const struct merge *m, const struct value *v, const struct node *expression,
                                            const struct document **ret_document)
{
    const struct origin *o = v ? v->origin : NULL;
    bool inside = false;
    for (; o; o = o->via) {
        inside |= !expression || holds(expression, o->at);
        if (!o->via)
            break;
    }
    if (!o || !inside)
        return NULL;
    *ret_document = document_of(m, o->at);
    const struct node *path[64];
    size_t n;
    const struct node *found =
        *ret_document ? edit_find((*ret_document)->root, o->at, path, ARRAY_LEN(path), &n) : NULL;
    if (!found || !is_scalar(found) || found->at.start != o->at.start || found->at.end != o->at.end)
        return NULL;
    return found;
}

static bool replace_literal(struct merge *m, const struct node *literal, const struct document *there,
                            const struct node *value)
{
    struct editor other = m->editor;
    other.to = there;
    if (there->language != m->editor.from->language && there->language != LANGUAGE_JSON)
        return refuse(m, STR("the value comes from a file of another language"));
    m->at_source = true;
    bool ok = edit_replace_scalar(&other, literal, value);
    m->editor.refusal = other.refusal;
    return done(m, ok);
}

static bool literal_is(const struct document *there, const struct merge *m, const struct node *literal,
                       const struct node *value)
{
    str is = str_slice(there->source->text, literal->at.start, literal->at.end);
    return literal->kind == NODE_STRING && value->kind == NODE_STRING ? str_eq(literal->u.string, value->u.string)
                                                                      : str_eq(is, from_text(m, value));
}

/* The literals that the value may be: one, or one for each alternative. Those that differ are replaced. */
static bool replace_at_source(struct merge *m, const struct node *expression, const struct node *value)
{
    const struct value *v = m->actual, *one[1] = {v};
    bool choice = value_is(v, VALUE_CHOICE);
    const struct value *const *option = choice ? v->u.choice.option : one;
    size_t n = choice ? v->u.choice.by->n_options : 1, replaced = 0;
    for (size_t i = 0; i < n && is_scalar(value); i++) {
        const struct document *there = NULL;
        const struct node *literal = literal_at_source(m, option[i], expression, &there);
        if (!literal) {
            replaced = 0;
            break;
        }
        if (literal_is(there, m, literal, value))
            continue;
        if (!replace_literal(m, literal, there, value))
            return false;
        replaced++;
    }
    if (replaced)
        return true;
    str text = str_slice(to_text(m, expression), 0, 60);
    return refuse(m, arena_printf(m->editor.arena, "the value is computed (" STR_FMT ")", STR_ARG(text)));
}

bool merge_at_source(struct merge *m, const struct node *value)
{
    const struct document *there = NULL;
    const struct node *literal = is_scalar(value) ? literal_at_source(m, m->actual, NULL, &there) : NULL;
    if (!literal)
        return refuse(m, STR("what decided is no literal of these files"));
    return replace_literal(m, literal, there, value);
}

/* ---------------------------------------------------------------- lists */

static const char *const identity_keys[] = {"name", "key", "id", "sid", "parametername", "optionname"};

/* The text by which an item of a list is known among its like. */
static str identity_of(const struct node *n)
{
    if (n->kind == NODE_BLOCK && n->u.block->n_labels)
        return node_string(n->u.block->label[0]);
    const struct node *map = n->kind == NODE_BLOCK ? n->u.block->body : n;
    for (size_t k = 0; is_map(map) && k < ARRAY_LEN(identity_keys); k++)
        for (size_t i = 0; i < map->u.map.n; i++)
            if (str_eq_nocase(node_string(map->u.map.entry[i].key), str_of(identity_keys[k])))
                return node_string(map->u.map.entry[i].value);
    return STR_NONE;
}

static const struct node *inside_of(const struct node *n)
{
    return n->kind == NODE_BLOCK ? n->u.block->body : n;
}

static const struct node *effect_of(const struct node *n)
{
    const struct node *effect = is_map(n) ? node_find(n, "Effect") : NULL;
    return effect || !is_map(n) ? effect : node_find(n, "effect");
}

/* A statement of a policy that says its effect is whole: it is not mixed with one that says something else. */
static bool is_other_statement(const struct merge *m, const struct node *there, const struct node *item)
{
    there = inside_of(there);
    item = inside_of(item);
    for (size_t i = 0; effect_of(item) && is_map(there) && i < item->u.map.n; i++) {
        const struct node_entry *e = node_find_entry(there, node_string(item->u.map.entry[i].key));
        if (!e || !same_value(m, e->value, item->u.map.entry[i].value))
            return true;
    }
    return false;
}

/* Which of the `n` that are there an item of the snippet is merged into: indexes; none: it is added. */
static size_t match(struct merge *m, const struct node *const *there, size_t n, const struct node *item, bool only,
                    size_t *ret)
{
    str id = identity_of(item);
    size_t same = 0;
    for (size_t i = 0; i < n; i++)
        same += !is_other_statement(m, there[i], item);
    if (!same)
        return 0;
    for (size_t i = 0; id.n && i < n; i++) {
        if (str_eq(identity_of(there[i]), id)) {
            ret[0] = i;
            return 1;
        }
    }
    if (id.n)
        m->lists_differ = true;
    if ((id.n && m->lists == MERGE_JOIN && identity_of(there[0]).n) || !only)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (holds(there[i], m->place)) {
            ret[0] = i;
            return 1;
        }
    }
    size_t found = 0;
    for (; found < n && found < MAX_LIKE; found++)
        ret[found] = found;
    return found;
}

static bool has_item(const struct merge *m, const struct node *list, const struct node *item)
{
    for (size_t i = 0; i < list->u.list.n; i++)
        if (same_value(m, list->u.list.item[i], item))
            return true;
    return false;
}

static bool merge_lists(struct merge *m, const struct node *container, const struct node_entry *there,
                        const struct node_entry *part, const struct model_shape *inside)
{
    const struct node *old = there->value, *value = part->value;
    bool maps = value->u.list.n > 0, some_maps = false;
    for (size_t i = 0; i < value->u.list.n; i++)
        maps &= is_map(value->u.list.item[i]) && !is_intrinsic(value->u.list.item[i]);
    for (size_t i = 0; i < old->u.list.n; i++)
        some_maps |= is_map(old->u.list.item[i]);
    m->lists_differ = true;
    if (!maps && (m->lists == MERGE_REPLACE || !value->u.list.n))
        return done(m, edit_replace(&m->editor, container, there, part));
    const struct node **add = ARENA_ARRAY(m->editor.arena, const struct node *, value->u.list.n);
    size_t n_add = 0;
    for (size_t i = 0; i < value->u.list.n; i++) {
        const struct node *item = value->u.list.item[i];
        size_t to[MAX_LIKE];
        size_t n = maps && some_maps ? match(m, old->u.list.item, old->u.list.n, item, value->u.list.n == 1, to) : 0;
        if (!n && m->lists == MERGE_REPLACE && m->careful && some_maps)
            return refuse(m, STR("other items of a list would be lost"));
        if (!n && m->lists == MERGE_REPLACE)
            return done(m, edit_replace(&m->editor, container, there, part));
        if (!n && !has_item(m, old, item))
            add[n_add++] = item;
        for (size_t k = 0; k < n; k++)
            if (is_map(old->u.list.item[to[k]]) && !merge_into(m, old->u.list.item[to[k]], inside, item))
                return false;
    }
    return done(m, edit_append(&m->editor, old, add, n_add));
}

/* ---------------------------------------------------------------- entries */

/* jsonencode({...}) and merge(a, {...}): the object that is written in the call. */
static const struct node *object_of_call(const struct node *n, bool *ret_merge)
{
    *ret_merge = n->kind == NODE_CALL && str_eq_c(n->u.call->name, "merge");
    if (n->kind != NODE_CALL || (!*ret_merge && n->u.call->n != 1))
        return NULL;
    for (size_t i = n->u.call->n; i-- > 0;)
        if (n->u.call->argument[i]->kind == NODE_MAP)
            return n->u.call->argument[i];
    return NULL;
}

/* A reference to the subject may be written in several ways: what is there says the same. */
static bool refers_to_subject(const struct merge *m, const struct node *value)
{
    bool collection = (is_map(value) && !is_intrinsic(value)) || value->kind == NODE_LIST || value->kind == NODE_BLOCK;
    return !collection && value->kind != NODE_CALL && m->skip.n && str_contains(from_text(m, value), m->skip);
}

static bool merge_json_block(struct merge *m, const struct node *old, const struct model_shape *inside,
                             const struct node *body)
{
    if (old->kind != NODE_LIST)
        return merge_into(m, old, inside, body);
    for (size_t i = 0; i < old->u.list.n; i++)
        if (!m->place.file || holds(old->u.list.item[i], m->place) || old->u.list.n == 1)
            return merge_into(m, old->u.list.item[i], inside, body);
    return refuse(m, STR("there are several blocks of that name"));
}

static bool merge_values(struct merge *m, const struct node *container, const struct node_entry *there,
                         const struct node_entry *part)
{
    const struct node *old = there->value, *value = part->value;
    struct model_place place = {0};
    if (m->shape && part->key->kind == NODE_STRING)
        model_shape_has(m->shape, part->key->u.string, &place);
    if (same_value(m, old, value) || refers_to_subject(m, value))
        return true;
    if (value->kind == NODE_BLOCK) /* blocks in JSON: one object, or a list of them */
        return merge_json_block(m, old, place.inside, value->u.block->body);
    if (is_map(old) && is_map(value) && !is_intrinsic(old) && !is_intrinsic(value))
        return merge_into(m, old, place.inside, value);
    bool is_merge, other_merge;
    const struct node *old_object = object_of_call(old, &is_merge), *new_object = object_of_call(value, &other_merge);
    if (old_object && is_merge && value->kind == NODE_MAP)
        return merge_into(m, old_object, place.inside, value);
    if (old_object && new_object && str_eq(old->u.call->name, value->u.call->name))
        return merge_into(m, old_object, NULL, new_object);
    if (old->kind == NODE_LIST && value->kind == NODE_LIST)
        return merge_lists(m, container, there, part, place.inside);
    if (!is_literal(old) && m->careful)
        return replace_at_source(m, old, value);
    bool old_is_one = is_scalar(old), new_is_one = is_scalar(value) || !(is_literal(value) || value->kind == NODE_CALL);
    if (m->careful && old->kind != NODE_NULL && (!old_is_one || !new_is_one || old->flags & NODE_HEREDOC))
        return refuse(m, STR("what is written there would be lost"));
    return done(m, edit_replace(&m->editor, container, there, part));
}

static bool has_dynamic(const struct node *host, str type)
{
    for (size_t i = 0; i < host->u.map.n; i++) {
        const struct node *b = host->u.map.entry[i].value;
        if (b->kind == NODE_BLOCK && str_eq_c(b->u.block->type, "dynamic") && b->u.block->n_labels &&
            str_eq(node_string(b->u.block->label[0]), type))
            return true;
    }
    return false;
}

static bool same_labels(const struct node *a, const struct node *b)
{
    if (!str_eq(a->u.block->type, b->u.block->type) || a->u.block->n_labels != b->u.block->n_labels)
        return false;
    for (size_t i = 0; i < a->u.block->n_labels; i++)
        if (!str_eq(node_string(a->u.block->label[i]), node_string(b->u.block->label[i])))
            return false;
    return true;
}

/* *ret_add: the block is new. */
static bool merge_block(struct merge *m, const struct node *host, const struct node *part, const struct node *block,
                        bool *ret_add)
{
    const struct node *there[MAX_LIKE];
    size_t n = 0, like = 0, to[MAX_LIKE];
    *ret_add = false;
    if (has_dynamic(host, block->u.block->type))
        return refuse(
            m, arena_printf(m->editor.arena, "the blocks " STR_FMT " are dynamic", STR_ARG(block->u.block->type)));
    for (size_t i = 0; i < host->u.map.n && n < MAX_LIKE; i++)
        if (host->u.map.entry[i].value->kind == NODE_BLOCK && same_labels(host->u.map.entry[i].value, block))
            there[n++] = host->u.map.entry[i].value;
        else if (str_eq(node_string(host->u.map.entry[i].key), block->u.block->type) &&
                 host->u.map.entry[i].value->kind != NODE_BLOCK)
            return refuse(m, arena_printf(m->editor.arena, STR_FMT " is an argument here, not a block",
                                          STR_ARG(block->u.block->type)));
    for (size_t i = 0; i < part->u.map.n; i++)
        like += part->u.map.entry[i].value->kind == NODE_BLOCK && same_labels(part->u.map.entry[i].value, block);
    struct model_place place = {0};
    if (m->shape)
        model_shape_has(m->shape, block->u.block->type, &place);
    size_t found = place.single && n == 1 ? (to[0] = 0, 1) : match(m, there, n, block, like == 1, to);
    *ret_add = !found;
    for (size_t k = 0; k < found; k++)
        if (!merge_into(m, inside_of(there[to[k]]), place.inside, block->u.block->body))
            return false;
    return true;
}

/* `name = null` takes blocks of that name out. */
static bool remove_blocks(struct merge *m, const struct node *host, str name)
{
    for (size_t i = 0; i < host->u.map.n; i++) {
        const struct node_entry *e = &host->u.map.entry[i];
        if (e->value->kind == NODE_BLOCK && str_eq(node_string(e->key), name) &&
            !done(m, edit_remove(&m->editor, host, e)))
            return false;
    }
    return true;
}

/* *ret_gone: what the entry takes out of the host; NULL for nothing. */
static bool merge_entry(struct merge *m, const struct node *host, const struct node *part,
                        const struct node_entry *entry, bool *ret_add, const struct node_entry **ret_gone)
{
    *ret_add = false;
    *ret_gone = NULL;
    if (entry->value->kind == NODE_BLOCK && host->kind == NODE_BODY)
        return merge_block(m, host, part, entry->value, ret_add);
    if (entry->key->kind != NODE_STRING)
        return refuse(m, STR("a key of the fix is an expression"));
    const struct node_entry *there = node_find_entry(host, entry->key->u.string);
    if (there && there->value->kind == NODE_BLOCK) {
        if (is_removal(entry->value))
            return remove_blocks(m, host, entry->key->u.string);
        return refuse(m, arena_printf(m->editor.arena, STR_FMT " is a block here, not an argument",
                                      STR_ARG(entry->key->u.string)));
    }
    if (there && is_removal(entry->value)) {
        *ret_gone = there;
        return true;
    }
    if (there)
        return merge_values(m, host, there, entry);
    *ret_add = !is_removal(entry->value);
    return true;
}

bool merge_into(struct merge *m, const struct node *host, const struct model_shape *shape, const struct node *part)
{
    if (!is_map(host) || !is_map(part))
        return refuse(m, STR("the part is not a mapping"));
    struct node_entry *add = ARENA_ARRAY(m->editor.arena, struct node_entry, part->u.map.n + 1);
    const struct node_entry **gone = ARENA_ARRAY(m->editor.arena, const struct node_entry *, part->u.map.n + 1);
    const struct model_shape *outer = m->shape;
    size_t n = 0, n_gone = 0;
    bool ok = true;
    m->shape = shape;
    for (size_t i = 0; i < part->u.map.n && ok; i++) {
        bool is_new;
        ok = merge_entry(m, host, part, &part->u.map.entry[i], &is_new, &gone[n_gone]);
        n_gone += ok && gone[n_gone];
        if (ok && is_new)
            add[n++] = part->u.map.entry[i];
    }
    m->shape = outer;
    if (ok && n && n_gone) /* what is new takes the place of what goes */
        ok = done(m, edit_swap(&m->editor, host, gone[--n_gone], add, n));
    else if (ok)
        ok = done(m, edit_add(&m->editor, host, add, n));
    for (size_t i = 0; i < n_gone && ok; i++)
        ok = done(m, edit_remove(&m->editor, host, gone[i]));
    return ok;
}
