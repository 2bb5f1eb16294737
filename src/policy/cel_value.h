/* cel_value.h - what a CEL expression is worth: small values, passed by value.
 *
 * Values of the graph are seen through views: a list or map of the graph is not copied, its members
 * are converted when they are read. Such values are CEL_LAX: see cel.h for what is easier with them.
 * Everything that a value points to lives in the arena of the evaluation, in the program, or in
 * the graph. */
#ifndef POLICY_CEL_VALUE_H
#define POLICY_CEL_VALUE_H

#include "graph/resource.h"

struct cel_context;

enum cel_kind {
    CEL_NULL,
    CEL_BOOL,
    CEL_INT,
    CEL_UINT,
    CEL_DOUBLE,
    CEL_STRING,
    CEL_BYTES,
    CEL_LIST,
    CEL_MAP,
    CEL_TYPE,
    CEL_TIMESTAMP,
    CEL_DURATION,
    CEL_OPTIONAL,
    CEL_RESOURCE, /* fields through cel_host */
    CEL_UNKNOWN,
    CEL_ERROR,
};

enum cel_value_flags {
    CEL_LAX = 1 << 0,     /* from the graph: absent members are null, null acts as empty and false */
    CEL_PARTIAL = 1 << 1, /* list or map: more elements are possible */
};

struct cel_list {
    const struct cel_value *item;
    size_t n;
};

struct cel_map; /* made by cel_map_new */

struct cel_value {
    uint8_t kind;             /* enum cel_kind */
    uint8_t flags;            /* enum cel_value_flags */
    uint32_t owner;           /* id + 1 of the resource it was read from; 0 for others */
    const struct value *from; /* the value of the graph that it was made from; NULL for others */
    union {
        bool boolean;
        int64_t i;
        uint64_t u;
        double d;
        str text;                      /* string, bytes, name of a type, message of an error, reason of an unknown */
        const struct cel_list *list;   /* NULL: a view of `from` */
        const struct cel_map *map;     /* NULL: a view of `from` */
        const struct cel_value *inner; /* optional; NULL: none */
        const struct resource *resource;
        struct {
            int64_t seconds; /* since 1970, or of the duration */
            int32_t nanos;   /* 0..999999999; of a duration: the sign of seconds */
        } time;
    } u;
};

_Static_assert(sizeof(struct cel_value) <= 32, "a cel_value is passed by value");

struct cel_value cel_null(void);
struct cel_value cel_bool(bool b);
struct cel_value cel_int(int64_t i);
struct cel_value cel_uint(uint64_t u);
struct cel_value cel_double(double d);
struct cel_value cel_string(str s); /* borrowed */
struct cel_value cel_bytes(str s);
struct cel_value cel_type(str name);
struct cel_value cel_list(struct cel_context *c, const struct cel_value *item, size_t n); /* items borrowed */
struct cel_value cel_optional(struct cel_context *c, const struct cel_value *inner);      /* copied; NULL: none */
struct cel_value cel_resource(const struct resource *r);
struct cel_value cel_unknown(str reason);
struct cel_value cel_error(struct cel_context *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct cel_value cel_lax_null(void); /* an attribute that is not there */
/* "no such overload: NAME(int, string)". */
struct cel_value cel_no_overload(struct cel_context *c, const char *name, const struct cel_value *arg, size_t n);
/* A view of a value of the graph; NULL is an absent attribute. A choice is looked up in the world
 * of the evaluation; when nothing there decides it, the result is unknown and the decider wanted. */
struct cel_value cel_from_graph(struct cel_context *c, const struct value *v, uint32_t owner);

bool cel_is_lax_null(const struct cel_value *v);
bool cel_is_number(const struct cel_value *v);
str cel_type_name(const struct cel_value *v);

/* Lists. A partial list has the elements that are certain. */
size_t cel_list_size(const struct cel_value *list);
struct cel_value cel_list_at(struct cel_context *c, const struct cel_value *list, size_t i);
/* A view whose members are choices becomes a list without those that are absent in this world; call
 * it before counting or walking. Other values are returned as they are. */
struct cel_value cel_settle(struct cel_context *c, struct cel_value v);

/* Maps. Keys are int, uint, bool or string; numerically equal keys are the same. */
struct cel_map_entry {
    struct cel_value key, value;
};
/* Takes over `entry` (in the arena). A key that repeats, or has another type, gives an error. */
struct cel_value cel_map_new(struct cel_context *c, const struct cel_map_entry *entry, size_t n);
size_t cel_map_size(const struct cel_value *map);
struct cel_map_entry cel_map_at(struct cel_context *c, const struct cel_value *map, size_t i);
/* False when the key is not there; see CEL_PARTIAL for what that means. */
bool cel_map_find(struct cel_context *c, const struct cel_value *map, const struct cel_value *key,
                  struct cel_value *ret);

enum cel_truth { CEL_NO, CEL_YES, CEL_MAYBE, CEL_WRONG /* an error, or no bool */ };
/* Equality as CEL has it: never an error, numbers across types. An unknown with known text around
 * it is unequal to what cannot match; other unknowns are CEL_MAYBE. */
enum cel_truth cel_equal(struct cel_context *c, const struct cel_value *a, const struct cel_value *b);
/* False where the two have no order. *ret_order: <0, 0, >0; 2 when a NaN takes part. */
bool cel_compare(const struct cel_value *a, const struct cel_value *b, int *ret_order);
/* What an answer means as a condition: an absent attribute is CEL_NO. */
enum cel_truth cel_truth(const struct cel_value *v);
/* The first unknown in v, elements included, or NULL; partial lists and maps count as unknown. */
bool cel_find_unknown(struct cel_context *c, const struct cel_value *v, struct cel_value *ret);

/* What is computed from an unknown: unknown for the same reason, with nothing certain about it. */
struct cel_value cel_unknown_derived(struct cel_value unknown);

/* What is certain of an unknown that has known text in it ("arn:aws:s3:::${…}"). */
enum cel_truth cel_text_starts(const struct cel_value *unknown, str prefix);
enum cel_truth cel_text_ends(const struct cel_value *unknown, str suffix);
enum cel_truth cel_text_contains(const struct cel_value *unknown, str needle);
/* Certainly neither null nor empty. */
bool cel_unknown_is_something(const struct cel_value *unknown);

/* JSON, as `eval --cel` prints it: bytes {"bytes": base64}, NaN and infinities as strings, types as
 * their name, none as null, unknown as {"unknown": reason}. Keys become strings. */
void cel_value_json(struct cel_context *c, const struct cel_value *v, struct buf *out);
/* One line for `explain` and messages, cut at max bytes. */
void cel_value_brief(struct cel_context *c, const struct cel_value *v, struct buf *out, size_t max);

#endif
