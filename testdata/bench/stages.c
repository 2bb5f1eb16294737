/* stages.c - the limit of each stage: what the library alone takes for the same bytes.
 * Build: cc -O2 -Igrammars/hcl/src testdata/bench/stages.c grammars/hcl/src/parser.c grammars/hcl/src/scanner.c \
 *            -ltree-sitter -lyaml -lcjson
 * Use:   stages read|hcl|yaml|json FILE...    (one pass; prints bytes and seconds) */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tree_sitter/api.h>
#include <yaml.h>

const TSLanguage *tree_sitter_hcl(void);

struct text {
    char *bytes;
    size_t length;
};

static struct text read_text(const char *path)
{
    struct text text = {NULL, 0};
    FILE *file = fopen(path, "rb");
    long length;
    if (!file || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0) {
        perror(path);
        exit(2);
    }
    rewind(file);
    text.bytes = malloc((size_t)length + 1);
    if (!text.bytes) {
        perror(path);
        exit(2);
    }
    text.length = fread(text.bytes, 1, (size_t)length, file);
    text.bytes[text.length] = '\0';
    fclose(file);
    return text;
}

static void parse_nothing(struct text text)
{
    (void)text;
}

static void parse_hcl(struct text text)
{
    TSParser *parser = ts_parser_new();
    ts_parser_set_language(parser, tree_sitter_hcl());
    ts_tree_delete(ts_parser_parse_string(parser, NULL, text.bytes, (uint32_t)text.length));
    ts_parser_delete(parser);
}

static void parse_yaml(struct text text)
{
    yaml_parser_t parser;
    yaml_event_t event;
    yaml_event_type_t type = YAML_NO_EVENT;
    if (!yaml_parser_initialize(&parser))
        return;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.bytes, text.length);
    while (type != YAML_STREAM_END_EVENT && yaml_parser_parse(&parser, &event)) {
        type = event.type;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

static void parse_json(struct text text)
{
    cJSON_Delete(cJSON_ParseWithLength(text.bytes, text.length));
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*parse)(struct text text);
    } stages[] = {{"read", parse_nothing}, {"hcl", parse_hcl}, {"yaml", parse_yaml}, {"json", parse_json}};
    for (size_t s = 0; argc > 1 && s < sizeof(stages) / sizeof(stages[0]); s++) {
        if (strcmp(argv[1], stages[s].name) != 0)
            continue;
        size_t bytes = 0;
        double start = now();
        for (int i = 2; i < argc; i++) {
            struct text text = read_text(argv[i]);
            stages[s].parse(text);
            bytes += text.length;
            free(text.bytes);
        }
        printf("%s\t%zu bytes\t%.6f s\n", argv[1], bytes, now() - start);
        return 0;
    }
    fputs("usage: stages read|hcl|yaml|json FILE...\n", stderr);
    return 2;
}
