#include "frontend/terraform/function.h"

static const struct value *convert_to(struct call *c, const struct type *t)
{
    struct type_conversion to = {.arena = c->arena};
    const struct value *v = tf_plain(c->arena, c->arg[0]);
    const struct value *made = type_convert(&to, v, t);
    return made ? made : function_fail(c, STR_FMT, STR_ARG(to.error));
}

static const struct value *fn_tostring(struct call *c)
{
    return convert_to(c, &type_string);
}

static const struct value *fn_tonumber(struct call *c)
{
    return convert_to(c, &type_number);
}

static const struct value *fn_tobool(struct call *c)
{
    return convert_to(c, &type_bool);
}

static const struct value *fn_tolist(struct call *c)
{
    return convert_to(c, type_new(c->arena, TYPE_LIST, &type_any));
}

static const struct value *fn_toset(struct call *c)
{
    return convert_to(c, type_new(c->arena, TYPE_SET, &type_any));
}

static const struct value *fn_tomap(struct call *c)
{
    return convert_to(c, type_new(c->arena, TYPE_MAP, &type_any));
}

static const struct value *fn_list(struct call *c)
{
    return function_fail(c, "the function was removed from the language; write [...]");
}

static const struct value *fn_map(struct call *c)
{
    return function_fail(c, "the function was removed from the language; write {...}");
}

static const struct value *marked(struct call *c, bool sensitive)
{
    struct value *v = value_copy(c->arena, c->arg[0]);
    v->flags = (uint16_t)(sensitive ? v->flags | VALUE_SENSITIVE : v->flags & ~VALUE_SENSITIVE);
    c->n = 0; /* the marks of the argument are not those of the result */
    return v;
}

static const struct value *fn_sensitive(struct call *c)
{
    return marked(c, true);
}

static const struct value *fn_nonsensitive(struct call *c)
{
    return marked(c, false);
}

static const struct value *fn_issensitive(struct call *c)
{
    bool is = c->arg[0]->flags & VALUE_SENSITIVE;
    c->n = 0;
    return value_bool(c->arena, is, c->origin);
}

static const struct value *fn_ephemeralasnull(struct call *c)
{
    return c->arg[0];
}

/* A type as the console's type() gives it in JSON. */
static const struct value *fn_type(struct call *c)
{
    return function_string(c, type_name(c->arena, type_of(c->arena, c->arg[0])));
}

const struct function functions_convert[] = {
    {"tostring", "a", fn_tostring, FN_NULLS | FN_UNKNOWNS},
    {"tonumber", "a", fn_tonumber, FN_NULLS | FN_UNKNOWNS},
    {"tobool", "a", fn_tobool, FN_NULLS | FN_UNKNOWNS},
    {"tolist", "a", fn_tolist, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL},
    {"toset", "a", fn_toset, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL},
    {"tomap", "a", fn_tomap, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL},
    {"list", "a*", fn_list, FN_NULLS | FN_UNKNOWNS},
    {"map", "a*", fn_map, FN_NULLS | FN_UNKNOWNS},
    {"sensitive", "a", fn_sensitive, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL | FN_NO_LIFT},
    {"nonsensitive", "a", fn_nonsensitive, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL | FN_NO_LIFT},
    {"issensitive", "a", fn_issensitive, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL | FN_NO_LIFT},
    {"ephemeralasnull", "a", fn_ephemeralasnull, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL | FN_NO_LIFT},
    {"type", "a", fn_type, FN_NULLS | FN_UNKNOWNS | FN_PARTIAL},
    {NULL, NULL, NULL, 0},
};

/* What gives another answer each time. */

static const struct value *impure(struct call *c)
{
    c->n = 0;
    return value_unknown(c->arena, arena_printf(c->arena, "%s() gives another value each time", c->function->name),
                         c->origin);
}

static const struct value *secret(struct call *c)
{
    return value_unknown(c->arena, arena_printf(c->arena, "%s() is not evaluated", c->function->name), c->origin);
}

const struct function functions_impure[] = {
    {"timestamp", "", impure, 0}, {"plantimestamp", "", impure, 0}, {"uuid", "", impure, 0},
    {"bcrypt", "sn*", impure, 0}, {"rsadecrypt", "ss", secret, 0},  {NULL, NULL, NULL, 0},
};
