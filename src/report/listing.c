#include "report/listing.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "report/svg.h"

const struct finding **listing_worst_first(const struct report *r, struct arena *a, size_t *ret_n)
{
    const struct findings *all = r->findings;
    const struct finding **list = ARENA_ARRAY(a, const struct finding *, all->n + 1);
    size_t n = 0;
    for (int s = SEVERITY_CRITICAL; s >= SEVERITY_INFO; s--)
        for (size_t i = 0; i < all->n; i++)
            if (all->at[i].status == STATUS_FAIL && !all->at[i].suppressed && (int)all->at[i].severity == s)
                list[n++] = &all->at[i];
    *ret_n = n;
    return list;
}

str listing_service(const struct finding *f)
{
    str kind = f->resource && f->resource->kind ? sym_str(f->resource->kind) : STR_NONE;
    size_t dot = str_rfind_char(kind, '.');
    return !kind.n ? STR("other") : dot == SIZE_MAX ? kind : str_slice(kind, 0, dot);
}

str listing_section_title(const struct report *r, str section)
{
    const struct node *sections = r->controls ? node_find(r->controls, "sections") : NULL;
    for (size_t i = 0; sections && sections->kind == NODE_LIST && i < sections->u.list.n; i++)
        if (str_eq(node_string(node_find(sections->u.list.item[i], "id")), section))
            return node_string(node_find(sections->u.list.item[i], "title"));
    return STR_NONE;
}

/* ---------------------------------------------------------------- counts */

struct counts {
    struct listing_count *at;
    size_t n, cap;
    struct map index; /* name -> (void *)(index + 1) */
};

static void add(struct counts *c, str name)
{
    size_t i = (size_t)(uintptr_t)map_find(&c->index, name);
    if (!i) {
        VEC_PUSH(c, ((struct listing_count){name, 0}));
        i = c->n;
        map_set(&c->index, name, (void *)(uintptr_t)i);
    }
    c->at[i - 1].n++;
}

static int compare(const void *x, const void *y)
{
    const struct listing_count *a = x, *b = y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return str_cmp(a->name, b->name);
}

static struct listing_count *finish(struct counts *c, struct arena *a, size_t *ret_n)
{
    if (c->n)
        qsort(c->at, c->n, sizeof(*c->at), compare);
    map_release(&c->index);
    return VEC_MOVE(c, a, ret_n);
}

struct listing_count *listing_by_section(const struct finding *const *f, size_t n, struct arena *a, size_t *ret_n)
{
    struct counts c = {0};
    map_init(&c.index);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < f[i]->rule->n_citations; k++)
            add(&c, f[i]->rule->citation[k].section);
    return finish(&c, a, ret_n);
}

struct listing_count *listing_by_service(const struct finding *const *f, size_t n, struct arena *a, size_t *ret_n)
{
    struct counts c = {0};
    map_init(&c.index);
    for (size_t i = 0; i < n; i++)
        add(&c, listing_service(f[i]));
    return finish(&c, a, ret_n);
}

void listing_by_severity(const struct finding *const *f, size_t n, size_t ret_count[SEVERITY_CRITICAL + 1])
{
    memset(ret_count, 0, sizeof(size_t) * (SEVERITY_CRITICAL + 1));
    for (size_t i = 0; i < n; i++)
        ret_count[f[i]->severity]++;
}

/* ---------------------------------------------------------------- escaping */

static void github(struct buf *out, str s, bool property)
{
    for (size_t i = 0; i < s.n;) {
        size_t n;
        uint32_t c = utf8_at(s, i, &n);
        i += n ? n : 1;
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            buf_printf(out, "%%%02X", c);
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || utf8_is_bidi_control(c))
            buf_add_utf8(out, 0xfffd);
        else
            buf_add_utf8(out, c);
    }
}

void listing_github_data(struct buf *out, str s)
{
    github(out, s, false);
}

void listing_github_property(struct buf *out, str s)
{
    github(out, s, true);
}

void listing_markdown(struct buf *out, str s)
{
    struct buf safe;
    buf_init(&safe, SIZE_MAX);
    report_safe_text(&safe, s);
    for (size_t i = 0; i < safe.n; i++) {
        char c = safe.p[i];
        if (c == '<' || c == '>' || c == '&')
            buf_add_c(out, c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;");
        else if (c == '@') /* would name a user */
            buf_add_c(out, "&#64;");
        else if (c == ':' && i + 1 < safe.n && safe.p[i + 1] == '/') /* would become a link */
            buf_add_c(out, "&#58;");
        else if (strchr("\\`*_[]#!|~$", c))
            buf_printf(out, "\\%c", c);
        else
            buf_add_char(out, c);
    }
    buf_release(&safe);
}

void listing_html(struct buf *out, str s)
{
    struct buf safe;
    buf_init(&safe, SIZE_MAX);
    report_safe_text(&safe, s);
    svg_text(out, buf_str(&safe));
    buf_release(&safe);
}
