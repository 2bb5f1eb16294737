#include "analysis/place.h"

str place_in(struct analysis *a, const struct resource *r, str namespace)
{
    return arena_printf(a->arena, "%u/" STR_FMT, (unsigned)r->unit, STR_ARG(namespace.n ? namespace : STR("default")));
}

str place_of(struct analysis *a, const struct resource *r)
{
    const struct value *v = value_get(r->attributes, STR("namespace"));
    if (!v || v->kind == VALUE_NULL)
        return place_in(a, r, STR_NONE);
    if (v->kind == VALUE_STRING)
        return place_in(a, r, v->u.string);
    const struct ref *ref = value_find_ref(v);
    if (!ref || !ref->target || v->kind == VALUE_CHOICE)
        return STR_NONE;
    str name = value_str(value_get(ref->target->attributes, STR("name")));
    if (name.n)
        return place_in(a, r, name);
    return arena_printf(a->arena, "%u/\x01%u", (unsigned)r->unit, (unsigned)ref->target->id);
}

str place_join(struct analysis *a, str place, str name)
{
    return arena_printf(a->arena, STR_FMT "/" STR_FMT, STR_ARG(place), STR_ARG(name));
}

const struct value *place_field(const struct resource *r, const char *path)
{
    const struct value *v = value_path(r->attributes, str_of(path));
    if (v)
        return v->kind == VALUE_NULL ? NULL : v;
    v = value_path(value_get(r->attributes, STR("spec")), str_of(path));
    return v && v->kind != VALUE_NULL ? v : NULL;
}
