/* value.h - what an attribute is worth, and where that came from.
 *
 * Values are immutable and live in an arena (the file-set lifetime). They are three-valued: besides
 * data there is *unknown* (with a reason) and *choice* (undecided between known alternatives).
 * Absent is not a value: an attribute that is not there has no entry (NULL pointer), and an
 * alternative that is absent (AWS::NoValue) is a NULL option.
 *
 * Nothing here knows a format: front ends make values, everything above reads them. */
#ifndef GRAPH_VALUE_H
#define GRAPH_VALUE_H

#include "base/buf.h"
#include "base/source.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_NUMBER,
    VALUE_STRING,
    VALUE_LIST,    /* lists, tuples and sets (VALUE_IS_SET) */
    VALUE_MAP,     /* maps and objects; entries keep the order of the source */
    VALUE_TEXT,    /* a string with holes: parts are VALUE_STRING, VALUE_UNKNOWN (often with a ref) or VALUE_CHOICE */
    VALUE_UNKNOWN, /* cannot be known statically; reason says why */
    VALUE_CHOICE,  /* depends on an undecided input */
};

enum value_flags {
    VALUE_IS_SET = 1 << 0,
    VALUE_SENSITIVE = 1 << 1,  /* never printed in clear */
    VALUE_DEFAULTED = 1 << 2,  /* not written anywhere: the provider's default, from the model */
    VALUE_IS_OBJECT = 1 << 3,  /* HCL object (not map): keys are attributes */
    VALUE_NONEMPTY = 1 << 4,   /* unknown, but certainly neither null nor empty (an ARN, an id) */
    VALUE_PARTIAL = 1 << 5,    /* list or map: more elements are possible (unknown for_each) */
    VALUE_IS_BLOCK = 1 << 6,   /* map that was written as a block; list of such */
    VALUE_JSON = 1 << 7,       /* map or list that was decoded from JSON text with known positions */
    VALUE_IN_CLEAR = 1 << 8,   /* unknown, but shown to whoever sees the deployment: a parameter without NoEcho */
    VALUE_IN_STORE = 1 << 9,   /* unknown, kept by a store of secrets */
    VALUE_NO_SECRET = 1 << 10, /* unknown, but certainly no secret: an account, a region, a number */
};

struct resource;

/* One step of where a value came from. The chain goes from the place of use (first) to the source
 * of the value (last): attribute -> local -> module argument -> variable default. */
struct origin {
    span at; /* the expression or scalar */
    uint32_t note_length;
    const char *note_text;    /* see origin_note */
    const struct origin *via; /* the next step towards the source; NULL at the end */
};

/* "default of var.encrypt", "local.tags", "module.db call"; may be empty. */
static inline str origin_note(const struct origin *o)
{
    return (str){o->note_text, o->note_length};
}

/* The value is (or was computed from) an attribute of another resource. */
struct ref {
    const struct resource *target; /* set when the graph is linked; NULL: not in the graph */
    str unit_key;                  /* name of the unit in which `address` is looked up; empty: its own */
    str address;                   /* as resource.address: "module.m.aws_kms_key.phi[0]", "Secret/ns/name" */
    str attribute;                 /* "arn", "id", "Arn"; empty: the resource itself */
    const struct ref *next;        /* more resources the value was computed from (templates, coalesce) */
};

/* An input that is not decided: a condition, a parameter with AllowedValues, a variable. Two values
 * with the same decider (pointer) change together. */
struct decider {
    str name;          /* "Environment", "IsProd", "var.encrypted" */
    const str *option; /* labels: "dev", "prod"; "true", "false" */
    size_t n_options;
    bool known;            /* the set of values is known: a fail in some is a fail "when ..."; else unknown */
    span at;               /* where the input is declared */
    size_t default_option; /* SIZE_MAX when there is none */
};

struct value_entry {
    str key;
    span key_at;
    const struct value *value;
};

struct value {
    uint8_t kind;                /* enum value_kind */
    uint16_t flags;              /* enum value_flags */
    uint32_t exact_length;       /* VALUE_NUMBER: see value_exact */
    const struct origin *origin; /* NULL: made up (defaults) */
    const struct ref *ref;       /* NULL for most */
    union {
        bool boolean;
        struct {
            double value;
            const char *exact;
        } number;
        str string;
        struct {
            const struct value **item;
            size_t n;
        } list; /* VALUE_LIST, VALUE_TEXT (parts) */
        struct {
            const struct value_entry *entry;
            size_t n;
        } map;
        str reason; /* VALUE_UNKNOWN: "var.x has no value", "known after apply: aws_kms_key.k.arn" */
        struct {
            const struct decider *by;
            const struct value **option; /* by->n_options of them; NULL: absent in that case */
        } choice;
    } u;
};

