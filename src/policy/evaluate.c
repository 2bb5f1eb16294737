#include "policy/evaluate.h"

#include "base/glob.h"
#include "base/pool.h"
#include "base/vec.h"
#include "policy/ask.h"
#include "policy/locate.h"
#include "policy/rule_text.h"

/* Resources are asked in chunks, in order: when LIMIT_FINDINGS is reached, later chunks are counted only,
 * whatever the threads do. */
enum { CHUNK = 1024 };

struct results {
    struct finding *at;
    size_t n, cap;
};

struct tally {
    size_t pass, fail, unknown;
};

/* One thread's tools. */
struct worker {
    struct arena *arena;   /* findings; kept */
    struct arena *scratch; /* one question; rewound */
    struct cel_context context;
    struct environment_memo *memo;
    struct buf text;      /* of the value at hand */
    uint32_t hashed_file; /* its path has this hash; 0: none */
    uint64_t path_hash;
    struct tally tally;
    struct passes passes;
    struct diag_list diags;
    bool ready;
};

struct evaluation {
    const struct graph *graph;
    const struct analysis *facts;
    const struct ruleset *rules;
    const struct sources *sources;
    const struct evaluate_options *options;
    const struct value *parameters;
    struct worker *worker; /* n_workers of them */
    unsigned n_workers;
    size_t first;  /* of the chunk at hand */
    bool counting; /* no more findings are kept */
    struct results of[CHUNK];
    struct results absences;
};

bool evaluate_selects(const struct evaluate_options *o, str id, str name, str category, str profile)
{
    if (!str_eq_c(profile, "base") && !str_eq(profile, o->profile))
        return false;
    bool wanted = !o->n_only;
    for (size_t i = 0; i < o->n_only && !wanted; i++)
        wanted = glob_match(o->only[i], id) || glob_match(o->only[i], name) || glob_match(o->only[i], category);
    for (size_t i = 0; i < o->n_skip && wanted; i++)
        wanted = !glob_match(o->skip[i], id) && !glob_match(o->skip[i], name) && !glob_match(o->skip[i], category);
    return wanted;
}

static bool is_selected(const struct rule *rule, const struct evaluate_options *o)
{
    return evaluate_selects(o, rule->id, rule->name, rule->category, rule->profile);
}

static uint64_t mix(uint64_t h, uint64_t more)
{
    return (h ^ more) * 0x9e3779b97f4a7c15u;
}

/* Of the file's name below the root. Findings of one file come one after the other. */
static uint64_t hash_path(const struct evaluation *e, struct worker *w, span at)
{
    if (!w->hashed_file || w->hashed_file != at.file) {
        struct arena_mark mark = arena_mark(w->arena);
        w->path_hash = str_hash(finding_path(at, e->sources, e->options->root, e->options->cwd, w->arena));
        w->hashed_file = at.file;
        arena_rewind(w->arena, mark);
    }
    return w->path_hash;
}

static void fingerprint(const struct evaluation *e, struct worker *w, struct finding *f, const struct answer *answer)
{
    struct arena_mark mark = arena_mark(w->arena);
    uint64_t h = mix(0x484c, str_hash(f->rule->id));
    h = mix(h, hash_path(e, w, f->resource->header));
    h = mix(h, str_hash(graph_block_address(f->resource->address, w->arena)));
    h = mix(h, str_hash(f->attribute));
    if (f->rule->each)
        h = mix(h, answer->item);
    f->fingerprint = h;
    arena_rewind(w->arena, mark);
    buf_clear(&w->text);
    if (f->actual)
        value_to_json(f->actual, &w->text, VALUE_JSON_REVEAL);
    f->value_fingerprint = mix(h, str_hash(buf_str(&w->text)));
}

static struct finding make_finding(const struct evaluation *e, struct worker *w, const struct rule *rule,
                                   const struct resource *r, const struct answer *answer)
{
    struct arena *a = w->arena;
    struct finding f = {
        .rule = rule,
        .resource = r,
        .unit = r->unit,
        .status = answer->status,
        .severity = rule->severity,
        .at = r->header,
        .when = arena_str(a, answer->when),
        .reason = arena_str(a, answer->reason),
        .message = answer->message.n ? arena_str(a, answer->message) : rule->title,
        .n_instances = 1,
    };
    locate(&f, answer, e->graph, e->rules, a);
    fingerprint(e, w, &f, answer);
    return f;
}

