#!/bin/sh
# Makes the pictures of the README from real output: the HTML page of the broken project and the way from a pod to a bucket.
# Usage: images.sh BUILD. Needs chromium for the page.
build=${1:-build}
cd "$(dirname "$0")/.." || exit 1
mkdir -p docs/images
"$build/hipaalint" graph --format svg --resource clinic/Deployment/records-api testdata/projects/clinic -o docs/images/path.svg || exit 1
sh tools/demo.sh "$build/demo" || exit 1
"$build/hipaalint" check --exit-zero --format "html=$build/demo.html" "$build/demo" || exit 1
for browser in chromium chromium-browser google-chrome; do
    command -v "$browser" >/dev/null 2>&1 || continue
    "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,900 \
        --screenshot="$PWD/docs/images/report.png" "file://$PWD/$build/demo.html" 2>/dev/null && exit 0
done
echo "skipped: the picture of the page (no chromium)"
