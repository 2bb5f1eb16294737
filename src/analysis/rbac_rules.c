#include "analysis/rbac_rules.h"

typedef bool match_fn(str word, str wanted);

static bool is_word(str word, str wanted)
{
    return str_eq(word, wanted) || str_eq_c(word, "*");
}

/* A star beside a slash means the subresource of any resource. */
static bool is_resource(str word, str wanted)
{
    size_t slash = str_find_char(wanted, '/');
    if (is_word(word, wanted))
        return true;
    return slash != SIZE_MAX && str_starts(word, STR("*/")) &&
           str_eq(str_slice(word, 2, word.n), str_slice(wanted, slash + 1, wanted.n));
}

static enum iam_answer has(const struct value *list, str wanted, match_fn *fn)
{
    enum iam_answer answer = IAM_NO;
    if (value_is(list, VALUE_STRING))
        return fn(list->u.string, wanted) ? IAM_YES : IAM_NO;
    if (!value_is(list, VALUE_LIST))
        return list && list->kind != VALUE_NULL ? IAM_MAYBE : IAM_NO;
    if (list->flags & VALUE_PARTIAL)
        answer = IAM_MAYBE;
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct value *v = list->u.list.item[i];
        if (value_is(v, VALUE_STRING) ? fn(v->u.string, wanted) : false)
            return IAM_YES;
        if (v && v->kind != VALUE_STRING && v->kind != VALUE_NULL)
            answer = IAM_MAYBE;
    }
    return answer;
}

/* Rules of single objects do not count. */
static enum iam_answer is_for_all_objects(const struct value *names)
{
    if (!names || names->kind == VALUE_NULL)
        return IAM_YES;
    if (names->kind == VALUE_LIST)
        return names->u.list.n ? IAM_NO : names->flags & VALUE_PARTIAL ? IAM_MAYBE : IAM_YES;
    return names->kind == VALUE_STRING ? IAM_NO : IAM_MAYBE;
}

static enum iam_answer permits(const struct value *rule, str verb, str resource, str group)
{
    if (!value_is(rule, VALUE_MAP))
        return rule && rule->kind != VALUE_NULL ? IAM_MAYBE : IAM_NO;
    enum iam_answer answer = iam_and(has(value_get(rule, STR("verbs")), verb, is_word),
                                     has(value_get(rule, STR("resources")), resource, is_resource));
    if (answer != IAM_NO && group.n)
        answer = iam_and(answer,
                         has(value_get(rule, STR("api_groups")), str_eq_c(group, "core") ? STR("") : group, is_word));
    return answer == IAM_NO ? IAM_NO : iam_and(answer, is_for_all_objects(value_get(rule, STR("resource_names"))));
}

enum iam_answer rbac_permits(const struct value *rules, str verb, str resource, str group)
{
    if (!value_is(rules, VALUE_LIST))
        return permits(rules, verb, resource, group);
    enum iam_answer any = rules->flags & VALUE_PARTIAL ? IAM_MAYBE : IAM_NO;
    for (size_t i = 0; i < rules->u.list.n && any != IAM_YES; i++)
        any = iam_or(any, permits(rules->u.list.item[i], verb, resource, group));
    return any;
}
