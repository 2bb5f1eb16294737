#include "cli/fixer.h"

#include "base/glob.h"
#include "base/path.h"
#include "base/vec.h"
#include "cli/replace.h"
#include "syntax/hcl.h"
#include "syntax/json.h"

enum { MAX_ROUNDS = 60, MAX_TRIALS = 400, MAX_REPORT_TRIALS = 24 };

void fixer_init(struct fixer *x, const struct options *o, bool apply)
{
    *x = (struct fixer){.options = o, .arena = arena_new(), .apply = apply};
    map_init(&x->texts);
    map_init(&x->memory);
    map_init(&x->readable);
}

void fixer_release(struct fixer *x)
{
    VEC_RELEASE(&x->items);
    VEC_RELEASE(&x->files);
    map_release(&x->texts);
    map_release(&x->memory);
    map_release(&x->readable);
    arena_free(x->arena);
}

bool fixer_wants(const struct options *o, const struct graph *g, const struct finding *f)
{
    if (f->status != STATUS_FAIL || f->suppressed)
        return false;
    bool named = !o->fix_rules.n;
    for (size_t i = 0; i < o->fix_rules.n && !named; i++)
        named = glob_match(o->fix_rules.at[i], f->rule->id) || glob_match(o->fix_rules.at[i], f->rule->name);
    const struct rule_fix *fix = named ? fix_of(f, g) : NULL;
    return fix && fix->mechanical;
}

/* ---------------------------------------------------------------- files */

/* Modules that were downloaded, and files that are only context, are not ours to change. */
static bool may_change(const struct input_file *f)
{
    bool kind = f->kind == INPUT_HCL || f->kind == INPUT_TF_JSON || f->kind == INPUT_TFVARS || f->kind == INPUT_JSON ||
                f->kind == INPUT_YAML || f->kind == INPUT_OTHER;
    return kind && !f->context && f->source && !f->source->is_template_of_other && f->real.n &&
           f->claim != CLAIM_TERRAFORM_PLAN && !str_contains(f->real, STR("/.terraform/"));
}

static const struct input_file *file_of(const struct run *r, uint32_t source)
{
    for (size_t i = 0; i < r->inputs->n; i++)
        if (r->inputs->file[i]->source && r->inputs->file[i]->source->id == source)
            return r->inputs->file[i];
    return NULL;
}

struct lookup {
    struct fixer *x;
    const struct run *run;
};

/* Is the file what was read, byte by byte but for a mark of UTF-8? UTF-16 was converted. */
static bool is_as_read(struct fixer *x, const struct input_file *f)
{
    static const char yes, no;
    if (map_has(&x->texts, f->real))
        return true;
    const char *known = map_find(&x->readable, f->real);
    if (!known) {
        str mark;
        known = replace_check(f->real, f->source->text, &mark) ? &yes : &no;
        map_set(&x->readable, arena_str(x->arena, f->real), (void *)(uintptr_t)known);
    }
    return known == &yes;
}

/* Files of variables are read by the unit that asks for them, which keeps nothing. */
static const struct documents *read_again(const struct lookup *l, const struct input_file *f)
{
    struct diag_list diags;
    struct documents *all = ARENA_NEW(l->x->arena, struct documents);
    diag_list_init(&diags, l->x->arena);
    all->at = ARENA_NEW(l->x->arena, struct document);
    all->n = 1;
    bool json = str_ends(f->path, STR(".json"));
    all->at[0] = json ? json_read(f->source, l->x->arena, &diags) : hcl_read(f->source, l->x->arena, &diags);
    diag_list_release(&diags);
    return all;
}

static const struct documents *documents_of(void *context, uint32_t source)
{
    const struct lookup *l = context;
    const struct input_file *f = file_of(l->run, source);
    if (!f || !may_change(f) || !is_as_read(l->x, f))
        return NULL;
    return f->documents.n || f->kind != INPUT_TFVARS ? &f->documents : read_again(l, f);
}

/* The file among those that are changed. */
static size_t note_file(struct fixer *x, const struct input_file *f)
{
    for (size_t i = 0; i < x->files.n; i++)
        if (str_eq(x->files.at[i].real, f->real))
            return i;
    struct fixer_file file = {.real = arena_str(x->arena, f->real),
                              .path = arena_str(x->arena, f->path),
                              .before = arena_str(x->arena, f->source->text)};
    file.now = file.before;
    VEC_PUSH(&x->files, file);
    return x->files.n - 1;
}

