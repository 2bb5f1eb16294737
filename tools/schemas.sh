#!/bin/sh
# Reports against their schemas: JUnit by xmllint, SARIF by Python's jsonschema and the SARIF Multitool. What is
# missing on the machine is skipped visibly. Usage: schemas.sh PROGRAM
program=$1
shared=${HIPAALINT_SHARED:-../shared}
bad=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/clean"
printf 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  labels:\n    pod-security.kubernetes.io/enforce: restricted\n' >"$tmp/clean/ns.yaml"
n=0
for input in testdata/projects/* "$tmp/clean"; do
    n=$((n + 1))
    "$program" check --format junit="$tmp/$n.xml" --format sarif="$tmp/$n.sarif" "$input" >/dev/null 2>&1
    [ -s "$tmp/$n.xml" ] && [ -s "$tmp/$n.sarif" ] || { echo "FAILED: no report for $input"; bad=1; }
done
if command -v xmllint >/dev/null 2>&1 && [ -e "$shared/schemas/jenkins-junit.xsd" ]; then
    for f in "$tmp"/*.xml; do xmllint --noout --schema "$shared/schemas/jenkins-junit.xsd" "$f" >"$tmp/log" 2>&1 || { cat "$tmp/log"; bad=1; }; done
else echo "JUnit schema: skipped (no xmllint or no shared data)"; fi
if python3 -c 'import jsonschema' 2>/dev/null && [ -e "$shared/schemas/sarif-schema-2.1.0.json" ]; then
    for f in "$tmp"/*.sarif; do
        python3 - "$shared/schemas/sarif-schema-2.1.0.json" "$f" <<'PY' || bad=1
import json, sys, jsonschema
jsonschema.validate(json.load(open(sys.argv[2])), json.load(open(sys.argv[1])))
PY
    done
else echo "SARIF schema: skipped (no jsonschema or no shared data)"; fi
# The npm package's program lacks its run bit; SARIF_MULTITOOL names it, or a copy in PATH.
multitool=${SARIF_MULTITOOL:-$(command -v sarif-multitool || true)}
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
if [ -n "$multitool" ]; then
    for f in "$tmp"/*.sarif; do
        "$multitool" validate "$f" >"$tmp/log" 2>&1
        grep -E ': (error|warning) ' "$tmp/log" && bad=1
    done
else echo "SARIF Multitool: skipped (not installed)"; fi
[ $bad = 0 ] && echo "report schemas: clean"
exit $bad
