#include "analysis/iam_escalation.h"

#include "analysis/iam_values.h"

/* What a path acts on: which ARN patterns count as "all of them". */
enum target { ON_ANYTHING, ON_ROLES, ON_USERS, ON_GROUPS, ON_POLICIES };

enum { MAX_ACTIONS = 4 };

struct path_text {
    const char *action[MAX_ACTIONS];
    enum target target;    /* of the iam: actions */
    const char *passed_to; /* service that gets the role; NULL: no PassRole */
    const char *why;
};

static const struct path_text path_texts[] = {
    {{"iam:CreatePolicyVersion"}, ON_POLICIES, NULL, "rewrites a policy that is attached to itself"},
    {{"iam:SetDefaultPolicyVersion"}, ON_POLICIES, NULL, "brings back an older, wider version of a policy"},
    {{"iam:AttachUserPolicy"}, ON_USERS, NULL, "attaches AdministratorAccess to a user"},
    {{"iam:AttachGroupPolicy"}, ON_GROUPS, NULL, "attaches AdministratorAccess to its group"},
    {{"iam:AttachRolePolicy"}, ON_ROLES, NULL, "attaches AdministratorAccess to a role"},
    {{"iam:PutUserPolicy"}, ON_USERS, NULL, "writes an inline policy into a user"},
    {{"iam:PutGroupPolicy"}, ON_GROUPS, NULL, "writes an inline policy into its group"},
    {{"iam:PutRolePolicy"}, ON_ROLES, NULL, "writes an inline policy into a role"},
    {{"iam:AddUserToGroup"}, ON_GROUPS, NULL, "joins a stronger group"},
    {{"iam:CreateAccessKey"}, ON_USERS, NULL, "makes access keys of another user"},
    {{"iam:CreateLoginProfile"}, ON_USERS, NULL, "sets a console password of a user that has none"},
    {{"iam:UpdateLoginProfile"}, ON_USERS, NULL, "changes the console password of another user"},
    {{"iam:UpdateAssumeRolePolicy", "sts:AssumeRole"}, ON_ROLES, NULL, "lets itself into a role, then assumes it"},
    {{"iam:DeleteRolePermissionsBoundary"}, ON_ROLES, NULL, "takes the boundary off a role"},
    {{"iam:DeleteUserPermissionsBoundary"}, ON_USERS, NULL, "takes the boundary off a user"},
    {{"iam:PassRole", "ec2:RunInstances"}, ON_ROLES, "ec2.amazonaws.com", "an instance runs with any role"},
    {{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"},
     ON_ROLES,
     "lambda.amazonaws.com",
     "a function runs with any role"},
    {{"iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"},
     ON_ROLES,
     "lambda.amazonaws.com",
     "a function that events start runs with any role"},
    {{"iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"},
     ON_ROLES,
     "lambda.amazonaws.com",
     "a function that others may start runs with any role"},
    {{"lambda:UpdateFunctionCode"}, ON_ANYTHING, NULL, "replaces the code of a function and acts with its role"},
    {{"lambda:UpdateFunctionConfiguration"}, ON_ANYTHING, NULL, "puts a layer with own code into a function"},
    {{"iam:PassRole", "glue:CreateDevEndpoint"},
     ON_ROLES,
     "glue.amazonaws.com",
     "a development endpoint runs with any role"},
    {{"iam:PassRole", "glue:CreateJob", "glue:StartJobRun"},
     ON_ROLES,
     "glue.amazonaws.com",
     "a Glue job runs with any role"},
    {{"iam:PassRole", "glue:UpdateJob", "glue:StartJobRun"},
     ON_ROLES,
     "glue.amazonaws.com",
     "a changed Glue job runs with any role"},
    {{"glue:UpdateDevEndpoint"}, ON_ANYTHING, NULL, "puts its own SSH key into a development endpoint"},
    {{"iam:PassRole", "cloudformation:CreateStack"},
     ON_ROLES,
     "cloudformation.amazonaws.com",
     "a stack is made with any role"},
    {{"iam:PassRole", "cloudformation:UpdateStack"},
     ON_ROLES,
     "cloudformation.amazonaws.com",
     "a stack is changed with any role"},
    {{"iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition",
      "datapipeline:ActivatePipeline"},
     ON_ROLES,
     "datapipeline.amazonaws.com",
     "a pipeline runs with any role"},
    {{"iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"},
     ON_ROLES,
     "sagemaker.amazonaws.com",
     "a notebook runs with any role"},
    {{"iam:PassRole", "sagemaker:CreateTrainingJob"},
     ON_ROLES,
     "sagemaker.amazonaws.com",
     "a training job runs with any role"},
    {{"iam:PassRole", "sagemaker:CreateProcessingJob"},
     ON_ROLES,
     "sagemaker.amazonaws.com",
     "a processing job runs with any role"},
    {{"sagemaker:CreatePresignedNotebookInstanceUrl"}, ON_ANYTHING, NULL, "opens a notebook and acts with its role"},
    {{"iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"},
     ON_ROLES,
     "codebuild.amazonaws.com",
     "a build runs with any role"},
    {{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"},
     ON_ROLES,
     "ecs-tasks.amazonaws.com",
     "a task runs with any role"},
    {{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:UpdateService"},
     ON_ROLES,
     "ecs-tasks.amazonaws.com",
     "a service runs with any role"},
    {{"iam:PassRole", "states:CreateStateMachine", "states:StartExecution"},
     ON_ROLES,
     "states.amazonaws.com",
     "a state machine runs with any role"},
    {{"iam:PassRole", "ssm:StartAutomationExecution"},
     ON_ROLES,
     "ssm.amazonaws.com",
     "an automation runs with any role"},
    {{"iam:PassRole", "autoscaling:CreateAutoScalingGroup", "ec2:CreateLaunchTemplate"},
     ON_ROLES,
     "ec2.amazonaws.com",
     "instances of a group run with any role"},
    {{"ssm:SendCommand"}, ON_ANYTHING, NULL, "runs commands on instances and acts with their roles"},
    {{"ssm:StartSession"}, ON_ANYTHING, NULL, "opens shells on instances and acts with their roles"},
    {{"ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"},
     ON_ANYTHING,
     NULL,
     "gives an instance a new start script and acts with its role"},
    {{"sts:AssumeRole"}, ON_ROLES, NULL, "assumes whichever role trusts the account"},
};

struct path {
    const struct path_text *text;
    struct iam_query query[MAX_ACTIONS];
    size_t n;
    struct iam_context context; /* iam:PassedToService; n 0: none */
};

struct iam_escalations {
    struct path path[ARRAY_LEN(path_texts)];
    struct iam_query everything;
};

static const char *const patterns[] = {
    [ON_ANYTHING] = "*",
    [ON_ROLES] = "arn:aws:iam::*:role/*",
    [ON_USERS] = "arn:aws:iam::*:user/*",
    [ON_GROUPS] = "arn:aws:iam::*:group/*",
    [ON_POLICIES] = "arn:aws:iam::*:policy/*",
};

static const char *pattern_of(enum target target, const char *action)
{
    bool on_iam = strncmp(action, "iam:", 4) == 0 || strncmp(action, "sts:", 4) == 0;
    return on_iam ? patterns[target] : "*";
}

const struct iam_escalations *iam_escalations_new(struct arena *a)
{
    struct iam_escalations *e = ARENA_NEW(a, struct iam_escalations);
    e->everything = iam_query_of(a, STR("*"), STR("*"));
    for (size_t i = 0; i < ARRAY_LEN(path_texts); i++) {
        const struct path_text *text = &path_texts[i];
        struct path *p = &e->path[i];
        p->text = text;
        for (; p->n < MAX_ACTIONS && text->action[p->n]; p->n++)
            p->query[p->n] =
                iam_query_of(a, str_of(text->action[p->n]), str_of(pattern_of(text->target, text->action[p->n])));
        if (!text->passed_to)
            continue;
        struct iam_context_key *key = ARENA_NEW(a, struct iam_context_key);
        struct iam_pattern *service = ARENA_NEW(a, struct iam_pattern);
        *service = iam_pattern_text(a, str_of(text->passed_to), 0);
        *key = (struct iam_context_key){.name = STR("iam:passedtoservice"), .value = service, .n = 1};
        p->context = (struct iam_context){.key = key, .n = 1};
    }
    return e;
}

size_t iam_escalation_count(const struct iam_escalations *e)
{
    return ARRAY_LEN(e->path);
}

/* All roles of the own account, with its number written out, are as good as those of any account: the first such
 * resource of the policy whose part after the account is as wide as can be. */
static const struct iam_pattern *find_wide(const struct iam_policy *p, const char *wanted)
{
    str path = str_of(wanted);
    path = str_slice(path, str_rfind_char(path, ':') + 1, path.n);
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_list *list = &p->at[i].resources;
        for (size_t k = 0; k < list->n && p->at[i].effect == IAM_ALLOW; k++) {
            str text = list->at[k].text;
            size_t colon = str_rfind_char(text, ':');
            if (str_starts(text, STR("arn:aws")) && str_contains(text, STR(":iam:")) && colon != SIZE_MAX &&
                str_eq(str_slice(text, colon + 1, text.n), path) && !list->at[k].open)
                return &list->at[k];
        }
    }
    return NULL;
}

struct asking {
    const struct iam_policy *policy;
    const struct iam_pattern *wide[ON_POLICIES + 1]; /* NULL: none */
};

static enum iam_answer allows(const struct asking *a, const struct path *path, const struct iam_query *q)
{
    enum iam_answer plain = iam_allows(a->policy, q);
    const struct iam_pattern *wide = a->wide[path->text->target];
    struct iam_query other = *q;
    bool on_iam = !str_eq_c(q->resource.text, "*");
    if (plain == IAM_NO && wide && on_iam) {
        other.resource = *wide;
        plain = iam_allows(a->policy, &other);
    }
    if (plain == IAM_YES || !path->context.n || !str_eq_c(q->action.text, "iam:passrole"))
        return plain;
    other.context = &path->context;
    return iam_allows(a->policy, &other) == IAM_YES ? IAM_YES : plain;
}

static enum iam_answer is_open(const struct path *path, const struct asking *a)
{
    enum iam_answer all = IAM_YES;
    for (size_t i = 0; i < path->n && all != IAM_NO; i++)
        all = iam_and(all, allows(a, path, &path->query[i]));
    return all;
}

static str text_of(struct arena *a, const struct path_text *t)
{
    struct buf b;
    buf_init(&b, 1024);
    for (size_t i = 0; i < MAX_ACTIONS && t->action[i]; i++)
        buf_printf(&b, "%s%s", i ? " + " : "", t->action[i]);
    buf_printf(&b, ": %s", t->why);
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

/* Where the first action of a path is allowed. */
static const struct origin *cause(const struct iam_policy *p, const struct iam_query *q)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct iam_statement *s = &p->at[i];
        if (s->effect == IAM_DENY || iam_statement_has_action(s, &q->action, false) != IAM_YES)
            continue;
        for (size_t k = 0; k < s->actions.n; k++)
            if (s->actions.at[k].value && iam_covers(&s->actions.at[k], &q->action) == IAM_YES)
                return s->actions.at[k].value->origin;
        return s->value ? s->value->origin : NULL;
    }
    return NULL;
}

const struct value *iam_escalation_paths(struct arena *a, const struct iam_escalations *e, const struct iam_policy *p)
{
    struct item_list found = {0};
    bool unsure = p->partial || p->missing_policies;
    if (iam_allows(p, &e->everything) == IAM_YES) {
        VEC_PUSH(&found, value_string(a, STR("* on *: is an administrator already"), cause(p, &e->everything)));
        return item_list_end(a, &found, false, NULL);
    }
    struct asking asking = {.policy = p};
    for (enum target t = ON_ROLES; t <= ON_POLICIES; t++)
        asking.wide[t] = find_wide(p, patterns[t]);
    for (size_t i = 0; i < ARRAY_LEN(e->path); i++) {
        const struct path *path = &e->path[i];
        enum iam_answer open = p->n ? is_open(path, &asking) : IAM_NO;
        if (open == IAM_YES)
            VEC_PUSH(&found, value_string(a, text_of(a, path->text), cause(p, &path->query[0])));
        unsure = unsure || open == IAM_MAYBE;
    }
    if (unsure && !found.n)
        return value_unknown(a, p->reason.n ? p->reason : STR("the policies are not fully known"), NULL);
    return item_list_end(a, &found, false, NULL);
}
