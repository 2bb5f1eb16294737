#include "policy/examples.h"

#include "base/vec.h"
#include "policy/ask.h"

/* Fail beats unknown beats pass beats not applicable: what a reader of the example would be told. */
static bool is_worse(enum status a, enum status b)
{
    static const int rank[] = {[STATUS_NOT_APPLICABLE] = 0, [STATUS_PASS] = 1, [STATUS_UNKNOWN] = 2, [STATUS_FAIL] = 3};
    return rank[a] > rank[b];
}

static void note(struct example_result *result, const struct finding *f, struct arena *a)
{
    if (!is_worse(f->status, result->got) && result->detail.n)
        return;
    if (is_worse(f->status, result->got))
        result->got = f->status;
    if (f->status == STATUS_FAIL)
        result->detail = arena_str(a, f->message);
    else if (f->status == STATUS_UNKNOWN)
        result->detail = arena_str(a, f->reason);
}

struct example_result example_run(const struct rule *rule, const struct rule_example *example,
                                  const struct ruleset *rules, const struct graph *g, const struct analysis *facts,
                                  const struct sources *sources, struct arena *a, struct diag_list *rule_diags)
{
    struct example_result result = {.rule = rule, .example = example, .got = STATUS_NOT_APPLICABLE};
    struct evaluate_options o = {.jobs = 1,
                                 .profile = rule->profile,
                                 .only = &rule->id,
                                 .n_only = 1,
                                 .tests_rules = true,
                                 .keep_passes = true,
                                 .root = STR("/"),
                                 .cwd = STR("/")};
    struct findings findings = {0};
    struct evaluation_summary summary = {0};
    struct diag_list diags;
    diag_list_init(&diags, a);
    evaluate(g, facts, rules, sources, &o, &diags, &findings, &summary);
    for (size_t i = 0; i < findings.n; i++)
        note(&result, &findings.at[i], a);
    if (!graph_count(g))
        result.detail = STR("no resource was read");
    else if (result.got == STATUS_NOT_APPLICABLE && !result.detail.n)
        result.detail = STR("the rule applied to no resource");
    result.ok = result.got == example->expect;
    for (size_t i = 0; i < diags.n; i++) {
        if (diags.at[i].id != DIAG_RULE)
            continue;
        result.ok = false;
        diag_add(rule_diags, DIAG_RULE, diags.at[i].at, STR_FMT, STR_ARG(diags.at[i].message));
    }
    findings_release(&findings);
    diag_list_release(&diags);
    return result;
}
