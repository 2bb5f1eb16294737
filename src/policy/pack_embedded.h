/* pack_embedded.h - the tables that tools/embed.c writes into build/pack.c.
 *
 * Everything lies in one blob, pack_data; the tables hold offsets into it, so that nothing is relocated when
 * the program starts. Models, rules and other YAML stand there as images (base/image.h), which is what a run uses, and
 * behind all of these as compact JSON, one text a document: for commands that show or test rules, and for positions of
 * messages. Names end in NUL and are sorted bytewise for binary search; one name may lead to several items (adjacent). */
#ifndef POLICY_PACK_EMBEDDED_H
#define POLICY_PACK_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

struct pack_item {
    uint32_t path; /* of the name of the file below rules/: "model/s3.yaml" */
    uint32_t text, size;
    uint32_t image; /* of the model, the rule, or the tree of a YAML file */
    uint32_t prose; /* the image of a rule's */
};

struct pack_name {
    uint32_t name;
    uint32_t item;
};

extern const char pack_data[];
extern const struct pack_item pack_models[];
extern const size_t pack_models_n;
extern const struct pack_name pack_model_names[]; /* types and kinds -> pack_models */
extern const size_t pack_model_names_n;
extern const struct pack_item pack_builtin[]; /* rules */
extern const size_t pack_builtin_n;
extern const struct pack_name pack_rule_kinds[]; /* kinds of `resource` and `absent_when` -> pack_builtin */
extern const size_t pack_rule_kinds_n;
extern const struct pack_item pack_files[]; /* everything else, as it is (YAML as JSON) */
extern const size_t pack_files_n;

#endif
