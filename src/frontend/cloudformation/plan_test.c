/* Templates to graph: resources, conditions, nesting, exports, SAM, bad input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "frontend/cloudformation/testing.h"

#define HEAD "AWSTemplateFormatVersion: '2010-09-09'\n"

static void open_one(struct testing *t, const char *text)
{
    *t = (struct testing){.root = ""};
    struct testing_file f = {"t.yaml", text};
    testing_open(t, &f, 1, NULL);
}

static void open_with(struct testing *t, const char *text, const struct frontend_options *o)
{
    *t = (struct testing){.root = ""};
    struct testing_file f = {"t.yaml", text};
    testing_open(t, &f, 1, o);
}

static void test_plan__resource_has_spans_and_metadata(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t, HEAD "Resources:\n"
                      "  Bucket:\n"
                      "    Type: AWS::S3::Bucket\n"
                      "    DeletionPolicy: Retain\n"
                      "    DependsOn: [Key]\n"
                      "    Metadata: {'aws:cdk:path': Stack/Bucket/Resource}\n"
                      "    Properties: {BucketName: phi}\n"
                      "  Key: {Type: 'AWS::KMS::Key'}\n");
    struct resource *r = testing_find(&t, "Bucket");
    assert_non_null(r);
    assert_true(str_eq_c(sym_str(r->type), "AWS::S3::Bucket"));
    assert_true(str_eq_c(r->display_path, "Stack/Bucket/Resource"));
    assert_true(str_eq_c(value_str(value_get(r->metadata, STR("DeletionPolicy"))), "Retain"));
    const struct source *s = source_at(t.sources, r->header.file);
    assert_true(str_eq_c(str_slice(s->text, r->header.start, r->header.end), "Bucket"));
    assert_int_equal(source_position(s, r->at.start).line, 3);
    assert_string_equal(testing_json(&t, "Bucket", "BucketName"), "\"phi\"");
    assert_int_equal(t.diags.n, 0);
    testing_close(&t);
}

static void test_plan__absent_condition_is_no_resource(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t, HEAD "Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}\n"
                      "Conditions: {Never: !Equals [a, b], IsProd: !Equals [!Ref Env, prod]}\n"
                      "Resources:\n"
                      "  Gone: {Type: 'AWS::S3::Bucket', Condition: Never}\n"
                      "  Maybe: {Type: 'AWS::S3::Bucket', Condition: IsProd}\n");
    assert_null(testing_find(&t, "Gone"));
    struct resource *r = testing_find(&t, "Maybe");
    assert_int_equal(r->presence, PRESENCE_CHOICE);
    assert_int_equal(r->exists->u.choice.by->n_options, 2);
    assert_true(r->exists->u.choice.by->known);
    assert_false(r->exists->u.choice.option[0]->u.boolean);
    assert_true(r->exists->u.choice.option[1]->u.boolean);
    testing_close(&t);
}

/* USERS 22: parameters from a file in its three shapes, and by hand. */
static void test_plan__parameter_files(void **state)
{
    (void)state;
    static const char *const shapes[] = {("[{\"ParameterKey\": \"Env\", \"ParameterValue\": \"prod\"}, "
                                          "{\"ParameterKey\": \"Old\", \"UsePreviousValue\": true}]"),
                                         "{\"Parameters\": {\"Env\": \"prod\"}, \"Tags\": {}}", "{\"Env\": \"prod\"}",
                                         "[\"Env=prod\"]"};
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
        struct testing t = {.root = ""};
        char path[] = "/tmp/cloudformation-parameters-XXXXXX";
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, shapes[i], strlen(shapes[i])), (int)strlen(shapes[i]));
        (void)close(fd);
        str file = str_of(path);
        struct frontend_options o = {.parameter_file = &file, .n_parameter_files = 1};
        open_with(&t,
                  HEAD "Parameters: {Env: {Type: String}}\n"
                       "Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref Env}}}\n",
                  &o);
        assert_string_equal(testing_json(&t, "B", "BucketName"), "\"prod\"");
        assert_int_equal(t.diags.n, 0);
        struct resource *r = testing_find(&t, "B");
        const struct origin *from = value_get(r->raw, STR("BucketName"))->origin;
        assert_true(from && from->via && from->via->at.file != 0);
        testing_close(&t);
        (void)remove(path);
    }
}

