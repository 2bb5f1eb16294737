#!/bin/sh
# Builds the tree twice, in two directories of different length, and compares the programs, their rules and the bills of
# materials byte by byte. Usage: reproducible.sh
set -eu
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
for dir in "$tmp/a" "$tmp/another-directory/with/a/longer/name"; do
    mkdir -p "$dir"
    git ls-files -z | xargs -0 cp -P --parents -t "$dir" 2>/dev/null || git ls-files | cpio -pdm "$dir" 2>/dev/null
    (cd "$dir" && make --no-print-directory -j2 all sbom >make.log 2>&1) || { tail -20 "$dir/make.log"; exit 1; }
done
for file in hipaalint pack.bin hipaalint.spdx.json; do
    cmp "$tmp/a/build/$file" "$tmp/another-directory/with/a/longer/name/build/$file"
done
echo "reproducible: clean ($(sha256sum <"$tmp/a/build/hipaalint" | cut -c1-16))"
