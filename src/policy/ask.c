#include "policy/ask.h"

#include "policy/rule_text.h"

/* The answer about one item in one world. */
struct outcome {
    size_t item;
    const struct value *item_value;
    enum status status;
    bool nonexistent; /* not applicable because the resource is not there in this world */
    const struct cel_world *world;
    str reason, message;
    struct deciding deciding;
    const struct cel_read *read;
    size_t n_reads;
};

struct outcomes {
    struct outcome *at;
    size_t n, cap;
};

struct question {
    struct asking *a;
    const struct rule *rule;
    const struct resource *resource;
    struct cel_value binding[ENV_VARIABLES];
    struct outcomes outcomes;
    size_t worlds;
    bool over_budget;
    const struct decider *wanted; /* of the world being asked */
};

struct culprit {
    const struct cel_program *program;
    const struct cel_node *node; /* the innermost part that is an error */
};

static void note_culprit(void *data, const struct cel_node *n, const struct cel_value *v)
{
    struct culprit *found = data;
    if (v->kind != CEL_ERROR)
        return;
    span now = cel_node_span(found->program, n);
    span before = found->node ? cel_node_span(found->program, found->node) : SPAN_NONE;
    if (!found->node || before.start < now.start || before.end > now.end)
        found->node = n;
}

static bool is_reported(const struct diag_list *diags, span whole)
{
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *d = &diags->at[i];
        if (d->id == DIAG_RULE && d->at.file == whole.file && d->at.start >= whole.start && d->at.end <= whole.end)
            return true;
    }
    return false;
}

/* An error at the part of the rule that cannot be evaluated; once for each condition. */
static void report_rule(struct question *q, const struct cel_program *p, const struct cel_value *v)
{
    if (is_reported(q->a->diags, cel_node_span(p, p->root)))
        return;
    struct cel_context *c = q->a->context;
    str text = arena_str(q->a->diags->arena, v->u.text);
    struct culprit found = {.program = p};
    struct cel_value again;
    c->on_value = note_culprit;
    c->on_value_data = &found;
    cel_eval(p, q->binding, c, &again);
    c->on_value = NULL;
    diag_add(q->a->diags, DIAG_RULE, cel_node_span(p, found.node ? found.node : p->root),
             "this cannot be evaluated: " STR_FMT, STR_ARG(text));
}

static enum cel_truth evaluate_program(struct question *q, const struct cel_program *p, struct cel_value *ret)
{
    struct cel_context *c = q->a->context;
    cel_eval(p, q->binding, c, ret);
    if (!q->wanted)
        q->wanted = c->wanted;
    bool limited = c->regex_limit || c->over_limit;
    if (ret->kind == CEL_ERROR && (q->a->tests_rules || (limited && !q->rule->built_in))) {
        report_rule(q, p, ret);
        return cel_truth(ret);
    }
    if (c->regex_limit)
        diag_add(q->a->diags, DIAG_REGEX_LIMIT, q->resource->header,
                 "rule " STR_FMT " gave up on a pattern at " STR_FMT, STR_ARG(q->rule->id),
                 STR_ARG(q->resource->address));
    if (c->over_limit)
        diag_add(q->a->diags, DIAG_LIMIT, q->resource->header, "rule " STR_FMT " was given up at " STR_FMT ": " STR_FMT,
                 STR_ARG(q->rule->id), STR_ARG(q->resource->address), STR_ARG(c->limit));
    return cel_truth(ret);
}

static str reason_of(struct question *q, const struct cel_value *v)
{
    if (v->kind == CEL_UNKNOWN)
        return arena_str(q->a->arena, v->u.text);
    if (v->kind == CEL_ERROR)
        return arena_printf(q->a->arena, "the condition cannot be evaluated: " STR_FMT, STR_ARG(v->u.text));
    return STR("the condition is neither true nor false");
}

/* The nearest part of an absent path that is written somewhere: the block that lacks the attribute. */
static const struct value *nearest_part(const struct resource *r, str path)
{
    const struct value *found = NULL;
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] != '.')
            continue;
        const struct value *v = value_path(r->attributes, str_slice(path, 0, i));
        if (v && value_span(v).file)
            found = v;
    }
    return found;
}

/* Names of the resource itself: read by rules that ask several kinds, decided by nobody. */
static bool is_own_name(str path)
{
    return str_eq_c(path, "kind") || str_eq_c(path, "type") || str_eq_c(path, "address");
}

/* What the functions of the host said of the value. */
static const struct value *pointed_part(const struct question *q, const struct value *v)
{
    const struct cel_context *c = q->a->context;
    return v && v == c->pointed_of ? c->pointed_at : NULL;
}