static void test_plan__default_leaves_conditions_open(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t, HEAD "Parameters: {Encrypt: {Type: String, Default: 'true'}, Free: {Type: String}}\n"
                      "Conditions: {On: !Equals [!Ref Encrypt, 'true'], F: !Equals [!Ref Free, 'true']}\n"
                      "Resources: {B: {Type: 'AWS::EFS::FileSystem', Properties: {Encrypted: !If [On, true, false],"
                      " X: !Ref Encrypt, Y: !If [F, 1, 2]}}}\n");
    const struct value *v = value_get(testing_find(&t, "B")->raw, STR("Encrypted"));
    assert_int_equal(v->kind, VALUE_CHOICE);
    assert_true(v->u.choice.by->known);
    assert_int_equal(v->u.choice.by->default_option, 0);
    assert_string_equal(testing_json(&t, "B", "X"), "\"true\"");
    v = value_get(testing_find(&t, "B")->raw, STR("Y"));
    assert_int_equal(v->kind, VALUE_CHOICE);
    assert_false(v->u.choice.by->known);
    assert_true(v->u.choice.by->default_option == SIZE_MAX);
    testing_close(&t);
}

/* USERS 24. */
static void test_plan__foreach(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t,
             HEAD "Transform: AWS::LanguageExtensions\n"
                  "Parameters: {Names: {Type: CommaDelimitedList, Default: 'x,y'}, Open: {Type: CommaDelimitedList}}\n"
                  "Resources:\n"
                  "  Fn::ForEach::Two: [N, !Ref Names, {'B${N}': {Type: 'AWS::S3::Bucket', Properties: {BucketName: "
                  "!Sub 'b-${N}'}}}]\n"
                  "  Fn::ForEach::None: [N, [], {'C${N}': {Type: 'AWS::S3::Bucket'}}]\n"
                  "  Fn::ForEach::Open: [N, !Ref Open, {'D${N}': {Type: 'AWS::S3::Bucket', Properties: {BucketName: "
                  "!Ref N}}}]\n");
    assert_string_equal(testing_json(&t, "Bx", "BucketName"), "\"b-x\"");
    assert_string_equal(testing_json(&t, "By", "BucketName"), "\"b-y\"");
    assert_int_equal(graph_count(t.graph), 3);
    struct resource *open = testing_find(&t, "D${N}");
    assert_true(open && open->open && open->presence == PRESENCE_UNKNOWN);
    assert_string_equal(testing_json(&t, "D${N}", "BucketName"), "{\"unknown\":\"loop variable N\"}");
    assert_int_equal(t.diags.n, 0);
    testing_close(&t);
    open_one(&t, HEAD "Resources:\n"
                      "  Fn::ForEach::Two: [N, [a], {'B${N}': {Type: 'AWS::S3::Bucket'}}]\n");
    assert_int_equal(testing_diags(&t, DIAG_EXPRESSION), 1);
    testing_close(&t);
}

static void test_plan__foreach_is_bounded(void **state)
{
    (void)state;
    struct testing t = {.root = ""};
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    buf_add_c(&b, "{\"Transform\": \"AWS::LanguageExtensions\", \"Resources\": {\"Fn::ForEach::Many\": [\"N\", [");
    for (unsigned i = 0; i < LIMIT_COLLECTION + 1; i++)
        buf_printf(&b, "%s\"n%u\"", i ? "," : "", i);
    buf_add_c(&b, "], {\"B${N}\": {\"Type\": \"AWS::S3::Bucket\"}}]}}");
    struct testing_file f = {"t.json", b.p};
    testing_open(&t, &f, 1, NULL);
    assert_int_equal(graph_count(t.graph), 1);
    assert_true(testing_diags(&t, DIAG_LIMIT) >= 1);
    testing_close(&t);
    buf_release(&b);
}

