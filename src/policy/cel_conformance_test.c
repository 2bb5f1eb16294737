/* Runs the tests of the CEL specification (../shared/corpora/cel-spec, *.textproto) as they are.
 *
 * Each is passed, failed or not applicable with the reason. testdata/conformance/cel/pass.txt lists those
 * that pass: the list only grows. HIPAALINT_CEL_REPORT=FILE writes a line for every test ("-": standard
 * output), HIPAALINT_UPDATE=1 writes pass.txt anew. */
#include "base/testing.h"
#include "policy/cel.h"
#include "base/map.h"
#include "base/vec.h"

#include <dirent.h>
#include <math.h>
#include <sys/stat.h>

#define PASS_LIST "testdata/conformance/cel/pass.txt"

/* ---- protobuf text format ---- */

struct field {
    str name;
    str text; /* of a scalar: unescaped, or the word */
    bool quoted;
    struct field *child; /* of a message */
    struct field *next;
};

struct reader {
    const char *p, *end;
    struct arena *arena;
    bool bad;
};

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end) {
        if (*r->p == '#') {
            while (r->p < r->end && *r->p != '\n')
                r->p++;
        } else if (strchr(" \t\r\n,;", *r->p)) {
            r->p++;
        } else {
            return;
        }
    }
}

static bool at(struct reader *r, const char *any)
{
    skip_blanks(r);
    return r->p < r->end && strchr(any, *r->p);
}

static unsigned digits(struct reader *r, unsigned base, unsigned most)
{
    unsigned v = 0;
    for (unsigned i = 0; i < most && r->p < r->end; i++, r->p++) {
        const char *all = "0123456789abcdef", *found = strchr(all, *r->p | (*r->p >= 'A' ? 0x20 : 0));
        if (!found || (unsigned)(found - all) >= base)
            break;
        v = v * base + (unsigned)(found - all);
    }
    return v;
}

static void unescape(struct reader *r, struct buf *out)
{
    static const char names[] = "abfnrtv", meanings[] = "\a\b\f\n\r\t\v";
    char c = *++r->p;
    const char *named = strchr(names, c);
    if (named && c) {
        buf_add_char(out, meanings[named - names]);
        r->p++;
    } else if (c >= '0' && c <= '7') {
        buf_add_char(out, (char)(unsigned char)digits(r, 8, 3));
    } else if (c == 'x' || c == 'X' || c == 'u' || c == 'U') {
        r->p++;
        unsigned v = digits(r, 16, c == 'u' ? 4 : c == 'U' ? 8 : 2);
        if (c == 'u' || c == 'U')
            buf_add_utf8(out, v);
        else
            buf_add_char(out, (char)(unsigned char)v);
    } else {
        buf_add_char(out, c);
        r->p++;
    }
}

static str read_string(struct reader *r)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    while (at(r, "\"'")) {
        char quote = *r->p++;
        while (r->p < r->end && *r->p != quote) {
            if (*r->p == '\\')
                unescape(r, &out);
            else
                buf_add_char(&out, *r->p++);
        }
        r->p++;
    }
    str s = buf_copy(&out, r->arena);
    buf_release(&out);
    return s;
}

static str read_word(struct reader *r)
{
    skip_blanks(r);
    const char *from = r->p;
    if (r->p < r->end && *r->p == '[') {
        while (r->p < r->end && *r->p != ']')
            r->p++;
        r->p += r->p < r->end;
    }
    while (r->p < r->end && !strchr(" \t\r\n,;:{}[]<>#\"'", *r->p))
        r->p++;
    if (r->p == from) {
        r->bad = true;
        r->p++;
    }
    return (str){from, (size_t)(r->p - from)};
}

static struct field *read_fields(struct reader *r);

static struct field *read_value(struct reader *r, str name)
{
    struct field *f = ARENA_NEW(r->arena, struct field);
    f->name = name;
    if (at(r, "{<")) {
        r->p++;
        f->child = read_fields(r);
        r->bad |= !at(r, "}>");
        r->p++;
    } else if (at(r, "\"'")) {
        f->text = read_string(r);
        f->quoted = true;
    } else {
        f->text = read_word(r);
    }
    return f;
}

static struct field *read_fields(struct reader *r)
{
    struct field *first = NULL, **last = &first;
    while (!at(r, "}>") && r->p < r->end && !r->bad) {
        str name = read_word(r);
        if (at(r, ":"))
            r->p++;
        bool list = at(r, "[");
        r->p += list;
        do {
            if (list && at(r, "]"))
                break;
            *last = read_value(r, name);
            last = &(*last)->next;
        } while (list && !r->bad && r->p < r->end);
        r->p += list;
    }
    return first;
}

static const struct field *get(const struct field *message, const char *name)
{
    const struct field *f = message ? message->child : NULL;
    while (f && !str_eq_c(f->name, name))
        f = f->next;
    return f;
}

