#!/bin/sh
# mandoc's lint over the man pages; skipped visibly where mandoc is missing.
command -v mandoc >/dev/null 2>&1 || { echo "man pages: skipped (no mandoc)"; exit 0; }
out=$(mandoc -T lint -W style man/*.[157] 2>&1 | grep -v 'referenced manual not found') || true
[ -z "$out" ] || { echo "$out"; exit 1; }
echo "man pages: clean"
