/* Files to jobs: which templates are roots, what the user gave, what stacks export to each other. */
#include "frontend/cloudformation/cloudformation.h"

#include "base/vec.h"
#include "frontend/cloudformation/conditions.h"
#include "frontend/cloudformation/fragment.h"
#include "frontend/cloudformation/intrinsics.h"
#include "frontend/cloudformation/nested.h"
#include "frontend/cloudformation/parameters.h"
#include "frontend/cloudformation/resources.h"

struct job_data {
    const struct cfn_run *run;
    const struct cfn_template *template;
};

/* CloudFormation takes no template over 1 MB. */
enum { TEMPLATE_BYTES = 1 << 20 };

static void note_size(const struct cfn_template *t, struct diag_list *diags)
{
    size_t n = t->file->source ? t->file->source->text.n : 0;
    if (n > TEMPLATE_BYTES)
        diag_add_as(diags, DIAG_LIMIT, DIAG_WARNING, (span){t->file->source->id, 0, 0},
                    "the template has %zu bytes: CloudFormation takes at most %u", n, (unsigned)TEMPLATE_BYTES);
}

static void run_job(struct frontend_job *job, struct graph *g)
{
    const struct job_data *data = job->data;
    const struct cfn_template *t = data->template;
    struct graph_builder *b =
        graph_unit_begin(g, job->name, STR("cloudformation"), job->order, job->inputs->sources, &job->diags);
    b->unit.incomplete = t->file->incomplete || t->document->incomplete;
    note_size(t, &job->diags);
    struct cfn_stack *s =
        cfn_stack_new(data->run, b->arena, &job->diags, t->document, t->file->path, NULL, NULL, NULL, STR_NONE);
    const struct cfn_parameter *region = map_find(&s->parameters, STR("AWS::Region"));
    if (region && value_is(region->of_mode[CFN_PROPERTIES], VALUE_STRING))
        b->unit.region = sym_of(region->of_mode[CFN_PROPERTIES]->u.string);
    cfn_resources_emit(s, b);
    for (size_t i = 0; i < s->outputs.n; i++) {
        const struct cfn_output *o = s->outputs.at[i].value;
        const struct node *n = node_find(o->node, "Value");
        if (n)
            (void)cfn_eval_in(s, n, o->scope); /* for its diagnostics */
    }
    cfn_stack_free(s);
}

/* Templates and how they nest. */

static void collect_templates(struct cfn_run *run)
{
    VEC(struct cfn_template) all = {0};
    for (size_t i = 0; i < run->inputs->n; i++) {
        struct input_file *f = run->inputs->file[i];
        for (size_t j = 0; j < f->documents.n; j++) {
            if (f->document_claim && f->document_claim[j] == CLAIM_CLOUDFORMATION && f->documents.at[j].root) {
                struct cfn_template t = {f, &f->documents.at[j]};
                VEC_PUSH(&all, t);
            }
        }
    }
    struct cfn_template *at = ARENA_ARRAY(run->arena, struct cfn_template, all.n);
    if (all.n > 0)
        memcpy(at, all.at, all.n * sizeof(*at));
    run->template = at;
    run->n_templates = all.n;
    VEC_RELEASE(&all);
}

static bool has_stacks(const struct document *d)
{
    const struct node *resources = node_find(d->root, "Resources");
    for (size_t i = 0; resources && resources->kind == NODE_MAP && i < resources->u.map.n; i++) {
        const struct node *r = resources->u.map.entry[i].value;
        if (cfn_is_stack_type(node_string(node_find(r, "Type"))) ||
            str_starts(node_string(resources->u.map.entry[i].key), STR("Fn::")))
            return true;
    }
    return false;
}

static bool has_exports(const struct document *d)
{
    const struct node *outputs = node_find(d->root, "Outputs");
    for (size_t i = 0; outputs && outputs->kind == NODE_MAP && i < outputs->u.map.n; i++) {
        const struct node *o = outputs->u.map.entry[i].value;
        if (node_find(o, "Export") || str_starts(node_string(outputs->u.map.entry[i].key), STR("Fn::")))
            return true;
    }
    return false;
}

struct nesting {
    size_t from, to;
};

