/* aws_iam_policy_document: its blocks become the JSON document that the provider would make, as a value
 * (VALUE_JSON), so that every part keeps its place. */
#include "base/vec.h"
#include "frontend/terraform/function.h"
#include "frontend/terraform/tree.h"

struct entries {
    struct value_entry *at;
    size_t n, cap;
};

struct statements {
    struct {
        const struct value **at;
        size_t n, cap;
    } list;
    bool partial;
};

static void put(struct entries *to, const char *key, const struct value *v)
{
    struct value_entry e = {str_of(key), value_span(v), v};
    if (v && v->kind != VALUE_NULL)
        VEC_PUSH(to, e);
}

static const struct value *finish_map(struct evaluator *e, struct entries *from, const struct origin *o)
{
    size_t n;
    struct value_entry *entries = VEC_MOVE(from, e->arena, &n);
    return value_map(e->arena, entries, n, o);
}

/* One string stands alone, several in a list. */
static const struct value *one_or_many(const struct value *v)
{
    if (value_is(v, VALUE_LIST) && v->u.list.n == 1 && !(v->flags & VALUE_PARTIAL))
        return v->u.list.item[0];
    if (value_is(v, VALUE_LIST) && v->u.list.n == 0 && !(v->flags & VALUE_PARTIAL))
        return NULL;
    return v;
}

/* &{aws:username} stands for ${aws:username}. */
static const struct value *with_policy_variables(struct evaluator *e, const struct value *v)
{
    if (value_is(v, VALUE_STRING) && str_contains(v->u.string, STR("&{"))) {
        char *copy = arena_cstr(e->arena, v->u.string);
        for (size_t i = 0; i + 1 < v->u.string.n; i++) {
            if (copy[i] == '&' && copy[i + 1] == '{')
                copy[i] = '$';
        }
        struct value *own = value_copy(e->arena, v);
        own->u.string.p = copy;
        return own;
    }
    if (value_is(v, VALUE_LIST) && v->u.list.n) {
        struct value *own = value_copy(e->arena, v);
        own->u.list.item = ARENA_ARRAY(e->arena, const struct value *, v->u.list.n);
        for (size_t i = 0; i < v->u.list.n; i++)
            own->u.list.item[i] = with_policy_variables(e, v->u.list.item[i]);
        return own;
    }
    return v;
}

static const struct value *listed(struct evaluator *e, const struct value *block, const char *name)
{
    return one_or_many(with_policy_variables(e, value_get(block, str_of(name))));
}

/* Values of several blocks with the same key, in one list. */
static void merge_values(struct evaluator *e, struct entries *to, str key, const struct value *v)
{
    for (size_t i = 0; i < to->n; i++) {
        if (!str_eq(to->at[i].key, key))
            continue;
        const struct value *old = to->at[i].value;
        size_t a = value_is(old, VALUE_LIST) ? old->u.list.n : 1, b = value_is(v, VALUE_LIST) ? v->u.list.n : 1;
        const struct value **items = ARENA_ARRAY(e->arena, const struct value *, a + b);
        for (size_t k = 0; k < a; k++)
            items[k] = value_is(old, VALUE_LIST) ? old->u.list.item[k] : old;
        for (size_t k = 0; k < b; k++)
            items[a + k] = value_is(v, VALUE_LIST) ? v->u.list.item[k] : v;
        to->at[i].value = value_list(e->arena, items, a + b, old->origin);
        return;
    }
    struct value_entry en = {key, value_span(v), v};
    VEC_PUSH(to, en);
}

