#include "cli/rules_reference.h"

/* The family of an id: "HL-RDS-001" is of "HL-RDS". */
static str family(str id)
{
    size_t end = id.n;
    while (end && id.p[end - 1] != '-')
        end--;
    return end ? str_slice(id, 0, end - 1) : id;
}

static const char *language(str format)
{
    return str_eq_c(format, "terraform") ? "hcl" : "yaml";
}

static void paragraph(str text, struct buf *out)
{
    buf_add(out, str_trim(text));
    buf_add_c(out, "\n\n");
}

static void sections(const struct rule *rule, struct buf *out)
{
    buf_add_c(out, "Evidence for 45 CFR ");
    for (size_t i = 0; i < rule->n_citations; i++) {
        buf_printf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(rule->citation[i].section));
        if (rule->citation[i].because.n)
            buf_printf(out, " (" STR_FMT ")", STR_ARG(str_trim(rule->citation[i].because)));
    }
    buf_add_c(out, ".\n");
}

static void mappings(const struct rule *rule, const struct frameworks *all, struct arena *a, struct buf *out)
{
    for (size_t i = 0; i < all->n; i++) {
        struct mapped m = framework_sections(&all->at[i], rule, a);
        if (!m.n)
            continue;
        buf_printf(out, STR_FMT ": ", STR_ARG(all->at[i].title));
        for (size_t k = 0; k < m.n; k++)
            buf_printf(out, "%s" STR_FMT, k ? ", " : "", STR_ARG(m.section[k]));
        buf_add_c(out, ".\n");
    }
}

static void equivalents(const struct rule *rule, struct buf *out)
{
    for (size_t i = 0; i < rule->n_equivalents; i++) {
        const struct equivalent *e = &rule->equivalent[i];
        buf_printf(out, "%s" STR_FMT ": ", i ? "; " : "The same question elsewhere: ", STR_ARG(e->source));
        for (size_t k = 0; k < e->n; k++)
            buf_printf(out, "%s" STR_FMT, k ? ", " : "", STR_ARG(e->id[k]));
    }
    if (rule->n_equivalents)
        buf_add_c(out, ".\n");
}

static void fixes(const struct rule *rule, struct buf *out)
{
    for (size_t i = 0; i < rule->n_fixes; i++)
        buf_printf(out, "Fix in " STR_FMT ":\n\n```%s\n" STR_FMT "\n```\n\n", STR_ARG(rule->fix[i].format),
                   language(rule->fix[i].format), STR_ARG(str_trim(rule->fix[i].text)));
}

void rules_reference(const struct rule *const *rule, size_t n, struct pack *pack, struct arena *a, struct buf *out)
{
    const struct frameworks all = pack_frameworks(pack);
    buf_printf(
        out,
        "# Rules\n\n%zu rules. Each asks one question of one kind of resource; what it says is evidence, no verdict.\n",
        n);
    str last = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        const struct rule *r = rule[i];
        if (!str_eq(family(r->id), last)) {
            last = family(r->id);
            buf_printf(out, "\n## " STR_FMT "\n", STR_ARG(last));
        }
        buf_printf(out, "\n### " STR_FMT " " STR_FMT "\n\n", STR_ARG(r->id), STR_ARG(r->title));
        buf_printf(out, "`" STR_FMT "`, severity %s, category " STR_FMT ", profile " STR_FMT "%s\n\n", STR_ARG(r->name),
                   severity_name(r->severity), STR_ARG(r->category), STR_ARG(r->profile),
                   str_eq_c(r->profile, "nprm") ? " (proposed, not in force)" : "");
        paragraph(r->why, out);
        fixes(r, out);
        sections(r, out);
        mappings(r, &all, a, out);
        equivalents(r, out);
    }
}
