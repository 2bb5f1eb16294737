#!/bin/sh
# Lints every corpus and the bad-input set of ../shared with the given program (a sanitizer build): no crash, no
# sanitizer report, no hang. Skipped visibly where ../shared is missing. Usage: corpora.sh PROGRAM
program=$1
shared=${HIPAALINT_SHARED:-../shared}
[ -d "$shared/corpora" ] || { echo "corpora: skipped (no shared data)"; exit 0; }
bad=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
check() {
    timeout 300 "$program" check --format json="$tmp/out.json" "$1" >"$tmp/stdout" 2>"$tmp/stderr"
    rc=$?
    if [ $rc -gt 3 ] || grep -q 'Sanitizer\|runtime error' "$tmp/stderr"; then
        echo "FAILED: $1 (exit $rc)"; tail -30 "$tmp/stderr"; bad=1
    fi
}
for dir in "$shared"/corpora/* "$shared"/cases/dev/files/*; do check "$dir"; done
[ $bad = 0 ] && echo "corpora: clean"
exit $bad
