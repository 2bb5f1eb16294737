/* hipaalint completion SHELL: scripts made from the option and command tables. */
#include "cli/cli.h"
#include "report/report.h"

/* What the argument of an option is completed with. */
enum argument {
    ARGUMENT_NONE,
    ARGUMENT_FREE,
    ARGUMENT_FILE,
    ARGUMENT_DIRECTORY,
    ARGUMENT_WORDS,
    ARGUMENT_RULE,
    ARGUMENT_REVISION
};

static const struct {
    const char *name; /* of the option, or of its argument */
    enum argument argument;
    const char *words;
} completions[] = {
    {"format", ARGUMENT_WORDS, ""}, /* those of report_formats */
    {"profile", ARGUMENT_WORDS, "base strict nprm"},
    {"framework", ARGUMENT_WORDS, "nist-800-53-r5 gdpr nprm"},
    {"WHEN", ARGUMENT_WORDS, "auto always never"},
    {"SEVERITY", ARGUMENT_WORDS, "info low medium high critical"},
    {"only", ARGUMENT_RULE, NULL},
    {"skip", ARGUMENT_RULE, NULL},
    {"REV", ARGUMENT_REVISION, NULL},
    {"FILE", ARGUMENT_FILE, NULL},
    {"PATH", ARGUMENT_FILE, NULL},
    {"DIR", ARGUMENT_DIRECTORY, NULL},
};

static enum argument argument_of(const struct option_spec *s, const char **ret_words)
{
    *ret_words = "";
    if (!s->argument)
        return ARGUMENT_NONE;
    for (size_t i = 0; i < ARRAY_LEN(completions); i++) {
        if (strcmp(completions[i].name, s->name) != 0 && strcmp(completions[i].name, s->argument) != 0)
            continue;
        *ret_words = completions[i].words;
        return completions[i].argument;
    }
    return ARGUMENT_FREE;
}

static void print_words(const char *words)
{
    if (*words) {
        fputs(words, stdout);
        return;
    }
    for (const struct report_format *f = report_formats; f->name; f++)
        printf("%s%s", f == report_formats ? "" : " ", f->name);
}

static void print_commands(void)
{
    for (const struct command *c = cli_commands; c->name; c++)
        printf("%s%s", c == cli_commands ? "" : " ", c->name);
}

