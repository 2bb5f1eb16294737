#include "policy/suppression.h"

#include <stdlib.h>

#include "base/glob.h"
#include "base/vec.h"

void suppressions_init(struct suppressions *s, struct arena *a, struct diag_list *diags)
{
    *s = (struct suppressions){.arena = a, .diags = diags};
}

void suppressions_release(struct suppressions *s)
{
    VEC_RELEASE(s);
}

bool suppressions_may_say(const struct suppressions *s, span at)
{
    return s->said_of != at.file || s->n_said <= LIMIT_FILE_DIAGNOSTICS;
}

void suppressions_say(struct suppressions *s, span at, const char *fmt, ...)
{
    if (!suppressions_may_say(s, at))
        return;
    s->n_said = s->said_of == at.file ? s->n_said + 1 : 1;
    s->said_of = at.file;
    if (s->n_said > LIMIT_FILE_DIAGNOSTICS) {
        diag_add(s->diags, DIAG_SUPPRESSION, at, "more suppressions of this file are wrong; the first %u are said",
                 (unsigned)LIMIT_FILE_DIAGNOSTICS);
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    str message = arena_vprintf(s->arena, fmt, ap);
    va_end(ap);
    diag_add(s->diags, DIAG_SUPPRESSION, at, STR_FMT, STR_ARG(message));
}

bool suppression_is_date(str s)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (size_t i = 0; i < s.n; i++)
        if (i == 4 || i == 7 ? s.p[i] != '-' : s.p[i] < '0' || s.p[i] > '9')
            return false;
    int64_t year, month, day;
    if (s.n != sizeof("YYYY-MM-DD") - 1 || !str_to_int(str_slice(s, 0, 4), &year) ||
        !str_to_int(str_slice(s, 5, 7), &month) || !str_to_int(str_slice(s, 8, 10), &day) || month < 1 || month > 12 ||
        day < 1 || day > days[month - 1])
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

bool suppressions_add(struct suppressions *s, struct suppression what, str rules)
{
    VEC(str) names = {0};
    for (size_t i = 0; i < rules.n;) {
        size_t end = i;
        while (end < rules.n && !strchr(", \t\r\n", rules.p[end]))
            end++;
        if (end > i)
            VEC_PUSH(&names, str_slice(rules, i, end));
        i = end + 1;
    }
    what.rule = VEC_MOVE(&names, s->arena, &what.n_rules);
    if (!what.n_rules) {
        suppressions_say(s, what.at, "the suppression names no rule: hipaalint:ignore RULE[,RULE]");
        return false;
    }
    if (what.until.n && !suppression_is_date(what.until)) {
        suppressions_say(s, what.at, "until=" STR_FMT " is no date (YYYY-MM-DD); the suppression does not count",
                         STR_ARG(what.until));
        return false;
    }
    what.uses = ARENA_ARRAY(s->arena, size_t, what.n_rules);
    s->n_exceptions += what.by == SUPPRESSED_FILE;
    VEC_PUSH(s, what);
    return true;
}

/* ---------------------------------------------------------------- deciding which count */

static int compare(const void *x, const void *y)
{
    const struct suppression *a = x, *b = y;
    bool a_central = a->by == SUPPRESSED_FILE, b_central = b->by == SUPPRESSED_FILE;
    if (a_central != b_central)
        return a_central ? -1 : 1;
    span p = a_central ? a->at : a->target, q = a_central ? b->at : b->target;
    if (p.file != q.file)
        return p.file < q.file ? -1 : 1;
    if (p.start != q.start)
        return p.start < q.start ? -1 : 1;
    if (p.end != q.end)
        return p.end > q.end ? -1 : 1;
    return (a->at.start > b->at.start) - (a->at.start < b->at.start);
}

/* Targets are parts of one tree: each encloses, or is apart from, the next. */
static void find_outer(struct suppressions *s)
{
    for (size_t i = s->n_exceptions; i < s->n; i++) {
        size_t outer = i == s->n_exceptions ? 0 : i; /* index + 1 of the one before */
        while (outer && (s->at[outer - 1].target.file != s->at[i].target.file ||
                         s->at[outer - 1].target.end < s->at[i].target.end))
            outer = s->at[outer - 1].outer;
        s->at[i].outer = outer;
    }
}

static void check_rules(struct suppressions *s, const struct suppression *x, const struct catalog *c)
{
    for (size_t i = 0; i < x->n_rules && suppressions_may_say(s, x->at); i++) {
        const struct catalog_rule *rule = catalog_find(c, x->rule[i]);
        if (rule && !rule->ignorable)
            suppressions_say(s, x->at, STR_FMT " cannot be suppressed: its findings stay", STR_ARG(rule->id));
        if (rule || catalog_count(c, x->rule[i]))
            continue;
        str near = catalog_nearest(c, x->rule[i]);
        if (near.n)
            suppressions_say(s, x->at, "no rule is called '" STR_FMT "'; did you mean '" STR_FMT "'?",
                             STR_ARG(x->rule[i]), STR_ARG(near));
        else
            suppressions_say(s, x->at, "no rule is called '" STR_FMT "' (a reason goes into reason=\"...\")",
                             STR_ARG(x->rule[i]));
    }
}

void suppressions_finish(struct suppressions *s, const struct catalog *c, enum inline_mode mode, str today)
{
    if (s->n)
        qsort(s->at, s->n, sizeof(*s->at), compare);
    find_outer(s);
    for (size_t i = 0; i < s->n; i++) {
        struct suppression *x = &s->at[i];
        bool central = x->by == SUPPRESSED_FILE;
        if (!central && mode == INLINE_OFF) {
            x->refused = "inline suppressions are switched off";
            if (x->tool)
                continue;
            suppressions_say(s, x->at, "the suppression does not count: the configuration switches inline ones off");
            continue;
        }
        if (!x->tool)
            check_rules(s, x, c);
        if (x->refused)
            continue;
        if (x->until.n && str_cmp(x->until, today) < 0) {
            x->refused = "expired";
            suppressions_say(s, x->at, "the suppression expired on " STR_FMT, STR_ARG(x->until));
        } else if (!central && mode == INLINE_REQUIRE_REASON && !x->reason.n) {
            x->refused = "no reason is given";
            if (x->tool)
                continue;
            suppressions_say(s, x->at, "the suppression does not count: the configuration asks for reason=\"...\"");
        }
    }
}

/* ---------------------------------------------------------------- applying */

/* The use count of the pattern that names the finding's rule; NULL when none does or it does not count. */
static size_t *uses_for(struct suppression *x, const struct finding *f)
{
    for (size_t i = 0; i < x->n_rules && !x->refused; i++)
        if (catalog_matches(x->rule[i], f->rule->id, f->rule->name))
            return &x->uses[i];
    return NULL;
}

static bool use(struct suppression *x, const struct finding *f)
{
    size_t *uses = uses_for(x, f);
    if (uses)
        *uses += f->n_instances;
    return uses != NULL;
}

/* The innermost directive whose target encloses the span, then outwards. */
static struct suppression *find_at(struct suppressions *s, span at, const struct finding *f)
{
    size_t low = s->n_exceptions, high = s->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        span t = s->at[middle].target;
        if (t.file < at.file || (t.file == at.file && t.start <= at.start))
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low > s->n_exceptions ? low : 0; i; i = s->at[i - 1].outer) {
        struct suppression *x = &s->at[i - 1];
        if (x->target.file == at.file && x->target.end >= at.end && use(x, f))
            return x;
    }
    return NULL;
}