static struct deciding decide(const struct question *q, const struct cel_read *reads, size_t n)
{
    struct deciding d = {0};
    if (q->rule->at.n) {
        const struct value *v = value_path(q->resource->attributes, q->rule->at);
        if (v && value_span(v).file)
            return (struct deciding){
                .path = q->rule->at, .value = v, .part = pointed_part(q, v), .owner = q->resource->id + 1};
    }
    for (size_t i = n; i-- > 0;) {
        const struct cel_read *read = &reads[i];
        if ((!str_eq_c(read->variable, "resource") && !str_eq_c(read->variable, "item")) || is_own_name(read->path))
            continue;
        d = (struct deciding){.path = read->path, .value = read->value, .owner = read->owner};
        break;
    }
    d.part = pointed_part(q, d.value);
    bool own = d.owner == q->resource->id + 1 || !d.owner;
    if (own && (!d.value || !value_span(d.value).file))
        d.nearest = nearest_part(q->resource, d.path);
    return d;
}

/* Most questions have one outcome, and end with their arena. */
static void push(struct question *q, const struct outcome *o)
{
    struct outcomes *all = &q->outcomes;
    if (all->n == all->cap) {
        size_t cap = all->cap ? 2 * all->cap : 1;
        struct outcome *at = ARENA_ARRAY(q->a->arena, struct outcome, cap);
        if (all->n)
            memcpy(at, all->at, all->n * sizeof(*at));
        all->at = at;
        all->cap = cap;
    }
    all->at[all->n++] = *o;
}

static void record(struct question *q, size_t item, const struct value *item_value, enum status status, str reason,
                   const struct cel_world *world)
{
    struct cel_context *c = q->a->context;
    struct outcome o = {.item = item, .item_value = item_value, .status = status, .world = world, .reason = reason};
    if (status == STATUS_FAIL || status == STATUS_UNKNOWN) {
        o.read = arena_copy(q->a->arena, c->read, c->n_reads * sizeof(*c->read));
        o.n_reads = c->n_reads;
        o.deciding = decide(q, o.read, o.n_reads);
    }
    if (status == STATUS_FAIL)
        o.message = rule_text_write(&q->rule->message, q->binding, c, q->a->arena);
    push(q, &o);
}

static void ask_item(struct question *q, size_t item, const struct value *item_value, const struct cel_world *world)
{
    struct cel_value v;
    enum cel_truth truth = evaluate_program(q, q->rule->assert_, &v);
    if (truth == CEL_YES)
        record(q, item, item_value, STATUS_PASS, STR_NONE, world);
    else if (truth == CEL_NO)
        record(q, item, item_value, STATUS_FAIL, STR_NONE, world);
    else
        record(q, item, item_value, STATUS_UNKNOWN, reason_of(q, &v), world);
}

static void ask_each(struct question *q, const struct cel_world *world)
{
    struct cel_value list;
    struct cel_context *c = q->a->context;
    evaluate_program(q, q->rule->each, &list);
    if (cel_is_lax_null(&list) || list.kind == CEL_NULL) {
        record(q, 0, NULL, q->rule->empty, STR_NONE, world);
        return;
    }
    if (list.kind != CEL_LIST) {
        record(q, 0, NULL, STATUS_UNKNOWN, reason_of(q, &list), world);
        return;
    }
    list = cel_settle(c, list);
    size_t n = cel_list_size(&list);
    for (size_t i = 0; i < n && i < LIMIT_COLLECTION; i++) {
        q->binding[ENV_ITEM] = cel_list_at(c, &list, i);
        ask_item(q, i, q->binding[ENV_ITEM].from, world);
    }
    if (list.flags & CEL_PARTIAL)
        record(q, n, NULL, STATUS_UNKNOWN, STR("more elements are possible"), world);
    else if (!n)
        record(q, 0, NULL, q->rule->empty, STR_NONE, world);
    q->binding[ENV_ITEM] = cel_null();
}

/* Does the resource exist in this world? */
static enum cel_truth exists_in(struct question *q)
{
    if (q->resource->presence != PRESENCE_CHOICE)
        return CEL_YES;
    struct cel_context *c = q->a->context;
    c->wanted = NULL;
    struct cel_value v = cel_from_graph(c, q->resource->exists, 0);
    if (v.kind == CEL_UNKNOWN && !q->wanted)
        q->wanted = c->wanted;
    return cel_truth(&v);
}

