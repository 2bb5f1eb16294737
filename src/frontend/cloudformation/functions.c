/* Functions over lists, networks and mappings: Select, Length, Cidr, FindInMap. */
#include "frontend/cloudformation/intrinsics.h"

struct call {
    struct cfn_stack *stack;
    const struct node *node;
};

/* The list with the items of one world: optional items are there or not. */
static const struct value *present_leaf(void *context, const struct value *const *argument, size_t n,
                                        const struct world *w)
{
    (void)w;
    const struct call *c = context;
    const struct value **items = ARENA_ARRAY(c->stack->arena, const struct value *, n);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (argument[i])
            items[count++] = argument[i];
    }
    return value_list(c->stack->arena, items, count, cfn_origin(c->stack, c->node));
}

/* A list, or a choice of lists when some items are optional. */
static const struct value *settled_list(const struct call *c, const struct value *list)
{
    if (!value_is(list, VALUE_LIST) || !cfn_has_optional(list))
        return list;
    const struct value **items = arena_copy(c->stack->arena, list->u.list.item, list->u.list.n * sizeof(*items));
    struct call again = *c;
    return cfn_lift(c->stack, c->node, present_leaf, &again, items, list->u.list.n, NULL);
}

/* Every alternative of a list argument is settled. */
static const struct value *settle_leaf(void *context, const struct value *const *argument, size_t n,
                                       const struct world *w)
{
    (void)n;
    (void)w;
    return settled_list(context, argument[0]);
}

static const struct value *eval_list(struct call *c, const struct node *n)
{
    const struct value *v = cfn_eval(c->stack, n);
    return cfn_lift(c->stack, c->node, settle_leaf, c, &v, 1, NULL);
}

/* Select, Length. */

static const struct value *select_leaf(void *context, const struct value *const *argument, size_t n,
                                       const struct world *w)
{
    (void)n;
    const struct call *c = context;
    struct cfn_stack *s = c->stack;
    str text;
    int64_t index;
    const struct value *list = argument[1];
    if (value_is(argument[0], VALUE_UNKNOWN) || value_is(argument[0], VALUE_TEXT))
        return cfn_unknown_from(s, c->node, argument[0], "Select");
    if (!value_to_text(argument[0], s->arena, &text) || !str_to_int(text, &index) || index < 0)
        return cfn_wrong(s, c->node, "the index of Fn::Select must be a number from 0");
    if (value_is(list, VALUE_UNKNOWN) || value_is(list, VALUE_TEXT)) {
        struct value *v = value_copy(s->arena, cfn_unknown_from(s, c->node, list, "Select"));
        v->flags |= value_is(list, VALUE_UNKNOWN) ? list->flags & VALUE_NONEMPTY : 0;
        return v;
    }
    if (!value_is(list, VALUE_LIST))
        return cfn_malformed(s, c->node, "Fn::Select takes [index, list]");
    if ((uint64_t)index < list->u.list.n)
        return world_restrict(list->u.list.item[index], w);
    if (list->flags & VALUE_PARTIAL) {
        struct value *v = value_copy(s->arena, cfn_unknown(s, c->node, "the list is not wholly known"));
        v->flags |= list->u.list.n ? list->u.list.item[0]->flags & (VALUE_NONEMPTY | VALUE_NO_SECRET) : 0;
        return v;
    }
    return cfn_wrong(s, c->node, "Fn::Select asks for item %lld of a list of %zu", (long long)index, list->u.list.n);
}

const struct value *cfn_eval_select(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    if (a->kind != NODE_LIST || a->u.list.n != 2)
        return cfn_malformed(s, n, "Fn::Select takes [index, list]");
    struct call c = {s, n};
    const struct value *argument[2] = {cfn_eval(s, a->u.list.item[0]), eval_list(&c, a->u.list.item[1])};
    return cfn_lift(s, n, select_leaf, &c, argument, 2, NULL);
}

static const struct value *length_leaf(void *context, const struct value *const *argument, size_t n,
                                       const struct world *w)
{
    (void)n;
    (void)w;
    const struct call *c = context;
    const struct value *list = argument[0];
    if (value_is(list, VALUE_UNKNOWN) || (list && list->flags & VALUE_PARTIAL))
        return cfn_unknown_from(c->stack, c->node, list, "Length");
    if (!value_is(list, VALUE_LIST))
        return cfn_malformed(c->stack, c->node, "Fn::Length takes a list");
    return value_number(c->stack->arena, (double)list->u.list.n, cfn_origin(c->stack, c->node));
}

