#include "cli/options.h"

#include "base/vec.h"
#include "cli/cli.h"

#define AT(field) offsetof(struct options, field)

const struct option_spec option_table[] = {
    {"format", 'f', OPTION_LIST, AT(formats), "NAME[=FILE]", OPTIONS_CHECK | OPTIONS_RULES,
     "report format, repeatable: text sarif junit json jsonl github gitlab markdown html"},
    {"output", 'o', OPTION_TEXT, AT(output), "FILE", OPTIONS_CHECK, "write the (single) report to FILE"},
    {"profile", 0, OPTION_TEXT, AT(profile), "NAME", OPTIONS_CHECK, "base (default), strict or nprm"},
    {"only", 0, OPTION_LIST, AT(only), "GLOB", OPTIONS_CHECK | OPTIONS_RULES,
     "rules by id, name or category, repeatable"},
    {"skip", 0, OPTION_LIST, AT(skip), "GLOB", OPTIONS_CHECK | OPTIONS_RULES, "leave rules out, repeatable"},
    {"fail-on", 0, OPTION_SEVERITY, AT(fail_on), "SEVERITY", OPTIONS_CHECK,
     "findings at or above it give exit status 1: info (default) low medium high critical"},
    {"strict", 0, OPTION_FLAG, AT(strict), NULL, OPTIONS_CHECK, "warnings and unknown answers count: exit status 3"},
    {"exit-zero", 0, OPTION_FLAG, AT(exit_zero), NULL, OPTIONS_CHECK, "findings do not change the exit status"},
    {"allow-empty", 0, OPTION_FLAG, AT(allow_empty), NULL, OPTIONS_CHECK, "nothing to scan is no error"},
    {"rules", 0, OPTION_LIST, AT(rules), "DIR", OPTIONS_INPUT | OPTIONS_RULES, "add rules and models, repeatable"},
    {"no-builtin-rules", 0, OPTION_FLAG, AT(no_builtin_rules), NULL, OPTIONS_RULES, "only those of --rules"},
    {"var", 0, OPTION_ASSIGNMENT, AT(vars), "NAME=VALUE", OPTIONS_INPUT, "Terraform variable, repeatable"},
    {"var-file", 0, OPTION_LIST, AT(var_files), "FILE", OPTIONS_INPUT, "Terraform variable file, repeatable"},
    {"workspace", 0, OPTION_TEXT, AT(workspace), "NAME", OPTIONS_INPUT, "terraform.workspace (default: default)"},
    {"assume-defaults", 0, OPTION_FLAG, AT(assume_defaults), NULL, OPTIONS_INPUT,
     "a module linted alone: its variables' defaults count as values"},
    {"parameter", 0, OPTION_ASSIGNMENT, AT(parameters), "NAME=VALUE", OPTIONS_INPUT,
     "CloudFormation parameter, repeatable"},
    {"parameters", 0, OPTION_LIST, AT(parameter_files), "FILE", OPTIONS_INPUT,
     "CloudFormation parameter file, repeatable"},
    {"config", 0, OPTION_TEXT, AT(config), "FILE", OPTIONS_INPUT,
     "configuration (default: .hipaalint.yaml at or above the paths)"},
    {"no-config", 0, OPTION_FLAG, AT(no_config), NULL, OPTIONS_INPUT, "no configuration file"},
    {"baseline", 0, OPTION_TEXT, AT(baseline), "FILE", OPTIONS_CHECK, "report only what is not in it"},
    {"since", 0, OPTION_TEXT, AT(since), "REV", OPTIONS_CHECK, "report only what changed since REV (asks git)"},
    {"summary", 0, OPTION_FLAG, AT(summary), NULL, OPTIONS_CHECK, "append a table to $GITHUB_STEP_SUMMARY"},
    {"foreign-suppressions", 0, OPTION_FLAG, AT(foreign_suppressions), NULL, OPTIONS_CHECK,
     "directives of checkov, trivy, kics, kube-linter count, too"},
    {"exclude", 0, OPTION_LIST, AT(exclude), "GLOB", OPTIONS_INPUT, "leave paths out, repeatable"},
    {"no-gitignore", 0, OPTION_FLAG, AT(no_gitignore), NULL, OPTIONS_INPUT, "read what .gitignore names"},
    {"stdin-path", 0, OPTION_TEXT, AT(stdin_path), "PATH", OPTIONS_INPUT, "how standard input (-) is called"},
    {"jobs", 'j', OPTION_NUMBER, AT(jobs), "N", OPTIONS_INPUT, "threads (default: one a core)"},
    {"shard", 0, OPTION_TEXT, AT(shard), "I/N", OPTIONS_CHECK,
     "only part I of N of the paths, in order of their names"},
    {"timeout", 0, OPTION_NUMBER, AT(timeout), "SECONDS", OPTIONS_INPUT, "stop with exit status 3 after that"},
    {"max-memory", 0, OPTION_SIZE, AT(max_memory), "SIZE", OPTIONS_INPUT,
     "stop with exit status 3 above that: 512M, 2G"},
    {"today", 0, OPTION_TEXT, AT(today), "DATE", OPTIONS_CHECK, "the date that expiries are compared with"},
    {"sarif-category", 0, OPTION_TEXT, AT(category), "NAME", OPTIONS_CHECK,
     "automationDetails.id (default: hipaalint/)"},
    {"sarif-suppressed", 0, OPTION_FLAG, AT(sarif_suppressed), NULL, OPTIONS_CHECK, "suppressed results too"},
    {"fixes", 0, OPTION_FLAG, AT(fixes), NULL, OPTIONS_CHECK,
     "JSON with the edits of mechanical fixes, as SARIF has them"},
    {"junit-passes", 0, OPTION_FLAG, AT(junit_passes), NULL, OPTIONS_CHECK, "passed cases too"},
    {"junit-locations", 0, OPTION_FLAG, AT(junit_locations), NULL, OPTIONS_CHECK,
     "file and line attributes (not in the strict schema)"},
    {"resource", 0, OPTION_TEXT, AT(resource), "ADDRESS", OPTIONS_EXPLAIN, "explain, graph: the resource to look at"},
    {"framework", 0, OPTION_TEXT, AT(framework), "NAME", OPTIONS_CONTROLS,
     "controls: the sections of nist-800-53-r5, gdpr or nprm"},
    {"dry-run", 0, OPTION_FLAG, AT(dry_run), NULL, OPTIONS_FIX, "fix: say what would be changed, change nothing"},
    {"diff", 0, OPTION_FLAG, AT(diff), NULL, OPTIONS_FIX, "fix: print a unified diff, change nothing"},
    {"rule", 0, OPTION_LIST, AT(fix_rules), "GLOB", OPTIONS_FIX, "fix: rules by id or name, repeatable"},
    {"directory", 'C', OPTION_TEXT, AT(directory), "DIR", OPTIONS_EVAL, "eval: the Terraform root"},
    {"template", 0, OPTION_TEXT, AT(template_file), "FILE", OPTIONS_EVAL,
     "eval: a CloudFormation template; EXPR is a fragment"},
    {"cel", 0, OPTION_TEXT, AT(cel), "EXPR", OPTIONS_EVAL, "eval: a CEL expression"},
    {"bindings", 0, OPTION_TEXT, AT(bindings), "JSON", OPTIONS_EVAL, "eval: variables of the CEL expression"},
    {"color", 0, OPTION_WHEN, AT(color), "WHEN", OPTIONS_ANY, "auto (default), always or never"},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), NULL, OPTIONS_CHECK, "findings only: no excerpts, no summary"},
    {"verbose", 'v', OPTION_FLAG, AT(verbose), NULL, OPTIONS_CHECK, "passes, unknown answers and notes too"},
    {"help", 'h', OPTION_FLAG, AT(show_help), NULL, OPTIONS_ANY, "this text"},
    {"version", 'V', OPTION_FLAG, AT(show_version), NULL, OPTIONS_ANY, "version, and versions of the parts"},
    {0, 0, OPTION_FLAG, 0, NULL, 0, NULL},
};

