/* iam_testing.h - what the tests of the IAM analyses share: policy values from JSON text. Included by tests only.
 *
 * In strings `<<x>>` is a reference to a resource (a solid hole), `<<?x>>` text that is not known. */
#ifndef ANALYSIS_IAM_TESTING_H
#define ANALYSIS_IAM_TESTING_H

#include "analysis/iam_facts.h"
#include "base/testing.h"
#include "syntax/json.h"

static inline const struct value *testing_hole(struct arena *a, str name)
{
    if (name.n && name.p[0] == '?')
        return value_unknown(a, name, NULL);
    struct ref *ref = ARENA_NEW(a, struct ref);
    size_t dot = str_find_char(name, '.');
    *ref = (struct ref){.address = str_slice(name, 0, dot),
                        .attribute = dot == SIZE_MAX ? STR("arn") : str_slice(name, dot + 1, name.n)};
    return value_ref(a, ref, name, NULL);
}

static inline const struct value *testing_text(struct arena *a, str s)
{
    const struct value *part[16];
    size_t n = 0, at;
    if (str_find(s, STR("<<")) == SIZE_MAX)
        return value_string(a, s, NULL);
    while ((at = str_find(s, STR("<<"))) != SIZE_MAX && n + 3 < ARRAY_LEN(part)) {
        if (at)
            part[n++] = value_string(a, str_slice(s, 0, at), NULL);
        s = str_slice(s, at + 2, s.n);
        at = str_find(s, STR(">>"));
        part[n++] = testing_hole(a, str_slice(s, 0, at));
        s = at == SIZE_MAX ? STR_NONE : str_slice(s, at + 2, s.n);
    }
    if (s.n)
        part[n++] = value_string(a, s, NULL);
    return n == 1 ? part[0] : value_text(a, arena_copy(a, part, n * sizeof(*part)), n, NULL);
}

static inline const struct value *testing_value(struct arena *a, const struct node *node)
{
    switch (node->kind) {
    case NODE_BOOL:
        return value_bool(a, node->u.boolean, NULL);
    case NODE_NUMBER:
        return value_number(a, node->u.number.value, NULL);
    case NODE_STRING:
        return testing_text(a, node->u.string);
    case NODE_LIST: {
        const struct value **item = ARENA_ARRAY(a, const struct value *, node->u.list.n + 1);
        for (size_t i = 0; i < node->u.list.n; i++)
            item[i] = testing_value(a, node->u.list.item[i]);
        return value_list(a, item, node->u.list.n, NULL);
    }
    case NODE_MAP: {
        struct value_entry *entry = ARENA_ARRAY(a, struct value_entry, node->u.map.n + 1);
        for (size_t i = 0; i < node->u.map.n; i++)
            entry[i] = (struct value_entry){.key = node_string(node->u.map.entry[i].key),
                                            .value = testing_value(a, node->u.map.entry[i].value)};
        return value_map(a, entry, node->u.map.n, NULL);
    }
    default:
        return value_null(a, NULL);
    }
}

static inline const struct value *testing_json(struct arena *a, str text)
{
    const struct node *node = json_read_embedded(text, 0, 0, false, SPAN_NONE, a, NULL);
    assert_non_null(node);
    return testing_value(a, node);
}

static inline str testing_file(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot read %s", path);
    struct buf b;
    char chunk[4096];
    buf_init(&b, LIMIT_FILE_BYTES);
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
        buf_add(&b, (str){chunk, n});
    fclose(f);
    str text = buf_copy(&b, a);
    buf_release(&b);
    return text;
}

static inline const struct iam_facts *testing_facts(struct arena *a)
{
    return iam_facts_new(a, testing_file(a, "rules/data/iam-actions.txt"),
                         testing_file(a, "rules/data/iam-managed.txt"));
}

#endif