static void count(struct tally *t, enum status status)
{
    t->pass += status == STATUS_PASS;
    t->fail += status == STATUS_FAIL;
    t->unknown += status == STATUS_UNKNOWN;
}

static bool is_kept(const struct evaluate_options *o, enum status status, const struct resource *r)
{
    if (status == STATUS_UNKNOWN && o->keep_unknowns_of && o->keep_unknowns_of[r->header.file])
        return true;
    return status == STATUS_FAIL || (o->keep_passes && status != STATUS_NOT_APPLICABLE);
}

static void ask_rule(struct evaluation *e, struct worker *w, const struct rule *rule, const struct resource *r)
{
    struct environment environment = {.graph = e->graph, .facts = e->facts, .subject = r, .memo = w->memo};
    struct arena_mark mark = arena_mark(w->scratch);
    struct asking asking = {
        .rules = e->rules,
        .environment = &environment,
        .parameters = e->parameters,
        .context = &w->context,
        .arena = w->scratch,
        .diags = &w->diags,
        .tests_rules = e->options->tests_rules,
    };
    struct answers answers = ask(&asking, rule, r);
    for (size_t i = 0; i < answers.n; i++) {
        count(&w->tally, answers.at[i].status);
        if (e->options->note_passes && answers.at[i].status == STATUS_PASS)
            VEC_PUSH(&w->passes, ((struct pass){rule, r}));
        if (!e->counting && is_kept(e->options, answers.at[i].status, r))
            VEC_PUSH(&e->of[r->id - e->first], make_finding(e, w, rule, r, &answers.at[i]));
    }
    arena_rewind(w->scratch, mark);
}

static void prepare(struct worker *w)
{
    w->arena = arena_new();
    w->scratch = arena_new();
    w->memo = ARENA_NEW(w->arena, struct environment_memo);
    cel_context_init(&w->context, w->scratch);
    buf_init(&w->text, LIMIT_STRING_BYTES);
    diag_list_init(&w->diags, w->arena);
    w->ready = true;
}

static void evaluate_resource(void *context, size_t i, unsigned worker)
{
    struct evaluation *e = context;
    struct worker *w = &e->worker[worker];
    const struct resource *r = graph_at(e->graph, e->first + i);
    if (!r->kind)
        return;
    size_t also = 0;
    for (sym kind = r->kind; kind; kind = model_next_also(ruleset_model(e->rules), r->type, &also)) {
        if (also && kind == r->kind)
            continue;
        size_t n;
        const struct rule *const *rules = ruleset_of_kind(e->rules, kind, &n);
        if (n && !w->ready)
            prepare(w);
        for (size_t k = 0; k < n; k++)
            if (is_selected(rules[k], e->options) && (!r->is_data || rules[k]->looked_up))
                ask_rule(e, w, rules[k], r);
    }
}

/* ---------------------------------------------------------------- units without a resource of a kind */

/* Of the first kind in the list that there is one of, by address: the order of files and blocks does not matter. */
static const struct resource *first_of(const struct graph *g, const struct unit *u, const sym *kinds, size_t n)
{
    const struct resource *first = NULL;
    for (size_t k = 0; k < n && !first; k++)
        for (size_t i = u->first; i < u->first + u->n; i++) {
            const struct resource *r = graph_at(g, i);
            if (r->kind == kinds[k] && !r->is_data && (!first || str_cmp(r->address, first->address) < 0))
                first = r;
        }
    return first;
}

/* Neither the unit nor one that is deployed beside it has a resource of the rule's kinds. */
static bool lacks(const struct evaluation *e, const struct rule *rule, size_t unit_index)
{
    size_t n;
    const uint32_t *beside = graph_neighbours(e->graph, unit_index, &n);
    if (first_of(e->graph, graph_unit(e->graph, unit_index), rule->kind, rule->n_kinds))
        return false;
    for (size_t i = 0; i < n; i++)
        if (first_of(e->graph, graph_unit(e->graph, beside[i]), rule->kind, rule->n_kinds))
            return false;
    return true;
}

