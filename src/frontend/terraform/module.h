/* module.h - what the files of one directory declare, before anything is evaluated.
 *
 * Override files are merged as Terraform does, .tf.json becomes the same kind of body (node_json.c). A
 * module is read once for each root, whoever calls it. */
#ifndef FRONTEND_TERRAFORM_MODULE_H
#define FRONTEND_TERRAFORM_MODULE_H

#include "base/map.h"
#include "frontend/input.h"

struct variable_facts;

struct declaration {
    str type;     /* of resources and data; else empty */
    str name;     /* "phi"; provider: "aws" */
    str key;      /* "aws_s3_bucket.phi", "data.aws_x.y"; else the name */
    size_t index; /* among those of its kind */
    bool is_data;
    bool incomplete;         /* something inside could not be read */
    const struct node *body; /* NODE_BODY; for a local, its expression */
    span at, header;
    /* Kept by those who evaluate, because it is the same in each instance of the module. */
    str shown;                    /* "var.x"; empty: not asked for yet */
    struct variable_facts *facts; /* of a variable, by variables.c */
};

struct declarations {
    struct declaration **at;
    size_t n, cap;
    struct map by_key;
};

struct terraform_module {
    str dir;     /* as shown */
    str real;    /* absolute */
    bool exists; /* the directory */
    size_t n_files, n_bytes;
    bool incomplete;  /* a file could not be read */
    bool has_backend; /* terraform { backend or cloud }, or a provider with settings */
    struct declarations variable, local, output, resource, call;
    struct declarations provider;     /* key: "aws", "aws.west" */
    struct declarations settings;     /* terraform blocks, in order; key: their number */
    const struct input_file **tfvars; /* terraform.tfvars and *.auto.tfvars in the order of their precedence */
    size_t n_tfvars;
};

/* Files of directories that discovery saw, made while planning; read-only in jobs. */
struct module_dir;

struct module_files {
    struct arena *arena;
    struct map by_dir; /* real directory -> struct module_dir *; its memory is the arena's */
    struct {           /* directories to look at, while planning */
        struct module_dir **at;
        size_t n, cap;
    } pending;
};

struct module_dir {
    str dir, real;
    struct input_file **file;
    size_t n, cap;
    bool called; /* by a local source of another directory */
    bool reached;
    bool named; /* not all of its files are mere context */
};

/* Files that `files` does not have are listed and opened. Their documents are held, unless they are those of
 * `own`, which no other job reads (NULL: none). Never NULL; `exists` tells. */
struct terraform_module *module_read(struct inputs *in, const struct module_files *files, str dir,
                                     const struct module_dir *own, struct arena *a, struct diag_list *diags);
void module_release(struct terraform_module *m);

/* A .tf.json document as a NODE_BODY. */
const struct node *module_json_body(const struct node *root, struct arena *a, struct diag_list *diags);
/* A JSON value as the expression that Terraform reads in it: strings are templates. */
const struct node *module_json_expression(const struct node *n, struct arena *a, struct diag_list *diags);

#endif
