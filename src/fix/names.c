/* References of a snippet, by language: which there are, and under another name. */
#include "base/map.h"
#include "fix/fix_internal.h"

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool ends_with_any(str before, const char *const *marks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ends(before, str_of(marks[i])))
            return true;
    return false;
}

static const char *const template_marks[] = {
    "!Ref ", "!GetAtt ", "${", "Ref: ", "DependsOn: ", "DependsOn: [", "!GetAtt [", "Fn::GetAtt: [", "!Condition "};

/* Is the name that begins at `at` meant as a reference, or as what is defined? */
static bool is_reference(str text, size_t at, size_t n, bool template)
{
    char next = at + n < text.n ? text.p[at + n] : '\0';
    if (is_word(next))
        return false;
    str before = str_slice(text, 0, at);
    if (!template)
        return !at || (!is_word(text.p[at - 1]) && text.p[at - 1] != '.');
    if (ends_with_any(before, template_marks, ARRAY_LEN(template_marks)))
        return true;
    return next == ':' && (!at || text.p[at - 1] == '\n'); /* its own name */
}

bool fix_mentions(str text, str format, str name)
{
    bool template = str_eq_c(format, "cloudformation");
    for (size_t i = 0; name.n && i + name.n <= text.n; i++) {
        bool here = memcmp(text.p + i, name.p, name.n) == 0 && is_reference(text, i, name.n, template);
        if (here && !(template && i + name.n < text.n && text.p[i + name.n] == ':'))
            return true;
    }
    return false;
}

str names_rename(const struct snippet *s, str format, str from, str to, struct arena *a)
{
    bool template = str_eq_c(format, "cloudformation");
    struct buf out;
    size_t done = 0;
    buf_init(&out, SIZE_MAX);
    for (size_t i = 0; i + from.n <= s->text.n; i++) {
        if (memcmp(s->text.p + i, from.p, from.n) != 0 || !is_reference(s->text, i, from.n, template))
            continue;
        buf_add(&out, str_slice(s->text, done, i));
        buf_add(&out, to);
        done = i + from.n;
        i = done - 1;
    }
    buf_add(&out, str_slice(s->text, done, s->text.n));
    str text = buf_copy(&out, a);
    buf_release(&out);
    return text;
}

static void add(struct map *names, str name)
{
    if (name.n)
        map_add(names, name, names);
}

/* The word that begins at `at`. */
static str word_at(str text, size_t at, bool dots)
{
    size_t end = at;
    while (end < text.n && (is_word(text.p[end]) || (dots && text.p[end] == '.')))
        end++;
    return str_slice(text, at, end);
}

static void find_in_template(const struct snippet *s, struct map *names)
{
    for (size_t i = 0; i < s->text.n; i++) {
        str word = word_at(s->text, i, false);
        if (!word.n || (i && is_word(s->text.p[i - 1])))
            continue;
        bool pseudo = str_starts(str_slice(s->text, i + word.n, s->text.n), STR("::"));
        if (!pseudo && ends_with_any(str_slice(s->text, 0, i), template_marks, ARRAY_LEN(template_marks)))
            add(names, word);
    }
}

/* "type.name" for each reference to something of that type. */
static void find_in_terraform(const struct snippet *s, str type, struct arena *a, struct map *names)
{
    for (size_t i = 0; i + type.n < s->text.n; i++) {
        if (memcmp(s->text.p + i, type.p, type.n) != 0 || s->text.p[i + type.n] != '.')
            continue;
        if (i && (is_word(s->text.p[i - 1]) || s->text.p[i - 1] == '.'))
            continue;
        str name = word_at(s->text, i + type.n + 1, false);
        add(names, arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(type), STR_ARG(name)));
    }
}

static bool defines(const struct snippet *s, str name)
{
    const struct node *root = s->document->root;
    if (root->kind == NODE_MAP)
        return node_find_entry(root, name) != NULL;
    for (size_t i = 0; i < root->u.map.n; i++) {
        const struct node *b = root->u.map.entry[i].value;
        if (b->kind != NODE_BLOCK || b->u.block->n_labels != 2)
            continue;
        str rest, type = str_cut(name, '.', &rest);
        if (str_eq(node_string(b->u.block->label[0]), type) && str_eq(node_string(b->u.block->label[1]), rest))
            return true;
    }
    return false;
}

size_t names_missing(const struct snippet *s, str format, str type, struct arena *a, str **ret)
{
    struct map names;
    size_t n = 0;
    map_init(&names);
    if (str_eq_c(format, "cloudformation"))
        find_in_template(s, &names);
    else
        find_in_terraform(s, type, a, &names);
    *ret = ARENA_ARRAY(a, str, names.n + 1);
    for (size_t i = 0; i < names.n; i++)
        if (!defines(s, names.at[i].key))
            (*ret)[n++] = names.at[i].key;
    map_release(&names);
    return n;
}
