#include "base/testing.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "frontend/gitignore.h"
#include "frontend/input.h"
#include "frontend/walk.h"

/* A directory that lives for one test. */
struct place {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    str dir;
};

static void place_open(struct place *p)
{
    static char template[] = "/tmp/hipaalint-test-XXXXXX";
    char name[sizeof(template)];
    memcpy(name, template, sizeof(template));
    assert_non_null(mkdtemp(name));
    p->arena = arena_new();
    p->sources = sources_new();
    diag_list_init(&p->diags, p->arena);
    p->dir = arena_str(p->arena, str_of(name));
}

static void remove_tree(struct place *p)
{
    str command = arena_printf(p->arena, "rm -rf '" STR_FMT "'", STR_ARG(p->dir));
    assert_int_equal(system(command.p), 0);
}

static void place_close(struct place *p)
{
    remove_tree(p);
    diag_list_release(&p->diags);
    sources_free(p->sources);
    arena_free(p->arena);
}

static str at(struct place *p, const char *name)
{
    return arena_printf(p->arena, STR_FMT "/%s", STR_ARG(p->dir), name);
}

static void put(struct place *p, const char *name, const char *text)
{
    str path = at(p, name);
    for (size_t i = p->dir.n + 1; i < path.n; i++)
        if (path.p[i] == '/')
            mkdir(arena_cstr(p->arena, str_slice(path, 0, i)), 0755);
    FILE *f = fopen(path.p, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static struct inputs *discover(struct place *p, str path)
{
    struct input_options o = {.jobs = 1};
    return inputs_discover(&path, 1, &o, p->sources, &p->diags, STR_NONE);
}

static const struct input_file *find(struct place *p, const struct inputs *in, const char *name)
{
    str path = at(p, name);
    for (size_t i = 0; i < in->n; i++)
        if (str_eq(in->file[i]->path, path))
            return in->file[i];
    return NULL;
}

static void test_input__claims_are_by_shape(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        enum input_claim claim;
    } rows[] = {
        {"a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", CLAIM_KUBERNETES},
        {"b.yaml", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n", CLAIM_CLOUDFORMATION},
        {"c.json", "{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {}}", CLAIM_CLOUDFORMATION},
        {"d.yaml", "services:\n  web: {image: nginx}\n", CLAIM_NONE},
        {"e.json", "{\"name\": \"package\", \"kind\": 1}", CLAIM_NONE},
        {"f/kustomization.yaml", "resources: [a.yaml]\n", CLAIM_KUSTOMIZATION},
        {"g.json", "{\"format_version\": \"1.2\", \"terraform_version\": \"1.9\", \"planned_values\": {}}",
         CLAIM_TERRAFORM_PLAN},
        {"h.template", "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"}}}", CLAIM_CLOUDFORMATION},
        {"i/Chart.yaml", "apiVersion: v2\nname: x\n", CLAIM_HELM_CHART},
        {"i/templates/x.yaml", "apiVersion: v1\nkind: {{ .Values.kind }}\n", CLAIM_HELM_CHART},
        {"j.tf", "locals {}\n", CLAIM_TERRAFORM},
        {"k.tf.json", "{\"locals\": {}}", CLAIM_TERRAFORM},
    };
    struct place p;
    place_open(&p);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        put(&p, rows[i].name, rows[i].text);
    struct inputs *in = discover(&p, p.dir);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct input_file *f = find(&p, in, rows[i].name);
        assert_non_null(f);
        if (f->claim != rows[i].claim)
            fail_msg("%s: claim %d, expected %d", rows[i].name, (int)f->claim, (int)rows[i].claim);
    }
    assert_int_equal(p.diags.n, 0);
    inputs_free(in);
    place_close(&p);
}

static void test_input__a_named_file_brings_its_neighbours_as_context(void **state)
{
    (void)state;
    struct place p;
    place_open(&p);
    put(&p, "main.tf", "locals {}\n");
    put(&p, "variables.tf", "variable \"x\" {}\n");
    put(&p, "other.yaml", "apiVersion: v1\nkind: Pod\n");
    struct inputs *in = discover(&p, at(&p, "main.tf"));
    assert_int_equal(in->n, 2);
    assert_true(find(&p, in, "main.tf")->named);
    assert_false(find(&p, in, "main.tf")->context);
    assert_true(find(&p, in, "variables.tf")->context);
    inputs_free(in);
    place_close(&p);
}

