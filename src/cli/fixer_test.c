/* Two tables: testdata/fix/ has texts as people write them, with what a fix makes of them, byte by byte; the rules
 * themselves have the examples on which every mechanical fix is made. */
#include "base/testing.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "cli/fixer.h"
#include "cli/replace.h"

struct place { /* a directory of its own, with its files */
    char dir[64];
    str file[8]; /* absolute, NUL-terminated */
    size_t n;
    struct arena *a;
};

static void place_open(struct place *p)
{
    *p = (struct place){.a = arena_new()};
    snprintf(p->dir, sizeof(p->dir), "/tmp/hipaalint-fix-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    mkdir(arena_printf(p->a, "%s/.git", p->dir).p, 0700); /* a root of its own */
}

static void make_directories(struct place *p, str path)
{
    for (size_t i = strlen(p->dir) + 1; i < path.n; i++)
        if (path.p[i] == '/')
            mkdir(arena_cstr(p->a, str_slice(path, 0, i)), 0700);
}

static void place_write(struct place *p, str name, str text)
{
    str path = arena_printf(p->a, "%s/" STR_FMT, p->dir, STR_ARG(name));
    make_directories(p, path);
    FILE *f = fopen(path.p, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text.p ? text.p : "", 1, text.n, f), text.n);
    fclose(f);
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->file[i], path))
            return;
    assert_true(p->n < ARRAY_LEN(p->file));
    p->file[p->n++] = path;
}

static str place_read(struct place *p, str path)
{
    static char bytes[1 << 20];
    FILE *f = fopen(arena_cstr(p->a, path), "rb");
    assert_non_null(f);
    size_t n = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    return arena_str(p->a, (str){bytes, n});
}

static void place_close(struct place *p)
{
    static const char *const inner[] = {"a/b", "a", "base", "over", "modules/m", "modules", ".git"};
    for (size_t i = 0; i < p->n; i++)
        unlink(p->file[i].p);
    for (size_t i = 0; i < ARRAY_LEN(inner); i++)
        rmdir(arena_printf(p->a, "%s/%s", p->dir, inner[i]).p);
    assert_int_equal(rmdir(p->dir), 0);
    arena_free(p->a);
}

/* ---------------------------------------------------------------- one run */

struct outcome {
    size_t fixed, declined, changed;
    str reason; /* of the first that was declined */
};

static struct options options_for(struct place *p, str rule, str profile, bool only)
{
    struct options o = {.arena = p->a, .no_config = true, .jobs = 1, .profile = profile};
    str dir = str_of(p->dir);
    VEC_PUSH(&o.operands, dir);
    if (rule.n)
        VEC_PUSH(&o.fix_rules, rule);
    if (rule.n && only)
        VEC_PUSH(&o.only, rule);
    return o;
}

static void options_free(struct options *o)
{
    VEC_RELEASE(&o->operands);
    VEC_RELEASE(&o->fix_rules);
    VEC_RELEASE(&o->only);
}

/* What stands before the first and behind the last edit is what it was. */
static void check_outside(const struct fixer *x)
{
    for (size_t i = 0; i < x->files.n; i++) {
        const struct fixer_file *f = &x->files.at[i];
        size_t first = f->before.n, behind = f->before.n;
        for (size_t k = 0; k < x->items.n; k++)
            for (size_t e = 0; e < x->items.at[k]->n_edits && x->items.at[k]->fixed; e++) {
                const struct edit *edit = &x->items.at[k]->edit[e];
                if (edit->at.file != i)
                    continue;
                if (edit->at.start < first)
                    first = edit->at.start;
                if (f->before.n - edit->at.end < behind)
                    behind = f->before.n - edit->at.end;
            }
        assert_true(first <= f->now.n && behind <= f->now.n);
        assert_memory_equal(f->before.p, f->now.p, first);
        assert_memory_equal(f->before.p + f->before.n - behind, f->now.p + f->now.n - behind, behind);
    }
}