static struct suppression *find_inline(struct suppressions *s, const struct finding *f)
{
    if (s->n == s->n_exceptions)
        return NULL;
    struct suppression *x = f->at.file ? find_at(s, f->at, f) : NULL;
    if (!x && f->resource && f->resource->header.file)
        x = find_at(s, f->resource->header, f);
    for (const struct call_site *c = f->resource ? f->resource->call : NULL; c && !x; c = c->outer)
        x = c->at.file ? find_at(s, c->at, f) : NULL;
    for (size_t i = 0; i < f->n_trail && !x; i++)
        x = f->trail[i].at.file ? find_at(s, f->trail[i].at, f) : NULL;
    return x;
}

static bool names_path(const struct suppression *x, const struct finding *f, const struct suppression_scope *scope,
                       struct arena *a)
{
    return !x->path.n || glob_match(x->path, finding_path(f->at, scope->sources, scope->root, scope->cwd, a)) ||
           (f->resource &&
            glob_match(x->path, finding_path(f->resource->header, scope->sources, scope->root, scope->cwd, a)));
}

static bool names_address(const struct suppression *x, const struct finding *f, str address)
{
    return !x->address.n || wildcard_match(x->address, address) ||
           (f->resource && str_eq(x->address, f->resource->name));
}

static void mark(struct finding *f, const struct suppression *x)
{
    f->suppressed = x->by;
    f->suppression_reason = x->tool ? x->said : x->reason;
}

/* The finding is now about these instances: it speaks of the first of them. */
static void set_instances(struct finding *f, const str *instance, size_t n, const struct graph *g, struct arena *a)
{
    const struct resource *first = graph_find(g, f->unit, instance[0]);
    size_t at = str_find(f->message, f->resource->address);
    f->instance = instance;
    f->n_instances = n;
    if (!first || first == f->resource)
        return;
    if (at != SIZE_MAX)
        f->message =
            arena_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(str_slice(f->message, 0, at)), STR_ARG(first->address),
                         STR_ARG(str_slice(f->message, at + f->resource->address.n, f->message.n)));
    f->resource = first;
}

