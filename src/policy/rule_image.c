#include "policy/rule_image.h"

#include <assert.h>

#include "policy/environment.h"

/* Number 0 is the environment; a function has its table's number, from 1, and its place there. */

enum { TABLE_SHIFT = 16 };

const void *rule_import(uint32_t number)
{
    if (number == 0)
        return environment_get();
    return &cel_table_at(environment_get(), (number >> TABLE_SHIFT) - 1)->at[number & ((1u << TABLE_SHIFT) - 1)];
}

uint32_t rule_import_number(const void *imported)
{
    const struct cel_function_table *table;
    for (size_t t = 0; (table = cel_table_at(environment_get(), t)) != NULL; t++)
        for (size_t i = 0; i < table->n; i++)
            if (&table->at[i] == imported)
                return (uint32_t)((t + 1) << TABLE_SHIFT | i);
    assert(imported == environment_get());
    return 0;
}

struct rule *rule_thaw(const struct image *image, struct arena *a)
{
    return (struct rule *)image_thaw(image, rule_import, a);
}

void rule_thaw_prose(struct rule *rule, const struct image *image, struct arena *a)
{
    const struct rule_prose *prose = image_thaw(image, NULL, a);
    rule->why = prose->why;
    rule->fix = prose->fix;
    rule->n_fixes = prose->n_fixes;
}
