/* Selectors of patches and replacements: anchored regular expressions on what an object is or was called,
 * and label selectors as the API writes them in one line ("a=b,c!=d,e in (f,g),!h"). */
#include "frontend/kubernetes/kustomize.h"

#include "base/regex.h"
#include "frontend/kubernetes/types.h"

struct pattern {
    str text;            /* a plain name: no regular expression needed */
    struct regex *regex; /* NULL with text empty: anything */
};

struct selector {
    struct pattern group, version, kind, name, namespace;
    str labels, annotations;
    bool never; /* a pattern that is none */
};

static bool is_plain(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '-' && c != '_' && c != '/')
            return false;
    }
    return true;
}

static struct pattern pattern_of(struct kustomize *k, struct selector *s, const struct value *spec, const char *field)
{
    const struct value *v = value_get(spec, str_of(field));
    str text = value_str(v);
    if (is_plain(text))
        return (struct pattern){.text = text};
    str error;
    size_t at;
    str anchored = arena_printf(k->arena, "^(?:" STR_FMT ")$", STR_ARG(text));
    struct pattern p = {.regex = regex_new(anchored, REGEX_ANY_TEXTS, &error, &at, k->arena)};
    if (!p.regex) {
        diag_add(k->diags, DIAG_EXPRESSION, value_span(v), "the pattern is no regular expression: " STR_FMT,
                 STR_ARG(error));
        s->never = true;
    }
    return p;
}

struct selector *selector_new(struct kustomize *k, const struct value *spec)
{
    struct selector *s = ARENA_NEW(k->arena, struct selector);
    s->group = pattern_of(k, s, spec, "group");
    s->version = pattern_of(k, s, spec, "version");
    s->kind = pattern_of(k, s, spec, "kind");
    s->name = pattern_of(k, s, spec, "name");
    s->namespace = pattern_of(k, s, spec, "namespace");
    s->labels = value_str(value_get(spec, STR("labelSelector")));
    s->annotations = value_str(value_get(spec, STR("annotationSelector")));
    return s;
}

void selector_free(struct selector *s)
{
    struct pattern *all[] = {&s->group, &s->version, &s->kind, &s->name, &s->namespace};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        regex_free(all[i]->regex);
}

static bool pattern_matches(const struct pattern *p, str text)
{
    struct regex_match m;
    if (p->regex)
        return regex_find(p->regex, text, 0, &m) == REGEX_YES;
    return !p->text.n || str_eq(p->text, text);
}

/* ---------------------------------------------------------------- label selectors */

/* "in (a,b)" */
static bool is_among(str list, str text)
{
    list = str_trim(list);
    list = str_slice(list, str_starts(list, STR("(")), list.n - str_ends(list, STR(")")));
    for (str rest = list; rest.p;)
        if (str_eq(str_trim(str_cut(rest, ',', &rest)), text))
            return true;
    return false;
}

static bool requirement_holds(str r, const struct value *labels)
{
    r = str_trim(r);
    size_t in = str_find(r, STR(" in ")), not_in = str_find(r, STR(" notin ")), equals = str_find_char(r, '=');
    if (in != SIZE_MAX || not_in != SIZE_MAX) {
        size_t at = in != SIZE_MAX ? in : not_in;
        const struct value *v = value_get(labels, str_trim(str_slice(r, 0, at)));
        bool among = v && is_among(str_slice(r, at + (in != SIZE_MAX ? 4 : 7), r.n), value_str(v));
        return (in != SIZE_MAX) == among;
    }
    if (equals == SIZE_MAX) {
        bool negated = str_starts(r, STR("!"));
        return (value_get(labels, str_trim(str_slice(r, negated, r.n))) != NULL) != negated;
    }
    bool differs = equals > 0 && r.p[equals - 1] == '!';
    str key = str_trim(str_slice(r, 0, equals - differs));
    str wanted = str_slice(r, equals + 1, r.n);
    wanted = str_trim(str_slice(wanted, str_starts(wanted, STR("=")), wanted.n));
    const struct value *v = value_get(labels, key);
    return (v && str_eq(value_str(v), wanted)) != differs;
}

/* Commas separate requirements, but not inside parentheses. */
static bool selects(str selector, const struct value *labels)
{
    size_t from = 0;
    unsigned depth = 0;
    for (size_t i = 0; i <= selector.n; i++) {
        char c = i < selector.n ? selector.p[i] : ',';
        depth += c == '(';
        depth -= c == ')' && depth > 0;
        if (c != ',' || (depth && i < selector.n))
            continue;
        if (!requirement_holds(str_slice(selector, from, i), labels))
            return false;
        from = i + 1;
    }
    return true;
}

static bool id_selected(const struct selector *s, const struct k8s_id *id)
{
    return pattern_matches(&s->name, id->name) &&
           (!(s->namespace.text.n || s->namespace.regex) ||
            pattern_matches(&s->namespace, id->namespace.n ? id->namespace : STR("default"))) &&
           pattern_matches(&s->kind, id->kind) && pattern_matches(&s->group, id->group);
}

bool selector_matches(struct kustomize *k, struct selector *s, const struct built *b)
{
    const struct value *v = b->o.value;
    if (s->never || !pattern_matches(&s->version, k8s_version(k8s_text_at(v, "apiVersion"))))
        return false;
    if (!kustomize_spend(k))
        return false;
    bool called_so = id_selected(s, &b->now);
    for (size_t i = 0; i < b->n_past && !called_so; i++)
        called_so = id_selected(s, &b->past[i]);
    return called_so && (!s->labels.n || selects(s->labels, value_path(v, STR("metadata.labels")))) &&
           (!s->annotations.n || selects(s->annotations, value_path(v, STR("metadata.annotations"))));
}
