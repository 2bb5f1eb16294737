/* Which proposals are tried together: the next for each finding that is open, as far as they do not touch. */
#include "cli/fixer_internal.h"

#include "cli/replace.h"
#include "syntax/hcl.h"
#include "syntax/json.h"

/* ---------------------------------------------------------------- files */

/* Modules that were downloaded, and files that are only context, are not ours to change. */
static bool may_change(const struct input_file *f)
{
    bool kind = f->kind == INPUT_HCL || f->kind == INPUT_TF_JSON || f->kind == INPUT_TFVARS || f->kind == INPUT_JSON ||
                f->kind == INPUT_YAML || f->kind == INPUT_OTHER;
    return kind && !f->context && f->source && !f->source->is_template_of_other && f->real.n &&
           f->claim != CLAIM_TERRAFORM_PLAN && !str_contains(f->real, STR("/.terraform/"));
}

static const struct input_file **index_files(struct batch *b)
{
    const struct inputs *in = b->base->run->inputs;
    const struct input_file **file =
        ARENA_ARRAY(b->arena, const struct input_file *, sources_count(b->base->run->sources) + 2);
    for (size_t i = 0; i < in->n; i++)
        if (in->file[i]->source)
            file[in->file[i]->source->id] = in->file[i];
    return file;
}

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
static const struct documents *read_again(const struct batch *b, const struct input_file *f)
{
    struct diag_list diags;
    struct documents *all = ARENA_NEW(b->arena, struct documents);
    diag_list_init(&diags, b->arena);
    all->at = ARENA_NEW(b->arena, struct document);
    all->n = 1;
    bool json = str_ends(f->path, STR(".json"));
    all->at[0] = json ? json_read(f->source, b->arena, &diags) : hcl_read(f->source, b->arena, &diags);
    diag_list_release(&diags);
    return all;
}

static const struct documents *documents_of(void *context, uint32_t source)
{
    const struct batch *b = context;
    const struct input_file *f = b->file[source];
    if (!f || !may_change(f) || !is_as_read(b->x, f))
        return NULL;
    return f->documents.n || f->kind != INPUT_TFVARS ? &f->documents : read_again(b, f);
}

/* ---------------------------------------------------------------- findings */

str fixer_key(struct fixer *x, uint64_t fingerprint)
{
    return arena_printf(x->arena, "%016llx", (unsigned long long)fingerprint);
}

