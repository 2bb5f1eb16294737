/* Names: Ref, GetAtt, ImportValue, GetAZs. */
#include "frontend/cloudformation/assume.h"
#include "frontend/cloudformation/intrinsics.h"
#include "frontend/cloudformation/nested.h"
#include "frontend/cloudformation/parameters.h"
#include "frontend/cloudformation/resources.h"

/* What Ref or GetAtt returns when the template writes it: the property, exactly. */
static const struct {
    const char *type, *attribute, *property;
} returned[] = {
    {"AWS::Athena::WorkGroup", "", "Name"},
    {"AWS::CloudTrail::Trail", "", "TrailName"},
    {"AWS::CloudWatch::Alarm", "", "AlarmName"},
    {"AWS::CodeBuild::Project", "", "Name"},
    {"AWS::DynamoDB::Table", "", "TableName"},
    {"AWS::EC2::VPC", "CidrBlock", "CidrBlock"},
    {"AWS::ECR::Repository", "", "RepositoryName"},
    {"AWS::ECS::Cluster", "", "ClusterName"},
    {"AWS::EKS::Cluster", "", "Name"},
    {"AWS::IAM::Group", "", "GroupName"},
    {"AWS::IAM::InstanceProfile", "", "InstanceProfileName"},
    {"AWS::IAM::Role", "", "RoleName"},
    {"AWS::IAM::User", "", "UserName"},
    {"AWS::Kinesis::Stream", "", "Name"},
    {"AWS::KMS::Alias", "", "AliasName"},
    {"AWS::Lambda::Function", "", "FunctionName"},
    {"AWS::Logs::LogGroup", "", "LogGroupName"},
    {"AWS::S3::Bucket", "", "BucketName"},
    {"AWS::SNS::Topic", "TopicName", "TopicName"},
    {"AWS::SQS::Queue", "QueueName", "QueueName"},
    {"AWS::SSM::Parameter", "", "Name"},
    {"AWS::Serverless::Function", "", "FunctionName"},
    {"AWS::Serverless::SimpleTable", "", "TableName"},
};

static const struct value *written(struct cfn_stack *s, struct cfn_resource *r, str attribute)
{
    const char *property = NULL;
    for (size_t i = 0; i < ARRAY_LEN(returned) && !property; i++) {
        if (str_eq_c(r->type, returned[i].type) && str_eq_c(attribute, returned[i].attribute))
            property = returned[i].property;
    }
    const struct node *n = property && r->properties ? node_find(r->properties, property) : NULL;
    if (!n || r->busy || s->has_macro)
        return NULL;
    if (!r->is_referenced) {
        struct cfn_assumed before = cfn_assume_nothing(s);
        enum cfn_mode mode = s->mode;
        s->mode = CFN_PROPERTIES;
        r->busy = true;
        const struct value *v = cfn_eval_in(s, n, r->scope);
        r->busy = false;
        s->mode = mode;
        cfn_assume_end(s, before);
        r->is_referenced = true;
        r->reference = value_is(v, VALUE_STRING) && v->u.string.n > 0 ? v : NULL;
    }
    return r->reference;
}

static const struct value *reference(struct cfn_stack *s, str id, str attribute, const struct node *use)
{
    struct ref *ref = ARENA_NEW(s->arena, struct ref);
    ref->address = arena_printf(s->arena, STR_FMT STR_FMT, STR_ARG(s->prefix), STR_ARG(id));
    ref->attribute = attribute;
    str reason = attribute.n ? arena_printf(s->arena, "known after deployment: " STR_FMT "." STR_FMT, STR_ARG(id),
                                            STR_ARG(attribute))
                             : arena_printf(s->arena, "known after deployment: " STR_FMT, STR_ARG(id));
    return value_ref(s->arena, ref, reason, cfn_origin(s, use));
}

static const struct value *of_resource(struct cfn_stack *s, struct cfn_resource *r, str attribute,
                                       const struct node *use)
{
    if (str_starts(attribute, STR("Outputs.")) && str_eq_c(r->type, "AWS::CloudFormation::Stack")) {
        const struct value *v = cfn_nested_output(s, r, str_slice(attribute, 8, attribute.n), use);
        if (v)
            return v;
    }
    const struct value *v = reference(s, r->id, attribute, use);
    const struct value *text = written(s, r, attribute);
    if (!text)
        return v;
    struct value *both = value_copy(s->arena, text);
    both->ref = v->ref;
    both->origin =
        origin_new(s->arena, use->at, arena_printf(s->arena, "name of " STR_FMT, STR_ARG(r->id)), text->origin);
    return both;
}