/* Inside of single quotes; `more` lists characters that take a backslash, too. */
static void quoted(const char *text, const char *more)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (*more && strchr(more, *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

/* ---------------------------------------------------------------- bash */

static void bash_names(const struct option_spec *s)
{
    printf("  --%s", s->name);
    if (s->letter)
        printf("|-%c", s->letter);
}

static void bash_argument(const struct option_spec *s)
{
    const char *words;
    enum argument argument = argument_of(s, &words);
    if (argument == ARGUMENT_NONE)
        return;
    bash_names(s);
    switch (argument) {
    case ARGUMENT_WORDS:
        printf(") COMPREPLY=($(compgen -W \"");
        print_words(words);
        printf("\" -- \"$cur\")); return ;;\n");
        break;
    case ARGUMENT_RULE:
        printf(") COMPREPLY=($(compgen -W \"$(\"$1\" rules 2>/dev/null | cut -d' ' -f1)\" -- \"$cur\")); return ;;\n");
        break;
    case ARGUMENT_REVISION:
        printf(") COMPREPLY=($(compgen -W \"$(git for-each-ref --format='%%(refname:short)' 2>/dev/null)\" -- "
               "\"$cur\")); return ;;\n");
        break;
    case ARGUMENT_FILE:
        printf(") mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); compopt -o filenames; return ;;\n");
        break;
    case ARGUMENT_DIRECTORY:
        printf(") mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); compopt -o filenames; return ;;\n");
        break;
    default:
        printf(") return ;;\n");
        break;
    }
}

/* bash splits --color=a into three words. */
static void bash(void)
{
    printf("_hipaalint() {\n"
           "  local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
           "  COMPREPLY=()\n"
           "  [ \"$cur\" = = ] && cur=\n"
           "  [ \"$prev\" = = ] && [ \"$COMP_CWORD\" -gt 2 ] && prev=\"${COMP_WORDS[COMP_CWORD-2]}\"\n"
           "  case \"$prev\" in\n");
    for (const struct option_spec *s = option_table; s->name; s++)
        bash_argument(s);
    printf(
        "  explain) COMPREPLY=($(compgen -W \"$(\"$1\" rules 2>/dev/null | cut -d' ' -f1)\" -- \"$cur\")); return ;;\n"
        "  completion) COMPREPLY=($(compgen -W \"bash zsh fish\" -- \"$cur\")); return ;;\n"
        "  esac\n"
        "  case \"$cur\" in\n"
        "  -*) COMPREPLY=($(compgen -W \"");
    for (const struct option_spec *s = option_table; s->name; s++)
        printf("%s--%s", s == option_table ? "" : " ", s->name);
    printf("\" -- \"$cur\")); return ;;\n"
           "  esac\n"
           "  mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
           "  compopt -o filenames\n"
           "  [ \"$COMP_CWORD\" = 1 ] && COMPREPLY+=($(compgen -W \"");
    print_commands();
    printf("\" -- \"$cur\"))\n"
           "  return 0\n"
           "}\n"
           "complete -F _hipaalint hipaalint\n");
}

/* ---------------------------------------------------------------- zsh */

static void zsh_action(const struct option_spec *s)
{
    const char *words;
    switch (argument_of(s, &words)) {
    case ARGUMENT_NONE:
        return;
    case ARGUMENT_WORDS:
        printf(":%s:(", s->name);
        print_words(words);
        printf(")");
        return;
    case ARGUMENT_RULE:
        printf(":rule:_hipaalint_rules");
        return;
    case ARGUMENT_REVISION:
        printf(":commit:_hipaalint_commits");
        return;
    case ARGUMENT_FILE:
        printf(":file:_files");
        return;
    case ARGUMENT_DIRECTORY:
        printf(":directory:_files -/");
        return;
    default:
        printf(":%s: ", s->name);
        return;
    }
}

static void zsh_option(const struct option_spec *s, const char *dashes, const char *name)
{
    bool repeatable = s->kind == OPTION_LIST || s->kind == OPTION_ASSIGNMENT;
    const char *glue = !s->argument ? "" : dashes[1] ? "=" : "+";
    printf("    '%s%s%s%s[", repeatable ? "*" : "", dashes, name, glue);
    quoted(s->help, "[]:\\");
    printf("]");
    zsh_action(s);
    printf("' \\\n");
}

static void zsh(void)
{
    printf(
        "#compdef hipaalint\n"
        "_hipaalint_rules() { compadd -- ${(f)\"$(hipaalint rules 2>/dev/null | cut -d' ' -f1)\"} }\n"
        "_hipaalint_commits() { compadd -- ${(f)\"$(git for-each-ref --format='%%(refname:short)' 2>/dev/null)\"} }\n"
        "_hipaalint_first() {\n  local -a commands=(\n");
    for (const struct command *c = cli_commands; c->name; c++) {
        printf("    '%s:", c->name);
        quoted(c->summary, ":\\");
        printf("'\n");
    }
    printf("  )\n  _describe -t commands command commands\n  _files\n}\n"
           "_hipaalint() {\n  _arguments -s -S \\\n");
    for (const struct option_spec *s = option_table; s->name; s++) {
        zsh_option(s, "--", s->name);
        if (s->letter)
            zsh_option(s, "-", (char[]){s->letter, 0});
    }
    printf("    '1: :_hipaalint_first' \\\n    '*:file:_files'\n}\n"
           "if [ \"$funcstack[1]\" = _hipaalint ]; then _hipaalint \"$@\"; else compdef _hipaalint hipaalint; fi\n");
}

/* ---------------------------------------------------------------- fish */

static void fish_argument(const struct option_spec *s)
{
    const char *words;
    switch (argument_of(s, &words)) {
    case ARGUMENT_NONE:
        return;
    case ARGUMENT_WORDS:
        printf(" -x -a '");
        print_words(words);
        printf("'");
        return;
    case ARGUMENT_RULE:
        printf(" -x -a '(hipaalint rules 2>/dev/null | string split -f1 \" \")'");
        return;
    case ARGUMENT_REVISION:
        printf(" -x -a '(git for-each-ref --format=\"%%(refname:short)\" 2>/dev/null)'");
        return;
    case ARGUMENT_DIRECTORY:
        printf(" -x -a '(__fish_complete_directories)'");
        return;
    case ARGUMENT_FILE:
        printf(" -r");
        return;
    default:
        printf(" -x");
        return;
    }
}

static void fish_text(const char *text)
{
    for (; *text; text++)
        printf(*text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
}

static void fish(void)
{
    for (const struct command *c = cli_commands; c->name; c++) {
        printf("complete -c hipaalint -n __fish_use_subcommand -a %s -d '", c->name);
        fish_text(c->summary);
        printf("'\n");
    }
    for (const struct option_spec *s = option_table; s->name; s++) {
        printf("complete -c hipaalint -l %s", s->name);
        if (s->letter)
            printf(" -s %c", s->letter);
        fish_argument(s);
        printf(" -d '");
        fish_text(s->help);
        printf("'\n");
    }
    printf("complete -c hipaalint -n '__fish_seen_subcommand_from completion' -x -a 'bash zsh fish'\n"
           "complete -c hipaalint -n '__fish_seen_subcommand_from explain' -a '(hipaalint rules 2>/dev/null | string "
           "split "
           "-f1 \" \")'\n");
}

int command_completion(const struct options *o)
{
    str shell = o->operands.n ? o->operands.at[0] : STR_NONE;
    if (str_eq_c(shell, "bash"))
        bash();
    else if (str_eq_c(shell, "zsh"))
        zsh();
    else if (str_eq_c(shell, "fish"))
        fish();
    else
        return cli_usage_error("completion needs one of bash, zsh, fish");
    return EXIT_CLEAN;
}