static str text_of(const struct field *message, const char *name)
{
    const struct field *f = get(message, name);
    return f ? f->text : STR_NONE;
}

static bool anywhere(const struct field *f, const char *name)
{
    for (; f; f = f->next) {
        if (str_eq_c(f->name, name) || anywhere(f->child, name))
            return true;
    }
    return false;
}

/* ---- values ---- */

static double number(str s)
{
    char text[64];
    snprintf(text, sizeof text, STR_FMT, STR_ARG(s));
    return strtod(text, NULL);
}

static int64_t integer(str s)
{
    char text[64];
    snprintf(text, sizeof text, STR_FMT, STR_ARG(s));
    return strtoll(text, NULL, 0);
}

static uint64_t natural(str s)
{
    char text[64];
    snprintf(text, sizeof text, STR_FMT, STR_ARG(s));
    return strtoull(text, NULL, 0);
}

static size_t count(const struct field *message, const char *name)
{
    size_t n = 0;
    for (const struct field *f = message->child; f; f = f->next)
        n += str_eq_c(f->name, name);
    return n;
}

static struct cel_value make_value(struct cel_context *c, const struct field *value);

static struct cel_value make_list(struct cel_context *c, const struct field *list)
{
    size_t n = 0;
    struct cel_value *item = ARENA_ARRAY(c->arena, struct cel_value, count(list, "values"));
    for (const struct field *f = list->child; f; f = f->next)
        item[n++] = make_value(c, f);
    return cel_list(c, item, n);
}

static struct cel_value make_map(struct cel_context *c, const struct field *map)
{
    size_t n = 0;
    struct cel_map_entry *entry = ARENA_ARRAY(c->arena, struct cel_map_entry, count(map, "entries"));
    for (const struct field *f = map->child; f; f = f->next) {
        entry[n].key = make_value(c, get(f, "key"));
        entry[n++].value = make_value(c, get(f, "value"));
    }
    return cel_map_new(c, entry, n);
}

/* Of a message cel.expr.Value. */
static struct cel_value make_value(struct cel_context *c, const struct field *value)
{
    const struct field *f = value ? value->child : NULL;
    if (!f || str_eq_c(f->name, "null_value"))
        return cel_null();
    if (str_eq_c(f->name, "bool_value"))
        return cel_bool(str_eq_c(f->text, "true"));
    if (str_eq_c(f->name, "int64_value"))
        return cel_int(integer(f->text));
    if (str_eq_c(f->name, "uint64_value"))
        return cel_uint(natural(f->text));
    if (str_eq_c(f->name, "double_value"))
        return cel_double(number(f->text));
    if (str_eq_c(f->name, "string_value"))
        return cel_string(f->text);
    if (str_eq_c(f->name, "bytes_value"))
        return cel_bytes(f->text);
    if (str_eq_c(f->name, "type_value"))
        return cel_type(f->text);
    if (str_eq_c(f->name, "list_value"))
        return make_list(c, f);
    return make_map(c, f);
}

/* The same value of the same type; equality in CEL is wider. */
static bool same(struct cel_context *c, const struct cel_value *a, const struct cel_value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == CEL_DOUBLE)
        return isnan(a->u.d) ? isnan(b->u.d) : a->u.d == b->u.d && !signbit(a->u.d) == !signbit(b->u.d);
    if (a->kind == CEL_LIST) {
        bool equal = cel_list_size(a) == cel_list_size(b);
        for (size_t i = 0; equal && i < cel_list_size(a); i++) {
            struct cel_value x = cel_list_at(c, a, i), y = cel_list_at(c, b, i);
            equal = same(c, &x, &y);
        }
        return equal;
    }
    if (a->kind == CEL_MAP) {
        bool equal = cel_map_size(a) == cel_map_size(b);
        for (size_t i = 0; equal && i < cel_map_size(a); i++) {
            struct cel_map_entry e = cel_map_at(c, a, i);
            struct cel_value y;
            equal = cel_map_find(c, b, &e.key, &y) && same(c, &e.value, &y);
        }
        return equal;
    }
    return cel_equal(c, a, b) == CEL_YES;
}

/* ---- one test ---- */

enum verdict { PASSED, FAILED, NOT_APPLICABLE };