static struct outcome make(struct place *p, str rule, str profile, bool only, bool write)
{
    struct options o = options_for(p, rule, profile, only);
    struct fixer x;
    struct outcome result = {0};
    fixer_init(&x, &o, true);
    assert_int_equal(fixer_run(&x), FIXER_DONE);
    for (size_t i = 0; i < x.items.n; i++) {
        result.fixed += x.items.at[i]->fixed;
        if (x.items.at[i]->declined && !result.declined++)
            result.reason = arena_str(p->a, x.items.at[i]->reason);
    }
    if (result.fixed == 1 && x.trials <= 3)
        check_outside(&x);
    for (size_t i = 0; i < x.files.n; i++) {
        const struct fixer_file *f = &x.files.at[i];
        str why = STR_NONE;
        result.changed += !str_eq(f->before, f->now);
        if (write && !replace_file(f->real, f->before, f->now, p->a, &why))
            fail_msg(STR_FMT ": " STR_FMT, STR_ARG(f->path), STR_ARG(why));
    }
    fixer_release(&x);
    options_free(&o);
    return result;
}

struct answers {
    size_t pass, fail;
};

/* The rule's answers about what is there now; nothing may be unreadable. */
static struct answers answers_of(struct place *p, str rule, str profile)
{
    struct options o = options_for(p, rule, profile, true);
    struct run r;
    run_init(&r, &o);
    assert_true(run_open_pack(&r, false));
    assert_true(run_read(&r, o.operands.at, o.operands.n));
    run_link(&r);
    assert_true(run_evaluate(&r));
    struct answers sum = {r.summary.pass, r.summary.fail};
    for (size_t i = 0; i < r.diags.n; i++)
        assert_int_not_equal(r.diags.at[i].id, DIAG_SYNTAX);
    run_release(&r);
    options_free(&o);
    return sum;
}

/* ---------------------------------------------------------------- every mechanical fix of every rule */

/* Made on an example that fails: the rule passes then, and there is nothing left to do. */
static bool fix_passes(const struct rule *rule, const struct rule_example *e, struct arena *a, str *ret_why)
{
    struct place p;
    place_open(&p);
    place_write(&p, e->file, e->source);
    struct outcome first = make(&p, rule->id, rule->profile, true, true);
    bool ok = first.fixed && !first.declined && first.changed;
    *ret_why = arena_str(a, first.reason);
    if (ok) {
        struct answers is = answers_of(&p, rule->id, rule->profile);
        str now = place_read(&p, p.file[0]);
        ok = is.pass && !is.fail;
        struct outcome second = make(&p, rule->id, rule->profile, true, true);
        assert_int_equal(second.changed, 0);
        assert_true(str_eq(now, place_read(&p, p.file[0])));
        if (!ok)
            *ret_why = arena_str(a, now);
    }
    place_close(&p);
    return ok;
}

static size_t check_rule(const struct rule *rule, struct arena *a)
{
    size_t made = 0;
    for (size_t i = 0; i < rule->n_fixes; i++) {
        const struct rule_fix *fix = &rule->fix[i];
        bool ok = false;
        str why = STR("no example of the format fails");
        for (size_t k = 0; k < rule->n_examples && fix->mechanical && !ok; k++)
            if (rule->example[k].expect == STATUS_FAIL && str_eq(rule->example[k].format, fix->format))
                ok = fix_passes(rule, &rule->example[k], a, &why);
        if (fix->mechanical && !ok)
            fail_msg(STR_FMT " (" STR_FMT "): the mechanical fix cannot be made: " STR_FMT, STR_ARG(rule->id),
                     STR_ARG(fix->format), STR_ARG(why));
        made += fix->mechanical;
    }
    return made;
}

enum { FEWEST_RULES = 150, SANITIZED_STEP = 12 };