struct planning {
    struct cfn_run *run;
    VEC(struct nesting) nestings;
    bool *nested; /* of each template */
    bool *reached;
    bool any_stacks; /* some template may open others */
};

static void find_nestings(struct planning *p, size_t index, struct cfn_stack *s)
{
    for (size_t i = 0; i < s->resources.n; i++) {
        const struct cfn_resource *r = s->resources.at[i].value;
        const struct document *d = cfn_is_stack_type(r->type) ? cfn_nested_document(s, r, false, NULL) : NULL;
        for (size_t j = 0; d && j < p->run->n_templates; j++) {
            if (p->run->template[j].document->root != d->root)
                continue;
            struct nesting n = {index, j};
            VEC_PUSH(&p->nestings, n);
            p->nested[j] = p->nested[j] || j != index;
        }
    }
}

/* Values of exports keep their references, which name the exporting template. */
static const struct value *exported_value(struct cfn_run *run, const struct value *v, str unit)
{
    if (!v || !v->ref)
        return v;
    struct value *copy = value_copy(run->arena, v);
    struct ref *first = NULL, **last = &first;
    for (const struct ref *r = v->ref; r; r = r->next) {
        struct ref *own = arena_copy(run->arena, r, sizeof(*r));
        own->unit_key = unit;
        own->next = NULL;
        *last = own;
        last = (struct ref **)(uintptr_t)&own->next;
    }
    copy->ref = first;
    return copy;
}

static void find_exports(struct cfn_run *run, struct cfn_stack *s)
{
    for (size_t i = 0; i < s->outputs.n; i++) {
        const struct cfn_output *o = s->outputs.at[i].value;
        const struct node *export = node_find(o->node, "Export");
        const struct node *name = export ? node_find(export, "Name") : NULL;
        const struct node *value = node_find(o->node, "Value");
        const struct value *text = name && value ? cfn_eval_in(s, name, o->scope) : NULL;
        if (!value_is(text, VALUE_STRING))
            continue;
        struct cfn_export *e = ARENA_NEW(run->arena, struct cfn_export);
        e->name = text->u.string;
        e->value = exported_value(run, cfn_eval_in(s, value, o->scope), s->path);
        struct cfn_export *there = map_add(&run->exports, e->name, e);
        there->ambiguous = there->ambiguous || there != e;
    }
}

static void look_into(struct planning *p, size_t i)
{
    const struct cfn_template *t = &p->run->template[i];
    bool stacks = has_stacks(t->document), exports = has_exports(t->document);
    p->any_stacks |= stacks;
    if (!stacks && !exports)
        return;
    struct diag_list unheard;
    diag_list_init(&unheard, p->run->arena);
    struct cfn_stack *s =
        cfn_stack_new(p->run, p->run->arena, &unheard, t->document, t->file->path, NULL, NULL, NULL, STR_NONE);
    if (stacks)
        find_nestings(p, i, s);
    if (exports)
        find_exports(p->run, s);
    cfn_stack_free(s);
    diag_list_release(&unheard);
}

/* Marks what is nested in template i, with an own stack of work. */
static void reach(struct planning *p, size_t i)
{
    VEC(size_t) work = {0};
    p->reached[i] = true;
    VEC_PUSH(&work, i);
    while (work.n > 0) {
        size_t from = work.at[--work.n];
        for (size_t j = 0; j < p->nestings.n; j++) {
            size_t to = p->nestings.at[j].to;
            if (p->nestings.at[j].from != from || p->reached[to])
                continue;
            p->reached[to] = true;
            VEC_PUSH(&work, to);
        }
    }
    VEC_RELEASE(&work);
}

static void add_job(struct planning *p, size_t i, struct frontend_jobs *jobs)
{
    struct cfn_run *run = p->run;
    struct job_data *data = ARENA_NEW(run->arena, struct job_data);
    *data = (struct job_data){run, &run->template[i]};
    struct frontend_job job = {.name = run->template[i].file->path,
                               .run = run_job,
                               .inputs = run->inputs,
                               .options = run->options,
                               .data = data};
    if (run->template[i].document->index > 0)
        job.name = arena_printf(run->arena, STR_FMT "#%u", STR_ARG(job.name), run->template[i].document->index);
    if (!p->any_stacks && run->template[i].file->documents.n == 1) {
        job.file = ARENA_NEW(run->arena, struct input_file *);
        job.file[0] = run->template[i].file;
        job.n_files = 1;
    }
    VEC_PUSH(jobs, job);
}