static const char *inapplicable(const struct field *test)
{
    static const struct {
        const char *text, *reason;
    } marks[] = {
        {"TestAllTypes", "protobuf message"},
        {"GlobalEnum", "protobuf enum"},
        {"NestedEnum", "protobuf enum"},
        {"Value{", "protobuf well-known type"},
        {"google.protobuf.", "protobuf well-known type"},
        {"proto.getExt", "protobuf extension field"},
        {"proto.hasExt", "protobuf extension field"},
        {"cel.block", "extension: blocks (made by optimisers, not by people)"},
        {"cel.iterVar", "extension: blocks (made by optimisers, not by people)"},
        {"ip(", "extension: network"},
        {"ip.", "extension: network"},
        {"cidr(", "extension: network"},
        {"isIP(", "extension: network"},
        {"isCIDR(", "extension: network"},
        {"net.", "extension: network"},
        {"Australia/", "time zone database"},
        {"US/", "time zone database"},
        {"America/", "time zone database"},
        {"Asia/", "time zone database"},
    };
    str expr = text_of(test, "expr"), container = text_of(test, "container");
    if (get(test, "check_only"))
        return "static type check only";
    if (anywhere(test->child, "object_value") || anywhere(test->child, "message_type"))
        return "protobuf message";
    if (anywhere(test->child, "enum_value"))
        return "protobuf enum";
    if (anywhere(test->child, "unknown"))
        return "unknowns of the protocol";
    if (str_starts(container, STR("cel.expr.conformance")) || str_starts(container, STR("google.protobuf")))
        return "protobuf message";
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        str text = str_of(marks[i].text);
        size_t found = str_find(expr, text);
        /* `type == google.protobuf.Timestamp` needs no message. */
        if (found != SIZE_MAX && !(str_eq_c(text, "google.protobuf.") &&
                                   (str_contains(expr, STR("Timestamp ==")) || str_contains(expr, STR("Duration ==")))))
            return marks[i].reason;
    }
    return NULL;
}

static enum verdict judge(const struct field *test, struct arena *a, str *ret_detail)
{
    struct diag_list diags;
    struct cel_context c;
    const char *reason = inapplicable(test);
    if (reason) {
        *ret_detail = str_of(reason);
        return NOT_APPLICABLE;
    }
    size_t n = count(test, "bindings"), i = 0;
    struct cel_variable *variable = ARENA_ARRAY(a, struct cel_variable, n);
    struct cel_value *binding = ARENA_ARRAY(a, struct cel_value, n), got, wanted = cel_bool(true);
    cel_context_init(&c, a);
    for (const struct field *f = test->child; f; f = f->next) {
        if (!str_eq_c(f->name, "bindings"))
            continue;
        variable[i].name = text_of(f, "key");
        binding[i++] = make_value(&c, get(get(f, "value"), "value"));
    }
    struct cel_environment env = {
        .variable = variable, .n_variables = n, .container = text_of(test, "container"), .unchecked = true};
    diag_list_init(&diags, a);
    struct cel_program *p = cel_compile(text_of(test, "expr"), 0, 0, false, SPAN_NONE, &env, a, &diags);
    if (p)
        cel_eval(p, binding, &c, &got);
    else
        got = cel_error(&c, STR_FMT, STR_ARG(diags.at[0].message));
    bool error = get(test, "eval_error") || get(test, "any_eval_errors");
    const struct field *value = get(test, "value") ? get(test, "value") : get(get(test, "typed_result"), "result");
    if (value)
        wanted = make_value(&c, value);
    bool passed = error ? got.kind == CEL_ERROR : got.kind != CEL_ERROR && same(&c, &got, &wanted);
    if (!passed) {
        struct buf out;
        buf_init(&out, 4096);
        cel_value_brief(&c, &got, &out, 200);
        buf_add_c(&out, ", wanted ");
        if (error)
            buf_add_c(&out, "an error");
        else
            cel_value_brief(&c, &wanted, &out, 200);
        *ret_detail = buf_copy(&out, a);
        buf_release(&out);
    }
    diag_list_release(&diags);
    cel_context_release(&c);
    return passed ? PASSED : FAILED;
}

/* ---- all files ---- */

struct tally {
    size_t verdict[3];
};

struct run {
    struct arena *arena;
    struct map passed; /* names */
    struct buf pass_list;
    FILE *report;
    struct tally required;
};

/* The files that the program promises to be right about. */
static bool is_required(str name)
{
    static const char *const names[] = {"basic",        "comparisons",    "conversions", "fp_math",  "integer_math",
                                        "lists",        "logic",          "macros",      "macros2",  "parse",
                                        "plumbing",     "string",         "string_ext",  "math_ext", "optionals",
                                        "bindings_ext", "type_deduction", "encoders_ext"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq_c(name, names[i]))
            return true;
    }
    return false;
}

