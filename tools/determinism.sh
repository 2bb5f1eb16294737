#!/bin/sh
# Two runs and any number of threads give the same bytes. Usage: determinism.sh PROGRAM
program=$1
shared=${HIPAALINT_SHARED:-../shared}
bad=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
compare() {
    "$program" check -v --format json="$tmp/1" --jobs 1 "$@" >/dev/null 2>&1
    for jobs in 1 2 7 16; do
        "$program" check -v --format json="$tmp/2" --jobs $jobs "$@" >/dev/null 2>&1
        cmp -s "$tmp/1" "$tmp/2" || { echo "FAILED: --jobs $jobs differs on $*"; bad=1; }
    done
}
for dir in testdata/projects/*; do compare "$dir"; done
if [ -d "$shared/corpora" ]; then
    for name in terragoat cfngoat kubernetes-examples terraform-aws-eks aws-cloudformation-templates kustomize; do
        compare "$shared/corpora/$name"
    done
else
    echo "determinism on corpora: skipped (no shared data)"
fi
[ $bad = 0 ] && echo "determinism: clean"
exit $bad