static const struct testing_file nested_files[] = {
    {"main.yaml", HEAD "Parameters: {Name: {Type: String, Default: phi}}\n"
                       "Resources:\n"
                       "  Net:\n"
                       "    Type: AWS::CloudFormation::Stack\n"
                       "    Properties: {TemplateURL: ./parts/net.yaml, Parameters: {Prefix: !Ref Name}}\n"
                       "  Packaged:\n"
                       "    Type: AWS::CloudFormation::Stack\n"
                       "    Properties: {TemplateURL: !Sub 'https://${Name}.s3.amazonaws.com/x/parts/data.yaml'}\n"
                       "  Far:\n"
                       "    Type: AWS::CloudFormation::Stack\n"
                       "    Properties: {TemplateURL: 'https://s3.amazonaws.com/x/elsewhere.yaml'}\n"
                       "  Use:\n"
                       "    Type: AWS::EC2::Instance\n"
                       "    Properties:\n"
                       "      SubnetId: !GetAtt Net.Outputs.Subnet\n"
                       "      Text: !GetAtt Net.Outputs.Name\n"
                       "      Lost: !GetAtt Far.Outputs.X\n"},
    {"parts/net.yaml",
     HEAD "Parameters: {Prefix: {Type: String}}\n"
          "Resources: {Subnet: {Type: 'AWS::EC2::Subnet', Properties: {Tag: !Ref Prefix, Vpc: !Ref Vpc}},"
          " Vpc: {Type: 'AWS::EC2::VPC'}}\n"
          "Outputs: {Subnet: {Value: !Ref Subnet}, Name: {Value: !Sub '${Prefix}-net'}}\n"},
    {"parts/data.yaml", HEAD "Resources: {Table: {Type: 'AWS::DynamoDB::Table'}}\n"},
};

/* USERS 26. */
static void test_plan__nested_stacks(void **state)
{
    (void)state;
    struct testing t = {.root = ""};
    testing_open(&t, nested_files, ARRAY_LEN(nested_files), NULL);
    assert_int_equal(graph_unit_count(t.graph), 1);
    assert_string_equal(testing_json(&t, "Net.Subnet", "Tag"), "\"phi\"");
    struct resource *subnet = testing_find(&t, "Net.Subnet");
    assert_non_null(subnet->call);
    const struct value *v = value_get(testing_find(&t, "Use")->raw, STR("SubnetId"));
    assert_non_null(v->ref);
    assert_true(str_eq_c(v->ref->address, "Net.Subnet"));
    v = value_get(subnet->raw, STR("Vpc"));
    assert_true(str_eq_c(v->ref->address, "Net.Vpc"));
    assert_string_equal(testing_json(&t, "Use", "Text"), "\"phi-net\"");
    assert_non_null(testing_find(&t, "Packaged.Table"));
    assert_int_equal(testing_diags(&t, DIAG_NOT_ANALYSED), 1);
    assert_int_equal(t.diags.n, 1);
    assert_true(graph_unit(t.graph, 0)->has_remote_parts);
    testing_close(&t);
}

static void test_plan__nested_cycle_and_missing(void **state)
{
    (void)state;
    static const struct testing_file files[] = {
        {"a.yaml", HEAD "Resources: {B: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: b.yaml}}}\n"},
        {"b.yaml", HEAD "Resources: {A: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: a.yaml}}}\n"},
        {"c.yaml",
         HEAD "Resources: {A: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ../../etc/passwd}}}\n"},
    };
    struct testing t = {.root = ""};
    testing_open(&t, files, ARRAY_LEN(files), NULL);
    assert_int_equal(testing_diags(&t, DIAG_CYCLE), 1);
    assert_int_equal(testing_diags(&t, DIAG_OUTSIDE_ROOT) + testing_diags(&t, DIAG_NOT_FOUND), 1);
    testing_close(&t);
}

static void test_plan__stack_set_with_body(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t, HEAD "Resources:\n"
                      "  Set:\n"
                      "    Type: AWS::CloudFormation::StackSet\n"
                      "    Properties:\n"
                      "      StackSetName: s\n"
                      "      Parameters: [{ParameterKey: Name, ParameterValue: phi}]\n"
                      "      TemplateBody: |\n"
                      "        Parameters: {Name: {Type: String}}\n"
                      "        Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref Name}}}\n");
    assert_string_equal(testing_json(&t, "Set.B", "BucketName"), "\"phi\"");
    assert_int_equal(t.diags.n, 0);
    testing_close(&t);
}

