/* What events of a function make: permissions, subscriptions, event source mappings, rules. */
#include "frontend/cloudformation/sam_build.h"

struct event {
    str name, type;
    const struct value *properties;
};

static const struct value *of(const struct event *e, const char *name)
{
    return value_get(e->properties, str_of(name));
}

static const struct value *function_arn(struct sam *sam)
{
    return sam_reference(sam, sam->resource->id, "Arn");
}

static void permit(struct sam *sam, const struct event *e, const char *principal, const struct value *source)
{
    struct sam_map m = {.sam = sam};
    sam_put_text(&m, "Action", "lambda:InvokeFunction");
    sam_put(&m, "FunctionName", sam_reference(sam, sam->resource->id, ""));
    sam_put_text(&m, "Principal", principal);
    sam_put(&m, "SourceArn", source);
    if (str_eq_c(e->type, "S3"))
        sam_put(&m, "SourceAccount", cfn_lookup(sam->stack, STR("AWS::AccountId"), sam->resource->key));
    sam_add(sam, "AWS::Lambda::Permission", sam_event_id(sam, e->name, "Permission"), &m);
}

static void api_event(struct sam *sam, const struct event *e)
{
    bool http = str_eq_c(e->type, "HttpApi");
    const struct value *api = of(e, http ? "ApiId" : "RestApiId");
    struct sam_implicit *implicit = sam_implicit(sam->stack);
    if (!api && http && !implicit->http)
        implicit->http = sam->resource;
    if (!api && !http && !implicit->rest)
        implicit->rest = sam->resource;
    if (!api)
        api = sam_reference(sam, http ? STR("ServerlessHttpApi") : STR("ServerlessRestApi"), "");
    struct sam_map id = {.sam = sam};
    sam_put(&id, "Api", api);
    permit(sam, e, "apigateway.amazonaws.com", sam_format(sam, "arn:{P}:execute-api:{R}:{A}:{Api}/*", sam_done(&id)));
}

static void topic_event(struct sam *sam, const struct event *e)
{
    static const char *const same[] = {"FilterPolicy", "FilterPolicyScope", "Region", "RedrivePolicy", NULL};
    struct sam_map m = {.sam = sam};
    sam_put(&m, "TopicArn", of(e, "Topic"));
    sam_put_text(&m, "Protocol", "lambda");
    sam_put(&m, "Endpoint", function_arn(sam));
    sam_copy(&m, e->properties, same);
    sam_add(sam, "AWS::SNS::Subscription", sam_event_id(sam, e->name, ""), &m);
    permit(sam, e, "sns.amazonaws.com", of(e, "Topic"));
}

static void mapping_event(struct sam *sam, const struct event *e)
{
    static const char *const same[] = {"BatchSize",
                                       "BisectBatchOnFunctionError",
                                       "DestinationConfig",
                                       "Enabled",
                                       "FilterCriteria",
                                       "KmsKeyArn",
                                       "FunctionResponseTypes",
                                       "MaximumBatchingWindowInSeconds",
                                       "MaximumRecordAgeInSeconds",
                                       "MaximumRetryAttempts",
                                       "ParallelizationFactor",
                                       "Queues",
                                       "ScalingConfig",
                                       "SourceAccessConfigurations",
                                       "StartingPosition",
                                       "StartingPositionTimestamp",
                                       "Topics",
                                       "TumblingWindowInSeconds",
                                       NULL};
    static const char *const sources[] = {"Queue", "Stream", "Broker", "Cluster"};
    struct sam_map m = {.sam = sam};
    const struct value *source = NULL;
    for (size_t i = 0; i < ARRAY_LEN(sources) && !source; i++)
        source = of(e, sources[i]);
    sam_put(&m, "EventSourceArn", source);
    sam_put(&m, "FunctionName", sam_reference(sam, sam->resource->id, ""));
    sam_copy(&m, e->properties, same);
    sam_add(sam, "AWS::Lambda::EventSourceMapping", sam_event_id(sam, e->name, ""), &m);
}

static void rule_event(struct sam *sam, const struct event *e)
{
    static const char *const same[] = {"EventBusName", "Description", "Name", "State", NULL};
    struct sam_map m = {.sam = sam}, target = {.sam = sam};
    sam_put(&m, "ScheduleExpression", of(e, "Schedule"));
    sam_put(&m, "EventPattern", of(e, "Pattern"));
    sam_copy(&m, e->properties, same);
    const struct value *enabled = of(e, "Enabled");
    bool on;
    if (value_to_bool(enabled, &on))
        sam_put_text(&m, "State", on ? "ENABLED" : "DISABLED");
    sam_put(&target, "Arn", function_arn(sam));
    sam_put(&target, "Input", of(e, "Input"));
    sam_put(&target, "DeadLetterConfig", of(e, "DeadLetterConfig"));
    sam_put(&target, "RetryPolicy", of(e, "RetryPolicy"));
    const struct value *one = sam_done(&target);
    sam_put(&m, "Targets", sam_list(sam, &one, 1));
    str id = sam_event_id(sam, e->name, "");
    sam_add(sam, "AWS::Events::Rule", id, &m);
    permit(sam, e, "events.amazonaws.com", sam_reference(sam, id, "Arn"));
}

