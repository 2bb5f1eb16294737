/* The files that a kustomization names, and texts inside it. */
#include "frontend/kubernetes/kustomize.h"

#include "base/path.h"
#include "syntax/json.h"
#include "syntax/yaml.h"

/* URLs, and what kustomize takes for a git repository: git@host:x, host.tld/org/repo, anything with a ref. */
bool kustomize_is_remote(str entry)
{
    if (str_contains(entry, STR("://")) || str_starts(entry, STR("git@")) || str_starts(entry, STR("git::")) ||
        str_contains(entry, STR("?ref=")) || str_contains(entry, STR(".git//")) || str_contains(entry, STR("_git/")))
        return true;
    static const char *const hosts[] = {"github.com/", "gitlab.com/", "bitbucket.org/", "gh:"};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
        if (str_starts(entry, str_of(hosts[i])))
            return true;
    return false;
}

str kustomize_find(struct kustomize *k, str dir, bool *ret_is_directory)
{
    static const char *const names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
    str *paths;
    size_t n = inputs_list(dir, k->arena, k->diags, &paths, ret_is_directory);
    for (size_t j = 0; j < ARRAY_LEN(names); j++)
        for (size_t i = 0; *ret_is_directory && i < n; i++)
            if (str_eq_c(path_base(paths[i]), names[j]))
                return paths[i];
    return STR_NONE;
}

const struct input_file *kustomize_open(struct layer *l, str entry, span from)
{
    struct kustomize *k = l->k;
    if (kustomize_is_remote(entry)) {
        diag_add(k->diags, DIAG_NOT_ANALYSED, from, "the file " STR_FMT " is remote; what it says is not known",
                 STR_ARG(entry));
        k->remote = true;
        return NULL;
    }
    str path = path_normalise(k->arena, path_join(k->arena, l->dir, entry));
    const struct input_file *f = inputs_open(k->in, path, k->in->root, from, k->diags);
    if (!f || f->incomplete)
        k->incomplete = true;
    return f;
}

const struct documents *kustomize_documents(struct kustomize *k, const struct input_file *f)
{
    if (f->documents.n)
        return &f->documents;
    struct documents *own = map_find(&k->read, f->path);
    if (own)
        return own;
    own = ARENA_NEW(k->arena, struct documents);
    map_set(&k->read, f->path, own);
    if (!document_check_text(f->source, k->diags)) {
        k->incomplete = true;
        return own;
    }
    if (f->kind == INPUT_JSON) {
        own->at = ARENA_NEW(k->arena, struct document);
        own->at[0] = json_read(f->source, k->arena, k->diags);
        own->n = own->cap = 1;
    } else {
        yaml_read(f->source, k->arena, k->diags, own);
    }
    for (size_t i = 0; i < own->n; i++)
        k->incomplete |= own->at[i].incomplete;
    return own;
}

/* The lines of a block scalar as they stand in the file, indentation and all: YAML with true places. */
static bool block_text(const struct source *s, span at, str *ret_text, uint32_t *ret_start)
{
    if (at.end > s->text.n || at.start >= at.end || s->text.p[at.start] != '|')
        return false;
    str written = str_slice(s->text, at.start, at.end);
    size_t newline = str_find_char(written, '\n');
    if (newline == SIZE_MAX)
        return false;
    *ret_start = at.start + (uint32_t)newline + 1;
    *ret_text = str_slice(s->text, *ret_start, at.end);
    return true;
}

struct kustomize_text kustomize_inline(struct layer *l, const struct value *text)
{
    struct kustomize *k = l->k;
    struct kustomize_text t = {.documents = {0}};
    span at = value_span(text);
    str content = value_str(text);
    uint32_t start = 0;
    const struct source *holder = source_at(k->in->sources, at.file);
    if (holder && block_text(holder, at, &content, &start))
        t.place = (struct k8s_place){.file = at.file, .shift = start};
    else
        t.place = (struct k8s_place){.file = at.file, .whole = at};
    const struct source *s = source_add(k->in->sources, l->path, content);
    struct diag_list diags;
    diag_list_init(&diags, k->arena);
    yaml_read(s, k->arena, &diags, &t.documents);
    for (size_t i = 0; i < diags.n; i++) {
        span *d = &diags.at[i].at;
        *d = t.place.whole.file ? at : (span){at.file, d->start + start, d->end + start};
        k->incomplete |= diags.at[i].severity == DIAG_ERROR;
    }
    diag_append(k->diags, &diags);
    diag_list_release(&diags);
    return t;
}
