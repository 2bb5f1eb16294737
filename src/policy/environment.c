#include "policy/environment.h"

/* Reading a field, in the order that environment.h promises. */
static bool read_field(struct cel_context *c, const struct cel_value *object, str name, struct cel_value *ret)
{
    if (object->kind != CEL_RESOURCE)
        return false;
    const struct resource *r = object->u.resource;
    uint32_t owner = r->id + 1;
    const struct value_entry *e = value_get_entry(r->attributes, name);
    if (!e)
        e = value_get_entry(r->facts, name);
    if (e) {
        *ret = cel_from_graph(c, e->value, owner);
        return e->value != NULL;
    }
    if (str_eq_c(name, "address"))
        *ret = cel_string(r->address);
    else if (str_eq_c(name, "name"))
        *ret = cel_string(r->name);
    else if (str_eq_c(name, "type"))
        *ret = cel_string(sym_str(r->type));
    else if (str_eq_c(name, "kind"))
        *ret = cel_string(sym_str(r->kind));
    else if (str_eq_c(name, "metadata") && r->metadata)
        *ret = cel_from_graph(c, r->metadata, owner);
    else if (r->incomplete || (r->attributes && r->attributes->flags & VALUE_PARTIAL))
        *ret = cel_unknown(STR("the block could not be read completely"));
    else
        return false;
    return true;
}

static const struct cel_variable variables[ENV_VARIABLES] = {
    [ENV_RESOURCE] = {{"resource", 8}, "the resource that the rule asks about"},
    [ENV_ITEM] = {{"item", 4}, "the element of `each` that the rule asks about"},
    [ENV_ADDRESS] = {{"address", 7}, "the address of the resource"},
    [ENV_PARAM] = {{"param", 5}, "the parameters of the rule packs"},
};

static const struct cel_function_table *const tables[] = {&functions_graph, &functions_network, &functions_policy,
                                                          &functions_resource, &functions_secrets};
static const struct cel_host host = {.field = read_field};
static const struct cel_environment environment = {
    .variable = variables,
    .n_variables = ENV_VARIABLES,
    .table = tables,
    .n_tables = ARRAY_LEN(tables),
    .host = &host,
};

const struct cel_environment *environment_get(void)
{
    return &environment;
}
