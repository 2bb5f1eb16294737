# What action.yml does then. Inputs arrive as environment variables; lists have one word a line.
set -euo pipefail
arguments=(check --fail-on "$FAIL_ON" --format github --format "sarif=$SARIF_FILE")
[ -z "$SINCE" ] || arguments+=("--since=$SINCE")
[ -z "$BASELINE" ] || arguments+=("--baseline=$BASELINE")
[ "$SUMMARY" != true ] || arguments+=(--summary)
while IFS= read -r word; do
    [ -z "$word" ] || arguments+=("$word")
done <<<"$ARGS"
arguments+=(--)
while IFS= read -r path; do
    [ -z "$path" ] || arguments+=("$path")
done <<<"$PATHS"
status=0
"$PROGRAM" "${arguments[@]}" || status=$?
{
    echo "sarif-file=$SARIF_FILE"
    echo "exit-code=$status"
} >>"$GITHUB_OUTPUT"
exit "$status"
