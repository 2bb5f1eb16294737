/* options.h - the command line as a table: parsing, --help, completions and the man page's synopsis
 * are all made from it. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/arena.h"
#include "frontend/frontend.h"
#include "policy/severity.h"

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct str_list {
    str *at;
    size_t n, cap;
};

struct assignment_list {
    struct assignment *at;
    size_t n, cap;
};

struct options {
    struct arena *arena;
    const struct command *command;
    struct str_list operands;
    struct str_list formats; /* NAME or NAME=FILE */
    struct str_list rules;   /* --rules DIR */
    struct str_list only, skip, exclude;
    struct assignment_list vars, parameters;
    struct str_list var_files, parameter_files;
    str profile;
    enum severity fail_on;
    bool strict, exit_zero, allow_empty, assume_defaults, no_gitignore, no_builtin_rules;
    bool quiet, verbose;
    enum when color;
    str config, baseline, since, today, stdin_path, workspace, output;
    str category;
    bool no_config, foreign_suppressions;
    bool dry_run, diff;        /* fix */
    struct str_list fix_rules; /* fix --rule */
    bool sarif_suppressed, junit_passes, junit_locations, fixes;
    str shard;        /* I/N */
    bool empty_shard; /* it has none of the paths */
    uint64_t jobs, timeout, max_memory;
    str directory;     /* eval -C */
    str template_file; /* eval --template */
    str cel, bindings; /* eval --cel, --bindings */
    str resource;      /* explain --resource */
    str framework;     /* controls --framework */
    bool show_help, show_version;
    bool summary;   /* append to $GITHUB_STEP_SUMMARY */
    uint64_t given; /* bits: options of the command line, by index in option_table */
};

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_LIST,       /* repeatable */
    OPTION_ASSIGNMENT, /* K=V, repeatable */
    OPTION_NUMBER,
    OPTION_SIZE, /* 512M, 2G */
    OPTION_WHEN,
    OPTION_SEVERITY,
};

enum option_group {
    OPTIONS_CHECK = 1,
    OPTIONS_INPUT = 2,
    OPTIONS_RULES = 4,
    OPTIONS_EVAL = 8,
    OPTIONS_EXPLAIN = 16,
    OPTIONS_CONTROLS = 32,
    OPTIONS_FIX = 64,
    OPTIONS_ANY = 127
};

struct option_spec {
    const char *name; /* long, without -- */
    char letter;      /* 0: none */
    enum option_kind kind;
    size_t offset;        /* in struct options */
    const char *argument; /* "FILE"; NULL for flags */
    unsigned groups;      /* commands that it belongs to, for --help */
    const char *help;
};

extern const struct option_spec option_table[]; /* ends with name NULL */

/* Fills `o` from the command line. False after one line on standard error (exit 2). */
bool options_parse(struct options *o, int argc, char **argv);
/* --shard: leaves that part of the operands. False after a usage error. */
bool options_take_shard(struct options *o);
/* Was the option on the command line? */
bool options_is_given(const struct options *o, const char *name);
void options_print_help(void);

#endif
