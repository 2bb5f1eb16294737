#!/bin/sh
# --since REV in repositories of its own: what counts as changed, what is refused, and that no input reaches git as an
# option. Usage: since.sh PROGRAM. Last line: N passed, N failed.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
command -v git >/dev/null 2>&1 || { echo "skipped: --since (no git)"; echo "0 passed, 0 failed"; exit 0; }
passed=0 failed=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null HOME="$tmp"
for who in AUTHOR COMMITTER; do
    export "GIT_${who}_NAME=t" "GIT_${who}_EMAIL=t@example.org" "GIT_${who}_DATE=2026-01-01T00:00:00Z"
done
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; }
topic() { printf 'resource "aws_sns_topic" "%s" {\n  name = "%s"\n}\n' "$1" "$1"; }
commit() { git -C "$repo" add -A && git -C "$repo" commit -q --allow-empty -m "$1"; }

# NAME STATUS "PLACE PLACE" ARG...: the exit status and the places of findings (path:line, sorted)
expect() {
    name=$1 status=$2 wanted=$3; shift 3
    (cd "$dir" && PATH=${search:-$PATH} "$program" check --no-config --only HL-SNS-001 --format jsonl "$@") >"$tmp/out" 2>"$tmp/err"
    got=$?
    places=$(grep '^{"finding"' "$tmp/out" | sed 's/, "message".*//;s/.*"file": "\([^"]*\)", "line": \([0-9]*\).*/\1:\2/' | sort | tr '\n' ' ')
    if [ "$got" = "$status" ] && [ "$places" = "${wanted:+$wanted }" ]; then ok; else
        bad "$name: $got '$places', not $status '$wanted'"; head -3 "$tmp/err"
    fi
}
says() { # TEXT: in what the last run said
    grep -qF "$1" "$tmp/err" && ok || { bad "not said: $1"; cat "$tmp/err"; }
}

repo=$tmp/repo dir=$tmp/repo
git init -q -b main "$repo"
mkdir -p "$repo/m" "$repo/k" "$repo/other"
topic a >"$repo/a.tf"; topic b >"$repo/b.tf"; topic o >"$repo/other/o.tf"
printf 'variable "key" {}\nresource "aws_sns_topic" "m" {\n  kms_master_key_id = var.key\n}\n' >"$repo/m/main.tf"
printf 'module "m" {\n  source = "./m"\n  key    = "alias/k"\n}\n' >"$repo/call.tf"
commit one; one=$(git -C "$repo" rev-parse HEAD)
expect "nothing changed" 0 "" --since HEAD
topic a2 >>"$repo/a.tf"
expect "modified" 1 "a.tf:1 a.tf:4" --since HEAD
git -C "$repo" add a.tf
expect "staged" 1 "a.tf:1 a.tf:4" --since HEAD
topic n >"$repo/new file.tf"
expect "untracked" 1 "a.tf:1 a.tf:4 new file.tf:1" --since HEAD
expect "narrowed by paths, too" 1 "new file.tf:1" --since HEAD "new file.tf" b.tf
commit two
expect "committed" 1 "a.tf:1 a.tf:4 new file.tf:1" --since "$one"
expect "by a name relative to HEAD" 1 "a.tf:1 a.tf:4 new file.tf:1" --since HEAD~1
dir=$repo/other expect "a subfolder in which nothing changed" 0 "" --since HEAD~1
dir=$repo/m expect "named from elsewhere" 1 "a.tf:1 a.tf:4 new file.tf:1" --since HEAD~1 ..

# The cause counts, wherever the finding lies.
sed -i 's|alias/k||' "$repo/call.tf"
expect "the argument of a module that did not change" 1 "m/main.tf:3" --since HEAD
commit three
# A renamed file is new; what a file leaves behind counts.
git -C "$repo" mv b.tf other/renamed.tf
expect "renamed" 1 "a.tf:1 a.tf:4 m/main.tf:3 new file.tf:1 other/renamed.tf:1" --since HEAD
commit four
git -C "$repo" rm -q other/renamed.tf
expect "deleted" 1 "other/o.tf:1" --since HEAD
git -C "$repo" reset -q --hard
rm -r "$repo/other"
expect "deleted with its directory" 0 "" --since HEAD
git -C "$repo" reset -q --hard

