/* hipaalint eval: what an expression is worth: Terraform (in a root), CloudFormation (a fragment in a
 * template) or CEL. The value goes to standard output as JSON; an error to standard error, exit 2. */
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/run.h"
#include "frontend/cloudformation/cloudformation.h"
#include "frontend/terraform/terraform.h"
#include "policy/cel.h"

static int print_value(struct run *r, const struct value *v, str absent)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    if (v)
        value_to_json(v, &out, VALUE_JSON_REVEAL);
    else
        buf_add(&out, absent);
    buf_add_char(&out, '\n');
    bool ok = output_write(r->options->output, buf_str(&out));
    buf_release(&out);
    return ok ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

static int eval_cel(struct run *r)
{
    struct buf out, error;
    buf_init(&out, SIZE_MAX);
    buf_init(&error, LIMIT_STRING_BYTES);
    int status = EXIT_USAGE;
    if (cel_eval_text(r->options->cel, r->options->bindings, &out, &error)) {
        buf_add_char(&out, '\n');
        status = output_write(r->options->output, buf_str(&out)) ? EXIT_CLEAN : EXIT_INCOMPLETE;
    } else {
        cli_say("hipaalint: " STR_FMT "\n", STR_ARG(buf_str(&error)));
    }
    buf_release(&out);
    buf_release(&error);
    return status;
}

static int eval_in_files(struct run *r)
{
    const struct options *o = r->options;
    str expression = o->operands.at[0];
    bool template = o->template_file.n > 0;
    str path = template ? o->template_file : o->directory.n ? o->directory : STR(".");
    struct input_options input = {.jobs = (unsigned)o->jobs, .no_gitignore = true, .no_walk = true};
    r->inputs = inputs_discover(&path, 1, &input, r->sources, &r->diags, STR_NONE);
    size_t before = r->diags.n;
    const struct value *v =
        template ? cloudformation_eval_text(r->inputs, &r->frontend, path, expression, r->arena, &r->diags)
                 : terraform_eval_text(r->inputs, &r->frontend, path, expression, r->arena, &r->diags);
    bool failed = false;
    for (size_t i = before; i < r->diags.n; i++)
        failed |= r->diags.at[i].severity >= DIAG_WARNING;
    if (failed) {
        run_print_diags(r);
        if (!v || v->kind == VALUE_UNKNOWN) {
            if (v)
                print_value(r, v, STR_NONE);
            return EXIT_USAGE;
        }
    }
    return print_value(r, v, STR("absent"));
}

int command_eval(const struct options *o)
{
    if (!o->cel.n && o->operands.n != 1)
        return cli_usage_error("eval needs one expression");
    struct run r;
    run_init(&r, o);
    int status = o->cel.n ? eval_cel(&r) : eval_in_files(&r);
    run_release(&r);
    return status;
}