static const struct value *principals_of(struct evaluator *e, const struct value *blocks)
{
    struct entries map = {0};
    if (!value_is(blocks, VALUE_LIST))
        return blocks;
    const struct value *anyone = NULL;
    for (size_t i = 0; i < blocks->u.list.n; i++) {
        const struct value *block = blocks->u.list.item[i];
        const struct value *type = value_get(block, STR("type")), *who = listed(e, block, "identifiers");
        if (!who)
            continue;
        if (value_is(type, VALUE_STRING) && str_eq_c(type->u.string, "*") && str_eq_c(value_str(who), "*"))
            anyone = who;
        else if (value_is(type, VALUE_STRING))
            merge_values(e, &map, type->u.string, who);
        else if (type)
            merge_values(e, &map, STR("AWS"), tf_unknown_from(e->arena, &type, 1, block->origin));
    }
    if (anyone) {
        VEC_RELEASE(&map);
        return anyone;
    }
    if (map.n == 0 && !(blocks->flags & VALUE_PARTIAL))
        return NULL;
    const struct value *v = finish_map(e, &map, blocks->origin);
    return tf_with_marks(e->arena, v, blocks->flags & VALUE_PARTIAL, NULL);
}

static const struct value *conditions_of(struct evaluator *e, const struct value *blocks)
{
    struct entries tests = {0};
    if (!value_is(blocks, VALUE_LIST))
        return blocks;
    for (size_t i = 0; i < blocks->u.list.n; i++) {
        const struct value *block = blocks->u.list.item[i];
        const struct value *test = value_get(block, STR("test")), *variable = value_get(block, STR("variable"));
        const struct value *values = listed(e, block, "values");
        str name = value_is(variable, VALUE_STRING) ? variable->u.string : tf_holed_key(e->arena, variable);
        if (!value_is(test, VALUE_STRING) || !name.n) {
            VEC_RELEASE(&tests);
            const struct value *from[] = {test, variable};
            return tf_unknown_from(e->arena, from, 2, block->origin);
        }
        struct entries inner = {0};
        size_t at = tests.n;
        for (size_t k = 0; k < tests.n; k++) {
            if (str_eq(tests.at[k].key, test->u.string))
                at = k;
        }
        for (size_t k = 0; at < tests.n && k < tests.at[at].value->u.map.n; k++)
            VEC_PUSH(&inner, tests.at[at].value->u.map.entry[k]);
        merge_values(e, &inner, name, values ? values : value_list(e->arena, NULL, 0, block->origin));
        const struct value *map = finish_map(e, &inner, block->origin);
        if (at < tests.n) {
            tests.at[at].value = map;
        } else {
            struct value_entry en = {test->u.string, value_span(test), map};
            VEC_PUSH(&tests, en);
        }
    }
    if (tests.n == 0 && !(blocks->flags & VALUE_PARTIAL))
        return NULL;
    return tf_with_marks(e->arena, finish_map(e, &tests, blocks->origin), blocks->flags & VALUE_PARTIAL, NULL);
}

static const struct value *statement_of(struct evaluator *e, const struct value *block)
{
    struct entries s = {0};
    put(&s, "Sid", value_get(block, STR("sid")));
    const struct value *effect = value_get(block, STR("effect"));
    put(&s, "Effect",
        effect && effect->kind != VALUE_NULL ? effect : value_string(e->arena, STR("Allow"), block->origin));
    put(&s, "Action", listed(e, block, "actions"));
    put(&s, "NotAction", listed(e, block, "not_actions"));
    put(&s, "Resource", listed(e, block, "resources"));
    put(&s, "NotResource", listed(e, block, "not_resources"));
    put(&s, "Principal", principals_of(e, value_get(block, STR("principals"))));
    put(&s, "NotPrincipal", principals_of(e, value_get(block, STR("not_principals"))));
    put(&s, "Condition", conditions_of(e, value_get(block, STR("condition"))));
    return finish_map(e, &s, block->origin);
}

static str sid_of(const struct value *statement)
{
    return value_str(value_get(statement, STR("Sid")));
}

/* A statement with the Sid of an earlier one takes its place where that is allowed. */
static void add_statement(struct statements *to, const struct value *statement, bool replaces)
{
    str sid = sid_of(statement);
    for (size_t i = 0; replaces && sid.n && i < to->list.n; i++) {
        if (str_eq(sid_of(to->list.at[i]), sid)) {
            to->list.at[i] = statement;
            return;
        }
    }
    VEC_PUSH(&to->list, statement);
}

