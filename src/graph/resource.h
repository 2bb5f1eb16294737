/* resource.h - one thing that a repository would create, as written (raw) and normalised.
 *
 * Made by front ends through graph_builder, completed by the model when the graph is linked,
 * read-only afterwards. Lives in the graph's arenas. */
#ifndef GRAPH_RESOURCE_H
#define GRAPH_RESOURCE_H

#include "base/intern.h"
#include "graph/value.h"

enum presence {
    PRESENT,
    PRESENCE_UNKNOWN, /* count or condition cannot be known */
    PRESENCE_CHOICE,  /* exists in some alternatives: resource.exists tells */
};

/* A call on the way to the resource: module "db" (main.tf:10), nested stack, kustomization. */
struct call_site {
    span at;
    str name; /* "module.db" */
    const struct call_site *outer;
};

struct edge {
    struct resource *to;
    str attribute;             /* normalised path that holds the reference: "kms_key_id" */
    str target_attribute;      /* "arn" */
    const struct value *value; /* the value that refers */
};

/* A companion that was joined to the resource, or the base/patch that wrote a part of it. */
struct resource {
    uint32_t id;   /* index in the graph; in order of unit, then source */
    uint32_t unit; /* index of struct unit */
    str address;   /* "aws_s3_bucket.phi[0]", "module.x.aws_kms_key.k", "PhiBucket", "ns/Deployment/api" */
    str name;      /* what the author calls it: "phi", "PhiBucket", "api" */
    sym type;      /* as written: "aws_s3_bucket", "AWS::S3::Bucket", "apps/v1/Deployment" */
    sym kind;      /* normalised: "aws.s3.bucket"; 0: not modelled */
    span at;       /* the whole block */
    span header;   /* what to underline when the resource as such is meant */
    const struct call_site *call; /* NULL at top level */
    str instance;                 /* "[0]", "[\"a\"]"; empty when single */
    str display_path;             /* logical location: aws:cdk:path, Helm `# Source:`; may be empty */
    bool is_data;                 /* looked up, not created */
    bool incomplete;              /* a syntax error inside its block: missing attributes are unknown */
    bool open;                    /* symbolic instance of an unknown count/for_each */
    enum presence presence;
    const struct value *exists; /* PRESENCE_CHOICE: a VALUE_CHOICE of bools */
    str region_key;             /* provider alias / region scope, for account-wide facts; may be empty */

    const struct value *raw;        /* VALUE_MAP as the front end saw it */
    const struct value *attributes; /* VALUE_MAP, normalised (folded names, companions, defaults) */
    const struct value *metadata;   /* format's own: lifecycle, DeletionPolicy, annotations of tools */

    const struct edge *edge;       /* outgoing, after linking */
    const struct edge *back_edge;  /* incoming: `to` is the resource that refers to this one */
    struct resource *companion_of; /* NULL; the resource into which this one was merged */
    struct resource **companion;   /* those merged into this one */
    const struct value *facts;     /* VALUE_MAP from src/analysis, NULL until then */
    const struct edge *reach;      /* whom it becomes and what it may read, as src/analysis found; no references */
    uint32_t n_edges, n_back_edges, n_companions, n_reach;
};

#endif
