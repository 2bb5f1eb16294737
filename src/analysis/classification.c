#include "analysis/pass.h"

static const struct fact facts[] = {{NULL, NULL, NULL}};

static void run(struct analysis *a)
{
    (void)a;
}

const struct analysis_pass pass_classification = {"classification", run, facts};
