/* tree.h - one root module with all the modules that it calls, and the values in them.
 *
 * Everything is evaluated on demand, once, and kept; a value that asks for itself is a cycle. A name
 * belongs to the module instance that declares it, never to the project. Module instances are made when
 * an output of theirs is asked for, or when the resources are collected. */
#ifndef FRONTEND_TERRAFORM_TREE_H
#define FRONTEND_TERRAFORM_TREE_H

#include "base/vec.h"
#include "frontend/frontend.h"
#include "frontend/terraform/eval.h"
#include "frontend/terraform/module.h"
#include "graph/graph.h"

struct tree {
    struct evaluator eval;
    struct arena *arena; /* of values: lives on in the graph */
    struct arena *own;   /* of what no value points to; freed with the tree */
    struct inputs *inputs;
    const struct frontend_options *options;
    const struct module_files *files;
    const struct module_dir *own_dir; /* which only this job reads; NULL: none */
    struct diag_list *diags;
    str root_dir;        /* as shown: where file() looks, and the unit's name */
    str allowed;         /* absolute: no file is read outside */
    struct map modules;  /* directory as shown -> struct terraform_module * */
    struct map manifest; /* key of .terraform/modules/modules.json -> directory */
    struct map tfvars;   /* path -> root node of a file of values */
    struct map template; /* path -> root node of a file that templatefile() reads */
    struct module_instance *root;
    VEC(struct module_instance *) instances;
    size_t n_calls;
    bool has_remote_parts, incomplete;
    bool alone; /* the root is a module that somebody else calls: defaults do not count */
};

enum memo_state { MEMO_NEW, MEMO_BUSY, MEMO_DONE };

struct memo {
    enum memo_state state;
    const struct value *value;
};

/* One copy of something with count or for_each. */
struct instance {
    str suffix;                 /* "[0]", "[\"a\"]"; empty when single or open */
    const struct value *key;    /* count.index or each.key; NULL when single */
    const struct value *value;  /* each.value */
    const struct value *exists; /* NULL: it does; a choice of bools, or unknown */
    bool open;                  /* stands for an unknown number */
};

enum expansion_mode { EXPAND_NONE, EXPAND_COUNT, EXPAND_EACH };

struct expansion {
    enum expansion_mode mode;
    struct instance *at;
    size_t n;
    bool open;
    const struct value *decided; /* count or for_each as evaluated */
};

struct resource_set {
    const struct declaration *declaration;
    enum memo_state state;
    struct expansion expansion;
    const struct value **raw;  /* of each instance */
    const struct value *whole; /* what `type.name` is worth; NULL: nobody has asked */
};

struct call_set {
    const struct declaration *declaration;
    enum memo_state state;
    struct expansion expansion;
    struct module_instance **instance; /* NULL entries: the module cannot be had */
    str problem;                       /* why not */
    const struct value *whole;
};

struct module_instance {
    struct tree *tree;
    const struct terraform_module *module;
    struct module_instance *parent;
    str address;      /* "module.a[0]"; empty for the root */
    str manifest_key; /* "a.b": of nested calls in modules.json */
    const struct declaration *declaration;
    struct scope *call_scope; /* of the arguments */
    str arguments_note;       /* "argument of module.x" */
    const struct call_site *call;
    const struct value *exists; /* with that of the parents; NULL: it does */
    bool open;
    unsigned level;
    struct memo *variable, *local, *output; /* one for each declaration; NULL until the first is asked for */
    struct map resources;                   /* key -> struct resource_set * */
    struct map calls;                       /* name -> struct call_set * */
    struct map deciders;
};

struct lazy_value {
    struct value value;
    struct module_instance *instance;
};

void tree_init(struct tree *t, struct inputs *in, const struct frontend_options *o, const struct module_files *files,
               const struct module_dir *own, str root_dir, struct arena *a, struct diag_list *diags);
void tree_release(struct tree *t);

const struct value *tree_variable(struct module_instance *m, str name, span at);
const struct value *tree_local(struct module_instance *m, str name, span at);
const struct value *tree_output(struct module_instance *m, str name, span at);
const struct value *tree_resource(struct module_instance *m, str key, span at); /* NULL: none of that name */
struct resource_set *tree_resource_set(struct module_instance *m, const struct declaration *d);
struct call_set *tree_call_set(struct module_instance *m, const struct declaration *d);

/* A condition that is not known, as an input of its own: `a`, `!a` and `(a)` share one. NULL when the
 * condition has an error. */
const struct decider *tree_decider(struct evaluator *e, const struct node *test, const struct value *decided,
                                   const struct scope *s, bool *ret_negated);
const struct value *tree_lazy_get(struct evaluator *e, const struct value *lazy, str name, span at);
const struct value *tree_force(struct evaluator *e, const struct value *lazy);

/* scope.c */
const struct scope *scope_of(struct module_instance *m, const struct instance *i, const struct expansion *x);
struct module_instance *module_instance_new(struct tree *t, const struct terraform_module *module,
                                            struct module_instance *parent);
const struct terraform_module *tree_module(struct tree *t, str dir);

/* variables.c: from outside (tfvars, --var), from the call, or the default; else unknown, or the values
 * that its validation allows. */
const struct value *variables_value(struct module_instance *m, struct declaration *d);
void variables_check(struct tree *t); /* reads the tfvars of the root, also where no variable asks for them */

/* expand.c */
void expand(struct evaluator *e, const struct node *body, const struct scope *s, span at, struct expansion *ret);
const struct value *expand_exists(struct arena *a, const struct value *outer, const struct value *inner);

/* body.c */
const struct value *body_value(struct evaluator *e, const struct node *body, const struct scope *s, bool top);
const struct value *body_metadata(struct evaluator *e, const struct node *body, const struct scope *s);

/* policy_document.c: adds `json` and `minified_json` to an aws_iam_policy_document. */
const struct value *policy_document(struct evaluator *e, const struct value *raw, span at);
/* data_source.c: what is known of well-known data sources without looking. */
const struct value *data_source_value(struct module_instance *m, const struct declaration *d, const struct value *raw);
/* The region of the provider that a resource uses; STR_NONE. */
const struct declaration *tree_provider(struct module_instance *m, str reference, struct module_instance **ret_where);

#endif