static void ask_in(struct question *q, const struct cel_world *world)
{
    q->a->context->world = world;
    q->wanted = NULL;
    enum cel_truth exists = exists_in(q);
    if (exists == CEL_NO) {
        record(q, 0, NULL, STATUS_NOT_APPLICABLE, STR_NONE, world);
        q->outcomes.at[q->outcomes.n - 1].nonexistent = true;
        return;
    }
    if (q->rule->when) {
        struct cel_value v;
        enum cel_truth truth = evaluate_program(q, q->rule->when, &v);
        if (truth != CEL_YES) {
            bool no = truth == CEL_NO;
            record(q, 0, NULL, no ? STATUS_NOT_APPLICABLE : STATUS_UNKNOWN, no ? STR_NONE : reason_of(q, &v), world);
            return;
        }
    }
    if (q->rule->each)
        ask_each(q, world);
    else
        ask_item(q, 0, NULL, world);
}

static bool has_unknown(const struct outcomes *o, size_t from)
{
    for (size_t i = from; i < o->n; i++)
        if (o->at[i].status == STATUS_UNKNOWN)
            return true;
    return false;
}

static bool has_fail(const struct outcomes *o, size_t from)
{
    for (size_t i = from; i < o->n; i++)
        if (o->at[i].status == STATUS_FAIL)
            return true;
    return false;
}

/* Depth first, options in their order: the order of outcomes is fixed. */
static void explore(struct question *q, const struct cel_world *world)
{
    size_t before = q->outcomes.n;
    q->worlds++;
    ask_in(q, world);
    const struct decider *by = q->wanted;
    bool open = has_unknown(&q->outcomes, before) ||
                (has_fail(&q->outcomes, before) && by && q->resource->presence == PRESENCE_CHOICE);
    if (!by || !open)
        return;
    if (q->worlds + by->n_options > LIMIT_WORLDS) {
        q->over_budget = true;
        return;
    }
    q->outcomes.n = before;
    for (size_t i = 0; i < by->n_options; i++) {
        struct cel_world *next = ARENA_NEW(q->a->arena, struct cel_world);
        *next = (struct cel_world){.by = by, .option = i, .up = world};
        explore(q, next);
    }
}

/* ---------------------------------------------------------------- putting worlds together */

static bool all_known(const struct cel_world *w)
{
    for (; w; w = w->up)
        if (!w->by->known)
            return false;
    return true;
}

/* The options of one decider in which an outcome of that status stands, when it is the only one. */
static const struct decider *only_decider(const struct outcomes *o)
{
    const struct decider *only = NULL;
    for (size_t i = 0; i < o->n; i++) {
        const struct cel_world *w = o->at[i].world;
        if (!w)
            continue;
        if (w->up || (only && only != w->by))
            return NULL;
        only = w->by;
    }
    return only;
}

static str describe_worlds(struct question *q, const struct outcomes *outcomes, enum status status)
{
    struct buf b;
    buf_init(&b, 2000);
    const struct decider *only = only_decider(outcomes);
    size_t shown = 0;
    for (size_t i = 0; i < outcomes->n; i++) {
        const struct outcome *o = &outcomes->at[i];
        if (o->status != status || !o->world)
            continue;
        if (only) {
            if (shown++)
                buf_printf(&b, " or " STR_FMT, STR_ARG(only->option[o->world->option]));
            else
                buf_printf(&b, "when " STR_FMT " is " STR_FMT, STR_ARG(only->name),
                           STR_ARG(only->option[o->world->option]));
            continue;
        }
        if (shown++)
            continue;
        for (const struct cel_world *w = o->world; w; w = w->up)
            buf_printf(&b, "%s" STR_FMT " is " STR_FMT, w == o->world ? "when " : " and ", STR_ARG(w->by->name),
                       STR_ARG(w->by->option[w->option]));
    }
    if (!only && shown > 1)
        buf_printf(&b, " (and in %zu other case%s)", shown - 1, shown == 2 ? "" : "s");
    str s = buf_copy(&b, q->a->arena);
    buf_release(&b);
    return s;
}

struct tally {
    size_t pass, fail, unknown, not_applicable, nonexistent;
    const struct outcome *first_fail, *first_known_fail, *first_unknown;
    const struct outcome *any;
};

static struct tally count(const struct outcomes *outcomes)
{
    struct tally t = {0};
    for (size_t i = 0; i < outcomes->n; i++) {
        const struct outcome *o = &outcomes->at[i];
        t.any = o;
        switch (o->status) {
        case STATUS_PASS:
            t.pass++;
            break;
        case STATUS_NOT_APPLICABLE:
            if (o->nonexistent)
                t.nonexistent++;
            else
                t.not_applicable++;
            break;
        case STATUS_FAIL:
            t.fail++;
            if (!t.first_fail)
                t.first_fail = o;
            if (!t.first_known_fail && all_known(o->world))
                t.first_known_fail = o;
            break;
        case STATUS_UNKNOWN:
            t.unknown++;
            if (!t.first_unknown)
                t.first_unknown = o;
            break;
        }
    }
    return t;
}

