#include "frontend/cloudformation/fragment.h"

#include "syntax/json.h"
#include "syntax/yaml.h"

const struct document *cfn_fragment_read(const struct source *source, struct arena *a, struct diag_list *diags)
{
    if (!document_check_text(source, diags))
        return NULL;
    str text = str_trim(source->text);
    struct document *d = ARENA_NEW(a, struct document);
    if (text.n && (text.p[0] == '{' || text.p[0] == '[')) {
        struct diag_list unheard;
        diag_list_init(&unheard, a);
        *d = json_read(source, a, &unheard);
        bool strict = d->root && unheard.n == 0;
        diag_list_release(&unheard);
        if (strict)
            return d;
    }
    struct documents all = {0};
    yaml_read(source, a, diags, &all);
    if (all.n == 0 || !all.at[0].root)
        return NULL;
    *d = all.at[0];
    return d;
}

const struct document *cfn_fragment_open(struct inputs *in, str path, str allowed_root, span from, struct arena *a,
                                         struct diag_list *diags, str *ret_path)
{
    struct input_file *f = inputs_open(in, path, allowed_root, from, diags);
    if (!f)
        return NULL;
    if (ret_path)
        *ret_path = f->path;
    if (f->documents.n > 0)
        return f->documents.at[0].root ? &f->documents.at[0] : NULL;
    return cfn_fragment_read(f->source, a, diags);
}
