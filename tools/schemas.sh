#!/bin/sh
# Reports against their schemas: JUnit by xmllint, SARIF by Python's jsonschema and the SARIF Multitool. What is
# missing on the machine is skipped visibly. Usage: schemas.sh PROGRAM
program=$1
shared=${HIPAALINT_SHARED:-../shared}
bad=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/clean" "$tmp/broken" "$tmp/many"
printf 'resource "aws_sns_topic" "t" {\n' >"$tmp/broken/main.tf"
i=0; while [ $i -lt 700 ]; do i=$((i + 1)); printf 'resource "aws_sns_topic" "t%d" {}\n' $i; done >"$tmp/many/main.tf"
printf 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  labels:\n    pod-security.kubernetes.io/enforce: restricted\n' >"$tmp/clean/ns.yaml"
n=0
for input in testdata/projects/* testdata/golden/suppressions-terraform "$tmp/clean" "$tmp/broken" "$tmp/many"; do
    n=$((n + 1))
    "$program" check --format junit="$tmp/$n.xml" --format sarif="$tmp/$n.sarif" "$input" >/dev/null 2>&1
    "$program" check --junit-passes --format junit="$tmp/$n-passes.xml" "$input" >/dev/null 2>&1
    for f in json jsonl gitlab; do "$program" check --verbose --format $f="$tmp/$n.$f" "$input" >/dev/null 2>&1; done
    [ -s "$tmp/$n.xml" ] && [ -s "$tmp/$n.sarif" ] || { echo "FAILED: no report for $input"; bad=1; }
done
# Names are unique, counts are right, no report has more than CodeBuild takes, and the worst are among them.
python3 - "$tmp" <<'PY' || bad=1
import glob, json, sys, xml.etree.ElementTree as xml
bad = 0
for path in sorted(glob.glob(sys.argv[1] + "/*.xml")):
    root = xml.parse(path).getroot()
    cases = [(c.get("classname"), c.get("name")) for c in root.iter("testcase")]
    counted = sum(int(s.get("tests")) for s in root.iter("testsuite"))
    failures = len(list(root.iter("failure")))
    if not cases or len(set(cases)) != len(cases) or len(cases) > 500 or counted != len(cases) or int(root.get("failures")) != failures:
        print("JUnit: %s: %d cases, %d names, %d failures" % (path, len(cases), len(set(cases)), failures)); bad = 1
    if len(cases) == 500 and not any(name == "cases that are not listed" for _, name in cases):
        print("JUnit: %s: cut without a word" % path); bad = 1
for path in sorted(glob.glob(sys.argv[1] + "/*.gitlab")):
    entries = json.load(open(path))
    good = all(set(e) == {"description", "check_name", "fingerprint", "severity", "location"} and set(e["location"]) == {"path", "lines"} and
               e["severity"] in ("info", "minor", "major", "critical", "blocker") and 1 <= e["location"]["lines"]["begin"] <= e["location"]["lines"]["end"] and
               e["description"] and not e["location"]["path"].startswith(("/", "./")) for e in entries)
    if not isinstance(entries, list) or not good or len({e["fingerprint"] for e in entries}) != len(entries):
        print("GitLab: %s" % path); bad = 1
sys.exit(bad)
PY
if python3 -c 'import jsonschema' 2>/dev/null; then
    python3 - share/schema/report.schema.json "$tmp" <<'PY' || bad=1
import glob, json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
def only(name):
    return jsonschema.Draft202012Validator({"$ref": "#/$defs/" + name, "$defs": schema["$defs"]})
document, line, bad, n = only("document"), only("line"), 0, 0
for path in sorted(glob.glob(sys.argv[2] + "/*.json*")):
    with open(path) as f:
        values = [(line, json.loads(x)) for x in f] if path.endswith("l") else [(document, json.load(f))]
    for validator, value in values:
        n += 1
        for error in validator.iter_errors(value):
            print("%s: %s: %s" % (path, "/".join(map(str, error.absolute_path)), error.message[:200])); bad = 1
    if path.endswith("l") and list(values[-1][1]) != ["summary"]:
        print("%s: the last line is no summary" % path); bad = 1
print("report.schema.json: %d documents and lines" % n)
sys.exit(bad or not n)
PY
else echo "JSON schema: skipped (no jsonschema)"; fi
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
