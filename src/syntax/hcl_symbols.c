#include <pthread.h>

#include "syntax/hcl.h"
#include "syntax/hcl_internal.h"

const TSLanguage *tree_sitter_hcl(void);

uint8_t hcl_kinds[256];
static const TSLanguage *language;

static bool version_usable(uint32_t version)
{
    return version >= TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION && version <= TREE_SITTER_LANGUAGE_VERSION;
}

static enum hcl_kind kind_named(const char *name)
{
#define X(kind, text) text,
    static const char *const names[] = {HCL_KINDS(X)};
#undef X

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return (enum hcl_kind)(i + 1);
    return HCL_OTHER;
}

static void load(void)
{
    const TSLanguage *l = tree_sitter_hcl();
    TSParser *p;
    uint32_t n = ts_language_symbol_count(l);

    hcl_memory_use();
    if (!version_usable(ts_language_version(l)) || n > ARRAY_LEN(hcl_kinds))
        return;
    for (uint32_t i = 0; i < n; i++)
        hcl_kinds[i] = (uint8_t)kind_named(ts_language_symbol_name(l, (TSSymbol)i));
    p = ts_parser_new();
    if (ts_parser_set_language(p, l))
        language = l;
    ts_parser_delete(p);
}

const TSLanguage *hcl_language(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, load);
    return language;
}

/* Of the versions only: reading the names of all symbols is for those who parse. */
bool hcl_grammar_usable(str *ret_message)
{
    if (version_usable(ts_language_version(tree_sitter_hcl())))
        return true;
    *ret_message = STR("the tree-sitter library that is installed cannot load the HCL grammar: it has another ABI");
    return false;
}