/* What was only opened by name is none of those that a fork has found, and both are parsed again where they changed. */
static void test_input__a_fork_reads_again_what_changed(void **state)
{
    (void)state;
    struct place p;
    struct map changed;
    struct diag_list diags;
    place_open(&p);
    put(&p, "a/main.tf", "locals {}\n");
    put(&p, "a/other.yaml", "apiVersion: v1\nkind: Pod\n");
    put(&p, "b/module.tf", "locals {}\n");
    struct inputs *in = discover(&p, at(&p, "a"));
    const struct input_file *module = inputs_open(in, at(&p, "b/module.tf"), STR_NONE, SPAN_NONE, &p.diags);
    assert_int_equal(in->n, 3);
    str now = STR("Resources:\n  B:\n    Type: AWS::S3::Bucket\n");
    struct sources *sources = sources_fork(p.sources);
    diag_list_init(&diags, p.arena);
    map_init(&changed);
    map_set(&changed, find(&p, in, "a/other.yaml")->real, &now);
    source_override(sources, find(&p, in, "a/other.yaml")->real, now);
    struct inputs *fork = inputs_fork(in, &changed, sources, &diags);
    assert_int_equal(fork->n, 2);
    assert_int_equal(find(&p, fork, "a/other.yaml")->claim, CLAIM_CLOUDFORMATION);
    assert_int_equal(find(&p, in, "a/other.yaml")->claim, CLAIM_KUBERNETES);
    assert_ptr_equal(find(&p, fork, "a/main.tf")->documents.at, find(&p, in, "a/main.tf")->documents.at);
    const struct input_file *again = inputs_open(fork, at(&p, "b/module.tf"), STR_NONE, SPAN_NONE, &diags);
    assert_ptr_equal(again->documents.at, module->documents.at);
    assert_int_equal(again->source->id, module->source->id);
    assert_int_equal(diags.n, 0);
    inputs_free(fork);
    sources_free(sources);
    map_release(&changed);
    diag_list_release(&diags);
    inputs_free(in);
    place_close(&p);
}

static void check_bucket(const struct input_file *f, size_t n_diags)
{
    const struct node *block = f->documents.at[0].root->u.map.entry[0].value;
    const struct node *name = node_find(block->u.block->body, "bucket");
    assert_int_equal(f->diags.n, n_diags);
    assert_int_equal(name->at.file, f->source->id);
    assert_str(str_slice(f->source->text, name->at.start, name->at.end), "\"b\"");
    assert_ptr_equal(name->u.string.p, f->source->text.p + name->at.start + 1);
}

static void test_input__files_of_one_text_have_their_own_places(void **state)
{
    static const char good[] = "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"b\"\n}\n";
    static const char bad[] = "resource \"aws_s3_bucket\" \"x\" {\n  bucket = \"b\"\n  = 1\n}\n";
    (void)state;
    struct place p;
    place_open(&p);
    put(&p, "a/main.tf", good);
    put(&p, "b/main.tf", good);
    put(&p, "c/main.tf", bad);
    put(&p, "d/main.tf", bad);
    struct inputs *in = discover(&p, p.dir);
    const struct input_file *a = find(&p, in, "a/main.tf"), *b = find(&p, in, "b/main.tf");
    check_bucket(a, 0);
    check_bucket(b, 0);
    assert_ptr_not_equal(a->documents.at[0].root, b->documents.at[0].root);
    check_bucket(find(&p, in, "c/main.tf"), 1);
    check_bucket(find(&p, in, "d/main.tf"), 1);
    inputs_free(in);
    place_close(&p);
}

