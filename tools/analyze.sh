#!/bin/sh
# Static analyzers over our own sources, each with the exceptions that follow; one that is missing says so.
# cppcheck: warnings, performance and portability. Left out:
#   uninitvar, uninitdata     does not follow ret_ parameters that a call fills
#   nullPointer...             does not follow that alloc_get and the arena never give NULL
#   ctunullpointer, arrayIndexOutOfBounds  the same through containers that grow
#   returnDanglingLifetime, autoVariables  take what an arena owns for the local struct that points to it
#   uninitStructMember        a scan that stops early fills what its caller reads then
#   memleak                   memory that is handed to tree-sitter
#   readdirCalled             each directory stream belongs to one thread
#   invalidPrintfArgType_*    the format macros of str.h
# clang-tidy: the clang-analyzer core and security checks. Left out:
#   security.insecureAPI.DeprecatedOrUnsafeBufferHandling  wants memcpy_s, which the C library does not have
#   core.NullDereference, core.UndefinedBinaryOperatorResult  do not follow that what has elements has a pointer to them
#                             (str, vec, map) and that ret_ parameters are filled when a call says so; the sanitizers do
# gcc -fanalyzer: everything that it warns of, but what stands in gcc_exceptions: file, warning, why it is none.
set -u
status=0
files=$(find src -name '*.c' ! -name '*_test.c' | sort)
gcc_exceptions() {
    cat <<'EOF'
src/frontend/kubernetes/split.c null-dereference    parts are looked for in a map, and there is none without a splitting
src/graph/model_document.c      null-dereference    names are NULL only where there are 0 of them
src/policy/baseline.c           use-of-uninitialized-value  a member of a struct that a call gives back
src/policy/cel_graph.c          null-argument       a text that has bytes has a pointer to them
src/policy/rule_image.c         null-dereference    numbers of tables are made by rule_import_number of this file
EOF
}
# One file; prints what is found and is no exception.
gcc_analyze() {
    found=$(${ANALYZER:-gcc} -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc -DHIPAALINT_VERSION='""' -O1 -fanalyzer \
        -fdiagnostics-plain-output -c "$1" -o /dev/null 2>&1)
    rc=$?
    new=$(printf '%s\n' "$found" | sed -n 's/.*warning: .*\[-Wanalyzer-\([a-z-]*\)\]$/\1/p' | sort -u | while read -r warning; do
        gcc_exceptions | grep -qE "^$1 +$warning " || echo "$warning"; done)
    [ $rc = 0 ] && [ -z "$new" ] || { echo "$1: $new"; printf '%s\n' "$found" | head -60; return 1; }
}
if [ "${1:-}" = --gcc ]; then # this script, for one file
    gcc_analyze "$2"
    exit $?
fi
if command -v cppcheck >/dev/null 2>&1; then
    cppcheck --quiet --error-exitcode=1 -j2 --std=c11 --enable=warning,performance,portability --inline-suppr -Isrc \
        --library=posix --suppress=uninitvar --suppress=uninitdata --suppress=nullPointer --suppress=nullPointerRedundantCheck --suppress=nullPointerArithmetic --suppress=ctunullpointer \
        --suppress=arrayIndexOutOfBounds --suppress=invalidPrintfArgType_sint --suppress=invalidPrintfArgType_uint --suppress=invalidPrintfArgType_s --suppress=returnDanglingLifetime --suppress=autoVariables --suppress=uninitStructMember --suppress=memleak \
        --suppress=readdirCalled --suppress=missingInclude \
        --suppress=unknownMacro -DHIPAALINT_VERSION='""' $files || { status=1; echo "cppcheck found something"; }
else
    echo "skipped: cppcheck is missing"
fi
if command -v clang-tidy >/dev/null 2>&1; then
    # Where bytes of strangers are read first.
    clang-tidy --quiet --warnings-as-errors='*' \
        --checks='-*,clang-analyzer-core.*,clang-analyzer-unix.*,clang-analyzer-security.*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-clang-analyzer-core.NullDereference,-clang-analyzer-core.UndefinedBinaryOperatorResult' \
        $(find src/base src/cli -name '*.c' ! -name '*_test.c') -- -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc \
        -DHIPAALINT_VERSION='""' 2>/dev/null || { status=1; echo "clang-tidy found something"; }
else
    echo "skipped: clang-tidy is missing"
fi
if ${ANALYZER:-gcc} -fanalyzer -x c -c /dev/null -o /dev/null 2>/dev/null; then
    printf '%s\n' $files | xargs -P2 -n1 sh "$0" --gcc || { status=1; echo "gcc -fanalyzer found something"; }
else
    echo "skipped: ${ANALYZER:-gcc} has no -fanalyzer"
fi
[ $status = 0 ] && echo "static analysis: clean"
exit $status
