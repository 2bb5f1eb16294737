#include "analysis/iam_facts.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/vec.h"

struct action_table {
    const struct iam_action *at;
    size_t n;
};

struct service {
    str name, packed;
    _Atomic(struct action_table *) actions; /* NULL until somebody asked */
};

struct managed {
    str name, text;
    _Atomic(const struct value *) document;
};

struct iam_facts {
    pthread_mutex_t lock; /* indexing and unpacking */
    struct arena *arena;
    str actions, managed_policies; /* the texts */
    atomic_bool indexed;
    struct service *service; /* sorted */
    size_t n_services;
    struct managed *managed; /* sorted */
    size_t n_managed;
};

static size_t count_lines(str text)
{
    size_t n = 0;
    for (str rest = text; rest.p; n++)
        str_cut(rest, '\n', &rest);
    return n;
}

/* The script sorts the services. */
static void index_services(struct iam_facts *f, str text)
{
    f->service = ARENA_ARRAY(f->arena, struct service, count_lines(text));
    for (str rest = text; rest.p;) {
        str line = str_cut(rest, '\n', &rest);
        if (!line.n || line.p[0] == '#')
            continue;
        struct service *s = &f->service[f->n_services++];
        s->name = str_cut(line, ' ', &s->packed);
    }
}

static int compare_managed(const void *a, const void *b)
{
    return str_cmp(((const struct managed *)a)->name, ((const struct managed *)b)->name);
}

static void index_managed(struct iam_facts *f, str text)
{
    static const char word[] = "policy ";
    struct managed *open = NULL;
    f->managed = ARENA_ARRAY(f->arena, struct managed, count_lines(text));
    for (str rest = text; rest.p;) {
        str line = str_cut(rest, '\n', &rest);
        if (str_starts(line, str_of(word))) {
            open = &f->managed[f->n_managed++];
            open->name = str_slice(line, sizeof(word) - 1, line.n);
            open->text = (str){rest.p ? rest.p : "", 0};
        } else if (open && line.n && line.p[0] != '#') {
            open->text.n = (size_t)(line.p + line.n - open->text.p);
        }
    }
    if (f->n_managed)
        qsort(f->managed, f->n_managed, sizeof(*f->managed), compare_managed);
}

const struct iam_facts *iam_facts_new(struct arena *a, str actions, str managed)
{
    struct iam_facts *f = ARENA_NEW(a, struct iam_facts);
    f->arena = a;
    f->actions = actions;
    f->managed_policies = managed;
    pthread_mutex_init(&f->lock, NULL);
    return f;
}

struct arena *iam_facts_lock(const struct iam_facts *f)
{
    pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)&f->lock);
    return f->arena;
}

void iam_facts_unlock(const struct iam_facts *f)
{
    pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)&f->lock);
}

/* Most projects never ask. */
static void make_index(const struct iam_facts *f)
{
    struct iam_facts *mutable = (struct iam_facts *)(uintptr_t)f;
    if (atomic_load_explicit(&mutable->indexed, memory_order_acquire))
        return;
    iam_facts_lock(f);
    if (!atomic_load_explicit(&mutable->indexed, memory_order_relaxed)) {
        index_services(mutable, f->actions);
        index_managed(mutable, f->managed_policies);
        atomic_store_explicit(&mutable->indexed, true, memory_order_release);
    }
    iam_facts_unlock(f);
}

bool iam_facts_has_actions(const struct iam_facts *f)
{
    return iam_service_count(f) > 0;
}

/* ---- actions ---- */

static unsigned digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 10;
    return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 36 : 0;
}

static uint8_t level_of(char letter)
{
    switch (letter | 0x20) {
    case 'r':
        return IAM_READ;
    case 'l':
        return IAM_LIST;
    case 't':
        return IAM_TAGGING;
    case 'p':
        return IAM_PERMISSIONS;
    default:
        return IAM_WRITE;
    }
}

static int compare_actions(const void *a, const void *b)
{
    return str_cmp(((const struct iam_action *)a)->folded, ((const struct iam_action *)b)->folded);
}

struct actions {
    struct iam_action *at;
    size_t n, cap;
};

static struct action_table *unpack(struct arena *a, const struct service *s)
{
    struct actions found = {0};
    char letter = 'w';
    str before = STR_NONE;
    for (str rest = s->packed; rest.p;) {
        str word = str_cut(rest, ' ', &rest);
        if (word.n < 2) {
            letter = word.n ? word.p[0] : letter;
            before = STR_NONE;
            continue;
        }
        str kept = str_slice(before, 0, digit(word.p[0]));
        str name = arena_printf(a, STR_FMT ":" STR_FMT STR_FMT, STR_ARG(s->name), STR_ARG(kept),
                                STR_ARG(str_slice(word, 1, word.n)));
        before = str_slice(name, s->name.n + 1, name.n);
        struct iam_action action = {
            .name = name, .folded = arena_lower(a, name), .level = level_of(letter), .limitable = letter < 'a'};
        VEC_PUSH(&found, action);
    }
    struct action_table *table = ARENA_NEW(a, struct action_table);
    struct iam_action *at = VEC_MOVE(&found, a, &table->n);
    if (table->n)
        qsort(at, table->n, sizeof(*at), compare_actions);
    table->at = at;
    return table;
}