static void ask_absence(struct evaluation *e, struct worker *w, const struct rule *rule, size_t unit_index)
{
    const struct unit *u = graph_unit(e->graph, unit_index);
    const struct resource *witness = first_of(e->graph, u, rule->absent_when, rule->n_absent_when);
    if (!witness || !lacks(e, rule, unit_index))
        return;
    struct cel_value binding[ENV_VARIABLES] = {
        [ENV_RESOURCE] = cel_resource(witness),
        [ENV_ITEM] = cel_null(),
        [ENV_ADDRESS] = cel_string(witness->address),
        [ENV_PARAM] = cel_from_graph(&w->context, e->parameters, 0),
    };
    struct environment environment = {.graph = e->graph, .facts = e->facts, .subject = witness};
    w->context.data = &environment;
    w->context.world = NULL;
    bool unsure = u->incomplete || u->has_remote_parts;
    struct finding f = {
        .rule = rule,
        .resource = witness,
        .unit = (uint32_t)unit_index,
        .status = unsure ? STATUS_UNKNOWN : rule->absent,
        .severity = rule->severity,
        .at = witness->header,
        .message = rule_text_write(&rule->absent_message, binding, &w->context, w->arena),
        .reason = unsure ? STR("a part of the configuration could not be read") : STR("it may be declared elsewhere"),
        .n_instances = 1,
    };
    struct answer none = {0};
    fingerprint(e, w, &f, &none);
    count(&w->tally, f.status);
    if (is_kept(e->options, f.status, witness))
        VEC_PUSH(&e->absences, f);
}

static void ask_absences(struct evaluation *e)
{
    for (size_t i = 0; i < ruleset_count(e->rules); i++) {
        const struct rule *rule = ruleset_at(e->rules, i);
        if (!rule->n_absent_when || rule->absent == STATUS_NOT_APPLICABLE || !is_selected(rule, e->options))
            continue;
        if (!e->worker[0].ready)
            prepare(&e->worker[0]);
        for (size_t u = 0; u < graph_unit_count(e->graph); u++)
            ask_absence(e, &e->worker[0], rule, u);
    }
}

/* ---------------------------------------------------------------- gathering */

/* The list doubles when its length is a power of two. */
static void add_instance(struct finding *first, str address, struct arena *a)
{
    size_t n = first->n_instances;
    if ((n & (n - 1)) == 0) {
        str *instances = ARENA_ARRAY(a, str, 2 * n);
        if (n == 1)
            instances[0] = first->resource->address;
        else
            memcpy(instances, first->instance, n * sizeof(str));
        first->instance = instances;
    }
    ((str *)first->instance)[first->n_instances++] = address;
}

/* The next byte of an address outside its instance keys; 0 at the end. */
static char next_of_base(str address, size_t *at, int *depth)
{
    while (*at < address.n) {
        char c = address.p[(*at)++];
        if (c == '[')
            ++*depth;
        if (!*depth)
            return c;
        if (c == ']')
            --*depth;
    }
    return 0;
}

static bool same_base(str a, str b)
{
    size_t i = 0, k = 0;
    int in = 0, kn = 0;
    char c;
    do {
        c = next_of_base(a, &i, &in);
        if (c != next_of_base(b, &k, &kn))
            return false;
    } while (c);
    return true;
}

static bool same_trail(const struct finding *a, const struct finding *b)
{
    if (a->n_trail != b->n_trail)
        return false;
    for (size_t i = 0; i < a->n_trail; i++)
        if (a->trail[i].at.file != b->trail[i].at.file || a->trail[i].at.start != b->trail[i].at.start)
            return false;
    return true;
}

static bool is_copy(str address)
{
    return str_find_char(address, '[') != SIZE_MAX;
}

