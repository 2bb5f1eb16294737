#include "cli/fixer_internal.h"

#include "base/glob.h"
#include "base/vec.h"

enum { MAX_ROUNDS = 200, MAX_TRIALS = 400, MIN_REPORT_TRIALS = 8, MAX_REPORT_TRIALS = 80, REPORT_RESOURCES = 8000 };

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

static bool same_place(const struct edit *a, const struct edit *b)
{
    return a->at.file == b->at.file && a->at.start == b->at.start && a->at.end == b->at.end;
}

static size_t indentation(const struct edit *e)
{
    size_t n = 0;
    while (n < e->text.n && e->text.p[n] == ' ')
        n++;
    return n;
}

/* Puts an edit behind those that are sorted, unless it is there. Of lines that are inserted at one place the inner ones
 * come first: there the inner block ends, and then the outer one. */
static void keep_edit(struct edit *sorted, size_t *n, struct edit e)
{
    size_t place = *n;
    for (size_t i = *n; i > 0 && same_place(&sorted[i - 1], &e); i--) {
        if (str_eq(sorted[i - 1].text, e.text))
            return;
        if (e.at.start == e.at.end && indentation(&sorted[i - 1]) < indentation(&e))
            place = i - 1;
    }
    memmove(&sorted[place + 1], &sorted[place], (*n - place) * sizeof(e));
    sorted[place] = e;
    ++*n;
}

/* Some of what is tried together, in any order. */
struct selection {
    struct work **at;
    size_t n;
};

/* The edits of the accepted ones and of the selection, in order; what several want alike stands once. */
static void gather(struct edits *all, const struct batch *b, struct selection s)
{
    for (size_t i = 0; i < s.n; i++)
        for (size_t k = 0; k < s.at[i]->candidate->n; k++)
            VEC_PUSH(all, s.at[i]->candidate->edit[k]);
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->at[i].candidate->n && b->at[i].accepted; k++)
            VEC_PUSH(all, b->at[i].candidate->edit[k]);
    edits_sort(all->at, all->n);
    size_t kept = 0;
    for (size_t i = 0; i < all->n; i++)
        keep_edit(all->at, &kept, all->at[i]);
    all->n = kept;
}

