#include "frontend/cloudformation/sam.h"

#include "frontend/cloudformation/resources.h"
#include "frontend/cloudformation/sam_build.h"

static const struct {
    const char *type; /* after AWS::Serverless:: */
    void (*make)(struct sam *sam);
} makers[] = {
    {"Function", sam_function},          {"Api", sam_api},
    {"HttpApi", sam_http_api},           {"SimpleTable", sam_simple_table},
    {"StateMachine", sam_state_machine}, {"LayerVersion", sam_layer},
    {"GraphQLApi", sam_graphql_api},     {"Connector", sam_connector},
};

struct sam_implicit *sam_implicit(struct cfn_stack *s)
{
    if (!s->sam)
        s->sam = ARENA_NEW(s->arena, struct sam_implicit);
    return s->sam;
}

static const struct value *globals(struct cfn_stack *s, str kind)
{
    const struct node_entry *e = s->globals ? node_find_entry(s->globals, kind) : NULL;
    return e ? cfn_eval_in(s, e->value, NULL) : NULL;
}

static bool start(struct sam *sam, struct cfn_stack *s, struct graph_builder *b, struct cfn_resource *r, str kind)
{
    *sam = (struct sam){.stack = s, .builder = b, .resource = r};
    const struct value *own = cfn_resource_properties(s, r);
    if (!value_is(own, VALUE_MAP))
        return false;
    sam->properties = sam_merge(s->arena, globals(s, kind), own, 0);
    sam->origin = origin_new(s->arena, r->key->at, STR("made by SAM"), NULL);
    return value_is(sam->properties, VALUE_MAP);
}

bool sam_emit(struct cfn_stack *s, struct graph_builder *b, struct cfn_resource *r)
{
    str kind = str_slice(r->type, sizeof("AWS::Serverless::") - 1, r->type.n);
    for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
        struct sam sam;
        if (!str_eq_c(kind, makers[i].type) || !start(&sam, s, b, r, kind))
            continue;
        makers[i].make(&sam);
        sam_embedded_connectors(&sam);
        return true;
    }
    return false;
}

void sam_emit_implicit(struct cfn_stack *s, struct graph_builder *b)
{
    struct sam_implicit *implicit = sam_implicit(s);
    struct {
        struct cfn_resource *by;
        const char *id, *kind;
        void (*make)(struct sam *sam);
    } apis[] = {{implicit->rest, "ServerlessRestApi", "Api", sam_api},
                {implicit->http, "ServerlessHttpApi", "HttpApi", sam_http_api}};
    for (size_t i = 0; i < ARRAY_LEN(apis); i++) {
        if (!apis[i].by || map_has(&s->resources, str_of(apis[i].id)))
            continue;
        struct cfn_resource *r = ARENA_NEW(s->arena, struct cfn_resource);
        *r = *apis[i].by;
        r->id = str_of(apis[i].id);
        struct sam sam = {.stack = s, .builder = b, .resource = r};
        sam.origin = origin_new(s->arena, r->key->at, STR("made by SAM"), NULL);
        const struct value *none = value_map(s->arena, NULL, 0, sam.origin);
        sam.properties = sam_merge(s->arena, globals(s, str_of(apis[i].kind)), none, 0);
        if (value_is(sam.properties, VALUE_MAP))
            apis[i].make(&sam);
    }
}