/* The instances that the exception names go to *ret_part. */
static bool split(struct finding *f, const struct suppression *x, struct finding *ret_part, const struct graph *g,
                  struct arena *a)
{
    str *named = ARENA_ARRAY(a, str, f->n_instances), *others = ARENA_ARRAY(a, str, f->n_instances);
    size_t n_named = 0, n_others = 0;
    for (size_t i = 0; i < f->n_instances; i++) {
        if (names_address(x, f, f->instance[i]))
            named[n_named++] = f->instance[i];
        else
            others[n_others++] = f->instance[i];
    }
    if (!n_named || !n_others)
        return false;
    *ret_part = *f;
    set_instances(ret_part, named, n_named, g, a);
    set_instances(f, others, n_others, g, a);
    return true;
}

static void count(struct evaluation_summary *summary, const struct finding *f)
{
    size_t *from = f->status == STATUS_FAIL ? &summary->fail : &summary->unknown;
    size_t n = *from < f->n_instances ? *from : f->n_instances;
    *from -= n;
    summary->suppressed += n;
}

/* The exceptions that name a rule: a finding is compared with those only. */
struct named {
    struct suppression **at;
    size_t n;
};

static const struct named *exceptions_for(struct suppressions *s, struct map *by_rule, const struct finding *f)
{
    struct named *named = map_find(by_rule, f->rule->id);
    if (named)
        return named;
    named = ARENA_NEW(s->arena, struct named);
    named->at = ARENA_ARRAY(s->arena, struct suppression *, s->n_exceptions + 1);
    for (size_t i = 0; i < s->n_exceptions; i++)
        if (uses_for(&s->at[i], f))
            named->at[named->n++] = &s->at[i];
    map_set(by_rule, f->rule->id, named);
    return named;
}

static void apply_exceptions(struct suppressions *s, const struct named *named, struct findings *all, size_t at,
                             const struct suppression_scope *scope, struct evaluation_summary *summary)
{
    for (size_t i = 0; i < named->n; i++) {
        struct suppression *x = named->at[i];
        struct finding *f = &all->at[at], part;
        struct arena_mark start = arena_mark(s->arena);
        bool path = names_path(x, f, scope, s->arena);
        arena_rewind(s->arena, start);
        if (!path)
            continue;
        bool whole = names_address(x, f, f->resource ? f->resource->address : STR_NONE);
        for (size_t k = 0; whole && f->n_instances > 1 && k < f->n_instances; k++)
            whole = names_address(x, f, f->instance[k]);
        if (whole) {
            use(x, f);
            mark(f, x);
            count(summary, f);
            return;
        }
        if (f->n_instances > 1 && split(f, x, &part, scope->graph, s->arena)) {
            use(x, &part);
            mark(&part, x);
            count(summary, &part);
            VEC_PUSH(all, part);
        }
    }
}

void suppressions_apply(struct suppressions *s, struct findings *f, const struct suppression_scope *scope,
                        struct evaluation_summary *summary)
{
    struct map by_rule;
    map_init(&by_rule);
    size_t n = s->n ? f->n : 0;
    for (size_t i = 0; i < n; i++) {
        struct finding *x = &f->at[i];
        if ((x->status != STATUS_FAIL && x->status != STATUS_UNKNOWN) || !x->rule->ignorable)
            continue;
        const struct suppression *found = find_inline(s, x);
        if (found) {
            mark(x, found);
            count(summary, x);
        } else if (s->n_exceptions) {
            apply_exceptions(s, exceptions_for(s, &by_rule, x), f, i, scope, summary);
        }
    }
    map_release(&by_rule);
}

/* ---------------------------------------------------------------- what was not needed */

/* Could the pattern have been used in this run? Rules that were not selected say nothing about it. */
static bool is_asked(const struct catalog *c, const struct evaluate_options *o, str pattern)
{
    size_t n;
    const struct catalog_rule *all = catalog_rules(c, &n);
    for (size_t i = 0; i < n; i++) {
        const struct catalog_rule *r = &all[i];
        if (r->ignorable && catalog_matches(pattern, r->id, r->name) &&
            evaluate_selects(o, r->id, r->name, r->category, r->profile))
            return true;
    }
    return false;
}

void suppressions_report_unused(struct suppressions *s, const struct catalog *c, const struct evaluate_options *o,
                                const bool *is_quiet)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct suppression *x = &s->at[i];
        if (x->refused || x->tool || (x->by != SUPPRESSED_FILE && is_quiet[x->at.file]))
            continue;
        for (size_t k = 0; k < x->n_rules && suppressions_may_say(s, x->at); k++)
            if (!x->uses[k] && is_asked(c, o, x->rule[k]))
                suppressions_say(s, x->at, "nothing needs this suppression of " STR_FMT, STR_ARG(x->rule[k]));
    }
}
