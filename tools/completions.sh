#!/bin/sh
# The completions of each shell that is installed: what is offered for a line. Usage: completions.sh PROGRAM.
# Last line: N passed, N failed.
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
passed=0 failed=0
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin" "$tmp/here" "$tmp/here/a dir"; ln -s "$program" "$tmp/bin/hipaalint"
: >"$tmp/here/a file.tf"; : >"$tmp/here/plain.tf"
export PATH="$tmp/bin:$PATH" HOME="$tmp"
cd "$tmp/here" || exit 1
for shell in bash zsh fish; do hipaalint completion $shell >"$tmp/$shell" || failed=$((failed + 1)); done

expect() { # SHELL LINE WORD...: each of the words is offered for the line; !WORD: it is not
    shell=$1 line=$2; shift 2
    offer "$shell" "$line" >"$tmp/offered" 2>"$tmp/err"
    [ ! -s "$tmp/err" ] || { failed=$((failed + 1)); echo "FAILED: $shell says: $(head -2 "$tmp/err")"; return; }
    for word; do
        wanted=${word#!} found=no
        grep -qxF -- "$wanted" "$tmp/offered" && found=yes
        if [ "$wanted" = "$word" ]; then good=yes; else good=no; fi
        [ "$found" = "$good" ] && passed=$((passed + 1)) || { failed=$((failed + 1)); echo "FAILED: $shell '$line': $word; offered: $(head -5 "$tmp/offered" | tr '\n' ' ')"; }
    done
}
offer() {
    case $1 in
    bash) bash -c '. "$1"; compopt() { :; }
        line=$2; read -ra COMP_WORDS <<<"${line//=/ = }"; case $line in *" ") COMP_WORDS+=("");; esac
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _hipaalint hipaalint; printf "%s\n" "${COMPREPLY[@]}"' bash "$tmp/bash" "$2" ;;
    fish) fish -c "source '$tmp/fish'; complete -C '$2'" | cut -f1 ;;
    esac
}
checks() {
    expect "$1" 'hipaalint che' check
    expect "$1" 'hipaalint --fo' --format --foreign-suppressions
    expect "$1" 'hipaalint --color a' auto always '!never'
    expect "$1" 'hipaalint --fail-on m' medium
    expect "$1" 'hipaalint --format s' sarif
    expect "$1" 'hipaalint explain HL-RDS-00' HL-RDS-001
    expect "$1" 'hipaalint --only HL-S3-00' HL-S3-001
    expect "$1" 'hipaalint completion z' zsh
}
if command -v bash >/dev/null 2>&1; then
    checks bash
    expect bash 'hipaalint --color=al' always
    expect bash 'hipaalint check pl' plain.tf
    expect bash 'hipaalint --baseline pl' plain.tf
    expect bash 'hipaalint --today ' '!plain.tf'
else echo "skipped: completions of bash (not installed)"; fi
if command -v fish >/dev/null 2>&1; then
    checks fish
    expect fish 'hipaalint --color=al' --color=always
    expect fish 'hipaalint --baseline pl' plain.tf
else echo "skipped: completions of fish (not installed)"; fi
if command -v zsh >/dev/null 2>&1; then
    # Read as zsh reads a function of fpath, and without a complaint.
    out=$(zsh -f -n "$tmp/zsh" 2>&1 && zsh -f -c 'autoload -U compinit; compinit -D -u; source "$1"; print ${_comps[hipaalint]}' zsh "$tmp/zsh" 2>&1)
    [ "$out" = _hipaalint ] && passed=$((passed + 1)) || { failed=$((failed + 1)); echo "FAILED: zsh: $out"; }
else echo "skipped: completions of zsh (not installed)"; fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