static void test_plan__sam_connector_and_machine(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t,
             "Transform: AWS::Serverless-2016-10-31\n"
             "Resources:\n"
             "  Fn: {Type: 'AWS::Serverless::Function', Properties: {InlineCode: x, Handler: a, Runtime: b},"
             " Connectors: {Q: {Properties: {Destination: {Id: Queue}, Permissions: [Write]}}}}\n"
             "  Queue: {Type: 'AWS::SQS::Queue'}\n"
             "  Table: {Type: 'AWS::Serverless::SimpleTable'}\n"
             "  Link: {Type: 'AWS::Serverless::Connector', Properties: {Source: {Id: Fn}, Destination: {Id: Table},"
             " Permissions: [Read, Write]}}\n"
             "  Machine: {Type: 'AWS::Serverless::StateMachine', Properties: {Definition: {StartAt: A},"
             " Logging: {Level: ALL}, Policies: [LambdaInvokePolicy: {FunctionName: !Ref Fn}]}}\n"
             "  Api: {Type: 'AWS::Serverless::HttpApi', Properties: {AccessLogSettings: {DestinationArn: x}}}\n"
             "  Use: {Type: 'AWS::X::Y', Properties: {A: !Ref FnRole, B: !GetAtt FnRole.Arn, C: !Ref Api.Stage}}\n");
    testing_print(&t);
    assert_int_equal(t.diags.n, 0);
    static const struct {
        const char *address, *type;
    } made[] = {{"FnQPolicy", "AWS::IAM::ManagedPolicy"}, {"LinkPolicy", "AWS::IAM::ManagedPolicy"},
                {"MachineRole", "AWS::IAM::Role"},        {"Machine", "AWS::StepFunctions::StateMachine"},
                {"ApiStage", "AWS::ApiGatewayV2::Stage"}, {"Api", "AWS::ApiGatewayV2::Api"},
                {"Table", "AWS::DynamoDB::Table"}};
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        struct resource *r = testing_find(&t, made[i].address);
        assert_non_null(r);
        assert_true(str_eq_c(sym_str(r->type), made[i].type));
    }
    assert_string_equal(
        testing_json(&t, "FnQPolicy", "PolicyDocument.Statement.Action"),
        "[\"sqs:DeleteMessage\",\"sqs:SendMessage\",\"sqs:ChangeMessageVisibility\",\"sqs:PurgeQueue\"]");
    assert_string_equal(testing_json(&t, "Machine", "LoggingConfiguration.Level"), "\"ALL\"");
    assert_string_equal(testing_json(&t, "Fn", "Code.ZipFile"), "\"x\"");
    assert_true(str_eq_c(value_get(testing_find(&t, "Use")->raw, STR("C"))->ref->address, "ApiStage"));
    testing_close(&t);
}

static void test_plan__exports_join(void **state)
{
    (void)state;
    static const struct testing_file files[] = {
        {"a.yaml", HEAD "Resources: {Key: {Type: 'AWS::KMS::Key'}}\n"
                        "Outputs: {K: {Value: !GetAtt Key.Arn, Export: {Name: key}}}\n"},
        {"b.yaml", HEAD
         "Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {Key: !ImportValue key, Other: !ImportValue none}}}\n"},
    };
    struct testing t = {.root = ""};
    testing_open(&t, files, ARRAY_LEN(files), NULL);
    const struct value *v = value_get(testing_find(&t, "B")->raw, STR("Key"));
    assert_non_null(v->ref);
    assert_true(str_eq_c(v->ref->address, "Key"));
    assert_true(str_ends(v->ref->unit_key, STR("a.yaml")));
    v = value_get(testing_find(&t, "B")->raw, STR("Other"));
    assert_true(str_eq_c(v->ref->address, "export:none"));
    testing_close(&t);
}