static void *field(struct options *o, const struct option_spec *spec)
{
    return (char *)o + spec->offset;
}

static bool parse_size(str text, uint64_t *ret)
{
    uint64_t factor = 1;
    if (text.n && strchr("kKmMgG", text.p[text.n - 1])) {
        char unit = text.p[text.n - 1] | 0x20;
        factor = unit == 'k' ? 1u << 10 : unit == 'm' ? 1u << 20 : 1u << 30;
        text.n--;
    }
    int64_t n;
    if (!str_to_int(text, &n) || n < 0 || (uint64_t)n > UINT64_MAX / factor)
        return false;
    *ret = (uint64_t)n * factor;
    return true;
}

static bool parse_when(str text, enum when *ret)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq_c(text, names[i])) {
            *ret = (enum when)i;
            return true;
        }
    }
    return false;
}

static bool store(struct options *o, const struct option_spec *spec, str value)
{
    bool ok = true;
    o->given |= (uint64_t)1 << (spec - option_table);
    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)field(o, spec) = true;
        break;
    case OPTION_TEXT:
        *(str *)field(o, spec) = value;
        break;
    case OPTION_LIST:
        VEC_PUSH((struct str_list *)field(o, spec), value);
        break;
    case OPTION_ASSIGNMENT: {
        struct assignment a;
        a.name = str_cut(value, '=', &a.value);
        ok = a.name.n && a.value.p;
        if (ok)
            VEC_PUSH((struct assignment_list *)field(o, spec), a);
        break;
    }
    case OPTION_NUMBER: {
        int64_t n;
        ok = str_to_int(value, &n) && n >= 0;
        if (ok)
            *(uint64_t *)field(o, spec) = (uint64_t)n;
        break;
    }
    case OPTION_SIZE:
        ok = parse_size(value, field(o, spec));
        break;
    case OPTION_WHEN:
        ok = parse_when(value, field(o, spec));
        break;
    case OPTION_SEVERITY:
        ok = severity_parse(value, field(o, spec));
        break;
    }
    if (!ok)
        cli_usage_error("--%s does not take '" STR_FMT "'", spec->name, STR_ARG(value));
    return ok;
}

