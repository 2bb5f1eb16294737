#!/bin/sh
# What people install: `make install` and `uninstall` in a directory of their own, the Debian package (contents, lintian,
# run), the static program (alone in an empty root), the problem matcher on what the program prints, the workflows' pins.
# Builds what is missing. Usage: packaging.sh. Last line: N passed, N failed.
passed=0 failed=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; }
has() { [ -e "$1" ] && ok || bad "$1 is missing"; }
runs() { # PROGRAM: it lints the sample project
    "$1" check --no-config --only HL-RDS-001 testdata/projects/clinic >"$tmp/out" 2>&1
    [ $? = 1 ] && grep -q 'HL-RDS-001' "$tmp/out" && ok || { bad "$1 does not lint"; head -3 "$tmp/out"; }
}
hardened() { # PROGRAM OBJECTS: at a random address, tables read-only before main, nothing that is written can be run
    if ! command -v readelf >/dev/null 2>&1; then echo "skipped: how $1 is hardened (no readelf)"; return; fi
    readelf -hW "$1" | grep -qE 'Type: +DYN' && ok || bad "$1 is not position independent"
    readelf -lW "$1" | grep -q 'GNU_RELRO' && readelf -dW "$1" | grep -qE 'FLAGS.*NOW|BIND_NOW' && ok || bad "$1: no full RELRO"
    readelf -lW "$1" | grep 'GNU_STACK' | grep -q ' RW ' && ok || bad "$1: the stack can be run"
    readelf -lW "$1" | grep 'LOAD' | grep -q ' RWE ' && bad "$1: a segment can be written and run" || ok
    readelf -dW "$1" | grep -q 'TEXTREL' && bad "$1 has relocations in its code" || ok
    nm "$2" 2>/dev/null >"$tmp/names"
    grep -q ' U __stack_chk_fail' "$tmp/names" && ok || bad "$2: no stack protector"
    grep -qE ' U __v?[a-z]+_chk' "$tmp/names" && ok || bad "$2: no _FORTIFY_SOURCE"
}
version=$(cat VERSION)

make -s install DESTDIR="$tmp/root" PREFIX=/usr >"$tmp/log" 2>&1 && ok || { bad "make install"; tail -5 "$tmp/log"; }
usr=$tmp/root/usr
for f in bin/hipaalint share/man/man1/hipaalint.1 share/man/man5/hipaalint.yaml.5 share/man/man5/hipaalint-rules.5 \
    share/man/man5/hipaalint-model.5 share/bash-completion/completions/hipaalint share/zsh/site-functions/_hipaalint \
    share/fish/vendor_completions.d/hipaalint.fish share/hipaalint/schema/rule.schema.json share/hipaalint/ci/buildspec.yml \
    share/hipaalint/github/problem-matcher.json share/doc/hipaalint/LICENSE share/doc/hipaalint/rules.md; do
    has "$usr/$f"
done
for shell in bash-completion/completions/hipaalint zsh/site-functions/_hipaalint fish/vendor_completions.d/hipaalint.fish; do
    [ -s "$usr/share/$shell" ] && ok || bad "$shell is empty"
done
[ "$(stat -c %a "$usr/bin/hipaalint")" = 755 ] && [ -z "$(find "$usr/share" -type f ! -perm 644)" ] && ok || bad "modes"
runs "$usr/bin/hipaalint"
hardened "$usr/bin/hipaalint" build/libhipaalint.a
if command -v mandoc >/dev/null 2>&1; then
    mandoc -T html "$usr/share/man/man1/hipaalint.1" | grep -q 'EXIT_STATUS' && ok || bad "the manual is not readable"
fi
make -s uninstall DESTDIR="$tmp/root" PREFIX=/usr >"$tmp/log" 2>&1 && ok || { bad "make uninstall"; cat "$tmp/log"; }
[ -z "$(find "$tmp/root" -type f)" ] && ok || bad "left behind: $(find "$tmp/root" -type f | head -3)"

if command -v dpkg-deb >/dev/null 2>&1; then
    make -s deb >"$tmp/log" 2>&1 && ok || { bad "make deb"; tail -5 "$tmp/log"; }
    deb=build/hipaalint_$version-1_$(dpkg --print-architecture).deb
    has "$deb"
    cp "$deb" "$tmp/first.deb"; rm -f "$deb"
    make -s deb >"$tmp/log" 2>&1
    cmp -s "$deb" "$tmp/first.deb" && ok || bad "the package differs the second time"
    dpkg-deb -x "$deb" "$tmp/deb" && ok || bad "dpkg-deb -x"
    runs "$tmp/deb/usr/bin/hipaalint"
    has "$tmp/deb/usr/share/man/man1/hipaalint.1.gz"
    has "$tmp/deb/usr/share/doc/hipaalint/copyright"
    dpkg-deb -f "$deb" Depends | grep -q 'libc6' && ok || bad "no dependencies"
    (cd "$tmp/deb" && dpkg-deb -I "$OLDPWD/$deb" md5sums | md5sum -c --quiet) >"$tmp/log" 2>&1 && ok || { bad "md5sums"; cat "$tmp/log"; }
    if command -v lintian >/dev/null 2>&1; then
        lintian --allow-root --tag-display-limit 0 "$deb" >"$tmp/log" 2>&1
        grep -E '^[EW]:' "$tmp/log" && bad "lintian" || ok
    else echo "skipped: lintian (not installed)"; fi
