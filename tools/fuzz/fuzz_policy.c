/* A policy document in JSON: the normal form, the questions that rules ask of it, and that their answers
 * agree with each other. In strings <<x>> is a reference, <<?x>> text that is not known. */
#include "analysis/iam_match.h"
#include "analysis/iam_statements.h"
#include "fuzz.h"
#include "policy/pack.h"
#include "syntax/json.h"

static const struct value *hole(struct arena *a, str name)
{
    if (str_starts(name, STR("?")))
        return value_unknown(a, name, NULL);
    struct ref *ref = ARENA_NEW(a, struct ref);
    *ref = (struct ref){.address = name, .attribute = STR("arn")};
    return value_ref(a, ref, name, NULL);
}

static const struct value *text_of(struct arena *a, str s)
{
    const struct value *part[16];
    size_t n = 0, at;
    while ((at = str_find(s, STR("<<"))) != SIZE_MAX && n + 3 < ARRAY_LEN(part)) {
        part[n++] = value_string(a, str_slice(s, 0, at), NULL);
        s = str_slice(s, at + 2, s.n);
        at = str_find(s, STR(">>"));
        part[n++] = hole(a, str_slice(s, 0, at == SIZE_MAX ? s.n : at));
        s = at == SIZE_MAX ? STR_NONE : str_slice(s, at + 2, s.n);
    }
    part[n++] = value_string(a, s, NULL);
    return value_text(a, arena_copy(a, part, n * sizeof(*part)), n, NULL);
}

static const struct value *value_of(struct arena *a, const struct node *n)
{
    switch (n->kind) {
    case NODE_BOOL:
        return value_bool(a, n->u.boolean, NULL);
    case NODE_NUMBER:
        return value_number(a, n->u.number.value, NULL);
    case NODE_STRING:
        return text_of(a, n->u.string);
    case NODE_LIST: {
        const struct value **item = ARENA_ARRAY(a, const struct value *, n->u.list.n + 1);
        for (size_t i = 0; i < n->u.list.n; i++)
            item[i] = value_of(a, n->u.list.item[i]);
        return value_list(a, item, n->u.list.n, NULL);
    }
    case NODE_MAP: {
        struct value_entry *entry = ARENA_ARRAY(a, struct value_entry, n->u.map.n + 1);
        for (size_t i = 0; i < n->u.map.n; i++)
            entry[i] = (struct value_entry){.key = node_string(n->u.map.entry[i].key),
                                            .value = value_of(a, n->u.map.entry[i].value)};
        return value_map(a, entry, n->u.map.n, NULL);
    }
    default:
        return value_null(a, NULL);
    }
}

static void ask(struct arena *a, const struct iam_facts *facts, const struct iam_policy *p)
{
    static const char *const actions[] = {"*", "s3:*", "s3:GetObject", "iam:Pass?ole"};
    static const char *const resources[] = {"*", "arn:aws:s3:::phi/*", "arn:aws:s3:::phi/a"};
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        for (size_t k = 0; k < ARRAY_LEN(resources); k++) {
            struct iam_query q = iam_query_of(a, str_of(actions[i]), str_of(resources[k]));
            enum iam_answer all = iam_allows(p, &q);
            iam_denies(p, &q);
            q.some = true;
            enum iam_answer some = iam_allows(p, &q);
            /* Who may do everything may do something. */
            if (all == IAM_YES && some == IAM_NO)
                abort();
        }
    struct iam_pattern everything = iam_pattern_text(a, STR("*"), IAM_FOLD_CASE);
    iam_allows_public(p, &everything);
    iam_denies_insecure_transport(a, p, STR("s3"));
    iam_requires_tls(p, 1.2);
    iam_guards_confused_deputy(p);
    iam_guards_accounts(p);
    for (int what = IAM_WILDCARD_ACTIONS; what <= IAM_BROAD_ACTIONS; what++) {
        struct iam_offence_query q = {.what = (enum iam_offence)what,
                                      .facts = facts,
                                      .levels = ~0u,
                                      .resource = iam_pattern_text(a, STR("*"), 0)};
        iam_offenders(a, p, &q);
    }
    const struct value *list = iam_statement_list(a, p);
    struct buf out;
    buf_init(&out, 1u << 20);
    value_to_json(list, &out, VALUE_JSON_REVEAL);
    buf_release(&out);
    /* The list is a policy again, with as many statements. */
    const struct iam_policy *again = iam_policy_read(a, facts, list);
    if (value_is(list, VALUE_LIST) && !p->partial && !p->missing_policies && again->n != p->n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *kept;
    static const struct iam_facts *facts;
    if (!facts) {
        kept = arena_new();
        facts = iam_facts_new(kept, pack_file("data/iam-actions.txt"), pack_file("data/iam-managed.txt"));
    }
    struct fuzz_input f;
    fuzz_open(&f, data, size, "policy.json");
    const struct node *root = json_read(f.source, f.arena, &f.diags).root;
    if (root)
        ask(f.arena, facts, iam_policy_read(f.arena, facts, value_of(f.arena, root)));
    fuzz_close(&f);
    return 0;
}