/* ---------------------------------------------------------------- what is to be done */

struct work {
    struct fixer_item *item;
    struct trial_aim aim;
    const struct fix_candidate *candidate;
    bool accepted;
};

struct batch {
    struct fixer *x;
    const struct trial *base;
    struct work *at;
    size_t n;
};

static str fingerprint_text(struct fixer *x, uint64_t fingerprint)
{
    return arena_printf(x->arena, "%016llx", (unsigned long long)fingerprint);
}

static struct fixer_item *item_of(struct fixer *x, const struct run *r, const struct finding *f)
{
    str key = fingerprint_text(x, f->fingerprint);
    struct fixer_item *item = map_find(&x->memory, key);
    if (item)
        return item;
    item = ARENA_NEW(x->arena, struct fixer_item);
    const struct source *s = source_at(r->sources, f->at.file);
    struct position p = s ? source_position(s, f->at.start) : (struct position){0, 0};
    *item = (struct fixer_item){.fingerprint = f->fingerprint,
                                .rule = arena_str(x->arena, f->rule->id),
                                .name = arena_str(x->arena, f->rule->name),
                                .message = arena_str(x->arena, f->message),
                                .path = s ? arena_str(x->arena, s->path) : STR_NONE,
                                .line = p.line,
                                .column = p.column};
    map_set(&x->memory, key, item);
    VEC_PUSH(&x->items, item);
    return item;
}

static bool same_edits(const struct fix_candidate *a, const struct fix_candidate *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->edit[i].at.file == b->edit[i].at.file && a->edit[i].at.start == b->edit[i].at.start &&
               a->edit[i].at.end == b->edit[i].at.end && str_eq(a->edit[i].text, b->edit[i].text);
    return same;
}

static bool touch(const struct fix_candidate *a, const struct fix_candidate *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (a->edit[i].at.file == b->edit[k].at.file && a->edit[i].at.start <= b->edit[k].at.end &&
                b->edit[k].at.start <= a->edit[i].at.end)
                return true;
    return false;
}

/* Two rules that add resources of one type to one file: when the one is made the other may be no finding any more. */
static bool may_do_the_same(const struct work *w, const struct fixer_item *item, const struct fix_candidate *c)
{
    return c->adds.n && str_eq(w->candidate->adds, c->adds) && !str_eq(w->item->rule, item->rule) &&
           w->candidate->edit[0].at.file == c->edit[0].at.file;
}

/* The next proposal for each finding that is still open; those that would touch the same bytes wait for another round.
 * What changes a source is tried alone. */
static void collect(struct batch *b)
{
    struct fixer *x = b->x;
    const struct run *r = &b->base->run;
    bool alone = false;
    b->at = ARENA_ARRAY(x->arena, struct work, r->findings.n + 1);
    x->left = 0;
    for (size_t i = 0; i < r->findings.n && !alone; i++) {
        const struct finding *f = &r->findings.at[i];
        if (!fixer_wants(x->options, r->graph, f)) {
            x->left += f->status == STATUS_FAIL && !f->suppressed;
            continue;
        }
        struct fixer_item *item = item_of(x, r, f);
        if (item->declined || (item->fixed && !x->apply))
            continue;
        item->fixed = false;
        struct lookup lookup = {x, r};
        struct fix_request q = {f, r->graph, r->sources, documents_of, &lookup, true, NULL};
        struct fix_candidates c;
        fix_propose(&q, x->arena, &c);
        item->candidate = c.n ? arena_copy(x->arena, c.at, c.n * sizeof(*c.at)) : NULL;
        item->n_candidates = c.n;
        if (item->next >= c.n) {
            item->declined = true;
            if (c.reason.n)
                item->reason = arena_str(x->arena, c.reason);
            else if (!item->reason.n)
                item->reason = STR("no other way is left");
        }
        fix_candidates_release(&c);
        if (item->declined)
            continue;
        const struct fix_candidate *chosen = &item->candidate[item->next];
        bool waits = false;
        for (size_t k = 0; k < b->n && !waits; k++)
            waits = (touch(chosen, b->at[k].candidate) && !same_edits(chosen, b->at[k].candidate)) ||
                    may_do_the_same(&b->at[k], item, chosen);
        if (waits || (chosen->at_source && b->n))
            continue;
        alone = chosen->at_source;
        struct trial_aim aim = {trial_key(r, f, x->arena),
                                f->resource ? trial_resource_key(r, f->resource, x->arena) : STR_NONE,
                                chosen->at_source};
        b->at[b->n++] = (struct work){item, aim, chosen, false};
    }
}

