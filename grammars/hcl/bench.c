/* bench.c - parses files again and again: bytes a second, and how many nodes are errors.
 * Build: cc -O2 -DLANGUAGE=tree_sitter_hcl bench.c src/parser.c src/scanner.c -Isrc -ltree-sitter
 * Use:   bench TIMES FILE...    (with TIMES 1 each file with an error is named)
 * LANGUAGE names the function of the parser, so that another grammar can be measured the same way.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tree_sitter/api.h>

#ifndef LANGUAGE
#define LANGUAGE tree_sitter_hcl
#endif

const TSLanguage *LANGUAGE(void);

struct text {
    char *bytes;
    uint32_t length;
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
    text.length = (uint32_t)fread(text.bytes, 1, (size_t)length, file);
    fclose(file);
    return text;
}

/* Counts nodes and errors without recursion; the kind `unterminated` is an error by contract. */
static void count(const TSTree *tree, unsigned long *nodes, unsigned long *errors)
{
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(tree));
    for (;;) {
        const TSNode node = ts_tree_cursor_current_node(&cursor);
        *nodes += 1;
        *errors += strcmp(ts_node_type(node), "ERROR") == 0 || ts_node_is_missing(node) ||
                   strcmp(ts_node_type(node), "unterminated") == 0;
        if (ts_tree_cursor_goto_first_child(&cursor)) {
            continue;
        }
        while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
            if (!ts_tree_cursor_goto_parent(&cursor)) {
                ts_tree_cursor_delete(&cursor);
                return;
            }
        }
    }
}

int main(int argc, char **argv)
{
    struct timespec begin, end;
    unsigned long nodes = 0, errors = 0;
    double bytes = 0;
    TSParser *parser = ts_parser_new();
    if (argc < 3 || !ts_parser_set_language(parser, LANGUAGE())) {
        fprintf(stderr, "usage: bench TIMES FILE...\n");
        return 2;
    }
    const long times = strtol(argv[1], NULL, 10);
    const int n = argc - 2;
    struct text *texts = calloc((size_t)n, sizeof *texts);
    if (!texts) {
        return 2;
    }
    for (int i = 0; i < n; i++) {
        texts[i] = read_text(argv[i + 2]);
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (long t = 0; t < times; t++) {
        for (int i = 0; i < n; i++) {
            TSTree *tree = ts_parser_parse_string(parser, NULL, texts[i].bytes, texts[i].length);
            bytes += texts[i].length;
            if (t == 0 && times == 1) {
                const unsigned long before = errors;
                count(tree, &nodes, &errors);
                if (errors > before) {
                    printf("%s: %lu errors\n", argv[i + 2], errors - before);
                }
            }
            ts_tree_delete(tree);
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    const double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("%d files, %.0f bytes in %.3f s: %.0f bytes/s", n, bytes, seconds, bytes / seconds);
    if (times == 1) {
        printf(" (counting included), %lu nodes, %lu errors", nodes, errors);
    }
    putchar('\n');
    for (int i = 0; i < n; i++) {
        free(texts[i].bytes);
    }
    free(texts);
    ts_parser_delete(parser);
    return 0;
}