static const struct option_spec *find_long(str name)
{
    for (const struct option_spec *s = option_table; s->name; s++)
        if (str_eq_c(name, s->name))
            return s;
    return NULL;
}

static const struct option_spec *find_letter(char letter)
{
    for (const struct option_spec *s = option_table; s->name; s++)
        if (s->letter == letter)
            return s;
    return NULL;
}

/* `--name`, `--name=value`, `--name value`. */
static bool parse_long(struct options *o, str word, int argc, char **argv, int *i)
{
    str value, name = str_cut(str_slice(word, 2, word.n), '=', &value);
    const struct option_spec *spec = find_long(name);
    if (!spec) {
        cli_usage_error("unknown option --" STR_FMT, STR_ARG(name));
        return false;
    }
    if (!spec->argument) {
        if (value.p) {
            cli_usage_error("--%s takes no value", spec->name);
            return false;
        }
    } else if (!value.p) {
        if (*i + 1 >= argc) {
            cli_usage_error("--%s needs a value", spec->name);
            return false;
        }
        value = str_of(argv[++*i]);
    }
    return store(o, spec, value);
}

/* `-qv`, `-jN`, `-j N`. */
static bool parse_letters(struct options *o, str word, int argc, char **argv, int *i)
{
    for (size_t k = 1; k < word.n; k++) {
        const struct option_spec *spec = find_letter(word.p[k]);
        if (!spec) {
            cli_usage_error("unknown option -%c", word.p[k]);
            return false;
        }
        if (!spec->argument) {
            store(o, spec, STR_NONE);
            continue;
        }
        str value = str_slice(word, k + 1, word.n);
        if (!value.n) {
            if (*i + 1 >= argc) {
                cli_usage_error("-%c needs a value", word.p[k]);
                return false;
            }
            value = str_of(argv[++*i]);
        }
        return store(o, spec, value);
    }
    return true;
}

