#include "cli/trial.h"

#include <errno.h>

#include "base/path.h"
#include "base/vec.h"
#include "cli/cli.h"

str trial_resource_key(const struct run *r, const struct resource *resource, struct arena *a)
{
    return arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(graph_unit(r->graph, resource->unit)->name),
                        STR_ARG(graph_block_address(resource->address, a)));
}

static str answer_key(const struct run *r, const struct rule *rule, const struct resource *resource, struct arena *a)
{
    return arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(rule->id), STR_ARG(trial_resource_key(r, resource, a)));
}

str trial_key(const struct run *r, const struct finding *f, struct arena *a)
{
    if (f->resource)
        return answer_key(r, f->rule, f->resource, a);
    return arena_printf(a, STR_FMT "\n" STR_FMT "\n", STR_ARG(f->rule->id),
                        STR_ARG(graph_unit(r->graph, f->unit)->name));
}

struct trial_diag {
    size_t n;
    uint32_t file; /* source id; 0: none */
};

struct trial_resource {
    uint64_t hash; /* of its attributes */
};

static void count_answers(struct trial *t)
{
    for (size_t i = 0; i < t->run->findings.n; i++) {
        const struct finding *f = &t->run->findings.at[i];
        if (f->status != STATUS_FAIL && f->status != STATUS_UNKNOWN)
            continue;
        str key = trial_key(t->run, f, t->arena);
        struct trial_answers *n = map_find(&t->answers, key);
        if (!n)
            map_set(&t->answers, key, n = ARENA_NEW(t->arena, struct trial_answers));
        n->fail += f->status == STATUS_FAIL;
        n->unknown += f->status == STATUS_UNKNOWN;
    }
}

static void count_diags(struct trial *t)
{
    for (size_t i = 0; i < t->run->diags.n; i++) {
        const struct diag *d = &t->run->diags.at[i];
        if (d->severity == DIAG_NOTE || d->id == DIAG_BASELINE || d->id == DIAG_SUPPRESSION)
            continue;
        const struct source *s = source_at(t->run->sources, d->at.file);
        str key = arena_printf(t->arena, STR_FMT ": " STR_FMT, STR_ARG(s ? s->path : d->path), STR_ARG(d->message));
        struct trial_diag *one = map_find(&t->diags, key);
        if (!one)
            map_set(&t->diags, key, one = ARENA_NEW(t->arena, struct trial_diag));
        one->n++;
        one->file = d->at.file;
    }
}

static void hash_resources(struct trial *t)
{
    struct buf b;
    if (t->resources.n)
        return; /* they were */
    buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < graph_count(t->run->graph); i++) {
        const struct resource *r = graph_at(t->run->graph, i);
        str key = trial_resource_key(t->run, r, t->arena);
        buf_clear(&b);
        if (r->attributes)
            value_to_json(r->attributes, &b, VALUE_JSON_REVEAL);
        struct trial_resource *one = map_find(&t->resources, key);
        if (!one)
            map_set(&t->resources, key, one = ARENA_NEW(t->arena, struct trial_resource));
        one->hash = one->hash * 31 + str_hash(buf_str(&b));
    }
    buf_release(&b);
}

void trial_init(struct trial *t)
{
    *t = (struct trial){.arena = arena_new()};
    map_init(&t->texts);
    map_init(&t->answers);
    map_init(&t->diags);
    map_init(&t->resources);
}

void trial_read(struct trial *t, struct run *r)
{
    t->run = r;
    count_answers(t);
    count_diags(t);
}

/* What cannot be read now, and could when the run was made, tells nothing about the fix. Where it could not then, either, the
 * run is incomplete anyway. */
static void note_unreadable(const struct trial *t)
{
    for (size_t i = 0; i < t->run->diags.n; i++) {
        const struct diag *d = &t->run->diags.at[i];
        if (d->id != DIAG_UNREADABLE || d->severity != DIAG_ERROR)
            continue;
        const struct source *s = source_at(t->run->sources, d->at.file);
        errno = EIO; /* the diagnostic has its text alone */
        path_note_trouble(s ? s->path : d->path);
    }
}

