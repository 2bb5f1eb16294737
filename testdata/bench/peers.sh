#!/bin/sh
# Measures hipaalint beside other linters, each input in one go, and writes testdata/bench/PEERS.md. Usage: peers.sh PROGRAM
# The others are named by the environment; who is not named is not measured: CHECKOV, TRIVY, KUBE_LINTER, CFN_GUARD
# with CFN_GUARD_RULES (rule files), KICS with KICS_QUERIES (its query directory), TFLINT.
# PEER_INPUTS: only inputs whose path has this in it; the page keeps what it says of others. PEER_RUNS: runs of a small
# file (a corpus is run once, three times by hipaalint); PEER_LIMIT: seconds a run may take.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shared=$(cd "${HIPAALINT_SHARED:-../shared}" 2>/dev/null && pwd)
out=testdata/bench/PEERS.md
limit=${PEER_LIMIT:-300}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
[ -d "$shared/corpora" ] || { echo "peers: skipped (no shared data)"; exit 0; }
command -v hyperfine >/dev/null 2>&1 || { echo "peers: skipped (no hyperfine)"; exit 0; }

command_of() { # tool, input, format: what is run; nothing: the tool is not here or does not read the format
    case $1:$3 in
    hipaalint:*) echo "$program check -q $2" ;;
    checkov:*) [ -z "$CHECKOV" ] || echo "$CHECKOV $([ -d "$2" ] && echo -d || echo -f) $2 --quiet --compact -o json" ;;
    trivy:*) [ -z "$TRIVY" ] || echo "$TRIVY config --skip-check-update --skip-version-check --format json $2" ;;
    kics:*) [ -z "$KICS" ] || echo "$KICS scan -p $2 -q $KICS_QUERIES -o $tmp/kics" ;;
    kube-linter:kubernetes) [ -z "$KUBE_LINTER" ] || echo "$KUBE_LINTER lint $2 --format json" ;;
    cfn-guard:cloudformation) [ -z "$CFN_GUARD" ] || [ -d "$2" ] || echo "$CFN_GUARD validate -r $CFN_GUARD_RULES -d $2" ;;
    tflint:terraform) [ -z "$TFLINT" ] || echo "$TFLINT --chdir $(if [ -d "$2" ]; then echo "$2"; else dirname "$2"; fi)" ;;
    esac
}
seconds() { # runs, command: the median; "-": it did not end in time. Leaves the peak memory of its largest process.
    hyperfine -N -i -w "$(($1 > 1))" -r "$1" --export-json "$tmp/h.json" "/usr/bin/time -f %M -o $tmp/memory timeout $limit $2" \
        >/dev/null 2>&1 || { echo -; return; }
    python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))["results"][0]
print("-" if 124 in r["exit_codes"] else "%.4f" % r["median"])' "$tmp/h.json"
}
memory() { # of the last run, in MB
    awk 'END { printf "%.1f", $1 / 1024 }' "$tmp/memory"
}
measure() { # input, format, runs of the others
    case $1 in *$PEER_INPUTS*) ;; *) return ;; esac
    ours=$(command_of hipaalint "$1" "$2")
    name=${1#"$shared"/}
    for tool in hipaalint checkov trivy kics kube-linter cfn-guard tflint; do
        command=$(command_of "$tool" "$1" "$2")
        [ -n "$command" ] || continue
        if [ "$tool" = hipaalint ]; then
            own=$(seconds "$(($3 > 1 ? 20 : 3))" "$ours")
            own_memory=$(memory)
            printf '| %s | hipaalint | %s s | %s MB | | |\n' "$name" "$own" "$own_memory" >>"$out"
            continue
        fi
        # Ours again beside each of the others: the machine may have become busy meanwhile.
        before=$(seconds "$(($3 > 1 ? 20 : 3))" "$ours")
        theirs=$(seconds "$3" "$command")
        their_memory=$(memory)
        if [ "$theirs" = - ]; then
            row="more than $limit s | $their_memory MB | more than $(awk "BEGIN { printf \"%.0f\", $limit / $before }") |"
        else
            row="$theirs s | $their_memory MB | $(awk "BEGIN { printf \"%.0f\", $theirs / $before }") |"
        fi
        printf '| %s | %s | %s %s |\n' "$name" "$tool" "$row" "$(awk "BEGIN { printf \"%.0f\", $their_memory / $own_memory }")" >>"$out"
        echo "peers: $name: $tool $theirs s, hipaalint $before s"
    done
}

{
    echo "# Beside the others"
    echo
    echo "Written by \`testdata/bench/peers.sh\`. $("$program" --version | head -1), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown),"
    echo "$(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(date -u +%Y-%m-%d), load $(cut -d' ' -f1 /proc/loadavg)."
    echo "Whole processes with all packs, medians; each of the others beside a run of hipaalint in the same minute. Memory is that of the"
    echo "largest process. cfn-guard runs the rules that it was given, which need not be a whole pack: its time is a lower bound."
    echo
    echo "| input | program | time | memory | times ours | memory, times ours |"
    echo "|---|---|---|---|---|---|"
    [ -z "$PEER_INPUTS" ] || [ ! -f "$out" ] || grep '^| c' "$out" | grep -v "^| [^|]*$PEER_INPUTS"
} >"$tmp/page"
mv "$tmp/page" "$out"
measure "$shared/cases/small/tf/main.tf" terraform "${PEER_RUNS:-5}"
measure "$shared/cases/small/cfn/template.yaml" cloudformation "${PEER_RUNS:-5}"
measure "$shared/cases/small/k8s/deploy.yaml" kubernetes "${PEER_RUNS:-5}"
measure "$shared/corpora/terragoat" terraform 1
measure "$shared/corpora/kubernetes-examples" kubernetes 1
measure "$shared/corpora/kube-prometheus" kubernetes 1
measure "$shared/corpora/terraform-aws-eks" terraform 1
measure "$shared/corpora/aws-cloudformation-templates" cloudformation 1
echo "peers: wrote $out"
