/* Parameters that the user gives: files in their several shapes, and K=V. */
#include "frontend/cloudformation/parameters.h"

#include "frontend/cloudformation/fragment.h"
#include "syntax/yaml.h"

static void give(struct cfn_run *run, str name, str text, span at, str note)
{
    const struct origin *o = origin_new(run->arena, at, note, NULL);
    map_set(&run->given, name, (void *)(uintptr_t)value_string(run->arena, text, o));
}

static bool scalar_text(const struct cfn_run *run, const struct node *n, str *ret_text)
{
    const struct source *source = n ? source_at(run->inputs->sources, n->at.file) : NULL;
    if (!source || (n->kind != NODE_STRING && n->kind != NODE_NUMBER && n->kind != NODE_BOOL))
        return false;
    *ret_text = yaml_scalar_text(n, source);
    return true;
}

/* Lists are given as in the console: joined by commas. */
static bool given_text(const struct cfn_run *run, const struct node *n, str *ret_text)
{
    if (!n || n->kind != NODE_LIST)
        return scalar_text(run, n, ret_text);
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    bool fine = true;
    for (size_t i = 0; i < n->u.list.n && fine; i++) {
        str text = STR_NONE;
        fine = scalar_text(run, n->u.list.item[i], &text);
        if (i > 0)
            buf_add_char(&b, ',');
        buf_add(&b, text);
    }
    *ret_text = buf_copy(&b, run->arena);
    buf_release(&b);
    return fine;
}

static void give_pair(struct cfn_run *run, str pair, span at, str note)
{
    str value;
    str name = str_cut(pair, '=', &value);
    if (value.p)
        give(run, name, value, at, note);
}

static void give_list(struct cfn_run *run, const struct node *list, str note, struct diag_list *diags)
{
    for (size_t i = 0; i < list->u.list.n; i++) {
        const struct node *n = list->u.list.item[i];
        str name = node_string(node_find(n, "ParameterKey")), text;
        const struct node *value = node_find(n, "ParameterValue");
        if (n->kind == NODE_STRING)
            give_pair(run, n->u.string, n->at, note);
        else if (name.n && value && given_text(run, value, &text))
            give(run, name, text, value->at, note);
        else if (!name.n || !node_find(n, "UsePreviousValue"))
            diag_add(diags, DIAG_STRUCTURE, n->at, "a parameter needs ParameterKey and ParameterValue");
    }
}

static void give_map(struct cfn_run *run, const struct node *map, str note, struct diag_list *diags)
{
    for (size_t i = 0; i < map->u.map.n; i++) {
        const struct node_entry *e = &map->u.map.entry[i];
        str text;
        if (given_text(run, e->value, &text))
            give(run, node_string(e->key), text, e->value->at, note);
        else if (e->value->kind != NODE_NULL)
            diag_add(diags, DIAG_STRUCTURE, e->value->at, "the value of parameter " STR_FMT " must be text",
                     STR_ARG(node_string(e->key)));
    }
}

static void give_file(struct cfn_run *run, str path, struct diag_list *diags)
{
    const struct document *d = cfn_fragment_open(run->inputs, path, STR_NONE, SPAN_NONE, run->arena, diags, NULL);
    if (!d)
        return;
    const struct node *root = d->root;
    const struct node *inner = node_find(root, "Parameters");
    str note = arena_printf(run->arena, "parameter file " STR_FMT, STR_ARG(path));
    if (root->kind == NODE_LIST)
        give_list(run, root, note, diags);
    else if (inner && inner->kind == NODE_MAP)
        give_map(run, inner, note, diags);
    else if (inner && inner->kind == NODE_LIST)
        give_list(run, inner, note, diags);
    else if (root->kind == NODE_MAP)
        give_map(run, root, note, diags);
    else
        diag_add_path(diags, DIAG_CONFIG, path, "this is no parameter file: it must be a list or a mapping");
}

void cfn_given_read(struct cfn_run *run, struct diag_list *diags)
{
    const struct frontend_options *o = run->options;
    for (size_t i = 0; o && i < o->n_parameter_files; i++)
        give_file(run, o->parameter_file[i], diags);
    for (size_t i = 0; o && i < o->n_parameters; i++) {
        str note = arena_printf(run->arena, "--parameter " STR_FMT, STR_ARG(o->parameter[i].name));
        give(run, o->parameter[i].name, o->parameter[i].value, SPAN_NONE, note);
    }
}
