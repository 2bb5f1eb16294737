/* The whole pipeline on one text as standard input: front ends, model, analyses. The first byte picks the name. */
#include "analysis/analysis.h"
#include "frontend/frontend.h"
#include "fuzz.h"
#include "policy/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"main.tf",       "template.yaml", "manifest.yaml",
                                        "template.json", "main.tf.json",  "plan.json"};
    if (size < 1)
        return 0;
    struct fuzz_input f;
    fuzz_open(&f, data + 1, size - 1, "unused");
    struct pack_options pack_options = {0};
    struct pack *pack = pack_open(&pack_options, f.sources, &f.diags);
    struct input_options input_options = {.jobs = 1, .stdin_path = str_of(names[data[0] % ARRAY_LEN(names)])};
    struct frontend_options frontend_options = {0};
    str path = STR("-");
    struct inputs *inputs = inputs_discover(&path, 1, &input_options, f.sources, &f.diags, f.source->text);
    struct graph *graph = frontend_load(inputs, &frontend_options, 1, &f.diags);
    sources_rank(f.sources);
    graph_link(graph, pack_model(pack), f.sources, 1, &f.diags);
    struct analysis_options analysis_options = {.jobs = 1};
    struct analysis *analysis = analysis_run(graph, &analysis_options, &f.diags);
    analysis_free(analysis);
    graph_free(graph);
    pack_free(pack);
    inputs_free(inputs);
    f.diags.n = 0; /* of other sources */
    fuzz_close(&f);
    return 0;
}
