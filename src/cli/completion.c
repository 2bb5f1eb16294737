/* hipaalint completion SHELL: scripts made from the option and command tables. */
#include "cli/cli.h"

static void print_words(char separator)
{
    bool first = true;
    for (const struct command *c = cli_commands; c->name; c++, first = false)
        printf("%s%s", first ? "" : (char[]){separator, 0}, c->name);
}

static void bash(void)
{
    printf("_hipaalint() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\"\n  case \"$cur\" in\n  -*) COMPREPLY=($(compgen "
           "-W \"");
    for (const struct option_spec *s = option_table; s->name; s++)
        printf("--%s ", s->name);
    printf("\" -- \"$cur\")); return ;;\n  esac\n  if [ \"$COMP_CWORD\" = 1 ]; then\n    COMPREPLY=($(compgen -W \"");
    print_words(' ');
    printf("\" -- \"$cur\"))\n  fi\n  COMPREPLY+=($(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _hipaalint "
           "hipaalint\n");
}

static void quoted(const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (*text == '[' || *text == ']' || *text == ':')
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void zsh(void)
{
    printf("#compdef hipaalint\n_arguments -s \\\n  '1:command:(");
    print_words(' ');
    printf(")' \\\n");
    for (const struct option_spec *s = option_table; s->name; s++) {
        printf("  '--%s[", s->name);
        quoted(s->help);
        printf("]%s' \\\n", s->argument ? ":value:_files" : "");
    }
    printf("  '*:file:_files'\n");
}

static void fish(void)
{
    for (const struct command *c = cli_commands; c->name; c++)
        printf("complete -c hipaalint -n __fish_use_subcommand -a %s -d \"%s\"\n", c->name, c->summary);
    for (const struct option_spec *s = option_table; s->name; s++) {
        printf("complete -c hipaalint -l %s%s", s->name, s->argument ? " -r" : "");
        if (s->letter)
            printf(" -s %c", s->letter);
        printf(" -d \"%s\"\n", s->help);
    }
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