bool trial_ask(struct trial *t, const struct run *from)
{
    t->run = &t->own;
    run_fork(t->run, from, &t->texts);
    run_link(t->run);
    if (!run_ask(t->run))
        return false;
    note_unreadable(t);
    count_answers(t);
    count_diags(t);
    return true;
}

void trial_close(struct trial *t)
{
    map_release(&t->texts);
    map_release(&t->answers);
    map_release(&t->diags);
    map_release(&t->resources);
    if (t->run == &t->own)
        run_release(t->run);
    arena_free(t->arena);
}

/* ---------------------------------------------------------------- comparing */

struct comparison {
    struct trial *after, *before;
    const struct trial_aim *aim;
    size_t n;
    struct map wanted;    /* keys of aims, to how many have it */
    struct map resources; /* of aims, to the index + 1 of the last that has it */
    size_t *previous;     /* of each aim: index + 1 of the one before that has the resource; 0: none */
    struct trial_verdict *verdict;
};

static void open_comparison(struct comparison *c)
{
    struct arena *a = c->after->arena;
    map_init(&c->wanted);
    map_init(&c->resources);
    c->previous = ARENA_ARRAY(a, size_t, c->n + 1);
    c->verdict->blame = ARENA_ARRAY(a, str, c->n + 1);
    for (size_t i = 0; i < c->n; i++) {
        const struct trial_aim *aim = &c->aim[i];
        map_set(&c->wanted, aim->key, (void *)((uintptr_t)map_find(&c->wanted, aim->key) + 1));
        if (!aim->resource.n)
            continue;
        c->previous[i] = (uintptr_t)map_find(&c->resources, aim->resource);
        map_set(&c->resources, aim->resource, (void *)(uintptr_t)(i + 1));
    }
}

static str last_part(str key)
{
    size_t at = str_rfind_char(key, '\n');
    return at == SIZE_MAX ? key : str_slice(key, at + 1, key.n);
}

static void note_wrong(struct comparison *c, str why)
{
    if (!c->verdict->why.n)
        c->verdict->why = why;
}

/* Something is wrong that no aim can be blamed for. */
static void note_elsewhere(struct comparison *c, str why)
{
    c->verdict->all_is_blamed = false;
    note_wrong(c, why);
}

static void blame(struct comparison *c, size_t aim, str why)
{
    if (!c->verdict->blame[aim].n) {
        c->verdict->blame[aim] = why;
        c->verdict->n_blamed++;
    }
    note_wrong(c, why);
}

static void blame_resource(struct comparison *c, str resource, str why)
{
    size_t i = (uintptr_t)map_find(&c->resources, resource);
    if (!i)
        note_elsewhere(c, why);
    for (; i; i = c->previous[i - 1])
        blame(c, i - 1, why);
}

static str because(const struct comparison *c, const char *what, str about)
{
    return arena_printf(c->after->arena, "%s" STR_FMT, what, STR_ARG(about));
}

/* What stands at a source may decide about others. */
static void check_others(struct comparison *c)
{
    bool limited = false;
    for (size_t i = 0; i < c->n; i++)
        limited |= c->aim[i].at_source;
    if (!limited)
        return;
    hash_resources(c->after);
    hash_resources(c->before);
    for (size_t i = 0; i < c->after->resources.n; i++) {
        str key = c->after->resources.at[i].key;
        const struct trial_resource *is = c->after->resources.at[i].value, *was = map_find(&c->before->resources, key);
        if (was && was->hash != is->hash && !map_has(&c->resources, key))
            note_elsewhere(c, because(c, "the value also decides about ", last_part(key)));
    }
}

