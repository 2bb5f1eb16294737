/* hipaalint fix: makes the mechanical fixes of all findings that have one. */
#include <signal.h>

#include "base/diff.h"
#include "base/path.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/fixer.h"
#include "cli/output.h"
#include "cli/replace.h"
#include "report/report.h"

/* What comes from input has no control characters then. */
static void write_item(const struct fixer_item *item, const char *what, struct buf *out)
{
    report_safe_text(out, item->path);
    buf_printf(out, ":%u:%u: %s: ", item->line, item->column, what);
    report_safe_text(out, item->message);
    buf_printf(out, " [" STR_FMT " " STR_FMT "]\n", STR_ARG(item->rule), STR_ARG(item->name));
    if (!item->declined || !item->reason.n)
        return;
    buf_add_c(out, "    ");
    report_safe_text(out, item->reason);
    buf_add_char(out, '\n');
}

struct tally {
    size_t fixed, declined, files;
};

static struct tally count(const struct fixer *x)
{
    struct tally t = {0};
    for (size_t i = 0; i < x->items.n; i++) {
        t.fixed += x->items.at[i]->fixed;
        t.declined += x->items.at[i]->declined;
    }
    for (size_t i = 0; i < x->files.n; i++)
        t.files += !str_eq(x->files.at[i].before, x->files.at[i].now);
    return t;
}

static void write_list(const struct fixer *x, const struct tally *t, bool dry, struct buf *out)
{
    for (size_t i = 0; i < x->items.n; i++)
        if (x->items.at[i]->fixed)
            write_item(x->items.at[i], dry ? "would be fixed" : "fixed", out);
    for (size_t i = 0; i < x->items.n; i++)
        if (x->items.at[i]->declined)
            write_item(x->items.at[i], "not fixed", out);
    buf_printf(out, "%zu finding%s %s in %zu file%s, %zu declined, %zu other%s\n", t->fixed, t->fixed == 1 ? "" : "s",
               dry ? "would be fixed" : "fixed", t->files, t->files == 1 ? "" : "s", t->declined, x->left,
               x->left == 1 ? "" : "s");
}

static void write_diff(const struct fixer *x, struct buf *out)
{
    for (size_t i = 0; i < x->files.n; i++) {
        const struct fixer_file *f = &x->files.at[i];
        str mark = STR_NONE;
        replace_check(f->real, f->before, &mark);
        str before = arena_printf(x->arena, STR_FMT STR_FMT, STR_ARG(mark), STR_ARG(f->before));
        str now = arena_printf(x->arena, STR_FMT STR_FMT, STR_ARG(mark), STR_ARG(f->now));
        str path = path_is_absolute(f->path) ? str_slice(f->path, 1, f->path.n) : f->path;
        diff_unified(before, now, arena_printf(x->arena, "a/" STR_FMT, STR_ARG(path)),
                     arena_printf(x->arena, "b/" STR_FMT, STR_ARG(path)), out);
    }
}

/* The findings whose edits lie in the file are not mended. */
static void decline_file(struct fixer *x, size_t file, str why)
{
    for (size_t i = 0; i < x->items.n; i++) {
        struct fixer_item *item = x->items.at[i];
        for (size_t k = 0; k < item->n_edits && item->fixed; k++) {
            if (item->edit[k].at.file != file)
                continue;
            item->fixed = false;
            item->declined = true;
            item->reason = why;
        }
    }
}

/* How many could not be written. */
static size_t write_files(struct fixer *x)
{
    size_t failed = 0;
    for (size_t i = 0; i < x->files.n; i++) {
        struct fixer_file *f = &x->files.at[i];
        str why = STR_NONE;
        if (str_eq(f->before, f->now) || replace_file(f->real, f->before, f->now, x->arena, &why))
            continue;
        cli_say("hipaalint: " STR_FMT " was not changed: " STR_FMT "\n", STR_ARG(f->path), STR_ARG(why));
        decline_file(x, i, why);
        f->now = f->before;
        failed++;
    }
    return failed;
}

static int fix(struct fixer *x, const struct options *o)
{
    if (fixer_run(x) != FIXER_DONE)
        return EXIT_USAGE;
    struct buf list, diff;
    bool dry = o->dry_run || o->diff, ok = true;
    size_t failed = dry ? 0 : write_files(x);
    struct tally t = count(x);
    buf_init(&list, SIZE_MAX);
    buf_init(&diff, SIZE_MAX);
    write_list(x, &t, dry, &list);
    if (o->diff) {
        write_diff(x, &diff);
        ok = output_write(o->output, buf_str(&diff));
        if (!o->quiet)
            fputs(buf_str(&list).p, stderr);
    } else if (!o->quiet) {
        ok = output_write(o->output, buf_str(&list));
    }
    buf_release(&list);
    buf_release(&diff);
    if (!ok || failed || x->incomplete)
        return EXIT_INCOMPLETE;
    return (t.declined || (dry && t.fixed)) && !o->exit_zero ? EXIT_FINDINGS : EXIT_CLEAN;
}

int command_fix(const struct options *o)
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < o->operands.n; i++)
        if (str_eq_c(o->operands.at[i], "-"))
            return cli_usage_error("fix changes files: standard input has none");
    struct fixer x;
    fixer_init(&x, o, true);
    int status = fix(&x, o);
    fixer_release(&x);
    return status;
}