/* ---------------------------------------------------------------- trying */

static void add_edits(struct edits *all, const struct batch *b, size_t from, size_t to)
{
    for (size_t i = 0; i < b->n; i++) {
        if (!b->at[i].accepted && !(i >= from && i < to))
            continue;
        bool twice = false;
        for (size_t k = 0; k < i && !twice; k++)
            twice = (b->at[k].accepted || (k >= from && k < to)) && same_edits(b->at[k].candidate, b->at[i].candidate);
        for (size_t k = 0; k < b->at[i].candidate->n && !twice; k++)
            VEC_PUSH(all, b->at[i].candidate->edit[k]);
    }
}

/* The texts with the accepted ones and those of the range. */
static void make_texts(const struct batch *b, size_t from, size_t to, struct arena *a, struct map *texts)
{
    struct edits edits = {0};
    add_edits(&edits, b, from, to);
    edits_sort(edits.at, edits.n);
    for (size_t i = 0; i < b->x->texts.n; i++)
        map_set(texts, b->x->texts.at[i].key, b->x->texts.at[i].value);
    for (size_t i = 0; i < edits.n; i++) {
        uint32_t source = edits.at[i].at.file;
        if (i && edits.at[i - 1].at.file == source)
            continue;
        const struct input_file *f = file_of(&b->base->run, source);
        str *text = ARENA_NEW(a, str);
        *text = edits_apply(f->source->text, source, edits.at, edits.n, a);
        map_set(texts, arena_str(a, f->real), text);
    }
    VEC_RELEASE(&edits);
}

static bool is_good(struct batch *b, size_t from, size_t to, str *ret_why)
{
    struct map texts;
    struct trial after;
    struct trial_aim *aim = ARENA_ARRAY(b->x->arena, struct trial_aim, b->n + 1);
    size_t n = 0;
    map_init(&texts);
    make_texts(b, from, to, b->x->arena, &texts);
    for (size_t i = 0; i < b->n; i++)
        if (b->at[i].accepted || (i >= from && i < to))
            aim[n++] = b->at[i].aim;
    b->x->trials++;
    bool ok = trial_open(&after, b->x->options, &texts);
    str why = STR("it cannot be linted then");
    if (ok)
        ok = trial_is_better(&after, b->base, aim, n, &why);
    *ret_why = arena_str(b->x->arena, why);
    trial_close(&after);
    map_release(&texts);
    return ok;
}

static size_t most_trials(const struct fixer *x)
{
    return x->apply ? MAX_TRIALS : MAX_REPORT_TRIALS;
}

/* All of the range together, else each half. */
static void try_range(struct batch *b, size_t from, size_t to)
{
    str why;
    if (from >= to)
        return;
    if (b->x->trials >= most_trials(b->x)) {
        for (size_t i = from; i < to; i++) {
            b->at[i].item->declined = true;
            b->at[i].item->reason = STR("too many fixes had to be tried one by one");
        }
        return;
    }
    if (is_good(b, from, to, &why)) {
        for (size_t i = from; i < to; i++)
            b->at[i].accepted = true;
        return;
    }
    if (to - from == 1) {
        if (!b->at[from].item->reason.n)
            b->at[from].item->reason = why;
        b->at[from].item->next++;
        return;
    }
    size_t middle = from + (to - from) / 2;
    try_range(b, from, middle);
    try_range(b, middle, to);
}

/* ---------------------------------------------------------------- rounds */