static void schedule_event(struct sam *sam, const struct event *e)
{
    static const char *const same[] = {"Description",
                                       "EndDate",
                                       "FlexibleTimeWindow",
                                       "GroupName",
                                       "KmsKeyArn",
                                       "Name",
                                       "ScheduleExpression",
                                       "ScheduleExpressionTimezone",
                                       "StartDate",
                                       "State",
                                       NULL};
    struct sam_map m = {.sam = sam}, target = {.sam = sam};
    sam_copy(&m, e->properties, same);
    sam_put(&target, "Arn", function_arn(sam));
    sam_put(&target, "RoleArn", of(e, "RoleArn"));
    sam_put(&m, "Target", sam_done(&target));
    sam_add(sam, "AWS::Scheduler::Schedule", sam_event_id(sam, e->name, ""), &m);
}

static void logs_event(struct sam *sam, const struct event *e)
{
    static const char *const same[] = {"FilterPattern", "LogGroupName", NULL};
    struct sam_map m = {.sam = sam};
    sam_copy(&m, e->properties, same);
    sam_put(&m, "DestinationArn", function_arn(sam));
    sam_add(sam, "AWS::Logs::SubscriptionFilter", sam_event_id(sam, e->name, ""), &m);
    permit(sam, e, "logs.amazonaws.com", NULL);
}

static void topic_rule_event(struct sam *sam, const struct event *e)
{
    struct sam_map m = {.sam = sam}, payload = {.sam = sam}, action = {.sam = sam}, call = {.sam = sam};
    sam_put(&call, "FunctionArn", function_arn(sam));
    sam_put(&action, "Lambda", sam_done(&call));
    const struct value *one = sam_done(&action);
    sam_put(&payload, "Sql", of(e, "Sql"));
    sam_put(&payload, "AwsIotSqlVersion", of(e, "AwsIotSqlVersion"));
    sam_put(&payload, "Actions", sam_list(sam, &one, 1));
    sam_put(&m, "TopicRulePayload", sam_done(&payload));
    sam_add(sam, "AWS::IoT::TopicRule", sam_event_id(sam, e->name, ""), &m);
    permit(sam, e, "iot.amazonaws.com", NULL);
}

static void bucket_event(struct sam *sam, const struct event *e)
{
    struct sam_map name = {.sam = sam};
    sam_put(&name, "Bucket", of(e, "Bucket"));
    permit(sam, e, "s3.amazonaws.com",
           of(e, "Bucket") ? sam_format(sam, "arn:{P}:s3:::{Bucket}", sam_done(&name)) : NULL);
}

static void alexa_event(struct sam *sam, const struct event *e)
{
    permit(sam, e, "alexa-appkit.amazon.com", NULL);
}

static void pool_event(struct sam *sam, const struct event *e)
{
    permit(sam, e, "cognito-idp.amazonaws.com", of(e, "UserPool"));
}

static const struct {
    const char *type;
    void (*make)(struct sam *sam, const struct event *e);
} makers[] = {
    {"Api", api_event},
    {"HttpApi", api_event},
    {"SNS", topic_event},
    {"SQS", mapping_event},
    {"Kinesis", mapping_event},
    {"DynamoDB", mapping_event},
    {"MSK", mapping_event},
    {"MQ", mapping_event},
    {"DocumentDB", mapping_event},
    {"SelfManagedKafka", mapping_event},
    {"S3", bucket_event},
    {"Schedule", rule_event},
    {"ScheduleV2", schedule_event},
    {"CloudWatchEvent", rule_event},
    {"EventBridgeRule", rule_event},
    {"CloudWatchLogs", logs_event},
    {"IoTRule", topic_rule_event},
    {"AlexaSkill", alexa_event},
    {"Cognito", pool_event},
};

static void make_event(struct sam *sam, const struct value_entry *entry)
{
    struct event e = {.name = entry->key,
                      .type = value_str(value_get(entry->value, STR("Type"))),
                      .properties = value_get(entry->value, STR("Properties"))};
    for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
        if (str_eq_c(e.type, makers[i].type)) {
            makers[i].make(sam, &e);
            return;
        }
    }
    cfn_complain(sam->stack, DIAG_NOT_ANALYSED, entry->key_at,
                 "event \"" STR_FMT "\" of type \"" STR_FMT "\" is not analysed", STR_ARG(e.name), STR_ARG(e.type));
}

void sam_function_events(struct sam *sam)
{
    const struct value *events = sam_property(sam, "Events");
    for (size_t i = 0; value_is(events, VALUE_MAP) && i < events->u.map.n; i++)
        make_event(sam, &events->u.map.entry[i]);
}