/* USERS 25: Globals are merged, and conditions in them do no harm. */
static void test_plan__sam_function(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t, "Transform: AWS::Serverless-2016-10-31\n"
                 "Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}\n"
                 "Conditions: {IsProd: !Equals [!Ref Env, prod]}\n"
                 "Globals:\n"
                 "  Function: {Runtime: python3.12, Tracing: !If [IsProd, Active, PassThrough], Environment: "
                 "{Variables: {A: 1}},"
                 " VpcConfig: {SubnetIds: [s1]}}\n"
                 "Resources:\n"
                 "  Fn:\n"
                 "    Type: AWS::Serverless::Function\n"
                 "    Properties:\n"
                 "      CodeUri: ./src\n"
                 "      Handler: a.b\n"
                 "      Environment: {Variables: {B: 2}}\n"
                 "      VpcConfig: {SecurityGroupIds: [g1]}\n"
                 "      Policies:\n"
                 "        - AmazonS3ReadOnlyAccess\n"
                 "        - DynamoDBReadPolicy: {TableName: !Ref Table}\n"
                 "        - Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]\n"
                 "      Events:\n"
                 "        Get: {Type: Api, Properties: {Path: /, Method: get}}\n"
                 "        Q: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}\n"
                 "        Tick: {Type: Schedule, Properties: {Schedule: rate(1 day)}}\n"
                 "        Topic: {Type: SNS, Properties: {Topic: !Ref Topic}}\n"
                 "      FunctionUrlConfig: {AuthType: NONE}\n"
                 "  Table: {Type: 'AWS::Serverless::SimpleTable', Properties: {SSESpecification: {SSEEnabled: true}}}\n"
                 "  Queue: {Type: 'AWS::SQS::Queue'}\n"
                 "  Topic: {Type: 'AWS::SNS::Topic'}\n");
    testing_print(&t);
    assert_int_equal(t.diags.n, 0);
    assert_true(str_eq_c(sym_str(testing_find(&t, "Fn")->type), "AWS::Lambda::Function"));
    assert_string_equal(testing_json(&t, "Fn", "Environment.Variables"), "{\"A\":1,\"B\":2}");
    assert_string_equal(testing_json(&t, "Fn", "VpcConfig"), "{\"SubnetIds\":[\"s1\"],\"SecurityGroupIds\":[\"g1\"]}");
    assert_string_equal(testing_json(&t, "Fn", "Runtime"), "\"python3.12\"");
    assert_string_equal(testing_json(&t, "FnRole", "ManagedPolicyArns"),
                        "[\"arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole\","
                        "\"arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole\","
                        "\"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\"]");
    const struct value *inlined = value_get(testing_find(&t, "FnRole")->raw, STR("Policies"));
    assert_int_equal(inlined->u.list.n, 2);
    static const char *const made[] = {"ServerlessRestApi",
                                       "ServerlessRestApiStage",
                                       "FnGetPermission",
                                       "FnQ",
                                       "FnTick",
                                       "FnTickPermission",
                                       "FnTopic",
                                       "FnUrl",
                                       "FnUrlPublicPermissions"};
    for (size_t i = 0; i < ARRAY_LEN(made); i++)
        assert_non_null(testing_find(&t, made[i]));
    assert_true(str_eq_c(sym_str(testing_find(&t, "Table")->type), "AWS::DynamoDB::Table"));
    assert_string_equal(testing_json(&t, "Table", "SSESpecification.SSEEnabled"), "true");
    testing_close(&t);
}

/* Thirty conditions over twelve parameters, forty conditional resources: by the interactions, not their product. */
static void test_plan__many_worlds(void **state)
{
    (void)state;
    struct testing t = {.root = ""};
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    buf_add_c(&b, "Parameters:\n");
    for (int i = 0; i < 12; i++)
        buf_printf(&b, "  P%d: {Type: String, AllowedValues: [a, b, c, d]}\n", i);
    buf_add_c(&b, "Conditions:\n");
    for (int i = 0; i < 12; i++)
        buf_printf(&b, "  C%d: !Equals [!Ref P%d, a]\n", i, i);
    for (int i = 12; i < 30; i++)
        buf_printf(&b, "  C%d: !%s [!Condition C%d, !Not [!Condition C%d], !Condition C%d]\n", i, i % 2 ? "And" : "Or",
                   i - 1, i - 7, i - 12);
    buf_add_c(&b, "Resources:\n");
    for (int i = 0; i < 40; i++)
        buf_printf(&b,
                   "  B%d: {Type: 'AWS::S3::Bucket', Condition: C%d, Properties: {BucketName: !If [C%d, !Sub "
                   "'x-${P%d}-${P%d}', y],"
                   " L: [!If [C%d, a, !Ref 'AWS::NoValue'], !If [C%d, b, c]]}}\n",
                   i, i % 30, (i + 7) % 30, i % 12, (i + 5) % 12, (i + 3) % 30, (i + 11) % 30);
    struct testing_file f = {"t.yaml", b.p};
    clock_t from = clock();
    testing_open(&t, &f, 1, NULL);
    double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
    assert_int_equal(graph_count(t.graph), 40);
    assert_int_equal(t.diags.n, 0);
    print_message("40 resources over 30 conditions: %.3f s\n", seconds);
    assert_true(seconds < 1.0);
    testing_close(&t);
    buf_release(&b);
}

