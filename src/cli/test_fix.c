#include "cli/test_fix.h"

#include "base/vec.h"
#include "fix/fix.h"
#include "syntax/hcl.h"
#include "syntax/yaml.h"

enum { MAX_ROUNDS = 12 };

void example_open(struct example_run *x, const struct options *o, struct pack *pack, str file, str text)
{
    str here = STR("-");
    x->options = *o;
    x->options.stdin_path = file;
    x->options.jobs = 1;
    run_init(&x->run, &x->options);
    x->run.keeps_documents = true;
    buf_add(&x->run.stdin_text, text);
    x->run.pack = pack;
    run_read(&x->run, &here, 1);
    run_link(&x->run);
}

void example_close(struct example_run *x)
{
    x->run.pack = NULL; /* shared by all examples */
    run_release(&x->run);
}

struct testing {
    const struct options *options;
    struct pack *pack;
    const struct ruleset *rules;
    const struct rule *rule;
    const struct rule_fix *fix;
    const struct rule_example *example;
    struct arena *arena;
};

/* What the rule says about a text. */
struct verdict_of_text {
    size_t pass, fail, bad; /* bad: fails and unknowns */
    size_t resources;
    size_t warnings;
    bool broken;
    str detail;
};

static void evaluate_text(const struct testing *t, struct example_run *x, struct findings *ret)
{
    struct evaluate_options o = {.jobs = 1,
                                 .profile = t->rule->profile,
                                 .only = &t->rule->id,
                                 .n_only = 1,
                                 .keep_passes = true,
                                 .root = STR("/"),
                                 .cwd = STR("/")};
    struct evaluation_summary summary = {0};
    *ret = (struct findings){0};
    evaluate(x->run.graph, x->run.analysis, t->rules, x->run.sources, &o, &x->run.diags, ret, &summary);
}

static struct verdict_of_text judge(const struct testing *t, str text)
{
    struct verdict_of_text v = {0};
    struct example_run x;
    struct findings findings;
    example_open(&x, t->options, t->pack, t->example->file, text);
    evaluate_text(t, &x, &findings);
    v.resources = graph_count(x.run.graph);
    for (size_t i = 0; i < findings.n; i++) {
        const struct finding *f = &findings.at[i];
        v.pass += f->status == STATUS_PASS;
        v.fail += f->status == STATUS_FAIL;
        if (f->status != STATUS_FAIL && f->status != STATUS_UNKNOWN)
            continue;
        if (!v.bad++)
            v.detail = arena_printf(t->arena, "%s: " STR_FMT, status_name(f->status),
                                    STR_ARG(f->status == STATUS_FAIL ? f->message : f->reason));
    }
    for (size_t i = 0; i < x.run.diags.n; i++) {
        const struct diag *d = &x.run.diags.at[i];
        bool elsewhere = d->id == DIAG_REFERENCE; /* a key or bucket that the example does not have */
        v.warnings += d->severity == DIAG_WARNING && !elsewhere;
        if (d->severity == DIAG_ERROR && !elsewhere)
            v.broken = true;
        if ((d->severity == DIAG_ERROR || d->severity == DIAG_WARNING) && !elsewhere && !v.detail.n)
            v.detail = arena_str(t->arena, d->message);
    }
    if (!findings.n && !v.detail.n)
        v.detail = STR("the rule no longer applies to anything");
    findings_release(&findings);
    example_close(&x);
    return v;
}

static const struct documents *documents_of(void *context, uint32_t file)
{
    const struct inputs *in = context;
    for (size_t i = 0; i < in->n; i++)
        if (in->file[i]->source && in->file[i]->source->id == file)
            return &in->file[i]->documents;
    return NULL;
}

/* ---------------------------------------------------------------- what the fix refers to */

static const struct node *resources_of(const struct document *d)
{
    return d->language == LANGUAGE_HCL ? d->root : node_find(d->root, "Resources");
}

/* "type.name" of a block, the logical name of an entry. */
static str name_of(const struct node_entry *e, struct arena *a)
{
    const struct node *n = e->value;
    if (n->kind != NODE_BLOCK)
        return n->kind == NODE_MAP ? node_string(e->key) : STR_NONE;
    if (n->u.block->n_labels != 2)
        return STR_NONE;
    return arena_printf(a, "%s" STR_FMT "." STR_FMT, str_eq_c(n->u.block->type, "data") ? "data." : "",
                        STR_ARG(node_string(n->u.block->label[0])), STR_ARG(node_string(n->u.block->label[1])));
}

static bool has_name(const struct node *resources, str name, struct arena *a)
{
    for (size_t i = 0; resources && i < resources->u.map.n; i++)
        if (str_eq(name_of(&resources->u.map.entry[i], a), name))
            return true;
    return false;
}

static struct document read_text(const struct testing *t, struct sources *sources, str text)
{
    struct diag_list diags;
    struct documents all = {0};
    const struct source *s = source_add(sources, t->example->file, text);
    diag_list_init(&diags, t->arena);
    struct document d = {0};
    if (str_eq_c(t->example->format, "terraform"))
        d = hcl_read(s, t->arena, &diags);
    else
        yaml_read(s, t->arena, &diags, &all);
    if (all.n)
        d = all.at[0];
    diag_list_release(&diags);
    return d;
}

