#include "cli/trial.h"

#include "base/vec.h"
#include "cli/cli.h"

static str without_instances(str address, struct arena *a)
{
    struct buf b;
    int depth = 0;
    buf_init(&b, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < address.n; i++) {
        depth += address.p[i] == '[';
        if (!depth)
            buf_add_char(&b, address.p[i]);
        depth -= address.p[i] == ']' && depth;
    }
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

str trial_resource_key(const struct run *r, const struct resource *resource, struct arena *a)
{
    return arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(graph_unit(r->graph, resource->unit)->name),
                        STR_ARG(without_instances(resource->address, a)));
}

str trial_key(const struct run *r, const struct finding *f, struct arena *a)
{
    if (f->resource)
        return arena_printf(a, STR_FMT "\n" STR_FMT, STR_ARG(f->rule->id),
                            STR_ARG(trial_resource_key(r, f->resource, a)));
    return arena_printf(a, STR_FMT "\n" STR_FMT "\n", STR_ARG(f->rule->id),
                        STR_ARG(graph_unit(r->graph, f->unit)->name));
}

static void count_answers(struct trial *t)
{
    for (size_t i = 0; i < t->run.findings.n; i++) {
        const struct finding *f = &t->run.findings.at[i];
        str key = trial_key(&t->run, f, t->arena);
        struct trial_answers *n = map_find(&t->answers, key);
        if (!n)
            map_set(&t->answers, key, n = ARENA_NEW(t->arena, struct trial_answers));
        n->pass += f->status == STATUS_PASS;
        n->fail += f->status == STATUS_FAIL;
        n->unknown += f->status == STATUS_UNKNOWN;
    }
}

static void count_diags(struct trial *t)
{
    for (size_t i = 0; i < t->run.diags.n; i++) {
        const struct diag *d = &t->run.diags.at[i];
        if (d->severity == DIAG_NOTE || d->id == DIAG_BASELINE || d->id == DIAG_SUPPRESSION)
            continue;
        const struct source *s = source_at(t->run.sources, d->at.file);
        str key = arena_printf(t->arena, STR_FMT ": " STR_FMT, STR_ARG(s ? s->path : d->path), STR_ARG(d->message));
        size_t *n = map_find(&t->diags, key);
        if (!n)
            map_set(&t->diags, key, n = ARENA_NEW(t->arena, size_t));
        ++*n;
    }
}

static void hash_resources(struct trial *t)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    for (size_t i = 0; i < graph_count(t->run.graph); i++) {
        const struct resource *r = graph_at(t->run.graph, i);
        str key = trial_resource_key(&t->run, r, t->arena);
        buf_clear(&b);
        if (r->attributes)
            value_to_json(r->attributes, &b, VALUE_JSON_REVEAL);
        struct trial_resource *one = map_find(&t->resources, key);
        if (!one)
            map_set(&t->resources, key, one = ARENA_NEW(t->arena, struct trial_resource));
        one->hash = one->hash * 31 + str_hash(buf_str(&b));
        one->at = r->at;
    }
    buf_release(&b);
}

bool trial_open(struct trial *t, const struct options *o, const struct map *texts)
{
    *t = (struct trial){.options = *o, .arena = arena_new()};
    t->options.verbose = true; /* passes are answers, too */
    run_init(&t->run, &t->options);
    map_init(&t->answers);
    map_init(&t->diags);
    map_init(&t->resources);
    for (size_t i = 0; i < texts->n; i++)
        source_override(t->run.sources, texts->at[i].key, *(const str *)texts->at[i].value);
    t->run.wants_prose = true;
    t->run.keeps_documents = true;
    const struct str_list *paths = &o->operands;
    if (!run_configure(&t->run, paths->at, paths->n) || !run_open_pack(&t->run, false) ||
        !run_read(&t->run, paths->at, paths->n))
        return false;
    run_link(&t->run);
    if (!run_evaluate(&t->run))
        return false;
    count_answers(t);
    count_diags(t);
    hash_resources(t);
    return true;
}

