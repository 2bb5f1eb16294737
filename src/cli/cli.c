#include "cli/cli.h"

#include <signal.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/path.h"
#include "base/vec.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/timer.h"
#include "report/report.h"
#include "syntax/hcl.h"

const struct command cli_commands[] = {
    {"check", command_check, "[PATH...]", "lint (the default command)"},
    {"rules", command_rules, "", "list the rules"},
    {"explain", command_explain, "ID [PATH...]", "why a rule exists and how to fix a finding"},
    {"test", command_test, "[FILE|DIR...]", "run the examples of rules"},
    {"fix", command_fix, "[PATH...]", "make the mechanical fixes of findings"},
    {"graph", command_graph, "[PATH...]", "resources, edges and facts"},
    {"query", command_query, "CEL [PATH...]", "resources for which an expression holds"},
    {"eval", command_eval, "[EXPR]", "what an expression is worth"},
    {"suppressions", command_suppressions, "[PATH...]", "every suppression and exception, and what it does"},
    {"baseline", command_baseline, "[PATH...]", "write down the findings that there are (-o FILE)"},
    {"config", command_config, "[PATH...]", "the values in force, and where each comes from"},
    {"controls", command_controls, "[PATH...]", "section by section, what there is evidence for"},
    {"limits", command_limits, "", "every limit, with its reason"},
    {"completion", command_completion, "bash|zsh|fish", "completions for a shell"},
    {NULL, NULL, NULL, NULL},
};

/* Line ends are the program's own. */
static void say(const char *fmt, va_list ap)
{
    struct buf text, safe;
    buf_init(&text, LIMIT_STRING_BYTES);
    buf_init(&safe, LIMIT_STRING_BYTES * 2);
    buf_vprintf(&text, fmt, ap);
    bool line = text.n && text.p[text.n - 1] == '\n';
    report_safe_text(&safe, str_slice(buf_str(&text), 0, text.n - line));
    fwrite(safe.n ? safe.p : "", 1, safe.n, stderr);
    if (line)
        fputc('\n', stderr);
    buf_release(&text);
    buf_release(&safe);
}

void cli_say(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}

int cli_usage_error(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("hipaalint: ", stderr);
    say(fmt, ap);
    fputs(" (see hipaalint --help)\n", stderr);
    va_end(ap);
    return EXIT_USAGE;
}

/* Async-signal-safe by choice: it may be called with any lock held. */
static void out_of_memory(size_t size, bool over_limit)
{
    (void)size;
    progress_erase_now();
    static const char limit[] = "hipaalint: the memory limit (--max-memory) was reached; the analysis is incomplete\n";
    static const char none[] = "hipaalint: out of memory; the analysis is incomplete\n";
    ssize_t written =
        over_limit ? write(STDERR_FILENO, limit, sizeof(limit) - 1) : write(STDERR_FILENO, none, sizeof(none) - 1);
    (void)written;
    output_abandon();
    _exit(EXIT_INCOMPLETE);
}

static int print_version(void)
{
    str message = STR_NONE;
    bool usable = hcl_grammar_usable(&message);
    printf("hipaalint %s\nMIT licence; HCL grammar: %s" STR_FMT "\n", HIPAALINT_VERSION,
           usable ? "usable" : "not usable: ", STR_ARG(usable ? STR_NONE : message));
    return EXIT_CLEAN;
}

/* Reports, and trials of fixes, ask for files long after the files were read; without an answer they are not what they
 * should be. */
static int status_after_trouble(int status, struct arena *a)
{
    str path;
    int number;
    if (status == EXIT_USAGE || status == EXIT_INCOMPLETE || !path_had_trouble(a, &path, &number))
        return status;
    cli_say("hipaalint: " STR_FMT " could not be looked at: %s; the answer is incomplete\n", STR_ARG(path),
            strerror(number));
    return EXIT_INCOMPLETE;
}

static void apply_process_options(const struct options *o)
{
    if (o->max_memory)
        alloc_set_limit((size_t)o->max_memory);
    const char *fail_at = getenv("HIPAALINT_FAIL_ALLOC");
    if (fail_at)
        alloc_fail_at(strtoul(fail_at, NULL, 10));
    if (o->timeout)
        timer_start((unsigned)o->timeout);
}

int cli_main(int argc, char **argv)
{
    alloc_on_failure(out_of_memory);
#ifdef SIGXFSZ
    signal(SIGXFSZ, SIG_IGN); /* a file over the size limit is an error of write(2), as a full disk is */
#endif
    struct options o = {.arena = arena_new(), .fail_on = SEVERITY_INFO};
    int status = EXIT_USAGE;
    if (options_parse(&o, argc, argv) && options_take_shard(&o)) {
        if (o.show_help) {
            options_print_help();
            status = EXIT_CLEAN;
        } else if (o.show_version) {
            status = print_version();
        } else {
            apply_process_options(&o);
            status = status_after_trouble(o.command->run(&o), o.arena);
        }
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("hipaalint: cannot write standard output\n", stderr);
        status = status == EXIT_USAGE ? status : EXIT_INCOMPLETE;
    }
    struct str_list *lists[] = {&o.operands, &o.formats,   &o.rules,           &o.only,     &o.skip,
                                &o.exclude,  &o.var_files, &o.parameter_files, &o.fix_rules};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        VEC_RELEASE(lists[i]);
    VEC_RELEASE(&o.vars);
    VEC_RELEASE(&o.parameters);
    arena_free(o.arena);
    return status;
}
