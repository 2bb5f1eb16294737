/* iam_pattern.h - texts of policy documents that are compared: actions, ARNs, principals, condition
 * values. With IAM's wildcards, and with holes where the text is not known.
 *
 * A hole is *solid* when it certainly has no wildcard in it and is not empty: an attribute of another
 * resource, a pseudo parameter, a policy variable such as ${aws:username}. Two solid holes with the same
 * source are the same text. Other holes are *open*: they may be anything, "*" included. */
#ifndef ANALYSIS_IAM_PATTERN_H
#define ANALYSIS_IAM_PATTERN_H

#include "graph/value.h"

enum iam_answer { IAM_NO, IAM_YES, IAM_MAYBE };

struct iam_pattern {
    str text;                  /* holes left out; for messages and for matching when there are none */
    const uint64_t *token;     /* NULL: no holes and no `?` */
    const struct value *value; /* where it stands; NULL: made up */
    uint32_t n_tokens;
    bool wild;        /* has `*` or `?` */
    bool holes, open; /* has holes; has open ones */
};

enum iam_pattern_flags {
    IAM_FOLD_CASE = 1, /* actions */
    IAM_VARIABLES = 2, /* ${aws:username} is a policy variable (version 2012-10-17) */
    IAM_PLAIN = 4,     /* `*` and `?` are nothing special: exact condition operators */
};

struct iam_pattern iam_pattern_of(struct arena *a, const struct value *v, unsigned flags);

/* What policy variables are worth in a request. `find` sets *ret_text when the key has one known value and returns
 * IAM_YES; IAM_NO: the key is not in the request; IAM_MAYBE: that is not known. */
struct iam_variables {
    enum iam_answer (*find)(const void *context, str key, str *ret_text);
    const void *context;
};
/* The same with the variables put in: their wildcards are plain characters, and a pattern with one that is not in the
 * request, and has no default, matches nothing. */
struct iam_pattern iam_pattern_in(struct arena *a, const struct value *v, unsigned flags,
                                  const struct iam_variables *variables);
struct iam_pattern iam_pattern_text(struct arena *a, str text, unsigned flags);

/* Does every text that `b` matches also match `a`? */
enum iam_answer iam_covers(const struct iam_pattern *a, const struct iam_pattern *b);
/* Is there a text that both match? */
enum iam_answer iam_overlaps(const struct iam_pattern *a, const struct iam_pattern *b);
/* Nothing but stars: "*". IAM_MAYBE for an open hole. */
enum iam_answer iam_is_everything(const struct iam_pattern *p);

enum iam_answer iam_and(enum iam_answer a, enum iam_answer b);
enum iam_answer iam_or(enum iam_answer a, enum iam_answer b);
enum iam_answer iam_not(enum iam_answer a);

#endif