/* SAM makes resources whose names start with that of their source: MyApi.Stage, MyFunctionRole. */
static struct cfn_resource *sam_source(struct cfn_stack *s, str id)
{
    struct cfn_resource *best = NULL;
    for (size_t i = 0; s->is_serverless && i < s->resources.n; i++) {
        struct cfn_resource *r = s->resources.at[i].value;
        if (str_starts(r->type, STR("AWS::Serverless::")) && str_starts(id, r->id) && (!best || r->id.n > best->id.n))
            best = r;
    }
    return best;
}

static const struct value *missing(struct cfn_stack *s, str id, str attribute, const struct node *use)
{
    if (s->is_serverless && (str_starts(id, STR("ServerlessRestApi")) || str_starts(id, STR("ServerlessHttpApi")) ||
                             str_starts(id, STR("ServerlessDeploymentApplication")) || sam_source(s, id)))
        return reference(s, id, attribute, use);
    if (s->has_macro || s->has_remote_parts)
        return cfn_unknown(s, use, "\"" STR_FMT "\" may come from an include or macro", STR_ARG(id));
    if (s->scope) {
        for (const struct cfn_scope *c = s->scope; c; c = c->outer) {
            if (!c->value)
                return cfn_unknown(s, use, "depends on the loop variable " STR_FMT, STR_ARG(c->name));
        }
    }
    cfn_complain(s, DIAG_REFERENCE, use->at, "there is no parameter or resource \"" STR_FMT "\"", STR_ARG(id));
    struct value *v = value_copy(s->arena, reference(s, id, attribute, use));
    v->u.reason = arena_printf(s->arena, "there is no parameter or resource \"" STR_FMT "\"", STR_ARG(id));
    return v;
}

const struct value *cfn_lookup_attribute(struct cfn_stack *s, str id, str attribute, const struct node *use)
{
    struct cfn_resource *r = map_find(&s->resources, id);
    if (r && attribute.n && str_starts(r->type, STR("AWS::Serverless::")) &&
        (str_eq_c(attribute, "Stage") || str_eq_c(attribute, "Deployment") || str_eq_c(attribute, "Version") ||
         str_eq_c(attribute, "Alias")))
        return reference(s, arena_printf(s->arena, STR_FMT STR_FMT, STR_ARG(id), STR_ARG(attribute)), STR_NONE, use);
    return r ? of_resource(s, r, attribute, use) : missing(s, id, attribute, use);
}

const struct value *cfn_lookup(struct cfn_stack *s, str name, const struct node *use)
{
    for (const struct cfn_scope *c = s->scope; c; c = c->outer) {
        if (str_eq(c->name, name))
            return c->value ? c->value : cfn_unknown(s, use, "loop variable " STR_FMT, STR_ARG(name));
    }
    if (str_eq_c(name, "AWS::NoValue"))
        return NULL;
    const struct cfn_parameter *p = map_find(&s->parameters, name);
    if (p)
        return cfn_parameter_value(s, p, use);
    if (map_has(&s->resources, name))
        return cfn_lookup_attribute(s, name, STR_NONE, use);
    str attribute;
    str id = str_cut(name, '.', &attribute);
    if (attribute.p)
        return cfn_lookup_attribute(s, id, attribute, use);
    return missing(s, name, STR_NONE, use);
}

const struct value *cfn_eval_ref(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    str name;
    if (cfn_scoped_text(s, a, &name))
        return cfn_lookup(s, name, n);
    str function;
    const struct node *inner;
    if (!cfn_call(a, false, &function, &inner))
        return cfn_malformed(s, n, "Ref takes a name");
    const struct value *v = cfn_eval(s, a);
    if (value_is(v, VALUE_STRING))
        return cfn_lookup(s, v->u.string, n);
    return cfn_unknown_from(s, n, v, "Ref");
}

