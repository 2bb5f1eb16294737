#include "report/graph_view.h"

#include "report/report.h"

static void write_resource(const struct graph_view *v, const struct resource *r, struct buf *out)
{
    const struct source *s = source_at(v->sources, r->header.file);
    buf_add_c(out, "{\"address\": ");
    buf_add_json(out, r->address);
    report_json_field(out, "kind", r->kind ? sym_str(r->kind) : STR_NONE);
    report_json_field(out, "type", sym_str(r->type));
    report_json_field(out, "unit", graph_unit(v->graph, r->unit)->name);
    report_json_field(out, "file", s ? s->path : STR_NONE);
    buf_printf(out, ", \"line\": %u", s ? source_position(s, r->header.start).line : 0);
    if (r->is_data)
        buf_add_c(out, ", \"data\": true");
    if (r->presence != PRESENT)
        buf_printf(out, ", \"presence\": \"%s\"", r->presence == PRESENCE_UNKNOWN ? "unknown" : "conditional");
    if (r->presence == PRESENCE_CHOICE && r->exists) {
        buf_add_c(out, ", \"exists\": ");
        value_to_json(r->exists, out, 0);
    }
    buf_add_c(out, ", \"attributes\": ");
    const struct value *attributes = r->attributes ? r->attributes : r->raw;
    if (attributes)
        value_to_json(attributes, out, 0);
    else
        buf_add_c(out, "{}");
    buf_add_c(out, ", \"facts\": ");
    if (r->facts)
        value_to_json(r->facts, out, 0);
    else
        buf_add_c(out, "{}");
    buf_add_char(out, '}');
}

static bool is_shown(const struct graph_view *v, const struct resource *r)
{
    return !v->shown || v->shown[r->id];
}

void graph_view_json(const struct graph_view *v, struct buf *out)
{
    buf_add_c(out, "{\"resources\": [");
    size_t n = graph_count(v->graph), written = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_shown(v, graph_at(v->graph, i)))
            continue;
        buf_add_c(out, written++ ? ",\n  " : "\n  ");
        write_resource(v, graph_at(v->graph, i), out);
    }
    written = 0;
    buf_add_c(out, "],\n\"edges\": [");
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = graph_at(v->graph, i);
        for (size_t k = 0; k < r->n_edges + r->n_reach && is_shown(v, r); k++) {
            const struct edge *e = k < r->n_edges ? &r->edge[k] : &r->reach[k - r->n_edges];
            if (!is_shown(v, e->to))
                continue;
            buf_add_c(out, written++ ? ",\n  {\"from\": " : "\n  {\"from\": ");
            buf_add_json(out, r->address);
            report_json_field(out, "to", e->to->address);
            report_json_field(out, "attribute", e->attribute);
            buf_add_c(out, k < r->n_edges ? "}" : ", \"reach\": true}");
        }
    }
    buf_add_c(out, "]}\n");
}

str graph_view_service(const struct resource *r)
{
    str kind = r->kind ? sym_str(r->kind) : sym_str(r->type);
    size_t dot = str_rfind_char(kind, '.');
    return dot == SIZE_MAX ? kind : str_slice(kind, 0, dot);
}

static void dot_string(struct buf *out, str s)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_add_char(out, '\\');
        if ((unsigned char)s.p[i] >= 0x20)
            buf_add_char(out, s.p[i]);
    }
    buf_add_char(out, '"');
}

void graph_view_dot(const struct graph_view *v, struct buf *out)
{
    buf_add_c(out, "digraph hipaalint {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
                   "  edge [fontname=\"sans-serif\", fontsize=8, color=\"#777777\"];\n");
    size_t n = graph_count(v->graph);
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = graph_at(v->graph, i);
        if (!is_shown(v, r))
            continue;
        buf_printf(out, "  r%zu [label=", i);
        struct buf label;
        buf_init(&label, LIMIT_STRING_BYTES);
        buf_add(&label, r->address);
        buf_add_c(&label, "\n");
        buf_add(&label, r->kind ? sym_str(r->kind) : sym_str(r->type));
        buf_add_char(out, '"');
        for (size_t k = 0; k < label.n; k++) {
            if (label.p[k] == '"' || label.p[k] == '\\')
                buf_add_char(out, '\\');
            if (label.p[k] == '\n')
                buf_add_c(out, "\\n");
            else
                buf_add_char(out, label.p[k]);
        }
        buf_add_c(out, "\", group=");
        dot_string(out, graph_view_service(r));
        buf_add_c(out, "];\n");
        buf_release(&label);
    }
    for (size_t i = 0; i < n; i++) {
        const struct resource *r = graph_at(v->graph, i);
        for (size_t k = 0; k < r->n_edges && is_shown(v, r); k++) {
            if (!is_shown(v, r->edge[k].to))
                continue;
            buf_printf(out, "  r%zu -> r%u [label=", i, r->edge[k].to->id);
            dot_string(out, r->edge[k].attribute);
            buf_add_c(out, "];\n");
        }
        for (size_t k = 0; k < r->n_reach && is_shown(v, r); k++) {
            if (!is_shown(v, r->reach[k].to))
                continue;
            buf_printf(out, "  r%zu -> r%u [style=bold, color=\"#b00000\", label=", i, r->reach[k].to->id);
            dot_string(out, r->reach[k].attribute);
            buf_add_c(out, "];\n");
        }
    }
    buf_add_c(out, "}\n");
}
