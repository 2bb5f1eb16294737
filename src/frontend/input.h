/* input.h - the files of a run: found, read, parsed, and claimed by a front end.
 *
 * Discovery walks the named paths (order fixed by name), leaves out what .gitignore and the default
 * list name (.git, node_modules, .terraform except modules/, vendor caches), never follows links out
 * of the root, and never enters a directory twice. Files are read and parsed in parallel, then each
 * document is claimed by shape: nothing is decided by a file's name but the reader
 * (.tf/.tofu/.hcl: HCL, .json/.template: JSON or YAML by first byte, .yaml/.yml: YAML).
 *
 * A file that is named on the command line widens: its directory (Terraform) is read as context for
 * evaluation, and only findings whose place or cause lies in the named files are reported. */
#ifndef FRONTEND_INPUT_H
#define FRONTEND_INPUT_H

#include "base/map.h"
#include "syntax/document.h"

enum input_kind {
    INPUT_HCL,     /* .tf .tofu */
    INPUT_TF_JSON, /* .tf.json .tofu.json */
    INPUT_TFVARS,  /* terraform.tfvars, *.auto.tfvars (and .json): parsed only when a unit asks */
    INPUT_JSON,
    INPUT_YAML,
    INPUT_HELM,  /* a template below a chart's templates/ directory: not parsed */
    INPUT_OTHER, /* named on the command line, of no known extension: kind guessed from content */
};

enum input_claim {
    CLAIM_NONE, /* no infrastructure as code that we know: left alone without noise */
    CLAIM_TERRAFORM,
    CLAIM_TERRAFORM_PLAN, /* `terraform show -json` */
    CLAIM_CLOUDFORMATION, /* also SAM and CDK output */
    CLAIM_KUBERNETES,
    CLAIM_KUSTOMIZATION,
    CLAIM_HELM_CHART, /* Chart.yaml, values.yaml, templates: known, not linted */
    CLAIM_AUXILIARY,  /* parameter files, cdk manifest, modules.json: read by a front end */
};

struct input_file {
    str path; /* as shown in reports */
    str real; /* absolute, links resolved */
    enum input_kind kind;
    enum input_claim claim;           /* of the file: of its first claimed document */
    bool named;                       /* on the command line as a file */
    bool meant;                       /* somebody says that it is one of ours: it is read in any case */
    bool context;                     /* read only to evaluate others: findings in it are not reported */
    const struct source *source;      /* NULL: unreadable (a diagnostic was made) */
    struct documents documents;       /* parsed lazily for INPUT_TFVARS: n == 0 */
    enum input_claim *document_claim; /* one for each document */
    bool incomplete;                  /* unreadable or a syntax error inside */
    struct arena *arena;              /* of its names, messages and texts */
    struct arena *tree;               /* of its documents; NULL: none, or freed */
    bool held;                        /* several jobs may read the documents */
    struct diag_list diags;
};

struct inputs {
    struct input_file **file; /* sorted by path; pointers stay valid */
    size_t n, cap;
    struct map by_real; /* real path -> struct input_file * */
    str root;           /* absolute: enclosing git repository, else the named directory; nothing
                                  that a file *includes* is read from outside (see inputs_open) */
    bool root_is_repository;
    struct sources *sources;
    struct arena *arena;
    struct diag_list *diags; /* of the run: discovery's own */
};

/* Real paths of what differs from another state of the repository; all else is context. */
struct input_changes {
    const struct map *files;       /* these */
    const struct map *directories; /* and what stands directly in these */
    const struct map *trees;       /* and all below these */
};

struct input_options {
    unsigned jobs;
    const str *exclude; /* globs */
    size_t n_exclude;
    bool no_gitignore;
    bool no_walk;                        /* directories only fix the root; files are opened when asked for (eval) */
    bool unclaimed_ok;                   /* a named file that is none of ours is as quiet as one that was found */
    str stdin_path;                      /* how standard input is called */
    const struct input_changes *changes; /* NULL: everything counts */
};

/* Finds, reads, parses and claims. `paths` may hold "-" (standard input, whose text is `stdin_text`). */
struct inputs *inputs_discover(const str *paths, size_t n, const struct input_options *options, struct sources *sources,
                               struct diag_list *diags, str stdin_text);
/* The same files over other texts: `sources` are a fork of those of `from`, and only the files at the real paths that are
 * keys of `changed` are parsed again. The rest is borrowed from `from`, which outlives them and kept its documents. */
struct inputs *inputs_fork(const struct inputs *from, const struct map *changed, struct sources *sources,
                           struct diag_list *diags);
/* Frees the documents, when every resource is made and every directive read: what is left of a file is its text,
 * its claims and how many documents it had. */
void inputs_free_trees(struct inputs *in);
/* Says that the job for which the file was planned needs its documents no more. They are freed, unless somebody else
 * holds the file; whoever opens it later has it parsed again. Thread-safe, as inputs_hold. */
void inputs_done(struct inputs *in, struct input_file *f);
/* The documents stay until inputs_free_trees: for a file that another job may be done with. inputs_open does this. */
void inputs_hold(struct inputs *in, struct input_file *f);
void inputs_free(struct inputs *in);

/* A file that another file names (module, include, nested template, base, file()): read and parsed
 * once, also when discovery did not see it. Refuses paths outside `allowed_root` (absolute, real;
 * STR_NONE: anywhere) with DIAG_OUTSIDE_ROOT at `from`. Thread-safe. NULL after a diagnostic. */
struct input_file *inputs_open(struct inputs *in, str path, str allowed_root, span from, struct diag_list *diags);
/* Paths of the files in one directory (shown form), sorted; empty when it does not exist. A diagnostic when it
 * exists and cannot be read. Thread-safe. */
size_t inputs_list(str dir, struct arena *a, struct diag_list *diags, str **ret_paths, bool *ret_exists);

/* Claim of one document by its shape. */
enum input_claim input_claim_document(const struct document *d, str path);

#endif