void trial_close(struct trial *t)
{
    map_release(&t->answers);
    map_release(&t->diags);
    map_release(&t->resources);
    run_release(&t->run);
    arena_free(t->arena);
}

/* ---------------------------------------------------------------- comparing */

static str last_part(str key)
{
    size_t at = str_rfind_char(key, '\n');
    return at == SIZE_MAX ? key : str_slice(key, at + 1, key.n);
}

static str first_part(str key)
{
    str rest;
    return str_cut(key, '\n', &rest);
}

static bool worse(const struct trial *after, str *ret_why, const char *what, str about)
{
    *ret_why = arena_printf(after->arena, "%s" STR_FMT, what, STR_ARG(about));
    return false;
}

/* How many aims each key has. */
static void count_aims(struct map *wanted, const struct trial_aim *aim, size_t n)
{
    for (size_t i = 0; i < n; i++)
        map_set(wanted, aim[i].key, (void *)((uintptr_t)map_find(wanted, aim[i].key) + 1));
}

static bool aims_are_met(const struct trial *after, const struct trial *before, const struct trial_aim *aim, size_t n,
                         const struct map *wanted, str *ret_why)
{
    for (size_t i = 0; i < n; i++) {
        const struct trial_answers *was = map_find(&before->answers, aim[i].key);
        const struct trial_answers *is = map_find(&after->answers, aim[i].key);
        size_t bad = is ? is->fail + is->unknown : 0;
        if (!was || bad + (uintptr_t)map_find(wanted, aim[i].key) > was->fail + was->unknown)
            return worse(after, ret_why, "the rule would not pass then", STR_NONE);
        if (!bad && aim[i].resource.n && !(is && is->pass))
            return worse(after, ret_why, "the rule would not apply any more", STR_NONE);
    }
    return true;
}

static bool nothing_fails_anew(const struct trial *after, const struct trial *before, const struct map *wanted,
                               str *ret_why)
{
    for (size_t i = 0; i < after->answers.n; i++) {
        str key = after->answers.at[i].key;
        const struct trial_answers *is = after->answers.at[i].value, *was = map_find(&before->answers, key);
        if (is->fail > (was ? was->fail : 0))
            return worse(after, ret_why, "it would bring a finding of ",
                         arena_printf(after->arena, STR_FMT " about " STR_FMT, STR_ARG(first_part(key)),
                                      STR_ARG(last_part(key))));
        if (was && is->unknown > was->unknown && !map_has(wanted, key))
            return worse(after, ret_why, "it would make an answer unknown: ", first_part(key));
    }
    for (size_t i = 0; i < after->diags.n; i++) {
        const size_t *is = after->diags.at[i].value, *was = map_find(&before->diags, after->diags.at[i].key);
        if (*is > (was ? *was : 0))
            return worse(after, ret_why, "it would bring a message: ", after->diags.at[i].key);
    }
    return true;
}

/* What stands at a source may decide about others. */
static bool others_are_unchanged(const struct trial *after, const struct trial *before, const struct trial_aim *aim,
                                 size_t n, str *ret_why)
{
    bool limited = false;
    for (size_t i = 0; i < n; i++)
        limited |= aim[i].at_source;
    for (size_t i = 0; i < after->resources.n && limited; i++) {
        str key = after->resources.at[i].key;
        const struct trial_resource *is = after->resources.at[i].value, *was = map_find(&before->resources, key);
        bool own = false;
        for (size_t k = 0; k < n; k++)
            own |= str_eq(aim[k].resource, key);
        if (!own && was && was->hash != is->hash)
            return worse(after, ret_why, "the value also decides about ", last_part(key));
    }
    return true;
}

bool trial_is_better(const struct trial *after, const struct trial *before, const struct trial_aim *aim, size_t n,
                     str *ret_why)
{
    struct map wanted;
    map_init(&wanted);
    count_aims(&wanted, aim, n);
    *ret_why = STR_NONE;
    bool better = others_are_unchanged(after, before, aim, n, ret_why) &&
                  nothing_fails_anew(after, before, &wanted, ret_why) &&
                  aims_are_met(after, before, aim, n, &wanted, ret_why);
    map_release(&wanted);
    return better;
}