/* Adds to `text` what it names and `example` has. */
static str add_from(const struct testing *t, struct sources *sources, str text, str example)
{
    struct document to = read_text(t, sources, text), from = read_text(t, sources, example);
    const struct node *there = to.root ? resources_of(&to) : NULL, *offered = from.root ? resources_of(&from) : NULL;
    if (!there || !offered || (offered->kind != NODE_MAP && offered->kind != NODE_BODY))
        return text;
    struct node_entry *add = ARENA_ARRAY(t->arena, struct node_entry, offered->u.map.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < offered->u.map.n; i++) {
        str name = name_of(&offered->u.map.entry[i], t->arena);
        if (name.n && !has_name(there, name, t->arena) && fix_mentions(text, t->example->format, name))
            add[n++] = offered->u.map.entry[i];
    }
    struct edits edits = {0};
    struct editor e = {.to = &to, .from = &from, .arena = t->arena, .edits = &edits};
    if (n && edit_add(&e, there, add, n))
        text = edits_apply(text, to.source->id, edits.at, edits.n, t->arena);
    VEC_RELEASE(&edits);
    return text;
}

/* A fix may name what the examples that pass have: a key, a private subnet. */
static str complete(const struct testing *t, str text)
{
    enum { ROUNDS = 4 };
    struct sources *sources = sources_new();
    for (int round = 0; round < ROUNDS; round++) {
        str before = text;
        for (size_t i = 0; i < t->rule->n_examples; i++) {
            const struct rule_example *e = &t->rule->example[i];
            if (e->expect == STATUS_PASS && str_eq(e->format, t->example->format))
                text = add_from(t, sources, text, e->source);
        }
        if (text.n == before.n)
            break;
    }
    sources_free(sources);
    return text;
}

/* ---------------------------------------------------------------- attempts */

/* The texts that the candidates for the first finding make. */
struct texts {
    str *at;
    size_t n;
    str reason;
};

static struct texts propose(const struct testing *t, str text)
{
    struct texts texts = {0};
    struct example_run x;
    struct findings findings;
    example_open(&x, t->options, t->pack, t->example->file, text);
    evaluate_text(t, &x, &findings);
    size_t i = 0;
    while (i < findings.n && findings.at[i].status != STATUS_FAIL)
        i++;
    if (i < findings.n) {
        struct fix_request q = {&findings.at[i], x.run.graph, x.run.sources, documents_of, x.run.inputs, false, t->fix};
        struct fix_candidates c;
        fix_propose(&q, t->arena, &c);
        texts.at = ARENA_ARRAY(t->arena, str, c.n + 1);
        texts.reason = arena_str(t->arena, c.reason);
        for (size_t k = 0; k < c.n; k++) {
            uint32_t file = c.at[k].edit[0].at.file;
            str fixed = edits_apply(source_at(x.run.sources, file)->text, file, c.at[k].edit, c.at[k].n, t->arena);
            texts.at[texts.n++] = str_eq_c(t->example->format, "kubernetes") ? fixed : complete(t, fixed);
        }
        fix_candidates_release(&c);
    }
    findings_release(&findings);
    example_close(&x);
    return texts;
}

static str indented(struct arena *a, str text)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < text.n; i++) {
        if (!i || text.p[i - 1] == '\n')
            buf_add_c(&b, "        | ");
        buf_add_char(&b, text.p[i]);
    }
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

static bool is_better(const struct verdict_of_text *now, const struct verdict_of_text *before)
{
    return !now->broken && now->warnings <= before->warnings && now->bad < before->bad;
}

/* Nothing is wrong any more: the rule passes, or what it asked about is gone while every resource is still there. */
static bool is_good(const struct verdict_of_text *now, const struct verdict_of_text *before)
{
    return !now->bad && (now->pass || now->resources >= before->resources);
}

/* One finding after the other. */
static bool fix_example(const struct testing *t, bool *ret_failed, str *ret_detail)
{
    str text = t->example->source;
    struct verdict_of_text before = judge(t, text), first = before;
    *ret_failed = before.fail > 0;
    if (!before.fail)
        return false;
    for (int round = 0; round < MAX_ROUNDS && before.bad; round++) {
        struct texts texts = propose(t, text);
        bool progress = false;
        struct verdict_of_text last = {0};
        for (size_t i = 0; i < texts.n && !progress; i++) {
            struct verdict_of_text now = judge(t, texts.at[i]);
            progress = is_better(&now, &before) && (now.bad || is_good(&now, &before));
            if (progress) {
                before = now;
                text = texts.at[i];
            } else if (!i) {
                last = now;
            }
        }
        if (progress)
            continue;
        *ret_detail = texts.n ? arena_printf(t->arena, STR_FMT "; the first of %zu attempts:\n" STR_FMT,
                                             STR_ARG(last.detail), texts.n, STR_ARG(indented(t->arena, texts.at[0])))
                              : texts.reason;
        return false;
    }
    return is_good(&before, &first);
}

struct fix_result fix_test(const struct options *o, struct pack *pack, const struct ruleset *rules,
                           const struct rule *rule, const struct rule_fix *fix, struct arena *a)
{
    struct fix_result result = {.detail = STR("there is no example in the format that fails")};
    for (size_t i = 0; i < rule->n_examples && !result.ok; i++) {
        const struct rule_example *e = &rule->example[i];
        if (e->expect != STATUS_FAIL || !str_eq(e->format, fix->format))
            continue;
        struct testing t = {o, pack, rules, rule, fix, e, a};
        str detail = STR_NONE;
        bool failed = false;
        result.ok = fix_example(&t, &failed, &detail);
        result.untested = !failed && (result.untested || !result.example);
        if (!result.example || result.ok) {
            result.example = e;
            result.detail = detail;
        }
    }
    return result;
}
