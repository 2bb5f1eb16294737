#!/bin/sh
# Static analyzers over our own sources, each with the exceptions that follow; one that is missing says so.
# cppcheck: warnings, performance and portability. Left out:
#   uninitvar, uninitdata     does not follow ret_ parameters that a call fills
#   nullPointer*              does not follow that alloc_get and the arena never give NULL
#   ctunullpointer, arrayIndexOutOfBounds  the same through containers that grow
#   invalidPrintfArgType_*    the format macros of str.h
# clang-tidy: the clang-analyzer core and security checks. Left out:
#   security.insecureAPI.DeprecatedOrUnsafeBufferHandling  wants memcpy_s, which the C library does not have
set -u
status=0
files=$(find src -name '*.c' ! -name '*_test.c' | sort)
if command -v cppcheck >/dev/null 2>&1; then
    cppcheck --quiet --error-exitcode=1 -j2 --std=c11 --enable=warning,performance,portability --inline-suppr -Isrc \
        --library=posix --suppress=uninitvar --suppress=uninitdata --suppress='nullPointer*' --suppress=ctunullpointer \
        --suppress=arrayIndexOutOfBounds --suppress='invalidPrintfArgType_*' --suppress=missingInclude \
        --suppress=unknownMacro -DHIPAALINT_VERSION='""' $files || { status=1; echo "cppcheck found something"; }
else
    echo "skipped: cppcheck is missing"
fi
if command -v clang-tidy >/dev/null 2>&1; then
    # Where bytes of strangers are read first.
    clang-tidy --quiet --warnings-as-errors='*' \
        --checks='-*,clang-analyzer-core.*,clang-analyzer-unix.*,clang-analyzer-security.*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling' \
        $(find src/base src/cli -name '*.c' ! -name '*_test.c') -- -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc \
        -DHIPAALINT_VERSION='""' 2>/dev/null || { status=1; echo "clang-tidy found something"; }
else
    echo "skipped: clang-tidy is missing"
fi
[ $status = 0 ] && echo "static analysis: clean"
exit $status
