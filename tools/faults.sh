#!/bin/sh
# Fails the n-th allocation for many n over a small project: a clean message and exit status 3, or the right answer; never
# a crash and never a wrong "clean". Usage: faults.sh PROGRAM [STEP]. Last line: N passed, N failed.
program=$1
step=${2:-1}
project=${3:-testdata/projects/clinic/kubernetes}
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
"$program" check -j1 "$project" >"$tmp/want" 2>/dev/null
right=$?
passed=0 failed=0 n=1
while :; do
    HIPAALINT_FAIL_ALLOC=$n "$program" check -j1 "$project" >"$tmp/got" 2>"$tmp/err"
    rc=$?
    if [ $rc = $right ] && cmp -s "$tmp/want" "$tmp/got"; then
        [ -s "$tmp/err" ] || break # past the last allocation
        passed=$((passed + 1))
    elif [ $rc = 3 ] && grep -q 'out of memory' "$tmp/err"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1)); echo "allocation $n: exit $rc"; head -3 "$tmp/err"
    fi
    n=$((n + step))
    [ $failed -lt 10 ] || break
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
