/* fuzz.h - what every fuzz target has: one entry, LLVMFuzzerTestOneInput, built twice: with libFuzzer under
 * clang (`make fuzz`), and with driver.c under any compiler, which replays testdata/fuzz/<target>/ as a test. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/buf.h"
#include "syntax/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One input as a source, with everything that a reader needs. */
struct fuzz_input {
    struct arena *arena;
    struct sources *sources;
    struct diag_list diags;
    const struct source *source;
};

void fuzz_open(struct fuzz_input *f, const uint8_t *data, size_t size, const char *name);
void fuzz_close(struct fuzz_input *f);
/* Touches every node and every span, so that a bad one is seen by the sanitizers. */
void fuzz_touch(const struct fuzz_input *f, const struct node *n);

/* project.c: several files in one input. A line "#### NAME" begins a file; what comes before the first
 * such line is the file `first`. They are written to a fresh directory, go through all front ends, the
 * model and the analyses, and every value is read. NAME has letters, digits and ._-/ only; no "..". */
void fuzz_project(const uint8_t *data, size_t size, const char *first);
/* The same for one text that is not written anywhere. What the front ends made of it goes to `dump` when
 * that is not NULL. `rules`: ask all rules, too. */
void fuzz_text(str text, const char *name, bool rules, struct buf *dump);

#endif
