/* hipaalint test: the examples of rules. Last line: N passed, N failed. */
#include "base/glob.h"
#include "base/path.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"
#include "cli/test_fix.h"
#include "policy/examples.h"

struct tally {
    size_t passed, failed;
    size_t refused; /* fixes that do not pass their rule: it is wrong, not only its example */
    size_t by_hand;
    struct buf out;
};

/* What makes the text unreadable; STR_NONE when nothing does. */
static str read_error(const struct run *r, struct arena *a)
{
    for (size_t i = 0; i < r->diags.n; i++) {
        const struct diag *d = &r->diags.at[i];
        const struct source *s = source_at(r->sources, d->at.file);
        if (d->severity == DIAG_ERROR)
            return arena_printf(a, "the source cannot be read: line %u: " STR_FMT,
                                s ? source_position(s, d->at.start).line : 0, STR_ARG(d->message));
    }
    return STR_NONE;
}

static struct example_result run_example(const struct options *o, struct pack *pack, const struct ruleset *rules,
                                         const struct rule *rule, const struct rule_example *example, struct arena *a,
                                         struct diag_list *rule_diags)
{
    struct example_run x;
    example_open(&x, o, pack, example->file, example->source);
    struct example_result result =
        example_run(rule, example, rules, x.run.graph, x.run.analysis, x.run.sources, a, rule_diags);
    str error = read_error(&x.run, a);
    if (error.n) {
        result.ok = false;
        result.detail = error;
    }
    example_close(&x);
    return result;
}

static void report_failure(struct tally *t, const struct run *r, const struct rule *rule, const struct rule_example *e,
                           const struct example_result *result)
{
    const struct source *s = source_at(r->sources, e->at.file);
    struct position p = s ? source_position(s, e->at.start) : (struct position){0, 0};
    buf_printf(&t->out, STR_FMT ":%u: " STR_FMT " (" STR_FMT "): expected %s, got %s\n",
               STR_ARG(s ? s->path : rule->id), p.line, STR_ARG(rule->id), STR_ARG(e->format), status_name(e->expect),
               status_name(result->got));
    if (result->detail.n)
        buf_printf(&t->out, "    " STR_FMT "\n", STR_ARG(result->detail));
}

static void test_rule(struct tally *t, struct run *r, const struct ruleset *rules, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_examples; i++) {
        struct arena *a = arena_new();
        size_t before = r->diags.n;
        struct example_result result = run_example(r->options, r->pack, rules, rule, &rule->example[i], a, &r->diags);
        if (result.ok) {
            t->passed++;
        } else {
            t->failed++;
            if (r->diags.n == before) /* else the rule is wrong, not the example */
                report_failure(t, r, rule, &rule->example[i], &result);
        }
        arena_free(a);
    }
}

static void test_fixes(struct tally *t, struct run *r, const struct ruleset *rules, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_fixes; i++) {
        const struct rule_fix *fix = &rule->fix[i];
        t->by_hand += fix->by_hand.n > 0;
        if (fix->by_hand.n)
            continue;
        struct arena *a = arena_new();
        struct fix_result result = fix_test(r->options, r->pack, rules, rule, fix, a);
        bool bad = !result.ok && !result.untested;
        t->passed += result.ok;
        t->failed += bad;
        t->refused += bad;
        const struct source *s = source_at(r->sources, fix->at.file);
        struct position p = s ? source_position(s, fix->at.start) : (struct position){0, 0};
        if (bad)
            buf_printf(&t->out,
                       STR_FMT ":%u: " STR_FMT " (" STR_FMT "): the fix does not pass the rule\n    " STR_FMT "\n",
                       STR_ARG(s ? s->path : rule->id), p.line, STR_ARG(rule->id), STR_ARG(fix->format),
                       STR_ARG(result.detail));
        arena_free(a);
    }
}

static bool is_selected(const struct options *o, const struct rule *rule)
{
    for (size_t i = 0; i < o->only.n; i++)
        if (glob_match(o->only.at[i], rule->id) || glob_match(o->only.at[i], rule->name))
            return true;
    return !o->only.n;
}

int command_test(const struct options *o)
{
    /* Operands are rule files or directories: packs of their own beside the built-in one. */
    struct options with_packs = *o;
    with_packs.rules = (struct str_list){0};
    for (size_t i = 0; i < o->rules.n; i++)
        VEC_PUSH(&with_packs.rules, o->rules.at[i]);
    for (size_t i = 0; i < o->operands.n; i++)
        VEC_PUSH(&with_packs.rules, o->operands.at[i]);
    struct run r;
    struct tally t = {0};
    run_init(&r, &with_packs);
    buf_init(&t.out, SIZE_MAX);
    int status = EXIT_USAGE;
    const struct ruleset *rules = run_open_pack(&r, true) ? pack_all_rules(r.pack, &r.diags) : NULL;
    if (rules && run_check_pack_diags(&r)) {
        for (size_t i = 0; i < ruleset_count(rules); i++) {
            const struct rule *rule = ruleset_at(rules, i);
            bool from_operands = !o->operands.n || !rule->built_in;
            if (!from_operands || !is_selected(o, rule))
                continue;
            test_rule(&t, &r, rules, rule);
            test_fixes(&t, &r, rules, rule);
        }
        if (t.by_hand)
            buf_printf(&t.out, "skipped: %zu fixes that only a person can make\n", t.by_hand);
        buf_printf(&t.out, "%zu passed, %zu failed\n", t.passed, t.failed);
        status = !run_check_pack_diags(&r) || t.refused ? EXIT_USAGE : t.failed ? EXIT_FINDINGS : EXIT_CLEAN;
        output_write(o->output, buf_str(&t.out));
    }
    buf_release(&t.out);
    run_release(&r);
    VEC_RELEASE(&with_packs.rules);
    return status;
}