/* What the files hold with the accepted ones and those of the selection. */
static void make_texts(const struct batch *b, struct selection s, struct arena *a, struct map *texts)
{
    struct edits edits = {0};
    gather(&edits, b, s);
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

static struct trial *new_trial(void)
{
    struct trial *t = alloc_get(sizeof(*t));
    trial_init(t);
    return t;
}

static void forget(struct trial *t)
{
    if (!t)
        return;
    trial_close(t);
    alloc_put(t, sizeof(*t));
}

/* Aims of the selection come first. */
static size_t list_aims(const struct batch *b, struct selection s, struct trial_aim *aim)
{
    size_t n = 0;
    for (; n < s.n; n++)
        aim[n] = s.at[n]->aim;
    for (size_t i = 0; i < b->n; i++)
        if (b->at[i].accepted)
            aim[n++] = b->at[i].aim;
    return n;
}

/* Tries the selection with what is accepted. A trial that is good takes the place of the last that was. Else each of the
 * selection has its blame. */
static struct trial_verdict try_together(struct batch *b, struct selection s)
{
    struct fixer *x = b->x;
    struct trial *after = new_trial();
    struct trial_aim *aim = ARENA_ARRAY(b->arena, struct trial_aim, b->n + 1);
    size_t n = list_aims(b, s, aim);
    make_texts(b, s, after->arena, &after->texts);
    x->trials++;
    struct trial_verdict v = {.why = STR("it cannot be linted then")};
    if (trial_ask(after, x->root))
        v = trial_compare(after, b->base, aim, n);
    for (size_t i = 0; i < s.n; i++)
        s.at[i]->blame = v.blame ? arena_str(x->arena, v.blame[i]) : STR_NONE;
    v.why = arena_str(x->arena, v.why);
    if (v.better) {
        forget(b->good);
        b->good = after;
    } else {
        forget(after);
    }
    return v;
}

static void decline(struct fixer_item *item, str why)
{
    item->declined = true;
    item->reason = why;
}

/* One that is good for nothing beside those accepted may be good alone: then it has another try. */
static void reject(struct batch *b, struct work *w, str why)
{
    if (b->n_accepted) {
        w->item->waits = true;
        return;
    }
    if (!w->item->reason.n)
        w->item->reason = why;
    w->item->next++;
}

static void accept(struct batch *b, struct selection s)
{
    for (size_t i = 0; i < s.n; i++)
        s.at[i]->accepted = true;
    b->n_accepted += s.n;
}

/* A report is not to cost many times the linting: the larger the project, the fewer trials. */
static size_t report_trials(size_t resources)
{
    size_t n = REPORT_RESOURCES / (resources + 1);
    return n < MIN_REPORT_TRIALS ? MIN_REPORT_TRIALS : n > MAX_REPORT_TRIALS ? MAX_REPORT_TRIALS : n;
}

static bool may_try(const struct batch *b)
{
    return b->x->trials < (b->x->apply ? MAX_TRIALS : report_trials(graph_count(b->base->run->graph)));
}

static void try_selection(struct batch *b, struct selection s);

/* Those that are to blame, or those that are not, in order. */
static struct selection pick(struct batch *b, struct selection s, bool blamed)
{
    struct selection some = {ARENA_ARRAY(b->arena, struct work *, s.n), 0};
    for (size_t i = 0; i < s.n; i++)
        if ((s.at[i]->blame.n > 0) == blamed)
            some.at[some.n++] = s.at[i];
    return some;
}

static void try_halves(struct batch *b, struct selection s)
{
    size_t middle = s.n / 2;
    try_selection(b, (struct selection){s.at, middle});
    try_selection(b, (struct selection){s.at + middle, s.n - middle});
}

static void wait(struct selection s)
{
    for (size_t i = 0; i < s.n; i++)
        s.at[i]->item->waits = true;
}

/* All are to blame: what is wrong with one whose resource nobody else changes would be wrong, too, if it were alone. */
static void reject_blamed(struct batch *b, struct selection s)
{
    struct work **shared = ARENA_ARRAY(b->arena, struct work *, s.n);
    struct selection rest = {shared, 0};
    struct map changes; /* of resources, how many */
    map_init(&changes);
    for (size_t i = 0; i < s.n; i++) {
        str resource = s.at[i]->aim.resource;
        map_set(&changes, resource, (void *)((uintptr_t)map_find(&changes, resource) + 1));
    }
    for (size_t i = 0; i < s.n; i++) {
        if ((uintptr_t)map_find(&changes, s.at[i]->aim.resource) == 1)
            reject(b, s.at[i], s.at[i]->blame);
        else
            shared[rest.n++] = s.at[i];
    }
    map_release(&changes);
    if (rest.n < s.n)
        try_selection(b, rest);
    else
        try_halves(b, rest);
}

/* All together; else those that are not to blame, when something is known; else each half. Who is to blame for what went
 * wrong beside others that are good has another try in the next round. */
static void try_selection(struct batch *b, struct selection s)
{
    if (!s.n)
        return;
    if (!may_try(b)) {
        for (size_t i = 0; i < s.n; i++)
            decline(s.at[i]->item, STR("too many fixes had to be tried one by one"));
        return;
    }
    struct trial_verdict v = try_together(b, s);
    if (v.better) {
        accept(b, s);
        return;
    }
    if (s.n == 1) {
        reject(b, s.at[0], v.why);
        return;
    }
    struct selection blamed = pick(b, s, true), others = pick(b, s, false);
    if (!v.all_is_blamed || !blamed.n || blamed.n < v.n_blamed) { /* nobody, or one that was accepted */
        try_halves(b, s);
    } else if (!others.n && v.spoils_files) {
        try_halves(b, s);
    } else if (!others.n) {
        reject_blamed(b, blamed);
    } else {
        try_selection(b, others);
        if (!b->n_accepted)
            try_selection(b, blamed);
        else
            wait(blamed);
    }
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
    make_texts(b, (struct selection){0}, x->arena, &texts);
    for (size_t i = 0; i < texts.n; i++) {
        uintptr_t file = (uintptr_t)map_find(&x->file_index, texts.at[i].key);
        map_set(&x->texts, texts.at[i].key, texts.at[i].value);
        if (file)
            x->files.at[file - 1].now = *(const str *)texts.at[i].value;
    }
    map_release(&texts);
}

/* What is there now becomes the base of the next round. */
static void go_on_from(struct fixer *x, struct batch *b, struct trial **base)
{
    apply(x, b);
    forget(*base);
    *base = b->good;
    b->good = NULL;
    run_accept((*base)->run);
    x->incomplete |= run_is_incomplete((*base)->run);
}

/* True when there is more to do. */
static bool one_round(struct fixer *x, struct trial **base)
{
    struct batch b = {.x = x, .base = *base};
    batch_choose(&b);
    bool more = b.n > 0;
    struct selection all = {ARENA_ARRAY(b.arena, struct work *, b.n + 1), b.n};
    for (size_t i = 0; i < b.n; i++)
        all.at[i] = &b.at[i];
    try_selection(&b, all);
    for (size_t i = 0; i < b.n; i++)
        if (b.at[i].accepted)
            keep_edits(x, &b, &b.at[i]);
    if (b.n_accepted && x->apply)
        go_on_from(x, &b, base);
    forget(b.good);
    batch_release(&b);
    return more;
}

static void run_rounds(struct fixer *x, struct run *root)
{
    struct trial *base = new_trial();
    bool more = true;
    x->root = root;
    x->incomplete = run_is_incomplete(root);
    trial_read(base, root);
    for (int round = 0; round < MAX_ROUNDS && more; round++)
        more = one_round(x, &base);
    forget(base);
    for (size_t i = 0; i < x->items.n; i++)
        if (!x->items.at[i]->fixed && !x->items.at[i]->declined)
            decline(x->items.at[i], STR("there are too many fixes for one run"));
}

static bool lint(struct run *r)
{
    const struct str_list *paths = &r->options->operands;
    r->keeps_documents = r->keeps_answers = r->wants_prose = true;
    if (!run_configure(r, paths->at, paths->n) || !run_open_pack(r, false) || !run_read(r, paths->at, paths->n))
        return false;
    run_link(r);
    return run_evaluate(r);
}

enum fixer_status fixer_run(struct fixer *x)
{
    struct run r;
    run_init(&r, x->options);
    bool ok = lint(&r);
    if (ok && run_is_incomplete(&r))
        run_print_diags(&r);
    if (ok)
        run_rounds(x, &r);
    run_release(&r);
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
    run_rounds(&x, r);
    for (size_t i = 0; i < r->findings.n; i++) {
        struct finding *f = &r->findings.at[i];
        const struct fixer_item *item =
            f->status == STATUS_FAIL ? map_find(&x.memory, fixer_key(&x, f->fingerprint)) : NULL;
        if (item && item->fixed)
            attach_one(r, &x, f, item);
    }
    fixer_release(&x);
}
