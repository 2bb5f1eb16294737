/* The graph as a picture: columns by how far references lead, rows by service, curves for references.
 * No fonts, scripts or links from elsewhere. */
#include "report/graph_view.h"

#include "report/svg.h"

enum {
    BOX_WIDTH = 250,
    BOX_HEIGHT = 36,
    COLUMN_GAP = 110,
    ROW_GAP = 14,
    MARGIN = 24,
    MAX_DRAWN = 400, /* more cannot be read */
    MAX_COLUMNS = 12,
};

struct box {
    const struct resource *r;
    unsigned column, row;
    double sum_of_rows, pull; /* of those that lead here, in columns to the left */
    size_t n_sources;
};

struct picture {
    const struct graph_view *view;
    struct box *box;
    uint32_t *box_of; /* by id of the resource: index + 1; 0: not drawn */
    size_t n;
    unsigned columns;
    unsigned rows[MAX_COLUMNS + 1];
    struct arena *a;
};

/* References, then what the analysis found. */
static size_t edge_count(const struct resource *r)
{
    return r->n_edges + r->n_reach;
}

static const struct edge *edge_at(const struct resource *r, size_t k)
{
    return k < r->n_edges ? &r->edge[k] : &r->reach[k - r->n_edges];
}

/* A resource stands right of those that refer to it; references in circles stop at the last column. */
static void assign_columns(struct picture *p)
{
    for (unsigned round = 0; round < MAX_COLUMNS; round++) {
        bool moved = false;
        for (size_t i = 0; i < p->n; i++) {
            const struct resource *r = p->box[i].r;
            for (size_t k = 0; k < edge_count(r); k++) {
                uint32_t to = p->box_of[edge_at(r, k)->to->id] - 1;
                if (to >= p->n || to == i || p->box[to].column > p->box[i].column ||
                    p->box[i].column + 1 >= MAX_COLUMNS)
                    continue;
                p->box[to].column = p->box[i].column + 1;
                moved = true;
            }
        }
        if (!moved)
            break;
    }
}

static int compare_places(const void *a, const void *b)
{
    const struct box *x = *(struct box *const *)a, *y = *(struct box *const *)b;
    if (x->pull != y->pull)
        return x->pull < y->pull ? -1 : 1;
    return x < y ? -1 : 1;
}

/* The boxes of a column in the order of the mean row of those that lead to them: fewer lines cross. */
static void order_column(struct picture *p, unsigned column)
{
    struct box **at = ARENA_ARRAY(p->a, struct box *, p->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->box[i].column == column) {
            at[n] = &p->box[i];
            at[n]->pull = at[n]->n_sources ? at[n]->sum_of_rows / at[n]->n_sources : (double)at[n]->row;
            n++;
        }
    qsort(at, n, sizeof *at, compare_places);
    for (size_t i = 0; i < n; i++)
        at[i]->row = (unsigned)i;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < edge_count(at[i]->r); k++) {
            uint32_t to = p->box_of[edge_at(at[i]->r, k)->to->id] - 1;
            if (to >= p->n || p->box[to].column <= column)
                continue;
            p->box[to].sum_of_rows += at[i]->row;
            p->box[to].n_sources++;
        }
}

static void assign_rows(struct picture *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct box *b = &p->box[i];
        b->row = p->rows[b->column]++;
        if (b->column + 1 > p->columns)
            p->columns = b->column + 1;
    }
    for (unsigned c = 0; c < p->columns; c++)
        order_column(p, c);
}

static unsigned x_of(const struct box *b)
{
    return MARGIN + b->column * (BOX_WIDTH + COLUMN_GAP);
}

static unsigned y_of(const struct box *b)
{
    return MARGIN + b->row * (BOX_HEIGHT + ROW_GAP);
}

static unsigned hue_of(str service)
{
    return (unsigned)(str_hash(service) % 360);
}

static str shorten(struct picture *p, str s, size_t max)
{
    if (utf8_count(s) <= max)
        return s;
    size_t from = s.n > max ? s.n - max : 0;
    while (from < s.n && ((unsigned char)s.p[from] & 0xc0) == 0x80)
        from++;
    return arena_printf(p->a, "\xe2\x80\xa6" STR_FMT, STR_ARG(str_slice(s, from, s.n)));
}

