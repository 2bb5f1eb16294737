/* Api and HttpApi: the API, its stage, deployment and domain. */
#include "frontend/cloudformation/sam_build.h"

static const struct value *endpoint(struct sam *sam)
{
    const struct value *v = sam_property(sam, "EndpointConfiguration");
    struct sam_map m = {.sam = sam};
    const struct value *type = value_is(v, VALUE_MAP) ? value_get(v, STR("Type")) : v;
    if (!type || (value_is(v, VALUE_MAP) && value_get(v, STR("Types"))))
        return v;
    sam_put(&m, "Types", value_is(type, VALUE_LIST) ? type : sam_list(sam, &type, 1));
    sam_put(&m, "VpcEndpointIds", value_get(v, STR("VPCEndpointIds")));
    return sam_done(&m);
}

static void add_domain(struct sam *sam, bool http)
{
    static const char *const same[] = {"DomainName", "SecurityPolicy", "MutualTlsAuthentication", NULL};
    const struct value *domain = sam_property(sam, "Domain");
    const struct value *certificate = value_get(domain, STR("CertificateArn"));
    if (!value_is(domain, VALUE_MAP))
        return;
    struct sam_map m = {.sam = sam};
    if (http) {
        struct sam_map configuration = {.sam = sam};
        static const char *const inner[] = {"CertificateArn", "SecurityPolicy", NULL};
        sam_copy(&configuration, domain, inner);
        const struct value *one = sam_done(&configuration);
        sam_put(&m, "DomainName", value_get(domain, STR("DomainName")));
        sam_put(&m, "DomainNameConfigurations", sam_list(sam, &one, 1));
        sam_put(&m, "MutualTlsAuthentication", value_get(domain, STR("MutualTlsAuthentication")));
    } else {
        const struct value *type = value_get(domain, STR("EndpointConfiguration"));
        bool edge = str_eq_c(value_str(type), "EDGE");
        sam_copy(&m, domain, same);
        sam_put(&m, edge ? "CertificateArn" : "RegionalCertificateArn", certificate);
        if (type) {
            struct sam_map types = {.sam = sam};
            sam_put(&types, "Types", sam_list(sam, &type, 1));
            sam_put(&m, "EndpointConfiguration", sam_done(&types));
        }
    }
    sam_add(sam, http ? "AWS::ApiGatewayV2::DomainName" : "AWS::ApiGateway::DomainName", sam_id(sam, "DomainName"), &m);
}

static void add_stage(struct sam *sam)
{
    static const char *const same[] = {
        "StageName",        "AccessLogSetting", "MethodSettings",      "TracingEnabled", "Variables",
        "CacheClusterSize", "CanarySetting",    "CacheClusterEnabled", "Description",    NULL};
    struct sam_map stage = {.sam = sam}, deployment = {.sam = sam};
    sam_put(&deployment, "RestApiId", sam_reference(sam, sam->resource->id, ""));
    sam_add(sam, "AWS::ApiGateway::Deployment", sam_id(sam, "Deployment"), &deployment);
    sam_put(&stage, "RestApiId", sam_reference(sam, sam->resource->id, ""));
    sam_put(&stage, "DeploymentId", sam_reference(sam, sam_id(sam, "Deployment"), ""));
    sam_copy(&stage, sam->properties, same);
    if (!sam_property(sam, "StageName"))
        sam_put_text(&stage, "StageName", "Prod");
    sam_put(&stage, "Tags", sam_tags(sam, sam_property(sam, "Tags")));
    sam_add(sam, "AWS::ApiGateway::Stage", sam_id(sam, "Stage"), &stage);
}

void sam_api(struct sam *sam)
{
    static const char *const same[] = {
        "Name",   "Description",    "MinimumCompressionSize",    "BinaryMediaTypes", "Mode",
        "Policy", "FailOnWarnings", "DisableExecuteApiEndpoint", "ApiKeySourceType", NULL};
    struct sam_map m = {.sam = sam};
    sam_copy(&m, sam->properties, same);
    if (!sam_property(sam, "Name"))
        sam_put(&m, "Name", value_string(sam->stack->arena, sam->resource->id, sam->origin));
    sam_put(&m, "Body", sam_property(sam, "DefinitionBody"));
    sam_put(&m, "BodyS3Location", sam_property(sam, "DefinitionUri"));
    sam_put(&m, "EndpointConfiguration", endpoint(sam));
    sam_put(&m, "Tags", sam_tags(sam, sam_property(sam, "Tags")));
    sam_add(sam, "AWS::ApiGateway::RestApi", sam->resource->id, &m);
    add_stage(sam);
    add_domain(sam, false);
}

void sam_http_api(struct sam *sam)
{
    static const char *const api_same[] = {
        "Name", "Description", "CorsConfiguration", "DisableExecuteApiEndpoint", "FailOnWarnings", "Tags", NULL};
    static const char *const stage_same[] = {
        "StageName", "AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables", "Tags", NULL};
    struct sam_map m = {.sam = sam}, stage = {.sam = sam};
    sam_copy(&m, sam->properties, api_same);
    if (!sam_property(sam, "Name"))
        sam_put(&m, "Name", value_string(sam->stack->arena, sam->resource->id, sam->origin));
    sam_put_text(&m, "ProtocolType", "HTTP");
    sam_put(&m, "Body", sam_property(sam, "DefinitionBody"));
    sam_put(&m, "BodyS3Location", sam_property(sam, "DefinitionUri"));
    sam_add(sam, "AWS::ApiGatewayV2::Api", sam->resource->id, &m);
    sam_put(&stage, "ApiId", sam_reference(sam, sam->resource->id, ""));
    sam_copy(&stage, sam->properties, stage_same);
    if (!sam_property(sam, "StageName"))
        sam_put_text(&stage, "StageName", "$default");
    sam_put(&stage, "AutoDeploy", value_bool(sam->stack->arena, true, sam->origin));
    sam_add(sam, "AWS::ApiGatewayV2::Stage", sam_id(sam, "Stage"), &stage);
    add_domain(sam, true);
}
