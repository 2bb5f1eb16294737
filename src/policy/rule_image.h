/* rule_image.h - rules as they are in the program: read and compiled when it was built (base/image.h).
 *
 * One image has what linting asks, another the prose that some reports print. Examples are read from the text of the
 * rule. */
#ifndef POLICY_RULE_IMAGE_H
#define POLICY_RULE_IMAGE_H

#include "base/image.h"
#include "policy/rule.h"

/* The rule, in the arena; texts point into the image. */
struct rule *rule_thaw(const struct image *image, struct arena *a);
/* Why, and the fixes. */
void rule_thaw_prose(struct rule *rule, const struct image *image, struct arena *a);
/* When the program is built, and in tests: of a document whose source has the id 0, for positions in an image are in no
 * file. False after diagnostics; then nothing is written. */
bool rule_freeze(const struct document *d, struct diag_list *diags, struct buf *out);
bool rule_freeze_prose(const struct document *d, struct diag_list *diags, struct buf *out);
/* For tests: the image of a rule that was thawed, which is the same. */
void rule_freeze_again(const struct rule *rule, struct buf *out);
void rule_freeze_prose_again(const struct rule *rule, struct buf *out);

/* The root of an image of prose. */
struct rule_prose {
    str why;
    const struct rule_fix *fix;
    size_t n_fixes;
};

/* Functions and the environment by number. */
const void *rule_import(uint32_t number);
uint32_t rule_import_number(const void *imported);

#endif