/* Names that double from one to the next, and many copies of much: bounded. */
static void test_plan__amplification_is_bounded(void **state)
{
    (void)state;
    struct testing t;
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    buf_add_c(&b, HEAD "Resources:\n  B0: {Type: 'AWS::S3::Bucket', Properties: {BucketName: aaaaaaaaaaaaaaaa}}\n");
    for (int i = 1; i < 200; i++)
        buf_printf(
            &b, "  B%d: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Sub '${B%d}${B%d}', X: !Sub 'x${B%d}'}}\n",
            i, i - 1, i - 1, i % 20);
    open_one(&t, b.p);
    assert_int_equal(graph_count(t.graph), 200);
    testing_close(&t);
    buf_clear(&b);
    buf_add_c(&b, HEAD "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Many:\n    - N\n    - [");
    for (int i = 0; i < 9000; i++)
        buf_printf(&b, "%sn%d", i ? ", " : "", i);
    buf_add_c(&b, "]\n    - 'B${N}':\n        Type: AWS::S3::Bucket\n        Properties:\n");
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "          P%d: {A: [1, 2]}\n", i);
    open_one(&t, b.p);
    assert_int_equal(graph_count(t.graph), 9000);
    assert_int_equal(testing_diags(&t, DIAG_LIMIT), 1);
    assert_true(alloc_in_use() < (size_t)1200 << 20);
    print_message("9,000 copies of 4,000 values: %zu MB\n", alloc_in_use() >> 20);
    testing_close(&t);
    buf_release(&b);
}

static void test_plan__bad_templates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum diag_id id;
    } bad[] = {
        {"Resources: [a, b]\n", DIAG_STRUCTURE},
        {"Resources: {A: {Type: 3}}\n", DIAG_STRUCTURE},
        {"Resources: {A: {Properties: {}}}\n", DIAG_STRUCTURE},
        {"Resources: {A: x}\n", DIAG_STRUCTURE},
        {"Resources: {A: {Type: 'AWS::S3::Bucket', Properties: [a]}}\n", DIAG_STRUCTURE},
        {"Resources: {A: {Type: 'AWS::S3::Bucket', Properties: text}}\n", DIAG_STRUCTURE},
        {"Resources: {A: {Type: 'AWS::S3::Bucket', Condition: Nope}}\n", DIAG_REFERENCE},
        {"Resources: {A: {Type: 'AWS::S3::Bucket', Condition: [x]}}\n", DIAG_STRUCTURE},
        {"Resources: {A: {Type: 'AWS::S3::Bucket', DependsOn: Nope}}\n", DIAG_REFERENCE},
        {"Resources: {A: {Type: 'AWS::S3::Bucket', DependsOn: B}, B: {Type: 'AWS::S3::Bucket', DependsOn: [A]}}\n",
         DIAG_CYCLE},
        {"Conditions: {A: !Condition B, B: !Not [!Condition A]}\nResources: {R: {Type: 'AWS::S3::Bucket', Condition: "
         "A}}\n",
         DIAG_CYCLE},
        {"Parameters: [a]\nResources: {R: {Type: 'AWS::S3::Bucket'}}\n", DIAG_STRUCTURE},
        {"Parameters: {P: x}\nResources: {R: {Type: 'AWS::S3::Bucket'}}\n", DIAG_STRUCTURE},
        {"Parameters: {P: {Type: String, Default: [a]}}\nResources: {R: {Type: 'AWS::S3::Bucket'}}\n", DIAG_STRUCTURE},
        {"Transform: MyMacro\nResources: {R: {Type: 'AWS::S3::Bucket'}}\n", DIAG_NOT_ANALYSED},
        {"Resources: {R: {Type: 'My::Own::Thing::MODULE'}}\n", DIAG_NOT_ANALYSED},
        {"Resources: {R: {Type: 'AWS::S3::Bucket', Properties: {A: !Ref Nope}}}\n", DIAG_REFERENCE},
        {"Resources: {R: {Type: 'AWS::S3::Bucket', Properties: {'Fn::Transform': {Name: 'AWS::Include', Parameters: "
         "{Location: ../../x.yaml}}}}}\n",
         DIAG_NOT_FOUND},
        {"Resources: {R: {Type: 'AWS::S3::Bucket'}, R: {Type: 'AWS::S3::Bucket'}}\n", DIAG_DUPLICATE_KEY},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct testing t;
        char text[1024];
        (void)snprintf(text, sizeof(text), HEAD "%s", bad[i].text);
        open_one(&t, text);
        if (testing_diags(&t, bad[i].id) != 1) {
            print_error("wanted one %s:\n%s", diag_id_name(bad[i].id), text);
            testing_print(&t);
        }
        assert_int_equal(testing_diags(&t, bad[i].id), 1);
        testing_close(&t);
    }
}

