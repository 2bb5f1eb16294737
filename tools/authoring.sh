#!/bin/sh
# What authors of rules rely on: messages for mistakes, a new service without C, the examples of the manuals, the schemas.
# Usage: authoring.sh PROGRAM [--update]. --update writes the expected messages anew. Last line: N passed, N failed.
program=$(realpath "$1") update=$2
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

report() { # STATUS NAME: counts
    if [ "$1" = 0 ]; then passed=$((passed + 1)); else
        failed=$((failed + 1)); echo "FAILED: $2"; [ -f "$work/out" ] && head -20 "$work/out"
    fi
}

# Each file has one mistake; its message names line and column and says what was expected.
mistakes() {
    cd testdata/authoring/mistakes || exit 1
    for f in *.yaml; do
        name=${f%.yaml}
        timeout 20 "$program" test --no-builtin-rules --no-config "$f" >"$work/all" 2>&1
        rc=$?
        { grep -v '^builtin:' "$work/all"; echo "exit $rc"; } >"$work/out"
        [ "$update" = --update ] && cp "$work/out" "$name.want"
        diff -u "$name.want" "$work/out" >"$work/diff"
        same=$?
        cp "$work/diff" "$work/out"
        { [ $rc = 1 ] || [ $rc = 2 ]; } && [ $same = 0 ] && grep -q "^$f:[0-9]" "$name.want"
        report $? "mistake $name"
    done
    cd ../../.. || exit 1
    timeout 20 "$program" test --no-builtin-rules --no-config testdata/authoring/good.yaml >"$work/out" 2>&1
    report $? "the rule without a mistake"
}

# A made-up service: one model file, one rule file; Terraform and CloudFormation.
service() {
    cp -r testdata/authoring/service "$work/service"
    "$program" test --no-builtin-rules --no-config "$work/service/pack" >"$work/out" 2>&1
    report $? "the examples of the made-up service"
    (cd "$work/service" && "$program" --no-config --no-builtin-rules --rules pack code >"$work/all" 2>&1)
    grep -o '^[^ ]*: high: [a-zA-Z_.]*' "$work/all" | sort >"$work/found"
    diff -u "$work/service/findings.want" "$work/found" >"$work/out"
    report $? "findings of the made-up service"
}

# Every finding of the sample project is explained down to its line.
explained() {
    "$program" --no-config --format jsonl testdata/projects/clinic >"$work/findings" 2>/dev/null
    sed -n 's/^{"finding": {"rule": "\([^"]*\)".*"address": "\([^"]*\)", "kind": "[^"]*", "type": "[^"]*", "file": "\([^"]*\)", "line": \([0-9]*\).*/\1 \2 \3:\4:/p' "$work/findings" | sort -u >"$work/wanted"
    count=0
    while read -r id address place; do
        "$program" explain --no-config "$id" testdata/projects/clinic --resource "$address" >"$work/out" 2>&1
        { [ $? = 0 ] && grep -qF "$place" "$work/out"; } || { report 1 "explain $id $address names no $place"; return; }
        count=$((count + 1))
    done <"$work/wanted"
    [ "$count" -gt 20 ] && [ "$count" = "$(wc -l <"$work/wanted")" ]
    report $? "explain, for $count findings"
}

# .\" file: NAME before a literal block of a manual is a file; .\" run: COMMAND is run where they are, and must succeed.
manual() { # MANUAL
    [ -f "$1" ] || return
    name=$(basename "$1")
    mkdir -p "$work/$name"
    awk -v dir="$work/$name" '
        /^\.\\" file: / { file = dir "/" $3; next }
        /^\.\\" run: / { sub(/^\.\\" run: /, ""); print > (dir "/.commands"); next }
        file && /^\.Bd/ { inside = 1; next }
        file && /^\.Ed/ { inside = 0; close(file); file = ""; next }
        inside { gsub(/\\e/, "\\"); gsub(/\\&/, ""); print > file }' "$1"
    while read -r line; do
        (cd "$work/$name" && PATH="$(dirname "$program"):$PATH" sh -c "$line") >"$work/out" 2>&1 </dev/null
        report $? "$name: $line"
    done <"$work/$name/.commands"
}

# ```yaml blocks of the README whose first line is "# file: NAME".
readme() {
    mkdir -p "$work/readme"
    awk -v dir="$work/readme" '/^```/ { inside = 0; if (file) close(file); file = "" }
        /^# file: / { file = dir "/" $3; next } file { print > file }' README.md
    if [ -n "$(ls "$work/readme")" ]; then
        "$program" test --no-builtin-rules --no-config "$work/readme" >"$work/out" 2>&1
        report $? "the examples of the README"
    fi
}

schemas() {
    if ! python3 -c 'import jsonschema, yaml' 2>/dev/null; then
        echo "skipped: schemas of rule and model files (Python has no jsonschema and yaml)"
        return
    fi
    python3 tools/check-schemas.py >"$work/out" 2>&1
    report $? "schemas of rule and model files"
}

mistakes
service
for m in man/*.5; do
    grep -q '^\.\\" run: ' "$m" && manual "$m"
done
readme
explained
schemas
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