else echo "skipped: the Debian package (no dpkg-deb)"; fi

if [ "$(uname -s)" = Linux ]; then
    make -s static >"$tmp/log" 2>&1 && ok || { bad "make static"; tail -5 "$tmp/log"; }
    static=build/static/hipaalint
    ldd "$static" 2>&1 | grep -qE 'statically linked|not a dynamic' && ok || bad "$static is not static: $(ldd $static)"
    if command -v readelf >/dev/null 2>&1; then
        readelf -lW "$static" | grep -q INTERP && bad "$static names a dynamic loader" || ok
    fi
    runs "./$static"
    hardened "$static" build/static/libhipaalint.a
    if [ "$(id -u)" = 0 ] && command -v chroot >/dev/null 2>&1; then
        mkdir -p "$tmp/empty" && cp "$static" "$tmp/empty/hipaalint" && cp -R testdata/projects/clinic "$tmp/empty/clinic"
        chroot "$tmp/empty" /hipaalint --no-config --only HL-RDS-001 --format sarif=/x.sarif --format text /clinic >"$tmp/out" 2>&1
        [ $? = 1 ] && [ -s "$tmp/empty/x.sarif" ] && ok || { bad "the static program does not run alone"; head -3 "$tmp/out"; }
    else echo "skipped: the static program alone (not root)"; fi
fi

if python3 -c 'import json' 2>/dev/null; then
    for color in never always; do
        build/hipaalint check --no-config --color $color testdata/projects/clinic >"$tmp/$color" 2>/dev/null
    done
    build/hipaalint check --no-config --format jsonl testdata/projects/clinic >"$tmp/jsonl" 2>/dev/null
    python3 - share/github/problem-matcher.json "$tmp" <<'PY' && ok || bad "problem matcher"
import json, re, sys
pattern = json.load(open(sys.argv[1]))["problemMatcher"][0]["pattern"][0]
wanted = sorted((f["file"], f["line"], f["column"], f["rule"]) for f in
                (json.loads(line).get("finding") for line in open(sys.argv[2] + "/jsonl")) if f)
for color in ("never", "always"):
    found = []
    for line in open("%s/%s" % (sys.argv[2], color)):
        m = re.match(pattern["regexp"], line.rstrip("\n"))
        if m:
            found.append((m[pattern["file"]], int(m[pattern["line"]]), int(m[pattern["column"]]), m[pattern["code"]]))
    if not wanted or sorted(found) != wanted:
        sys.exit("color %s: %d of %d lines match; %s" % (color, len(found), len(wanted), sorted(set(found) ^ set(wanted))[:3]))
PY
fi
# Actions of others are pinned by commit, with the version beside it.
grep -hE '^\s*-?\s*(id: .*)?uses:' .github/workflows/*.yml action.yml | grep -v 'uses: \./$' |
    grep -vE 'uses: [A-Za-z0-9_./-]+@[0-9a-f]{40} # v[0-9.]+$' && bad "an action is not pinned" || ok
for f in action.yml .pre-commit-hooks.yaml .github/workflows/*.yml share/ci/*.yml; do
    python3 -c 'import sys, yaml; sys.exit(not yaml.safe_load(open(sys.argv[1])))' "$f" 2>"$tmp/log" && ok ||
        { grep -q 'No module' "$tmp/log" && echo "skipped: $f (no yaml)" || bad "$f"; }
done
# The scripts of the action, as a runner calls them.
for script in share/github/*.sh; do bash -n "$script" && ok || bad "$script"; done
export GITHUB_OUTPUT="$tmp/github-output" GITHUB_STEP_SUMMARY="$tmp/summary" ACTION=. RUNNER_TEMP="$tmp"
: >"$GITHUB_OUTPUT"
PROGRAM=build/hipaalint PATHS=testdata/projects/clinic ARGS='--only
HL-RDS-001' FAIL_ON=low SINCE='' BASELINE='' SARIF_FILE="$tmp/a file.sarif" SUMMARY=true bash share/github/lint.sh >"$tmp/out" 2>&1
[ $? = 1 ] && grep -q '^exit-code=1$' "$GITHUB_OUTPUT" && [ -s "$tmp/a file.sarif" ] && grep -q 'HL-RDS-001' "$GITHUB_STEP_SUMMARY" &&
    grep -q '^::error' "$tmp/out" && ok || { bad "share/github/lint.sh"; head -5 "$tmp/out"; }
PROGRAM='' VERSION='0.1.0; touch x' SHA256='' bash share/github/fetch.sh >"$tmp/out" 2>&1 && bad "a version that is none" || ok
PROGRAM='' VERSION=99.9.9 SHA256='' bash share/github/fetch.sh >"$tmp/out" 2>&1 && bad "a release without a digest" || ok
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
