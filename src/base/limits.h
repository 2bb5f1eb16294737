/* limits.h - every cap that the program has, in one place, each with its reason.
 *
 * A limit that is hit is always a diagnostic (never silence) and makes the run incomplete (exit 3).
 * `hipaalint limits` prints this table: add a limit here and to LIMITS_TABLE. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/*       name                     value        unit           reason */
#define LIMITS_TABLE(X)                                                                                                \
    X(LIMIT_FILE_BYTES, 256u << 20, "bytes",                                                                           \
      "spans hold 32-bit offsets and a template of more is a mistake; the largest in use is 50 MB")                    \
    X(LIMIT_FILES, 2000000u, "files", "a monorepo has under a million; more is a mount point")                         \
    X(LIMIT_DEPTH, 500u, "levels", "readers and evaluators recurse; real documents stay under 40 levels")              \
    X(LIMIT_DIR_DEPTH, 128u, "directories", "a path of 4,096 bytes; stops loops of bind mounts")                       \
    X(LIMIT_PATH_BYTES, 4096u, "bytes", "PATH_MAX on Linux")                                                           \
    X(LIMIT_NODES, 1250000u, "nodes",                                                                                  \
      "of one file: 10 MB of the densest text; with more it would take over 5 seconds and 512 MB")                     \
    X(LIMIT_HCL_ITEM_BYTES, 8u << 20, "bytes",                                                                         \
      "one argument or block of a Terraform file: what tree-sitter makes of it takes fifty times as much")             \
    X(LIMIT_ALIAS_NODES, 1000000u, "nodes",                                                                            \
      "YAML aliases are expanded; ten nested ninefold aliases would be 3.5 thousand million nodes")                    \
    X(LIMIT_FILE_DIAGNOSTICS, 100u, "diagnostics", "one broken file must not bury the others")                         \
    X(LIMIT_EVAL_STEPS, 20000000u, "steps",                                                                            \
      "all expressions of one Terraform root, besides one for each byte: 300 MB; a real root takes under a million")   \
    X(LIMIT_TEMPLATE_STEPS, 2000000u, "steps",                                                                         \
      "evaluating a template with its nested stacks, besides one for each of its bytes; memory")                       \
    X(LIMIT_COLLECTION, 100000u, "elements", "range(), for_each and the like; memory")                                 \
    X(LIMIT_STRING_BYTES, 16u << 20, "bytes", "results of string functions and templates")                             \
    X(LIMIT_INSTANCES, 10000u, "instances",                                                                            \
      "copies of one resource by count, for_each or Fn::ForEach; more are folded to one")                              \
    X(LIMIT_MODULE_DEPTH, 32u, "levels", "Terraform modules or nested stacks inside each other")                       \
    X(LIMIT_MODULE_CALLS, 20000u, "calls", "module instances of one root")                                             \
    X(LIMIT_RESOURCE_VALUES, 1000000u, "values",                                                                       \
      "in one resource, shared ones counted each time; a large one has a few thousand")                                \
    X(LIMIT_MODEL_PROPERTIES, 20000u, "properties",                                                                    \
      "of one type in the model, those of definitions counted each time")                                              \
    X(LIMIT_ALTERNATIVES, 32u, "alternatives", "of one undecided value; more is unknown")                              \
    X(LIMIT_WORLDS, 64u, "worlds", "combinations of undecided inputs that one rule looks at for one resource")         \
    X(LIMIT_NEIGHBOURS, 16u, "neighbours",                                                                             \
      "units that one unit is joined with; of more, none counts as deployed beside it")                                \
    X(LIMIT_CEL_DEPTH, 200u, "levels", "nesting of a rule's condition")                                                \
    X(LIMIT_CEL_COST, 5000000u, "steps", "one evaluation of a rule's condition")                                       \
    X(LIMIT_REGEX_MATCH, 100000u, "steps", "PCRE2 match limit: stops catastrophic backtracking")                       \
    X(LIMIT_REGEX_DEPTH, 50000u, "levels", "PCRE2 depth limit")                                                        \
    X(LIMIT_REGEX_HEAP_KB, 4096u, "KiB", "PCRE2 heap limit")                                                           \
    X(LIMIT_FINDINGS, 2000000u, "findings",                                                                            \
      "kept for the report, about 600 bytes each: two for each resource of a million; the others are counted")         \
    X(LIMIT_SELECTIONS, 2000000u, "pairs",                                                                             \
      "of a label selector and a pod that it may select; a cluster has thousands of pods")                             \
    X(LIMIT_FIX_RESOURCES, 20000u, "resources",                                                                        \
      "with more, reports have no fixes: each is tried by linting again; hipaalint fix has no such limit")             \
    X(LIMIT_THREADS, 64u, "threads", "beyond that the disk is the limit")                                              \
    X(LIMIT_SNIPPET_BYTES, 400u, "bytes", "a line of source shown in a report")

#define X(name, value, unit, reason) name = (value),
enum limits { LIMITS_TABLE(X) LIMITS_END_ };
#undef X

#endif
