/* Functions that make text: Sub, Join, Split, Base64, ToJsonString; dynamic references. */
#include "frontend/cloudformation/intrinsics.h"

#include "base/base64.h"
/* Dynamic references. */

static const struct value *dynamic_hole(struct cfn_stack *s, const struct value *whole, str after)
{
    str service = str_cut(str_slice(after, sizeof("{{resolve:") - 1, after.n), ':', &after);
    str reason = arena_printf(s->arena, "dynamic reference to " STR_FMT, STR_ARG(service));
    struct value *hole = value_unknown(s->arena, reason, whole->origin);
    hole->flags |= VALUE_NONEMPTY | (str_eq_c(service, "ssm") ? VALUE_IN_CLEAR : VALUE_IN_STORE);
    return hole;
}

static const struct value *part_of(struct cfn_stack *s, const struct value *whole, str text)
{
    struct value *v = value_string(s->arena, text, whole->origin);
    v->flags |= whole->flags & VALUE_SENSITIVE;
    return v;
}

struct hiding {
    struct cfn_stack *stack;
    const struct value *whole;
    const struct value **part;
    size_t n;
    struct value *hole; /* the reference whose end has not come yet */
};

static void hide_in_text(struct hiding *h, str text)
{
    while (text.n > 0) {
        size_t at = str_find(text, h->hole ? STR("}}") : STR("{{resolve:"));
        if (h->hole) {
            if (at == SIZE_MAX)
                return;
            h->hole = NULL;
            text = str_slice(text, at + 2, text.n);
            continue;
        }
        if (at == SIZE_MAX) {
            h->part[h->n++] = part_of(h->stack, h->whole, text);
            return;
        }
        if (at > 0)
            h->part[h->n++] = part_of(h->stack, h->whole, str_slice(text, 0, at));
        text = str_slice(text, at, text.n);
        h->hole = value_copy(h->stack->arena, dynamic_hole(h->stack, h->whole, text));
        h->part[h->n++] = h->hole;
        text = str_slice(text, sizeof("{{resolve:") - 1, text.n);
    }
}

/* The end of a reference may come with the next part of a Join. */
static bool is_unfinished(const struct value *v)
{
    str text = value_str(v);
    size_t at = str_find(text, STR("{{resolve:"));
    return value_is(v, VALUE_STRING) && at != SIZE_MAX && str_find(str_slice(text, at, text.n), STR("}}")) == SIZE_MAX;
}

static size_t count_dynamic(str text)
{
    size_t n = 0;
    for (size_t at; (at = str_find(text, STR("{{resolve:"))) != SIZE_MAX; n++)
        text = str_slice(text, at + 1, text.n);
    return n;
}

const struct value *cfn_hide_dynamic(struct cfn_stack *s, const struct value *v)
{
    const struct value *const *part = &v;
    size_t n = 1, dynamic = 0;
    if (value_is(v, VALUE_TEXT)) {
        part = (const struct value *const *)v->u.list.item;
        n = v->u.list.n;
    }
    for (size_t i = 0; i < n; i++)
        dynamic += count_dynamic(value_str(part[i]));
    if (dynamic == 0 || is_unfinished(v))
        return v;
    struct hiding h = {.stack = s, .whole = v};
    h.part = ARENA_ARRAY(s->arena, const struct value *, n + 2 * dynamic + 1);
    for (size_t i = 0; i < n; i++) {
        if (value_is(part[i], VALUE_STRING))
            hide_in_text(&h, part[i]->u.string);
        else if (h.hole)
            h.hole->ref = h.hole->ref ? h.hole->ref : part[i]->ref;
        else
            h.part[h.n++] = part[i];
    }
    return value_text(s->arena, h.part, h.n, v->origin);
}

/* Joining. */

struct joining {
    struct cfn_stack *stack;
    const struct node *node;
    str delimiter;
    bool skip_absent; /* else absent is the empty text */
};

/* Long texts that are copied again and again cost as much as many short ones. */
enum { BYTES_A_STEP = 16 };

static size_t text_bytes(const struct value *v)
{
    size_t n = value_str(v).n;
    for (size_t i = 0; value_is(v, VALUE_TEXT) && i < v->u.list.n; i++)
        n += value_str(v->u.list.item[i]).n;
    return n;
}