/* Whether two findings become one. */
static bool fold_together(const struct finding *a, const struct finding *b)
{
    bool same = a->rule == b->rule && a->at.file == b->at.file && a->at.start == b->at.start &&
                a->status == b->status && str_eq(a->attribute, b->attribute) &&
                is_copy(a->resource->address) == is_copy(b->resource->address) &&
                same_base(a->resource->address, b->resource->address);
    return same &&
           (is_copy(a->resource->address) || (a->value_fingerprint == b->value_fingerprint && same_trail(a, b)));
}

static bool is_related(const struct finding *f, const struct related *r)
{
    for (size_t i = 0; i < f->n_related; i++)
        if (f->related[i].at.file == r->at.file && f->related[i].at.start == r->at.start)
            return true;
    return false;
}

/* Who else makes the resource: the overlays of a base, the callers of a module. */
static void add_calls(struct finding *first, const struct finding *f, struct arena *a)
{
    enum { MOST = 12 };
    struct related *all = ARENA_ARRAY(a, struct related, first->n_related + f->n_related);
    size_t n = first->n_related;
    if (n)
        memcpy(all, first->related, n * sizeof *all);
    for (size_t i = 0; i < f->n_related && n < MOST; i++)
        if (f->related[i].kind == RELATED_CALL && !is_related(first, &f->related[i]))
            all[n++] = f->related[i];
    first->related = all;
    first->n_related = n;
}

/* Equal for findings that fold_together joins. */
static uint64_t fold_hash(const struct finding *f)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    size_t i = 0;
    int depth = 0;
    uint64_t h = (str_hash_table(f->rule->id) ^ ((uint64_t)f->at.file << 32 | f->at.start)) * odd;
    for (char c; (c = next_of_base(f->resource->address, &i, &depth)) != 0;)
        h = (h ^ (unsigned char)c) * odd;
    if (is_copy(f->resource->address))
        return h;
    h = (h ^ f->value_fingerprint) * odd;
    for (size_t k = 0; k < f->n_trail; k++)
        h = (h ^ ((uint64_t)f->trail[k].at.file << 32 | f->trail[k].at.start)) * odd;
    return h;
}

/* Copies of one block (count, for_each) with the same outcome at the same place become one finding, and so does one
 * resource that several units make with the same value (overlays of a base, callers of a module). */
static void fold(struct findings *all, struct arena *a)
{
    size_t n_slots = 16, kept = 0;
    while (n_slots < 2 * all->n)
        n_slots *= 2;
    uint32_t *slots = alloc_get(n_slots * sizeof(*slots)); /* number of the finding plus one; 0: free */
    for (size_t i = 0; i < all->n; i++) {
        struct finding f = all->at[i];
        if (!f.resource) {
            all->at[kept++] = f;
            continue;
        }
        size_t slot = (size_t)(fold_hash(&f) >> 20) & (n_slots - 1);
        while (slots[slot] && !fold_together(&all->at[slots[slot] - 1], &f))
            slot = (slot + 1) & (n_slots - 1);
        if (!slots[slot]) {
            all->at[kept++] = f;
            slots[slot] = (uint32_t)kept;
            continue;
        }
        struct finding *first = &all->at[slots[slot] - 1];
        add_instance(first, f.resource->address, a);
        if (first->unit != f.unit)
            add_calls(first, &f, a);
    }
    all->n = kept;
    alloc_put(slots, n_slots * sizeof(*slots));
}

static void take(struct results *from, struct findings *all)
{
    for (size_t i = 0; i < from->n && all->n < LIMIT_FINDINGS; i++)
        VEC_PUSH(all, from->at[i]);
    VEC_RELEASE(from);
}

static void evaluate_all(struct evaluation *e, struct findings *all, struct diag_list *diags)
{
    size_t n = graph_count(e->graph);
    for (e->first = 0; e->first < n; e->first += CHUNK) {
        size_t size = n - e->first < CHUNK ? n - e->first : CHUNK;
        pool_run(e->options->jobs, size, evaluate_resource, e);
        for (size_t i = 0; i < size; i++)
            take(&e->of[i], all);
        e->counting = all->n >= LIMIT_FINDINGS;
    }
    ask_absences(e);
    take(&e->absences, all);
    if (e->counting)
        diag_add(diags, DIAG_LIMIT, SPAN_NONE, "more than %u findings: the others are counted, not listed",
                 (unsigned)LIMIT_FINDINGS);
}

