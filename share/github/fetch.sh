# What action.yml does first: the program of the release, and only with the digest that was asked for. Inputs arrive as
# environment variables, so that no text of theirs is ever a part of a script.
set -euo pipefail
if [ -n "$PROGRAM" ]; then
    echo "program=$PROGRAM" >>"$GITHUB_OUTPUT"
    exit 0
fi
digests="$ACTION/share/github/digests.txt" # "VERSION SHA256" of the releases up to this commit
[[ "$VERSION" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || { echo "::error::version is no version"; exit 2; }
wanted=${SHA256:-$(awk -v v="$VERSION" '$1 == v {print $2}' "$digests")}
[[ "$wanted" =~ ^[0-9a-f]{64}$ ]] || { echo "::error::no digest is known for hipaalint $VERSION; give sha256"; exit 2; }
case "$(uname -s) $(uname -m)" in
"Linux x86_64") ;;
*) echo "::error::releases are built for Linux on x86-64; give program"; exit 2 ;;
esac
program=${RUNNER_TEMP:-/tmp}/hipaalint-$VERSION
curl --fail --silent --show-error --location --proto =https --retry 3 --output "$program" \
    "https://github.com/hipaalint/hipaalint/releases/download/v$VERSION/hipaalint-linux-x86_64"
echo "$wanted  $program" | sha256sum --check --status || { rm -f "$program"; echo "::error::the program has another digest than $wanted"; exit 2; }
chmod +x "$program"
echo "program=$program" >>"$GITHUB_OUTPUT"