static bool is_textual(const struct value *v)
{
    return v->kind == VALUE_BOOL || v->kind == VALUE_NUMBER || v->kind == VALUE_STRING || v->kind == VALUE_TEXT ||
           v->kind == VALUE_UNKNOWN || v->kind == VALUE_CHOICE;
}

static const struct value *json_text(struct cfn_stack *s, const struct value *v)
{
    if (!value_is_known(v))
        return value_unknown(s->arena, STR("JSON text with unknown parts"), v->origin);
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    value_to_json(v, &b, VALUE_JSON_REVEAL);
    str text = buf_copy(&b, s->arena);
    buf_release(&b);
    return value_string(s->arena, text, v->origin);
}

static const struct value *join_leaf(void *context, const struct value *const *argument, size_t n,
                                     const struct world *w)
{
    (void)w;
    const struct joining *j = context;
    struct cfn_stack *s = j->stack;
    const struct value **part = ARENA_ARRAY(s->arena, const struct value *, 2 * n);
    const struct value *delimiter = value_string(s->arena, j->delimiter, cfn_origin(s, j->node));
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const struct value *v = argument[i];
        if (!v && j->skip_absent)
            continue;
        if (j->delimiter.n > 0 && count > 0)
            part[count++] = delimiter;
        if (!v)
            continue;
        if (v->flags & VALUE_JSON)
            v = json_text(s, v);
        if (!is_textual(v))
            return cfn_malformed(s, j->node, "a text is expected here, not a %s",
                                 v->kind == VALUE_LIST ? "list" : "mapping");
        part[count++] = v;
    }
    const struct value *text = value_text(s->arena, part, count, cfn_origin(s, j->node));
    if (value_is_too_long(text))
        cfn_complain(s, DIAG_LIMIT, j->node->at, "the text is too long");
    if (!cfn_spend(s, text_bytes(text) / BYTES_A_STEP, j->node->at))
        return cfn_unknown(s, j->node, "a limit was hit");
    return cfn_hide_dynamic(s, text);
}

static const struct value *join_parts(struct joining *j, const struct value **part, size_t n, const struct world *w)
{
    struct world_lift lift = {.arena = j->stack->arena,
                              .fn = join_leaf,
                              .context = j,
                              .origin = cfn_origin(j->stack, j->node),
                              .leaves = LIMIT_ALTERNATIVES};
    const struct value *v = world_lift(&lift, part, n, w ? w : j->stack->world);
    if (!lift.overflow)
        return v;
    return join_leaf(j, (const struct value *const *)part, n, w); /* the choices stay parts of the text */
}

struct join_call {
    struct cfn_stack *stack;
    const struct node *node;
};

static const struct value *join_list_leaf(void *context, const struct value *const *argument, size_t n,
                                          const struct world *w)
{
    (void)n;
    const struct join_call *call = context;
    struct cfn_stack *s = call->stack;
    const struct value *list = argument[1];
    struct joining j = {.stack = s, .node = call->node, .skip_absent = true};
    if (!value_to_text(argument[0], s->arena, &j.delimiter))
        return cfn_malformed(s, call->node, "the delimiter of Fn::Join must be text");
    if (!list)
        return value_string(s->arena, STR(""), cfn_origin(s, call->node));
    if (value_is(list, VALUE_UNKNOWN) || value_is(list, VALUE_TEXT))
        return cfn_unknown_from(s, call->node, list, "Join");
    if (!value_is(list, VALUE_LIST))
        return cfn_malformed(s, call->node, "Fn::Join takes [delimiter, list]");
    if (list->flags & VALUE_PARTIAL) {
        struct value *v = value_copy(s->arena, cfn_unknown(s, call->node, "the list is not wholly known"));
        v->flags |= list->u.list.n ? VALUE_NONEMPTY : 0;
        return v;
    }
    const struct value **part = ARENA_ARRAY(s->arena, const struct value *, list->u.list.n);
    size_t count = 0;
    for (size_t i = 0; i < list->u.list.n; i++)
        part[count++] = list->u.list.item[i];
    return join_parts(&j, part, count, w);
}

