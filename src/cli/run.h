/* run.h - one pass through the layers: paths in, evaluated findings out. Shared by the commands that
 * read infrastructure (check, graph, query, explain, eval). */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "analysis/analysis.h"
#include "cli/config.h"
#include "cli/git.h"
#include "policy/baseline.h"
#include "policy/pack.h"

struct run {
    const struct options *options; /* those below, once run_configure has joined the configuration in */
    bool keeps_documents;          /* of the files, for edits; else they are freed once read; set before run_read */
    bool keeps_answers;            /* passes and unknown answers, until run_drop_answers; set before run_evaluate */
    bool wants_prose;              /* some report prints why and how to fix; set before run_open_pack */
    const struct run *from;        /* these are other texts of its files; NULL */
    struct options effective;
    struct config config;
    struct suppressions suppressions;
    struct baseline baseline;
    struct catalog catalog;
    str today;           /* YYYY-MM-DD */
    struct arena *arena; /* run lifetime */
    struct sources *sources;
    struct diag_list diags;
    struct diag_list directive_diags; /* of what was read of suppressions; joined in when they are wanted */
    struct frontend_options frontend;
    struct inputs *inputs;
    struct pack *pack;
    struct graph *graph;
    struct analysis *analysis;
    const struct ruleset *rules;
    struct findings findings;
    struct evaluation_summary summary;
    struct buf stdin_text;
    struct git_changes changes; /* --since */
};

void run_init(struct run *r, const struct options *o);
void run_release(struct run *r);

/* Each needs the one before. False: a usage, configuration or rule-pack error (already printed; exit 2). */
bool run_configure(struct run *r, const str *paths, size_t n); /* .hipaalint.yaml; may be left out */
bool run_open_pack(struct run *r, bool full);
bool run_read(struct run *r, const str *paths, size_t n); /* discovers (--since: asks git first), parses, loads */
void run_link(struct run *r);                             /* model, edges, analyses */
bool run_evaluate(struct run *r);
/* Of what was kept by keeps_answers, what no report lists. */
void run_drop_answers(struct run *r);
/* A run up to run_read that takes everything from another but the texts of some files (real path to str): configuration,
 * packs, and every file that is not named. `from` outlives it, is evaluated and kept its documents; `texts` outlive it, too.
 * Ask with run_ask, which is run_evaluate without a look at what is suppressed or in the baseline; run_accept adds that. */
void run_fork(struct run *r, const struct run *from, const struct map *texts);
bool run_ask(struct run *r);
void run_accept(struct run *r);
void run_read_suppressions(struct run *r); /* after run_read; fills suppressions and catalog */

/* Prints the diagnostics of rule and model files; false when there is an error among them. */
bool run_check_pack_diags(struct run *r);
bool run_is_incomplete(const struct run *r);
void run_print_diags(const struct run *r); /* on standard error, one a line */

/* A command whose answer is one text: `ask` writes it and returns the exit status; --output gets it, unless the command was
 * misused; what was not analysed is said on standard error. */
int run_answer(const struct options *o, int (*ask)(struct run *r, struct buf *out));

#endif