static void test_fixer__makes_every_mechanical_fix(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct options none = {.arena = a, .no_config = true};
    struct run r;
    size_t rules_with = 0, rules_seen = 0;
    run_init(&r, &none);
    assert_true(run_open_pack(&r, true));
    const struct ruleset *rules = pack_all_rules(r.pack, &r.diags);
    for (size_t i = 0; i < ruleset_count(rules); i++) {
        bool any = false;
        for (size_t k = 0; k < ruleset_at(rules, i)->n_fixes; k++)
            any |= ruleset_at(rules, i)->fix[k].mechanical;
        rules_with += any;
        if (any && (!TESTING_SANITIZED || rules_with % SANITIZED_STEP == 0))
            rules_seen += check_rule(ruleset_at(rules, i), a) > 0;
    }
    if (TESTING_SANITIZED)
        print_message("skipped: with a sanitizer only every %dth of %zu rules\n", SANITIZED_STEP, rules_with);
    assert_true(rules_with >= FEWEST_RULES);
    assert_true(rules_seen > 0);
    run_release(&r);
    arena_free(a);
}

/* ---------------------------------------------------------------- the table of ways to write */

struct table {
    str rest;
    const char *name;
    struct arena *a;
};

static str next_line(str *rest)
{
    str line = str_cut(*rest, '\n', rest);
    return line;
}

/* Everything up to the next line that begins with "=== " or "--- ". */
static str next_text(struct table *t)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    while (t->rest.n && !str_starts(t->rest, STR("=== ")) && !str_starts(t->rest, STR("---- "))) {
        buf_add(&b, next_line(&t->rest));
        buf_add_char(&b, '\n');
    }
    str text = buf_copy(&b, t->a);
    buf_release(&b);
    return text;
}

/* `crlf`: line ends; `bom`: a mark before; `open`: no line end at the end. */
static str as_bytes(struct table *t, str text, str how)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    if (str_contains(how, STR("bom")))
        buf_add_c(&b, "\xEF\xBB\xBF");
    if (str_contains(how, STR("open")) && text.n)
        text.n--;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n' && str_contains(how, STR("crlf")))
            buf_add_char(&b, '\r');
        buf_add_char(&b, text.p[i]);
    }
    str bytes = buf_copy(&b, t->a);
    buf_release(&b);
    return bytes;
}

struct wanted {
    str path, text;
};

static size_t check_files(struct place *p, const struct wanted *wanted, size_t n, const char *file, str name)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        str now = place_read(p, wanted[i].path);
        if (!str_eq(now, wanted[i].text) && ++wrong)
            print_error("%s: " STR_FMT ": wanted\n" STR_FMT "\ngot\n" STR_FMT "\n", file, STR_ARG(name),
                        STR_ARG(wanted[i].text), STR_ARG(now));
    }
    return wrong;
}

/* === NAME, ---- rule GLOB, ---- profile NAME, ---- file NAME [HOW], ---- want NAME, ---- declined REASON, ---- nothing. */
/* How much is wrong. */
static size_t check_case(struct table *t, str name)
{
    struct place p;
    struct wanted wanted[8] = {0};
    size_t n = 0;
    bool nothing = false; /* neither made nor declined */
    str rule = STR_NONE, profile = STR("base"), declined = STR_NONE, how[8] = {0}, names[8] = {0};
    place_open(&p);
    while (str_starts(t->rest, STR("---- "))) {
        str words = str_slice(next_line(&t->rest), 5, SIZE_MAX), argument, more;
        str what = str_cut(words, ' ', &argument);
        if (str_eq_c(what, "rule")) {
            rule = argument;
        } else if (str_eq_c(what, "profile")) {
            profile = argument;
        } else if (str_eq_c(what, "nothing")) {
            nothing = true;
        } else if (str_eq_c(what, "declined")) {
            declined = argument;
        } else {
            str file = str_cut(argument, ' ', &more);
            str text = next_text(t);
            if (str_eq_c(what, "file")) {
                names[p.n] = file;
                how[p.n] = more;
                wanted[n] =
                    (struct wanted){arena_printf(p.a, "%s/" STR_FMT, p.dir, STR_ARG(file)), as_bytes(t, text, more)};
                place_write(&p, file, wanted[n++].text);
                continue;
            }
            assert_str(what, "want");
            for (size_t i = 0; i < n; i++)
                if (str_eq(names[i], file))
                    wanted[i].text = as_bytes(t, text, how[i]);
        }
    }
    struct outcome first = make(&p, rule, profile, false, true);
    size_t wrong = check_files(&p, wanted, n, t->name, name);
    bool as_declined = declined.n ? str_contains(first.reason, declined) : !first.reason.n;
    if (!as_declined || (!declined.n && !first.fixed) != nothing) {
        print_error("%s: " STR_FMT ": wanted declined '" STR_FMT "', got %zu fixed, declined '" STR_FMT "'\n", t->name,
                    STR_ARG(name), STR_ARG(declined), first.fixed, STR_ARG(first.reason));
        wrong++;
    }
    struct outcome second = make(&p, rule, profile, false, true);
    wrong += second.changed;
    wrong += wrong ? 0 : check_files(&p, wanted, n, t->name, name);
    place_close(&p);
    return wrong;
}