const struct value *cfn_eval_get_att(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    str id, attribute;
    if (cfn_scoped_text(s, a, &id)) {
        id = str_cut(id, '.', &attribute);
        if (id.n == 0 || attribute.n == 0)
            return cfn_malformed(s, n, "Fn::GetAtt takes Name.Attribute");
        return cfn_lookup_attribute(s, id, attribute, n);
    }
    if (a->kind != NODE_LIST || a->u.list.n < 2)
        return cfn_malformed(s, n, "Fn::GetAtt takes [name, attribute]");
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    const struct value *unknown = NULL;
    for (size_t i = 0; i < a->u.list.n && !unknown; i++) {
        const struct value *v = cfn_eval(s, a->u.list.item[i]);
        str text;
        if (!value_to_text(v, s->arena, &text)) {
            unknown = value_is(v, VALUE_UNKNOWN) || value_is(v, VALUE_TEXT) || value_is(v, VALUE_CHOICE)
                          ? cfn_unknown_from(s, n, v, "GetAtt")
                          : cfn_malformed(s, n, "Fn::GetAtt takes [name, attribute]");
            continue;
        }
        buf_printf(&b, "%s" STR_FMT, i ? "." : "", STR_ARG(text));
    }
    id = str_cut(buf_copy(&b, s->arena), '.', &attribute);
    buf_release(&b);
    return unknown ? unknown : cfn_lookup_attribute(s, id, attribute, n);
}

struct import {
    struct cfn_stack *stack;
    const struct node *node;
};

static const struct value *import_leaf(void *context, const struct value *const *argument, size_t n,
                                       const struct world *w)
{
    (void)n;
    (void)w;
    const struct import *i = context;
    struct cfn_stack *s = i->stack;
    if (value_is(argument[0], VALUE_UNKNOWN) || value_is(argument[0], VALUE_TEXT)) {
        struct value *v = value_copy(s->arena, cfn_unknown_from(s, i->node, argument[0], "ImportValue"));
        v->flags |= VALUE_NONEMPTY;
        v->ref = NULL;
        return v;
    }
    str name;
    if (!value_to_text(argument[0], s->arena, &name))
        return cfn_malformed(s, i->node, "Fn::ImportValue takes the name of an export");
    const struct cfn_export *e = map_find(&s->run->exports, name);
    if (e && !e->ambiguous && e->value) {
        struct value *v = value_copy(s->arena, e->value);
        str note = arena_printf(s->arena, "export " STR_FMT, STR_ARG(name));
        v->origin = origin_new(s->arena, i->node->at, note, e->value->origin);
        return v;
    }
    struct ref *ref = ARENA_NEW(s->arena, struct ref);
    ref->address = arena_printf(s->arena, "export:" STR_FMT, STR_ARG(name));
    str reason = arena_printf(
        s->arena, e ? "several templates export \"" STR_FMT "\"" : "export \"" STR_FMT "\" of another stack",
        STR_ARG(name));
    return value_ref(s->arena, ref, reason, cfn_origin(s, i->node));
}

const struct value *cfn_eval_import(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    struct import i = {s, n};
    const struct value *argument = cfn_eval(s, a);
    return cfn_lift(s, n, import_leaf, &i, &argument, 1, NULL);
}

/* Which zones a region has for an account is known when it is asked; that they differ is certain, and that there are
 * three or so. */
const struct value *cfn_eval_zones(struct cfn_stack *s, const struct node *n, const struct node *a)
{
    static const char *const letters[] = {"a", "b", "c"};
    const struct value *region = cfn_eval(s, a);
    const struct value **zone = ARENA_ARRAY(s->arena, const struct value *, ARRAY_LEN(letters));
    str text;
    const struct value *hole = value_to_text(region, s->arena, &text) && text.n > 0
                                   ? cfn_unknown(s, n, "availability zones of " STR_FMT, STR_ARG(text))
                                   : cfn_unknown(s, n, "availability zones of the region");
    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        const struct value **part = ARENA_ARRAY(s->arena, const struct value *, 2);
        part[0] = hole;
        part[1] = value_string(s->arena, str_of(letters[i]), NULL);
        zone[i] = value_text(s->arena, part, 2, cfn_origin(s, n));
    }
    struct value *list = value_list(s->arena, zone, ARRAY_LEN(letters), cfn_origin(s, n));
    list->flags |= VALUE_PARTIAL;
    return list;
}