static struct service *find_service(const struct iam_facts *f, str name)
{
    make_index(f);
    size_t low = 0, high = f->n_services;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(f->service[middle].name, name);
        if (order == 0)
            return &f->service[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct action_table *table_of(const struct iam_facts *f, struct service *s)
{
    struct action_table *table = atomic_load_explicit(&s->actions, memory_order_acquire);
    if (table)
        return table;
    struct arena *arena = iam_facts_lock(f);
    table = atomic_load_explicit(&s->actions, memory_order_acquire);
    if (!table) {
        table = unpack(arena, s);
        atomic_store_explicit(&s->actions, table, memory_order_release);
    }
    iam_facts_unlock(f);
    return table;
}

const struct iam_action *iam_actions_of(const struct iam_facts *f, str service, size_t *ret_n)
{
    struct service *s = f ? find_service(f, service) : NULL;
    const struct action_table *table = s ? table_of(f, s) : NULL;
    *ret_n = table ? table->n : 0;
    return table ? table->at : NULL;
}

const struct iam_action *iam_action_find(const struct iam_facts *f, str name)
{
    size_t n, colon = str_find_char(name, ':');
    if (colon == SIZE_MAX)
        return NULL;
    const struct iam_action *at = iam_actions_of(f, str_slice(name, 0, colon), &n);
    struct iam_action key = {.folded = name};
    return n ? bsearch(&key, at, n, sizeof(*at), compare_actions) : NULL;
}

size_t iam_service_count(const struct iam_facts *f)
{
    if (f)
        make_index(f);
    return f ? f->n_services : 0;
}

str iam_service_name(const struct iam_facts *f, size_t i)
{
    return f->service[i].name;
}

/* ---- managed policies ---- */

str iam_managed_name(str arn)
{
    static const char infix[] = ":iam::aws:policy/";
    size_t at = str_find(arn, str_of(infix));
    if (!str_starts(arn, STR("arn:")) || at == SIZE_MAX)
        return STR_NONE;
    str path = str_slice(arn, at + sizeof(infix) - 1, arn.n);
    size_t slash = str_rfind_char(path, '/');
    return slash == SIZE_MAX ? path : str_slice(path, slash + 1, path.n);
}

struct texts {
    const struct value **at;
    size_t n, cap;
};

struct entries {
    struct value_entry *at;
    size_t n, cap;
};

static const struct value *text_list(struct arena *a, struct texts *t)
{
    size_t n;
    const struct value **items = VEC_MOVE(t, a, &n);
    return value_list(a, items, n, NULL);
}

static void add_entry(struct entries *list, const char *key, const struct value *v)
{
    VEC_PUSH(list, ((struct value_entry){.key = str_of(key), .value = v}));
}

static const struct value *end_map(struct arena *a, struct entries *list)
{
    size_t n;
    struct value_entry *at = VEC_MOVE(list, a, &n);
    return value_map(a, at, n, NULL);
}

/* "if OPERATOR KEY VALUE..." up to the next "if". */
static const struct value *read_condition(struct arena *a, str *rest)
{
    struct entries map = {0};
    struct texts values = {0};
    add_entry(&map, "operator", value_string(a, str_cut(*rest, ' ', rest), NULL));
    add_entry(&map, "key", value_string(a, str_cut(*rest, ' ', rest), NULL));
    while (rest->p) {
        str after, word = str_cut(*rest, ' ', &after);
        if (str_eq_c(word, "if"))
            break;
        VEC_PUSH(&values, value_string(a, word, NULL));
        *rest = after;
    }
    add_entry(&map, "values", text_list(a, &values));
    return end_map(a, &map);
}

static const struct value *read_statement(struct arena *a, str line)
{
    struct entries map = {0};
    struct texts actions = {0}, resources = {0}, conditions = {0};
    str rest = line, word = str_cut(rest, ' ', &rest);
    add_entry(&map, "effect", value_string(a, str_eq_c(word, "deny") ? STR("Deny") : STR("Allow"), NULL));
    bool negated = false, on = false;
    while (rest.p) {
        word = str_cut(rest, ' ', &rest);
        if (str_eq_c(word, "not"))
            negated = true;
        else if (str_eq_c(word, "on"))
            on = true;
        else if (str_eq_c(word, "if"))
            VEC_PUSH(&conditions, read_condition(a, &rest));
        else if (on)
            VEC_PUSH(&resources, value_string(a, word, NULL));
        else
            VEC_PUSH(&actions, value_string(a, word, NULL));
    }
    add_entry(&map, negated ? "not_actions" : "actions", text_list(a, &actions));
    add_entry(&map, "resources", text_list(a, &resources));
    if (conditions.n)
        add_entry(&map, "conditions", text_list(a, &conditions));
    return end_map(a, &map);
}

static const struct value *read_managed(struct arena *a, str text)
{
    struct texts statements = {0};
    for (str rest = text; rest.p;) {
        str line = str_cut(rest, '\n', &rest);
        if (line.n && line.p[0] != '#')
            VEC_PUSH(&statements, read_statement(a, line));
    }
    struct entries map = {0};
    add_entry(&map, "Version", value_string(a, STR("2012-10-17"), NULL));
    add_entry(&map, "Statement", text_list(a, &statements));
    return end_map(a, &map);
}

const struct value *iam_managed_find(const struct iam_facts *f, str arn_or_name)
{
    str name = iam_managed_name(arn_or_name);
    struct managed key = {.name = name.n ? name : arn_or_name};
    if (f)
        make_index(f);
    struct managed *m =
        f && f->n_managed ? bsearch(&key, f->managed, f->n_managed, sizeof(key), compare_managed) : NULL;
    if (!m)
        return NULL;
    const struct value *document = atomic_load_explicit(&m->document, memory_order_acquire);
    if (document)
        return document;
    struct arena *arena = iam_facts_lock(f);
    document = atomic_load_explicit(&m->document, memory_order_acquire);
    if (!document) {
        document = read_managed(arena, m->text);
        atomic_store_explicit(&m->document, document, memory_order_release);
    }
    iam_facts_unlock(f);
    return document;
}
