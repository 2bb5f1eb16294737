#!/bin/sh
# The same tree in two directories gives the same static program: reproducible.sh. Slow: builds twice.
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
for name in one another-directory; do
    mkdir "$tmp/$name"
    git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
        tar -cf - --null -T - | tar -xf - -C "$tmp/$name"
    (cd "$tmp/$name" && make -s -j2 VARIANT=static build/static/hipaalint) >"$tmp/log" 2>&1 || { tail -5 "$tmp/log"; exit 1; }
done
cmp "$tmp/one/build/static/hipaalint" "$tmp/another-directory/build/static/hipaalint" || exit 1
echo "reproducible build: clean ($(sha256sum <"$tmp/one/build/static/hipaalint" | cut -c1-16))"
