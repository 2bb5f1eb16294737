#!/bin/sh
# Golden cases: testdata/golden/<name>/ holds input files, `args` (optional, one line) and want.txt; the output of
# `hipaalint check ARGS .` in a copy of that directory that is a repository of its own (so that paths do not depend on
# where the checkout lies), followed by its exit status, must equal want.txt. Rules for cases: testdata/golden-rules.
# `project` (optional) names a directory of testdata/projects that stands in place of input files; `command` (optional, one
# line) is what is run in place of `check`, with $hipaalint for the program; pipes may cut its output to what matters.
# Usage: golden.sh PROGRAM [update]. Last line: N passed, N failed.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
update=${2:-}
passed=0 failed=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
out=$tmp/out
mkdir "$tmp/golden" && cp -R testdata/golden-rules "$tmp/golden-rules"
for want in testdata/golden/*/want.txt; do
    [ -e "$want" ] || continue
    dir=$(dirname "$want")
    args=$(cat "$dir/args" 2>/dev/null || true)
    copy=$tmp/golden/$(basename "$dir")
    if [ -e "$dir/project" ]; then cp -R "testdata/projects/$(cat "$dir/project")" "$copy"; else cp -R "$dir" "$copy"; fi
    mkdir -p "$copy/.git"
    if [ -e "$dir/command" ]; then
        (cd "$copy" && hipaalint=$program && eval "$(cat "$OLDPWD/$dir/command")" 2>&1)
    else
        (cd "$copy" && eval "\"$program\" check --exclude want.txt --exclude args --today 2026-11-24 $args ." 2>&1; echo "exit status $?")
    fi |
        sed -e 's/hipaalint [0-9][0-9.]*/hipaalint VERSION/' -e 's/"\([a-z]*[vV]ersion\)": *"0[.][0-9.]*"/"\1": "VERSION"/' >"$out"
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
