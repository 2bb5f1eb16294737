#!/bin/sh
# The program runs where sockets and new processes are deadly: every command, and --since where only git may be started.
# Usage: confine.sh PROGRAM LAUNCHER. Last line: N passed, N failed.
program=$(readlink -f "$1") launcher=$(readlink -f "$2")
project=testdata/projects/clinic
passed=0 failed=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
"$launcher" "$program" limits >/dev/null 2>&1
[ $? != 77 ] || { echo "skipped: no seccomp here"; echo "0 passed, 0 failed"; exit 0; }

try() { # WANTED-STATUS COMMAND...
    wanted=$1; shift
    "$@" </dev/null >"$tmp/out" 2>"$tmp/err"
    rc=$?
    if [ $rc = "$wanted" ]; then passed=$((passed + 1)); else
        failed=$((failed + 1)); echo "FAILED: exit $rc instead of $wanted: $*"; head -3 "$tmp/err"
    fi
}
# That the filter bites: a shell that starts a program, and one that opens a socket.
try 159 sh -c "'$launcher' /bin/sh -c 'ls / >/dev/null; exit 0'"
[ -x /usr/bin/python3 ] && try 159 sh -c "'$launcher' /usr/bin/python3 -c 'import socket; socket.socket()'"
for jobs in 1 4; do try 1 "$launcher" "$program" check -j$jobs $project; done
for format in text sarif junit json jsonl github gitlab markdown html; do
    try 1 "$launcher" "$program" check --format $format="$tmp/report" $project
done
try 0 "$launcher" "$program" rules
try 0 "$launcher" "$program" explain HL-RDS-001
try 0 "$launcher" "$program" graph $project
try 0 "$launcher" "$program" query true $project
try 0 "$launcher" "$program" config $project
try 0 "$launcher" "$program" suppressions $project
try 0 "$launcher" "$program" limits
try 0 "$launcher" "$program" completion bash
try 0 "$launcher" "$program" baseline -o "$tmp/baseline" $project
try 0 "$launcher" "$program" eval '1 + 1'
try 1 "$launcher" "$program" check testdata/robustness/mixed
try 1 "$launcher" --old "$program" check testdata/robustness/mixed
if command -v git >/dev/null 2>&1; then
    mkdir "$tmp/r" && cp -r $project/terraform "$tmp/r/" && git -C "$tmp/r" init -q && git -C "$tmp/r" add . &&
        git -C "$tmp/r" -c user.name=t -c user.email=t@t -c commit.gpgsign=false commit -qm t
    cd "$tmp/r" || exit 1
    try 0 "$launcher" --git "$program" check --since HEAD .
    try 159 sh -c "'$launcher' '$program' check --since HEAD . || exit \$?"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