static void add_document(struct evaluator *e, struct statements *to, const struct value *document, bool replaces)
{
    if (value_is(document, VALUE_STRING)) {
        struct function f = {"policy document", "", NULL, 0};
        struct call c = {.e = e, .arena = e->arena, .function = &f, .origin = document->origin};
        if (!str_trim(document->u.string).n)
            return;
        document = json_decode_value(&c, document->u.string, document->origin);
    }
    const struct value *statements = value_get(document, STR("Statement"));
    if (!value_is(document, VALUE_MAP) ||
        (statements && statements->kind != VALUE_LIST && statements->kind != VALUE_MAP)) {
        to->partial = true;
        return;
    }
    to->partial |= (document->flags & VALUE_PARTIAL) != 0;
    if (value_is(statements, VALUE_MAP))
        add_statement(to, statements, replaces);
    for (size_t i = 0; value_is(statements, VALUE_LIST) && i < statements->u.list.n; i++)
        add_statement(to, statements->u.list.item[i], replaces);
    to->partial |= statements && statements->flags & VALUE_PARTIAL;
}

static void add_documents(struct evaluator *e, struct statements *to, const struct value *list, bool replaces)
{
    if (!list || list->kind == VALUE_NULL)
        return;
    if (list->kind != VALUE_LIST) {
        to->partial = true;
        return;
    }
    for (size_t i = 0; i < list->u.list.n; i++)
        add_document(e, to, list->u.list.item[i], replaces);
    to->partial |= (list->flags & VALUE_PARTIAL) != 0;
}

static const struct value *document_of(struct evaluator *e, const struct value *raw, const struct value *blocks,
                                       span at)
{
    struct statements all = {0};
    struct entries document = {0};
    const struct origin *o = origin_new(e->arena, at, STR("aws_iam_policy_document"), NULL);
    add_documents(e, &all, value_get(raw, STR("source_policy_documents")), false);
    for (size_t i = 0; value_is(blocks, VALUE_LIST) && i < blocks->u.list.n; i++)
        add_statement(&all, statement_of(e, blocks->u.list.item[i]), true);
    all.partial |= blocks && (blocks->flags & VALUE_PARTIAL || blocks->kind == VALUE_UNKNOWN);
    add_documents(e, &all, value_get(raw, STR("override_policy_documents")), true);
    const struct value *version = value_get(raw, STR("version"));
    put(&document, "Version", version ? version : value_string(e->arena, STR("2012-10-17"), o));
    put(&document, "Id", value_get(raw, STR("policy_id")));
    size_t n;
    const struct value **items = VEC_MOVE(&all.list, e->arena, &n);
    const struct value *list = value_list(e->arena, items, n, o);
    put(&document, "Statement", all.partial ? tf_with_marks(e->arena, list, VALUE_PARTIAL, NULL) : list);
    struct value *v = value_copy(e->arena, finish_map(e, &document, o));
    v->flags |= VALUE_JSON;
    return v;
}

struct alternative {
    struct evaluator *e;
    const struct value *raw;
    span at;
};

static const struct value *document_alternative(void *context, const struct value *blocks)
{
    struct alternative *a = context;
    return document_of(a->e, a->raw, blocks, a->at);
}

const struct value *policy_document(struct evaluator *e, const struct value *raw, span at)
{
    const struct value *blocks = value_get(raw, STR("statement"));
    struct alternative a = {e, raw, at};
    const struct value *json = value_is(blocks, VALUE_CHOICE) ? value_lift(e->arena, blocks, document_alternative, &a)
                                                              : document_of(e, raw, blocks, at);
    struct value_entry *entries = ARENA_ARRAY(e->arena, struct value_entry, raw->u.map.n + 2);
    if (raw->u.map.n)
        memcpy(entries, raw->u.map.entry, raw->u.map.n * sizeof(*entries));
    entries[raw->u.map.n] = (struct value_entry){STR("json"), at, json};
    entries[raw->u.map.n + 1] = (struct value_entry){STR("minified_json"), at, json};
    struct value *v = value_copy(e->arena, raw);
    v->u.map.entry = entries;
    v->u.map.n = raw->u.map.n + 2;
    return v;
}