static void test_plan__include(void **state)
{
    (void)state;
    static const struct testing_file files[] = {
        {"t.yaml", HEAD "Resources:\n"
                        "  A:\n"
                        "    Type: AWS::S3::Bucket\n"
                        "    Properties:\n"
                        "      Own: 1\n"
                        "      Fn::Transform: {Name: AWS::Include, Parameters: {Location: part.yaml}}\n"
                        "  Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}\n"},
        {"part.yaml", "Extra: !Ref A\nEncrypted: true\n"},
        {"more.yaml", "B:\n  Type: AWS::S3::Bucket\n"},
    };
    struct testing t = {.root = ""};
    testing_open(&t, files, ARRAY_LEN(files), NULL);
    testing_print(&t);
    assert_string_equal(testing_json(&t, "A", "Encrypted"), "true");
    assert_non_null(testing_find(&t, "B"));
    assert_int_equal(t.diags.n, 0);
    testing_close(&t);
}

/* Below a condition, what it settles is settled. */
static void test_plan__conditions_narrow(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t, HEAD
             "Parameters: {Key: {Type: String, Default: ''}, Env: {Type: String, AllowedValues: [dev, prod]},"
             " Nets: {Type: CommaDelimitedList, Default: ''}}\n"
             "Conditions: {HasKey: !Not [!Equals [!Ref Key, '']], IsProd: !Equals [!Ref Env, prod],"
             " Both: !And [!Condition HasKey, !Condition IsProd], Either: !Or [!Condition HasKey, !Condition IsProd],"
             " HasNets: !Not [!Equals [!Join ['', !Ref Nets], '']]}\n"
             "Resources:\n"
             "  A: {Type: 'AWS::S3::Bucket', Condition: HasKey, Properties: {K: !Ref Key}}\n"
             "  B: {Type: 'AWS::S3::Bucket', Condition: Both, Properties: {K: !Ref Key, E: !Ref Env, I: !If [IsProd, "
             "1, 2]}}\n"
             "  C: {Type: 'AWS::S3::Bucket', Condition: Either, Properties: {K: !Ref Key, I: !If [IsProd, 1, 2]}}\n"
             "  D: {Type: 'AWS::S3::Bucket', Properties: {K: !If [HasKey, !Ref Key, !Ref 'AWS::NoValue']}}\n"
             "  E: {Type: 'AWS::S3::Bucket', Condition: HasNets, Properties: {N: !Ref Nets}}\n");
    const char *other = "{\"unknown\":\"parameter Key has another value than its default here\"}";
    assert_string_equal(testing_json(&t, "A", "K"), other);
    assert_true(value_get(testing_find(&t, "A")->raw, STR("K"))->flags & VALUE_NONEMPTY);
    assert_string_equal(testing_json(&t, "B", "K"), other);
    assert_string_equal(testing_json(&t, "B", "E"), "\"prod\"");
    assert_string_equal(testing_json(&t, "B", "I"), "1");
    assert_string_equal(testing_json(&t, "C", "K"), "\"\"");
    assert_true(value_is(value_get(testing_find(&t, "C")->raw, STR("I")), VALUE_CHOICE));
    const struct value *v = value_get(testing_find(&t, "D")->raw, STR("K"));
    assert_true(value_is(v, VALUE_CHOICE) && !v->u.choice.option[0] && value_is(v->u.choice.option[1], VALUE_UNKNOWN));
    v = value_get(testing_find(&t, "E")->raw, STR("N"));
    assert_true(value_is(v, VALUE_UNKNOWN) && (v->flags & VALUE_NONEMPTY));
    testing_close(&t);
}