static void keep_edits(struct fixer *x, const struct run *r, struct work *w)
{
    struct edit *kept = arena_copy(x->arena, w->candidate->edit, w->candidate->n * sizeof(struct edit));
    for (size_t i = 0; i < w->candidate->n; i++)
        kept[i].at.file = (uint32_t)note_file(x, file_of(r, kept[i].at.file));
    w->item->edit = kept;
    w->item->n_edits = w->candidate->n;
    w->item->fixed = true;
    w->item->next = 0;
}

static void apply(struct fixer *x, struct batch *b)
{
    struct map texts;
    map_init(&texts);
    make_texts(b, b->n, b->n, x->arena, &texts);
    for (size_t i = 0; i < texts.n; i++) {
        map_set(&x->texts, texts.at[i].key, texts.at[i].value);
        for (size_t k = 0; k < x->files.n; k++)
            if (str_eq(x->files.at[k].real, texts.at[i].key))
                x->files.at[k].now = *(const str *)texts.at[i].value;
    }
    map_release(&texts);
}

/* True when there is more to do. */
static bool one_round(struct fixer *x, const struct trial *base)
{
    struct batch b = {.x = x, .base = base};
    collect(&b);
    if (!b.n)
        return false;
    try_range(&b, 0, b.n);
    bool any = false;
    for (size_t i = 0; i < b.n; i++) {
        if (!b.at[i].accepted)
            continue;
        keep_edits(x, &base->run, &b.at[i]);
        any = true;
    }
    if (any && x->apply)
        apply(x, &b);
    return true;
}

enum fixer_status fixer_run(struct fixer *x)
{
    bool more = true, first = true;
    struct trial base;
    for (int round = 0; round < MAX_ROUNDS && more; round++) {
        if (first || x->apply) {
            bool again = !first;
            if (again)
                trial_close(&base);
            first = false;
            x->trials++;
            if (!trial_open(&base, x->options, &x->texts)) {
                trial_close(&base);
                return FIXER_ERROR;
            }
            x->incomplete = run_is_incomplete(&base.run);
            if (x->incomplete && x->apply && !again)
                run_print_diags(&base.run);
        }
        more = one_round(x, &base);
    }
    trial_close(&base);
    return FIXER_DONE;
}

/* ---------------------------------------------------------------- for reports */

static const struct source *source_of(const struct run *r, str real)
{
    const struct input_file *f = map_find(&r->inputs->by_real, real);
    return f ? f->source : NULL;
}

static void attach_one(struct run *r, const struct fixer *x, struct finding *f, const struct fixer_item *item)
{
    struct edit *edits = ARENA_ARRAY(r->arena, struct edit, item->n_edits);
    for (size_t i = 0; i < item->n_edits; i++) {
        const struct source *s = source_of(r, x->files.at[item->edit[i].at.file].real);
        if (!s)
            return;
        edits[i] = item->edit[i];
        edits[i].at.file = s->id;
        edits[i].text = arena_str(r->arena, edits[i].text);
    }
    f->edit = edits;
    f->n_edits = item->n_edits;
}

static bool is_worth_it(const struct run *r)
{
    bool any = false;
    for (size_t i = 0; i < r->options->operands.n; i++)
        if (str_eq_c(r->options->operands.at[i], "-"))
            return false;
    for (size_t i = 0; i < r->findings.n && !any; i++)
        any = fixer_wants(r->options, r->graph, &r->findings.at[i]);
    return any;
}

void fixer_attach(struct run *r)
{
    if (!is_worth_it(r))
        return;
    if (graph_count(r->graph) > LIMIT_FIX_RESOURCES) {
        diag_add_as(&r->diags, DIAG_LIMIT, DIAG_NOTE, SPAN_NONE,
                    "fixes are left out of the report above %u resources; hipaalint fix makes them",
                    LIMIT_FIX_RESOURCES);
        return;
    }
    struct fixer x;
    fixer_init(&x, r->options, false);
    if (fixer_run(&x) == FIXER_DONE) {
        for (size_t i = 0; i < r->findings.n; i++) {
            struct finding *f = &r->findings.at[i];
            const struct fixer_item *item =
                f->status == STATUS_FAIL ? map_find(&x.memory, fingerprint_text(&x, f->fingerprint)) : NULL;
            if (item && item->fixed)
                attach_one(r, &x, f, item);
        }
    }
    fixer_release(&x);
}
