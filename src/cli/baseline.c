/* hipaalint baseline: writes down the findings that there are. */
#include "base/path.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"

static int write_baseline(struct run *r)
{
    const struct str_list *paths = &r->options->operands;
    if (!run_configure(r, paths->at, paths->n) || !run_open_pack(r, false) || !run_read(r, paths->at, paths->n))
        return EXIT_USAGE;
    run_link(r);
    if (!run_evaluate(r))
        return EXIT_USAGE;
    struct buf out;
    buf_init(&out, SIZE_MAX);
    baseline_write(&r->findings, r->sources, r->inputs->root, path_cwd(r->arena), &out);
    bool written = output_write(r->options->output, buf_str(&out));
    buf_release(&out);
    run_print_diags(r);
    return written && !run_is_incomplete(r) ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

int command_baseline(const struct options *o)
{
    if (o->baseline.n)
        return cli_usage_error("baseline writes to -o FILE; --baseline is for check");
    struct run r;
    run_init(&r, o);
    int status = write_baseline(&r);
    run_release(&r);
    return status;
}
