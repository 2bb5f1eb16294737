#!/bin/sh
# Measures and writes testdata/bench/RESULTS.md. Usage: run.sh PROGRAM
# Whole processes by hyperfine, instructions by callgrind, memory by /usr/bin/time; beside each corpus
# the limit of its format: what the parser's library alone takes for the same files in one thread.
# BENCH_SIZES: numbers of generated resources. PUBLIC_GRAMMAR: directory of tree-sitter-hcl's C sources.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=testdata/bench
shared=${HIPAALINT_SHARED:-../shared}
sizes=${BENCH_SIZES:-"1000 10000 100000"}
out=$here/RESULTS.md
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
cc=${CC:-gcc}

need() {
    command -v "$1" >/dev/null 2>&1 || { echo "bench: skipped (no $1)"; exit 0; }
}
need hyperfine
need valgrind
need python3

seconds() { # command...: mean seconds; other programs may be busy, so the minimum is what is kept
    hyperfine -N -i -w 1 -m 3 -M "${BENCH_RUNS:-10}" --export-json "$tmp/h.json" "$*" >/dev/null 2>&1 &&
        python3 -c 'import json, sys; print("%.4f" % json.load(open(sys.argv[1]))["results"][0]["min"])' "$tmp/h.json"
}
memory() { # command...: MB
    /usr/bin/time -f '%M' -o "$tmp/m" "$@" >/dev/null 2>&1
    awk 'END { printf "%.1f", $1 / 1024 }' "$tmp/m"
}
instructions() {
    sh $here/count.sh "$program" "$@"
}
kind_files() { # directory, kind
    case $2 in
    hcl) find "$1" -type f -name '*.tf' ;;
    yaml) find "$1" -type f \( -name '*.yaml' -o -name '*.yml' -o -name '*.template' \) ;;
    json) find "$1" -type f -name '*.json' ;;
    esac
}
limit() { # directory, kind: seconds of the library alone, the least of three
    kind_files "$1" "$2" | sort >"$tmp/files"
    for _ in 1 2 3; do
        tr '\n' '\0' <"$tmp/files" | xargs -0 "$tmp/stages" "$2"
    done | awk -F '\t' '{ s = $3 + 0; if (!n++ || s < best) best = s } END { printf "%.4f", best }'
}
ratio() { # directory, kind: instructions of the whole run, in those of the library alone
    [ "$2" = mixed ] && { echo -; return; }
    kind_files "$1" "$2" | sort >"$tmp/files"
    whole=$(instructions check -q --jobs 1 "$1")
    alone=$(tr '\n' '\0' <"$tmp/files" | xargs -0 sh $here/count.sh "$tmp/stages" "$2")
    reading=$(tr '\n' '\0' <"$tmp/files" | xargs -0 sh $here/count.sh "$tmp/stages" read)
    awk "BEGIN { printf \"%.2f\", $whole / ($alone - $reading) }"
}
row() {
    line="|"
    for cell in "$@"; do line="$line $cell |"; done
    printf "%s\n" "$line" >>"$out"
}
measure() { # name, directory, kind
    one=$(seconds "$program" check -q --jobs 1 "$2")
    two=$(seconds "$program" check -q --jobs 2 "$2")
    row "$1" "$(du -skL "$2" | cut -f1) KB" "$one" "$two" "$(memory "$program" check -q --jobs 2 "$2") MB" \
        "$([ "$3" = mixed ] && echo - || limit "$2" "$3")" "$(ratio "$2" "$3")"
    echo "bench: $1: $one s, two threads $two s"
}

$cc -O2 -Igrammars/hcl/src $here/stages.c grammars/hcl/src/parser.c grammars/hcl/src/scanner.c \
    -ltree-sitter -lyaml -lcjson -o "$tmp/stages" || exit 2

{
    echo "# Measured speed"
    echo
    echo "Written by \`make bench\`. $("$program" --version | head -1), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown),"
    echo "$(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(date -u +%Y-%m-%d)."
    echo "Load when it began: $(cut -d' ' -f1 /proc/loadavg) (seconds are the least of several runs)."
    echo
    echo "## One small file, and nothing to do"
    echo
    echo "| case | instructions | seconds | memory |"
    echo "|---|---|---|---|"
} >"$out"
row /bin/true "$(sh $here/count.sh /bin/true)" "$(seconds /bin/true)" "$(memory /bin/true) MB"
for option in --version --help; do
    row "hipaalint $option" "$(instructions $option)" "$(seconds "$program" $option)" "$(memory "$program" $option) MB"