/* USERS 27: CDK's nested templates and paths. */
static void test_plan__cdk_output(void **state)
{
    (void)state;
    static const struct testing_file files[] = {
        {"cdk.out/manifest.json", "{\"version\": \"36.0.0\", \"artifacts\": {}}"},
        {"cdk.out/App.template.json",
         "{\"Resources\": {\"Inner\": {\"Type\": \"AWS::CloudFormation::Stack\", \"Properties\": {\"TemplateURL\":"
         " {\"Fn::Join\": [\"\", [\"https://s3.\", {\"Ref\": \"AWS::URLSuffix\"}, \"/abc.json\"]]}},"
         " \"Metadata\": {\"aws:cdk:path\": \"App/Inner\", \"aws:asset:path\": \"Inner.nested.template.json\"}}}}"},
        {"cdk.out/Inner.nested.template.json", "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\", \"Metadata\": "
                                               "{\"aws:cdk:path\": \"App/Inner/B/Resource\"}}}}"},
    };
    struct testing t = {.root = ""};
    testing_open(&t, files, ARRAY_LEN(files), NULL);
    testing_print(&t);
    assert_int_equal(graph_unit_count(t.graph), 1);
    assert_true(str_eq_c(testing_find(&t, "Inner.B")->display_path, "App/Inner/B/Resource"));
    assert_int_equal(t.diags.n, 0);
    testing_close(&t);
}

/* USERS 28. */
static void test_plan__aliases_and_merge_keys(void **state)
{
    (void)state;
    struct testing t;
    open_one(&t, HEAD "Resources:\n"
                      "  A:\n"
                      "    Type: AWS::S3::Bucket\n"
                      "    Properties: &p {X: {Y: 1}}\n"
                      "  B:\n"
                      "    Type: AWS::S3::Bucket\n"
                      "    Properties: {<<: *p, Z: 2}\n");
    assert_string_equal(testing_json(&t, "B", "X.Y"), "1");
    assert_string_equal(testing_json(&t, "B", "Z"), "2");
    testing_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan__resource_has_spans_and_metadata),
        cmocka_unit_test(test_plan__absent_condition_is_no_resource),
        cmocka_unit_test(test_plan__parameter_files),
        cmocka_unit_test(test_plan__default_leaves_conditions_open),
        cmocka_unit_test(test_plan__foreach),
        cmocka_unit_test(test_plan__foreach_is_bounded),
        cmocka_unit_test(test_plan__nested_stacks),
        cmocka_unit_test(test_plan__nested_cycle_and_missing),
        cmocka_unit_test(test_plan__stack_set_with_body),
        cmocka_unit_test(test_plan__sam_connector_and_machine),
        cmocka_unit_test(test_plan__exports_join),
        cmocka_unit_test(test_plan__sam_function),
        cmocka_unit_test(test_plan__many_worlds),
        cmocka_unit_test(test_plan__amplification_is_bounded),
        cmocka_unit_test(test_plan__bad_templates),
        cmocka_unit_test(test_plan__include),
        cmocka_unit_test(test_plan__conditions_narrow),
        cmocka_unit_test(test_plan__cdk_output),
        cmocka_unit_test(test_plan__aliases_and_merge_keys),
    };
    return cmocka_run_group_tests_name("cloudformation_plan", tests, NULL, NULL);
}
