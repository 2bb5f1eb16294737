/* Connectors: what one resource may do to another, as a managed policy of the source's role. */
#include "frontend/cloudformation/sam_build.h"

/* By kind of destination; resources are of the destination: {Arn}. */
static const struct {
    const char *type, *read, *write, *resources;
} grants[] = {
    {"AWS::DynamoDB::Table",
     "dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:BatchGetItem dynamodb:ConditionCheckItem "
     "dynamodb:PartiQLSelect",
     "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:PartiQLDelete "
     "dynamodb:PartiQLInsert dynamodb:PartiQLUpdate",
     "{Arn} {Arn}/index/*"},
    {"AWS::Serverless::SimpleTable",
     "dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:BatchGetItem dynamodb:ConditionCheckItem "
     "dynamodb:PartiQLSelect",
     "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem dynamodb:PartiQLDelete "
     "dynamodb:PartiQLInsert dynamodb:PartiQLUpdate",
     "{Arn} {Arn}/index/*"},
    {"AWS::S3::Bucket",
     "s3:GetObject s3:GetObjectAcl s3:GetObjectLegalHold s3:GetObjectRetention s3:GetObjectTorrent s3:GetObjectVersion "
     "s3:GetObjectVersionAcl s3:GetObjectVersionForReplication s3:GetObjectVersionTorrent s3:ListBucket "
     "s3:ListBucketMultipartUploads s3:ListBucketVersions s3:ListMultipartUploadParts",
     "s3:AbortMultipartUpload s3:DeleteObject s3:DeleteObjectVersion s3:PutObject s3:PutObjectLegalHold "
     "s3:PutObjectRetention s3:RestoreObject",
     "{Arn} {Arn}/*"},
    {"AWS::SQS::Queue", "sqs:ReceiveMessage sqs:GetQueueAttributes",
     "sqs:DeleteMessage sqs:SendMessage sqs:ChangeMessageVisibility sqs:PurgeQueue", "{Arn}"},
    {"AWS::SNS::Topic", NULL, "sns:Publish", "{Arn}"},
    {"AWS::Lambda::Function", NULL, "lambda:InvokeAsync lambda:InvokeFunction", "{Arn}"},
    {"AWS::Serverless::Function", NULL, "lambda:InvokeAsync lambda:InvokeFunction", "{Arn}"},
    {"AWS::StepFunctions::StateMachine", "states:DescribeStateMachine states:ListExecutions",
     "states:StartExecution states:StartSyncExecution", "{Arn}"},
    {"AWS::Serverless::StateMachine", "states:DescribeStateMachine states:ListExecutions",
     "states:StartExecution states:StartSyncExecution", "{Arn}"},
    {"AWS::Events::EventBus", NULL, "events:PutEvents", "{Arn}"},
};

static const struct value *destination_arn(struct sam *sam, const struct value *destination)
{
    const struct value *arn = value_get(destination, STR("Arn"));
    str id = value_str(value_get(destination, STR("Id")));
    return arn ? arn : sam_reference(sam, id, "Arn");
}

static str destination_type(struct sam *sam, const struct value *destination)
{
    const struct cfn_resource *r = map_find(&sam->stack->resources, value_str(value_get(destination, STR("Id"))));
    return r ? r->type : value_str(value_get(destination, STR("Type")));
}

static bool wants(const struct value *permissions, const char *what)
{
    for (size_t i = 0; value_is(permissions, VALUE_LIST) && i < permissions->u.list.n; i++) {
        if (str_eq_c(value_str(permissions->u.list.item[i]), what))
            return true;
    }
    return false;
}

/* The role of the source: the one it names, or the one that SAM makes. */
static const struct value *source_role(struct sam *sam, str source)
{
    struct cfn_stack *s = sam->stack;
    const struct cfn_resource *r = map_find(&s->resources, source);
    if (!r)
        return NULL;
    const struct node *role = r->properties ? node_find(r->properties, "Role") : NULL;
    if (role)
        return cfn_eval_in(s, role, r->scope);
    if (str_starts(r->type, STR("AWS::Serverless::")))
        return sam_reference(sam, arena_printf(s->arena, STR_FMT "Role", STR_ARG(source)), "");
    return NULL;
}

static void connect(struct sam *sam, str id, str source, const struct value *destination,
                    const struct value *permissions)
{
    str type = destination_type(sam, destination);
    const struct value *role = source_role(sam, source);
    const struct value *statement[2];
    size_t n = 0, at = 0;
    while (at < ARRAY_LEN(grants) && !str_eq_c(type, grants[at].type))
        at++;
    if (at == ARRAY_LEN(grants) || !role) {
        cfn_complain(sam->stack, DIAG_NOT_ANALYSED, sam->resource->key->at,
                     "what connector \"" STR_FMT "\" permits is not analysed", STR_ARG(id));
        return;
    }
    struct sam_map arguments = {.sam = sam}, m = {.sam = sam};
    sam_put(&arguments, "Arn", destination_arn(sam, destination));
    if (grants[at].read && wants(permissions, "Read"))
        statement[n++] = sam_statement(sam, grants[at].read, grants[at].resources, sam_done(&arguments));
    if (grants[at].write && wants(permissions, "Write"))
        statement[n++] = sam_statement(sam, grants[at].write, grants[at].resources, sam_done(&arguments));
    sam_put(&m, "PolicyDocument", sam_document(sam, statement, n));
    sam_put(&m, "Roles", sam_list(sam, &role, 1));
    sam_add(sam, "AWS::IAM::ManagedPolicy", arena_printf(sam->stack->arena, STR_FMT "Policy", STR_ARG(id)), &m);
}

static void connect_all(struct sam *sam, str id, str source, const struct value *destination,
                        const struct value *permissions)
{
    if (!value_is(destination, VALUE_LIST)) {
        connect(sam, id, source, destination, permissions);
        return;
    }
    for (size_t i = 0; i < destination->u.list.n; i++) {
        str own = arena_printf(sam->stack->arena, STR_FMT "Destination%zu", STR_ARG(id), i);
        connect(sam, own, source, destination->u.list.item[i], permissions);
    }
}

void sam_connector(struct sam *sam)
{
    str source = value_str(value_get(sam_property(sam, "Source"), STR("Id")));
    connect_all(sam, sam->resource->id, source, sam_property(sam, "Destination"), sam_property(sam, "Permissions"));
}

void sam_embedded_connectors(struct sam *sam)
{
    const struct node *n = node_find(sam->resource->node, "Connectors");
    const struct value *all = n ? cfn_eval_in(sam->stack, n, sam->resource->scope) : NULL;
    for (size_t i = 0; value_is(all, VALUE_MAP) && i < all->u.map.n; i++) {
        const struct value *p = value_get(all->u.map.entry[i].value, STR("Properties"));
        str id = sam_event_id(sam, all->u.map.entry[i].key, "");
        connect_all(sam, id, sam->resource->id, value_get(p, STR("Destination")), value_get(p, STR("Permissions")));
    }
}