static struct fixer_item *item_of(struct fixer *x, const struct run *r, const struct finding *f)
{
    str key = fixer_key(x, f->fingerprint);
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

/* ---------------------------------------------------------------- what would touch what */

static bool same_edits(const struct fix_candidate *a, const struct fix_candidate *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->edit[i].at.file == b->edit[i].at.file && a->edit[i].at.start == b->edit[i].at.start &&
               a->edit[i].at.end == b->edit[i].at.end && str_eq(a->edit[i].text, b->edit[i].text);
    return same;
}

/* The name that is put in: the first word, of a block the first line. */
static str name_of(str text)
{
    size_t at = 0, end;
    while (at < text.n && strchr(" \t\r\n,\"'{", text.p[at]))
        at++;
    for (end = at; end < text.n && !strchr(" \t\r\n=:{\"'", text.p[end]);)
        end++;
    str word = str_slice(text, at, end);
    if (str_eq_c(word, "resource") || str_eq_c(word, "data"))
        while (end < text.n && text.p[end] != '\n')
            end++;
    return str_slice(text, at, end);
}

static bool is_argument(str text)
{
    size_t line = str_find_char(text, '\n');
    return str_contains(str_slice(text, 0, line == SIZE_MAX ? text.n : line), STR(" = "));
}

/* Two insertions at one place may both stand when they are lines, or entries that bring their comma, of other names.
 * Arguments that are made one after the other are aligned, so they wait where that is done. */
static bool stand_together(const struct edit *a, const struct edit *b, bool one_by_one)
{
    if (one_by_one && is_argument(a->text) && is_argument(b->text))
        return false;
    if (a->at.start != a->at.end || b->at.start != b->at.end || !a->text.n || !b->text.n)
        return false;
    bool lines = a->text.p[a->text.n - 1] == '\n' && b->text.p[b->text.n - 1] == '\n';
    bool entries = a->text.p[0] == ',' && b->text.p[0] == ',';
    return (lines || entries) && !str_eq(name_of(a->text), name_of(b->text));
}

static bool touch(const struct edit *a, const struct edit *b, bool one_by_one)
{
    return a->at.file == b->at.file && a->at.start <= b->at.end && b->at.start <= a->at.end &&
           !stand_together(a, b, one_by_one);
}

/* Edits are found again by the stretches of their file that they lie in. */
enum { STRETCH = 512 };

struct stretch {
    const struct work *work;
    const struct edit *edit;
    const struct stretch *next;
};

static str stretch_key(struct batch *b, uint32_t file, uint32_t stretch)
{
    uint32_t both[2] = {file, stretch};
    return arena_str(b->arena, (str){(const char *)both, sizeof(both)});
}

static bool is_in_the_way(struct batch *b, const struct fix_candidate *c, bool *ret_same)
{
    *ret_same = false;
    for (size_t i = 0; i < c->n; i++) {
        const struct edit *e = &c->edit[i];
        for (uint32_t k = e->at.start / STRETCH; k <= e->at.end / STRETCH; k++) {
            const struct stretch *s = map_find(&b->stretches, stretch_key(b, e->at.file, k));
            for (; s; s = s->next) {
                if (!touch(e, s->edit, b->x->apply))
                    continue;
                if (!same_edits(c, s->work->candidate))
                    return true;
                *ret_same = true;
            }
        }
    }
    return false;
}

static void note_edits(struct batch *b, const struct work *w)
{
    for (size_t i = 0; i < w->candidate->n; i++) {
        const struct edit *e = &w->candidate->edit[i];
        for (uint32_t k = e->at.start / STRETCH; k <= e->at.end / STRETCH; k++) {
            str key = stretch_key(b, e->at.file, k);
            struct stretch *s = ARENA_NEW(b->arena, struct stretch);
            *s = (struct stretch){w, e, map_find(&b->stretches, key)};
            map_set(&b->stretches, key, s);
        }
    }
}

/* Two rules that add resources of one type to one file: when the one is made the other may be no finding any more. */
static bool may_do_the_same(struct batch *b, const struct fixer_item *item, const struct fix_candidate *c)
{
    if (!c->adds.n)
        return false;
    str key = arena_printf(b->arena, "%u " STR_FMT, c->edit[0].at.file, STR_ARG(c->adds));
    const struct fixer_item *first = map_add(&b->adding, key, (void *)(uintptr_t)item);
    return !str_eq(first->rule, item->rule);
}

/* ---------------------------------------------------------------- the batch */

/* The proposal that is next for a finding; NULL: none is left, it is declined. */
static const struct fix_candidate *next_candidate(struct batch *b, const struct finding *f, struct fixer_item *item)
{
    const struct run *r = b->base->run;
    struct fix_request q = {f, r->graph, r->sources, documents_of, b, true, NULL};
    struct fix_candidates c;
    fix_propose(&q, b->arena, &c);
    const struct fix_candidate *chosen =
        item->next < c.n ? arena_copy(b->arena, &c.at[item->next], sizeof(*c.at)) : NULL;
    if (!chosen) {
        item->declined = true;
        if (c.reason.n)
            item->reason = arena_str(b->x->arena, c.reason);
        else if (!item->reason.n)
            item->reason = STR("no other way is left");
    }
    fix_candidates_release(&c);
    return chosen;
}

/* What changes a source is tried together with its like only: what else changes then is told apart. */
static bool has_room(struct batch *b, const struct fixer_item *item, const struct fix_candidate *c)
{
    bool same;
    if (b->n && b->at[0].candidate->at_source != c->at_source)
        return false;
    if (is_in_the_way(b, c, &same) || (same && c->at_source))
        return false;
    return !may_do_the_same(b, item, c);
}

/* Those that wait, or those that do not. */
static void choose(struct batch *b, bool waiting)
{
    struct fixer *x = b->x;
    const struct run *r = b->base->run;
    x->left = 0;
    for (size_t i = 0; i < r->findings.n; i++) {
        const struct finding *f = &r->findings.at[i];
        if (!fixer_wants(x->options, r->graph, f)) {
            x->left += f->status == STATUS_FAIL && !f->suppressed;
            continue;
        }
        struct fixer_item *item = item_of(x, r, f);
        if (item->declined || (item->fixed && !x->apply) || item->waits != waiting)
            continue;
        item->fixed = false;
        const struct fix_candidate *c = next_candidate(b, f, item);
        if (!c || !has_room(b, item, c))
            continue;
        struct work *w = &b->at[b->n++];
        struct trial_aim aim = {.key = trial_key(r, f, b->arena),
                                .resource = f->resource ? trial_resource_key(r, f->resource, b->arena) : STR_NONE,
                                .at_source = c->at_source,
                                .edit = c->edit,
                                .n_edits = c->n};
        *w = (struct work){.item = item, .aim = aim, .candidate = c};
        note_edits(b, w);
    }
}

void batch_choose(struct batch *b)
{
    b->arena = arena_new();
    map_init(&b->stretches);
    map_init(&b->adding);
    b->file = index_files(b);
    b->at = ARENA_ARRAY(b->arena, struct work, b->base->run->findings.n + 1);
    choose(b, false);
    if (!b->n)
        choose(b, true);
}

void batch_release(struct batch *b)
{
    map_release(&b->stretches);
    map_release(&b->adding);
    arena_free(b->arena);
}
