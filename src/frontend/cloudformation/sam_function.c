#include "frontend/cloudformation/sam_build.h"

/* Code, or the content of a layer: a local path is what packaging uploads. */
static const struct value *code(struct sam *sam)
{
    struct sam_map m = {.sam = sam};
    const struct value *uri = sam_property(sam, "CodeUri");
    const struct value *image = sam_property(sam, "ImageUri");
    const struct value *text = sam_property(sam, "InlineCode");
    const struct value *key = sam_property(sam, "SourceKMSKeyArn");
    if (text) {
        sam_put(&m, "ZipFile", text);
    } else if (image) {
        sam_put(&m, "ImageUri", image);
    } else if (value_is(uri, VALUE_MAP)) {
        sam_put(&m, "S3Bucket", value_get(uri, STR("Bucket")));
        sam_put(&m, "S3Key", value_get(uri, STR("Key")));
        sam_put(&m, "S3ObjectVersion", value_get(uri, STR("Version")));
    } else if (str_starts(value_str(uri), STR("s3://"))) {
        str object;
        str bucket = str_cut(str_slice(uri->u.string, 5, uri->u.string.n), '/', &object);
        sam_put(&m, "S3Bucket", value_string(sam->stack->arena, bucket, uri->origin));
        sam_put(&m, "S3Key", value_string(sam->stack->arena, object, uri->origin));
    } else {
        const struct value *uploaded =
            cfn_unknown(sam->stack, sam->resource->key, "the code is uploaded by `sam package`");
        if (!key)
            return uploaded;
        sam_put(&m, "S3Bucket", uploaded);
        sam_put(&m, "S3Key", uploaded);
    }
    sam_put(&m, "SourceKMSKeyArn", key);
    return sam_done(&m);
}

static const struct value *tracing(struct sam *sam)
{
    const struct value *mode = sam_property(sam, "Tracing");
    if (!mode || str_eq_c(value_str(mode), "Disabled"))
        return NULL;
    struct sam_map m = {.sam = sam};
    sam_put(&m, "Mode", mode);
    return sam_done(&m);
}

static void add_url(struct sam *sam, const struct value *config)
{
    static const char *const same[] = {"AuthType", "Cors", "InvokeMode", NULL};
    struct sam_map url = {.sam = sam};
    sam_copy(&url, config, same);
    sam_put(&url, "TargetFunctionArn", sam_reference(sam, sam->resource->id, ""));
    sam_add(sam, "AWS::Lambda::Url", sam_id(sam, "Url"), &url);
    if (!str_eq_c(value_str(value_get(config, STR("AuthType"))), "NONE"))
        return;
    struct sam_map permission = {.sam = sam};
    sam_put_text(&permission, "Action", "lambda:InvokeFunctionUrl");
    sam_put(&permission, "FunctionName", sam_reference(sam, sam->resource->id, ""));
    sam_put_text(&permission, "Principal", "*");
    sam_put_text(&permission, "FunctionUrlAuthType", "NONE");
    sam_add(sam, "AWS::Lambda::Permission", sam_id(sam, "UrlPublicPermissions"), &permission);
}

static void add_alias(struct sam *sam, const struct value *name)
{
    struct sam_map version = {.sam = sam}, alias = {.sam = sam};
    sam_put(&version, "FunctionName", sam_reference(sam, sam->resource->id, ""));
    sam_put(&version, "Description", sam_property(sam, "VersionDescription"));
    sam_add(sam, "AWS::Lambda::Version", sam_id(sam, "Version"), &version);
    sam_put(&alias, "Name", name);
    sam_put(&alias, "FunctionName", sam_reference(sam, sam->resource->id, ""));
    sam_put(&alias, "FunctionVersion", sam_reference(sam, sam_id(sam, "Version"), "Version"));
    sam_put(&alias, "ProvisionedConcurrencyConfig", sam_property(sam, "ProvisionedConcurrencyConfig"));
    sam_add(sam, "AWS::Lambda::Alias", sam_id(sam, "Alias"), &alias);
}

