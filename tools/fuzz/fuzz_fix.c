/* The fixes of all rules on one text: what a proposal makes of a text that can be parsed can be parsed, and edits lie
 * apart inside it. The first byte picks the name, and whether values that are computed may be overwritten. */
#include "analysis/analysis.h"
#include "fix/fix.h"
#include "frontend/frontend.h"
#include "fuzz.h"
#include "policy/evaluate.h"
#include "policy/pack.h"
#include "syntax/hcl.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

enum { MOST_FINDINGS = 12 };

struct fixing {
    struct inputs *inputs;
    struct sources *sources;
    struct graph *graph;
};

static const struct documents *documents_of(void *context, uint32_t file)
{
    const struct fixing *x = context;
    for (size_t i = 0; i < x->inputs->n; i++)
        if (x->inputs->file[i]->source && x->inputs->file[i]->source->id == file)
            return &x->inputs->file[i]->documents;
    return NULL;
}

static bool can_be_parsed(str text, enum document_language language)
{
    struct fuzz_input f;
    struct documents documents = {0};
    fuzz_open(&f, (const uint8_t *)text.p, text.n, "made");
    if (language == LANGUAGE_HCL)
        hcl_read(f.source, f.arena, &f.diags);
    else if (language == LANGUAGE_JSON)
        json_read(f.source, f.arena, &f.diags);
    else
        yaml_read(f.source, f.arena, &f.diags, &documents);
    bool ok = !diag_count(&f.diags, DIAG_ERROR);
    fuzz_close(&f);
    return ok;
}

static void check_candidate(const struct fixing *x, const struct fix_candidate *c, struct arena *a)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct edit *e = &c->edit[i];
        const struct source *s = source_at(x->sources, e->at.file);
        if (!s || e->at.start > e->at.end || e->at.end > s->text.n)
            abort();
        if (i && c->edit[i - 1].at.file == e->at.file && c->edit[i - 1].at.end > e->at.start)
            abort();
        if (i && c->edit[i - 1].at.file == e->at.file)
            continue;
        const struct documents *all = documents_of((void *)x, e->at.file);
        enum document_language language = all->at[0].language;
        if (can_be_parsed(s->text, language) &&
            !can_be_parsed(edits_apply(s->text, e->at.file, c->edit, c->n, a), language))
            abort();
    }
}

static void check_fixes(const struct fixing *x, const struct findings *findings, bool careful)
{
    struct arena *a = arena_new();
    size_t seen = 0;
    for (size_t i = 0; i < findings->n && seen < MOST_FINDINGS; i++) {
        const struct finding *f = &findings->at[i];
        if (f->status != STATUS_FAIL || !fix_of(f, x->graph))
            continue;
        struct fix_request q = {f, x->graph, x->sources, documents_of, (void *)x, careful, NULL};
        struct fix_candidates c;
        fix_propose(&q, a, &c);
        for (size_t k = 0; k < c.n; k++)
            check_candidate(x, &c.at[k], a);
        seen += c.n > 0;
        fix_candidates_release(&c);
    }
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"main.tf", "template.yaml", "manifest.yaml", "template.json", "main.tf.json"};
    if (size < 1)
        return 0;
    struct fuzz_input f;
    fuzz_open(&f, data + 1, size - 1, "unused");
    struct pack_options pack_options = {.prose = true};
    struct pack *pack = pack_open(&pack_options, f.sources, &f.diags);
    struct input_options input_options = {.jobs = 1, .stdin_path = str_of(names[data[0] % ARRAY_LEN(names)])};
    struct frontend_options frontend_options = {0};
    str path = STR("-");
    struct fixing x = {.sources = f.sources};
    x.inputs = inputs_discover(&path, 1, &input_options, f.sources, &f.diags, f.source->text);
    x.graph = frontend_load(x.inputs, &frontend_options, 1, &f.diags);
    sources_rank(f.sources);
    graph_link(x.graph, pack_model(pack), f.sources, 1, &f.diags);
    struct analysis_options analysis_options = {.jobs = 1};
    struct analysis *analysis = analysis_run(x.graph, &analysis_options, &f.diags);
    struct ruleset *rules = pack_rules(pack, x.graph, &f.diags);
    struct evaluate_options evaluate_options = {.jobs = 1, .profile = STR("strict"), .root = STR("/"), .cwd = STR("/")};
    struct findings findings = {0};
    struct evaluation_summary summary = {0};
    if (rules)
        evaluate(x.graph, analysis, rules, f.sources, &evaluate_options, &f.diags, &findings, &summary);
    check_fixes(&x, &findings, data[0] & 128);
    findings_release(&findings);
    analysis_free(analysis);
    graph_free(x.graph);
    pack_free(pack);
    inputs_free(x.inputs);
    f.diags.n = 0; /* of other sources */
    fuzz_close(&f);
    return 0;
}