# What others did meanwhile is not ours.
git -C "$repo" checkout -q -b branch "$one"
topic mine >"$repo/mine.tf"; commit mine
expect "since the branches parted" 1 "mine.tf:1" --since main
git -C "$repo" checkout -q main

# An error elsewhere is not passed over.
mkdir "$repo/broken"; printf 'resource "x" {\n' >"$repo/broken/x.tf"; commit broken
topic z >"$repo/z.tf"
expect "an error in another file" 3 "z.tf:1" --since HEAD
git -C "$repo" rm -rqf broken; commit repaired; topic y >"$repo/y.tf"

# What is no commit.
for rev in nonsense 'HEAD:a.tf' 'main..branch' '' '--output=owned' '-h' '--upload-pack=touch owned' 'HEAD; touch owned' '$(touch owned)'; do
    expect "refused: $rev" 2 "" "--since=$rev"
    says "hipaalint: --since:"
done
esc=$(printf '\033[31m')
expect "terminal escapes" 2 "" --since "x$esc"
says 'x\x1b[31m'
[ -z "$(find "$repo" -name 'owned*')" ] && ok || bad "git was made to write a file"

# A repository that would run a program when asked.
printf '#!/bin/sh\ntouch "%s/ran"\n' "$tmp" >"$tmp/evil"; chmod +x "$tmp/evil"
git -C "$repo" config core.fsmonitor "$tmp/evil"; git -C "$repo" config diff.external "$tmp/evil"
git -C "$repo" config core.pager "$tmp/evil"; git -C "$repo" config diff.relative true
dir=$repo/m expect "a hostile configuration" 1 "y.tf:1" --since HEAD ..
[ ! -e "$tmp/ran" ] && ok || bad "git ran a program of the repository"
git -C "$repo" config --unset core.fsmonitor; git -C "$repo" config --unset diff.external

# As a hook runs it, in another repository's environment.
GIT_DIR="$tmp/nowhere" GIT_WORK_TREE="$tmp" expect "in a hook's environment" 1 "y.tf:1" --since HEAD

# Clones without the history, and no repository at all.
git -C "$repo" add -A; git -C "$repo" commit -q -m last
git clone -q --depth 1 "file://$repo" "$tmp/shallow"
dir=$tmp/shallow expect "a commit that a shallow clone lacks" 2 "" --since "$one"
says "shallow clone; fetch more"
dir=$tmp/shallow expect "what a shallow clone has" 0 "" --since HEAD
git -C "$tmp/shallow" fetch -q --depth 1 origin branch:branch
dir=$tmp/shallow expect "no common ancestor in a shallow clone" 1 "a.tf:1 a.tf:4 m/main.tf:3 new file.tf:1 other/renamed.tf:1 y.tf:1 z.tf:1" --since branch
says "does not reach back"
mkdir "$tmp/plain"; topic p >"$tmp/plain/p.tf"
dir=$tmp/plain expect "no repository" 2 "" --since HEAD
says "is in no git repository"
dir=$repo expect "a path outside of the repository" 2 "" --since HEAD . "$tmp/plain"
says "is not in the repository"
git init -q -b main "$tmp/empty"; topic e >"$tmp/empty/e.tf"
dir=$tmp/empty expect "a repository without a commit" 2 "" --since HEAD
mkdir "$tmp/bin"
search=$tmp/bin expect "no git" 2 "" --since HEAD
says "git could not be run"

# A submodule that moved: all of it counts.
git init -q -b main "$tmp/sub"; mkdir "$tmp/sub/d"; topic s >"$tmp/sub/d/s.tf"
git -C "$tmp/sub" add -A; git -C "$tmp/sub" commit -q -m s
git -C "$repo" -c protocol.file.allow=always submodule --quiet add "$tmp/sub" sub 2>/dev/null
expect "a submodule" 1 "sub/d/s.tf:1" --since HEAD
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
