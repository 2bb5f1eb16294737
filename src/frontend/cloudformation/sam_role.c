/* The role that SAM makes for a function or state machine, and its policies. */
#include "frontend/cloudformation/sam_build.h"

struct policies {
    struct sam *sam;
    const struct value **managed, **inlined;
    size_t n_managed, n_inlined;
};

static const struct value *trust(struct sam *sam, const char *service)
{
    const struct value *own = sam_property(sam, "AssumeRolePolicyDocument");
    if (own)
        return own;
    struct sam_map principal = {.sam = sam}, statement = {.sam = sam};
    const struct value *services = sam_text(sam, service), *action = sam_text(sam, "sts:AssumeRole");
    sam_put(&principal, "Service", sam_list(sam, &services, 1));
    sam_put(&statement, "Action", sam_list(sam, &action, 1));
    sam_put_text(&statement, "Effect", "Allow");
    sam_put(&statement, "Principal", sam_done(&principal));
    const struct value *one = sam_done(&statement);
    return sam_document(sam, &one, 1);
}

static void add_inline(struct policies *p, const struct value *document)
{
    struct sam_map m = {.sam = p->sam};
    str name = arena_printf(p->sam->stack->arena, STR_FMT "RolePolicy%zu", STR_ARG(p->sam->resource->id), p->n_inlined);
    sam_put(&m, "PolicyName", value_string(p->sam->stack->arena, name, p->sam->origin));
    sam_put(&m, "PolicyDocument", document);
    p->inlined[p->n_inlined++] = sam_done(&m);
}

/* A name of an AWS managed policy, or an ARN. */
static const struct value *managed_arn(void *context, const struct value *const *argument, size_t n,
                                       const struct world *w)
{
    (void)n;
    (void)w;
    struct sam *sam = context;
    const struct value *v = argument[0];
    if (!value_is(v, VALUE_STRING) || str_starts(v->u.string, STR("arn:")))
        return v;
    bool service = str_starts(v->u.string, STR("AWSLambda")) && str_ends(v->u.string, STR("ExecutionRole"));
    str arn = arena_printf(sam->stack->arena, "arn:aws:iam::aws:policy/%s" STR_FMT, service ? "service-role/" : "",
                           STR_ARG(v->u.string));
    return value_string(sam->stack->arena, arn, v->origin);
}

static const struct value *expand_template(struct sam *sam, const struct value_entry *e)
{
    const struct sam_policy *t = sam_policy_find(e->key);
    if (!t) {
        cfn_complain(sam->stack, DIAG_NOT_ANALYSED, e->key_at.file ? e->key_at : sam->resource->key->at,
                     "\"" STR_FMT "\" is no SAM policy template that hipaalint knows", STR_ARG(e->key));
        return cfn_unknown(sam->stack, sam->resource->key, "SAM policy template " STR_FMT, STR_ARG(e->key));
    }
    const struct value *statement[ARRAY_LEN(t->statement)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(t->statement) && t->statement[i].actions; i++)
        statement[n++] = sam_statement(sam, t->statement[i].actions, t->statement[i].resources, e->value);
    return sam_document(sam, statement, n);
}

static const struct value *first_leaf(const struct value *v)
{
    while (value_is(v, VALUE_CHOICE)) {
        const struct value *present = NULL;
        for (size_t i = 0; i < v->u.choice.by->n_options && !present; i++)
            present = v->u.choice.option[i];
        v = present;
    }
    return v;
}

/* One alternative of an inline policy. */
static const struct value *inline_document(void *context, const struct value *const *argument, size_t n,
                                           const struct world *w)
{
    (void)n;
    (void)w;
    const struct value *v = argument[0];
    if (!value_is(v, VALUE_MAP) || v->u.map.n != 1 || value_get(v, STR("Statement")))
        return v;
    return expand_template(context, &v->u.map.entry[0]);
}

static void add_policy(struct policies *p, const struct value *v)
{
    struct sam *sam = p->sam;
    if (!v)
        return;
    bool is_inline = value_is(first_leaf(v), VALUE_MAP);
    const struct value *made =
        cfn_lift(sam->stack, sam->resource->key, is_inline ? inline_document : managed_arn, sam, &v, 1, NULL);
    if (!made)
        return;
    if (is_inline)
        add_inline(p, made);
    else
        p->managed[p->n_managed++] = made;
}

void sam_role(struct sam *sam, const char *service, const char *const *managed, size_t n_managed)
{
    struct cfn_stack *s = sam->stack;
    const struct value *given = sam_property(sam, "Policies");
    bool is_list = value_is(given, VALUE_LIST);
    size_t most = n_managed + (is_list ? given->u.list.n : 1);
    struct policies p = {.sam = sam};
    p.managed = ARENA_ARRAY(s->arena, const struct value *, most);
    p.inlined = ARENA_ARRAY(s->arena, const struct value *, most);
    for (size_t i = 0; i < n_managed; i++) {
        str arn = arena_printf(s->arena, "arn:aws:iam::aws:policy/%s", managed[i]);
        p.managed[p.n_managed++] = value_string(s->arena, arn, sam->origin);
    }
    for (size_t i = 0; is_list && i < given->u.list.n; i++)
        add_policy(&p, given->u.list.item[i]);
    if (!is_list)
        add_policy(&p, given);
    struct sam_map m = {.sam = sam};
    sam_put(&m, "AssumeRolePolicyDocument", trust(sam, service));
    sam_put(&m, "ManagedPolicyArns", value_list(s->arena, p.managed, p.n_managed, given ? given->origin : sam->origin));
    if (p.n_inlined > 0)
        sam_put(&m, "Policies", value_list(s->arena, p.inlined, p.n_inlined, given->origin));
    sam_put(&m, "PermissionsBoundary", sam_property(sam, "PermissionsBoundary"));
    sam_put(&m, "Path", sam_property(sam, "RolePath"));
    sam_add(sam, "AWS::IAM::Role", sam_id(sam, "Role"), &m);
}