static void take(struct answer *answer, const struct outcome *o)
{
    answer->item_value = o->item_value;
    answer->message = o->message;
    answer->reason = o->reason;
    answer->deciding = o->deciding;
    answer->read = o->read;
    answer->n_reads = o->n_reads;
    answer->world = o->world;
}

/* DESIGN.md section 3, Values: all pass, all fail, or mixed. */
static struct answer combine(struct question *q, size_t item, const struct outcomes *outcomes)
{
    struct tally t = count(outcomes);
    struct answer a = {.item = item};
    if (t.fail && !t.pass && !t.unknown && !t.not_applicable) {
        /* Whenever the resource exists. */
        a.status = STATUS_FAIL;
        take(&a, t.first_fail);
        if (t.nonexistent)
            a.when = describe_worlds(q, outcomes, STATUS_FAIL);
    } else if (t.first_known_fail) {
        a.status = STATUS_FAIL;
        take(&a, t.first_known_fail);
        a.when = describe_worlds(q, outcomes, STATUS_FAIL);
    } else if (t.fail) {
        a.status = STATUS_UNKNOWN;
        take(&a, t.first_fail);
        a.when = describe_worlds(q, outcomes, STATUS_FAIL);
        a.reason = arena_printf(q->a->arena, "it fails " STR_FMT ", which is not known", STR_ARG(a.when));
        a.when = STR_NONE;
    } else if (t.unknown) {
        a.status = STATUS_UNKNOWN;
        take(&a, t.first_unknown);
    } else if (t.pass) {
        a.status = STATUS_PASS;
    } else {
        a.status = STATUS_NOT_APPLICABLE;
    }
    if (q->over_budget && a.status == STATUS_PASS) {
        a.status = STATUS_UNKNOWN;
        a.reason = STR("it depends on more undecided inputs than are looked at");
    }
    if (a.status == STATUS_UNKNOWN && q->rule->on_unknown == STATUS_FAIL) {
        a.status = STATUS_FAIL;
        if (!a.message.n)
            a.message = rule_text_write(&q->rule->message, q->binding, q->a->context, q->a->arena);
    }
    return a;
}

/* The outcomes of each item, in their order; from[i] is where those of item i begin, and from[items] the end. */
static struct outcome *by_item(struct question *q, size_t items, size_t **ret_from)
{
    const struct outcomes *all = &q->outcomes;
    struct outcome *sorted = ARENA_ARRAY(q->a->arena, struct outcome, all->n);
    size_t *next = ARENA_ARRAY(q->a->arena, size_t, items + 1);
    size_t *from = ARENA_ARRAY(q->a->arena, size_t, items + 1);
    for (size_t i = 0; i < all->n; i++)
        from[all->at[i].item + 1]++;
    for (size_t i = 0; i < items; i++) {
        from[i + 1] += from[i];
        next[i] = from[i];
    }
    for (size_t i = 0; i < all->n; i++)
        sorted[next[all->at[i].item]++] = all->at[i];
    *ret_from = from;
    return sorted;
}

/* With `each`, worlds in which the list is empty or the question does not apply say nothing of an item. */
struct answers ask(struct asking *a, const struct rule *rule, const struct resource *r)
{
    struct question q = {.a = a, .rule = rule, .resource = r};
    a->environment->subject = r;
    a->context->data = a->environment;
    a->context->world = NULL;
    q.binding[ENV_RESOURCE] = cel_resource(r);
    q.binding[ENV_ITEM] = cel_null();
    q.binding[ENV_ADDRESS] = cel_string(r->address);
    q.binding[ENV_PARAM] = cel_from_graph(a->context, a->parameters, 0);
    explore(&q, NULL);

    size_t items = 1;
    for (size_t i = 0; i < q.outcomes.n; i++)
        if (q.outcomes.at[i].item >= items)
            items = q.outcomes.at[i].item + 1;
    struct answers answers = {.at = ARENA_ARRAY(a->arena, struct answer, items)};
    size_t *from = NULL;
    struct outcome *sorted = items > 1 ? by_item(&q, items, &from) : NULL;
    for (size_t item = 0; item < items; item++) {
        struct outcomes own = q.outcomes;
        if (sorted)
            own = (struct outcomes){.at = sorted + from[item], .n = from[item + 1] - from[item]};
        struct answer answer = combine(&q, item, &own);
        if (answer.status != STATUS_NOT_APPLICABLE || items == 1)
            answers.at[answers.n++] = answer;
    }
    return answers;
}