static void check_table(const char *path)
{
    struct arena *a = arena_new();
    static char bytes[1 << 20];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    str all = {bytes, fread(bytes, 1, sizeof(bytes), f)};
    fclose(f);
    struct table t = {.rest = arena_str(a, all), .name = path, .a = a};
    size_t cases = 0, wrong = 0;
    while (t.rest.n) {
        str line = next_line(&t.rest);
        if (!str_starts(line, STR("=== ")))
            continue; /* a remark before the first case */
        wrong += check_case(&t, str_slice(line, 4, line.n));
        cases++;
    }
    assert_true(cases > 0);
    assert_int_equal(wrong, 0);
    arena_free(a);
}

static void test_fixer__keeps_how_terraform_is_written(void **state)
{
    (void)state;
    check_table("testdata/fix/terraform.txt");
}

static void test_fixer__keeps_how_templates_are_written(void **state)
{
    (void)state;
    check_table("testdata/fix/cloudformation.txt");
}

static void test_fixer__keeps_how_manifests_are_written(void **state)
{
    (void)state;
    check_table("testdata/fix/kubernetes.txt");
}

static void test_fixer__finds_where_a_value_stands(void **state)
{
    (void)state;
    check_table("testdata/fix/sources.txt");
}

/* ---------------------------------------------------------------- files */

static void test_fixer__replaces_files_whole(void **state)
{
    (void)state;
    struct place p;
    struct stat status;
    str why = STR_NONE;
    place_open(&p);
    place_write(&p, STR("a.txt"), STR("\xEF\xBB\xBFone\n"));
    assert_int_equal(chmod(p.file[0].p, 0640), 0);
    assert_true(replace_file(p.file[0], STR("one\n"), STR("two\n"), p.a, &why));
    assert_str(place_read(&p, p.file[0]), "\xEF\xBB\xBFtwo\n");
    assert_int_equal(stat(p.file[0].p, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_false(replace_file(p.file[0], STR("one\n"), STR("three\n"), p.a, &why));
    assert_str(why, "it changed while it was linted");
    assert_int_equal(chmod(p.file[0].p, 0440), 0);
    assert_false(replace_file(p.file[0], STR("two\n"), STR("three\n"), p.a, &why));
    assert_str(why, "it is read-only");
    assert_str(place_read(&p, p.file[0]), "\xEF\xBB\xBFtwo\n");
    place_write(&p, STR("b.txt"), STR("x"));
    unlink(p.file[1].p);
    assert_int_equal(symlink(p.file[0].p, p.file[1].p), 0);
    assert_false(replace_file(p.file[1], STR("two\n"), STR("three\n"), p.a, &why)); /* a link is no file */
    place_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixer__keeps_how_terraform_is_written),
        cmocka_unit_test(test_fixer__keeps_how_templates_are_written),
        cmocka_unit_test(test_fixer__keeps_how_manifests_are_written),
        cmocka_unit_test(test_fixer__finds_where_a_value_stands),
        cmocka_unit_test(test_fixer__replaces_files_whole),
        cmocka_unit_test(test_fixer__makes_every_mechanical_fix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
