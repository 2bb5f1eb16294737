/* SimpleTable, LayerVersion, StateMachine, GraphQLApi. */
#include "frontend/cloudformation/sam_build.h"

static const struct value *key_type(struct sam *sam, const struct value *type)
{
    static const struct {
        const char *sam, *letter;
    } types[] = {{"String", "S"}, {"Number", "N"}, {"Binary", "B"}};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (str_eq_c(value_str(type), types[i].sam))
            return sam_text(sam, types[i].letter);
    }
    return type ? type : sam_text(sam, "S");
}

void sam_simple_table(struct sam *sam)
{
    static const char *const same[] = {"TableName", "ProvisionedThroughput", "SSESpecification",
                                       "PointInTimeRecoverySpecification", NULL};
    struct sam_map m = {.sam = sam}, attribute = {.sam = sam}, key = {.sam = sam};
    const struct value *primary = sam_property(sam, "PrimaryKey");
    const struct value *name = value_get(primary, STR("Name"));
    if (!name)
        name = sam_text(sam, "id");
    sam_put(&attribute, "AttributeName", name);
    sam_put(&attribute, "AttributeType", key_type(sam, value_get(primary, STR("Type"))));
    sam_put(&key, "AttributeName", name);
    sam_put_text(&key, "KeyType", "HASH");
    const struct value *one = sam_done(&attribute);
    sam_put(&m, "AttributeDefinitions", sam_list(sam, &one, 1));
    one = sam_done(&key);
    sam_put(&m, "KeySchema", sam_list(sam, &one, 1));
    sam_copy(&m, sam->properties, same);
    if (!sam_property(sam, "ProvisionedThroughput"))
        sam_put_text(&m, "BillingMode", "PAY_PER_REQUEST");
    sam_put(&m, "Tags", sam_tags(sam, sam_property(sam, "Tags")));
    sam_add(sam, "AWS::DynamoDB::Table", sam->resource->id, &m);
}

void sam_layer(struct sam *sam)
{
    static const char *const same[] = {"LayerName",   "Description", "CompatibleRuntimes", "CompatibleArchitectures",
                                       "LicenseInfo", NULL};
    struct sam_map m = {.sam = sam};
    sam_copy(&m, sam->properties, same);
    if (!sam_property(sam, "LayerName"))
        sam_put(&m, "LayerName", value_string(sam->stack->arena, sam->resource->id, sam->origin));
    sam_put(&m, "Content", cfn_unknown(sam->stack, sam->resource->key, "the code is uploaded by `sam package`"));
    sam_add(sam, "AWS::Lambda::LayerVersion", sam->resource->id, &m);
}

void sam_state_machine(struct sam *sam)
{
    static const char *const same[] = {"DefinitionSubstitutions", "EncryptionConfiguration", NULL};
    static const char *const rename[][2] = {{"Logging", "LoggingConfiguration"},
                                            {"Tracing", "TracingConfiguration"},
                                            {"Name", "StateMachineName"},
                                            {"Type", "StateMachineType"},
                                            {"DefinitionUri", "DefinitionS3Location"}};
    struct sam_map m = {.sam = sam};
    const struct value *role = sam_property(sam, "Role"), *definition = sam_property(sam, "Definition");
    sam_copy(&m, sam->properties, same);
    for (size_t i = 0; i < ARRAY_LEN(rename); i++)
        sam_put(&m, rename[i][1], sam_property(sam, rename[i][0]));
    if (definition) {
        struct value *json = value_copy(sam->stack->arena, definition);
        json->flags |= value_is(definition, VALUE_MAP) ? VALUE_JSON : 0;
        sam_put(&m, "DefinitionString", json);
    }
    sam_put(&m, "RoleArn", role ? role : sam_reference(sam, sam_id(sam, "Role"), "Arn"));
    sam_put(&m, "Tags", sam_tags(sam, sam_property(sam, "Tags")));
    sam_add(sam, "AWS::StepFunctions::StateMachine", sam->resource->id, &m);
    if (!role)
        sam_role(sam, "states.amazonaws.com", NULL, 0);
}

void sam_graphql_api(struct sam *sam)
{
    static const char *const same[] = {
        "Name",         "XrayEnabled", "Visibility", "IntrospectionConfig", "QueryDepthLimit", "ResolverCountLimit",
        "OwnerContact", NULL};
    struct sam_map m = {.sam = sam};
    const struct value *auth = sam_property(sam, "Auth");
    sam_copy(&m, sam->properties, same);
    if (!sam_property(sam, "Name"))
        sam_put(&m, "Name", value_string(sam->stack->arena, sam->resource->id, sam->origin));
    sam_put(&m, "AuthenticationType", value_get(auth, STR("Type")));
    sam_put(&m, "UserPoolConfig", value_get(auth, STR("UserPool")));
    sam_put(&m, "LambdaAuthorizerConfig", value_get(auth, STR("LambdaAuthorizer")));
    sam_put(&m, "AdditionalAuthenticationProviders", value_get(auth, STR("Additional")));
    sam_put(&m, "LogConfig", sam_property(sam, "Logging"));
    sam_put(&m, "Tags", sam_tags(sam, sam_property(sam, "Tags")));
    sam_add(sam, "AWS::AppSync::GraphQLApi", sam->resource->id, &m);
}
