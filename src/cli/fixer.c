#include "cli/fixer_internal.h"

#include "base/glob.h"
#include "base/vec.h"

enum { MAX_ROUNDS = 200, MAX_TRIALS = 400, MIN_REPORT_TRIALS = 6, MAX_REPORT_TRIALS = 40, REPORT_RESOURCES = 4000 };

void fixer_init(struct fixer *x, const struct options *o, bool apply)
{
    *x = (struct fixer){.options = o, .arena = arena_new(), .apply = apply};
    map_init(&x->texts);
    map_init(&x->memory);
    map_init(&x->readable);
    map_init(&x->file_index);
}

void fixer_release(struct fixer *x)
{
    VEC_RELEASE(&x->items);
    VEC_RELEASE(&x->files);
    map_release(&x->texts);
    map_release(&x->memory);
    map_release(&x->readable);
    map_release(&x->file_index);
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

/* ---------------------------------------------------------------- texts */

static bool same_edit(const struct edit *a, const struct edit *b)
{
    return a->at.file == b->at.file && a->at.start == b->at.start && a->at.end == b->at.end && str_eq(a->text, b->text);
}

/* The edits of the accepted ones and of the range, in order; what several want alike stands once. */
static void gather(struct edits *all, const struct batch *b, size_t from, size_t to)
{
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->at[i].candidate->n && (b->at[i].accepted || (i >= from && i < to)); k++)
            VEC_PUSH(all, b->at[i].candidate->edit[k]);
    edits_sort(all->at, all->n);
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++)
        if (!kept || !same_edit(&all->at[kept - 1], &all->at[i]))
            all->at[kept++] = all->at[i];
    all->n = kept;
}

/* What the files hold with the accepted ones and those of the range. */
static void make_texts(const struct batch *b, size_t from, size_t to, struct arena *a, struct map *texts)
{
    struct edits edits = {0};
    gather(&edits, b, from, to);
    for (size_t i = 0; i < b->x->texts.n; i++)
        map_set(texts, b->x->texts.at[i].key, b->x->texts.at[i].value);
    for (size_t i = 0, end; i < edits.n; i = end) {
        uint32_t source = edits.at[i].at.file;
        for (end = i; end < edits.n && edits.at[end].at.file == source;)
            end++;
        const struct input_file *f = b->file[source];
        str *text = ARENA_NEW(a, str);
        *text = edits_apply(f->source->text, source, edits.at + i, end - i, a);
        map_set(texts, arena_str(a, f->real), text);
    }
    VEC_RELEASE(&edits);
}

/* ---------------------------------------------------------------- trying */

static bool is_good(struct batch *b, size_t from, size_t to, str *ret_why)
{
    struct map texts;
    struct trial after;
    struct arena *a = arena_new();
    struct trial_aim *aim = ARENA_ARRAY(a, struct trial_aim, b->n + 1);
    size_t n = 0;
    map_init(&texts);
    make_texts(b, from, to, a, &texts);
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
    arena_free(a);
    return ok;
}

static void decline(struct fixer_item *item, str why)
{
    item->declined = true;
    item->reason = why;
}

/* One that is good for nothing beside those accepted may be good alone: then it has another try. */
static void reject(struct batch *b, struct work *w, str why)
{
    if (b->n_accepted)
        return;
    if (!w->item->reason.n)
        w->item->reason = why;
    w->item->next++;
}

/* A report is not to cost many times the linting: the larger the project, the fewer trials. */
static size_t report_trials(size_t resources)
{
    size_t n = REPORT_RESOURCES / (resources + 1);
    return n < MIN_REPORT_TRIALS ? MIN_REPORT_TRIALS : n > MAX_REPORT_TRIALS ? MAX_REPORT_TRIALS : n;
}

/* All of the range together, else each half. */
static void try_range(struct batch *b, size_t from, size_t to)
{
    str why;
    size_t most = b->x->apply ? MAX_TRIALS : report_trials(graph_count(b->base->run.graph));
    if (from >= to)
        return;
    if (b->x->trials >= most) {
        for (size_t i = from; i < to; i++)
            decline(b->at[i].item, STR("too many fixes had to be tried one by one"));
        return;
    }
    if (is_good(b, from, to, &why)) {
        for (size_t i = from; i < to; i++)
            b->at[i].accepted = true;
        b->n_accepted += to - from;
        return;
    }
    if (to - from == 1) {
        reject(b, &b->at[from], why);
        return;
    }
    size_t middle = from + (to - from) / 2;
    try_range(b, from, middle);
    try_range(b, middle, to);
}

/* ---------------------------------------------------------------- rounds */

/* The file among those that are changed. */
static size_t note_file(struct fixer *x, const struct input_file *f)
{
    uintptr_t known = (uintptr_t)map_find(&x->file_index, f->real);
    if (known)
        return known - 1;
    struct fixer_file file = {.real = arena_str(x->arena, f->real),
                              .path = arena_str(x->arena, f->path),
                              .before = arena_str(x->arena, f->source->text)};
    file.now = file.before;
    VEC_PUSH(&x->files, file);
    map_set(&x->file_index, file.real, (void *)(uintptr_t)x->files.n);
    return x->files.n - 1;
}

static void keep_edits(struct fixer *x, const struct batch *b, struct work *w)
{
    struct edit *kept = arena_copy(x->arena, w->candidate->edit, w->candidate->n * sizeof(struct edit));
    for (size_t i = 0; i < w->candidate->n; i++) {
        kept[i].at.file = (uint32_t)note_file(x, b->file[kept[i].at.file]);
        kept[i].text = arena_str(x->arena, kept[i].text);
    }
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
        uintptr_t file = (uintptr_t)map_find(&x->file_index, texts.at[i].key);
        map_set(&x->texts, texts.at[i].key, texts.at[i].value);
        if (file)
            x->files.at[file - 1].now = *(const str *)texts.at[i].value;
    }
    map_release(&texts);
}

/* True when there is more to do. */
static bool one_round(struct fixer *x, const struct trial *base)
{
    struct batch b = {.x = x, .base = base};
    batch_choose(&b);
    bool more = b.n > 0;
    if (more)
        try_range(&b, 0, b.n);
    for (size_t i = 0; i < b.n; i++)
        if (b.at[i].accepted)
            keep_edits(x, &b, &b.at[i]);
    if (b.n_accepted && x->apply)
        apply(x, &b);
    batch_release(&b);
    return more;
}

static bool open_base(struct fixer *x, struct trial *base, bool first)
{
    x->trials++;
    if (!trial_open(base, x->options, &x->texts))
        return false;
    x->incomplete = run_is_incomplete(&base->run);
    if (first && x->incomplete && x->apply)
        run_print_diags(&base->run);
    return true;
}

enum fixer_status fixer_run(struct fixer *x)
{
    struct trial base;
    bool ok = open_base(x, &base, true), more = ok;
    for (int round = 0; round < MAX_ROUNDS && more && ok; round++) {
        if (round && x->apply) {
            trial_close(&base);
            ok = open_base(x, &base, false);
        }
        more = ok && one_round(x, &base);
    }
    trial_close(&base);
    for (size_t i = 0; i < x->items.n; i++)
        if (!x->items.at[i]->fixed && !x->items.at[i]->declined)
            decline(x->items.at[i], STR("there are too many fixes for one run"));
    return ok ? FIXER_DONE : FIXER_ERROR;
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
                f->status == STATUS_FAIL ? map_find(&x.memory, fixer_key(&x, f->fingerprint)) : NULL;
            if (item && item->fixed)
                attach_one(r, &x, f, item);
        }
    }
    fixer_release(&x);
}
