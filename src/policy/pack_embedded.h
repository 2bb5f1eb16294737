/* pack_embedded.h - the tables that tools/embed.c writes into build/pack.c.
 *
 * All texts lie in one blob, pack_data; the tables hold offsets into it, so that nothing is relocated when
 * the program starts. Models and rules are one compact JSON text a document; a rule stands there twice:
 * `core` (what linting needs) and `full` (with prose and examples). Names end in NUL and are sorted
 * bytewise for binary search; one name may lead to several items (adjacent). */
#ifndef POLICY_PACK_EMBEDDED_H
#define POLICY_PACK_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

struct pack_text {
    uint32_t path; /* of the name of the file below rules/: "model/s3.yaml" */
    uint32_t offset, size;
};

struct pack_name {
    uint32_t name;
    uint32_t item;
};

extern const char pack_data[];
extern const struct pack_text pack_models[];
extern const size_t pack_models_n;
extern const struct pack_name pack_model_names[]; /* types and kinds -> pack_models */
extern const size_t pack_model_names_n;
extern const struct pack_text pack_rules_core[];
extern const struct pack_text pack_rules_full[]; /* same order */
extern const size_t pack_rules_core_n;
extern const struct pack_name pack_rule_kinds[]; /* kinds of `resource` and `absent_when` -> rules */
extern const size_t pack_rule_kinds_n;
extern const struct pack_text pack_files[]; /* everything else, as it is (YAML as JSON) */
extern const size_t pack_files_n;

#endif
