#!/bin/sh
# SARIF as GitHub takes it: no finding, one, 30,000 findings, odd file names, run from a subfolder, unreadable input.
# Each report is checked by tools/sarif-ingestion.py and, where it is installed, by the SARIF Multitool (SARIF_MULTITOOL
# names its program). Usage: sarif.sh PROGRAM. Last line: N passed, N failed.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
tools=$(cd "$(dirname "$0")" && pwd)
python3 -c 'import json' 2>/dev/null || { echo "skipped: SARIF ingestion (no python3)"; echo "0 passed, 0 failed"; exit 0; }
multitool=${SARIF_MULTITOOL:-$(command -v sarif-multitool || true)}
[ -n "$multitool" ] || echo "skipped: SARIF Multitool (not installed)"
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
passed=0 failed=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
repo=$tmp/repo
mkdir -p "$repo/.git" "$repo/clean" "$repo/one" "$repo/odd" "$repo/sub/deep" "$repo/many" "$repo/broken"
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; }
bucket() { printf 'resource "aws_sns_topic" "%s" {\n  name = "%s"\n}\n' "$1" "$2"; }

check() { # NAME STATUS DIRECTORY ARG...: runs there, checks the report against the root of the repository
    name=$1 wanted=$2 dir=$3; shift 3
    (cd "$dir" && "$program" check --no-config --format sarif="$tmp/$name.sarif" "$@") >"$tmp/log" 2>&1
    status=$?
    [ "$status" = "$wanted" ] && ok || { bad "$name: exit status $status, not $wanted"; head -5 "$tmp/log"; }
    python3 "$tools/sarif-ingestion.py" "$repo" "$tmp/$name.sarif" >"$tmp/log" 2>&1 && ok || { bad "$name: ingestion"; head -20 "$tmp/log"; }
    [ -n "$multitool" ] || return 0
    "$multitool" validate "$tmp/$name.sarif" >"$tmp/log" 2>&1
    if grep -E ': (error|warning) ' "$tmp/log" || ! grep -q 'completed successfully' "$tmp/log"; then bad "$name: Multitool"; else ok; fi
}
count() { # NAME: results, then the places' URIs
    python3 -c 'import json,sys
run = json.load(open(sys.argv[1]))["runs"][0]
print(len(run["results"]))
print("\n".join(sorted({r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]})))' "$tmp/$1.sarif"
}
expect() { # NAME TEXT: what count prints, on one line
    got=$(count "$1" | tr '\n' ' ')
    [ "$got" = "$2 " ] && ok || bad "$1: '$got', not '$2 '"
}

printf 'resource "aws_sns_topic" "t" {\n  kms_master_key_id = aws_kms_key.k.arn\n}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}\n' >"$repo/clean/main.tf"
check none 0 "$repo" --only HL-SNS-001 clean
expect none "0 "
bucket t t >"$repo/one/main.tf"
check one 1 "$repo" --only HL-SNS-001 one
expect one "1 one/main.tf"

n=0
for name in 'a b' 'naïve-日本' 'x#y' '50%25' "it's" 'q"uote' 'a+b&c' '[x]{y}' 'semi;colon' 'back`tick' 'at@sign' '-dash'; do
    n=$((n + 1)); bucket "t$n" '日本 😀' >"$repo/odd/$name.tf"
done
bucket invalid x >"$repo/odd/$(printf 'bad\377name').tf" 2>/dev/null && n=$((n + 1))
bucket newline x >"$repo/odd/$(printf 'new\nline').tf" && n=$((n + 1))
check odd 1 "$repo" --only HL-SNS-001 odd
[ "$(count odd | wc -l)" = $((n + 1)) ] && ok || bad "odd: a file is missing"
check odd-named 1 "$repo/odd" --only HL-SNS-001 'x#y.tf' './-dash.tf'
expect odd-named "2 odd/-dash.tf odd/x%23y.tf"

bucket deep x >"$repo/sub/deep/main.tf"
check subfolder 1 "$repo/sub/deep" --only HL-SNS-001
expect subfolder "1 sub/deep/main.tf"
check subfolder-other 1 "$repo/sub" --only HL-SNS-001 deep ../one
expect subfolder-other "2 one/main.tf sub/deep/main.tf"
check absolute 1 / --only HL-SNS-001 "$repo/sub/deep"
expect absolute "1 sub/deep/main.tf"
ln -s "$repo" "$tmp/link"
check through-a-link 1 "$tmp/link/sub" --only HL-SNS-001 deep
expect through-a-link "1 sub/deep/main.tf"

printf 'resource "aws_sns_topic" "t" {\n  name = \n' >"$repo/broken/main.tf"
check broken 3 "$repo" broken
"$program" check --no-config --format sarif --sarif-category nightly "$repo/one" 2>/dev/null | grep -q '"automationDetails":{"id":"nightly/"}' && ok || bad "category"

# Paths through several resources, and edits.
cp -R testdata/projects/clinic "$repo/clinic"
check project 1 "$repo" clinic
for part in codeFlows relatedLocations fixes logicalLocations; do
    grep -q "\"$part\"" "$tmp/project.sarif" && ok || bad "project: no $part"
done

# Thirty thousand findings, the worst of which stand last in the report's order.
python3 - "$repo/many" <<'PY'
import sys
for f in range(30):
    with open("%s/%02d.tf" % (sys.argv[1], f), "w") as out:
        for i in range(1000):
            out.write('resource "aws_sns_topic" "t%d_%d" {\n  name = "%d"\n}\n' % (f, i, i))
with open("%s/zz.tf" % sys.argv[1], "w") as out:
    out.write('resource "aws_db_instance" "last" {\n  storage_encrypted = false\n}\n')
PY
check many 1 "$repo" --only HL-SNS-001 --only HL-RDS-001 many
n=$(count many | sed -n 1p); [ "$n" = 5000 ] && ok || bad "many: $n results"
grep -q '25001 results of lower severity were left out' "$tmp/many.sarif" && ok || bad "many: the cut is not said"
python3 -c 'import json,sys; sys.exit(json.load(open(sys.argv[1]))["runs"][0]["results"][0]["ruleId"] != "HL-RDS-001")' "$tmp/many.sarif" && ok || bad "many: the worst is not first"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
