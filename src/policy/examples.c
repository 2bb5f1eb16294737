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
                                  const struct sources *sources, struct arena *a)
{
    struct example_result result = {.rule = rule, .example = example, .got = STATUS_NOT_APPLICABLE};
    struct evaluate_options o = {.jobs = 1,
                                 .profile = rule->profile,
                                 .only = &rule->id,
                                 .n_only = 1,
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
    findings_release(&findings);
    diag_list_release(&diags);
    return result;
}

/* The formats that a kind's types belong to, as bits in the order of `formats`. */
static const char *const formats[] = {"terraform", "cloudformation", "kubernetes"};

static unsigned format_bit(str type)
{
    if (str_contains(type, STR("::")))
        return 2;
    return str_contains(type, STR("/")) ? 4 : 1;
}

static unsigned formats_of(const struct rule *rule, const struct model *m)
{
    unsigned bits = 0;
    for (size_t i = 0; i < rule->n_kinds; i++) {
        const struct model_kind *kind = model_kind(m, sym_str(rule->kind[i]));
        const str *types = NULL;
        size_t n = kind ? model_kind_types(kind, &types) : 0;
        for (size_t k = 0; k < n; k++)
            bits |= format_bit(types[k]);
    }
    /* Resources of a cloud that are Kubernetes objects of a controller have the same attributes, or fewer. */
    return bits & 3 ? bits & 3 : bits;
}

static bool has_example(const struct rule *rule, const char *format, enum status expect)
{
    for (size_t i = 0; i < rule->n_examples; i++) {
        const struct rule_example *e = &rule->example[i];
        if (e->expect == expect && (!format || str_eq_c(e->format, format)))
            return true;
    }
    return false;
}

bool examples_check_complete(const struct rule *rule, const struct model *m, struct diag_list *diags)
{
    bool ok = true;
    unsigned bits = formats_of(rule, m);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (!(bits & (1u << i)))
            continue;
        static const enum status needed[] = {STATUS_PASS, STATUS_FAIL};
        for (size_t k = 0; k < ARRAY_LEN(needed); k++) {
            if (has_example(rule, formats[i], needed[k]))
                continue;
            diag_add(diags, DIAG_RULE, rule->at_file, "there is no example in %s that is expected to %s", formats[i],
                     status_name(needed[k]));
            ok = false;
        }
    }
    if (!has_example(rule, NULL, STATUS_UNKNOWN)) {
        diag_add(diags, DIAG_RULE, rule->at_file, "there is no example that is expected to be unknown");
        ok = false;
    }
    return ok;
}