static void add_invoke_config(struct sam *sam, const struct value *config)
{
    static const char *const same[] = {"DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", NULL};
    struct sam_map m = {.sam = sam};
    sam_copy(&m, config, same);
    sam_put(&m, "FunctionName", sam_reference(sam, sam->resource->id, ""));
    sam_put_text(&m, "Qualifier", "$LATEST");
    sam_add(sam, "AWS::Lambda::EventInvokeConfig", sam_id(sam, "EventInvokeConfig"), &m);
}

static bool has_event(const struct sam *sam, const char *type)
{
    const struct value *events = sam_property(sam, "Events");
    for (size_t i = 0; value_is(events, VALUE_MAP) && i < events->u.map.n; i++) {
        if (str_eq_c(value_str(value_get(events->u.map.entry[i].value, STR("Type"))), type))
            return true;
    }
    return false;
}

static void add_role(struct sam *sam)
{
    const char *managed[6];
    size_t n = 0;
    managed[n++] = sam_property(sam, "VpcConfig") ? "service-role/AWSLambdaVPCAccessExecutionRole"
                                                  : "service-role/AWSLambdaBasicExecutionRole";
    if (str_eq_c(value_str(sam_property(sam, "Tracing")), "Active"))
        managed[n++] = "AWSXrayWriteOnlyAccess";
    if (has_event(sam, "SQS"))
        managed[n++] = "service-role/AWSLambdaSQSQueueExecutionRole";
    if (has_event(sam, "Kinesis"))
        managed[n++] = "service-role/AWSLambdaKinesisExecutionRole";
    if (has_event(sam, "DynamoDB"))
        managed[n++] = "service-role/AWSLambdaDynamoDBExecutionRole";
    if (has_event(sam, "MSK"))
        managed[n++] = "service-role/AWSLambdaMSKExecutionRole";
    sam_role(sam, "lambda.amazonaws.com", managed, n);
}

void sam_function(struct sam *sam)
{
    static const char *const same[] = {"FunctionName",
                                       "Handler",
                                       "Runtime",
                                       "Description",
                                       "MemorySize",
                                       "Timeout",
                                       "Environment",
                                       "VpcConfig",
                                       "KmsKeyArn",
                                       "Layers",
                                       "PackageType",
                                       "Architectures",
                                       "EphemeralStorage",
                                       "ImageConfig",
                                       "FileSystemConfigs",
                                       "SnapStart",
                                       "LoggingConfig",
                                       "RecursiveLoop",
                                       "RuntimeManagementConfig",
                                       "CodeSigningConfigArn",
                                       "ReservedConcurrentExecutions",
                                       NULL};
    struct sam_map m = {.sam = sam};
    const struct value *role = sam_property(sam, "Role");
    const struct value *queue = sam_property(sam, "DeadLetterQueue");
    sam_copy(&m, sam->properties, same);
    sam_put(&m, "Code", code(sam));
    sam_put(&m, "Role", role ? role : sam_reference(sam, sam_id(sam, "Role"), "Arn"));
    sam_put(&m, "TracingConfig", tracing(sam));
    sam_put(&m, "Tags", sam_tags(sam, sam_property(sam, "Tags")));
    if (value_is(queue, VALUE_MAP)) {
        struct sam_map letters = {.sam = sam};
        sam_put(&letters, "TargetArn", value_get(queue, STR("TargetArn")));
        sam_put(&m, "DeadLetterConfig", sam_done(&letters));
    } else {
        sam_put(&m, "DeadLetterConfig", queue);
    }
    sam_add(sam, "AWS::Lambda::Function", sam->resource->id, &m);
    if (!role)
        add_role(sam);
    if (sam_property(sam, "AutoPublishAlias"))
        add_alias(sam, sam_property(sam, "AutoPublishAlias"));
    if (sam_property(sam, "FunctionUrlConfig"))
        add_url(sam, sam_property(sam, "FunctionUrlConfig"));
    if (sam_property(sam, "EventInvokeConfig"))
        add_invoke_config(sam, sam_property(sam, "EventInvokeConfig"));
    sam_function_events(sam);
}