/* Moves a table into the arena: it is only read from now on, and nobody has to release it. */
static void settle(struct map *m, struct arena *a)
{
    struct map kept = *m;
    kept.at = arena_copy(a, m->at, m->n * sizeof(*m->at));
    kept.slots = arena_copy(a, m->slots, m->n_slots * sizeof(*m->slots));
    kept.cap = m->n;
    map_release(m);
    *m = kept;
}

static struct cfn_run *run_new(struct inputs *in, const struct frontend_options *o, struct arena *a,
                               struct diag_list *diags)
{
    struct cfn_run *run = ARENA_NEW(a, struct cfn_run);
    run->inputs = in;
    run->options = o;
    run->arena = a;
    map_init(&run->given);
    map_init(&run->exports);
    cfn_given_read(run, diags);
    collect_templates(run);
    return run;
}

void cloudformation_plan(struct inputs *in, const struct frontend_options *o, struct arena *a,
                         struct frontend_jobs *jobs)
{
    struct planning p = {.run = run_new(in, o, a, in->diags)};
    size_t n = p.run->n_templates;
    p.nested = ARENA_ARRAY(a, bool, n + 1);
    p.reached = ARENA_ARRAY(a, bool, n + 1);
    for (size_t i = 0; i < n; i++)
        look_into(&p, i);
    settle(&p.run->given, a);
    settle(&p.run->exports, a);
    for (size_t i = 0; i < n; i++) {
        if (p.nested[i])
            continue;
        add_job(&p, i, jobs);
        reach(&p, i);
    }
    for (size_t i = 0; i < n; i++) { /* templates that only nest each other */
        if (p.reached[i])
            continue;
        add_job(&p, i, jobs);
        reach(&p, i);
    }
    VEC_RELEASE(&p.nestings);
}

/* eval */

static const struct value *reveal_json(struct arena *a, const struct value *v)
{
    if (!value_is_known(v) || !v || !(v->flags & VALUE_JSON))
        return v;
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    value_to_json(v, &b, VALUE_JSON_REVEAL);
    str text = buf_copy(&b, a);
    buf_release(&b);
    return value_string(a, text, v->origin);
}

static const struct value *eval_fragment(struct cfn_stack *s, str fragment, struct diag_list *diags)
{
    const struct source *source =
        source_add(s->run->inputs->sources, STR("(fragment)"), arena_str(s->run->inputs->arena, fragment));
    const struct document *d = source ? cfn_fragment_read(source, s->arena, diags) : NULL;
    if (!d)
        return value_unknown(s->arena, STR("the fragment cannot be read"), NULL);
    str name;
    const struct node *argument;
    bool is_condition = cfn_call(d->root, true, &name, &argument) && str_eq_c(name, "Condition") &&
                        map_has(&s->conditions, node_string(argument));
    return reveal_json(s->arena, is_condition ? cfn_condition_eval(s, d->root) : cfn_eval(s, d->root));
}

const struct value *cloudformation_eval_text(struct inputs *in, const struct frontend_options *o, str template_path,
                                             str fragment, struct arena *a, struct diag_list *diags)
{
    str path = template_path;
    struct cfn_run *run = run_new(in, o, a, diags);
    struct planning p = {.run = run};
    const struct document *d = cfn_fragment_open(in, template_path, STR_NONE, SPAN_NONE, a, diags, &path);
    const struct value *v;
    if (d && d->root->kind == NODE_MAP) {
        p.nested = ARENA_ARRAY(a, bool, run->n_templates + 1);
        for (size_t i = 0; i < run->n_templates; i++)
            look_into(&p, i);
        struct cfn_stack *s = cfn_stack_new(run, a, diags, d, path, NULL, NULL, NULL, STR_NONE);
        v = eval_fragment(s, fragment, diags);
        cfn_stack_free(s);
    } else {
        v = value_unknown(a, STR("the template cannot be read"), NULL);
    }
    VEC_RELEASE(&p.nestings);
    map_release(&run->given);
    map_release(&run->exports);
    return v;
}