static void test_input__caches_are_left_out_and_links_are_followed_once(void **state)
{
    (void)state;
    struct place p;
    place_open(&p);
    put(&p, "a/main.tf", "locals {}\n");
    put(&p, ".terraform/modules/x/main.tf", "locals {}\n");
    put(&p, "node_modules/x/main.tf", "locals {}\n");
    assert_int_equal(symlink("a", at(&p, "b").p), 0);
    assert_int_equal(symlink("..", at(&p, "a/up").p), 0);
    assert_int_equal(symlink("loop.tf", at(&p, "loop.tf").p), 0);
    struct inputs *in = discover(&p, p.dir);
    assert_int_equal(in->n, 1);
    bool unreadable = false;
    for (size_t i = 0; i < p.diags.n; i++)
        unreadable |= p.diags.at[i].id == DIAG_UNREADABLE;
    assert_true(unreadable);
    inputs_free(in);
    place_close(&p);
}

static void test_input__a_path_out_of_the_root_is_refused(void **state)
{
    (void)state;
    struct place p;
    place_open(&p);
    put(&p, "in/main.tf", "locals {}\n");
    put(&p, "out.yaml", "apiVersion: v1\nkind: Pod\n");
    struct inputs *in = discover(&p, at(&p, "in"));
    struct diag_list diags;
    diag_list_init(&diags, p.arena);
    assert_null(inputs_open(in, at(&p, "in/../out.yaml"), in->root, SPAN_NONE, &diags));
    assert_int_equal(diags.n, 1);
    assert_int_equal(diags.at[0].id, DIAG_OUTSIDE_ROOT);
    assert_non_null(inputs_open(in, at(&p, "out.yaml"), STR_NONE, SPAN_NONE, &diags));
    assert_null(inputs_open(in, at(&p, "missing.yaml"), STR_NONE, SPAN_NONE, &diags));
    diag_list_release(&diags);
    inputs_free(in);
    place_close(&p);
}

static void test_gitignore__patterns_are_read_as_git_does(void **state)
{
    (void)state;
    struct place p;
    place_open(&p);
    put(&p, ".gitignore", "# comment\n*.log\n/build\ncache/\n!keep.log\ndocs/*.tf\n**/deep/x.tf\n");
    const struct gitignore *g = gitignore_read(p.arena, p.dir, NULL, &p.diags);
    static const struct {
        const char *path;
        bool directory, ignored;
    } rows[] = {
        {"a.log", false, true},       {"sub/a.log", false, true}, {"keep.log", false, false},
        {"build", true, true},        {"sub/build", true, false}, {"cache", true, true},
        {"cache", false, false},      {"docs/a.tf", false, true}, {"sub/docs/a.tf", false, false},
        {"q/deep/x.tf", false, true}, {"main.tf", false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool got = gitignore_matches(g, at(&p, rows[i].path), rows[i].directory);
        if (got != rows[i].ignored)
            fail_msg("%s: %s", rows[i].path, got ? "ignored" : "not ignored");
    }
    place_close(&p);
}

/* As if LIMIT_FILES - 1 had been found already: memory that nobody touches. */
static void test_input__files_are_limited(void **state)
{
    (void)state;
    struct place p;
    place_open(&p);
    put(&p, "a.tf", "locals {}\n");
    put(&p, "b.tf", "locals {}\n");
    put(&p, "c.tf", "locals {}\n");
    struct input_options o = {.jobs = 1};
    struct walk w;
    walk_init(&w, p.arena, &p.diags, &o, p.dir, false);
    w.cap = LIMIT_FILES + 8;
    w.at = alloc_get(w.cap * sizeof(*w.at));
    w.n = LIMIT_FILES - 1;
    walk_directory(&w, p.dir, path_real(p.arena, p.dir));
    assert_int_equal(w.n, LIMIT_FILES);
    assert_str(path_base(w.at[LIMIT_FILES - 1].path), "a.tf");
    assert_true(p.diags.n > 0);
    assert_int_equal(p.diags.at[0].id, DIAG_LIMIT);
    walk_release(&w);
    place_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_input__files_are_limited),
        TEST(test_input__claims_are_by_shape),
        TEST(test_input__a_fork_reads_again_what_changed),
        TEST(test_input__a_named_file_brings_its_neighbours_as_context),
        TEST(test_input__files_of_one_text_have_their_own_places),
        TEST(test_input__caches_are_left_out_and_links_are_followed_once),
        TEST(test_input__a_path_out_of_the_root_is_refused),
        TEST(test_gitignore__patterns_are_read_as_git_does),
    };
    return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