static void check_answers(struct comparison *c)
{
    for (size_t i = 0; i < c->after->answers.n; i++) {
        str key = c->after->answers.at[i].key, resource, rule = str_cut(key, '\n', &resource);
        const struct trial_answers *is = c->after->answers.at[i].value, *was = map_find(&c->before->answers, key);
        if (is->fail > (was ? was->fail : 0))
            blame_resource(c, resource,
                           arena_printf(c->after->arena, "it would bring a finding of " STR_FMT " about " STR_FMT,
                                        STR_ARG(rule), STR_ARG(last_part(key))));
        else if (was && is->unknown > was->unknown && !map_has(&c->wanted, key))
            blame_resource(c, resource, because(c, "it would make an answer unknown: ", rule));
    }
}

static bool changes_file(const struct trial_aim *aim, uint32_t file)
{
    for (size_t i = 0; i < aim->n_edits; i++)
        if (aim->edit[i].at.file == file)
            return true;
    return false;
}

static void blame_file(struct comparison *c, uint32_t file, str why)
{
    bool any = false;
    for (size_t i = 0; i < c->n; i++) {
        if (!changes_file(&c->aim[i], file))
            continue;
        blame(c, i, why);
        any = c->verdict->spoils_files = true;
    }
    if (!any)
        note_elsewhere(c, why);
}

/* Of what is said of one file the first is enough. */
static void check_diags(struct comparison *c)
{
    uint32_t last = 0;
    for (size_t i = 0; i < c->after->diags.n; i++) {
        const struct map_entry *e = &c->after->diags.at[i];
        const struct trial_diag *is = e->value, *was = map_find(&c->before->diags, e->key);
        if (is->n <= (was ? was->n : 0) || (last && is->file == last))
            continue;
        blame_file(c, last = is->file, because(c, "it would bring a message: ", e->key));
    }
}

/* The keys among those of aims for which the rule passes on something. */
static void find_passes(struct comparison *c, struct map *passed)
{
    const struct run *r = c->after->run;
    struct arena *a = c->after->arena;
    struct map rules;
    map_init(&rules);
    for (size_t i = 0; i < c->n; i++) {
        str rest;
        map_set(&rules, str_cut(c->aim[i].key, '\n', &rest), c);
    }
    for (size_t i = 0; i < r->findings.passes.n; i++) {
        const struct pass *p = &r->findings.passes.at[i];
        struct arena_mark mark = arena_mark(a);
        str key = map_has(&rules, p->rule->id) ? answer_key(r, p->rule, p->resource, a) : STR_NONE;
        if (key.n && map_has(&c->wanted, key) && !map_has(passed, key))
            map_set(passed, key, c);
        else
            arena_rewind(a, mark);
    }
    map_release(&rules);
}

static void check_aims(struct comparison *c)
{
    struct map passed;
    map_init(&passed);
    find_passes(c, &passed);
    for (size_t i = 0; i < c->n; i++) {
        const struct trial_aim *aim = &c->aim[i];
        const struct trial_answers *was = map_find(&c->before->answers, aim->key);
        const struct trial_answers *is = map_find(&c->after->answers, aim->key);
        size_t bad = is ? is->fail + is->unknown : 0;
        if (!was || bad + (uintptr_t)map_find(&c->wanted, aim->key) > was->fail + was->unknown)
            blame(c, i, STR("the rule would not pass then"));
        else if (!bad && aim->resource.n && !map_has(&passed, aim->key))
            blame(c, i, STR("the rule would not apply any more"));
    }
    map_release(&passed);
}

struct trial_verdict trial_compare(struct trial *after, struct trial *before, const struct trial_aim *aim, size_t n)
{
    struct trial_verdict verdict = {.all_is_blamed = true};
    struct comparison c = {.after = after, .before = before, .aim = aim, .n = n, .verdict = &verdict};
    open_comparison(&c);
    check_others(&c);
    check_answers(&c);
    check_diags(&c);
    check_aims(&c);
    verdict.better = !verdict.why.n;
    map_release(&c.wanted);
    map_release(&c.resources);
    return verdict;
}