static void draw_box(struct picture *p, const struct box *b, struct buf *out)
{
    str service = graph_view_service(b->r);
    uint32_t finding = p->view->finding ? p->view->finding[b->r->id] : 0;
    if (finding)
        buf_printf(out, "<a href=\"#finding-%u\">", finding);
    buf_printf(out, "<g class=\"%s\"><title>", finding ? "box failing" : "box");
    svg_text(out, b->r->address);
    buf_add_c(out, finding ? ": has a finding" : "");
    buf_printf(out,
               "</title><rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" rx=\"5\" style=\"fill:hsl(%u 60%% "
               "92%%);stroke:hsl(%u 45%% 45%%)\"/>"
               "<text x=\"%u\" y=\"%u\">",
               x_of(b), y_of(b), BOX_WIDTH, BOX_HEIGHT, hue_of(service), hue_of(service), x_of(b) + 8, y_of(b) + 15);
    svg_text(out, shorten(p, b->r->address, 31));
    buf_printf(out, "</text><text class=\"kind\" x=\"%u\" y=\"%u\">", x_of(b) + 8, y_of(b) + 29);
    svg_text(out, shorten(p, b->r->kind ? sym_str(b->r->kind) : sym_str(b->r->type), 36));
    buf_add_c(out, finding ? "</text></g></a>\n" : "</text></g>\n");
}

static void draw_edges(struct picture *p, const struct box *b, struct buf *out)
{
    for (size_t k = 0; k < edge_count(b->r); k++) {
        const struct edge *e = edge_at(b->r, k);
        uint32_t to = p->box_of[e->to->id] - 1;
        if (to >= p->n || p->box[to].r == b->r)
            continue;
        const struct box *t = &p->box[to];
        unsigned x1 = x_of(b) + BOX_WIDTH, y1 = y_of(b) + BOX_HEIGHT / 2, x2 = x_of(t), y2 = y_of(t) + BOX_HEIGHT / 2;
        unsigned bend = COLUMN_GAP / 2;
        bool reach = k >= b->r->n_edges;
        buf_printf(out, "<path class=\"edge%s\" marker-end=\"url(#%s)\" d=\"M%u %uC%u %u %d %u %u %u\"><title>",
                   reach ? " reach" : "", reach ? "end" : "tip", x1, y1, x1 + bend, y1, (int)x2 - (int)bend, y2, x2,
                   y2);
        svg_text(out, b->r->address);
        buf_add_c(out, " \xe2\x86\x92 ");
        svg_text(out, t->r->address);
        buf_add_c(out, ": ");
        svg_text(out, e->attribute);
        buf_add_c(out, "</title></path>\n");
    }
}

/* What fails is drawn in any case, then the others in their order. */
static void choose(struct picture *p, size_t total)
{
    const struct graph_view *v = p->view;
    p->box_of = ARENA_ARRAY(p->a, uint32_t, total + 1);
    size_t chosen = 0;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < total && chosen < p->n; i++)
            if (!p->box_of[i] && (!v->shown || v->shown[i]) && (round || (v->finding && v->finding[i]))) {
                p->box_of[i] = 1;
                chosen++;
            }
    size_t n = 0;
    for (size_t i = 0; i < total; i++)
        if (p->box_of[i]) {
            p->box[n++].r = graph_at(v->graph, i);
            p->box_of[i] = (uint32_t)n;
        }
}

static size_t count_shown(const struct graph_view *v)
{
    size_t n = 0;
    for (size_t i = 0; i < graph_count(v->graph); i++)
        n += !v->shown || v->shown[i];
    return n;
}

void graph_view_svg(const struct graph_view *v, struct buf *out)
{
    struct picture p = {.view = v, .a = arena_new()};
    size_t total = count_shown(v);
    p.n = total < MAX_DRAWN ? total : MAX_DRAWN;
    p.box = ARENA_ARRAY(p.a, struct box, p.n + 1);
    choose(&p, graph_count(v->graph));
    assign_columns(&p);
    assign_rows(&p);
    unsigned rows = 1;
    for (unsigned c = 0; c < p.columns; c++)
        if (p.rows[c] > rows)
            rows = p.rows[c];
    unsigned width = 2 * MARGIN + (p.columns ? p.columns : 1) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP;
    unsigned height = 2 * MARGIN + rows * (BOX_HEIGHT + ROW_GAP) + 16;
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\">\n<style>"
               "svg{background:#fff}@media(prefers-color-scheme:dark){svg{background:#14171a}}text{font:11px "
               "ui-monospace,monospace;fill:#222}.kind{font-size:9px;fill:#555}"
               ".failing "
               "rect{stroke:#c00!important;stroke-width:3}.edge{fill:none;stroke:#888;stroke-width:1}.reach{stroke:#"
               "b00000;stroke-width:2.5}</"
               "style>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
               "markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
               "fill=\"#888\"/></marker><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"4\" "
               "markerHeight=\"4\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#b00000\"/></marker></defs>\n",
               width, height, width, height);
    for (size_t i = 0; i < p.n; i++)
        draw_edges(&p, &p.box[i], out);
    for (size_t i = 0; i < p.n; i++)
        draw_box(&p, &p.box[i], out);
    if (total > p.n)
        buf_printf(out, "<text x=\"%d\" y=\"%u\">%zu more resources are not drawn</text>\n", MARGIN, height - 8,
                   total - p.n);
    buf_add_c(out, "</svg>\n");
    arena_free(p.a);
}