static void count_resources(const struct graph *g, struct evaluation_summary *s)
{
    for (size_t i = 0; i < graph_count(g); i++) {
        const struct resource *r = graph_at(g, i);
        if (r->is_data)
            continue;
        if (r->kind)
            s->resources++;
        else
            s->unmodelled++;
    }
}

static void release(struct evaluation *e, struct findings *all, struct evaluation_summary *s, struct diag_list *diags)
{
    for (unsigned i = 0; i < e->n_workers; i++) {
        struct worker *w = &e->worker[i];
        if (!w->ready)
            continue;
        s->pass += w->tally.pass;
        s->fail += w->tally.fail;
        s->unknown += w->tally.unknown;
        for (size_t k = 0; k < w->passes.n; k++)
            VEC_PUSH(&all->passes, w->passes.at[k]);
        VEC_RELEASE(&w->passes);
        diag_append(diags, &w->diags);
        diag_list_release(&w->diags);
        cel_context_release(&w->context);
        buf_release(&w->text);
        arena_free(w->scratch);
        all->arenas[all->n_arenas++] = w->arena;
    }
}

/* ---------------------------------------------------------------- what is presumed */

static void note_phi(void *data, str variable, str path, span at)
{
    (void)at;
    bool *asks = data;
    *asks = *asks || (str_eq_c(variable, "resource") && str_eq_c(path, "holds_phi"));
}

static bool asks_for_phi(const struct rule *rule)
{
    const struct cel_program *programs[] = {rule->when, rule->each, rule->assert_};
    bool asks = false;
    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        if (programs[i])
            cel_each_attribute(programs[i], note_phi, &asks);
    return asks;
}

/* Fails of rules about patient data, of resources that hold it only because nothing says what does. */
static size_t count_presumed(const struct findings *all)
{
    static const char yes, no;
    struct map asking; /* id of a rule, to whether it asks */
    size_t n = 0;
    map_init(&asking);
    for (size_t i = 0; i < all->n; i++) {
        const struct finding *f = &all->at[i];
        const struct value *facts = f->resource ? f->resource->facts : NULL;
        if (f->status != STATUS_FAIL || !facts || value_get(facts, STR("data_class")))
            continue;
        const char *asks = map_find(&asking, f->rule->id);
        if (!asks)
            map_set(&asking, f->rule->id, (void *)(uintptr_t)(asks = asks_for_phi(f->rule) ? &yes : &no));
        n += asks == &yes;
    }
    map_release(&asking);
    return n;
}

void evaluate(const struct graph *g, const struct analysis *facts, const struct ruleset *rules,
              const struct sources *sources, const struct evaluate_options *o, struct diag_list *diags,
              struct findings *ret_findings, struct evaluation_summary *ret_summary)
{
    struct evaluation *e = alloc_get(sizeof(*e));
    e->graph = g;
    e->facts = facts;
    e->rules = rules;
    e->sources = sources;
    e->options = o;
    e->n_workers = pool_jobs(o->jobs);
    e->worker = alloc_get(e->n_workers * sizeof(*e->worker));
    struct arena *arena = arena_new();
    e->parameters = ruleset_parameters(rules, arena);
    evaluate_all(e, ret_findings, diags);
    ret_summary->rules = ruleset_count(rules);
    count_resources(g, ret_summary);
    release(e, ret_findings, ret_summary, diags);
    ret_summary->evaluated = ret_summary->pass + ret_summary->fail + ret_summary->unknown;
    arena_free(arena);
    alloc_put(e->worker, e->n_workers * sizeof(*e->worker));
    alloc_put(e, sizeof(*e));
    if (ret_findings->n_arenas)
        fold(ret_findings, ret_findings->arenas[0]);
    ret_summary->presumed = count_presumed(ret_findings);
}
