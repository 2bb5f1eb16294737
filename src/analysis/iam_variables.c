/* Policy variables in a request: ${aws:username}, ${aws:PrincipalTag/team, 'none'}. */
#include "analysis/iam_context.h"

static str folded(char *room, size_t size, str s)
{
    size_t n = s.n < size ? s.n : size;
    for (size_t i = 0; i < n; i++)
        room[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    return (str){room, n};
}

static enum iam_answer find(const void *context, str key, str *ret_text)
{
    enum { LONGEST = 256 };
    char room[LONGEST];
    const struct iam_context *c = context;
    str name = folded(room, sizeof(room), key);
    for (size_t i = 0; i < c->n; i++) {
        const struct iam_context_key *k = &c->key[i];
        if (!str_eq(k->name, name))
            continue;
        if (k->absent)
            return IAM_NO;
        if (k->unknown || k->n != 1 || k->value[0].holes || k->value[0].text.n > LONGEST)
            return IAM_MAYBE;
        *ret_text = k->value[0].text;
        return IAM_YES;
    }
    return IAM_MAYBE;
}

static bool has_variables(const struct iam_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i].holes)
            return true;
    return false;
}

static struct iam_list put_in(struct arena *a, const struct iam_list *list, unsigned flags,
                              const struct iam_variables *variables)
{
    struct iam_list copy = *list;
    if (!has_variables(list))
        return copy;
    copy.at = ARENA_ARRAY(a, struct iam_pattern, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        copy.at[i] = list->at[i].holes && list->at[i].value
                         ? iam_pattern_in(a, list->at[i].value, flags | IAM_VARIABLES, variables)
                         : list->at[i];
    return copy;
}

const struct iam_statement *iam_statement_in(struct arena *a, const struct iam_statement *s,
                                             const struct iam_context *context)
{
    struct iam_variables variables = {find, context};
    bool any = has_variables(&s->resources) || has_variables(&s->not_resources);
    for (size_t i = 0; i < s->n_conditions; i++)
        any = any || has_variables(&s->condition[i].values);
    if (!any)
        return s;
    struct iam_statement *copy = arena_copy(a, s, sizeof(*s));
    copy->resources = put_in(a, &s->resources, 0, &variables);
    copy->not_resources = put_in(a, &s->not_resources, 0, &variables);
    copy->condition = arena_copy(a, s->condition, s->n_conditions * sizeof(*s->condition));
    for (size_t i = 0; i < s->n_conditions; i++)
        copy->condition[i].values =
            put_in(a, &s->condition[i].values, iam_condition_flags(&s->condition[i]), &variables);
    return copy;
}