/* Of a VALUE_NUMBER: its decimal text when the double is not exact; else empty. */
static inline str value_exact(const struct value *v)
{
    return (str){v->u.number.exact, v->exact_length};
}
static inline void value_set_exact(struct value *v, str text)
{
    v->u.number.exact = text.p;
    v->exact_length = (uint32_t)text.n;
}

/* Constructors. Strings are borrowed (not copied). Flags, origin and ref of what is new may be set by whoever made it,
 * before others see it. */
struct value *value_null(struct arena *a, const struct origin *o);
struct value *value_bool(struct arena *a, bool b, const struct origin *o);
struct value *value_number(struct arena *a, double d, const struct origin *o);
struct value *value_string(struct arena *a, str s, const struct origin *o);
struct value *value_list(struct arena *a, const struct value **items, size_t n, const struct origin *o);
struct value *value_map(struct arena *a, const struct value_entry *entries, size_t n, const struct origin *o);
struct value *value_unknown(struct arena *a, str reason, const struct origin *o);
struct value *value_ref(struct arena *a, const struct ref *ref, str reason,
                        const struct origin *o); /* unknown, non-empty, with a ref */
/* Collapses to the single value when all options are equal (NULL when all are absent). An option that
 * is a choice of the same decider is replaced by what it chooses there. */
const struct value *value_choice(struct arena *a, const struct decider *by, const struct value **options,
                                 const struct origin *o);
/* Unknown because it would be a text over a limit: who makes it owes a diagnostic. */
const struct value *value_too_long(struct arena *a, const struct origin *o);
bool value_is_too_long(const struct value *v);
/* Joins adjacent strings; one string part gives a VALUE_STRING; merges refs of the parts. May be too long. */
const struct value *value_text(struct arena *a, const struct value **parts, size_t n, const struct origin *o);
/* A shallow copy to change flags, origin or ref of. */
struct value *value_copy(struct arena *a, const struct value *v);
const struct origin *origin_new(struct arena *a, span at, str note, const struct origin *via);
/* Where the value stands: the first step with a place; SPAN_NONE when made up. */
span value_span(const struct value *v);

/* Reading. All accept NULL. */
bool value_is(const struct value *v, enum value_kind kind);
bool value_is_known(const struct value *v); /* no unknown, text or choice anywhere inside */
str value_str(const struct value *v);       /* of VALUE_STRING; else STR_NONE */
const struct value *value_get(const struct value *map, str key);
const struct value_entry *value_get_entry(const struct value *map, str key);
/* Dotted path of map keys; a list on the way is entered when it has one element (a block). Through an
 * unknown, a choice, or past the known entries of a VALUE_PARTIAL map the answer is unknown. */
const struct value *value_path(const struct value *v, str path);
bool value_equal(const struct value *a, const struct value *b); /* structural; unknowns are equal to nothing */
/* Scalar coercions as providers do: "true" is true, "3" is 3, 3 is "3". False when not possible. */
bool value_to_bool(const struct value *v, bool *ret);
bool value_to_number(const struct value *v, double *ret);
bool value_to_text(const struct value *v, struct arena *a, str *ret);
const struct ref *value_find_ref(const struct value *v); /* v->ref, or the first inside a text/list of one */

/* Applies fn to each alternative of v (nested choices too, at most LIMIT_ALTERNATIVES leaves, else
 * unknown) and puts the results back into a choice of the same shape. Absent alternatives stay absent:
 * fn never sees NULL. Choices by one decider inside each other are decided once. */
typedef const struct value *value_map_fn(void *context, const struct value *alternative);
const struct value *value_lift(struct arena *a, const struct value *v, value_map_fn *fn, void *context);

/* JSON for graph, eval and messages: unknown as {"unknown": reason}, choice as {"choice": input,
 * "options": {label: value}}, text with holes as {"unknown": ..., "text": "arn:…${…}"}; sensitive
 * strings as {"sensitive": true}. */
enum value_json_flags { VALUE_JSON_PRETTY = 1, VALUE_JSON_REVEAL = 2 };
void value_to_json(const struct value *v, struct buf *out, int flags);
/* One line for a message, cut at max bytes: "AES256", 7, [..3 items..], unknown. */
void value_brief(const struct value *v, struct buf *out, size_t max);
/* "(variables.tf:12, default of var.encrypt)" chains are written by report/, from origin. */

#endif
