#!/bin/sh
# Line coverage of src/ by the whole test suite, folder by folder: builds VARIANT=coverage, runs the tests, reads gcov.
# Usage: coverage.sh [--no-run]. Fails below the figures that CONTRIBUTING promises: src/ 90 %, syntax/ and policy/ 95 %.
build=build/coverage
command -v gcov >/dev/null 2>&1 || { echo "skipped: coverage (no gcov)"; exit 0; }
if [ "$1" != --no-run ]; then
    make --no-print-directory VARIANT=coverage all tests >/dev/null || exit 1
    find "$build" -name '*.gcda' -exec rm -f {} +
    sh tools/run-tests.sh "$build" >"$build/tests.log" 2>&1 || { tail -20 "$build/tests.log"; echo "the tests fail"; exit 1; }
fi
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
root=$PWD
find "$build/src" -name '*.gcda' ! -path '*/test/*' | while read -r data; do
    (cd "$tmp" && gcov -n -o "$root/$(dirname "$data")" "$root/$data" 2>/dev/null)
done | awk '
    /^File / { gsub(/^File .|.$/, ""); file = $0 }
    /^Lines executed:/ && file ~ /(^|\/)src\/.*\.c$/ && file !~ /_test\.c$/ {
        sub(/^.*src\//, "", file); split($0, part, /[:%]| of /)
        lines = part[4] + 0; hit = lines * part[2] / 100
        if (!(file in seen) || hit > best[file]) { seen[file] = lines; best[file] = hit }
        file = ""
    }
    END {
        for (f in seen) {
            folder = f; sub(/\/[^\/]*$/, "", folder); top = folder; sub(/\/.*/, "", top)
            n[folder] += seen[f]; h[folder] += best[f]; all += seen[f]; hits += best[f]
            if (top != folder) { n[top] += seen[f]; h[top] += best[f] }
        }
        for (d in n) printf "%-28s %6d lines %5.1f %%\n", d, n[d], 100 * h[d] / n[d] | "sort"
        close("sort")
        printf "%-28s %6d lines %5.1f %%\n", "src", all, 100 * hits / all
        bad = 100 * hits / all < 90 || 100 * h["syntax"] / n["syntax"] < 95 || 100 * h["policy"] / n["policy"] < 95
        for (f in seen) if (seen[f] > 20 && best[f] / seen[f] < 0.85)
            printf "  little: %-50s %5.1f %% of %d\n", f, 100 * best[f] / seen[f], seen[f] | "sort"
        close("sort")
        print bad ? "coverage: below src/ 90 %, syntax/ and policy/ 95 %" : "coverage: clean"
        exit bad
    }'
