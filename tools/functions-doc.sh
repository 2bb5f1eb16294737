#!/bin/sh
# Writes the lists of functions and facts in man/hipaalint-rules.5 anew, from the tables in the code.
# Usage: functions-doc.sh [BUILD]. The same program, run as a test, fails when the manual is behind.
build=${1:-build}
cd "$(dirname "$0")/.." || exit 1
make BUILD="$build" "$build/test/src/policy/functions_doc_test" && HIPAALINT_UPDATE_MAN=1 "$build/test/src/policy/functions_doc_test"
