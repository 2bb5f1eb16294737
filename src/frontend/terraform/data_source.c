/* Data sources of which something is known without looking. */
#include "frontend/terraform/tree.h"

static const struct value *with_entries(struct evaluator *e, const struct value *raw, const struct value_entry *more,
                                        size_t n)
{
    struct value_entry *entries = ARENA_ARRAY(e->arena, struct value_entry, raw->u.map.n + n);
    if (raw->u.map.n)
        memcpy(entries, raw->u.map.entry, raw->u.map.n * sizeof(*entries));
    memcpy(entries + raw->u.map.n, more, n * sizeof(*more));
    struct value *v = value_copy(e->arena, raw);
    v->u.map.entry = entries;
    v->u.map.n = raw->u.map.n + n;
    return v;
}

static const struct value *text(struct evaluator *e, const char *s, span at, const char *note)
{
    return value_string(e->arena, str_of(s), origin_new(e->arena, at, str_of(note), NULL));
}

/* The region of the provider configuration that applies. */
static const struct value *provider_region(struct module_instance *m, const struct declaration *d)
{
    struct module_instance *where;
    const struct node *provider = node_find(d->body, "provider");
    str reference = STR("aws");
    if (provider && provider->kind == NODE_GET)
        reference = arena_printf(m->tree->arena, "aws." STR_FMT, STR_ARG(provider->u.get.name));
    const struct declaration *p = tree_provider(m, reference, &where);
    const struct node *region = p ? node_find(p->body, "region") : NULL;
    return region ? eval_expression(&m->tree->eval, region, scope_of(where, NULL, NULL)) : NULL;
}

const struct value *data_source_value(struct module_instance *m, const struct declaration *d, const struct value *raw)
{
    struct evaluator *e = &m->tree->eval;
    if (raw->kind != VALUE_MAP)
        return raw;
    if (str_eq_c(d->type, "aws_iam_policy_document"))
        return policy_document(e, raw, d->header);
    if (str_eq_c(d->type, "aws_partition")) {
        const char *note = "the commercial partition is assumed";
        struct value_entry known[] = {
            {STR("partition"), d->header, text(e, "aws", d->header, note)},
            {STR("dns_suffix"), d->header, text(e, "amazonaws.com", d->header, note)},
            {STR("reverse_dns_prefix"), d->header, text(e, "com.amazonaws", d->header, note)}};
        return with_entries(e, raw, known, ARRAY_LEN(known));
    }
    if (str_eq_c(d->type, "aws_region") && !value_get(raw, STR("name")) && !value_get(raw, STR("region"))) {
        const struct value *region = provider_region(m, d);
        struct value_entry known[] = {
            {STR("name"), d->header, region}, {STR("region"), d->header, region}, {STR("id"), d->header, region}};
        return region ? with_entries(e, raw, known, ARRAY_LEN(known)) : raw;
    }
    return raw;
}