done
for file in main.tf template.yaml pod.yaml; do
    row "$file" "$(instructions check $here/small/$file)" "$(seconds "$program" check $here/small/$file)" \
        "$(memory "$program" check $here/small/$file) MB"
done

{
    echo
    echo "## Repositories"
    echo
    echo "Limit: read and parse by the library alone (\`ts_parser_parse\`, libyaml's event loop, cJSON), one thread."
    echo
    echo "Ratio: instructions of the whole run in one thread, divided by those of the library alone: the same on a busy machine."
    echo
    echo "| repository | size | seconds, 1 thread | seconds, 2 threads | memory | limit | ratio |"
    echo "|---|---|---|---|---|---|---|"
} >>"$out"
measure "testdata/projects/clinic" testdata/projects/clinic mixed
if [ -d "$shared/corpora" ]; then
    while read -r name kind; do
        [ -d "$shared/corpora/$name" ] && measure "$name" "$shared/corpora/$name" "$kind"
    done <<EOF
terragoat hcl
terraform-aws-eks hcl
terraform-aws-vpc hcl
cfngoat yaml
aws-cloudformation-templates yaml
kubernetes-examples yaml
kube-prometheus yaml
EOF
else
    echo "bench: corpora: skipped (no shared data)"
fi
{
    echo
    echo "## Growth"
    echo
    echo "Repositories made by \`generate.py\`, one thread. User time, because others use the machine; plot: \`growth.svg\`."
    echo
    echo "| resources | instructions a resource | user seconds | memory | KB a resource |"
    echo "|---|---|---|---|---|"
} >>"$out"
for n in $sizes; do
    python3 $here/generate.py "$n" "$tmp/generated" || exit 2
    user=$(/usr/bin/time -f '%U' "$program" check -q --jobs 1 --format json=/dev/null "$tmp/generated" 2>&1 >/dev/null | tail -1)
    mb=$(memory "$program" check -q --jobs 1 --format json=/dev/null "$tmp/generated")
    counted=-
    [ "$n" -gt 50000 ] || counted=$(($(instructions check -q --jobs 1 --format json=/dev/null "$tmp/generated") / n))
    row "$n" "$counted" "$user" "$mb MB" "$(awk "BEGIN { printf \"%.2f\", $mb * 1024 / $n }")"
    echo "bench: $n resources: $user s, $mb MB"
    rm -rf "$tmp/generated"
done
python3 $here/plot.py "$out" >$here/growth.svg || exit 2

{
    echo
    echo "## HCL grammar"
    echo
} >>"$out"
public=${PUBLIC_GRAMMAR:-}
if [ -n "$public" ] && [ -f "$public/parser.c" ] && [ -d "$shared/corpora" ]; then
    $cc -O2 -Igrammars/hcl/src grammars/hcl/bench.c grammars/hcl/src/parser.c grammars/hcl/src/scanner.c -ltree-sitter -o "$tmp/ours" &&
        $cc -O2 -w -I"$public" grammars/hcl/bench.c "$public/parser.c" "$public/scanner.c" -ltree-sitter -o "$tmp/public" || exit 2
    find "$shared/corpora/terraform-aws-eks" "$shared/corpora/terragoat" -name '*.tf' | sort >"$tmp/files"
    {
        echo "Ours, then the public tree-sitter-hcl, on the same files:"
        echo
        echo '```'
        tr '\n' '\0' <"$tmp/files" | xargs -0 "$tmp/ours" 20
        tr '\n' '\0' <"$tmp/files" | xargs -0 "$tmp/public" 20
        echo '```'
    } >>"$out"
else
    echo "bench: public HCL grammar: skipped (set PUBLIC_GRAMMAR to its src directory)"
    echo "Not compared in this run (PUBLIC_GRAMMAR was not set)." >>"$out"
fi
echo "bench: wrote $out"
