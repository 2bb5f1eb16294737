#!/bin/sh
# The thread sanitizer: tests that use threads, and 16 threads on the sample projects and on the largest corpus that is
# there. Usage: threads.sh. Exceptions: none.
set -eu
make --no-print-directory VARIANT=tsan all build/tsan/test/src/base/pool_test build/tsan/test/src/base/source_test \
    build/tsan/test/src/base/intern_test build/tsan/test/src/base/alloc_test
export TSAN_OPTIONS=halt_on_error=1:exitcode=66
for t in build/tsan/test/src/base/*_test; do "$t"; done
for project in testdata/projects/* testdata/robustness/mixed ../shared/corpora/kube-prometheus; do
    [ -d "$project" ] || { echo "skipped: $project is not there"; continue; }
    rc=0
    build/tsan/hipaalint check -j16 --format json=/dev/null "$project" >/dev/null || rc=$?
    [ $rc -le 3 ] || { echo "$project: exit $rc"; exit 1; }
done
echo "threads: clean"
