#!/bin/sh
# Runs the recipe of docs/organisation.md: 200 repositories made from the corpora, GNU parallel, DuckDB's Python
# package, the SARIF Multitool. What is not installed is skipped, visibly. Usage: organisation.sh PROGRAM [REPOSITORIES]
# PYTHON: an interpreter that has duckdb. SARIF_MULTITOOL: the program.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
count=${2:-200}
shared=$(cd "${HIPAALINT_SHARED:-../shared}" 2>/dev/null && pwd)
[ -d "$shared/corpora" ] || { echo "organisation: skipped (no shared data)"; exit 0; }
command -v parallel >/dev/null 2>&1 || { echo "organisation: skipped (no GNU parallel)"; exit 0; }
python=${PYTHON:-python3}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
bad=0
fail() {
    echo "organisation FAILED: $*"
    bad=1
}

# The directories of the corpora, again and again under new names until there are enough.
mkdir "$tmp/repositories" "$tmp/out" "$tmp/parts"
find "$shared/corpora" -mindepth 2 -maxdepth 3 -type d -not -path '*/.git*' | sort >"$tmp/all"
n=0
while [ "$n" -lt "$count" ]; do
    while read -r dir && [ "$n" -lt "$count" ]; do
        n=$((n + 1))
        mkdir "$tmp/repositories/r$n"
        cp -r "$dir/." "$tmp/repositories/r$n/"
    done <"$tmp/all"
done
find "$tmp/repositories" -mindepth 1 -maxdepth 1 -type d | sort >"$tmp/repositories.txt"

start=$(date +%s%N)
parallel --will-cite --jobs 100% --joblog "$tmp/jobs.log" \
    "$program check -q --jobs 1 --timeout 120 --max-memory 2G --exit-zero --allow-empty --sarif-category {/}/ --format jsonl=$tmp/out/{/}.jsonl --format sarif=$tmp/out/{/}.sarif {}" \
    :::: "$tmp/repositories.txt" >/dev/null 2>&1
end=$(date +%s%N)
other=$(awk 'NR > 1 && $7 != 0 && $7 != 3' "$tmp/jobs.log" | wc -l)
incomplete=$(awk 'NR > 1 && $7 == 3' "$tmp/jobs.log" | wc -l)
[ "$other" = 0 ] || fail "$other runs ended with neither 0 nor 3"
[ "$(find "$tmp/out" -name '*.jsonl' | wc -l)" = "$count" ] || fail "not every repository has its JSON Lines"
findings=$(cat "$tmp"/out/*.jsonl | grep -c '^{"finding"')
[ "$findings" -gt 0 ] || fail "no findings"
echo "organisation: $count repositories in $(((end - start) / 1000000)) ms with GNU parallel: $findings findings, $incomplete incomplete"

# The parts of a list are disjoint and together the list.
for i in 1 2 3 4 5; do
    "$program" check -q --exit-zero --allow-empty --shard $i/5 --format jsonl="$tmp/parts/$i.jsonl" "$tmp"/repositories/r? >/dev/null 2>&1
done
parts=$(cat "$tmp"/parts/*.jsonl | sed -n 's/.*"summary": {"files": \([0-9]*\).*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
whole=$(for r in "$tmp"/repositories/r?; do "$program" check -q --exit-zero --allow-empty --format jsonl "$r" 2>/dev/null; done |
    sed -n 's/.*"summary": {"files": \([0-9]*\).*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
[ "$parts" = "$whole" ] || fail "five shards have $parts files, the list has $whole"

if "$python" -c 'import duckdb' 2>/dev/null; then
    sed -n '/^    CREATE TABLE findings/,/;$/p' docs/organisation.md | sed 's/^    //' >"$tmp/table.sql"
    rows=$(cd "$tmp" && "$python" -c '
import duckdb
db = duckdb.connect()
db.execute("SET enable_progress_bar = false")
db.execute(open("table.sql").read())
print(db.execute("SELECT count(*) FROM findings").fetchone()[0])
')
    [ "$rows" = "$findings" ] || fail "DuckDB has $rows rows"
    [ "$rows" != "$findings" ] || echo "organisation: DuckDB: $rows rows"
else
    echo "organisation: DuckDB: skipped (no Python package)"
fi

if [ -n "$SARIF_MULTITOOL" ] && [ -x "$SARIF_MULTITOOL" ]; then
    (cd "$tmp" && "$SARIF_MULTITOOL" merge 'out/*.sarif' --output-directory . --output-file all.sarif >merge.log 2>&1)
    merged=$("$python" -c 'import json, sys; print(sum(len(r.get("results", [])) for r in json.load(open(sys.argv[1], encoding="utf-8-sig"))["runs"]))' "$tmp/all.sarif")
    [ "${merged:-0}" -gt 0 ] || fail "the merged SARIF file has no results"
    echo "organisation: SARIF Multitool: $merged results in one file"
else
    echo "organisation: SARIF: skipped (no SARIF_MULTITOOL)"
fi
exit $bad
