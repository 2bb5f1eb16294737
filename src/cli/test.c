/* hipaalint test: the examples of rules. Last line: N passed, N failed. */
#include "base/glob.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"
#include "cli/test_fix.h"
#include "policy/examples.h"

/* What the examples and fixes of one rule came to. */
struct tally {
    size_t passed, failed;
    size_t refused; /* fixes that do not pass their rule: it is wrong, not only its example */
    size_t by_hand;
    struct arena *arena;
    struct diag_list diags; /* of the rule, which cannot be evaluated */
    struct buf out;
};

struct testing {
    struct run *run;
    const struct ruleset *rules;
    const struct rule **rule; /* those to be tested */
    size_t n;
    struct tally *tally; /* one for each */
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

static void test_examples(struct tally *t, const struct run *r, const struct ruleset *rules, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_examples; i++) {
        struct arena *a = arena_new();
        size_t before = t->diags.n;
        struct example_result result = run_example(r->options, r->pack, rules, rule, &rule->example[i], a, &t->diags);
        if (result.ok) {
            t->passed++;
        } else {
            t->failed++;
            if (t->diags.n == before) /* else the rule is wrong, not the example */
                report_failure(t, r, rule, &rule->example[i], &result);
        }
        arena_free(a);
    }
}

static void test_fixes(struct tally *t, const struct run *r, const struct ruleset *rules, const struct rule *rule)
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

static void test_one(void *context, size_t i, unsigned worker)
{
    struct testing *x = context;
    struct tally *t = &x->tally[i];
    (void)worker;
    t->arena = arena_new();
    diag_list_init(&t->diags, t->arena);
    buf_init(&t->out, SIZE_MAX);
    test_examples(t, x->run, x->rules, x->rule[i]);
    test_fixes(t, x->run, x->rules, x->rule[i]);
}

/* In the order of the rules. */
static int report(struct testing *x, const struct options *o)
{
    struct tally all = {0};
    buf_init(&all.out, SIZE_MAX);
    for (size_t i = 0; i < x->n; i++) {
        struct tally *t = &x->tally[i];
        all.passed += t->passed;
        all.failed += t->failed;
        all.refused += t->refused;
        all.by_hand += t->by_hand;
        buf_add(&all.out, buf_str(&t->out));
        diag_append(&x->run->diags, &t->diags);
    }
    if (all.by_hand)
        buf_printf(&all.out, "skipped: %zu fixes that only a person can make\n", all.by_hand);
    buf_printf(&all.out, "%zu passed, %zu failed\n", all.passed, all.failed);
    bool wrong = !run_check_pack_diags(x->run) || all.refused;
    output_write(o->output, buf_str(&all.out));
    buf_release(&all.out);
    return wrong ? EXIT_USAGE : all.failed ? EXIT_FINDINGS : EXIT_CLEAN;
}

static int test_all(struct run *r, const struct ruleset *rules, const struct options *o)
{
    struct testing x = {.run = r, .rules = rules};
    x.rule = ARENA_ARRAY(r->arena, const struct rule *, ruleset_count(rules) + 1);
    for (size_t i = 0; i < ruleset_count(rules); i++) {
        const struct rule *rule = ruleset_at(rules, i);
        bool from_operands = !o->operands.n || !rule->built_in;
        if (from_operands && is_selected(o, rule))
            x.rule[x.n++] = rule;
    }
    x.tally = ARENA_ARRAY(r->arena, struct tally, x.n + 1);
    pool_run((unsigned)o->jobs, x.n, test_one, &x);
    int status = report(&x, o);
    for (size_t i = 0; i < x.n; i++) {
        buf_release(&x.tally[i].out);
        diag_list_release(&x.tally[i].diags);
        arena_free(x.tally[i].arena);
    }
    return status;
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
    run_init(&r, &with_packs);
    const struct ruleset *rules = run_open_pack(&r, true) ? pack_all_rules(r.pack, &r.diags) : NULL;
    int status = rules && run_check_pack_diags(&r) ? test_all(&r, rules, o) : EXIT_USAGE;
    run_release(&r);
    VEC_RELEASE(&with_packs.rules);
    return status;
}
