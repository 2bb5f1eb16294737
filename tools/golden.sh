#!/bin/sh
# Golden cases: testdata/golden/<name>/ holds input files, `args` (optional, one line) and want.txt; the output of
# `hipaalint check ARGS .` in that directory, followed by its exit status, must equal want.txt.
# Usage: golden.sh PROGRAM [update]. Last line: N passed, N failed.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
update=${2:-}
passed=0 failed=0
out=$(mktemp); trap 'rm -f "$out"' EXIT
for want in testdata/golden/*/want.txt; do
    [ -e "$want" ] || continue
    dir=$(dirname "$want")
    args=$(cat "$dir/args" 2>/dev/null || true)
    (cd "$dir" && eval "\"$program\" check --exclude want.txt --exclude args --today 2026-11-24 $args ." 2>&1; echo "exit status $?") |
        sed "s/hipaalint [0-9][0-9.]*/hipaalint VERSION/" >"$out"
    if [ "$update" = update ]; then
        cp "$out" "$want"
    elif cmp -s "$out" "$want"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1)); echo "FAILED: $dir"; diff "$want" "$out" | head -40
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
