#!/bin/sh
# Instruction counts against testdata/bench/budget.tsv: more than 3% over the budget is a failure, more
# than 3% under it asks for a new budget. Counts, not seconds: the same on a busy machine. They depend
# on the compiler and the libraries, so the budget is that of one image.
# Usage: perf-gate.sh PROGRAM [update]
program=$1
budget=testdata/bench/budget.tsv
command -v valgrind >/dev/null 2>&1 || { echo "perf-gate: skipped (no valgrind)"; exit 0; }
tmp=$(mktemp) || exit 2
trap 'rm -f "$tmp"' EXIT
bad=0
while IFS="$(printf '\t')" read -r name wanted arguments; do
    case $name in
    '#'*|'')
        printf '%s\n' "$name${wanted:+	$wanted}${arguments:+	$arguments}" >>"$tmp"
        continue
        ;;
    esac
    # The arguments are words without blanks inside.
    # shellcheck disable=SC2086
    now=$(sh testdata/bench/count.sh "$program" $arguments)
    printf '%s\t%s\t%s\n' "$name" "$now" "$arguments" >>"$tmp"
    [ "$2" = update ] && { echo "$name: $now instructions"; continue; }
    if [ -z "$now" ] || [ "$((now * 100))" -gt "$((wanted * 103))" ]; then
        echo "perf-gate FAILED: $name takes ${now:-no count of} instructions, the budget is $wanted"
        bad=1
    elif [ "$((now * 100))" -lt "$((wanted * 97))" ]; then
        echo "perf-gate FAILED: $name takes $now instructions, well under the budget of $wanted: tools/perf-gate.sh PROGRAM update"
        bad=1
    else
        echo "perf-gate: $name: $now instructions (budget $wanted)"
    fi
done <"$budget"
[ "$2" = update ] && cp "$tmp" "$budget"
exit $bad