static const struct value *eval_texts(struct cfn_stack *s, const struct node *n)
{
    const struct value **items = ARENA_ARRAY(s->arena, const struct value *, n->u.list.n);
    for (size_t i = 0; i < n->u.list.n; i++)
        items[i] = cfn_eval_text(s, n->u.list.item[i]);
    return value_list(s->arena, items, n->u.list.n, cfn_origin(s, n));
}

const struct value *cfn_eval_join(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    if (a->kind != NODE_LIST || a->u.list.n != 2)
        return cfn_malformed(s, n, "Fn::Join takes [delimiter, list]");
    struct join_call call = {s, n};
    const struct node *list = a->u.list.item[1];
    const struct value *argument[2] = {cfn_eval(s, a->u.list.item[0]), NULL};
    argument[1] = list->kind == NODE_LIST ? eval_texts(s, list) : cfn_eval(s, list);
    return cfn_lift(s, n, join_list_leaf, &call, argument, 2, NULL);
}

/* Sub. */

static bool is_name(str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':' ||
                    c == '.' || c == '_' || c == '-';
        if (!fine)
            return false;
    }
    return name.n > 0;
}

static const struct value *sub_variable(struct cfn_stack *s, const struct node *n, const struct node *variables,
                                        str name)
{
    if (variables) {
        for (size_t i = 0; i < variables->u.map.n; i++) {
            str key = STR_NONE;
            (void)cfn_scoped_text(s, variables->u.map.entry[i].key, &key);
            if (str_eq(key, name))
                return cfn_eval_text(s, variables->u.map.entry[i].value);
        }
    }
    if (!is_name(name))
        return cfn_malformed(s, n, "\"${" STR_FMT "}\" is no name of a parameter or resource", STR_ARG(name));
    return cfn_lookup(s, name, n);
}

/* Cuts the template into texts and variables; parts[] has room. */
static size_t sub_parts(struct cfn_stack *s, const struct node *n, const struct node *variables, str text,
                        const struct value **part)
{
    size_t count = 0, from = 0;
    const struct origin *o = cfn_origin(s, n);
    for (size_t i = 0; i + 1 < text.n; i++) {
        if (text.p[i] != '$' || text.p[i + 1] != '{')
            continue;
        size_t length = str_find_char(str_slice(text, i, text.n), '}');
        if (length == SIZE_MAX) {
            part[count++] = cfn_malformed(s, n, "the text of Fn::Sub has a ${ that is not closed");
            return count;
        }
        if (i > from)
            part[count++] = value_string(s->arena, str_slice(text, from, i), o);
        str name = str_trim(str_slice(text, i + 2, i + length));
        if (name.n > 0 && name.p[0] == '!')
            part[count++] = value_string(
                s->arena, arena_printf(s->arena, "${" STR_FMT "}", STR_ARG(str_slice(name, 1, name.n))), o);
        else
            part[count++] = sub_variable(s, n, variables, name);
        from = i + length + 1;
        i = from - 1;
    }
    if (from < text.n)
        part[count++] = value_string(s->arena, str_slice(text, from, text.n), o);
    return count;
}

const struct value *cfn_eval_sub(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    const struct node *variables = NULL, *template = a;
    if (a->kind == NODE_LIST) {
        if (a->u.list.n != 2 || a->u.list.item[1]->kind != NODE_MAP)
            return cfn_malformed(s, n, "Fn::Sub takes a text, or [text, {name: value}]");
        template = a->u.list.item[0];
        variables = a->u.list.item[1];
    }
    str text, function;
    const struct node *inner;
    if (cfn_call(template, false, &function, &inner) && str_starts(function, STR("Rain::"))) {
        const struct value *embedded = cfn_eval(s, template);
        if (!value_is(embedded, VALUE_STRING))
            return embedded;
        text = embedded->u.string;
    } else if (!cfn_scoped_text(s, template, &text))
        return cfn_malformed(s, n, "Fn::Sub takes a text, or [text, {name: value}]");
    size_t most = 1;
    for (size_t i = 0; i < text.n; i++)
        most += 2 * (text.p[i] == '$');
    const struct value **part = ARENA_ARRAY(s->arena, const struct value *, most);
    size_t count = sub_parts(s, n, variables, text, part);
    struct joining j = {.stack = s, .node = n};
    return join_parts(&j, part, count, NULL);
}

