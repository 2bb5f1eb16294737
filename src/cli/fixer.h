/* fixer.h - which mechanical fixes can be made: proposed (fix/fix.h), tried in memory, kept when the rule passes then and
 * nothing else is worse. Used by `hipaalint fix`, which applies them, and by the reports, which print them. */
#ifndef CLI_FIXER_H
#define CLI_FIXER_H

#include "base/vec.h"
#include "cli/trial.h"
#include "fix/fix.h"

/* What became of a finding. */
struct fixer_item {
    uint64_t fingerprint;
    str rule, name, message, path; /* path as in reports */
    uint32_t line, column;
    size_t next;             /* of the proposals: those before it were no good */
    const struct edit *edit; /* made: of files by their index in `file`, not their source id */
    size_t n_edits;
    bool fixed, declined;
    bool waits; /* it spoiled a trial, and has another try when there is nothing else to try */
    str reason; /* declined: why */
};

struct fixer_file {
    str real, path;
    str before, now; /* texts, without BOM */
};

struct fixer {
    const struct options *options;
    struct arena *arena;
    const struct run *root;         /* a run over the files as they are */
    struct map texts;               /* what files hold by now: real path to str */
    struct map memory;              /* fingerprint, to struct fixer_item */
    struct map readable;            /* real path: may the file be changed byte by byte? */
    struct map file_index;          /* real path, to its index in `files` + 1 */
    VEC(struct fixer_item *) items; /* findings whose fix is mechanical, in order */
    VEC(struct fixer_file) files;   /* that are changed */
    size_t left;                    /* other findings: not mechanical, or not asked for */
    size_t trials;                  /* lints that were made */
    bool apply;                     /* each round works on what the one before made */
    bool incomplete;                /* the lint of the files as they are was, or one of what was made of them */
};

enum fixer_status { FIXER_DONE, FIXER_ERROR };

void fixer_init(struct fixer *x, const struct options *o, bool apply);
void fixer_release(struct fixer *x);
/* Lints, then again and again in memory. */
enum fixer_status fixer_run(struct fixer *x);
/* Gives the findings of a run that ended, with documents and answers kept, the edits of their fixes, for reports. Lints
 * again a few times, in memory. */
void fixer_attach(struct run *r);
/* Is the finding one that a fixer takes up? */
bool fixer_wants(const struct options *o, const struct graph *g, const struct finding *f);

#endif