const struct value *cfn_eval_length(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    struct call c = {s, n};
    const struct value *argument = eval_list(&c, a);
    return cfn_lift(s, n, length_leaf, &c, &argument, 1, NULL);
}

/* Cidr. */

struct network {
    uint8_t bytes[16];
    unsigned size; /* bits: 32 or 128 */
    unsigned prefix;
};

static bool parse_v4(str text, uint8_t *ret_bytes)
{
    str rest = text;
    for (int i = 0; i < 4; i++) {
        int64_t octet;
        str part = str_cut(rest, '.', &rest);
        if (part.n == 0 || part.n > 3 || !str_to_int(part, &octet) || octet < 0 || octet > 255 || (i < 3 && !rest.p))
            return false;
        ret_bytes[i] = (uint8_t)octet;
    }
    return !rest.p;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_groups(str text, uint16_t *ret_group, size_t *ret_n)
{
    *ret_n = 0;
    if (text.n == 0)
        return true;
    str rest = text;
    while (rest.p) {
        str part = str_cut(rest, ':', &rest);
        if (part.n == 0 || part.n > 4 || *ret_n == 8)
            return false;
        unsigned group = 0;
        for (size_t i = 0; i < part.n; i++) {
            int digit = hex_digit(part.p[i]);
            if (digit < 0)
                return false;
            group = group << 4 | (unsigned)digit;
        }
        ret_group[(*ret_n)++] = (uint16_t)group;
    }
    return true;
}

static bool parse_v6(str text, uint8_t *ret_bytes)
{
    uint16_t front[8], back[8];
    size_t n_front, n_back = 0;
    size_t gap = str_find(text, STR("::"));
    if (!parse_groups(str_slice(text, 0, gap), front, &n_front) ||
        (gap != SIZE_MAX && !parse_groups(str_slice(text, gap + 2, text.n), back, &n_back)))
        return false;
    if (gap == SIZE_MAX ? n_front != 8 : n_front + n_back > 7)
        return false;
    memset(ret_bytes, 0, 16);
    for (size_t i = 0; i < n_front; i++) {
        ret_bytes[2 * i] = (uint8_t)(front[i] >> 8);
        ret_bytes[2 * i + 1] = (uint8_t)front[i];
    }
    for (size_t i = 0; i < n_back; i++) {
        size_t at = 8 - n_back + i;
        ret_bytes[2 * at] = (uint8_t)(back[i] >> 8);
        ret_bytes[2 * at + 1] = (uint8_t)back[i];
    }
    return true;
}

static bool parse_network(str text, struct network *ret)
{
    str prefix;
    str address = str_cut(text, '/', &prefix);
    int64_t bits;
    if (!prefix.p || !str_to_int(prefix, &bits))
        return false;
    ret->size = str_find_char(address, ':') == SIZE_MAX ? 32 : 128;
    if (bits < 0 || bits > (int64_t)ret->size)
        return false;
    ret->prefix = (unsigned)bits;
    if (!(ret->size == 32 ? parse_v4(address, ret->bytes) : parse_v6(address, ret->bytes)))
        return false;
    for (unsigned i = ret->prefix; i < ret->size; i++)
        ret->bytes[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
    return true;
}

static void print_v6(struct buf *b, const uint8_t *bytes)
{
    unsigned group[8], best = 8, best_n = 1;
    for (unsigned i = 0; i < 8; i++)
        group[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    for (unsigned i = 0, n; i < 8; i += n ? n : 1) {
        for (n = 0; i + n < 8 && group[i + n] == 0; n++)
            ;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
    }
    for (unsigned i = 0; i < 8; i++) {
        if (i == best) {
            buf_add_c(b, "::");
            i += best_n - 1;
            continue;
        }
        buf_printf(b, "%s%x", i && b->p[b->n - 1] != ':' ? ":" : "", group[i]);
    }
}

/* The i-th network of `prefix` bits inside. */
static str subnet(struct arena *a, const struct network *n, unsigned prefix, unsigned index)
{
    uint8_t bytes[16];
    memcpy(bytes, n->bytes, sizeof(bytes));
    for (unsigned bit = 0; bit < 32 && index >> bit; bit++) {
        unsigned at = prefix - 1 - bit;
        if (index >> bit & 1)
            bytes[at / 8] |= (uint8_t)(0x80u >> at % 8);
    }
    if (n->size == 32)
        return arena_printf(a, "%u.%u.%u.%u/%u", bytes[0], bytes[1], bytes[2], bytes[3], prefix);
    struct buf b;
    buf_init(&b, LIMIT_SNIPPET_BYTES);
    print_v6(&b, bytes);
    buf_printf(&b, "/%u", prefix);
    str text = buf_copy(&b, a);
    buf_release(&b);
    return text;
}

static const struct value *cidr_leaf(void *context, const struct value *const *argument, size_t n,
                                     const struct world *w)
{
    (void)w;
    const struct call *c = context;
    struct cfn_stack *s = c->stack;
    str text[3] = {STR_NONE, STR_NONE, STR_NONE};
    for (size_t i = 0; i < n; i++) {
        if (value_is(argument[i], VALUE_UNKNOWN) || value_is(argument[i], VALUE_TEXT)) {
            struct value *v = value_copy(s->arena, cfn_unknown_from(s, c->node, argument[i], "Cidr"));
            v->flags |= VALUE_NONEMPTY;
            return v;
        }
        if (!value_to_text(argument[i], s->arena, &text[i]))
            return cfn_malformed(s, c->node, "Fn::Cidr takes [block, count, bits]");
    }
    struct network network = {.size = 0};
    int64_t count, bits = 0;
    if (!parse_network(text[0], &network))
        return cfn_wrong(s, c->node, "\"" STR_FMT "\" is no CIDR block", STR_ARG(text[0]));
    if (!str_to_int(text[1], &count) || count < 1 || count > 256)
        return cfn_wrong(s, c->node, "the count of Fn::Cidr must be a number from 1 to 256");
    if (n == 2)
        return cfn_unknown(s, c->node, "Fn::Cidr without a number of bits");
    if (!str_to_int(text[2], &bits) || bits < 1 || bits > (int64_t)(network.size - network.prefix))
        return cfn_wrong(s, c->node, "Fn::Cidr: a block of %s bits does not fit",
                         text[2].n < 20 ? arena_cstr(s->arena, text[2]) : "so many");
    unsigned prefix = network.size - (unsigned)bits;
    if (prefix - network.prefix < 9 && count > 1 << (prefix - network.prefix))
        return cfn_wrong(s, c->node, "Fn::Cidr: %d blocks of /%u do not fit in " STR_FMT, (int)count, prefix,
                         STR_ARG(text[0]));
    const struct value **items = ARENA_ARRAY(s->arena, const struct value *, count);
    for (int64_t i = 0; i < count; i++)
        items[i] = value_string(s->arena, subnet(s->arena, &network, prefix, (unsigned)i), cfn_origin(s, c->node));
    return value_list(s->arena, items, (size_t)count, cfn_origin(s, c->node));
}

const struct value *cfn_eval_cidr(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    if (a->kind != NODE_LIST || a->u.list.n < 2 || a->u.list.n > 3)
        return cfn_malformed(s, n, "Fn::Cidr takes [block, count, bits]");
    struct call c = {s, n};
    const struct value *argument[3] = {NULL, NULL, NULL};
    for (size_t i = 0; i < a->u.list.n; i++)
        argument[i] = cfn_eval(s, a->u.list.item[i]);
    return cfn_lift(s, n, cidr_leaf, &c, argument, a->u.list.n, NULL);
}

/* FindInMap. */

struct finding_in_map {
    struct call call;
    const struct value *standard; /* DefaultValue; NULL: none */
    bool has_default;
};

static void gather(struct cfn_stack *s, const struct node *map, const struct value *second, const struct value **out,
                   size_t *n)
{
    str key;
    bool known = value_to_text(second, s->arena, &key);
    for (size_t i = 0; map->kind == NODE_MAP && i < map->u.map.n; i++) {
        const struct node_entry *e = &map->u.map.entry[i];
        if (!known || str_eq(node_string(e->key), key))
            out[(*n)++] = cfn_eval(s, e->value);
    }
}

/* A key is not known: the answer is, when all that it can find is the same. */
static const struct value *find_by_unknown(struct finding_in_map *f, const struct node *mapping,
                                           const struct value *first, const struct value *second)
{
    struct cfn_stack *s = f->call.stack;
    str key;
    size_t most = 0, n = 0;
    for (size_t i = 0; i < mapping->u.map.n; i++)
        most += mapping->u.map.entry[i].value->kind == NODE_MAP ? mapping->u.map.entry[i].value->u.map.n : 0;
    const struct value **found = ARENA_ARRAY(s->arena, const struct value *, most);
    bool first_known = value_to_text(first, s->arena, &key);
    for (size_t i = 0; i < mapping->u.map.n; i++) {
        if (!first_known || str_eq(node_string(mapping->u.map.entry[i].key), key))
            gather(s, mapping->u.map.entry[i].value, second, found, &n);
    }
    bool same = n > 0 && !f->has_default, nonempty = n > 0;
    for (size_t i = 0; i < n; i++) {
        same = same && found[i] && value_equal(found[i], found[0]);
        str text;
        nonempty = nonempty && value_to_text(found[i], s->arena, &text) && text.n > 0;
    }
    if (same)
        return found[0];
    const struct value *unknown_key = first_known ? second : first;
    struct value *v = value_copy(s->arena, cfn_unknown_from(s, f->call.node, unknown_key, "FindInMap"));
    v->flags |= nonempty ? VALUE_NONEMPTY : 0;
    return v;
}

static bool is_unknown_key(const struct value *v)
{
    return value_is(v, VALUE_UNKNOWN) || value_is(v, VALUE_TEXT);
}

static const struct value *find_leaf(void *context, const struct value *const *argument, size_t n,
                                     const struct world *w)
{
    (void)n;
    struct finding_in_map *f = context;
    struct cfn_stack *s = f->call.stack;
    const struct node *at = f->call.node;
    str name, key1, key2;
    if (is_unknown_key(argument[0]))
        return cfn_unknown_from(s, at, argument[0], "FindInMap");
    if (!value_to_text(argument[0], s->arena, &name))
        return cfn_malformed(s, at, "Fn::FindInMap takes [mapping, key, key]");
    const struct node *mapping = map_find(&s->mappings, name);
    if (!mapping && s->has_remote_parts)
        return cfn_unknown(s, at, "mapping " STR_FMT " may come from an include or macro", STR_ARG(name));
    if (!mapping && f->has_default)
        return world_restrict(f->standard, w);
    if (!mapping || mapping->kind != NODE_MAP)
        return cfn_wrong(s, at, "there is no mapping \"" STR_FMT "\"", STR_ARG(name));
    if (is_unknown_key(argument[1]) || is_unknown_key(argument[2]))
        return find_by_unknown(f, mapping, argument[1], argument[2]);
    if (!value_to_text(argument[1], s->arena, &key1) || !value_to_text(argument[2], s->arena, &key2))
        return cfn_malformed(s, at, "the keys of Fn::FindInMap must be text");
    const struct node_entry *first = node_find_entry(mapping, key1);
    const struct node_entry *second = first ? node_find_entry(first->value, key2) : NULL;
    if (second)
        return cfn_eval(s, second->value);
    if (f->has_default)
        return world_restrict(f->standard, w);
    return cfn_wrong(s, at, "mapping " STR_FMT " has no key \"" STR_FMT "\"", STR_ARG(name),
                     STR_ARG(first ? key2 : key1));
}

const struct value *cfn_eval_find_in_map(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    if (a->kind != NODE_LIST || a->u.list.n < 3 || a->u.list.n > 4)
        return cfn_malformed(s, n, "Fn::FindInMap takes [mapping, key, key, {DefaultValue}]");
    struct finding_in_map f = {.call = {s, n}};
    if (a->u.list.n == 4) {
        const struct node *standard = node_find(a->u.list.item[3], "DefaultValue");
        if (!standard)
            return cfn_malformed(s, n, "the fourth argument of Fn::FindInMap is {DefaultValue: value}");
        f.has_default = true;
        f.standard = cfn_eval(s, standard);
    }
    const struct value *argument[3];
    for (size_t i = 0; i < 3; i++)
        argument[i] = cfn_eval_text(s, a->u.list.item[i]);
    return cfn_lift(s, n, find_leaf, &f, argument, 3, NULL);
}