static void run_file(struct run *r, str name, str text)
{
    static const char *const words[] = {"passed", "failed", "not applicable"};
    struct reader reader = {.p = text.p, .end = text.p + text.n, .arena = r->arena};
    struct tally tally = {{0}};
    struct field *sections = read_fields(&reader);
    assert_false(reader.bad);
    for (const struct field *s = sections; s; s = s->next) {
        if (!str_eq_c(s->name, "section"))
            continue;
        for (const struct field *t = s->child; t; t = t->next) {
            if (!str_eq_c(t->name, "test"))
                continue;
            str detail = STR_NONE;
            enum verdict v = judge(t, r->arena, &detail);
            str id = arena_printf(r->arena, STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(name), STR_ARG(text_of(s, "name")),
                                  STR_ARG(text_of(t, "name")));
            tally.verdict[v]++;
            if (v == PASSED) {
                map_set(&r->passed, id, r);
                buf_printf(&r->pass_list, STR_FMT "\n", STR_ARG(id));
            }
            if (v == FAILED && is_required(name))
                print_message("failed " STR_FMT ": " STR_FMT "\n", STR_ARG(id), STR_ARG(detail));
            if (r->report)
                fprintf(r->report, "%s " STR_FMT "%s" STR_FMT "\n", words[v], STR_ARG(id), detail.n ? ": " : "",
                        STR_ARG(detail));
        }
    }
    print_message("%-16.*s %4zu passed %3zu failed %4zu not applicable\n", STR_ARG(name), tally.verdict[PASSED],
                  tally.verdict[FAILED], tally.verdict[NOT_APPLICABLE]);
    for (size_t i = 0; i < 3 && is_required(name); i++)
        r->required.verdict[i] += tally.verdict[i];
}

static str read_file(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf b;
    char block[4096];
    size_t n;
    if (!f)
        return STR_NONE;
    buf_init(&b, 16 << 20);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buf_add(&b, (str){block, n});
    fclose(f);
    str s = buf_copy(&b, a);
    buf_release(&b);
    return s;
}

/* The folder with the files, or NULL. */
static DIR *open_corpus(struct arena *a, const char **ret_path)
{
    static const char *const below[] = {"corpora/cel-spec/tests/simple/testdata", "corpora/cel-spec/testdata"};
    const char *shared = getenv("HIPAALINT_SHARED");
    for (size_t i = 0; i < ARRAY_LEN(below); i++) {
        *ret_path = arena_printf(a, "%s/%s", shared && *shared ? shared : "../shared", below[i]).p;
        DIR *d = opendir(*ret_path);
        if (d)
            return d;
    }
    return NULL;
}

static void check_pass_list(struct run *r)
{
    str listed = read_file(r->arena, PASS_LIST), rest;
    size_t lost = 0;
    const char *update = getenv("HIPAALINT_UPDATE");
    if (update && *update == '1') {
        FILE *f = fopen(PASS_LIST, "wb");
        assert_non_null(f);
        fwrite(r->pass_list.p, 1, r->pass_list.n, f);
        fclose(f);
        return;
    }
    for (rest = listed; rest.n;) {
        str id = str_cut(rest, '\n', &rest);
        if (id.n && !map_has(&r->passed, id)) {
            print_message("no longer passes: " STR_FMT "\n", STR_ARG(id));
            lost++;
        }
    }
    assert_int_equal(lost, 0);
}

static void test_cel__conforms_to_the_specification(void **state)
{
    struct run r = {.arena = arena_new()};
    VEC(str) names = {0};
    const char *path, *report = getenv("HIPAALINT_CEL_REPORT");
    DIR *d = open_corpus(r.arena, &path);
    (void)state;
    if (!d) {
        print_message("skipped: the CEL conformance tests are not there (HIPAALINT_SHARED)\n");
        arena_free(r.arena);
        return;
    }
    map_init(&r.passed);
    buf_init(&r.pass_list, 1 << 20);
    r.report = report ? (strcmp(report, "-") == 0 ? stdout : fopen(report, "wb")) : NULL;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        if (str_ends(str_of(e->d_name), STR(".textproto")))
            VEC_PUSH(&names, arena_str(r.arena, str_of(e->d_name)));
    }
    closedir(d);
    qsort(names.at, names.n, sizeof *names.at, str_compare);
    for (size_t i = 0; i < names.n; i++) {
        str text = read_file(r.arena, arena_printf(r.arena, "%s/" STR_FMT, path, STR_ARG(names.at[i])).p);
        run_file(&r, str_slice(names.at[i], 0, names.at[i].n - strlen(".textproto")), text);
    }
    size_t passed = r.required.verdict[PASSED], failed = r.required.verdict[FAILED];
    print_message("required files: %zu of %zu applicable tests pass (%.2f%%), %zu not applicable\n", passed,
                  passed + failed, 100.0 * (double)passed / (double)(passed + failed),
                  r.required.verdict[NOT_APPLICABLE]);
    assert_true(passed * 100 >= (passed + failed) * 98);
    check_pass_list(&r);
    if (r.report && r.report != stdout)
        fclose(r.report);
    VEC_RELEASE(&names);
    buf_release(&r.pass_list);
    map_release(&r.passed);
    arena_free(r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cel__conforms_to_the_specification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
