#!/bin/sh
# valgrind on the sample projects: no bad access, no value that was never set, nothing lost. Usage: memcheck.sh PROGRAM
command -v valgrind >/dev/null 2>&1 || { echo "skipped: valgrind is missing"; exit 0; }
for project in testdata/projects/* testdata/robustness/mixed; do
    valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
        "$1" check -j2 --format json=/dev/null "$project" >/dev/null
    [ $? -le 3 ] || { echo "$project: valgrind found something"; exit 1; }
done
echo "valgrind: clean"
