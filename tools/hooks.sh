#!/bin/sh
# The hooks of .pre-commit-hooks.yaml under the real pre-commit, in a repository of their own: each id that needs no
# container passes what is clean, fails on what is not, sees a default in a neighbouring file, and passes over files that
# are none of ours. Usage: hooks.sh PROGRAM. Last line: N passed, N failed.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
tool="pre-commit"
command -v $tool >/dev/null 2>&1 || tool="python3 -m pre_commit"
if ! $tool --version >/dev/null 2>&1 || ! command -v git >/dev/null 2>&1; then
    echo "skipped: hooks (no pre-commit; pip install pre-commit)"; echo "0 passed, 0 failed"; exit 0
fi
passed=0 failed=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
export PRE_COMMIT_HOME="$tmp/home" GIT_CONFIG_GLOBAL="$tmp/gitconfig" GIT_CONFIG_SYSTEM=/dev/null PRE_COMMIT_COLOR=never
printf '[user]\n\tname = t\n\temail = t@example.org\n[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n' >"$tmp/gitconfig"
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; head -20 "$tmp/out"; }

# This tree, committed or not, as a repository that hooks come from.
mkdir "$tmp/source" "$tmp/bin" "$tmp/repo"
git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
    tar -cf - --null -T - | tar -xf - -C "$tmp/source"
git -C "$tmp/source" init -q && git -C "$tmp/source" add -A && git -C "$tmp/source" commit -q -m source
revision=$(git -C "$tmp/source" rev-parse HEAD)
ln -s "$program" "$tmp/bin/hipaalint"
export PATH="$tmp/bin:$PATH"

cd "$tmp/repo" && git init -q
mkdir -p good bad mod .github/workflows
printf 'resource "aws_db_instance" "a" {\n  storage_encrypted = true\n}\n' >good/main.tf
printf 'resource "aws_db_instance" "a" {\n  storage_encrypted = false\n}\n' >bad/main.tf
printf 'resource "aws_db_instance" "a" {\n  storage_encrypted = var.encrypted\n}\n' >mod/main.tf
printf 'variable "encrypted" {\n  default = true\n}\n' >mod/variables.tf
printf 'on: push\njobs: {}\n' >.github/workflows/x.yml
printf '// settings\n{"a": 1,}\n' >tsconfig.json
printf 'only: [HL-RDS-001]\n' >.hipaalint.yaml

expect() { # ID STATUS TEXT FILE...: the hook on these files, and what it must say
    id=$1 wanted=$2 text=$3; shift 3
    $tool run "$id" --files "$@" >"$tmp/out" 2>&1
    status=$?
    [ "$status" = "$wanted" ] && grep -qF -- "$text" "$tmp/out" && ok || bad "$id on $*: exit status $status"
}
for id in hipaalint-system hipaalint; do
    printf 'repos:\n  - repo: %s\n    rev: %s\n    hooks: [{id: %s}]\n' "$tmp/source" "$revision" "$id" >.pre-commit-config.yaml
    git add -A && git commit -q -m "$id"
    CFLAGS=-O0 expect $id 0 Passed good/main.tf
    expect $id 1 'bad/main.tf:2:23: critical' bad/main.tf
    expect $id 1 'HL-RDS-001' good/main.tf bad/main.tf
    expect $id 0 Passed mod/main.tf
    sed -i 's/true/false/' mod/variables.tf && git add -A
    expect $id 1 'mod/main.tf:2:23' mod/main.tf
    sed -i 's/false/true/' mod/variables.tf && git add -A
    expect $id 0 Passed .github/workflows/x.yml tsconfig.json
    printf 'resource "x" {\n' >good/broken.tf; git add -A
    expect $id 1 'good/broken.tf' good/broken.tf
    git rm -qf good/broken.tf
done
# As a commit meets it.
printf 'resource "aws_db_instance" "b" {\n  storage_encrypted = false\n}\n' >good/new.tf
git add -A; $tool install >"$tmp/out" 2>&1
git commit -q -m "not so" >"$tmp/out" 2>&1 && bad "a commit of a bad file went through" || ok
grep -qF 'good/new.tf:2:23' "$tmp/out" && ok || bad "the commit does not say why"
sed -i s/false/true/ good/new.tf; git add -A
git commit -q -m so >"$tmp/out" 2>&1 && ok || bad "a commit of good files was refused"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