/* Split, Base64, ToJsonString. */

static const struct value *split_leaf(void *context, const struct value *const *argument, size_t n,
                                      const struct world *w)
{
    (void)n;
    (void)w;
    const struct join_call *call = context;
    struct cfn_stack *s = call->stack;
    str delimiter, text;
    if (!value_to_text(argument[0], s->arena, &delimiter) || delimiter.n == 0)
        return cfn_malformed(s, call->node, "the delimiter of Fn::Split must be a text that is not empty");
    if (value_is(argument[1], VALUE_UNKNOWN) || value_is(argument[1], VALUE_TEXT))
        return cfn_unknown_from(s, call->node, argument[1], "Split");
    if (!value_to_text(argument[1], s->arena, &text))
        return cfn_malformed(s, call->node, "Fn::Split takes [delimiter, text]");
    size_t most = 1;
    for (size_t i = 0; i < text.n; i++)
        most += text.p[i] == delimiter.p[0];
    if (most > LIMIT_COLLECTION) {
        cfn_complain(s, DIAG_LIMIT, call->node->at, "Fn::Split makes more than %u items", (unsigned)LIMIT_COLLECTION);
        return cfn_unknown(s, call->node, "too many items");
    }
    if (!cfn_spend(s, most, call->node->at))
        return cfn_unknown(s, call->node, "a limit was hit");
    const struct value **items = ARENA_ARRAY(s->arena, const struct value *, most);
    size_t count = 0;
    for (;;) {
        size_t at = str_find(text, delimiter);
        struct value *item = value_string(s->arena, str_slice(text, 0, at), cfn_origin(s, call->node));
        item->flags |= argument[1]->flags & VALUE_SENSITIVE;
        items[count++] = item;
        if (at == SIZE_MAX)
            break;
        text = str_slice(text, at + delimiter.n, text.n);
    }
    return value_list(s->arena, items, count, cfn_origin(s, call->node));
}

const struct value *cfn_eval_split(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    if (a->kind != NODE_LIST || a->u.list.n != 2)
        return cfn_malformed(s, n, "Fn::Split takes [delimiter, text]");
    struct join_call call = {s, n};
    const struct value *argument[2] = {cfn_eval(s, a->u.list.item[0]), cfn_eval(s, a->u.list.item[1])};
    return cfn_lift(s, n, split_leaf, &call, argument, 2, NULL);
}

static const struct value *base64_leaf(void *context, const struct value *const *argument, size_t n,
                                       const struct world *w)
{
    (void)n;
    (void)w;
    const struct join_call *call = context;
    struct cfn_stack *s = call->stack;
    const struct value *v = argument[0];
    str text;
    if (!v)
        return NULL;
    if (v->flags & VALUE_JSON)
        v = json_text(s, v);
    if (value_is(v, VALUE_UNKNOWN))
        return cfn_unknown_from(s, call->node, v, "Base64");
    if (value_is(v, VALUE_TEXT))
        return v; /* encoded it would be unknown as a whole; rules look for scripts and secrets in its known parts */
    if (!value_to_text(v, s->arena, &text))
        return cfn_malformed(s, call->node, "Fn::Base64 takes a text");
    const struct origin *o = origin_new(s->arena, call->node->at, STR_NONE, v->origin);
    struct value *encoded = value_string(s->arena, base64_encode(s->arena, text), o);
    encoded->flags |= v->flags & VALUE_SENSITIVE;
    return encoded;
}

const struct value *cfn_eval_base64(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    struct join_call call = {s, n};
    const struct value *argument = cfn_eval(s, a);
    return cfn_lift(s, n, base64_leaf, &call, &argument, 1, NULL);
}

const struct value *cfn_eval_to_json(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    const struct value *v = cfn_eval(s, a);
    if (value_is(v, VALUE_UNKNOWN) || value_is(v, VALUE_CHOICE))
        return v;
    if (!value_is(v, VALUE_MAP) && !value_is(v, VALUE_LIST))
        return cfn_malformed(s, n, "Fn::ToJsonString takes a mapping or a list");
    struct value *json = value_copy(s->arena, v);
    json->flags |= VALUE_JSON;
    return json;
}