bool options_is_given(const struct options *o, const char *name)
{
    const struct option_spec *spec = find_long(str_of(name));
    return spec && o->given & (uint64_t)1 << (spec - option_table);
}

static const struct command *find_command(str name)
{
    for (const struct command *c = cli_commands; c->name; c++)
        if (str_eq_c(name, c->name))
            return c;
    return NULL;
}

bool options_parse(struct options *o, int argc, char **argv)
{
    o->command = &cli_commands[0];
    bool only_operands = false, first = true;
    for (int i = 1; i < argc; i++) {
        str word = str_of(argv[i]);
        if (only_operands || word.n < 2 || word.p[0] != '-') {
            const struct command *c = first && !only_operands ? find_command(word) : NULL;
            if (c)
                o->command = c;
            else
                VEC_PUSH(&o->operands, word);
            first = false;
        } else if (str_eq_c(word, "--")) {
            only_operands = true;
        } else if (word.p[1] == '-') {
            if (!parse_long(o, word, argc, argv, &i))
                return false;
        } else if (!parse_letters(o, word, argc, argv, &i)) {
            return false;
        }
    }
    return true;
}

/* Every N-th path, so that N runs with the same list share it out among themselves. */
bool options_take_shard(struct options *o)
{
    str count, index = str_cut(o->shard, '/', &count);
    int64_t i, n;
    if (!o->shard.n)
        return true;
    if (!str_to_int(index, &i) || !str_to_int(count, &n) || i < 1 || i > n) {
        cli_usage_error("--shard takes I/N, such as 2/8, not '" STR_FMT "'", STR_ARG(o->shard));
        return false;
    }
    if (!o->operands.n)
        VEC_PUSH(&o->operands, STR("."));
    qsort(o->operands.at, o->operands.n, sizeof(*o->operands.at), str_compare);
    size_t kept = 0;
    for (size_t k = (size_t)i - 1; k < o->operands.n; k += (size_t)n)
        o->operands.at[kept++] = o->operands.at[k];
    o->operands.n = kept;
    o->empty_shard = kept == 0;
    o->allow_empty |= o->empty_shard;
    return true;
}

/* "  left                            text", the text at column 33. */
static void add_line(struct buf *out, size_t from, const char *text)
{
    static const char blanks[] = "                                 ";
    size_t n = out->n - from, width = sizeof(blanks) - 1;
    buf_add(out, (str){blanks, n < width ? width - n : 1});
    buf_add_c(out, text);
    buf_add_char(out, '\n');
}

static void add_option(struct buf *out, const struct option_spec *s)
{
    size_t from = out->n;
    char letter[] = "    ";
    if (s->letter) {
        letter[0] = '-';
        letter[1] = s->letter;
        letter[2] = ',';
    }
    buf_add_c(out, "  ");
    buf_add_c(out, letter);
    buf_add_c(out, "--");
    buf_add_c(out, s->name);
    buf_add_char(out, ' ');
    buf_add_c(out, s->argument ? s->argument : "");
    add_line(out, from, s->help);
}

void options_print_help(void)
{
    struct buf out;
    buf_init(&out, 64 << 10);
    buf_add_c(&out, "usage: hipaalint [check] [OPTION...] [PATH...]\n\n"
                    "Lints infrastructure as code (Terraform, CloudFormation, Kubernetes) against HIPAA rules.\n"
                    "PATH: files or directories, - is standard input; default: the current directory.\n\ncommands:\n");
    for (const struct command *c = cli_commands; c->name; c++) {
        size_t from = out.n;
        buf_add_c(&out, "  ");
        buf_add_c(&out, c->name);
        buf_add_char(&out, ' ');
        buf_add_c(&out, c->operands);
        add_line(&out, from, c->summary);
    }
    buf_add_c(&out, "\noptions:\n");
    for (const struct option_spec *s = option_table; s->name; s++)
        add_option(&out, s);
    buf_add_c(&out, "\nexit status: 0 clean, 1 findings, 2 usage or rule error, 3 analysis incomplete\n"
                    "full manual: man hipaalint\n");
    fwrite(out.p, 1, out.n, stdout);
    buf_release(&out);
}
